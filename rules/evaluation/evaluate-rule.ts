/** What one rule says of one patient: fired, not fired, undecided, or an error of ours. */
import type { CompiledRule } from '../rule/compile.ts';
import type { FactStore } from '../rule/fact-store.ts';

export type Outcome = 'fired' | 'not-fired' | 'indeterminate' | 'error';

export interface RuleResult {
  outcome: Outcome;
  /** Why it is not fired although its conditions hold, or that it threw. */
  why: { code: 'exempt' } | { code: 'rule-failed' } | null;
}

const fired: RuleResult = { outcome: 'fired', why: null };
const notFired: RuleResult = { outcome: 'not-fired', why: null };
const exempt: RuleResult = { outcome: 'not-fired', why: { code: 'exempt' } };
const indeterminate: RuleResult = { outcome: 'indeterminate', why: null };
const failed: RuleResult = { outcome: 'error', why: { code: 'rule-failed' } };

const couldNotBeComputed = (facts: FactStore, request: number): boolean => {
  const fact = facts(request);
  return fact.state !== 'known' && fact.cause === 'error';
};

/** Never throws: a rule that throws is an `error`, and the others still count. */
export function evaluateRule(compiled: CompiledRule, facts: FactStore): RuleResult {
  try {
    const truth = compiled.conditions.test(facts);
    if (truth === false) return notFired;
    // Unknown exempts nobody; a documented exemption ends the matter whatever the rest may be.
    if (compiled.unless?.test(facts) === true) return exempt;
    if (truth === true) return fired;
    return compiled.requests.some((request) => couldNotBeComputed(facts, request)) ? failed : indeterminate;
  } catch {
    return failed;
  }
}
