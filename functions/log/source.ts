/** The whole log for a reader of all of it: from the table. */
import { type DynamoDBClient, QueryCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { itemsAt } from './batch.ts';
import type { Blobs } from './blobs.ts';
import { type Item, keyIn, keyItem, keyOf, nameOf, S, sealPartition, tilePartition } from './items.ts';
import type { Seal } from './sealer.ts';
import { decompressJson } from './stored.ts';
import type { ManifestEntry } from './tree.ts';
import type { LogSource } from './verify.ts';

export function tableSource(client: DynamoDBClient, table: string, blobs: Blobs): LogSource {
  async function* partition(pk: string): AsyncGenerator<Item> {
    let last: Item | undefined;
    do {
      const answer: { Items?: Item[]; LastEvaluatedKey?: Item | undefined } = await client.send(
        new QueryCommand({
          TableName: table,
          KeyConditionExpression: 'pk = :pk',
          ExpressionAttributeValues: { ':pk': S(pk) },
          ConsistentRead: true,
          ...(last ? { ExclusiveStartKey: last } : {}),
        }),
      );
      yield* answer.Items ?? [];
      last = answer.LastEvaluatedKey;
    } while (last);
  }

  return {
    blobs,
    async *seals() {
      for await (const { seal } of partition(sealPartition))
        if (seal?.B) yield (await decompressJson(seal.B)) as Seal;
    },
    async *manifest() {
      for await (const { tile } of partition(tilePartition(0)))
        if (tile?.B) yield* (await decompressJson(tile.B)) as ManifestEntry[];
    },
    async records(names) {
      const found = new Map<string, Item>();
      const keys = names.map((name) => keyItem(keyOf(name)));
      for await (const item of itemsAt(client, table, keys)) found.set(nameOf(keyIn(item)), item);
      return found;
    },
    async *all() {
      let last: Item | undefined;
      do {
        const answer: { Items?: Item[]; LastEvaluatedKey?: Item | undefined } = await client.send(
          new ScanCommand({ TableName: table, ...(last ? { ExclusiveStartKey: last } : {}) }),
        );
        // Only records carry one; postings, seals and tiles do not.
        for (const item of answer.Items ?? []) if (item.record) yield item;
        last = answer.LastEvaluatedKey;
      } while (last);
    },
  };
}
