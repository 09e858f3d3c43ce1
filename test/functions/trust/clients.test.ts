/** The client registry: what is accepted, and a sentence for each thing that is not. */
import { generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { readSettings } from '../../../functions/config/settings.ts';
import { readClients } from '../../../functions/trust/clients.ts';
import { clientsText } from '../../../functions/trust/clients-text.ts';
import { retentionDaysOf } from '../../../functions/trust/registry.ts';
import { get } from '../../support/serving.ts';
import { newIssuer, servingFor } from '../../support/trust.ts';

const { jwk } = await newIssuer('https://ehr.example.org');
const rsa = (bits: number) =>
  generateKeyPairSync('rsa', { modulusLength: bits }).publicKey.export({ format: 'jwk' });
const okp = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' });

const client = (more: object = {}) => ({
  issuer: 'https://ehr.example.org',
  tenant: 'north',
  profile: 'generic',
  jwks: { keys: [jwk] },
  fhirServers: ['https://fhir.example.org/r4'],
  origins: ['https://ehr.example.org'],
  rules: { off: ['MG-001'] },
  ...more,
});
const auditors = {
  issuer: 'https://people.example.org',
  audience: 'epsom',
  jwksUrl: 'https://people.org/jwks',
};
const strict = { allowLoopback: false, ruleIds: new Set(['MG-001']), deadlineMs: 5000 };
const onLaptop = { ...strict, allowLoopback: true };
const read = (registry: unknown, checks = strict) =>
  readClients(typeof registry === 'string' ? registry : JSON.stringify(registry), checks);
/** The sentences of a refusal. */
const problems = (registry: unknown, checks = strict): string[] => {
  try {
    read(registry, checks);
    return [];
  } catch (error) {
    const [title, ...lines] = String(error instanceof Error ? error.message : error).split('\n  ');
    expect(title).toBe('the client registry (EPSOM_CLIENTS) is not usable:');
    return lines;
  }
};

describe('a registry', () => {
  test('of one client and auditors is read with its defaults', () => {
    const { issuer, tenant, jwks } = client();
    const registry = read({ clients: [{ issuer, tenant, jwks, profile: 'epic' }], auditors });
    expect(registry.clients).toEqual([
      { issuer, tenant, jwks, profile: 'epic', fhirServers: [], origins: [], rules: { off: [] } },
    ]);
    expect(registry.auditors).toEqual(auditors);
  });

  test('keeps audience, alertLimit and withholdOverridden', () => {
    const more = {
      audience: 'epsom-north',
      alertLimit: { critical: 1, warning: 3, info: 0 },
      withholdOverridden: { days: 30 },
    };
    expect(read({ clients: [client(more)] }).clients[0]).toMatchObject(more);
  });

  test('has a deadline for what is read, of 50 ms to that of a whole request', () => {
    for (const fhirDeadlineMs of [50, 5000]) {
      expect(read({ clients: [client({ fhirDeadlineMs })] }).clients[0]).toMatchObject({ fhirDeadlineMs });
    }
    expect(problems({ clients: [client({ fhirDeadlineMs: 5001 })] })).toEqual([
      'clients[0].fhirDeadlineMs must be at most 5000, the time for the whole request (EPSOM_DEADLINE_MS)',
    ]);
    expect(problems({ clients: [client({ fhirDeadlineMs: 49 })] })).toEqual([
      'clients[0].fhirDeadlineMs must be at least 50',
    ]);
    expect(problems({ clients: [client({ fhirDeadlineMs: 99.5 })] })[0]).toContain(
      'clients[0].fhirDeadlineMs',
    );
  });

  test('has a retention for each tenant that wants its own, never below six years', () => {
    const registry = read({ clients: [client()], retentionDays: { north: 3653 } });
    expect(retentionDaysOf(registry, 'north', 2192)).toBe(3653);
    expect(retentionDaysOf(registry, 'south', 2192)).toBe(2192);
    expect(retentionDaysOf(null, 'north', 2192)).toBe(2192);
    expect(problems({ clients: [client()], retentionDays: { north: 2191 } })).toEqual([
      'retentionDays.north must be at least 2192',
    ]);
    expect(problems({ clients: [client()], retentionDays: { nroth: 3653 } })).toEqual([
      'retentionDays: no client is of the tenant `nroth`',
    ]);
  });

  test('as docs/security.md shows one is read', () => {
    const guide = readFileSync(new URL('../../../docs/security.md', import.meta.url), 'utf8');
    const example = /```json\n([\s\S]*?)```/.exec(guide)?.[1] ?? '';
    expect(problems(example, { ...strict, ruleIds: new Set(['MG-013']) })).toEqual([]);
    expect(read(example, { ...strict, ruleIds: new Set(['MG-013']) }).clients).toHaveLength(1);
  });

  test('may begin with a byte order mark', () => {
    expect(read(`\uFEFF${JSON.stringify({ clients: [client()] })}`).clients).toHaveLength(1);
  });

  test.each([2048, 3072])('takes RSA keys of %i bits', (bits) => {
    expect(problems({ clients: [client({ jwks: { keys: [{ ...rsa(bits), kid: 'r' }] } })] })).toEqual([]);
  });

  const one = (more: object) => ({ clients: [client(more)] });
  const keys = (...list: object[]) => one({ jwks: { keys: list } });
  test.each<[string, unknown, string]>([
    ['no JSON', '{"clients":[', 'the file is not JSON: look for'],
    ['a list', [], 'the file is missing, or not of the kind it must be: object'],
    ['no clients', {}, 'clients is missing'],
    ['nobody', { clients: [] }, 'it names nobody'],
    ['an unknown key', { clients: [client()], client: [] }, 'the file: unknown `client`; correct'],
    ['an unknown key of a client', one({ fhirServer: 'x' }), 'clients[0]: unknown `fhirServer`'],
    ['an unknown key of rules', one({ rules: { off: [], on: [] } }), 'clients[0].rules: unknown `on`'],
    [
      'an unknown profile',
      one({ profile: 'athena' }),
      'clients[0].profile must be one of `generic`, `epic`, `cerner`',
    ],
    ['no tenant', one({ tenant: undefined }), 'clients[0].tenant is missing'],
    ['a tenant with #', one({ tenant: 'a#D' }), 'clients[0].tenant must be printable'],
    ['a tenant with a space', one({ tenant: 'north hospital' }), 'clients[0].tenant must be printable'],
    ['an issuer as number', one({ issuer: 1 }), 'clients[0].issuer'],
    [
      'an issuer twice',
      { clients: [client(), client({ tenant: 'south' })] },
      'clients[1].issuer: `https://ehr.example.org` is registered twice',
    ],
    [
      'an issuer of auditors that is a client',
      { clients: [client()], auditors: { ...auditors, issuer: 'https://ehr.example.org' } },
      'auditors.issuer: `https://ehr.example.org` is a client too',
    ],
    ['no keys at all', one({ jwks: undefined }), 'clients[0] needs `jwks`'],
    ['keys and a URL', one({ jwksUrl: 'https://ehr.example.org/jwks' }), 'clients[0] needs `jwks`'],
    ['an empty key set', keys(), 'clients[0].jwks.keys is empty'],
    ['a private EC key', keys({ ...jwk, d: 'AAAA' }), 'clients[0].jwks.keys[0] is a private key'],
    [
      'a private RSA key',
      keys({ ...rsa(2048), kid: 'r', p: 'AAAA' }),
      'clients[0].jwks.keys[0] is a private key',
    ],
    [
      'a symmetric key',
      keys({ kty: 'oct', kid: 's', k: 'c2VjcmV0' }),
      'clients[0].jwks.keys[0] is a symmetric key',
    ],
    ['a key without kid', keys({ ...jwk, kid: undefined }), 'clients[0].jwks.keys[0] needs `kid`'],
    ['two keys of one kid', keys(jwk, jwk), 'clients[0].jwks.keys[1] has the `kid` of another'],
    ['a key for encryption', keys({ ...jwk, use: 'enc' }), 'clients[0].jwks.keys[0] is not for signatures'],
    [
      'a key for HS256',
      keys({ ...jwk, alg: 'HS256' }),
      'clients[0].jwks.keys[0] must have an `alg` of ES384',
    ],
    [
      'an alg of another curve',
      keys({ ...jwk, alg: 'ES256' }),
      'clients[0].jwks.keys[0] is of a kind that none',
    ],
    ['a point off the curve', keys({ ...jwk, x: jwk.y }), 'clients[0].jwks.keys[0] is not a key'],
    [
      'an RSA key of 1,024 bits',
      keys({ ...rsa(1024), kid: 'r' }),
      'clients[0].jwks.keys[0] is an RSA key of fewer than 2048 bits',
    ],
    ['an Ed25519 key', keys({ ...okp, kid: 'o' }), 'clients[0].jwks.keys[0] is of a kind that none'],
    [
      'a key URL by http',
      one({ jwks: undefined, jwksUrl: 'http://ehr.example.org/jwks' }),
      'clients[0].jwksUrl: `http://ehr.example.org/jwks` must begin with https://',
    ],
    [
      'a key URL on loopback',
      one({ jwks: undefined, jwksUrl: 'http://127.0.0.1:9/jwks' }),
      'clients[0].jwksUrl: `http://127.0.0.1:9/jwks` must begin with https://',
    ],
    [
      'a file as key URL',
      one({ jwks: undefined, jwksUrl: 'file:///etc/passwd' }),
      'clients[0].jwksUrl must be a URL',
    ],
    [
      'a FHIR server by http',
      one({ fhirServers: ['http://fhir.example.org'] }),
      'clients[0].fhirServers[0]: `http://fhir.example.org` must begin',
    ],
    [
      'a FHIR server with a user',
      one({ fhirServers: ['https://me:pw@fhir.example.org'] }),
      'clients[0].fhirServers[0] must not hold a user',
    ],
    [
      'a FHIR server with a query',
      one({ fhirServers: ['https://fhir.example.org?x=1'] }),
      'clients[0].fhirServers[0] must be the base URL',
    ],
    [
      'an origin with a path',
      one({ origins: ['https://ehr.example.org/app'] }),
      'clients[0].origins[0]: `https://ehr.example.org/app` is not an origin',
    ],
    ['any origin', one({ origins: ['*'] }), 'clients[0].origins[0]: `*` is not an origin'],
    ['the origin null', one({ origins: ['null'] }), 'clients[0].origins[0]: `null` is not an origin'],
    [
      'an origin by http',
      one({ origins: ['http://ehr.example.org'] }),
      'clients[0].origins[0]: `http://ehr.example.org` must begin',
    ],
    [
      'an unknown rule',
      one({ rules: { off: ['MG-999'] } }),
      'clients[0].rules.off[0]: there is no rule `MG-999`',
    ],
    [
      'no critical cards',
      one({ alertLimit: { critical: 0 } }),
      'clients[0].alertLimit.critical must be at least 1',
    ],
    [
      'half a card',
      one({ alertLimit: { info: 0.5 } }),
      'clients[0].alertLimit.info is missing, or not of the kind it must be: int',
    ],
    [
      '400 days',
      one({ withholdOverridden: { days: 400 } }),
      'clients[0].withholdOverridden.days must be at most 365',
    ],
    [
      'auditors without audience',
      { clients: [client()], auditors: { ...auditors, audience: undefined } },
      'auditors.audience is missing',
    ],
  ])('with %s is refused', (_, registry, sentence) => {
    expect(problems(registry)).toEqual([expect.stringContaining(sentence)]);
  });

  test('says all that is wrong with it at once: 4 sentences', () => {
    const wrong = client({
      origins: ['x'],
      rules: { off: ['MG-999'] },
      jwks: { keys: [{ ...jwk, d: 'x' }] },
    });
    expect(problems({ clients: [wrong, client()] })).toHaveLength(4);
  });

  test('never repeats key material', () => {
    const secret = 'c2VjcmV0LXNlY3JldA';
    expect(problems(keys({ kty: 'oct', kid: 's', k: secret }, { ...jwk, d: secret })).join()).not.toContain(
      secret,
    );
  });
});

describe('on a laptop (EPSOM_ALLOW_LOOPBACK)', () => {
  const laptop = client({
    jwks: undefined,
    jwksUrl: 'http://localhost:9/jwks',
    fhirServers: ['http://127.0.0.1:8081/fhir'],
    origins: ['http://localhost:3000'],
  });
  test('http on loopback is accepted, and elsewhere is not', () => {
    expect(problems({ clients: [laptop] }, onLaptop)).toEqual([]);
    expect(problems({ clients: [laptop] })).toHaveLength(3);
    for (const host of ['fhir.example.org', '10.0.0.1', '127.0.0.1.example.org']) {
      expect(problems({ clients: [client({ fhirServers: [`http://${host}`] })] }, onLaptop)).toHaveLength(1);
    }
  });

  // https://github.com/cds-hooks/sandbox build/.well-known/jwks.json
  const sandboxKey = {
    kty: 'EC',
    use: 'sig',
    crv: 'P-256',
    kid: 'd9cd3c4f-eb08-4304-b973-44f352fd2ca2',
    x: 'QWI9fI8TcNtdikhVs_M1N_Szb7BOj19etvIKfrQMa9k',
    y: 'jDkhk_Z2RZZ5L5rN4vd1_i-RJLn3EfEhDcy7iFBg--I',
    alg: 'ES256',
  };
  test('the sandbox, as which anybody can sign, may be registered there and nowhere else', () => {
    const sandbox = client({ issuer: 'https://sandbox.cds-hooks.org', jwks: { keys: [sandboxKey] } });
    expect(problems({ clients: [sandbox] }, onLaptop)).toEqual([]);
    expect(problems({ clients: [sandbox] })).toEqual([
      expect.stringContaining('jwks.keys[0]: the private half of this key is published'),
      expect.stringContaining('issuer: anybody can sign as `https://sandbox.cds-hooks.org`'),
    ]);
    const byAnotherName = client({ jwks: { keys: [{ ...sandboxKey, kid: 'ours' }] } });
    expect(problems({ clients: [byAnotherName] })).toHaveLength(1);
  });
});

describe('starting', () => {
  test('with a registry it may listen on an address that is not loopback', async () => {
    const running = await servingFor({ clients: [client()] }, { EPSOM_HOST: '0.0.0.0' });
    try {
      const url = running.url.replace('0.0.0.0', '127.0.0.1');
      expect((await get(`${url}/health`)).status).toBe(200);
      expect((await get(`${url}/cds-services`)).status).toBe(401);
    } finally {
      await running.close();
    }
  });

  test('with a registry that cannot be used it does not start', async () => {
    await expect(servingFor({ clients: [client({ rules: { off: ['MG-999'] } })] })).rejects.toThrow(
      'clients[0].rules.off[0]: there is no rule `MG-999`',
    );
    await expect(clientsText('/nowhere/clients.json')).rejects.toThrow('there is no readable file');
  });

  test.each(['yes', '1', 'TRUE'])('EPSOM_ALLOW_LOOPBACK=%s is refused: it is true or false', (value) => {
    expect(() => readSettings({ EPSOM_ALLOW_LOOPBACK: value })).toThrow('must be `true` or `false`');
  });

  test.each(['ftp://epsom.example.org', 'epsom'])('EPSOM_BASE_URL=%s is refused', (value) => {
    expect(() => readSettings({ EPSOM_BASE_URL: value })).toThrow('EPSOM_BASE_URL');
  });
});

describe('a registry in the parameter store', () => {
  afterEach(() => vi.unstubAllEnvs());

  test('is read by name, decrypted, through the real SDK (the store is a local stand-in)', async () => {
    const asked: unknown[] = [];
    const server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk) => {
        body += chunk;
      });
      request.on('end', () => {
        asked.push(request.headers['x-amz-target'], JSON.parse(body));
        response.setHeader('content-type', 'application/x-amz-json-1.1');
        response.end(JSON.stringify({ Parameter: { Name: '/epsom/clients', Value: '{"clients":[]}' } }));
      });
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    vi.stubEnv('AWS_REGION', 'eu-central-1');
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'test');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
    vi.stubEnv('AWS_ENDPOINT_URL_SSM', `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    try {
      expect(await clientsText('ssm:/epsom/clients')).toBe('{"clients":[]}');
      expect(asked).toEqual(['AmazonSSM.GetParameter', { Name: '/epsom/clients', WithDecryption: true }]);
    } finally {
      server.close();
    }
  });
});
