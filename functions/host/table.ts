/** The table, as the decision log needs it (keys: decision-log.ts). On AWS it is made by infra/table.ts. */
import {
  CreateTableCommand,
  DescribeTableCommand,
  type DynamoDBClient,
  ResourceNotFoundException,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';

const keys = (pk: string, sk: string) => [
  { AttributeName: pk, KeyType: 'HASH' as const },
  { AttributeName: sk, KeyType: 'RANGE' as const },
];

/** What a list of decisions shows without reading the records. */
const listed = ['decisionId', 'decidedAt', 'service', 'client', 'hook', 'status', 'indicator', 'findings'];

/** Creates the table where it is not there yet. For local use: an empty endpoint on loopback. */
export async function ensureTable(client: DynamoDBClient, table: string): Promise<void> {
  try {
    await client.send(new DescribeTableCommand({ TableName: table }));
    return;
  } catch (error) {
    if (!(error instanceof ResourceNotFoundException)) throw error;
  }
  const names = ['pk', 'sk', 'gsi1pk', 'gsi1sk', 'gsi2pk', 'gsi2sk', 'gsi3pk'];
  await client.send(
    new CreateTableCommand({
      TableName: table,
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: keys('pk', 'sk'),
      AttributeDefinitions: [
        ...names.map((name) => ({ AttributeName: name, AttributeType: 'S' as const })),
        { AttributeName: 'gsi3sk', AttributeType: 'N' as const },
      ],
      GlobalSecondaryIndexes: [1, 2, 3].map((number) => ({
        IndexName: `gsi${number}`,
        KeySchema: keys(`gsi${number}pk`, `gsi${number}sk`),
        Projection:
          number === 3
            ? { ProjectionType: 'INCLUDE' as const, NonKeyAttributes: ['hash', 'prevHash', 'at'] }
            : { ProjectionType: 'INCLUDE' as const, NonKeyAttributes: listed },
      })),
    }),
  );
  await waitUntilTableExists({ client, maxWaitTime: 20, minDelay: 1 }, { TableName: table });
}
