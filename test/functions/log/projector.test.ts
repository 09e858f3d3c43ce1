/**
 * What follows from records is made after the answer: one put a decision, made again wherever it was stopped, equal
 * when it is rebuilt, counted once, joined with its feedback in whatever order both come.
 */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createLocalDynamo } from '../../../functions/host/embedded.ts';
import { decompressJson } from '../../../functions/log/compression.ts';
import { addCounts, type Counts, noCounts } from '../../../functions/log/counts.ts';
import type { Item } from '../../../functions/log/items.ts';
import { dayOfCounts, isDerivedKey, keyIn, nameOf } from '../../../functions/log/keys.ts';
import { scanItems } from '../../../functions/log/paging.ts';
import { rebuild } from '../../../functions/log/rebuild.ts';
import { createTestLog, decisionRecord, feedbackOn, start, type TestLog, table } from '../../support/logs.ts';

let it: TestLog;
beforeEach(async () => {
  it = await createTestLog({ writers: 1 });
});
afterEach(() => it.close());

const tenant = 'hospital';
const [card = ''] = decisionRecord(1).cards.map(({ uuid }) => uuid);

/** Counts what a client sends, and lets nothing pass after so many writes, as if the process had ended. */
function watched(client: DynamoDBClient, limit = Number.POSITIVE_INFINITY) {
  const sent: string[] = [];
  let writes = 0;
  client.middlewareStack.add(
    (next, { commandName = '' }) =>
      async (call) => {
        const isWrite = /Put|Write|Update|Delete/.test(commandName);
        if (isWrite && writes >= limit) throw new Error('the process was stopped');
        sent.push(commandName);
        writes += Number(isWrite);
        return next(call);
      },
    { step: 'initialize' },
  );
  return { sent, writes: () => writes };
}

/** All that follows from records: items by name; counts of a day together, whoever counted them. */
async function derived(): Promise<Record<string, unknown>> {
  const found: Record<string, unknown> = {};
  for await (const item of scanItems(it.dynamo.client, { TableName: table })) {
    const key = keyIn(item);
    if (!isDerivedKey(key)) continue;
    const day = dayOfCounts(key);
    if (day) {
      found[key.pk] ??= noCounts();
      addCounts(
        found[key.pk] as Counts,
        (await decompressJson(item.counts?.B ?? new Uint8Array())) as Counts,
      );
    } else if (key.sk !== '#all') found[nameOf(key)] = withoutClaim(item);
  }
  return found;
}
/** Which record joined two that were there before is no claim about the log. */
const withoutClaim = ({ writer: _, seq: __, ...item }: Item): Item => item;

const append = (number: number, given: Parameters<typeof decisionRecord>[1] = {}, log = it.log) =>
  log.append(decisionRecord(number, given));
const override = {
  outcome: 'overridden',
  overrideReason: { system: 'urn:epsom:override-reason', code: 'emergency' },
} as const;

test('a decision of a writer that is known is one put before the answer, and no read', async () => {
  await append(1);
  await it.log.projector.caughtUp();
  const client = createLocalDynamo(it.dynamo.endpoint);
  const { log } = it.open({ client });
  await append(2, {}, log);
  await log.projector.caughtUp();
  const { sent } = watched(client, 1);
  // Nothing but its own put passes, and the answer is there.
  expect((await append(3, {}, log)).repeated).toBe(false);
  expect(sent).toEqual(['PutItemCommand']);
});

test('what this process wrote is found at once, and counted', async () => {
  const { record } = await append(1);
  expect((await it.log.list(tenant, { rule: 'IV-001' }, 10, null)).ids).toEqual([record.decisionId]);
  await it.log.addFeedback(feedbackOn(record, override), 'e1');
  expect((await it.log.list(tenant, { outcome: 'overridden' }, 10, null)).ids).toEqual([record.decisionId]);
  const counts = (await it.log.countsOf(tenant, ['2026-01-31'])).get('2026-01-31');
  expect(counts?.evaluated).toEqual({ [record.ruleset.digest]: 1 });
  expect(counts?.rules['IV-001']).toMatchObject({
    fired: 1,
    shown: 1,
    overridden: { 'urn:epsom:override-reason|emergency': 1 },
    answered: 1,
  });
});

test('the same request and the same feedback again count once', async () => {
  const { record } = await append(1);
  for (const _ of [1, 2, 3]) {
    expect((await append(1)).repeated || record !== null).toBe(true);
    await it.log.addFeedback(feedbackOn(record, override), 'e1');
  }
  const counts = (await it.log.countsOf(tenant, ['2026-01-31'])).get('2026-01-31');
  expect(counts?.rules['IV-001']).toMatchObject({ fired: 1, answered: 1 });
  expect(counts?.rules['IV-001']?.overridden).toEqual({ 'urn:epsom:override-reason|emergency': 1 });
});

test('why a finding was withheld and what an undecided rule waits for are counted', async () => {
  const { record } = await append(1);
  const counts = (await it.log.countsOf(tenant, ['2026-01-31'])).get('2026-01-31');
  const withheld = record.evaluations.find(({ outcome, shown }) => outcome === 'fired' && !shown);
  const undecided = record.evaluations.find(({ outcome }) => outcome === 'indeterminate');
  if (withheld) expect(Object.values(counts?.rules[withheld.rule]?.withheld ?? {})).toEqual([1]);
  expect(Object.values(counts?.rules[undecided?.rule ?? '']?.undecided ?? {}).every((n) => n === 1)).toBe(
    true,
  );
  expect(undecided).toBeDefined();
});

