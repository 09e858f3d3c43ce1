/** One Lambda function with its role and its log, as its plan says (functions.ts). */
import { join } from 'node:path';
import { Duration, type Stack, Validations } from 'aws-cdk-lib';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Key } from 'aws-cdk-lib/aws-kms';
import { Architecture, type Code, type LayerVersion, Runtime, Tracing } from 'aws-cdk-lib/aws-lambda';
import { NodejsFunction } from 'aws-cdk-lib/aws-lambda-nodejs';
import { LogGroup, type LogGroupProps } from 'aws-cdk-lib/aws-logs';
import type { CfnBucket } from 'aws-cdk-lib/aws-s3';
import { bundling } from './bundling.ts';
import type { FunctionPlan } from './functions.ts';
import type { LogParts } from './log-parts.ts';
import { allow, allowLog, allowTable, objectsOf } from './permissions.ts';

const ROOT = join(import.meta.dirname, '..');

/** What all functions share. */
export interface Shared {
  /** Name of the environment. */
  readonly stage: string;
  readonly baseUrl: string;
  readonly table: Table;
  /** For everything at rest. */
  readonly key: Key;
  readonly patientKey: Key;
  readonly parts: LogParts;
  readonly clientsParameter: string | undefined;
  /** The index of RxNorm products. */
  readonly terminology: LayerVersion | undefined;
  /** How logs are kept. */
  readonly logs: LogGroupProps;
}

/** @param code default: an esbuild bundle of the file */
export function createHandler(
  scope: Stack,
  plan: FunctionPlan,
  shared: Shared,
  code: Code | undefined,
): NodejsFunction {
  const { name, log } = plan;
  const logGroup = new LogGroup(scope, `${name}-log`, shared.logs);
  const role = createRole(scope, plan, shared, logGroup);
  const isBackground = log === 'seal' || log === 'drain';
  return new NodejsFunction(scope, name, {
    description: `Epsom ${shared.stage}: functions/${name}.ts`,
    entry: join(ROOT, 'functions', `${name}.ts`),
    handler: 'index.handler',
    ...(code && { code }),
    depsLockFilePath: join(ROOT, 'package-lock.json'),
    bundling: { ...bundling, mainFields: [...bundling.mainFields] },
    runtime: Runtime.NODEJS_24_X,
    architecture: Architecture.ARM_64,
    memorySize: plan.memory,
    // The sealer reads and writes a minute's records; nobody waits for it.
    timeout: Duration.seconds(isBackground ? 60 : 10),
    // One sealer at a time; a second one would only wait for its claim.
    ...(log === 'seal' && { reservedConcurrentExecutions: 1 }),
    role,
    logGroup,
    tracing: Tracing.ACTIVE,
    layers: shared.terminology ? [shared.terminology] : [],
    environment: environmentOf(shared),
  });
}

const environmentOf = ({
  table,
  baseUrl,
  patientKey,
  parts,
  clientsParameter,
  terminology,
}: Shared): Record<string, string> => ({
  EPSOM_TABLE: table.tableName,
  EPSOM_BASE_URL: baseUrl,
  EPSOM_PATIENT_KEY_ID: patientKey.keyId,
  EPSOM_MASTER_KEY_ID: parts.masterKey.keyId,
  EPSOM_SEAL_KEY_ID: parts.sealKey.keyId,
  EPSOM_SPILL_QUEUE: parts.spill.queueUrl,
  EPSOM_LARGE_BUCKET: parts.large.bucketName,
  EPSOM_SEAL_BUCKET: parts.seals.bucketName,
  ...(clientsParameter && { EPSOM_CLIENTS: `ssm:${clientsParameter}` }),
  ...(terminology && { EPSOM_TERMINOLOGY: '/opt/terminology.idx' }),
  POWERTOOLS_SERVICE_NAME: 'epsom',
  NODE_OPTIONS: '--enable-source-maps',
});

function createRole(scope: Stack, plan: FunctionPlan, shared: Shared, logGroup: LogGroup): Role {
  const { table, key, patientKey, parts, clientsParameter } = shared;
  const role = new Role(scope, `${plan.name}-role`, {
    assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
    // No managed policy: AWSLambdaBasicExecutionRole may write to every log group of the account.
    inlinePolicies: {
      Log: allow(['logs:CreateLogStream', 'logs:PutLogEvents'], [logGroup.logGroupArn]),
      ...allowTable(table, key, plan),
      ...allowLog(parts, key, plan),
      ...(plan.patientKey && { PatientKey: allow(['kms:GenerateMac'], [patientKey.keyArn]) }),
      ...(plan.clients &&
        clientsParameter && {
          Clients: allow(['ssm:GetParameter'], [parameterArn(scope, clientsParameter)]),
        }),
    },
  });
  for (const [bucket, folder] of objectsOf(parts, plan)) {
    const bucketName = scope.getLogicalId(bucket.node.defaultChild as CfnBucket);
    Validations.of(role).acknowledge({
      id: `AwsSolutions-IAM5[Resource::<${bucketName}.Arn>/${folder}/*]`,
      reason: 'objects are named by what they hold: only the folder can be named beforehand.',
    });
  }
  return role;
}

/** The role's own policies are inline, so this policy holds nothing but what CDK adds for tracing. */
export const acknowledgeTracing = ({ role }: NodejsFunction): void => {
  if (!role) return;
  Validations.of(role.node.findChild('DefaultPolicy')).acknowledge({
    id: 'AwsSolutions-IAM5[Resource::*]',
    reason: 'xray:PutTraceSegments and xray:PutTelemetryRecords have no resource to name; AWS takes only *.',
  });
};

const parameterArn = (scope: Stack, name: string): string =>
  scope.formatArn({ service: 'ssm', resource: 'parameter', resourceName: name.replace(/^\//, '') });
