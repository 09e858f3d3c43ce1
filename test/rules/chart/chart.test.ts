import { describe, expect, it } from 'vitest';
import { buildChart } from '../../../rules/chart/chart.ts';
import { newestOfTie } from '../../../rules/chart/lab-conflicts.ts';
import type { Chart, Lab, Medication } from '../../../rules/chart/types.ts';
import type { Notice } from '../../../rules/fhir/notice.ts';
import { intakeOfBundle, intakeOfHook } from '../../../rules/intake/intake.ts';
import type { ProductIndex } from '../../../rules/terminology/products.ts';
import { indexOf } from '../../support/product-index.ts';

type Resource = Record<string, unknown>;
interface Read {
  chart: Chart;
  notices: Notice[];
}

const at = Date.parse('2026-01-31T12:00:00Z');
const subject = { reference: 'Patient/1' };
const patient: Resource = { resourceType: 'Patient', id: '1', gender: 'female', birthDate: '1960-05-17' };
const rxnorm = 'http://www.nlm.nih.gov/research/umls/rxnorm';
const snomed = 'http://snomed.info/sct';
const ucum = 'http://unitsofmeasure.org';

const read = (resources: readonly Resource[], products?: ProductIndex): Read =>
  buildChart(
    intakeOfBundle(
      { resourceType: 'Bundle', type: 'collection', entry: resources.map((resource) => ({ resource })) },
      null,
    ),
    at,
    products,
  );
const codesOf = ({ notices }: Read): string[] => notices.map(({ code }) => code);

/** The only one of a list; fails when there are more or none. */
function only<T>(list: readonly T[]): T {
  const [first] = list;
  if (first === undefined || list.length !== 1) throw new Error(`expected 1 item, found ${list.length}`);
  return first;
}

// --- Observations ------------------------------------------------------------------------------------------

const loinc = (code: string): Resource => ({ coding: [{ system: 'http://loinc.org', code }] });
const quantity = (value: unknown, unit = 'mg/dL'): Resource => ({ value, unit, code: unit, system: ucum });
const observation = (more: Resource): Resource => ({
  resourceType: 'Observation',
  id: 'o',
  status: 'final',
  subject,
  code: loinc('2160-0'),
  effectiveDateTime: '2026-01-31T08:00:00Z',
  ...more,
});
const readLab = (more: Resource): { lab: Lab; codes: string[]; messages: string } => {
  const result = read([patient, observation(more)]);
  return {
    lab: only(result.chart.labs),
    codes: codesOf(result),
    messages: result.notices.map(({ message }) => message).join('\n'),
  };
};

describe('the value of a result', () => {
  const used: readonly {
    name: string;
    given: Resource;
    value: number;
    comparator?: string;
    notices?: string[];
  }[] = [
    { name: '1.1 mg/dL in UCUM', given: { valueQuantity: quantity(1.1) }, value: 1.1 },
    {
      name: '1.1 mg/dL in the unit alone',
      given: { valueQuantity: { value: 1.1, unit: 'mg/dL' } },
      value: 1.1,
    },
    {
      name: '1.1 mg/dL in the code alone',
      given: { valueQuantity: { value: 1.1, code: 'mg/dL' } },
      value: 1.1,
    },
    { name: '1.1 MG/DL in capitals', given: { valueQuantity: { value: 1.1, unit: 'MG/DL' } }, value: 1.1 },
    { name: '11 mg/L', given: { valueQuantity: quantity(11, 'mg/L') }, value: 1.1 },
    {
      name: '88.4 umol/L under a molar LOINC code',
      given: { code: loinc('14682-9'), valueQuantity: quantity(88.4, 'umol/L') },
      value: 1,
    },
    {
      name: '88.4 µmol/L with the micro sign',
      given: { code: loinc('14682-9'), valueQuantity: { value: 88.4, unit: '\u00b5mol/L' } },
      value: 1,
    },
    {
      name: '88.4 μmol/L with the Greek mu',
      given: { code: loinc('14682-9'), valueQuantity: { value: 88.4, unit: '\u03bcmol/L' } },
      value: 1,
    },
    { name: 'the text `0.9 mg/dL`', given: { valueString: '0.9 mg/dL' }, value: 0.9 },
    { name: 'the text `0.9mg/dL`', given: { valueString: ' 0.9mg/dL ' }, value: 0.9 },
    {
      name: 'the text `<0.5 mg/dL`',
      given: { valueString: '<0.5 mg/dL' },
      value: 0.5,
      comparator: '<',
      notices: ['value-one-sided'],
    },
    {
      name: 'the text `>= 8.0 mg/dL`',
      given: { valueString: '>= 8.0 mg/dL' },
      value: 8,
      comparator: '>=',
      notices: ['value-one-sided'],
    },
    ...['<', '<=', '>', '>='].map((comparator) => ({
      name: `the comparator ${comparator}`,
      given: { valueQuantity: { ...quantity(0.5), comparator } },
      value: 0.5,
      comparator,
      notices: ['value-one-sided'],
    })),
    {
      name: '`< 0.01 mg/dL`, below what can be measured',
      given: { valueQuantity: { ...quantity(0.01), comparator: '<' } },
      value: 0.01,
      comparator: '<',
      notices: ['value-one-sided'],
    },
  ];
  it.each(used)('of $name is $value mg/dL', ({ given, value, comparator, notices }) => {
    const { lab, codes } = readLab(given);
    expect(lab).toMatchObject({ used: true, test: 'creatinine', unit: 'mg/dL', value, why: null });
    expect(lab.comparator).toBe(comparator);
    expect(codes).toEqual(notices ?? []);
  });

  const refused: readonly { name: string; given: Resource; code: string }[] = [
    { name: 'the text `< 8.0`', given: { valueString: '< 8.0' }, code: 'unit-missing' },
    { name: 'the text `0.9`', given: { valueString: '0.9' }, code: 'unit-missing' },
    { name: 'the text `1,1 mg/dL`', given: { valueString: '1,1 mg/dL' }, code: 'unit-unknown' },
    { name: 'the text `1 100 mg/dL`', given: { valueString: '1 100 mg/dL' }, code: 'unit-unknown' },
    { name: 'the text `0.9-1.1 mg/dL`', given: { valueString: '0.9-1.1 mg/dL' }, code: 'unit-unknown' },
    { name: 'the text `1e3 mg/dL`', given: { valueString: '1e3 mg/dL' }, code: 'unit-unknown' },
    { name: 'the text `-1 mg/dL`', given: { valueString: '-1 mg/dL' }, code: 'value-not-a-number' },
    { name: 'the text `normal`', given: { valueString: 'normal' }, code: 'value-not-a-number' },
    { name: 'the text ``', given: { valueString: '' }, code: 'value-not-a-number' },
    {
      name: 'a text of 61 characters',
      given: { valueString: `0.9 mg/dL${' '.repeat(52)}` },
      code: 'value-not-a-number',
    },
    {
      name: 'the value `0.9` as a string',
      given: { valueQuantity: quantity('0.9') },
      code: 'value-not-a-number',
    },
    { name: 'NaN', given: { valueQuantity: quantity(Number.NaN) }, code: 'value-not-a-number' },
    { name: '`NaN` as a string', given: { valueQuantity: quantity('NaN') }, code: 'value-not-a-number' },
    {
      name: 'infinity',
      given: { valueQuantity: quantity(Number.POSITIVE_INFINITY) },
      code: 'value-not-a-number',
    },
    { name: 'null', given: { valueQuantity: quantity(null) }, code: 'value-not-a-number' },
    { name: 'no number', given: { valueQuantity: { unit: 'mg/dL' } }, code: 'value-not-a-number' },
    {
      name: 'the comparator `ad`',
      given: { valueQuantity: { ...quantity(1), comparator: 'ad' } },
      code: 'value-not-a-number',
    },
    {
      name: 'a CodeableConcept',
      given: { valueCodeableConcept: { text: 'high' } },
      code: 'value-not-a-number',
    },
    { name: 'no value at all', given: {}, code: 'value-not-a-number' },
    {
      name: 'a dataAbsentReason',
      given: { dataAbsentReason: { coding: [{ code: 'not-performed' }] } },
      code: 'value-absent',
    },
    {
      name: 'a dataAbsentReason of text alone',
      given: { dataAbsentReason: { text: 'hemolysed' } },
      code: 'value-absent',
    },
    {
      name: 'a Quantity without a number beside a dataAbsentReason',
      given: { valueQuantity: { unit: 'mg/dL' }, dataAbsentReason: { coding: [{ code: 'error' }] } },
      code: 'value-absent',
    },
    { name: '1.1 without a unit', given: { valueQuantity: { value: 1.1 } }, code: 'unit-missing' },
    {
      name: '1.1 with an empty unit',
      given: { valueQuantity: { value: 1.1, unit: ' ', code: '' } },
      code: 'unit-missing',
    },
    { name: 'the integer 1', given: { valueInteger: 1 }, code: 'unit-missing' },
    {
      name: '1.1 Mg/dl (a megagram)',
      given: { valueQuantity: { value: 1.1, unit: 'Mg/dl' } },
      code: 'unit-unknown',
    },
    {
      name: '1.1 Mg/dl in the code',
      given: { valueQuantity: { value: 1.1, code: 'Mg/dl', system: ucum } },
      code: 'unit-unknown',
    },
    { name: '1.1 furlongs', given: { valueQuantity: { value: 1.1, unit: 'furlong' } }, code: 'unit-unknown' },
    {
      name: '1.1 with unit mg/dL and code umol/L',
      given: { valueQuantity: { value: 1.1, unit: 'mg/dL', code: 'umol/L', system: ucum } },
      code: 'unit-unknown',
    },
    { name: '1.1 mmol (of no litre)', given: { valueQuantity: quantity(1.1, 'mmol') }, code: 'unit-unknown' },
    { name: '0.04 mg/dL, below 0.05', given: { valueQuantity: quantity(0.04) }, code: 'value-implausible' },
    { name: '60.1 mg/dL, above 60', given: { valueQuantity: quantity(60.1) }, code: 'value-implausible' },
    { name: '0 mg/dL', given: { valueQuantity: quantity(0) }, code: 'value-implausible' },
    { name: '-1 mg/dL', given: { valueQuantity: quantity(-1) }, code: 'value-implausible' },
    {
      name: '`< -1` mg/dL',
      given: { valueQuantity: { ...quantity(-1), comparator: '<' } },
      code: 'value-implausible',
    },
    {
      name: '`<= -1` mg/dL',
      given: { valueQuantity: { ...quantity(-1), comparator: '<=' } },
      code: 'value-implausible',
    },
    {
      name: '`< 0` mg/dL: nothing is below nothing',
      given: { valueQuantity: { ...quantity(0), comparator: '<' } },
      code: 'value-implausible',
    },
    { name: '1e308 mg/dL', given: { valueQuantity: quantity(1e308) }, code: 'value-implausible' },
  ];
  it.each(refused)('of $name is not used: $code', ({ given, code }) => {
    const { lab, codes } = readLab(given);
    expect(lab.used).toBe(false);
    expect(lab.value).toBeNull();
    expect(lab.why).not.toBeNull();
    expect(codes).toEqual([code]);
  });

  it('of `<= 0` and `< 0.01` mg/dL is used: it may be too little to be measured', () => {
    for (const [value, comparator] of [
      [0, '<='],
      [0.01, '<'],
    ] as const)
      expect(readLab({ valueQuantity: { ...quantity(value), comparator } }).lab.used).toBe(true);
  });

  it('of 0.05 mg/dL and 60 mg/dL, the ends of what is possible, is used', () => {
    expect(readLab({ valueQuantity: quantity(0.05) }).lab.used).toBe(true);
    expect(readLab({ valueQuantity: quantity(60) }).lab.used).toBe(true);
  });

  it('of 0.8 mmol/L under the mass code 19123-9 is used as 1.9444 mg/dL of magnesium, with a notice', () => {
    const { lab, codes, messages } = readLab({
      code: loinc('19123-9'),
      valueQuantity: quantity(0.8, 'mmol/L'),
    });
    expect(lab).toMatchObject({ used: true, test: 'magnesium', statedUnit: 'mmol/L' });
    expect(lab.value).toBeCloseTo((0.8 * 24.305) / 10, 10);
    expect(lab.why).toContain('contradicts LOINC 19123-9');
    expect(codes).toEqual(['unit-code-mismatch']);
    expect(messages).toContain('0.8 mmol/L');
  });

  it('keeps what came: 88.4 µmol/L', () => {
    const { lab } = readLab({ code: loinc('14682-9'), valueQuantity: { value: 88.4, unit: '\u00b5mol/L' } });
    expect(lab.received).toEqual({ value: 88.4, unit: '\u00b5mol/L' });
    expect(lab.statedUnit).toBe('umol/L');
  });
});

