/** Several readings of one medication as one: the fullest, provided that none contradicts it. */
import { brandParts, type Ingredient, otherIngredients } from './ingredients.ts';

export const noIngredients: readonly Ingredient[] = Object.freeze([]);

/** Each name once, frozen. */
export function distinctIngredients(ingredients: readonly Ingredient[]): readonly Ingredient[] {
  const seen = new Set<string>();
  return Object.freeze(ingredients.filter(({ name }) => !seen.has(name) && seen.add(name)));
}

const isRuleIngredient = ({ classes }: Ingredient): boolean => classes.length > 0;

/** How many of them a rule may ask for. */
export const countRuleIngredients = (ingredients: readonly Ingredient[]): number =>
  ingredients.reduce((count, ingredient) => count + (isRuleIngredient(ingredient) ? 1 : 0), 0);

/** Every rule ingredient of the smaller is in the larger; where it has none, its names decide. */
export function covers(larger: readonly Ingredient[], smaller: readonly Ingredient[]): boolean {
  const needed = smaller.some(isRuleIngredient) ? smaller.filter(isRuleIngredient) : smaller;
  const held = new Set(larger.map(({ name }) => name));
  return (
    !(larger.some(isRuleIngredient) || smaller.some(isRuleIngredient)) ||
    needed.every(({ name }) => held.has(name))
  );
}

const isOfTable = ({ name, classes }: Ingredient): boolean =>
  classes.length > 0 || otherIngredients.has(name) || brandParts.has(name);

/** All of the smaller by name, and others that the table has: "Talicia" beside "omeprazole". */
function holdsMore(larger: readonly Ingredient[], smaller: readonly Ingredient[]): boolean {
  const held = new Set(larger.map(({ name }) => name));
  return (
    larger.length > smaller.length && larger.every(isOfTable) && smaller.every(({ name }) => held.has(name))
  );
}

/**
 * The ingredients of all names of one medication.
 *
 * @returns none where two names contradict each other
 */
export function combineNames(readings: readonly (readonly Ingredient[])[]): readonly Ingredient[] {
  let fullest = noIngredients;
  for (const reading of readings) {
    if (fullest.length === 0) fullest = reading;
    else if (covers(reading, fullest)) {
      if (countRuleIngredients(reading) > countRuleIngredients(fullest) || holdsMore(reading, fullest))
        fullest = reading;
    } else if (!covers(fullest, reading)) return noIngredients;
  }
  return fullest;
}

/**
 * The ingredients of a code, with those of the name where it holds more: beside a code for one ingredient the full
 * name of a combination holds the others.
 */
export function addNamed(coded: readonly Ingredient[], named: readonly Ingredient[]): readonly Ingredient[] {
  const isFuller = countRuleIngredients(named) > countRuleIngredients(coded) || holdsMore(named, coded);
  return covers(named, coded) && isFuller ? named : coded;
}
