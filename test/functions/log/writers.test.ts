/**
 * Never lost: every row of the failure table, with faults under the real AWS SDK. At the end records = answers,
 * every chain is whole, and the log verifies.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { LogUnavailable } from '../../../functions/log/decision-log.ts';
import { createTableSource } from '../../../functions/log/source.ts';
import type { Spill } from '../../../functions/log/spill.ts';
import { createFaultyDynamo, type Fault, type FaultyDynamo } from '../../support/faulty-dynamo.ts';
import { createTestLog, decisionRecord, minute, type TestLog, table } from '../../support/logs.ts';

let it: TestLog;
let faulty: FaultyDynamo;
let spillFails = false;

beforeEach(async () => {
  spillFails = false;
  it = await createTestLog({
    through: async (endpoint) => {
      faulty = await createFaultyDynamo(endpoint);
      return faulty.endpoint;
    },
    spill: (real: Spill): Spill => ({
      ...real,
      keep: (items) =>
        spillFails ? Promise.reject(new Error('ENOSPC: no space left on device')) : real.keep(items),
    }),
  });
});
afterEach(async () => {
  await faulty.close();
  await it.close();
});

const records = async (): Promise<string[]> => {
  const names: string[] = [];
  for await (const item of createTableSource(it.dynamo.client, table, it.blobs).all())
    names.push(item.decisionId?.S ?? '');
  return names;
};

/** Answers as a caller gets them: ids of what was answered. */
async function answers(numbers: readonly number[]): Promise<string[]> {
  const given = await Promise.allSettled(
    numbers.map(async (number) => (await it.log.append(decisionRecord(number))).record.decisionId),
  );
  return given.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
}

/** The table is back: what waits is drained, and the log is sealed and verified. */
async function settled() {
  faulty.up();
  spillFails = false;
  it.clock.now += minute;
  await it.log.drain();
  await it.sealer.seal();
  return it.verify({ published: it.published });
}

const ten = Array.from({ length: 10 }, (_, index) => index);

describe('one put in ten fails', () => {
  test.each<[Fault, number]>([
    ['throttle', 1],
    ['throttle', 9],
    ['server-error', 1],
    ['server-error', 9],
    ['hang-before', 1],
    ['hang-after', 1],
    ['cut-before', 1],
    ['cut-before', 9],
    ['cut-after', 1],
    ['cut-after', 9],
  ])('%s, %i times in a row: ten answers, ten records', async (fault, times) => {
    faulty.fail(fault, times);
    const given = await answers(ten);
    expect(given.length).toBe(10);
    const report = await settled();
    expect(report).toMatchObject({ ok: true, records: 10, verified: 10, faults: [] });
    expect((await records()).sort()).toEqual(given.sort());
    expect(it.log.waiting()).toBe(0);
  });
});

test('the table is down: ten answers from the spill, visible as waiting, drained when it is back', async () => {
  faulty.down();
  const given = await answers(ten);
  expect(given.length).toBe(10);
  expect(it.log.waiting()).toBe(10);
  expect(readdirSync(join(it.folder, 'spill')).length).toBe(10);
  expect(await settled()).toMatchObject({ ok: true, records: 10, verified: 10 });
  expect((await records()).sort()).toEqual(given.sort());
  const [id = ''] = given;
  expect((await it.log.find('hospital', id))?.cards.length).toBeGreaterThan(0);
});

test('the table is down and the process dies: the next one finds the spill and drains it', async () => {
  faulty.down();
  const given = await answers(ten);
  faulty.up();
  const next = it.open();
  expect(next.log.waiting()).toBe(10);
  expect(await next.log.drain()).toBe(10);
  expect((await records()).sort()).toEqual(given.sort());
  it.clock.now += minute;
  await it.sealer.seal();
  expect((await it.verify()).ok).toBe(true);
});

test('the same request again while the table is down: the kept answer, and one record in the end', async () => {
  faulty.down();
  const first = await it.log.append(decisionRecord(1));
  const again = await Promise.all(Array.from({ length: 20 }, () => it.log.append(decisionRecord(1))));
  expect(again.every(({ repeated }) => repeated)).toBe(true);
  expect(new Set(again.map(({ record }) => record.hash))).toEqual(new Set([first.record.hash]));
  await settled();
  expect(await records()).toEqual([first.record.decisionId]);
});

