import { describe, expect, it } from 'vitest';
import { spanOf } from '../../../rules/fhir/time.ts';
import {
  loincCode,
  noticeCodes,
  only,
  patient,
  readBundle,
  rxnorm,
  snomed,
  subject,
} from '../../support/chart-resources.ts';
import { type Resource, readAll } from '../../support/readings.ts';

const coded = (code: string) => ({ coding: [{ system: 'http://snomed.info/sct', code }] });
const condition = (more: Resource): Resource => ({
  resourceType: 'Condition',
  id: 'c',
  code: coded('265764009'),
  clinicalStatus: coded('active'),
  verificationStatus: coded('confirmed'),
  ...more,
});

describe('words beside a code', () => {
  it('are an entry of their own, known by words', () => {
    const code = {
      coding: [{ system: 'http://hl7.org/fhir/sid/icd-10-cm', code: 'C90.00' }],
      text: 'myeloma with acute kidney injury',
    };
    const read = readBundle([patient, { ...condition({ code }), subject }]);
    expect(read.chart.conditions.map(({ groups, byWords = false }) => [groups, byWords])).toEqual([
      [['malignancy'], false],
      [['aki'], true],
    ]);
    expect(noticeCodes(read)).toEqual(['condition-uncoded']);
  });
});

describe('a condition, and what is said of it', () => {
  it.each<[string, Resource, object | null, string[]]>([
    ['plain', {}, { status: 'active', confirmed: true, onset: null }, []],
    ['refuted', { verificationStatus: coded('refuted') }, null, []],
    ['entered in error', { verificationStatus: coded('entered-in-error') }, null, []],
    [
      'without a code',
      { code: { text: 'bunion' } },
      null,
      ['condition-uncoded: has no code of SNOMED CT or an ICD: only its words were read'],
    ],
    ['resolved', { clinicalStatus: coded('resolved') }, { status: 'inactive' }, []],
    ['in remission', { clinicalStatus: coded('remission') }, { status: 'inactive' }, []],
    ['inactive', { clinicalStatus: coded('inactive') }, { status: 'inactive' }, []],
    ['recurring', { clinicalStatus: coded('recurrence') }, { status: 'active' }, []],
    ['relapsing', { clinicalStatus: coded('relapse') }, { status: 'active' }, []],
    ['abated yesterday', { abatementDateTime: '2026-01-30' }, { status: 'inactive' }, []],
    ['abated in a period', { abatementPeriod: { end: '2026-01-30' } }, { status: 'inactive' }, []],
    ['abating at this moment', { abatementDateTime: '2026-01-31T12:00:00.000Z' }, { status: 'active' }, []],
    ['abating today', { abatementDateTime: '2026-01-31' }, { status: 'active' }, []],
    [
      'without a status',
      { clinicalStatus: undefined },
      { status: 'active' },
      ['condition-status: has no clinical status we know: counted as active, and flagged'],
    ],
    [
      'provisional',
      { verificationStatus: coded('provisional') },
      { confirmed: false },
      ['condition-status: verification status `provisional`: counted, but exempts from nothing'],
    ],
    [
      'of a verification that is no code',
      { verificationStatus: coded('a b') },
      { confirmed: false },
      ['condition-status: verification status `not coded`: counted, but exempts from nothing'],
    ],
    ['without a verification', { verificationStatus: undefined }, { confirmed: true }, []],
    [
      'of the future',
      { onsetDateTime: '2026-02-02' },
      null,
      ['condition-status: begins after the evaluation time: not counted'],
    ],
    ['of this moment in the last time zone', { onsetDateTime: '2026-02-01T02:05:00.000Z' }, {}, []],
    [
      'of the moment after it',
      { onsetDateTime: '2026-02-01T02:05:00.001Z' },
      null,
      ['condition-status: begins after the evaluation time: not counted'],
    ],
    [
      'that began',
      { onsetDateTime: '2026-01-01T00:00:00Z' },
      { onset: { from: Date.parse('2026-01-01T00:00:00Z') } },
      [],
    ],
    [
      'that began in a period',
      { onsetPeriod: { start: '2026-01-02T00:00:00Z' } },
      { onset: { from: Date.parse('2026-01-02T00:00:00Z') } },
      [],
    ],
    [
      'that was recorded',
      { recordedDate: '2026-01-03T00:00:00Z' },
      { onset: { from: Date.parse('2026-01-03T00:00:00Z') } },
      [],
    ],
  ])('%s', (_name, more, expected, said) => {
    const read = readAll([condition(more)]);
    expect(read.said).toEqual(said);
    expect(read.chart.conditions).toMatchObject(
      expected === null ? [] : [{ groups: ['dialysis'], ...expected }],
    );
  });
  it('of no group of ours says nothing about its status', () => {
    const read = readAll([
      condition({
        code: { ...coded('80967001'), text: 'Dental caries' },
        clinicalStatus: undefined,
        verificationStatus: coded('provisional'),
      }),
    ]);
    expect([read.said, read.chart.conditions]).toEqual([[], []]);
  });
});

