import { describe, expect, it } from 'vitest';
import { type Resource, readAll } from '../../support/readings.ts';

const ucum = 'http://unitsofmeasure.org';
const loinc = (code: string) => ({ coding: [{ system: 'http://loinc.org', code }] });
const quantity = (value: unknown, unit?: string, more: Resource = {}) => ({
  value,
  unit,
  code: unit,
  system: ucum,
  ...more,
});
const result = (more: Resource): Resource => ({
  resourceType: 'Observation',
  id: 'o',
  status: 'final',
  code: loinc('2160-0'),
  effectiveDateTime: '2026-01-31T08:00:00Z',
  valueQuantity: quantity(1, 'mg/dL'),
  ...more,
});

describe('what is said of a result, and why it is not used', () => {
  const mg = 'serum creatinine';
  it.each<[string, Resource, string, string]>([
    ['withdrawn', { status: 'cancelled' }, 'value-withdrawn', 'status `cancelled`: not used'],
    [
      'absent with a reason',
      { valueQuantity: undefined, dataAbsentReason: { coding: [{ code: 'unknown' }] } },
      'value-absent',
      'no value, reason `unknown`',
    ],
    [
      'absent with a reason in words',
      { valueQuantity: undefined, dataAbsentReason: { text: 'x' } },
      'value-absent',
      'no value, reason `not coded`',
    ],
    [
      'of no value',
      { valueQuantity: undefined },
      'value-not-a-number',
      'the result is no number with a unit: not used',
    ],
    [
      'a text',
      { valueQuantity: quantity('1', 'mg/dL') },
      'value-not-a-number',
      'the value is not a JSON number: not used',
    ],
    [
      'a quantity without a value, with a reason',
      { valueQuantity: {}, dataAbsentReason: { coding: [{ code: 'error' }] } },
      'value-absent',
      'no value, reason `error`',
    ],
    [
      'of an odd comparator',
      { valueQuantity: quantity(1, 'mg/dL', { comparator: '~' }) },
      'value-not-a-number',
      'the comparator is none of <, <=, >, >=: not used',
    ],
    [
      'of no unit',
      { valueQuantity: quantity(1) },
      'unit-missing',
      '1 came without a unit: not used; send `valueQuantity.code`',
    ],
    [
      'of two units',
      { valueQuantity: { value: 1, unit: 'mg/dL', code: 'umol/L', system: ucum } },
      'unit-unknown',
      'the unit and the unit code of 1 say different things: not used',
    ],
    [
      'of an odd unit',
      { valueQuantity: quantity(1, 'furlong') },
      'unit-unknown',
      'the unit `furlong` is not understood: not used; send `mg/dL`',
    ],
    [
      'of a unit that may be a name',
      { valueQuantity: quantity(1, 'Jane Doe') },
      'unit-unknown',
      'the unit of the value is not understood: not used; send `mg/dL`',
    ],
    [
      'impossible',
      { valueQuantity: quantity(1e6, 'mg/dL') },
      'value-implausible',
      '1000000 mg/dL is outside what is possible: not used',
    ],
    [
      'impossible on its stated side',
      { valueQuantity: { ...quantity(-1, 'mg/dL'), comparator: '<' } },
      'value-implausible',
      '< -1 mg/dL is outside what is possible: not used',
    ],
    [
      'undated',
      { effectiveDateTime: undefined },
      'lab-undated',
      'has no usable date (effective or issued): it is never recent, so not used',
    ],
    [
      'of the future',
      { effectiveDateTime: '2026-01-31T12:05:01Z' },
      'lab-in-future',
      'is dated after the evaluation time: not used',
    ],
  ])('%s', (_name, more, code, why) => {
    const { chart, said } = readAll([result(more)]);
    expect(said).toEqual([`${code}: ${mg}: ${why}`]);
    expect(chart.labs).toMatchObject([{ used: false, why }]);
  });

  it.each<[string, Resource, string | null, string[]]>([
    ['plain', {}, null, []],
    ['within five minutes of now', { effectiveDateTime: '2026-01-31T12:05:00Z' }, null, []],
    [
      'preliminary',
      { status: 'preliminary' },
      'status `preliminary`',
      [`value-preliminary: ${mg}: status \`preliminary\`: used, and flagged`],
    ],
    [
      'of no status',
      { status: undefined },
      'status not given',
      [`value-preliminary: ${mg}: status not given: used, and flagged`],
    ],
    [
      'of a status of 20 characters',
      { status: 'x'.repeat(20) },
      'status not given',
      [`value-preliminary: ${mg}: status not given: used, and flagged`],
    ],
    [
      'of an unreadable status',
      { status: 'a b' },
      'status `unreadable`',
      [`value-preliminary: ${mg}: status \`unreadable\`: used, and flagged`],
    ],
    ['amended', { status: 'amended' }, null, []],
    ['corrected', { status: 'corrected' }, null, []],
    ['appended', { status: 'appended' }, null, []],
    [
      'one-sided',
      { valueQuantity: quantity(0.3, 'mg/dL', { comparator: '<' }) },
      null,
      [`value-one-sided: ${mg}: \`< 0.3\` decides a comparison only when all it may mean does`],
    ],
    [
      'in another unit than its code',
      { valueQuantity: quantity(88, 'umol/L'), status: 'preliminary' },
      'status `preliminary`; unit `umol/L` contradicts LOINC 2160-0',
      [
        `value-preliminary: ${mg}: status \`preliminary\`: used, and flagged`,
        `unit-code-mismatch: ${mg}: unit \`umol/L\` and LOINC 2160-0 (mass) disagree: read as 88 umol/L`,
      ],
    ],
  ])('used although %s', (_name, more, why, expected) => {
    const { chart, said } = readAll([result(more)]);
    expect(said).toEqual(expected);
    expect(chart.labs).toMatchObject([{ used: true, why }]);
  });

  it('a race-based eGFR is not used', () => {
    const { chart, said } = readAll([
      result({ code: loinc('48642-3'), valueQuantity: quantity(50, 'mL/min/{1.73_m2}') }),
    ]);
    expect(said).toEqual([
      'egfr-recomputed: eGFR from a race-based equation: not used, recomputed from creatinine',
    ]);
    expect(chart.labs).toMatchObject([
      { used: false, raceBased: true, why: 'race-based equation: not used' },
    ]);
  });

  it('two results of one time that differ say which is used', () => {
    const { said } = readAll([result({ id: 'a' }), result({ id: 'b', valueQuantity: quantity(2, 'mg/dL') })]);
    expect(said).toEqual([
      'lab-conflict: serum creatinine: differs from Observation/a of the same time; Observation/b is used',
    ]);
    expect(readAll([result({ id: 'a' }), result({ id: 'b' })]).said).toEqual([]);
  });
});

