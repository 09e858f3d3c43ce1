/**
 * Attacks on the edge over HTTP: the real server with a client registry, real keys, hostile servers on loopback.
 * An attacker learns nothing from the answer, causes no call to where he wants one, and leaves nothing in the table.
 */
import { createHmac } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createEmbeddedDynamo } from '../functions/host/embedded.ts';
import type { Running } from '../functions/local.ts';
import type { Json } from '../rules/fhir/json.ts';
import { at, complete, condition, hookRequest, magnesiumSulfate, patient } from './support/hook-requests.ts';
import { type Answer, answerOf, diagnostics, post } from './support/serving.ts';
import {
  handmade,
  type Issuer,
  itemsOf,
  listening,
  newIssuer,
  servingFor,
  tokenOf,
} from './support/trust.ts';

const now = new Date(at);
const seconds = now.getTime() / 1000;
const ehr = await newIssuer('https://ehr.example.org');
const byUrl = await newIssuer('https://url.example.org', 'RS384');
const auditors = await newIssuer('https://people.example.org', 'RS256');
/** Has the same key id as the EHR, and another key. */
const impostor = await newIssuer(ehr.issuer);
const hostile = ['huge', 'slow', 'redirect', 'html', 'private'] as const;
const hostileIssuers = await Promise.all(hostile.map((name) => newIssuer(`https://${name}.example.org`)));

let dynamo: Awaited<ReturnType<typeof createEmbeddedDynamo>>;
let keyServer: Awaited<ReturnType<typeof listening>>;
let running: Running;
let clock = now;
const reports: { event: string; reason?: unknown }[] = [];

beforeAll(async () => {
  dynamo = await createEmbeddedDynamo(null);
  keyServer = await listening(({ url }, response) => {
    const jwks = JSON.stringify({ keys: [byUrl.jwk] });
    const name = hostile.findIndex((known) => url === `/${known}`);
    const keys = JSON.stringify({ keys: [hostileIssuers[name]?.jwk] });
    response.setHeader('content-type', 'application/json');
    if (url === '/jwks') response.end(jwks);
    else if (url === '/huge') response.end(`${keys}${' '.repeat(200_000)}`);
    else if (url === '/slow') response.write('{"keys":');
    else if (url === '/redirect') response.writeHead(302, { location: '/jwks-of-redirect' }).end();
    else if (url === '/html') response.end('<html></html>');
    else if (url === '/private') response.writeHead(500).end(keys);
    else response.end(keys);
  });
  const client = (issuer: Issuer, tenant: string, more: object) => ({
    issuer: issuer.issuer,
    tenant,
    profile: 'generic',
    fhirServers: [],
    origins: [],
    rules: { off: [] },
    ...more,
  });
  running = await servingFor(
    {
      clients: [
        client(ehr, 'north', {
          jwks: { keys: [ehr.jwk] },
          origins: ['https://ehr.example.org'],
          fhirServers: [`${keyServer.url}/fhir`],
        }),
        client(byUrl, 'south', { jwksUrl: `${keyServer.url}/jwks` }),
        ...hostileIssuers.map((issuer, index) =>
          client(issuer, 'south', { jwksUrl: `${keyServer.url}/${hostile[index]}` }),
        ),
      ],
      auditors: { issuer: auditors.issuer, audience: 'epsom', jwks: { keys: [auditors.jwk] } },
    },
    {
      AWS_ENDPOINT_URL_DYNAMODB: dynamo.endpoint,
      EPSOM_ALLOW_LOOPBACK: 'true',
      EPSOM_BASE_URL: 'https://epsom.example.org',
      EPSOM_MAX_BODY: '4194304',
    },
    { memory: true, now: () => clock, report: (event, detail) => reports.push({ event, ...detail }) },
  );
});
afterAll(async () => {
  await running.close();
  await keyServer.close();
  await dynamo.close();
});

const path = '/cds-services/order-sign';
const aud = `https://epsom.example.org${path}`;
const order = () =>
  hookRequest('order-sign', complete([], [condition('mg', '91637004')]), [magnesiumSulfate()]);
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const call = (token: string, body: unknown = order()): Promise<Answer> =>
  post(`${running.url}${path}`, body, bearer(token));
const lookAt = async (place: string, token?: string, method = 'GET'): Promise<Answer> =>
  answerOf(await fetch(`${running.url}${place}`, { method, headers: token ? bearer(token) : {} }));
