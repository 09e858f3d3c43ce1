/** What one named part of a drug name means: ingredients of ours, another drug, or what we cannot tell. */
import { ingredientsOfBrand, isOurBrand } from './brands.ts';
import { isFluid } from './carriers.ts';
import {
  createOutsideIngredient,
  type Ingredient,
  ingredientsByName,
  otherIngredientNamed,
} from './ingredients.ts';
import { isSaltName } from './salt-names.ts';
import { canonicalName } from './spelling.ts';
import { hasCation, hasOtherStem, isKindred } from './stems.ts';
import { variantOf } from './variants.ts';
import { elements, isUnit, noiseWords, saltEnding, saltWords } from './words.ts';

/**
 * - `known`: these ingredients, by their names or by a brand.
 * - `other`: a drug that is in none of our classes, by the table or by its stem.
 * - `kindred`: it may belong to a class of ours.
 * - `suspect`: a name of ours among other words.
 * - `unknown`: a word that may name a drug, a brand or a maker; with a salt (`hasSalt`) it names a drug, and
 *   without one nothing but a salt, a unit or a symbol (`isSalt`) names none.
 */
export type Meaning =
  | { kind: 'known'; ingredients: readonly Ingredient[]; byBrand: boolean }
  | { kind: 'other' | 'kindred' | 'suspect'; name: string }
  | { kind: 'unknown'; name: string; hasSalt: boolean; isSalt: boolean };

/** @param words of one part, in lower case, commas included */
export const readPart = (words: readonly string[]): Meaning => readWords(words, true);

function readWords(words: readonly string[], mayDivide: boolean): Meaning {
  const bare = trimNoise(words);
  const whole = canonicalName(bare.join(' '));
  const known = readWhole(whole, words);
  if (known) return known;
  const other = otherIngredientNamed(whole);
  if (other) return { kind: 'other', name: other };

  // "losartan, potassium chloride" is not the potassium salt of losartan.
  const listed = mayDivide && bare.includes(',') ? readPieces(bare) : null;
  if (listed) return listed;

  const { ingredient, rest, hasSalt } = removeSalts(whole);
  if (ingredient) return knownIngredient(ingredient);
  const divided = mayDivide ? (readPieces(bare) ?? readTwice(bare) ?? readAfterSalt(whole)) : null;
  if (divided) return divided;
  // "sodium chloride" is not "sodium".
  const name = saltWords.has(rest) || elements.has(rest) ? whole : rest;
  const variant = readVariant(name);
  if (variant) return variant;
  if (isKindred(name) || hasCation(whole)) return { kind: 'kindred', name };
  const otherName = otherIngredientNamed(name);
  if (otherName || hasOtherStem(name)) return { kind: 'other', name: otherName ?? name };
  return holdsNameOfOurs(whole)
    ? { kind: 'suspect', name }
    : { kind: 'unknown', name, hasSalt, isSalt: mayBeSalt(name) };
}

function readVariant(name: string): Meaning | null {
  const variant = otherIngredientNamed(name) ? null : variantOf(name);
  if (!variant) return null;
  return variant.ingredient
    ? knownIngredient(variant.ingredient)
    : { kind: 'other', name: otherIngredientNamed(variant.name) ?? variant.name };
}

/** No drug is called by a salt, a unit or a symbol alone: what "chlorure de" or "mg" names may be one of ours. */
const mayBeSalt = (name: string): boolean =>
  name.split(' ').every((word) => word.length < 3 || isSaltName(word) || isUnit(word));

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
  const brand =
    ingredientsOfBrand(canonicalName(words.join(' '))) ??
    ingredientsOfBrand(name) ??
    ingredientsOfBrand(name.replace(/ \d+$/, ''));
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
    if (otherIngredientNamed(rest)) break;
  }
  return { ingredient: null, rest, hasSalt };
}

/** Several names in one part, if each of them is known. */
function readPieces(words: readonly string[]): Meaning | null {
  const pieces = divide(words);
  if (pieces.length < 2) return null;
  // "cefazolin-dextrose"; a list with commas names what is in it.
  const isMixed = !words.includes(',');
  const ingredients: Ingredient[] = [];
  for (const piece of pieces) {
    if (piece.every((word) => noiseWords.has(word))) continue;
    const meaning = readWords(piece, false);
    const other = meaning.kind === 'other' ? otherIngredientNamed(meaning.name) : null;
    if (meaning.kind === 'known') ingredients.push(...meaning.ingredients);
    else if (isMixed && ingredients.length > 0 && isFluid(canonicalName(piece.join(' ')))) continue;
    else if (other) ingredients.push(createOutsideIngredient(other));
    else return null;
  }
  return ingredients.length > 0 ? { kind: 'known', ingredients, byBrand: false } : null;
}

const namesTogether = 6;

/** The generic name and the brand of one drug side by side: "Aciclovir Zovirax", "Riopan Magaldrat". */
function readTwice(words: readonly string[]): Meaning | null {
  if (words.length < 2 || words.length > namesTogether || words.includes(',')) return null;
  for (let at = 1; at < words.length; at += 1) {
    const first = readWords(words.slice(0, at), false);
    if (first.kind !== 'known') continue;
    const second = readWords(words.slice(at), false);
    if (second.kind === 'known' && isSameDrug(first.ingredients, second.ingredients)) return first;
  }
  return null;
}

/** "sodium valproate", "potassium clavulanate": the salt first; not of magnesium, lithium or iron, which count. */
function readAfterSalt(name: string): Meaning | null {
  const [, rest] = /^(?:sodium|disodium|potassium) ([a-z]{6,})$/.exec(name) ?? [];
  if (rest === undefined || isSaltName(rest) || saltWords.has(rest)) return null;
  const meaning = readWords([rest], false);
  return meaning.kind === 'known' || (meaning.kind === 'other' && otherIngredientNamed(rest))
    ? meaning
    : null;
}

const isSameDrug = (one: readonly Ingredient[], other: readonly Ingredient[]): boolean =>
  one.length === other.length &&
  one.every(({ name }) => other.some((ingredient) => ingredient.name === name));

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
