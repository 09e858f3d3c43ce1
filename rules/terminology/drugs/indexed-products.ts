/** Products of the product index (RxNorm) in terms of our ingredients. */
import { ndcReadings } from '../ndc.ts';
import type { Product, ProductIndex, Substance } from '../products.ts';
import { countRuleIngredients, covers } from './combinations.ts';
import { routeOfDoseForm } from './dose-forms.ts';
import {
  createOutsideIngredient,
  type Ingredient,
  ingredientsByName,
  ingredientsByRxnorm,
  otherIngredients,
} from './ingredients.ts';
import { onlyRoute, type Route } from './routes.ts';
import { canonicalName, foldCase, tokenize } from './spelling.ts';
import { isKindred } from './stems.ts';

/**
 * Ours by its RxNorm code, that of the salt before that of the whole (magnesium citrate before magnesium), else by
 * its RxNorm name (a few of ours have no code); else a drug that no rule asks for.
 */
function ingredientOf({ rxcui, name, formOf }: Substance): Ingredient {
  const whole = formOf ?? { rxcui, name };
  return (
    ingredientsByRxnorm.get(rxcui) ??
    ingredientsByRxnorm.get(whole.rxcui) ??
    ingredientsByName.get(canonicalName(whole.name)) ??
    createOutsideIngredient(whole.name.toLowerCase(), whole.rxcui)
  );
}

export const ingredientsOfProduct = ({ substances }: Product): readonly Ingredient[] =>
  substances.map(ingredientOf);

/** The route that all its dose forms agree on. */
export const routeOfProduct = ({ doseForms }: Product): Route | null =>
  onlyRoute(new Set(doseForms.map((form) => routeOfDoseForm(tokenize(foldCase(form) ?? '')))));

/**
 * The product of an NDC in any of its forms. Ten digits without hyphens are used only when exactly one way to read
 * them is a package that exists.
 */
export function productOfNdc(products: ProductIndex, code: string): Product | null {
  const [only, ...others] = ndcReadings(code).flatMap((ndc) => products.package(ndc) ?? []);
  return only && others.length === 0 ? only : null;
}

/** Holds nothing of ours but something that may belong to one of our classes: it stays unresolved, as by its name. */
export function isDoubtful(product: Product): boolean {
  const ingredients = ingredientsOfProduct(product);
  return (
    countRuleIngredients(ingredients) === 0 &&
    ingredients.some(({ name }) => !otherIngredients.has(name) && isKindred(canonicalName(name)))
  );
}

/** Of several codes for one medication the fullest product, null where two contradict each other. */
export function combineProducts(products: readonly Product[]): Product | null {
  let fullest: Product | null = null;
  for (const product of products) {
    if (fullest === null || covers(ingredientsOfProduct(product), ingredientsOfProduct(fullest)))
      fullest = product;
    else if (!covers(ingredientsOfProduct(fullest), ingredientsOfProduct(product))) return null;
  }
  return fullest;
}
