import { describe, expect, it } from 'vitest';
import { createMemo } from '../../../../rules/terminology/drugs/memo.ts';

describe('a memo of two results under keys of three characters', () => {
  const stored = (keys: readonly string[]) => {
    const memo = createMemo<string>(2, 3);
    for (const key of keys) expect(memo.get(key) ?? memo.set(key, `${key}!`)).toBe(`${key}!`);
    return (key: string) => memo.get(key);
  };

  it.each<[string, string[], string[], string[]]>([
    ['keeps what is set', ['a'], ['a'], ['b']],
    ['keeps two', ['a', 'b'], ['a', 'b'], []],
    ['forgets the oldest of three', ['a', 'b', 'c'], ['b', 'c'], ['a']],
    ['forgets the oldest, used since or not', ['a', 'b', 'a', 'c'], ['b', 'c'], ['a']],
    ['keeps a key of three characters', ['bbb'], ['bbb'], []],
    [
      'keeps none of four, and forgets nothing for it',
      ['a', 'b', 'dddd', 'eeee'],
      ['a', 'b'],
      ['dddd', 'eeee'],
    ],
  ])('%s', (_, keys, kept, forgotten) => {
    const get = stored(keys);
    for (const key of kept) expect(get(key), key).toBe(`${key}!`);
    for (const key of forgotten) expect(get(key), key).toBeUndefined();
  });

  it('replaces what is set again', () => {
    const memo = createMemo<number>(2, 3);
    memo.set('a', 1);
    memo.set('a', 2);
    expect(memo.get('a')).toBe(2);
  });
});
