/**
 * The Lambda handlers with HTTP API events: the real AWS SDK against the embedded DynamoDB. KMS and the parameter
 * store cannot run here; local endpoints answer their calls: GenerateMac with a real HMAC, Encrypt and Decrypt of
 * patient keys with AES.
 */
import { createHmac } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createProjectorOnAws } from '../../../functions/host/aws-sealer.ts';
import { createEmbeddedDynamo } from '../../../functions/host/embedded.ts';
import { ensureTable } from '../../../functions/host/table.ts';
import { decrypt, encrypt } from '../../../functions/log/cipher.ts';
import { complete, condition, hookRequest, magnesiumSulfate } from '../../support/hook-requests.ts';
import { listening, newIssuer, tokenOf } from '../../support/trust.ts';

type Handler = (
  event: unknown,
) => Promise<{ statusCode: number; headers: Record<string, string>; body: string }>;

let dynamo: Awaited<ReturnType<typeof createEmbeddedDynamo>>;
let kms: Server;
const macs: string[] = [];
const masterKey = new Uint8Array(32).fill(3);
const handlers: Record<string, Handler> = {};

beforeAll(async () => {
  dynamo = await createEmbeddedDynamo(null);
  await ensureTable(dynamo.client, 'lambda-test');
  kms = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      const asked = JSON.parse(body);
      const { KeyId } = asked;
      const operation = String(request.headers['x-amz-target']).replace('TrentService.', '');
      const place = asked.EncryptionContext?.place ?? '';
      const bytes = (name: string) => Buffer.from(asked[name], 'base64');
      const text = (value: Uint8Array) => Buffer.from(value).toString('base64');
      const answers: Record<string, () => object> = {
        GenerateMac: () => {
          macs.push(asked.MacAlgorithm);
          return { Mac: createHmac('sha256', KeyId).update(bytes('Message')).digest('base64') };
        },
        Encrypt: () => ({ CiphertextBlob: text(encrypt(masterKey, bytes('Plaintext'), place)) }),
        Decrypt: () => ({ Plaintext: text(decrypt(masterKey, bytes('CiphertextBlob'), place)) }),
      };
      response.setHeader('content-type', 'application/x-amz-json-1.1');
      response.end(JSON.stringify({ KeyId, ...answers[operation]?.() }));
    });
  });
  await new Promise<void>((done) => kms.listen(0, '127.0.0.1', done));
  vi.stubEnv('AWS_REGION', 'eu-central-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'test');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
  vi.stubEnv('AWS_ENDPOINT_URL_DYNAMODB', dynamo.endpoint);
  vi.stubEnv('AWS_ENDPOINT_URL_KMS', `http://127.0.0.1:${(kms.address() as AddressInfo).port}`);
  vi.stubEnv('EPSOM_TABLE', 'lambda-test');
  vi.stubEnv('EPSOM_PATIENT_KEY_ID', 'alias/patient-index');
  vi.stubEnv('EPSOM_MASTER_KEY_ID', 'alias/master');
  vi.stubEnv('POWERTOOLS_DEV', 'true');
  for (const name of ['cds-services', 'evaluate', 'decisions', 'fhir', 'rules', 'health']) {
    const module: { handler: Handler } = await import(`../../../functions/${name}.ts`);
    handlers[name] = module.handler;
  }
});
afterAll(async () => {
  vi.unstubAllEnvs();
  kms.close();
  await dynamo.close();
});

const iam = {
  accountId: '123456789012',
  userArn: 'arn:aws:sts::123456789012:assumed-role/ehr-client/session',
};

function event(
  method: string,
  path: string,
  options: { body?: unknown; query?: string; caller?: object | null; headers?: Record<string, string> } = {},
) {
  const { body, query = '', caller = iam, headers = {} } = options;
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath: path,
    rawQueryString: query,
    headers: { host: 'api.example.org', 'content-type': 'application/json', ...headers },
    requestContext: {
      accountId: '123456789012',
      domainName: 'api.example.org',
      http: { method, path, protocol: 'HTTP/1.1', sourceIp: '192.0.2.1', userAgent: 'test' },
      ...(caller ? { authorizer: { iam: caller } } : {}),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    isBase64Encoded: false,
  };
}

