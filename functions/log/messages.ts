/** What waited in the queue (sqs.ts), back into the table. */
import { itemsFromText } from './item-json.ts';
import type { Item } from './items.ts';

/** Inserts the messages of one event; returns the ids of those that are to come again. */
export async function insertMessages(
  messages: readonly { messageId: string; body: string }[],
  insert: (items: Item[]) => Promise<void>,
): Promise<string[]> {
  const failed: string[] = [];
  for (const { messageId, body } of messages) {
    try {
      await insert(itemsFromText(body));
    } catch {
      failed.push(messageId);
    }
  }
  return failed;
}
