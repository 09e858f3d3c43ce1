/** The units that each test is read in: a closed table, and conversion to the test's canonical unit. */
import { type LabCode, type LabTest, labTestNames } from './labs.ts';
import { isUcum } from './systems.ts';

/** What a unit measures, as far as LOINC's property can contradict it. */
export type UnitKind = 'mass' | 'molar' | 'other';

/**
 * One unit of one test. `unit` is its UCUM code, `factor` turns a value in it into the test's canonical unit,
 * `spellings` are all texts read as it (the UCUM code among them).
 */
export interface Unit {
  unit: string;
  factor: number;
  kind: UnitKind;
  spellings: readonly string[];
}

/** The UCUM code of a unit as understood, or why it is not. */
export type UnitReading = { unit: string } | { problem: UnitProblem };
export type UnitProblem = 'missing' | 'not-understood' | 'disagree' | 'other-system';

/** g/mol. Standard atomic weights of CIAAW (https://ciaaw.org); 24.305 and 40.078 are abridged by it too. */
const magnesiumMass = 24.305;
const calciumMass = 40.078;
const phosphorusMass = 30.973762;
const lithiumMass = 6.94;
/** g/mol, C41H64O14. */
const digoxinMass = 780.94;
/**
 * umol/L in 1 mg/dL of creatinine: the factor of KDIGO, NKDEP and every laboratory that reports both (26.5
 * umol/L is 0.3 mg/dL, 353.6 is 4.0). From the molar mass (113.12 g/mol) it would be 88.402: 0.002 % more.
 */
const creatinineMicromoles = 88.4;
/** mm[Hg] in 1 kPa, from UCUM's definition m[Hg] = 133.3220 kPa (https://ucum.org/ucum). */
const kilopascal = 1 / 0.133322;

/** `mg/d` -> mg/dL and mg/dl: UCUM has both letters for the litre. */
function litre(...stems: string[]): string[] {
  return stems.flatMap((stem) => [`${stem}L`, `${stem}l`]);
}

/** The micro sign (U+00B5) and the Greek letter mu (U+03BC) beside UCUM's `u`. */
function micro(...rests: string[]): string[] {
  return rests.flatMap((rest) => [`u${rest}`, `\u00b5${rest}`, `\u03bc${rest}`]);
}

function row(unit: string, factor: number, kind: UnitKind, spellings: readonly string[]): Unit {
  return { unit, factor, kind, spellings };
}

const mgPerDl = (factor: number) => row('mg/dL', factor, 'mass', litre('mg/d'));
const mgPerL = (factor: number) => row('mg/L', factor, 'mass', litre('mg/'));
const ugPerMl = (factor: number) => row('ug/mL', factor, 'mass', litre(...micro('g/m'), 'mcg/m'));
const ugPerL = (factor: number) => row('ug/L', factor, 'mass', litre(...micro('g/'), 'mcg/'));
const ngPerMl = (factor: number) => row('ng/mL', factor, 'mass', litre('ng/m'));
const mmolPerL = (factor: number) => row('mmol/L', factor, 'molar', litre('mmol/'));
const umolPerL = (factor: number) => row('umol/L', factor, 'molar', litre(...micro('mol/'), 'micromol/'));
const nmolPerL = (factor: number) => row('nmol/L', factor, 'molar', litre('nmol/'));
const meqPerL = (factor: number) => row('meq/L', factor, 'molar', litre('meq/', 'mEq/'));
const milliseconds = [row('ms', 1, 'other', ['ms', 'msec']), row('s', 1000, 'other', ['s', 'sec'])] as const;

/** mg/dL in 1 mmol/L is a tenth of the molar mass; an equivalent of a divalent ion is half a mole. */
const magnesiumInMgPerDl = [
  mgPerDl(1),
  mmolPerL(magnesiumMass / 10),
  meqPerL(magnesiumMass / 20),
  mgPerL(1 / 10),
  umolPerL(magnesiumMass / 10_000),
];
const magnesiumInMmolPerL = [
  mmolPerL(1),
  mgPerDl(10 / magnesiumMass),
  meqPerL(1 / 2),
  mgPerL(1 / magnesiumMass),
  umolPerL(1 / 1000),
];
const creatinine = [
  mgPerDl(1),
  umolPerL(1 / creatinineMicromoles),
  mmolPerL(1000 / creatinineMicromoles),
  mgPerL(1 / 10),
];
const calciumInMgPerDl = [mgPerDl(1), mmolPerL(calciumMass / 10), meqPerL(calciumMass / 20), mgPerL(1 / 10)];
/** An equivalent of a monovalent ion is a mole. Mass units of sodium and potassium are not read. */
const monovalentIon = [mmolPerL(1), meqPerL(1)];
const nanograms = [ngPerMl(1), ugPerL(1)];

