/**
 * When the chains were last read to their ends, and so which writers may have written since. A writer announces itself
 * before its first record of five minutes: who did not since the last look has nothing new, and is not read. Once an
 * hour all writers of the days since then are read, those too that announce themselves by day only, as version 0.1.0 did.
 */

import { type DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { day, hour, minute } from '../../rules/fhir/time.ts';
import type { Chains } from './chains.ts';
import { S } from './items.ts';
import { dayOf, type Key, keyItem } from './keys.ts';
import { itemAt } from './one-item.ts';

export interface Looked {
  /** When every chain was last read to its end, RFC 3339. */
  at: string;
  /** When all writers of the days before were, RFC 3339; empty where that is not known. */
  swept: string;
}

/** Clocks of writers may be off, a put may take a while, and an index shows it later. */
const margin = 10 * minute;

const before = (time: string, milliseconds: number): string =>
  new Date(Date.parse(time) - milliseconds).toISOString();

export type Looks = ReturnType<typeof createLooks>;

/** @param options.key where it is noted: each reader of all chains has its own */
export function createLooks(options: { client: DynamoDBClient; table: string; chains: Chains; key: Key }) {
  const { client, table, chains, key } = options;
  return {
    /** Null where that never was. */
    async last(): Promise<Looked | null> {
      const { at, swept } = (await itemAt({ client, table }, key)) ?? {};
      return at?.S === undefined ? null : { at: at.S, swept: swept?.S ?? '' };
    },

    /** Who may have written since, and what to note when all of them have been read. */
    async next(last: Looked | null, now: Date): Promise<{ writers: Set<string>; looked: Looked }> {
      const at = now.toISOString();
      if (last?.swept && now.getTime() - Date.parse(last.swept) < hour)
        return {
          writers: await chains.activeSince(before(last.at, margin)),
          looked: { at, swept: last.swept },
        };
      const since = last === null ? '0' : dayOf(before(last.swept || last.at, day));
      return { writers: await chains.writersSince(since), looked: { at, swept: at } };
    },

    async note({ at, swept }: Looked): Promise<void> {
      const item = { ...keyItem(key), at: S(at), swept: S(swept) };
      await client.send(new PutItemCommand({ TableName: table, Item: item }));
    },
  };
}
