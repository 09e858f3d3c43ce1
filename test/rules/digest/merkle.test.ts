/** RFC 6962 hashing against published vectors, and proofs against every small tree. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  consistencyPath,
  emptyRoot,
  type Hash,
  inclusionPath,
  leafHash,
  nodeHash,
  provesConsistency,
  provesInclusion,
  rootOf,
} from '../../../rules/digest/merkle.ts';

const hex = (hash: Hash): string => Buffer.from(hash).toString('hex');
const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'hex'));

/** The test vectors of the reference implementation: google/certificate-transparency, merkletree tests. */
const published = {
  leaves: [
    '',
    '00',
    '10',
    '2021',
    '3031',
    '40414243',
    '5051525354555657',
    '606162636465666768696a6b6c6d6e6f',
  ],
  roots: [
    '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
    'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
    'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
    'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
    '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
    '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
    'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
    '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
  ],
};

describe('published vectors', () => {
  const leaves = published.leaves.map((leaf) => leafHash(bytes(leaf)));
  test('the empty tree hashes to SHA-256 of nothing', () =>
    expect(hex(emptyRoot)).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'));
  test.each(published.roots.map((root, index) => [index + 1, root]))(
    'the first %i leaves hash to %s',
    (size, root) => expect(hex(rootOf(leaves, 0, Number(size)))).toBe(root),
  );
  test('the audit path of leaf 6 of 8 is that of the vectors', () => {
    const proof = inclusionPath(5, 8).map(([from, to]) => hex(rootOf(leaves, from, to)));
    expect(proof).toEqual([
      'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
      'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
      'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
    ]);
  });
  test('the consistency proof from 6 to 8 leaves is that of the vectors', () => {
    const proof = consistencyPath(6, 8).map(([from, to]) => hex(rootOf(leaves, from, to)));
    expect(proof).toEqual([
      '0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a',
      'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
      'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
    ]);
  });
});

const leavesOf = (size: number): Hash[] =>
  Array.from({ length: size }, (_, index) => leafHash(Buffer.from(`leaf ${index}`)));
const largest = 33;

describe('proofs', () => {
  test(`every leaf of every tree up to ${largest} is proved, and under no other root, index or size`, () => {
    for (let size = 1; size <= largest; size += 1) {
      const leaves = leavesOf(size);
      const root = rootOf(leaves);
      for (const [index, leaf] of leaves.entries()) {
        const proof = inclusionPath(index, size).map(([from, to]) => rootOf(leaves, from, to));
        expect(provesInclusion(leaf, index, size, proof, root)).toBe(true);
        expect(provesInclusion(leafHash(Buffer.from('other')), index, size, proof, root)).toBe(false);
        expect(provesInclusion(leaf, index, size, proof, nodeHash(root, root))).toBe(false);
        expect(provesInclusion(leaf, index, size, [...proof, root], root)).toBe(false);
        if (size > 1) expect(provesInclusion(leaf, (index + 1) % size, size, proof, root)).toBe(false);
      }
    }
  });

  test(`every earlier tree of every tree up to ${largest} is proved, and no changed one`, () => {
    for (let size = 1; size <= largest; size += 1) {
      const leaves = leavesOf(size);
      const later = { size, root: rootOf(leaves) };
      for (let old = 1; old <= size; old += 1) {
        const earlier = { size: old, root: rootOf(leaves, 0, old) };
        const proof = consistencyPath(old, size).map(([from, to]) => rootOf(leaves, from, to));
        expect(provesConsistency(earlier, later, proof)).toBe(true);
        const forged = { size: old, root: nodeHash(earlier.root, earlier.root) };
        expect(provesConsistency(forged, later, proof)).toBe(false);
        expect(provesConsistency(earlier, { size, root: forged.root }, proof)).toBe(false);
      }
    }
  });

  test('one changed bit in any part of a proof is found', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 200 }), fc.nat(), fc.nat(), (size, which, bit) => {
        const leaves = leavesOf(size);
        const index = which % size;
        const proof = inclusionPath(index, size).map(([from, to]) => rootOf(leaves, from, to));
        const broken = proof.map((hash) => Uint8Array.from(hash));
        const part = broken[which % broken.length];
        if (!part) throw new Error('a tree of two has a path');
        part[bit % 32] = (part[bit % 32] ?? 0) ^ 1;
        const leaf = leaves[index] ?? emptyRoot;
        expect(provesInclusion(leaf, index, size, broken, rootOf(leaves))).toBe(false);
      }),
    );
  });

  test.each([
    [-1, 3],
    [3, 3],
    [0.5, 3],
  ])('leaf %d of %d has no path', (index, size) =>
    expect(() => inclusionPath(index, size)).toThrow(
      new RangeError(`leaf ${index} is not in a tree of ${size}`),
    ),
  );
  test.each([
    [0, 3],
    [4, 3],
    [0.5, 3],
  ])('there is no proof from %d to %d', (earlier, later) =>
    expect(() => consistencyPath(earlier, later)).toThrow(
      new RangeError(`there is no proof from a tree of ${earlier} to one of ${later}`),
    ),
  );

  test('no leaves hash to the root of the empty tree', () => {
    expect(rootOf([])).toEqual(emptyRoot);
    expect(rootOf(leavesOf(3), 2, 2)).toEqual(emptyRoot);
  });
});

