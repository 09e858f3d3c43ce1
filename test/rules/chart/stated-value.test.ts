import { describe, expect, it } from 'vitest';
import {
  type ConvertedValue,
  convertStated,
  isComparator,
  lowerLimitOf,
  printableUnitOf,
  readStatedValue,
} from '../../../rules/chart/stated-value.ts';
import type { NoticeCode } from '../../../rules/fhir/notice.ts';
import { type LabCode, labCodeOf } from '../../../rules/terminology/labs.ts';
import { loincCode, quantityOf, readLab, ucum } from '../../support/chart-resources.ts';
import { type Resource, readAll } from '../../support/readings.ts';
import { creatinineResult, quantity } from '../../support/results.ts';

describe('the value of a result', () => {
  const used: readonly {
    name: string;
    given: Resource;
    value: number;
    comparator?: string;
    notices?: string[];
  }[] = [
    { name: '1.1 mg/dL in UCUM', given: { valueQuantity: quantityOf(1.1) }, value: 1.1 },
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
    { name: '11 mg/L', given: { valueQuantity: quantityOf(11, 'mg/L') }, value: 1.1 },
    {
      name: '88.4 umol/L under a molar LOINC code',
      given: { code: loincCode('14682-9'), valueQuantity: quantityOf(88.4, 'umol/L') },
      value: 1,
    },
    {
      name: '88.4 µmol/L with the micro sign',
      given: { code: loincCode('14682-9'), valueQuantity: { value: 88.4, unit: '\u00b5mol/L' } },
      value: 1,
    },
    {
      name: '88.4 μmol/L with the Greek mu',
      given: { code: loincCode('14682-9'), valueQuantity: { value: 88.4, unit: '\u03bcmol/L' } },
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
      given: { valueQuantity: { ...quantityOf(0.5), comparator } },
      value: 0.5,
      comparator,
      notices: ['value-one-sided'],
    })),
    {
      name: '`< 0.01 mg/dL`, below what can be measured',
      given: { valueQuantity: { ...quantityOf(0.01), comparator: '<' } },
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
      given: { valueQuantity: quantityOf('0.9') },
      code: 'value-not-a-number',
    },
    { name: 'NaN', given: { valueQuantity: quantityOf(Number.NaN) }, code: 'value-not-a-number' },
    { name: '`NaN` as a string', given: { valueQuantity: quantityOf('NaN') }, code: 'value-not-a-number' },
    {
      name: 'infinity',
      given: { valueQuantity: quantityOf(Number.POSITIVE_INFINITY) },
      code: 'value-not-a-number',
    },
    { name: 'null', given: { valueQuantity: quantityOf(null) }, code: 'value-not-a-number' },
    { name: 'no number', given: { valueQuantity: { unit: 'mg/dL' } }, code: 'value-not-a-number' },
    {
      name: 'the comparator `ad`',
      given: { valueQuantity: { ...quantityOf(1), comparator: 'ad' } },
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
    {
      name: '1.1 mmol (of no litre)',
      given: { valueQuantity: quantityOf(1.1, 'mmol') },
      code: 'unit-unknown',
    },
    { name: '0.04 mg/dL, below 0.05', given: { valueQuantity: quantityOf(0.04) }, code: 'value-implausible' },
    { name: '60.1 mg/dL, above 60', given: { valueQuantity: quantityOf(60.1) }, code: 'value-implausible' },
    { name: '0 mg/dL', given: { valueQuantity: quantityOf(0) }, code: 'value-implausible' },
    { name: '-1 mg/dL', given: { valueQuantity: quantityOf(-1) }, code: 'value-implausible' },
    {
      name: '`< -1` mg/dL',
      given: { valueQuantity: { ...quantityOf(-1), comparator: '<' } },
      code: 'value-implausible',
    },
    {
      name: '`<= -1` mg/dL',
      given: { valueQuantity: { ...quantityOf(-1), comparator: '<=' } },
      code: 'value-implausible',
    },
    {
      name: '`< 0` mg/dL: nothing is below nothing',
      given: { valueQuantity: { ...quantityOf(0), comparator: '<' } },
      code: 'value-implausible',
    },
    { name: '1e308 mg/dL', given: { valueQuantity: quantityOf(1e308) }, code: 'value-implausible' },
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
      expect(readLab({ valueQuantity: { ...quantityOf(value), comparator } }).lab.used).toBe(true);
  });

  it('of 0.05 mg/dL and 60 mg/dL, the ends of what is possible, is used', () => {
    expect(readLab({ valueQuantity: quantityOf(0.05) }).lab.used).toBe(true);
    expect(readLab({ valueQuantity: quantityOf(60) }).lab.used).toBe(true);
  });

  it('of 0.8 mmol/L under the mass code 19123-9 is used as 1.9444 mg/dL of magnesium, with a notice', () => {
    const { lab, codes, messages } = readLab({
      code: loincCode('19123-9'),
      valueQuantity: quantityOf(0.8, 'mmol/L'),
    });
    expect(lab).toMatchObject({ used: true, test: 'magnesium', statedUnit: 'mmol/L' });
    expect(lab.value).toBeCloseTo((0.8 * 24.305) / 10, 10);
    expect(lab.why).toContain('contradicts LOINC 19123-9');
    expect(codes).toEqual(['unit-code-mismatch']);
    expect(messages).toContain('0.8 mmol/L');
  });

  it('keeps what came: 88.4 µmol/L', () => {
    const { lab } = readLab({
      code: loincCode('14682-9'),
      valueQuantity: { value: 88.4, unit: '\u00b5mol/L' },
    });
    expect(lab.received).toEqual({ value: 88.4, unit: '\u00b5mol/L' });
    expect(lab.statedUnit).toBe('umol/L');
  });
});

