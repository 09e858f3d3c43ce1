/**
 * How much: FHIR quantities of a dose or a rate (https://hl7.org/fhir/R4/datatypes.html#Quantity) -> grams,
 * milliequivalents, millimoles, international units, pieces of a product or millilitres, by body weight too. A closed
 * table: what is not in it is not understood, and neither is a number without a unit, or a dose by body surface.
 */
import { isObject, type Json } from '../fhir/json.ts';
import { toTwelveDigits } from '../terminology/units.ts';

/** What a drug itself is measured in. What an international unit weighs is another for each drug (compute.ts). */
type Measure = 'g' | 'mEq' | 'mmol' | 'IU';

/** `g/kg` is grams a kilogram of body weight. A piece is one tablet, capsule, vial, syringe or bag. */
export interface Amount {
  value: number;
  unit: Measure | `${Measure}/kg` | 'piece' | 'mL';
  /** The metal that is counted, where the unit says it: `mmol Mg`. */
  of?: Metal;
}

type Metal = 'magnesium' | 'potassium';
interface UnitMeaning {
  unit: Measure | 'piece' | 'mL';
  factor: number;
  of?: Metal;
}

const list = (text: string): readonly string[] => text.split(' ');
type Row = readonly [spellings: string, means: readonly [unit: UnitMeaning['unit'], factor: number]];
const tableOf = (rows: readonly Row[]): ReadonlyMap<string, UnitMeaning> =>
  new Map(
    rows.flatMap(([spellings, [unit, factor]]) =>
      list(spellings).map((spelling) => [spelling, { unit, factor }]),
    ),
  );

/** UCUM codes, and `mcg` and `mEq`, which are sent as such. */
const units = tableOf([
  ['kg', ['g', 1000]],
  ['g', ['g', 1]],
  ['mg', ['g', 1e-3]],
  ['ug mcg µg μg', ['g', 1e-6]],
  ['ng', ['g', 1e-9]],
  ['L l', ['mL', 1000]],
  ['dL dl', ['mL', 100]],
  ['mL ml', ['mL', 1]],
  ['eq', ['mEq', 1000]],
  ['meq mEq', ['mEq', 1]],
  ['mol', ['mmol', 1000]],
  ['mmol', ['mmol', 1]],
  ['umol', ['mmol', 1e-3]],
  ["[iU] [IU] U [USP'U]", ['IU', 1]],
  ['m[iU] m[IU] mU', ['IU', 1e-3]],
  ['k[iU] k[IU] kU', ['IU', 1000]],
]);

