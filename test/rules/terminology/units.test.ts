import { createRequire } from 'node:module';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type LabTest, labCodes, labTestNames, labTests } from '../../../rules/terminology/labs.ts';
import {
  contradictsProperty,
  convert,
  readUnit,
  toTwelveDigits,
  unitTable,
} from '../../../rules/terminology/units.ts';

const ucumSystem = 'http://unitsofmeasure.org';

/** The part of ucum-lhc used here; the package has no types of its own. */
interface Oracle {
  validateUnitString(text: string): { status: string; ucumCode: string | null };
  convertUnitTo(
    from: string,
    value: number,
    to: string,
    substance: { molecularWeight?: number; charge?: number },
  ): { status: string; toVal: number | null; msg: string[] };
}
const ucumLhc: { UcumLhcUtils: { getInstance(): Oracle } } = createRequire(import.meta.url)(
  '@lhncbc/ucum-lhc',
);
const oracle = ucumLhc.UcumLhcUtils.getInstance();

/** g/mol and valence for the oracle, written here a second time: an independent statement of the constants. */
const substances: Partial<Record<LabTest, { molecularWeight: number; charge: number }>> = {
  magnesium: { molecularWeight: 24.305, charge: 2 },
  'magnesium-rbc': { molecularWeight: 24.305, charge: 2 },
  'magnesium-ionized': { molecularWeight: 24.305, charge: 2 },
  creatinine: { molecularWeight: 113.12, charge: 1 },
  'creatinine-dialysis': { molecularWeight: 113.12, charge: 1 },
  potassium: { molecularWeight: 39.0983, charge: 1 },
  'calcium-total': { molecularWeight: 40.078, charge: 2 },
  'calcium-corrected': { molecularWeight: 40.078, charge: 2 },
  'calcium-ionized': { molecularWeight: 40.078, charge: 2 },
  phosphate: { molecularWeight: 30.973762, charge: 3 },
  'digoxin-level': { molecularWeight: 780.94, charge: 1 },
  'lithium-level': { molecularWeight: 6.94, charge: 1 },
  sodium: { molecularWeight: 22.98977, charge: 1 },
  uacr: { molecularWeight: 113.12, charge: 1 },
};

/**
 * Relative differences that the oracle may show. 88.4 umol/L per mg/dL of creatinine is the convention, 88.402
 * follows from the molar mass: 1.9e-5 apart. Everything else differs by the rounding to 12 digits only, which
 * is at most 5e-12, and by the oracle's own floating point.
 */
const usesCreatinineConvention: readonly LabTest[] = ['creatinine', 'creatinine-dialysis', 'uacr'];
const toleranceOf = (test: LabTest) => (usesCreatinineConvention.includes(test) ? 2e-5 : 1e-11);

/** What ucum-lhc makes of a spelling, or null where it rejects it. */
function validUcum(spelling: string): string | null {
  const answer = oracle.validateUnitString(spelling);
  return answer.status === 'valid' ? answer.ucumCode : null;
}

/** The UCUM code that each spelling the oracle rejects stands for, written out as people mean it. */
const meant = new Map(
  Object.entries({
    'mEq/L': 'meq/L',
    'mEq/l': 'meq/L',
    'micromol/L': 'umol/L',
    'micromol/l': 'umol/L',
    '\u00b5mol/L': 'umol/L',
    '\u00b5mol/l': 'umol/L',
    '\u03bcmol/L': 'umol/L',
    '\u03bcmol/l': 'umol/L',
    'mcg/L': 'ug/L',
    'mcg/l': 'ug/L',
    '\u00b5g/L': 'ug/L',
    '\u00b5g/l': 'ug/L',
    '\u03bcg/L': 'ug/L',
    '\u03bcg/l': 'ug/L',
    'mcg/mL': 'ug/mL',
    'mcg/ml': 'ug/mL',
    '\u00b5g/mL': 'ug/mL',
    '\u00b5g/ml': 'ug/mL',
    '\u03bcg/mL': 'ug/mL',
    '\u03bcg/ml': 'ug/mL',
    'mcg/mg': 'ug/mg',
    '\u00b5g/mg': 'ug/mg',
    '\u03bcg/mg': 'ug/mg',
    'mg/g creat': 'mg/g',
    'mg/g Cr': 'mg/g',
    'mg/gCr': 'mg/g',
    msec: 'ms',
    sec: 's',
    kgs: 'kg',
    kilogram: 'kg',
    kilograms: 'kg',
    gram: 'g',
    grams: 'g',
    lb: '[lb_av]',
    lbs: '[lb_av]',
    pound: '[lb_av]',
    pounds: '[lb_av]',
    oz: '[oz_av]',
    ounce: '[oz_av]',
    ounces: '[oz_av]',
    centimeter: 'cm',
    centimeters: 'cm',
    meter: 'm',
    meters: 'm',
    in: '[in_i]',
    inch: '[in_i]',
    inches: '[in_i]',
    day: 'd',
    days: 'd',
    week: 'wk',
    weeks: 'wk',
    wks: 'wk',
    percent: '%',
    'beats/min': '/min',
    'beats/minute': '/min',
    bpm: '/min',
    mmHg: 'mm[Hg]',
    'mm Hg': 'mm[Hg]',
  }),
);

