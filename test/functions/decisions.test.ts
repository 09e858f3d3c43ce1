/** What auditors ask over HTTP: lists, one decision, proofs, exports; and that each look is recorded. */

import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { decisions } from '../../functions/decisions.ts';
import type { Running } from '../../functions/local.ts';
import { checkProof, headHashOf } from '../../functions/log/proof.ts';
import { createSigner, generatePrivateKey } from '../../functions/log/signer.ts';
import {
  cell,
  csvColumns,
  csvRows,
  type ExportedDecision,
  ndjson,
  streamOf,
} from '../../functions/service/decision-stream.ts';
import type { Json } from '../../rules/fhir/json.ts';
import { shippedRuleset } from '../../rules/library/shipped.ts';
import { complete, condition, hookRequest, magnesiumSulfate } from '../support/hook-requests.ts';
import { type Answer, answerOf, diagnostics, get, post, serving } from '../support/serving.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** The version in force of a rule. */
const versionOf = (id: string): string =>
  shippedRuleset().rules.find(({ rule }) => rule.id === id)?.rule.version ?? 'none';

const start = Date.parse('2026-01-31T12:00:00.000Z');
let clock = start;
let running: Running;
let url: string;
const made: string[] = [];

const idOf = ({ headers }: Answer): string => headers.get('epsom-decision') ?? '';
const order = () =>
  hookRequest('order-sign', complete([], [condition('mg', '91637004')]), [magnesiumSulfate()]);
async function decided(request: object = order()): Promise<string> {
  const answer = await post(`${url}/cds-services/order-sign`, request);
  clock += 60_000;
  made.push(idOf(answer));
  return idOf(answer);
}
const cardsOf = async (id: string) =>
  (await get(`${url}/decisions/${id}`)).body.cards as { uuid: string; source: { topic: { code: string } } }[];
async function overridden(id: string, code: string): Promise<void> {
  const card = (await cardsOf(id)).find(({ source }) => source.topic.code === 'IV-001');
  const item = {
    card: card?.uuid,
    outcome: 'overridden',
    outcomeTimestamp: '2026-01-31T12:30:00Z',
    overrideReason: { reason: { code, system: 'urn:epsom:override-reason' } },
  };
  expect((await post(`${url}/cds-services/order-sign/feedback`, { feedback: [item] })).status).toBe(200);
}

beforeAll(async () => {
  running = await serving({}, { memory: true, now: () => new Date(clock) });
  url = running.url;
  for (let time = 0; time < 6; time += 1) await decided();
  await overridden(made[1] ?? '', 'emergency');
});
afterAll(() => running.close());

const idsIn = ({ body }: Answer): string[] =>
  (body.decisions as { decisionId: string }[]).map(({ decisionId }) => decisionId);

