/** The root of a list that grows is that of RFC 6962, 2.1, computed by its definition. */
import { expect, test } from 'vitest';
import { createFrontier } from '../../../../functions/log/verifying/frontier.ts';
import { emptyRoot, type Hash, leafHash, nodeHash } from '../../../../rules/digest/merkle.ts';

const leaf = (number: number): Hash => leafHash(Buffer.from(String(number)));

/** MTH of RFC 6962: split at the largest power of two below the size. */
function rootByDefinition(leaves: readonly Hash[]): Hash {
  const [first] = leaves;
  if (!first) return emptyRoot;
  if (leaves.length === 1) return first;
  const middle = 2 ** Math.floor(Math.log2(leaves.length - 1));
  return nodeHash(rootByDefinition(leaves.slice(0, middle)), rootByDefinition(leaves.slice(middle)));
}

test('after each of 130 leaves', () => {
  const frontier = createFrontier();
  const leaves: Hash[] = [];
  expect(frontier.root()).toEqual(emptyRoot);
  for (let number = 0; number < 130; number += 1) {
    frontier.add(leaf(number));
    leaves.push(leaf(number));
    expect(frontier.size()).toBe(number + 1);
    expect(Buffer.from(frontier.root())).toEqual(Buffer.from(rootByDefinition(leaves)));
  }
});
