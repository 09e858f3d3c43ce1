/**
 * A power cut, as the embedded store meets it: of its journal is left what was synced, and any part of what came after,
 * which may be zeros. Whatever was acknowledged by then is there, and the log of it is whole. In `npm test` at some bytes
 * of the journal, in `npm run journal` at every one.
 */
import { cpSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Level } from 'level';
import { beforeAll, expect, test } from 'vitest';
import { createEmbeddedDynamo } from '../../../functions/host/embedded.ts';
import { openLocalKeys } from '../../../functions/host/local-keys.ts';
import { createLocalLog } from '../../../functions/host/local-log.ts';
import { ensureTable } from '../../../functions/host/table.ts';
import { createTableSource } from '../../../functions/log/source.ts';
import { verifyLog } from '../../../functions/log/verify.ts';
import { shippedRuleset } from '../../../rules/library/shipped.ts';
import { decisionRecord, start, table } from '../../support/logs.ts';
import { sampled } from '../../support/random.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const isWhole = process.env.MODE === 'whole';
const decisions = isWhole ? 2 : 12;
/** Cuts at which the whole log is verified, too: that takes a second each. */
const verified = 4;

const now = () => new Date(start);
const openLog = async (where: string) => {
  const dynamo = await createEmbeddedDynamo(where);
  await ensureTable(dynamo.client, table);
  const local = createLocalLog({
    client: dynamo.client,
    table,
    folder: where,
    keys: await openLocalKeys(where, { client: dynamo.client, table }),
    sealInterval: 60,
    alone: true,
    ruleset: shippedRuleset(),
    now,
    report: () => undefined,
  });
  return { dynamo, local };
};

const journalIn = (where: string): string => {
  const store = join(where, 'dynamodb');
  const newest = readdirSync(store)
    .filter((name) => name.endsWith('.log'))
    .sort()
    .at(-1);
  return join(store, newest ?? '');
};

/** How long the journal was when a decision was acknowledged. */
const acknowledged: { id: string; length: number }[] = [];
let folder: string;
let journal: Buffer;
let first: number;

beforeAll(async () => {
  folder = temporaryFolder();
  const running = await openLog(folder);
  await running.local.log.prepare();
  first = statSync(journalIn(folder)).size;
  for (let number = 0; number < decisions; number += 1) {
    const { record } = await running.local.log.append(decisionRecord(number));
    acknowledged.push({ id: record.decisionId, length: statSync(journalIn(folder)).size });
    // Between two answers what follows from the first is written: cuts fall into that, too.
    if (number % 3 === 2) await running.local.log.projector.caughtUp();
    if (number % 6 === 5) await running.local.sealer.seal();
  }
  await running.local.log.projector.caughtUp();
  // As it lies on the disk while the server runs.
  journal = readFileSync(journalIn(folder));
  const copy = temporaryFolder();
  cpSync(folder, copy, { recursive: true, filter: (name) => !name.includes('.sock') });
  await running.dynamo.close();
  folder = copy;
}, 60_000);

interface Cut {
  at: number;
  /** Bytes of zeros behind it: a file that had grown, and whose content had not come to the disk. */
  zeros: number;
}

/** The folder after a cut. */
function afterCut({ at, zeros }: Cut): string {
  const cut = temporaryFolder();
  cpSync(folder, cut, { recursive: true });
  writeFileSync(journalIn(cut), Buffer.concat([journal.subarray(0, at), Buffer.alloc(zeros)]));
  return cut;
}

/** Ids of the decisions that the store has, read without DynamoDB. */
async function decisionsIn(cut: string): Promise<Set<string>> {
  const store = new Level<string, { decisionId?: { S: string }; record?: unknown }>(join(cut, 'dynamodb'), {
    valueEncoding: 'json',
  });
  const ids = new Set<string>();
  for await (const item of store.values({ gte: `item-${table}~`, lt: `item-${table}~\xff` }))
    if (item.record && item.decisionId) ids.add(item.decisionId.S);
  await store.close();
  return ids;
}

const cutsOf = (): Cut[] => {
  const all = Array.from({ length: journal.length - first + 1 }, (_, index) => first + index);
  const ends = acknowledged.map(({ length }) => length);
  const chosen = isWhole ? all : [...new Set([...ends, ...sampled(all, 40 / all.length)])];
  return chosen.map((at, index) => ({ at, zeros: index % 3 === 2 ? 5000 : 0 }));
};

test('the journal is where the records are', () => {
  expect(acknowledged).toHaveLength(decisions);
  expect(new Set(acknowledged.map(({ length }) => length)).size).toBe(decisions);
});

test('whatever was acknowledged before the cut is there', async () => {
  for (const cut of cutsOf()) {
    const folderCut = afterCut(cut);
    const held = await decisionsIn(folderCut);
    rmSync(folderCut, { recursive: true });
    const lost = acknowledged.filter(({ id, length }) => length <= cut.at && !held.has(id));
    expect([cut, lost]).toEqual([cut, []]);
  }
  if (isWhole)
    console.log(`${cutsOf().length} cuts of a journal of ${journal.length} bytes: nothing was lost`);
}, 7_200_000);

test('and once it runs again and has sealed, the log is whole', async () => {
  const cuts = cutsOf();
  for (let index = 0; index < verified; index += 1) {
    const cut = cuts[Math.floor(((index + 0.5) * cuts.length) / verified)];
    if (!cut) throw new Error('there are too few cuts');
    const again = await openLog(afterCut(cut));
    await again.local.log.projector.projectAll();
    await again.local.sealer.seal();
    const source = createTableSource(again.dynamo.client, table, again.local.blobs);
    const publicKeys = [await again.local.sealer.publicKey()];
    const report = await verifyLog(source, { publicKeys, published: [], interval: 60_000, now: now() });
    const count = acknowledged.filter(({ length }) => length <= cut.at).length;
    expect([cut, report.faults]).toEqual([cut, []]);
    expect(report.records).toBeGreaterThanOrEqual(count);
    await again.dynamo.close();
  }
}, 120_000);
