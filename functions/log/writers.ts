/**
 * Appending: one conditional put per record, before the answer leaves. Each process is a writer (or several side by
 * side); a writer's records form one chain by `prevHash`, `seq` from 1, so that no two processes ever contend.
 *
 * When DynamoDB cannot be written the record goes to the spill, with the same bytes under the same key; it is put
 * into the table later by the same insert. A put that failed may have landed: the insert then meets its own record.
 */
import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import { ulid } from 'ulid';
import { type Chained, chain } from '../../rules/record.ts';
import { engine } from '../../rules/version.ts';
import type { Blobs } from './blobs.ts';
import {
  B,
  chainPartition,
  dayOf,
  type Item,
  type Key,
  keyIn,
  keyItem,
  N,
  nameOf,
  S,
  writerItems,
} from './items.ts';
import type { Spill } from './spill.ts';
import { compressJson } from './stored.ts';

/** The log could neither be written nor kept for later: nothing may be answered. */
export class LogUnavailable extends Error {}

export const notYetThere = 'attribute_not_exists(pk)';

interface Writer {
  id: string;
  seq: number;
  hash: string | null;
  /** The last day (UTC) on which the sealer was told of this writer. */
  day: string | null;
  waiting: number;
  tail: Promise<unknown>;
}

const newWriter = (): Writer => ({
  id: `${engine.version}-${ulid()}`,
  seq: 0,
  hash: null,
  day: null,
  waiting: 0,
  tail: Promise.resolve(),
});

/** What is to be appended: chained and hashed here. */
export interface RecordDraft<R extends object> {
  record: R;
  key: Key;
  /** When it was decided or received, RFC 3339. */
  at: string;
  /** Attributes beside the record: index keys, what lists show. All are recomputed by the verifier. */
  attributes: Item;
  /** Content too large for the item: stored first, by its hash. */
  blob?: { digest: string; content: Uint8Array };
  /** Items stored with it that are no records: the patient's key, postings. */
  beside?: readonly Item[];
}

export type Writers = ReturnType<typeof createWriters>;

/** After a failure the table is left alone for so long: each request would wait for its own time-out. */
const pause = 2000;

