import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  ArnFormat,
  CfnOutput,
  Duration,
  RemovalPolicy,
  Stack,
  type StackProps,
  Token,
  Validations,
} from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import {
  CfnRoute,
  DomainName,
  HttpApi,
  HttpMethod,
  HttpNoneAuthorizer,
  HttpStage,
  type IHttpRouteAuthorizer,
  LogGroupLogDestination,
  SecurityPolicy,
} from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpIamAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key, KeySpec, KeyUsage } from 'aws-cdk-lib/aws-kms';
import { Architecture, Code, LayerVersion, Runtime, Tracing } from 'aws-cdk-lib/aws-lambda';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { NodejsFunction, OutputFormat } from 'aws-cdk-lib/aws-lambda-nodejs';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Bucket, CfnBucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { alarms } from './alarms.ts';
import { type FunctionName, type FunctionPlan, functions } from './functions.ts';
import { type LogParts, logParts } from './log-parts.ts';
import { decisionTable, indexes } from './table.ts';

const ROOT = join(import.meta.dirname, '..');

export interface EpsomProps extends StackProps {
  /** Name of the environment, such as `test` or `prod`: lower case letters, digits, hyphens. */
  readonly stage: string;
  /**
   * The public address, `https://` without a path: what clients put into the audience of their tokens.
   * Default: the custom domain, else the address API Gateway gives.
   */
  readonly baseUrl?: string;
  /**
   * A custom domain and the ARN of its ACM certificate, in the region of the stack. API Gateway's own address
   * is then off.
   */
  readonly domain?: { readonly name: string; readonly certificateArn: string };
  /** Name of the SSM parameter (type String) that holds the client registry. Default: no registry. */
  readonly clientsParameter?: string;
  /**
   * Who may call. Default: with a client registry whom the service itself identifies by token; without one, callers
   * sign with AWS credentials (IAM). Anything that leaves a route open is refused unless there is a registry.
   */
  readonly authorizer?: IHttpRouteAuthorizer;
  /** How long function and access logs are kept; the decision log is not one of them. Default: one year. */
  readonly logRetention?: RetentionDays;
  /** Requests per second, and how many at once above that, for the whole API. Default: 50 and 100. */
  readonly throttle?: { readonly rateLimit: number; readonly burstLimit: number };
  /** Address that receives the alarms, once it has confirmed the subscription. Default: nobody. */
  readonly alarmEmail?: string;
  /**
   * Folder that holds `terminology.idx`, the index of RxNorm products that `npm run terminology:build` makes.
   * Every function gets it as a layer: it is part of the ruleset. Default: none.
   */
  readonly terminologyFolder?: string;
  /** Code for `functions/<name>.ts`. Default: an esbuild bundle of that file. Tests pass inline code. */
  readonly code?: (name: FunctionName) => Code;
}

