/** An order that was not checked is never answered with an empty list: it is read, or a card says so. */
import { describe, expect, it } from 'vitest';
import { type Decision, decide } from '../../../rules/decide.ts';
import { type Hook, hooks, meaningOf } from '../../../rules/fhir/hooks.ts';
import { shippedRuleset } from '../../../rules/library/shipped.ts';
import { loinc, observation, patient, searchset, subject } from '../../support/intakes.ts';

const ruleset = shippedRuleset();
const at = '2026-01-31T12:00:00Z';
const metformin = (more = {}) => ({
  resourceType: 'MedicationRequest',
  id: 'd',
  status: 'draft',
  intent: 'order',
  subject,
  medicationCodeableConcept: { text: 'Metformin 500 MG Oral Tablet' },
  ...more,
});
const creatinine = observation('c', {
  code: loinc('2160-0'),
  effectiveDateTime: '2026-01-30T10:00:00Z',
  valueQuantity: { value: 3.4, unit: 'mg/dL', system: 'http://unitsofmeasure.org', code: 'mg/dL' },
});
const prefetch = {
  patient: { ...patient, gender: 'male', birthDate: '1950-01-01' },
  labs: searchset([creatinine]),
  medicationRequests: null,
  medicationStatements: null,
  conditions: null,
  allergies: null,
};
const decided = (hook: Hook, context: Record<string, unknown>): Decision =>
  decide({ hook, context: { userId: 'Practitioner/1', patientId: '1', ...context }, prefetch }, ruleset, {
    decisionId: 'd',
    decidedAt: at,
    evaluatedAt: at,
  });
const topics = ({ cards }: Decision): string[] => cards.map(({ source }) => source.topic.code);
const of = (...entry: unknown[]) => ({ resourceType: 'Bundle', entry });
const stub = { resourceType: 'Patient', id: '1' };

describe('draftOrders', () => {
  it.each<[string, unknown, string[]]>([
    ['a Bundle', of({ resource: metformin() }), ['RD-001']],
    ['without type', { entry: [{ resource: metformin() }] }, ['RD-001']],
    ['a list of resources', [metformin()], ['RD-001']],
    ['a list of entries', [{ resource: metformin() }], ['RD-001']],
    ['entries that are the resource', of(metformin()), ['RD-001']],
    ['with a stub of the patient', of({ resource: stub }, { resource: metformin() }), ['RD-001']],
    ['without a subject', of({ resource: metformin({ subject: undefined }) }), ['RD-001']],
    ['of a bare id', of({ resource: metformin({ subject: { reference: '1' } }) }), ['RD-001']],
    [
      'of an id with a blank',
      of({ resource: metformin({ subject: { reference: 'Patient/1 ' } }) }),
      ['RD-001'],
    ],
    ['an empty Bundle', of(), []],
    ['an empty list', [], []],
    ['of no entry', { resourceType: 'Bundle', type: 'collection' }, []],
    ['with entry null', { resourceType: 'Bundle', entry: null }, ['DQ-007']],
    ['with entries', { resourceType: 'Bundle', entries: [{ resource: metformin() }] }, ['DQ-007']],
    ['with resources', { resourceType: 'Bundle', resources: [metformin()] }, ['DQ-007']],
    ['with a total and no entry', { resourceType: 'Bundle', total: 1 }, ['DQ-007']],
    [
      'of a dispense',
      of({ resource: { ...metformin({ status: 'preparation' }), resourceType: 'MedicationDispense' } }),
      ['DQ-007'],
    ],
    [
      'of an administration',
      of({ resource: { ...metformin({ status: 'not-done' }), resourceType: 'MedicationAdministration' } }),
      ['DQ-007'],
    ],
    [
      'of a service with an order inside',
      of({
        resource: {
          resourceType: 'ServiceRequest',
          id: 's',
          status: 'draft',
          subject,
          contained: [metformin()],
        },
      }),
      ['DQ-007'],
    ],
    [
      'of a task with an order inside',
      of({ resource: { resourceType: 'Task', id: 't', status: 'draft', contained: [metformin()] } }),
      ['DQ-007'],
    ],
    ['of a device', of({ resource: { resourceType: 'DeviceRequest', id: 'x', subject } }), []],
    ['missing', undefined, ['DQ-007']],
    ['null', null, ['DQ-007']],
    ['a text', 'x', ['DQ-007']],
    ['an empty object', {}, ['DQ-007']],
    ['an entry that is null', of(null), ['DQ-007']],
    ['an empty entry', of({}), ['DQ-007']],
    ['an entry that is a text', { resourceType: 'Bundle', entry: 'x' }, ['DQ-007']],
    ['a resource that is null', of({ resource: null }), ['DQ-007']],
    ['a resource without its type', of({ resource: { id: 'x' } }), ['DQ-007']],
    ['an entry of a fullUrl alone', of({ fullUrl: 'urn:uuid:1' }), ['DQ-007']],
    [
      'an entry of a request alone',
      of({ request: { method: 'POST', url: 'MedicationRequest' } }),
      ['DQ-007'],
    ],
    ['a further page', { ...of(), link: [{ relation: 'next', url: 'x' }] }, ['DQ-007']],
    ['of an unknown type', of({ resource: { resourceType: 'MedicationPrescription', id: 'x' } }), ['DQ-007']],
    ['of another patient', of({ resource: metformin({ subject: { reference: 'Patient/2' } }) }), ['DQ-007']],
    ['of a urn', of({ resource: metformin({ subject: { reference: 'urn:uuid:7' } }) }), ['DQ-007']],
    [
      'with a modifierExtension',
      of({ resource: metformin({ modifierExtension: [{ url: 'x' }] }) }),
      ['DQ-007'],
    ],
  ])('%s', (_, draftOrders, expected) => {
    expect(topics(decided('order-sign', { draftOrders }))).toEqual(expected);
  });

  it('a selection that did not come is said; drafts that cannot be read are, on a chart, too', () => {
    const selected = decided('order-select', { draftOrders: of(), selections: ['MedicationRequest/z'] });
    expect(topics(selected)).toEqual(['DQ-007']);
    expect(topics(decided('patient-view', { draftOrders: of(7) }))).toEqual(['DQ-007']);
    expect(topics(decided('patient-view', {}))).toEqual([]);
  });

  it('two drafts with one id are both checked, and no button deletes one of them', () => {
    const other = metformin({ medicationCodeableConcept: { text: 'omeprazole' } });
    const { cards } = decided('order-sign', {
      draftOrders: of({ resource: other }, { resource: metformin() }),
    });
    expect(cards.map(({ source }) => source.topic.code)).toContain('RD-001');
    const actions = cards.flatMap(({ suggestions = [] }) => suggestions.flatMap((one) => one.actions));
    expect(actions.filter(({ type }) => type === 'delete')).toEqual([]);
  });
});

describe.each(hooks.filter((hook) => meaningOf(hook).kind !== 'chart'))('at %s', (hook) => {
  const { names, brings } = meaningOf(hook);
  it.each([[undefined], [null], ['x'], [7], [{ resource: null }]])('%j is said', (value) => {
    expect(topics(decided(hook, { [names ?? brings[0] ?? '']: value }))).toContain('DQ-007');
  });
});