describe('the test of a result', () => {
  it.each([
    [
      'the first coding of 3 that is known',
      [
        { system: 'urn:x', code: '9' },
        { system: 'http://loinc.org', code: '1-8' },
        { system: 'http://loinc.org', code: '2823-3' },
      ],
      'potassium',
    ],
    ['LOINC as an OID', [{ system: 'urn:oid:2.16.840.1.113883.6.1', code: '2823-3' }], 'potassium'],
  ])('is that of %s', (_, coding, test) => {
    const { lab } = readLab({ code: { coding }, valueQuantity: quantity(4, 'mmol/L') });
    expect(lab.test).toBe(test);
  });

  it.each([
    ['without a code', { text: 'Creatinine' }],
    ['with a local code', { coding: [{ system: 'urn:x', code: 'CREA', display: 'Creatinine, serum' }] }],
    [
      'with a LOINC code we do not know',
      { coding: [{ system: 'http://loinc.org', code: '99999-9', display: 'Creatinine' }] },
    ],
  ])('named creatinine %s is not used, with a notice', (_, code) => {
    const result = read([patient, observation({ code, valueQuantity: quantity(1) })]);
    expect(result.chart.labs).toEqual([]);
    expect(codesOf(result)).toEqual(['lab-code-unknown']);
  });

  it('of 3 observations no rule asks for is 1 notice', () => {
    const glucose = (id: string): Resource =>
      observation({ id, code: loinc('2345-7'), valueQuantity: quantity(90) });
    const result = read([patient, glucose('a'), glucose('b'), glucose('c')]);
    expect(result.chart.labs).toEqual([]);
    expect(codesOf(result)).toEqual(['observation-not-used']);
    expect(result.notices[0]?.message).toContain('3 observation(s) with code 2345-7');
  });
});

describe('components and panels', () => {
  const components = [
    { code: loinc('8480-6'), valueQuantity: quantity(120, 'mm[Hg]') },
    { code: loinc('8462-4'), valueQuantity: quantity(80, 'mm[Hg]') },
  ];
  it('a blood pressure of 2 components gives the systolic one, 120 mm[Hg]', () => {
    const { lab, codes } = readLab({ code: loinc('85354-9'), component: components });
    expect(lab).toMatchObject({ test: 'systolic-bp', value: 120, used: true, reference: 'Observation/o' });
    expect(codes).toEqual([]);
  });

  it('a component that is an object and not a list is read too', () => {
    expect(readLab({ code: loinc('85354-9'), component: components[0] }).lab.value).toBe(120);
  });

  it('an observation with a value and a component gives 2 results', () => {
    const more = {
      valueQuantity: quantity(1.1),
      component: [{ code: loinc('98979-8'), valueQuantity: quantity(60, 'mL/min/{1.73_m2}') }],
    };
    const { chart } = read([patient, observation(more)]);
    expect(chart.labs.map(({ test, value }) => [test, value])).toEqual([
      ['creatinine', 1.1],
      ['egfr', 60],
    ]);
  });

  it.each([
    ['a panel with members', { hasMember: [{ reference: 'Observation/x' }] }],
    [
      'a panel with components of codes we do not know',
      { component: [{ code: loinc('9-9'), valueQuantity: quantity(1) }] },
    ],
  ])('%s has no value of its own to miss', (_, more) => {
    const result = read([patient, observation(more)]);
    expect(result.chart.labs).toEqual([]);
    expect(codesOf(result)).toEqual([]);
  });

  it('a panel without a code of ours does not hide its member, which is another resource', () => {
    const result = read([
      patient,
      observation({ id: 'p', code: loinc('24323-8'), hasMember: [{ reference: 'Observation/o' }] }),
      observation({ valueQuantity: quantity(1) }),
    ]);
    expect(only(result.chart.labs)).toMatchObject({ reference: 'Observation/o', value: 1 });
  });

  it('a component with a dataAbsentReason is a result that is not used', () => {
    const { lab, codes } = readLab({
      code: loinc('85354-9'),
      component: [{ code: loinc('8480-6'), dataAbsentReason: { coding: [{ code: 'unknown' }] } }],
    });
    expect(lab.used).toBe(false);
    expect(codes).toEqual(['value-absent']);
  });
});

describe('the status of a result', () => {
  it.each([['final'], ['amended'], ['corrected'], ['appended']])('%s is used without a flag', (status) => {
    const { lab, codes } = readLab({ status, valueQuantity: quantity(1) });
    expect(lab).toMatchObject({ used: true, why: null });
    expect(codes).toEqual([]);
  });

  it.each([['entered-in-error'], ['cancelled'], ['registered']])('%s is not used', (status) => {
    const { lab, codes } = readLab({ status, valueQuantity: quantity(1) });
    expect(lab).toMatchObject({ used: false, value: null });
    expect(lab.why).toContain(status);
    expect(codes).toEqual(['value-withdrawn']);
  });

  it.each([['preliminary'], ['unknown'], ['partial'], [undefined], [null], [7], ['']])(
    '%j is used and flagged',
    (status) => {
      const { lab, codes } = readLab({ status, valueQuantity: quantity(1) });
      expect(lab).toMatchObject({ used: true, value: 1 });
      expect(lab.why).toMatch(/status/);
      expect(codes).toEqual(['value-preliminary']);
    },
  );

  it('entered-in-error withdraws every component too', () => {
    const { lab } = readLab({
      status: 'entered-in-error',
      code: loinc('85354-9'),
      component: [{ code: loinc('8480-6'), valueQuantity: quantity(120, 'mm[Hg]') }],
    });
    expect(lab.used).toBe(false);
  });
});

