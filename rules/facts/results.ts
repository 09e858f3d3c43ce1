/** Reading results and measurements of the chart for facts: the newest inside a window, or why there is none. */
import type { Lab } from '../chart/types.ts';
import type { Range } from '../logic/range.ts';
import { type LabTest, labTests } from '../terminology/labs.ts';
import { convert } from '../terminology/units.ts';
import {
  type EvaluationContext,
  type Evidence,
  type EvidenceNote,
  incompleteCategory,
  missing,
  type Reason,
  type UnknownFact,
} from './fact.ts';

/** The result in `unit`, straight from the stated unit; null when it cannot be expressed in it. */
export function valueIn(lab: Lab, unit: string): number | null {
  if (lab.received.value === null || lab.statedUnit === null) return null;
  return convert(lab.test, lab.received.value, lab.statedUnit, unit);
}

/** What the chart says about an item, as notes. */
export const charted = (why: string | null): EvidenceNote[] =>
  why === null || why === '' ? [] : [{ code: 'charted', words: why }];

export function labEvidence(lab: Lab, unit: string = labTests[lab.test].unit): Evidence {
  const value = valueIn(lab, unit);
  const comparator = lab.comparator ? { comparator: lab.comparator } : {};
  // Finer than the summary of a card: an eGFR of 14.5 is not shown as 15 beside a threshold of 15.
  const decimals = Math.max(2, labTests[lab.test].decimals);
  return {
    reference: lab.reference,
    name: labTests[lab.test].short,
    received: { kind: 'quantity', value: lab.received.value, unit: lab.received.unit, ...comparator },
    used: value === null ? { kind: 'unused' } : { kind: 'quantity', value, unit, ...comparator, decimals },
    time: lab.time,
    notes: charted(lab.why),
  };
}

/** What a one-sided result may be; undefined for a plain one. Concentrations are never below zero. */
export function rangeOf(comparator: Lab['comparator'], value: number): Range | undefined {
  switch (comparator) {
    case '<':
      return { low: 0, high: value, highOpen: true };
    case '<=':
      return { low: 0, high: value };
    case '>':
      return { low: value, high: Number.POSITIVE_INFINITY, lowOpen: true };
    case '>=':
      return { low: value, high: Number.POSITIVE_INFINITY };
    case undefined:
      return undefined;
  }
}

/** A partial date satisfies a window only with its whole span. */
export const isWithin = (lab: Lab, at: number, window: number): boolean =>
  lab.span !== null && lab.span.from >= at - window;

/** A result of `2026-01` may sort before one of yesterday and yet not be surely inside: it must not hide it. */
export const newestWithin = (context: EvaluationContext, test: LabTest, window: number): Lab | undefined =>
  context.labsOf(test).find((lab) => isWithin(lab, context.at, window));

/** Whether every one of the tests was asked for by its code and answered. */
export const wasAsked = ({ chart }: EvaluationContext, tests: readonly LabTest[]): boolean =>
  tests.every((test) => chart.testsAsked.includes(test));

/** Results of the test inside the window that could not be used, each with the reason. */
export function unusableOf(context: EvaluationContext, test: LabTest, window: number): Evidence[] {
  return context.chart.labs
    .filter((lab) => lab.test === test && !lab.used && lab.why !== null && isWithin(lab, context.at, window))
    .map((lab) => ({
      reference: lab.reference,
      used: { kind: 'unused' },
      time: lab.time,
      notes: charted(lab.why),
    }));
}

/** The reason that such results are. */
export const unusableReason = (evidence: readonly Evidence[]): Reason => ({
  code: 'unusable',
  results: evidence.map(({ reference, notes }) => ({
    reference,
    why: notes.map((note) => (note.code === 'charted' ? note.words : '')).join(''),
  })),
});

/**
 * The newest usable result inside the window, or why there is none.
 * @param window milliseconds before the evaluation time
 * @param before reasons that come first, such as that the result is needed for something else
 */
export function latest(
  context: EvaluationContext,
  test: LabTest,
  window: number,
  before: readonly Reason[] = [],
): Lab | UnknownFact {
  const inside = newestWithin(context, test, window);
  if (inside) return inside;
  const newest = context.labsOf(test)[0];
  if (newest) {
    const reasons: Reason[] = [...before, { code: 'stale', time: newest.time }];
    return { state: 'stale', cause: 'absent', reasons, evidence: [labEvidence(newest)] };
  }
  const unusable = unusableOf(context, test, window);
  if (unusable.length > 0) return missing('unresolved', [...before, unusableReason(unusable)], unusable);
  const asked = !labTests[test].laboratory || wasAsked(context, [test]);
  return (asked ? null : incompleteCategory(context, 'labs', before)) ?? missing('absent', before);
}

export const isUnknown = (value: Lab | UnknownFact): value is UnknownFact => 'state' in value;
