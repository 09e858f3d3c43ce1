/** The HTTP API: its address, its limits, its access log, and who may call it. */
import { type Stack, Validations } from 'aws-cdk-lib';
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
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, type LogGroupProps } from 'aws-cdk-lib/aws-logs';
import type { FunctionPlan } from './functions.ts';

export interface HttpApiPlan {
  readonly name: string;
  readonly domain: { readonly name: string; readonly certificateArn: string } | undefined;
  readonly authorizer: IHttpRouteAuthorizer | undefined;
  readonly clientsParameter: string | undefined;
  readonly throttle: { readonly rateLimit: number; readonly burstLimit: number } | undefined;
  /** How logs are kept. */
  readonly logs: LogGroupProps;
}

export interface EpsomApi {
  readonly api: HttpApi;
  readonly stage: HttpStage;
  readonly domain: DomainName | undefined;
  /** Whether the service identifies callers itself, by the tokens of the client registry. */
  readonly byToken: boolean;
}

export function createHttpApi(scope: Stack, plan: HttpApiPlan): EpsomApi {
  // An EHR has tokens of its own in the Authorization header, where IAM wants a signature. API Gateway's JWT
  // authorizer knows one issuer, and neither single use of a token nor an audience per path: functions/trust/tokens.ts.
  const byToken = plan.clientsParameter !== undefined && plan.authorizer === undefined;
  const api = new HttpApi(scope, 'Api', {
    apiName: plan.name,
    createDefaultStage: false,
    disableExecuteApiEndpoint: plan.domain !== undefined,
    defaultAuthorizer: plan.authorizer ?? (byToken ? new HttpNoneAuthorizer() : new HttpIamAuthorizer()),
  });
  const domain =
    plan.domain &&
    new DomainName(scope, 'Domain', {
      domainName: plan.domain.name,
      certificate: Certificate.fromCertificateArn(scope, 'Certificate', plan.domain.certificateArn),
      securityPolicy: SecurityPolicy.TLS_1_2,
    });
  const stage = new HttpStage(scope, 'Stage', {
    httpApi: api,
    stageName: '$default',
    autoDeploy: true,
    throttle: plan.throttle ?? { rateLimit: 50, burstLimit: 100 },
    ...(domain && { domainMapping: { domainName: domain } }),
    accessLogSettings: {
      destination: new LogGroupLogDestination(new LogGroup(scope, 'AccessLog', plan.logs)),
      format: ACCESS_LOG,
    },
  });
  return { api, stage, domain, byToken };
}

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

/** Routes of one function; each that is open by token says why it may be. */
export function addRoutes({ api, byToken }: EpsomApi, plan: FunctionPlan, handler: IFunction): void {
  const integration = new HttpLambdaIntegration(`${plan.name}-integration`, handler);
  for (const route of plan.routes) {
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
}

/**
 * Routes anybody on the internet could call. Without a client registry the service takes every caller for a
 * friend, which is right on one's own machine and nowhere else.
 */
export function openRoutes(stack: Stack, clientsParameter: string | undefined): string[] {
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