describe('the time of a result', () => {
  const none = { effectiveDateTime: undefined };
  it.each([
    ['effectiveDateTime', { effectiveDateTime: '2026-01-30', issued: '2026-01-31T00:00:00Z' }, '2026-01-30'],
    ['effectiveInstant', { ...none, effectiveInstant: '2026-01-30T01:00:00Z' }, '2026-01-30T01:00:00Z'],
    [
      'the end of effectivePeriod',
      {
        ...none,
        effectivePeriod: { start: '2026-01-01', end: '2026-01-29' },
        issued: '2026-01-31T00:00:00Z',
      },
      '2026-01-29',
    ],
    [
      'issued after a period without an end',
      { ...none, effectivePeriod: { start: '2026-01-01' }, issued: '2026-01-28T00:00:00Z' },
      '2026-01-28T00:00:00Z',
    ],
    ['issued', { ...none, issued: '2026-01-28T00:00:00Z' }, '2026-01-28T00:00:00Z'],
    [
      'issued after a date that is none',
      { effectiveDateTime: '2026-02-30', issued: '2026-01-28T00:00:00Z' },
      '2026-01-28T00:00:00Z',
    ],
  ])('is %s', (_, given, time) => {
    const { lab } = readLab({ valueQuantity: quantity(1), ...given });
    expect(lab).toMatchObject({ used: true, time });
  });

  it.each([
    ['no time', none],
    ['a date that is none', { effectiveDateTime: '2026-02-30T10:00:00Z' }],
    ['a text', { effectiveDateTime: 'last week' }],
    ['a start alone', { ...none, effectivePeriod: { start: '2026-01-01' } }],
  ])('%s: it is never recent, so not used', (_, given) => {
    const { lab, codes } = readLab({ valueQuantity: quantity(1), ...given });
    expect(lab).toMatchObject({ used: false, time: null, span: null });
    expect(codes).toEqual(['lab-undated']);
  });

  it.each([
    ['2026-01-31T12:00:00Z', true, 'now'],
    ['2026-01-31T12:05:00Z', true, '5 minutes from now'],
    ['2026-01-31T12:05:01Z', false, '5 minutes and 1 second from now'],
    ['2026-01-31T13:04:00+01:00', true, '4 minutes from now by its offset'],
    ['2026-01-31T11:30:00-01:00', false, '30 minutes from now by its offset'],
    ['2026-01-31', true, 'today'],
    ['2026-01', true, 'this month'],
    ['2026', true, 'this year'],
    ['2026-02-01', true, 'tomorrow, which has begun somewhere on earth'],
    ['2026-02', true, 'next month, which has begun somewhere on earth'],
    ['2026-02-01T00:00:00Z', false, 'midnight, 12 hours from now'],
    ['2026-02-02', false, 'the day after tomorrow, which has begun nowhere'],
    ['2027', false, 'next year'],
    ['2026-03', false, 'the month after next'],
  ])('%s is used: %s (%s)', (effectiveDateTime, used) => {
    const { lab, codes } = readLab({ valueQuantity: quantity(1), effectiveDateTime });
    expect(lab.used).toBe(used);
    expect(codes).toEqual(used ? [] : ['lab-in-future']);
  });
});

describe('a reported eGFR', () => {
  const egfr = (code: string): { lab: Lab; codes: string[] } =>
    readLab({ code: loinc(code), valueQuantity: quantity(55, 'mL/min/{1.73_m2}') });
  it.each([['48642-3'], ['48643-1'], ['88293-6'], ['88294-4']])(
    '%s is race-based: not used, with a notice',
    (code) => {
      const { lab, codes } = egfr(code);
      expect(lab).toMatchObject({ raceBased: true, used: false });
      expect(codes).toEqual(['egfr-recomputed']);
    },
  );
  it.each([
    ['98979-8', 'CKD-EPI 2021'],
    ['62238-1', 'CKD-EPI 2009'],
    ['33914-3', 'MDRD'],
  ])('%s is used, and its equation is %s', (code, method) => {
    const { lab, codes } = egfr(code);
    expect(lab).toMatchObject({ used: true, value: 55, method });
    expect(lab.raceBased).toBeUndefined();
    expect(codes).toEqual([]);
  });
  it('in mL/min is not used: it is another quantity', () => {
    expect(readLab({ code: loinc('98979-8'), valueQuantity: quantity(55, 'mL/min') }).codes).toEqual([
      'unit-unknown',
    ]);
  });
});

describe("the laboratory's own lower limit", () => {
  const limit = (...referenceRange: unknown[]): number | undefined =>
    readLab({ code: loinc('19123-9'), valueQuantity: quantity(1.5), referenceRange }).lab.lowerLimit;
  const normal = { coding: [{ code: 'normal' }] };
  const recommended = { coding: [{ code: 'recommended' }] };
  it.each([
    ['1.6 mg/dL', [{ low: quantity(1.6) }], 1.6],
    ['1.6 mg/dL of type normal', [{ low: quantity(1.6), type: normal }], 1.6],
    ['16 mg/L', [{ low: quantity(16, 'mg/L') }], 1.6],
    ['a high limit beside it', [{ low: quantity(1.6), high: quantity(2.6) }], 1.6],
    [
      'a recommended range beside it',
      [{ low: quantity(1.6) }, { low: quantity(1.9), type: recommended }],
      1.6,
    ],
    ['a range of a high limit alone beside it', [{ low: quantity(1.6) }, { high: quantity(9) }], 1.6],
  ])('is read from %s', (_, ranges, expected) => {
    expect(limit(...ranges)).toBe(expected);
  });
  it('is 1.7014 mg/dL for 0.7 mmol/L', () => {
    expect(limit({ low: quantity(0.7, 'mmol/L') })).toBeCloseTo(1.70135, 10);
  });
  it.each([
    ['without a unit', [{ low: { value: 1.6 } }]],
    ['in a unit not understood', [{ low: { value: 1.6, unit: 'Mg/dl' } }]],
    ['as text alone', [{ text: '1.6 - 2.6 mg/dL' }]],
    ['as a string', [{ low: quantity('1.6') }]],
    ['in 2 normal ranges', [{ low: quantity(1.6) }, { low: quantity(1.7), type: normal }]],
    ['as a high limit alone', [{ high: quantity(2.6) }]],
    ['as a recommended range alone', [{ low: quantity(1.9), type: recommended }]],
    ['as nonsense', [7, null, { low: 'x' }]],
  ])('is not known when given %s', (_, ranges) => {
    expect(limit(...ranges)).toBeUndefined();
  });
});

describe('2 results of one test at one time', () => {
  const result = (id: string, value: number, more: Resource = {}): Resource =>
    observation({ id, valueQuantity: quantity(value), ...more });
  it('that differ are a notice, and the same one wins in either order', () => {
    const [a, b] = [result('a', 1.0), result('b', 2.0)];
    for (const order of [
      [a, b],
      [b, a],
    ]) {
      const { chart, notices } = read([patient, ...order]);
      expect(notices.map(({ code }) => code)).toEqual(['lab-conflict']);
      expect(notices[0]?.message).toContain('Observation/b is used');
      const [first, second] = chart.labs;
      if (!first || !second) throw new Error('expected 2 results');
      expect(newestOfTie(first, second).reference).toBe('Observation/b');
    }
  });
  it.each([
    ['the same value', result('b', 1.0)],
    ['the same value in another unit', result('b', 10, { valueQuantity: quantity(10, 'mg/L') })],
    ['another time', result('b', 2, { effectiveDateTime: '2026-01-31T08:00:01Z' })],
    ['another test', result('b', 2, { code: loinc('19123-9') })],
    ['a status that withdraws it', result('b', 2, { status: 'cancelled' })],
  ])('with %s are no conflict', (_, other) => {
    expect(codesOf(read([patient, result('a', 1.0), other]))).not.toContain('lab-conflict');
  });
  it('of which one is `0.5` and the other `< 0.5` are a notice', () => {
    const oneSided = result('b', 0.5, { valueQuantity: { ...quantity(0.5), comparator: '<' } });
    expect(codesOf(read([patient, result('a', 0.5), oneSided]))).toEqual(['value-one-sided', 'lab-conflict']);
  });
});

