import { describe, expect, test } from 'vitest';
import { type FetchJson, fetchJson } from '../../../functions/outbound/fetch.ts';
import { createServerMemory } from '../../../functions/outbound/server-memory.ts';
import type { Json } from '../../../rules/fhir/json.ts';
import {
  gathering,
  ids,
  intake,
  medication,
  messages,
  outcome,
  paths,
  request,
  ruleset,
  rxnorm,
  serve,
  server,
  useFhirServer,
  whole,
} from '../../support/gathering.ts';
import { patient, searchset } from '../../support/hook-requests.ts';

useFhirServer();

describe('what is only referred to', () => {
  const referring = (id: string, reference: string, more: Json = {}) =>
    request(id, { medicationReference: { reference }, ...more });
  const draft = (...resources: object[]) => ({
    context: {
      patientId: 'p1',
      draftOrders: { resourceType: 'Bundle', entry: resources.map((resource) => ({ resource })) },
    },
  });

  test('the Medication of a draft order, as Epic sent it before 2024, is read: 1 call', async () => {
    await serve([medication('m1', '6585')]);
    const given = draft(referring('d1', 'Medication/m1', { status: 'draft' }));
    const gathered = await gathering(whole, given);
    expect(paths()).toEqual(['Medication/m1']);
    expect(intake(gathered, given.context).definitionOf('Medication/m1', null)?.resource).toEqual(
      medication('m1', '6585'),
    );
  });

  test.each([
    ['R4', { medicationReference: { reference: 'Medication/m1' } }],
    ['R5', { medication: { reference: { reference: 'Medication/m1' } } }],
    ['an absolute reference to this server', null],
    ['a version', { medicationReference: { reference: 'Medication/m1/_history/2' } }],
  ])('of a fetched request too: %s', async (_, how) => {
    await serve([patient, medication('m1')]);
    const more = how ?? { medicationReference: { reference: `${server.url}/Medication/m1` } };
    server.instead.MedicationRequest = searchset(request('mr', more));
    const gathered = await gathering({ ...whole, medicationRequests: outcome });
    expect(paths()).toEqual(['Medication/m1', 'MedicationRequest']);
    expect(Object.keys(gathered.fetched.resources)).toEqual(['medicationRequests', 'medications']);
    expect(intake(gathered).definitionOf('Medication/m1', null)).not.toBeNull();
  });

  test('7 references to 1 Medication make 1 call; one that came, is contained or of a cancelled order none', async () => {
    await serve([medication('m1')]);
    const came = searchset(
      ...Array.from({ length: 7 }, (_, index) => referring(`r${index}`, 'Medication/m1')),
      referring('r7', 'Medication/m2'),
      medication('m2'),
      referring('r8', '#m3'),
      referring('r9', 'urn:uuid:0b7f8d4e-5a0c-4f49-8a0d-000000000000'),
      referring('r10', 'Medication/m4', { status: 'cancelled' }),
      referring('r11', 'Medication/m5', { medicationCodeableConcept: rxnorm('7646') }),
    );
    await gathering({ ...whole, medicationRequests: came });
    expect(paths()).toEqual(['Medication/m1']);
  });

  test('of 45 Medications 40 are read, and a notice says so', async () => {
    const many = Array.from({ length: 45 }, (_, index) => medication(`m${index}`));
    await serve(many);
    const requests = many.map(({ id }) => referring(`r-${id}`, `Medication/${id}`));
    const gathered = await gathering({ ...whole, medicationRequests: searchset(...requests) });
    expect(server.calls).toHaveLength(40);
    expect(ids(gathered.fetched.resources.medications)).toHaveLength(40);
    expect(messages(gathered)).toEqual([
      'fhir-fetch-failed: Medication resources (5) could not be read from the FHIR server: no more than 40 are read',
    ]);
  });

  const over = (id: string, reference: string) => referring(id, reference, { status: 'completed' });

  test('that of therapy that is over is read where a rule of the hook looks back, and only there', async () => {
    await serve([medication('m1', '318341')]);
    const prefetch = { ...whole, pastMedicationRequests: searchset(over('r1', 'Medication/m1')) };
    const gathered = await gathering(prefetch);
    expect(paths()).toEqual(['Medication/m1']);
    expect(intake(gathered).definitionOf('Medication/m1', null)).not.toBeNull();
    server.calls.length = 0;
    await gathering(prefetch, {}, { templates: ruleset.prefetch['patient-view'] });
    expect(paths()).toEqual([]);
  });

  test('60 of therapy that is over keep out none of what is taken: 40 of them and 1 are read', async () => {
    const many = [...Array(60).keys()].map((index) => medication(`m${index}`));
    await serve(many);
    const past = searchset(...many.map(({ id }) => over(`r-${id}`, `Medication/${id}`)));
    const medicationRequests = searchset(referring('now', 'Medication/m59'));
    const { pastMedicationRequests: _, ...rest } = whole;
    const gathered = await gathering({ pastMedicationRequests: past, ...rest, medicationRequests });
    expect(server.calls).toHaveLength(41);
    expect(ids(gathered.fetched.resources.medications)).toContain('m59');
    expect(messages(gathered)).toEqual([
      'fhir-fetch-failed: Medication resources of past therapy (19) could not be read from the FHIR server: no more than 40 are read',
    ]);
  });

  test.each([
    'https://elsewhere.example/fhir/Medication/m1',
    'http://127.0.0.1:9/fhir/Medication/m1',
    'Medication/..',
    'Medication/%2e%2e',
    'Medication/m1%2f..%2fsecret',
  ])('a reference to `%s` is not read', async (reference) => {
    await serve([medication('m1')]);
    const gathered = await gathering(whole, draft(referring('d1', reference)));
    expect(server.calls).toEqual([]);
    expect(messages(gathered)).toEqual([
      'fhir-fetch-failed: Medication resources could not be read from the FHIR server: the reference leads to another server',
    ]);
  });

  test('another Medication than was asked for is not used', async () => {
    server.instead.Medication = medication('m2');
    const gathered = await gathering(whole, draft(referring('d1', 'Medication/m1')));
    expect(gathered.fetched.resources).toEqual({});
    expect(messages(gathered)[0]).toContain('not what was asked for');
  });

  test('orders to be dispatched are read with their drugs in 1 call; what came, and what no rule uses, is not', async () => {
    const order = referring('o1', 'Medication/m1');
    await serve([order, request('o2'), medication('m1')]);
    const context = {
      patientId: 'p1',
      performer: 'Organization/1',
      dispatchedOrders: ['MedicationRequest/o1', 'MedicationRequest/o2', 'DeviceRequest/1', 7],
    };
    const gathered = await gathering({ ...whole, ours: searchset(request('o2')) }, { context });
    expect(paths()).toEqual(['MedicationRequest']);
    expect(server.calls[0]?.query.get('_id')).toBe('o1');
    expect(ids(gathered.fetched.resources.dispatchedOrders)).toEqual(['o1']);
    expect(ids(gathered.fetched.resources.medications)).toEqual(['m1']);
  });

  const dispatching = (...dispatchedOrders: string[]) => ({
    context: { patientId: 'p1', performer: 'Organization/1', dispatchedOrders },
  });

  const oneByOne = ['Medication/m1', 'MedicationRequest/o1', 'MedicationRequest/o2'];
  const two = dispatching('MedicationRequest/o1', 'MedicationRequest/o2');
  const record = [referring('o1', 'Medication/m1'), request('o2'), medication('m1')];

  test.each(['status401', 'status403', 'status404', 'status405', 'status501'] as const)(
    'where the server does not search by ids (%s) they are read one by one, the next time at once',
    async (how) => {
      await serve(record);
      const memory = createServerMemory();
      server.instead.MedicationRequest = [how];
      const gathered = await gathering(whole, two, { memory });
      expect(ids(gathered.fetched.resources.dispatchedOrders)).toEqual(['o1', 'o2']);
      expect(ids(gathered.fetched.resources.medications)).toEqual(['m1']);
      expect(messages(gathered)).toEqual([]);
      server.calls.length = 0;
      await gathering(whole, two, { memory });
      expect(paths()).toEqual(oneByOne);
    },
  );

  test('where the server refuses to search by ids, nobody waits for what it does take: from the second hook on they are there in one round', async () => {
    await serve(record, { refuses: /_id=/ });
    const memory = createServerMemory();
    const slowly: FetchJson = async (url, fetching) => {
      await new Promise((resolve) => setTimeout(resolve, 300));
      return fetchJson(url, fetching);
    };
    const means = { memory, fetchJson: slowly };
    const orders = dispatching('MedicationRequest/o2');
    const first = await gathering(whole, orders, { ...means, deadlineMs: 825 });
    expect(ids(first.fetched.resources.dispatchedOrders)).toEqual(['o2']);
    await expect.poll(() => memory.of(new URL(server.url)).takes('MedicationRequest', '_id=')).toBe(false);
    server.calls.length = 0;
    const second = await gathering(whole, orders, { ...means, deadlineMs: 550 });
    expect([ids(second.fetched.resources.dispatchedOrders), messages(second)]).toEqual([['o2'], []]);
    expect(paths()).toEqual(['MedicationRequest/o2']);
  });

  test('a server that refuses to include is searched without from the next hook on, and the drug is read', async () => {
    await serve([referring('o1', 'Medication/m1'), medication('m1')], { refuses: /_include/ });
    const memory = createServerMemory();
    const orders = dispatching('MedicationRequest/o1');
    const gathered = await gathering(whole, orders, { memory });
    expect(ids(gathered.fetched.resources.medications)).toEqual(['m1']);
    const known = memory.of(new URL(server.url));
    const include = '_include=MedicationRequest:medication';
    await expect.poll(() => known.takes('MedicationRequest', include)).toBe(false);
    server.calls.length = 0;
    await gathering(whole, orders, { memory });
    expect(paths()).toEqual(['Medication/m1', 'MedicationRequest']);
    expect(server.calls[0]?.query.has('_include')).toBe(false);
  });

  test('a server that ignores the ids: only what was asked for is taken, and what did not come is read', async () => {
    await serve([referring('o1', 'Medication/m1'), request('o3'), medication('m1'), medication('m9')]);
    server.instead.MedicationRequest = [
      searchset(request('x1'), request('o3'), referring('x2', 'Medication/m9'), medication('m9')),
    ];
    const orders = dispatching('MedicationRequest/o1', 'MedicationRequest/o3', 'ServiceRequest/s1');
    const gathered = await gathering(whole, orders);
    expect(ids(gathered.fetched.resources.dispatchedOrders)).toEqual(['o1', 'o3']);
    expect(ids(gathered.fetched.resources.medications)).toEqual(['m1']);
    expect(paths()).toEqual([
      'Medication/m1',
      'MedicationRequest',
      'MedicationRequest/o1',
      'ServiceRequest/s1',
    ]);
    expect(messages(gathered)).toEqual([
      'fhir-fetch-failed: dispatched orders could not be read from the FHIR server: it answered with status 404',
    ]);
  });

  test('in a time that is too short for two rounds the orders come with their drugs', async () => {
    await serve([referring('o1', 'Medication/m1'), medication('m1')]);
    const slowly: FetchJson = async (url, fetching) => {
      await new Promise((resolve) => setTimeout(resolve, 400));
      return fetchJson(url, fetching);
    };
    const means = { fetchJson: slowly, deadlineMs: 700 };
    const gathered = await gathering(whole, dispatching('MedicationRequest/o1'), means);
    expect([ids(gathered.fetched.resources.medications), messages(gathered)]).toEqual([['m1'], []]);
  });

  test('a Medication that came with the answer that refers to it is not read: 1 call', async () => {
    server.instead.MedicationRequest = searchset(referring('mr', 'Medication/m1'), medication('m1'));
    await gathering({ ...whole, medicationRequests: outcome });
    expect(paths()).toEqual(['MedicationRequest']);
  });

  test('of 25 orders 20 are asked for in 1 search, and a notice says so', async () => {
    const many = Array.from({ length: 25 }, (_, index) => request(`o${index}`));
    await serve(many);
    const gathered = await gathering(whole, dispatching(...many.map(({ id }) => `MedicationRequest/${id}`)));
    expect(server.calls).toHaveLength(1);
    expect(ids(gathered.fetched.resources.dispatchedOrders)).toHaveLength(20);
    expect(messages(gathered)).toEqual([
      'fhir-fetch-failed: dispatched orders (5) could not be read from the FHIR server: no more than 20 are read',
    ]);
  });

  test('an order of another patient is asked for, and left out later', async () => {
    await serve([{ ...request('o1'), subject: { reference: 'Patient/p2' } }]);
    const orders = dispatching('MedicationRequest/o1');
    const gathered = await gathering(whole, orders);
    expect(ids(gathered.fetched.resources.dispatchedOrders)).toEqual(['o1']);
    const { items, notices } = intake(gathered, orders.context);
    expect(items.map(({ type }) => type)).not.toContain('MedicationRequest');
    expect(notices.map(({ code }) => code)).toContain('other-patient');
  });
});
