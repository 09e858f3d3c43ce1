/** Identity is the server's address and the id: clause by clause, in posted bundles and in requests of a hook. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { intakeOfHook } from '../../../rules/intake/intake.ts';
import type { Intake } from '../../../rules/intake/types.ts';
import {
  bundle,
  codes,
  condition,
  context,
  observation,
  order,
  patient,
  post,
  type Resource,
  references,
  refusal,
  searchset,
} from '../../support/intakes.ts';

const [a, b] = ['https://a.example/fhir', 'https://b.example/fhir'];
const identified = { ...patient, identifier: [{ system: 'urn:mrn', value: '7' }] };

/** The results of an order-sign with one result and one order that name their subject so. */
const sign = (subject: unknown, more: { fhirServer?: string; fullUrl?: string } = {}): Intake =>
  intakeOfHook(
    'order-sign',
    { ...context, draftOrders: { entry: [{ resource: order('d', { subject }) }] } },
    { patient: identified, labs: searchset([observation('o', { subject })]) },
    undefined,
    more.fhirServer,
  );

describe('a subject', () => {
  it.each<[string, unknown, string | undefined, boolean]>([
    ['by a relative reference', { reference: 'Patient/1' }, undefined, true],
    ['with blanks around it', { reference: ' Patient/1 ' }, undefined, true],
    ['with a slash behind it', { reference: 'Patient/1/' }, undefined, true],
    ['by its bare id', { reference: '1' }, undefined, true],
    ['by its id as a number', { reference: 1 }, undefined, true],
    ['as a text', 'Patient/1', undefined, true],
    ['as a list of one', [{ reference: 'Patient/1' }], undefined, true],
    ['at the server of the request', { reference: `${a}/Patient/1` }, a, true],
    [
      'at that server by http, upper case and port',
      { reference: 'http://A.example:80/fhir/Patient/1' },
      a,
      true,
    ],
    ['at an address, where no server is known', { reference: `${a}/Patient/1` }, undefined, true],
    ['by identifier', { identifier: { system: 'urn:mrn', value: '7' } }, undefined, true],
    ['by a search for its identifier', { reference: 'Patient?identifier=urn:mrn|7' }, undefined, true],
    ['by a search for its id', { reference: 'Patient?_id=1' }, undefined, true],
    ['by display alone', { display: 'somebody' }, undefined, true],
    ['at another server', { reference: `${b}/Patient/1` }, a, false],
    ['of another id', { reference: 'Patient/2' }, undefined, false],
    ['by another bare id', { reference: '2' }, undefined, false],
    ['by a urn that leads nowhere', { reference: 'urn:uuid:7' }, undefined, false],
    ['by an identifier of nobody', { identifier: { system: 'urn:mrn', value: '8' } }, undefined, false],
    ['by an identifier without system', { identifier: { value: '7' } }, undefined, false],
    ['by a search for another', { reference: 'Patient?identifier=urn:mrn|8' }, undefined, false],
    ['by a search for a name', { reference: 'Patient?name=x' }, undefined, false],
    ['as a list of two', [{ reference: 'Patient/1' }, { reference: 'Patient/2' }], undefined, false],
    ['in words', { reference: 'the patient in room 7' }, undefined, false],
  ])('%s is the patient in context: %#', (_, subject, fhirServer, isPatient) => {
    const intake = sign(subject, fhirServer ? { fhirServer } : {});
    expect(references(intake)).toEqual(
      isPatient ? ['Patient/1', 'Observation/o', 'MedicationRequest/d'] : ['Patient/1'],
    );
    expect(codes(intake).includes('order-unchecked')).toBe(!isPatient);
    expect(intake.incomplete.has('labs')).toBe(!isPatient);
  });
});

