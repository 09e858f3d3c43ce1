import { describe, expect, it } from 'vitest';
import {
  canonicalName,
  foldCase,
  removeBrackets,
  startsWithDigit,
  tokenize,
} from '../../../../rules/terminology/drugs/spelling.ts';

describe('a name has one spelling', () => {
  it.each<[unknown, string | null]>([
    ['  Lasix®\t40 MG\n', 'lasix 40 mg'],
    ['WEIẞ', 'weiss'],
    ['weiß', 'weiss'],
    ['Coversum™Combi', 'coversum combi'],
    ['', ''],
    ['x'.repeat(1_000), 'x'.repeat(1_000)],
    ['x'.repeat(1_001), null],
    // Two letters when folded.
    ['ß'.repeat(501), null],
    [4603, null],
    [null, null],
    [['furosemide'], null],
  ])('%j is folded to %j', (value, folded) => {
    expect(foldCase(value)).toBe(folded);
  });

  it.each([
    ['Insulin,regular,human', 'insulin regular human'],
    ['-insulin, regular,  human-', 'insulin regular human'],
    ['co-trimoxazole', 'co trimoxazole'],
    ['', ''],
  ])('"%s" is "%s" in the tables', (name, canonical) => {
    expect(canonicalName(name)).toBe(canonical);
  });
});

describe('brackets', () => {
  it.each([
    ['oxycodone 5 MG [Percocet] tablet', 'oxycodone 5 MG  tablet', true],
    ['a [b [c] d] e', 'a  e', true],
    ['a [b', 'a ', true],
    ['a ] b', 'a ] b', false],
    ['a ] b [c]', 'a  b ', true],
    ['plain', 'plain', false],
  ])('"%s" without them is "%s"', (name, text, bracketed) => {
    expect(removeBrackets(name)).toEqual({ text, bracketed });
  });
});

describe('tokens', () => {
  it.each([
    ['furosemide 40 mg', ['furosemide', '40', 'mg']],
    ['12.5 mg/ml', ['12.5', 'mg', '/', 'ml']],
    ['20/12.5', ['20/12.5']],
    ['2,5mg', ['2,5', 'mg']],
    ['100-unit vial', ['100', 'unit', 'vial']],
    ['8-hour', ['8', 'hour']],
    ['5-hydroxytryptophan', ['5-hydroxytryptophan']],
    ['75-200 mg-mcg', ['75-200', 'mg', 'mcg']],
    ['0.25 mg-35 mcg', ['0.25', 'mg', '35', 'mcg']],
    ['co-trimoxazole', ['co-trimoxazole']],
    ['i.v. inj.-', ['i.v', 'inj']],
    ["st. john's wort", ['st', "john's", 'wort']],
    ['a, b (c) {d} + e', ['a', ',', 'b', '(', 'c', ')', '{', 'd', '}', '+', 'e']],
    ['- x', ['-', 'x']],
    ['lösung', ['lösung']],
    ['', []],
  ])('of "%s" are %j', (text, tokens) => {
    expect(tokenize(text)).toEqual(tokens);
  });

  it.each([
    ['5x', true],
    ['x5', false],
    ['', false],
    ['٣', false],
  ])('"%s" begins with a digit: %s', (text, digit) => {
    expect(startsWithDigit(text)).toBe(digit);
  });
});
