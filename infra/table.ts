import { RemovalPolicy } from 'aws-cdk-lib';
import {
  AttributeType,
  BillingMode,
  type GlobalSecondaryIndexProps,
  ProjectionType,
  Table,
  TableEncryption,
} from 'aws-cdk-lib/aws-dynamodb';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';

/** What a list of decisions shows. The record itself (up to 300 KB) is read by its key, never copied here. */
const LISTED = ['decisionId', 'decidedAt', 'service', 'client', 'hook', 'status', 'indicator', 'findings'];

/**
 * The three indexes of the decision log. DynamoDB cannot change the projection of an index that exists:
 * a new attribute in a list needs a new index.
 */
export const indexes = [
  // By patient (keyed hash), then time.
  {
    indexName: 'gsi1',
    partitionKey: { name: 'gsi1pk', type: AttributeType.STRING },
    sortKey: { name: 'gsi1sk', type: AttributeType.STRING },
    projectionType: ProjectionType.INCLUDE,
    nonKeyAttributes: LISTED,
  },
  // By client, rule or outcome, then time.
  {
    indexName: 'gsi2',
    partitionKey: { name: 'gsi2pk', type: AttributeType.STRING },
    sortKey: { name: 'gsi2sk', type: AttributeType.STRING },
    projectionType: ProjectionType.INCLUDE,
    nonKeyAttributes: LISTED,
  },
  // A writer's chain by sequence number: a number, or 10 would sort before 2.
  {
    indexName: 'gsi3',
    partitionKey: { name: 'gsi3pk', type: AttributeType.STRING },
    sortKey: { name: 'gsi3sk', type: AttributeType.NUMBER },
    projectionType: ProjectionType.INCLUDE,
    nonKeyAttributes: ['hash', 'prevHash', 'at'],
  },
] as const satisfies readonly GlobalSecondaryIndexProps[];

/**
 * The decision log. It outlives the stack, refuses deletion, and can be restored to any second of the last
 * 35 days. `Table`, not `TableV2`: one region is enough, and cdk-nag checks recovery on this type only.
 */
export function decisionTable(scope: Construct, key: IKey): Table {
  const table = new Table(scope, 'Decisions', {
    partitionKey: { name: 'pk', type: AttributeType.STRING },
    sortKey: { name: 'sk', type: AttributeType.STRING },
    billingMode: BillingMode.PAY_PER_REQUEST,
    encryption: TableEncryption.CUSTOMER_MANAGED,
    encryptionKey: key,
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    timeToLiveAttribute: 'expiresAt',
    deletionProtection: true,
    removalPolicy: RemovalPolicy.RETAIN,
  });
  for (const index of indexes)
    table.addGlobalSecondaryIndex({ ...index, nonKeyAttributes: [...index.nonKeyAttributes] });
  return table;
}