describe('an allergy, and what is said of it', () => {
  const allergy = (more: Resource): Resource => ({
    resourceType: 'AllergyIntolerance',
    id: 'a',
    patient: { reference: 'Patient/1' },
    code: { text: 'ciprofloxacin' },
    ...more,
  });
  const unresolved = ['allergy-unresolved: could not be matched to an ingredient: it may be to any drug'];
  it.each<[string, Resource, object | null, string[]]>([
    ['to a drug', {}, { status: 'active', ingredients: [{ name: 'ciprofloxacin' }] }, []],
    ['that is over', { clinicalStatus: coded('resolved') }, { status: 'inactive' }, []],
    ['that is refuted', { verificationStatus: coded('refuted') }, null, []],
    ['entered in error', { verificationStatus: coded('entered-in-error') }, null, []],
    ['to something unknown', { code: { text: 'unobtainium' } }, { ingredients: [] }, unresolved],
    ['to nothing that is named', { code: undefined }, { ingredients: [] }, unresolved],
    ['to a food', { code: { text: 'nuts' }, category: ['food'] }, null, []],
    ['to the environment', { code: { text: 'pollen' }, category: ['environment', 'food'] }, null, []],
    [
      'to something of two kinds',
      { code: { text: 'x' }, category: ['food', 'medication'] },
      { ingredients: [] },
      unresolved,
    ],
    ['to nothing known', { code: coded('716186003') }, null, []],
  ])('%s', (_name, more, expected, said) => {
    const read = readAll([allergy(more)]);
    expect(read.said).toEqual(said);
    expect(read.chart.allergies).toMatchObject(expected === null ? [] : [expected]);
  });
});

describe('an order for a service', () => {
  const order = (more: Resource): Resource => ({
    resourceType: 'ServiceRequest',
    id: 's',
    status: 'draft',
    code: coded('1'),
    ...more,
  });
  const ordered = (more: Resource) => readAll([], [order(more)]).chart.serviceOrders;
  it('is kept with its codes, R4 and R5', () => {
    const expected = [
      {
        reference: 'ServiceRequest/s',
        codes: [{ system: 'http://snomed.info/sct', code: '1' }],
        selected: true,
      },
    ];
    expect(ordered({})).toEqual(expected);
    expect(ordered({ code: { concept: coded('1') } })).toEqual(expected);
    expect(ordered({ status: undefined })).toEqual(expected);
  });
  it('of an examination with contrast says so, by its words or a display', () => {
    const contrast = { contrast: 'iodinated' };
    const text = 'CT ABDOMEN W IV CONTRAST';
    expect(ordered({ code: { text } })).toMatchObject([{ contrast }]);
    expect(ordered({ code: { coding: [{ system: 'local', code: 'x', display: text }] } })).toMatchObject([
      { contrast },
    ]);
  });
  it.each(['entered-in-error', 'revoked', 'completed'])('of status %s is none', (status) =>
    expect(ordered({ status })).toEqual([]),
  );
  it('that is not to be done, or no draft, is none', () => {
    expect(ordered({ doNotPerform: true })).toEqual([]);
    expect(readAll([order({})]).chart.serviceOrders).toEqual([]);
  });
});

it('a resource that throws when it is read leaves its kind of data known in part', () => {
  const throwing = new Proxy(
    {},
    {
      get(_target, key) {
        if (key === 'coding') throw new Error('a bug');
        return undefined;
      },
    },
  );
  const read = readAll(
    [condition({ id: 'ok' }), condition({ code: throwing })],
    [{ resourceType: 'MedicationRequest', id: 'd', status: 'draft', medicationCodeableConcept: throwing }],
  );
  expect(read.said).toContain('resource-malformed: could not be read as Condition: not used');
  expect(read.chart.completeness).toMatchObject({ conditions: 'partial', orders: 'partial', labs: 'absent' });
  expect(read.chart.conditions).toHaveLength(1);
});

