/**
 * Everything a query or a scan finds, item by item. DynamoDB answers at most 1 MB at once; the SDK's paginators ask
 * for the rest when it is wanted.
 */
import {
  type DynamoDBClient,
  paginateQuery,
  paginateScan,
  type QueryCommandInput,
  type ScanCommandInput,
} from '@aws-sdk/client-dynamodb';
import type { Item } from './items.ts';

/** @param input with `Limit` for the size of a page; it ends when the caller stops reading */
export async function* queryItems(client: DynamoDBClient, input: QueryCommandInput): AsyncGenerator<Item> {
  for await (const { Items } of paginateQuery({ client }, input)) yield* Items ?? [];
}

export async function* scanItems(client: DynamoDBClient, input: ScanCommandInput): AsyncGenerator<Item> {
  for await (const { Items } of paginateScan({ client }, input)) yield* Items ?? [];
}