describe('hashes that fit, claimed of a tree in which they do not', () => {
  const [a, b] = leavesOf(2) as [Hash, Hash];
  const both = nodeHash(a, b);
  test.each<[string, Parameters<typeof provesInclusion>, boolean]>([
    ['the only leaf', [a, 0, 1, [], a], true],
    ['a leaf before the first', [a, -1, 1, [], a], false],
    ['a leaf after the last', [a, 1, 1, [], a], false],
    ['half a leaf', [a, 0.5, 1, [], a], false],
    ['a leaf of the empty tree', [a, 0, 0, [], a], false],
    ['a longer root that begins with the hash', [a, 0, 1, [], Uint8Array.of(...a, 0)], false],
    ['the second leaf of two', [b, 1, 2, [a], both], true],
    ['it as the only one: the proof is too long', [b, 0, 1, [a], both], false],
    ['the only leaf as the first of two: the proof is too short', [a, 0, 2, [], a], false],
  ])('inclusion of %s', (_, claim, expected) => {
    expect(provesInclusion(...claim)).toBe(expected);
  });

  const leaves = leavesOf(8);
  const tree = (size: number, as = size) => ({ size: as, root: rootOf(leaves, 0, size) });
  const proof = (earlier: number, later: number): Hash[] =>
    consistencyPath(earlier, later).map(([from, to]) => rootOf(leaves, from, to));
  test.each<[string, Parameters<typeof provesConsistency>, boolean]>([
    ['from 3 to 4', [tree(3), tree(4), proof(3, 4)], true],
    ['from 7 to 8', [tree(7), tree(8), proof(7, 8)], true],
    ['from 3 to 4 by a proof that is too long', [tree(7, 3), tree(8, 4), proof(7, 8)], false],
    ['from 7 to 8 by a proof that is too short', [tree(3, 7), tree(4, 8), proof(3, 4)], false],
    ['from 3 to 5 by no proof', [tree(3), tree(5), []], false],
    ['to the same tree', [tree(3), tree(3), []], true],
    ['to the same tree, with a proof it does not need', [tree(3), tree(3), [a]], false],
    ['to another of the same size', [tree(3), tree(4, 3), []], false],
    ['from the empty tree', [{ size: 0, root: emptyRoot }, tree(3), []], true],
    [
      'from the empty tree, with a proof it does not need',
      [{ size: 0, root: emptyRoot }, tree(3), [a]],
      false,
    ],
    ['from an empty tree of another root', [{ size: 0, root: a }, tree(3), []], false],
    ['to a smaller tree', [tree(2), tree(2, 1), []], false],
    ['from a tree of less than nothing', [tree(1, -1), tree(1), [a]], false],
  ])('consistency %s', (_, claim, expected) => {
    expect(provesConsistency(...claim)).toBe(expected);
  });
});
