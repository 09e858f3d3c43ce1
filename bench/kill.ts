/**
 * `npm run bench:kill -- [--times 10]`: the server is killed with SIGKILL in the middle of load, again and again on the
 * same data. Clients override a card of every second answer, and send again what was cut off. After the last start every
 * answer that a client received must have its record with the same cards, be found by patient, rule, client and time, and be
 * counted once; each feedback that was taken must be joined; and the whole log must verify.
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
const patients = new Map<string, string>();
const again = new Map<string, string>();
const overridden = new Set<string>();
let cutOff = 0;
let others = 0;

const post = (path: string, body: string) =>
  fetch(`${base}${path}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body });

/** One request; what is cut off is sent again later. */
async function ask(patient: string, body: string): Promise<void> {
  try {
    const answer = await post('/cds-services/order-sign', body);
    const text = await answer.text();
    const id = answer.headers.get('epsom-decision');
    if (answer.status !== 200 || !id) {
      others += 1;
      return;
    }
    answers.set(id, text);
    patients.set(id, patient);
    again.delete(body);
    const [card] = (JSON.parse(text) as { cards: { uuid: string }[] }).cards;
    if (!card || answers.size % 2 === 0) return;
    const event = { card: card.uuid, outcome: 'overridden', outcomeTimestamp: '2026-11-30T12:00:00Z' };
    const taken = await post('/cds-services/order-sign/feedback', JSON.stringify({ feedback: [event] }));
    if (taken.ok) overridden.add(id);
  } catch {
    cutOff += 1;
    if (!patients.has(body)) again.set(body, patient);
  }
}

async function client(name: string, isOver: () => boolean): Promise<void> {
  for (let turn = 0; !isOver(); turn += 1)
    await ask(`patient-${name}`, JSON.stringify(hookRequestOf(`patient-${name}`, `${name}-${turn}`)));
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
for (const [body, patient] of [...again]) await ask(patient, body);
let same = 0;
const lost: string[] = [];
const byRule = new Map<string, string[]>();
for (const [id, text] of answers) {
  const answer = await fetch(`${base}/decisions/${id}`);
  const record = (await answer.json()) as { cards?: unknown; findings?: { rule: string }[] };
  for (const { rule } of record.findings ?? []) byRule.set(rule, [...(byRule.get(rule) ?? []), id]);
  const sent = (JSON.parse(text) as { cards: unknown }).cards;
  if (answer.status === 200 && JSON.stringify(record.cards) === JSON.stringify(sent)) same += 1;
  else lost.push(id);
}

/** Ids that a list finds, all pages. */
async function listed(query: string): Promise<Set<string>> {
  const text = await (await fetch(`${base}/decisions/export?${query}`)).text();
  const lines = text.split('\n').filter((line) => line !== '');
  return new Set(lines.map((line) => (JSON.parse(line) as { decisionId: string }).decisionId));
}
const day = new Date().toISOString().slice(0, 10);
const yesterday = new Date(Date.now() - 86_400_000).toISOString().slice(0, 10);
const unfound: Record<string, number> = {};
const missingIn = (found: ReadonlySet<string>, ids: Iterable<string>): number =>
  [...ids].filter((id) => !found.has(id)).length;
unfound.client = missingIn(await listed('client=local'), answers.keys());
unfound.time = missingIn(await listed(`from=${yesterday}&to=${day}`), answers.keys());
unfound.rule = 0;
for (const [rule, ids] of byRule) unfound.rule += missingIn(await listed(`rule=${rule}`), ids);
unfound.outcome = missingIn(await listed('outcome=overridden'), overridden);
unfound.patient = 0;
for (const [patient, own] of Map.groupBy(patients, ([, name]) => name))
  unfound.patient += missingIn(
    await listed(`patient=${patient}`),
    own.map(([id]) => id),
  );

interface Statistics {
  decisions: number;
  rules: { overridden: Record<string, number>; shown: number; unanswered: number }[];
}
const statistics = (await (
  await fetch(`${base}/statistics?from=${yesterday}&to=${day}`)
).json()) as Statistics;
const stored = (await listed('')).size;
const { log } = (await (await fetch(`${base}/health`)).json()) as { log: { waiting: number } };

/** What `npm run verify` says while the server runs. */
async function verified(): Promise<{ code: number; text: string }> {
  const child = spawn(process.execPath, ['commands/verify.ts'], { cwd: project, env });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (text += String(chunk)));
  const [code] = (await once(child, 'close')) as [number];
  return { code, text };
}
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
    `not found: ${JSON.stringify(unfound)}; ${stored} decisions, ${statistics.decisions} counted; ` +
    `${overridden.size} overridden; ` +
    `${others} answered otherwise, ${cutOff} cut off, ${log.waiting} waiting in the spill; verify exits with ${code}`,
);
rmSync(folder, { recursive: true, force: true });
const isWhole = Object.values(unfound).every((count) => count === 0) && stored === statistics.decisions;
process.exitCode = lost.length === 0 && isWhole && !isOpen() ? 0 : 1;