describe('whether laboratory data came', () => {
  const weight = observation({ id: 'w', code: loinc('29463-7'), valueQuantity: quantity(70, 'kg') });
  const labsOf = (...resources: Resource[]): string => read([patient, ...resources]).chart.completeness.labs;
  it.each([
    ['1 creatinine', [observation({ valueQuantity: quantity(1) })], 'known'],
    ['1 weight', [weight], 'absent'],
    ['nothing', [], 'absent'],
    ['1 creatinine that is not used', [observation({ status: 'cancelled' })], 'known'],
    [
      '1 glucose of category laboratory',
      [observation({ code: loinc('2345-7'), category: [{ coding: [{ code: 'laboratory' }] }] })],
      'known',
    ],
    [
      '1 glucose of category laboratory that is an object',
      [observation({ code: loinc('2345-7'), category: { coding: { code: 'laboratory' } } })],
      'known',
    ],
    ['1 glucose without a category', [observation({ code: loinc('2345-7') })], 'absent'],
  ] as const)('%s', (_, resources, expected) => {
    expect(labsOf(...resources)).toBe(expected);
  });

  it.each([
    [
      'an error instead of the labs beside 1 creatinine',
      'partial',
      {
        labs: { resourceType: 'OperationOutcome', issue: [{ severity: 'error' }] },
        x: observation({ valueQuantity: quantity(1) }),
      },
    ],
    [
      'an error instead of the labs beside 1 weight',
      'absent',
      { labs: { resourceType: 'OperationOutcome', issue: [{ severity: 'error' }] }, x: weight },
    ],
    [
      '1 creatinine with a modifierExtension beside another',
      'partial',
      {
        a: observation({ id: 'm', modifierExtension: [{ url: 'x' }] }),
        b: observation({ valueQuantity: quantity(1) }),
      },
    ],
    ['1 creatinine', 'known', { a: observation({ valueQuantity: quantity(1) }) }],
  ] as const)('%s: %s', (_, expected, prefetch) => {
    const intake = intakeOfHook('patient-view', { patientId: '1', userId: 'Practitioner/1' }, prefetch);
    expect(buildChart(intake, at).chart.completeness.labs).toBe(expected);
  });
});

// --- Medications -------------------------------------------------------------------------------------------

const furosemide = { coding: [{ system: rxnorm, code: '4603' }] };
const request = (more: Resource): Resource => ({
  resourceType: 'MedicationRequest',
  id: 'm',
  status: 'active',
  intent: 'order',
  subject,
  ...more,
});
const statement = (more: Resource): Resource => ({
  resourceType: 'MedicationStatement',
  id: 'm',
  status: 'active',
  subject,
  ...more,
});
const readMedication = (
  resource: Resource,
  others: readonly Resource[] = [],
): { medication: Medication; codes: string[] } => {
  const result = read([patient, resource, ...others]);
  return { medication: only(result.chart.medications), codes: codesOf(result) };
};
const names = ({ ingredients }: Medication): string[] => ingredients.map(({ name }) => name);

describe('what a medication is', () => {
  const sibling: Resource = { resourceType: 'Medication', id: 'x', code: furosemide };
  it.each([
    ['medicationCodeableConcept', { medicationCodeableConcept: furosemide }],
    [
      'medicationReference to a contained resource',
      { contained: [sibling], medicationReference: { reference: '#x' } },
    ],
    ['R5 medication.concept', { medication: { concept: furosemide } }],
    [
      'R5 medication.reference to a contained resource',
      { contained: [sibling], medication: { reference: { reference: '#x' } } },
    ],
    [
      'contained that is an object and not a list',
      { contained: sibling, medicationReference: { reference: '#x' } },
    ],
  ])('is read from %s', (_, more) => {
    const { medication, codes } = readMedication(request(more));
    expect(names(medication)).toEqual(['furosemide']);
    expect(medication.resolvedBy).toBe('rxnorm-ingredient');
    expect(medication.codes).toEqual([{ system: rxnorm, code: '4603' }]);
    expect(codes).toEqual([]);
  });

  it.each([
    ['relative', 'Medication/x', { resource: sibling }],
    ['relative with a version', 'Medication/x/_history/3', { resource: sibling }],
    ['absolute', 'https://ehr.example/fhir/Medication/x', { resource: sibling }],
    [
      'absolute to a fullUrl',
      'https://ehr.example/fhir/Medication/x',
      { fullUrl: 'https://ehr.example/fhir/Medication/x', resource: { ...sibling, id: undefined } },
    ],
    [
      'relative to a fullUrl',
      'Medication/x',
      { fullUrl: 'https://ehr.example/fhir/Medication/x', resource: { ...sibling, id: undefined } },
    ],
    ['urn:uuid', 'urn:uuid:0000-9', { fullUrl: 'urn:uuid:0000-9', resource: { ...sibling, id: undefined } }],
    [
      'urn:uuid to a Medication with an id',
      'urn:uuid:0000-9',
      { fullUrl: 'urn:uuid:0000-9', resource: sibling },
    ],
  ])('is read from a sibling entry by a reference that is %s, R4 and R5', (_, reference, entry) => {
    for (const more of [
      { medicationReference: { reference } },
      { medication: { reference: { reference } } },
    ]) {
      const intake = intakeOfBundle(
        { resourceType: 'Bundle', entry: [{ resource: request(more) }, entry] },
        null,
      );
      expect(names(only(buildChart(intake, at).chart.medications))).toEqual(['furosemide']);
    }
  });

  it('is read from the Medication beside a draft order (Epic)', () => {
    const draftOrders = {
      entry: [
        { resource: request({ status: 'draft', medicationReference: { reference: 'Medication/x' } }) },
        { resource: sibling },
      ],
    };
    const intake = intakeOfHook(
      'order-sign',
      { patientId: '1', userId: 'Practitioner/1', draftOrders },
      { patient },
    );
    const { chart, notices } = buildChart(intake, at);
    expect(only(chart.medications)).toMatchObject({
      role: 'ordered',
      selected: true,
      ingredients: [{ name: 'furosemide' }],
    });
    expect(notices).toEqual([]);
  });

  it('is read from the display of a reference that leads nowhere, `FUROSEMIDE 40 MG PO TABS`', () => {
    const { medication, codes } = readMedication(
      request({ medicationReference: { reference: 'Medication/gone', display: 'FUROSEMIDE 40 MG PO TABS' } }),
    );
    expect(medication).toMatchObject({ resolvedBy: 'name', route: 'oral', codes: [] });
    expect(names(medication)).toEqual(['furosemide']);
    expect(codes).toEqual([]);
  });

  it.each([
    [
      'a reference that leads nowhere',
      { medicationReference: { reference: 'Medication/gone' } },
      ['medication-reference', 'drug-unresolved'],
    ],
    [
      'a contained reference that leads nowhere',
      { medicationReference: { reference: '#gone' } },
      ['medication-reference', 'drug-unresolved'],
    ],
    [
      'a reference that leads nowhere with a display we cannot read',
      { medicationReference: { reference: 'Medication/gone', display: 'study drug A' } },
      ['medication-reference', 'drug-unresolved'],
    ],
    ['no medication at all (the sandbox before a drug is picked)', {}, ['drug-unresolved']],
    [
      'a reference without a reference',
      { medicationReference: { identifier: { value: '7' } } },
      ['drug-unresolved'],
    ],
    [
      'a code of no system we know',
      { medicationCodeableConcept: { coding: [{ system: 'urn:x', code: 'A7' }] } },
      ['drug-unresolved'],
    ],
    [
      'a text that names no drug',
      { medicationCodeableConcept: { text: 'the small white ones' } },
      ['drug-unresolved'],
    ],
  ])('is unresolved for %s, with a notice', (_, more, expected) => {
    const { medication, codes } = readMedication(request(more));
    expect(medication).toMatchObject({ role: 'active', resolvedBy: 'unresolved', ingredients: [] });
    expect(codes).toEqual(expected);
  });

  it('is resolved by RxNorm although its coding is the 4th of 6 (Epic)', () => {
    const coding = ['urn:a', 'urn:b', 'urn:c', rxnorm, 'urn:d', rxnorm].map((system) => ({
      system,
      code: '4603',
    }));
    expect(names(readMedication(request({ medicationCodeableConcept: { coding } })).medication)).toEqual([
      'furosemide',
    ]);
  });

  it('is resolved by a product index where there is one', () => {
    const resource = request({
      medicationCodeableConcept: { coding: [{ system: rxnorm, code: '999999999' }] },
    });
    expect(only(read([patient, resource]).chart.medications).resolvedBy).toBe('unresolved');
    const products = indexOf({
      999999999: [
        ['4603', 'furosemide'],
        ['7646', 'omeprazole'],
      ],
    });
    const medication = only(read([patient, resource], products).chart.medications);
    expect(medication.resolvedBy).toBe('product-index');
    expect(names(medication)).toEqual(['furosemide', 'omeprazole']);
  });

  it('keeps no text of its own: `esomeprazole magnesium` is esomeprazole and no magnesium', () => {
    const { medication } = readMedication(
      request({ medicationCodeableConcept: { text: 'esomeprazole magnesium 20 MG Oral Capsule' } }),
    );
    expect(names(medication)).toEqual(['esomeprazole']);
  });
});