/**
 * Litres per time of a body surface. `{1.73_m2}` is formally an annotation without meaning to UCUM, but it is
 * the only thing that tells this unit from mL/min, which is another quantity: never dropped, never supplied.
 */
const bodySurfaces = [
  '{1.73_m2}',
  '{1.73m2}',
  '{1.73_m^2}',
  '1.73_m2',
  '1.73m2',
  '1.73 m2',
  '1.73m^2',
  '1.73 m^2',
  '1.73m\u00b2',
  '1.73 m\u00b2',
  '1.73 sq m',
  '1.73 sq. m',
  '(173.10*-2.m2)',
];
const perSurface = (...stems: string[]) =>
  stems.flatMap((stem) => bodySurfaces.map((surface) => `${stem}/${surface}`));

const perTime = [row('mL/min', 1, 'other', ['mL/min', 'ml/min']), row('mL/s', 60, 'other', ['mL/s', 'ml/s'])];

/**
 * An eGFR that came without the body surface: its code says that it is normalised, so it is used as reported, and said
 * (clinical decision 32).
 */
export const lacksBodySurface = (test: LabTest, unit: string): boolean =>
  test === 'egfr' && perTime.some((one) => one.unit === unit);

/**
 * The closed table: every unit that is read for each test. What is not here is not understood and its value
 * is not used. On purpose not here:
 * - `Mg/dl`: a megagram. Upper-case texts are read as UCUM's case-insensitive form, see `readUnit`.
 * - UCUM annotations other than those listed, such as `mg/dL{creat}`: an annotation can change what was
 *   measured (`mL/min/{1.73_m2}`, `mg/g{creat}`), so none is dropped on trust.
 * - molar units of albumin (no agreed molar mass), mmol/L of urea nitrogen (of urea or of nitrogen?), mmol/mol
 *   of HbA1c (not proportional to %), mass units of potassium and sodium (more often a wrong unit than a true
 *   one).
 * - mL/min/1.73 m2 for a creatinine clearance: not the quantity of drug labels.
 */