async function call(name: string, ...rest: Parameters<typeof event>) {
  const handler = handlers[name];
  if (!handler) throw new Error(`no handler ${name}`);
  const answer = await handler(event(...rest));
  return { ...answer, json: JSON.parse(answer.body) };
}

describe('the handlers on AWS', () => {
  test('order-sign answers IV-001, records it under the IAM caller, and an auditor finds and replays it', async () => {
    const request = hookRequest('order-sign', complete([], [condition('mg', '91637004')]), [
      magnesiumSulfate(),
    ]);
    const answer = await call('cds-services', 'POST', '/cds-services/order-sign', { body: request });
    expect(answer.statusCode).toBe(200);
    expect(answer.json.cards[0].source.topic.code).toBe('IV-001');
    const id = answer.headers['epsom-decision'];
    const listed = await call('decisions', 'GET', '/decisions', { query: 'patient=p1' });
    expect(listed.json.decisions).toMatchObject([
      { decisionId: id, tenant: '123456789012', client: 'ehr-client', service: 'order-sign' },
    ]);
    const replayed = await call('decisions', 'POST', `/decisions/${id}/replay`);
    expect(replayed.json).toMatchObject({ equal: true });
    expect(new Set(macs)).toEqual(new Set(['HMAC_SHA_256']));
  });

  test('another account finds nothing of it', async () => {
    const other = { accountId: '210987654321', userArn: 'arn:aws:iam::210987654321:user/auditor' };
    const listed = await call('decisions', 'GET', '/decisions', { query: 'patient=p1', caller: other });
    expect(listed.json.decisions).toEqual([]);
  });

  test('a caller that IAM did not identify is 401, and nothing is stored', async () => {
    const answer = await call('cds-services', 'POST', '/cds-services/order-sign', { body: {}, caller: null });
    expect(answer.statusCode).toBe(401);
    expect(answer.json.resourceType).toBe('OperationOutcome');
    expect(answer.headers['epsom-decision']).toBeUndefined();
  });

  test('evaluate, rules, health and the OpenAPI description answer', async () => {
    const patient = { resourceType: 'Patient', id: 'p1', gender: 'male', birthDate: '1950-01-01' };
    expect((await call('evaluate', 'POST', '/evaluate', { body: patient })).statusCode).toBe(200);
    expect((await call('rules', 'GET', '/rules/MG-001')).json.id).toBe('MG-001');
    expect((await call('health', 'GET', '/health')).json.status).toBe('ok');
    expect((await call('health', 'GET', '/openapi.json')).json.openapi).toBe('3.1.0');
  });

  test('the FHIR routes say what they can do, and nothing to a caller that IAM did not identify', async () => {
    const metadata = await call('fhir', 'GET', '/fhir/metadata');
    expect([metadata.statusCode, metadata.json.resourceType]).toEqual([200, 'CapabilityStatement']);
    const answer = await call('fhir', 'GET', '/fhir/AuditEvent', { caller: null });
    expect([answer.statusCode, answer.json.resourceType]).toEqual([401, 'OperationOutcome']);
  });

  test('an AuditEvent of a look on AWS has the address that API Gateway saw, and claims Query', async () => {
    const from = new Date().toISOString();
    const nothing = { query: 'rule=MG-004&from=2020-01-01&to=2020-01-02' };
    expect((await call('decisions', 'GET', '/decisions', nothing)).json.decisions).toEqual([]);
    // What lists find is made by the sealer's function.
    await createProjectorOnAws({ table: 'lambda-test' }).projectAll();
    const { json } = await call('fhir', 'GET', '/fhir/AuditEvent', { query: `date=ge${from}` });
    expect(json.entry[0].resource).toMatchObject({
      meta: { profile: [expect.stringMatching(/BasicAudit\.Query$/)] },
      agent: [{ who: { identifier: { value: 'ehr-client' } }, network: { address: '192.0.2.1' } }, {}],
    });
  });
});

