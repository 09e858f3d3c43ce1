/** What all functions share, each concern alone: Host, other methods, errors, single use of tokens, bodies. */
import { describe, expect, test } from 'vitest';
import { Problem } from '../../../functions/http/outcome.ts';
import { LogUnavailable } from '../../../functions/log/decision-log.ts';
import { answerDecision } from '../../../functions/service/answer.ts';
import { createApp } from '../../../functions/service/app.ts';
import { callerOf } from '../../../functions/service/caller-of.ts';
import { problemOf } from '../../../functions/service/problem-of.ts';
import { bodyOf } from '../../../functions/service/request-body.ts';
import { serviceName } from '../../../functions/service/request-metadata.ts';
import type { Service } from '../../../functions/service/service.ts';
import { authenticate } from '../../../functions/service/token-use.ts';
import { type Caller, ForbiddenError } from '../../../functions/trust/caller.ts';
import { UnauthorizedError } from '../../../functions/trust/jwt/rejections.ts';
import type { TokenUse } from '../../../functions/trust/single-use.ts';
import { Refused } from '../../../rules/intake/refused.ts';
import { bareService } from '../../support/bare-service.ts';

const local = 'http://127.0.0.1';
const appOf = (service: Service) =>
  createApp(service, (app) => {
    app.get('/things', (call) => call.json({}));
    app.post('/things', (call) => call.json({}));
    app.get('/things/:id', (call) => call.json({ id: call.req.param('id') }));
    app.get('/missing', () => {
      throw new Problem(404, 'not-found', 'nothing here');
    });
    app.get('/me', async (call) => call.json(await callerOf(call, service)));
    app.get('/once', async (call) => call.json((await authenticate(call, service)).client));
    app.get('/bug', () => {
      throw new TypeError('ZZCANARY');
    });
    app.post('/body', (call) =>
      answerDecision(call, service, 'body', async () => {
        const { json } = await bodyOf(call, service, AbortSignal.timeout(1000));
        return { body: JSON.stringify(json), decisionId: 'd1' };
      }),
    );
  });
const asked = async (service: Service, method: string, path: string, init: RequestInit = {}) => {
  const headers = new Headers(init.headers);
  if (!headers.has('host')) headers.set('host', '127.0.0.1:8080');
  const answer = await appOf(service).request(`${local}${path}`, { method, ...init, headers });
  const text = await answer.text();
  return { status: answer.status, headers: answer.headers, text };
};

describe('other methods', () => {
  test.each([
    ['PUT', '/things', 'GET, POST'],
    ['DELETE', '/things', 'GET, POST'],
    ['OPTIONS', '/things', 'GET, POST'],
    ['POST', '/things/1', 'GET'],
    ['POST', '/missing', 'GET'],
    ['GET', '/body', 'POST'],
    ['HEAD', '/body', 'POST'],
  ])('%s %s is 405, says `%s`, and is recorded', async (method, path, allow) => {
    const { service, records } = bareService();
    const { status, headers, text } = await asked(service, method, path);
    expect([status, headers.get('allow')]).toEqual([405, allow]);
    if (method !== 'HEAD') expect(text).toContain(`${method} is not possible here: use ${allow}`);
    expect(records).toMatchObject([{ status: 405, tenant: 'local' }]);
    expect(headers.get('epsom-decision')).toBe(records[0]?.decisionId);
    expect(headers.get('cache-control')).toBe('no-store');
  });

  test.each([
    ['GET', '/missing', 404],
    ['HEAD', '/things', 200],
    ['PUT', '/nothing', 404],
    ['PUT', '/things/', 404],
  ])('%s %s is %i, not 405, and no record', async (method, path, expected) => {
    const { service, records } = bareService();
    expect((await asked(service, method, path)).status).toBe(expected);
    expect(records).toEqual([]);
  });

  test('a method that is no word is not repeated', async () => {
    const { text } = await asked(bareService().service, 'X-ZZCANARY', '/things');
    expect(text).toContain('this method is not possible here');
    expect(text).not.toContain('ZZCANARY');
  });
});

describe('the Host of an open service', () => {
  test.each([
    ['127.0.0.1', 200],
    ['127.0.0.1:8080', 200],
    ['LOCALHOST:1', 200],
    ['[::1]:80', 200],
    ['127.0.0.2', 200],
    ['127.0.0.1.evil.example', 421],
    ['attacker.example', 421],
    ['', 421],
  ])('%j: %i', async (host, expected) => {
    const { service, records } = bareService();
    expect((await asked(service, 'GET', '/things', { headers: { host } })).status).toBe(expected);
    expect(records.map(({ status }) => status)).toEqual(expected === 421 ? [421] : []);
  });

  test('is no matter where callers are identified', async () => {
    const { service } = bareService({ open: false });
    expect((await asked(service, 'GET', '/things', { headers: { host: 'epsom.example' } })).status).toBe(200);
  });
});

