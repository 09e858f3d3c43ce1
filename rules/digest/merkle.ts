/**
 * Merkle trees of RFC 6962, section 2.1 (https://www.rfc-editor.org/rfc/rfc6962#section-2.1): the hash of a list of
 * leaves, the proof that a leaf is in it, and the proof that a later tree only added to an earlier one. Pure.
 *
 * A proof is a list of ranges of leaves; whoever holds the leaves (or the stored nodes over them) hashes those.
 */
import { createHash } from 'node:crypto';

export type Hash = Uint8Array;
/** Leaves `from` (inclusive) to `to` (exclusive). */
export type LeafRange = readonly [from: number, to: number];

const sha256 = (...parts: Uint8Array[]): Hash => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return new Uint8Array(hash.digest());
};
const leafPrefix = Uint8Array.of(0);
const nodePrefix = Uint8Array.of(1);

export const leafHash = (data: Uint8Array): Hash => sha256(leafPrefix, data);
export const nodeHash = (left: Hash, right: Hash): Hash => sha256(nodePrefix, left, right);
export const emptyRoot: Hash = sha256();

/** Where a range of `count` leaves (2 or more) is split: the largest power of two below it. */
export function splitOf(count: number): number {
  let half = 1;
  while (half * 2 < count) half *= 2;
  return half;
}

/** Merkle tree hash of leaf hashes. */
export function rootOf(leaves: readonly Hash[], from = 0, to = leaves.length): Hash {
  const count = to - from;
  if (count === 0) return emptyRoot;
  if (count === 1) {
    const [only] = leaves.slice(from, to);
    return only ?? emptyRoot;
  }
  const middle = from + splitOf(count);
  return nodeHash(rootOf(leaves, from, middle), rootOf(leaves, middle, to));
}

/**
 * The audit path of a leaf (2.1.1), nearest first: the ranges whose hashes it needs.
 * @throws RangeError when the leaf is not in a tree of that size
 */
export function inclusionPath(index: number, size: number): LeafRange[] {
  if (!Number.isInteger(index) || index < 0 || index >= size)
    throw new RangeError(`leaf ${index} is not in a tree of ${size}`);
  const path: LeafRange[] = [];
  let [from, to] = [0, size];
  while (to - from > 1) {
    const middle = from + splitOf(to - from);
    if (index < middle) {
      path.unshift([middle, to]);
      to = middle;
    } else {
      path.unshift([from, middle]);
      from = middle;
    }
  }
  return path;
}

/**
 * The consistency proof between two sizes (2.1.2) as ranges.
 * @throws RangeError unless 0 < earlier <= later
 */
export function consistencyPath(earlier: number, later: number): LeafRange[] {
  if (!(Number.isInteger(earlier) && earlier > 0 && earlier <= later))
    throw new RangeError(`there is no proof from a tree of ${earlier} to one of ${later}`);
  const path: LeafRange[] = [];
  let [from, to] = [0, later];
  let whole = true;
  let old = earlier;
  while (old !== to - from) {
    const half = splitOf(to - from);
    if (old <= half) {
      path.unshift([from + half, to]);
      to = from + half;
    } else {
      path.unshift([from, from + half]);
      from += half;
      old -= half;
      whole = false;
    }
  }
  // The earlier tree itself is known to whoever asks, unless it was cut off on the way down.
  if (!whole) path.unshift([from, to]);
  return path;
}

const equal = (a: Hash, b: Hash): boolean =>
  a.length === b.length && a.every((byte, index) => byte === b[index]);

/** Whether the proof shows the leaf at its place in the tree (RFC 9162, 2.1.3.2). */
export function provesInclusion(
  leaf: Hash,
  index: number,
  size: number,
  proof: readonly Hash[],
  root: Hash,
): boolean {
  if (!Number.isInteger(index) || index < 0 || index >= size) return false;
  let [node, last] = [index, size - 1];
  let hash = leaf;
  for (const sibling of proof) {
    if (last === 0) return false;
    if (node % 2 === 1 || node === last) {
      hash = nodeHash(sibling, hash);
      while (node % 2 === 0 && node !== 0) [node, last] = [Math.floor(node / 2), Math.floor(last / 2)];
    } else hash = nodeHash(hash, sibling);
    [node, last] = [Math.floor(node / 2), Math.floor(last / 2)];
  }
  return last === 0 && equal(hash, root);
}

/** Whether the later tree begins with the whole of the earlier one (RFC 9162, 2.1.4.2). */
export function provesConsistency(
  earlier: { size: number; root: Hash },
  later: { size: number; root: Hash },
  proof: readonly Hash[],
): boolean {
  if (earlier.size > later.size || earlier.size < 0) return false;
  if (earlier.size === 0) return proof.length === 0 && equal(earlier.root, emptyRoot);
  if (earlier.size === later.size) return proof.length === 0 && equal(earlier.root, later.root);
  const isPowerOfTwo = splitOf(earlier.size + 1) === earlier.size;
  const path = isPowerOfTwo ? [earlier.root, ...proof] : [...proof];
  let [node, last] = [earlier.size - 1, later.size - 1];
  while (node % 2 === 1) [node, last] = [Math.floor(node / 2), Math.floor(last / 2)];
  const [first, ...rest] = path;
  if (!first) return false;
  let [old, now] = [first, first];
  for (const sibling of rest) {
    if (last === 0) return false;
    if (node % 2 === 1 || node === last) {
      old = nodeHash(sibling, old);
      now = nodeHash(sibling, now);
      while (node % 2 === 0 && node !== 0) [node, last] = [Math.floor(node / 2), Math.floor(last / 2)];
    } else now = nodeHash(now, sibling);
    [node, last] = [Math.floor(node / 2), Math.floor(last / 2)];
  }
  return last === 0 && equal(old, earlier.root) && equal(now, later.root);
}
