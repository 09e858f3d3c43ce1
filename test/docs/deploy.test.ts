/** docs/deploy.md counts what the stack creates; the template is counted here. */
import { readFileSync } from 'node:fs';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { expect, it } from 'vitest';
import { EpsomStack } from '../../infra/stack.ts';

const [, table = ''] = readFileSync('docs/deploy.md', 'utf8').split(/<!-- \/?created -->/);
/** Words of the table and the kind of resource they stand for. */
const kinds = {
  'DynamoDB table': 'AWS::DynamoDB::Table',
  'KMS keys': 'AWS::KMS::Key',
  'Lambda functions': 'AWS::Lambda::Function',
  roles: 'AWS::IAM::Role',
  schedule: 'AWS::Events::Rule',
  'SQS queues': 'AWS::SQS::Queue',
  'S3 buckets': 'AWS::S3::Bucket',
  'HTTP API': 'AWS::ApiGatewayV2::Api',
  alarms: 'AWS::CloudWatch::Alarm',
  topic: 'AWS::SNS::Topic',
} as const;

it('docs/deploy.md has the numbers of what the stack creates', () => {
  const { context } = JSON.parse(readFileSync('cdk.json', 'utf8'));
  const template = Template.fromStack(
    new EpsomStack(new App({ context }), 'Epsom-test', {
      stage: 'test',
      clientsParameter: '/epsom/test/clients',
      code: () => Code.fromInline('exports.handler = async () => ({ statusCode: 204 });'),
    }),
  );
  const created = Object.entries(kinds).map(([words, type]) => [
    words,
    Object.keys(template.findResources(type)).length,
  ]);
  const tables = Object.values(template.findResources(kinds['DynamoDB table']));
  created.push(['indexes', tables.flatMap(({ Properties }) => Properties.GlobalSecondaryIndexes).length]);
  const firstCells = table.split('\n').map((row) => row.split('|')[1] ?? '');
  const said = firstCells.flatMap((cell) =>
    [
      ...cell.matchAll(
        /(\d+) (DynamoDB table|KMS keys|Lambda functions|SQS queues|S3 buckets|HTTP API|\w+)/g,
      ),
    ].map(([, count, words]) => [words, Number(count)]),
  );
  expect(said.toSorted()).toEqual(created.toSorted());
});
