/**
 * The projector: everything that can be computed from records is made here, after the answer. It reads each writer's
 * chain from its mark, writes what follows from each record under keys that follow from it, so that doing it twice
 * changes nothing, and moves the mark. What it made can be thrown away and made again.
 *
 *   record --derive--> index items, calendars          (index-items.ts, accesses.ts)
 *          --join----> feedback with its decision      (joining.ts)
 *          --count---> counts of the day               (counting.ts)
 *          --mark----> the next one
 */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { isObject } from '../../rules/fhir/json.ts';
import { accessItemsOf } from './accesses.ts';
import { itemsAt, writeItems } from './batch.ts';
import type { Chains } from './chains.ts';
import { decompressJson } from './compression.ts';
import { createCounting } from './counting.ts';
import { indexItemsOf } from './index-items.ts';
import type { Item } from './items.ts';
import { createJoining } from './joining.ts';
import { keyIn, keyItem, keyOf, nameOf, projectedKey } from './keys.ts';
import { createLooks } from './looks.ts';
import { createMarks } from './marks.ts';
import { asStoredToday } from './older-records.ts';
import { isRefusal } from './puts.ts';
import { isAccess, isDecision, type Projectable } from './records.ts';
import { sideBySide } from './side-by-side.ts';

/** Records that are projected at once. */
const batchSize = 100;
/** Records of a writer that wait in memory; what is more is read again. */
const mostQueued = 1000;
/** Writers whose chains are read side by side. */
const width = 16;

export type Projector = ReturnType<typeof createProjector>;

/**
 * @param options.sealedUpTo number of the last record of a writer that is sealed: what a purge removed lies before it
 * @param options.report told of what could not be projected
 */
