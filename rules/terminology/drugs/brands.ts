/** Brand names: those that hold an ingredient of ours, and well-known ones that hold none. */
import table from '../drugs.json' with { type: 'json' };
import { createOutsideIngredient, type Ingredient, tableEntries } from './ingredients.ts';
import { canonicalName } from './spelling.ts';

function indexOurBrands(): ReadonlyMap<string, readonly Ingredient[]> {
  const brands = new Map<string, readonly Ingredient[]>();
  for (const [row, ingredient] of tableEntries) {
    for (const brand of [...row.brands, ...row.brandsAdded]) {
      const name = canonicalName(brand);
      brands.set(name, [...(brands.get(name) ?? []), ingredient]);
    }
  }
  for (const brand of table.ambiguousBrands) brands.delete(canonicalName(brand));
  return brands;
}

const ourBrands = indexOurBrands();

const otherBrands: ReadonlyMap<string, readonly Ingredient[]> = new Map(
  Object.entries(table.otherBrands).map(([brand, names]) => [
    canonicalName(brand),
    Object.freeze(names.map((name) => createOutsideIngredient(canonicalName(name)))),
  ]),
);

/** Whether a canonical name is a brand that holds at least one ingredient of ours. */
export const isOurBrand = (name: string): boolean => ourBrands.has(name);

/**
 * The ingredients of a brand by its canonical name: of one of ours only those that are ours, of another one all.
 * Ours go first, so that a mistake among the others can hide nothing.
 */
export const ingredientsOfBrand = (name: string): readonly Ingredient[] | undefined =>
  ourBrands.get(name) ?? otherBrands.get(name);
