/** The evaluation context: the chart, the clock, and what was asked once. */
import { byContent } from '../chart/lab-conflicts.ts';
import type { Chart, Lab } from '../chart/types.ts';
import type { Notice } from '../fhir/notice.ts';
import type { LabTest } from '../terminology/labs.ts';
import type { EvaluationContext, OpenCheck } from './fact.ts';

/** Usable results of one time are one by now; charts of before had several, and the greater reference went first. */
const newestFirst = (a: Lab, b: Lab): number =>
  (b.span?.to ?? 0) - (a.span?.to ?? 0) ||
  (b.span?.from ?? 0) - (a.span?.from ?? 0) ||
  (a.overlaps && b.overlaps ? byContent(a, b) : a.reference > b.reference ? -1 : 1);

// Without a date a result is never recent, yet it is there: stale, not missing.
const isThere = ({ used, span, value }: Lab): boolean => used || (span === null && value !== null);

const none: readonly Lab[] = [];

/** @param at evaluation time, milliseconds */
export function createContext(chart: Chart, at: number, notices: readonly Notice[]): EvaluationContext {
  let byTest: Map<LabTest, Lab[]> | null = null;
  const computed = new Map<unknown, unknown>();
  return {
    chart,
    at,
    notices,
    openChecks: null,
    memo(what) {
      if (!computed.has(what)) computed.set(what, what(this));
      // Set above by the very function that types it.
      return computed.get(what) as ReturnType<typeof what>;
    },
    labsOf(test) {
      if (byTest === null) {
        byTest = Map.groupBy(chart.labs.filter(isThere), (lab) => lab.test);
        for (const results of byTest.values()) results.sort(newestFirst);
      }
      return byTest.get(test) ?? none;
    },
  };
}

/** The context of the second stratum: the same patient, and what the first one left open. */
export const withOpenChecks = (
  context: EvaluationContext,
  openChecks: readonly OpenCheck[],
): EvaluationContext => ({ ...context, openChecks });
