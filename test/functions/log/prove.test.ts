/** Proofs from the stored tree hold, and against another record or another seal they do not. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decisionKey, nameOf } from '../../../functions/log/keys.ts';
import { createProver } from '../../../functions/log/prove.ts';
import { bytesOf, leafOf } from '../../../functions/log/tree.ts';
import { provesConsistency, provesInclusion } from '../../../rules/digest/merkle.ts';
import { table } from '../../support/logs.ts';
import { createSealedLog, type SealedLog } from '../../support/sealed-log.ts';

let it: SealedLog;
beforeAll(async () => {
  it = await createSealedLog();
});
afterAll(() => it.close());
const prover = () => createProver({ client: it.dynamo.client, table });

test('each of the nine decisions is in the tree of the last seal, in its place and in no other', async () => {
  const seal = await it.sealer.last();
  if (!seal) throw new Error('three seals were made');
  const places = new Set<number>();
  for (const id of it.ids) {
    const place = await it.sealer.leafOf(nameOf(decisionKey('hospital', id)));
    const record = await it.log.find('hospital', id);
    if (!place || !record) throw new Error('it is there');
    places.add(place.leaf);
    const path = (await prover().inclusion(place.leaf, seal.size)).map(bytesOf);
    const holds = (leaf: number): boolean =>
      provesInclusion(leafOf(record), leaf, seal.size, path, bytesOf(seal.root));
    expect([holds(place.leaf), holds((place.leaf + 1) % seal.size)]).toEqual([true, false]);
  }
  expect(places.size).toBe(9);
});

describe('the log of a seal begins with that of each before it', () => {
  test.each([
    [1, 2],
    [1, 3],
    [2, 3],
    [3, 3],
  ])('%i and %i', async (earlier, later) => {
    const [one, other] = [await it.sealer.at(earlier), await it.sealer.at(later)];
    if (!one || !other) throw new Error('three seals were made');
    const path = (await prover().consistency(one.size, other.size)).map(bytesOf);
    const tree = ({ size, root }: { size: number; root: string }) => ({ size, root: bytesOf(root) });
    expect(provesConsistency(tree(one), tree(other), path)).toBe(true);
    expect(provesConsistency(tree({ ...one, root: '00'.repeat(32) }), tree(other), path)).toBe(false);
  });

  test('with nothing every log begins', async () => expect(await prover().consistency(0, 11)).toEqual([]));
});

test('a tree that is not all there proves nothing', async () => {
  await expect(prover().inclusion(0, 12)).rejects.toThrow('is incomplete');
});
