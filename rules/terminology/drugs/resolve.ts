/** Which ingredients a medication has, from its codes and its names. Read resolveDrug at the end first. */
import type { Product, ProductIndex } from '../products.ts';
import { ingredientsOfAtc, isOutsideByAtc, routeOfAtc } from './atc.ts';
import { routeOfCombination } from './brands.ts';
import { type CodeSystem, type Coding, codingsOf, type KnownCoding, readCoding } from './codings.ts';
import { addNamed, combineNames, covers, distinctIngredients, noIngredients } from './combinations.ts';
import {
  combineProducts,
  ingredientsOfProduct,
  isDoubtful,
  productOfNdc,
  routeOfProduct,
} from './indexed-products.ts';
import {
  createOutsideIngredient,
  type Ingredient,
  ingredientsByRxnorm,
  ingredientsBySnomed,
  ingredientsByUnii,
} from './ingredients.ts';
import { createMemo, type Memo } from './memo.ts';
import { type NameReading, readName } from './names.ts';
import { onlyRoute, type Route, routesOf } from './routes.ts';
import { foldCase } from './spelling.ts';

/**
 * All ingredients of a medication, or none where `resolvedBy` is `unresolved`. `route` is that of the dose form in
 * the name or the product index, else of the ATC group, else of a combination that exists for one alone; null where none
 * says. Frozen.
 */
export interface DrugResolution {
  ingredients: readonly Ingredient[];
  resolvedBy:
    | 'rxnorm-ingredient'
    | 'product-index'
    | 'atc'
    | 'snomed'
    | 'ndc'
    | 'unii'
    | 'name'
    | 'unresolved';
  route: Route | null;
}

const memoLimit = 5_000;
const memoKeyLimit = 2_000;

const createDrugMemo = (): Memo<DrugResolution> => createMemo(memoLimit, memoKeyLimit);
const memoWithoutIndex = createDrugMemo();
const memosByIndex = new WeakMap<ProductIndex, Memo<DrugResolution>>();

function memoOf(products: ProductIndex | undefined): Memo<DrugResolution> {
  if (!products) return memoWithoutIndex;
  const known = memosByIndex.get(products);
  if (known) return known;
  const memo = createDrugMemo();
  memosByIndex.set(products, memo);
  return memo;
}

/** Lengths go in front, so that no two different inputs share a key. */
function keyPart(value: unknown): string {
  if (typeof value === 'string') return `${value.length}:${value}`;
  return typeof value === 'number' ? `#${value};` : '-';
}

function memoKey(codings: readonly Coding[], text: unknown): string {
  let key = keyPart(text);
  for (const { system, code, display } of codings)
    key += `|${keyPart(system)}${keyPart(code)}${keyPart(display)}`;
  return key;
}

/** The displays and the text, each spelling once; where two have the same, the first says whether RxNorm wrote it. */
function readNames(codings: readonly KnownCoding[], text: unknown): NameReading[] {
  const isRxnormByName = new Map<string, boolean>();
  const add = (value: unknown, isRxnorm: boolean): void => {
    const name = foldCase(value);
    if (name !== null && !isRxnormByName.has(name)) isRxnormByName.set(name, isRxnorm);
  };
  for (const { display, system } of codings) add(display, system === 'rxnorm');
  add(text, false);
  return [...isRxnormByName].map(([name, isRxnorm]) => readName(name, isRxnorm));
}

