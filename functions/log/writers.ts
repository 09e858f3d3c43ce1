/**
 * Appending: one conditional put per record, before the answer leaves. Each process is a writer (or several side by
 * side); a writer's records form one chain by `prevHash`, `seq` from 1, so that no two processes ever contend. A writer
 * announces itself before its first record of each five minutes: sealer, projector and verifier look at announced writers. What
 * follows from a record is made afterwards (projector.ts).
 *
 * When DynamoDB cannot be written the record goes to the spill, with the same bytes under the same key; it is put
 * into the table later by the same insert. A put that failed may have landed: the insert then meets its own record.
 */
import { ConditionalCheckFailedException, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { ulid } from 'ulid';
import { chain } from '../../rules/record.ts';
import type { Chained } from '../../rules/record-types.ts';
import { engine } from '../../rules/version.ts';
import { writeItems } from './batch.ts';
import type { Blobs } from './blobs.ts';
import { compressJson } from './compression.ts';
import { createInsert, writerNotes } from './insert.ts';
import { B, type Item, N, S } from './items.ts';
import { chainPartition, type Key, keyIn, keyItem, nameOf, slotOf } from './keys.ts';
import { createPuts, isRefusal, notYetThere } from './puts.ts';
import type { Projectable } from './records.ts';
import type { Spill } from './spill.ts';
import { notRecorded } from './unavailable.ts';

interface Writer {
  id: string;
  seq: number;
  hash: string | null;
  /** The last five minutes in which it announced itself. */
  announced: string | null;
  waiting: number;
  tail: Promise<unknown>;
}

const createWriter = (): Writer => ({
  id: `${engine.version}-${ulid()}`,
  seq: 0,
  hash: null,
  announced: null,
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
  /** Items without which it is of no use, stored before it: the patient's key, the ruleset. */
  before?: readonly Item[];
}

/** What follows from records is made by another (projector.ts). */
export interface Projection {
  /** A record is in the table. */
  add(one: Projectable): void;
  /** Records of a writer came into the table by another way. */
  look(writer: string): void;
}

export type Writers = ReturnType<typeof createWriters>;

/** The record can never be stored: it is not kept for later, and the next one is tried. */
class Refused extends Error {}

/** After a failure the table is left alone for so long: each request would wait for its own time-out. */
const pause = 2000;

/** The item of a record in its chain. */
async function itemOf<R extends object>(draft: RecordDraft<R>, chained: R & Chained): Promise<Item> {
  return {
    ...keyItem(draft.key),
    ...draft.attributes,
    gsi3pk: S(chainPartition(chained.writer)),
    gsi3sk: N(chained.seq),
    record: B(await compressJson(chained)),
    hash: S(chained.hash),
    at: S(draft.at),
    ...(chained.prevHash ? { prevHash: S(chained.prevHash) } : {}),
  };
}

/**
 * The table as a writer meets it: after a failure it is left alone for a while.
 * `tryPut` gives `stored`, `taken` by another record, or the error that left it open.
 */
function createCautiousPut({ put, hashAt, now }: ReturnType<typeof createPuts> & { now(): Date }) {
  let downUntil = 0;

  const failed = (error: unknown): Error => {
    if (isRefusal(error)) return new Refused('the table refuses the record', { cause: error });
    downUntil = now().getTime() + pause;
    return error instanceof Error ? error : new Error('unknown');
  };

  /** Our own put, retried by the SDK after it had landed, meets its own record: success. */
  async function outcomeOf(error: unknown, item: Item): Promise<'stored' | 'taken' | Error> {
    if (!(error instanceof ConditionalCheckFailedException)) return failed(error);
    try {
      return (await hashAt(keyIn(item))) === item.hash?.S ? 'stored' : 'taken';
    } catch {
      // Whose record it is cannot be read now: the spill keeps ours, and the drain will see.
      return failed(error);
    }
  }

  return {
    /** @param before items to be put before the record, in any order */
    async tryPut(
      before: readonly Item[],
      item: Item,
      signal: AbortSignal,
    ): Promise<'stored' | 'taken' | Error> {
      if (now().getTime() < downUntil) return new Error('the table was not reached a moment ago');
      try {
        await Promise.all(before.map((one) => put(one, signal)));
      } catch (error) {
        return failed(error);
      }
      try {
        await put(item, signal, notYetThere);
        return 'stored';
      } catch (error) {
        return outcomeOf(error, item);
      }
    },
    /** The table was reached by another way: it is asked again at once. */
    isBack(): void {
      downUntil = 0;
    },
  };
}

/** Appends records: each writer has one chain, and what the table does not take waits in the spill. */
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
  /** What follows from records: told of each that is in the table. */
  projector?: Projection;
}) {
  const { client, table, spill, blobs, budget, now, projector } = options;
  const puts = createPuts({ client, table });
  const { tryPut, isBack } = createCautiousPut({ ...puts, now });
  const writers = Array.from({ length: options.count }, createWriter);
  /** Records that wait in the spill, by key: the same request again finds its answer here. */
  const held = new Map<string, Promise<Chained>>();
  const insert = createInsert({
    client,
    table,
    patience: budget * 4,
    now,
    inserted: (key, writer) => {
      held.delete(nameOf(key));
      projector?.look(writer);
    },
  });

  /**
   * @param items a record of this writer, behind what must be there before it
   * @param failure why the table did not take it: what an operator is told when the spill does not, either
   * @returns false when another record waits under its key
   * @throws LogUnavailable when the spill did not keep it
   */
  async function keepForLater(
    writer: Writer,
    name: string,
    items: readonly Item[],
    chained: Chained,
    failure: Error,
  ): Promise<boolean> {
    const other = held.get(name);
    if (other !== undefined) {
      await other;
      return false;
    }
    const spilledAt = S(now().toISOString());
    const waiting = items.map((item) => (item.hash ? { ...item, spilledAt } : item));
    const keeping = spill.keep(waiting).then(() => chained);
    held.set(name, keeping);
    const isKept = await keeping.then(
      () => true,
      () => false,
    );
    if (isKept) return true;
    held.delete(name);
    // The put may have landed or not. A chain must not fork on that doubt: this writer ends here.
    Object.assign(writer, { id: createWriter().id, seq: 0, hash: null, announced: null });
    return notRecorded(failure);
  }

  async function appendNow<R extends object>(
    writer: Writer,
    draft: RecordDraft<R>,
    signal?: AbortSignal,
  ): Promise<(R & Chained) | null> {
    const chained = chain(draft.record, writer.id, writer.seq + 1, writer.hash);
    const slot = slotOf(now().toISOString());
    const item = await itemOf(draft, chained);
    const before: Item[] = [...(draft.before ?? []), ...writerNotes(slot, writer.id, writer.announced)];
    const time = AbortSignal.timeout(budget);
    const limit = signal ? AbortSignal.any([signal, time]) : time;

    if (draft.blob) await blobs.put(draft.blob.digest, draft.blob.content).catch(notRecorded);
    const outcome = await tryPut(before, item, limit);
    if (outcome === 'taken') {
      writer.announced = slot;
      return null;
    }
    if (outcome === 'stored')
      projector?.add({
        writer: writer.id,
        seq: chained.seq,
        item,
        record: Object.fromEntries(Object.entries(chained)),
      });
    else if (outcome instanceof Refused) return notRecorded(outcome);
    else if (!(await keepForLater(writer, nameOf(draft.key), [...before, item], chained, outcome)))
      return null;
    Object.assign(writer, { seq: chained.seq, hash: chained.hash, announced: slot });
    return chained;
  }

  return {
    /** Announces the writers ahead of their first records. @throws what DynamoDB throws: then the first records do */
    async announce(): Promise<void> {
      const slot = slotOf(now().toISOString());
      await writeItems(client, table, [
        ...new Map(
          writers.flatMap(({ id }) => writerNotes(slot, id)).map((note) => [nameOf(keyIn(note)), note]),
        ).values(),
      ]);
      for (const writer of writers) writer.announced = slot;
    },

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
    aside: (): number => spill.aside(),

    /** Inserts what another process kept. @throws what DynamoDB throws */
    insert,

    /** Puts what waits into the table; quiet while the table is still down. */
    async drain(): Promise<number> {
      if (spill.waiting() === 0) return 0;
      const count = await spill.drain(insert);
      isBack();
      return count;
    },
  };
}
