/** What one named part of a drug name means: ingredients of ours, another drug, or what we cannot tell. */
import { ingredientsOfBrand, isOurBrand } from './brands.ts';
import {
  createOutsideIngredient,
  type Ingredient,
  ingredientsByName,
  otherIngredients,
} from './ingredients.ts';
import { canonicalName } from './spelling.ts';
import { hasCation, hasOtherStem, isKindred } from './stems.ts';
import { elements, noiseWords, saltEnding, saltWords } from './words.ts';

/**
 * - `known`: these ingredients, by their names or by a brand.
 * - `other`: a drug that is in none of our classes, by the table or by its stem.
 * - `kindred`: it may belong to a class of ours.
 * - `suspect`: a name of ours among other words.
 * - `unknown`: a word that may name a drug, a brand or a maker; with a salt (`hasSalt`) it names a drug.
 */
export type Meaning =
  | { kind: 'known'; ingredients: readonly Ingredient[]; byBrand: boolean }
  | { kind: 'other' | 'kindred' | 'suspect'; name: string }
  | { kind: 'unknown'; name: string; hasSalt: boolean };

/** @param words of one part, in lower case, commas included */
export const readPart = (words: readonly string[]): Meaning => readWords(words, true);

function readWords(words: readonly string[], mayDivide: boolean): Meaning {
  const bare = trimNoise(words);
  const whole = canonicalName(bare.join(' '));
  const known = readWhole(whole, words);
  if (known) return known;
  if (otherIngredients.has(whole)) return { kind: 'other', name: whole };

  const { ingredient, rest, hasSalt } = removeSalts(whole);
  if (ingredient) return knownIngredient(ingredient);
  const divided = mayDivide ? readPieces(bare) : null;
  if (divided) return divided;
  // "sodium chloride" is not "sodium".
  const name = saltWords.has(rest) || elements.has(rest) ? whole : rest;
  if (isKindred(name) || hasCation(whole)) return { kind: 'kindred', name };
  if (otherIngredients.has(name) || hasOtherStem(name)) return { kind: 'other', name };
  return holdsNameOfOurs(whole) ? { kind: 'suspect', name } : { kind: 'unknown', name, hasSalt };
}

const isNoise = (word: string | undefined): boolean =>
  word !== undefined && (word === ',' || noiseWords.has(word));

function trimNoise(words: readonly string[]): readonly string[] {
  let from = 0;
  let to = words.length;
  while (from < to && isNoise(words[from])) from += 1;
  while (to > from && isNoise(words[to - 1])) to -= 1;
  return words.slice(from, to);
}

const knownIngredient = (ingredient: Ingredient): Meaning => ({
  kind: 'known',
  ingredients: [ingredient],
  byBrand: false,
});

/**
 * The whole part as a name of ours, a brand, a German salt, a biological with its suffix.
 *
 * @param name canonical, without the noise at both ends
 * @param words with it: it may belong to the brand ("Afeditab CR")
 */
function readWhole(name: string, words: readonly string[]): Meaning | null {
  const exact = ingredientsByName.get(name);
  if (exact) return knownIngredient(exact);
  const brand = ingredientsOfBrand(canonicalName(words.join(' '))) ?? ingredientsOfBrand(name);
  if (brand) return { kind: 'known', ingredients: brand, byBrand: true };
  const withoutSalt = ingredientsByName.get(name.replace(saltEnding, ''));
  if (withoutSalt && !elements.has(withoutSalt.name)) return knownIngredient(withoutSalt);
  const biological = biologicalWithSuffix(name);
  return biological ? knownIngredient(biological) : null;
}

/** Biological names carry a four-letter suffix ("denosumab-bbdz"): https://www.fda.gov/media/93218/download */
function biologicalWithSuffix(name: string): Ingredient | null {
  if (!/ (?!zinc)[a-z]{4}$/.test(name)) return null;
  const base = ingredientsByName.get(name.slice(0, -5));
  return base?.classes.some((c) => c === 'insulin' || c === 'denosumab' || c === 'egfr-mab') ? base : null;
}

/** Salts and noise taken off from the end, until a name of ours is left or nothing more can be taken off. */
function removeSalts(name: string): { ingredient: Ingredient | null; rest: string; hasSalt: boolean } {
  let rest = name;
  let hasSalt = false;
  for (let space = rest.lastIndexOf(' '); space >= 0; space = rest.lastIndexOf(' ')) {
    const last = rest.slice(space + 1);
    if (!saltWords.has(last) && !noiseWords.has(last)) break;
    rest = rest.slice(0, space);
    hasSalt ||= saltWords.has(last);
    const ingredient = ingredientsByName.get(rest);
    if (ingredient && !elements.has(rest)) return { ingredient, rest, hasSalt };
  }
  return { ingredient: null, rest, hasSalt };
}

/** Several names in one part, if each of them is known. */
function readPieces(words: readonly string[]): Meaning | null {
  const pieces = divide(words);
  if (pieces.length < 2) return null;
  const ingredients: Ingredient[] = [];
  for (const piece of pieces) {
    const meaning = readWords(piece, false);
    if (meaning.kind === 'known') ingredients.push(...meaning.ingredients);
    else if (meaning.kind === 'other' && otherIngredients.has(meaning.name))
      ingredients.push(createOutsideIngredient(meaning.name));
    else return null;
  }
  return { kind: 'known', ingredients, byBrand: false };
}

/** "lisinopril, hydrochlorothiazide" and "lisinopril-hydrochlorothiazide". */
function divide(words: readonly string[]): string[][] {
  if (!words.includes(',')) {
    if (!words.some((word) => word.includes('-'))) return [[...words]];
    const pieces = words.join(' ').split('-');
    return pieces.map((piece) => piece.split(' '));
  }
  const pieces: string[][] = [[]];
  for (const word of words) {
    if (word === ',') pieces.push([]);
    else pieces.at(-1)?.push(word);
  }
  return pieces.filter((piece) => piece.length > 0);
}

const wordLimit = 20;

/** An ingredient or brand of ours among other words ("aspirin free reliever"): neither it nor surely another drug. */
function holdsNameOfOurs(name: string): boolean {
  const words = name.split(' ').slice(0, wordLimit);
  return words.some((_, from) =>
    [1, 2, 3, 4].some((length) => {
      const run = words.slice(from, from + length).join(' ');
      return (ingredientsByName.has(run) && !elements.has(run)) || isOurBrand(run);
    }),
  );
}
