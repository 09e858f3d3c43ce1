/** The plan of what is read, without a server. */
import { describe, expect, test } from 'vitest';
import { inOrder, isEmptyPlan, planReads, tasksOf } from '../../../functions/outbound/plan.ts';
import { medicationOf, pastKindOf } from '../../../functions/outbound/references.ts';
import type { Json } from '../../../rules/fhir/json.ts';

const templates = {
  patient: 'Patient/{{context.patientId}}',
  encounter: 'Encounter/{{context.encounterId}}',
  conditions: 'Condition?patient={{context.patientId}}',
};
const patient = { resourceType: 'Patient', id: 'p1' };
const conditions = { resourceType: 'Bundle', type: 'searchset', total: 0, entry: [] };

describe('searches', () => {
  test.each<[string, object, Json, string[]]>([
    ['nothing came', { patientId: 'p1' }, {}, ['Patient/p1', 'Condition?patient=p1']],
    ['all came', { patientId: 'p1' }, { patient, conditions }, []],
    ['nobody is told', { patientId: 'p1' }, { patient, conditions: null }, []],
    [
      'inside of an encounter',
      { patientId: 'p1', encounterId: 'Encounter/e1' },
      { patient, conditions },
      ['Encounter/e1'],
    ],
    ['an id that is none', { patientId: 'p1', encounterId: '../e1' }, { patient, conditions }, []],
  ])('%s', (_, context, prefetch, queries) => {
    const plan = planReads({ patientId: 'p1', ...context }, prefetch, templates);
    expect(plan.searches.map(({ query }) => query)).toEqual(queries);
    expect(isEmptyPlan(plan)).toBe(queries.length === 0);
  });

  test('a defective answer is replaced, what did not come is not', () => {
    const outcome = { resourceType: 'OperationOutcome', issue: [] };
    const { searches } = planReads({ patientId: 'p1' }, { conditions: outcome }, templates);
    expect(searches.map(({ key, replaces }) => [key, replaces])).toEqual([
      ['patient', false],
      ['conditions', true],
    ]);
  });

  test('a bundle with a further page is followed, under whatever key it came', () => {
    const first = {
      ...conditions,
      entry: [{ resource: { resourceType: 'Condition', id: 'c1', subject: { reference: 'Patient/p1' } } }],
      link: [
        { relation: 'self', url: 'https://ehr.example/Condition?patient=p1' },
        { relation: 'next', url: 'https://ehr.example/page/2' },
      ],
    };
    const plan = planReads({ patientId: 'p1' }, { patient, problems: first }, templates);
    expect(plan.pages).toEqual([{ key: 'conditions', at: 'problems', first, query: 'Condition?patient=p1' }]);
    expect(plan.searches).toEqual([]);
  });
});

describe('references', () => {
  const order = (reference: string, more: Json = {}): Json => ({
    resourceType: 'MedicationRequest',
    id: 'r1',
    status: 'active',
    medicationReference: { reference },
    ...more,
  });

  test.each<[string, Json, ReturnType<typeof medicationOf>]>([
    ['a drug that is taken', order('Medication/1'), { kind: 'medications', reference: 'Medication/1' }],
    [
      'of past therapy',
      order('Medication/1', { status: 'stopped' }),
      { kind: 'pastMedications', reference: 'Medication/1' },
    ],
    [
      'what was given',
      order('Medication/1', { resourceType: 'MedicationDispense' }),
      { kind: 'pastMedications', reference: 'Medication/1' },
    ],
    [
      'R5',
      order('x', {
        medicationReference: undefined,
        medication: { reference: { reference: 'Medication/2' } },
      }),
      { kind: 'medications', reference: 'Medication/2' },
    ],
    ['a drug that is named', order('Medication/1', { medicationCodeableConcept: { text: 'x' } }), null],
    ['a contained one', order('#drug'), null],
    ['a cancelled order', order('Medication/1', { status: 'cancelled' }), null],
    ['another resource', order('Medication/1', { resourceType: 'Observation' }), null],
  ])('%s', (_, resource, expected) => expect(medicationOf(resource, 'pastMedications')).toEqual(expected));

  test('past therapy is read only where a template asks for it', () => {
    expect(pastKindOf({ pastMedicationRequests: 'x' })).toBe('pastMedications');
    expect(pastKindOf({ medicationRequests: 'x' })).toBeNull();
  });

  test('what came is not read again; orders to be dispatched are, in their order', () => {
    const draftOrders = {
      resourceType: 'Bundle',
      entry: [
        { resource: order('Medication/1') },
        { resource: { ...order('Medication/2'), id: 'r2' } },
        { fullUrl: 'https://ehr.example/Medication/2', resource: { resourceType: 'Medication' } },
      ],
    };
    const dispatchedOrders = ['MedicationRequest/r1', 'MedicationRequest/o1', 7];
    const plan = planReads(
      { patientId: 'p1', draftOrders, dispatchedOrders },
      { patient, conditions },
      templates,
    );
    expect(plan.references).toEqual([
      { kind: 'dispatchedOrders', reference: 'MedicationRequest/o1' },
      { kind: 'medications', reference: 'Medication/1' },
    ]);
    expect(plan.known.has('MedicationRequest/r1')).toBe(true);
  });
});

test('searches, further pages and drugs begin as their templates stand in the order, orders that are named with their drugs', () => {
  const begun: string[] = [];
  const note = async (what: string): Promise<void> => {
    begun.push(what);
  };
  const first = { resourceType: 'Bundle' };
  const tasks = tasksOf(
    {
      searches: ['x', 'labs', 'pastMedicationRequests', 'medicationRequests'].map((key) => ({
        key,
        query: key,
        replaces: false,
      })),
      pages: [{ key: 'conditions', at: 'conditions', first, query: 'Condition?patient=1' }],
      references: [
        { kind: 'pastMedications', reference: 'Medication/2' },
        { kind: 'medications', reference: 'Medication/1' },
        { kind: 'dispatchedOrders', reference: 'MedicationRequest/1' },
        { kind: 'dispatchedOrders', reference: 'MedicationRequest/2' },
      ],
      known: new Set(),
    },
    {
      search: ({ key }) => note(key),
      follow: ({ key }) => note(`rest of ${key}`),
      read: ({ reference }) => note(reference),
      readOrders: (orders) => note(`${orders.length} orders`),
    },
  );
  const order = ['conditions', 'medicationRequests', 'labs', 'pastMedicationRequests'];
  for (const { begin } of inOrder(tasks, order)) void begin();
  expect(begun).toEqual([
    'rest of conditions',
    '2 orders',
    'medicationRequests',
    'Medication/1',
    'labs',
    'pastMedicationRequests',
    'Medication/2',
    'x',
  ]);
});
