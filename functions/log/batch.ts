/** Many items at once. */
import { setTimeout as sleep } from 'node:timers/promises';
import {
  BatchGetItemCommand,
  type BatchGetItemCommandOutput,
  BatchWriteItemCommand,
  type DynamoDBClient,
  type KeysAndAttributes,
  type WriteRequest,
} from '@aws-sdk/client-dynamodb';
import type { Item } from './items.ts';
import { type Key, keyItem } from './keys.ts';
import { sideBySide } from './side-by-side.ts';

/** Most keys of one request: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html */
const mostKeys = 100;
/** Milliseconds before what was left is asked for again; then it is given up. */
const pauses = [25, 50, 100, 200, 400, 800, 1600];

/**
 * The items of these keys that exist, in no order. DynamoDB may answer a part and leave the rest, of more than 16 MB or
 * when it is throttled; the SDK does not ask again for that.
 * @throws when keys are still left after three seconds: a part is never taken for the whole
 */
export async function* itemsAt(
  client: DynamoDBClient,
  table: string,
  keys: readonly Item[],
  how: Omit<KeysAndAttributes, 'Keys'> = {},
): AsyncGenerator<Item> {
  for (let from = 0; from < keys.length; from += mostKeys) {
    let wanted: Item[] = keys.slice(from, from + mostKeys);
    for (let tries = 0; wanted.length > 0; tries += 1) {
      const answer: BatchGetItemCommandOutput = await client.send(
        new BatchGetItemCommand({ RequestItems: { [table]: { ...how, Keys: wanted } } }),
      );
      const found = answer.Responses?.[table] ?? [];
      yield* found;
      wanted = answer.UnprocessedKeys?.[table]?.Keys ?? [];
      // What comes in parts because it is large needs no pause.
      if (wanted.length === 0 || found.length > 0) continue;
      const pause = pauses[tries];
      if (pause === undefined) throw new Error(`DynamoDB does not answer for ${wanted.length} items`);
      await sleep(pause);
    }
  }
}

/** Most puts of one request: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html */
const mostPuts = 25;

/** Requests of one call that are under way at once. */
const width = 8;

/** What DynamoDB leaves is asked again, without end: the caller's time is the limit. */
const writeAll = (client: DynamoDBClient, table: string, requests: readonly WriteRequest[]): Promise<void> =>
  sideBySide(width, parts(requests, mostPuts), async (part) => {
    for (let left: readonly WriteRequest[] = part; left.length > 0; ) {
      const answer = await client.send(new BatchWriteItemCommand({ RequestItems: { [table]: [...left] } }));
      left = answer.UnprocessedItems?.[table] ?? [];
    }
  });

function* parts<T>(all: readonly T[], size: number): Generator<readonly T[]> {
  for (let from = 0; from < all.length; from += size) yield all.slice(from, from + size);
}

/** Puts all of them, in no order. */
export const writeItems = (client: DynamoDBClient, table: string, items: readonly Item[]): Promise<void> =>
  writeAll(
    client,
    table,
    items.map((item) => ({ PutRequest: { Item: item } })),
  );

/** Deletes all of them, in no order; what is not there is no error. */
export const deleteItems = (client: DynamoDBClient, table: string, keys: readonly Key[]): Promise<void> =>
  writeAll(
    client,
    table,
    keys.map((key) => ({ DeleteRequest: { Key: keyItem(key) } })),
  );
