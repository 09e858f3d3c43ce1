/** The decision log as FHIR over HTTP: every resource valid R4, claimed profiles met, searches complete. */

import fc from 'fast-check';
import type { AuditEvent, Bundle, GuidanceResponse } from 'fhir/r4.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decisionEvent } from '../../../functions/fhir/audit-event.ts';
import { dataRequirements, guidanceResponse } from '../../../functions/fhir/guidance-response.ts';
import { fhir, largestCollection } from '../../../functions/fhir.ts';
import type { Running } from '../../../functions/local.ts';
import type { StoredDecision } from '../../../functions/log/decision-log.ts';
import { createRetention } from '../../../functions/log/retention.ts';
import { ruleSystem } from '../../../rules/cards/types.ts';
import { factOf } from '../../../rules/facts/facts.ts';
import { shippedRuleset } from '../../../rules/library/shipped.ts';
import { chain, mergeRecord } from '../../../rules/record.ts';
import { splitRecord } from '../../../rules/record-head.ts';
import { balpProblems, canonical, failingRows, profiles } from '../../support/balp.ts';
import { complete, condition, hookRequest, magnesiumSulfate, patient } from '../../support/hook-requests.ts';
import { createTestLog, decisionRecord, refusalRecord, table } from '../../support/logs.ts';
import { r4Problems } from '../../support/r4.ts';
import { type Answer, answerOf, diagnostics, get, post, serving } from '../../support/serving.ts';

/** The version in force of a rule. */
const versionOf = (id: string): string =>
  shippedRuleset().rules.find(({ rule }) => rule.id === id)?.rule.version ?? 'none';

const minute = 60_000;
const start = Date.parse('2026-01-31T12:00:00.000Z');
let clock = start;
let running: Running;
let url: string;
/** Ids of the decisions made, oldest first, with their patient. */
const made: { id: string; patient: string | null; at: string }[] = [];

const iso = (time: number): string => new Date(time).toISOString();
const pass = (milliseconds: number): void => {
  clock += milliseconds;
};

async function send(path: string, body: unknown, about: string | null): Promise<void> {
  const answer = await post(`${url}${path}`, body);
  made.push({ id: answer.headers.get('epsom-decision') ?? '', patient: about, at: iso(clock) });
  pass(minute);
}

beforeAll(async () => {
  running = await serving({}, { memory: true, now: () => new Date(clock) });
  url = running.url;
  for (let time = 0; time < 4; time += 1) {
    const order = hookRequest(
      'order-sign',
      complete([], [condition('mg', '91637004')]),
      [magnesiumSulfate()],
      {},
    );
    await send('/cds-services/order-sign', order, 'p1');
    await send(
      '/cds-services/patient-view',
      hookRequest('patient-view', { patient, conditions: null }),
      'p1',
    );
    await send('/evaluate', { ...patient, id: 'other_patient' }, 'other_patient');
    await send('/evaluate', '{', null);
  }
});
afterAll(() => running.close());

const bundleOf = ({ body }: Answer): Bundle => body as unknown as Bundle;
const resourcesOf = <T extends AuditEvent | GuidanceResponse>(answer: Answer): T[] =>
  (bundleOf(answer).entry ?? []).flatMap(({ resource }) => (resource ? [resource as T] : []));
const linkOf = (answer: Answer, relation: string): string | undefined =>
  bundleOf(answer).link?.find((link) => link.relation === relation)?.url;

/** Every page of a search, checked. */
async function all<T extends AuditEvent | GuidanceResponse>(path: string, isChecked = true): Promise<T[]> {
  const found: T[] = [];
  let next: string | undefined = `${url}${path}`;
  while (next) {
    const answer = await get(next);
    expect(answer.status, diagnostics(answer)).toBe(200);
    expect(answer.headers.get('content-type')).toBe('application/fhir+json');
    if (isChecked) expect(r4Problems(answer.body)).toEqual([]);
    found.push(...resourcesOf<T>(answer));
    next = linkOf(answer, 'next');
  }
  return found;
}
const isDecision = ({ subtype }: AuditEvent): boolean =>
  (subtype ?? []).some(({ system }) => system === 'urn:epsom:service');
const decisionsIn = (events: AuditEvent[]): string[] => events.filter(isDecision).map(({ id }) => id ?? '');
const newestFirst = (wanted: (one: (typeof made)[number]) => boolean = () => true): string[] =>
  made
    .filter(wanted)
    .map(({ id }) => id)
    .reverse();
