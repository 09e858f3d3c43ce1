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

/** Puts all of them, in no order. What DynamoDB leaves is put again, without end: the caller's time is the limit. */
export async function writeItems(
  client: DynamoDBClient,
  table: string,
  items: readonly Item[],
): Promise<void> {
  for (let from = 0; from < items.length; from += mostPuts) {
    let left: readonly Item[] = items.slice(from, from + mostPuts);
    while (left.length > 0) {
      const requests = left.map((item) => ({ PutRequest: { Item: item } }));
      const answer = await client.send(new BatchWriteItemCommand({ RequestItems: { [table]: requests } }));
      left = (answer.UnprocessedItems?.[table] ?? []).flatMap(({ PutRequest }) =>
        PutRequest?.Item ? [PutRequest.Item] : [],
      );
    }
  }
}

/** Deletes all of them, in no order; what is not there is no error. */
export async function deleteItems(
  client: DynamoDBClient,
  table: string,
  keys: readonly Key[],
): Promise<void> {
  for (let from = 0; from < keys.length; from += mostPuts) {
    let left: WriteRequest[] = keys
      .slice(from, from + mostPuts)
      .map((key) => ({ DeleteRequest: { Key: keyItem(key) } }));
    while (left.length > 0) {
      const answer = await client.send(new BatchWriteItemCommand({ RequestItems: { [table]: left } }));
      left = answer.UnprocessedItems?.[table] ?? [];
    }
  }
}