describe('GET /decisions', () => {
  test('without a filter: all six, newest first', async () => {
    expect(idsIn(await get(`${url}/decisions`))).toEqual([...made].reverse());
  });

  test.each<[string, () => string[]]>([
    ['rule=IV-001&outcome=overridden', () => [made[1] ?? '']],
    ['outcome=none&from=2026-01-31T12:04:00Z', () => [made[5] ?? '', made[4] ?? '']],
    ['indicator=critical&to=2026-01-31T12:00:00Z', () => [made[0] ?? '']],
    ['service=patient-view', () => []],
    ['client=local&limit=1000000000', () => [...made].reverse()],
    ['limit=1e9', () => [...made].reverse()],
  ])('?%s', async (query, wanted) => {
    expect(idsIn(await get(`${url}/decisions?${query}`))).toEqual(wanted());
  });

  test.each([
    'limit=0',
    'limit=-1',
    'limit=ten',
    'limit=1.5',
    'limit=0e9',
    'limit=',
    'outcome=x',
    'from=soon',
    'x=1',
  ])('?%s is 400', async (query) => expect((await get(`${url}/decisions?${query}`)).status).toBe(400));

  test.each([
    '/decisions?patient=a&patient=b',
    '/decisions?limit=1&limit=1',
    '/decisions/export?format=csv&format=ndjson',
    '/statistics?from=2026-01-01&to=2026-01-02&to=2026-01-03',
    '/rules?hook=order-sign&hook=patient-view',
    '/decisions/0123456789abcdef0123456789abcdef?x=1',
  ])('%s: what is given twice is refused by name', async (path) => {
    const answer = await get(`${url}${path}`);
    if (path.endsWith('x=1')) expect(answer.status).toBe(404);
    else
      expect([answer.status, diagnostics(answer)]).toEqual([
        400,
        expect.stringContaining('can be given once'),
      ]);
  });

  test.each(['replay?ruleset=own&ruleset=current', 'evaluate'])(
    'and where something is posted: %s',
    async (what) => {
      const path =
        what === 'evaluate' ? '/evaluate?hook=order-sign&hook=patient-view' : `/decisions/${made[0]}/${what}`;
      const body = { resourceType: 'Bundle', type: 'collection', entry: [] };
      const answer = await post(`${url}${path}`, body);
      expect([answer.status, diagnostics(answer)]).toEqual([
        400,
        expect.stringContaining('can be given once'),
      ]);
    },
  );

  test.each(['patient', 'client', 'service', 'rule'])(
    '%s with markup is refused, and not repeated',
    async (name) => {
      for (const value of ['<b>p1</b>', '"p1"', '`p1`', 'p1>']) {
        const answer = await get(`${url}/decisions?${name}=${encodeURIComponent(value)}`);
        expect([value, answer.status]).toEqual([value, 400]);
        expect(answer.text).not.toContain('p1');
      }
    },
  );

  test('a cursor edited, of another filter, of another caller or tenant, or an hour old is 400', async () => {
    const page = '/decisions?rule=IV-001&limit=2';
    const cursor = String((await get(`${url}${page}`)).body.next);
    expect(idsIn(await get(`${url}${page}&cursor=${cursor}`))).toEqual([made[3], made[2]]);
    for (const wrong of [`${cursor.slice(0, -2)}xx`, cursor.slice(0, -4), 'abc', '{}'])
      expect((await get(`${url}${page}&cursor=${wrong}`)).status).toBe(400);
    expect((await get(`${url}/decisions?rule=IV-002&limit=2&cursor=${cursor}`)).status).toBe(400);
    for (const iam of [
      { accountId: '210987654321', userArn: 'arn:aws:iam::210987654321:user/local' },
      { accountId: 'local', userArn: 'arn:aws:iam::local:user/another' },
    ]) {
      const env = { event: { requestContext: { authorizer: { iam } } } };
      const app = decisions({ ...running.service, open: false });
      expect((await app.request(`${page}&cursor=${cursor}`, {}, env)).status).toBe(400);
    }
    clock += 3_600_001;
    const late = await get(`${url}${page}&cursor=${cursor}`);
    clock -= 3_600_001;
    expect([late.status, diagnostics(late)]).toEqual([400, expect.stringContaining('expired')]);
  });
});

test('a changed order under one hookInstance: each decision names the other, and an unrelated one none', async () => {
  const request = { ...order(), hookInstance: randomUUID() };
  const first = await decided(request);
  const changed = {
    ...request,
    context: { ...request.context, draftOrders: { resourceType: 'Bundle', entry: [] } },
  };
  const second = await decided(changed);
  expect((await get(`${url}/decisions/${first}`)).body.related).toEqual([second]);
  expect((await get(`${url}/decisions/${second}`)).body.related).toEqual([first]);
  expect((await get(`${url}/decisions/${made[0]}`)).body.related).toEqual([]);
});

