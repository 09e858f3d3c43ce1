import { describe, expect, it } from 'vitest';
import type { Completeness } from '../../../rules/fhir/categories.ts';
import { intakeOfBundle } from '../../../rules/intake/intake.ts';
import type { Intake } from '../../../rules/intake/types.ts';
import {
  bundle,
  codes,
  condition,
  drafts,
  messages,
  observation,
  order,
  patient,
  post,
  type Resource,
  references,
  searchset,
  sign,
  subject,
  view,
} from '../../support/intakes.ts';

describe('draft orders', () => {
  it('do not make the medications known', () => {
    expect(sign({ patient }, searchset([order('a')])).completeness.medications).toBe('absent');
  });

  it('with a modifierExtension are not used, and leave the orders incomplete', () => {
    const modified = order('a', {
      modifierExtension: [{ url: 'https://ehr.example/not', valueBoolean: true }],
    });
    const intake = sign({ patient, medicationRequests: null }, searchset([modified, order('b')]));
    expect(drafts(intake)).toEqual([['MedicationRequest/b', true]]);
    expect(codes(intake)).toEqual(['resource-modified', 'order-unchecked']);
    expect(intake.completeness.orders).toBe('partial');
    expect(intake.completeness.medications).toBe('known');
  });
});

describe('therapy that is over', () => {
  const therapy = (resourceType: string, status: string): Resource => ({
    resourceType,
    id: 't',
    status,
    subject,
  });
  // In a posted bundle a request or statement stands for all that there is; in an answer it is one of many.
  it.each<[string, string, Completeness, Completeness, Completeness, Completeness]>([
    ['MedicationRequest', 'active', 'absent', 'known', 'absent', 'known'],
    ['MedicationRequest', 'completed', 'known', 'known', 'partial', 'absent'],
    ['MedicationRequest', 'stopped', 'known', 'known', 'partial', 'absent'],
    ['MedicationStatement', 'on-hold', 'known', 'known', 'partial', 'absent'],
    ['MedicationDispense', 'completed', 'partial', 'absent', 'partial', 'absent'],
    ['MedicationAdministration', 'completed', 'partial', 'absent', 'partial', 'absent'],
  ])('a %s that is %s: past %s and present %s if posted, %s and %s if prefetched', (type, status, ...is) => {
    const resource = therapy(type, status);
    const posted = intakeOfBundle(resource, null).completeness;
    const prefetched = view({ x: searchset([resource]) }).completeness;
    expect([
      posted.pastMedications,
      posted.medications,
      prefetched.pastMedications,
      prefetched.medications,
    ]).toEqual(is);
  });
});

describe('a posted bundle', () => {
  it('says once how many Compositions no rule uses', () => {
    const composition = { resourceType: 'Composition', subject };
    const intake = post(
      bundle('document', [{ resource: composition }, { resource: composition }, { resource: patient }]),
    );
    expect(codes(intake)).toEqual(['resource-ignored']);
    expect(messages(intake)).toContain('2 Composition');
  });

  it('of 1 draft order does not make the medications known', () => {
    expect(post(bundle('collection', [{ resource: order('a') }])).completeness.medications).toBe('absent');
  });

  it('makes known what it holds, and leaves absent what it does not', () => {
    expect(post(bundle('collection', [{ resource: condition('c') }])).completeness).toMatchObject({
      conditions: 'known',
      medications: 'absent',
      allergies: 'absent',
      encounter: 'absent',
    });
  });

  it('does not use what has a modifierExtension: what it held is unknown', () => {
    const modifierExtension = [{ url: 'https://ehr.example/negated', valueBoolean: true }];
    const intake = post(
      bundle('collection', [
        { resource: patient },
        { resource: condition('c', { modifierExtension }) },
        { resource: condition('d') },
        { resource: observation('o', { modifierExtension }) },
      ]),
    );
    expect(references(intake)).toEqual(['Patient/1', 'Condition/d']);
    expect(codes(intake)).toEqual(['resource-modified', 'resource-modified']);
    expect(intake.completeness.conditions).toBe('partial');
    expect(intake.incomplete.has('labs')).toBe(true);
    const modified = post(
      bundle('collection', [{ resource: { ...patient, modifierExtension } }, { resource: condition('c') }]),
    );
    expect(references(modified)).toEqual(['Condition/c']);
    expect([...modified.incomplete]).toEqual([]);
  });
});

