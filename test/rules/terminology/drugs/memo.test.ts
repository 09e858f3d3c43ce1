import { describe, expect, it } from 'vitest';
import { createMemo } from '../../../../rules/terminology/drugs/memo.ts';

describe('a memo', () => {
  const counting = () => {
    const computed: string[] = [];
    const memo = createMemo<string>(2, 3);
    return {
      computed,
      recall: (key: string) =>
        memo.recall(key, () => {
          computed.push(key);
          return `${key}!`;
        }),
    };
  };

  it('computes once, then remembers', () => {
    const { recall, computed } = counting();
    expect([recall('a'), recall('a')]).toEqual(['a!', 'a!']);
    expect(computed).toEqual(['a']);
  });

  it('forgets the oldest of more than its limit, not the longest unused', () => {
    const { recall, computed } = counting();
    for (const key of ['a', 'b', 'a', 'c', 'b', 'a']) recall(key);
    expect(computed).toEqual(['a', 'b', 'c', 'a']);
  });

  it('keeps nothing under a key that is too long, and forgets nothing for it', () => {
    const { recall, computed } = counting();
    for (const key of ['a', 'bbb', 'dddd', 'dddd', 'a', 'bbb']) recall(key);
    expect(computed).toEqual(['a', 'bbb', 'dddd', 'dddd']);
  });
});
