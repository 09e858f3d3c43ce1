/**
 * The ingredients that rules ask for and their classes: drugs.json, indexed once. Names are found in their canonical
 * spelling (see spelling.ts).
 */
import table from '../drugs.json' with { type: 'json' };
import { canonicalName } from './spelling.ts';

/**
 * One ingredient. `rxnorm` is its RxNorm code (IN), or null where none is known. `classes` are those that rules name;
 * an ingredient that no rule asks for has none. Frozen.
 */
export interface Ingredient {
  name: string;
  rxnorm: string | null;
  classes: readonly string[];
}

interface IngredientRow {
  name: string;
  rxnorm: string | null;
  atc: readonly string[];
  snomed: readonly string[];
  unii: string | null;
  classes: readonly string[];
  synonyms: readonly string[];
  precise: readonly { rxnorm: string; name: string }[];
  brands: readonly string[];
  brandsAdded: readonly string[];
}

const rows: readonly IngredientRow[] = table.ingredients;

const createIngredient = (name: string, rxnorm: string | null, classes: readonly string[]): Ingredient =>
  Object.freeze({ name, rxnorm, classes: Object.freeze([...classes]) });

/** An ingredient that is in none of the classes. */
export const createOutsideIngredient = (name: string, rxnorm: string | null = null): Ingredient =>
  createIngredient(name, rxnorm, []);

/** Each row of the table with the ingredient it stands for, in the table's order. */
export const tableEntries: readonly (readonly [IngredientRow, Ingredient])[] = rows.map(
  (row) => [row, createIngredient(row.name, row.rxnorm, row.classes)] as const,
);

function setIfAbsent<V>(map: Map<string, V>, key: string, value: V): void {
  if (!map.has(key)) map.set(key, value);
}

/** German and the Nordic languages leave the last letter off: "furosemid", "amlodipin", "spironolacton". */
const shortName = (name: string): string | null => (/^[a-z]{7,}e$/.test(name) ? name.slice(0, -1) : null);

function indexByClass(): ReadonlyMap<string, readonly Ingredient[]> {
  const classes = new Map<string, Ingredient[]>();
  for (const [, ingredient] of tableEntries) {
    for (const name of ingredient.classes) {
      const members = classes.get(name);
      if (members) members.push(ingredient);
      else classes.set(name, [ingredient]);
    }
  }
  return classes;
}

/** By the code of the ingredient, else of one of its salts. */
function indexByRxnorm(): ReadonlyMap<string, Ingredient> {
  const codes = new Map<string, Ingredient>();
  for (const [row, ingredient] of tableEntries) {
    if (row.rxnorm) codes.set(row.rxnorm, ingredient);
    for (const precise of row.precise) setIfAbsent(codes, precise.rxnorm, ingredient);
  }
  return codes;
}

/** By the table's name, which goes before the synonyms and the salts of other ingredients. */
function indexByName(): ReadonlyMap<string, Ingredient> {
  const names = new Map<string, Ingredient>();
  for (const [row, ingredient] of tableEntries) {
    names.set(canonicalName(row.name), ingredient);
    for (const name of row.synonyms) setIfAbsent(names, canonicalName(name), ingredient);
    for (const precise of row.precise) setIfAbsent(names, canonicalName(precise.name), ingredient);
  }
  for (const [name, ingredient] of [...names]) {
    const short = shortName(name);
    if (short) setIfAbsent(names, short, ingredient);
  }
  return names;
}

const byExactName: ReadonlyMap<string, Ingredient> = new Map(
  tableEntries.map(([row, ingredient]) => [canonicalName(row.name), ingredient]),
);

export const ingredientsByRxnorm = indexByRxnorm();
export const ingredientsByUnii: ReadonlyMap<string, Ingredient> = new Map(
  tableEntries.flatMap(([row, ingredient]) => (row.unii === null ? [] : [[row.unii, ingredient] as const])),
);
export const ingredientsBySnomed: ReadonlyMap<string, Ingredient> = new Map(
  tableEntries.flatMap(([row, ingredient]) => row.snomed.map((code) => [code, ingredient] as const)),
);

/** By canonical name: that of the table, its synonyms, its salts, and the short forms of all of these. */
export const ingredientsByName = indexByName();

/**
 * What a product holds that is called by the mixture of its salts: "Sodium Phosphates" of the USP are both
 * (monographs of the injection, the oral solution and the enema).
 */
export const mixtures: ReadonlyMap<string, readonly Ingredient[]> = new Map([
  [
    'sodium phosphate',
    ['sodium phosphate dibasic', 'sodium phosphate monobasic'].flatMap((salt) => byExactName.get(salt) ?? []),
  ],
]);

function otherNames(): ReadonlySet<string> {
  const names = table.otherIngredients.map(canonicalName);
  const short = names.flatMap((name) => shortName(name) ?? []);
  return new Set([...names, ...short.filter((name) => !ingredientsByName.has(name))]);
}

/** Canonical names of ingredients that are known to be in none of the classes. */
export const otherIngredients = otherNames();

/** Canonical names of what brands of ours hold beside ours; alone some of them would stay open (bismuth, opium). */
export const brandParts: ReadonlySet<string> = new Set(
  Object.values(table.brandOthers).flat().map(canonicalName),
);

const otherSynonyms: ReadonlyMap<string, string> = new Map(
  Object.entries(table.otherSynonyms).flatMap(([name, synonyms]) =>
    synonyms.map((synonym) => [canonicalName(synonym), canonicalName(name)] as const),
  ),
);

/** The name in the table of an ingredient in none of the classes, by that name or another; null where it has none. */
export const otherIngredientNamed = (name: string): string | null =>
  otherSynonyms.get(name) ?? (otherIngredients.has(name) ? name : null);

/** Rule class name to its ingredients, in the table's order. */
export const drugClasses: ReadonlyMap<string, readonly Ingredient[]> = indexByClass();

/**
 * An ingredient by the table's own name, in any case; synonyms and brands do not count.
 *
 * @returns the same frozen object on each call, null for a name that the table does not have
 * @example
 * ingredientByName('Magnesium Sulfate')?.rxnorm; // '6585'
 * ingredientByName('frusemide'); // null: it stands in the table as furosemide
 */
export function ingredientByName(name: string): Ingredient | null {
  return byExactName.get(canonicalName(name)) ?? null;
}
