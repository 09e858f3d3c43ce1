/** What prefetch lacks is read from the FHIR server, and from no other: against a real server on loopback. */

import { gunzipSync } from 'node:zlib';
import { type AttributeValue, ScanCommand } from '@aws-sdk/client-dynamodb';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { embeddedDynamo } from '../../../functions/host/embedded.ts';
import type { Running } from '../../../functions/local.ts';
import { type FetchJson, fetchJson } from '../../../functions/outbound/fetch.ts';
import {
  type GatherOptions,
  type GatherRequest,
  type GatherResult,
  gather,
} from '../../../functions/outbound/gather.ts';
import { decide } from '../../../rules/decide.ts';
import { shippedRuleset } from '../../../rules/evaluation/ruleset.ts';
import { asArray, isObject, type Json } from '../../../rules/fhir/json.ts';
import { intakeOfHook, Refused } from '../../../rules/intake/intake.ts';
import { type FhirServer, fhirServer, type Misbehaviour, misbehaviours } from '../../support/fhir-server.ts';
import {
  at,
  complete,
  condition,
  hookRequest,
  magnesiumSulfate,
  observation,
  patient,
  searchset,
} from '../../support/hook-requests.ts';
import { type Answer, diagnostics, get, post, serving } from '../../support/serving.ts';

const ruleset = shippedRuleset();
const templates = ruleset.prefetch['order-sign'];
/** Without the encounter: the requests here are made outside of one. */
const keys = Object.keys(templates).filter((key) => key !== 'encounter');
const whole: Record<string, Json | null> = complete([]);

const rxnorm = (code: string) => ({
  coding: [{ system: 'http://www.nlm.nih.gov/research/umls/rxnorm', code }],
});
const medication = (id: string, code = '7646') => ({ resourceType: 'Medication', id, code: rxnorm(code) });
const subject = { reference: 'Patient/p1' };
const request = (id: string, more: Json = { medicationCodeableConcept: rxnorm('7646') }) => ({
  resourceType: 'MedicationRequest',
  id,
  status: 'active',
  intent: 'order',
  subject,
  ...more,
});
const encounter = {
  resourceType: 'Encounter',
  id: 'e1',
  status: 'in-progress',
  class: { code: 'IMP' },
  subject,
};
const creatinine = observation('cr', '2160-0', 0.9, 'mg/dL', '2026-01-31T11:00:00Z');
const myasthenia = condition('mg', '91637004');
const outcome = {
  resourceType: 'OperationOutcome',
  issue: [{ severity: 'error', code: 'exception' }],
};

/** A patient with one thing of each kind. */
const chart = [
  patient,
  creatinine,
  myasthenia,
  request('mr'),
  {
    resourceType: 'MedicationStatement',
    id: 'ms',
    status: 'active',
    medicationCodeableConcept: rxnorm('4603'),
    subject,
  },
  { resourceType: 'AllergyIntolerance', id: 'al', code: rxnorm('7646'), patient: subject },
  encounter,
];

