import { describe, expect, it } from 'vitest';
import { buildChart } from '../../../rules/chart/chart.ts';
import type { Lab } from '../../../rules/chart/types.ts';
import { intakeOfHook } from '../../../rules/intake/intake.ts';
import {
  loincCode,
  noticeCodes,
  observation,
  only,
  patient,
  quantityOf,
  readBundle,
  readLab,
} from '../../support/chart-resources.ts';
import { at, type Resource, readAll } from '../../support/readings.ts';
import { creatinineResult, loinc, quantity, ucum } from '../../support/results.ts';

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
    const { chart, said } = readAll([creatinineResult(more)]);
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
    const { chart, said } = readAll([creatinineResult(more)]);
    expect(said).toEqual(expected);
    expect(chart.labs).toMatchObject([{ used: true, why }]);
  });

  it.each([
    ['Specimen grossly hemolyzed', 'the laboratory notes a hemolyzed specimen'],
    ['moderately haemolysed', 'the laboratory notes a hemolyzed specimen'],
    ['Clotted, please repeat', 'the laboratory notes a clotted specimen'],
    ['No hemolysis', null],
    ['Specimen is not grossly hemolyzed', null],
    ['non-hemolyzed', null],
    ['Hemolysis: none', null],
    ['Called to the ward', null],
  ])('a note %j of the specimen is told: %j', (text, why) => {
    const { chart } = readAll([creatinineResult({ note: [{ text }] })]);
    expect(chart.labs).toMatchObject([{ used: true, why }]);
  });

  it('an interpretation of the specimen is told', () => {
    const { chart } = readAll([creatinineResult({ interpretation: [{ text: 'hemolyzed' }] })]);
    expect(chart.labs).toMatchObject([{ why: 'the laboratory notes a hemolyzed specimen' }]);
  });

  it('a race-based eGFR is not used', () => {
    const { chart, said } = readAll([
      creatinineResult({ code: loinc('48642-3'), valueQuantity: quantity(50, 'mL/min/{1.73_m2}') }),
    ]);
    expect(said).toEqual([
      'egfr-recomputed: eGFR from a race-based equation: not used, recomputed from creatinine',
    ]);
    expect(chart.labs).toMatchObject([
      { used: false, raceBased: true, why: 'race-based equation: not used' },
    ]);
  });

  it('two results of one time that differ say so', () => {
    const { said } = readAll([
      creatinineResult({ id: 'a' }),
      creatinineResult({ id: 'b', valueQuantity: quantity(2, 'mg/dL') }),
    ]);
    expect(said).toEqual([
      'lab-conflict: serum creatinine: differs from Observation/a of the same time; nothing ranks them: both are possible',
    ]);
    expect(readAll([creatinineResult({ id: 'a' }), creatinineResult({ id: 'b' })]).said).toEqual([]);
  });
});

describe('an observation without a code we know', () => {
  const uncoded = (code: Resource, more: Resource = {}) =>
    readAll([creatinineResult({ code, ...more })]).said;
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
      readAll([
        creatinineResult({ code: { text: 'x' }, category: [{ coding: [{ code: 'y' }, { code: kind }] }] }),
      ]).chart.completeness.labs;
    expect(completeness(code)).toBe('known');
    expect(completeness('vital-signs')).toBe('absent');
  });
});

