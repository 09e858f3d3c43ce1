import { RemovalPolicy } from 'aws-cdk-lib';
import { AttributeType, BillingMode, ProjectionType, Table, TableEncryption } from 'aws-cdk-lib/aws-dynamodb';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
// The only file of another ring that is imported here: plain data, so that both tables are one.
import { indexes, type KeyAttribute, tableKey, timeToLive } from '../functions/log/table-schema.ts';

const attribute = ({ name, type }: KeyAttribute) => ({
  name,
  type: type === 'N' ? AttributeType.NUMBER : AttributeType.STRING,
});

/**
 * The decision log. It outlives the stack, refuses deletion, and can be restored to any second of the last
 * 35 days. `Table`, not `TableV2`: one region is enough, and cdk-nag checks recovery on this type only.
 */
export function createTable(scope: Construct, key: IKey): Table {
  const table = new Table(scope, 'Decisions', {
    partitionKey: attribute(tableKey.partition),
    sortKey: attribute(tableKey.sort),
    billingMode: BillingMode.PAY_PER_REQUEST,
    encryption: TableEncryption.CUSTOMER_MANAGED,
    encryptionKey: key,
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    timeToLiveAttribute: timeToLive,
    deletionProtection: true,
    removalPolicy: RemovalPolicy.RETAIN,
  });
  for (const { name, partition, sort, copies } of indexes) {
    table.addGlobalSecondaryIndex({
      indexName: name,
      partitionKey: attribute(partition),
      sortKey: attribute(sort),
      projectionType: ProjectionType.INCLUDE,
      nonKeyAttributes: [...copies],
    });
  }
  return table;
}
