/** The table as erasing.ts and purging.ts read and change it. */
import { DeleteItemCommand, type DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { isObject, type Json } from '../../rules/fhir/json.ts';
import type { Blobs } from './blobs.ts';
import { decompressJson } from './compression.ts';
import type { DecisionLog } from './decision-log.ts';
import { type Item, S } from './items.ts';
import { type Key, keyItem } from './keys.ts';
import { asStoredToday } from './older-records.ts';
import { queryItems } from './paging.ts';
import { type PatientKeys, trusted } from './patients.ts';

export interface RetentionOptions {
  client: DynamoDBClient;
  table: string;
  log: Pick<DecisionLog, 'appendEvent'>;
  patients: PatientKeys;
  blobs: Blobs;
  newId(): string;
  now(): Date;
  /** For tests. Default: real time */
  wait?(milliseconds: number): Promise<unknown>;
}

/** Milliseconds after which no process writes with a key that was taken out of use, a put that hangs included. */
export const untilForgotten = 2 * trusted;

/** Null where it cannot be read. */
export async function recordIn(item: Item): Promise<Json | null> {
  const record: unknown = await decompressJson(item.record?.B ?? new Uint8Array()).catch(() => null);
  return isObject(record) ? asStoredToday(record) : null;
}

export function createRemoval({ client, table }: { client: DynamoDBClient; table: string }) {
  return {
    itemsOf: (partition: string): AsyncGenerator<Item> =>
      queryItems(client, {
        TableName: table,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': S(partition) },
        ConsistentRead: true,
      }),

    /** Of the patients' index. */
    itemsOfIndex: (partition: string, limit?: number): AsyncGenerator<Item> =>
      queryItems(client, {
        TableName: table,
        IndexName: 'gsi1',
        KeyConditionExpression: 'gsi1pk = :pk',
        ExpressionAttributeValues: { ':pk': S(partition) },
        ...(limit === undefined ? {} : { Limit: limit }),
      }),

    async remove(key: Key): Promise<void> {
      await client.send(new DeleteItemCommand({ TableName: table, Key: keyItem(key) }));
    },

    /** Nobody finds the item by its patient any more, nor can guess whom its record names. */
    async takeOutOfIndex(key: Key): Promise<void> {
      await client.send(
        new UpdateItemCommand({
          TableName: table,
          Key: keyItem(key),
          UpdateExpression: 'REMOVE gsi1pk, gsi1sk, salt',
        }),
      );
    },
  };
}
