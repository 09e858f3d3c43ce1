/** One item of the table: read as it is now, put where a condition holds. */
import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  type PutItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import type { Item } from './items.ts';
import { type Key, keyItem } from './keys.ts';

export interface Place {
  client: DynamoDBClient;
  table: string;
}

/** Undefined where there is none. @throws what DynamoDB throws */
export async function itemAt({ client, table }: Place, key: Key): Promise<Item | undefined> {
  const answer = await client.send(
    new GetItemCommand({ TableName: table, Key: keyItem(key), ConsistentRead: true }),
  );
  return answer.Item;
}

type Condition = Pick<
  PutItemCommandInput,
  'ConditionExpression' | 'ExpressionAttributeNames' | 'ExpressionAttributeValues'
>;

/** @returns false where the condition does not hold: nothing was put. @throws what else DynamoDB throws */
export async function putWhere({ client, table }: Place, item: Item, condition: Condition): Promise<boolean> {
  try {
    await client.send(new PutItemCommand({ TableName: table, Item: item, ...condition }));
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}