export function createProjector(options: {
  client: DynamoDBClient;
  table: string;
  chains: Chains;
  sealedUpTo(writer: string): Promise<number>;
  now(): Date;
  report(event: string, detail: Record<string, string | number>): void;
}) {
  const { client, table, chains, now, report } = options;
  const counting = createCounting({ client, table });
  const joining = createJoining({ client, table, counting });
  const marks = createMarks({ client, table });
  const looks = createLooks({ client, table, chains, key: projectedKey });
  const queues = new Map<string, Projectable[]>();
  const turns = new Map<string, Promise<void>>();
  /** Writers of which something is not projected. */
  const behind = new Set<string>();
  /** Calendar items say only that there is something: one that was written need not be written again. */
  const written = new Set<string>();
  let aside = 0;

  function putAside(what: Item, problem: string): void {
    aside += 1;
    report('not-projected', { what: nameOf(keyIn(what)), problem });
  }

  /** Reads records again. What cannot be read is put aside: it must not block what comes after it. */
  async function read(names: readonly string[], writer: string): Promise<Projectable[]> {
    const found: Projectable[] = [];
    const keys = names.map((name) => keyItem(keyOf(name)));
    for await (const item of itemsAt(client, table, keys, { ConsistentRead: true })) {
      const record: unknown = await decompressJson(item.record?.B ?? new Uint8Array()).catch(() => null);
      if (isObject(record))
        found.push({ writer, seq: Number(item.gsi3sk?.N), item, record: asStoredToday(record) });
      else putAside(item, 'the record cannot be read');
    }
    return found.sort((a, b) => a.seq - b.seq);
  }

  /** An item that the table refuses must not keep the others out. */
  async function writeAll(items: readonly Item[]): Promise<void> {
    try {
      await writeItems(client, table, items);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      for (const item of items) {
        await writeItems(client, table, [item]).catch((single: unknown) => {
          if (!isRefusal(single)) throw single;
          putAside(item, 'the table refuses what follows from a record');
        });
      }
    }
  }

  /** What follows from one record by itself. */
  function derivedOf({ item, record }: Projectable): Item[] {
    if (isDecision(record)) return indexItemsOf(record);
    if (isAccess(record)) return accessItemsOf(record, keyIn(item).sk);
    return [];
  }

  async function writeDerived(batch: readonly Projectable[]): Promise<void> {
    const items = new Map<string, Item>();
    for (const one of batch) {
      try {
        for (const item of derivedOf(one)) items.set(nameOf(keyIn(item)), item);
      } catch (error) {
        putAside(one.item, error instanceof Error ? error.message : 'unknown');
      }
    }
    const news = [...items].filter(([name]) => !written.has(name));
    await writeAll(news.map(([, item]) => item));
    if (written.size > mostRemembered) written.clear();
    for (const [name, item] of news) if (isBare(item)) written.add(name);
  }

  async function project(batch: readonly Projectable[]): Promise<void> {
    await writeDerived(batch);
    const joined = await joining.join(batch);
    await counting.add(batch, joined);
  }

  /** What waits in memory, as far as it follows the mark. */
  async function projectQueued(writer: string): Promise<void> {
    for (;;) {
      const mark = await marks.of(writer);
      const batch = takeNext(queues.get(writer) ?? [], mark);
      if (batch.length === 0) return;
      await project(batch);
      await marks.move(writer, mark + batch.length);
    }
  }

  /** What the table has after the mark, up to the first gap. */
  async function projectChain(writer: string): Promise<void> {
    const mark = await marks.of(writer);
    for await (const { entries } of chains.after(writer, mark, await options.sealedUpTo(writer))) {
      for (let from = 0; from < entries.length; from += batchSize) {
        const part = entries.slice(from, from + batchSize);
        const names = part.map(({ name }) => name);
        await project(await read(names, writer));
        await marks.move(writer, part.at(-1)?.seq ?? mark);
      }
    }
  }

  /** @throws what DynamoDB throws */
  async function projectWriter(writer: string, mayHaveGrown: boolean): Promise<void> {
    // Another process may have moved its mark.
    if (mayHaveGrown) marks.forget(writer);
    await projectQueued(writer);
    // What waits behind a gap may have it filled in the table.
    if (mayHaveGrown || queues.get(writer)?.length) await projectChain(writer);
    await projectQueued(writer);
    behind.delete(writer);
  }

  /** A writer's records are projected one after the other. */
  function turn(writer: string, mayHaveGrown: boolean): Promise<void> {
    const before = turns.get(writer) ?? Promise.resolve();
    const next = before
      .then(() => projectWriter(writer, mayHaveGrown))
      .catch((error: unknown) => {
        behind.add(writer);
        queues.delete(writer);
        marks.forget(writer);
        report('not-projected', {
          what: writer,
          problem: error instanceof Error ? error.name : 'unknown',
        });
      })
      .finally(() => {
        if (turns.get(writer) === next) turns.delete(writer);
      });
    turns.set(writer, next);
    return next;
  }

  const projectWriters = (writers: Iterable<string>): Promise<void> =>
    sideBySide(width, writers, (writer) => turn(writer, true));

  async function projectEvery(): Promise<boolean> {
    const { writers, looked } = await looks.next(await looks.last(), now());
    await projectWriters(new Set([...writers, ...behind]));
    if (behind.size > 0) return false;
    await looks.note(looked);
    return true;
  }
  let running: Promise<boolean> | null = null;

  return {
    /** A record of this process is in the table. */
    add(one: Projectable): void {
      const queue = queues.get(one.writer) ?? [];
      if (queue.length < mostQueued) queue.push(one);
      queues.set(one.writer, queue);
      // A turn that has not begun takes it along.
      if (queue.length === 1 || !turns.has(one.writer)) void turn(one.writer, false);
    },

    /** Records of a writer came into the table by another way. */
    look(writer: string): void {
      void turn(writer, true);
    },

    /** When what was added before is projected, or could not be. */
    async caughtUp(): Promise<void> {
      await running?.catch(() => false);
      await Promise.all(turns.values());
    },

    /** What could not be projected, again. */
    retry: (): Promise<void> => projectWriters([...behind]),

    /** Every chain that may have grown since all were projected. @returns false where something is left */
    projectAll(): Promise<boolean> {
      running ??= projectEvery().finally(() => {
        running = null;
      });
      return running;
    },

    /** When every chain was last projected to its end, RFC 3339; null where that never was. */
    allProjected: async (): Promise<string | null> => (await looks.last())?.at ?? null,

    /** Records that nothing could be derived from, and writers of which something is not projected. */
    state: () => ({ aside, behind: behind.size }),
  };
}

/** Calendar items remembered at most; then some are written again. */
const mostRemembered = 10_000;

/** Whether an item is nothing but its key. */
const isBare = (item: Item): boolean => Object.keys(item).length === 2;

/** Takes from a queue what follows the mark without a gap; what lies before it is dropped. */
function takeNext(queue: Projectable[], mark: number): Projectable[] {
  while ((queue[0]?.seq ?? Number.POSITIVE_INFINITY) <= mark) queue.shift();
  let count = 0;
  while (count < batchSize && queue[count]?.seq === mark + 1 + count) count += 1;
  return queue.splice(0, count);
}
