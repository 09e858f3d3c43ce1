/**
 * `npm run bench:log -- [--decisions 20000]`: 50 writers in 4 processes append to one decision log on an embedded
 * DynamoDB on disk. Then: is it whole, what does it cost against a plain conditional put of the same record in the same
 * run, does a page take longer in a large log than in a small one, how much memory does an export take, does each of
 * 1,000 stored decisions replay to the same bytes, and does one changed threshold show exactly what flips.
 */
import { fork } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { embeddedDynamo } from '../functions/embedded.ts';
import { fileBlobs } from '../functions/log/blobs.ts';
import { compare } from '../functions/log/comparison.ts';
import type { Filter } from '../functions/log/queries.ts';
import { openSealer, type Seal } from '../functions/log/sealer.ts';
import { newPrivateKey, signerOf } from '../functions/log/signer.ts';
import { tableSource } from '../functions/log/source.ts';
import { verifyLog } from '../functions/log/verify.ts';
import { replay } from '../functions/replay.ts';
import { ensureTable } from '../functions/table.ts';
import { library } from '../rules/library/library.ts';
import { rulesetOf, shippedRuleset } from '../rules/ruleset.ts';
import { magnesiumOf, tenant } from './log-records.ts';
import { logOf, plainTable, table, type Work, type Written } from './log-worker.ts';

const { values } = parseArgs({ options: { decisions: { type: 'string', default: '20000' } } });
const decisions = Number(values.decisions);
const small = Math.min(2000, decisions);
const processes = [13, 13, 12, 12];

const folder = mkdtempSync(join(tmpdir(), 'epsom-bench-'));
mkdirSync(join(folder, 'data'));
const dynamo = await embeddedDynamo(join(folder, 'data'));
await ensureTable(dynamo.client, table);
await ensureTable(dynamo.client, plainTable);
const first = Date.now() - decisions * 60_000;
const { log } = logOf(dynamo.endpoint, folder, 1);

function inProcess<T>(work: Work, gc = false): Promise<T> {
  const child = fork(resolve(import.meta.dirname, 'log-worker.ts'), { execArgv: gc ? ['--expose-gc'] : [] });
  child.send(work);
  return new Promise((done, fail) => {
    child.once('message', (result) => done(result as T));
    child.once('exit', (code) => (code === 0 ? undefined : fail(new Error(`a process ended with ${code}`))));
  });
}

async function written(from: number, to: number): Promise<Written> {
  const results = await Promise.all(
    processes.map((writers, index) => {
      const numbers = Array.from({ length: to - from }, (_, n) => from + n).filter((n) => n % 4 === index);
      return inProcess<Written>({
        kind: 'write',
        endpoint: dynamo.endpoint,
        folder: join(folder, String(index)),
        writers,
        first,
        numbers,
      });
    }),
  );
  return results.reduce((sum, one) => ({
    appended: sum.appended + one.appended,
    appendMs: Math.max(sum.appendMs, one.appendMs),
    plainMs: Math.max(sum.plainMs, one.plainMs),
    spilled: sum.spilled + one.spilled,
  }));
}

async function feedbackOn(every: number): Promise<void> {
  const { ids } = await log.list(tenant, {}, 100, null);
  for (const decision of (await log.findAll(tenant, ids)).filter((_, index) => index % every === 0)) {
    const [card = ''] = decision.cardIds;
    await log.addFeedback(
      {
        schema: 'epsom.feedback/1',
        tenant,
        client: decision.client,
        service: 'order-sign',
        card,
        outcome: 'overridden',
        outcomeTimestamp: decision.decidedAt,
        acceptedSuggestions: [],
        overrideReason: { system: 'urn:epsom:override-reason', code: 'already-managed' },
        hasComment: false,
        unknownCard: false,
        receivedAt: decision.decidedAt,
        masked: [],
      },
      decision.decisionId,
    );
  }
}

const time = (number: number): string => new Date(first + number * 60_000).toISOString();
const queries: Record<string, Filter> = {
  everything: {},
  'by patient': { patient: 'patient-5' },
  'by rule': { rule: 'MG-001' },
  'by rule and client': { rule: 'MG-001', client: 'ehr-3' },
  'by client': { client: 'ehr-3' },
  'by indicator': { indicator: 'critical' },
  'by service': { service: 'order-sign' },
  overridden: { outcome: 'overridden' },
  'by time': { from: time(500), to: time(900) },
};
async function pageTimes(): Promise<Map<string, number>> {
  const medians = new Map<string, number>();
  for (const [name, filter] of Object.entries(queries)) {
    const times: number[] = [];
    for (let turn = 0; turn < 25; turn += 1) {
      const started = performance.now();
      await log.list(tenant, filter, 20, null);
      times.push(performance.now() - started);
    }
    times.sort((a, b) => a - b);
    medians.set(name, times[12] ?? 0);
  }
  return medians;
}

