import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, Stack, Validations } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { HttpNoneAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpIamAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { CfnTable } from 'aws-cdk-lib/aws-dynamodb';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { AwsSolutionsChecks } from 'cdk-nag';
import { describe, expect, it } from 'vitest';
import { type EpsomProps, EpsomStack } from '../../infra/stack.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

// Synthesised as the app does it, flags included, but without bundling: `functions/` is tested elsewhere.
const { context } = JSON.parse(readFileSync(new URL('../../cdk.json', import.meta.url), 'utf8'));
function deploy(props: Partial<EpsomProps> = {}): EpsomStack {
  return new EpsomStack(new App({ context, outdir: temporaryFolder() }), 'Epsom-test', {
    stage: 'test',
    code: () => Code.fromInline('exports.handler = async () => ({ statusCode: 204 });'),
    ...props,
  });
}

const REGISTRY = '/epsom/test/clients';
const stack = deploy({ clientsParameter: REGISTRY, alarmEmail: 'oncall@example.org' });
const template = Template.fromStack(stack);

type Resource = { Type: string; Properties: Record<string, unknown> };
interface Statement {
  Effect: string;
  Action: string | string[];
  Resource: unknown;
  Condition?: unknown;
}
const list = <T>(value: T | T[]): T[] => (Array.isArray(value) ? value : [value]);
const all = (type: string): [string, Resource][] =>
  Object.entries(template.findResources(type)) as [string, Resource][];
const only = (type: string, properties: object): string => {
  const found = Object.keys(template.findResources(type, { Properties: properties }));
  expect(found).toHaveLength(1);
  return found[0] ?? '';
};

const wrapping = { Description: 'Epsom: wraps the keys of patients in the decision log' };

/** Every statement of every identity policy, by the name of the function whose role holds it. */
function statements(): Map<string, Statement[]> {
  const roles = new Map<string, string>();
  for (const [, { Properties }] of all('AWS::Lambda::Function')) {
    const role = Properties.Role as { 'Fn::GetAtt': [string, string] };
    const name = /functions\/(.*)\.ts/.exec(String(Properties.Description))?.[1];
    roles.set(role['Fn::GetAtt'][0], name ?? 'unknown');
  }
  const held = new Map<string, Statement[]>();
  const add = (role: string, document: unknown) => {
    const name = roles.get(role) ?? role;
    held.set(name, [...(held.get(name) ?? []), ...(document as { Statement: Statement[] }).Statement]);
  };
  for (const [role, { Properties }] of all('AWS::IAM::Role')) {
    for (const policy of (Properties.Policies ?? []) as { PolicyDocument: unknown }[])
      add(role, policy.PolicyDocument);
  }
  for (const [, { Properties }] of all('AWS::IAM::Policy')) {
    for (const { Ref } of Properties.Roles as { Ref: string }[]) add(Ref, Properties.PolicyDocument);
  }
  return held;
}
const actionsOf = (name: string, service: string): string[] =>
  (statements().get(name) ?? [])
    .flatMap(({ Action }) => list(Action))
    .filter((action) => action.startsWith(`${service}:`))
    .sort();

describe('functions', () => {
  it('are eight, one for each file in functions/', () => {
    const names = all('AWS::Lambda::Function').map(([, { Properties }]) => Properties.Description);
    expect(names.sort()).toEqual(
      ['cds-services', 'decisions', 'drain', 'evaluate', 'fhir', 'health', 'rules', 'sealer'].map(
        (name) => `Epsom test: functions/${name}.ts`,
      ),
    );
  });

  it('run Node 24 on arm64, traced', () => {
    template.allResourcesProperties('AWS::Lambda::Function', {
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      TracingConfig: { Mode: 'Active' },
    });
  });

  it.each([
    ['cds-services', 10],
    ['evaluate', 10],
    ['decisions', 10],
    ['fhir', 10],
    ['rules', 10],
    ['health', 10],
    ['sealer', 60],
    ['drain', 60],
  ])('%s has %i seconds; of sealers there is one at a time, of the others any number', (name, seconds) => {
    template.hasResourceProperties('AWS::Lambda::Function', {
      Description: `Epsom test: functions/${name}.ts`,
      Timeout: seconds,
      ReservedConcurrentExecutions: name === 'sealer' ? 1 : Match.absent(),
    });
  });

  it.each([
    ['cds-services', 1769],
    ['evaluate', 1769],
    ['decisions', 1769],
    ['fhir', 512],
    ['rules', 512],
    ['health', 512],
    ['sealer', 1769],
    ['drain', 512],
  ])('%s has %i MB', (name, memory) => {
    template.hasResourceProperties('AWS::Lambda::Function', {
      Description: `Epsom test: functions/${name}.ts`,
      MemorySize: memory,
    });
  });

  it('know the table, the public address, the keys, the queue, the buckets and the registry', () => {
    const table = only('AWS::DynamoDB::Table', {});
    const spill = only('AWS::SQS::Queue', { RedrivePolicy: Match.anyValue() });
    const patientKey = only('AWS::KMS::Key', { KeySpec: 'HMAC_256' });
    const masterKey = only('AWS::KMS::Key', wrapping);
    const sealKey = only('AWS::KMS::Key', { KeySpec: 'ECC_NIST_P256' });
    template.allResourcesProperties('AWS::Lambda::Function', {
      Environment: {
        Variables: {
          EPSOM_TABLE: { Ref: table },
          EPSOM_BASE_URL: Match.anyValue(),
          EPSOM_PATIENT_KEY_ID: { Ref: patientKey },
          EPSOM_MASTER_KEY_ID: { Ref: masterKey },
          EPSOM_SEAL_KEY_ID: { Ref: sealKey },
          EPSOM_SPILL_QUEUE: { Ref: spill },
          EPSOM_LARGE_BUCKET: { Ref: Match.stringLikeRegexp('^Large') },
          EPSOM_SEAL_BUCKET: { Ref: Match.stringLikeRegexp('^Seals') },
          EPSOM_CLIENTS: `ssm:${REGISTRY}`,
          POWERTOOLS_SERVICE_NAME: 'epsom',
        },
      },
    });
  });

  it('know no registry when there is none', () => {
    Template.fromStack(deploy()).allResourcesProperties('AWS::Lambda::Function', {
      Environment: { Variables: { EPSOM_CLIENTS: Match.absent() } },
    });
  });

  it('have the product index as a layer where there is one, and a path to it', () => {
    const folder = temporaryFolder();
    expect(() => deploy({ terminologyFolder: folder })).toThrow(/must hold terminology.idx and nothing else/);
    writeFileSync(join(folder, 'terminology.idx'), 'an index');
    const indexed = Template.fromStack(deploy({ terminologyFolder: folder }));
    indexed.resourceCountIs('AWS::Lambda::LayerVersion', 1);
    const [layer] = Object.keys(indexed.findResources('AWS::Lambda::LayerVersion'));
    indexed.allResourcesProperties('AWS::Lambda::Function', {
      Layers: [{ Ref: layer }],
      Environment: { Variables: { EPSOM_TERMINOLOGY: '/opt/terminology.idx' } },
    });
    writeFileSync(join(folder, 'patient-index.key'), 'not for a layer');
    expect(() => deploy({ terminologyFolder: folder })).toThrow(/must hold terminology.idx and nothing else/);
    template.allResourcesProperties('AWS::Lambda::Function', {
      Layers: Match.absent(),
      Environment: { Variables: { EPSOM_TERMINOLOGY: Match.absent() } },
    });
  });

  it('have a log group each, encrypted with the customer key, kept for one year', () => {
    const key = only('AWS::KMS::Key', { Description: 'Epsom: decision log, function logs, alarms' });
    const groups = all('AWS::Lambda::Function').map(
      ([, { Properties }]) => (Properties.LoggingConfig as { LogGroup: { Ref: string } }).LogGroup.Ref,
    );
    expect(new Set(groups).size).toBe(8);
    template.resourceCountIs('AWS::Logs::LogGroup', 9); // and the access log
    template.allResourcesProperties('AWS::Logs::LogGroup', {
      RetentionInDays: 365,
      KmsKeyId: { 'Fn::GetAtt': [key, 'Arn'] },
    });
  });

  it('keep logs for as long as they are told', () => {
    Template.fromStack(deploy({ logRetention: RetentionDays.SIX_YEARS })).allResourcesProperties(
      'AWS::Logs::LogGroup',
      { RetentionInDays: 2192 },
    );
  });
});

describe('the decision log', () => {
  it('survives the removal of the stack, refuses deletion, and can be restored to any second', () => {
    template.hasResource('AWS::DynamoDB::Table', {
      DeletionPolicy: 'Retain',
      UpdateReplacePolicy: 'Retain',
      Properties: {
        DeletionProtectionEnabled: true,
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        BillingMode: 'PAY_PER_REQUEST',
        TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
        KeySchema: [
          { AttributeName: 'pk', KeyType: 'HASH' },
          { AttributeName: 'sk', KeyType: 'RANGE' },
        ],
      },
    });
  });

  it('is encrypted with a customer key that rotates and is kept', () => {
    const key = only('AWS::KMS::Key', { Description: 'Epsom: decision log, function logs, alarms' });
    template.hasResourceProperties('AWS::DynamoDB::Table', {
      SSESpecification: { SSEEnabled: true, SSEType: 'KMS', KMSMasterKeyId: { 'Fn::GetAtt': [key, 'Arn'] } },
    });
    template.allResources('AWS::KMS::Key', { DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
  });

  const listed = ['decisionId', 'decidedAt', 'service', 'client', 'hook', 'status', 'indicator', 'findings'];
  it.each([
    ['gsi1', 'S', listed],
    ['gsi2', 'S', listed],
    ['gsi3', 'N', ['hash', 'prevHash', 'at']],
  ])('has %s with a sort key of type %s, and copies only %j', (name, type, attributes) => {
    template.hasResourceProperties('AWS::DynamoDB::Table', {
      AttributeDefinitions: Match.arrayWith([
        { AttributeName: `${name}pk`, AttributeType: 'S' },
        { AttributeName: `${name}sk`, AttributeType: type },
      ]),
      GlobalSecondaryIndexes: Match.arrayWith([
        {
          IndexName: name,
          KeySchema: [
            { AttributeName: `${name}pk`, KeyType: 'HASH' },
            { AttributeName: `${name}sk`, KeyType: 'RANGE' },
          ],
          Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: attributes },
        },
      ]),
    });
  });

  it('has no fourth index', () => {
    const [table] = all('AWS::DynamoDB::Table');
    expect(table?.[1].Properties.GlobalSecondaryIndexes).toHaveLength(3);
  });
});

describe('beside the table', () => {
  it('copies of seals are locked for six years in compliance mode', () => {
    template.hasResourceProperties('AWS::S3::Bucket', {
      ObjectLockEnabled: true,
      ObjectLockConfiguration: {
        ObjectLockEnabled: 'Enabled',
        Rule: { DefaultRetention: { Mode: 'COMPLIANCE', Days: 2192 } },
      },
      VersioningConfiguration: { Status: 'Enabled' },
    });
    template.allResources('AWS::S3::Bucket', { DeletionPolicy: 'Retain' });
  });

  it('the spill is encrypted, kept for 14 days, drained by functions/drain.ts, and has a last resort', () => {
    template.hasResourceProperties('AWS::SQS::Queue', {
      KmsMasterKeyId: Match.anyValue(),
      MessageRetentionPeriod: 14 * 24 * 3600,
      RedrivePolicy: { maxReceiveCount: 240, deadLetterTargetArn: Match.anyValue() },
    });
    template.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      EventSourceArn: Match.anyValue(),
    });
  });

  it('the log is sealed every minute', () => {
    template.hasResourceProperties('AWS::Events::Rule', { ScheduleExpression: 'rate(1 minute)' });
  });

  it.each([
    ['cds-services', ['s3:GetObject', 's3:PutObject'], ['sqs:SendMessage']],
    ['evaluate', ['s3:GetObject', 's3:PutObject'], ['sqs:SendMessage']],
    ['decisions', ['s3:GetObject', 's3:PutObject'], ['sqs:SendMessage']],
    ['fhir', ['s3:GetObject', 's3:PutObject'], ['sqs:SendMessage']],
    ['rules', [], []],
    ['health', [], []],
    ['sealer', ['s3:PutObject'], []],
    [
      'drain',
      [],
      [
        'sqs:ChangeMessageVisibility',
        'sqs:DeleteMessage',
        'sqs:GetQueueAttributes',
        'sqs:GetQueueUrl',
        'sqs:ReceiveMessage',
      ],
    ],
  ])('%s may do %j on objects and %j on the queue', (name, objects, queue) => {
    expect(actionsOf(name, 's3')).toEqual(objects);
    expect(actionsOf(name, 'sqs')).toEqual(queue);
  });

  it('only the sealer signs, and only what appends or reads unwraps patient keys', () => {
    const may = (action: string, key: string): string[] =>
      [...statements()]
        .filter(([, held]) =>
          held.some(
            ({ Action, Resource }) => list(Action).includes(action) && JSON.stringify(Resource).includes(key),
          ),
        )
        .map(([name]) => name)
        .sort();
    const sealKey = only('AWS::KMS::Key', { KeySpec: 'ECC_NIST_P256' });
    expect(may('kms:Sign', sealKey)).toEqual(['sealer']);
    expect(may('kms:Decrypt', only('AWS::KMS::Key', wrapping))).toEqual([
      'cds-services',
      'decisions',
      'evaluate',
      'fhir',
    ]);
  });
});

