/** How far each writer's chain is projected (projector.ts). */
import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import { N } from './items.ts';
import { keyItem, markKey } from './keys.ts';

export function createMarks({ client, table }: { client: DynamoDBClient; table: string }) {
  const known = new Map<string, number>();

  async function stored(writer: string): Promise<number> {
    const { Item } = await client.send(
      new GetItemCommand({ TableName: table, Key: keyItem(markKey(writer)), ConsistentRead: true }),
    );
    return Number(Item?.seq?.N ?? 0);
  }

  return {
    /** Number of the last record of a writer that is projected; 0 before the first. */
    async of(writer: string): Promise<number> {
      const seq = known.get(writer) ?? (await stored(writer));
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
  };
}