/** Body surface written out: 1.73m2, 1.73 m^2 and the like. UCUM has `{1.73_m2}` or `(173.10*-2.m2)`. */
const bodySurface = /\/(1\.73.*|\(173\.10\*-2\.m2\))$/;
const asUcum = (spelling: string) =>
  bodySurface.test(spelling)
    ? spelling.replace(bodySurface, '/{1.73_m2}')
    : (meant.get(spelling) ?? spelling);

const rows = labTestNames.flatMap((test) => unitTable[test].map((unit) => ({ test, ...unit })));
const spelled = rows.flatMap((unit) => unit.spellings.map((spelling) => ({ ...unit, spelling })));
const pairs = rows.flatMap((from) =>
  rows
    .filter(({ test }) => test === from.test)
    .map((to) => ({ test: from.test, from: from.unit, to: to.unit })),
);

function converted(test: LabTest, value: number, from: string, to: string): number {
  const answer = oracle.convertUnitTo(from, value, to, substances[test] ?? {});
  if (answer.status !== 'succeeded' || answer.toVal === null) throw new Error(answer.msg.join('; '));
  return answer.toVal;
}

describe('the table of units', () => {
  it.each(labTestNames.filter((test) => test !== 'pregnancy-status' && test !== 'delivery-date'))(
    '%s has its canonical unit with factor 1',
    (test) => {
      const canonical = unitTable[test].find(({ unit }) => unit === labTests[test].unit);
      expect(canonical?.factor).toBe(1);
    },
  );

  it('pregnancy status and a delivery date, which are no quantity, have 0 units', () => {
    expect(unitTable['pregnancy-status']).toEqual([]);
    expect(unitTable['delivery-date']).toEqual([]);
    expect(readUnit('pregnancy-status', { unit: 'mg/dL' })).toEqual({ problem: 'not-understood' });
  });

  it('has no spelling twice within a test, not even in upper case with another meaning', () => {
    for (const test of labTestNames) {
      const spellings = unitTable[test].flatMap((unit) => unit.spellings);
      expect(new Set(spellings).size).toBe(spellings.length);
      for (const one of unitTable[test]) {
        for (const other of unitTable[test].filter(({ unit }) => unit !== one.unit)) {
          const upper = new Set(other.spellings.map((spelling) => spelling.toUpperCase()));
          expect(one.spellings.filter((spelling) => upper.has(spelling.toUpperCase()))).toEqual([]);
        }
      }
    }
  });

  it('names every unit by a UCUM code that the oracle accepts and that is one of its spellings', () => {
    for (const { unit, spellings } of rows) {
      expect(validUcum(unit)).toBe(unit);
      expect(spellings).toContain(unit);
    }
  });

  it('has no stale entry in the list of spellings that the oracle rejects', () => {
    const all = new Set(spelled.map(({ spelling }) => spelling));
    for (const spelling of meant.keys()) {
      expect(all).toContain(spelling);
      expect(validUcum(spelling)).toBeNull();
    }
  });

  for (const { test, spelling, unit } of spelled) {
    it(`${test}: \`${spelling}\` is ${unit}, by the oracle too`, () => {
      const ucum = asUcum(spelling);
      expect(validUcum(ucum)).not.toBeNull();
      expect(converted(test, 1, ucum, unit)).toBeCloseTo(1, 12);
      expect(readUnit(test, { unit: spelling })).toEqual({ unit });
      expect(readUnit(test, { unit: ` ${spelling}\n` })).toEqual({ unit });
      expect(readUnit(test, { code: spelling, system: ucumSystem })).toEqual({ unit });
      expect(readUnit(test, { code: spelling })).toEqual({ unit });
    });
  }

  for (const { test, from, to } of pairs) {
    it(`${test}: 1 ${from} in ${to} agrees with ucum-lhc`, () => {
      const expected = converted(test, 1, from, to);
      const ours = convert(test, 1, from, to) ?? Number.NaN;
      expect(Math.abs(ours / expected - 1)).toBeLessThanOrEqual(toleranceOf(test));
    });

    it(`${test}: any value in ${from} comes back from ${to} within 1e-11`, () => {
      fc.assert(
        fc.property(fc.double({ min: 1e-4, max: 1e6, noNaN: true }), (value) => {
          const there = convert(test, value, from, to) ?? Number.NaN;
          const back = convert(test, there, to, from) ?? Number.NaN;
          // Two roundings to 12 significant digits, each at most 5e-12 of the value.
          expect(Math.abs(back / value - 1)).toBeLessThanOrEqual(1.01e-11);
        }),
        { numRuns: 50 },
      );
    });
  }
});

