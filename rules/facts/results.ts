/** Reading results and measurements of the chart for facts: the newest inside a window, or why there is none. */
import { agree, byContent, widen } from '../chart/lab-conflicts.ts';
import { isPlain, pointOrRange, unionOf } from '../chart/lab-range.ts';
import type { Lab, RivalResult } from '../chart/types.ts';
import type { Range } from '../logic/range.ts';
import { type LabTest, labTests } from '../terminology/labs.ts';
import { convert } from '../terminology/units.ts';
import {
  type EvaluationContext,
  type Evidence,
  type EvidenceNote,
  incompleteCategory,
  missing,
  type Reach,
  type Reason,
  readInPart,
  type UnknownFact,
  type UsedValue,
} from './fact.ts';

/** The result in `unit`, straight from the stated unit; null when it cannot be expressed in it. */
export function valueIn(lab: Lab, unit: string): number | null {
  if (lab.received.value === null || lab.statedUnit === null) return null;
  return convert(lab.test, lab.received.value, lab.statedUnit, unit);
}

/** What the chart says about an item, as notes. */
export const charted = (why: string | null): EvidenceNote[] =>
  why === null || why === '' ? [] : [{ code: 'charted', words: why }];

/** Everything a result may be in `unit`; a plain one has equal ends, null where it cannot be expressed in it. */
export function rangeIn(lab: Lab, unit: string = labTests[lab.test].unit): Range | null {
  const value = valueIn(lab, unit);
  if (value === null) return null;
  const own = pointOrRange(lab.comparator, value);
  const { rival } = lab;
  if (!rival) return own;
  const other = rivalValueIn(lab, rival, unit);
  return other === null ? null : unionOf(own, pointOrRange(rival.comparator, other));
}

const rivalValueIn = ({ test }: Lab, { received, statedUnit }: RivalResult, unit: string): number | null =>
  received.value === null || statedUnit === null ? null : convert(test, received.value, statedUnit, unit);

/** The range of a result that is no point; undefined for a plain one. */
export function openRangeIn(lab: Lab, unit: string = labTests[lab.test].unit): Range | undefined {
  const range = isPlain(lab) ? null : rangeIn(lab, unit);
  return range && (range.low !== range.high || range.lowOpen || range.highOpen) ? range : undefined;
}

/** A plain result is a quantity; one of two is either. */
function usedOf(lab: Lab, unit: string): UsedValue {
  const value = valueIn(lab, unit);
  if (value === null) return { kind: 'unused' };
  // Finer than the summary of a card: an eGFR of 14.5 is not shown as 15 beside a threshold of 15.
  const decimals = Math.max(2, labTests[lab.test].decimals);
  const one = { value, ...(lab.comparator ? { comparator: lab.comparator } : {}) };
  const { rival } = lab;
  const other = rival ? rivalValueIn(lab, rival, unit) : null;
  if (!rival || other === null) return { kind: 'quantity', ...one, unit, decimals };
  const two = { value: other, ...(rival.comparator ? { comparator: rival.comparator } : {}) };
  return { kind: 'either', values: [one, two], unit, decimals, ...(lab.isRange ? { isRange: true } : {}) };
}

export function labEvidence(lab: Lab, unit: string = labTests[lab.test].unit): Evidence {
  const { rival, received, comparator } = lab;
  return {
    reference: lab.reference,
    name: labTests[lab.test].short,
    received: {
      kind: 'quantity',
      ...received,
      ...(comparator ? { comparator } : {}),
      ...(rival
        ? { or: { ...rival.received, ...(rival.comparator ? { comparator: rival.comparator } : {}) } }
        : {}),
    },
    used: usedOf(lab, unit),
    time: lab.time,
    notes: [
      ...charted(lab.why),
      ...(rival && !lab.isRange
        ? [{ code: 'differs-from', reference: rival.reference, time: rival.time } as const]
        : []),
    ],
  };
}

/** A partial date satisfies a window only with its whole span. */
export const isWithin = (lab: Lab, at: number, window: number): boolean =>
  lab.span !== null && lab.span.from >= at - window;

/** The newest result inside a window, and what surely came before it. */
export interface Newest {
  /** Where times overlap and nobody can say which is newest: what any of them says, of the time that it has surely. */
  lab: Lab;
  /** All that may be the newest, in any order; the only one, as a rule. */
  candidates: readonly Lab[];
}

/** A result of `2026-01` may sort before one of yesterday and yet not be surely inside: it must not hide it. */
export function newestOf(context: EvaluationContext, test: LabTest, window: number): Newest | undefined {
  const results = context.labsOf(test);
  const first = results.find((lab) => isWithin(lab, context.at, window));
  if (!first?.overlaps) return first && { lab: first, candidates: [first] };
  // The newest one is not before the last of all beginnings.
  const since = results
    .filter((lab) => isWithin(lab, context.at, window))
    .reduce((last, lab) => Math.max(last, beginningOf(lab)), Number.NEGATIVE_INFINITY);
  const candidates = results.filter((lab) => lab === first || (lab.overlaps && endOf(lab) >= since));
  return { lab: anyOf(candidates, since), candidates };
}

const beginningOf = ({ since, span }: Lab): number => since ?? span?.from ?? Number.NEGATIVE_INFINITY;
const endOf = ({ span }: Lab): number => span?.to ?? Number.NEGATIVE_INFINITY;

