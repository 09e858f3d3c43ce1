/** Several lists, each newest first, as one. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { mergeNewest, newestOf, type Placed } from '../../../functions/log/merge.ts';

async function* listOf(places: readonly string[], read: string[] = []): AsyncGenerator<Placed> {
  for (const place of places) {
    read.push(place);
    yield { place };
  }
}
const merged = async (...lists: readonly string[][]): Promise<string[]> =>
  (await Array.fromAsync(mergeNewest(lists.map((list) => listOf(list))))).map(({ place }) => place);

test.each<[string[][], string[]]>([
  [[], []],
  [[[], []], []],
  [
    [['c', 'a'], ['b']],
    ['c', 'b', 'a'],
  ],
  [
    [['b'], ['b', 'a'], []],
    ['b', 'b', 'a'],
  ],
])('%j is %j', async (lists, all) => expect(await merged(...lists)).toEqual(all));

test('any lists in their order are all of it in order', async () => {
  const list = fc
    .array(fc.string({ minLength: 1, maxLength: 3 }))
    .map((places) => places.sort().toReversed());
  await fc.assert(
    fc.asyncProperty(fc.array(list, { maxLength: 6 }), async (lists) => {
      expect(await merged(...lists)).toEqual(lists.flat().sort().toReversed());
    }),
  );
});

test('each list is read no further than one ahead', async () => {
  const read: string[] = [];
  for await (const { place } of mergeNewest([listOf(['d', 'c', 'a'], read), listOf(['b', 'a'], read)]))
    if (place === 'c') break;
  expect(read.sort()).toEqual(['b', 'c', 'd']);
});

test.each<[string, IteratorResult<Placed, unknown>[], number]>([
  ['none', [], -1],
  ['all done', [{ done: true, value: undefined }], -1],
  ['the newest', [{ value: { place: 'a' } }, { value: { place: 'b' } }], 1],
  [
    'the first of equals',
    [{ done: true, value: 0 }, { value: { place: 'a' } }, { value: { place: 'a' } }],
    1,
  ],
])('the newest of %s', (_, fronts, index) => expect(newestOf(fronts)).toBe(index));
