/** The routes that an order may be given by, while its route is not chosen. */
import * as z from 'zod/mini';
import content from './plausible-routes.json' with { type: 'json' };

const list = z.array(z.string());
const table = z.strictObject({ comment: list, oral: list, parenteral: list, local: list }).parse(content);

/** Names of ingredients by what is said of their routes. */
export const routesKnown: Readonly<Record<'oral' | 'parenteral' | 'local', ReadonlySet<string>>> = {
  oral: new Set(table.oral),
  parenteral: new Set(table.parenteral),
  local: new Set(table.local),
};

export type SystemicRoute = 'oral' | 'parenteral';
const both: readonly SystemicRoute[] = ['oral', 'parenteral'];

/**
 * All routes that a product of these ingredients may be given by; null where one acts where it is put, too, and these
 * are not all.
 * @example
 * plausibleRoutes(['magnesium citrate']); // ['oral']
 */
export function plausibleRoutes(ingredients: readonly string[]): readonly SystemicRoute[] | null {
  if (ingredients.some((name) => routesKnown.local.has(name))) return null;
  const routes = both.filter((route) => {
    const other = route === 'oral' ? routesKnown.parenteral : routesKnown.oral;
    return !ingredients.some((name) => other.has(name));
  });
  return routes.length > 0 ? routes : null;
}