describe('against a server', () => {
  let server: FhirServer;
  const serve = async (...given: Parameters<typeof fhirServer>): Promise<FhirServer> => {
    await server.close();
    server = await fhirServer(...given);
    return server;
  };
  beforeEach(async () => {
    server = await fhirServer(chart);
  });
  afterEach(() => server.close());

  const gathering = (
    prefetch: unknown,
    more: Partial<GatherRequest> = {},
    means: Partial<GatherOptions> = {},
  ) =>
    gather(
      {
        context: {
          patientId: 'p1',
          userId: 'Practitioner/1',
          draftOrders: { resourceType: 'Bundle', entry: [] },
        },
        prefetch,
        fhirServer: server.url,
        fhirAuthorization: undefined,
        ...more,
      },
      {
        templates,
        servers: [server.url],
        loopback: true,
        deadlineMs: 10_000,
        maxBytes: 4 * 1024 * 1024,
        signal: new AbortController().signal,
        ...means,
      },
    );
  const intake = ({ prefetch, fetched }: GatherResult, context: object = {}) =>
    intakeOfHook(
      'order-sign',
      { patientId: 'p1', userId: 'Practitioner/1', draftOrders: {}, ...context },
      prefetch,
      fetched,
    );
  const paths = (): string[] => server.calls.map(({ path }) => path).sort();
  const messages = ({ fetched }: GatherResult): string[] =>
    fetched.notices.map(({ code, message }) => `${code}: ${message}`);
  const ids = (bundle: unknown): string[] =>
    asArray(isObject(bundle) ? bundle.entry : []).flatMap(({ resource }) =>
      isObject(resource) && typeof resource.id === 'string' ? [resource.id] : [],
    );

  describe('what is asked', () => {
    test('of a complete prefetch nothing: 0 calls', async () => {
      const { prefetch, fetched } = await gathering(whole);
      expect([server.calls, fetched]).toEqual([[], { resources: {}, failed: [], notices: [] }]);
      expect(prefetch).toBe(whole);
    });

    test.each([
      ['no prefetch', undefined],
      ['an empty prefetch', {}],
    ])('of %s each template of the hook once, with its tokens replaced', async (_, prefetch) => {
      const context = { patientId: 'Patient/p1', encounterId: 'e1', draftOrders: {} };
      const { fetched } = await gathering(prefetch, { context });
      const asked = server.calls.map(({ path, query }) => `${path}${query.size > 0 ? `?${query}` : ''}`);
      const expected = Object.values(templates).map((template) => {
        const [path, query] = template
          .replaceAll('{{context.patientId}}', 'p1')
          .replaceAll('{{context.encounterId}}', 'e1')
          .split('?');
        return query ? `${path}?${new URLSearchParams(query)}` : path;
      });
      expect(asked.sort()).toEqual(expected.sort());
      expect(Object.keys(fetched.resources)).toEqual(Object.keys(templates));
      expect(fetched.failed).toEqual([]);
      expect(ids(fetched.resources.labs)).toEqual(['cr']);
      expect(fetched.resources.patient).toEqual(patient);
    });

    test.each(keys)('of a prefetch without %s only that', async (key) => {
      const { [key]: _, ...rest } = whole;
      const { fetched } = await gathering(rest);
      expect(Object.keys(fetched.resources)).toEqual([key]);
      expect(paths()).toEqual([templates[key]?.split('?')[0]?.replace('{{context.patientId}}', 'p1')]);
    });

    test.each(keys)('%s that is null stays: the client asked, and there is nothing', async (key) => {
      await gathering({ ...whole, [key]: null });
      expect(server.calls).toEqual([]);
    });

    test.each(keys)('%s that is an OperationOutcome is read, and the outcome is gone', async (key) => {
      const gathered = await gathering({ ...whole, [key]: outcome });
      expect(Object.keys(gathered.fetched.resources)).toEqual([key]);
      expect(gathered.prefetch).not.toHaveProperty(key);
      expect(intake(gathered).notices.filter(({ code }) => code === 'prefetch-error')).toEqual([]);
    });

    test('without an encounter in context the encounter is not asked for', async () => {
      await gathering({});
      expect(paths()).not.toContain('Encounter/e1');
      expect(server.calls).toHaveLength(keys.length);
    });

    const named = (url: string, ...resources: object[]) => ({
      ...searchset(...resources),
      link: [{ relation: 'self', url }],
    });
    const codes = (templates.labs?.match(/code=([^&]*)/)?.[1] ?? '').split(',');
    test.each<[string, string, Json | null, string[]]>([
      [
        'empty and names its search in the self link',
        'conditions',
        named('https://ehr.example/Condition?patient=p1'),
        [],
      ],
      [
        'is narrowed to what is over',
        'conditions',
        named('Condition?clinical-status=resolved'),
        ['conditions'],
      ],
      ['is of another type', 'conditions', named('Observation?patient=p1'), ['conditions']],
      ['is known by its content', 'conditions', searchset(myasthenia), []],
      ['is null', 'conditions', null, ['conditions']],
      ['is one bare resource', 'conditions', myasthenia, ['conditions']],
      ['asks all laboratory data', 'labs', named('Observation?patient=p1&category=laboratory'), []],
      ['asks our codes and more', 'labs', named(`Observation?code=${[...codes, 'x'].join(',')}`), []],
      ['asks some of our codes', 'labs', named(`Observation?code=${codes.slice(1)}`, creatinine), ['labs']],
      ['asks vital signs', 'labs', named('Observation?category=vital-signs', creatinine), ['labs']],
      ['does not say which results', 'labs', searchset(creatinine), ['labs']],
      ['is the patient', 'patient', patient, []],
      ['is a bundle with the patient', 'patient', searchset(patient), []],
      ['asks statements', 'medicationStatements', named('MedicationStatement?patient=p1'), []],
      [
        'asks requests, not statements',
        'medicationStatements',
        named('MedicationRequest?patient=p1'),
        ['medicationStatements'],
      ],
      ['asks all that was ever taken', 'pastMedicationRequests', named('MedicationRequest?patient=p1'), []],
      [
        'asks what is taken, not what is over',
        'pastMedicationRequests',
        named('MedicationRequest?patient=p1&status=active,unknown'),
        ['pastMedicationRequests'],
      ],
      [
        'asks what is over',
        'pastMedicationRequests',
        named('MedicationRequest?patient=p1&status=completed,stopped,on-hold'),
        [],
      ],
      [
        'asks what is over, not what is taken',
        'medicationRequests',
        named('MedicationRequest?patient=p1&status=completed,stopped,on-hold'),
        ['medicationRequests'],
      ],
      [
        'asks a part of what is over',
        'pastMedicationRequests',
        named('MedicationRequest?patient=p1&status=completed'),
        ['pastMedicationRequests'],
      ],
      ['holds what is taken', 'medicationRequests', searchset(request('mr')), []],
      [
        'holds what is over, and does not say whether that is all',
        'pastMedicationRequests',
        searchset(request('mr'), { ...request('over'), status: 'completed' }),
        ['pastMedicationRequests'],
      ],
      [
        'holds what is over and nothing that is taken',
        'medicationRequests',
        searchset({ ...request('over'), status: 'completed' }),
        ['medicationRequests'],
      ],
    ])('an answer under a key of the client\u2019s own that %s, for %s', async (_, key, value, expected) => {
      const { [key]: __, ...rest } = whole;
      const { fetched } = await gathering({ ...rest, [`${key}-user`]: value });
      expect(Object.keys(fetched.resources)).toEqual(expected);
    });

    test('under our own key vital signs are no laboratory data: that is read, and they are kept', async () => {
      const labs = named('Observation?category=vital-signs', creatinine);
      const { prefetch, fetched } = await gathering({ ...whole, labs });
      expect(Object.keys(fetched.resources)).toEqual(['labs']);
      expect(prefetch).toMatchObject({ labs });
    });

    test.each([
      [
        'an error beside its data',
        { ...searchset(creatinine), entry: [{ resource: creatinine }, { resource: outcome }] },
      ],
      ['fewer results than its total', { ...searchset(creatinine), total: 7 }],
    ])('a bundle with %s is asked for again, and the answer takes its place', async (_, labs) => {
      const gathered = await gathering({ ...whole, labs });
      expect(Object.keys(gathered.fetched.resources)).toEqual(['labs']);
      expect(gathered.prefetch).not.toHaveProperty('labs');
      expect(intake(gathered).completeness.labs).toBe('known');
    });

    test('the encounter that came is another one: the one in context is read', async () => {
      const context = { patientId: 'p1', encounterId: 'Encounter/e1', draftOrders: {} };
      await gathering({ ...whole, encounter: { ...encounter, id: 'e0' } }, { context });
      expect(paths()).toEqual(['Encounter/e1']);
    });
  });

  describe('ways of saying "nothing"', () => {
    test.each(['no entry', 'outcome'] as const)(
      'a fetched searchset with %s: asked, and known to be empty',
      async (nothing) => {
        await serve([patient], { nothing });
        const gathered = await gathering({});
        const { completeness } = intake(gathered);
        expect([completeness.labs, completeness.conditions, completeness.medications]).toEqual([
          'known',
          'known',
          'known',
        ]);
        expect(messages(gathered)).toEqual([]);
      },
    );

    test('a prefetched searchset that holds only an outcome is known to be empty: 0 calls', async () => {
      const entry = [
        { resource: { ...outcome, issue: [{ severity: 'warning' }] }, search: { mode: 'outcome' } },
      ];
      const conditions = { resourceType: 'Bundle', type: 'searchset', total: 0, entry };
      const gathered = await gathering({ ...whole, conditions });
      expect(server.calls).toEqual([]);
      expect(intake(gathered).completeness.conditions).toBe('known');
    });
  });

  describe('pages', () => {
    const results = Array.from({ length: 7 }, (_, index) =>
      observation(`o${index}`, '2160-0', 1, 'mg/dL', '2026-01-30T08:00:00Z'),
    );

    test('3 pages of 7 results become 1 answer, known as a whole', async () => {
      await serve([patient, ...results], { pageSize: 3 });
      const { labs: _, ...rest } = whole;
      const gathered = await gathering(rest);
      expect(ids(gathered.fetched.resources.labs)).toEqual(results.map(({ id }) => id));
      expect(server.calls).toHaveLength(3);
      expect(intake(gathered).completeness.labs).toBe('known');
    });

    /** The first page as a client with this server would send it. */
    async function firstPage(size: number): Promise<Json> {
      await serve([patient, ...results], { pageSize: size });
      const { labs: _, ...rest } = whole;
      const gathered = await gathering(rest);
      const page = structuredClone(gathered.fetched.resources.labs);
      server.calls.length = 0;
      if (!isObject(page)) throw new Error('no page');
      return {
        ...page,
        entry: asArray(page.entry).slice(0, size),
        link: [{ relation: 'next', url: `${server.url}?_pages=0&_offset=${size}` }],
      };
    }

    test('the 2 further pages of a prefetched bundle are read; which result came how stays known', async () => {
      const gathered = await gathering({ ...whole, labs: await firstPage(3) });
      expect(server.calls.map(({ query }) => query.get('_offset'))).toEqual(['3', '6']);
      const { items, completeness, notices } = intake(gathered);
      expect(
        items.filter(({ type }) => type === 'Observation').map(({ reference, from }) => [reference, from]),
      ).toEqual(results.map(({ id }, index) => [`Observation/${id}`, index < 3 ? 'prefetch' : 'fetch']));
      expect([completeness.labs, notices.filter(({ code }) => code === 'category-incomplete')]).toEqual([
        'known',
        [],
      ]);
    });

    test('a further page that fails leaves the first one as it came: known in part', async () => {
      const labs = await firstPage(3);
      server.instead[''] = 'status500';
      const gathered = await gathering({ ...whole, labs });
      expect(gathered.prefetch).toMatchObject({ labs });
      expect(intake(gathered).completeness.labs).toBe('partial');
      expect(messages(gathered)).toEqual([
        'fhir-fetch-failed: the rest of labs could not be read from the FHIR server: it answered with status 500',
      ]);
    });

    test('the third page fails after the second came: what came is used, and known in part', async () => {
      const labs = await firstPage(3);
      server.instead[''] = [
        {
          ...searchset(...results.slice(3, 6)),
          link: [{ relation: 'next', url: '?_pages=0&_offset=6' }],
        },
        'status500',
      ];
      const { completeness, items } = intake(await gathering({ ...whole, labs }));
      expect([completeness.labs, items.filter(({ type }) => type === 'Observation').length]).toEqual([
        'partial',
        6,
      ]);
    });

    test('a next link to another server is not followed, with or without its token: 0 calls there', async () => {
      const other = await fhirServer([patient]);
      try {
        const { port } = new URL(other.url);
        for (const url of [
          `${other.url}?_pages=0`,
          `//127.0.0.1:${port}/fhir`,
          `${server.url.replace('127.0.0.1', 'localhost')}?_pages=0`,
          `https${server.url.slice(4)}?_pages=0`,
          `http://user@127.0.0.1:${port}/`,
          'javascript:alert(1)',
        ]) {
          const evil = { ...searchset(creatinine), link: [{ relation: 'next', url }] };
          server.instead.Observation = evil;
          for (const prefetch of [
            { ...whole, labs: evil },
            { ...whole, labs: outcome },
          ]) {
            const gathered = await gathering(prefetch);
            expect(intake(gathered).completeness.labs).toBe('partial');
            expect(messages(gathered)).toEqual([
              'fhir-fetch-failed: the rest of labs could not be read from the FHIR server: the further page is on another server',
            ]);
          }
        }
        expect(other.calls).toEqual([]);
      } finally {
        await other.close();
      }
    });

    test('a next link that leads in a circle ends after 1 round, and one that never ends after 10 pages', async () => {
      const circle = { ...searchset(creatinine), link: [{ relation: 'next', url: '?again' }] };
      Object.assign(server.instead, { Observation: circle, '': circle });
      expect(messages(await gathering({ ...whole, labs: outcome }))[0]).toContain('leads back');
      expect(server.calls).toHaveLength(2);
      server.calls.length = 0;
      server.instead[''] = Array.from({ length: 50 }, (_, index) => ({
        ...searchset(),
        link: [{ relation: 'next', url: `?page=${index}` }],
      }));
      expect(messages(await gathering({ ...whole, labs: outcome }))[0]).toContain('no more than 10 pages');
      expect(server.calls).toHaveLength(10);
    });

    test('no further page is asked for once more came than is read', async () => {
      await serve([patient, ...results], { pageSize: 3 });
      const large: FetchJson = async (url, fetching) => ({
        ...(await fetchJson(url, fetching)),
        bytes: 600_000,
      });
      const means = { maxBytes: 1_000_000, fetchJson: large };
      const gathered = await gathering({ ...whole, labs: outcome }, {}, means);
      expect(server.calls).toHaveLength(2);
      expect(messages(gathered)[0]).toContain('more data than is read');
      expect(intake(gathered).completeness.labs).toBe('partial');
    });
  });

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
      expect(intake(gathered, given.context).medications.get('Medication/m1')).toEqual(
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
      expect(intake(gathered).medications.has('Medication/m1')).toBe(true);
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
      expect(intake(gathered).medications.has('Medication/m1')).toBe(true);
      server.calls.length = 0;
      await gathering(prefetch, {}, { templates: ruleset.prefetch['patient-view'] });
      expect(paths()).toEqual([]);
    });

    test('60 of therapy that is over keep out none of what is taken: 40 of them and 1 are read', async () => {
      const many = Array.from({ length: 60 }, (_, index) => medication(`m${index}`));
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

    test('orders to be dispatched are read with their drugs; what came, and what no rule uses, is not', async () => {
      const order = referring('o1', 'Medication/m1');
      await serve([order, request('o2'), medication('m1')]);
      const context = {
        patientId: 'p1',
        performer: 'Organization/1',
        dispatchedOrders: ['MedicationRequest/o1', 'MedicationRequest/o2', 'DeviceRequest/1', 7],
      };
      const gathered = await gathering({ ...whole, ours: searchset(request('o2')) }, { context });
      expect(paths()).toEqual(['Medication/m1', 'MedicationRequest/o1']);
      expect(ids(gathered.fetched.resources.dispatchedOrders)).toEqual(['o1']);
      expect(ids(gathered.fetched.resources.medications)).toEqual(['m1']);
    });
  });

  describe('a server that does not answer as it should', () => {
    const reasons: Record<Misbehaviour, string> = {
      redirect: 'the server answered with a redirect, which is not followed',
      html: 'the answer is not JSON that can be read',
      status401: 'it does not allow that with this access token (status 401)',
      status403: 'it does not allow that with this access token (status 403)',
      status404: 'it does not know this kind of resource (status 404)',
      status500: 'it answered with status 500',
      status503: 'it answered with status 503',
      'wrong resource': 'the answer is not what was asked for',
      'an outcome with status 200': 'the answer is not what was asked for',
      '50 MB': 'the answer is larger than is read',
      'gzip bomb': 'the answer is larger than is read',
      'breaks off': 'the server could not be reached, or broke off',
      never: 'the answer did not come in time',
      'slow body': 'the answer did not come in time',
    };
    const slow = new Set<string>(['never', 'slow body']);

    test.each(Object.keys(misbehaviours) as Misbehaviour[])(
      '%s: a notice says why, and no rule takes it for an all-clear',
      async (how) => {
        server.instead.Condition = how;
        const { conditions: _, ...rest } = whole;
        const deadlineMs = slow.has(how) ? 300 : 10_000;
        const gathered = await gathering(rest, {}, { deadlineMs });
        expect(messages(gathered)).toEqual([
          `fhir-fetch-failed: conditions could not be read from the FHIR server: ${reasons[how]}`,
        ]);
        expect(gathered.fetched.resources).toEqual({});
        expect(intake(gathered).completeness.conditions).toBe('absent');
      },
    );

    test('what failed of a kind that came in part is known in part; only statements need not be known to the server', async () => {
      const { medicationStatements: _, ...rest } = whole;
      server.instead.MedicationStatement = 'status500';
      expect(intake(await gathering(rest)).completeness.medications).toBe('partial');
      server.instead.MedicationStatement = 'status404';
      expect(intake(await gathering(rest)).completeness.medications).toBe('known');
      server.instead.MedicationRequest = 'status404';
      const { medicationRequests: __, ...statements } = whole;
      expect(intake(await gathering(statements)).completeness.medications).toBe('partial');
    });

    test('a failed search for what is over leaves that open, and what is taken known', async () => {
      const { pastMedicationRequests: _, pastMedicationStatements: __, ...rest } = whole;
      const known = async () => {
        const { medications, pastMedications } = intake(await gathering(rest)).completeness;
        return [medications, pastMedications];
      };
      expect(await known()).toEqual(['known', 'known']);
      server.instead.MedicationRequest = 'status500';
      expect(await known()).toEqual(['known', 'partial']);
      server.instead.MedicationStatement = 'status500';
      expect(await known()).toEqual(['known', 'absent']);
      delete server.instead.MedicationRequest;
      server.instead.MedicationStatement = 'status404';
      expect(await known()).toEqual(['known', 'known']);
    });

    test('an answer to the search for what is taken, under the key for what is over, is none: that is read', async () => {
      const pastMedicationRequests = {
        ...searchset(request('mr')),
        link: [{ relation: 'self', url: 'MedicationRequest?patient=p1&status=active' }],
      };
      const gathered = await gathering({ ...whole, pastMedicationRequests });
      expect(Object.keys(gathered.fetched.resources)).toEqual(['pastMedicationRequests']);
      expect(gathered.prefetch).toMatchObject({ pastMedicationRequests });
    });

    test('an answer for all statuses that mixes patients leaves both open, one for some only these', async () => {
      const stranger = { ...request('mr'), subject: { reference: 'Patient/p2' } };
      const mixed = async (query: string) => {
        const medicationRequests = {
          ...searchset(stranger),
          link: [{ relation: 'self', url: `MedicationRequest?patient=p1${query}` }],
        };
        const { completeness } = intake(await gathering({ ...whole, medicationRequests }));
        return [completeness.medications, completeness.pastMedications];
      };
      expect(await mixed('')).toEqual(['partial', 'partial']);
      expect(await mixed('&status=active')).toEqual(['partial', 'known']);
    });

    test('one slow search does not hold up the others: they are there, it is missing', async () => {
      server.instead.Observation = 'never';
      const end = new AbortController();
      let answered = 0;
      const counted: FetchJson = async (url, fetching) => {
        const answer = await fetchJson(url, fetching);
        answered += 1;
        if (answered === keys.length - 1) end.abort();
        return answer;
      };
      const gathered = await gathering({}, {}, { signal: end.signal, fetchJson: counted });
      expect(gathered.fetched.failed).toEqual(['labs']);
      const others = keys.filter((key) => key !== 'labs');
      expect(Object.keys(gathered.fetched.resources).sort()).toEqual(others.sort());
      expect(messages(gathered)).toEqual([
        'fhir-fetch-failed: labs could not be read from the FHIR server: the answer did not come in time',
      ]);
    });

    test('the end of the request ends the reading', async () => {
      server.instead.Observation = 'never';
      const gathered = await gathering({ ...whole, labs: outcome }, {}, { signal: AbortSignal.timeout(200) });
      expect(gathered.fetched.failed).toEqual(['labs']);
    });

    test.each<[string, Misbehaviour[], number, string[]]>([
      ['busy once is asked again: 2 calls', ['status503'], 2, []],
      ['busy twice is not: 2 calls', ['status503', 'status503'], 2, ['labs']],
      ['that breaks off once is asked again: 2 calls', ['breaks off'], 2, []],
      ['that breaks off twice is not: 2 calls', ['breaks off', 'breaks off'], 2, ['labs']],
      ['that fails is not: 1 call', ['status500'], 1, ['labs']],
      ['that does not allow it is not: 1 call', ['status403'], 1, ['labs']],
    ])('a server %s', async (_, answers, calls, failed) => {
      server.instead.Observation = [...answers];
      const { fetched } = await gathering({ ...whole, labs: outcome });
      expect([server.calls.length, fetched.failed]).toEqual([calls, failed]);
    });

    test.each([
      ['labs', /_sort=/, ['patient', 'code']],
      ['labs', /_count=/, ['patient', 'code']],
      ['medicationStatements', /recorded/, ['patient']],
      ['pastMedicationRequests', /ended/, ['patient']],
    ])('%s refused with 400 for %s is asked once more, simpler', async (key, refuses, left) => {
      await serve(chart, { refuses });
      const gathered = await gathering({ ...whole, [key]: outcome });
      expect(server.calls).toHaveLength(2);
      expect([...(server.calls[1]?.query.keys() ?? [])]).toEqual(left);
      expect(ids(gathered.fetched.resources[key])).toHaveLength(1);
    });

    test('a search that is refused in its simplest form too is given up: 2 calls', async () => {
      await serve(chart, { refuses: /./ });
      const { fetched } = await gathering({ ...whole, labs: outcome });
      expect([server.calls.length, fetched.failed]).toEqual([2, ['labs']]);
    });

    test('resources of another patient are left out, and what the answer lacks is unknown', async () => {
      server.instead.Condition = searchset({ ...myasthenia, subject: { reference: 'Patient/p2' } });
      server.instead.Patient = { ...patient, id: 'p2' };
      const { items, completeness, notices } = intake(await gathering({}));
      expect(items.map(({ type }) => type)).not.toContain('Condition');
      expect(items.map(({ type }) => type)).not.toContain('Patient');
      expect(completeness.conditions).not.toBe('known');
      expect(notices.filter(({ code }) => code === 'other-patient')).toHaveLength(2);
    });
  });

  describe('which server', () => {
    const token = {
      access_token: 'canary-token',
      token_type: 'Bearer',
      expires_in: 300,
      scope: 'x',
      subject: 'y',
    };

    test('a registered one is called with its token, and asked for FHIR JSON', async () => {
      await gathering({}, { fhirAuthorization: token });
      expect(server.calls).toHaveLength(keys.length);
      for (const { headers } of server.calls) {
        expect(headers).toMatchObject({
          authorization: 'Bearer canary-token',
          accept: 'application/fhir+json',
        });
      }
    });

    test('one without a token is called without: open servers exist', async () => {
      await gathering({});
      expect(server.calls.map(({ headers }) => headers.authorization)).toEqual(keys.map(() => undefined));
    });

    test.each<[string, (url: string) => string, boolean]>([
      ['itself', (url) => url, true],
      ['itself with a slash', (url) => `${url}/`, true],
      ['an address above it', (url) => url.replace('/fhir', ''), true],
      ['an address above it with a slash', (url) => url.replace('/fhir', '/'), true],
      ['another path', (url) => `${url}/r4`, false],
      ['a path that only begins like it', (url) => url.replace('/fhir', '/fh'), false],
      ['another port', () => 'http://127.0.0.1:9/fhir', false],
      ['another name for it', (url) => url.replace('127.0.0.1', 'localhost'), false],
      ['another scheme', (url) => url.replace('http:', 'https:'), false],
      ['an address with a query', (url) => `${url}?tenant=1`, false],
      ['no address', () => 'fhir', false],
    ])('registered is %s: called %s', async (_, registered, called) => {
      const gathered = await gathering(
        {},
        { fhirAuthorization: token },
        { servers: [registered(server.url)] },
      );
      expect(server.calls.length > 0).toBe(called);
      expect(gathered.fetched.notices.map(({ code }) => code)).toEqual(
        called ? [] : ['fhir-server-not-registered'],
      );
    });

    test.each<[string, (url: string) => unknown]>([
      ['dots that lead out of the registered path', (url) => `${url}/../admin`],
      ['encoded dots', (url) => `${url}/%2e%2e/admin`],
      ['an encoded slash', (url) => `${url}/..%2fadmin`],
      ['a backslash', (url) => `${url}\\..\\admin`],
      ['two slashes', (url) => `${url}//admin`],
      ['a user', (url) => url.replace('//', '//user:pass@')],
      ['a query', (url) => `${url}?a=`],
      ['a fragment', (url) => `${url}#a`],
      ['another protocol', () => 'file:///etc/passwd'],
      ['no URL', () => 'ehr'],
      ['a number', () => 1],
      ['an object', () => ({})],
      ['2,001 characters', (url) => `${url}/${'a'.repeat(2001)}`],
    ])('a fhirServer with %s is not called: a notice', async (_, address) => {
      const given = { fhirServer: address(server.url), fhirAuthorization: token };
      const gathered = await gathering({}, given);
      expect(server.calls).toEqual([]);
      expect(gathered.fetched.notices).toHaveLength(1);
      expect(gathered.fetched.notices[0]?.code).toMatch(/^fhir-server-(unusable|not-registered)$/);
    });

    test.each([
      'https://ehr.example/fhir',
      'http://10.0.0.1/fhir',
      'http://169.254.169.254/',
      'http://127.0.0.1.ehr.example/',
    ])('without a registry %s is not called: loopback only', async (address) => {
      const call = vi.fn();
      const gathered = await gathering({}, { fhirServer: address }, { servers: 'loopback', fetchJson: call });
      expect(call).not.toHaveBeenCalled();
      expect(gathered.fetched.notices.map(({ code }) => code)).toEqual(['fhir-server-not-registered']);
    });

    test('without a registry a server on loopback is called', async () => {
      await gathering({}, {}, { servers: 'loopback', loopback: false });
      expect(server.calls).toHaveLength(keys.length);
    });

    test('a registered server on loopback is not called unless that is allowed', async () => {
      const gathered = await gathering({}, {}, { loopback: false });
      expect(server.calls).toEqual([]);
      expect(messages(gathered)[0]).toContain('not one this service may call');
    });

    test.each<[string, unknown]>([
      ['expired', { ...token, expires_in: 0 }],
      ['long expired', { ...token, expires_in: -1 }],
      ['with a time that is text', { ...token, expires_in: '300' }],
      ['of another type', { ...token, token_type: 'MAC' }],
      ['without a type', { ...token, token_type: undefined }],
      ['without a token', { ...token, access_token: undefined }],
      ['with a line break in the token', { ...token, access_token: 'canary\r\nhost: x' }],
      ['that is text', 'Bearer canary-token'],
      ['that is a list', [token]],
    ])('an authorization that is %s is not used: 0 calls, a notice', async (_, fhirAuthorization) => {
      const gathered = await gathering({}, { fhirAuthorization });
      expect(server.calls).toEqual([]);
      expect(gathered.fetched.notices.map(({ code }) => code)).toEqual(['fhir-server-unusable']);
      expect(JSON.stringify(gathered)).not.toContain('canary');
    });

    test('an authorization without fhirServer is a notice, whatever else came', async () => {
      const given = { fhirServer: undefined, fhirAuthorization: token };
      expect((await gathering(whole, given)).fetched.notices.map(({ code }) => code)).toEqual([
        'fhir-server-unusable',
      ]);
    });

    test('a server that is not needed is no matter for a notice', async () => {
      const gathered = await gathering(whole, { fhirServer: 'https://ehr.example/fhir' });
      expect(gathered.fetched.notices).toEqual([]);
    });

    test.each(['../admin', 'p1/../p2', 'p1?x=', '..', 'p 1', '%2e%2e', ''])(
      'patientId `%s` is refused before anything is called',
      async (patientId) => {
        await expect(gathering({}, { context: { patientId } })).rejects.toThrow(Refused);
        expect(server.calls).toEqual([]);
      },
    );

    test('encounterId that is no id is not asked for', async () => {
      await gathering(whole, { context: { patientId: 'p1', encounterId: '../Patient', draftOrders: {} } });
      expect(server.calls).toEqual([]);
    });

    test('whatever a request holds, gathering throws nothing but a refusal and calls its own server only', async () => {
      const json = fc.jsonValue({ maxDepth: 3 });
      await fc.assert(
        fc.asyncProperty(
          fc.oneof(
            json,
            fc.dictionary(fc.constantFrom(...keys, 'x'), fc.oneof(json, fc.constant(searchset(creatinine)))),
          ),
          fc.oneof(json, fc.webUrl(), fc.constant('https://ehr.example/fhir')),
          fc.oneof(json, fc.constant(token)),
          json,
          async (prefetch, address, fhirAuthorization, answer) => {
            const called: string[] = [];
            const gathered = await gathering(
              prefetch,
              { fhirServer: address, fhirAuthorization },
              {
                servers: ['https://ehr.example/fhir'],
                fetchJson: async (url) => {
                  called.push(String(url));
                  return { status: 200, json: answer, bytes: 1, url: String(url) };
                },
              },
            );
            expect(called.filter((url) => !url.startsWith('https://ehr.example/fhir/'))).toEqual([]);
            expect(JSON.stringify(gathered.fetched.notices)).not.toContain('canary');
          },
        ),
        { numRuns: 300 },
      );
    });
  });

  test('what was fetched and what was prefetched decide alike, and the decision says which was which', async () => {
    const clock = { decisionId: 'a'.repeat(32), decidedAt: at, evaluatedAt: at };
    const context = {
      patientId: 'p1',
      userId: 'Practitioner/1',
      draftOrders: { resourceType: 'Bundle', entry: [{ resource: magnesiumSulfate() }] },
    };
    const { fetched: all } = await gathering({}, { context });
    const prefetched = decide({ hook: 'order-sign', context, prefetch: all.resources }, ruleset, clock);
    const { conditions: _, ...rest } = all.resources;
    const { prefetch, fetched } = await gathering(rest, { context });
    const mixed = decide({ hook: 'order-sign', context, prefetch, fetched }, ruleset, clock);
    expect(mixed.cards).toEqual(prefetched.cards);
    expect(mixed.cards.map(({ source }) => source.topic?.code)).toContain('IV-001');
    expect(mixed.chart).toEqual(prefetched.chart);
    expect([prefetched.fetched, mixed.fetched]).toEqual([[], ['conditions']]);
    expect([mixed.origins.get('Condition/mg'), mixed.origins.get('Observation/cr')]).toEqual([
      'fetch',
      'prefetch',
    ]);
    expect(mixed.origins.get('MedicationRequest/draft-1')).toBe('draft');
  });
});

