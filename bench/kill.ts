/**
 * `npm run bench:kill -- [--times 10]`: the server is killed with SIGKILL in the middle of load, again and again on the
 * same data. After the last start every answer that a client received must have its record with the same cards, and
 * the whole log must verify. A record whose answer was cut off by the kill is counted, and is no fault.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { argumentsOfProcess } from '../commands/command-line.ts';
import { hookRequestOf } from './requests.ts';

const { values } = argumentsOfProcess({
  about: 'Kills the server under load, again and again, and looks for answers without a record.',
  calls: ['npm run bench:kill -- [--times 10] [--port 8198]'],
  options: { times: { type: 'string', default: '10' }, port: { type: 'string', default: '8198' } },
});
const base = `http://127.0.0.1:${values.port}`;
const folder = mkdtempSync(join(tmpdir(), 'epsom-kill-'));
const env = { ...process.env, PORT: values.port, EPSOM_DATA: join(folder, 'data'), EPSOM_SEAL_INTERVAL: '5' };
const project = resolve(import.meta.dirname, '..');

async function started(): Promise<ChildProcess> {
  const server = spawn(process.execPath, ['functions/local.ts'], {
    cwd: project,
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  for (let tries = 0; tries < 300; tries += 1) {
    if ((await fetch(`${base}/health`).catch(() => null))?.ok) return server;
    await new Promise((done) => setTimeout(done, 100));
  }
  throw new Error('the server did not start');
}

const answers = new Map<string, string>();
let cutOff = 0;
let others = 0;
async function client(name: string, isOver: () => boolean): Promise<void> {
  for (let turn = 0; !isOver(); turn += 1) {
    try {
      const answer = await fetch(`${base}/cds-services/order-sign`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(hookRequestOf(`patient-${name}`, `${name}-${turn}`)),
      });
      const text = await answer.text();
      const id = answer.headers.get('epsom-decision');
      if (answer.status === 200 && id) answers.set(id, text);
      else others += 1;
    } catch {
      cutOff += 1;
    }
  }
}

for (let round = 0; round < Number(values.times); round += 1) {
  const server = await started();
  let over = false;
  const clients = Array.from({ length: 20 }, (_, number) => client(`${round}-${number}`, () => over));
  // Some time that differs from round to round, in the middle of work.
  await new Promise((done) => setTimeout(done, 1500 + 137 * round));
  const before = answers.size;
  const dead = once(server, 'exit');
  server.kill('SIGKILL');
  over = true;
  await dead;
  await Promise.all(clients);
  console.log(`kill ${round + 1}: ${before} answers so far, ${cutOff} requests cut off`);
}

const server = await started();
let same = 0;
const lost: string[] = [];
for (const [id, text] of answers) {
  const answer = await fetch(`${base}/decisions/${id}`);
  const stored = (await answer.json()) as { cards?: unknown };
  const sent = (JSON.parse(text) as { cards: unknown }).cards;
  if (answer.status === 200 && JSON.stringify(stored.cards) === JSON.stringify(sent)) same += 1;
  else lost.push(id);
}
const { log } = (await (await fetch(`${base}/health`)).json()) as { log: { waiting: number } };

/** What `npm run verify` says while the server runs. */
async function verified(): Promise<{ code: number; text: string }> {
  const child = spawn(process.execPath, ['commands/verify.ts'], { cwd: project, env });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (text += String(chunk)));
  const [code] = (await once(child, 'close')) as [number];
  return { code, text };
}
// A sealer that was killed holds its lease for two minutes: until then the newest records wait for their seal.
const began = Date.now();
let report = await verified();
const isOpen = () => report.code !== 0 || !/, 0 not sealed yet/.test(report.text);
while (isOpen() && Date.now() - began < 240_000) {
  await new Promise((done) => setTimeout(done, 10_000));
  report = await verified();
}
console.log(
  `verify, after ${Math.round((Date.now() - began) / 1000)} s:\n${report.text.trim().slice(0, 2000)}`,
);
const { code } = report;
server.kill('SIGTERM');
await once(server, 'exit');
console.log(
  `${answers.size} answers, ${same} recorded with the same cards, ${lost.length} lost; ` +
    `${others} answered otherwise, ${cutOff} cut off, ${log.waiting} waiting in the spill; verify exits with ${code}`,
);
rmSync(folder, { recursive: true, force: true });
process.exitCode = lost.length === 0 && !isOpen() ? 0 : 1;
