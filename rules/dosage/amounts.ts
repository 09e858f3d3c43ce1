/**
 * How much: FHIR quantities of a dose or a rate (https://hl7.org/fhir/R4/datatypes.html#Quantity) -> grams,
 * pieces of a product or millilitres, by body weight too. A closed table: what is not in it is not understood,
 * and neither is a number without a unit, a dose by body surface, or one in international units.
 */
import { isObject, type Json } from '../fhir/json.ts';
import { toTwelveDigits } from '../terminology/units.ts';

/** `g/kg` is grams a kilogram of body weight. A piece is one tablet, capsule, vial, syringe or bag. */
export interface Amount {
  value: number;
  unit: 'g' | 'g/kg' | 'piece' | 'mL';
}

type UnitMeaning = readonly [unit: 'g' | 'piece' | 'mL', factor: number];

const list = (text: string): readonly string[] => text.split(' ');
const tableOf = (rows: readonly [string, UnitMeaning][]): ReadonlyMap<string, UnitMeaning> =>
  new Map(rows.flatMap(([spellings, meaning]) => list(spellings).map((spelling) => [spelling, meaning])));

/** UCUM codes, and `mcg`, which is sent as one. */
const units = tableOf([
  ['kg', ['g', 1000]],
  ['g', ['g', 1]],
  ['mg', ['g', 1e-3]],
  ['ug mcg µg μg', ['g', 1e-6]],
  ['ng', ['g', 1e-9]],
  ['L l', ['mL', 1000]],
  ['dL dl', ['mL', 100]],
  ['mL ml', ['mL', 1]],
]);

/** Words for them, compared in lower case. */
const words = tableOf([
  ['gram grams gm gms', ['g', 1]],
  ['milligram milligrams mgs', ['g', 1e-3]],
  ['microgram micrograms mcgs', ['g', 1e-6]],
  ['milliliter milliliters millilitre millilitres mls cc', ['mL', 1]],
  ['liter litre liters litres', ['mL', 1000]],
  [
    'tbl tab tabs tablet tablets tablette tabletten filmtablette filmtabletten tabl cap caps capsule capsules kapsel ' +
      'kapseln kaps caplet caplets pill pills stück stueck stk comprimé comprimés compressa compresse ea each piece ' +
      'pieces syringe syringes vial vials ampule ampules ampoule ampoules amp bag bags sachet sachets packet packets',
    ['piece', 1],
  ],
]);

const drugForms: ReadonlySet<string> = new Set(
  list(
    'TAB ORTAB BUCTAB SRBUCTAB CAPLET CHEWTAB CPTAB DISINTAB DRTAB ECTAB ERECTAB ERTAB ERTAB24 SLTAB VAGTAB ' +
      'CAP ORCAP ENTCAP ERENTCAP ERCAP ERCAP12 ERCAP24 ERECCAP SPRINKLECAP',
  ),
);
/** Codes of pieces in other systems. Any other code of theirs says nothing here; the text may. */
const pieceCodes: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ['http://terminology.hl7.org/CodeSystem/v3-orderableDrugForm', drugForms],
  ['http://hl7.org/fhir/v3/orderableDrugForm', drugForms],
  // Tablet and capsule, as a unit of presentation and as a dose form.
  ['http://snomed.info/sct', new Set(list('732936001 732937005 385055001 385049006'))],
  ['http://standardterms.edqm.eu', new Set(list('15054000 15012000 10219000 10221000 10210000'))],
]);

const ucum = 'http://unitsofmeasure.org';

function unitOfCode(code: string): UnitMeaning | null {
  const unit = units.get(code);
  if (unit) return unit;
  // `{tbl}` measures nothing to UCUM: what is in the braces is a word. Some send `tbl` without them.
  const word = words.get((/^\{([^{}]*)\}$/.exec(code)?.[1] ?? code).toLowerCase());
  return word?.[0] === 'piece' ? word : null;
}

function unitOfText(text: string): UnitMeaning | null {
  const bare = /^\{([^{}]*)\}$/.exec(text)?.[1] ?? text;
  const lower = bare.toLowerCase();
  // `MG` is how RxNorm and many systems write mg. `Mg` would be a megagram, and `G` alone a gauss.
  const upper = bare.length > 1 && bare === bare.toUpperCase() ? units.get(lower) : undefined;
  return units.get(bare) ?? words.get(lower) ?? upper ?? null;
}

/** A number by itself, with what it says about the unit in words: `1` of `Tablette`. */
const isWithoutUnit = (code: string): boolean => code === '1' || /^\{[^{}]*\}$/.test(code);

const textOf = (value: unknown): string | null =>
  typeof value === 'string' && value.trim() !== '' ? value.trim() : null;

/**
 * What the text and the code of a quantity mean together. Both understood: they must agree. A UCUM code that is
 * not understood is not overruled by a text.
 */
function readAgreeing<T>(quantity: Json, read: (text: string, isCode: boolean) => T | null): T | null {
  const system = textOf(quantity.system);
  const code = textOf(quantity.code);
  const text = textOf(quantity.unit);
  const coded = system === null || system === ucum ? code : null;
  const byCode = coded === null ? null : read(coded, true);
  const byText = text === null ? null : read(text, false);
  if (byCode !== null && byText !== null) {
    return JSON.stringify(byCode) === JSON.stringify(byText) ? byCode : null;
  }
  if (byText !== null) return coded === null || isWithoutUnit(coded) || system === null ? byText : null;
  return byCode;
}