describe('two servers', () => {
  const at = (server: string, resource: Resource): Resource => ({
    fullUrl: `${server}/${resource.resourceType}/${resource.id}`,
    resource,
  });
  const two = bundle('collection', [
    at(a, patient),
    at(b, patient),
    at(a, observation('relative')),
    at(b, observation('o', { subject: { reference: `${a}/Patient/1/_history/2` } })),
    at(b, observation('theirs')),
  ]);

  it('have two patients with one id, of which an address chooses one', () => {
    expect(refusal(() => post(two))).toMatchObject({ status: 400, code: 'multiple-matches' });
    expect(refusal(() => post(two, '1'))).toMatchObject({ status: 400, code: 'multiple-matches' });
    const intake = post(two, `${a}/Patient/1`);
    expect(references(intake)).toEqual(['Patient/1', 'Observation/relative', 'Observation/o']);
    expect(intake.patientId).toBe('1');
  });

  it('have two Medications with one id: a reference means that of its own', () => {
    const drug = (text: string): Resource => ({ resourceType: 'Medication', id: 'm', code: { text } });
    const { definitionOf } = post(
      bundle('collection', [{ resource: patient }, at(a, drug('digoxin')), at(b, drug('omeprazole'))]),
    );
    const found = (reference: string, server: string | null) =>
      definitionOf({ reference }, server)?.resource.code;
    expect(found(`${a}/Medication/m`, null)).toEqual({ text: 'digoxin' });
    expect(found('Medication/m', 'b.example/fhir')).toEqual({ text: 'omeprazole' });
    expect(found('Medication/m', null)).toBeUndefined();
  });

  it('have two orders with one id, which are told apart by their address', () => {
    const intake = post(
      bundle('collection', [{ resource: patient }, at(a, order('x')), at(b, order('x', { note: 'b' }))]),
      '1',
    );
    expect(references(intake)).toEqual(['Patient/1']);
    const subject = { reference: `${a}/Patient/1` };
    const both = post(
      bundle('collection', [
        at(a, patient),
        at(a, order('x', { subject })),
        at(b, order('x', { subject, note: 'b' })),
      ]),
    );
    expect(references(both)).toEqual(['Patient/1', `${a}/MedicationRequest/x`, `${b}/MedicationRequest/x`]);
  });
});

it('two drafts with one id are two orders, named by their places; one that is repeated is one', () => {
  const entries = (...notes: string[]) => ({
    entry: notes.map((note) => ({ resource: order('x', { note }) })),
  });
  const read = (draftOrders: unknown) =>
    references(intakeOfHook('order-sign', { ...context, draftOrders }, { patient }));
  expect(read(entries('a', 'b'))).toEqual([
    'Patient/1',
    'MedicationRequest/x (context.draftOrders.entry[0])',
    'MedicationRequest/x (context.draftOrders.entry[1])',
  ]);
  expect(read(entries('a', 'a'))).toEqual(['Patient/1', 'MedicationRequest/x']);
});

describe('a stub of the patient', () => {
  const whole = { ...patient, gender: 'male', birthDate: '1950-01-01' };
  it.each<[string, Resource, unknown]>([
    ['does not hide the Patient of the prefetch', patient, { gender: 'male', birthDate: '1950-01-01' }],
    [
      'that is newer neither',
      { ...patient, meta: { lastUpdated: '2026-01-01T00:00:00Z' } },
      { gender: 'male' },
    ],
    ['of a year alone neither', { ...patient, birthDate: '1950' }, { birthDate: '1950-01-01' }],
    ['that differs leaves it unknown', { ...patient, gender: 'female' }, { birthDate: '1950-01-01' }],
  ])('%s', (_, stub, expected) => {
    const intake = intakeOfHook(
      'order-sign',
      { ...context, draftOrders: { entry: [{ resource: stub }, { resource: order('d') }] } },
      { patient: whole },
    );
    const [one, ...others] = intake.items.filter(({ type }) => type === 'Patient');
    expect(one?.resource).toMatchObject(expected as Resource);
    expect(one?.resource.gender).toBe(stub.gender ? undefined : 'male');
    expect(others).toEqual([]);
    expect(codes(intake)).toEqual(stub.gender ? ['patient-conflict'] : []);
  });
});

it('the same data under any base address, or none, by fullUrl or urn, in any order, is the same', () => {
  const resources = [patient, observation('o'), condition('c'), order('d')];
  const naming = fc.constantFrom<(resource: Resource) => Resource>(
    (resource) => ({ resource }),
    (resource) => ({ fullUrl: `${a}/${resource.resourceType}/${resource.id}`, resource }),
    (resource) => ({ fullUrl: `${b}/deep/${resource.resourceType}/${resource.id}`, resource }),
    (resource) => ({ fullUrl: `urn:uuid:${resource.id}`, resource }),
  );
  const shuffled = fc.shuffledSubarray(resources, { minLength: 4, maxLength: 4 });
  fc.assert(
    fc.property(naming, shuffled, (entryOf, some) => {
      const intake = post(bundle('collection', some.map(entryOf)));
      expect([...references(intake)].sort()).toEqual([
        'Condition/c',
        'MedicationRequest/d',
        'Observation/o',
        'Patient/1',
      ]);
      expect(codes(intake)).toEqual([]);
    }),
    { seed: 11, numRuns: 60 },
  );
});
