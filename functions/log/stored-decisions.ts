/** Decisions as they are read again: heads in clear, clinical parts under the keys of their patients. */

import { type DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb';
import { itemsAt } from './batch.ts';
import type { Blobs } from './blobs.ts';
import { decompressJson } from './compression.ts';
import { type Item, S } from './items.ts';
import { cardKey, decisionKey, hookInstancePartition, type Key, keyIn, keyItem, patientIn } from './keys.ts';
import { headOfToday } from './older-records.ts';
import { itemAt } from './one-item.ts';
import type { PatientKeys } from './patients.ts';
import { ciphertextOf, openStored, type StoredDecision, type StoredHead } from './stored.ts';
import { notRead } from './unavailable.ts';

/** Related decisions that are named at most. */
const mostRelated = 100;

/** Keyed hash of the patient an item is about; null without one, or after an erasure. */
const patientOf = (item: Item): string | null => patientIn(item.gsi1pk?.S ?? '');

export type StoredDecisions = ReturnType<typeof createStoredDecisions>;

/** Each read throws `LogUnavailable` where the table cannot be read. */
export function createStoredDecisions(options: {
  client: DynamoDBClient;
  table: string;
  patients: Pick<PatientKeys, 'forReading'>;
  blobs: Blobs;
}) {
  const { client, table, patients, blobs } = options;

  const readAt = (key: Key): Promise<Item | undefined> => itemAt({ client, table }, key).catch(notRead);

  async function open(item: Item | undefined): Promise<StoredDecision | null> {
    if (!item?.record?.B) return null;
    const head = (await decompressJson(item.record.B)) as StoredHead;
    const key = head.clinical
      ? await patients.forReading(head.tenant, patientOf(item) ?? 'none', head.clinical.key).catch(notRead)
      : null;
    return openStored(head, await ciphertextOf(item, blobs), key);
  }

  /** Several by id, in that order, each opened when it is asked for; those that are not there are left out. */
  async function* findEach(tenant: string, ids: readonly string[]): AsyncGenerator<StoredDecision> {
    if (ids.length === 0) return;
    const keys = [...new Set(ids)].map((id) => keyItem(decisionKey(tenant, id)));
    const items = await Array.fromAsync(itemsAt(client, table, keys)).catch(notRead);
    const found = new Map(items.map((item) => [keyIn(item).pk, item]));
    for (const id of ids) {
      const decision = await open(found.get(decisionKey(tenant, id).pk));
      if (decision) yield decision;
    }
  }

  return {
    /** Null where there is none; `erased` where the patient's key was destroyed. */
    find: async (tenant: string, decisionId: string): Promise<StoredDecision | null> =>
      open(await readAt(decisionKey(tenant, decisionId))),

    findEach,

    /** The same, all at once. */
    findAll: (tenant: string, ids: readonly string[]): Promise<StoredDecision[]> =>
      Array.fromAsync(findEach(tenant, ids)),

    /** What is in clear, and the keyed hash of the patient. */
    async findHead(
      tenant: string,
      decisionId: string,
    ): Promise<{ head: StoredHead; hashed: string | null } | null> {
      const item = await readAt(decisionKey(tenant, decisionId));
      if (!item?.record?.B) return null;
      const record = (await decompressJson(item.record.B)) as StoredHead;
      return { head: headOfToday(record), hashed: patientOf(item) };
    },

    /** Id of the decision that showed a card; null for an unknown card. */
    async decisionOfCard(tenant: string, card: string): Promise<string | null> {
      const item = await readAt(cardKey(tenant, card));
      return item?.decisionId?.S ?? null;
    },

    /**
     * Whether a decision or a card belongs to one of these tenants. Asked only about what is not the caller's own,
     * so that another organisation's id can be told from one of nobody.
     */
    async belongsTo(tenants: readonly string[], what: 'decision' | 'card', id: string): Promise<boolean> {
      const keyOf = what === 'decision' ? decisionKey : cardKey;
      const found = await Promise.all(tenants.map((tenant) => readAt(keyOf(tenant, id))));
      return found.some((item) => item !== undefined);
    },

    /**
     * Other decisions of the same call of a hook (an order changed under it), newest first, 100 at most.
     * https://cds-hooks.hl7.org/2.0/#http-request_1
     */
    async relatedTo({
      tenant,
      client: caller,
      hookInstance,
      decisionId,
    }: Pick<StoredDecision, 'tenant' | 'client' | 'hookInstance' | 'decisionId'>): Promise<string[]> {
      if (hookInstance === null) return [];
      const { Items = [] } = await client
        .send(
          new QueryCommand({
            TableName: table,
            KeyConditionExpression: 'pk = :instance',
            ExpressionAttributeValues: {
              ':instance': S(hookInstancePartition(tenant, caller, hookInstance)),
            },
            ScanIndexForward: false,
            // One of them is the decision itself.
            Limit: mostRelated + 1,
          }),
        )
        .catch(notRead);
      const ids = Items.flatMap((item) => item.decisionId?.S ?? []);
      return ids.filter((id) => id !== decisionId).slice(0, mostRelated);
    },
  };
}
