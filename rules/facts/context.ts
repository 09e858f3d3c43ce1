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

const compare = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);

/** By what they are and since when; only what is alike in both by its name, so that renaming changes no card. */
function ordered<T extends { reference: string }>(
  items: readonly T[],
  contentOf: (item: T) => readonly unknown[],
): T[] {
  const keys = new Map(items.map((item) => [item, JSON.stringify(contentOf(item))]));
  return [...items].sort(
    (a, b) => compare(keys.get(a) ?? '', keys.get(b) ?? '') || compare(a.reference, b.reference),
  );
}

/** The same chart in an order that does not depend on the one in which its entries came. */
const inOrder = (chart: Chart): Chart => ({
  ...chart,
  medications: ordered(chart.medications, ({ ingredients, role, route, started, dosing }) => [
    ingredients.map(({ name }) => name),
    // What is being ordered is spoken of first.
    role === 'ordered' ? 0 : 1,
    route,
    started?.from,
    dosing,
  ]),
  conditions: ordered(chart.conditions, ({ groups, onset, codes }) => [groups, onset?.from, codes]),
  allergies: ordered(chart.allergies, ({ ingredients }) => ingredients.map(({ name }) => name)),
  serviceOrders: ordered(chart.serviceOrders, ({ codes }) => codes),
});

/** @param at evaluation time, milliseconds */
export function createContext(came: Chart, at: number, notices: readonly Notice[]): EvaluationContext {
  const chart = inOrder(came);
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