test('each look is recorded: who, what, which filter; the patient only as a keyed hash', async () => {
  const id = made[0] ?? '';
  clock += 60_000;
  const from = new Date(clock).toISOString();
  await get(`${url}/decisions?patient=p1&rule=IV-001&limit=2`);
  await get(`${url}/decisions/${id}`);
  await post(`${url}/decisions/${id}/replay`, {});
  await get(`${url}/decisions/${id}/proof`);
  await (await fetch(`${url}/decisions/export?rule=IV-001`)).text();
  await get(`${url}/decisions?limit=0`);
  const { accesses } = await running.service.log.listAccesses('local', { from }, 100, null);
  const said = accesses.map(({ access }) => [access.what, access.path, access.decisionId, access.filter]);
  expect(said).toHaveLength(5);
  expect(said).toEqual(
    expect.arrayContaining([
      ['search', '/decisions', null, { rule: 'IV-001' }],
      ['read', '/decisions', id, {}],
      ['replay', '/decisions', id, {}],
      ['proof', '/decisions', id, {}],
      ['export', '/decisions/export', null, { rule: 'IV-001' }],
    ]),
  );
  expect(JSON.stringify(accesses.map(({ access }) => access))).not.toContain('p1');
  const about = await running.service.log.listAccesses('local', { from, patient: 'p1' }, 100, null);
  expect(about.accesses.map(({ access }) => access.what).sort()).toEqual([
    'proof',
    'read',
    'replay',
    'search',
  ]);
});

describe('GET /decisions/export', () => {
  const lines = (text: string): ExportedDecision[] =>
    text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as ExportedDecision]));

  test('NDJSON: one decision a line, newest first, each as GET /decisions/{id} gives it', async () => {
    const answer = await fetch(`${url}/decisions/export?to=2026-01-31T12:05:59Z`);
    expect(answer.headers.get('content-type')).toBe('application/x-ndjson');
    const exported = lines(await answer.text());
    expect(exported.map(({ decisionId }) => decisionId)).toEqual(made.slice(0, 6).reverse());
    const { related: _, ...one } = (await get(`${url}/decisions/${made[1]}`)).body;
    expect(exported.find(({ decisionId }) => decisionId === made[1])).toEqual(one);
  });

  test('cut off after the second line, it goes on with `after` and loses nothing', async () => {
    const whole = lines(await (await fetch(`${url}/decisions/export`)).text()).map(
      ({ decisionId }) => decisionId,
    );
    const rest = await (await fetch(`${url}/decisions/export?after=${whole[1]}`)).text();
    expect(lines(rest).map(({ decisionId }) => decisionId)).toEqual(whole.slice(2));
  });

  test('CSV: the six columns, a row for each card and what the clinician did with it', async () => {
    const answer = await fetch(`${url}/decisions/export?format=csv&rule=IV-001`);
    expect(answer.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    const [head, ...rows] = (await answer.text()).split('\r\n');
    expect(head).toBe('intervention,action,feedback,user,date,location');
    expect(rows).toContain(
      `IV-001 ${versionOf('IV-001')},overridden,emergency,Practitioner/1,2026-01-31T12:30:00.000Z,local order-sign`,
    );
    expect(
      rows.filter((row) => /^IV-001 \d+\.\d+\.\d+,none,,Practitioner\/1,/.test(row)).length,
    ).toBeGreaterThan(4);
  });

  test.each([
    ['=1+1', "'=1+1"],
    ['+1', "'+1"],
    ['-1', "'-1"],
    ['@x', "'@x"],
    ['\tx', "'\tx"],
    ['=a,"b"', '"\'=a,""b"""'],
    ['a,b', '"a,b"'],
    ['a', 'a'],
  ])('the cell %j is written %j', (given, written) => expect(cell(given)).toBe(written));

  test('a user that begins like a formula is neutralised in its row', async () => {
    const [decision] = lines(await (await fetch(`${url}/decisions/export?rule=IV-001`)).text());
    if (!decision) throw new Error('nothing exported');
    const [row] = csvRows({ ...decision, user: '=cmd|x' });
    expect(row?.split(',')[csvColumns.indexOf('user')]).toBe("'=cmd|x");
  });

  test('a decision is fetched only when the reader asks for it: after 3 of 1,000 lines, at most 4 were made', async () => {
    const [sample] = lines(await (await fetch(`${url}/decisions/export?rule=IV-001`)).text());
    if (!sample) throw new Error('nothing exported');
    let fetched = 0;
    let isClosed = false;
    async function* many(one: ExportedDecision) {
      try {
        for (; fetched < 1000; ) {
          fetched += 1;
          yield one;
        }
      } finally {
        isClosed = true;
      }
    }
    const reader = streamOf(ndjson(many(sample))).getReader();
    for (let line = 0; line < 3; line += 1) expect((await reader.read()).done).toBe(false);
    expect(fetched).toBeLessThanOrEqual(4);
    await reader.cancel();
    expect(isClosed).toBe(true);
  });

  test('a page of an endless log is fetched only when the one before was read, and none after the reader left', async () => {
    const list = vi.spyOn(running.service.log, 'list');
    list.mockImplementation(async () => ({ ids: [made[0] ?? ''], next: 'more' }));
    try {
      const answer = await decisions(running.service).request('/decisions/export', {
        headers: { host: '127.0.0.1' },
      });
      const reader = answer.body?.getReader();
      for (let line = 0; line < 5; line += 1) expect((await reader?.read())?.done).toBe(false);
      expect(list.mock.calls.length).toBeLessThanOrEqual(6);
      await reader?.cancel();
      const calls = list.mock.calls.length;
      await new Promise((later) => setImmediate(later));
      expect(list.mock.calls.length).toBe(calls);
    } finally {
      list.mockRestore();
    }
  });

  test.each(['format=xml', 'limit=5', 'cursor=x', 'after=x y', 'after=0123456789abcdef', 'colour=red'])(
    '?%s is 400',
    async (query) => expect((await get(`${url}/decisions/export?${query}`)).status).toBe(400),
  );
});

