/** What a server says that it knows: read beside the gathering, believed where it says that something is lacking. */
import { describe, expect, test } from 'vitest';
import { readCapability } from '../../../functions/outbound/capability.ts';
import { type FetchJson, fetchJson } from '../../../functions/outbound/fetch.ts';
import { createServerMemory, type ServerMemory } from '../../../functions/outbound/server-memory.ts';
import { hooks } from '../../../rules/fhir/hooks.ts';
import type { Json } from '../../../rules/fhir/json.ts';
import {
  chart,
  gathering,
  keys,
  messages,
  ruleset,
  serve,
  server,
  useFhirServer,
  whole,
} from '../../support/gathering.ts';

useFhirServer();

const statement = (...resource: Json[]): Json => ({
  resourceType: 'CapabilityStatement',
  rest: [{ mode: 'server', resource: [{ type: 'Patient' }, ...resource] }],
});
const listing = (...names: string[]) => ({ searchParam: names.map((name) => ({ name })) });
const types = [
  'Observation',
  'MedicationRequest',
  'MedicationAdministration',
  'Procedure',
  'Condition',
  'AllergyIntolerance',
];

/** Waits until the statement that a gathering began to read is known. */
const learnt = (memory: ServerMemory) =>
  expect.poll(() => memory.of(new URL(server.url)).capability()).not.toBeNull();

describe('a statement', () => {
  test.each<[string, Json, string, boolean]>([
    ['a parameter that is not listed', listing('patient', 'code'), 'combo-code=1', true],
    ['one that is', listing('patient', 'combo-code'), 'combo-code=1', false],
    ['a status', listing('patient'), 'status=active', true],
    ['dates', listing('patient'), 'date=ge2023', true],
    ['where none are listed', {}, 'status=active', false],
    ['where the list is empty', { searchParam: [] }, 'status=active', false],
    ['where the list is malformed', { searchParam: [7, { name: 7 }] }, 'status=active', false],
    ['what statements rarely list', listing('patient'), '_sort=-date', false],
    ['nor this', listing('patient'), '_count=200', false],
    ['what may not be left out', listing('patient'), 'code=1', false],
    [
      'an include',
      { searchInclude: ['MedicationRequest:encounter'] },
      '_include=MedicationRequest:medication',
      true,
    ],
    [
      'an include that is listed',
      { searchInclude: ['MedicationRequest:medication'] },
      '_include=MedicationRequest:medication',
      false,
    ],
    [
      'with a dot',
      { searchInclude: ['MedicationRequest.medication'] },
      '_include=MedicationRequest:medication',
      false,
    ],
    ['by a star', { searchInclude: ['*'] }, '_include=MedicationRequest:medication', false],
    [
      'by a star of the type',
      { searchInclude: ['MedicationRequest:*'] },
      '_include=MedicationRequest:medication',
      false,
    ],
    ['where no include is listed', listing('patient'), '_include=MedicationRequest:medication', false],
  ])('lacks, or not: %s', (_, resource, part, lacks) => {
    const capability = readCapability(statement({ type: 'MedicationRequest', ...resource }));
    expect(capability?.lacks('MedicationRequest', part)).toBe(lacks);
    expect(capability?.lacks('Observation', part)).toBe(false);
  });

  test.each<[string, unknown]>([
    ['nothing', null],
    ['an empty object', {}],
    ['an outcome', { resourceType: 'OperationOutcome' }],
    ['no resources', { resourceType: 'CapabilityStatement', rest: [{ mode: 'server', resource: [] }] }],
    ['no list', { resourceType: 'CapabilityStatement', rest: { mode: 'server', resource: 'all' } }],
    [
      'a client',
      { resourceType: 'CapabilityStatement', rest: [{ mode: 'client', resource: [{ type: 'Patient' }] }] },
    ],
    [
      'no patients',
      { resourceType: 'CapabilityStatement', rest: [{ mode: 'server', resource: [{ type: 'Basic' }] }] },
    ],
  ])('that says nothing of use changes nothing: %s', (_, json) => expect(readCapability(json)).toBeNull());
});

test('several parts of a statement add up', () => {
  const part = (...names: string[]) => ({
    mode: 'server',
    resource: [{ type: 'Patient' }, { type: 'Observation', ...listing(...names) }],
  });
  const capability = readCapability({
    resourceType: 'CapabilityStatement',
    rest: [part('patient', 'combo-code'), part('patient', 'date')],
  });
  const lacks = (asked: string) => capability?.lacks('Observation', asked);
  expect([lacks('combo-code=1'), lacks('date=ge2023'), lacks('status=final')]).toEqual([false, false, true]);
});

