/** What each function may do, action by action, as its plan says (functions.ts). Nothing else is granted. */
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import { PolicyDocument, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Key } from 'aws-cdk-lib/aws-kms';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import { indexes } from '../functions/log/table-schema.ts';
import type { FunctionPlan } from './functions.ts';
import type { LogParts } from './log-parts.ts';

export function allow(actions: readonly string[], resources: readonly string[]): PolicyDocument {
  return new PolicyDocument({
    statements: [new PolicyStatement({ actions: [...actions], resources: [...resources] })],
  });
}

/** The planned actions on table and indexes, and the table's key, the latter only in DynamoDB's hands. */
export function allowTable(table: Table, key: Key, plan: FunctionPlan): Record<string, PolicyDocument> {
  if (plan.table.length === 0) return {};
  const arns = plan.indexes ? indexes.map(({ name }) => `${table.tableArn}/index/${name}`) : [];
  // https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html
  // The wildcards of that page written out, less kms:CreateGrant: that is for who creates the table.
  const decrypt = ['kms:Decrypt', 'kms:DescribeKey'];
  const encrypt = [
    'kms:Encrypt',
    'kms:ReEncryptFrom',
    'kms:ReEncryptTo',
    'kms:GenerateDataKey',
    'kms:GenerateDataKeyWithoutPlaintext',
  ];
  const writes = plan.table.includes('dynamodb:PutItem');
  return {
    Table: allow(plan.table, [table.tableArn, ...arns]),
    TableKey: new PolicyDocument({
      statements: [
        new PolicyStatement({
          actions: writes ? [...decrypt, ...encrypt] : decrypt,
          resources: [key.keyArn],
          conditions: { StringEquals: { 'kms:ViaService': `dynamodb.${table.stack.region}.amazonaws.com` } },
        }),
      ],
    }),
  };
}

/** In which folders of which buckets a function may write. */
export function objectsOf({ large, seals }: LogParts, { log }: FunctionPlan): (readonly [Bucket, string])[] {
  if (log === 'seal') return [[seals, 'seals']];
  return log === 'append' || log === 'read and append' ? [[large, 'large']] : [];
}

/** Keys, queue and buckets of the log, by what the function does with it. */
export function allowLog(
  { masterKey, sealKey, spill, large, seals }: LogParts,
  key: Key,
  plan: FunctionPlan,
): Record<string, PolicyDocument> {
  const through = (service: string) => ({
    StringEquals: { 'kms:ViaService': `${service}.${key.stack.region}.amazonaws.com` },
  });
  const using = (actions: string[], resource: string, service?: string) =>
    new PolicyStatement({
      actions,
      resources: [resource],
      ...(service ? { conditions: through(service) } : {}),
    });
  const atRest = (service: string) => using(['kms:Decrypt', 'kms:GenerateDataKey'], key.keyArn, service);
  const append = [
    using(['kms:Encrypt', 'kms:Decrypt'], masterKey.keyArn),
    using(['sqs:SendMessage'], spill.queueArn),
    using(['s3:PutObject', 's3:GetObject'], large.arnForObjects('large/*')),
    atRest('sqs'),
    atRest('s3'),
  ];
  const seal = [
    using(['kms:Sign', 'kms:GetPublicKey'], sealKey.keyArn),
    using(['s3:PutObject'], seals.arnForObjects('seals/*')),
    atRest('s3'),
  ];
  const statements = {
    append,
    // A proof names the public key.
    'read and append': [...append, using(['kms:GetPublicKey'], sealKey.keyArn)],
    seal,
    // What it consumes, the event source grants.
    drain: [],
    none: [],
  }[plan.log];
  return statements.length > 0 ? { DecisionLog: new PolicyDocument({ statements }) } : {};
}
