/** Settings of a client that gathering follows, over HTTP with a real registry and real tokens. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createEmbeddedDynamo } from '../../../functions/host/embedded.ts';
import type { Running } from '../../../functions/local.ts';
import { type FhirServer, fhirServer } from '../../support/fhir-server.ts';
import { chart } from '../../support/gathering.ts';
import { at, hookRequest, magnesiumSulfate } from '../../support/hook-requests.ts';
import { post } from '../../support/serving.ts';
import { type Issuer, newIssuer, servingFor, tokenOf } from '../../support/trust.ts';

const patientWaits = await newIssuer('https://patient.example.org');
const hasty = await newIssuer('https://hasty.example.org');
const baseUrl = 'https://epsom.example.org';
let server: FhirServer;
let dynamo: Awaited<ReturnType<typeof createEmbeddedDynamo>>;
let running: Running;
const lines: [event: string, detail: object][] = [];

beforeAll(async () => {
  server = await fhirServer(chart);
  dynamo = await createEmbeddedDynamo(null);
  const client = ({ issuer, jwk }: Issuer, more: object) => ({
    issuer,
    tenant: 'north',
    profile: 'generic',
    jwks: { keys: [jwk] },
    fhirServers: [server.url],
    ...more,
  });
  running = await servingFor(
    { clients: [client(patientWaits, {}), client(hasty, { fhirDeadlineMs: 100 })] },
    {
      AWS_ENDPOINT_URL_DYNAMODB: dynamo.endpoint,
      EPSOM_BASE_URL: baseUrl,
      EPSOM_ALLOW_LOOPBACK: 'true',
      EPSOM_FHIR_DEADLINE_MS: '1500',
    },
    { memory: true, now: () => new Date(at), report: (...line) => lines.push(line) },
  );
});
afterAll(async () => {
  await running.close();
  await dynamo.close();
  await server.close();
});

const path = '/cds-services/order-sign';
async function sign(issuer: Issuer): Promise<number> {
  const body = hookRequest('order-sign', {}, [magnesiumSulfate()], { fhirServer: server.url });
  const token = await tokenOf(issuer, new Date(at), { aud: `${baseUrl}${path}` });
  const started = performance.now();
  const { status } = await post(`${running.url}${path}`, body, { authorization: `Bearer ${token}` });
  // On a busy machine nothing at all may come in a tenth of a second, which is 412.
  expect([200, 412]).toContain(status);
  return performance.now() - started;
}

test('a client with a deadline of its own is answered by then, another by that of the service', async () => {
  server.instead.Observation = 'never';
  // Once, so that neither waits for what a process loads.
  await sign(hasty);
  expect(await sign(hasty)).toBeLessThan(1000);
  expect(await sign(patientWaits)).toBeGreaterThan(1400);
});

test('a server without statements is named to the operator by the issuer of its client, and nothing else', async () => {
  delete server.instead.Observation;
  server.instead.MedicationStatement = 'status403';
  await sign(patientWaits);
  expect(lines.filter(([event]) => event.startsWith('fhir-'))).toEqual([
    ['fhir-without-type', { iss: patientWaits.issuer, type: 'MedicationStatement', status: 403 }],
  ]);
});
