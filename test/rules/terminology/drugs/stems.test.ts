import { describe, expect, it } from 'vitest';
import { hasCation, hasOtherStem, isKindred } from '../../../../rules/terminology/drugs/stems.ts';

describe('a drug that is not in the table', () => {
  it.each([
    ['magnesium threonate', 'its first word'],
    ['zyxelpril', 'its ending'],
    ['zyxelpril something', 'the ending of its first word'],
    ['vitamin d', 'a phrase'],
    ['vitamin d 3', 'a phrase at its beginning'],
    ['monobasic potassium phosphate', 'a cation before a salt'],
    ['saccharated iron', 'iron anywhere'],
  ])('"%s" may be of a class of ours: %s', (name) => {
    expect(isKindred(name)).toBe(true);
  });

  it.each([
    ['pril', 'nothing before the ending'],
    ['something zyxelpril', 'the ending of its second word'],
    ['vitamin dx', 'another phrase'],
    ['esomeprazol magnesium', 'a cation at the end'],
    ['environs', 'iron inside a word'],
    ['', 'nothing'],
  ])('"%s" is not: %s', (name) => {
    expect(isKindred(name)).toBe(false);
  });

  it.each([
    ['dibasic potassium phosphate', true],
    ['potassium phosphate', false],
    ['esomeprazole magnesium', false],
    ['carbonyl iron', true],
  ])('"%s" holds a salt of ours after its first word: %s', (name, holds) => {
    expect(hasCation(name)).toBe(holds);
  });

  it.each([
    ['zyxelvastatin', true],
    ['xyvastatin', true],
    ['xvastatin', false],
    ['vastatin', false],
    ['zyxelvastatin calcium', false],
    ['zyxelan', false],
  ])('"%s" has a stem of another class: %s', (name, other) => {
    expect(hasOtherStem(name)).toBe(other);
  });
});