describe('conversions with a known answer', () => {
  it.each([
    ['magnesium', 1, 'mmol/L', 2.4305, 'mg/dL'],
    ['magnesium', 1, 'mg/dL', 0.411438, 'mmol/L'],
    ['magnesium', 1, 'mg/dL', 0.822876, 'meq/L'],
    ['magnesium', 4, 'meq/L', 4.861, 'mg/dL'],
    ['magnesium', 0.41, 'mmol/L', 0.996505, 'mg/dL'],
    ['magnesium', 1, 'mmol/L', 2, 'meq/L'],
    ['magnesium', 17, 'mg/L', 1.7, 'mg/dL'],
    ['magnesium', 800, 'umol/L', 1.9444, 'mg/dL'],
    ['creatinine', 88.4, 'umol/L', 1, 'mg/dL'],
    ['creatinine', 353.6, 'umol/L', 4, 'mg/dL'],
    ['creatinine', 0.08, 'mmol/L', 80, 'umol/L'],
    ['creatinine', 0.08, 'mmol/L', 0.904977, 'mg/dL'],
    ['potassium', 3.5, 'mEq/L', 3.5, 'mmol/L'],
    ['calcium-total', 1, 'mmol/L', 4.0078, 'mg/dL'],
    ['calcium-total', 2.4, 'mmol/L', 4.8, 'meq/L'],
    ['calcium-ionized', 4.8, 'mg/dL', 1.197665, 'mmol/L'],
    ['albumin', 40, 'g/L', 4, 'g/dL'],
    ['phosphate', 1, 'mg/dL', 0.322854, 'mmol/L'],
    ['digoxin-level', 1, 'ng/mL', 1.280508, 'nmol/L'],
    ['digoxin-level', 2, 'ug/L', 2, 'ng/mL'],
    ['body-weight', 154.323584, 'lbs', 70, 'kg'],
    ['body-height', 70, 'in', 177.8, 'cm'],
    ['uacr', 3.3, 'mg/mmol', 29.172, 'mg/g'],
    ['qtc', 0.5, 's', 500, 'ms'],
    ['egfr', 1, 'mL/s/{1.73_m2}', 60, 'mL/min/1.73m2'],
    ['cystatin-c', 0.1, 'mg/dL', 1, 'mg/L'],
  ] as const)('%s: %d %s is %d %s', (test, value, from, expected, to) => {
    expect(convert(test, value, from, to)).toBeCloseTo(expected, 5);
  });

  it('0.1 + 0.2 mmol/L is 0.3, and 80 umol/L of creatinine exactly 80 again', () => {
    expect(convert('potassium', 0.1 + 0.2, 'mmol/L', 'mmol/L')).toBe(0.3);
    expect(toTwelveDigits(1.2 - 0.9)).toBe(0.3);
    expect(convert('creatinine', 0.08, 'mmol/L', 'umol/L')).toBe(80);
    expect(convert('magnesium', 4.861, 'mg/dL', 'meq/L')).toBe(4);
  });

  it('a value in its own unit stays as received up to three decimals, beyond it has 12 digits', () => {
    expect(convert('potassium', 123_456_789_012.125, 'mmol/L', 'mmol/L')).toBe(123_456_789_012.125);
    expect(convert('potassium', 1_234_567_890.1234, 'mmol/L', 'mmol/L')).toBe(1_234_567_890.12);
    expect(convert('potassium', 4_000_000_000_001, 'mmol/L', 'meq/L')).toBe(4_000_000_000_000);
  });

  it('units that a test does not have, and values that are no numbers, give null', () => {
    expect(convert('magnesium', 1, 'mg/dL', 'ng/mL')).toBeNull();
    expect(convert('magnesium', 1, 'ng/mL', 'mg/dL')).toBeNull();
    expect(convert('magnesium', 1, 'Mg/dl', 'mg/dL')).toBeNull();
    expect(convert('creatinine-clearance', 60, 'mL/min', 'mL/min/{1.73_m2}')).toBeNull();
    expect(convert('magnesium', Number.NaN, 'mg/dL', 'mg/dL')).toBeNull();
    expect(convert('magnesium', Number.POSITIVE_INFINITY, 'mg/dL', 'mmol/L')).toBeNull();
    expect(convert('magnesium', 1, 'toString', 'mg/dL')).toBeNull();
  });
});

