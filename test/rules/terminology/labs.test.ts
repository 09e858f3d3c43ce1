import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import {
  analyteNamedIn,
  codeNotUsedIn,
  codesNotUsed,
  labCodeOf,
  labCodes,
  labTestNames,
  labTests,
  misnamedLabCode,
} from '../../../rules/terminology/labs.ts';

const loinc = 'http://loinc.org';

/** The check digit of a LOINC code (mod 10, double alternate digits): https://loinc.org/kb/users-guide/ */
function checkDigit(digits: string): number {
  const sum = [...digits].toReversed().reduce((total, digit, index) => {
    const value = index % 2 === 0 ? Number(digit) * 2 : Number(digit);
    return total + (value > 9 ? value - 9 : value);
  }, 0);
  return (10 - (sum % 10)) % 10;
}

describe('the table of LOINC codes', () => {
  it('has 153 codes, none twice, each with a right check digit', () => {
    expect(labCodes).toHaveLength(153);
    expect(new Set(labCodes.map(({ code }) => code)).size).toBe(153);
    for (const { code } of labCodes) {
      const [digits = '', check] = code.split('-');
      expect(`${code}: ${checkDigit(digits)}`).toBe(`${code}: ${check}`);
    }
  });

  it('has a code for each of the 31 tests', () => {
    const tested = new Set(labCodes.map(({ test }) => test));
    expect(labTestNames).toHaveLength(31);
    expect(labTestNames.filter((test) => !tested.has(test))).toEqual([]);
  });

  it('gives every eGFR code a method and no other code one', () => {
    for (const { test, method } of labCodes) expect(method !== undefined).toBe(test === 'egfr');
  });

  it('marks 4 eGFR codes as race-based', () => {
    const marked = labCodes.filter(({ raceBased }) => raceBased).map(({ code }) => code);
    expect(marked.toSorted()).toEqual(['48642-3', '48643-1', '88293-6', '88294-4']);
  });

  it.each([
    ['2597-3', 'magnesium-rbc'],
    ['11041-1', 'creatinine-dialysis'],
    ['11042-9', 'creatinine-dialysis'],
    ['19123-9', 'magnesium'],
    ['21377-7', 'magnesium'],
    ['2160-0', 'creatinine'],
    ['22760-3', 'potassium'],
    ['75940-7', 'potassium'],
    ['82810-3', 'pregnancy-status'],
    ['18185-9', 'gestational-age'],
    ['11884-4', 'gestational-age'],
    ['49051-6', 'gestational-age'],
    ['11778-8', 'delivery-date'],
  ])('%s is %s', (code, test) => {
    expect(labCodeOf([{ system: loinc, code }])?.test).toBe(test);
  });

  it.each([
    ['98979-8', 'CKD-EPI 2021'],
    ['98980-6', 'CKD-EPI 2021 cr-cys'],
    ['62238-1', 'CKD-EPI 2009'],
    ['94677-2', 'CKD-EPI 2012 cr-cys'],
    ['50210-4', 'cystatin C'],
    ['33914-3', 'MDRD'],
    ['69405-9', 'unspecified'],
    ['50384-7', 'pediatric'],
    ['48643-1', 'MDRD'],
    ['88294-4', 'CKD-EPI 2009'],
  ])('%s is an eGFR by %s', (code, method) => {
    expect(labCodeOf([{ system: loinc, code }])).toMatchObject({ test: 'egfr', method });
  });

  it.each([
    ['12180-6', 'molar'],
    ['17864-0', 'mass'],
    ['2601-3', 'molar'],
    ['22760-3', 'mass'],
    ['75940-7', 'mass'],
    ['35203-9', 'either'],
  ])('%s has the property %s', (code, property) => {
    expect(labCodeOf([{ system: loinc, code }])?.property).toBe(property);
  });

  it('leaves out 50209-6, which is no cystatin C, and the calculated ionized calcium', () => {
    expect(labCodeOf([{ system: loinc, code: '50209-6' }])).toBeNull();
    expect(labCodeOf([{ system: loinc, code: '13959-2' }])).toBeNull();
  });

  it.each(['51990-0', '24321-2', '24323-8'])('%s is a panel and no test', (code) => {
    expect(labCodeOf([{ system: loinc, code }])).toBeNull();
  });
});

const catalogue = new URL('../../../../shared/clinical/data/loinc.json', import.meta.url);
const catalogueMissing = !existsSync(catalogue);

