/** Creatinine clearance as a laboratory reports it, in mL/min: measured in 24 hour urine, or by Cockcroft-Gault. */
import type { EvaluationContext, KnownFact } from './fact.ts';
import { isUnknown, labEvidence, latest, openRangeIn } from './results.ts';

/**
 * The newest reported one inside the window, for where none can be computed; null where there is none.
 * @param window milliseconds before the evaluation time
 */
export function reportedClearance(context: EvaluationContext, window: number): KnownFact | null {
  const reported = latest(context, 'creatinine-clearance', window);
  if (isUnknown(reported) || reported.value === null) return null;
  const evidence = labEvidence(reported);
  const range = openRangeIn(reported);
  return {
    state: 'known',
    value: reported.value,
    unit: 'mL/min',
    ...(range ? { range } : {}),
    evidence: [{ ...evidence, notes: [{ code: 'as-reported', method: null }, ...evidence.notes] }],
  };
}
