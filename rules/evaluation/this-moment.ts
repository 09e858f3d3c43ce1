/** What the clinician is working on at this moment: a selected order, or what was just entered. */
import type { Medication } from '../chart/types.ts';
import type { EvaluationContext, Evidence } from '../facts/fact.ts';
import type { CompiledRule } from '../rule/compile.ts';

/** Whether a piece of evidence is what this moment is about. */
export function isOfThisMoment(
  kind: 'order' | 'entry',
  { chart }: EvaluationContext,
): (evidence: Evidence) => boolean {
  if (kind === 'order') return ({ order }) => order === 'selected';
  const entered = new Set(
    [...chart.conditions, ...chart.allergies]
      .filter((item) => item.entered)
      .map(({ reference }) => reference),
  );
  return ({ reference }) => entered.has(reference);
}

/** Whether a drug is ordered that makes a finding of the rule relevant, whatever it rests on. */
export const concernsOrder = ({ relevant }: CompiledRule, context: EvaluationContext): boolean =>
  relevant !== null &&
  selectedOrders(context).some(({ ingredients }) => ingredients.some(({ name }) => relevant.has(name)));

export const selectedOrders = ({ chart }: EvaluationContext): Medication[] =>
  chart.medications.filter(({ role, selected }) => role === 'ordered' && selected);