describe.skipIf(catalogueMissing)(
  `the catalogue's LOINC codes${catalogueMissing ? ' (skipped: ../shared/clinical is not here)' : ''}`,
  () => {
    const rowSchema = z.object({
      fact: z.string(),
      code: z.string(),
      property: z.string(),
      confirmed: z.boolean(),
    });
    const rows = catalogueMissing
      ? []
      : z.array(rowSchema).parse(JSON.parse(readFileSync(catalogue, 'utf8')));

    it('are all here, under their fact and with their property (71 confirmed ones)', () => {
      const confirmed = rows.filter((row) => row.confirmed && row.property !== 'panel');
      expect(confirmed.length).toBeGreaterThanOrEqual(71);
      for (const { fact, code, property } of confirmed) {
        const test = fact === 'egfr-race' || fact === 'egfr-pediatric' ? 'egfr' : fact;
        expect(labCodeOf([{ system: loinc, code }])).toMatchObject({
          test,
          property: property.split(' ')[0],
        });
      }
    });
  },
);

describe('the LOINC code of an observation', () => {
  it.each([
    loinc,
    'https://loinc.org',
    'http://loinc.org/',
    'https://www.loinc.org',
    'HTTP://LOINC.ORG',
    'http://loinc.org|2.77',
    ' http://loinc.org ',
    'urn:oid:2.16.840.1.113883.6.1',
    'URN:OID:2.16.840.1.113883.6.1',
    '2.16.840.1.113883.6.1',
    'LOINC',
    'loinc',
    'LN',
  ])('is read from %s', (system) => {
    expect(labCodeOf([{ system, code: '2160-0' }])?.test).toBe('creatinine');
    expect(labCodeOf([{ system, code: ' 2160-0 ' }])?.test).toBe('creatinine');
    expect(misnamedLabCode([{ system, code: '2160-0' }]) === undefined).toBe(/[.:]/.test(system));
  });

  it.each([
    ['2828-2', 'potassium'],
    ['2161-8', 'creatinine'],
    ['29349-8', 'potassium'],
    ['35592-5', 'creatinine clearance'],
  ])('%s is of %s and not read: it says why', (code, of) => {
    expect(labCodeOf([{ system: loinc, code }])).toBeNull();
    expect(codeNotUsedIn([{ system: loinc, code }])).toMatchObject({ of });
    expect(codeNotUsedIn([{ system: 'http://snomed.info/sct', code }])).toBeNull();
  });

  it('has no code that is both read and not to be read, and right check digits in both', () => {
    expect(codesNotUsed.size).toBe(414);
    expect(labCodes.filter(({ code }) => codesNotUsed.has(code))).toEqual([]);
    for (const { code } of codesNotUsed.values()) {
      const [digits = '', check] = code.split('-');
      expect(`${code}: ${checkDigit(digits)}`).toBe(`${code}: ${check}`);
    }
  });

  it.each([
    [{ code: '2160-0' }],
    [{ system: 'http://loinc.example', code: '2160-0' }],
    [{ system: 'http://snomed.info/sct', code: '2160-0' }],
    [{ system: loinc, code: 21600 }],
    [{ system: loinc, code: 'constructor' }],
    [{ system: loinc }],
    [{}],
  ])('is not read from %o', (coding) => {
    expect(labCodeOf([coding])).toBeNull();
  });

  it('is the first known one: a local code and 2160-0 give creatinine, 0 codings give null', () => {
    expect(
      labCodeOf([
        { system: 'urn:local', code: 'CREA' },
        { system: loinc, code: '2160-0' },
      ])?.test,
    ).toBe('creatinine');
    expect(
      labCodeOf([
        { system: loinc, code: '2160-0' },
        { system: loinc, code: '14682-9' },
      ])?.code,
    ).toBe('2160-0');
    expect(labCodeOf([])).toBeNull();
  });

  it('is the race-based one whatever the order: 33914-3 with 48642-3 is race-based', () => {
    const plain = { system: loinc, code: '33914-3' };
    const raceBased = { system: loinc, code: '48642-3' };
    expect(labCodeOf([plain, raceBased])?.code).toBe('48642-3');
    expect(labCodeOf([raceBased, plain])?.code).toBe('48642-3');
  });
});