const read = (claims: Json = {}): Promise<string> =>
  tokenOf(auditors, now, { aud: 'epsom', scope: 'epsom/decisions.read', tenant: 'north', ...claims });

/** Everything in the table, once what follows from records is made. */
async function settledItems(): Promise<string[]> {
  await running.service.log.projector.caughtUp();
  return itemsOf(dynamo.client);
}

describe('a token that does not say who calls: 401 without detail, no network call, nothing stored', () => {
  const signed = (more: Json, header: Json = {}, issuer = ehr) =>
    tokenOf(issuer, now, { aud, ...more }, header);
  const claims = { iss: ehr.issuer, aud, iat: seconds - 10, exp: seconds + 290, jti: 'handmade' };
  const hs = (secret: string | Buffer): string => {
    const unsigned = handmade({ alg: 'HS256', kid: ehr.kid, typ: 'JWT' }, claims).replace(/\.$/, '');
    return `${unsigned}.${createHmac('sha256', secret).update(unsigned).digest('base64url')}`;
  };
  const elsewhere = (): string => `${keyServer.url}/stolen`;
  const cases: [string, string, () => string | null | Promise<string>][] = [
    ['no Authorization', 'no-token', () => null],
    ['no JWT', 'malformed', () => 'ZZCANARY'],
    ['a JWT of 10,000 characters', 'malformed', () => signed({ more: 'x'.repeat(10_000) })],
    ['an array as payload', 'malformed', () => handmade({ alg: 'ES384' }, [] as unknown as Json)],
    ['alg: none', 'algorithm', () => handmade({ alg: 'none', kid: ehr.kid, typ: 'JWT' }, claims)],
    ['alg: nOnE', 'algorithm', () => handmade({ alg: 'nOnE', kid: ehr.kid, typ: 'JWT' }, claims)],
    ['HS256 with the public key as secret', 'algorithm', () => hs(JSON.stringify(ehr.jwk))],
    ['expired a minute ago', 'expired', () => signed({ iat: seconds - 300, exp: seconds - 60 })],
    ['iat in two minutes', 'issued-in-future', () => signed({ iat: seconds + 120, exp: seconds + 300 })],
    ['nbf in two minutes', 'not-yet-valid', () => signed({ nbf: seconds + 120 })],
    ['no exp', 'claims', () => signed({ exp: undefined })],
    ['exp in ten years', 'lifetime', () => signed({ exp: seconds + 315_360_000 })],
    ['exp before iat', 'lifetime', () => signed({ iat: seconds + 20, exp: seconds + 10 })],
    [
      'exp as text',
      'claims',
      () => handmade({ alg: 'ES384', kid: ehr.kid, typ: 'JWT' }, { ...claims, exp: '9e9' }),
    ],
    ['no iat', 'claims', () => signed({ iat: undefined })],
    ['no jti', 'claims', () => signed({ jti: undefined })],
    ['an empty jti', 'claims', () => signed({ jti: '' })],
    ['no aud', 'claims', () => signed({ aud: undefined })],
    ['an empty list of aud', 'claims', () => signed({ aud: [] })],
    ['aud of discovery', 'audience', () => signed({ aud: 'https://epsom.example.org/cds-services' })],
    ['aud of another service', 'audience', () => signed({ aud: aud.replace('sign', 'select') })],
    ['aud with a slash more', 'audience', () => signed({ aud: `${aud}/` })],
    ['aud of the local address', 'audience', () => signed({ aud: `${running.url}${path}` })],
    ['an unknown iss', 'issuer', () => signed({ iss: 'https://nobody.example.org' })],
    ['iss of another spelling', 'issuer', () => signed({ iss: `${ehr.issuer}/` })],
    ['no iss', 'issuer', () => signed({ iss: undefined })],
    ['an unknown iss with a jku', 'issuer', () => signed({ iss: 'https://x.org' }, { jku: elsewhere() })],
    ['a jku where keys are written out', 'key-url', () => signed({}, { jku: elsewhere() })],
    ['a jku that is not the registered one', 'key-url', () => signed({}, { jku: elsewhere() }, byUrl)],
    ...[
      'http://169.254.169.254/latest/meta-data',
      'http://127.0.0.1:1/jwks',
      'http://[::1]/jwks',
      'http://[::ffff:169.254.169.254]/jwks',
      'http://2852039166/jwks',
      'http://0xa9fea9fe/jwks',
    ].map((jku): [string, string, () => Promise<string>] => [
      `jku ${jku}`,
      'key-url',
      () => signed({}, { jku }, byUrl),
    ]),
    [
      'a jku that begins like the issuer',
      'key-url',
      () => signed({}, { jku: `${ehr.issuer}.evil.org/jwks` }),
    ],
    [
      'a jku that is a list',
      'key-url',
      () => signed({}, { jku: [`${ehr.issuer}/jwks`] as unknown as string }),
    ],
    ['an embedded jwk', 'header', () => signed({}, { jwk: impostor.jwk }, impostor)],
    ['an x5u', 'header', () => signed({}, { x5u: elsewhere() })],
    ['an x5c', 'header', () => signed({}, { x5c: ['MIIB'] })],
    [
      'a crit',
      'header',
      () => handmade({ alg: 'ES384', kid: ehr.kid, typ: 'JWT', crit: ['exp'], exp: 1 }, claims, 'AAAA'),
    ],
    ['typ at+jwt', 'type', () => signed({}, { typ: 'at+jwt' })],
    ['no typ', 'type', () => signed({}, { typ: undefined })],
    ['no kid', 'key', () => signed({}, { kid: undefined })],
    ['a kid of nobody', 'key', () => signed({}, { kid: '../../etc/passwd' })],
    ['the key of another', 'signature', () => signed({}, {}, impostor)],
    ['no signature', 'signature', () => handmade({ alg: 'ES384', kid: ehr.kid, typ: 'JWT' }, claims)],
    [
      'an edited payload',
      'signature',
      async () => {
        const [header, , signature] = (await signed({})).split('.');
        return `${header}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.${signature}`;
      },
    ],
    ['a token of the auditors', 'issuer', () => signed({}, {}, auditors)],
  ];

  test.each(cases)('%s', async (_, reason, make) => {
    const [before, asked] = [await settledItems(), keyServer.asked.length];
    const token = await make();
    reports.length = 0;
    const answer = await (token === null ? post(`${running.url}${path}`, order()) : call(token));
    expect([answer.status, answer.headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
    expect(answer.headers.get('epsom-decision')).toBeNull();
    expect(diagnostics(answer)).toBe(
      'the caller is not identified: send a valid token as `Authorization: Bearer <JWT>`',
    );
    expect(reports).toMatchObject([{ event: 'caller-not-identified', reason }]);
    const logged = JSON.stringify(reports);
    expect(logged).not.toContain('ZZCANARY');
    if (token?.includes('.')) expect(logged).not.toContain(token.split('.')[1]);
    expect(keyServer.asked.length).toBe(asked);
    expect(await settledItems()).toEqual(before);
  });

  test('no token: no path but /health and /openapi.json answers, with any method', async () => {
    const before = await settledItems();
    for (const place of [
      '/cds-services',
      path,
      `${path}/feedback`,
      '/cds-services/x',
      '/decisions?patient=p1',
      '/decisions/0123456789abcdef',
      '/decisions/0123456789abcdef/replay',
      '/rules',
      '/rules/MG-001',
      '/evaluate',
    ]) {
      for (const method of ['GET', 'POST', 'DELETE']) {
        expect([place, method, (await lookAt(place, undefined, method)).status]).toEqual([
          place,
          method,
          401,
        ]);
      }
    }
    for (const place of ['/health', '/openapi.json']) expect((await lookAt(place)).status).toBe(200);
    expect(await settledItems()).toEqual(before);
  });
});

describe('a token that does', () => {
  test('is 200 with cards, recorded for its tenant and issuer; jti and digest are kept, the token is not', async () => {
    const token = await tokenOf(ehr, now, { aud, sub: 'client-7', tenant: 'north', nbf: seconds - 300 });
    const answer = await call(token);
    expect(answer.status).toBe(200);
    const id = answer.headers.get('epsom-decision');
    const record = await lookAt(`/decisions/${id}`, await read());
    expect(record.body).toMatchObject({ tenant: 'north', client: ehr.issuer, status: 200 });
    const stored = (await settledItems()).join('\n');
    expect(stored).not.toContain(token);
    expect(stored).not.toContain(token.split('.')[2]);
    expect(stored).not.toContain('client-7');
  });

  test('may name our address in a list', async () => {
    expect((await call(await tokenOf(ehr, now, { aud: ['https://other.org', aud] }))).status).toBe(200);
  });

  test('may name the key set of its issuer where keys are written out: it is not looked at', async () => {
    const jku = `${ehr.issuer}/.well-known/jwks.json`;
    expect((await call(await tokenOf(ehr, now, { aud }, { jku }))).status).toBe(200);
  });

  test('opens discovery with the address of discovery, once', async () => {
    const token = await tokenOf(ehr, now, { aud: 'https://epsom.example.org/cds-services' });
    expect((await lookAt('/cds-services', token)).status).toBe(200);
    expect((await lookAt('/cds-services', token)).status).toBe(200);
    expect((await lookAt('/cds-services', token, 'DELETE')).status).toBe(401);
  });

  test('opens feedback with the address of feedback, and not with that of the service', async () => {
    const feedback = { feedback: [{ card: 'x-1', outcome: 'overridden', outcomeTimestamp: at }] };
    const send = (token: string) => post(`${running.url}${path}/feedback`, feedback, bearer(token));
    expect((await send(await tokenOf(ehr, now, { aud: `${aud}/feedback` }))).status).toBe(200);
    expect((await send(await tokenOf(ehr, now, { aud }))).status).toBe(401);
  });

  test('ES384 by a written key and RS384 by a key behind a URL, with its jku', async () => {
    const jku = `${keyServer.url}/jwks`;
    expect((await call(await tokenOf(byUrl, now, { aud }, { jku }))).status).toBe(200);
    expect(keyServer.asked.filter((url) => url === '/jwks')).toHaveLength(1);
  });

  test.each([
    ['not JSON', 400, '{"hook":', {}],
    ['an unknown service', 404, '{}', {}, '/cds-services/nothing'],
    ['text', 415, 'x', { 'content-type': 'text/plain' }],
    [
      'no patient data',
      412,
      JSON.stringify({ hook: 'order-sign', hookInstance: 'i-1', context: { patientId: 'p1' } }),
      {},
    ],
  ])('and %s: %i, recorded for its tenant', async (_, status, body, headers, place = path) => {
    const token = await tokenOf(ehr, now, { aud: `https://epsom.example.org${place}` });
    const answer = await post(`${running.url}${place}`, body, { ...bearer(token), ...headers });
    expect(answer.status).toBe(status);
    const record = await lookAt(`/decisions/${answer.headers.get('epsom-decision')}`, await read());
    expect(record.body).toMatchObject({ tenant: 'north', client: ehr.issuer, status });
  });
});

describe('a jti', () => {
  test('again with the identical request: 200, the stored answer, one decision', async () => {
    const [token, body] = [await tokenOf(ehr, now, { aud }), order()];
    const before = (await settledItems()).length;
    const first = await call(token, body);
    const after = (await settledItems()).length;
    const again = await Promise.all([call(token, body), call(token, body), call(token, body)]);
    for (const answer of again) {
      expect([answer.status, answer.text]).toEqual([200, first.text]);
      expect(answer.headers.get('epsom-decision')).toBe(first.headers.get('epsom-decision'));
    }
    expect(after).toBeGreaterThan(before);
    expect(await settledItems()).toHaveLength(after);
  });

  test('with another body, or at another path: 401, nothing stored', async () => {
    const token = await tokenOf(ehr, now, { aud: [aud, aud.replace('sign', 'select')] });
    const body = order();
    expect((await call(token, body)).status).toBe(200);
    const before = await settledItems();
    for (const answer of [
      await call(token, order()),
      await call(token, `${JSON.stringify(body)} `),
      await post(`${running.url}/cds-services/order-select`, body, bearer(token)),
      await call(token, 'not JSON'),
      await post(`${running.url}${path}`, 'x', { ...bearer(token), 'content-type': 'text/plain' }),
    ]) {
      expect(answer.status).toBe(401);
      expect(answer.headers.get('epsom-decision')).toBeNull();
    }
    expect(await settledItems()).toEqual(before);
  });

  test('of 20 requests at once with one token and 20 bodies: one is answered', async () => {
    const token = await tokenOf(ehr, now, { aud });
    const answers = await Promise.all(Array.from({ length: 20 }, () => call(token, order())));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(19);
  });

  test('whose body was not read may come with the whole of it, once', async () => {
    const token = await tokenOf(ehr, now, { aud });
    const broken = () =>
      post(`${running.url}${path}`, 'x', { ...bearer(token), 'content-type': 'text/plain' });
    expect((await broken()).status).toBe(415);
    expect((await call(token)).status).toBe(200);
    expect((await call(token)).status).toBe(401);
    expect((await broken()).status).toBe(401);
  });

  test('of two issuers may be the same', async () => {
    expect((await call(await tokenOf(ehr, now, { aud, jti: 'shared' }))).status).toBe(200);
    expect((await call(await tokenOf(byUrl, now, { aud, jti: 'shared' }))).status).toBe(200);
  });
});

describe('tenants', () => {
  test('an EHR that names another organisation: 403, recorded for its own once, and for the other never', async () => {
    const kept = async (what: string) => (await settledItems()).filter((item) => item.includes(what)).length;
    const decisionsAndMarks = async () => [await kept('"sk":{"S":"D"}'), await kept('#J#')];
    const [decisions = 0, marks = 0] = await decisionsAndMarks();
    const token = await tokenOf(ehr, now, { aud, tenant: 'south' });
    const body = order();
    const answer = await call(token, body);
    expect(answer.status).toBe(403);
    expect(diagnostics(answer)).toContain('another tenant');
    const record = await lookAt(`/decisions/${answer.headers.get('epsom-decision')}`, await read());
    expect(record.body).toMatchObject({ tenant: 'north', status: 403, chart: null });
    expect((await call(token, body)).status).toBe(403);
    expect(await decisionsAndMarks()).toEqual([decisions + 1, marks + 1]);
  });

  test('an auditor does not see the decisions of another organisation', async () => {
    const answer = await call(await tokenOf(ehr, now, { aud }));
    const id = answer.headers.get('epsom-decision');
    expect((await lookAt(`/decisions/${id}`, await read())).status).toBe(200);
    const south = await read({ tenant: 'south' });
    expect((await lookAt(`/decisions/${id}`, south)).status).toBe(403);
    expect((await lookAt(`/decisions/${id}/replay`, south, 'POST')).status).toBe(403);
    const listed = await lookAt('/decisions?patient=p1&limit=100', south);
    expect(JSON.stringify(listed.body)).not.toContain('"north"');
    expect((await lookAt('/decisions/0123456789abcdef0123456789abcdef', south)).status).toBe(404);
  });

  test('a cursor of one auditor is none of another', async () => {
    await call(await tokenOf(ehr, now, { aud }));
    await call(await tokenOf(ehr, now, { aud }), { ...order(), hookInstance: 'for-a-second-page' });
    const page = '/decisions?patient=p1&limit=1';
    const next = (await lookAt(page, await read({ sub: 'anna' }))).body.next;
    const turned = async (sub: string) =>
      (await lookAt(`${page}&cursor=${next}`, await read({ sub }))).status;
    expect([await turned('anna'), await turned('bert'), await turned('anna')]).toEqual([200, 400, 200]);
    const events = await lookAt('/fhir/AuditEvent?patient=p1&_count=1', await read({ sub: 'anna' }));
    const link = (events.body.link as { relation: string; url: string }[]).find(
      ({ relation }) => relation === 'next',
    );
    const place = link?.url.replace('https://epsom.example.org', '') ?? '';
    expect((await lookAt(place, await read({ sub: 'anna' }))).status).toBe(200);
    expect((await lookAt(place, await read({ sub: 'bert' }))).status).toBe(400);
  });

  test("a page of another organisation's origin may not call with a token: 403", async () => {
    const from = async (issuer: Issuer, origin: string) =>
      (
        await post(`${running.url}${path}`, order(), {
          ...bearer(await tokenOf(issuer, now, { aud })),
          origin,
        })
      ).status;
    expect(await from(ehr, 'https://ehr.example.org')).toBe(200);
    expect(await from(byUrl, 'https://ehr.example.org')).toBe(403);
    // Whose it is nobody says: the browser hides the answer, and a program is no page.
    expect(await from(byUrl, 'https://nobody.example.org')).toBe(200);
  });

  test('feedback for a card of another organisation: 404; for a card of nobody: 200', async () => {
    const answer = await call(await tokenOf(ehr, now, { aud }));
    const [card] = answer.body.cards as { uuid: string }[];
    const send = async (uuid: string | undefined) =>
      post(
        `${running.url}${path}/feedback`,
        { feedback: [{ card: uuid, outcome: 'overridden', outcomeTimestamp: at }] },
        bearer(await tokenOf(byUrl, now, { aud: `${aud}/feedback` })),
      );
    const before = (await settledItems()).filter((item) => item.includes('"F#')).length;
    const refused = await send(card?.uuid);
    expect([refused.status, diagnostics(refused)]).toEqual([404, expect.stringContaining('feedback[0]')]);
    expect((await settledItems()).filter((item) => item.includes('"F#'))).toHaveLength(before);
    expect((await send('9f0a3a1e-8d83-4477-a9f4-8b0b6b1f2f6d')).status).toBe(200);
  });
});

describe('people', () => {
  const cases: [string, number, string, () => Promise<string>][] = [
    ['a token of a clinician', 403, '/decisions?patient=p1', () => tokenOf(ehr, now, { aud: 'epsom' })],
    ['the same for evaluate', 403, '/evaluate', () => tokenOf(ehr, now, { aud })],
    ['no scope', 403, '/decisions?patient=p1', () => read({ scope: undefined })],
    ['a scope that contains the right one', 403, '/rules', () => read({ scope: 'xepsom/evaluate' })],
    [
      'the scope of engineers for decisions',
      403,
      '/decisions?patient=p1',
      () => read({ scope: 'openid epsom/evaluate' }),
    ],
    ['the scope of auditors for evaluate', 403, '/evaluate', () => read()],
    ['no tenant', 403, '/decisions?patient=p1', () => read({ tenant: undefined })],
    ['a tenant that would be two', 403, '/decisions?patient=p1', () => read({ tenant: 'north#D' })],
    ['a tenant that nobody registered', 403, '/decisions?patient=p1', () => read({ tenant: 'west' })],
    ['a tenant with markup', 403, '/decisions?patient=p1', () => read({ tenant: '<b>north</b>' })],
    ['another audience', 401, '/decisions?patient=p1', () => read({ aud: 'other' })],
    [
      'an impostor',
      401,
      '/decisions?patient=p1',
      async () => tokenOf({ ...impostor, issuer: auditors.issuer, kid: auditors.kid }, now, { aud: 'epsom' }),
    ],
    ['the right one', 200, '/decisions?patient=p1', () => read()],
    ['the right one without typ and jti', 200, '/decisions?patient=p1', () => read({ jti: undefined })],
    ['either scope for rules', 200, '/rules', () => read({ scope: 'epsom/evaluate' })],
    ['either scope for rules, the other', 200, '/rules/MG-001', () => read()],
    ['engineers for evaluate', 200, '/evaluate', () => read({ scope: 'openid epsom/evaluate' })],
  ];
  test.each(cases)('%s: %i at %s', async (_, status, place, token) => {
    const answer =
      place === '/evaluate'
        ? await post(`${running.url}${place}`, patient, bearer(await token()))
        : await lookAt(place, await token());
    expect(answer.status, answer.text).toBe(status);
    expect(answer.body.resourceType).toBe(status === 200 ? undefined : 'OperationOutcome');
  });

  test('a token of people is good for many requests', async () => {
    const token = await read();
    for (const place of ['/rules', '/decisions?patient=p1', '/rules']) {
      expect((await lookAt(place, token)).status).toBe(200);
    }
  });

  test('a clinician is told 403 every time, and recorded once a token', async () => {
    const token = await tokenOf(ehr, now, { aud: 'epsom' });
    const answers = [
      await lookAt('/decisions?patient=p1', token),
      await lookAt('/decisions?patient=p1', token),
    ];
    expect(answers.map(({ status }) => status)).toEqual([403, 403]);
    expect(answers.map(({ headers }) => headers.has('epsom-decision'))).toEqual([true, false]);
    const rules = await lookAt('/rules', token);
    expect([rules.status, rules.headers.has('epsom-decision')]).toEqual([403, false]);
  });
});

describe('key sets', () => {
  test.each(hostile.map((name, index): [string, Issuer | undefined] => [name, hostileIssuers[index]]))(
    'that are %s: 401, and the redirect is not followed',
    async (name, issuer) => {
      if (!issuer) throw new Error('no issuer');
      const answer = await call(await tokenOf(issuer, now, { aud }));
      expect(answer.status).toBe(401);
      expect(keyServer.asked).toContain(`/${name}`);
      expect(keyServer.asked).not.toContain('/jwks-of-redirect');
    },
  );

  test('1,000 unknown kids: one fetch in a cool-down, and one more after it', async () => {
    const asked = () => keyServer.asked.filter((url) => url === '/jwks').length;
    await call(await tokenOf(byUrl, now, { aud }));
    const before = asked();
    const tokens = Array.from({ length: 1000 }, (_, index) =>
      handmade(
        { alg: 'RS384', kid: `kid-${index}`, typ: 'JWT' },
        { iss: byUrl.issuer, aud, iat: seconds, exp: seconds + 300, jti: `k-${index}` },
        'AAAA',
      ),
    );
    for (let from = 0; from < tokens.length; from += 50) {
      const answers = await Promise.all(tokens.slice(from, from + 50).map((token) => call(token, '{}')));
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([401]));
    }
    expect(asked() - before).toBe(1);
    clock = new Date(now.getTime() + 31_000);
    await call(tokens[0] ?? '', '{}');
    clock = now;
    expect(asked() - before).toBe(2);
  });
});

describe('the CDS Hooks sandbox, on a laptop', () => {
  // As github.com/cds-hooks/sandbox src/retrieve-data-helpers/jwt-generator.js makes them, with a key of our own.
  test('is answered from its own page, preflight first, with a jku nobody fetches', async () => {
    const page = 'http://localhost:8080';
    const sandbox = await newIssuer('https://sandbox.cds-hooks.org');
    const laptop = await servingFor(
      {
        clients: [
          {
            issuer: sandbox.issuer,
            tenant: 'laptop',
            profile: 'generic',
            jwks: { keys: [sandbox.jwk] },
            origins: [page],
          },
        ],
      },
      { EPSOM_ALLOW_LOOPBACK: 'true' },
      { memory: true, report: () => undefined },
    );
    try {
      const jku = 'https://sandbox.cds-hooks.org/.well-known/jwks.json';
      for (const place of ['/cds-services', path]) {
        const issued = new Date();
        const token = await tokenOf(
          sandbox,
          issued,
          { aud: `${laptop.url}${place}`, iat: Math.round(issued.getTime() / 1000) },
          { jku },
        );
        const answer = await fetch(`${laptop.url}${place}`, {
          method: place === path ? 'POST' : 'GET',
          headers: { ...bearer(token), origin: page, 'content-type': 'application/json' },
          ...(place === path ? { body: JSON.stringify(order()) } : {}),
        });
        expect([place, answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([
          place,
          200,
          page,
        ]);
      }
    } finally {
      await laptop.close();
    }
  });
});

describe('CORS with a registry', () => {
  const preflight = (place: string, origin: string) =>
    fetch(`${running.url}${place}`, {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization,content-type',
      },
    });

  test.each(['/cds-services', path, `${path}/feedback`])(
    'a registered origin may call %s, and its preflight carries no token',
    async (place) => {
      const { status, headers } = await preflight(place, 'https://ehr.example.org');
      expect(status).toBe(204);
      expect(headers.get('access-control-allow-origin')).toBe('https://ehr.example.org');
      expect(headers.get('access-control-allow-headers')).toContain('authorization');
      expect(headers.get('vary')).toContain('Origin');
    },
  );

  test.each([
    'https://evil.example.org',
    'https://ehr.example.org.evil.org',
    'http://ehr.example.org',
    'null',
  ])('the origin %s may not', async (origin) => {
    expect((await preflight(path, origin)).headers.get('access-control-allow-origin')).toBeNull();
  });

  test.each(['/decisions', '/rules', '/evaluate'])('no origin may call %s', async (place) => {
    expect(
      (await preflight(place, 'https://ehr.example.org')).headers.get('access-control-allow-origin'),
    ).toBeNull();
  });

  test('an error is not hidden from the page: 401 and 200 alike name the origin', async () => {
    const from = { origin: 'https://ehr.example.org' };
    const refused = await post(`${running.url}${path}`, order(), from);
    const answered = await post(`${running.url}${path}`, order(), {
      ...from,
      ...bearer(await tokenOf(ehr, now, { aud })),
    });
    expect([refused.status, answered.status]).toEqual([401, 200]);
    for (const { headers } of [refused, answered]) {
      expect(headers.get('access-control-allow-origin')).toBe('https://ehr.example.org');
      expect(headers.get('access-control-expose-headers')).toContain('Epsom-Decision');
      expect(headers.get('vary')).toContain('Origin');
    }
  });
});

describe('the FHIR server of a request', () => {
  const bare = () => ({
    hook: 'patient-view',
    hookInstance: 'fhir-1',
    context: { patientId: 'p1', userId: 'Practitioner/1' },
    fhirServer: `${keyServer.url}/fhir`,
    fhirAuthorization: {
      access_token: 'ZZCANARY',
      token_type: 'Bearer',
      expires_in: 300,
      scope: 'x',
      subject: 'y',
    },
  });
  const place = '/cds-services/patient-view';
  const view = async (issuer: Issuer, body: unknown) =>
    post(
      `${running.url}${place}`,
      body,
      bearer(await tokenOf(issuer, now, { aud: `https://epsom.example.org${place}` })),
    );
  const requestsSeen = () =>
    keyServer.asked.filter((url) => !url.startsWith('/jwks') && url.length > 1).length;

  test('is read where it is registered for this client', async () => {
    const before = requestsSeen();
    await view(ehr, bare());
    expect(requestsSeen()).toBeGreaterThan(before);
  });

  test('is not called where it is registered for another client only: 412', async () => {
    await view(byUrl, { hook: 'patient-view' });
    const before = keyServer.asked.length;
    const answer = await view(byUrl, bare());
    expect([answer.status, keyServer.asked.length]).toEqual([412, before]);
    expect(answer.text).not.toContain('ZZCANARY');
  });

  test.each(['', '/fhir2', '/fhir/../jwks', '/'])(
    'is not called at %j beside the registered one: 412',
    async (beside) => {
      const before = keyServer.asked.length;
      const answer = await view(ehr, { ...bare(), fhirServer: `${keyServer.url}${beside}` });
      expect([answer.status, keyServer.asked.length]).toEqual([412, before]);
    },
  );
});

describe('hostile bodies of an identified caller', () => {
  const cases: [string, number, () => string | Uint8Array][] = [
    ['nested 100,000 deep', 400, () => '['.repeat(100_000)],
    ['a million values', 400, () => `[${'0,'.repeat(1_000_000)}0]`],
    ['__proto__', 400, () => '{"hook":"order-sign","__proto__":{"admin":true}}'],
    ['__proto__ with an escape', 400, () => '{"\\u005f_proto__":{"admin":true}}'],
    ['constructor.prototype', 400, () => '{"constructor":{"prototype":{"admin":true}}}'],
    ['1e400', 400, () => '{"a":1e400}'],
    ['a lone surrogate', 400, () => '{"a":"\\ud800"}'],
    ['NUL', 400, () => '{"a":"\\u0000"}'],
    ['larger than 4 MiB', 413, () => `{"a":"${'x'.repeat(4_200_000)}"}`],
  ];
  test.each(cases)('%s: %i, recorded without it', async (_, status, body) => {
    const answer = await call(await tokenOf(ehr, now, { aud }), body());
    expect([answer.status, answer.body.resourceType]).toEqual([status, 'OperationOutcome']);
    const record = await lookAt(`/decisions/${answer.headers.get('epsom-decision')}`, await read());
    expect(record.body).toMatchObject({ status, chart: null, patient: null });
  });

  test('gzip: the same answer as without; a bomb of 4 kB that unpacks to 4 MB is 413', async () => {
    const body = order();
    const packed = { 'content-encoding': 'gzip' };
    const plain = await call(await tokenOf(ehr, now, { aud }), body);
    const again = await post(`${running.url}${path}`, gzipSync(JSON.stringify(body)), {
      ...bearer(await tokenOf(ehr, now, { aud })),
      ...packed,
    });
    expect([again.status, again.text]).toEqual([200, plain.text]);
    expect(again.headers.get('epsom-decision')).toBe(plain.headers.get('epsom-decision'));
    const bomb = await post(`${running.url}${path}`, gzipSync(' '.repeat(4_000_000)), {
      ...bearer(await tokenOf(ehr, now, { aud })),
      ...packed,
    });
    expect(bomb.status).toBe(413);
  });

  test('an unidentified caller is answered before the body is read', async () => {
    const { hostname, port } = new URL(running.url);
    const status = await new Promise((done, fail) => {
      const sent = httpRequest({
        hostname,
        port,
        path,
        method: 'POST',
        headers: { 'content-type': 'application/json', 'content-length': 4_000_000 },
      });
      sent.on('response', (response) => {
        done(response.statusCode);
        sent.destroy();
      });
      sent.on('error', fail);
      sent.write('{');
    });
    expect(status).toBe(401);
  });
});