describe('the handlers on AWS with a client registry in the parameter store', () => {
  test('an EHR is identified by its token, an auditor by theirs; the registry is read once, and again after a failure', async () => {
    const ehr = await newIssuer('https://ehr.example.org');
    const people = await newIssuer('https://people.example.org', 'RS256');
    const registry = {
      clients: [
        {
          issuer: ehr.issuer,
          tenant: 'north',
          profile: 'generic',
          jwks: { keys: [ehr.jwk] },
          origins: ['https://ehr.example.org'],
        },
      ],
      auditors: { issuer: people.issuer, audience: 'epsom', jwks: { keys: [people.jwk] } },
    };
    let there = false;
    const store = await listening((_, response) => {
      response.setHeader('content-type', 'application/x-amz-json-1.1');
      if (there) response.end(JSON.stringify({ Parameter: { Value: JSON.stringify(registry) } }));
      else response.writeHead(400).end(JSON.stringify({ __type: 'ParameterNotFound' }));
    });
    vi.stubEnv('AWS_ENDPOINT_URL_SSM', store.url);
    vi.stubEnv('EPSOM_CLIENTS', 'ssm:/epsom/clients');
    vi.stubEnv('EPSOM_BASE_URL', 'https://api.example.org');
    vi.resetModules();
    const fresh: Record<string, Handler> = {};
    for (const name of ['cds-services', 'decisions', 'health']) {
      const module: { handler: Handler } = await import(`../../../functions/${name}.ts`);
      fresh[name] = module.handler;
    }
    const send = async (name: string, ...rest: Parameters<typeof event>) => {
      const answer = await fresh[name]?.(event(...rest));
      if (!answer) throw new Error(`no handler ${name}`);
      return answer;
    };
    const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
    try {
      expect((await send('health', 'GET', '/health', { caller: null })).statusCode).toBe(200);
      expect(store.asked).toHaveLength(0);
      const body = hookRequest('order-sign', complete([], [condition('mg', '91637004')]), [
        magnesiumSulfate(),
      ]);
      const path = '/cds-services/order-sign';
      const token = await tokenOf(ehr, new Date(), { aud: `https://api.example.org${path}` });
      const asEhr = { body, caller: null, headers: bearer(token) };
      await expect(send('cds-services', 'POST', path, asEhr)).rejects.toThrow();
      there = true;
      const answer = await send('cds-services', 'POST', path, asEhr);
      expect(answer.statusCode).toBe(200);
      expect((await send('cds-services', 'POST', path, asEhr)).body).toBe(answer.body);
      // IAM says nothing here, even where a signed request should come through.
      expect((await send('cds-services', 'POST', path, { body })).statusCode).toBe(401);
      const asked = store.asked.length;
      const preflight = await send('cds-services', 'OPTIONS', path, {
        caller: null,
        headers: { origin: 'https://ehr.example.org', 'access-control-request-method': 'POST' },
      });
      expect(preflight.headers['access-control-allow-origin']).toBe('https://ehr.example.org');
      expect(store.asked).toHaveLength(asked);

      const reader = await tokenOf(people, new Date(), {
        aud: 'epsom',
        tenant: 'north',
        scope: 'epsom/decisions.read',
      });
      const id = answer.headers['epsom-decision'];
      const record = await send('decisions', 'GET', `/decisions/${id}`, {
        caller: null,
        headers: bearer(reader),
      });
      expect(JSON.parse(record.body)).toMatchObject({ tenant: 'north', client: ehr.issuer, status: 200 });
    } finally {
      await store.close();
    }
  });
});