const perSecond = (count: number, ms: number): string => `${((count / ms) * 1000).toFixed(0)}/s`;
const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;

const one = await written(0, small);
await feedbackOn(2);
const before = await pageTimes();
const two = decisions > small ? await written(small, decisions) : null;
const appended = one.appended + (two?.appended ?? 0);
const last = two ?? one;
console.log(
  `50 writers in 4 processes, ${decisions} decisions: ${appended} appended, ${one.spilled + (two?.spilled ?? 0)} in a spill`,
);
console.log(
  `log ${perSecond(last.appended, last.appendMs)}, plain conditional put ${perSecond(last.appended, last.plainMs)}: ` +
    `an append takes ${(last.appendMs / last.plainMs).toFixed(1)} times as long`,
);

await feedbackOn(2);
const after = await pageTimes();
console.log(`one page of 20, median of 25: with ${small}, with ${decisions}, ratio`);
for (const [name, ms] of after) {
  const was = before.get(name) ?? 0;
  console.log(
    `  ${name.padEnd(20)} ${was.toFixed(1).padStart(6)} ms ${ms.toFixed(1).padStart(6)} ms  ${(ms / was).toFixed(2)}`,
  );
}

for (const most of [small, decisions]) {
  const { read, bytes, peak } = await inProcess<{ read: number; bytes: number; peak: number }>(
    { kind: 'export', endpoint: dynamo.endpoint, folder, most },
    true,
  );
  console.log(`export of ${read}: ${megabytes(bytes)} of NDJSON, heap at most ${megabytes(peak)}`);
}

const shipped = shippedRuleset();
const changed = rulesetOf(
  library.map(({ where, json }) => {
    const rule = structuredClone(json) as {
      id: string;
      conditions: { all: { fact: string; value: number }[] };
    };
    if (rule.id === 'MG-001') {
      for (const leaf of rule.conditions.all) if (leaf.fact === 'lab') leaf.value = 0.95;
    }
    return { where, json: rule };
  }),
);
const wanted: string[] = [];
for (let next: string | null = null; wanted.length < Math.min(1000, decisions); ) {
  const page: { ids: string[]; next: string | null } = await log.list(tenant, {}, 100, next);
  wanted.push(...page.ids);
  next = page.next;
  if (next === null) break;
}
const stored = (
  await Promise.all(
    Array.from({ length: Math.ceil(wanted.length / 100) }, (_, n) =>
      log.findAll(tenant, wanted.slice(n * 100, n * 100 + 100)),
    ),
  )
).flat();
let equal = 0;
for (const decision of stored) if ((await replay(decision, shipped)).equal) equal += 1;
console.log(`replay: ${equal} of ${stored.length} equal to the byte`);
async function* all() {
  yield* stored;
}
const { flipped, byRule } = await compare(all(), async () => shipped, changed);
const expected = stored.filter(({ hookInstance }) => {
  const value = magnesiumOf(Number(hookInstance?.split('-')[1]));
  return value >= 0.95 && value < 1;
}).length;
console.log(
  `MG-001 below 0.95 instead of 1.0 mg/dL: ${flipped} flip, ${expected} have a value between; ` +
    [...byRule].map(([rule, { gained, lost }]) => `${rule} +${gained} -${lost}`).join(', '),
);

const published: Seal[] = [];
const signer = signerOf(newPrivateKey());
const sealer = openSealer({
  client: dynamo.client,
  table,
  signer,
  publish: async (seal) => void published.push(seal),
  // Seals end some seconds in the past, so that slow writers are in.
  now: () => new Date(Date.now() + 120_000),
});
await sealer.seal();
const report = await verifyLog(tableSource(dynamo.client, table, fileBlobs(join(folder, 'large'))), {
  publicKeys: [await signer.publicKey()],
  published,
  interval: 60_000,
  now: new Date(Date.now() + 120_000),
});
console.log(
  `verify: ${report.ok ? 'whole' : 'NOT whole'}, ${report.records} records, ${report.verified} verified, ${published.length} seals, ${report.findings.length} findings`,
);
for (const finding of report.findings.slice(0, 5))
  console.log(`  ${finding.fault} ${finding.what}: ${finding.message}`);

await dynamo.close();
rmSync(folder, { recursive: true, force: true });
process.exitCode = report.ok && equal === stored.length && flipped === expected ? 0 : 1;
