/**
 * Where records wait while DynamoDB cannot be written: one file each, flushed to disk before the answer leaves.
 * They are put into the table later by the same conditional insert. On AWS a queue does the same (sqs.ts).
 */
import { mkdirSync, readdirSync } from 'node:fs';
import { open, readFile, rename, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { ulid } from 'ulid';
import { isObject } from '../../rules/fhir/json.ts';
import type { Item } from './items.ts';

export interface Spill {
  /** Keeps items that belong together; when it returns they survive a crash. */
  keep(items: readonly Item[]): Promise<void>;
  /** How many such groups wait. */
  waiting(): number;
  /** Inserts what waits, oldest first, and forgets what was inserted. Stops at the first failure. */
  drain(insert: (items: Item[]) => Promise<void>): Promise<number>;
}

/** An item in DynamoDB's own JSON: binary attributes in base64. */
export const itemToJson = (item: Item): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(item).map(([name, value]) => [
      name,
      value.B ? { B: Buffer.from(value.B).toString('base64') } : value,
    ]),
  );

/** @throws SyntaxError when it is not what `itemToJson` made */
export function itemFromJson(value: unknown): Item {
  if (!isObject(value)) throw new SyntaxError('an item is an object');
  return Object.fromEntries(
    Object.entries(value).map(([name, attribute]) => [name, attributeFrom(attribute)]),
  );
}

export const itemsToText = (items: readonly Item[]): string => JSON.stringify(items.map(itemToJson));

/** @throws SyntaxError when the text is no list of items */
export function itemsFromText(json: string): Item[] {
  const parsed: unknown = JSON.parse(json);
  if (!Array.isArray(parsed)) throw new SyntaxError('what waits is a list of items');
  return parsed.map(itemFromJson);
}

function attributeFrom(value: unknown): AttributeValue {
  if (isObject(value)) {
    if (typeof value.S === 'string') return { S: value.S };
    if (typeof value.N === 'string') return { N: value.N };
    if (typeof value.B === 'string') return { B: new Uint8Array(Buffer.from(value.B, 'base64')) };
    if (Array.isArray(value.SS)) return { SS: value.SS.map(String) };
  }
  throw new SyntaxError('an attribute of a kind this log does not write');
}

export function fileSpill(folder: string): Spill {
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
