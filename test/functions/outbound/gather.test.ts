/** What prefetch lacks is read from the FHIR server, and from no other: against a real server on loopback. */
import { gunzipSync } from 'node:zlib';
import { type AttributeValue, ScanCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { readSettings } from '../../../functions/config/settings.ts';
import { createEmbeddedDynamo } from '../../../functions/host/embedded.ts';
import type { Running } from '../../../functions/local.ts';
import { type FetchJson, fetchJson } from '../../../functions/outbound/fetch.ts';
import { createServerMemory } from '../../../functions/outbound/server-memory.ts';
import { queryShapeOf } from '../../../functions/service/query-shape.ts';
import { decide } from '../../../rules/decide.ts';
import { shapeTemplates } from '../../../rules/evaluation/query-shape.ts';
import { asArray, isObject, type Json } from '../../../rules/fhir/json.ts';
import { type FhirServer, fhirServer, type Misbehaviour, misbehaviours } from '../../support/fhir-server.ts';
import {
  chart,
  creatinine,
  gathering,
  ids,
  keys,
  medication,
  myasthenia,
  request,
  ruleset,
  rxnorm,
  serve,
  server,
  subject,
  templates,
  useFhirServer,
} from '../../support/gathering.ts';
import {
  at,
  complete,
  hookRequest,
  magnesiumSulfate,
  patient,
  searchset,
} from '../../support/hook-requests.ts';
import { type Answer, diagnostics, get, post, serving } from '../../support/serving.ts';

describe('against a server', () => {
  useFhirServer();

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

describe('two rounds fit into the time that is there unless set otherwise, at 200 ms an answer', () => {
  useFhirServer();
  /** Twice the time and twice as slow, so that a busy machine changes nothing. */
  const deadlineMs = 2 * readSettings({}).fhirDeadlineMs;
  const slowly =
    (urlOf: (url: string) => string): FetchJson =>
    async (url, fetching) => {
      await new Promise((resolve) => setTimeout(resolve, 400));
      return fetchJson(urlOf(String(url)), fetching);
    };
  const drug = { medicationReference: { reference: 'Medication/m1' } };
  const cerner = queryShapeOf({ profile: 'cerner', registered: null });
  const shaped = shapeTemplates(templates, cerner, Date.parse(at));

  test.each<[string, typeof templates | typeof shaped, (url: string) => string]>([
    ['the profile cerner, without `_include`', shaped, (url) => url],
    ['a server that ignores `_include`', templates, (url) => url.replace(/&_include=[^&]*/, '')],
  ])('%s: no Medication is lost', async (_, asked, urlOf) => {
    await serve([...chart, request('mr2', drug), medication('m1')]);
    const { fetched } = await gathering({}, {}, { templates: asked, fetchJson: slowly(urlOf), deadlineMs });
    expect([fetched.failed, fetched.notices]).toEqual([[], []]);
    expect(ids(fetched.resources.medications)).toEqual(['m1']);
  });

  test('dispatched orders that are read one by one, with their drugs', async () => {
    await serve([...chart, request('o1', drug), medication('m1')]);
    const memory = createServerMemory();
    memory.of(new URL(server.url)).learn('MedicationRequest', ['_id=']);
    const context = {
      patientId: 'p1',
      performer: 'Organization/1',
      dispatchedOrders: ['MedicationRequest/o1'],
    };
    const means = { templates: {}, fetchJson: slowly((url) => url), deadlineMs, memory };
    const { fetched } = await gathering({}, { context }, means);
    expect([ids(fetched.resources.dispatchedOrders), ids(fetched.resources.medications)]).toEqual([
      ['o1'],
      ['m1'],
    ]);
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
  let ehr: FhirServer;
  let dynamo: Awaited<ReturnType<typeof createEmbeddedDynamo>>;
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
    dynamo = await createEmbeddedDynamo(null);
    const env = {
      AWS_ENDPOINT_URL_DYNAMODB: dynamo.endpoint,
      EPSOM_DEADLINE_MS: '20000',
      EPSOM_ALLOW_LOOPBACK: 'true',
    };
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
    ehr = await fhirServer(chart);
  });
  afterEach(() => ehr.close());

  const sign = (prefetch: Record<string, unknown>, more: Json = {}) =>
    hookRequest('order-sign', prefetch, [magnesiumSulfate()], {
      fhirServer: ehr.url,
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
    expect([answer.status, ehr.calls]).toEqual([200, []]);
    expect(topics(answer)).toContain('IV-001');
    const record = await recordOf(answer);
    expect(record).not.toHaveProperty('fetched');
    // Evidence may also be a rule that could not be decided.
    const resources = evidenceOf(record).filter(({ reference }) => String(reference).includes('/'));
    expect(new Set(resources.map(({ from }) => from))).toEqual(new Set(['prefetch', 'draft']));
  });

  test('without any prefetch the card comes from what was read, and the record says so', async () => {
    const answer = await asked(sign({}));
    expect([answer.status, ehr.calls.length]).toEqual([200, keys.length]);
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
    expect(ehr.calls.map(({ path }) => path)).toEqual(['Condition']);
    expect(topics(answer)).toContain('IV-001');
    expect((await recordOf(answer)).fetched).toEqual(['conditions']);
  });

  test('the same request again gets the same answer, and a replay needs no FHIR server', async () => {
    const body = sign({});
    const first = await asked(body);
    ehr.instead.Condition = 'status500';
    const again = await asked(body);
    expect([again.text, again.headers.get('epsom-decision')]).toEqual([
      first.text,
      first.headers.get('epsom-decision'),
    ]);
    ehr.calls.length = 0;
    const replay = await post(`${running.url}/decisions/${first.headers.get('epsom-decision')}/replay`, {});
    expect([replay.body.equal, ehr.calls]).toEqual([true, []]);
  });

  test('a server that never answers about laboratory data: the rest is decided, labs are named as missing', async () => {
    const { labs: _, ...rest } = complete([], [myasthenia]);
    ehr.instead.Observation = 'never';
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
    'MedicationAdministration',
    'Condition',
    'Procedure',
    'AllergyIntolerance',
    'ServiceRequest',
  ];
  test.each(Object.keys(misbehaviours) as Misbehaviour[])(
    'no prefetch and a server that answers all with %s: 412 that says what is missing and why',
    async (how) => {
      for (const type of types) ehr.instead[type] = how;
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
    [
      'is not on this machine',
      { fhirServer: 'https://server.example/fhir' },
      'a `fhirServer` is called on this machine only',
    ],
    ['is no address', { fhirServer: 'server' }, 'no address that can be used'],
    ['does not come', { fhirServer: undefined }, 'an access token came without `fhirServer`'],
    [
      'comes with an expired token',
      { fhirAuthorization: { ...fhirAuthorization, expires_in: 0 } },
      '`expires_in` above 0',
    ],
  ])('no prefetch and a fhirServer that %s: 412, nobody is called', async (_, more, why) => {
    const answer = await asked(sign({}, more));
    expect([answer.status, ehr.calls]).toEqual([412, []]);
    expect(diagnostics(answer)).toContain(why);
  });

  test('some prefetch and a fhirServer that is not called: what came is decided, a notice says the rest', async () => {
    const { labs: _, ...rest } = complete([], [myasthenia]);
    const answer = await asked(sign(rest, { fhirServer: 'https://server.example/fhir' }));
    expect([answer.status, topics(answer).includes('IV-001')]).toEqual([200, true]);
    expect(asArray((await recordOf(answer)).notices).map(({ code }) => code)).toContain(
      'fhir-server-not-registered',
    );
  });

  test('a patientId with path tricks is 400, nobody is called', async () => {
    const body = sign({});
    const answer = await asked({ ...body, context: { ...body.context, patientId: '../../admin' } });
    expect([answer.status, ehr.calls]).toEqual([400, []]);
  });

  test('the token is seen by its own server only: not by the one of a next link, a redirect or a reference', async () => {
    const other = await fhirServer([patient]);
    try {
      ehr.instead.Observation = {
        ...searchset(creatinine),
        link: [{ relation: 'next', url: `${other.url}?_pages=0` }],
      };
      ehr.instead.MedicationRequest = searchset(
        request('mr', { medicationReference: { reference: `${other.url}/Medication/m1` } }),
      );
      ehr.instead.MedicationStatement = 'redirect';
      expect((await asked(sign({}))).status).toBe(200);
      expect(ehr.calls.every(({ headers }) => headers.authorization === `Bearer ${canary}`)).toBe(true);
      expect(other.calls).toEqual([]);
    } finally {
      await other.close();
    }
  });

  test('R5: a drug behind a CodeableReference and a recorded statement are found', async () => {
    await ehr.close();
    ehr = await fhirServer([
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
    // The drug came with the request that refers to it, so nothing was read for it.
    expect(record.fetched).toEqual(keys);
    expect(ehr.calls).toHaveLength(keys.length);
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
    expect(kept.join('\n')).not.toContain(ehr.url.slice(0, 17));
    expect(answers.join('\n')).not.toContain(canary);
    expect(answers.length).toBeGreaterThan(20);
    expect(output.join('\n')).not.toContain(canary);
  });
});
