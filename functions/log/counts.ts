/**
 * How often each rule was evaluated, spoke, was withheld, could not be decided, and what came of its cards: counts by
 * tenant and day. Derived: the projector makes them from the records, once each (projector.ts).
 */
import type { Feedback } from './records.ts';
import type { StoredHead } from './stored.ts';

/** What is counted of one rule. */
export interface RuleCounts {
  fired: number;
  /** Listed on a card: where it fired, or would by the routes that an order may be given by. */
  shown: number;
  /** Fired and not shown, by the code of why. */
  withheld: Record<string, number>;
  /** Undecided, by what was missing; a decision that lacks two things counts for both. */
  undecided: Record<string, number>;
  accepted: number;
  /** By system and code of the reason, `urn:example|code`; `none` without one. */
  overridden: Record<string, number>;
  /** Cards of the day's decisions that listed it and had feedback, whenever that came. */
  answered: number;
}

/** What is counted of a day. */
export interface Counts {
  /** Decisions that evaluated the rules, by digest of the ruleset: each rule of it was evaluated so often. */
  evaluated: Record<string, number>;
  /** Requests that were not evaluated, by HTTP status. */
  refused: Record<string, number>;
  rules: Record<string, RuleCounts>;
}

export const noCounts = (): Counts => ({ evaluated: {}, refused: {}, rules: {} });

export const noRuleCounts = (): RuleCounts => ({
  fired: 0,
  shown: 0,
  withheld: {},
  undecided: {},
  accepted: 0,
  overridden: {},
  answered: 0,
});

const addOne = (counts: Record<string, number>, name: string, by = 1): void => {
  counts[name] = (counts[name] ?? 0) + by;
};

function rulesIn(counts: Counts, rule: string): RuleCounts {
  counts.rules[rule] ??= noRuleCounts();
  return counts.rules[rule];
}

/** Counts one decision. @param counts is added to */
export function countDecision(counts: Counts, head: StoredHead): void {
  const { status, ruleset, findings, undecided = {} } = head;
  if (status !== 200) {
    addOne(counts.refused, String(status));
    return;
  }
  addOne(counts.evaluated, ruleset.digest);
  for (const { rule, shown, byRoute, why = 'unknown' } of findings) {
    const own = rulesIn(counts, rule);
    if (!byRoute) own.fired += 1;
    if (shown) own.shown += 1;
    else addOne(own.withheld, why);
  }
  for (const [what, rules] of Object.entries(undecided))
    for (const rule of rules) addOne(rulesIn(counts, rule).undecided, what);
}

/** Name of a reason in counts. */
const reasonName = ({ overrideReason }: Pick<Feedback, 'overrideReason'>): string => {
  if (overrideReason === null) return 'none';
  const { system = '', code } = overrideReason;
  return `${system}|${code}`;
};

/** Counts one feedback event, for each rule that its card listed. @param counts is added to */
export function countFeedback(
  counts: Counts,
  feedback: Pick<Feedback, 'outcome' | 'overrideReason'>,
  rules: readonly string[],
): void {
  for (const rule of rules) {
    const own = rulesIn(counts, rule);
    if (feedback.outcome === 'accepted') own.accepted += 1;
    else addOne(own.overridden, reasonName(feedback));
  }
}

/** Counts a card that has feedback now. @param counts is added to */
export function countAnswered(counts: Counts, rules: readonly string[]): void {
  for (const rule of rules) rulesIn(counts, rule).answered += 1;
}

const addAll = (into: Record<string, number>, from: Readonly<Record<string, number>>): void => {
  for (const [name, count] of Object.entries(from)) addOne(into, name, count);
};

/** Adds counts to others. @param into is added to */
export function addCounts(into: Counts, from: Counts): void {
  addAll(into.evaluated, from.evaluated);
  addAll(into.refused, from.refused);
  for (const [rule, counts] of Object.entries(from.rules)) {
    const own = rulesIn(into, rule);
    own.fired += counts.fired;
    own.shown += counts.shown;
    own.accepted += counts.accepted;
    own.answered += counts.answered;
    addAll(own.withheld, counts.withheld);
    addAll(own.undecided, counts.undecided);
    addAll(own.overridden, counts.overridden);
  }
}
