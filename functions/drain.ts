/** On AWS, for each batch of the spill's queue: puts into the table what could not be put before (log/sqs.ts). */
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { serviceOnAws } from './host/aws.ts';
import type { DecisionLog } from './log/decision-log.ts';
import { insertMessages } from './log/messages.ts';

export async function drainBatch(log: DecisionLog, { Records }: SQSEvent): Promise<SQSBatchResponse> {
  const failed = await insertMessages(Records, log.insert);
  return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) };
}

export const handler = serviceOnAws((service) => (event: SQSEvent) => drainBatch(service.log, event));
