/** Seals in the table, and the sealer's notes of what they cover, which follow from them and can be made again. */
import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
} from '@aws-sdk/client-dynamodb';
import { compressJson, decompressJson } from '../compression.ts';
import { B, type Item, N, S } from '../items.ts';
import { keyItem, leafKey, sealedUpToKey, sealKey, sealPartition } from '../keys.ts';
import type { Seal } from '../seal.ts';
import { type ManifestEntry, tileWidth } from '../tree.ts';

const sealIn = async (item: Item | undefined): Promise<Seal | null> =>
  item?.seal?.B ? ((await decompressJson(item.seal.B)) as Seal) : null;

export function createSeals({ client, table }: { client: DynamoDBClient; table: string }) {
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
      try {
        await client.send(
          new PutItemCommand({
            TableName: table,
            Item: { ...keyItem(sealKey(seal.n)), seal: B(await compressJson(seal)), hash: S(seal.hash) },
            ConditionExpression: 'attribute_not_exists(pk)',
          }),
        );
        return true;
      } catch (error) {
        if (error instanceof ConditionalCheckFailedException) return false;
        throw error;
      }
    },

    /** Number of the last record of a writer that is sealed; 0 before the first. */
    async sealedUpTo(writer: string): Promise<number> {
      const answer = await client.send(
        new GetItemCommand({
          TableName: table,
          Key: keyItem(sealedUpToKey(writer)),
          ConsistentRead: true,
        }),
      );
      return Number(answer.Item?.seq?.N ?? 0);
    },

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
