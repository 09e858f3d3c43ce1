/**
 * What replaces a low electrolyte and is among the drafts, signed or running: no card asks for it again (clinical decision
 * 36). The same magnesium exempts in MG-009.
 */
import type { LabTest } from '../terminology/labs.ts';
import type { EvaluationContext } from './fact.ts';
import { type FactName, type FactParams, factOf } from './facts.ts';

export const replacements = ['magnesium', 'magnesium-by-injection', 'potassium'] as const;
export type Replacement = (typeof replacements)[number];

/** The result that each corrects. */
export const correctedBy: Readonly<Record<Replacement, LabTest>> = {
  magnesium: 'magnesium',
  'magnesium-by-injection': 'magnesium',
  potassium: 'potassium',
};

/** Maintenance fluids hold magnesium chloride and acetate, and replace nothing. */
const injected: FactParams<'drug'> = {
  classes: ['magnesium'],
  exceptIngredients: ['magnesium chloride', 'magnesium acetate'],
  role: 'any',
  running: true,
  route: 'parenteral',
};
const ordered: FactParams<'drug'> = { classes: ['magnesium'], role: 'ordered', route: 'oral' };
const taken: FactParams<'dailyDose'> = {
  classes: ['magnesium'],
  role: 'active',
  route: 'oral',
  unit: 'mg',
  elementalMagnesium: true,
};
/** Milligrams of elemental magnesium a day: a multivitamin holds less and is no replacement. */
const leastOfSupplement = 100;
const potassium: FactParams<'drug'> = {
  classes: ['potassium'],
  role: 'any',
  running: true,
  route: 'systemic',
};

/** Of a dose at least so much as is known of it. */
function leastOf<N extends FactName>(
  name: N,
  params: FactParams<N>,
  context: EvaluationContext,
): boolean | number | string {
  const fact = factOf(name).compute(params)(context);
  if (fact.state !== 'known') return false;
  return fact.range ? fact.range.low : fact.value;
}

/** Those that are known to be at hand: what is open replaces nothing. */
export function replacementsAtHand(context: EvaluationContext): ReadonlySet<Replacement> {
  const isInjected = leastOf('drug', injected, context) === true;
  const isTaken = Number(leastOf('dailyDose', taken, context)) >= leastOfSupplement;
  const isOrdered = leastOf('drug', ordered, context) === true;
  return new Set([
    ...(isInjected ? (['magnesium-by-injection'] as const) : []),
    ...(isInjected || isTaken || isOrdered ? (['magnesium'] as const) : []),
    ...(leastOf('drug', potassium, context) === true ? (['potassium'] as const) : []),
  ]);
}