describe('GET /decisions/{id}/proof', () => {
  let key: string;
  const proofOf = async (id: string, query = ''): Promise<Json> =>
    (await get(`${url}/decisions/${id}/proof${query}`)).body;
  beforeAll(async () => {
    await running.service.sealer.seal();
    await decided();
    await running.service.sealer.seal();
    key = await running.service.sealer.publicKey();
  });

  test('before the seal it is 409, after it the proof holds, and it is of the record that is shown', async () => {
    const id = await decided();
    const early = await get(`${url}/decisions/${id}/proof`);
    expect([early.status, diagnostics(early)]).toEqual([409, expect.stringContaining('60 seconds')]);
    await running.service.sealer.seal();
    const proof = await proofOf(id);
    const record = (await get(`${url}/decisions/${id}`)).body;
    expect(checkProof(proof, key, record).problems).toEqual([]);
    expect(headHashOf(record)).toBe(record.hash);
  });

  test('since seal 1 the log was only added to', async () => {
    const proof = await proofOf(made[0] ?? '', '?since=1');
    expect((proof.consistency as Json).from).toMatchObject({ n: 1 });
    expect(checkProof(proof, key, null).problems).toEqual([]);
  });

  test.each(['?since=0', '?since=1000', '?since=x', '?since=1.5'])('%s is 400', async (query) => {
    expect((await get(`${url}/decisions/${made[0]}/proof${query}`)).status).toBe(400);
  });

  test('a decision that is not there is 404', async () => {
    expect((await get(`${url}/decisions/0123456789abcdef/proof`)).status).toBe(404);
  });

  type Spoil = (proof: Record<string, Json>, record: Json) => unknown;
  test.each<[string, RegExp, Spoil]>([
    [
      'the hash of the record',
      /not leaf/,
      (proof) => Object.assign(proof.record ?? {}, { hash: `sha256:${'0'.repeat(64)}` }),
    ],
    ['the place', /not leaf/, (proof) => Object.assign(proof, { leaf: 1 })],
    [
      'the root of the seal',
      /does not have its hash/,
      (proof) => Object.assign(proof.seal ?? {}, { root: '0'.repeat(64) }),
    ],
    ['the time of the seal', /is not signed/, (proof) => Object.assign(proof.seal ?? {}, { waiting: ['x'] })],
    ['the earlier seal', /is not signed/, (proof) => Object.assign(proof.consistency?.from ?? {}, { n: 7 })],
    [
      'the consistency path',
      /does not begin/,
      (proof) => Object.assign(proof.consistency ?? {}, { path: [] }),
    ],
    [
      'the status in the record',
      /does not have the hash/,
      (_, record) => Object.assign(record, { status: 201 }),
    ],
    [
      'who is in the record',
      /does not have the hash/,
      (_, record) => Object.assign(record, { user: 'Practitioner/2' }),
    ],
    ['the decision', /another decision/, (_, record) => Object.assign(record, { decisionId: 'x' })],
  ])('with %s changed the proof does not hold', async (_, problem, spoil) => {
    const proof = (await proofOf(made[0] ?? '', '?since=1')) as Record<string, Json>;
    const record = (await get(`${url}/decisions/${made[0]}`)).body;
    spoil(proof, record);
    expect(checkProof(proof, key, record).problems.join()).toMatch(problem);
  });

  test('under another key nothing is proved, and what is no proof is said to be none', async () => {
    const proof = await proofOf(made[0] ?? '');
    const other = await createSigner(generatePrivateKey()).publicKey();
    expect(checkProof(proof, other, null).problems.join()).toMatch(/is not signed with this key/);
    expect(() => checkProof({}, key, null)).toThrow(/this is no proof/);
  });

  test('npm run verify -- --proof exits 0 on it, 1 on a changed one, 2 without a key', async () => {
    const folder = temporaryFolder();
    const run = (...args: string[]) =>
      spawnSync(process.execPath, ['commands/verify.ts', ...args], {
        cwd: resolve(import.meta.dirname, '../..'),
        encoding: 'utf8',
      });
    const proof = await proofOf(made[0] ?? '', '?since=1');
    const [file, changed, pub, record] = ['proof', 'changed', 'pub', 'record'].map((name) =>
      join(folder, name),
    );
    if (!file || !changed || !pub || !record) throw new Error('no files');
    writeFileSync(file, JSON.stringify(proof));
    writeFileSync(changed, JSON.stringify({ ...proof, leaf: 1 }));
    writeFileSync(pub, key);
    writeFileSync(record, (await get(`${url}/decisions/${made[0]}`)).text);
    const good = run('--proof', file, '--key', pub, '--record', record);
    expect([good.status, good.stdout]).toEqual([
      0,
      expect.stringContaining('the sealed log was only added to since seal 1'),
    ]);
    const bad = run('--proof', changed, '--key', pub);
    expect([bad.status, bad.stdout]).toEqual([1, expect.stringContaining('does NOT hold')]);
    expect(run('--proof', file).status).toBe(2);
  });
});

test('another tenant finds, exports and proves nothing of it', async () => {
  const iam = { accountId: '210987654321', userArn: 'arn:aws:iam::210987654321:user/auditor' };
  const env = { event: { requestContext: { authorizer: { iam } } } };
  const app = decisions({ ...running.service, open: false });
  const ask = async (path: string) => answerOf(await app.request(path, {}, env));
  expect((await ask('/decisions')).body).toMatchObject({ decisions: [], next: null });
  expect((await app.request('/decisions/export', {}, env)).status).toBe(200);
  for (const path of [`/decisions/${made[0]}`, `/decisions/${made[0]}/proof`])
    expect((await ask(path)).status).toBe(404);
});