const numberOf = (quantity: Json): number | null =>
  quantity.comparator === undefined &&
  typeof quantity.value === 'number' &&
  Number.isFinite(quantity.value) &&
  quantity.value >= 0
    ? quantity.value
    : null;

const unitMeaningOf = (text: string, isCode: boolean): UnitMeaning | null =>
  isCode ? unitOfCode(text) : unitOfText(text);

const isKilogram = (text: string): boolean => /^(kg|kilogram|kilograms)$/i.test(text);

/** No amount, rate or time is beyond this, in whatever unit: products of three of them stay finite. */
const beyondMeasure = 1e12;
const isMeasure = (value: number): boolean => value < beyondMeasure;

function withUnit(value: number, [unit, factor]: UnitMeaning, byWeight: boolean): Amount | null {
  const amount = toTwelveDigits(value * factor);
  if (!isMeasure(amount) || (byWeight && unit !== 'g')) return null;
  return { value: amount, unit: byWeight ? 'g/kg' : unit };
}

/** A dose: `40 mg`, `1 mg/kg`, `2 {tbl}`, `5 mL`; null when it is not understood. */
export function amountOf(quantity: unknown): Amount | null {
  if (!isObject(quantity)) return null;
  const value = numberOf(quantity);
  if (value === null) return null;
  const piece =
    typeof quantity.system === 'string' &&
    typeof quantity.code === 'string' &&
    pieceCodes.get(quantity.system)?.has(quantity.code.toUpperCase()) === true;
  if (piece) {
    const text = textOf(quantity.unit);
    const meaning = text === null ? null : unitOfText(text);
    return meaning === null || meaning[0] === 'piece' ? withUnit(value, ['piece', 1], false) : null;
  }
  const read = readAgreeing(quantity, (text, isCode) => {
    const [of, per, ...more] = text.split('/');
    const meaning = of === undefined ? null : unitMeaningOf(of.trim(), isCode);
    if (meaning === null || more.length > 0) return null;
    if (per === undefined) return { meaning, byWeight: false };
    return isKilogram(per.trim()) ? { meaning, byWeight: true } : null;
  });
  return read === null ? null : withUnit(value, read.meaning, read.byWeight);
}

const hoursIn: ReadonlyMap<string, number> = new Map(
  Object.entries({
    s: 1 / 3600,
    sec: 1 / 3600,
    second: 1 / 3600,
    seconds: 1 / 3600,
    min: 1 / 60,
    minute: 1 / 60,
    minutes: 1 / 60,
    h: 1,
    hr: 1,
    hrs: 1,
    hour: 1,
    hours: 1,
    d: 24,
    day: 24,
    days: 24,
    wk: 168,
    week: 168,
    weeks: 168,
    mo: 720,
    month: 720,
    months: 720,
    a: 8760,
    year: 8760,
    years: 8760,
  }),
);

/** Hours in a unit of time (https://hl7.org/fhir/R4/valueset-units-of-time.html); a month counts 30 days, a year 365. */
export const hoursOfUnit = (unit: unknown): number | null =>
  hoursIn.get(textOf(unit)?.toLowerCase() ?? '') ?? null;

/** Hours of a Duration; null for none and for zero. */
export function hoursOf(duration: unknown): number | null {
  if (!isObject(duration)) return null;
  const value = numberOf(duration);
  const hours = readAgreeing(duration, hoursOfUnit);
  const total = toTwelveDigits((value ?? 0) * (hours ?? 0));
  // Less than a second, or more than any measure, says nothing.
  return total >= 1e-4 && isMeasure(total) ? total : null;
}

/** A rate an hour: `1 g/h`, `150 mg/min`, `25 mL/h`, `10 mg/kg/h`; null when it is not understood. */
export function hourlyRateOf(quantity: unknown): Amount | null {
  if (!isObject(quantity)) return null;
  const value = numberOf(quantity);
  const read = readAgreeing(quantity, (text, isCode) => {
    const [of, ...per] = text.split('/').map((part) => part.trim());
    const meaning = of === undefined ? null : unitMeaningOf(of, isCode);
    const weights = per.filter(isKilogram);
    const times = per.filter((part) => !isKilogram(part));
    const hours = times.length === 1 ? hoursOfUnit(times[0]) : null;
    if (meaning === null || meaning[0] === 'piece' || hours === null || weights.length > 1) return null;
    return { unit: meaning[0], factor: meaning[1] / hours, byWeight: weights.length === 1 };
  });
  if (value === null || read === null) return null;
  return withUnit(value, [read.unit, read.factor], read.byWeight);
}

/** A ratio of an amount to a time, an hour: `2 g` to `1 h`. */
export function hourlyRateOfRatio(ratio: unknown): Amount | null {
  if (!isObject(ratio)) return null;
  const amount = amountOf(ratio.numerator);
  const hours = hoursOf(ratio.denominator);
  if (amount === null || amount.unit === 'piece' || hours === null) return null;
  return { value: toTwelveDigits(amount.value / hours), unit: amount.unit };
}

/** A ratio as what it allows in a day: `4 g` to `1 d`, `8 {tbl}` to `24 h`. */
export function dailyAmountOf(ratio: unknown): Amount | null {
  if (!isObject(ratio)) return null;
  const amount = amountOf(ratio.numerator);
  const hours = hoursOf(ratio.denominator);
  return amount === null || hours === null
    ? null
    : { value: toTwelveDigits((amount.value * 24) / hours), unit: amount.unit };
}
