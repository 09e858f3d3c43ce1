/**
 * On AWS: records wait in a queue while DynamoDB cannot be written. functions/drain.ts puts them into the table by
 * the same insert; what it cannot put comes back to the queue, and after many tries goes to a dead-letter queue.
 * SQS cannot run here: tests stand in for it behind the same small function.
 */
import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { itemsToText } from './item-json.ts';
import type { Item } from './items.ts';
import type { Spill } from './spill.ts';

type Sqs = Pick<SQSClient, 'send'>;

/**
 * A message may hold 1 MiB; an item holds at most 400 KB, a third more in base64.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html
 */
export function createQueueSpill(sqs: Sqs, url: string): Spill {
  let sent = 0;
  return {
    async keep(items: readonly Item[]) {
      await sqs.send(new SendMessageCommand({ QueueUrl: url, MessageBody: itemsToText(items) }));
      sent += 1;
    },
    // What this environment sent; the queue's own metric counts all, and is alarmed.
    waiting: () => sent,
    // The dead-letter queue has a metric of its own.
    aside: () => 0,
    drain: async () => 0,
  };
}
