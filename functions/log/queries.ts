/**
 * Lists of decisions, newest first. A page costs what it examines, whatever the size of the log: one index leads,
 * the other filters look at what it yields, and a page that has examined enough ends with a cursor.
 *
 * Which index leads, the most telling first: patient, outcome, rule, client, all clients.
 */
import { type DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb';
import { decisionKey, type Item, patientPartition, S, shards } from './items.ts';
import { calendarPartition, clientPartition, outcomePartition, rulePartition } from './postings.ts';

export interface Filter {
  patient?: string;
  rule?: string;
  service?: string;
  client?: string;
  indicator?: string;
  /** What came of its cards; `none`: no feedback. */
  outcome?: 'accepted' | 'overridden' | 'none';
  /** RFC 3339 UTC, both ends included. */
  from?: string;
  to?: string;
}

export interface Page {
  /** Ids of decisions. */
  ids: string[];
  /** Place of the last decision examined, where there is more; null at the end. */
  next: string | null;
}

/** Decisions a page may look at: beyond that it ends early, with a cursor. */
const mostExamined = 500;

interface Stream {
  index: 'gsi1' | 'gsi2';
  partition: string;
}

export function createQueries(options: {
  client: DynamoDBClient;
  table: string;
  /** Keyed hash of a patient id. */
  hashOf(tenant: string, patient: string): Promise<string>;
}) {
  const { client, table } = options;

  /** Items of one partition between two places, newest first, page by page. */
  async function* walk({ index, partition }: Stream, from: string, before: string, size: number) {
    let last: Item | undefined;
    do {
      const answer: { Items?: Item[]; LastEvaluatedKey?: Item | undefined } = await client.send(
        new QueryCommand({
          TableName: table,
          IndexName: index,
          KeyConditionExpression: `${index}pk = :partition AND ${index}sk BETWEEN :from AND :before`,
          ExpressionAttributeValues: { ':partition': S(partition), ':from': S(from), ':before': S(before) },
          ScanIndexForward: false,
          Limit: size,
          ...(last ? { ExclusiveStartKey: last } : {}),
        }),
      );
      for (const item of answer.Items ?? []) {
        const place = item[`${index}sk`]?.S ?? '';
        if (place < before) yield { place, item };
      }
      last = answer.LastEvaluatedKey;
    } while (last);
  }

  /** Several partitions as one list, newest first. */
  async function* merged(streams: readonly Stream[], from: string, before: string, size: number) {
    const walks = streams.map((stream) => walk(stream, from, before, size));
    const heads = await Promise.all(walks.map((one) => one.next()));
    for (;;) {
      let newest = -1;
      let best = '';
      for (const [index, head] of heads.entries()) {
        if (head.done || head.value.place <= best) continue;
        best = head.value.place;
        newest = index;
      }
      const head = heads[newest];
      const source = walks[newest];
      if (!head || head.done || !source) return;
      yield head.value;
      heads[newest] = await source.next();
    }
  }

  /** Periods (days or months) in which a dimension has anything, newest first. */
  async function* periods(tenant: string, dimension: string, from: string, before: string) {
    let last: Item | undefined;
    do {
      const answer: { Items?: Item[]; LastEvaluatedKey?: Item | undefined } = await client.send(
        new QueryCommand({
          TableName: table,
          KeyConditionExpression: 'pk = :calendar AND sk BETWEEN :from AND :to',
          ExpressionAttributeValues: {
            ':calendar': S(calendarPartition(tenant, dimension)),
            ':from': S(from),
            ':to': S(before),
          },
          ScanIndexForward: false,
          Limit: 50,
          ...(last ? { ExclusiveStartKey: last } : {}),
        }),
      );
      for (const item of answer.Items ?? []) yield item.sk?.S ?? '';
      last = answer.LastEvaluatedKey;
    } while (last);
  }

  async function clientsOf(tenant: string): Promise<string[]> {
    const names: string[] = [];
    for await (const name of periods(tenant, 'CLIENTS', ' ', '~')) names.push(name);
    return names;
  }

  /** Candidates of the leading index, newest first. */
  async function* candidates(tenant: string, filter: Filter, from: string, before: string, size: number) {
    const { patient, rule, outcome } = filter;
    if (patient !== undefined) {
      const partition = patientPartition(tenant, await options.hashOf(tenant, patient));
      yield* walk({ index: 'gsi1', partition }, from, before, size);
      return;
    }
    const byMonth =
      outcome && outcome !== 'none'
        ? { dimension: `OUT#${outcome}`, partition: outcomePartition, name: outcome }
        : rule !== undefined
          ? { dimension: `RULE#${rule}`, partition: rulePartition, name: rule }
          : null;
    if (byMonth) {
      const { dimension, partition, name } = byMonth;
      for await (const month of periods(tenant, dimension, from.slice(0, 7), before.slice(0, 7))) {
        const streams = shards.map(
          (shard): Stream => ({ index: 'gsi2', partition: partition(tenant, name, month, shard) }),
        );
        yield* merged(streams, from, before, size);
      }
      return;
    }
    const clients = filter.client === undefined ? await clientsOf(tenant) : [filter.client];
    const calendars = clients.map((name) => ({
      name,
      days: periods(tenant, `C#${name}`, from.slice(0, 10), before.slice(0, 10)),
    }));
    const heads = await Promise.all(calendars.map(({ days: list }) => list.next()));
    for (;;) {
      const newest = heads.reduce((best, head) => (head.done || head.value <= best ? best : head.value), '');
      if (newest === '') return;
      const streams: Stream[] = [];
      for (const [index, head] of heads.entries()) {
        const calendar = calendars[index];
        if (head.done || head.value !== newest || !calendar) continue;
        for (const shard of shards) {
          streams.push({
            index: 'gsi2',
            partition: clientPartition(tenant, calendar.name, newest, shard),
          });
        }
        heads[index] = await calendar.days.next();
      }
      yield* merged(streams, from, before, size);
    }
  }

  /** Which outcomes a decision has feedback of. */
  async function outcomesOf(tenant: string, decisionId: string): Promise<Set<string>> {
    const answer = await client.send(
      new QueryCommand({
        TableName: table,
        KeyConditionExpression: 'pk = :decision AND begins_with(sk, :outcome)',
        ExpressionAttributeValues: {
          ':decision': S(decisionKey(tenant, decisionId).pk),
          ':outcome': S('O#'),
        },
      }),
    );
    return new Set((answer.Items ?? []).flatMap(({ sk }) => sk?.S?.slice(2) ?? []));
  }

  const matches = async (tenant: string, item: Item, filter: Filter): Promise<boolean> => {
    const { rule, service, client: caller, indicator, outcome } = filter;
    if (service !== undefined && item.service?.S !== service) return false;
    if (caller !== undefined && item.client?.S !== caller) return false;
    if (indicator !== undefined && item.indicator?.S !== indicator) return false;
    if (rule !== undefined && !item.findings?.SS?.includes(rule)) return false;
    if (outcome === undefined || (outcome !== 'none' && filter.patient === undefined)) return true;
    const outcomes = await outcomesOf(tenant, item.decisionId?.S ?? '');
    return outcome === 'none' ? outcomes.size === 0 : outcomes.has(outcome);
  };

  /**
   * @param limit decisions on a page, at most 100
   * @param after `next` of the page before
   */
  return async function list(
    tenant: string,
    filter: Filter,
    limit: number,
    after: string | null,
  ): Promise<Page> {
    const from = filter.from ?? '0';
    const before = after ?? `${filter.to ?? '9'}~`;
    // DynamoDB refuses an empty range, which would read as a failure of the log.
    if (from > before) return { ids: [], next: null };
    const ids: string[] = [];
    let examined = 0;
    let last: string | null = null;
    for await (const { place, item } of candidates(tenant, filter, from, before, Math.max(limit, 20))) {
      // The page is full, and there is one more: so there is a next one.
      if (ids.length === limit || examined === mostExamined) return { ids, next: last };
      examined += 1;
      last = place;
      const id = item.decisionId?.S;
      if (id !== undefined && (await matches(tenant, item, filter))) ids.push(id);
    }
    return { ids, next: null };
  };
}
