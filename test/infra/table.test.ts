/** One table on one machine and on AWS: what functions/host/table.ts creates is what CDK creates. */
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Key } from 'aws-cdk-lib/aws-kms';
import { expect, test } from 'vitest';
import { createTableInput } from '../../functions/host/table.ts';
import { indexes, tableKey, timeToLive } from '../../functions/log/table-schema.ts';
import { createTable } from '../../infra/table.ts';

const stack = new Stack(new App(), 'Table');
createTable(stack, new Key(stack, 'Key'));
const [onAws] = Object.values(Template.fromStack(stack).findResources('AWS::DynamoDB::Table'));
const local = createTableInput('any');

test.each(['KeySchema', 'GlobalSecondaryIndexes', 'BillingMode'] as const)('%s is the same', (name) => {
  expect(onAws?.Properties[name]).toEqual(local[name]);
  expect(local[name]).toBeDefined();
});

test('attributes are defined alike: eight keys, of which one is a number', () => {
  const defined = (list: typeof local.AttributeDefinitions) =>
    Object.fromEntries(
      (list ?? []).map(({ AttributeName, AttributeType }) => [AttributeName, AttributeType]),
    );
  expect(defined(onAws?.Properties.AttributeDefinitions)).toEqual(defined(local.AttributeDefinitions));
  expect(defined(local.AttributeDefinitions)).toEqual({
    pk: 'S',
    sk: 'S',
    gsi1pk: 'S',
    gsi1sk: 'S',
    gsi2pk: 'S',
    gsi2sk: 'S',
    gsi3pk: 'S',
    gsi3sk: 'N',
  });
});

test('no index copies a key of the table, the record or the time to live', () => {
  const never = [tableKey.partition.name, tableKey.sort.name, timeToLive, 'record', 'clinical'];
  for (const { copies } of indexes) expect(copies.filter((name) => never.includes(name))).toEqual([]);
});