describe('an observation without a code we know', () => {
  const uncoded = (code: Resource, more: Resource = {}) => readAll([result({ code, ...more })]).said;
  const tail = ': not used; send a LOINC code';
  it.each<[string, Resource, Resource, string[]]>([
    [
      'named in the text',
      { text: 'Creatinine' },
      {},
      [`lab-code-unknown: seems to be serum creatinine but has no code${tail}`],
    ],
    [
      'named in a display',
      {
        coding: [
          { code: 'x', system: 's', display: 'y' },
          { code: 'CREA', system: 's', display: 'Creatinine' },
        ],
      },
      {},
      [`lab-code-unknown: seems to be serum creatinine but code x, CREA is not one we know${tail}`],
    ],
    [
      'with a text value',
      { text: 'Creatinine' },
      { valueQuantity: undefined, valueString: '1 mg/dL' },
      [`lab-code-unknown: seems to be serum creatinine but has no code${tail}`],
    ],
    [
      'without a value',
      { text: 'Creatinine' },
      { valueQuantity: undefined },
      ['observation-not-used: 1 observation(s) with code (none): no rule asks for them'],
    ],
    [
      'of something else',
      { coding: [{ code: 'x', system: 's' }] },
      {},
      ['observation-not-used: 1 observation(s) with code x: no rule asks for them'],
    ],
  ])('%s', (_name, code, more, expected) => {
    expect(uncoded(code, more)).toEqual(expected);
  });
  it.each(['laboratory', 'LAB'])('of category %s shows that laboratory data came', (code) => {
    const completeness = (kind: string) =>
      readAll([result({ code: { text: 'x' }, category: [{ coding: [{ code: 'y' }, { code: kind }] }] })])
        .chart.completeness.labs;
    expect(completeness(code)).toBe('known');
    expect(completeness('vital-signs')).toBe('absent');
  });
});