/** One result that may be any of several: the lowest, which carries the highest. */
function anyOf(candidates: readonly Lab[], since: number): Lab {
  const [lowest, ...others] = candidates.toSorted(byContent);
  if (!lowest) throw new Error('no candidate');
  const to = candidates.reduce((last, one) => Math.max(last, endOf(one)), since);
  const lab = { ...lowest, span: { from: since, to } };
  widen(
    lab,
    others.filter((other) => !agree(lowest, other)),
  );
  return lab;
}

export const newestWithin = (context: EvaluationContext, test: LabTest, window: number): Lab | undefined =>
  newestOf(context, test, window)?.lab;

/** Whether a result is another one than the newest, and surely before it where times overlap. */
export const isOtherThan = (lab: Lab, newest: Lab): boolean =>
  lab !== newest && !(lab.overlaps && endOf(lab) >= beginningOf(newest));

/** Whether every one of the tests was asked for by its code and answered. */
export const wasAsked = ({ chart }: EvaluationContext, tests: readonly LabTest[]): boolean =>
  tests.every((test) => chart.testsAsked.includes(test));

/**
 * Whether every result of the test after a time was read: nothing of it is missing, or only what is older. An answer
 * that came in part proves that by its order (intake/unread.ts).
 * @param since milliseconds
 */
export function isReadSince(context: EvaluationContext, test: LabTest, since: number): boolean {
  const { unread = [] } = context.chart;
  if (unread.length === 0 || wasAsked(context, [test])) return true;
  const kind = labTests[test].laboratory ? 'laboratory' : 'measurements';
  // Of a test of which nothing came, an order proves nothing.
  const isThere = context.labsOf(test).length > 0;
  return unread.every(
    ({ category, of = kind, until, asked }) =>
      category !== 'labs' ||
      of !== kind ||
      (until !== undefined && until < since && (isThere || asked === true)),
  );
}

/**
 * Whether results that were not read may change an answer.
 * @param window milliseconds before the evaluation time beyond which none counts
 */
export const mayChange = (context: EvaluationContext, reach: readonly Reach[], window: number): boolean =>
  reach.some(({ test, before = 0, beside }) => {
    const newest = context.labsOf(test)[0] ?? (beside && context.labsOf(beside)[0]);
    return !isReadSince(context, test, newest?.span ? newest.span.from - before : context.at - window);
  });

/** Results of the test inside the window that could not be used, each with the reason. */
export function unusableOf(context: EvaluationContext, test: LabTest, window: number): Evidence[] {
  return context.chart.labs
    .filter((lab) => lab.test === test && !lab.used && lab.why !== null && isWithin(lab, context.at, window))
    .toSorted((one, other) => endOf(other) - endOf(one) || (one.reference < other.reference ? -1 : 1))
    .map((lab) => ({
      reference: lab.reference,
      used: { kind: 'unused' },
      time: lab.time,
      notes: charted(lab.why),
    }));
}

/**
 * The newest result of the test inside the window, where a number came that could not be used; none where a usable one is
 * as new.
 * @param or a test whose usable result stands for it
 */
export function newestUnusable(
  context: EvaluationContext,
  test: LabTest,
  window: number,
  or?: LabTest,
): Lab | undefined {
  const usable = [test, or ?? []]
    .flat()
    .flatMap((one) => context.labsOf(one))
    .reduce((last, lab) => Math.max(last, endOf(lab)), Number.NEGATIVE_INFINITY);
  return context.chart.labs
    .filter((lab) => lab.test === test && lab.unusable !== undefined && isWithin(lab, context.at, window))
    .filter((lab) => beginningOf(lab) <= context.at && endOf(lab) > usable)
    .toSorted((one, other) => endOf(other) - endOf(one) || (one.reference < other.reference ? -1 : 1))[0];
}

/** The reason that such results are. */
export const unusableReason = (evidence: readonly Evidence[], newest?: Lab): Reason => ({
  code: 'unusable',
  ...(newest?.unusable ? { of: { test: newest.test, lack: newest.unusable } } : {}),
  results: evidence.map(({ reference, notes }) => ({
    reference,
    why: notes.map((note) => (note.code === 'charted' ? note.words : '')).join(''),
  })),
});

/**
 * Why nobody knows that there is no further result of the tests inside the window: laboratory data did not come, or not
 * all of it was read. Null where there is none.
 */
export function lackOfResults(
  context: EvaluationContext,
  tests: readonly LabTest[],
  window: number,
  before: readonly Reason[] = [],
): UnknownFact | null {
  const { completeness, unread = [] } = context.chart;
  const isRead = tests.every((test) => isReadSince(context, test, context.at - window));
  const isInPart = unread.some(({ category }) => category === 'labs');
  if (wasAsked(context, tests) || (isRead && isInPart && completeness.labs !== 'absent')) return null;
  return incompleteCategory(context, 'labs', before) ?? (isRead ? null : readInPart('labs', before));
}

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
    // A newer one may be among those that were not read.
    if (!isReadSince(context, test, context.at - window))
      return readInPart('labs', before, [labEvidence(newest)]);
    const reasons: Reason[] = [...before, { code: 'stale', time: newest.time }];
    return { state: 'stale', cause: 'absent', reasons, evidence: [labEvidence(newest)] };
  }
  const unusable = unusableOf(context, test, window);
  if (unusable.length > 0)
    return missing(
      'unresolved',
      [...before, unusableReason(unusable, newestUnusable(context, test, window))],
      unusable,
    );
  const lack = lackOfResults(context, [test], window, before);
  const isUnread = !isReadSince(context, test, context.at - window);
  return (labTests[test].laboratory || isUnread ? lack : null) ?? missing('absent', before);
}

export const isUnknown = (value: Lab | UnknownFact): value is UnknownFact => 'state' in value;
