/** Which writers may have written since their chains were last read to their ends. */
import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeItems } from '../../../functions/log/batch.ts';
import { createChains } from '../../../functions/log/chains.ts';
import { writerNotes } from '../../../functions/log/insert.ts';
import { type Item, N, S } from '../../../functions/log/items.ts';
import { heartbeatKey, keyItem, slotOf, writerKeys } from '../../../functions/log/keys.ts';
import { createLooks } from '../../../functions/log/looks.ts';
import { createTestLog, decisionRecord, minute, type TestLog, table } from '../../support/logs.ts';

let it: TestLog;
const put = (item: Item) => it.dynamo.client.send(new PutItemCommand({ TableName: table, Item: item }));
function looks() {
  const { client } = it.dynamo;
  const chains = createChains({ client, table, indexMayLead: false });
  return createLooks({ client, table, chains, key: heartbeatKey });
}

beforeAll(async () => {
  it = await createTestLog();
  for (const [time, writer] of [
    ['2026-01-28T10:00:00.000Z', 'old'],
    ['2026-01-30T23:58:00.000Z', 'late'],
    ['2026-01-31T11:44:00.000Z', 'before'],
    ['2026-01-31T12:02:00.000Z', 'now'],
  ] as const)
    for (const note of writerNotes(slotOf(time), writer)) await put(note);
  // As version 0.1.0 announces itself.
  for (const key of writerKeys('2026-01-31', '0.1.0-A')) await put(keyItem(key));
});
afterAll(() => it.close());

describe('writers to be read', () => {
  const swept = '2026-01-31T11:30:00.000Z';
  test.each<[string, Parameters<ReturnType<typeof looks>['next']>[0], string, string[]]>([
    [
      'of a log that was never read',
      null,
      '2026-01-31T12:03:00.000Z',
      ['0.1.0-A', 'before', 'late', 'now', 'old'],
    ],
    [
      'ten minutes before the last look and after it, in whole five minutes',
      { at: '2026-01-31T12:12:00.000Z', swept },
      '2026-01-31T12:13:00.000Z',
      ['now'],
    ],
    [
      'none where none announced itself since',
      { at: '2026-01-31T12:15:00.000Z', swept },
      '2026-01-31T12:16:00.000Z',
      [],
    ],
    [
      'over midnight',
      { at: '2026-01-31T00:04:00.000Z', swept: '2026-01-30T23:30:00.000Z' },
      '2026-01-31T00:05:00.000Z',
      ['before', 'late', 'now'],
    ],
    [
      'all of the days since the last sweep, an hour after it',
      { at: '2026-01-31T12:29:00.000Z', swept },
      '2026-01-31T12:30:00.000Z',
      ['0.1.0-A', 'before', 'late', 'now'],
    ],
    [
      'all of the days since the last look where no sweep is noted',
      { at: '2026-01-31T12:29:00.000Z', swept: '' },
      '2026-01-31T12:30:00.000Z',
      ['0.1.0-A', 'before', 'late', 'now'],
    ],
  ])('%s', async (_, last, now, names) => {
    const { writers } = await looks().next(last, new Date(now));
    expect([...writers].sort()).toEqual(names);
  });
});

test('a look is noted when it began; a sweep too', async () => {
  expect(await looks().last()).toBeNull();
  const first = await looks().next(null, new Date('2026-01-31T12:00:00.000Z'));
  await looks().note(first.looked);
  const last = await looks().last();
  expect(last).toEqual({ at: '2026-01-31T12:00:00.000Z', swept: '2026-01-31T12:00:00.000Z' });
  const { looked } = await looks().next(last, new Date('2026-01-31T12:01:00.000Z'));
  expect(looked).toEqual({ at: '2026-01-31T12:01:00.000Z', swept: '2026-01-31T12:00:00.000Z' });
});

test('a note of another version without a sweep', async () => {
  await put({ ...keyItem(heartbeatKey), at: S('2026-01-31T12:00:00.000Z'), more: N(1) });
  expect(await looks().last()).toEqual({ at: '2026-01-31T12:00:00.000Z', swept: '' });
});

describe('a sealer', () => {
  test('of two thousand writers with nothing new: a heartbeat, in few calls', async () => {
    const log = await createTestLog();
    const { client } = log.dynamo;
    await log.log.append(decisionRecord(1));
    log.clock.now += minute;
    expect(await log.sealer.seal()).toMatchObject({ n: 1, size: 1 });
    const slot = slotOf(new Date(log.clock.now).toISOString());
    await writeItems(
      client,
      table,
      Array.from({ length: 2000 }, (_, number) => writerNotes(slot, `w${number}`)[2] ?? {}),
    );
    log.clock.now += 20 * minute;
    expect(await log.sealer.seal()).toBeNull();
    let calls = 0;
    client.middlewareStack.add((next) => (args) => {
      calls += 1;
      return next(args);
    });
    log.clock.now += minute;
    expect(await log.sealer.seal()).toBeNull();
    expect(calls).toBeLessThanOrEqual(10);
    await log.log.append(decisionRecord(2));
    log.clock.now += minute;
    expect(await log.sealer.seal()).toMatchObject({ n: 2, size: 2 });
    expect(await log.verify()).toMatchObject({ ok: true, verified: 2 });
    await log.close();
  });
});

describe('a writer announces itself', () => {
  test('before its first record of each five minutes, and not before the others', async () => {
    const log = await createTestLog({ writers: 1 });
    const sent: string[] = [];
    log.dynamo.client.middlewareStack.add((next) => (args) => {
      const { Item: sentItem } = args.input as { Item?: Item };
      sent.push(sentItem?.record ? 'record' : (sentItem?.pk?.S?.split('#')[0] ?? ''));
      return next(args);
    });
    const notesOf = async (number: number) => {
      sent.length = 0;
      await log.log.append(decisionRecord(number));
      return sent.filter((name) => ['ACTIVE', 'WRITERS'].includes(name)).sort();
    };
    expect(await notesOf(1)).toEqual(['ACTIVE', 'WRITERS', 'WRITERS']);
    expect(sent.indexOf('ACTIVE')).toBeLessThan(sent.indexOf('record'));
    expect(await notesOf(2)).toEqual([]);
    log.clock.now += 5 * minute;
    expect(await notesOf(3)).toEqual(['ACTIVE']);
    log.clock.now += 24 * 60 * minute;
    expect(await notesOf(4)).toEqual(['ACTIVE', 'WRITERS', 'WRITERS']);
    await log.close();
  });
});
