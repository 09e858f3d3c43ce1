/** One item into the table, and whose record is there. */
import { type DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import type { Item } from './items.ts';
import { type Key, keyItem } from './keys.ts';

/** The whole of idempotency: a key is used once. */
export const notYetThere = 'attribute_not_exists(pk)';

/** The table says that this item is wrong: no outage, and no other try will be better. */
export const isRefusal = (error: unknown): boolean =>
  error instanceof Error && error.name === 'ValidationException';

export function createPuts({ client, table }: { client: DynamoDBClient; table: string }) {
  return {
    /** @throws ConditionalCheckFailedException, and what DynamoDB throws */
    put: (item: Item, signal: AbortSignal, condition?: string) =>
      client.send(
        new PutItemCommand({
          TableName: table,
          Item: item,
          ...(condition ? { ConditionExpression: condition } : {}),
        }),
        { abortSignal: signal },
      ),

    /** Hash of the record under a key; null where there is none. */
    async hashAt(key: Key): Promise<string | null> {
      const answer = await client.send(
        new GetItemCommand({
          TableName: table,
          Key: keyItem(key),
          ConsistentRead: true,
          ProjectionExpression: '#hash',
          ExpressionAttributeNames: { '#hash': 'hash' },
        }),
      );
      return answer.Item?.hash?.S ?? null;
    },
  };
}
