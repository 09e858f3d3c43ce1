import { readdirSync } from 'node:fs';
import { CfnOutput, Duration, RemovalPolicy, Stack, type StackProps, Token } from 'aws-cdk-lib';
import type { DomainName, IHttpRouteAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { Code, LayerVersion } from 'aws-cdk-lib/aws-lambda';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import type { NodejsFunction } from 'aws-cdk-lib/aws-lambda-nodejs';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { createAlarms } from './alarms.ts';
import { type FunctionName, functions } from './functions.ts';
import { acknowledgeTracing, createHandler, type Shared } from './handler.ts';
import { addRoutes, createHttpApi, type EpsomApi, openRoutes } from './http-api.ts';
import { createDataKey, createPatientKey } from './kms-keys.ts';
import { createLogParts } from './log-parts.ts';
import { createTable } from './table.ts';

export interface EpsomProps extends StackProps {
  /** Name of the environment, such as `test` or `prod`: lower case letters, digits, hyphens. */
  readonly stage: string;
  /**
   * The public address, `https://` without a path: what clients put into the audience of their tokens.
   * Default: the custom domain, else the address API Gateway gives.
   */
  readonly baseUrl?: string | undefined;
  /**
   * A custom domain and the ARN of its ACM certificate, in the region of the stack. API Gateway's own address
   * is then off.
   */
  readonly domain?: { readonly name: string; readonly certificateArn: string } | undefined;
  /** Name of the SSM parameter (type String) that holds the client registry. Default: no registry. */
  readonly clientsParameter?: string | undefined;
  /**
   * Who may call. Default: with a client registry whom the service itself identifies by token; without one, callers
   * sign with AWS credentials (IAM). Anything that leaves a route open is refused unless there is a registry.
   */
  readonly authorizer?: IHttpRouteAuthorizer | undefined;
  /** How long function and access logs are kept; the decision log is not one of them. Default: one year. */
  readonly logRetention?: RetentionDays | undefined;
  /** Requests per second, and how many at once above that, for the whole API. Default: 50 and 100. */
  readonly throttle?: { readonly rateLimit: number; readonly burstLimit: number } | undefined;
  /** Address that receives the alarms, once it has confirmed the subscription. Default: nobody. */
  readonly alarmEmail?: string | undefined;
  /**
   * Folder that holds `terminology.idx`, the index of RxNorm products that `npm run terminology:build` makes.
   * Every function gets it as a layer: it is part of the ruleset. Default: none.
   */
  readonly terminologyFolder?: string | undefined;
  /** Code for `functions/<name>.ts`. Default: an esbuild bundle of that file. Tests pass inline code. */
  readonly code?: ((name: FunctionName) => Code) | undefined;
}

type Handlers = ReadonlyMap<FunctionName, NodejsFunction>;

/** Epsom on AWS: an HTTP API, one function per file in `functions/`, the decision log, its keys, alarms. */
export class EpsomStack extends Stack {
  constructor(scope: Construct, id: string, props: EpsomProps) {
    super(scope, id, props);
    checkProps(props);
    const { stage, clientsParameter } = props;

    const key = createDataKey(this);
    const patientKey = createPatientKey(this);
    const table = createTable(this, key);
    const parts = createLogParts(this, key);
    const retention = props.logRetention ?? RetentionDays.ONE_YEAR;
    const logs = { encryptionKey: key, retention, removalPolicy: RemovalPolicy.RETAIN };
    const http = createHttpApi(this, {
      name: `epsom-${stage}`,
      domain: props.domain,
      authorizer: props.authorizer,
      clientsParameter,
      throttle: props.throttle,
      logs,
    });
    const baseUrl = props.baseUrl ?? (props.domain ? `https://${props.domain.name}` : http.api.apiEndpoint);
    const terminology = createTerminology(this, props.terminologyFolder);
    const handlers = createHandlers(
      this,
      { stage, baseUrl, table, key, patientKey, parts, clientsParameter, terminology, logs },
      http,
      props.code,
    );
    addTriggers(this, handlers, parts.spill);
    createAlarms(this, {
      stage: http.stage,
      functions: handlers,
      table,
      parts,
      key,
      email: props.alarmEmail,
    });
    this.node.addValidation({ validate: () => openRoutes(this, clientsParameter) });
    addOutputs(this, baseUrl, table.tableName, http.domain);
  }
}

/** The content of a layer lies in /opt. */
const createTerminology = (scope: Stack, folder: string | undefined): LayerVersion | undefined =>
  folder
    ? new LayerVersion(scope, 'Terminology', {
        description: 'Epsom: index of RxNorm products and NDCs',
        code: Code.fromAsset(folder),
      })
    : undefined;

function createHandlers(scope: Stack, shared: Shared, http: EpsomApi, code: EpsomProps['code']): Handlers {
  const handlers = new Map<FunctionName, NodejsFunction>();
  for (const plan of functions) {
    const handler = createHandler(scope, plan, shared, code?.(plan.name));
    acknowledgeTracing(handler);
    addRoutes(http, plan, handler);
    handlers.set(plan.name, handler);
  }
  return handlers;
}

/** What calls the functions that nobody calls over HTTP: a schedule and a queue. */
function addTriggers(scope: Stack, handlers: Handlers, spill: Queue): void {
  const sealer = handlers.get('sealer');
  if (sealer) {
    new Rule(scope, 'SealSchedule', {
      description: 'Epsom: seals the decision log',
      schedule: Schedule.rate(Duration.minutes(1)),
      targets: [new LambdaFunction(sealer, { retryAttempts: 0 })],
    });
  }
  handlers
    .get('drain')
    ?.addEventSource(new SqsEventSource(spill, { batchSize: 10, reportBatchItemFailures: true }));
}

function addOutputs(scope: Stack, baseUrl: string, tableName: string, domain: DomainName | undefined): void {
  new CfnOutput(scope, 'BaseUrl', { value: baseUrl });
  new CfnOutput(scope, 'TableName', { value: tableName });
  if (domain) {
    new CfnOutput(scope, 'DomainTarget', {
      value: domain.regionalDomainName,
      description: 'point the DNS record of the domain here',
    });
  }
}

function checkProps({ stage, baseUrl, clientsParameter, terminologyFolder }: EpsomProps): void {
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