/** The access that the call before recorded. */
async function lastAccess(): Promise<AuditEvent> {
  const page = resourcesOf<AuditEvent>(await get(`${url}/fhir/AuditEvent?_count=5`));
  const event = page.find((one) => !isDecision(one));
  if (!event) throw new Error('no access recorded');
  return event;
}

describe('AuditEvents', () => {
  test('16 decisions in pages of 3 are each there once, newest first, valid R4, and claim no profile', async () => {
    const events = await all<AuditEvent>(`/fhir/AuditEvent?_count=3&date=le${iso(clock)}`);
    expect(decisionsIn(events)).toEqual(newestFirst());
    const recorded = events.map((event) => event.recorded ?? '');
    expect(recorded).toEqual([...recorded].sort().reverse());
    expect(events.filter(isDecision).filter(({ meta }) => meta?.profile)).toEqual([]);
    expect(events.flatMap(balpProblems)).toEqual([]);
    expect(new Set(events.map(({ id }) => id)).size).toBe(events.length);
  });

  test('a decision says who asked, for whom, of whom, and which rules spoke', async () => {
    const { body } = await get(`${url}/fhir/AuditEvent/${made[0]?.id}`);
    const event = body as unknown as AuditEvent;
    expect(r4Problems(event)).toEqual([]);
    expect(event).toMatchObject({
      action: 'E',
      outcome: '0',
      recorded: made[0]?.at,
      agent: [
        { who: { identifier: { value: 'local' } }, requestor: false },
        { network: { address: running.service.settings.baseUrl } },
        { who: { reference: 'Practitioner/1' }, requestor: true },
      ],
      entity: [
        { what: { reference: `GuidanceResponse/${made[0]?.id}` } },
        { what: { reference: 'Patient/p1' } },
      ],
    });
    const details = event.entity?.[0]?.detail?.map(({ type, valueString }) => `${type} ${valueString}`);
    expect(details).toContain(`finding-shown IV-001 ${versionOf('IV-001')} critical`);
    expect(details?.join()).toMatch(/ruleset sha256:[0-9a-f]{64}/);
  });

  test('a refused request has outcome 4, its sentence, and no patient; a failure here has outcome 8', async () => {
    const refused = made[3]?.id;
    const event = (await get(`${url}/fhir/AuditEvent/${refused}`)).body as unknown as AuditEvent;
    expect(event.outcome).toBe('4');
    expect(event.outcomeDesc).toMatch(/JSON/);
    expect(event.entity).toHaveLength(1);
    const failed = { ...refusalRecord(1), status: 503, problem: 'later' };
    expect(decisionEvent(storedAs(failed), 'http://127.0.0.1').outcome).toBe('8');
  });

  test.each<[string, (one: (typeof made)[number]) => boolean]>([
    ['patient=p1', ({ patient: about }) => about === 'p1'],
    ['patient=Patient/p1', ({ patient: about }) => about === 'p1'],
    ['patient=other_patient', ({ patient: about }) => about === 'other_patient'],
    ['patient=nobody', () => false],
    [`date=${iso(start + 3 * minute)}`, ({ at }) => at === iso(start + 3 * minute)],
    [`date=eq2026-01-31T12:03Z`, ({ at }) => at === iso(start + 3 * minute)],
    [`date=ge${iso(start + 3 * minute)}`, ({ at }) => at >= iso(start + 3 * minute)],
    [`date=gt${iso(start + 3 * minute)}`, ({ at }) => at > iso(start + 3 * minute)],
    [`date=le${iso(start + 3 * minute)}`, ({ at }) => at <= iso(start + 3 * minute)],
    [`date=lt${iso(start + 3 * minute)}`, ({ at }) => at < iso(start + 3 * minute)],
    [
      `date=gt${iso(start + 3 * minute)}&date=lt${iso(start + 6 * minute)}&patient=p1`,
      ({ at, patient: about }) =>
        about === 'p1' && at > iso(start + 3 * minute) && at < iso(start + 6 * minute),
    ],
    ['date=2026-01', () => true],
    ['date=2026-02', () => false],
    [`date=ge2026-02&date=le2026-01`, () => false],
    ['agent:identifier=urn:epsom:client|local&date=le2026-01-31T12:16Z', () => true],
    ['agent:identifier=another', () => false],
  ])('?%s finds the decisions that a plain look finds', async (query, wanted) => {
    expect(decisionsIn(await all<AuditEvent>(`/fhir/AuditEvent?${query}`))).toEqual(newestFirst(wanted));
    expect(decisionsIn(await all<AuditEvent>(`/fhir/AuditEvent?${query}&_count=2`, false))).toEqual(
      newestFirst(wanted),
    );
  });

  test('entity finds a decision and everybody who looked at it, by reference and by identifier', async () => {
    const { id = '' } = made[4] ?? {};
    pass(minute);
    await get(`${url}/decisions/${id}`);
    await post(`${url}/decisions/${id}/replay`, {});
    for (const query of [
      `entity=GuidanceResponse/${id}`,
      `entity=${id}`,
      `entity:identifier=urn:epsom:decision|${id}`,
    ]) {
      const events = await all<AuditEvent>(`/fhir/AuditEvent?${query}`);
      expect(decisionsIn(events)).toEqual([id]);
      const codes = events.map(({ subtype }) => subtype?.[1]?.code);
      expect(codes).toEqual(expect.arrayContaining(['read', 'replay', 'order-sign']));
      for (const event of events) expect(event.entity?.[0]?.what?.reference).toBe(`GuidanceResponse/${id}`);
    }
    expect(await all(`/fhir/AuditEvent?entity=${id}&patient=other_patient`)).toEqual([]);
    expect(await all(`/fhir/AuditEvent?entity=${id}&date=lt2026`)).toEqual([]);
  });
});

