import { describe, expect, it } from 'vitest';
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

describe('a condition, and what is said of it', () => {
  it.each<[string, Resource, object | null, string[]]>([
    ['plain', {}, { status: 'active', confirmed: true, onset: null }, []],
    ['refuted', { verificationStatus: coded('refuted') }, null, []],
    ['entered in error', { verificationStatus: coded('entered-in-error') }, null, []],
    [
      'without a code',
      { code: { text: 'x' } },
      null,
      ['condition-uncoded: has no SNOMED CT or ICD-10 code: no rule can use it'],
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
        code: coded('80967001'),
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