describe("the laboratory's own lower limit", () => {
  const limit = (...referenceRange: unknown[]): number | undefined =>
    readLab({ code: loincCode('19123-9'), valueQuantity: quantityOf(1.5), referenceRange }).lab.lowerLimit;
  const normal = { coding: [{ code: 'normal' }] };
  const recommended = { coding: [{ code: 'recommended' }] };
  it.each([
    ['1.6 mg/dL', [{ low: quantityOf(1.6) }], 1.6],
    ['1.6 mg/dL of type normal', [{ low: quantityOf(1.6), type: normal }], 1.6],
    ['16 mg/L', [{ low: quantityOf(16, 'mg/L') }], 1.6],
    ['a high limit beside it', [{ low: quantityOf(1.6), high: quantityOf(2.6) }], 1.6],
    [
      'a recommended range beside it',
      [{ low: quantityOf(1.6) }, { low: quantityOf(1.9), type: recommended }],
      1.6,
    ],
    ['a range of a high limit alone beside it', [{ low: quantityOf(1.6) }, { high: quantityOf(9) }], 1.6],
  ])('is read from %s', (_, ranges, expected) => {
    expect(limit(...ranges)).toBe(expected);
  });
  it('is 1.7014 mg/dL for 0.7 mmol/L', () => {
    expect(limit({ low: quantityOf(0.7, 'mmol/L') })).toBeCloseTo(1.70135, 10);
  });
  it.each([
    ['without a unit', [{ low: { value: 1.6 } }]],
    ['in a unit not understood', [{ low: { value: 1.6, unit: 'Mg/dl' } }]],
    ['as text alone', [{ text: '1.6 - 2.6 mg/dL' }]],
    ['as a string', [{ low: quantityOf('1.6') }]],
    ['in 2 normal ranges', [{ low: quantityOf(1.6) }, { low: quantityOf(1.7), type: normal }]],
    ['as a high limit alone', [{ high: quantityOf(2.6) }]],
    ['as a recommended range alone', [{ low: quantityOf(1.9), type: recommended }]],
    ['as nonsense', [7, null, { low: 'x' }]],
  ])('is not known when given %s', (_, ranges) => {
    expect(limit(...ranges)).toBeUndefined();
  });
});