describe('permissions', () => {
  const key = {
    'Fn::GetAtt': [
      only('AWS::KMS::Key', { Description: 'Epsom: decision log, function logs, alarms' }),
      'Arn',
    ],
  };
  const patientKey = { 'Fn::GetAtt': [only('AWS::KMS::Key', { KeySpec: 'HMAC_256' }), 'Arn'] };
  const table = { 'Fn::GetAtt': [only('AWS::DynamoDB::Table', {}), 'Arn'] };
  const index = (name: string) => ({ 'Fn::Join': ['', [table, `/index/${name}`]] });

  it.each([
    ['cds-services', ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Query'], [table]],
    ['evaluate', ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Query'], [table]],
    [
      'sealer',
      [
        'dynamodb:BatchGetItem',
        'dynamodb:BatchWriteItem',
        'dynamodb:GetItem',
        'dynamodb:PutItem',
        'dynamodb:Query',
      ],
      [table, index('gsi1'), index('gsi2'), index('gsi3')],
    ],
    ['drain', ['dynamodb:GetItem', 'dynamodb:PutItem'], [table]],
    [
      'decisions',
      ['dynamodb:BatchGetItem', 'dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Query'],
      [table, index('gsi1'), index('gsi2'), index('gsi3')],
    ],
    [
      'fhir',
      ['dynamodb:BatchGetItem', 'dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Query'],
      [table, index('gsi1'), index('gsi2'), index('gsi3')],
    ],
    ['rules', ['dynamodb:GetItem', 'dynamodb:PutItem'], [table]],
    ['health', [], []],
  ])('%s may do %j on the decision log and nothing else there', (name, actions, resources) => {
    expect(actionsOf(name, 'dynamodb')).toEqual(actions);
    const found = (statements().get(name) ?? []).filter(({ Action }) => /dynamodb/.test(String(Action)));
    expect(found.flatMap(({ Resource }) => list(Resource))).toEqual(resources);
  });

  const decrypt = ['kms:Decrypt', 'kms:DescribeKey'];
  const encrypt = ['kms:Encrypt', 'kms:GenerateDataKey', 'kms:GenerateDataKeyWithoutPlaintext'];
  const reEncrypt = ['kms:ReEncryptFrom', 'kms:ReEncryptTo'];
  it.each([
    ['cds-services', [...decrypt, ...encrypt, ...reEncrypt]],
    ['evaluate', [...decrypt, ...encrypt, ...reEncrypt]],
    ['decisions', [...decrypt, ...encrypt, ...reEncrypt]],
    ['rules', [...decrypt, ...encrypt, ...reEncrypt]],
    ['fhir', [...decrypt, ...encrypt, ...reEncrypt]],
    ['sealer', [...decrypt, ...encrypt, ...reEncrypt]],
    ['drain', [...decrypt, ...encrypt, ...reEncrypt]],
    ['health', []],
  ])('%s uses the key of the table through DynamoDB only', (name, actions) => {
    const found = (statements().get(name) ?? []).filter(
      ({ Resource, Condition }) =>
        JSON.stringify(Resource) === JSON.stringify(key) &&
        JSON.stringify(Condition ?? '').includes('dynamodb.'),
    );
    expect(found.flatMap(({ Action }) => list(Action)).sort()).toEqual(actions);
    for (const { Condition } of found) {
      expect(Condition).toEqual({
        StringEquals: {
          'kms:ViaService': { 'Fn::Join': ['', ['dynamodb.', { Ref: 'AWS::Region' }, '.amazonaws.com']] },
        },
      });
    }
  });

  it.each([
    ['cds-services', 1],
    ['evaluate', 1],
    ['decisions', 1],
    ['fhir', 1],
    ['rules', 0],
    ['health', 0],
  ])('%s computes hashes of patient ids: %i', (name, count) => {
    const found = (statements().get(name) ?? []).filter(({ Action }) =>
      list(Action).includes('kms:GenerateMac'),
    );
    expect(found.map(({ Action, Resource }) => [Action, Resource])).toEqual(
      Array.from({ length: count }, () => ['kms:GenerateMac', patientKey]),
    );
  });

  it.each([
    ['cds-services', ['ssm:GetParameter']],
    ['evaluate', ['ssm:GetParameter']],
    ['decisions', ['ssm:GetParameter']],
    ['fhir', ['ssm:GetParameter']],
    ['rules', ['ssm:GetParameter']],
    ['health', []],
  ])('%s may do %j on the client registry', (name, actions) => {
    expect(actionsOf(name, 'ssm')).toEqual(actions);
    for (const { Action, Resource } of statements().get(name) ?? []) {
      if (list(Action).includes('ssm:GetParameter'))
        expect(JSON.stringify(Resource)).toContain(`:parameter${REGISTRY}"`);
    }
  });

  it('are held by the eight functions and nobody else, for these services only', () => {
    expect([...statements().keys()].sort()).toEqual([
      'cds-services',
      'decisions',
      'drain',
      'evaluate',
      'fhir',
      'health',
      'rules',
      'sealer',
    ]);
    const services = [...statements().values()]
      .flat()
      .flatMap(({ Action }) => list(Action))
      .map((action) => action.split(':')[0]);
    expect([...new Set(services)].sort()).toEqual(['dynamodb', 'kms', 'logs', 's3', 'sqs', 'ssm', 'xray']);
  });

  it('have no wildcard action, and a wildcard resource for X-Ray and for objects of a folder only', () => {
    for (const { Effect, Action, Resource } of [...statements().values()].flat()) {
      expect(Effect).toBe('Allow');
      expect(list(Action).filter((action) => action.includes('*'))).toEqual([]);
      if (
        list(Action).every((action) => ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'].includes(action))
      )
        continue;
      expect(JSON.stringify(Resource).replace(/"\/(large|seals)\/\*"/, '')).not.toContain('*');
    }
  });

  it('come from no managed policy', () => {
    template.allResourcesProperties('AWS::IAM::Role', { ManagedPolicyArns: Match.absent() });
  });
});

describe('the HTTP API', () => {
  it('has these 22 routes, each to its function', () => {
    const functionOf = (target: unknown): string => {
      const integration = (target as { 'Fn::Join': [string, [string, { Ref: string }]] })['Fn::Join'][1][1]
        .Ref;
      const uri = template.findResources('AWS::ApiGatewayV2::Integration')[integration]?.Properties
        .IntegrationUri;
      const handler = template.findResources('AWS::Lambda::Function')[uri['Fn::GetAtt'][0]];
      return handler?.Properties.Description.replace(/.*functions\/|\.ts/g, '');
    };
    const routes = all('AWS::ApiGatewayV2::Route').map(
      ([, { Properties }]) => `${Properties.RouteKey} -> ${functionOf(Properties.Target)}`,
    );
    expect(routes.sort()).toEqual([
      'GET /cds-services -> cds-services',
      'GET /decisions -> decisions',
      'GET /decisions/export -> decisions',
      'GET /decisions/{id} -> decisions',
      'GET /decisions/{id}/proof -> decisions',
      'GET /fhir/AuditEvent -> fhir',
      'GET /fhir/AuditEvent/{id} -> fhir',
      'GET /fhir/GuidanceResponse -> fhir',
      'GET /fhir/GuidanceResponse/{id} -> fhir',
      'GET /fhir/metadata -> fhir',
      'GET /health -> health',
      'GET /openapi.json -> health',
      'GET /rules -> rules',
      'GET /rules/{id} -> rules',
      'GET /statistics -> decisions',
      'OPTIONS /cds-services -> cds-services',
      'OPTIONS /cds-services/{id} -> cds-services',
      'OPTIONS /cds-services/{id}/feedback -> cds-services',
      'POST /cds-services/{id} -> cds-services',
      'POST /cds-services/{id}/feedback -> cds-services',
      'POST /decisions/{id}/replay -> decisions',
      'POST /evaluate -> evaluate',
    ]);
  });

  it('lets in only callers that sign with AWS credentials, on every route, without a registry', () => {
    Template.fromStack(deploy()).allResourcesProperties('AWS::ApiGatewayV2::Route', {
      AuthorizationType: 'AWS_IAM',
    });
  });

  it('leaves every route to the tokens of the registry where there is one, unless told otherwise', () => {
    template.allResourcesProperties('AWS::ApiGatewayV2::Route', { AuthorizationType: 'NONE' });
    const both = deploy({ clientsParameter: REGISTRY, authorizer: new HttpIamAuthorizer() });
    Template.fromStack(both).allResourcesProperties('AWS::ApiGatewayV2::Route', {
      AuthorizationType: 'AWS_IAM',
    });
  });

  it('refuses to synthesise open routes without a client registry', () => {
    const open = deploy({ authorizer: new HttpNoneAuthorizer() });
    expect(() => Template.fromStack(open)).toThrow('route `POST /evaluate` is open to everybody');
  });

  it('synthesises routes opened by hand with a registry, and then cdk-nag still asks for a reason', () => {
    const open = deploy({ authorizer: new HttpNoneAuthorizer(), clientsParameter: REGISTRY });
    Template.fromStack(open).allResourcesProperties('AWS::ApiGatewayV2::Route', {
      AuthorizationType: 'NONE',
    });
    const { violations } = new AwsSolutionsChecks().validateScope(open);
    expect(violations.map(({ ruleName }) => ruleName)).toEqual(['AwsSolutions-APIG4']);
  });

  it('and the clock of the sealer are all that may call the functions, and nothing else is public', () => {
    const callers = all('AWS::Lambda::Permission').map(([, { Properties }]) => Properties.Principal);
    expect(new Set(callers)).toEqual(new Set(['apigateway.amazonaws.com', 'events.amazonaws.com']));
    expect(callers.filter((principal) => principal === 'events.amazonaws.com')).toHaveLength(1);
    template.allResourcesProperties('AWS::Lambda::Permission', { SourceArn: Match.anyValue() });
    template.resourceCountIs('AWS::Lambda::Url', 0);
    template.allResourcesProperties('AWS::S3::Bucket', {
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
    });
    template.resourceCountIs('AWS::ApiGatewayV2::Api', 1);
    template.hasResourceProperties('AWS::ApiGatewayV2::Api', { CorsConfiguration: Match.absent() });
  });

  it('is limited to 50 requests per second and 100 at once, unless told otherwise', () => {
    const limits = (rate: number, burst: number) => ({
      DefaultRouteSettings: { ThrottlingRateLimit: rate, ThrottlingBurstLimit: burst },
    });
    template.hasResourceProperties('AWS::ApiGatewayV2::Stage', limits(50, 100));
    const other = Template.fromStack(deploy({ throttle: { rateLimit: 7, burstLimit: 9 } }));
    other.hasResourceProperties('AWS::ApiGatewayV2::Stage', limits(7, 9));
  });

  it('logs who called which route, and neither path nor query, which can name a patient', () => {
    const [stage] = all('AWS::ApiGatewayV2::Stage');
    const { DestinationArn, Format } = (stage?.[1].Properties.AccessLogSettings ?? {}) as Record<
      string,
      unknown
    >;
    expect(JSON.stringify(DestinationArn)).toContain('AccessLog');
    expect(String(Format)).toContain('$context.identity.userArn');
    expect(String(Format)).not.toMatch(/\$context\.(path|http\.path|customDomain)|query|header/i);
  });

  it('answers at a custom domain, and then only there', () => {
    const custom = Template.fromStack(
      deploy({
        domain: {
          name: 'epsom.example.org',
          certificateArn:
            'arn:aws:acm:eu-west-1:123456789012:certificate/00000000-0000-0000-0000-000000000000',
        },
      }),
    );
    custom.hasResourceProperties('AWS::ApiGatewayV2::DomainName', {
      DomainName: 'epsom.example.org',
      DomainNameConfigurations: [Match.objectLike({ SecurityPolicy: 'TLS_1_2' })],
    });
    custom.resourceCountIs('AWS::ApiGatewayV2::ApiMapping', 1);
    custom.hasResourceProperties('AWS::ApiGatewayV2::Api', { DisableExecuteApiEndpoint: true });
    custom.allResourcesProperties('AWS::Lambda::Function', {
      Environment: { Variables: { EPSOM_BASE_URL: 'https://epsom.example.org' } },
    });
  });

  it.each([
    'http://epsom.example.org',
    'https://epsom.example.org/',
    'https://epsom.example.org/v1',
    'epsom',
  ])('refuses the base URL %s', (baseUrl) =>
    expect(() => deploy({ baseUrl })).toThrow(`base URL \`${baseUrl}\` must be https://`),
  );

  it.each(['ssm:/epsom/clients', 'arn:aws:ssm:eu-west-1:1:parameter/x', ''])(
    'refuses %j as the name of the parameter with the registry',
    (clientsParameter) => {
      expect(() => deploy({ clientsParameter })).toThrow('is not the name of an SSM parameter');
    },
  );

  it('refuses the stage name Prod', () => {
    expect(() => deploy({ stage: 'Prod' })).toThrow('stage `Prod` is not a name');
  });
});

describe('alarms', () => {
  it('watch 5xx answers, errors and throttles of each function, the table and the spill: 21, one topic', () => {
    const topic = only('AWS::SNS::Topic', {});
    const alarms = all('AWS::CloudWatch::Alarm');
    expect(alarms.map(([, { Properties }]) => Properties.AlarmDescription).sort()).toEqual(
      [
        'an answer with status 5xx',
        'DynamoDB failed requests to the decision log',
        'DynamoDB throttled requests to the decision log',
        'records wait in the spill: DynamoDB could not be written',
        'records that could not be put into the table for a day: act within fourteen days',
        ...['cds-services', 'decisions', 'drain', 'evaluate', 'fhir', 'health', 'rules', 'sealer'].flatMap(
          (name) => [`functions/${name}.ts threw or timed out`, `functions/${name}.ts was refused capacity`],
        ),
      ].sort(),
    );
    template.allResourcesProperties('AWS::CloudWatch::Alarm', {
      AlarmActions: [{ Ref: topic }],
      Threshold: 1,
    });
  });

  it('go to an encrypted topic that CloudWatch may publish to, over TLS only', () => {
    const key = only('AWS::KMS::Key', { Description: 'Epsom: decision log, function logs, alarms' });
    template.hasResourceProperties('AWS::SNS::Topic', { KmsMasterKeyId: { 'Fn::GetAtt': [key, 'Arn'] } });
    const cloudwatch = { Effect: 'Allow', Principal: { Service: 'cloudwatch.amazonaws.com' } };
    template.hasResourceProperties('AWS::SNS::TopicPolicy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
          Match.objectLike({ ...cloudwatch, Action: 'sns:Publish' }),
        ]),
      },
    });
    template.hasResourceProperties('AWS::KMS::Key', {
      KeyPolicy: {
        Statement: Match.arrayWith([
          Match.objectLike({ ...cloudwatch, Action: ['kms:Decrypt', 'kms:GenerateDataKey*'] }),
        ]),
      },
    });
  });

  it('reach the address given, and nobody when none is', () => {
    template.hasResourceProperties('AWS::SNS::Subscription', {
      Protocol: 'email',
      Endpoint: 'oncall@example.org',
    });
    Template.fromStack(deploy()).resourceCountIs('AWS::SNS::Subscription', 0);
  });
});

