/** How far each writer's chain is projected (projector.ts), and up to when all of them were. */
import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import { type Item, N, S } from './items.ts';
import { type Key, keyItem, markKey, projectedKey } from './keys.ts';

export function createMarks({ client, table }: { client: DynamoDBClient; table: string }) {
  const known = new Map<string, number>();

  async function itemAt(key: Key): Promise<Item | undefined> {
    const answer = await client.send(
      new GetItemCommand({ TableName: table, Key: keyItem(key), ConsistentRead: true }),
    );
    return answer.Item;
  }

  return {
    /** Number of the last record of a writer that is projected; 0 before the first. */
    async of(writer: string): Promise<number> {
      const seq = known.get(writer) ?? Number((await itemAt(markKey(writer)))?.seq?.N ?? 0);
      known.set(writer, seq);
      return seq;
    },

    /** Another projector may be further: a mark never goes back. */
    async move(writer: string, seq: number): Promise<void> {
      try {
        await client.send(
          new PutItemCommand({
            TableName: table,
            Item: { ...keyItem(markKey(writer)), seq: N(seq) },
            ConditionExpression: 'attribute_not_exists(pk) OR seq < :seq',
            ExpressionAttributeValues: { ':seq': N(seq) },
          }),
        );
      } catch (error) {
        if (!(error instanceof ConditionalCheckFailedException)) throw error;
      }
      known.set(writer, seq);
    },

    /** It is read again when it is next wanted. */
    forget: (writer: string): boolean => known.delete(writer),

    /** When every chain was last projected to its end, RFC 3339; null where that never was. */
    allProjected: async (): Promise<string | null> => (await itemAt(projectedKey))?.at?.S ?? null,

    async noteAllProjected(at: Date): Promise<void> {
      const item = { ...keyItem(projectedKey), at: S(at.toISOString()) };
      await client.send(new PutItemCommand({ TableName: table, Item: item }));
    },
  };
}
