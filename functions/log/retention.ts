/**
 * What may leave the log: a patient, by destroying the patient's key; and what is older than the retention, by
 * removing it. Both are records in the log, and neither changes a hash: chain and seals stay verifiable.
 */

import {
  DeleteItemCommand,
  type DynamoDBClient,
  QueryCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { asString, isObject } from '../../rules/fhir/json.ts';
import { day } from '../../rules/fhir/time.ts';
import { patientAccesses } from './accesses.ts';
import type { DecisionLog } from './decision-log.ts';
import { dayOf, type Item, keyIn, keyItem, patientKeyPartition, patientPartition, S } from './items.ts';
import type { PatientKeys } from './patients.ts';
import { hookInstancePartition, overridesPartition, placeOf } from './postings.ts';
import { decompressJson, type StoredHead } from './stored.ts';
import type { LogSource } from './verify.ts';

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

const eventKey = ({ tenant, at }: { tenant: string; at: string }, nonce: string) => ({
  pk: `T#${tenant}#E#${dayOf(at)}`,
  sk: `${at}#${nonce}`,
});

export type Retention = ReturnType<typeof createRetention>;

export function createRetention(options: {
  client: DynamoDBClient;
  table: string;
  log: DecisionLog;
  patients: PatientKeys;
  newId(): string;
  now(): Date;
}) {
  const { client, table, log, patients, newId, now } = options;

  async function* query(pk: string, index?: 'gsi1'): AsyncGenerator<Item> {
    let last: Item | undefined;
    do {
      const answer: { Items?: Item[]; LastEvaluatedKey?: Item | undefined } = await client.send(
        new QueryCommand({
          TableName: table,
          ...(index ? { IndexName: index } : {}),
          KeyConditionExpression: `${index ? 'gsi1pk' : 'pk'} = :pk`,
          ExpressionAttributeValues: { ':pk': S(pk) },
          ...(last ? { ExclusiveStartKey: last } : {}),
        }),
      );
      yield* answer.Items ?? [];
      last = answer.LastEvaluatedKey;
    } while (last);
  }

  const remove = (item: Item) =>
    client.send(new DeleteItemCommand({ TableName: table, Key: keyItem(keyIn(item)) }));

  return {
    /**
     * Erases one patient: destroys the keys, and takes the records out of the patients' index. What a process holds
     * in memory it forgets within a minute (patients.ts).
     */
    async erase(tenant: string, patient: string, who: string): Promise<Erasure> {
      const hashed = await patients.hashOf(tenant, patient);
      const keys: string[] = [];
      for await (const item of query(patientKeyPartition(tenant, hashed))) {
        keys.push(item.sk?.S ?? '');
        await remove(item);
      }
      patients.forget(tenant, hashed);
      let decisions = 0;
      for (const partition of [patientPartition(tenant, hashed), patientAccesses(tenant, hashed)]) {
        for await (const item of query(partition, 'gsi1')) {
          await client.send(
            new UpdateItemCommand({
              TableName: table,
              Key: keyItem(keyIn(item)),
              UpdateExpression: 'REMOVE gsi1pk, gsi1sk',
            }),
          );
          if (item.decisionId) decisions += 1;
        }
      }
      for await (const item of query(overridesPartition(tenant, hashed))) await remove(item);
      const at = now().toISOString();
      const erasure: Erasure = { schema: 'epsom.erasure/1', tenant, client: who, keys, decisions, at };
      await log.appendEvent({ record: erasure, key: eventKey(erasure, newId()), at, attributes: {} });
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
      const days = Math.max(retentionDays, leastRetentionDays);
      const limit = new Date(now().getTime() - days * day).toISOString();
      if (before > limit)
        throw new Error(`the retention is ${days} days: nothing after ${limit} may be purged`);
      const at = now().toISOString();
      const purge: Purge = { schema: 'epsom.purge/1', tenant, client: who, before, at };
      await log.appendEvent({ record: purge, key: eventKey(purge, newId()), at, attributes: {} });
      let removed = 0;
      const mine = `T#${tenant}#`;
      for await (const item of source.all()) {
        const { pk } = keyIn(item);
        // What was purged and erased stays on record for as long as the log does.
        if (!pk.startsWith(mine) || pk.startsWith(`${mine}E#`) || (item.at?.S ?? '~') >= before) continue;
        const record: unknown = item.record?.B ? await decompressJson(item.record.B) : null;
        if (isDecision(record)) {
          if (record.hookInstance)
            await remove(
              keyItem({
                pk: hookInstancePartition(tenant, record.client, record.hookInstance),
                sk: placeOf(record),
              }),
            );
          for await (const beside of query(pk)) if (!beside.record) await remove(beside);
          for (const card of record.cardIds) await remove(keyItem({ pk: `${mine}CARD#${card}`, sk: 'C' }));
        }
        await remove(item);
        removed += 1;
      }
      return { removed };
    },
  };
}

const isDecision = (record: unknown): record is StoredHead =>
  isObject(record) && asString(record.schema)?.startsWith('epsom.decision/') === true;