describe('who calls', () => {
  test('without a registry on this machine: `local`', async () => {
    const { text } = await asked(bareService().service, 'GET', '/me');
    expect(JSON.parse(text)).toMatchObject({ tenant: 'local', client: 'local', token: null });
  });

  const iam = { accountId: '123', userArn: 'arn:aws:sts::123:assumed-role/ehr/session' };
  test.each<[string, unknown, object]>([
    ['a role', { authorizer: { iam } }, { tenant: '123', client: 'ehr' }],
    [
      'the root of an account',
      { authorizer: { iam: { ...iam, userArn: 'arn:aws:iam::123:root' } } },
      { tenant: '123', client: 'arn:aws:iam::123:root' },
    ],
    ['nobody', {}, { issue: [{ code: 'login' }] }],
    ['an unsigned request', { authorizer: {} }, { issue: [{ code: 'login' }] }],
    ['half an identity', { authorizer: { iam: { accountId: '123' } } }, { issue: [{ code: 'login' }] }],
  ])('on AWS without one: %s', async (_, requestContext, expected) => {
    const { service } = bareService({ open: false });
    const answer = await appOf(service).request(`${local}/me`, {}, { event: { requestContext } });
    expect(await answer.json()).toMatchObject(expected);
  });
});

const caller: Caller = { tenant: 'north', client: 'ehr', profile: 'generic', registered: null, token: null };
/** A registry with one caller, whose token is used as it says. */
const registered = (use: TokenUse, error?: Error) => {
  const bodies: (string | null)[] = [];
  const callers: Service['callers'] = {
    origins: new Set<string>(),
    tenants: ['north'],
    authenticate: () => (error ? Promise.reject(error) : Promise.resolve(caller)),
    consumeJti: async (_, { body }) => {
      bodies.push(body === null ? null : new TextDecoder().decode(body));
      return use;
    },
  };
  return { ...bareService({ open: false, callers }), bodies };
};

describe('single use of tokens', () => {
  test.each<[TokenUse, number]>([
    ['first', 200],
    ['again', 200],
    ['replayed', 401],
  ])('%s: %i, without a body and with one, whose bytes are compared', async (use, expected) => {
    const { service, bodies } = registered(use);
    expect((await asked(service, 'GET', '/once')).status).toBe(expected);
    const init = { body: '{"a":1}', headers: { 'content-type': 'application/json' } };
    expect((await asked(service, 'POST', '/body', init)).status).toBe(expected);
    expect(bodies).toEqual(['', '{"a":1}']);
  });

  test('a refusal uses the token up without the body', async () => {
    const { service, bodies, records } = registered('first');
    expect((await asked(service, 'PUT', '/things')).status).toBe(405);
    expect([bodies, records.length]).toEqual([[null], 1]);
  });

  test('a refusal for a token that was used for another request is 401, and no record', async () => {
    const { service, records } = registered('replayed');
    expect((await asked(service, 'PUT', '/things')).status).toBe(401);
    expect(records).toEqual([]);
  });

  test.each<[TokenUse, number]>([
    ['first', 1],
    ['again', 0],
    ['replayed', 0],
  ])('403 is told each time, and recorded once (%s: %i)', async (use, count) => {
    const { service, records } = registered(use, new ForbiddenError('not you', caller));
    expect((await asked(service, 'GET', '/me')).status).toBe(403);
    expect(records).toHaveLength(count);
  });

  test('403 of nobody known and 401 are not recorded', async () => {
    for (const error of [new ForbiddenError('not you', null), new UnauthorizedError('expired')]) {
      const { service, records } = registered('first', error);
      const { status, headers } = await asked(service, 'GET', '/me');
      expect(status).toBe(error.status);
      expect(headers.get('www-authenticate')).toBe(status === 401 ? 'Bearer' : null);
      expect(records).toEqual([]);
    }
  });
});

describe('errors', () => {
  test.each<[Error, number, string, string[]]>([
    [new Problem(409, 'business-rule', 'why'), 409, 'why', []],
    [new Refused(412, 'required', 'send data'), 412, 'send data', []],
    [
      new LogUnavailable('not recorded', { cause: new RangeError('x') }),
      503,
      'not recorded: try again',
      ['log-unavailable'],
    ],
    [
      new TypeError('ZZCANARY'),
      500,
      'something unexpected went wrong here: please report it with the time',
      ['unexpected-error'],
    ],
  ])('%s', (error, status, message, events) => {
    const { service, reports } = bareService();
    expect(problemOf(error, service)).toMatchObject({ status, message });
    expect(reports.map(([event]) => event)).toEqual(events);
    expect(JSON.stringify(reports)).not.toContain('ZZCANARY');
  });

  test('a bug is 500 that repeats nothing, with the headers of every answer', async () => {
    const { status, text, headers } = await asked(bareService().service, 'GET', '/bug');
    expect([status, headers.get('x-content-type-options')]).toEqual([500, 'nosniff']);
    expect(text).not.toContain('ZZCANARY');
  });

  test('a refusal whose record cannot be written is answered all the same, and reported', async () => {
    const { service, reports } = bareService({
      log: { append: () => Promise.reject(new Error('down')) } as unknown as Service['log'],
    });
    const { status, headers } = await asked(service, 'PUT', '/things');
    expect([status, headers.get('epsom-decision')]).toEqual([405, null]);
    expect(reports).toEqual([['refusal-not-recorded', { status: 405 }]]);
  });
});

test.each([
  ['/decisions/export', 'decisions/export'],
  ['/decisions/0123456789abcdef/replay', 'decisions/replay'],
  ['/cds-services/order-sign/feedback', 'cds-services/order-sign'],
  ['/', 'unknown'],
])('the service at %s is called %s', (path, name) => expect(serviceName(path)).toBe(name));
