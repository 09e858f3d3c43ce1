/** What no seal covers yet: which writers may have written, and their records up to the first gap. */
import { type DynamoDBClient, paginateQuery } from '@aws-sdk/client-dynamodb';
import { day } from '../../../rules/fhir/time.ts';
import { itemsAt } from '../batch.ts';
import { type Item, S } from '../items.ts';
import { chainPartition, dayOf, keyIn, keyItem, nameOf, writerDays, writersPartition } from '../keys.ts';
import { queryItems } from '../paging.ts';
import type { Seal } from '../seal.ts';
import type { ManifestEntry } from '../tree.ts';

/** Records of one writer that one seal takes at most: the rest waits for the next. */
const mostOfWriter = 20_000;

export interface Unsealed {
  entries: ManifestEntry[];
  /** More follow, or a number is missing: the writer is looked at again. */
  gap: boolean;
}

export function createUnsealed(options: {
  client: DynamoDBClient;
  table: string;
  /**
   * An index may show a record that the table does not have: the embedded DynamoDB writes indexes first, and may be
   * killed in between. Then nothing is given that is not read in the table. DynamoDB itself writes the table first.
   */
  indexMayLead: boolean;
}) {
  const { client, table, indexMayLead } = options;

  async function* sortKeysOf(pk: string, from?: string): AsyncGenerator<string> {
    const items = queryItems(client, {
      TableName: table,
      KeyConditionExpression: from === undefined ? 'pk = :pk' : 'pk = :pk AND sk >= :from',
      ExpressionAttributeValues: { ':pk': S(pk), ...(from === undefined ? {} : { ':from': S(from) }) },
      ConsistentRead: true,
    });
    for await (const item of items) yield keyIn(item).sk;
  }

  /** Names of those items that the table itself has. */
  async function namesInTable(items: readonly Item[]): Promise<Set<string>> {
    const names = new Set<string>();
    const keys = items.map((item) => keyItem(keyIn(item)));
    const how = { ConsistentRead: true, ProjectionExpression: 'pk, sk' };
    for await (const item of itemsAt(client, table, keys, how)) names.add(nameOf(keyIn(item)));
    return names;
  }

  return {
    /** Writers that may have written since a seal: those of the days of the interval, and those that wait. */
    async writers(since: Pick<Seal, 'waiting' | 'interval'> | null): Promise<string[]> {
      const names = new Set(since?.waiting ?? []);
      // A writer's clock may be a little off.
      const from = since ? dayOf(new Date(Date.parse(since.interval.to) - day).toISOString()) : '0';
      for await (const date of sortKeysOf(writerDays, from)) {
        for await (const name of sortKeysOf(writersPartition(date))) names.add(name);
      }
      return [...names].filter((name) => name !== '').sort();
    },

    /** Records of a writer after `seq`, up to the first gap. Whole pages, so that the table is asked once for each. */
    async of(writer: string, seq: number): Promise<Unsealed> {
      const entries: ManifestEntry[] = [];
      const pages = paginateQuery(
        { client },
        {
          TableName: table,
          IndexName: 'gsi3',
          KeyConditionExpression: 'gsi3pk = :writer AND gsi3sk > :seq',
          ExpressionAttributeValues: { ':writer': S(chainPartition(writer)), ':seq': { N: String(seq) } },
        },
      );
      for await (const { Items: items = [] } of pages) {
        const there = indexMayLead ? await namesInTable(items) : null;
        for (const item of items) {
          const entry = entryOf(item, writer, seq + entries.length + 1);
          if (entry === null || there?.has(entry.name) === false) return { entries, gap: true };
          entries.push(entry);
          if (entries.length === mostOfWriter) return { entries, gap: true };
        }
      }
      return { entries, gap: false };
    },
  };
}

/** The manifest entry of an item of a chain; null when its number is another one. */
function entryOf(item: Item, writer: string, seq: number): ManifestEntry | null {
  if (Number(item.gsi3sk?.N) !== seq) return null;
  return { name: nameOf(keyIn(item)), hash: item.hash?.S ?? '', writer, seq, at: item.at?.S ?? '' };
}
