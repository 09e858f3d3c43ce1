import { describe, expect, it } from 'vitest';
import {
  drugClasses,
  ingredientByName,
  ingredientsByName,
  ingredientsByRxnorm,
  ingredientsBySnomed,
  otherIngredients,
} from '../../../../rules/terminology/drugs/ingredients.ts';

describe('the table of ingredients', () => {
  it('has 402 ingredients in 87 classes', () => {
    expect(drugClasses.size).toBe(87);
    const members = new Set([...drugClasses.values()].flat());
    expect(members.size).toBe(402);
    for (const member of members) expect(ingredientByName(member.name)).toBe(member);
  });

  it('knows ingredients by their own names', () => {
    expect(ingredientByName('Magnesium Sulfate')?.rxnorm).toBe('6585');
    expect(ingredientByName('magnesium')?.rxnorm).toBe('6574');
    for (const name of ['insulin,regular,human', ' Insulin-regular  human ', '-insulin, regular, human-'])
      expect(ingredientByName(name)?.name, name).toBe('insulin, regular, human');
    expect(ingredientByName('frusemide')).toBeNull();
    expect(ingredientByName('Lasix')).toBeNull();
    expect(drugClasses.get('ppi')?.map(({ name }) => name)).toContain('esomeprazole');
  });
});

describe('an ingredient is found', () => {
  it.each([
    ['frusemide', 'furosemide', 'a synonym'],
    ['furosemid', 'furosemide', 'without its last letter'],
    ['warfarin sodium', 'warfarin', 'a salt'],
    ['insulin regular human', 'insulin, regular, human', 'without its commas'],
    ['magnesium citrate', 'magnesium citrate', 'a salt that is an ingredient of its own'],
  ])('by the name "%s": %s (%s)', (name, found) => {
    expect(ingredientsByName.get(name)?.name).toBe(found);
  });

  it.each([
    ['Furosemide', 'capitals are no canonical name'],
    ['ferros', 'too short to have lost a letter'],
    ['amoxicillin', 'in none of the classes'],
    ['lasix', 'a brand'],
  ])('by the name "%s": none (%s)', (name) => {
    expect(ingredientsByName.has(name)).toBe(false);
  });

  it('by its code in RxNorm, that of a salt, and its code in SNOMED', () => {
    expect(ingredientsByRxnorm.get('4603')?.name).toBe('furosemide');
    expect(ingredientsByRxnorm.get('114194')?.name).toBe('warfarin');
    expect(ingredientsByRxnorm.get('52356')?.name).toBe('magnesium citrate');
    expect(ingredientsBySnomed.get('66493003')?.name).toBe('theophylline');
  });

  it('by no code of another system', () => {
    expect(ingredientsByRxnorm.has('66493003')).toBe(false);
    expect(ingredientsBySnomed.has('4603')).toBe(false);
  });
});

describe('other ingredients', () => {
  it('are in none of the classes, under their short name too', () => {
    expect(otherIngredients.has('amoxicillin')).toBe(true);
    const short = [...otherIngredients].filter((name) => otherIngredients.has(`${name}e`));
    expect(short.length).toBeGreaterThan(0);
    for (const name of otherIngredients) expect(ingredientsByName.get(name), name).toBeUndefined();
  });
});