describe('whether a medication is taken', () => {
  const drug = { medicationCodeableConcept: furosemide };
  const period = (end: string): Resource => ({ effectivePeriod: { start: '2025-01-01', end } });
  const bounds = (end: string): Resource => ({
    dosageInstruction: [{ timing: { repeat: { boundsPeriod: { start: '2025-01-01', end } } } }],
  });
  const cases: readonly { name: string; resource: Resource; role: Medication['role']; codes?: string[] }[] = [
    { name: 'request active', resource: request({}), role: 'active' },
    { name: 'request on-hold', resource: request({ status: 'on-hold' }), role: 'inactive' },
    { name: 'request completed', resource: request({ status: 'completed' }), role: 'inactive' },
    { name: 'request stopped', resource: request({ status: 'stopped' }), role: 'inactive' },
    { name: 'request cancelled', resource: request({ status: 'cancelled' }), role: 'inactive' },
    { name: 'request ended (R5)', resource: request({ status: 'ended' }), role: 'inactive' },
    {
      name: 'request unknown',
      resource: request({ status: 'unknown' }),
      role: 'active',
      codes: ['medication-status'],
    },
    {
      name: 'request without a status',
      resource: request({ status: undefined }),
      role: 'active',
      codes: ['medication-status'],
    },
    {
      name: 'request with a status nobody has heard of',
      resource: request({ status: 'ongoing' }),
      role: 'active',
      codes: ['medication-status'],
    },
    { name: 'request with intent plan', resource: request({ intent: 'plan' }), role: 'active' },
    { name: 'request without an intent', resource: request({ intent: undefined }), role: 'active' },
    {
      name: 'request with intent proposal',
      resource: request({ intent: 'proposal' }),
      role: 'inactive',
      codes: ['medication-not-counted'],
    },
    {
      name: 'request with intent option',
      resource: request({ intent: 'option' }),
      role: 'inactive',
      codes: ['medication-not-counted'],
    },
    {
      name: 'request marked doNotPerform',
      resource: request({ doNotPerform: true }),
      role: 'inactive',
      codes: ['medication-not-counted'],
    },
    { name: 'request with doNotPerform false', resource: request({ doNotPerform: false }), role: 'active' },
    {
      name: 'request until yesterday',
      resource: request(bounds('2026-01-30')),
      role: 'inactive',
      codes: ['medication-not-counted'],
    },
    { name: 'request until today', resource: request(bounds('2026-01-31')), role: 'active' },
    { name: 'request until this month', resource: request(bounds('2026-01')), role: 'active' },
    { name: 'draft order', resource: request({ status: 'draft' }), role: 'ordered' },
    {
      name: 'draft order marked doNotPerform',
      resource: request({ status: 'draft', doNotPerform: true }),
      role: 'inactive',
      codes: ['medication-not-counted'],
    },
    {
      name: 'draft order that is a proposal',
      resource: request({ status: 'draft', intent: 'proposal' }),
      role: 'ordered',
    },
    { name: 'statement active', resource: statement({}), role: 'active' },
    { name: 'statement intended', resource: statement({ status: 'intended' }), role: 'active' },
    { name: 'statement recorded (R5)', resource: statement({ status: 'recorded' }), role: 'active' },
    { name: 'statement completed', resource: statement({ status: 'completed' }), role: 'inactive' },
    { name: 'statement stopped', resource: statement({ status: 'stopped' }), role: 'inactive' },
    { name: 'statement on-hold', resource: statement({ status: 'on-hold' }), role: 'inactive' },
    { name: 'statement not-taken', resource: statement({ status: 'not-taken' }), role: 'inactive' },
    {
      name: 'statement unknown',
      resource: statement({ status: 'unknown' }),
      role: 'active',
      codes: ['medication-status'],
    },
    {
      name: 'statement without a status',
      resource: statement({ status: undefined }),
      role: 'active',
      codes: ['medication-status'],
    },
    {
      name: 'statement recorded with adherence not-taking (R5)',
      resource: statement({ status: 'recorded', adherence: { code: { coding: [{ code: 'not-taking' }] } } }),
      role: 'inactive',
    },
    {
      name: 'statement recorded with adherence taking (R5)',
      resource: statement({ status: 'recorded', adherence: { code: { coding: [{ code: 'taking' }] } } }),
      role: 'active',
    },
    {
      name: 'statement until yesterday',
      resource: statement(period('2026-01-30')),
      role: 'inactive',
      codes: ['medication-not-counted'],
    },
    {
      name: 'statement until an hour ago',
      resource: statement(period('2026-01-31T11:00:00Z')),
      role: 'inactive',
      codes: ['medication-not-counted'],
    },
    { name: 'statement until today', resource: statement(period('2026-01-31')), role: 'active' },
    { name: 'statement until this year', resource: statement(period('2026')), role: 'active' },
    {
      name: 'statement until 2025',
      resource: statement(period('2025')),
      role: 'inactive',
      codes: ['medication-not-counted'],
    },
    { name: 'statement until a date that is none', resource: statement(period('never')), role: 'active' },
  ];
  it.each(cases)('$name is $role', ({ resource, role, codes }) => {
    const result = readMedication({ ...resource, ...drug });
    expect(result.medication.role).toBe(role);
    expect(result.codes).toEqual(codes ?? []);
    expect(result.medication.why === null).toBe(role !== 'inactive' && !codes);
  });

  it.each([['MedicationRequest'], ['MedicationStatement']])(
    '%s entered-in-error is not on the chart',
    (resourceType) => {
      expect(
        read([patient, request({ ...drug, resourceType, status: 'entered-in-error' })]).chart.medications,
      ).toEqual([]);
    },
  );

  it.each([['active'], ['on-hold'], [undefined]])(
    'in draftOrders a request with status %s is ordered (re-sign)',
    (status) => {
      const draftOrders = { entry: [{ resource: request({ ...drug, status }) }] };
      const intake = intakeOfHook(
        'order-sign',
        { patientId: '1', userId: 'Practitioner/1', draftOrders },
        { patient },
      );
      expect(only(buildChart(intake, at).chart.medications)).toMatchObject({
        role: 'ordered',
        selected: true,
      });
    },
  );

  it.each([['entered-in-error'], ['cancelled'], ['stopped'], ['completed']])(
    'in draftOrders a request with status %s is no order, with a notice',
    (status) => {
      const draftOrders = { entry: [{ resource: request({ ...drug, status }) }] };
      const intake = intakeOfHook(
        'order-sign',
        { patientId: '1', userId: 'Practitioner/1', draftOrders },
        { patient },
      );
      const { chart, notices } = buildChart(intake, at);
      expect(only(chart.medications)).toMatchObject({ role: 'inactive', selected: false });
      expect(notices.map(({ code }) => code)).toEqual(['medication-not-counted']);
    },
  );

  it('a draft request in the prefetch is neither taken nor ordered', () => {
    const intake = intakeOfHook(
      'patient-view',
      { patientId: '1', userId: 'Practitioner/1' },
      { patient, medicationRequests: request({ ...drug, status: 'draft' }) },
    );
    expect(only(buildChart(intake, at).chart.medications).role).toBe('inactive');
  });
});

describe('the route and the start of a medication', () => {
  const drug = { medicationCodeableConcept: furosemide };
  it.each([
    [
      'a SNOMED code',
      { dosageInstruction: [{ route: { coding: [{ system: snomed, code: '26643006' }] } }] },
      'oral',
    ],
    ['R5 `dosage` of a statement', { dosage: [{ route: { text: 'IV' } }] }, 'parenteral'],
    ['the 2nd dosage', { dosageInstruction: [{ text: 'x' }, { route: { text: 'oral' } }] }, 'oral'],
    ['nothing', {}, null],
  ])('route from %s', (_, more, route) => {
    expect(readMedication(request({ ...drug, ...more })).medication.route).toBe(route);
  });

  it('the dosage goes before the dose form in the name', () => {
    const more = {
      medicationCodeableConcept: { text: 'furosemide 40 MG Oral Tablet' },
      dosageInstruction: [{ route: { text: 'intravenous' } }],
    };
    expect(readMedication(request(more)).medication.route).toBe('parenteral');
  });

  it.each([
    [
      'effectivePeriod.start',
      statement({ effectivePeriod: { start: '2025-03' }, dateAsserted: '2026-01-01' }),
      '2025-03-01T00:00:00.000Z',
    ],
    [
      'effectiveDateTime',
      statement({ effectiveDateTime: '2025-04-01', dateAsserted: '2026-01-01' }),
      '2025-04-01T00:00:00.000Z',
    ],
    [
      'boundsPeriod.start before authoredOn',
      request({
        authoredOn: '2026-01-01',
        dosageInstruction: [{ timing: { repeat: { boundsPeriod: { start: '2025-05-01' } } } }],
      }),
      '2025-05-01T00:00:00.000Z',
    ],
    ['authoredOn', request({ authoredOn: '2025-06-01' }), '2025-06-01T00:00:00.000Z'],
    ['dateAsserted', statement({ dateAsserted: '2025-07-01' }), '2025-07-01T00:00:00.000Z'],
  ])('start from %s', (_, resource, from) => {
    const { started } = readMedication({ ...resource, ...drug }).medication;
    expect(started && new Date(started.from).toISOString()).toBe(from);
  });

  it('an infusion rate without a route makes the order parenteral', () => {
    const more = {
      status: 'draft',
      dosageInstruction: [{ doseAndRate: [{ rateQuantity: quantity(1, 'g/h') }] }],
    };
    expect(readMedication(request({ ...drug, ...more })).medication).toMatchObject({
      route: 'parenteral',
      dosing: { instructions: [{ perHour: [{ value: 1, unit: 'g' }] }] },
    });
  });

  it('therapy has its dose too, and a rate of 1 g/h does not make it parenteral', () => {
    const more = { dosageInstruction: [{ doseAndRate: [{ rateQuantity: quantity(1, 'g/h') }] }] };
    const { medication } = readMedication(request({ ...drug, ...more }));
    expect(medication.dosing).toEqual({ instructions: [{ perHour: [{ value: 1, unit: 'g' }] }] });
    expect(medication.route).toBeNull();
  });
});

