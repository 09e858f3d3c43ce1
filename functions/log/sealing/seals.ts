/** Seals in the table, and the sealer's notes of what they cover, which follow from them and can be made again. */

import { type DynamoDBClient, GetItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import { itemsAt } from '../batch.ts';
import { compressJson, decompressJson } from '../compression.ts';
import { B, type Item, N, S } from '../items.ts';
import { keyIn, keyItem, leafKey, sealedUpToKey, sealKey, sealPartition } from '../keys.ts';
import { putWhere } from '../one-item.ts';
import { notYetThere } from '../puts.ts';
import type { Seal } from '../seal.ts';
import { type ManifestEntry, tileWidth } from '../tree.ts';

const sealIn = async (item: Item | undefined): Promise<Seal | null> =>
  item?.seal?.B ? ((await decompressJson(item.seal.B)) as Seal) : null;

export function createSeals({ client, table }: { client: DynamoDBClient; table: string }) {
  /** Number of the last record of each writer that is sealed; of none before its first. */
  async function sealedUpToOf(writers: readonly string[]): Promise<Map<string, number>> {
    const keys = writers.map((writer) => keyItem(sealedUpToKey(writer)));
    const found = new Map<string, number>();
    for await (const item of itemsAt(client, table, keys, { ConsistentRead: true }))
      found.set(keyIn(item).sk, Number(item.seq?.N ?? 0));
    return found;
  }

  return {
    /** Null for a log that was never sealed. */
    async last(): Promise<Seal | null> {
      const { Items } = await client.send(
        new QueryCommand({
          TableName: table,
          KeyConditionExpression: 'pk = :pk',
          ExpressionAttributeValues: { ':pk': S(sealPartition) },
          ScanIndexForward: false,
          Limit: 1,
          ConsistentRead: true,
        }),
      );
      return sealIn(Items?.[0]);
    },

    /** Null where there is none of this number. */
    async at(n: number): Promise<Seal | null> {
      const answer = await client.send(new GetItemCommand({ TableName: table, Key: keyItem(sealKey(n)) }));
      return sealIn(answer.Item);
    },

    /** @returns false when its number is taken: two sealers cannot fork the log */
    async add(seal: Seal): Promise<boolean> {
      const item = { ...keyItem(sealKey(seal.n)), seal: B(await compressJson(seal)), hash: S(seal.hash) };
      return putWhere({ client, table }, item, { ConditionExpression: notYetThere });
    },

    sealedUpToOf,
    /** The same of one writer; 0 before its first. */
    sealedUpTo: async (writer: string): Promise<number> => (await sealedUpToOf([writer])).get(writer) ?? 0,

    /** Where a sealed record is in the tree, by its name; null while it is not sealed. */
    async leafOf(name: string): Promise<{ leaf: number; seal: number } | null> {
      const answer = await client.send(new GetItemCommand({ TableName: table, Key: keyItem(leafKey(name)) }));
      const { leaf, seal } = answer.Item ?? {};
      return leaf?.N && seal?.N ? { leaf: Number(leaf.N), seal: Number(seal.N) } : null;
    },
  };
}

/**
 * Notes that follow a seal: how far each of its writers is sealed, and where each record's leaf is.
 * @param from the first leaf that is new in it
 * @param manifest reads one tile of level 0
 */
export async function notesOf(
  seal: Pick<Seal, 'n' | 'size' | 'writerHeads'>,
  from: number,
  manifest: (index: number) => Promise<readonly ManifestEntry[]>,
): Promise<Item[]> {
  const notes: Item[] = Object.entries(seal.writerHeads).map(([writer, { seq, hash }]) => ({
    ...keyItem(sealedUpToKey(writer)),
    seq: N(seq),
    hash: S(hash),
  }));
  for (let leaf = from; leaf < seal.size; leaf += 1) {
    const entry = (await manifest(Math.floor(leaf / tileWidth)))[leaf % tileWidth];
    if (entry) notes.push({ ...keyItem(leafKey(entry.name)), leaf: N(leaf), seal: N(seal.n) });
  }
  return notes;
}
