/**
 * `npm run bench:log -- [--decisions 20000]`: 50 writers in 4 processes append to one decision log on an embedded
 * DynamoDB on disk. Then: is it whole, what does it cost against a plain conditional put of the same record in the same
 * run, does a page take longer than in a log of 2,000 asked in turn with it, how much memory does an export take, does
 * each of 1,000 stored decisions replay to the same bytes, and does one changed threshold show exactly what flips.
 *
 * 20,000 take some four minutes on two cores; 200,000 more than an hour.
 */
import { fork } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { argumentsOfProcess } from '../commands/command-line.ts';
import { createEmbeddedDynamo } from '../functions/host/embedded.ts';
import { ensureTable } from '../functions/host/table.ts';
import { createFileBlobs } from '../functions/log/blobs.ts';
import { compareRulesets } from '../functions/log/comparison.ts';
import { decompressJson } from '../functions/log/compression.ts';
import { addCounts, type Counts, noCounts } from '../functions/log/counts.ts';
import type { StoredDecision } from '../functions/log/decision-log.ts';
import { dayOfCounts, isDerivedKey, keyIn, marksPartition } from '../functions/log/keys.ts';
import { scanItems } from '../functions/log/paging.ts';
import type { Filter } from '../functions/log/queries.ts';
import { rebuild } from '../functions/log/rebuild.ts';
import type { Seal } from '../functions/log/seal.ts';
import { createSealer } from '../functions/log/sealer.ts';
import { createSigner, generatePrivateKey } from '../functions/log/signer.ts';
import { createTableSource } from '../functions/log/source.ts';
import { verifyLog } from '../functions/log/verify.ts';
import { iterateDecisions } from '../functions/service/decision-stream.ts';
import { replay } from '../functions/service/replay-decision.ts';
import { canonicalJson, sha256 } from '../rules/digest/digest.ts';
import { createRuleset } from '../rules/evaluation/ruleset.ts';
import { library } from '../rules/library/library.ts';
import { shippedRuleset } from '../rules/library/shipped.ts';
import { magnesiumOf, tenant } from './log-records.ts';
import { logOf, plainTable, type Work, type Written } from './log-worker.ts';

const { values } = argumentsOfProcess({
  about:
    'One decision log under 50 writers: whole, what it costs, what pages and exports take, whether all replays.',
  calls: ['npm run bench:log -- [--decisions 20000]'],
  options: { decisions: { type: 'string', default: '20000' } },
});
const decisions = Number(values.decisions);
const few = Math.min(2000, decisions);
/** So many are put plainly as well: enough to compare. */
const compared = Math.min(20_000, decisions);
const processes = [13, 13, 12, 12];

const folder = mkdtempSync(join(tmpdir(), 'epsom-bench-'));
mkdirSync(join(folder, 'data'));
const dynamo = await createEmbeddedDynamo(join(folder, 'data'));
const [small, large] = ['small', 'epsom'];
for (const table of [small, large, plainTable]) await ensureTable(dynamo.client, table);
const first = Date.now() - decisions * 60_000;
type Log = ReturnType<typeof logOf>['log'];
const { log: smallLog } = logOf(dynamo.endpoint, folder, small, 1);
const { log } = logOf(dynamo.endpoint, folder, large, 1);

function inProcess<T>(work: Work, gc = false): Promise<T> {
  const child = fork(resolve(import.meta.dirname, 'log-worker.ts'), { execArgv: gc ? ['--expose-gc'] : [] });
  child.send(work);
  return new Promise((done, fail) => {
    child.once('message', (result) => done(result as T));
    child.once('exit', (code) => (code === 0 ? undefined : fail(new Error(`a process ended with ${code}`))));
  });
}

async function written(table: string, count: number, comparedCount: number): Promise<Written> {
  const results = await Promise.all(
    processes.map((writers, index) =>
      inProcess<Written>({
        kind: 'write',
        endpoint: dynamo.endpoint,
        folder: join(folder, table, String(index)),
        table,
        writers,
        first,
        numbers: Array.from({ length: count }, (_, number) => number).filter(
          (number) => number % 4 === index,
        ),
        compared: comparedCount,
      }),
    ),
  );
  return results.reduce((sum, one) => ({
    appended: sum.appended + one.appended,
    compared: sum.compared + one.compared,
    appendMs: Math.max(sum.appendMs, one.appendMs),
    plainMs: Math.max(sum.plainMs, one.plainMs),
    spilled: sum.spilled + one.spilled,
    calls: {
      records: sum.calls.records + one.calls.records,
      writes: sum.calls.writes + one.calls.writes,
      reads: sum.calls.reads + one.calls.reads,
    },
  }));
}

