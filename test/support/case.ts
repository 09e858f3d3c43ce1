/** A case of a rule, decided: what the tests of the library and the linter look at. */
import { type Clock, type Decision, decide } from '../../rules/decide.ts';
import type { Evaluation } from '../../rules/evaluation/findings.ts';
import type { Ruleset } from '../../rules/evaluation/ruleset.ts';
import { type Case, evaluatedAt } from '../../rules/library/case.ts';
import { requestOf } from '../../rules/library/case-request.ts';
import type { LintCase } from '../../rules/library/lint.ts';
import type { Rule } from '../../rules/rule/document.ts';

const clock: Clock = { decisionId: 'case', decidedAt: evaluatedAt, evaluatedAt };

/** A case after the pipeline: the decision, what its rule said, and what the linter looks at. */
export interface DecidedCase {
  decision: Decision;
  evaluation: Evaluation;
  lint: LintCase;
}

export function decideCase(one: Case, rule: Rule, ruleset: Ruleset): DecidedCase {
  const [first] = rule.hooks;
  const decision = first && decide(requestOf(one, first), ruleset, clock);
  const evaluation = decision?.evaluations.find((found) => found.rule === rule.id);
  if (!decision || !evaluation) throw new Error(`${rule.id} was not evaluated`);
  const lint = { name: one.name, expect: one.expect, why: evaluation.why, facts: decision.facts() };
  return { decision, evaluation, lint };
}