describe('a result in a text', () => {
  const read = (valueString: string) => {
    const [lab] = readAll([creatinineResult({ valueQuantity: undefined, valueString })]).chart.labs;
    return lab?.used ? [lab.comparator ?? '', lab.value] : null;
  };
  it.each<[string, unknown]>([
    ['1.2 mg/dL', ['', 1.2]],
    ['<0.3mg/dL', ['<', 0.3]],
    [' >= 1.25  mg/dL ', ['>=', 1.25]],
    ['1.2', null],
    ['about 1.2 mg/dL', null],
    [`${' '.repeat(51)}1.2 mg/dL`, ['', 1.2]],
    [`${' '.repeat(52)}1.2 mg/dL`, null],
  ])('`%s`: %j', (text, expected) => {
    expect(read(text)).toEqual(expected);
  });
});

describe('a result below what can be measured', () => {
  it.each([
    ['<', true],
    ['<=', true],
    ['>', false],
    ['>=', false],
    [undefined, false],
  ])('`%s 0.01` of creatinine is possible: %j', (comparator, used) => {
    const valueQuantity = quantity(0.01, 'mg/dL', { comparator });
    expect(readAll([creatinineResult({ valueQuantity })]).chart.labs).toMatchObject([{ used }]);
  });
});

/** 2160-0 is creatinine, whose canonical unit is mg/dL. */
function codeOf(code: string): LabCode {
  const found = labCodeOf([{ system: 'http://loinc.org', code }]);
  if (!found) throw new Error(`${code} is no code of ours`);
  return found;
}

describe('the value that a part states', () => {
  const inQuantity = (value: number | null, comparator?: unknown) => ({
    value,
    comparator,
    quantity: { unit: 'mg/dL', code: undefined, system: undefined },
  });
  it.each<[string, Resource, object | null]>([
    ['a quantity', { valueQuantity: { value: 1, unit: 'mg/dL' } }, inQuantity(1)],
    [
      'a quantity with a comparator',
      { valueQuantity: { value: 1, comparator: '<', unit: 'mg/dL' } },
      inQuantity(1, '<'),
    ],
    ['a quantity whose value is a text', { valueQuantity: { value: '1', unit: 'mg/dL' } }, inQuantity(null)],
    [
      'a text',
      { valueString: ' <= 0.9 mg/dL' },
      { value: 0.9, comparator: '<=', quantity: { unit: 'mg/dL' }, isFromText: true },
    ],
    ['an integer', { valueInteger: 3 }, { value: 3, comparator: undefined, quantity: {} }],
    ['a text of 60 characters', { valueString: `1${' '.repeat(57)}mg` }, { value: 1 }],
    ['a text of 61', { valueString: `1${' '.repeat(58)}mg` }, null],
    ['a text that is no number', { valueString: 'high' }, null],
    ['nothing', {}, null],
  ])('%s', (_name, part, expected) => {
    const stated = readStatedValue(part);
    if (expected === null) expect(stated).toBeNull();
    else expect(stated).toMatchObject(expected);
  });

  it.each<[string, Resource, string | null]>([
    ['its unit', { valueQuantity: { unit: 'mg/dL', code: 'mg' } }, 'mg/dL'],
    [
      'its code, where the unit may be a name',
      { valueQuantity: { unit: 'Jane Doe', code: 'mg/dL' } },
      'mg/dL',
    ],
    ['not what follows a number in a text', { valueString: '1 mg/dL' }, null],
    ['nothing', { valueInteger: 1 }, null],
  ])('of its unit is repeated %s', (_name, part, unit) => {
    expect(printableUnitOf(readStatedValue(part))).toBe(unit);
  });

  it('may have one of 4 comparators', () => {
    expect(['<', '<=', '>', '>=', 'ad', '', null, undefined].map(isComparator)).toEqual([
      true,
      true,
      true,
      true,
      false,
      false,
      false,
      false,
    ]);
  });
});

