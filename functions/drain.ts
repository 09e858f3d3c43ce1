/** On AWS, for each batch of the spill's queue: puts into the table what could not be put before (log/sqs.ts). */
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { readSettings } from './config/settings.ts';
import { createInsertOnAws } from './host/aws-drain.ts';
import { connectOnce } from './host/lambda.ts';
import type { Insert } from './log/insert.ts';
import { insertMessages } from './log/messages.ts';

/** @returns the messages that are to come again */
export async function drainBatch(insert: Insert, { Records }: SQSEvent): Promise<SQSBatchResponse> {
  const failed = await insertMessages(Records, insert);
  return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) };
}

export const handler = connectOnce(async () => {
  const insert = createInsertOnAws(readSettings(process.env));
  return (event: SQSEvent) => drainBatch(insert, event);
});