function resolve(
  codings: readonly KnownCoding[],
  text: unknown,
  products: ProductIndex | undefined,
): DrugResolution {
  const codesOf = (system: CodeSystem): string[] =>
    codings.filter((coding) => coding.system === system).map(({ code }) => code);
  const rxnormCodes = codesOf('rxnorm');
  const atcCodes = codesOf('atc').map((code) => code.toUpperCase());

  const names = readNames(codings, text);
  const named = combineNames(names.map(({ ingredients }) => ingredients));
  const route = onlyRoute(routesOf(names, (name) => name.route)) ?? onlyRoute(routesOf(atcCodes, routeOfAtc));
  const resolveTo = (
    coded: readonly Ingredient[],
    resolvedBy: DrugResolution['resolvedBy'],
  ): DrugResolution => {
    const ingredients = distinctIngredients(addNamed(coded, named));
    return Object.freeze({ ingredients, resolvedBy, route: route ?? routeOfCombination(ingredients) });
  };
  // Dose forms that the index has speak for themselves, also where they disagree.
  const resolveToProduct = (indexed: Product, resolvedBy: 'product-index' | 'ndc'): DrugResolution => {
    const ingredients = distinctIngredients(ingredientsOfProduct(indexed));
    const ofCombination = indexed.doseForms.length === 0 ? routeOfCombination(ingredients) : null;
    return Object.freeze({
      ingredients,
      resolvedBy,
      route: routeOfProduct(indexed) ?? route ?? ofCombination,
    });
  };

  const rxnorm = rxnormCodes.flatMap((code) => ingredientsByRxnorm.get(code) ?? []);
  const product = combineProducts(
    rxnormCodes.flatMap((code) => (ingredientsByRxnorm.has(code) ? [] : (products?.product(code) ?? []))),
  );
  // The code of a product beside that of one of its ingredients: the product holds the others.
  const isProduct = product !== null && covers(ingredientsOfProduct(product), rxnorm);
  if (rxnorm.length > 0 && !isProduct) return resolveTo(rxnorm, 'rxnorm-ingredient');
  if (product && !isDoubtful(product)) return resolveToProduct(product, 'product-index');

  const packaged = products
    ? combineProducts(codesOf('ndc').flatMap((code) => productOfNdc(products, code) ?? []))
    : null;
  if (packaged && !isDoubtful(packaged)) return resolveToProduct(packaged, 'ndc');

  const atc = atcCodes.flatMap(ingredientsOfAtc);
  if (atc.length > 0) return resolveTo(atc, 'atc');
  const snomed = codesOf('snomed').flatMap((code) => ingredientsBySnomed.get(code) ?? []);
  if (snomed.length > 0) return resolveTo(snomed, 'snomed');
  const unii = codesOf('unii').flatMap((code) => ingredientsByUnii.get(code.toUpperCase()) ?? []);
  if (unii.length > 0) return resolveTo(unii, 'unii');
  if (named.length > 0) return resolveTo(named, 'name');
  if (atcCodes.some(isOutsideByAtc)) return resolveTo([outsideByAtc(codings, text)], 'atc');
  return Object.freeze({ ingredients: noIngredients, resolvedBy: 'unresolved', route });
}

/** A drug in none of the classes, under the name that stands beside its ATC code, else the text, else the code. */
function outsideByAtc(codings: readonly KnownCoding[], text: unknown): Ingredient {
  const coding = codings.find(({ system }) => system === 'atc');
  return createOutsideIngredient(foldCase(coding?.display) || foldCase(text) || (coding?.code ?? ''));
}

/**
 * The ingredients of a medication, all of them or none. Resolution order: RxNorm ingredient, product index by
 * RxCUI, then by NDC, ATC, SNOMED, UNII, the structured name, brand names. An ingredient outside our table has no classes.
 *
 * @param codings FHIR codings of the medication (`CodeableConcept.coding`); any other JSON is no coding
 * @param text `CodeableConcept.text`; anything but a string is no name
 * @param products the operator's product index, if there is one
 * @returns frozen, and shared between calls. Never throws, whatever the JSON.
 * @example
 * resolveDrug([{ system: 'http://www.nlm.nih.gov/research/umls/rxnorm', code: '4603' }], 'Lasix 40 mg tablet');
 * // { ingredients: [{ name: 'furosemide', rxnorm: '4603', classes: ['loop-diuretic', ...] }],
 * //   resolvedBy: 'rxnorm-ingredient', route: 'oral' }
 */
export function resolveDrug(
  codings: readonly Coding[],
  text: unknown,
  products?: ProductIndex,
): DrugResolution {
  const list = codingsOf(codings);
  const key = memoKey(list, text);
  const memo = memoOf(products);
  return memo.get(key) ?? memo.set(key, resolve(list.map(readCoding), text, products));
}