describe('beside the gathering', () => {
  test('it is read once, without the token, and never waited for', async () => {
    await serve(chart, { capability: statement(...types.map((type) => ({ type }))) });
    const memory = createServerMemory();
    const { promise: answered, resolve: answer } = Promise.withResolvers<void>();
    const held: FetchJson = async (url, fetching) => {
      if (String(url).endsWith('/metadata')) await answered;
      return fetchJson(url, fetching);
    };
    const means = { memory, fetchJson: held };
    const fhirAuthorization = { access_token: 'canary', token_type: 'Bearer', expires_in: 300 };
    expect((await gathering({}, { fhirAuthorization }, means)).fetched.failed).toEqual([]);
    await gathering({}, { fhirAuthorization }, means);
    expect(server.metadataCalls).toEqual([]);
    answer();
    await learnt(memory);
    await gathering({}, { fhirAuthorization }, means);
    expect(server.metadataCalls.map(({ headers }) => headers.authorization)).toEqual([undefined]);
    expect(server.calls.every(({ headers }) => headers.authorization === 'Bearer canary')).toBe(true);
  });

  test('with a complete prefetch, and without a server that may be called, it is not read', async () => {
    await gathering({ ...whole, encounter: null });
    await gathering({}, {}, { servers: [] });
    expect(server.metadataCalls).toEqual([]);
  });

  test('types and parameters that it does not list are asked all the same; the operator is told once', async () => {
    const resources = types
      .filter((type) => type !== 'Condition')
      .map((type) => ({ type, ...listing('patient', 'code') }));
    await serve(chart, { capability: statement(...resources) });
    const memory = createServerMemory();
    const lines: unknown[] = [];
    const means = { memory, report: (...line: unknown[]) => lines.push(line) };
    await gathering({}, {}, means);
    await expect.poll(() => lines.length).toBe(1);
    server.calls.length = 0;
    const gathered = await gathering({}, {}, means);
    expect(server.calls).toHaveLength(keys.length);
    expect(server.calls.some(({ path }) => path === 'Condition')).toBe(true);
    expect(server.calls.some(({ query }) => query.has('status'))).toBe(true);
    expect([messages(gathered), gathered.fetched.failed]).toEqual([[], []]);
    expect(lines).toEqual([
      [
        'fhir-capability',
        {
          types: 'Condition, Encounter, MedicationStatement, ServiceRequest',
          parameters: 'MedicationAdministration status, MedicationRequest status, Observation combo-code',
        },
      ],
    ]);
  });

  test('what it says a type lacks is tried without first where a search is refused, with what the refusal names', async () => {
    const observations = { type: 'Observation', ...listing('patient', 'code', 'combo-code', 'status') };
    await serve(chart, { capability: statement(observations), refuses: /date=ge/ });
    const memory = createServerMemory();
    const ask = (query: string) =>
      gathering(
        {},
        {},
        { templates: { labs: `Observation?patient={{context.patientId}}&${query}` }, memory },
      );
    await gathering({ conditions: null }, {}, { templates: { patient: 'Patient/p1' }, memory });
    await learnt(memory);
    server.calls.length = 0;
    const gathered = await ask('code=2160-0&_sort=-date&_count=200&status=final&date=ge2023-01-29');
    expect(server.calls.map(({ query }) => [...query.keys()].join(' '))).toEqual([
      'patient code _sort _count status date',
      'patient code _sort _count status',
    ]);
    expect(gathered.fetched.failed).toEqual([]);
    const known = memory.of(new URL(server.url));
    expect([known.takes('Observation', 'date=ge2020'), known.takes('Observation', 'status=final')]).toEqual([
      false,
      true,
    ]);
  });

  test.each<[string, unknown]>([
    ['malformed', { resourceType: 'CapabilityStatement', rest: 7 }],
    ['empty', {}],
    ['not there', undefined],
  ])('one that is %s changes nothing, and is not asked for again at once', async (_, capability) => {
    await serve(chart, { capability });
    const memory = createServerMemory();
    await gathering({}, {}, { memory });
    await expect.poll(() => server.metadataCalls.length).toBe(1);
    const again = await gathering({}, {}, { memory });
    expect([messages(again), Object.keys(again.fetched.resources).sort()]).toEqual([[], keys.toSorted()]);
    expect(server.metadataCalls).toHaveLength(1);
  });

  test('a server that breaks off, or never answers, about it is no fault of anything', async () => {
    const memory = createServerMemory();
    const failing: FetchJson = async (url, fetching) => {
      if (String(url).endsWith('/metadata')) throw new Error('broken');
      return fetchJson(url, fetching);
    };
    const gathered = await gathering({}, {}, { memory, fetchJson: failing });
    expect([messages(gathered), memory.of(new URL(server.url)).capability()]).toEqual([[], null]);
  });
});

describe('the order of calls', () => {
  test('what the gravest rules need is asked for first, further pages and drugs with it', async () => {
    const order = ['allergies', 'conditions', 'patient'];
    const begun: string[] = [];
    const noted: FetchJson = (url, fetching) => {
      begun.push(new URL(url).pathname.split('/')[2] ?? '');
      return fetchJson(url, fetching);
    };
    await gathering({}, {}, { order, fetchJson: noted });
    expect(begun.slice(0, 3)).toEqual(['AllergyIntolerance', 'Condition', 'Patient']);
    // Without the encounter, and with the statement.
    expect(begun).toHaveLength(keys.length + 1);
  });

  test.each(hooks)(
    '%s: a time that is too short for two rounds is enough for all templates',
    async (hook) => {
      const slowly: FetchJson = async (url, fetching) => {
        await new Promise((resolve) => setTimeout(resolve, 400));
        return fetchJson(url, fetching);
      };
      const context = { patientId: 'p1', encounterId: 'e1' };
      const means = { templates: ruleset.prefetch[hook], fetchJson: slowly, deadlineMs: 700 };
      const { fetched } = await gathering({}, { context }, means);
      expect([fetched.failed, fetched.notices]).toEqual([[], []]);
      expect(Object.keys(fetched.resources)).toEqual(Object.keys(ruleset.prefetch[hook]));
    },
  );
});
