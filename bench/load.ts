/**
 * `npm run bench:load -- [--seconds 60] [--clients 50]`: many clients of several organisations at once against a
 * real server in a process of its own. Counts what must be zero - answers with data of another organisation, answers
 * without a record - and prints how long answers took. Loopback only; it stops by itself.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { argumentsOfProcess } from '../commands/command-line.ts';
import { findRunningDynamo } from '../functions/host/embedded.ts';
import { createMemoryBlobs } from '../functions/log/blobs.ts';
import { decisionIdIn, keyIn, nameOf, tenantIn } from '../functions/log/keys.ts';
import { createTableSource } from '../functions/log/source.ts';
import { hookRequestOf } from './requests.ts';

const { values } = argumentsOfProcess({
  about: 'Many clients of several organisations at once against a real server; counts what must be zero.',
  calls: ['npm run bench:load -- [--seconds 60] [--clients 50] [--tenants 5] [--port 8199]'],
  options: {
    seconds: { type: 'string', default: '60' },
    clients: { type: 'string', default: '50' },
    tenants: { type: 'string', default: '5' },
    port: { type: 'string', default: '8199' },
  },
});
const [seconds, clients, tenants] = [Number(values.seconds), Number(values.clients), Number(values.tenants)];
const base = `http://127.0.0.1:${values.port}`;
const folder = mkdtempSync(join(tmpdir(), 'epsom-load-'));
const { publicKey, privateKey } = await generateKeyPair('ES384', { extractable: true });
const jwk = { ...(await exportJWK(publicKey)), kid: 'load', alg: 'ES384', use: 'sig' };
const registry = {
  clients: Array.from({ length: tenants }, (_, index) => ({
    issuer: `https://ehr-${index}.example.org`,
    tenant: `tenant-${index}`,
    profile: 'generic',
    jwks: { keys: [jwk] },
  })),
};
writeFileSync(join(folder, 'clients.json'), JSON.stringify(registry));

const server = spawn(process.execPath, [resolve(import.meta.dirname, '../functions/local.ts')], {
  env: {
    ...process.env,
    PORT: values.port,
    EPSOM_DATA: join(folder, 'data'),
    EPSOM_CLIENTS: join(folder, 'clients.json'),
    EPSOM_BASE_URL: base,
    EPSOM_SEAL_INTERVAL: '10',
  },
  stdio: ['ignore', 'ignore', 'inherit'],
});
for (let tries = 0; ; tries += 1) {
  const up = await fetch(`${base}/health`).catch(() => null);
  if (up?.ok) break;
  if (tries === 200) throw new Error('the server did not start');
  await new Promise((done) => setTimeout(done, 100));
}

const path = '/cds-services/order-sign';
const times: number[] = [];
const answered = new Map<string, string>();
const statuses = new Map<number, number>();
let foreign = 0;
const until = Date.now() + seconds * 1000;

async function client(number: number): Promise<void> {
  for (let turn = 0; Date.now() < until; turn += 1) {
    const tenant = (number + turn) % tenants;
    // A name that must never turn up at another organisation.
    const patient = `patient-of-tenant-${tenant}-${number}`;
    const now = Math.floor(Date.now() / 1000);
    const token = await new SignJWT({ jti: `${number}-${turn}` })
      .setProtectedHeader({ alg: 'ES384', kid: 'load', typ: 'JWT' })
      .setIssuer(`https://ehr-${tenant}.example.org`)
      .setAudience(`${base}${path}`)
      .setIssuedAt(now)
      .setExpirationTime(now + 300)
      .sign(privateKey);
    const started = performance.now();
    const answer = await fetch(`${base}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify(hookRequestOf(patient, `${number}-${turn}`)),
    });
    const text = await answer.text();
    times.push(performance.now() - started);
    statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
    const id = answer.headers.get('epsom-decision');
    if (answer.status === 200 && id) answered.set(id, `tenant-${tenant}`);
    const named = [...text.matchAll(/patient-of-tenant-(\d+)/g)];
    if (named.some(([, other]) => other !== String(tenant))) foreign += 1;
  }
}
await Promise.all(Array.from({ length: clients }, (_, number) => client(number)));

const dynamo = await findRunningDynamo(join(folder, 'data'));
if (!dynamo) throw new Error('the log cannot be read');
const recorded = new Map<string, string>();
for await (const item of createTableSource(dynamo, 'epsom', createMemoryBlobs()).all()) {
  const name = nameOf(keyIn(item));
  const id = decisionIdIn(name);
  if (id !== null) recorded.set(id, tenantIn(name));
}

const lost = [...answered].filter(([id, tenant]) => recorded.get(id) !== tenant).length;
times.sort((a, b) => a - b);
const at = (share: number): string => (times[Math.floor(times.length * share)] ?? 0).toFixed(0);
console.log(
  `${times.length} answers in ${seconds} s, ${clients} clients, ${tenants} organisations: ${[...statuses].map(([status, count]) => `${status}: ${count}`).join(', ')}`,
);
console.log(`milliseconds: median ${at(0.5)}, p95 ${at(0.95)}, p99 ${at(0.99)}, most ${at(0.9999)}`);
console.log(`answers with data of another organisation: ${foreign}; answers without their record: ${lost}`);
dynamo.destroy();
server.kill('SIGTERM');
await once(server, 'exit');
rmSync(folder, { recursive: true, force: true });
process.exitCode = foreign + lost === 0 ? 0 : 1;
