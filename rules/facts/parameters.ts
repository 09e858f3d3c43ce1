/** Parameters that several facts share, as schemas: strict, so that a misspelt name refuses the ruleset at load. */
import * as z from 'zod/mini';
import { conditionGroups } from '../terminology/conditions.ts';
import { drugClasses, ingredientByName } from '../terminology/drugs/ingredients.ts';
import { labTestNames } from '../terminology/labs.ts';

/** ISO 8601 duration of whole days or hours: `P3D`, `PT48H`. */
export const duration = z
  .string()
  .check(z.regex(/^(P[1-9]\d*D|PT[1-9]\d*H)$/, 'write a window as `P3D` or `PT48H`'));

export const labTest = z.enum(labTestNames, {
  error: 'not a laboratory test of rules/terminology/labs.json',
});
export const drugClass = z.enum([...drugClasses.keys()], {
  error: 'not a drug class of rules/terminology/drugs.json',
});
const noIngredient = 'not an ingredient of rules/terminology/drugs.json';
export const ingredient = z
  .string(noIngredient)
  .check(z.refine((name) => ingredientByName(name) !== null, noIngredient));
export const conditionGroup = z.enum([...conditionGroups.keys()], {
  error: 'not a condition group of rules/terminology/conditions.json',
});

/** `active`: taken now; `ordered`: a draft of this moment; `any`: one of them. */
export const role = z.enum(['active', 'ordered', 'any']);
/** `systemic`: by any route that acts in the whole body. */
export const route = z.enum(['oral', 'parenteral', 'rectal', 'systemic']);

/** Doses that are given fast on purpose (loading-dose.ts): to load, or in an emergency. */
export const fast = z.enum(['loading', 'slow-loading', 'emergency']);

/** Which drugs a fact is about: members of any of the classes, or any of the ingredients. */
export const drugSelector = {
  classes: z.optional(z.array(drugClass).check(z.minLength(1))),
  ingredients: z.optional(z.array(ingredient).check(z.minLength(1))),
  /** Members of these classes that are nevertheless not meant. */
  exceptIngredients: z.optional(z.array(ingredient).check(z.minLength(1))),
};

/** Of a fact with a `drugSelector`: it must be told which drugs. */
export const namesDrugs = z.refine<{ classes?: unknown; ingredients?: unknown }>(
  (params) => params.classes !== undefined || params.ingredients !== undefined,
  { error: 'needs `classes` or `ingredients`' },
);
