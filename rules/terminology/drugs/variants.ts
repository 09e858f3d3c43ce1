/**
 * Names that differ from one in the table by the spelling of another language ("claritromicina", "furosemida",
 * "digoxine") or because a screen cut them short ("hydrochlorothiaz"). Only where one ingredient alone is meant.
 */
import { type Ingredient, ingredientsByName, otherIngredients } from './ingredients.ts';

/** `ingredient` is null for one that is in none of the classes. */
export interface Variant {
  name: string;
  ingredient: Ingredient | null;
}

/** What the spellings of one name in several languages have in common: "clarithromycin" as "claritromicin". */
export const spokenForm = (word: string): string =>
  word
    .replaceAll('ph', 'f')
    .replaceAll('th', 't')
    .replaceAll('ch', 'c')
    .replaceAll('ct', 't')
    .replaceAll('h', '')
    .replaceAll('y', 'i')
    .replaceAll('k', 'c')
    .replaceAll('x', 's')
    .replace(/([a-z])\1+/g, '$1')
    .replace(/^es(?=[pt])/, 's')
    .replace(/(?:um|us|[aeo])$/, '');

const shortestSpoken = 6;
const shortestCut = 8;
/** So many letters may be missing at the end. */
const longestCut = 5;

/** Of two that are in none of the classes the first stands for both. */
const setUnlessTwo = (map: Map<string, Variant | null>, key: string, variant: Variant): void => {
  const known = map.get(key);
  if (known === undefined) map.set(key, variant);
  else if (known === null || known.ingredient !== variant.ingredient) map.set(key, null);
};

const isWord = (name: string): boolean => /^[a-z]+$/.test(name);

function indexVariants(): {
  spoken: ReadonlyMap<string, Variant | null>;
  cut: ReadonlyMap<string, Variant | null>;
} {
  const spoken = new Map<string, Variant | null>();
  const cut = new Map<string, Variant | null>();
  const add = (variant: Variant): void => {
    const form = spokenForm(variant.name);
    if (form.length >= shortestSpoken) setUnlessTwo(spoken, form, variant);
    const from = Math.max(shortestCut, variant.name.length - longestCut);
    for (let length = from; length < variant.name.length; length += 1)
      setUnlessTwo(cut, variant.name.slice(0, length), variant);
  };
  for (const [name, ingredient] of ingredientsByName) if (isWord(name)) add({ name, ingredient });
  for (const name of otherIngredients) if (isWord(name)) add({ name, ingredient: null });
  return { spoken, cut };
}

const { spoken, cut } = indexVariants();

/** @param name canonical, one word that no table has; null where none or several are meant */
export function variantOf(name: string): Variant | null {
  if (!isWord(name)) return null;
  return spoken.get(spokenForm(name)) ?? cut.get(name) ?? null;
}
