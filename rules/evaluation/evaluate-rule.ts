/** What one rule says of one patient: fired, not fired, undecided, or an error of ours. */
import type { CompiledRule } from '../rule/compile.ts';
import { type FactStore, strictly } from '../rule/fact-store.ts';

export type Outcome = 'fired' | 'not-fired' | 'indeterminate' | 'error';

export interface RuleResult {
  outcome: Outcome;
  /** Why it is not fired although its conditions hold, or that it threw. */
  why: { code: 'exempt' } | { code: 'rule-failed' } | null;
  /** It fired by the results that were read; others were not. */
  inPart?: true;
}

const fired: RuleResult = { outcome: 'fired', why: null };
const firedInPart: RuleResult = { ...fired, inPart: true };
const notFired: RuleResult = { outcome: 'not-fired', why: null };
const exempt: RuleResult = { outcome: 'not-fired', why: { code: 'exempt' } };
const indeterminate: RuleResult = { outcome: 'indeterminate', why: null };
const failed: RuleResult = { outcome: 'error', why: { code: 'rule-failed' } };

const couldNotBeComputed = (facts: FactStore, request: number): boolean => {
  const fact = facts(request);
  return fact.state !== 'known' && fact.cause === 'error';
};

/**
 * Never throws: a rule that throws is an `error`, and the others still count. What was not read decides nothing: it
 * leaves a rule undecided, and exempts nobody; what was read and is a finding fires.
 */
export function evaluateRule(compiled: CompiledRule, facts: FactStore): RuleResult {
  try {
    const certain = strictly(facts);
    const truth = compiled.conditions.test(certain);
    if (truth === false) return notFired;
    // Unknown exempts nobody; a documented exemption ends the matter whatever the rest may be.
    if (compiled.unless?.test(certain) === true) return exempt;
    if (truth === true) return fired;
    if (certain !== facts && compiled.conditions.test(facts) === true) return firedInPart;
    return compiled.requests.some((request) => couldNotBeComputed(facts, request)) ? failed : indeterminate;
  } catch {
    return failed;
  }
}
