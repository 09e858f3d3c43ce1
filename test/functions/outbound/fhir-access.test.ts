import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { Refused } from '../../../rules/intake/refused.ts';
import {
  creatinine,
  gathering,
  keys,
  messages,
  server,
  useFhirServer,
  whole,
} from '../../support/gathering.ts';
import { searchset } from '../../support/hook-requests.ts';

useFhirServer();

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
    const gathered = await gathering({}, { fhirAuthorization: token }, { servers: [registered(server.url)] });
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
