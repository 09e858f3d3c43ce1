/** Proofs of RFC 6962 from the stored tree, for a reader of the log: it signs nothing and writes nothing. */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { consistencyPath, inclusionPath, type LeafRange } from '../../rules/digest/merkle.ts';
import { createTiles, readTileFrom } from './sealing/tiles.ts';
import { hexOf, rangeHash } from './tree.ts';

export function createProver({ client, table }: { client: DynamoDBClient; table: string }) {
  async function hashes(ranges: readonly LeafRange[]): Promise<string[]> {
    const { read } = createTiles(readTileFrom(client, table));
    const path: string[] = [];
    for (const range of ranges) path.push(hexOf(await rangeHash(range, read)));
    return path;
  }

  return {
    /** RFC 6962, 2.1.1: proves that a leaf is in the tree of a size. Hashes in hex. */
    inclusion: (leaf: number, size: number): Promise<string[]> => hashes(inclusionPath(leaf, size)),

    /** RFC 6962, 2.1.2: proves that the tree of a later size begins with that of an earlier one. Hashes in hex. */
    consistency: async (earlier: number, later: number): Promise<string[]> =>
      earlier === 0 ? [] : hashes(consistencyPath(earlier, later)),
  };
}
