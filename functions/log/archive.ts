/**
 * An archive of the whole log in a folder, and how it is read again: what a verifier elsewhere needs, without the
 * table and without any secret. Clinical parts stay encrypted. Written item by item, in bounded memory.
 *
 *   seals.ndjson      every seal, in order
 *   manifest.ndjson   every leaf of the tree, in order
 *   records.ndjson    every record as it is stored, DynamoDB's JSON
 *   large/            clinical parts too large for an item, by their hash
 *   seal.pub          the public key, for convenience: a verifier should get it another way
 */
import { createReadStream, createWriteStream, existsSync, mkdirSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { finished } from 'node:stream/promises';
import { type Blobs, createFileBlobs } from './blobs.ts';
import { itemFromJson, itemToJson } from './item-json.ts';
import type { Item } from './items.ts';
import { keyIn, nameOf } from './keys.ts';
import type { Seal } from './seal.ts';
import type { LogSource } from './source.ts';
import type { ManifestEntry } from './tree.ts';

async function writeLines(path: string, lines: AsyncIterable<string>): Promise<number> {
  const file = createWriteStream(path, { mode: 0o600 });
  let count = 0;
  for await (const line of lines) {
    count += 1;
    // A full buffer waits for the disk: memory stays bounded.
    if (!file.write(`${line}\n`)) await new Promise<void>((resolve) => file.once('drain', resolve));
  }
  file.end();
  await finished(file);
  return count;
}

/** @returns how many of each were written */
export async function writeArchive(
  source: LogSource,
  folder: string,
): Promise<{ seals: number; leaves: number; records: number }> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const large = createFileBlobs(join(folder, 'large'));
  async function* json<T>(list: AsyncIterable<T>, textOf: (one: T) => string) {
    for await (const one of list) yield textOf(one);
  }
  async function* records() {
    for await (const item of source.all()) {
      const digest = item.blob?.S;
      const content = digest ? await source.blobs.get(digest) : null;
      if (digest && content) await large.put(digest, content);
      yield JSON.stringify(itemToJson(item));
    }
  }
  return {
    seals: await writeLines(join(folder, 'seals.ndjson'), json(source.seals(), JSON.stringify)),
    leaves: await writeLines(join(folder, 'manifest.ndjson'), json(source.manifest(), JSON.stringify)),
    records: await writeLines(join(folder, 'records.ndjson'), records()),
  };
}

export const isArchive = (folder: string): boolean => existsSync(join(folder, 'records.ndjson'));

/** @throws Error when the folder is not an archive */
export async function createArchiveSource(folder: string): Promise<LogSource> {
  if (!isArchive(folder))
    throw new Error(`\`${folder}\` holds no archive of a log: make one with npm run export`);
  const lines = (name: string): AsyncIterable<string> =>
    createInterface({ input: createReadStream(join(folder, name)), crlfDelay: Number.POSITIVE_INFINITY });
  const path = join(folder, 'records.ndjson');
  /** Where each record is in its file: what is held in memory of it. */
  const places = new Map<string, { start: number; length: number }>();
  let start = 0;
  for await (const line of lines('records.ndjson')) {
    const length = Buffer.byteLength(line);
    places.set(nameOf(keyIn(itemFromJson(JSON.parse(line)))), { start, length });
    start += length + 1;
  }
  const blobs: Blobs = createFileBlobs(join(folder, 'large'));
  return {
    blobs,
    table: null,
    async *seals() {
      for await (const line of lines('seals.ndjson')) yield JSON.parse(line) as Seal;
    },
    async *manifest() {
      for await (const line of lines('manifest.ndjson')) yield JSON.parse(line) as ManifestEntry;
    },
    async records(names) {
      const found = new Map<string, Item>();
      const file = await open(path, 'r');
      try {
        for (const name of names) {
          const place = places.get(name);
          if (!place) continue;
          const buffer = Buffer.alloc(place.length);
          await file.read(buffer, 0, place.length, place.start);
          found.set(name, itemFromJson(JSON.parse(buffer.toString('utf8'))));
        }
      } finally {
        await file.close();
      }
      return found;
    },
    async *all() {
      for await (const line of lines('records.ndjson')) yield itemFromJson(JSON.parse(line));
    },
  };
}
