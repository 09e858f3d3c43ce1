/** The table as a verifier reads it again: it writes nothing. */

import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { isObject } from '../../../rules/fhir/json.ts';
import { itemsAt } from '../batch.ts';
import { decompressJson } from '../compression.ts';
import type { Item } from '../items.ts';
import { type Key, keyIn, keyItem, keyOf, markKey, nameOf } from '../keys.ts';
import { asStoredToday } from '../older-records.ts';
import { itemAt } from '../one-item.ts';
import type { Projectable } from '../records.ts';
import { labelOf } from './leaves.ts';

/** Names remembered at most, so that they are not asked for again. */
const mostRemembered = 10_000;

/** A damaged item may name nothing. */
const isKey = ({ pk, sk }: Key): boolean => pk !== '' && sk !== '';

export type Reader = ReturnType<typeof createReader>;

export function createReader({ client, table }: { client: DynamoDBClient; table: string }) {
  const seen = new Set<string>();
  const marks = new Map<string, number>();

  const readAt = async (key: Key): Promise<Item | undefined> =>
    isKey(key) ? itemAt({ client, table }, key) : undefined;

  /** Items by their names, as far as they are there. */
  async function itemsOf(keys: readonly Key[]): Promise<Map<string, Item>> {
    const found = new Map<string, Item>();
    const unique = new Map(keys.filter(isKey).map((key) => [nameOf(key), keyItem(key)]));
    for await (const item of itemsAt(client, table, [...unique.values()], { ConsistentRead: true }))
      found.set(nameOf(keyIn(item)), item);
    return found;
  }

  return {
    client,
    table,
    itemAt: readAt,
    itemsOf,

    /** Names of those that are there. What was there before is not asked for again. */
    async areThere(keys: readonly Key[]): Promise<Set<string>> {
      const there = new Set<string>();
      const asked = new Map<string, Item>();
      for (const key of keys) {
        const name = nameOf(key);
        if (seen.has(name)) there.add(name);
        else if (isKey(key)) asked.set(name, keyItem(key));
      }
      if (seen.size > mostRemembered) seen.clear();
      const how = { ConsistentRead: true, ProjectionExpression: 'pk, sk' };
      for await (const item of itemsAt(client, table, [...asked.values()], how)) {
        there.add(nameOf(keyIn(item)));
        seen.add(nameOf(keyIn(item)));
      }
      return there;
    },

    /** Records of a writer, in the order of its chain. What cannot be read is named where records are looked at. */
    async records(names: readonly string[], writer: string): Promise<Projectable[]> {
      const found: Projectable[] = [];
      for (const item of (await itemsOf(names.map(keyOf))).values()) {
        const record: unknown = await decompressJson(item.record?.B ?? new Uint8Array()).catch(() => null);
        if (isObject(record))
          found.push({ writer, seq: Number(item.gsi3sk?.N), item, record: asStoredToday(record) });
      }
      return found.sort((a, b) => a.seq - b.seq);
    },

    /** Number of the last record of a writer that is projected; 0 before the first. */
    async markOf(writer: string): Promise<number> {
      const mark = marks.get(writer) ?? Number((await readAt(markKey(writer)))?.seq?.N ?? 0);
      if (marks.size > mostRemembered) marks.clear();
      marks.set(writer, mark);
      return mark;
    },
  };
}

/** A decision is called by its id, anything else by its keys. */
export const labelOfRecord = ({ item }: Pick<Projectable, 'item'>): string => labelOf(nameOf(keyIn(item)));
