import { Duration, type Stack } from 'aws-cdk-lib';
import type { HttpStage } from 'aws-cdk-lib/aws-apigatewayv2';
import { Alarm, ComparisonOperator, type IMetric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { Operation, type Table } from 'aws-cdk-lib/aws-dynamodb';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Key } from 'aws-cdk-lib/aws-kms';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { LogParts } from './log-parts.ts';

export interface Watched {
  readonly stage: HttpStage;
  /** By the name of the file in `functions/`. */
  readonly functions: ReadonlyMap<string, IFunction>;
  readonly table: Table;
  /** The queue records wait in, and the one they must never reach. */
  readonly parts: Pick<LogParts, 'spill' | 'lost'>;
  /** Encrypts the topic. */
  readonly key: Key;
  /** Gets the alarms, once it has confirmed. */
  readonly email: string | undefined;
}

/**
 * One alarm per thing that can go wrong, on the first occurrence in five minutes: an answer that was not
 * given or a record that was not written is never noise.
 */
export function createAlarms(scope: Stack, { stage, functions, table, parts, key, email }: Watched): Topic {
  const topic = new Topic(scope, 'Alarms', { masterKey: key, enforceSSL: true });
  const fromAlarms = {
    principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
    conditions: { StringEquals: { 'aws:SourceAccount': scope.account } },
  };
  // A topic with a policy of its own (enforceSSL makes one) loses the default that lets the account publish.
  topic.addToResourcePolicy(
    new PolicyStatement({ ...fromAlarms, actions: ['sns:Publish'], resources: [topic.topicArn] }),
  );
  // https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html#compatibility-with-aws-services
  key.addToResourcePolicy(
    new PolicyStatement({
      ...fromAlarms,
      actions: ['kms:Decrypt', 'kms:GenerateDataKey*'],
      resources: ['*'],
    }),
  );
  if (email) topic.addSubscription(new EmailSubscription(email));

  const watch = (id: string, alarmDescription: string, metric: IMetric) =>
    new Alarm(scope, `${id}-alarm`, {
      alarmDescription,
      metric,
      threshold: 1,
      evaluationPeriods: 1,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    }).addAlarmAction(new SnsAction(topic));

  const period = Duration.minutes(5);
  const operations = [Operation.PUT_ITEM, Operation.GET_ITEM, Operation.QUERY];
  watch('api-5xx', 'an answer with status 5xx', stage.metricServerError({ period, statistic: 'Sum' }));
  for (const [name, handler] of functions) {
    watch(`${name}-errors`, `functions/${name}.ts threw or timed out`, handler.metricErrors({ period }));
    watch(
      `${name}-throttles`,
      `functions/${name}.ts was refused capacity`,
      handler.metricThrottles({ period }),
    );
  }
  watch(
    'table-throttles',
    'DynamoDB throttled requests to the decision log',
    table.metricThrottledRequestsForOperations({ operations, period }),
  );
  watch(
    'table-errors',
    'DynamoDB failed requests to the decision log',
    table.metricSystemErrorsForOperations({ operations, period }),
  );
  watch(
    'spill-waits',
    'records wait in the spill: DynamoDB could not be written',
    parts.spill.metricApproximateNumberOfMessagesVisible({ period, statistic: 'Maximum' }),
  );
  watch(
    'spill-lost',
    'records that could not be put into the table for a day: act within fourteen days',
    parts.lost.metricApproximateNumberOfMessagesVisible({ period, statistic: 'Maximum' }),
  );
  return topic;
}