describe('cdk-nag', () => {
  it('finds nothing in AwsSolutions that has no reason written beside it', () => {
    expect(new AwsSolutionsChecks().validateScope(stack).violations).toEqual([]);
  });

  it('does look: a table without point-in-time recovery is reported', () => {
    const bare = new Stack(new App({ outdir: temporaryFolder() }), 'Bare');
    new CfnTable(bare, 'Table', { keySchema: [{ attributeName: 'pk', keyType: 'HASH' }] });
    expect(new AwsSolutionsChecks().validateScope(bare).violations.map(({ ruleName }) => ruleName)).toContain(
      'AwsSolutions-DDB3',
    );
  });

  const excusedIn = (some: EpsomStack): string[] =>
    some.node
      .findAll()
      .flatMap((construct) =>
        construct.node.metadata
          .filter(({ type }) => type === Validations.ACKNOWLEDGED_RULES_METADATA_KEY)
          .flatMap(({ data }) => Object.keys(data).map((rule) => `${construct.node.path} ${rule}`)),
      );

  const objects = [
    ...['cds-services', 'evaluate', 'decisions', 'fhir'].map(
      (name) => `Epsom-test/${name}-role Annotation::AwsSolutions-IAM5[Resource::<>/large/*]`,
    ),
    'Epsom-test/sealer-role Annotation::AwsSolutions-IAM5[Resource::<>/seals/*]',
  ];

  it('finds nothing without a registry either, where it is told of tracing and objects only', () => {
    const bare = deploy();
    expect(new AwsSolutionsChecks().validateScope(bare).violations).toEqual([]);
    expect(excusedIn(bare)).toHaveLength(8 + objects.length);
  });

  it('is told of three exceptions: tracing, the objects of one folder, and routes open to tokens', () => {
    const excused = excusedIn(stack);
    const tracing = excused.filter((line) =>
      /-role\/DefaultPolicy .*AwsSolutions-IAM5\[Resource::\*\]$/.test(line),
    );
    const routes = excused.filter((line) => /AwsSolutions-APIG4$/.test(line));
    expect([tracing.length, routes.length]).toEqual([8, 22]);
    expect(
      excused
        .filter((line) => !tracing.includes(line) && !routes.includes(line))
        .map((line) => line.replace(/<.*?>/, '<>')),
    ).toEqual(objects);
    for (const [, { Properties }] of all('AWS::IAM::Policy')) {
      const { Statement } = Properties.PolicyDocument as { Statement: Statement[] };
      const actions = Statement.flatMap(({ Action }) => list(Action));
      // What an event source needs to consume its queue is added by CDK beside tracing.
      expect(actions.filter((action) => action.startsWith('xray:')).sort()).toEqual([
        'xray:PutTelemetryRecords',
        'xray:PutTraceSegments',
      ]);
    }
  });
});