// --- Conditions, allergies, orders, encounter, patient -----------------------------------------------------

describe('a condition', () => {
  const status = (code: string): Resource => ({ coding: [{ code }] });
  const condition = (more: Resource): Resource => ({
    resourceType: 'Condition',
    id: 'c',
    subject,
    code: { coding: [{ system: snomed, code: '91637004' }] },
    clinicalStatus: status('active'),
    verificationStatus: status('confirmed'),
    ...more,
  });
  const cases: readonly { name: string; more: Resource; is: [string, boolean] | null; codes?: string[] }[] = [
    { name: 'active and confirmed', more: {}, is: ['active', true] },
    { name: 'recurrence', more: { clinicalStatus: status('recurrence') }, is: ['active', true] },
    { name: 'relapse', more: { clinicalStatus: status('relapse') }, is: ['active', true] },
    { name: 'inactive', more: { clinicalStatus: status('inactive') }, is: ['inactive', true] },
    { name: 'remission', more: { clinicalStatus: status('remission') }, is: ['inactive', true] },
    { name: 'resolved', more: { clinicalStatus: status('resolved') }, is: ['inactive', true] },
    {
      name: 'a clinical status as a bare code',
      more: { clinicalStatus: 'resolved' },
      is: ['inactive', true],
    },
    {
      name: 'without a clinical status',
      more: { clinicalStatus: undefined },
      is: ['active', true],
      codes: ['condition-status'],
    },
    {
      name: 'with a clinical status nobody has heard of',
      more: { clinicalStatus: status('x') },
      is: ['active', true],
      codes: ['condition-status'],
    },
    { name: 'without a verification status', more: { verificationStatus: undefined }, is: ['active', true] },
    {
      name: 'unconfirmed',
      more: { verificationStatus: status('unconfirmed') },
      is: ['active', false],
      codes: ['condition-status'],
    },
    {
      name: 'provisional',
      more: { verificationStatus: status('provisional') },
      is: ['active', false],
      codes: ['condition-status'],
    },
    {
      name: 'differential',
      more: { verificationStatus: status('differential') },
      is: ['active', false],
      codes: ['condition-status'],
    },
    { name: 'refuted', more: { verificationStatus: status('refuted') }, is: null },
    { name: 'entered-in-error', more: { verificationStatus: status('entered-in-error') }, is: null },
    { name: 'abated yesterday', more: { abatementDateTime: '2026-01-30' }, is: ['inactive', true] },
    {
      name: 'abated without a clinical status',
      more: { clinicalStatus: undefined, abatementDateTime: '2025' },
      is: ['inactive', true],
    },
    { name: 'abating today', more: { abatementDateTime: '2026-01-31' }, is: ['active', true] },
    {
      name: 'in a period that ended',
      more: { abatementPeriod: { start: '2025-01-01', end: '2025-12-31' } },
      is: ['inactive', true],
    },
    { name: 'beginning in 2027', more: { onsetDateTime: '2027' }, is: null, codes: ['condition-status'] },
    { name: 'beginning today', more: { onsetDateTime: '2026-01-31' }, is: ['active', true] },
    {
      name: 'by text alone, the name of a code',
      more: { code: { text: 'Myasthenia gravis' } },
      is: ['active', true],
      codes: ['condition-uncoded'],
    },
    {
      name: 'by text alone, no name of a code',
      more: { code: { text: 'no myasthenia gravis' } },
      is: null,
      codes: ['condition-uncoded'],
    },
    { name: 'without a code', more: { code: undefined }, is: null, codes: ['condition-uncoded'] },
    {
      name: 'with a code of no group',
      more: { code: { coding: [{ system: snomed, code: '1' }] } },
      is: null,
    },
  ];
  it.each(cases)('$name', ({ more, is, codes }) => {
    const result = read([patient, condition(more)]);
    const found = result.chart.conditions.map(({ groups, ...rest }) => [groups, rest.status, rest.confirmed]);
    expect(found).toEqual(is ? [[['myasthenia-gravis'], ...is]] : []);
    expect(result.chart.completeness.conditions).toBe('known');
    // Found by its name, a condition of ours needs no notice that nothing can use it.
    const expected = is && codes?.[0] === 'condition-uncoded' ? [] : (codes ?? []);
    expect(codesOf(result)).toEqual(expected);
  });

  it.each([
    ['onsetDateTime', { onsetDateTime: '2025-03', recordedDate: '2026-01-01' }, '2025-03-01'],
    ['onsetPeriod.start', { onsetPeriod: { start: '2025-04-01' }, recordedDate: '2026-01-01' }, '2025-04-01'],
    ['recordedDate', { recordedDate: '2025-05-01' }, '2025-05-01'],
  ])('has its onset from %s', (_, more, from) => {
    const { onset } = only(read([patient, condition(more)]).chart.conditions);
    expect(onset && new Date(onset.from).toISOString().slice(0, 10)).toBe(from);
  });
});

describe('an allergy', () => {
  const allergy = (more: Resource): Resource => ({
    resourceType: 'AllergyIntolerance',
    id: 'a',
    patient: subject,
    code: { coding: [{ system: rxnorm, code: '2551' }] },
    ...more,
  });
  const status = (code: string): Resource => ({ coding: [{ code }] });
  it.each([
    ['without a status', {}, 'active'],
    ['active', { clinicalStatus: status('active') }, 'active'],
    ['resolved', { clinicalStatus: status('resolved') }, 'inactive'],
    ['inactive', { clinicalStatus: status('inactive') }, 'inactive'],
    ['unconfirmed', { verificationStatus: status('unconfirmed') }, 'active'],
  ])('%s is on the chart', (_, more, expected) => {
    expect(only(read([patient, allergy(more)]).chart.allergies)).toMatchObject({
      reference: 'AllergyIntolerance/a',
      ingredients: [{ name: 'ciprofloxacin', rxnorm: '2551' }],
      status: expected,
    });
  });
  it.each([
    ['refuted', { verificationStatus: status('refuted') }],
    ['entered-in-error', { verificationStatus: status('entered-in-error') }],
    ['to peanuts, of category food,', { code: { text: 'peanuts' }, category: ['food'] }],
    ['of nobody to any drug', { code: { coding: [{ system: snomed, code: '409137002' }] } }],
  ])('%s is not, and the allergies are known', (_, more) => {
    const { chart } = read([patient, allergy(more)]);
    expect(chart.allergies).toEqual([]);
    expect(chart.completeness.allergies).toBe('known');
  });
});

describe('an allergy that matches no ingredient', () => {
  it('may be to any drug: it is kept without ingredients, with a notice', () => {
    const resource = {
      resourceType: 'AllergyIntolerance',
      id: 'a',
      patient: subject,
      code: { text: 'quinolones' },
    };
    const { chart, notices } = read([patient, resource]);
    expect(chart.allergies).toEqual([
      { reference: 'AllergyIntolerance/a', ingredients: [], status: 'active' },
    ]);
    expect(notices).toMatchObject([{ code: 'allergy-unresolved', reference: 'AllergyIntolerance/a' }]);
  });
});

describe('Medication.ingredient', () => {
  const potassium = { coding: [{ system: rxnorm, code: '8591', display: 'potassium chloride' }] };
  const of = (...ingredient: Resource[]): Medication | undefined =>
    read([
      patient,
      {
        resourceType: 'MedicationRequest',
        id: 'm',
        status: 'active',
        subject,
        contained: [{ resourceType: 'Medication', id: 'x', ingredient }],
        medicationReference: { reference: '#x' },
      },
    ]).chart.medications[0];

  it('names the drug where the code does not: R4 itemCodeableConcept and R5 item.concept', () => {
    for (const part of [{ itemCodeableConcept: potassium }, { item: { concept: potassium } }]) {
      expect(of(part)).toMatchObject({
        ingredients: [{ name: 'potassium chloride' }],
        resolvedBy: 'rxnorm-ingredient',
      });
    }
  });
  it('with 1 of 2 parts not recognised counts the other, and stays unresolved', () => {
    expect(
      of({ itemCodeableConcept: potassium }, { itemCodeableConcept: { text: 'a secret' } }),
    ).toMatchObject({
      ingredients: [{ name: 'potassium chloride' }],
      resolvedBy: 'unresolved',
    });
  });
});

