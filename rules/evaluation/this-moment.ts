/** What the clinician is working on at this moment: a selected order, or what was just entered. */
import type { Medication } from '../chart/types.ts';
import type { EvaluationContext, Evidence } from '../facts/fact.ts';

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

export const selectedOrders = ({ chart }: EvaluationContext): Medication[] =>
  chart.medications.filter(({ role, selected }) => role === 'ordered' && selected);
