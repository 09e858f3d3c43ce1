/** JSON text as bytes: lengths of strings, numbers and words, names that keys spell. */
import { describe, expect, test } from 'vitest';
import {
  infinite,
  lengthOfNumber,
  lengthOfString,
  lengthOfWord,
  nestsDeeperThan,
  nul,
  spells,
  surrogate,
} from '../../../functions/http/json-bytes.ts';

test.each<[string, number]>([
  ['""', 2],
  ['"a",', 3],
  ['"\\"" ', 4],
  ['"\\\\"x', 4],
  ['"\\u0041"', 8],
  ['"\\ud83d\\ude00"', 14],
  ['"\\u00zz"', 8],
  ['"\\u0000"', nul],
  ['"\\udc00"', surrogate],
  ['"\\ud800"', surrogate],
  ['"\\ud800\\u0041"', surrogate],
  ['"open', 6],
])('the string that begins %s takes %i bytes', (text, length) => {
  expect(lengthOfString(Buffer.from(text), 0)).toBe(length);
  expect(lengthOfString(Buffer.from(`[1,${text}`), 3)).toBe(length);
});

test.each<[string, number]>([
  ['0,', 1],
  ['-12.5e+3]', 8],
  ['1e308', 5],
  ['1e309', infinite],
  ['-1e400', infinite],
  ['1E400', infinite],
  ['1e-400', 6],
  ['1e99999999999999999999', infinite],
])('the number that begins %s takes %i bytes', (text, length) => {
  expect(lengthOfNumber(Buffer.from(` ${text}`), 1)).toBe(length);
});

test('309 digits are a number, 310 are not', () => {
  expect(lengthOfNumber(Buffer.from('1'.repeat(309)), 0)).toBe(309);
  expect(lengthOfNumber(Buffer.from('1'.repeat(310)), 0)).toBe(infinite);
});

test.each([
  ['true,', 4],
  ['t', 1],
  ['nullx1', 5],
  ['n\u{1f600}', 1],
])('the word that begins %j takes %i bytes', (text, length) => {
  expect(lengthOfWord(Buffer.from(text), 0)).toBe(length);
});

describe('a key spells a name', () => {
  const key = (text: string, name: string): boolean => spells(Buffer.from(text), 0, text.length, name);
  test.each(['abc', 'ab\\u0063', '\\u0061bc', '\\u0061\\u0062\\u0063'])('%s spells abc', (text) =>
    expect(key(text, 'abc')).toBe(true),
  );
  test.each(['ab', 'abcd', 'abC', 'ab\\n', '\\u0061b', '', 'ab\\u0064', 'ab\\u006'])('%j does not', (text) =>
    expect(key(text, 'abc')).toBe(false),
  );
});

test('brackets in strings are no depth', () => {
  const deep = (text: string, limit: number): boolean => nestsDeeperThan(Buffer.from(text), limit);
  expect([deep('[[1]]', 1), deep('[[1]]', 2), deep('["[[["]', 1), deep('["\\"[[["]', 1)]).toEqual([
    true,
    false,
    false,
    false,
  ]);
});