describe('what is said, word for word', () => {
  const said = ({ notices }: Intake): string[] => notices.map(({ code, message }) => `${code}: ${message}`);

  it('of Medications by their address, fullUrl or id', () => {
    const medication = { resourceType: 'Medication', id: 'm' };
    const { definitionOf } = intakeOfBundle(
      {
        resourceType: 'Bundle',
        entry: [
          { resource: patient },
          { fullUrl: 'https://ehr.example/fhir/Medication/9', resource: medication },
          { fullUrl: 'urn:uuid:7', resource: { resourceType: 'Substance' } },
          { resource: { resourceType: 'Medication', id: 'n' } },
        ],
      },
      null,
    );
    const found = (reference: string): unknown => definitionOf(reference, null)?.resource;
    expect(found('Medication/m')).toEqual(medication);
    expect(found('https://ehr.example/fhir/Medication/9')).toEqual(medication);
    expect(found('Medication/9')).toEqual(medication);
    expect(found('urn:uuid:7')).toEqual({ resourceType: 'Substance' });
    expect(found('Medication/n')).toEqual({ resourceType: 'Medication', id: 'n' });
    expect(found('https://other.example/fhir/Medication/9')).toBeUndefined();
  });

  it('of what was left out of a posted bundle', () => {
    const modifierExtension = [{ url: 'https://ehr.example/negated', valueBoolean: true }];
    const entry = [
      { request: { method: 'DELETE', url: 'Observation/gone' } },
      ...[
        patient,
        observation('gone'),
        observation('theirs', { subject: { reference: 'Patient/2' } }),
        condition('modified', { modifierExtension }),
        condition('twice', { recordedDate: '2025-01-01' }),
        condition('twice', { recordedDate: '2026-01-01' }),
        { ...condition('nobodys'), subject: undefined },
      ].map((resource) => ({ resource })),
      7,
    ];
    expect(said(intakeOfBundle({ resourceType: 'Bundle', entry }, '1'))).toEqual([
      'resource-malformed: Bundle.entry[8] is not an object',
      'resource-deleted: the bundle says it was deleted: not used',
      'other-patient: belongs to another subject: left out',
      'resource-modified: has a modifierExtension that is not understood: not used',
      "subject-missing: 1 resource(s) do not say whose they are: taken as this patient's",
      'resource-repeated: came more than once and differs: no version says which is newer, so all 2 are used',
    ]);
    const nobodys = { ...observation('o'), subject: undefined };
    expect(said(intakeOfBundle(nobodys, null))).toEqual([
      'patient-missing: nothing says which patient the data is about',
    ]);
  });

  it('of the number of resources no rule uses', () => {
    const entry = [
      patient,
      { resourceType: 'Composition' },
      { resourceType: 'Composition' },
      { resourceType: 'J D' },
    ];
    const intake = intakeOfBundle(
      { resourceType: 'Bundle', entry: entry.map((resource) => ({ resource })) },
      null,
    );
    expect(said(intake)).toEqual([
      'resource-ignored: 2 Composition resource(s): no rule uses them',
      'resource-ignored: 1 unknown resource(s): no rule uses them',
    ]);
  });
});

it('thousands of drafts with one id are each named apart', () => {
  const many = Array.from({ length: 2000 }, (_one, index) =>
    order('x', { medicationCodeableConcept: { text: `drug ${index}` } }),
  );
  const { items } = sign({ patient }, searchset(many));
  expect(new Set(items.map(({ reference }) => reference)).size).toBe(2001);
});