export function createWriters(options: {
  client: DynamoDBClient;
  table: string;
  spill: Spill;
  blobs: Blobs;
  /** Chains side by side: one in Lambda, several where one process serves many requests at once. */
  count: number;
  /** Milliseconds for the table before the spill takes over. */
  budget: number;
  now(): Date;
}) {
  const { client, table, spill, blobs, budget, now } = options;
  const writers = Array.from({ length: options.count }, newWriter);
  /** Records that wait in the spill, by key: the same request again finds its answer here. */
  const held = new Map<string, Promise<Chained>>();
  let downUntil = 0;

  const put = (item: Item, signal: AbortSignal, condition?: string) =>
    client.send(
      new PutItemCommand({
        TableName: table,
        Item: item,
        ...(condition ? { ConditionExpression: condition } : {}),
      }),
      { abortSignal: signal },
    );

  async function hashAt(key: Key): Promise<string | null> {
    const there = await client.send(
      new GetItemCommand({
        TableName: table,
        Key: keyItem(key),
        ConsistentRead: true,
        ProjectionExpression: '#hash',
        ExpressionAttributeNames: { '#hash': 'hash' },
      }),
    );
    return there.Item?.hash?.S ?? null;
  }

  /** `stored`, `taken` by another record, or the error that left it open. */
  async function tryTable(item: Item, signal: AbortSignal): Promise<'stored' | 'taken' | Error> {
    if (now().getTime() < downUntil) return new Error('the table was not reached a moment ago');
    try {
      await put(item, signal, notYetThere);
      return 'stored';
    } catch (error) {
      try {
        if (error instanceof ConditionalCheckFailedException) {
          // Our own put, retried by the SDK after it had landed, meets its own record: success.
          return (await hashAt(keyIn(item))) === item.hash?.S ? 'stored' : 'taken';
        }
      } catch {
        // Whose record it is cannot be read now: the spill keeps ours, and the drain will see.
      }
      downUntil = now().getTime() + pause;
      return error instanceof Error ? error : new Error('unknown');
    }
  }

  async function appendNow<R extends object>(
    writer: Writer,
    draft: RecordDraft<R>,
    signal?: AbortSignal,
  ): Promise<(R & Chained) | null> {
    const chained = chain(draft.record, writer.id, writer.seq + 1, writer.hash);
    const today = dayOf(now().toISOString());
    const item: Item = {
      ...keyItem(draft.key),
      ...draft.attributes,
      gsi3pk: S(chainPartition(writer.id)),
      gsi3sk: N(chained.seq),
      record: B(await compressJson(chained)),
      hash: S(chained.hash),
      at: S(draft.at),
      ...(chained.prevHash ? { prevHash: S(chained.prevHash) } : {}),
    };
    const beside: Item[] = [
      ...(draft.beside ?? []),
      ...(writer.day === today ? [] : writerItems(today, writer.id)),
    ];
    const time = AbortSignal.timeout(budget);
    const limit = signal ? AbortSignal.any([signal, time]) : time;
    const advance = (): R & Chained => {
      Object.assign(writer, { seq: chained.seq, hash: chained.hash, day: today });
      return chained;
    };

    if (draft.blob) await blobs.put(draft.blob.digest, draft.blob.content).catch(notKept);
    const outcome = await tryTable(item, limit);
    if (outcome === 'taken') return null;
    if (outcome === 'stored') {
      const results = await Promise.allSettled(beside.map((other) => put(other, limit)));
      const failed = beside.filter((_, index) => results[index]?.status === 'rejected');
      // The record is there; what lies beside it can wait, and if even that fails it is rebuilt from the record.
      if (failed.length > 0) await spill.keep(failed).catch(() => undefined);
      return advance();
    }
    const name = nameOf(draft.key);
    const other = held.get(name);
    if (other) {
      await other;
      return null;
    }
    const keeping = spill.keep([item, ...beside]).then(() => chained);
    held.set(name, keeping);
    try {
      await keeping;
    } catch (error) {
      held.delete(name);
      // The put may have landed or not. A chain must not fork on that doubt: this writer ends here.
      Object.assign(writer, { id: newWriter().id, seq: 0, hash: null, day: null });
      throw new LogUnavailable('the decision could not be recorded, so nothing is given', {
        cause: outcome instanceof Error ? outcome : error,
      });
    }
    return advance();
  }

  /** Inserts what waited. A record that meets another under its key is kept beside it: both were answered. */
  async function insert(items: Item[]): Promise<void> {
    const signal = AbortSignal.timeout(budget * 4);
    for (const item of items) {
      if (!item.hash) {
        await put(item, signal);
        continue;
      }
      try {
        await put(item, signal, notYetThere);
      } catch (error) {
        if (!(error instanceof ConditionalCheckFailedException)) throw error;
        const key = keyIn(item);
        if ((await hashAt(key)) !== item.hash.S) {
          const beside = { pk: key.pk, sk: `${key.sk}~${item.hash.S?.slice(-16) ?? ''}` };
          await put({ ...item, ...keyItem(beside) }, signal);
        }
      }
      // The sealer looks for writers by day, and may have passed the day this one wrote on.
      const writer = item.gsi3pk?.S?.slice(chainPartition('').length);
      if (writer) {
        for (const note of writerItems(dayOf(now().toISOString()), writer)) await put(note, signal);
      }
      held.delete(nameOf(keyIn(item)));
    }
  }

  return {
    /**
     * Appends one record to a chain.
     * @returns null when another record has its key: the same request was answered before
     * @throws LogUnavailable when it could be neither stored nor kept
     */
    async append<R extends object>(
      draft: RecordDraft<R>,
      signal?: AbortSignal,
    ): Promise<(R & Chained) | null> {
      const writer = writers.reduce((least, other) => (other.waiting < least.waiting ? other : least));
      writer.waiting += 1;
      const turn = writer.tail.then(() => appendNow(writer, draft, signal));
      writer.tail = turn.catch(() => undefined);
      try {
        return await turn;
      } finally {
        writer.waiting -= 1;
      }
    },

    /** The record kept for later under this key, if there is one. */
    heldAt: async (key: Key): Promise<Chained | null> => (await held.get(nameOf(key))) ?? null,

    waiting: (): number => spill.waiting(),

    /** Inserts what another process kept. @throws what DynamoDB throws */
    insert,

    /** Puts what waits into the table; quiet while the table is still down. */
    async drain(): Promise<number> {
      if (spill.waiting() === 0) return 0;
      const count = await spill.drain(insert);
      downUntil = 0;
      return count;
    },
  };
}

function notKept(cause: unknown): never {
  throw new LogUnavailable('the decision could not be recorded, so nothing is given', { cause });
}
