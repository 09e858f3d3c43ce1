/**
 * The Merkle tree over the whole log, kept as tiles of 256 hashes of one height, so that a root or a proof costs a
 * few reads whatever the size of the log (the idea of https://c2sp.org/tlog-tiles). Level 0 is the manifest: each
 * leaf with the name of the record it stands for. Higher tiles hold the roots of full tiles below.
 */
import { type Hash, type LeafRange, leafHash, nodeHash, splitOf } from '../../rules/digest/merkle.ts';

export const tileWidth = 256;

/** One leaf of the tree: which record it stands for. The leaf's data is the record's hash. */
export interface ManifestEntry {
  /** Name of the item: its keys (keys.ts). */
  name: string;
  /** `sha256:...` of the record. */
  hash: string;
  writer: string;
  seq: number;
  /** When it was decided or received. */
  at: string;
}

/** A hash as it is stored and answered. */
export const hexOf = (hash: Hash): string => Buffer.from(hash).toString('hex');
export const bytesOf = (hex: string): Hash => new Uint8Array(Buffer.from(hex, 'hex'));

export const leafOf = ({ hash }: Pick<ManifestEntry, 'hash'>): Hash =>
  leafHash(Buffer.from(hash.replace(/^sha256:/, ''), 'hex'));

/** The hashes of one tile, as many as there are yet; empty where there is none. */
export type TileReader = (level: number, index: number) => Promise<readonly Hash[]>;

/**
 * Hash of a range as trees split it: complete subtrees come from their tile.
 * @throws Error when a tile that should be there is short
 */
export async function rangeHash([from, to]: LeafRange, read: TileReader): Promise<Hash> {
  const count = to - from;
  // Only powers of two that are aligned are nodes of the tree; others are split.
  if (count > 1 && (count & (count - 1)) !== 0) return hashOfSplit([from, to], read);
  let level = 0;
  let width = 1;
  while (width * tileWidth <= count) {
    width *= tileWidth;
    level += 1;
  }
  const first = from / width;
  const index = Math.floor(first / tileWidth);
  const nodes = (await read(level, index)).slice(
    first - index * tileWidth,
    first - index * tileWidth + count / width,
  );
  if (nodes.length !== count / width)
    throw new Error(`tile ${level}/${index} of the log's tree is incomplete`);
  return rootOfTile(nodes);
}

async function hashOfSplit([from, to]: LeafRange, read: TileReader): Promise<Hash> {
  const middle = from + splitOf(to - from);
  return nodeHash(await rangeHash([from, middle], read), await rangeHash([middle, to], read));
}

/** Root over a power of two of nodes. */
export function rootOfTile(nodes: readonly Hash[]): Hash {
  let row = [...nodes];
  while (row.length > 1) {
    const next: Hash[] = [];
    for (let index = 0; index + 1 < row.length; index += 2) {
      const [left, right] = [row[index], row[index + 1]];
      if (left && right) next.push(nodeHash(left, right));
    }
    row = next;
  }
  const [root] = row;
  if (!root) throw new Error('a range without leaves has no root here');
  return root;
}
