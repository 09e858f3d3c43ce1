/** Items as text come back as they were: from a spill, a queue, an archive. */
import { expect, test } from 'vitest';
import { itemFromJson, itemsFromText, itemsToText, itemToJson } from '../../../functions/log/item-json.ts';
import { B, type Item, N, S } from '../../../functions/log/items.ts';

const item: Item = {
  text: S('ü'),
  number: N(7),
  bytes: B(new Uint8Array([0, 255])),
  set: { SS: ['b', 'a'] },
};

test('an item of every kind comes back', () => {
  expect(itemToJson(item).bytes).toEqual({ B: 'AP8=' });
  expect(itemFromJson(JSON.parse(JSON.stringify(itemToJson(item))))).toEqual(item);
  expect(itemsFromText(itemsToText([item, item]))).toEqual([item, item]);
});

test.each([
  ['no JSON', '{'],
  ['no list', '{}'],
  ['a list of no items', '[1]'],
  ['an attribute of another kind', '[{"a":{"M":{}}}]'],
  ['an attribute without a kind', '[{"a":"b"}]'],
])('%s is refused', (_, text) => expect(() => itemsFromText(text)).toThrow(SyntaxError));
