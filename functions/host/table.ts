/** The table on one machine, as functions/log/table-schema.ts has it. On AWS it is made by infra/table.ts. */
import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DescribeTableCommand,
  type DynamoDBClient,
  ResourceNotFoundException,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import { type Index, indexes, type KeyAttribute, tableKey } from '../log/table-schema.ts';

type Keys = Pick<Index, 'partition' | 'sort'>;

const keySchema = ({ partition, sort }: Keys) => [
  { AttributeName: partition.name, KeyType: 'HASH' as const },
  { AttributeName: sort.name, KeyType: 'RANGE' as const },
];

const definition = ({ name, type }: KeyAttribute) => ({ AttributeName: name, AttributeType: type });

/** What `CreateTable` is told. */
export function createTableInput(table: string): CreateTableCommandInput {
  const every: readonly Keys[] = [tableKey, ...indexes];
  return {
    TableName: table,
    BillingMode: 'PAY_PER_REQUEST',
    KeySchema: keySchema(tableKey),
    AttributeDefinitions: every.flatMap(({ partition, sort }) => [definition(partition), definition(sort)]),
    GlobalSecondaryIndexes: indexes.map((index) => ({
      IndexName: index.name,
      KeySchema: keySchema(index),
      Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: [...index.copies] },
    })),
  };
}

/** Creates the table where it is not there yet. For local use: an empty endpoint on loopback. */
export async function ensureTable(client: DynamoDBClient, table: string): Promise<void> {
  try {
    await client.send(new DescribeTableCommand({ TableName: table }));
    return;
  } catch (error) {
    if (!(error instanceof ResourceNotFoundException)) throw error;
  }
  await client.send(new CreateTableCommand(createTableInput(table)));
  await waitUntilTableExists({ client, maxWaitTime: 20, minDelay: 1 }, { TableName: table });
}
