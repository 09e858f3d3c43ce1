/** Tiles as a seal changes them, without a table: their root is that of RFC 6962 over all leaves. */
import { describe, expect, test } from 'vitest';
import { decompressJson } from '../../../../functions/log/compression.ts';
import { keyIn, tileKey } from '../../../../functions/log/keys.ts';
import { createTiles, type StoredTile } from '../../../../functions/log/sealing/tiles.ts';
import { hexOf, leafOf, type ManifestEntry, rangeHash, tileWidth } from '../../../../functions/log/tree.ts';
import { createFrontier } from '../../../../functions/log/verifying/frontier.ts';
import { sha256 } from '../../../../rules/digest/digest.ts';

const entry = (number: number): ManifestEntry => ({
  name: `record ${number}`,
  hash: `sha256:${sha256(String(number))}`,
  writer: 'w1',
  seq: number + 1,
  at: '2026-01-31T12:00:00.000Z',
});
const place = (level: number, index: number): string => `${level}/${index}`;

/** Tiles that are kept in a map. */
function createKept() {
  const kept = new Map<string, StoredTile>();
  let reads = 0;
  const tiles = () =>
    createTiles(async (level, index) => {
      reads += 1;
      return kept.get(place(level, index)) ?? [];
    });
  return { kept, tiles, reads: () => reads };
}
const levels = new Map(
  [0, 1, 2]
    .flatMap((level) => [0, 1, 2].map((index) => [tileKey(level, index), place(level, index)] as const))
    .map(([key, name]) => [`${key.pk} ${key.sk}`, name] as const),
);
async function keep(kept: Map<string, StoredTile>, tiles: ReturnType<typeof createTiles>): Promise<string[]> {
  const items = await tiles.items();
  const names = items.map((item) => levels.get(`${keyIn(item).pk} ${keyIn(item).sk}`) ?? 'unknown');
  for (const [index, item] of items.entries())
    kept.set(names[index] ?? '', (await decompressJson(item.tile?.B ?? new Uint8Array())) as StoredTile);
  return names.sort();
}
const rootOf = (size: number): string => {
  const frontier = createFrontier();
  for (let number = 0; number < size; number += 1) frontier.add(leafOf(entry(number)));
  return hexOf(frontier.root());
};

describe('tiles', () => {
  test.each([1, 2, 3, 255, 256, 257, 513])('of %i leaves have their root', async (size) => {
    const { tiles } = createKept();
    const changing = tiles();
    for (let number = 0; number < size; number += 1) await changing.add(number, entry(number));
    expect(hexOf(await rangeHash([0, size], changing.read))).toBe(rootOf(size));
  });

  test('go on where the last seal ended; only what changed is written, and each is read once', async () => {
    const { kept, tiles, reads } = createKept();
    const first = tiles();
    for (let number = 0; number < tileWidth - 1; number += 1) await first.add(number, entry(number));
    expect(await keep(kept, first)).toEqual(['0/0']);
    const second = tiles();
    const before = reads();
    for (let number = tileWidth - 1; number < tileWidth + 2; number += 1)
      await second.add(number, entry(number));
    expect(reads() - before).toBe(3);
    expect(await keep(kept, second)).toEqual(['0/0', '0/1', '1/0']);
    expect(hexOf(await rangeHash([0, tileWidth + 2], tiles().read))).toBe(rootOf(tileWidth + 2));
    expect((await tiles().manifest(1)).map(({ name }) => name)).toEqual(['record 256', 'record 257']);
  });

  test('that an interrupted seal left behind are overwritten', async () => {
    const { kept, tiles } = createKept();
    const dead = tiles();
    for (const number of [0, 100, 101]) await dead.add(number === 0 ? 0 : number - 99, entry(number));
    await keep(kept, dead);
    const next = tiles();
    await next.add(1, entry(1));
    expect((await next.manifest(0)).map(({ name }) => name)).toEqual(['record 0', 'record 1']);
    expect(hexOf(await rangeHash([0, 2], next.read))).toBe(rootOf(2));
  });

  test('of nothing are nothing to write', async () => {
    expect(await createKept().tiles().items()).toEqual([]);
  });
});
