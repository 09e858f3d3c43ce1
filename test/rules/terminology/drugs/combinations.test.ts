import { describe, expect, it } from 'vitest';
import {
  addNamed,
  combineNames,
  countRuleIngredients,
  covers,
  distinctIngredients,
} from '../../../../rules/terminology/drugs/combinations.ts';
import type { Ingredient } from '../../../../rules/terminology/drugs/ingredients.ts';

/** In capitals: a rule may ask for it. */
const ingredient = (name: string): Ingredient => ({
  name,
  rxnorm: null,
  classes: name === name.toUpperCase() ? ['class'] : [],
});
const list = (names: string): Ingredient[] => [...names].map(ingredient);
const text = (ingredients: readonly Ingredient[]): string => ingredients.map(({ name }) => name).join('');

describe('ingredients', () => {
  it.each([
    ['AbAb', 'Ab'],
    ['', ''],
  ])('"%s" are distinct as "%s"', (names, expected) => {
    const distinct = distinctIngredients(list(names));
    expect(text(distinct)).toBe(expected);
    expect(Object.isFrozen(distinct)).toBe(true);
  });

  it('that a rule may ask for are counted', () => {
    expect(['', 'ab', 'AbC'].map((names) => countRuleIngredients(list(names)))).toEqual([0, 0, 2]);
  });

  it.each([
    ['AB', 'A', true],
    ['A', 'AB', false],
    ['A', 'Ab', true],
    ['Ab', 'b', true],
    ['A', 'b', false],
    ['a', 'b', true],
    ['b', 'A', false],
    ['A', '', true],
  ])('"%s" cover "%s": %s', (larger, smaller, expected) => {
    expect(covers(list(larger), list(smaller))).toBe(expected);
  });

  it.each([
    [[], ''],
    [['', 'A'], 'A'],
    [['A', 'AB'], 'AB'],
    [['AB', 'A'], 'AB'],
    [['A', 'B'], ''],
    [['A', 'Ab'], 'A'],
    [['a', 'b'], 'a'],
    [['A', 'B', 'AB'], ''],
  ])('of the names %j are "%s"', (names, expected) => {
    expect(text(combineNames(names.map(list)))).toBe(expected);
  });

  it.each([
    ['A', 'AB', 'AB'],
    ['A', 'B', 'A'],
    ['A', 'Ab', 'A'],
    ['A', '', 'A'],
    ['a', 'B', 'a'],
    ['a', 'aB', 'aB'],
  ])('of the code "%s" and the name "%s" are "%s"', (coded, named, expected) => {
    expect(text(addNamed(list(coded), list(named)))).toBe(expected);
  });
});
