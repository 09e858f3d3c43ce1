/**
 * Where records wait while DynamoDB cannot be written: one file each, flushed to disk before the answer leaves.
 * They are put into the table later by the same conditional insert. What can never be put, a damaged file or an item that
 * the table refuses, is moved aside and reported, and the rest goes on. On AWS a queue does the same (sqs.ts).
 */
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { readFile, rename, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { ulid } from 'ulid';
import { writeDurably } from './durable-file.ts';
import type { Insert } from './insert.ts';
import { itemsFromText, itemsToText } from './item-json.ts';
import { type Item, S } from './items.ts';
import { type Key, keyItem, lostKey, writerIn } from './keys.ts';
import { isRefusal } from './puts.ts';

export interface Spill {
  /** Keeps items that belong together; when it returns they survive a crash. */
  keep(items: readonly Item[]): Promise<void>;
  /** How many such groups wait. */
  waiting(): number;
  /** How many can never be inserted, and were put aside for an operator to look at. */
  aside(): number;
  /** Inserts what waits, oldest first, and forgets what was inserted. Stops where the table cannot be reached. */
  drain(insert: Insert): Promise<number>;
}

/** The place of a record in its chain, as the name of its file has it, so that it outlives the content. */
function placeOf(items: readonly Item[]): string {
  const record = items.find(({ hash }) => hash !== undefined);
  const writer = writerIn(record?.gsi3pk?.S ?? '');
  return writer === '' ? '' : `~${writer}~${record?.gsi3sk?.N ?? ''}`;
}
function lostIn(file: string): Key | null {
  const [, writer, seq] = /^[^~]*~(.+)~(\d+)\.json$/.exec(file) ?? [];
  return writer === undefined ? null : lostKey(writer, Number(seq));
}

export type ReportSpill = (event: 'spill-put-aside', detail: { file: string; problem: string }) => void;

/** @param report told of each file that was put aside */
export function createFileSpill(folder: string, report: ReportSpill = () => undefined): Spill {
  const asideFolder = join(folder, 'aside');
  const namesIn = (place: string): string[] => (existsSync(place) ? readdirSync(place) : []);
  let asideCount = namesIn(asideFolder).length;
  const names = new Set(namesIn(folder).filter((name) => name.endsWith('.json')));

  async function keep(items: readonly Item[]): Promise<void> {
    const name = `${ulid()}${placeOf(items)}.json`;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    await writeDurably(join(folder, name), itemsToText(items));
    names.add(name);
  }

  /** That its record is lost is noted first: then nothing waits for it. */
  async function putAside(name: string, problem: string, insert: Insert): Promise<void> {
    const lost = lostIn(name);
    if (lost) await insert([{ ...keyItem(lost), at: S(new Date().toISOString()) }]);
    mkdirSync(asideFolder, { recursive: true, mode: 0o700 });
    await rename(join(folder, name), join(asideFolder, name));
    asideCount += 1;
    report('spill-put-aside', { file: join('aside', name), problem });
  }

  /** @returns whether it was inserted. @throws where the table cannot be reached */
  async function drainOne(name: string, insert: Insert): Promise<boolean> {
    // Another process that shares the folder may have been faster.
    const json = await readFile(join(folder, name), 'utf8').catch(() => null);
    if (json === null) return false;
    let items: Item[];
    try {
      items = itemsFromText(json);
    } catch {
      await putAside(name, 'the file is damaged', insert);
      return false;
    }
    try {
      await insert(items);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      await putAside(name, 'the table refuses it', insert);
      return false;
    }
    await unlink(join(folder, name)).catch(() => undefined);
    return true;
  }

  let draining: Promise<number> | null = null;
  async function drainNow(insert: Insert): Promise<number> {
    let count = 0;
    for (const name of [...names].sort()) {
      if (await drainOne(name, insert)) count += 1;
      names.delete(name);
    }
    return count;
  }

  return {
    keep,
    waiting: () => names.size,
    aside: () => asideCount,
    drain(insert) {
      draining ??= drainNow(insert).finally(() => {
        draining = null;
      });
      return draining;
    },
  };
}

/** For a log that keeps nothing on disk: nothing can be kept, so a failure of the table is a failure. */
export const noSpill: Spill = {
  keep: () => Promise.reject(new Error('there is no spill')),
  waiting: () => 0,
  aside: () => 0,
  drain: async () => 0,
};