describe('reading the unit of a quantity', () => {
  const snomed = 'http://snomed.info/sct';
  it.each([
    ['magnesium', { unit: 'MG/DL' }, { unit: 'mg/dL' }],
    ['potassium', { unit: 'MMOL/L' }, { unit: 'mmol/L' }],
    ['potassium', { unit: 'MEQ/L' }, { unit: 'meq/L' }],
    ['egfr', { unit: 'ML/MIN/1.73M2' }, { unit: 'mL/min/{1.73_m2}' }],
    ['body-weight', { unit: 'lbs', code: '[lb_av]', system: ucumSystem }, { unit: '[lb_av]' }],
    [
      'egfr',
      { unit: 'mL/min/1.73m2', code: 'mL/min/{1.73_m2}', system: ucumSystem },
      { unit: 'mL/min/{1.73_m2}' },
    ],
    ['systolic-bp', { unit: 'mmHg', code: 'mmHg', system: ucumSystem }, { unit: 'mm[Hg]' }],
    ['creatinine', { unit: 'umol/L', code: '258814008', system: snomed }, { unit: 'umol/L' }],
    ['potassium', { unit: 'mmol/L', code: '258813002', system: snomed }, { unit: 'mmol/L' }],
    ['magnesium', { unit: 'mg/dL', code: 'mmol/L', system: snomed }, { unit: 'mg/dL' }],
    ['magnesium', { unit: 'mg/dL', code: 'LOCAL7' }, { unit: 'mg/dL' }],
    ['magnesium', { unit: 'milligrams per decilitre', code: 'mg/dL', system: ucumSystem }, { unit: 'mg/dL' }],
    ['magnesium', { unit: '', code: ' mg/dL ', system: '' }, { unit: 'mg/dL' }],
    ['potassium', { unit: 'mEq/L', code: 'mmol/L', system: ucumSystem }, { unit: 'mmol/L' }],
    ['vancomycin-level', { unit: 'mcg/mL', code: 'mg/L', system: ucumSystem }, { unit: 'mg/L' }],
    ['egfr', { unit: 'mL/min', code: 'mL/min', system: ucumSystem }, { unit: 'mL/min' }],
    ['egfr', { unit: 'mL/min', code: 'mL/min/{1.73_m2}', system: ucumSystem }, { unit: 'mL/min/{1.73_m2}' }],
    ['potassium', { unit: 'MMOL/L', code: 'MMOL/L', system: ucumSystem }, { unit: 'mmol/L' }],
    ['potassium', { unit: 'mmol/L', code: 'MMOL/L', system: ucumSystem }, { unit: 'mmol/L' }],
    ['magnesium', { unit: 'MG/DL', code: 'MG/DL' }, { unit: 'mg/dL' }],
    ['potassium', { code: 'mmol/L', system: 'urn:oid:2.16.840.1.113883.6.8' }, { unit: 'mmol/L' }],
    ['potassium', { code: 'mmol/L', system: '2.16.840.1.113883.6.8' }, { unit: 'mmol/L' }],
    ['potassium', { code: 'mmol/L', system: 'https://unitsofmeasure.org' }, { unit: 'mmol/L' }],
    ['potassium', { code: 'mmol/L', system: 'http://unitsofmeasure.org/' }, { unit: 'mmol/L' }],
    ['potassium', { code: 'mmol/L', system: 'UCUM' }, { unit: 'mmol/L' }],
    ['lithium-level', { unit: 'mg/dL' }, { unit: 'mg/dL' }],
  ] as const)('%s %o is %o', (test, quantity, expected) => {
    expect(readUnit(test, quantity)).toEqual(expected);
  });

  it.each([
    ['magnesium', {}, 'missing'],
    ['magnesium', { unit: '  ', code: '' }, 'missing'],
    ['magnesium', { unit: null, code: 7 }, 'missing'],
    ['magnesium', { system: ucumSystem }, 'missing'],
    ['magnesium', { code: '258797006', system: snomed }, 'other-system'],
    ['magnesium', { code: 'mg/dL', system: 'http://units.example' }, 'other-system'],
    ['magnesium', { unit: 'Mg/dl', code: 'Mg/dl', system: ucumSystem }, 'not-understood'],
    ['magnesium', { unit: 'Mg/dl', code: 'MG/DL', system: ucumSystem }, 'not-understood'],
    ['magnesium', { unit: 'MMOL/L', code: 'MG/DL', system: ucumSystem }, 'disagree'],
    ['magnesium', { unit: 'Mg/dl' }, 'not-understood'],
    ['magnesium', { code: 'Mg/dl', system: ucumSystem }, 'not-understood'],
    ['magnesium', { unit: 'mg/dL', code: 'Mg/dl', system: ucumSystem }, 'not-understood'],
    ['magnesium', { code: 'MG/DL', system: ucumSystem }, 'not-understood'],
    ['magnesium', { code: 'MG/DL' }, 'not-understood'],
    ['creatinine', { unit: 'mg/dL{creat}' }, 'not-understood'],
    ['creatinine', { unit: 'ng/mL' }, 'not-understood'],
    ['creatinine', { unit: 'toString' }, 'not-understood'],
    ['creatinine', { unit: '\u039cMOL/L' }, 'not-understood'],
    ['body-weight', { unit: 'G' }, 'not-understood'],
    ['qtc', { unit: 'S' }, 'not-understood'],
    ['albumin', { unit: 'umol/L' }, 'not-understood'],
    ['creatinine-clearance', { unit: 'mL/min/1.73m2' }, 'not-understood'],
    ['magnesium', { unit: 'mg/dL', code: 'mmol/L', system: ucumSystem }, 'disagree'],
    ['magnesium', { unit: 'mEq/L', code: 'mmol/L', system: ucumSystem }, 'disagree'],
    ['magnesium', { unit: 'MMOL/L', code: 'mg/dL', system: ucumSystem }, 'disagree'],
    ['magnesium', { unit: 'ng/mL', code: 'mg/dL', system: ucumSystem }, 'disagree'],
    ['magnesium', { unit: 'mg/dL', code: 'ng/mL', system: ucumSystem }, 'disagree'],
    ['magnesium', { unit: 'mg/dL', code: 'ng/mL' }, 'disagree'],
  ] as const)('%s %o is not used: %s', (test, quantity, problem) => {
    expect(readUnit(test, quantity)).toEqual({ problem });
  });

  it('never reads a unit from text outside the table (1,000 random texts)', () => {
    const known = new Set(spelled.flatMap(({ spelling }) => [spelling, spelling.toUpperCase()]));
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.constantFrom(...labTestNames), (text, test) => {
        fc.pre(!known.has(text.trim()));
        const problem = text.trim() === '' ? 'missing' : 'not-understood';
        expect(readUnit(test, { unit: text })).toEqual({ problem });
      }),
      { numRuns: 1000 },
    );
  });
});