describe('a stated value in the canonical unit', () => {
  const refused = (code: NoticeCode, why: string, statedUnit: string | null = null): ConvertedValue => ({
    value: null,
    statedUnit,
    refusal: { code, why },
  });
  const is = (value: number, statedUnit: string): ConvertedValue => ({ value, statedUnit, refusal: null });
  it.each<[string, Resource, ConvertedValue]>([
    ['as it is', { valueQuantity: { value: 1.5, unit: 'mg/dL' } }, is(1.5, 'mg/dL')],
    ['converted', { valueQuantity: { value: 88.4, unit: 'umol/L' } }, is(1, 'umol/L')],
    ['one-sided', { valueQuantity: { value: 0, comparator: '<=', unit: 'mg/dL' } }, is(0, 'mg/dL')],
    [
      'below zero',
      { valueQuantity: { value: 0, comparator: '<', unit: 'mg/dL' } },
      refused('value-implausible', '< 0 mg/dL is outside what is possible: not used', 'mg/dL'),
    ],
    [
      'too large',
      { valueQuantity: { value: 1e6, unit: 'mg/dL' } },
      refused('value-implausible', '1000000 mg/dL is outside what is possible: not used', 'mg/dL'),
    ],
    [
      'with a comparator that is none',
      { valueQuantity: { value: 1, comparator: 'ad', unit: 'mg/dL' } },
      refused('value-not-a-number', 'the comparator is none of <, <=, >, >=: not used'),
    ],
    [
      'without a unit',
      { valueInteger: 1 },
      refused('unit-missing', '1 came without a unit: not used; send `valueQuantity.code`'),
    ],
    [
      'in two units',
      { valueQuantity: { value: 1, unit: 'mg/dL', code: 'umol/L' } },
      refused('unit-unknown', 'the unit and the unit code of 1 say different things: not used'),
    ],
    [
      'in a unit of no creatinine',
      { valueQuantity: { value: 1, unit: 'furlong' } },
      refused('unit-unknown', 'the unit `furlong` is not understood: not used; send `mg/dL`'),
    ],
    [
      'in a unit that may be a name',
      { valueQuantity: { value: 1, unit: 'Jane Doe' } },
      refused('unit-unknown', 'the unit of the value is not understood: not used; send `mg/dL`'),
    ],
    ['that is none', {}, refused('value-not-a-number', 'the result is no number with a unit: not used')],
    [
      'that is a text',
      { valueQuantity: { value: '1' } },
      refused('value-not-a-number', 'the value is not a JSON number: not used'),
    ],
    [
      'that is absent for a reason',
      { dataAbsentReason: { coding: [{ code: 'masked' }] } },
      refused('value-absent', 'no value, reason `masked`'),
    ],
    [
      'that is absent for a reason in words',
      { dataAbsentReason: { text: 'Jane dropped it' } },
      refused('value-absent', 'no value, reason `not coded`'),
    ],
    [
      'of a quantity that is absent for a reason',
      { valueQuantity: {}, dataAbsentReason: { coding: [{ code: 'error' }] } },
      refused('value-absent', 'no value, reason `error`'),
    ],
  ])('%s', (_name, part, expected) => {
    expect(convertStated(part, readStatedValue(part), codeOf('2160-0'))).toEqual(expected);
  });
});

it.each<[string, unknown, number | null]>([
  ['one range', [{ low: { value: 44.2, unit: 'umol/L' } }], 0.5],
  [
    'one range that is normal',
    [{ type: { coding: [{ code: 'normal' }] }, low: { value: 1, unit: 'mg/dL' } }],
    1,
  ],
  ['one range beside a therapeutic one', [{ low: { value: 1, unit: 'mg/dL' } }, { type: 'x', low: {} }], 1],
  ['two ranges', [{ low: { value: 1, unit: 'mg/dL' } }, { low: { value: 2, unit: 'mg/dL' } }], null],
  ['a range without a low', [{ high: { value: 1, unit: 'mg/dL' } }], null],
  ['a low without a unit', [{ low: { value: 1 } }], null],
  ['a low that is a text', [{ low: { value: '1', unit: 'mg/dL' } }], null],
])('the lower limit of %s', (_name, referenceRange, expected) => {
  expect(lowerLimitOf({ referenceRange }, codeOf('2160-0'))).toBe(expected);
});
