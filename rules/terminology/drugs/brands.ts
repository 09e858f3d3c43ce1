/**
 * Brand names: those that hold an ingredient of ours, and well-known ones that hold none; the route of a brand or
 * a combination.
 */
import table from '../drugs.json' with { type: 'json' };
import { createOutsideIngredient, type Ingredient, tableEntries } from './ingredients.ts';
import { onlyRoute, type Route } from './routes.ts';
import { canonicalName } from './spelling.ts';

function indexOurBrands(): ReadonlyMap<string, readonly Ingredient[]> {
  const brands = new Map<string, readonly Ingredient[]>();
  for (const [row, ingredient] of tableEntries) {
    for (const brand of [...row.brands, ...row.brandsAdded]) {
      const name = canonicalName(brand);
      brands.set(name, [...(brands.get(name) ?? []), ingredient]);
    }
  }
  for (const [brand, names] of Object.entries(table.brandOthers)) {
    const name = canonicalName(brand);
    const others = names.map((other) => createOutsideIngredient(canonicalName(other)));
    brands.set(name, [...(brands.get(name) ?? []), ...others]);
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

/** All ingredients of a brand by its canonical name. Ours go first, so that a mistake among the others can hide nothing. */
export const ingredientsOfBrand = (name: string): readonly Ingredient[] | undefined =>
  ourBrands.get(name) ?? otherBrands.get(name);

const isRoute = (name: string): name is Route => routeNames.has(name);
const routeNames: ReadonlySet<string> = new Set<Route>([
  'oral',
  'topical',
  'ophthalmic',
  'otic',
  'nasal',
  'inhaled',
  'rectal',
  'other',
]);

const brandRoutes: ReadonlyMap<string, Route> = new Map(
  Object.entries(table.brandRoutes).flatMap(([route, brands]) =>
    isRoute(route) ? brands.map((brand) => [canonicalName(brand), route] as const) : [],
  ),
);
/** The most words of such a brand, and the most places of a name that are looked at. */
const longestBrand = 3;
const placeLimit = 60;

/**
 * The route of a brand or an ingredient of which there is no other preparation: Timoptic is for the eye.
 *
 * @param tokens of the name (see `tokenize`), without accents
 * @returns null where none is named, or two that differ
 */
export function routeOfBrand(tokens: readonly string[]): Route | null {
  const found = new Set<Route>();
  const words = tokens.slice(0, placeLimit);
  for (const at of words.keys()) {
    for (let length = longestBrand; length > 0; length -= 1) {
      const route = brandRoutes.get(canonicalName(words.slice(at, at + length).join(' ')));
      if (route) found.add(route);
    }
  }
  return onlyRoute(found);
}

const combinationKey = (names: readonly string[]): string => names.map(canonicalName).toSorted().join(' + ');

const combinationRoutes: ReadonlyMap<string, Route> = new Map(
  Object.entries(table.combinationRoutes).flatMap(([route, combinations]) =>
    isRoute(route)
      ? combinations.map((combination) => [combinationKey(combination.split(' + ')), route] as const)
      : [],
  ),
);

/**
 * The route of a combination of which there is no other preparation: trimethoprim with polymyxin B is for the eye.
 *
 * @param ingredients all of the medication
 * @returns null for any other combination, and where it holds anything more
 */
export const routeOfCombination = (ingredients: readonly Ingredient[]): Route | null =>
  combinationRoutes.get(combinationKey(ingredients.map(({ name }) => name))) ?? null;