describe('a ServiceRequest', () => {
  const service = (more: Resource): Resource => ({
    resourceType: 'ServiceRequest',
    id: 's',
    status: 'draft',
    subject,
    code: loinc('2160-0'),
    ...more,
  });
  const order = {
    reference: 'ServiceRequest/s',
    codes: [{ system: 'http://loinc.org', code: '2160-0' }],
    selected: true,
  };
  it.each([
    ['draft', {}, [order]],
    ['draft with an R5 code', { code: { concept: loinc('2160-0') } }, [order]],
    ['draft without a code', { code: undefined }, [{ ...order, codes: [] }]],
    ['active', { status: 'active' }, []],
    ['draft marked doNotPerform', { doNotPerform: true }, []],
  ])('%s gives the orders expected', (_, more, expected) => {
    expect(read([patient, service(more)]).chart.serviceOrders).toEqual(expected);
  });
});

describe('an encounter', () => {
  const encounter = (more: Resource): Resource => ({
    resourceType: 'Encounter',
    id: 'e',
    status: 'in-progress',
    subject,
    class: { code: 'IMP' },
    period: { start: '2026-01-30T08:00:00Z' },
    ...more,
  });
  const actCode = 'http://terminology.hl7.org/CodeSystem/v3-ActCode';
  it.each([
    ['R4 Coding IMP', { class: { system: actCode, code: 'IMP' } }, 'inpatient'],
    ['R4 Coding ACUTE', { class: { code: 'ACUTE' } }, 'inpatient'],
    ['R4 Coding NONAC', { class: { code: 'NONAC' } }, 'inpatient'],
    ['R4 Coding OBSENC', { class: { code: 'OBSENC' } }, 'inpatient'],
    ['R4 Coding EMER', { class: { code: 'EMER' } }, 'emergency'],
    ['R4 Coding AMB', { class: { code: 'AMB' } }, 'ambulatory'],
    ['R4 Coding HH', { class: { code: 'HH' } }, 'home'],
    ['R4 Coding VR', { class: { code: 'VR' } }, 'virtual'],
    ['R4 Coding nobody has heard of', { class: { code: 'X' } }, null],
    ['R5 list of 1 concept', { class: [{ coding: [{ system: actCode, code: 'EMER' }] }] }, 'emergency'],
    [
      'R5 list of 1 concept with 2 codings',
      { class: [{ coding: [{ code: 'X' }, { code: 'AMB' }] }] },
      'ambulatory',
    ],
    ['R5 list of 2 concepts', { class: [{ coding: [{ code: 'X' }] }, { coding: [{ code: 'HH' }] }] }, 'home'],
    ['DSTU2 text', { class: 'inpatient' }, 'inpatient'],
    ['no class', { class: undefined }, null],
    ['a name that every object has', { class: { code: 'constructor' } }, null],
  ])('with class %s', (_, more, expected) => {
    expect(read([patient, encounter(more)]).chart.encounter).toEqual({
      reference: 'Encounter/e',
      class: expected,
      start: '2026-01-30T08:00:00Z',
    });
  });

  it.each([
    ['finished', { status: 'finished' }],
    ['planned', { status: 'planned' }],
    ['ended an hour ago', { period: { start: '2026-01-30', end: '2026-01-31T11:00:00Z' } }],
    ['beginning tomorrow', { period: { start: '2026-02-01' } }],
  ])('%s is not the current one', (_, more) => {
    const { chart } = read([patient, encounter(more)]);
    expect(chart.encounter).toBeNull();
    expect(chart.completeness.encounter).toBe('known');
  });

  it.each([
    ['`period` of R4', { period: { start: '2026-01-30' } }],
    ['`actualPeriod` of R5', { period: undefined, actualPeriod: { start: '2026-01-30' } }],
  ])('has its start from %s', (_, more) => {
    expect(read([patient, encounter(more)]).chart.encounter?.start).toBe('2026-01-30');
  });

  it('of the context is the one of 2, running or not', () => {
    const encounters = [encounter({}), encounter({ id: 'f', status: 'finished', class: { code: 'AMB' } })];
    const prefetch = {
      encounter: { resourceType: 'Bundle', entry: encounters.map((resource) => ({ resource })) },
    };
    const context = { patientId: '1', userId: 'Practitioner/1', encounterId: 'f' };
    const { chart } = buildChart(intakeOfHook('patient-view', context, prefetch), at);
    expect(chart.encounter).toMatchObject({ reference: 'Encounter/f', class: 'ambulatory' });
  });

  it('of the context that did not come has no class', () => {
    const context = { patientId: '1', userId: 'Practitioner/1', encounterId: 'f' };
    const { chart } = buildChart(intakeOfHook('patient-view', context, { patient }), at);
    expect(chart.encounter).toEqual({ reference: 'Encounter/f', class: null, start: null });
  });
});

describe('the patient', () => {
  it.each([
    ['female, 1960-05-17', {}, { sex: 'female', birthDate: '1960-05-17' }],
    ['male', { gender: 'male' }, { sex: 'male', birthDate: '1960-05-17' }],
    ['other', { gender: 'other' }, { sex: null, birthDate: '1960-05-17' }],
    [
      'born at a time of day',
      { birthDate: '1960-05-17T08:00:00Z' },
      { sex: 'female', birthDate: '1960-05-17' },
    ],
    ['born in 1960', { birthDate: '1960' }, { sex: 'female', birthDate: '1960' }],
    ['born on 30 February', { birthDate: '1960-02-30' }, { sex: 'female', birthDate: null }],
    ['born at a number', { birthDate: 1960 }, { sex: 'female', birthDate: null }],
  ])('%s', (_, more, expected) => {
    const { chart, notices } = read([{ ...patient, ...more }]);
    expect(chart.patient).toEqual({ reference: 'Patient/1', ...expected });
    expect(notices).toEqual([]);
  });

  it('that did not come is a notice', () => {
    const result = read([observation({ valueQuantity: quantity(1) })]);
    expect(result.chart.patient).toEqual({ reference: 'Patient/1', sex: null, birthDate: null });
    expect(codesOf(result)).toEqual(['patient-missing']);
    expect(result.notices[0]?.message).toBe('no Patient resource came: age and sex are unknown');
  });
});

// --- Names and narrative -----------------------------------------------------------------------------------

