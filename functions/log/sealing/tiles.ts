/** The tiles of the log's tree as they are stored, and as a seal is changing them (tree.ts says what a tile is). */

import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Hash } from '../../../rules/digest/merkle.ts';
import { compressJson, decompressJson } from '../compression.ts';
import { B, type Item } from '../items.ts';
import { keyItem, tileKey } from '../keys.ts';
import { itemAt } from '../one-item.ts';
import { bytesOf, hexOf, leafOf, type ManifestEntry, rootOfTile, tileWidth } from '../tree.ts';

/** Of level 0 manifest entries, of higher ones hashes in hex. */
export type StoredTile = ManifestEntry[] | string[];

/** One tile; empty where there is none. */
export type ReadStoredTile = (level: number, index: number) => Promise<StoredTile>;

export const readTileFrom =
  (client: DynamoDBClient, table: string): ReadStoredTile =>
  async (level, index) => {
    const bytes = (await itemAt({ client, table }, tileKey(level, index)))?.tile?.B;
    return bytes ? ((await decompressJson(bytes)) as StoredTile) : [];
  };

interface Tile {
  manifest: ManifestEntry[];
  nodes: Hash[];
}

const loaded = (stored: StoredTile): Tile => ({
  manifest: stored.filter((entry) => typeof entry !== 'string'),
  nodes: stored.map((entry) => (typeof entry === 'string' ? bytesOf(entry) : leafOf(entry))),
});

export type Tiles = ReturnType<typeof createTiles>;

/** Each tile is read once. Nothing is written here: `items` gives what is to be written. */
export function createTiles(readStored: ReadStoredTile) {
  const held = new Map<string, { level: number; index: number; tile: Tile }>();
  const changed = new Set<string>();

  async function load(level: number, index: number): Promise<Tile> {
    const name = `${level}/${index}`;
    const known = held.get(name);
    if (known) return known.tile;
    const tile = loaded(await readStored(level, index));
    held.set(name, { level, index, tile });
    return tile;
  }

  return {
    read: async (level: number, index: number): Promise<readonly Hash[]> => (await load(level, index)).nodes,
    manifest: async (index: number): Promise<readonly ManifestEntry[]> => (await load(0, index)).manifest,

    /** Adds one leaf; full tiles add their root to the tile above. */
    async add(position: number, entry: ManifestEntry): Promise<void> {
      let at = position;
      let node = leafOf(entry);
      for (let level = 0; ; level += 1) {
        const index = Math.floor(at / tileWidth);
        const tile = await load(level, index);
        const place = at % tileWidth;
        // What an interrupted seal left behind is overwritten: it was never signed.
        tile.nodes.length = place;
        tile.nodes.push(node);
        if (level === 0) {
          tile.manifest.length = place;
          tile.manifest.push(entry);
        }
        changed.add(`${level}/${index}`);
        if (tile.nodes.length < tileWidth) return;
        node = rootOfTile(tile.nodes);
        at = index;
      }
    },

    /** Every tile that was changed, as it is stored. */
    items: (): Promise<Item[]> =>
      Promise.all(
        [...held]
          .filter(([name]) => changed.has(name))
          .map(async ([, { level, index, tile }]) => ({
            ...keyItem(tileKey(level, index)),
            tile: B(await compressJson(level === 0 ? tile.manifest : tile.nodes.map(hexOf))),
          })),
      ),
  };
}