export const unitTable: Readonly<Record<LabTest, readonly Unit[]>> = {
  magnesium: magnesiumInMgPerDl,
  'magnesium-rbc': magnesiumInMmolPerL,
  'magnesium-ionized': magnesiumInMmolPerL,
  creatinine,
  'creatinine-dialysis': creatinine,
  egfr: [
    row('mL/min/{1.73_m2}', 1, 'other', perSurface('mL/min', 'ml/min')),
    row('mL/s/{1.73_m2}', 60, 'other', perSurface('mL/s', 'ml/s')),
    ...perTime,
  ],
  'creatinine-clearance': perTime,
  'cystatin-c': [mgPerL(1), mgPerDl(10), ugPerMl(1)],
  potassium: monovalentIon,
  'calcium-total': calciumInMgPerDl,
  'calcium-corrected': calciumInMgPerDl,
  'calcium-ionized': [mmolPerL(1), mgPerDl(10 / calciumMass), meqPerL(1 / 2), mgPerL(1 / calciumMass)],
  albumin: [row('g/dL', 1, 'mass', litre('g/d')), row('g/L', 1 / 10, 'mass', litre('g/')), mgPerDl(1 / 1000)],
  phosphate: [mgPerDl(1), mmolPerL(phosphorusMass / 10), mgPerL(1 / 10)],
  qtc: milliseconds,
  qt: milliseconds,
  'body-weight': [
    row('kg', 1, 'mass', ['kg', 'kgs', 'kilogram', 'kilograms']),
    row('g', 1 / 1000, 'mass', ['g', 'gram', 'grams']),
    row('[lb_av]', 0.45359237, 'mass', ['[lb_av]', 'lb', 'lbs', 'pound', 'pounds']),
    row('[oz_av]', 0.45359237 / 16, 'mass', ['[oz_av]', 'oz', 'ounce', 'ounces']),
  ],
  'body-height': [
    row('cm', 1, 'other', ['cm', 'centimeter', 'centimeters']),
    row('m', 100, 'other', ['m', 'meter', 'meters']),
    row('[in_i]', 2.54, 'other', ['[in_i]', 'in', 'inch', 'inches']),
  ],
  'digoxin-level': [...nanograms, nmolPerL(digoxinMass / 1000)],
  'lithium-level': [
    ...monovalentIon,
    mgPerDl(10 / lithiumMass),
    mgPerL(1 / lithiumMass),
    ugPerMl(1 / lithiumMass),
  ],
  'vancomycin-level': [mgPerL(1), ugPerMl(1)],
  'tacrolimus-level': nanograms,
  bun: [mgPerDl(1), mgPerL(1 / 10)],
  uacr: [
    row('mg/g', 1, 'mass', ['mg/g', 'mg/g{creat}', 'mg/g{Cre}', 'mg/g creat', 'mg/g Cr', 'mg/gCr']),
    row('mg/mmol', creatinineMicromoles / 10, 'other', ['mg/mmol', 'mg/mmol{creat}']),
    row('ug/mg', 1, 'mass', [...micro('g/mg'), 'mcg/mg', 'ug/mg{creat}']),
  ],
  hba1c: [row('%', 1, 'other', ['%', 'percent', '%{HemoglobinA1C}'])],
  'heart-rate': [
    row('/min', 1, 'other', ['/min', '{beats}/min', 'beats/min', 'beats/minute', 'bpm', '1/min']),
  ],
  'systolic-bp': [
    row('mm[Hg]', 1, 'other', ['mm[Hg]', 'mmHg', 'mm Hg']),
    row('kPa', kilopascal, 'other', ['kPa']),
  ],
  sodium: monovalentIon,
  'pregnancy-status': [],
  'gestational-age': [
    row('d', 1, 'other', ['d', 'day', 'days']),
    row('wk', 7, 'other', ['wk', 'week', 'weeks', 'wks']),
  ],
  'delivery-date': [],
};

/** test -> spelling -> unit. */
const bySpelling: ReadonlyMap<LabTest, ReadonlyMap<string, Unit>> = new Map(
  labTestNames.map((test) => [
    test,
    new Map(unitTable[test].flatMap((unit) => unit.spellings.map((spelling) => [spelling, unit] as const))),
  ]),
);

/**
 * The same with upper-case spellings, for texts without any lower-case letter. Only ASCII spellings have one,
 * because an upper-case mu looks like an M, and only those longer than a letter (`G` is a gauss, `S` a siemens).
 */
const byUpperCase: ReadonlyMap<LabTest, ReadonlyMap<string, Unit>> = new Map(
  labTestNames.map((test) => [
    test,
    new Map(
      unitTable[test].flatMap((unit) =>
        unit.spellings
          .filter((spelling) => spelling.length > 1 && /^[\x20-\x7e]+$/.test(spelling))
          .map((spelling) => [spelling.toUpperCase(), unit] as const),
      ),
    ),
  ]),
);

function codeUnit(test: LabTest, code: string): Unit | null {
  return bySpelling.get(test)?.get(code) ?? null;
}

function textUnit(test: LabTest, text: string): Unit | null {
  return codeUnit(test, text) ?? byUpperCase.get(test)?.get(text) ?? null;
}

/** Whether the text is a unit of any test at all. */
function isSomeUnit(text: string): boolean {
  return labTestNames.some((test) => textUnit(test, text) !== null);
}

/** Trimmed text; null when there is none. */
function textOf(value: unknown): string | null {
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : null;
}

/** Whether a text is written without any lower-case letter: `MG/DL`. */
const isUpperCase = (text: string): boolean => text === text.toUpperCase();

/**
 * A code in upper case, which UCUM has as its case-insensitive form: read where the unit says the same, in the same or
 * another case. Alone it is not, for UCUM's codes are case-sensitive. `Mg/dl` is no such form (a megagram).
 */
