/**
 * Where records wait while DynamoDB cannot be written: one file each, flushed to disk before the answer leaves.
 * They are put into the table later by the same conditional insert. On AWS a queue does the same (sqs.ts).
 */
import { mkdirSync, readdirSync } from 'node:fs';
import { open, readFile, rename, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { ulid } from 'ulid';
import { itemsFromText, itemsToText } from './item-json.ts';
import type { Item } from './items.ts';

export interface Spill {
  /** Keeps items that belong together; when it returns they survive a crash. */
  keep(items: readonly Item[]): Promise<void>;
  /** How many such groups wait. */
  waiting(): number;
  /** Inserts what waits, oldest first, and forgets what was inserted. Stops at the first failure. */
  drain(insert: (items: Item[]) => Promise<void>): Promise<number>;
}

export function createFileSpill(folder: string): Spill {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const names = new Set(readdirSync(folder).filter((name) => name.endsWith('.json')));

  async function keep(items: readonly Item[]): Promise<void> {
    const name = `${ulid()}.json`;
    const unfinished = join(folder, `${name}.part`);
    const file = await open(unfinished, 'wx', 0o600);
    try {
      await file.writeFile(itemsToText(items));
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(unfinished, join(folder, name));
    // The name is only safe once the folder is.
    const directory = await open(folder, 'r');
    try {
      await directory.sync();
    } finally {
      await directory.close();
    }
    names.add(name);
  }

  let draining: Promise<number> | null = null;
  async function drainNow(insert: (items: Item[]) => Promise<void>): Promise<number> {
    let count = 0;
    for (const name of [...names].sort()) {
      // Another process that shares the folder may have been faster.
      const json = await readFile(join(folder, name), 'utf8').catch(() => null);
      if (json !== null) {
        await insert(itemsFromText(json));
        await unlink(join(folder, name)).catch(() => undefined);
        count += 1;
      }
      names.delete(name);
    }
    return count;
  }

  return {
    keep,
    waiting: () => names.size,
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
  drain: async () => 0,
};