/** Epsom on AWS: an HTTP API, one function per file in `functions/`, the decision log, its keys, alarms. */
export class EpsomStack extends Stack {
  constructor(scope: Construct, id: string, props: EpsomProps) {
    super(scope, id, props);
    check(props);

    const key = dataKey(this);
    // Its output is in every index entry of a patient, so it never changes: HMAC keys do not rotate.
    const patientKey = new Key(this, 'PatientKey', {
      description: 'Epsom: keyed hash of patient ids in the index of the decision log',
      keySpec: KeySpec.HMAC_256,
      keyUsage: KeyUsage.GENERATE_VERIFY_MAC,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    const table = decisionTable(this, key);
    const parts = logParts(this, key);
    const retention = props.logRetention ?? RetentionDays.ONE_YEAR;
    const logs = { encryptionKey: key, retention, removalPolicy: RemovalPolicy.RETAIN };

    // An EHR has tokens of its own in the Authorization header, where IAM wants a signature. API Gateway's JWT
    // authorizer knows one issuer, and neither single use of a token nor an audience per path: functions/trust/jwt/claims.ts.
    const byToken = props.clientsParameter !== undefined && props.authorizer === undefined;
    const api = new HttpApi(this, 'Api', {
      apiName: `epsom-${props.stage}`,
      createDefaultStage: false,
      disableExecuteApiEndpoint: props.domain !== undefined,
      defaultAuthorizer: props.authorizer ?? (byToken ? new HttpNoneAuthorizer() : new HttpIamAuthorizer()),
    });
    const domain =
      props.domain &&
      new DomainName(this, 'Domain', {
        domainName: props.domain.name,
        certificate: Certificate.fromCertificateArn(this, 'Certificate', props.domain.certificateArn),
        securityPolicy: SecurityPolicy.TLS_1_2,
      });
    const stage = new HttpStage(this, 'Stage', {
      httpApi: api,
      stageName: '$default',
      autoDeploy: true,
      throttle: props.throttle ?? { rateLimit: 50, burstLimit: 100 },
      domainMapping: domain && { domainName: domain },
      accessLogSettings: {
        destination: new LogGroupLogDestination(new LogGroup(this, 'AccessLog', logs)),
        format: ACCESS_LOG,
      },
    });
    const baseUrl = props.baseUrl ?? (props.domain ? `https://${props.domain.name}` : api.apiEndpoint);

    // The content of a layer lies in /opt.
    const terminology =
      props.terminologyFolder &&
      new LayerVersion(this, 'Terminology', {
        description: 'Epsom: index of RxNorm products and NDCs',
        code: Code.fromAsset(props.terminologyFolder),
      });
    const deployed = new Map<FunctionName, NodejsFunction>();
    for (const plan of functions) {
      const { name, memory, routes } = plan;
      const logGroup = new LogGroup(this, `${name}-log`, logs);
      const role = new Role(this, `${name}-role`, {
        assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
        // No managed policy: AWSLambdaBasicExecutionRole may write to every log group of the account.
        inlinePolicies: {
          Log: allow(['logs:CreateLogStream', 'logs:PutLogEvents'], [logGroup.logGroupArn]),
          ...tableAccess(table, key, plan),
          ...logAccess(parts, key, plan),
          ...(plan.patientKey && { PatientKey: allow(['kms:GenerateMac'], [patientKey.keyArn]) }),
          ...(plan.clients &&
            props.clientsParameter && {
              Clients: allow(['ssm:GetParameter'], [this.parameterArn(props.clientsParameter)]),
            }),
        },
      });
      const handler = new NodejsFunction(this, name, {
        description: `Epsom ${props.stage}: functions/${name}.ts`,
        entry: join(ROOT, 'functions', `${name}.ts`),
        handler: 'index.handler',
        code: props.code?.(name),
        depsLockFilePath: join(ROOT, 'package-lock.json'),
        bundling: BUNDLE,
        runtime: Runtime.NODEJS_24_X,
        architecture: Architecture.ARM_64,
        memorySize: memory,
        // The sealer reads and writes a minute's records; nobody waits for it.
        timeout: Duration.seconds(plan.log === 'seal' || plan.log === 'drain' ? 60 : 10),
        // One sealer at a time; a second one would only wait for its claim.
        reservedConcurrentExecutions: plan.log === 'seal' ? 1 : undefined,
        role,
        logGroup,
        tracing: Tracing.ACTIVE,
        layers: terminology ? [terminology] : [],
        environment: {
          EPSOM_TABLE: table.tableName,
          EPSOM_BASE_URL: baseUrl,
          EPSOM_PATIENT_KEY_ID: patientKey.keyId,
          EPSOM_MASTER_KEY_ID: parts.masterKey.keyId,
          EPSOM_SEAL_KEY_ID: parts.sealKey.keyId,
          EPSOM_SPILL_QUEUE: parts.spill.queueUrl,
          EPSOM_LARGE_BUCKET: parts.large.bucketName,
          EPSOM_SEAL_BUCKET: parts.seals.bucketName,
          ...(props.clientsParameter && { EPSOM_CLIENTS: `ssm:${props.clientsParameter}` }),
          ...(terminology && { EPSOM_TERMINOLOGY: '/opt/terminology.idx' }),
          POWERTOOLS_SERVICE_NAME: 'epsom',
          NODE_OPTIONS: '--enable-source-maps',
        },
      });
      for (const [bucket, folder] of objectsOf(parts, plan)) {
        const bucketName = this.getLogicalId(bucket.node.defaultChild as CfnBucket);
        Validations.of(role).acknowledge({
          id: `AwsSolutions-IAM5[Resource::<${bucketName}.Arn>/${folder}/*]`,
          reason: 'objects are named by what they hold: only the folder can be named beforehand.',
        });
      }
      // The role's own policies are inline, so this policy holds nothing but what CDK adds for tracing.
      Validations.of(role.node.findChild('DefaultPolicy')).acknowledge({
        id: 'AwsSolutions-IAM5[Resource::*]',
        reason:
          'xray:PutTraceSegments and xray:PutTelemetryRecords have no resource to name; AWS takes only *.',
      });

      const integration = new HttpLambdaIntegration(`${name}-integration`, handler);
      for (const route of routes) {
        const added = api.addRoutes({ path: route.path, methods: [HttpMethod[route.method]], integration });
        if (!byToken) continue;
        for (const open of added) {
          Validations.of(open).acknowledge({
            id: 'AwsSolutions-APIG4',
            reason: plan.clients
              ? 'functions/trust/callers.ts identifies every caller by the tokens of the client registry; a preflight carries none.'
              : 'it says that the service is there and what it offers, and nothing about a patient.',
          });
        }
      }
      deployed.set(name, handler);
    }

    const sealer = deployed.get('sealer');
    if (sealer) {
      new Rule(this, 'SealSchedule', {
        description: 'Epsom: seals the decision log',
        schedule: Schedule.rate(Duration.minutes(1)),
        targets: [new LambdaFunction(sealer, { retryAttempts: 0 })],
      });
    }
    deployed
      .get('drain')
      ?.addEventSource(new SqsEventSource(parts.spill, { batchSize: 10, reportBatchItemFailures: true }));

    alarms(this, { stage, functions: deployed, table, parts, key, email: props.alarmEmail });

    this.node.addValidation({ validate: () => openRoutes(this, props.clientsParameter) });

    new CfnOutput(this, 'BaseUrl', { value: baseUrl });
    new CfnOutput(this, 'TableName', { value: table.tableName });
    if (domain) {
      new CfnOutput(this, 'DomainTarget', {
        value: domain.regionalDomainName,
        description: 'point the DNS record of the domain here',
      });
    }
  }

  private parameterArn(name: string): string {
    return this.formatArn({ service: 'ssm', resource: 'parameter', resourceName: name.replace(/^\//, '') });
  }
}

/**
 * The SDK is bundled, not taken from the runtime: what runs is then the version in the lock file, the one the
 * tests ran with, and a bundle of the few operations used starts faster than the whole SDK read from disk.
 * Dependencies in CommonJS ask for Node's own modules through `require`; an ES module has to make one.
 */
const BUNDLE = {
  format: OutputFormat.ESM,
  target: 'node24',
  mainFields: ['module', 'main'],
  bundleAwsSDK: true,
  minify: true,
  sourceMap: true,
  sourcesContent: false,
  banner: "import{createRequire}from'node:module';const require=createRequire(import.meta.url);",
};

/** Who called which route and what came of it. Neither path nor query string: they can name a patient. */
const ACCESS_LOG = AccessLogFormat.custom(
  JSON.stringify({
    time: '$context.requestTime',
    request: '$context.requestId',
    caller: '$context.identity.userArn',
    address: '$context.identity.sourceIp',
    route: '$context.routeKey',
    status: '$context.status',
    bytes: '$context.responseLength',
    milliseconds: '$context.responseLatency',
    functionMilliseconds: '$context.integrationLatency',
    functionError: '$context.integrationErrorMessage',
    error: '$context.error.message',
  }),
);

function check({ stage, baseUrl, clientsParameter, terminologyFolder }: EpsomProps): void {
  // All that is in it goes into the layer: the folder of the local data, its key included, must not.
  if (terminologyFolder && readdirSync(terminologyFolder).join() !== 'terminology.idx') {
    throw new Error(
      `\`${terminologyFolder}\` must hold terminology.idx and nothing else; copy the index into a folder of its own`,
    );
  }
  if (!/^[a-z][a-z0-9-]*$/.test(stage)) {
    throw new Error(`stage \`${stage}\` is not a name; use lower case letters, digits and hyphens`);
  }
  if (clientsParameter !== undefined && !/^[\w./-]+$/.test(clientsParameter)) {
    throw new Error(
      `clients parameter \`${clientsParameter}\` is not the name of an SSM parameter, such as \`/epsom/clients\``,
    );
  }
  if (baseUrl !== undefined && !Token.isUnresolved(baseUrl) && !/^https:\/\/[^/?#\s]+$/.test(baseUrl)) {
    throw new Error(
      `base URL \`${baseUrl}\` must be https:// and a host, with no path and no slash at the end`,
    );
  }
}

/** The key for everything at rest: table, logs, alarm topic. Like what it encrypts, it outlives the stack. */
function dataKey(stack: Stack): Key {
  const key = new Key(stack, 'Key', {
    description: 'Epsom: decision log, function logs, alarms',
    enableKeyRotation: true,
    removalPolicy: RemovalPolicy.RETAIN,
  });
  // https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
  // CloudFormation names a log group after the stack, so the condition holds for this stack's groups only.
  key.addToResourcePolicy(
    new PolicyStatement({
      principals: [new ServicePrincipal(`logs.${stack.region}.amazonaws.com`)],
      actions: ['kms:Encrypt', 'kms:Decrypt', 'kms:ReEncrypt*', 'kms:GenerateDataKey*', 'kms:DescribeKey'],
      resources: ['*'],
      conditions: {
        ArnLike: {
          'kms:EncryptionContext:aws:logs:arn': stack.formatArn({
            service: 'logs',
            resource: 'log-group',
            resourceName: `${stack.stackName}-*`,
            arnFormat: ArnFormat.COLON_RESOURCE_NAME,
          }),
        },
      },
    }),
  );
  return key;
}

function allow(actions: readonly string[], resources: readonly string[]): PolicyDocument {
  return new PolicyDocument({
    statements: [new PolicyStatement({ actions: [...actions], resources: [...resources] })],
  });
}

/** The planned actions on table and indexes, and the table's key, the latter only in DynamoDB's hands. */
function tableAccess(table: Table, key: Key, plan: FunctionPlan): Record<string, PolicyDocument> {
  if (plan.table.length === 0) return {};
  const arns = plan.indexes ? indexes.map(({ indexName }) => `${table.tableArn}/index/${indexName}`) : [];
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
function objectsOf({ large, seals }: LogParts, { log }: FunctionPlan): (readonly [Bucket, string])[] {
  if (log === 'seal') return [[seals, 'seals']];
  return log === 'append' || log === 'read and append' ? [[large, 'large']] : [];
}

/** Keys, queue and buckets of the log, by what the function does with it. */
function logAccess(
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

/**
 * Routes anybody on the internet could call. Without a client registry the service takes every caller for a
 * friend, which is right on one's own machine and nowhere else.
 */
function openRoutes(stack: Stack, clientsParameter: string | undefined): string[] {
  if (clientsParameter) return [];
  return stack.node
    .findAll()
    .filter((construct) => construct instanceof CfnRoute)
    .filter(({ authorizationType }) => authorizationType === undefined || authorizationType === 'NONE')
    .map(
      ({ routeKey }) =>
        `route \`${routeKey}\` is open to everybody; ` +
        'give it an IAM or JWT authorizer, or name the SSM parameter of a client registry',
    );
}