function upperCaseUnit(test: LabTest, code: string, text: string | null): Unit | null {
  const unit = isUpperCase(code) ? textUnit(test, code) : null;
  return unit !== null && text !== null && textUnit(test, text)?.factor === unit.factor ? unit : null;
}

/**
 * The unit of a FHIR Quantity (https://hl7.org/fhir/R4/datatypes.html#Quantity), as the UCUM code of
 * `unitTable[test]`; the spellings of the table are accepted in `code` and in `unit`, and all-upper-case ones too
 * (`MG/DL`, UCUM's case-insensitive form) in `unit`, and in a `code` that `unit` does not contradict.
 *
 * A `code` counts when its system is UCUM or absent; another system's code (SNOMED) is not read and `unit`
 * decides; without one: `other-system`. Both understood: they must mean the same, else `disagree`. One understood: it
 * decides, unless the other is a unit of some other test (`disagree`), or is a UCUM code that is not understood at all
 * (`not-understood`: a text is no licence to overrule a code). Nothing stated: `missing`.
 */
export function readUnit(
  test: LabTest,
  quantity: { unit?: unknown; code?: unknown; system?: unknown },
): UnitReading {
  const text = textOf(quantity.unit);
  const anyCode = textOf(quantity.code);
  const system = textOf(quantity.system);
  const code = system === null || isUcum(system) ? anyCode : null;
  if (text === null && anyCode === null) return { problem: 'missing' };

  const coded = code === null ? null : (codeUnit(test, code) ?? upperCaseUnit(test, code, text));
  const written = text === null ? null : textUnit(test, text);
  if (coded !== null && written !== null) {
    return coded.factor === written.factor ? { unit: coded.unit } : { problem: 'disagree' };
  }
  if (coded !== null) {
    return text !== null && isSomeUnit(text) ? { problem: 'disagree' } : { unit: coded.unit };
  }
  if (written !== null) {
    if (code === null) return { unit: written.unit };
    if (isSomeUnit(code)) return { problem: 'disagree' };
    return system === null ? { unit: written.unit } : { problem: 'not-understood' };
  }
  return { problem: text === null && code === null ? 'other-system' : 'not-understood' };
}

/**
 * The number to 12 significant digits: enough for any laboratory value, and few enough that the noise of
 * floating point (0.1 + 0.2, 1.2 - 0.9) never decides a threshold.
 */
export function toTwelveDigits(value: number): number {
  return Number(value.toPrecision(12));
}

/**
 * A value of `test` from one of its units to another (any spelling of `unitTable`), to 12 significant digits;
 * null when the test does not have one of the units, or the value is not finite. Convert once, from the unit
 * as received: each conversion rounds.
 */
export function convert(test: LabTest, value: number, from: string, to: string): number | null {
  const source = codeUnit(test, from);
  const target = codeUnit(test, to);
  if (source === null || target === null || !Number.isFinite(value)) return null;
  // As received, with at most three decimals: there is no noise to round away.
  if (source === target && Number.isInteger(value * 1000)) return value;
  return toTwelveDigits((value * source.factor) / target.factor);
}

/**
 * Whether a unit cannot belong to the LOINC code: a mass code with a molar unit (moles or equivalents), or a
 * molar code with a mass unit. The value is still used in its stated unit, and flagged. Other properties
 * contradict nothing, and neither does a unit that the test does not have.
 */
export function contradictsProperty(code: LabCode, unit: string): boolean {
  const kind = codeUnit(code.test, unit)?.kind;
  return (code.property === 'mass' && kind === 'molar') || (code.property === 'molar' && kind === 'mass');
}

/** Rounds what is shown of a number to the test's decimals. */
export const roundTo = (value: number, decimals: number): string =>
  String(Number(toTwelveDigits(value).toFixed(decimals)));

/** A UCUM code as a clinician reads it: `mL/min/1.73 m²`. */
export const readableUnit = (unit: string): string =>
  unit
    .replace('{1.73_m2}', '1.73 m²')
    .replace(/\/a$/, ' a year')
    .replace(/^wk$/, 'weeks')
    .replace(/\bmeq\//, 'mEq/')
    .replace(/\bumol\//, 'µmol/');
