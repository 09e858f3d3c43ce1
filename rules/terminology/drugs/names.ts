/** A drug name read as its ingredients: every part of the name must be explained, or nothing is resolved. */
import { ingredientsOfBrand, routeOfBrand } from './brands.ts';
import { isFluid, removeCarriers } from './carriers.ts';
import { spellCodeineNumbers } from './codeine-numbers.ts';
import { distinctIngredients, noIngredients } from './combinations.ts';
import { routeOfDoseForm, spellRouteCodes } from './dose-forms.ts';
import { createOutsideIngredient, type Ingredient, mixtures, otherIngredients } from './ingredients.ts';
import { spellJapanese } from './japanese.ts';
import { readPart } from './meanings.ts';
import { spellOrderPhrases } from './order-phrases.ts';
import { type NameParts, type Part, splitName } from './parts.ts';
import type { Route } from './routes.ts';
import { spellFormulas, spellSalts } from './salt-names.ts';
import { canonicalName, removeBrackets, tokenize, unaccent } from './spelling.ts';
import { noiseWords, saltWords } from './words.ts';

/** What a name says: no ingredients where it is not understood as a whole, `route` null where it tells none. */
export interface NameReading {
  ingredients: readonly Ingredient[];
  route: Route | null;
}

/**
 * @param name as `foldCase` returns it
 * @param isRxnorm whether RxNorm wrote it: then it has RxNorm's structure, also without a dose form
 * @example
 * readName('lisinopril 10 mg / hydrochlorothiazide 12.5 mg oral tablet', true);
 * // { ingredients: [lisinopril, hydrochlorothiazide], route: 'oral' }
 */
export function readName(name: string, isRxnorm: boolean): NameReading {
  const { text, bracketed } = removeBrackets(spellPhrases(unaccent(spellJapanese(name))));
  const written = spellRouteCodes(tokenize(spellFormulas(text)));
  const { tokens, hasCarrier } = removeCarriers(spellSalts(written));
  const brand = ingredientsOfBrand(canonicalName(text));
  return {
    ingredients: brand ? distinctIngredients(brand) : readIngredients(splitName(tokens), isRxnorm, bracketed),
    route: routeOfDoseForm(written) ?? routeOfBrand(written) ?? (hasCarrier ? 'parenteral' : null),
  };
}

const spellPhrases = (name: string): string => spellOrderPhrases(spellCodeineNumbers(name));

/** Alone it may stand for the bowel preparation, which holds magnesium oxide too. */
const picosulfate = 'sodium picosulfate';

/** What the parts of a name hold together. */
interface Content {
  ingredients: Ingredient[];
  /** At least one part is known by its name or brand. */
  hasKnown: boolean;
  hasBrand: boolean;
  /** Unknown words that may be a trade name. */
  hasBrandLike: boolean;
  /** Each part that the table does not have shows by its strength that it is an ingredient. */
  isStructured: boolean;
}

function readIngredients(
  name: NameParts,
  isRxnorm: boolean,
  hasBracketedBrand: boolean,
): readonly Ingredient[] {
  const content = name.isIncomplete ? null : readParts(name, isRxnorm);
  if (!content) return noIngredients;
  const named = distinctIngredients(withoutBareElement(content.ingredients));
  const [only] = named;
  if (only?.name === picosulfate && named.length === 1) return noIngredients;
  const mixture = only && named.length === 1 && !isRxnorm ? mixtures.get(only.name) : undefined;
  const ingredients = mixture ?? named;
  // A brand lists only what is ours; any other name must name both.
  if (name.hasTwoAmounts && !content.hasBrand && ingredients.length === 1) return noIngredients;
  return isExplained(content, name, hasBracketedBrand) ? ingredients : noIngredients;
}

/** "Mag 2 (magnesium pidolate)": the salt says which magnesium it is. */
function withoutBareElement(ingredients: readonly Ingredient[]): readonly Ingredient[] {
  const isSalt = ({ name }: Ingredient): boolean => name.startsWith('magnesium ');
  return ingredients.some(isSalt) ? ingredients.filter(({ name }) => name !== 'magnesium') : ingredients;
}

/** Null where one part leaves open what the whole is. */
function readParts({ parts, hasForm }: NameParts, isRxnorm: boolean): Content | null {
  const content: Content = {
    ingredients: [],
    hasKnown: false,
    hasBrand: false,
    hasBrandLike: false,
    isStructured: hasForm || isRxnorm,
  };
  const open: string[] = [];
  for (const part of parts) {
    if (parts.length > 1 && (isBasis(part) || isDiluent(part))) continue;
    const meaning = readPart(part.words);
    switch (meaning.kind) {
      case 'known':
        content.hasKnown = true;
        content.hasBrand ||= meaning.byBrand;
        content.ingredients.push(...meaning.ingredients);
        continue;
      // It may belong to a class of ours.
      case 'kindred':
        open.push(meaning.name);
        continue;
      case 'suspect':
        return null;
      case 'unknown':
        if (isRemark(part)) continue;
        if (meaning.isSalt) return null;
        content.isStructured &&= part.hasStrength;
        content.hasBrandLike ||= !meaning.hasSalt;
        break;
      case 'other':
        break;
    }
    content.ingredients.push(createOutsideIngredient(meaning.name));
  }
  return open.every((name) => isSettled(name, content)) ? content : null;
}

/** A name that leaves open which of ours it is, beside one that says it: "mycophenolate (CELLCEPT)". */
const isSettled = (name: string, { ingredients }: Content): boolean =>
  ingredients.some((ingredient) => ingredient.name.startsWith(`${name} `));

/** Salts, or what an amount is an amount of: "(as besylate)", "(65 MG IRON)". */
const isBasis = (part: Part): boolean =>
  (part.inParentheses || part.words.every((word) => word === 'iodine' && part.afterAmount)) &&
  part.words.every(
    (word) =>
      noiseWords.has(word) ||
      saltWords.has(word) ||
      (part.afterAmount &&
        (word === 'iron' ||
          word === 'ferrous' ||
          word === 'iodine' ||
          word === 'elemental' ||
          word === 'base')),
  );

/** "(ISO-OS)" */
const isDiluent = ({ inParentheses, words }: Part): boolean =>
  inParentheses && isFluid(canonicalName(words.join(' ')));

/**
 * An unknown part that is no ingredient. A word in parentheses beside a name is a trade name: "(Xeloda)". What comes
 * after the dose form is the maker: "(Zentiva Pharma UK Ltd) 28 tablet".
 */
const isRemark = ({ hasStrength, afterForm, inParentheses, words }: Part): boolean =>
  !hasStrength && (afterForm || (inParentheses && words.length === 1));

/** Whether the ingredients are all that the product holds, and surely ingredients. */
function isExplained(content: Content, { parts }: NameParts, hasBracketedBrand: boolean): boolean {
  // Names that the table lists as outside need no structure around them: "Amoxicillin (product)".
  if (content.ingredients.every(({ name, classes }) => classes.length > 0 || otherIngredients.has(name)))
    return true;
  // Beside a known one the structure says that what we do not know is an ingredient of its own.
  if (content.hasKnown) return content.isStructured;
  // "Norvasc 5 MG Oral Tablet" has the structure too: a single unknown word may be a trade name, unless a
  // bracketed brand, a salt or a second named part shows that it is not.
  const isGeneric = !content.hasBrandLike || hasBracketedBrand || content.ingredients.length > 1;
  return (
    content.isStructured &&
    isGeneric &&
    parts.every((part) => part.hasStrength || part.inParentheses || part.afterForm)
  );
}
