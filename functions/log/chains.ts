/** The chains of writers as they are read again: who may have written, and a writer's records up to the first gap. */
import { type DynamoDBClient, paginateQuery } from '@aws-sdk/client-dynamodb';
import { itemsAt } from './batch.ts';
import { type Item, S } from './items.ts';
import {
  activePartition,
  activeWriterIn,
  chainPartition,
  dayOf,
  keyIn,
  keyItem,
  lostPartition,
  nameOf,
  slotOf,
  sortable,
  writerDays,
  writersPartition,
} from './keys.ts';
import { queryItems } from './paging.ts';
import type { ManifestEntry } from './tree.ts';

/** A page of a chain. */
export interface ChainPage {
  entries: ManifestEntry[];
  /** A number is missing after them: nothing behind it is given. */
  gap: boolean;
}

export type Chains = ReturnType<typeof createChains>;

export function createChains(options: {
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

  /**
   * Those of which the table itself has the record: by its hash, because another writer may have put the same request
   * after this one was killed in between.
   */
  async function inTable(items: readonly Item[]): Promise<Item[]> {
    const hashes = new Map<string, string | undefined>();
    const keys = items.map((item) => keyItem(keyIn(item)));
    const how = {
      ConsistentRead: true,
      ProjectionExpression: 'pk, sk, #hash',
      ExpressionAttributeNames: { '#hash': 'hash' },
    };
    for await (const item of itemsAt(client, table, keys, how)) hashes.set(nameOf(keyIn(item)), item.hash?.S);
    return items.filter((item) => hashes.get(nameOf(keyIn(item))) === item.hash?.S);
  }

  /** Whether all of these numbers of a writer are noted as lost. */
  async function areLost(writer: string, from: number, to: number): Promise<boolean> {
    let next = from;
    for await (const sk of sortKeysOf(lostPartition(writer), sortable(from))) {
      if (next > to || sk !== sortable(next)) break;
      next += 1;
    }
    return next > to;
  }

  return {
    /** Writers that announced themselves on a day (UTC) or after it. */
    async writersSince(date: string): Promise<Set<string>> {
      const names = new Set<string>();
      for await (const one of sortKeysOf(writerDays, date)) {
        for await (const name of sortKeysOf(writersPartition(one))) names.add(name);
      }
      names.delete('');
      return names;
    },

    /** Writers that announced themselves in the five minutes of a time (RFC 3339) or after it. */
    async activeSince(time: string): Promise<Set<string>> {
      const names = new Set<string>();
      for await (const one of sortKeysOf(writerDays, dayOf(time))) {
        for await (const sk of sortKeysOf(activePartition(one), slotOf(time)))
          names.add(activeWriterIn({ pk: '', sk }));
      }
      return names;
    },

    /**
     * Records of a writer after `seq`, page by page, up to the first gap.
     * @param sealedUpTo what is missing up to this number was sealed and then purged: no gap. What is lost is none either
     */
    async *after(writer: string, seq: number, sealedUpTo = 0): AsyncGenerator<ChainPage> {
      let last = seq;
      const pages = paginateQuery(
        { client },
        {
          TableName: table,
          IndexName: 'gsi3',
          KeyConditionExpression: 'gsi3pk = :writer AND gsi3sk > :seq',
          ExpressionAttributeValues: { ':writer': S(chainPartition(writer)), ':seq': { N: String(seq) } },
        },
      );
      for await (const { Items: found = [] } of pages) {
        // Whole pages, so that the table is asked once for each.
        const items = indexMayLead && found.length > 0 ? await inTable(found) : found;
        const entries: ManifestEntry[] = [];
        for (const item of items) {
          const entry = entryOf(item, writer);
          const isNext = entry.seq === last + 1 || entry.seq <= sealedUpTo + 1;
          if (!isNext && !(await areLost(writer, last + 1, entry.seq - 1))) {
            yield { entries, gap: true };
            return;
          }
          entries.push(entry);
          last = entry.seq;
        }
        yield { entries, gap: false };
      }
    },
  };
}

/** The manifest entry of an item of a chain. */
const entryOf = (item: Item, writer: string): ManifestEntry => ({
  name: nameOf(keyIn(item)),
  hash: item.hash?.S ?? '',
  writer,
  seq: Number(item.gsi3sk?.N),
  at: item.at?.S ?? '',
});
