/** The insert of what waited, from a spill or from the queue: the same puts as if the table had never been away. */
import { ConditionalCheckFailedException, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Item } from './items.ts';
import {
  activeKey,
  dayOf,
  displacedKey,
  type Key,
  keyIn,
  keyItem,
  lostWriterIn,
  slotOf,
  writerIn,
  writerKeys,
} from './keys.ts';
import { createPuts, notYetThere } from './puts.ts';

/** Puts items that belong together. @throws what DynamoDB throws: then all of them are to come again */
export type Insert = (items: Item[]) => Promise<void>;

/**
 * The notes by which a writer is found (looks.ts): those that it needs before a record at a time.
 * @param announced the five minutes of its last announcement; null where it made none
 */
export function writerNotes(slot: string, writer: string, announced: string | null = null): Item[] {
  if (announced === slot) return [];
  const ofTheDay =
    announced !== null && dayOf(announced) === dayOf(slot) ? [] : writerKeys(dayOf(slot), writer);
  return [...ofTheDay, activeKey(slot, writer)].map(keyItem);
}

/**
 * @param options.patience milliseconds for all items of one call
 * @param options.inserted told of each record that is in the table
 */
export function createInsert(options: {
  client: DynamoDBClient;
  table: string;
  patience: number;
  now(): Date;
  inserted?: (key: Key, writer: string) => void;
}): Insert {
  const { patience, now, inserted } = options;
  const { put, hashAt } = createPuts(options);

  /** A record that meets another under its key is kept beside it: both were answered. */
  async function putRecord(item: Item, hash: string, signal: AbortSignal): Promise<void> {
    try {
      await put(item, signal, notYetThere);
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
      const key = keyIn(item);
      if ((await hashAt(key)) !== hash) await put({ ...item, ...keyItem(displacedKey(key, hash)) }, signal);
    }
  }

  return async (items) => {
    const signal = AbortSignal.timeout(patience);
    for (const item of items) {
      if (!item.hash) {
        await put(item, signal);
        const lostOf = lostWriterIn(keyIn(item));
        if (lostOf !== null) inserted?.(keyIn(item), lostOf);
        continue;
      }
      // Who looks for writers may have passed the time this one wrote at.
      const writer = writerIn(item.gsi3pk?.S ?? '');
      const notes = writer === '' ? [] : writerNotes(slotOf(now().toISOString()), writer);
      for (const note of notes) await put(note, signal);
      await putRecord(item, item.hash.S ?? '', signal);
      inserted?.(keyIn(item), writer);
    }
  };
}