describe('whether a component shows that laboratory data came', () => {
  it.each<[string, string, Resource, string]>([
    ['a creatinine', '2160-0', quantity(1, 'mg/dL'), 'known'],
    ['a systolic blood pressure', '8480-6', quantity(120, 'mm[Hg]'), 'absent'],
  ])('%s', (_name, code, valueQuantity, labs) => {
    const panel = creatinineResult({
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
    const [lab] = readAll([creatinineResult({ meta: { versionId: '7' } })]).chart.labs;
    expect(lab).toMatchObject({ versionId: '7' });
    expect(readAll([creatinineResult({})]).chart.labs[0]).not.toHaveProperty('versionId');
    expect(readAll([creatinineResult({ meta: { versionId: 'Jane Doe' } })]).chart.labs[0]).not.toHaveProperty(
      'versionId',
    );
  });
  it('the equation of an eGFR, and of no other test', () => {
    const ckdEpi = creatinineResult({
      code: loinc('98979-8'),
      valueQuantity: quantity(50, 'mL/min/{1.73_m2}'),
    });
    expect(readAll([ckdEpi]).chart.labs[0]?.method).toBe('CKD-EPI 2021');
    expect(readAll([creatinineResult({})]).chart.labs[0]).not.toHaveProperty('method');
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
    const { chart, said } = readAll([creatinineResult({ valueQuantity: { value: 1, unit } })]);
    expect(chart.labs[0]?.received).toEqual({ value: 1, unit: kept });
    expect(said).toEqual([
      `unit-unknown: serum creatinine: the unit ${kept ? `\`${kept}\`` : 'of the value'} is not understood: not used; send \`mg/dL\``,
    ]);
  });
  it('the lower limit of the laboratory, if it is a number', () => {
    const limit = (value: unknown) =>
      readAll([creatinineResult({ referenceRange: [{ low: quantity(value, 'mg/dL') }] })]).chart.labs[0]
        ?.lowerLimit;
    expect(limit(0.6)).toBe(0.6);
    expect(limit('0.6')).toBeUndefined();
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
    const { lab } = readLab({ code: { coding }, valueQuantity: quantityOf(4, 'mmol/L') });
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
    const result = readBundle([patient, observation({ code, valueQuantity: quantityOf(1) })]);
    expect(result.chart.labs).toEqual([]);
    expect(noticeCodes(result)).toEqual(['lab-code-unknown']);
  });

  it('of 3 observations no rule asks for is 1 notice', () => {
    const glucose = (id: string): Resource =>
      observation({ id, code: loincCode('2345-7'), valueQuantity: quantityOf(90) });
    const result = readBundle([patient, glucose('a'), glucose('b'), glucose('c')]);
    expect(result.chart.labs).toEqual([]);
    expect(noticeCodes(result)).toEqual(['observation-not-used']);
    expect(result.notices[0]?.message).toContain('3 observation(s) with code 2345-7');
  });
});

describe('components and panels', () => {
  const components = [
    { code: loincCode('8480-6'), valueQuantity: quantityOf(120, 'mm[Hg]') },
    { code: loincCode('8462-4'), valueQuantity: quantityOf(80, 'mm[Hg]') },
  ];
  it('a blood pressure of 2 components gives the systolic one, 120 mm[Hg]', () => {
    const { lab, codes } = readLab({ code: loincCode('85354-9'), component: components });
    expect(lab).toMatchObject({ test: 'systolic-bp', value: 120, used: true, reference: 'Observation/o' });
    expect(codes).toEqual([]);
  });

  it('a component that is an object and not a list is read too', () => {
    expect(readLab({ code: loincCode('85354-9'), component: components[0] }).lab.value).toBe(120);
  });

  it('an observation with a value and a component gives 2 results', () => {
    const more = {
      valueQuantity: quantityOf(1.1),
      component: [{ code: loincCode('98979-8'), valueQuantity: quantityOf(60, 'mL/min/{1.73_m2}') }],
    };
    const { chart } = readBundle([patient, observation(more)]);
    expect(chart.labs.map(({ test, value }) => [test, value])).toEqual([
      ['creatinine', 1.1],
      ['egfr', 60],
    ]);
  });

  it.each([
    ['a panel with members', { hasMember: [{ reference: 'Observation/x' }] }],
    [
      'a panel with components of codes we do not know',
      { component: [{ code: loincCode('9-9'), valueQuantity: quantityOf(1) }] },
    ],
  ])('%s has no value of its own to miss', (_, more) => {
    const result = readBundle([patient, observation(more)]);
    expect(result.chart.labs).toEqual([]);
    expect(noticeCodes(result)).toEqual([]);
  });

  it('a panel without a code of ours does not hide its member, which is another resource', () => {
    const result = readBundle([
      patient,
      observation({ id: 'p', code: loincCode('24323-8'), hasMember: [{ reference: 'Observation/o' }] }),
      observation({ valueQuantity: quantityOf(1) }),
    ]);
    expect(only(result.chart.labs)).toMatchObject({ reference: 'Observation/o', value: 1 });
  });

  it('a component with a dataAbsentReason is a result that is not used', () => {
    const { lab, codes } = readLab({
      code: loincCode('85354-9'),
      component: [{ code: loincCode('8480-6'), dataAbsentReason: { coding: [{ code: 'unknown' }] } }],
    });
    expect(lab.used).toBe(false);
    expect(codes).toEqual(['value-absent']);
  });
});

describe('the status of a result', () => {
  it.each([['final'], ['amended'], ['corrected'], ['appended']])('%s is used without a flag', (status) => {
    const { lab, codes } = readLab({ status, valueQuantity: quantityOf(1) });
    expect(lab).toMatchObject({ used: true, why: null });
    expect(codes).toEqual([]);
  });

  it.each([['entered-in-error'], ['cancelled'], ['registered']])('%s is not used', (status) => {
    const { lab, codes } = readLab({ status, valueQuantity: quantityOf(1) });
    expect(lab).toMatchObject({ used: false, value: null });
    expect(lab.why).toContain(status);
    expect(codes).toEqual(['value-withdrawn']);
  });

  it.each([['preliminary'], ['unknown'], ['partial'], [undefined], [null], [7], ['']])(
    '%j is used and flagged',
    (status) => {
      const { lab, codes } = readLab({ status, valueQuantity: quantityOf(1) });
      expect(lab).toMatchObject({ used: true, value: 1 });
      expect(lab.why).toMatch(/status/);
      expect(codes).toEqual(['value-preliminary']);
    },
  );

  it('entered-in-error withdraws every component too', () => {
    const { lab } = readLab({
      status: 'entered-in-error',
      code: loincCode('85354-9'),
      component: [{ code: loincCode('8480-6'), valueQuantity: quantityOf(120, 'mm[Hg]') }],
    });
    expect(lab.used).toBe(false);
  });
});

describe('a reported eGFR', () => {
  const egfr = (code: string): { lab: Lab; codes: string[] } =>
    readLab({ code: loincCode(code), valueQuantity: quantityOf(55, 'mL/min/{1.73_m2}') });
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
  it('in mL/min is used as reported, and says so', () => {
    const { lab, codes } = readLab({ code: loincCode('98979-8'), valueQuantity: quantityOf(55, 'mL/min') });
    expect(codes).toEqual([]);
    expect(lab).toMatchObject({
      value: 55,
      used: true,
      unit: 'mL/min/{1.73_m2}',
      why: 'came without the body surface of its unit: used as reported',
    });
  });
  it.each<[string, string, number]>([
    ['>60', '>', 60],
    ['> 60 mL/min/1.73m2', '>', 60],
    ['<15', '<', 15],
    ['\u2265 60', '>=', 60],
    ['>60.0', '>', 60],
    ['&gt;60', '>', 60],
    [' >= 90 mL/min ', '>=', 90],
  ])('of the text `%s` is one-sided', (text, comparator, value) => {
    const { lab } = readLab({ code: loincCode('98979-8'), valueQuantity: undefined, valueString: text });
    expect(lab).toMatchObject({ used: true, comparator, value });
    expect(
      readLab({ code: loincCode('98979-8'), valueQuantity: undefined, valueCodeableConcept: { text } }).lab,
    ).toMatchObject({ used: true, comparator, value });
  });
  it.each(['45', '> 60 (normal)', 'above 60', '60 to 90'])('of the text `%s` is not guessed', (text) => {
    const { lab } = readLab({ code: loincCode('98979-8'), valueQuantity: undefined, valueString: text });
    expect(lab.used).toBe(false);
  });
});

describe('the form of a value', () => {
  const potassium = (more: Resource) =>
    readLab({ code: loincCode('2823-3'), valueQuantity: undefined, ...more });
  const ofUnit = (value: number, unit = 'mmol/L') => ({ value, unit });
  it('of a range has two ends', () => {
    const { lab } = potassium({ valueRange: { low: ofUnit(4), high: ofUnit(5) } });
    expect(lab).toMatchObject({ used: true, value: 4, isRange: true, rival: { value: 5 } });
  });
  it.each<[string, Resource, string]>([
    ['low', { low: ofUnit(4) }, '>='],
    ['high', { high: ofUnit(4) }, '<='],
  ])('of a range with a %s end is one-sided', (_, valueRange, comparator) => {
    expect(potassium({ valueRange }).lab).toMatchObject({ used: true, value: 4, comparator });
  });
  it('of a range whose upper end is not understood is not used', () => {
    const { lab } = potassium({ valueRange: { low: ofUnit(4), high: ofUnit(5, 'furlong') } });
    expect(lab).toMatchObject({ used: false });
  });
  it('of a ratio is a concentration where it has units', () => {
    const ratio = { numerator: ofUnit(4.1, 'mmol'), denominator: ofUnit(1, 'L') };
    expect(potassium({ valueRatio: ratio }).lab).toMatchObject({ used: true, value: 4.1 });
    const titre = { numerator: { value: 1 }, denominator: { value: 64 } };
    expect(potassium({ valueRatio: titre }).lab).toMatchObject({ used: false });
  });
});

describe('the status of a result, as FHIR of any version has it', () => {
  it.each<[unknown, boolean, string | null]>([
    ['final', true, null],
    ['amended', true, null],
    ['corrected', true, null],
    ['appended', true, null],
    ['FINAL', true, null],
    ['preliminary', true, 'status `preliminary`'],
    ['partial', true, 'status `partial`'],
    ['unknown', true, 'status `unknown`'],
    [undefined, true, 'status not given'],
    ['registered', false, 'status `registered`: not used'],
    ['specimen-in-process', false, 'status `specimen-in-process`: not used'],
    ['cannot-be-obtained', false, 'status `cannot-be-obtained`: not used'],
    ['cancelled', false, 'status `cancelled`: not used'],
    ['entered-in-error', false, 'status `entered-in-error`: not used'],
    [' Entered-in-Error ', false, 'status `entered-in-error`: not used'],
  ])('%o', (status, used, why) => {
    expect(readLab({ status, valueQuantity: quantityOf(1) }).lab).toMatchObject({ used, why });
  });
});

describe('a code under another system', () => {
  const creatinine = (coding: Resource) =>
    readBundle([patient, observation({ code: { coding: [coding] }, valueQuantity: quantityOf(1) })]);
  it.each<[Resource, number, string]>([
    [
      { system: 'LOINC', code: '2160-0' },
      1,
      "the code 2160-0 is one of LOINC's and comes under the system `LOINC`: read as LOINC; send `system` http://loinc.org",
    ],
    [
      { system: 'http://snomed.info/sct', code: '2160-0' },
      0,
      "the code 2160-0 is one of LOINC's and comes under the system `http://snomed.info/sct`: not used; send `system` http://loinc.org",
    ],
    [
      { code: '2160-0' },
      0,
      "the code 2160-0 is one of LOINC's and comes under no system: not used; send `system` http://loinc.org",
    ],
    [
      { system: 'our lab of Dr Doe', code: '2160-0' },
      0,
      "the code 2160-0 is one of LOINC's and comes under another system: not used; send `system` http://loinc.org",
    ],
  ])('%o', (coding, count, message) => {
    const { chart, notices } = creatinine(coding);
    expect(chart.labs).toHaveLength(count);
    expect(notices).toEqual([{ code: 'lab-code-system', reference: 'Observation/o', message }]);
  });
  it('is not said of a translation beside the LOINC code', () => {
    const code = {
      coding: [
        { system: 'urn:local', code: '2160-0' },
        { system: 'http://loinc.org', code: '2160-0' },
      ],
    };
    expect(noticeCodes(readBundle([patient, observation({ code, valueQuantity: quantityOf(1) })]))).toEqual(
      [],
    );
  });
});

describe('a code of another material', () => {
  const urine = (id: string) =>
    observation({ id, code: loincCode('2828-2'), valueQuantity: quantityOf(40, 'mmol/L') });
  it('says why it is not used, once for many', () => {
    expect(readBundle([patient, urine('u')]).notices).toEqual([
      {
        code: 'lab-code-not-used',
        reference: 'Observation/u',
        message: 'LOINC 2828-2 is of potassium, but urine: not used',
      },
    ]);
    expect(readBundle([patient, urine('u'), urine('v')]).notices).toEqual([
      {
        code: 'lab-code-not-used',
        reference: null,
        message: '2 results: LOINC 2828-2 is of potassium, but urine: not used',
      },
    ]);
  });
  it('ionized magnesium is its own test', () => {
    const { lab, messages } = readLab({
      code: loincCode('73572-0'),
      valueQuantity: quantityOf(0.5, 'mmol/L'),
    });
    expect(lab).toMatchObject({ test: 'magnesium-ionized', value: 0.5, used: true });
    expect(messages).toContain('never held against limits of the total');
  });
});

describe('what stands beside a value', () => {
  it.each<[string, string, string | null]>([
    ['6298-4', 'mmol/L', 'measured in whole blood'],
    ['39790-1', 'mmol/L', 'measured in capillary blood'],
    ['2823-3', 'mmol/L', null],
    ['3142-7', 'kg', 'weight as stated, not measured'],
    ['8335-2', 'kg', 'estimated weight, not measured'],
    ['3141-9', 'kg', null],
  ])('%s', (code, unit, why) => {
    expect(readLab({ code: loincCode(code), valueQuantity: quantityOf(5, unit) }).lab).toMatchObject({
      used: true,
      why,
    });
  });
});

describe('a unit code under another system', () => {
  it('names the system, and never asks for the unit that came', () => {
    const { messages } = readLab({
      valueQuantity: { value: 1, code: 'mg/dL', system: 'http://units.example' },
    });
    expect(messages).toContain(
      'the unit code `mg/dL` comes under the system `http://units.example`, not UCUM: not used; send `system` http://unitsofmeasure.org',
    );
  });
  it('names the code where the unit is right', () => {
    const { messages } = readLab({
      valueQuantity: { value: 1, unit: 'mg/dL', code: 'Mg/dl', system: 'http://unitsofmeasure.org' },
    });
    expect(messages).toContain('the unit code `Mg/dl` is not understood');
  });
});

describe('whether laboratory data came', () => {
  const weight = observation({ id: 'w', code: loincCode('29463-7'), valueQuantity: quantityOf(70, 'kg') });
  const labsOf = (...resources: Resource[]): string =>
    readBundle([patient, ...resources]).chart.completeness.labs;
  it.each([
    ['1 creatinine', [observation({ valueQuantity: quantityOf(1) })], 'known'],
    ['1 weight', [weight], 'absent'],
    ['nothing', [], 'absent'],
    ['1 creatinine that is not used', [observation({ status: 'cancelled' })], 'known'],
    [
      '1 glucose of category laboratory',
      [observation({ code: loincCode('2345-7'), category: [{ coding: [{ code: 'laboratory' }] }] })],
      'known',
    ],
    [
      '1 glucose of category laboratory that is an object',
      [observation({ code: loincCode('2345-7'), category: { coding: { code: 'laboratory' } } })],
      'known',
    ],
    ['1 glucose without a category', [observation({ code: loincCode('2345-7') })], 'absent'],
  ] as const)('%s', (_, resources, expected) => {
    expect(labsOf(...resources)).toBe(expected);
  });

  it.each([
    [
      'an error instead of the labs beside 1 creatinine',
      'partial',
      {
        labs: { resourceType: 'OperationOutcome', issue: [{ severity: 'error' }] },
        x: observation({ valueQuantity: quantityOf(1) }),
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
        b: observation({ valueQuantity: quantityOf(1) }),
      },
    ],
    ['1 creatinine', 'known', { a: observation({ valueQuantity: quantityOf(1) }) }],
  ] as const)('%s: %s', (_, expected, prefetch) => {
    const intake = intakeOfHook('patient-view', { patientId: '1', userId: 'Practitioner/1' }, prefetch);
    expect(buildChart(intake, at).chart.completeness.labs).toBe(expected);
  });
});

it('a panel that is withdrawn is said to be, although it has no value of its own to miss', () => {
  const { chart, notices } = readBundle([
    patient,
    observation({ status: 'cancelled', hasMember: [{ reference: 'Observation/p' }] }),
  ]);
  expect(chart.labs).toMatchObject([{ value: null, used: false, why: 'status `cancelled`: not used' }]);
  expect(notices).toMatchObject([{ code: 'value-withdrawn', reference: 'Observation/o' }]);
});
