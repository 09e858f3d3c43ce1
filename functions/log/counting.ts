/**
 * Counts of a tenant and day (counts.ts), one item for each writer. An item says up to which record of its writer it is
 * true, and is only replaced by one that follows it: what is counted twice changes nothing.
 */

import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { compressJson, decompressJson } from './compression.ts';
import { addCounts, type Counts, countAnswered, countDecision, countFeedback, noCounts } from './counts.ts';
import { B, type Item, N, S } from './items.ts';
import { countsKey, countsPartition, dayOf, type Key, keyItem, nameOf } from './keys.ts';
import { itemAt, type Place, putWhere } from './one-item.ts';
import { queryItems } from './paging.ts';
import { notYetThere } from './puts.ts';
import { isDecision, type Projectable, type StoredFeedback } from './records.ts';
import type { StoredHead } from './stored.ts';

/** One feedback event that was joined to its decision: to be counted with the record of this number. */
export interface Joined {
  tenant: string;
  /** Of the record that joined it. */
  seq: number;
  feedback: StoredFeedback;
  head: StoredHead;
  /** Rules that the card listed. */
  rules: readonly string[];
  /** It is the first that came of the card. */
  isFirst: boolean;
}

/** Something to count, with the number of the record it follows from. */
export interface Countable {
  tenant: string;
  day: string;
  seq: number;
  count(counts: Counts): void;
}

/** Counts of one writer and day, and the number of the record they are true up to. */
export interface Kept {
  upTo: number;
  counts: Counts;
}

/** Items remembered at most, so that they are not read before each write. */
const mostRemembered = 1000;

const countsIn = async (item: Item): Promise<Counts> =>
  (await decompressJson(item.counts?.B ?? new Uint8Array())) as Counts;

/** @throws Error when the counts cannot be read */
export const keptIn = async (item: Item | undefined): Promise<Kept> =>
  item ? { upTo: Number(item.upTo?.N ?? 0), counts: await countsIn(item) } : { upTo: 0, counts: noCounts() };

/** What a batch of one writer and what it joined come to. */
export function countablesOf(batch: readonly Projectable[], joined: readonly Joined[]): Countable[] {
  const decisions = batch.flatMap(({ seq, record }): Countable[] =>
    isDecision(record)
      ? [
          {
            tenant: record.tenant,
            day: dayOf(record.decidedAt),
            seq,
            count: (counts) => countDecision(counts, record),
          },
        ]
      : [],
  );
  const feedback = joined.flatMap(({ tenant, seq, feedback: given, head, rules, isFirst }): Countable[] => [
    { tenant, day: dayOf(given.receivedAt), seq, count: (counts) => countFeedback(counts, given, rules) },
    ...(isFirst
      ? [{ tenant, day: dayOf(head.decidedAt), seq, count: (counts: Counts) => countAnswered(counts, rules) }]
      : []),
  ]);
  return [...decisions, ...feedback];
}

export type Counting = ReturnType<typeof createCounting>;

export function createCounting(place: Place) {
  const remembered = new Map<string, Kept>();

  async function keptAt(key: Key): Promise<Kept> {
    const known = remembered.get(nameOf(key));
    if (known) return known;
    return keptIn(await itemAt(place, key));
  }

  /** @returns false where another projector was faster */
  async function replace(key: Key, before: Kept, after: Kept): Promise<boolean> {
    const item = { ...keyItem(key), upTo: N(after.upTo), counts: B(await compressJson(after.counts)) };
    return putWhere(
      place,
      item,
      before.upTo === 0
        ? { ConditionExpression: notYetThere }
        : {
            ConditionExpression: 'upTo = :before',
            ExpressionAttributeValues: { ':before': N(before.upTo) },
          },
    );
  }

  async function addTo(key: Key, countables: readonly Countable[]): Promise<void> {
    const name = nameOf(key);
    for (;;) {
      const before = await keptAt(key);
      const news = countables.filter(({ seq }) => seq > before.upTo);
      if (news.length === 0) return;
      const counts = noCounts();
      addCounts(counts, before.counts);
      for (const { count } of news) count(counts);
      const after = { upTo: Math.max(...news.map(({ seq }) => seq)), counts };
      remembered.delete(name);
      if (!(await replace(key, before, after))) continue;
      if (remembered.size >= mostRemembered) remembered.clear();
      remembered.set(name, after);
      return;
    }
  }

  return {
    /** Number of the record of a writer up to which a day is counted. @throws what DynamoDB throws */
    upTo: async (tenant: string, day: string, writer: string): Promise<number> =>
      (await keptAt(countsKey(tenant, day, writer))).upTo,

    /** Counts a batch of one writer. @throws what DynamoDB throws */
    async add(batch: readonly Projectable[], joined: readonly Joined[]): Promise<void> {
      const [first] = batch;
      if (!first) return;
      const countables = countablesOf(batch, joined);
      const byDay = Map.groupBy(countables, ({ tenant, day }) => `${tenant}#${day}`);
      for (const group of byDay.values()) {
        const [one] = group;
        if (one) await addTo(countsKey(one.tenant, one.day, first.writer), group);
      }
    },
  };
}

/** Counts of a day, of all writers together. */
export async function countsOfDay(
  { client, table }: { client: DynamoDBClient; table: string },
  tenant: string,
  day: string,
): Promise<Counts> {
  const counts = noCounts();
  const items = queryItems(client, {
    TableName: table,
    KeyConditionExpression: 'pk = :day',
    ExpressionAttributeValues: { ':day': S(countsPartition(tenant, day)) },
    ConsistentRead: true,
  });
  for await (const item of items) addCounts(counts, await countsIn(item));
  return counts;
}