describe('a result in a text', () => {
  const read = (valueString: string) => {
    const [lab] = readAll([result({ valueQuantity: undefined, valueString })]).chart.labs;
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

describe('a pregnancy status', () => {
  const status = (code: string, more: Resource = {}) =>
    readAll([
      result({
        code: loinc('82810-3'),
        valueQuantity: undefined,
        valueCodeableConcept: { coding: [{ code: 'x' }, { system: 's', code }] },
        ...more,
      }),
    ]);
  it.each([
    ['77386006', 'pregnancy'],
    ['LA15173-0', 'pregnancy'],
    ['60001007', 'not-pregnant'],
    ['LA26683-5', 'not-pregnant'],
  ])('%s is %s', (code, group) => {
    expect(status(code).chart.conditions).toMatchObject([
      { groups: [group], codes: [{ system: 's', code }], status: 'active', confirmed: true },
    ]);
  });
  it('of another code, withdrawn or of the future is none', () => {
    expect(status('y').chart.conditions).toEqual([]);
    expect(status('77386006', { status: 'entered-in-error' }).chart.conditions).toEqual([]);
    const future = status('77386006', { effectiveDateTime: '2026-02-02' });
    expect(future.chart.conditions).toEqual([]);
    expect(future.said).toEqual([
      'lab-in-future: pregnancy status: is dated after the evaluation time: not used',
    ]);
  });
});

describe('whether a component shows that laboratory data came', () => {
  it.each<[string, string, Resource, string]>([
    ['a creatinine', '2160-0', quantity(1, 'mg/dL'), 'known'],
    ['a systolic blood pressure', '8480-6', quantity(120, 'mm[Hg]'), 'absent'],
  ])('%s', (_name, code, valueQuantity, labs) => {
    const panel = result({
      code: { coding: [{ system: 's', code: 'panel' }] },
      valueQuantity: undefined,
      component: [{ code: loinc('99999-9') }, { code: loinc(code), valueQuantity }],
    });
    const { chart } = readAll([panel]);
    expect(chart.labs).toMatchObject([{ loinc: code, used: true }]);
    expect(chart.completeness.labs).toBe(labs);
  });
});

describe('what is kept of a result', () => {
  it('its version, where the resource has one', () => {
    const [lab] = readAll([result({ meta: { versionId: '7' } })]).chart.labs;
    expect(lab).toMatchObject({ versionId: '7' });
    expect(readAll([result({})]).chart.labs[0]).not.toHaveProperty('versionId');
    expect(readAll([result({ meta: { versionId: 'Jane Doe' } })]).chart.labs[0]).not.toHaveProperty(
      'versionId',
    );
  });
  it('the equation of an eGFR, and of no other test', () => {
    const ckdEpi = result({ code: loinc('98979-8'), valueQuantity: quantity(50, 'mL/min/{1.73_m2}') });
    expect(readAll([ckdEpi]).chart.labs[0]?.method).toBe('CKD-EPI 2021');
    expect(readAll([result({})]).chart.labs[0]).not.toHaveProperty('method');
  });
  it.each<[string, string | null]>([
    ['furlong', 'furlong'],
    ['kilofurlong', null],
    ['x y', 'x y'],
    ['x yz', 'x yz'],
    ['xy z', 'xy z'],
    ['Jo Doe', null],
    ['Jo  Doe', null],
    ['Jo-Doe', null],
    ['x/x/x/x/x/x/x/x/x/x/x/x/', 'x/x/x/x/x/x/x/x/x/x/x/x/'],
    ['x/x/x/x/x/x/x/x/x/x/x/x/x', null],
    ['x@y', null],
  ])('a unit is repeated unless it may be a name: `%s`', (unit, kept) => {
    const { chart, said } = readAll([result({ valueQuantity: { value: 1, unit } })]);
    expect(chart.labs[0]?.received).toEqual({ value: 1, unit: kept });
    expect(said).toEqual([
      `unit-unknown: serum creatinine: the unit ${kept ? `\`${kept}\`` : 'of the value'} is not understood: not used; send \`mg/dL\``,
    ]);
  });
  it('the lower limit of the laboratory, if it is a number', () => {
    const limit = (value: unknown) =>
      readAll([result({ referenceRange: [{ low: quantity(value, 'mg/dL') }] })]).chart.labs[0]?.lowerLimit;
    expect(limit(0.6)).toBe(0.6);
    expect(limit('0.6')).toBeUndefined();
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
    expect(readAll([result({ valueQuantity })]).chart.labs).toMatchObject([{ used }]);
  });
});

describe('a result of a day and one of its last moment', () => {
  it('are not of one time: nothing is said', () => {
    const { said } = readAll([
      result({ id: 'a', effectiveDateTime: '2026-01-30' }),
      result({
        id: 'b',
        effectiveDateTime: '2026-01-30T23:59:59.999Z',
        valueQuantity: quantity(2, 'mg/dL'),
      }),
    ]);
    expect(said).toEqual([]);
  });
});