describe('a condition', () => {
  const status = (code: string): Resource => ({ coding: [{ code }] });
  const diagnosis = (more: Resource): Resource => ({
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
    {
      name: 'with a code of no group and a display',
      more: { code: { coding: [{ system: snomed, code: '80967001', display: 'Dental caries' }] } },
      is: null,
    },
  ];
  it.each(cases)('$name', ({ more, is, codes }) => {
    const result = readBundle([patient, diagnosis(more)]);
    const found = result.chart.conditions.map(({ groups, ...rest }) => [groups, rest.status, rest.confirmed]);
    expect(found).toEqual(is ? [[['myasthenia-gravis'], ...is]] : []);
    expect(result.chart.completeness.conditions).toBe('known');
    expect(noticeCodes(result)).toEqual(codes ?? []);
  });

  it.each([
    ['onsetDateTime', { onsetDateTime: '2025-03', recordedDate: '2026-01-01' }, '2025-03-01'],
    ['onsetPeriod.start', { onsetPeriod: { start: '2025-04-01' }, recordedDate: '2026-01-01' }, '2025-04-01'],
    ['recordedDate', { recordedDate: '2025-05-01' }, '2025-05-01'],
  ])('has its onset from %s', (_, more, from) => {
    const { onset } = only(readBundle([patient, diagnosis(more)]).chart.conditions);
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
    expect(only(readBundle([patient, allergy(more)]).chart.allergies)).toMatchObject({
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
    const { chart } = readBundle([patient, allergy(more)]);
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
      code: { text: 'unobtainium' },
    };
    const { chart, notices } = readBundle([patient, resource]);
    expect(chart.allergies).toEqual([
      { reference: 'AllergyIntolerance/a', ingredients: [], status: 'active' },
    ]);
    expect(notices).toMatchObject([{ code: 'allergy-unresolved', reference: 'AllergyIntolerance/a' }]);
  });
});

describe('a ServiceRequest', () => {
  const service = (more: Resource): Resource => ({
    resourceType: 'ServiceRequest',
    id: 's',
    status: 'draft',
    subject,
    code: loincCode('2160-0'),
    ...more,
  });
  const order = {
    reference: 'ServiceRequest/s',
    codes: [{ system: 'http://loinc.org', code: '2160-0' }],
    selected: true,
    tests: ['creatinine', 'egfr'],
  };
  const { tests: _tests, ...ofNoTest } = order;
  const running = { ...order, selected: false, running: true };
  it.each([
    ['draft', {}, [order]],
    ['draft with an R5 code', { code: { concept: loincCode('2160-0') } }, [order]],
    ['draft without a code', { code: undefined }, [{ ...ofNoTest, codes: [] }]],
    ['active', { status: 'active' }, [running]],
    ['active of no test of ours', { status: 'active', code: { text: 'physiotherapy' } }, []],
    ['on hold', { status: 'on-hold' }, []],
    ['completed', { status: 'completed' }, []],
    ['active and planned only', { status: 'active', intent: 'plan' }, [running]],
    ['active and an option', { status: 'active', intent: 'option' }, []],
    [
      'active with a local code, by its name',
      { status: 'active', code: { coding: [{ system: 'urn:x', code: '7', display: 'BMP, STAT' }] } },
      [
        {
          ...running,
          codes: [{ system: 'urn:x', code: '7' }],
          tests: ['creatinine', 'egfr', 'potassium', 'sodium', 'calcium-total', 'bun'],
        },
      ],
    ],
    [
      'active of the past for a day to come',
      { status: 'active', authoredOn: '2026-01-01', occurrenceDateTime: '2026-02-02' },
      [{ ...running, written: spanOf('2026-01-01'), ahead: true }],
    ],
    ['draft marked doNotPerform', { doNotPerform: true }, []],
  ])('%s gives the orders expected', (_, more, orders) => {
    expect(readBundle([patient, service(more)]).chart.serviceOrders).toEqual(orders);
  });
});

describe('the code system of a problem', () => {
  const saidOf = (system: string, code: string): string[] =>
    readBundle([
      patient,
      {
        resourceType: 'Condition',
        id: 'c',
        subject,
        clinicalStatus: 'active',
        code: { coding: [{ system, code }] },
      },
    ]).notices.map(({ message }) => message);

  it.each(['ICD-10-CM', 'SNOMED CT'])('that is a bare name is read, and its sender is told: %s', (system) => {
    const code = system === 'ICD-10-CM' ? 'G70.00' : '91637004';
    expect(saidOf(system, code)).toEqual([
      expect.stringMatching(`under \`${system}\`, which is no URI: read`),
    ]);
  });

  it('that is not known is named', () => {
    expect(saidOf('urn:local:problems', 'G70.00')).toContainEqual(
      expect.stringContaining('has a code of `urn:local:problems`, a code system that is not read'),
    );
    expect(saidOf('of Mrs Miller <x>', 'G70.00').join()).not.toContain('Miller');
  });
});