test('two processes answer the same request while the table is down: both answers are kept, one of them found', async () => {
  faulty.down();
  const { record } = await it.log.append(decisionRecord(1));
  await it.open().log.append(decisionRecord(1, { at: it.clock.now }));
  const both = it.open();
  expect(both.log.waiting()).toBe(2);
  faulty.up();
  await both.log.drain();
  it.clock.now += minute;
  await it.sealer.seal();
  expect(await it.verify()).toMatchObject({ ok: true, records: 2, verified: 2 });
  expect(await records()).toEqual([record.decisionId, record.decisionId]);
});

test('the disk of the spill is full, too: no answer, and no record of one', async () => {
  faulty.down();
  spillFails = true;
  await expect(it.log.append(decisionRecord(1))).rejects.toBeInstanceOf(LogUnavailable);
  expect(it.log.waiting()).toBe(0);
  expect(await settled()).toMatchObject({ ok: true, records: 0 });
});

test('table and spill fail for a while in the middle: answers = records, and every chain is whole', async () => {
  const before = await answers([0, 1, 2]);
  faulty.down();
  const spilled = await answers([3, 4, 5]);
  spillFails = true;
  expect(await answers([6, 7, 8])).toEqual([]);
  faulty.up();
  spillFails = false;
  it.clock.now += 3000;
  const after = await answers([9, 10, 11]);
  expect([before.length, spilled.length, after.length]).toEqual([3, 3, 3]);
  expect(await settled()).toMatchObject({ ok: true, records: 9, verified: 9 });
  expect((await records()).sort()).toEqual([...before, ...spilled, ...after].sort());
});

test('a damaged file of the spill leaves a hole that is named; what lies behind it is found and sealed', async () => {
  const one = { writers: 1 };
  const alone = await createTestLog({
    ...one,
    through: async (endpoint) => {
      await faulty.close();
      faulty = await createFaultyDynamo(endpoint);
      return faulty.endpoint;
    },
  });
  const [first] = [await alone.log.append(decisionRecord(1))];
  faulty.down();
  const { record: lost } = await alone.log.append(decisionRecord(2));
  const spill = join(alone.folder, 'spill');
  const [file = ''] = readdirSync(spill);
  expect(file).toContain(`~${lost.writer}~2.json`);
  writeFileSync(join(spill, file), readFileSync(join(spill, file), 'utf8').slice(0, 100));
  faulty.up();
  alone.clock.now += 3000;
  const { record: behind } = await alone.log.append(decisionRecord(3));
  await alone.log.drain();
  expect([alone.log.waiting(), alone.spill.aside()]).toEqual([0, 1]);
  alone.clock.now += 3 * minute;
  expect(await alone.sealer.seal()).toMatchObject({ size: 2, waiting: [] });
  const { ids } = await alone.log.list('hospital', { rule: 'IV-001' }, 10, null);
  expect(ids.sort()).toEqual([first.record.decisionId, behind.decisionId].sort());
  const { faults, unsealed } = await alone.verify();
  const named = new Set(faults.map(({ fault, what }) => `${fault} ${what}`));
  expect({ named: [...named], unsealed }).toEqual({
    named: [`chain-broken ${behind.decisionId}`],
    unsealed: 0,
  });
  await alone.close();
});

test('fifty identical requests at once: one decision, fifty equal answers', async () => {
  const given = await Promise.all(Array.from({ length: 50 }, () => it.log.append(decisionRecord(1))));
  expect(new Set(given.map(({ record }) => record.hash)).size).toBe(1);
  expect(given.filter(({ repeated }) => !repeated).length).toBe(1);
  expect((await records()).length).toBe(1);
});

test('the same request in another process: the stored answer', async () => {
  const first = await it.log.append(decisionRecord(1));
  const other = await it.open().log.append(decisionRecord(1));
  expect(other.repeated).toBe(true);
  expect(other.record).toEqual(first.record);
});

test('a record that the table can never take is no outage: it is refused, and the next one is stored', async () => {
  const large = { ...decisionRecord(1), service: 'x'.repeat(500_000) };
  await expect(it.log.append({ ...large, durationMs: randomDurations(30_000) })).rejects.toBeInstanceOf(
    LogUnavailable,
  );
  expect(it.log.waiting()).toBe(0);
  expect((await it.log.append(decisionRecord(2))).repeated).toBe(false);
  expect(it.log.waiting()).toBe(0);
  expect(await settled()).toMatchObject({ ok: true, records: 1, verified: 1 });
});

/** Numbers that gzip cannot make small. */
const randomDurations = (count: number): Record<string, number> =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [String(index), Math.sin(index)]));