describe('a unit that contradicts the LOINC code', () => {
  const codeOf = (code: string) => {
    const found = labCodes.find((entry) => entry.code === code);
    if (found === undefined) throw new Error(`\`${code}\` is not in labs.json`);
    return found;
  };
  it.each([
    ['19123-9', 'mg/dL', false],
    ['19123-9', 'mg/L', false],
    ['19123-9', 'mmol/L', true],
    ['19123-9', 'meq/L', true],
    ['19123-9', 'mEq/L', true],
    ['2601-3', 'mmol/L', false],
    ['2601-3', 'meq/L', false],
    ['2601-3', 'mg/dL', true],
    ['14682-9', 'mg/dL', true],
    ['14682-9', 'mmol/L', false],
    ['2160-0', 'umol/L', true],
    ['35203-9', 'umol/L', false],
    ['35203-9', 'mg/dL', false],
    ['22760-3', 'mmol/L', true],
    ['75940-7', 'meq/L', true],
    ['2823-3', 'meq/L', false],
    ['12180-6', 'mmol/L', false],
    ['17864-0', 'mmol/L', true],
    ['33914-3', 'mL/min/{1.73_m2}', false],
    ['29463-7', '[lb_av]', false],
    ['9318-7', 'mg/mmol', false],
    ['19123-9', 'nmol/L', false],
  ] as const)('%s with %s: %s', (code, unit, expected) => {
    expect(contradictsProperty(codeOf(code), unit)).toBe(expected);
  });
});