describe('feedback joins its decision', () => {
  test('also where it came first', async () => {
    const record = decisionRecord(1);
    const feedback = feedbackOn(record, override);
    expect(await it.log.addFeedback(feedback, 'e1')).toEqual({ decisionId: null });
    expect((await it.log.list(tenant, { outcome: 'overridden' }, 10, null)).ids).toEqual([]);
    await it.log.append(record);
    expect((await it.log.list(tenant, { outcome: 'overridden' }, 10, null)).ids).toEqual([record.decisionId]);
    const counts = (await it.log.countsOf(tenant, ['2026-01-31'])).get('2026-01-31');
    expect(counts?.rules['IV-001']).toMatchObject({ shown: 1, answered: 1 });
  });

  test('of a later day it counts there, and the card as answered on the day it was shown', async () => {
    const { record } = await append(1);
    const receivedAt = '2026-02-03T08:00:00.000Z';
    await it.log.addFeedback(feedbackOn(record, { ...override, receivedAt }), 'e1');
    const counts = await it.log.countsOf(tenant, ['2026-01-31', '2026-02-03']);
    expect(counts.get('2026-01-31')?.rules['IV-001']).toMatchObject({ answered: 1, overridden: {} });
    expect(counts.get('2026-02-03')?.rules['IV-001']).toMatchObject({ answered: 0, shown: 0 });
    expect(Object.values(counts.get('2026-02-03')?.rules['IV-001']?.overridden ?? {})).toEqual([1]);
  });

  test('two events of one card: both counted, the card answered once', async () => {
    const { record } = await append(1);
    await it.log.addFeedback(feedbackOn(record, override), 'e1');
    const later = {
      outcome: 'accepted' as const,
      acceptedSuggestions: ['s'],
      outcomeTimestamp: '2026-01-31T12:05:00.000Z',
    };
    await it.log.addFeedback(feedbackOn(record, later), 'e2');
    const counts = (await it.log.countsOf(tenant, ['2026-01-31'])).get('2026-01-31');
    expect(counts?.rules['IV-001']).toMatchObject({ accepted: 1, answered: 1 });
  });
});

/** Two decisions, feedback, a look, and a decision of the next day. */
async function story(log: TestLog['log']): Promise<void> {
  const { record } = await append(1, {}, log);
  await append(2, { patient: 'other' }, log);
  await log.addFeedback(feedbackOn(record, override), 'e1');
  await log.addAccess(
    {
      schema: 'epsom.access/1',
      tenant,
      client: 'ehr',
      user: null,
      what: 'read',
      path: '/decisions',
      address: null,
      decisionId: record.decisionId,
      filter: {},
      count: 1,
      at: '2026-01-31T12:01:00.000Z',
    },
    record.patient,
    'a1',
  );
  await append(3, { at: start + 86_400_000 }, log);
  await log.projector.caughtUp();
}

test('rebuilt, it is equal', async () => {
  await story(it.log);
  const before = await derived();
  expect(Object.keys(before).length).toBeGreaterThan(15);
  const { log } = it.open();
  const { removed, complete } = await rebuild({ client: it.dynamo.client, table }, log.projector);
  expect(complete).toBe(true);
  expect(removed).toBeGreaterThan(15);
  expect(await derived()).toEqual(before);
});

test('stopped before any write, and begun again by another process, it is whole', async () => {
  await story(it.log);
  const whole = await derived();
  const marks = Object.keys(whole).filter((name) => name.startsWith('MARKS'));
  const rest = Object.entries(whole).filter(([name]) => !marks.includes(name));
  let limit = 0;
  for (let isStopped = true; isStopped; limit += 1) {
    const own = await createTestLog({ writers: 1 });
    // The story ends on the next day.
    own.clock.now += 24 * 60 * 60_000;
    const client = createLocalDynamo(own.dynamo.endpoint);
    const { writes } = watched(client, limit);
    const stopped = own.open({ client });
    await story(stopped.log).catch(() => undefined);
    await stopped.log.projector.caughtUp();
    isStopped = writes() === limit;
    const kept = it;
    it = own;
    const next = own.open();
    await next.log.drain();
    // The client sends again what was not answered.
    await story(next.log);
    expect(await next.log.projector.projectAll()).toBe(true);
    const found = await derived();
    expect(Object.entries(found).filter(([name]) => !name.startsWith('MARKS'))).toEqual(rest);
    own.clock.now += 60_000;
    await own.sealer.seal();
    expect(await own.verify(), `stopped after ${limit} writes`).toMatchObject({ ok: true, records: 5 });
    await own.close();
    it = kept;
  }
  expect(limit).toBeGreaterThan(20);
}, 120_000);

test('a record that cannot be read does not keep the next ones out', async () => {
  const { record } = await append(1);
  await append(2);
  await it.log.projector.caughtUp();
  await it.spoil(record.decisionId);
  const reported: unknown[] = [];
  const { log } = it.open({ report: (event, detail) => reported.push([event, detail.problem]) });
  const { complete } = await rebuild({ client: it.dynamo.client, table }, log.projector);
  expect(complete).toBe(true);
  expect(reported).toEqual([['not-projected', 'the record cannot be read']]);
  expect(log.projector.state()).toEqual({ aside: 1, behind: 0 });
  expect((await log.list(tenant, { rule: 'IV-001' }, 10, null)).ids.length).toBe(1);
  expect(card).not.toBe('');
});
