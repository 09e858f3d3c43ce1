/**
 * Who looked at the log: every auditor's query is a record in it, chained and sealed like a decision. The
 * patient asked for is in the patients' index only (by the keyed hash), so that an erasure can take it out.
 */
import { type DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb';
import { isObject } from '../../rules/fhir/json.ts';
import { decompressJson } from './compression.ts';
import { type Item, S } from './items.ts';
import {
  accessKey,
  accessOfDecisionKey,
  accessPartition,
  accessPlaceIn,
  calendarKey,
  calendarPartition,
  dayOf,
  type Key,
  keyIn,
  keyItem,
  nameOf,
  patientAccessPartition,
  patientOfAccess,
} from './keys.ts';
import { queryItems } from './paging.ts';
import { type Access, isAccess, type StoredAccess } from './records.ts';

/** An access as it is read again: with the keyed hash of the patient it was about, unless that was erased. */
export interface ListedAccess {
  /** Time and chance: `2026-01-31T12:00:00.000Z#0123...`. */
  place: string;
  access: StoredAccess;
  hashed: string | null;
}

/**
 * What follows from an access: those to one decision lie beside it, days that have any are in a calendar.
 * @param place time and chance, the sort key of the access
 */
export function accessItemsOf({ tenant, at, decisionId }: Access, place: string): Item[] {
  return [
    keyItem(calendarKey(tenant, 'accesses', dayOf(at))),
    ...(decisionId ? [keyItem(accessOfDecisionKey(tenant, decisionId, place))] : []),
  ];
}

export interface AccessFilter {
  /** Keyed hash of a patient. */
  hashed?: string;
  decisionId?: string;
  client?: string;
  /** RFC 3339 UTC, both ends included. */
  from?: string;
  to?: string;
}

/** Accesses one page may look at: beyond that it ends early, with a place to go on from. */
const mostExamined = 500;

export function createAccesses({ client, table }: { client: DynamoDBClient; table: string }) {
  /** Keys of one partition between two sort keys, newest first. */
  async function* keysBetween(pk: string, from: string, before: string, index?: 'gsi1') {
    const prefix = index ?? '';
    const items = queryItems(client, {
      TableName: table,
      ...(index ? { IndexName: index } : {}),
      KeyConditionExpression: `${prefix}pk = :pk AND ${prefix}sk BETWEEN :from AND :before`,
      ExpressionAttributeValues: { ':pk': S(pk), ':from': S(from), ':before': S(before) },
      ScanIndexForward: false,
      Limit: 50,
    });
    for await (const item of items) yield keyIn(item);
  }

  async function* ofDecision(tenant: string, decisionId: string, from: string, before: string) {
    const [first, last] = [from, before].map((place) => accessOfDecisionKey(tenant, decisionId, place));
    if (!first || !last) return;
    for await (const key of keysBetween(first.pk, first.sk, last.sk))
      yield accessKey(tenant, accessPlaceIn(key));
  }

  async function* ofEverybody(tenant: string, from: string, before: string) {
    const days = keysBetween(calendarPartition(tenant, 'accesses'), dayOf(from), dayOf(before));
    for await (const { sk: day } of days) yield* keysBetween(accessPartition(tenant, day), from, before);
  }

  /** Keys of accesses, newest first. */
  function keysOf(tenant: string, { decisionId, hashed }: AccessFilter, from: string, before: string) {
    if (decisionId !== undefined) return ofDecision(tenant, decisionId, from, before);
    if (hashed !== undefined)
      return keysBetween(patientAccessPartition(tenant, hashed), from, before, 'gsi1');
    return ofEverybody(tenant, from, before);
  }

  /** @param key of an access; null for what was purged */
  async function read(key: Key): Promise<ListedAccess | null> {
    const { Items } = await client.send(
      new QueryCommand({
        TableName: table,
        KeyConditionExpression: 'pk = :pk AND sk = :sk',
        ExpressionAttributeValues: { ':pk': S(key.pk), ':sk': S(key.sk) },
      }),
    );
    const [item] = Items ?? [];
    const record = item?.record?.B ? await decompressJson(item.record.B) : null;
    if (!isObject(record) || !isAccess(record)) return null;
    return { place: key.sk, access: record, hashed: patientOfAccess(item?.gsi1pk?.S ?? '') };
  }

  return {
    /**
     * Newest first.
     * @param after place of the last one examined before
     * @returns next: everything down to it was examined; null at the end
     */
    async list(
      tenant: string,
      filter: AccessFilter,
      limit: number,
      after: string | null,
    ): Promise<{ accesses: ListedAccess[]; next: string | null }> {
      const from = filter.from ?? '0';
      const before = after ?? `${filter.to ?? '9'}~`;
      if (from > before) return { accesses: [], next: null };
      const accesses: ListedAccess[] = [];
      const seen = new Set<string>();
      let examined = 0;
      let last: string | null = null;
      for await (const key of keysOf(tenant, filter, from, before)) {
        // The patients' index sorts by time alone: what has the time of the cursor is cut here.
        if (key.sk >= before || seen.has(nameOf(key))) continue;
        if (accesses.length === limit || examined === mostExamined) return { accesses, next: last };
        seen.add(nameOf(key));
        examined += 1;
        last = key.sk;
        const found = await read(key);
        if (found && isWanted(found, filter)) accesses.push(found);
      }
      return { accesses, next: null };
    },

    /** One access by its place. */
    find: (tenant: string, place: string): Promise<ListedAccess | null> => read(accessKey(tenant, place)),
  };
}

const isWanted = ({ access, hashed }: ListedAccess, filter: AccessFilter): boolean =>
  (filter.client === undefined || access.client === filter.client) &&
  (filter.hashed === undefined || hashed === filter.hashed);