/** On every second of the last hundred. */
async function feedbackOn(each: Log): Promise<void> {
  const { ids } = await each.list(tenant, {}, 100, null);
  for (const decision of (await each.findAll(tenant, ids)).filter((_, index) => index % 2 === 0)) {
    const [card = ''] = decision.cardIds;
    await each.addFeedback(
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
/** Medians of 25 pages of 20 decisions, the two logs in turn. */
async function pageTimes(filter: Filter): Promise<{ small: number; large: number }> {
  const times = { small: [] as number[], large: [] as number[] };
  for (let turn = 0; turn < 25; turn += 1) {
    for (const [size, asked] of [['small', smallLog] as const, ['large', log] as const]) {
      const started = performance.now();
      await asked.list(tenant, filter, 20, null);
      times[size].push(performance.now() - started);
    }
  }
  const median = (ms: number[]): number => ms.toSorted((a, b) => a - b)[12] ?? 0;
  return { small: median(times.small), large: median(times.large) };
}

/** Bytes of the files in a folder; what was put plainly is in them too. */
const diskOf = (path: string): number =>
  readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);

/**
 * Of everything that follows from records, but for marks, which say when that was, and for which of two records joined
 * them; counts of a day together, whoever counted.
 */
async function digestOfDerived(): Promise<string> {
  const digests: string[] = [];
  const counts = new Map<string, Counts>();
  for await (const item of scanItems(dynamo.client, { TableName: large })) {
    const key = keyIn(item);
    if (!isDerivedKey(key) || key.pk === marksPartition) continue;
    if (dayOfCounts(key)) {
      const sum = counts.get(key.pk) ?? noCounts();
      addCounts(sum, (await decompressJson(item.counts?.B ?? new Uint8Array())) as Counts);
      counts.set(key.pk, sum);
      continue;
    }
    const { writer: _, seq: __, findings, ...rest } = item;
    digests.push(sha256(canonicalJson({ ...rest, findings: findings?.SS?.toSorted() ?? null })));
  }
  return sha256(canonicalJson([digests.sort(), Object.fromEntries(counts)]));
}

const perSecond = (count: number, ms: number): string => `${((count / ms) * 1000).toFixed(0)}/s`;
const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;

await written(small, few, 0);
const diskBefore = diskOf(join(folder, 'data'));
const run = await written(large, decisions, compared);
console.log(
  `50 writers in 4 processes, ${decisions} decisions: ${run.appended} appended, ${run.spilled} in a spill`,
);
console.log(
  `log ${perSecond(run.compared, run.appendMs)}, plain conditional put ` +
    `${perSecond(run.compared, run.plainMs)}: an append takes ` +
    `${(run.appendMs / run.plainMs).toFixed(1)} times as long`,
);

const perDecision = (count: number): string => (count / run.appended).toFixed(2);
console.log(
  `calls of an append: ${perDecision(run.calls.records)} puts of the record, ${perDecision(run.calls.writes)} other ` +
    `writes (keys of patients, announcements), ${perDecision(run.calls.reads)} reads`,
);
console.log(
  `disk for each decision: ${((diskOf(join(folder, 'data')) - diskBefore) / run.appended / 1000).toFixed(1)} kB`,
);

const projecting = performance.now();
await Promise.all([smallLog, log].map((one) => one.projector.projectAll()));
console.log(
  `what follows from records, made afterwards by one process: ${perSecond(run.appended + few, performance.now() - projecting)}`,
);

for (const one of [smallLog, log]) await feedbackOn(one);
console.log(`one page of 20, median of 25: with ${few}, with ${decisions}, ratio`);
for (const [name, filter] of Object.entries(queries)) {
  const ms = await pageTimes(filter);
  console.log(
    `  ${name.padEnd(20)} ${ms.small.toFixed(1).padStart(6)} ms ${ms.large.toFixed(1).padStart(6)} ms  ` +
      (ms.large / ms.small).toFixed(2),
  );
}

const shipped = shippedRuleset();
const changed = createRuleset(
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
const stored: StoredDecision[] = [];
for await (const decision of iterateDecisions(log, tenant, {})) if (stored.push(decision) === 1000) break;
let equal = 0;
for (const decision of stored) if ((await replay(decision, shipped)).equal) equal += 1;
console.log(`replay: ${equal} of ${stored.length} equal to the byte`);
async function* all() {
  yield* stored;
}
const { flipped, byRule } = await compareRulesets(all(), async () => shipped, changed);
const expected = stored.filter(({ hookInstance }) => {
  const value = magnesiumOf(Number(hookInstance?.split('-')[1]));
  return value >= 0.95 && value < 1;
}).length;
console.log(
  `MG-001 below 0.95 instead of 1.0 mg/dL: ${flipped} flip, ${expected} have a value between; ` +
    [...byRule].map(([rule, { gained, lost }]) => `${rule} +${gained} -${lost}`).join(', '),
);

for (const table of [small, large]) {
  const { read, bytes, peak } = await inProcess<{ read: number; bytes: number; peak: number }>(
    { kind: 'export', endpoint: dynamo.endpoint, folder, table },
    true,
  );
  console.log(`export of ${read}: ${megabytes(bytes)} of NDJSON, heap at most ${megabytes(peak)}`);
}

const published: Seal[] = [];
const signer = createSigner(generatePrivateKey());
const sealer = createSealer({
  client: dynamo.client,
  table: large,
  signer,
  publish: async (seal) => void published.push(seal),
  // Seals end some seconds in the past, so that slow writers are in.
  now: () => new Date(Date.now() + 120_000),
});
await sealer.seal();
const report = await verifyLog(
  createTableSource(dynamo.client, large, createFileBlobs(join(folder, 'large'))),
  {
    publicKeys: [await signer.publicKey()],
    published,
    interval: 60_000,
    now: new Date(Date.now() + 120_000),
  },
);
console.log(
  `verify: ${report.ok ? 'whole' : 'NOT whole'}, ${report.records} records, ${report.verified} verified, ${published.length} seals, ${report.faults.length} faults`,
);
for (const fault of report.faults.slice(0, 5))
  console.log(`  ${fault.fault} ${fault.what}: ${fault.message}`);

const derivedBefore = await digestOfDerived();
const { log: another } = logOf(dynamo.endpoint, folder, large, 1);
const { complete } = await rebuild({ client: dynamo.client, table: large }, another.projector);
const isRebuiltEqual = complete && (await digestOfDerived()) === derivedBefore;
console.log(`rebuild: ${isRebuiltEqual ? 'equal' : 'NOT equal'}`);

await dynamo.close();
rmSync(folder, { recursive: true, force: true });
process.exitCode = report.ok && isRebuiltEqual && equal === stored.length && flipped === expected ? 0 : 1;