describe('names and narrative', () => {
  const canary = 'ZZCANARY';
  const planted = new Set(
    'name family given address line telecom text display note div description patientInstruction comment'.split(
      ' ',
    ),
  );
  type Plant = (value: string) => string;
  const everywhere = (value: unknown, plant: Plant): unknown => {
    if (typeof value === 'string') return plant(value);
    if (Array.isArray(value)) return value.map((entry) => everywhere(entry, plant));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, everywhere(inner, plant)]));
  };
  /** Puts the canary into every string under the keys that hold names and narrative, and into identifier values. */
  const plantIn = (value: unknown, plant: Plant, within = ''): unknown => {
    if (Array.isArray(value)) return value.map((entry) => plantIn(entry, plant, within));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]) => {
        const whole = planted.has(key) || (key === 'value' && within === 'identifier');
        return [key, whole ? everywhere(inner, plant) : plantIn(inner, plant, key)];
      }),
    );
  };
  const narrative = { status: 'generated', div: '<div>Jane Doe</div>' };
  const more = {
    text: narrative,
    identifier: [{ system: 'urn:mrn', value: '12345' }],
    note: [{ authorString: 'x', text: 'Jane says' }],
  };
  const concept = (system: string, code: string, display: string): Resource => ({
    coding: [{ system, code, display }],
    text: display,
  });
  const bound = { ...subject, display: 'Jane Doe', identifier: { value: '12345' } };
  const atc = 'http://www.whocc.no/atc';
  const resources: readonly Resource[] = [
    {
      ...patient,
      ...more,
      name: [{ family: 'Doe', given: ['Jane', 'Q'], text: 'Jane Doe' }],
      address: [{ line: ['1 Main St'], city: 'Town', text: 'x' }],
      telecom: [{ system: 'phone', value: '555-0100' }],
      contact: [{ name: { family: 'Doe' }, telecom: [{ value: '555-0101' }] }],
      maritalStatus: { text: 'married' },
    },
    ...[
      { valueQuantity: quantity(1.1) },
      { valueQuantity: { value: 1.1 } },
      { valueQuantity: quantity(1.1, 'furlong') },
      { valueQuantity: quantity(900) },
      { valueQuantity: { ...quantity(1.1), comparator: '<' }, status: 'unknown' },
      { dataAbsentReason: { text: 'Jane refused', coding: [{ display: 'Jane refused' }] } },
      { effectiveDateTime: undefined, valueQuantity: quantity(1.1) },
      { effectiveDateTime: '2027', valueQuantity: quantity(1.1) },
      { code: { text: 'Creatinine' }, valueQuantity: quantity(1.1) },
      {
        code: { coding: [{ system: 'urn:x', code: 'CREA', display: 'Creatinine' }] },
        valueQuantity: quantity(1.1),
      },
      { code: concept('http://loinc.org', '2345-7', 'Glucose') },
      { code: { text: 'Jane' } },
      { code: loinc('48642-3'), valueQuantity: quantity(60, 'mL/min/{1.73_m2}') },
      {
        component: [
          { code: concept('http://loinc.org', '8480-6', 'Systolic'), valueQuantity: quantity(120, 'mm[Hg]') },
        ],
      },
    ].map((given, index) =>
      observation({
        ...more,
        id: `o${index}`,
        subject: bound,
        performer: [{ display: 'Dr Who' }],
        referenceRange: [{ low: quantity(0.5), text: '0.5 to 1.1' }],
        interpretation: [{ text: 'high' }],
        ...given,
      }),
    ),
    ...[
      { medicationCodeableConcept: concept(rxnorm, '4603', 'furosemide') },
      { medicationCodeableConcept: concept(rxnorm, '999999999', 'Furosemide 40 MG Oral Tablet') },
      { medicationCodeableConcept: concept(atc, 'J01CA04', 'amoxicillin') },
      { medicationCodeableConcept: concept(atc, 'N05AH04', 'quetiapine') },
      { medicationCodeableConcept: concept(atc, 'R06AE07', 'cetirizine') },
      { medicationCodeableConcept: concept(snomed, '387525002', 'something else') },
      { medicationCodeableConcept: { text: 'omeprazole 20 MG / naproxen 500 MG Oral Tablet' } },
      { medicationCodeableConcept: { text: 'Naproxen sodium 500 MG Oral Tablet [Aleve]' } },
      { medicationCodeableConcept: { text: 'Metoprolol / Chlorthalidone 50 MG Oral Tablet' } },
      { medicationCodeableConcept: { text: 'Jane Doe takes 2 MG' } },
      { medicationReference: { reference: 'Medication/gone', display: 'FUROSEMIDE 40 MG PO TABS' } },
      { medicationReference: { reference: 'Medication/x', display: 'x' } },
      {
        medicationReference: { reference: '#x', display: 'x' },
        contained: [{ resourceType: 'Medication', id: 'x', code: { text: 'y' } }],
      },
      { status: 'unknown', intent: 'proposal', medicationCodeableConcept: { text: 'z' } },
      { status: 'draft', medicationCodeableConcept: concept(rxnorm, '6585', 'magnesium sulfate') },
      { status: 'draft', medicationCodeableConcept: { text: 'z' } },
    ].map((given, index) =>
      request({
        ...more,
        id: `m${index}`,
        subject: bound,
        requester: { display: 'Dr Who' },
        dosageInstruction: [
          {
            text: 'by mouth',
            patientInstruction: 'with water',
            route: concept(snomed, '26643006', 'Oral'),
            doseAndRate: [{ doseQuantity: quantity(1, 'g'), type: { text: 'ordered' } }],
          },
        ],
        ...given,
      }),
    ),
    {
      resourceType: 'Medication',
      id: 'x',
      ...more,
      code: { text: 'x', coding: [{ system: 'urn:x', code: 'x', display: 'x' }] },
    },
    ...[
      { code: concept(snomed, '91637004', 'Myasthenia gravis'), verificationStatus: { text: 'maybe' } },
      { code: { text: 'Myasthenia gravis' } },
      { code: { text: 'sad' }, clinicalStatus: { text: 'x' } },
      { code: concept(snomed, '77386006', 'Pregnancy'), onsetDateTime: '2027' },
    ].map((given, index) => ({
      resourceType: 'Condition',
      id: `c${index}`,
      ...more,
      subject: bound,
      recorder: { display: 'Dr Who' },
      ...given,
    })),
    ...[
      { code: concept(rxnorm, '2551', 'ciprofloxacin') },
      { code: { text: 'peanuts' } },
      { code: concept(atc, 'J01CA04', 'amoxicillin') },
    ].map((given, index) => ({
      resourceType: 'AllergyIntolerance',
      id: `a${index}`,
      ...more,
      patient: bound,
      reaction: [{ description: 'rash', manifestation: [{ text: 'rash' }], note: [{ text: 'x' }] }],
      ...given,
    })),
    {
      resourceType: 'ServiceRequest',
      id: 's',
      status: 'draft',
      ...more,
      subject: bound,
      code: concept('http://loinc.org', '2160-0', 'Creatinine'),
      patientInstruction: 'fasting',
    },
    {
      resourceType: 'Encounter',
      id: 'e',
      status: 'in-progress',
      ...more,
      subject: bound,
      class: { code: 'IMP', display: 'inpatient' },
      location: [{ location: { display: 'Room 7' } }],
    },
    { resourceType: 'QuestionnaireResponse', id: 'q', ...more },
  ];

  const plants: readonly [string, Plant][] = [
    ['instead of', () => canary],
    ['before', (value) => `${canary} ${value}`],
    ['after', (value) => `${value} ${canary}`],
    ['in the name of a product instead of', () => `${canary} 10 MG Oral Tablet`],
    ['as a salt in the name of a product instead of', () => `${canary} sodium 10 MG Oral Tablet`],
    ['as a part of a product instead of', () => `omeprazole 20 MG / ${canary} 10 MG Oral Tablet [${canary}]`],
  ];
  it.each(plants)('planted %s every name and text are in no chart and no notice', (_, plant) => {
    const withCanary = plantIn(resources, plant);
    if (!Array.isArray(withCanary)) throw new Error('the planter changes no lists');
    const received = JSON.stringify(withCanary);
    expect(received.split(canary).length).toBeGreaterThan(200);
    const bundle = { resourceType: 'Bundle', entry: withCanary.map((resource) => ({ resource })) };
    const intake = intakeOfBundle(bundle, null);
    const { chart, notices } = buildChart(intake, at);
    expect(chart.labs.length).toBeGreaterThan(9);
    expect(chart.medications).toHaveLength(16);
    const kept = JSON.stringify({ chart, notices, noticesOfIntake: intake.notices }).toUpperCase();
    const place = kept.indexOf(canary);
    expect(place < 0 ? '' : kept.slice(Math.max(0, place - 200), place + 50)).toBe('');
  });

  it.each([['2 ZZCANARY'], ['2 ZZCANARY mg'], ['< 2 ZZCANARY'], ['ZZCANARY 2 mg/dL'], ['2 mg/dL ZZCANARY']])(
    'a result that is the text `%s` is not repeated',
    (valueString) => {
      const { chart, notices } = read([patient, observation({ valueString })]);
      expect(JSON.stringify({ chart, notices })).not.toContain(canary);
      expect(only(chart.labs).used).toBe(false);
    },
  );

  it.each([['Jane Doe'], ['Doe, Jane'], ['Jane-Doe'], ['Featherstonehaugh'], ['Jane\nDoe']])(
    'the unit `%s` is not repeated',
    (unit) => {
      const { chart, notices } = read([patient, observation({ valueQuantity: { value: 2, unit } })]);
      expect(notices.map(({ code }) => code)).toEqual(['unit-unknown']);
      expect(JSON.stringify({ chart, notices })).not.toMatch(/Jane|Feather/);
    },
  );

  it.each([['Mg/dl'], ['mg/24.h'], ['mmol/kg'], ['[iU]/L']])(
    'the unit `%s` is repeated, to say what was wrong',
    (unit) => {
      const { notices } = read([patient, observation({ valueQuantity: { value: 2, unit } })]);
      expect(notices[0]?.message).toContain(`\`${unit}\``);
    },
  );

  it('a drug our table knows keeps its name: amoxicillin, which no rule asks for', () => {
    const { medication } = readMedication(
      request({ medicationCodeableConcept: concept(atc, 'J01CA04', 'amoxicillin') }),
    );
    expect(names(medication)).toEqual(['amoxicillin']);
  });
});

describe('reading a chart', () => {
  it('of resources that are nonsense inside never throws, and every resource costs only itself', () => {
    const nonsense = [null, 7, 'x', [], {}, [null], { coding: 7 }, true];
    const fields =
      'code status valueQuantity component effectiveDateTime referenceRange category dosageInstruction medicationCodeableConcept medicationReference medication contained class period clinicalStatus verificationStatus onsetDateTime gender birthDate adherence effectivePeriod meta hasMember doNotPerform'.split(
        ' ',
      );
    const types = [
      'Observation',
      'MedicationRequest',
      'MedicationStatement',
      'Condition',
      'AllergyIntolerance',
      'ServiceRequest',
      'Encounter',
    ];
    for (const resourceType of types) {
      for (const field of fields) {
        for (const value of nonsense) {
          const resource = {
            resourceType,
            id: 'n',
            status: 'draft',
            subject,
            code: loinc('2160-0'),
            [field]: value,
          };
          const { chart } = read([patient, resource, observation({ valueQuantity: quantity(1) })]);
          expect(
            chart.labs.filter(({ used }) => used).map(({ reference }) => reference),
            `${resourceType}.${field}`,
          ).toContain('Observation/o');
        }
      }
    }
  });
});