/** Words for them, compared in lower case. */
const words = tableOf([
  ['gram grams gm gms', ['g', 1]],
  ['milligram milligrams mgs', ['g', 1e-3]],
  ['microgram micrograms mcgs', ['g', 1e-6]],
  ['milliliter milliliters millilitre millilitres mls cc', ['mL', 1]],
  ['liter litre liters litres', ['mL', 1000]],
  ['meq meqs milliequivalent milliequivalents mval', ['mEq', 1]],
  ['mmol mmols mmole mmoles millimole millimoles millimol', ['mmol', 1]],
  ['iu ui ie u unit units unt unité unités einheit einheiten', ['IU', 1]],
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

const ucumSystems: ReadonlySet<string> = new Set([
  'http://unitsofmeasure.org',
  'https://unitsofmeasure.org',
  'http://unitsofmeasure.org/',
  'urn:oid:2.16.840.1.113883.6.8',
]);

/** `mmol{Mg}`, `mEq Mg`, `mmol of magnesium`, `mmol Mg2+`: the ion that is counted. */
const ionPattern =
  /^(meq|mmol)s? ?[({]?(?:of )?(?:(mg|magnesium)|k|potassium)(?:\^?(?:2\+|\+{1,2})|²⁺|⁺)?[)}]?$/i;

function unitOfIons(text: string): UnitMeaning | null {
  const match = text.length > 30 ? null : ionPattern.exec(text);
  if (!match) return null;
  const of = match[2] === undefined ? 'potassium' : 'magnesium';
  return { unit: match[1]?.toLowerCase() === 'meq' ? 'mEq' : 'mmol', factor: 1, of };
}

function unitOfCode(code: string): UnitMeaning | null {
  const unit = units.get(code) ?? unitOfIons(code);
  if (unit) return unit;
  // `{tbl}` measures nothing to UCUM: what is in the braces is a word. Some send `tbl` without them.
  const bare = /^\{([^{}]*)\}$/.exec(code)?.[1] ?? code;
  const word = words.get(bare.toLowerCase().replace(/\(s\)$/, 's'));
  return word?.unit === 'piece' ? word : null;
}

function unitOfText(text: string): UnitMeaning | null {
  const bare = /^\{([^{}]*)\}$/.exec(text)?.[1] ?? text;
  // `tab(s)`.
  const lower = bare.toLowerCase().replace(/\(s\)$/, 's');
  // `MG` is how RxNorm and many systems write mg. `Mg` would be a megagram, and `G` alone a gauss.
  const upper = bare.length > 1 && bare === bare.toUpperCase() ? units.get(lower) : undefined;
  return units.get(bare) ?? words.get(lower) ?? upper ?? unitOfIons(bare);
}

/** A number by itself, with what it says about the unit in words: `1` of `Tablette`. */
const isWithoutUnit = (code: string): boolean => code === '1' || /^\{[^{}]*\}$/.test(code);

const textOf = (value: unknown): string | null =>
  typeof value === 'string' && value.trim() !== '' ? value.trim() : null;

const withoutIon = (read: unknown): string =>
  JSON.stringify(read, (key, value: unknown) => (key === 'of' ? undefined : value));
const saysIon = (read: unknown): boolean => withoutIon(read) !== JSON.stringify(read);

/** The same of both; where only one of `mmol` and `mmol Mg` says of what, that one. */
function agreed<T>(byCode: T, byText: T): T | null {
  if (JSON.stringify(byCode) === JSON.stringify(byText)) return byCode;
  if (withoutIon(byCode) !== withoutIon(byText)) return null;
  if (saysIon(byCode) && saysIon(byText)) return null;
  return saysIon(byText) ? byText : byCode;
}

/**
 * What the text and the code of a quantity mean together. Both understood: they must agree. A UCUM code that is
 * not understood is not overruled by a text.
 */
function readAgreeing<T>(quantity: Json, read: (text: string, isCode: boolean) => T | null): T | null {
  const system = textOf(quantity.system);
  const code = textOf(quantity.code);
  const text = textOf(quantity.unit);
  const coded = system === null || ucumSystems.has(system) ? code : null;
  const byCode = coded === null ? null : read(coded, true);
  const byText = text === null ? null : read(text, false);
  if (byCode !== null && byText !== null) return agreed(byCode, byText);
  // `MG` in both is a unit sent as its own code; UCUM has none of that spelling.
  if (byText !== null && coded !== null && (coded === text || coded === text?.toUpperCase())) return byText;
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

const isKilogram = (text: string): boolean => /^(kg|kilogram|kilograms|kilo)$/i.test(text);

/** What is over a unit and what is under it: `mg / kg / h`, `mL per hour`. */
const partsOf = (text: string): string[] => text.split(/\/| per /i).map((part) => part.trim());

/** No amount, rate or time is beyond this, in whatever unit: products of three of them stay finite. */
const beyondMeasure = 1e12;
const isMeasure = (value: number): boolean => value < beyondMeasure;

const isByVolumeOrPiece = (unit: UnitMeaning['unit']): unit is 'piece' | 'mL' =>
  unit === 'piece' || unit === 'mL';

function withUnit(value: number, { unit, factor, of }: UnitMeaning, byWeight: boolean): Amount | null {
  const amount = toTwelveDigits(value * factor);
  if (!isMeasure(amount)) return null;
  const ion = of ? { of } : {};
  if (!byWeight) return { value: amount, unit, ...ion };
  return isByVolumeOrPiece(unit) ? null : { value: amount, unit: `${unit}/kg`, ...ion };
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
    return meaning === null || meaning.unit === 'piece'
      ? withUnit(value, { unit: 'piece', factor: 1 }, false)
      : null;
  }
  const read = readAgreeing(quantity, (text, isCode) => {
    // `mg/kg/dose`: a dose is for a dose.
    const [of, per, ...more] = partsOf(text).filter((part) => !/^\{?dose\}?$/i.test(part));
    const meaning = of === undefined ? null : unitMeaningOf(of, isCode);
    if (meaning === null || more.length > 0) return null;
    if (per === undefined) return { meaning, byWeight: false };
    return isKilogram(per) ? { meaning, byWeight: true } : null;
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
    stunde: 1,
    stunden: 1,
    std: 1,
    heure: 1,
    heures: 1,
    tag: 24,
    tage: 24,
    jour: 24,
    jours: 24,
  }),
);

/** Whether a dose or rate is by body surface: `100 mg/m2`. It is understood, and never computed. */
export const isBySurface = (quantity: unknown): boolean =>
  isObject(quantity) &&
  [quantity.code, quantity.unit].some(
    (text) => typeof text === 'string' && /(?:\/| per )(?:m2|m²|m\^2|sq\.? ?m)(?![a-z\d])/i.test(text),
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

/** A rate as it is stated. */
export interface StatedRate {
  perHour: Amount;
  perDay: Amount;
  /** The hours it is stated over: of `990 mg` to `1 d` 24. */
  over: number;
}

/** Of an amount in so many hours. Tablets are counted by the day; by the hour nobody takes them. */
function asRate(amount: Amount | null, over: number): StatedRate | null {
  if (amount === null || (amount.unit === 'piece' && over < 24)) return null;
  const perHour = toTwelveDigits(amount.value / over);
  const perDay = toTwelveDigits((amount.value * 24) / over);
  if (!isMeasure(perDay)) return null;
  return { perHour: { ...amount, value: perHour }, perDay: { ...amount, value: perDay }, over };
}

/** `1 g/h`, `150 mg/min`, `25 mL/h`, `10 mg/kg/h`, `20 mg/kg/day`; null when it is not understood. */
export function rateOfQuantity(quantity: unknown): StatedRate | null {
  if (!isObject(quantity)) return null;
  const value = numberOf(quantity);
  const read = readAgreeing(quantity, (text, isCode) => {
    const [of, ...per] = partsOf(text);
    const meaning = of === undefined ? null : unitMeaningOf(of, isCode);
    const weights = per.filter(isKilogram);
    const times = per.filter((part) => !isKilogram(part));
    const over = times.length === 1 ? hoursOfTimes(times[0] ?? '') : null;
    if (meaning === null || over === null || weights.length > 1) return null;
    return { meaning, over, byWeight: weights.length === 1 };
  });
  if (value === null || read === null) return null;
  const { meaning, over, byWeight } = read;
  return asRate(withUnit(value, meaning, byWeight), over);
}

/** `h`, `day`, and so many of them: `24 h`, `24h`. */
function hoursOfTimes(text: string): number | null {
  const [, count = '', unit = ''] = /^(\d{0,3}) ?([a-z]+)$/i.exec(text) ?? [];
  const hours = hoursOfUnit(unit);
  const times = count === '' ? 1 : Number(count);
  return hours === null || times === 0 ? null : hours * times;
}

/** A ratio of an amount to a time: `2 g` to `1 h`, `1800 mg` to `1 d`. */
export function rateOfRatio(ratio: unknown): StatedRate | null {
  if (!isObject(ratio)) return null;
  const amount = amountOf(ratio.numerator);
  const over = hoursOf(ratio.denominator);
  return over === null ? null : asRate(amount, over);
}

/** A ratio as what it allows in a day: `4 g` to `1 d`, `8 {tbl}` to `24 h`. */
export function dailyAmountOf(ratio: unknown): Amount | null {
  if (!isObject(ratio)) return null;
  const amount = amountOf(ratio.numerator);
  const hours = hoursOf(ratio.denominator);
  return amount === null || hours === null
    ? null
    : { ...amount, value: toTwelveDigits((amount.value * 24) / hours) };
}
