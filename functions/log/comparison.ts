/**
 * Two rulesets over the same stored decisions: which findings a change of the rules would have gained and lost, so
 * that it can be judged on real decisions before it goes live.
 */
import { decideChart } from '../../rules/decide.ts';
import { showAll } from '../../rules/evaluation/presentation.ts';
import type { Ruleset } from '../../rules/evaluation/ruleset.ts';
import { isHook } from '../../rules/fhir/hooks.ts';
import type { StoredDecision } from './stored.ts';

export interface RuleChange {
  gained: number;
  lost: number;
  /** Up to ten decisions that flip. */
  examples: string[];
}

export interface Comparison {
  /** Decisions replayed. */
  compared: number;
  /** Refusals, and decisions about patients who were erased: there is nothing to replay. */
  skipped: number;
  /** Decisions in which some rule fires under one ruleset and not under the other. */
  flipped: number;
  byRule: Map<string, RuleChange>;
}

const firedUnder = (decision: StoredDecision, ruleset: Ruleset): Set<string> | null => {
  const { decisionId, decidedAt, evaluatedAt, hook, chart, patient, notices, presentation } = decision;
  if (!chart || !evaluatedAt || !isHook(hook)) return null;
  const noted = notices.filter(({ code }) => code !== 'category-missing');
  const clock = { decisionId, decidedAt, evaluatedAt };
  const { evaluations } = decideChart(hook, patient, chart, noted, ruleset, clock, presentation ?? showAll);
  return new Set(evaluations.filter(({ outcome }) => outcome === 'fired').map(({ rule }) => rule));
};

/** @param before the ruleset of each decision, so that only the change of rules counts and not of time */
export async function compareRulesets(
  decisions: AsyncIterable<StoredDecision>,
  before: (decision: StoredDecision) => Promise<Ruleset | null>,
  after: Ruleset,
): Promise<Comparison> {
  const result: Comparison = { compared: 0, skipped: 0, flipped: 0, byRule: new Map() };
  for await (const decision of decisions) {
    const own = await before(decision);
    const was = own && firedUnder(decision, own);
    const is = was && firedUnder(decision, after);
    if (!was || !is) {
      result.skipped += 1;
      continue;
    }
    result.compared += 1;
    const changed = [...was.symmetricDifference(is)];
    if (changed.length > 0) result.flipped += 1;
    for (const rule of changed) {
      const change = result.byRule.get(rule) ?? { gained: 0, lost: 0, examples: [] };
      if (is.has(rule)) change.gained += 1;
      else change.lost += 1;
      if (change.examples.length < 10) change.examples.push(decision.decisionId);
      result.byRule.set(rule, change);
    }
  }
  return result;
}
