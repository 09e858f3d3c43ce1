/**
 * Who looked at the log: every auditor's query is a record in it, chained and sealed like a decision. The
 * patient asked for is in the patients' index only (by the keyed hash), so that an erasure can take it out.
 */
import { type DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb';
import { asString, isObject } from '../../rules/fhir/json.ts';
import type { Chained } from '../../rules/record.ts';
import { dayOf, decisionKey, type Item, type Key, keyIn, keyItem, nameOf, S } from './items.ts';
import { calendarPartition } from './postings.ts';
import { decompressJson } from './stored.ts';

export interface Access {
  schema: 'epsom.access/1';
  tenant: string;
  client: string;
  /** Who it was, as their issuer says; null without a registry. */
  user: string | null;
  what: 'search' | 'read' | 'replay' | 'proof' | 'export';
  /** Which list or record was asked for: `/decisions`, `/fhir/AuditEvent`. */
  path: string;
  /** Network address of the caller, where the edge knows it. */
  address: string | null;
  /** The decision looked at. */
  decisionId: string | null;
  /** Filters of a search, without the patient. */
  filter: Record<string, string>;
  /** How many were given; 0 for a stream, which does not know yet. */
  count: number;
  at: string;
}
export type StoredAccess = Access & Chained;

/** An access as it is read again: with the keyed hash of the patient it was about, unless that was erased. */
export interface ListedAccess {
  /** Time and chance: `2026-01-31T12:00:00.000Z#0123...`. */
  place: string;
  access: StoredAccess;
  hashed: string | null;
}

export const accessPartition = (tenant: string, day: string): string => `T#${tenant}#A#${day}`;

/** Accesses about one patient, by time. */
export const patientAccesses = (tenant: string, hashed: string): string => `T#${tenant}#PA#${hashed}`;

export const accessKey = ({ tenant, at }: Pick<Access, 'tenant' | 'at'>, nonce: string): Key => ({
  pk: accessPartition(tenant, dayOf(at)),
  sk: `${at}#${nonce}`,
});

/** Accesses to one decision lie beside it; days that have any are in a calendar. */
const besideDecision = 'A#';
export function accessPostings({ tenant, at, decisionId }: Access, nonce: string): Item[] {
  const { sk: place } = accessKey({ tenant, at }, nonce);
  return [
    keyItem({ pk: calendarPartition(tenant, 'A'), sk: dayOf(at) }),
    ...(decisionId
      ? [keyItem({ pk: decisionKey(tenant, decisionId).pk, sk: `${besideDecision}${place}` })]
      : []),
  ];
}

const isAccess = (value: unknown): value is StoredAccess =>
  isObject(value) && asString(value.schema) === 'epsom.access/1';

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
  async function* query(expression: string, values: Record<string, string>, index?: 'gsi1') {
    let last: Item | undefined;
    do {
      const answer: { Items?: Item[]; LastEvaluatedKey?: Item | undefined } = await client.send(
        new QueryCommand({
          TableName: table,
          ...(index ? { IndexName: index } : {}),
          KeyConditionExpression: expression,
          ExpressionAttributeValues: Object.fromEntries(
            Object.entries(values).map(([name, value]) => [`:${name}`, S(value)]),
          ),
          ScanIndexForward: false,
          Limit: 50,
          ...(last ? { ExclusiveStartKey: last } : {}),
        }),
      );
      yield* answer.Items ?? [];
      last = answer.LastEvaluatedKey;
    } while (last);
  }

  /** Keys of accesses, newest first. */
  async function* places(tenant: string, filter: AccessFilter, from: string, before: string) {
    if (filter.decisionId !== undefined) {
      const { pk } = decisionKey(tenant, filter.decisionId);
      const range = { pk, from: `${besideDecision}${from}`, before: `${besideDecision}${before}` };
      for await (const { sk } of query('pk = :pk AND sk BETWEEN :from AND :before', range)) {
        const place = sk?.S?.slice(besideDecision.length) ?? '';
        yield { pk: accessPartition(tenant, dayOf(place)), sk: place };
      }
    } else if (filter.hashed !== undefined) {
      const range = { pk: patientAccesses(tenant, filter.hashed), from, before };
      const found = query('gsi1pk = :pk AND gsi1sk BETWEEN :from AND :before', range, 'gsi1');
      for await (const item of found) yield keyIn(item);
    } else {
      const days = { pk: calendarPartition(tenant, 'A'), from: dayOf(from), before: dayOf(before) };
      for await (const { sk: day } of query('pk = :pk AND sk BETWEEN :from AND :before', days)) {
        const range = { pk: accessPartition(tenant, day?.S ?? ''), from, before };
        for await (const item of query('pk = :pk AND sk BETWEEN :from AND :before', range)) yield keyIn(item);
      }
    }
  }

  /** @param key as `places` gives it; null for what was purged */
  async function read(key: Key): Promise<ListedAccess | null> {
    for await (const item of query('pk = :pk AND sk = :sk', { ...key })) {
      const record = item.record?.B ? await decompressJson(item.record.B) : null;
      if (!isAccess(record)) return null;
      return { place: key.sk, access: record, hashed: item.gsi1pk?.S?.split('#PA#')[1] ?? null };
    }
    return null;
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
      for await (const key of places(tenant, filter, from, before)) {
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
    find: (tenant: string, place: string): Promise<ListedAccess | null> =>
      read({ pk: accessPartition(tenant, dayOf(place)), sk: place }),
  };
}

const isWanted = ({ access, hashed }: ListedAccess, filter: AccessFilter): boolean =>
  (filter.client === undefined || access.client === filter.client) &&
  (filter.hashed === undefined || hashed === filter.hashed);
