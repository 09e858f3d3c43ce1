/** What doses are computed with: one ingredient of a medication, and the body weight of who takes it. */
import { isPlain } from '../chart/lab-range.ts';
import type { Medication } from '../chart/types.ts';
import type { Product } from '../dosage/compute.ts';
import type { EvaluationContext } from './fact.ts';
import { weightWindow } from './kidney.ts';
import { isUnknown, latest } from './results.ts';

/** Kilograms of body weight; null where there is no plain recent one. */
export const kilogramsOf = (context: EvaluationContext): number | null => {
  const weight = latest(context, 'body-weight', weightWindow);
  return isUnknown(weight) || !isPlain(weight) || !weight.value ? null : weight.value;
};

/** What computes with one ingredient of a medication; null when it has no dosage. */
export function productOf(
  context: EvaluationContext,
  medication: Medication,
  ingredient: string,
): Product | null {
  const { dosing, resolvedBy } = medication;
  const ingredients = medication.ingredients.map(({ name }) => name);
  if (!dosing) return null;
  return {
    dosing,
    // What is only recognised in part may hold other drugs.
    ingredients: resolvedBy === 'unresolved' ? [...ingredients, 'another drug'] : ingredients,
    ingredient,
    kilograms: context.memo(kilogramsOf),
  };
}
