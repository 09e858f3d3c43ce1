/**
 * What may leave the log: a patient, by destroying the patient's key; and what is older than the retention, by
 * removing it. Both are records in the log, and neither changes a hash: chain and seals stay verifiable.
 */
import { DeleteItemCommand, type DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { asString, isObject } from '../../rules/fhir/json.ts';
import { day } from '../../rules/fhir/time.ts';
import { decompressJson } from './compression.ts';
import type { DecisionLog } from './decision-log.ts';
import { type Item, S } from './items.ts';
import {
  cardKey,
  eventKey,
  hookInstanceKey,
  type Key,
  keyIn,
  keyItem,
  mayBePurged,
  overridesPartition,
  patientAccessPartition,
  patientKeyPartition,
  patientPartition,
  placeOf,
} from './keys.ts';
import { asStoredToday } from './older-records.ts';
import { queryItems } from './paging.ts';
import type { PatientKeys } from './patients.ts';
import type { LogSource } from './source.ts';
import type { StoredHead } from './stored.ts';

export interface Erasure {
  schema: 'epsom.erasure/1';
  tenant: string;
  client: string;
  /** Ids of the keys destroyed; nothing that names the patient. */
  keys: string[];
  /** How many decisions lost their clinical part. */
  decisions: number;
  at: string;
}

export interface Purge {
  schema: 'epsom.purge/1';
  tenant: string;
  client: string;
  /** Everything decided or received before this is removed. RFC 3339. */
  before: string;
  at: string;
}

/** Six years (HIPAA, 45 CFR 164.316(b)(2)(i)), leap days included. */
export const leastRetentionDays = 6 * 365 + 2;

/** @throws Error when a purge of what is older than `before` would remove what must be kept */
function checkRetention(before: string, retentionDays: number, now: Date): void {
  const days = Math.max(retentionDays, leastRetentionDays);
  const limit = new Date(now.getTime() - days * day).toISOString();
  if (before > limit) throw new Error(`the retention is ${days} days: nothing after ${limit} may be purged`);
}

/** Keys of what was derived from a decision and does not lie beside it. */
const derivedElsewhere = (tenant: string, head: StoredHead): Key[] => [
  ...(head.hookInstance ? [hookInstanceKey(tenant, head.client, head.hookInstance, placeOf(head))] : []),
  ...head.cardIds.map((card) => cardKey(tenant, card)),
];

export type Retention = ReturnType<typeof createRetention>;

/** Erases patients and removes what is older than the retention; both are records. */
export function createRetention(options: {
  client: DynamoDBClient;
  table: string;
  log: DecisionLog;
  patients: PatientKeys;
  newId(): string;
  now(): Date;
}) {
  const { client, table, log, patients, newId, now } = options;

  const itemsOf = (partition: string): AsyncGenerator<Item> =>
    queryItems(client, {
      TableName: table,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': S(partition) },
    });
  const itemsOfIndex = (partition: string): AsyncGenerator<Item> =>
    queryItems(client, {
      TableName: table,
      IndexName: 'gsi1',
      KeyConditionExpression: 'gsi1pk = :pk',
      ExpressionAttributeValues: { ':pk': S(partition) },
    });

  const remove = (key: Key) => client.send(new DeleteItemCommand({ TableName: table, Key: keyItem(key) }));

  /** Nobody finds the item by its patient any more. */
  const takeOutOfIndex = (key: Key) =>
    client.send(
      new UpdateItemCommand({
        TableName: table,
        Key: keyItem(key),
        UpdateExpression: 'REMOVE gsi1pk, gsi1sk',
      }),
    );

  /** Removes one record, and what was derived from it. */
  async function removeRecord(tenant: string, item: Item): Promise<void> {
    const key = keyIn(item);
    const stored: unknown = item.record?.B ? await decompressJson(item.record.B) : null;
    const record = isObject(stored) ? asStoredToday(stored) : null;
    if (isDecision(record)) {
      for await (const beside of itemsOf(key.pk)) if (!beside.record) await remove(keyIn(beside));
      for (const derived of derivedElsewhere(tenant, record)) await remove(derived);
    }
    await remove(key);
  }

  return {
    /**
     * Erases one patient: destroys the keys, and takes the records out of the patients' index. What a process holds
     * in memory it forgets within a minute (patients.ts).
     */
    async erase(tenant: string, patient: string, who: string): Promise<Erasure> {
      const hashed = await patients.hashOf(tenant, patient);
      const keys: string[] = [];
      for await (const item of itemsOf(patientKeyPartition(tenant, hashed))) {
        const key = keyIn(item);
        keys.push(key.sk);
        await remove(key);
      }
      patients.forget(tenant, hashed);
      let decisions = 0;
      for (const partition of [patientPartition(tenant, hashed), patientAccessPartition(tenant, hashed)]) {
        for await (const item of itemsOfIndex(partition)) {
          await takeOutOfIndex(keyIn(item));
          if (item.decisionId) decisions += 1;
        }
      }
      for await (const item of itemsOf(overridesPartition(tenant, hashed))) await remove(keyIn(item));
      const at = now().toISOString();
      const erasure: Erasure = { schema: 'epsom.erasure/1', tenant, client: who, keys, decisions, at };
      await log.appendEvent({ record: erasure, key: eventKey(tenant, at, newId()), at, attributes: {} });
      return erasure;
    },

    /**
     * Removes what is older than the retention of a tenant. The purge is recorded first: a verifier that misses a
     * record finds the reason.
     * @throws Error when that would remove what must be kept
     */
    async purge(
      source: LogSource,
      tenant: string,
      before: string,
      who: string,
      retentionDays: number,
    ): Promise<{ removed: number }> {
      checkRetention(before, retentionDays, now());
      const at = now().toISOString();
      const purge: Purge = { schema: 'epsom.purge/1', tenant, client: who, before, at };
      await log.appendEvent({ record: purge, key: eventKey(tenant, at, newId()), at, attributes: {} });
      let removed = 0;
      for await (const item of source.all()) {
        if (!mayBePurged(tenant, keyIn(item)) || (item.at?.S ?? '~') >= before) continue;
        await removeRecord(tenant, item);
        removed += 1;
      }
      return { removed };
    },
  };
}

const isDecision = (record: unknown): record is StoredHead =>
  isObject(record) && asString(record.schema)?.startsWith('epsom.decision/') === true;
