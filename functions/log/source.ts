/** The whole log for a reader of all of it: what a source is, and the table as one. The other is an archive. */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { itemsAt } from './batch.ts';
import type { Blobs } from './blobs.ts';
import { decompressJson } from './compression.ts';
import { type Item, S } from './items.ts';
import { keyIn, keyItem, keyOf, nameOf, sealPartition, tilePartition } from './keys.ts';
import { queryItems, scanItems } from './paging.ts';
import type { Seal } from './seal.ts';
import type { ManifestEntry } from './tree.ts';

/** Where the log is read from. */
export interface LogSource {
  /** In order of their numbers. */
  seals(): AsyncIterable<Seal>;
  /** In order of their leaves, from the first. */
  manifest(): AsyncIterable<ManifestEntry>;
  /** The items of these names, as far as they are there. */
  records(names: readonly string[]): Promise<ReadonlyMap<string, Item>>;
  /** Every item that is a record, in any order. */
  all(): AsyncIterable<Item>;
  blobs: Blobs;
  /** Where everything else is: what follows from records, notes, keys. Null of an archive, which has records alone. */
  table: { client: DynamoDBClient; name: string } | null;
}

/** What cannot be read is left out: a verifier misses it, and looks at the item itself. */
async function listIn<T>(
  attribute: Item[string] | undefined,
  listOf: (json: unknown) => unknown[],
): Promise<T[]> {
  const json = await decompressJson(attribute?.B ?? new Uint8Array()).catch(() => null);
  return json === null ? [] : (listOf(json) as T[]);
}

export function createTableSource(client: DynamoDBClient, table: string, blobs: Blobs): LogSource {
  const itemsOf = (partition: string): AsyncGenerator<Item> =>
    queryItems(client, {
      TableName: table,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': S(partition) },
      ConsistentRead: true,
    });

  return {
    blobs,
    table: { client, name: table },
    async *seals() {
      for await (const { seal } of itemsOf(sealPartition)) yield* await listIn<Seal>(seal, (json) => [json]);
    },
    async *manifest() {
      for await (const { tile } of itemsOf(tilePartition(0)))
        yield* await listIn<ManifestEntry>(tile, (json) => (Array.isArray(json) ? json : []));
    },
    async records(names) {
      const found = new Map<string, Item>();
      const keys = names.map((name) => keyItem(keyOf(name)));
      for await (const item of itemsAt(client, table, keys)) found.set(nameOf(keyIn(item)), item);
      return found;
    },
    async *all() {
      // Only records carry one; index items, seals and tiles do not.
      for await (const item of scanItems(client, { TableName: table })) if (item.record) yield item;
    },
  };
}
