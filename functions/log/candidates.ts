/**
 * Candidates of a list of decisions, newest first: which index leads, the most telling first: patient, outcome, rule,
 * client, all clients. What else is asked, the list itself looks at (queries.ts).
 */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { type Item, S } from './items.ts';
import {
  calendarPartition,
  clientPartition,
  type Dimension,
  dayOf,
  keyIn,
  monthOf,
  outcomePartition,
  patientPartition,
  rulePartition,
  shards,
} from './keys.ts';
import { mergeNewest, type Placed } from './merge.ts';
import { queryItems } from './paging.ts';

/** What may lead. */
export interface LeadingFilter {
  /** The bare id. */
  patient?: string | undefined;
  rule?: string | undefined;
  client?: string | undefined;
  /** What came of its cards; `none`: no feedback. */
  outcome?: 'accepted' | 'overridden' | 'none' | undefined;
}

type PlacedItem = Placed & { item: Item };

/** From when to before when: places, or days and months when shortened. */
export interface Range {
  from: string;
  before: string;
}

export interface Table {
  client: DynamoDBClient;
  table: string;
}

/** Items of one partition of an index between two places, newest first; `size` to a page. */
async function* walk(
  { client, table }: Table,
  index: 'gsi1' | 'gsi2',
  partition: string,
  { from, before }: Range,
  size: number,
): AsyncGenerator<PlacedItem> {
  const items = queryItems(client, {
    TableName: table,
    IndexName: index,
    KeyConditionExpression: `${index}pk = :partition AND ${index}sk BETWEEN :from AND :before`,
    ExpressionAttributeValues: { ':partition': S(partition), ':from': S(from), ':before': S(before) },
    ScanIndexForward: false,
    Limit: size,
  });
  for await (const item of items) {
    const place = item[`${index}sk`]?.S ?? '';
    if (place < before) yield { place, item };
  }
}

/** Periods (days or months) in which a dimension has anything, newest first. */
async function* periods(
  { client, table }: Table,
  tenant: string,
  dimension: Dimension,
  { from, before }: Range,
): AsyncGenerator<string> {
  const items = queryItems(client, {
    TableName: table,
    KeyConditionExpression: 'pk = :calendar AND sk BETWEEN :from AND :to',
    ExpressionAttributeValues: {
      ':calendar': S(calendarPartition(tenant, dimension)),
      ':from': S(from),
      ':to': S(before),
    },
    ScanIndexForward: false,
    Limit: 50,
  });
  for await (const item of items) yield keyIn(item).sk;
}

const everyName: Range = { from: ' ', before: '~' };

const shortened = ({ from, before }: Range, period: (time: string) => string): Range => ({
  from: period(from),
  before: period(before),
});

/** The dimension that leads by month: an outcome, else a rule. */
function monthlyOf({ outcome, rule }: LeadingFilter) {
  if (outcome !== undefined && outcome !== 'none')
    return { dimension: { outcome }, partition: outcomePartition, name: outcome };
  if (rule !== undefined) return { dimension: { rule }, partition: rulePartition, name: rule };
  return null;
}

/** @param hashOf keyed hash of a patient id */
export function createCandidates(where: Table, hashOf: (tenant: string, patient: string) => Promise<string>) {
  const walkShards = (partitionOf: (shard: number) => string, range: Range, size: number) =>
    shards.map((shard) => walk(where, 'gsi2', partitionOf(shard), range, size));

  async function* byMonth(
    tenant: string,
    { dimension, partition, name }: NonNullable<ReturnType<typeof monthlyOf>>,
    range: Range,
    size: number,
  ) {
    for await (const month of periods(where, tenant, dimension, shortened(range, monthOf)))
      yield* mergeNewest(walkShards((shard) => partition(tenant, name, month, shard), range, size));
  }

  /** The days of several clients, newest first: on each the clients that have anything. */
  async function* clientDays(tenant: string, clients: readonly string[], range: Range) {
    const days = shortened(range, dayOf);
    const calendars = clients.map((client) => placedDays(periods(where, tenant, { client }, days), client));
    let [day, on]: [string, string[]] = ['', []];
    for await (const { place, client } of mergeNewest(calendars)) {
      if (place !== day && on.length > 0) yield { day, clients: on };
      [day, on] = place === day ? [day, [...on, client]] : [place, [client]];
    }
    if (on.length > 0) yield { day, clients: on };
  }

  async function* byDay(tenant: string, client: string | undefined, range: Range, size: number) {
    const clients =
      client === undefined ? await Array.fromAsync(periods(where, tenant, 'clients', everyName)) : [client];
    for await (const { day, clients: there } of clientDays(tenant, clients, range)) {
      yield* mergeNewest(
        there.flatMap((name) =>
          walkShards((shard) => clientPartition(tenant, name, day, shard), range, size),
        ),
      );
    }
  }

  return async function* candidates(tenant: string, filter: LeadingFilter, range: Range, size: number) {
    const { patient } = filter;
    const monthly = monthlyOf(filter);
    if (patient !== undefined) {
      const partition = patientPartition(tenant, await hashOf(tenant, patient));
      yield* walk(where, 'gsi1', partition, range, size);
    } else if (monthly) yield* byMonth(tenant, monthly, range, size);
    else yield* byDay(tenant, filter.client, range, size);
  };
}

async function* placedDays(days: AsyncIterable<string>, client: string) {
  for await (const place of days) yield { place, client };
}