describe('the 31 tests', () => {
  it.each(labTestNames)('%s names itself, its range is above 0 and its order code is known', (test) => {
    const info = labTests[test];
    const [low, high] = info.plausible;
    expect(info.test).toBe(test);
    expect(info.name).not.toBe('');
    expect(info.short).not.toBe('');
    expect([0, 1, 2]).toContain(info.decimals);
    if (test === 'pregnancy-status' || test === 'delivery-date') {
      expect([info.unit, low, high]).toEqual(['', 0, 0]);
    } else {
      expect(low).toBeGreaterThan(0);
      expect(high).toBeGreaterThan(low);
    }
    // 11524-6 (EKG study) orders what yields a QT and is no test of its own.
    if (info.orderCode !== null && info.orderCode.code !== '11524-6') {
      expect(labCodes.map(({ code, display }) => ({ code, display }))).toContainEqual(info.orderCode);
    }
  });

  it.each([
    ['magnesium', 'mg/dL', 12],
    ['magnesium', 'mg/dL', 0.4],
    ['creatinine', 'mg/dL', 30],
    ['creatinine', 'mg/dL', 0.1],
    ['potassium', 'mmol/L', 1.2],
    ['potassium', 'mmol/L', 10],
    ['calcium-ionized', 'mmol/L', 0.5],
    ['body-weight', 'kg', 0.4],
    ['body-weight', 'kg', 400],
    ['qtc', 'ms', 700],
    ['egfr', 'mL/min/{1.73_m2}', 3],
  ] as const)('%s in %s can be %d: extreme but seen in patients', (test, unit, value) => {
    const [low, high] = labTests[test].plausible;
    expect(labTests[test].unit).toBe(unit);
    expect(value).toBeGreaterThanOrEqual(low);
    expect(value).toBeLessThanOrEqual(high);
  });

  it.each([
    ['creatinine', 80, 'umol/L read as mg/dL'],
    ['albumin', 42, 'g/L read as g/dL'],
    ['potassium', 40, 'no patient'],
    ['body-height', 1.75, 'm read as cm'],
    ['qtc', 0.42, 's read as ms'],
    ['magnesium', 850, 'umol/L read as mg/dL'],
  ] as const)('%s cannot be %d (%s)', (test, value, _why) => {
    const [low, high] = labTests[test].plausible;
    expect(value < low || value > high).toBe(true);
  });

  it('9 of the 31 are not measured by a laboratory', () => {
    expect(labTestNames.filter((test) => !labTests[test].laboratory)).toEqual([
      'qtc',
      'qt',
      'body-weight',
      'body-height',
      'heart-rate',
      'systolic-bp',
      'pregnancy-status',
      'gestational-age',
      'delivery-date',
    ]);
  });
});

describe('the analyte that a text names', () => {
  it.each([
    ['Magnesium', 'magnesium'],
    ['MAGNESIUM, SERUM', 'magnesium'],
    ['Serum creatinine (mg/dL)', 'creatinine'],
    ['potassium:', 'potassium'],
    ['Calcium total', 'calcium-total'],
    ['Albumin/Globulin', 'albumin'],
    ['eGFR', 'egfr'],
    ['GFR, creatinine-based', 'egfr'],
    ['Creatinine-based GFR', 'egfr'],
    ['Glomerular filtration rate', 'egfr'],
    ['Cystatin-C', 'cystatin-c'],
    ['creatinine and potassium', 'creatinine'],
  ])('`%s` names %s', (text, test) => {
    expect(analyteNamedIn(text)).toBe(test);
  });

  it.each([
    '',
    'prealbumin',
    'microalbumin',
    'hypercalcium',
    'EGFRvIII',
    'creatinine2',
    'kalium',
    'Mg',
    'constructor',
  ])('`%s` names none', (text) => {
    expect(analyteNamedIn(text)).toBeNull();
  });

  it('finds nothing in 2,000,000 characters that name nothing, and the word behind them', () => {
    expect(analyteNamedIn('- '.repeat(1_000_000))).toBeNull();
    expect(analyteNamedIn('a'.repeat(2_000_000))).toBeNull();
    expect(analyteNamedIn(`${'- '.repeat(1_000_000)}calcium`)).toBe('calcium-total');
  });

  it('takes any text without throwing (1,000 random texts around `calcium`)', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(analyteNamedIn(`calcium ${text}`)).not.toBeNull();
      }),
      { numRuns: 1000 },
    );
  });
});