describe('through POST /cds-services/{id}', () => {
  const canary = 'canary-token-4f1d9a';
  const fhirAuthorization = {
    access_token: canary,
    token_type: 'Bearer',
    expires_in: 300,
    scope: 'x',
    subject: 'y',
  };
  let server: FhirServer;
  let dynamo: Awaited<ReturnType<typeof embeddedDynamo>>;
  let running: Running;
  let hasty: Running;
  const output: string[] = [];
  beforeAll(async () => {
    for (const stream of [process.stdout, process.stderr]) {
      vi.spyOn(stream, 'write').mockImplementation((chunk) => output.push(String(chunk)) > 0);
    }
    for (const level of ['log', 'info', 'warn', 'error'] as const) {
      vi.spyOn(console, level).mockImplementation((...parts) => output.push(parts.join(' ')));
    }
    dynamo = await embeddedDynamo(null);
    const env = { AWS_ENDPOINT_URL_DYNAMODB: dynamo.endpoint, EPSOM_DEADLINE_MS: '20000' };
    const options = { memory: true, now: () => new Date(at) };
    running = await serving({ ...env, EPSOM_FHIR_DEADLINE_MS: '10000' }, options);
    hasty = await serving({ ...env, EPSOM_FHIR_DEADLINE_MS: '150' }, options);
  });
  afterAll(async () => {
    vi.restoreAllMocks();
    await running.close();
    await hasty.close();
    await dynamo.close();
  });
  beforeEach(async () => {
    server = await fhirServer(chart);
  });
  afterEach(() => server.close());

  const sign = (prefetch: Record<string, unknown>, more: Json = {}) =>
    hookRequest('order-sign', prefetch, [magnesiumSulfate()], {
      fhirServer: server.url,
      fhirAuthorization,
      ...more,
    });
  const answers: string[] = [];
  async function asked(body: object, { url }: Running = running): Promise<Answer> {
    const answer = await post(`${url}/cds-services/order-sign`, body);
    answers.push(answer.text, JSON.stringify([...answer.headers]));
    return answer;
  }
  const recordOf = async (answer: Answer): Promise<Json> =>
    (await get(`${running.url}/decisions/${answer.headers.get('epsom-decision')}`)).body;
  const topics = ({ body }: Answer): unknown[] =>
    asArray(body.cards).map(({ source }) => isObject(source) && isObject(source.topic) && source.topic.code);
  const evidenceOf = ({ inputs }: Json): Json[] =>
    asArray(inputs).flatMap(({ evidence }) => asArray(evidence));

  test('with all prefetch 0 calls, and the record names nothing as fetched', async () => {
    const answer = await asked(sign({ ...complete([creatinine], [myasthenia]), encounter: null }));
    expect([answer.status, server.calls]).toEqual([200, []]);
    expect(topics(answer)).toContain('IV-001');
    const record = await recordOf(answer);
    expect(record).not.toHaveProperty('fetched');
    // Evidence may also be a rule that could not be decided.
    const resources = evidenceOf(record).filter(({ reference }) => String(reference).includes('/'));
    expect(new Set(resources.map(({ from }) => from))).toEqual(new Set(['prefetch', 'draft']));
  });

  test('without any prefetch the card comes from what was read, and the record says so', async () => {
    const answer = await asked(sign({}));
    expect([answer.status, server.calls.length]).toEqual([200, keys.length]);
    expect(topics(answer)).toContain('IV-001');
    const record = await recordOf(answer);
    expect(record.fetched).toEqual(keys);
    expect(record.durationMs).toMatchObject({ gather: expect.any(Number) });
    const from = new Map(evidenceOf(record).map((evidence) => [evidence.reference, evidence.from]));
    expect([from.get('Condition/mg'), from.get('MedicationRequest/draft-1')]).toEqual(['fetch', 'draft']);
  });

  test('with a part of it only the rest is read', async () => {
    const { conditions: _, ...rest } = complete([creatinine]);
    const answer = await asked(sign(rest));
    expect(server.calls.map(({ path }) => path)).toEqual(['Condition']);
    expect(topics(answer)).toContain('IV-001');
    expect((await recordOf(answer)).fetched).toEqual(['conditions']);
  });

  test('the same request again gets the same answer, and a replay needs no FHIR server', async () => {
    const body = sign({});
    const first = await asked(body);
    server.instead.Condition = 'status500';
    const again = await asked(body);
    expect([again.text, again.headers.get('epsom-decision')]).toEqual([
      first.text,
      first.headers.get('epsom-decision'),
    ]);
    server.calls.length = 0;
    const replay = await post(`${running.url}/decisions/${first.headers.get('epsom-decision')}/replay`, {});
    expect([replay.body.equal, server.calls]).toEqual([true, []]);
  });

  test('a server that never answers about laboratory data: the rest is decided, labs are named as missing', async () => {
    const { labs: _, ...rest } = complete([], [myasthenia]);
    server.instead.Observation = 'never';
    const answer = await asked(sign(rest), hasty);
    expect(topics(answer)).toContain('IV-001');
    const record = await recordOf(answer);
    expect(asArray(record.notices).map(({ code }) => code)).toContain('fhir-fetch-failed');
    expect(record.missing).toContainEqual(expect.stringMatching(/^egfr.*no laboratory data came/));
  });

  const types = [
    'Patient',
    'Observation',
    'MedicationRequest',
    'MedicationStatement',
    'Condition',
    'AllergyIntolerance',
  ];
  test.each(Object.keys(misbehaviours) as Misbehaviour[])(
    'no prefetch and a server that answers all with %s: 412 that says what is missing and why',
    async (how) => {
      for (const type of types) server.instead[type] = how;
      const answer = await asked(sign({}), how === 'never' || how === 'slow body' ? hasty : running);
      expect(answer.status).toBe(412);
      const [first, ...unread] = diagnostics(answer).split('; ');
      expect(first).toMatch(/^no patient data came/);
      const named = unread.flatMap((part) =>
        part.split(' could not be read from the FHIR server: ')[0]?.split(', '),
      );
      expect(named.sort()).toEqual(keys.toSorted());
    },
  );

  test.each([
    ['is not on this machine', { fhirServer: 'https://ehr.example/fhir' }, 'only a `fhirServer` on loopback'],
    ['is no address', { fhirServer: 'ehr' }, 'no address that can be used'],
    ['does not come', { fhirServer: undefined }, 'an access token came without `fhirServer`'],
    [
      'comes with an expired token',
      { fhirAuthorization: { ...fhirAuthorization, expires_in: 0 } },
      '`expires_in` above 0',
    ],
  ])('no prefetch and a fhirServer that %s: 412, nobody is called', async (_, more, why) => {
    const answer = await asked(sign({}, more));
    expect([answer.status, server.calls]).toEqual([412, []]);
    expect(diagnostics(answer)).toContain(why);
  });

  test('some prefetch and a fhirServer that is not called: what came is decided, a notice says the rest', async () => {
    const { labs: _, ...rest } = complete([], [myasthenia]);
    const answer = await asked(sign(rest, { fhirServer: 'https://ehr.example/fhir' }));
    expect([answer.status, topics(answer).includes('IV-001')]).toEqual([200, true]);
    expect(asArray((await recordOf(answer)).notices).map(({ code }) => code)).toContain(
      'fhir-server-not-registered',
    );
  });

  test('a patientId with path tricks is 400, nobody is called', async () => {
    const body = sign({});
    const answer = await asked({ ...body, context: { ...body.context, patientId: '../../admin' } });
    expect([answer.status, server.calls]).toEqual([400, []]);
  });

  test('the token is seen by its own server only: not by the one of a next link, a redirect or a reference', async () => {
    const other = await fhirServer([patient]);
    try {
      server.instead.Observation = {
        ...searchset(creatinine),
        link: [{ relation: 'next', url: `${other.url}?_pages=0` }],
      };
      server.instead.MedicationRequest = searchset(
        request('mr', { medicationReference: { reference: `${other.url}/Medication/m1` } }),
      );
      server.instead.MedicationStatement = 'redirect';
      expect((await asked(sign({}))).status).toBe(200);
      expect(server.calls.every(({ headers }) => headers.authorization === `Bearer ${canary}`)).toBe(true);
      expect(other.calls).toEqual([]);
    } finally {
      await other.close();
    }
  });

  test('R5: a drug behind a CodeableReference and a recorded statement are found', async () => {
    await server.close();
    server = await fhirServer([
      patient,
      medication('m1', '7646'),
      request('mr', { medication: { reference: { reference: 'Medication/m1' } } }),
      {
        resourceType: 'MedicationStatement',
        id: 'ms',
        status: 'recorded',
        medication: { concept: rxnorm('4603') },
        subject,
      },
    ]);
    const record = await recordOf(await asked(sign({})));
    expect(record.fetched).toEqual([...keys, 'medications']);
    expect(isObject(record.chart) && asArray(record.chart.medications)).toMatchObject([
      { reference: 'MedicationRequest/mr', role: 'active', ingredients: [{ name: 'omeprazole' }] },
      { reference: 'MedicationStatement/ms', role: 'active', ingredients: [{ name: 'furosemide' }] },
      { reference: 'MedicationRequest/draft-1', role: 'ordered' },
    ]);
  });

  // Last: it looks at what all of the above left behind.
  test('the token is in no answer, no line of output and nowhere in the table', async () => {
    const kept: string[] = [];
    let from: Record<string, AttributeValue> | undefined;
    do {
      const page = await dynamo.client.send(new ScanCommand({ TableName: 'epsom', ExclusiveStartKey: from }));
      for (const { record, ...rest } of page.Items ?? []) {
        kept.push(JSON.stringify(rest), record?.B ? gunzipSync(record.B).toString('utf8') : '');
      }
      from = page.LastEvaluatedKey;
    } while (from);
    expect(kept.length).toBeGreaterThan(40);
    expect(kept.join('\n')).not.toContain(canary);
    expect(kept.join('\n')).not.toContain(server.url.slice(0, 17));
    expect(answers.join('\n')).not.toContain(canary);
    expect(answers.length).toBeGreaterThan(20);
    expect(output.join('\n')).not.toContain(canary);
  });
});
