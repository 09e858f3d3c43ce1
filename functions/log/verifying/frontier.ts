/** Merkle root (RFC 6962) of a list that grows, in the space of its logarithm: the roots of its full subtrees. */
import { emptyRoot, type Hash, nodeHash } from '../../../rules/digest/merkle.ts';

export function createFrontier() {
  /** From the largest subtree to the smallest. */
  const peaks: { height: number; hash: Hash }[] = [];
  let size = 0;
  return {
    /** How many leaves there are. */
    size: (): number => size,

    /** @param hash of the next leaf */
    add(hash: Hash): void {
      let node = { height: 0, hash };
      for (let last = peaks.at(-1); last?.height === node.height; last = peaks.at(-1)) {
        peaks.pop();
        node = { height: node.height + 1, hash: nodeHash(last.hash, node.hash) };
      }
      peaks.push(node);
      size += 1;
    },

    root(): Hash {
      const [last, ...rest] = peaks.toReversed();
      if (!last) return emptyRoot;
      return rest.reduce((right, { hash }) => nodeHash(hash, right), last.hash);
    },
  };
}