describe('looks at the log', () => {
  test.each<[string, () => Promise<unknown>, string | null]>([
    ['a read of a decision about a patient', () => get(`${url}/decisions/${made[0]?.id}`), 'PatientRead'],
    [
      'a read of its GuidanceResponse',
      () => get(`${url}/fhir/GuidanceResponse/${made[0]?.id}`),
      'PatientRead',
    ],
    ['a read of a refused request', () => get(`${url}/decisions/${made[3]?.id}`), 'Read'],
    ['a search by patient', () => get(`${url}/decisions?patient=p1&rule=IV-001`), 'PatientQuery'],
    ['a FHIR search by patient', () => get(`${url}/fhir/GuidanceResponse?patient=p1`), 'PatientQuery'],
    ['an export of a patient', () => fetch(`${url}/decisions/export?patient=p1`), 'PatientQuery'],
    ['a search that found nothing', () => get(`${url}/decisions?rule=MG-004`), 'Query'],
    ['a search over all patients that found some', () => get(`${url}/decisions?rule=IV-001`), null],
    ['an export of all patients', () => fetch(`${url}/decisions/export`), null],
    ['a replay', () => post(`${url}/decisions/${made[0]?.id}/replay`, {}), null],
    ['a proof asked for', () => get(`${url}/decisions/${made[0]?.id}/proof`), null],
  ])('%s claims the BALP profile it meets', async (_, look, profile) => {
    pass(minute);
    await look();
    const event = await lastAccess();
    expect(event.meta?.profile ?? []).toEqual(profile ? [`${canonical}${profile}`] : []);
    expect(balpProblems(event)).toEqual([]);
    expect(r4Problems(event)).toEqual([]);
    expect(event.agent[0]).toMatchObject({
      who: { identifier: { value: 'local' } },
      network: { address: '127.0.0.1', type: '2' },
    });
  });

  test('a patient asked for is in no stored query; a search by that patient names her, any other a keyed hash', async () => {
    pass(minute);
    await get(`${url}/decisions?patient=p1&service=order-sign`);
    const anonymous = await lastAccess();
    expect(JSON.stringify(anonymous)).not.toContain('p1');
    const asked = anonymous.entity?.[0];
    expect(Buffer.from(asked?.query ?? '', 'base64').toString()).toBe('GET /decisions?service=order-sign');
    const hash = anonymous.entity?.[1]?.what?.identifier;
    expect(hash).toMatchObject({
      system: 'urn:epsom:patient-hash',
      value: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    const [named] = (await all<AuditEvent>('/fhir/AuditEvent?patient=p1')).filter(
      ({ id }) => id === anonymous.id,
    );
    expect(named?.entity?.[1]?.what).toMatchObject({ reference: 'Patient/p1', identifier: hash });
    const others = await all<AuditEvent>('/fhir/AuditEvent?patient=other_patient');
    expect(others.map(({ id }) => id)).not.toContain(anonymous.id);
  });

  test('searching the AuditEvents is itself an AuditEvent, and can be read by its id', async () => {
    pass(minute);
    await get(`${url}/fhir/AuditEvent?date=2026-01-31`);
    const event = await lastAccess();
    expect(event.entity?.[0]?.description).toContain('GET /fhir/AuditEvent?from=2026-01-31');
    const again = await get(`${url}/fhir/AuditEvent/${event.id}`);
    expect(again.body).toEqual(event);
  });

  test('every constraint of the four profiles fails on an event that breaks it', async () => {
    const samples = new Map<string, AuditEvent>();
    for (const event of await all<AuditEvent>('/fhir/AuditEvent'))
      for (const profile of event.meta?.profile ?? []) samples.set(profile.replace(canonical, ''), event);
    expect([...samples.keys()].sort()).toEqual(Object.keys(profiles).sort());
    for (const [name, event] of samples) {
      expect(failingRows(name, event)).toEqual([]);
      expect(failingRows(name, { ...event, action: 'C' })).toHaveLength(1);
      expect(failingRows(name, { ...event, outcome: '4' })).toHaveLength(1);
      expect(failingRows(name, { ...event, subtype: [] })).toHaveLength(2);
      expect(failingRows(name, { ...event, entity: [] }).length).toBeGreaterThan(1);
      expect(failingRows(name, { ...event, agent: event.agent.slice(1) })).toHaveLength(2);
      const silent = event.agent.map(({ network: _, ...rest }) => rest);
      expect(failingRows(name, { ...event, agent: silent })).toHaveLength(2);
    }
  });
});

describe('GuidanceResponses', () => {
  test('16 decisions in pages of 5 are each there once, newest first, valid R4', async () => {
    const responses = await all<GuidanceResponse>('/fhir/GuidanceResponse?_count=5');
    expect(responses.map(({ id }) => id)).toEqual(newestFirst());
  });

  test.each<[string, (one: (typeof made)[number]) => boolean]>([
    ['subject=Patient/p1', ({ patient: about }) => about === 'p1'],
    [`_lastUpdated=ge${iso(start + 5 * minute)}`, ({ at }) => at >= iso(start + 5 * minute)],
  ])('?%s finds the decisions that a plain look finds', async (query, wanted) => {
    const found = await all<GuidanceResponse>(`/fhir/GuidanceResponse?${query}`);
    expect(found.map(({ id }) => id)).toEqual(newestFirst(wanted));
  });

  test('by identifier it is the one decision', async () => {
    const { id } = made[5] ?? {};
    const found = await all<GuidanceResponse>(`/fhir/GuidanceResponse?identifier=urn:epsom:decision|${id}`);
    expect(found.map((one) => one.id)).toEqual([id]);
  });

  test('missing data is data-requested, with what to ask for and which rule waits for it', async () => {
    const answer = await get(`${url}/fhir/GuidanceResponse/${made[1]?.id}`);
    const response = answer.body as unknown as GuidanceResponse;
    expect(response).toMatchObject({
      status: 'data-requested',
      moduleUri: `${running.service.settings.baseUrl}/cds-services/patient-view`,
      subject: { reference: 'Patient/p1' },
      evaluationMessage: [{ reference: '#messages' }],
    });
    const labs = response.dataRequirement?.flatMap(({ codeFilter }) => codeFilter?.[0]?.code ?? []) ?? [];
    expect(labs).toContainEqual(expect.objectContaining({ system: 'http://loinc.org', code: '19123-9' }));
    expect(JSON.stringify(response.contained)).toMatch(/MG-001 could not be decided without: lab magnesium/);
  });

  test('what was shown is a reason with rule and version; a refused request is a failure', async () => {
    const shown = (await get(`${url}/fhir/GuidanceResponse/${made[0]?.id}`))
      .body as unknown as GuidanceResponse;
    expect(shown.reasonCode).toContainEqual({
      coding: [{ system: ruleSystem, code: 'IV-001', version: versionOf('IV-001') }],
      text: expect.stringMatching(/./),
    });
    const refused = (await get(`${url}/fhir/GuidanceResponse/${made[3]?.id}`))
      .body as unknown as GuidanceResponse;
    expect(refused.status).toBe('failure');
    expect(refused.subject).toBeUndefined();
  });

  test('every fact that a resource can answer becomes data to ask for; what is about the request does not', () => {
    const { requests } = shippedRuleset();
    const unanswered = new Set<string>();
    for (const { fact, params } of requests) {
      const needs = dataRequirements([{ fact, params, reasons: [] }], requests);
      if (needs.length === 0) unanswered.add(fact);
      // Records of schema 2 name it in words.
      const what = factOf(fact).describe(params);
      expect(dataRequirements([what], requests)).toEqual(needs);
      expect(dataRequirements([`${what} (x)`], requests)).toEqual(needs);
    }
    expect([...unanswered].sort()).toEqual(['checkNotMade', 'notice']);
    expect(dataRequirements(['something else'], requests)).toEqual([]);
  });
});

/** A stored decision as the log gives it, without a log. */
function storedAs(record: ReturnType<typeof decisionRecord>): StoredDecision {
  const { head, clinical } = splitRecord(record);
  const chained = chain({ ...head, clinical: null }, 'w', 1, null);
  return { ...chained, ...mergeRecord(head, clinical), clinical: null };
}

describe('whatever is in a record', () => {
  test('its AuditEvent and GuidanceResponse are valid R4', () => {
    const ruleset = shippedRuleset();
    const base = decisionRecord(7);
    fc.assert(
      fc.property(
        fc.record({
          patient: fc.option(fc.stringMatching(/^[A-Za-z0-9._-]{1,128}$/), { nil: null }),
          user: fc.option(fc.stringMatching(/^[A-Za-z]{1,20}\/[A-Za-z0-9._-]{1,128}$/), { nil: null }),
          hookInstance: fc.option(fc.stringMatching(/^[A-Za-z0-9._:-]{1,128}$/), { nil: null }),
          status: fc.constantFrom(200, 400, 404, 412, 413, 500, 503),
          service: fc.constantFrom('order-sign', 'evaluate', 'unknown', 'feedback'),
          client: fc.stringMatching(/^[A-Za-z0-9:/._-]{1,60}$/),
        }),
        (some) => {
          const { status } = some;
          const record = { ...base, ...some, ...(status === 200 ? {} : { problem: 'because of `x`' }) };
          const stored = storedAs(record);
          expect(r4Problems(decisionEvent(stored, 'http://127.0.0.1:8080'))).toEqual([]);
          expect(r4Problems(guidanceResponse(stored, ruleset, 'http://127.0.0.1:8080'))).toEqual([]);
        },
      ),
      { numRuns: 60 },
    );
  });

  test('of an erased patient nothing names the patient, and it is said that data was erased', async () => {
    const it = await createTestLog();
    try {
      const record = decisionRecord(1, { tenant: 'local', patient: 'erased-one' });
      await it.log.append(record);
      const service = { ...running.service, log: it.log };
      const read = async (path: string) =>
        answerOf(await fhir(service).request(path, { headers: { host: '127.0.0.1' } }));
      expect(JSON.stringify(await read(`/fhir/AuditEvent/${record.decisionId}`))).toContain(
        'Patient/erased-one',
      );
      const { log, patients } = it;
      const now = () => new Date(clock);
      const retention = createRetention({
        client: it.dynamo.client,
        table,
        log,
        patients,
        blobs: it.blobs,
        wait: async () => undefined,
        newId: () => '0'.repeat(32),
        now,
      });
      await retention.erase('local', 'erased-one', 'auditor');
      const event = (await read(`/fhir/AuditEvent/${record.decisionId}`)).body as unknown as AuditEvent;
      const { body: response } = await read(`/fhir/GuidanceResponse/${record.decisionId}`);
      expect(r4Problems(event)).toEqual([]);
      expect(r4Problems(response)).toEqual([]);
      expect(event.entity).toHaveLength(1);
      expect(event.entity?.[0]?.detail).toContainEqual({ type: 'patient-erased', valueString: 'true' });
      expect(response.subject).toBeUndefined();
      expect(JSON.stringify(response)).toContain('the patient was erased');
      const listed = await read('/fhir/AuditEvent');
      expect(listed.text).not.toMatch(/erased-one|patient-hash/);
      expect((await read('/fhir/AuditEvent?patient=erased-one')).body.entry).toBeUndefined();
    } finally {
      await it.close();
    }
  });
});

describe('what cannot be answered', () => {
  test.each<[string, number, RegExp]>([
    ['/fhir/AuditEvent?_count=0', 400, /_count/],
    ['/fhir/AuditEvent?_count=-1', 400, /_count/],
    ['/fhir/AuditEvent?_count=many', 400, /_count/],
    ['/fhir/AuditEvent?date=yesterday', 400, /`date`/],
    ['/fhir/AuditEvent?date=ne2026', 400, /`date`/],
    ['/fhir/AuditEvent?date=ge2026-13', 400, /`date`/],
    ['/fhir/AuditEvent?patient=a,b', 400, /`patient`/],
    ['/fhir/AuditEvent?patient=Group/1', 400, /`patient`/],
    ['/fhir/AuditEvent?patient=a&patient=b', 400, /once/],
    ['/fhir/AuditEvent?patient:identifier=a', 400, /unknown parameter/],
    ['/fhir/AuditEvent?outcome=4', 400, /unknown parameter/],
    ['/fhir/AuditEvent?_sort=date', 400, /unknown parameter/],
    ['/fhir/AuditEvent?entity=Patient/1', 400, /`entity`/],
    ['/fhir/AuditEvent?agent:identifier=a b', 400, /agent:identifier/],
    ['/fhir/AuditEvent?_format=xml', 406, /JSON/],
    ['/fhir/AuditEvent?cursor=abc', 400, /cursor/],
    ['/fhir/GuidanceResponse?date=2026', 400, /unknown parameter/],
    ['/fhir/AuditEvent/0123456789abcdef0123456789abcdef', 404, /no AuditEvent/],
    ['/fhir/AuditEvent/access-20260131T120000000Z-0123456789abcdef0123456789abcdef', 404, /no AuditEvent/],
    ['/fhir/AuditEvent/access-20261399T120000000Z-0123456789abcdef0123456789abcdef', 404, /no AuditEvent/],
    ['/fhir/AuditEvent/..%2Fx', 404, /no AuditEvent/],
    ['/fhir/GuidanceResponse/x', 404, /no GuidanceResponse/],
  ])('%s is %i', async (path, status, message) => {
    const answer = await get(`${url}${path}`);
    expect(answer.status).toBe(status);
    expect(answer.headers.get('content-type')).toBe('application/fhir+json');
    expect(diagnostics(answer)).toMatch(message);
    expect(r4Problems(answer.body)).toEqual([]);
  });

  test('1,000,000,000 asked for is 100 at most, and JSON may be asked for by name', async () => {
    const answer = await get(`${url}/fhir/AuditEvent?_count=1000000000&_format=application/fhir%2Bjson`);
    expect(answer.status).toBe(200);
    expect(resourcesOf(answer).length).toBeLessThanOrEqual(100);
  });

  test('a cursor edited, of another filter, of another resource, of another tenant or an hour old is 400', async () => {
    const next = new URL(linkOf(await get(`${url}/fhir/AuditEvent?patient=p1&_count=1`), 'next') ?? '');
    const cursor = next.searchParams.get('cursor') ?? '';
    const page = `/fhir/AuditEvent?patient=p1&_count=1&cursor=`;
    expect((await get(`${url}${page}${cursor}`)).status).toBe(200);
    expect((await get(`${url}${page}${cursor.slice(0, -2)}xx`)).status).toBe(400);
    expect((await get(`${url}/fhir/AuditEvent?_count=1&cursor=${cursor}`)).status).toBe(400);
    expect((await get(`${url}/fhir/GuidanceResponse?patient=p1&_count=1&cursor=${cursor}`)).status).toBe(400);
    const other = { accountId: '210987654321', userArn: 'arn:aws:iam::210987654321:user/auditor' };
    const answer = await fhir({ ...running.service, open: false }).request(
      `${page}${cursor}`,
      {},
      { event: { requestContext: { authorizer: { iam: other } } } },
    );
    expect(answer.status).toBe(400);
    pass(61 * minute);
    const late = await get(`${url}${page}${cursor}`);
    expect([late.status, diagnostics(late)]).toEqual([400, expect.stringContaining('expired')]);
  });
});

describe('a collection', () => {
  test('holds the events of a search and the GuidanceResponses they point to', async () => {
    const answer = await get(`${url}/fhir/AuditEvent/$bundle?patient=p1&date=le${iso(start + 20 * minute)}`);
    expect(answer.status).toBe(200);
    expect(r4Problems(answer.body)).toEqual([]);
    const { type, entry = [] } = bundleOf(answer);
    expect(type).toBe('collection');
    const ids = entry.map(({ resource }) => `${resource?.resourceType}/${resource?.id}`);
    const wanted = newestFirst(({ patient: about }) => about === 'p1');
    expect(ids.filter((id) => id.startsWith('GuidanceResponse'))).toEqual(
      wanted.map((id) => `GuidanceResponse/${id}`),
    );
    for (const { resource } of entry) {
      const event = resource as AuditEvent;
      for (const { what } of event.entity ?? [])
        if (what?.type === 'GuidanceResponse') expect(ids).toContain(what.reference);
    }
  });

  test(`of more than ${largestCollection} events is refused, and the sentence says how to go on`, async () => {
    const access = {
      schema: 'epsom.access/1',
      tenant: 'local',
      client: 'local',
      user: null,
      what: 'search',
      path: '/decisions',
      address: null,
      decisionId: null,
      filter: {},
      count: 0,
    } as const;
    const day = Date.parse('2026-03-01T00:00:00.000Z');
    const add = (number: number) =>
      running.service.log.addAccess(
        { ...access, at: iso(day + number) },
        null,
        String(number).padStart(32, '0'),
      );
    for (let number = 0; number < largestCollection; number += 1) await add(number);
    const path = '/fhir/AuditEvent/$bundle?date=2026-03-01';
    const whole = await get(`${url}${path}`);
    expect(bundleOf(whole).entry).toHaveLength(largestCollection);
    await add(largestCollection);
    const answer = await get(`${url}${path}`);
    expect([answer.status, diagnostics(answer)]).toEqual([400, expect.stringContaining('page by page')]);
  });
});

test('the CapabilityStatement is valid R4 and names both resources', async () => {
  const { body } = await get(`${url}/fhir/metadata`);
  expect(r4Problems(body)).toEqual([]);
  expect(JSON.stringify(body)).toMatch(/AuditEvent.*GuidanceResponse/);
});

describe('the validator', () => {
  const sound = () => decisionEvent(storedAs(decisionRecord(1)), 'http://127.0.0.1');
  const response = () => guidanceResponse(storedAs(decisionRecord(1)), shippedRuleset(), 'http://127.0.0.1');
  test.each<[string, () => unknown]>([
    ['an element that R4 does not have', () => ({ ...sound(), severity: 'high' })],
    ['no agent', () => ({ ...sound(), agent: [] })],
    ['a list where one is meant', () => ({ ...sound(), source: [sound().source] })],
    ['a time that is none', () => ({ ...sound(), recorded: '2026-01-31' })],
    ['an action that is none', () => ({ ...sound(), action: 'X' })],
    ['an outcome that is none', () => ({ ...sound(), outcome: '1' })],
    ['a name and a query (sev-1)', () => ({ ...sound(), entity: [{ name: 'a', query: 'YQ==' }] })],
    [
      'a network type that is none',
      () => ({ ...sound(), agent: [{ requestor: true, network: { type: '9' } }] }),
    ],
    ['an id with a space', () => ({ ...sound(), id: 'a b' })],
    ['a status that is none', () => ({ ...response(), status: 'fine' })],
    ['no module', () => ({ ...response(), moduleUri: undefined })],
    [
      'an issue code that is none',
      () => ({
        ...response(),
        contained: [
          { resourceType: 'OperationOutcome', id: 'messages', issue: [{ severity: 'error', code: 'odd' }] },
        ],
      }),
    ],
    ['something contained that nothing points to', () => ({ ...response(), evaluationMessage: undefined })],
    [
      'a bundle entry that is not valid',
      () => ({
        resourceType: 'Bundle',
        type: 'collection',
        entry: [{ resource: { ...sound(), action: 'X' } }],
      }),
    ],
  ])('refuses %s', (_, spoilt) => {
    expect(r4Problems(sound())).toEqual([]);
    expect(r4Problems(response())).toEqual([]);
    expect(r4Problems(JSON.parse(JSON.stringify(spoilt())))).not.toEqual([]);
  });
});
