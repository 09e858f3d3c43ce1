/** Replay: a stored decision again, from its chart, under its rules and its clock. */

import { explainEvaluation } from '../../rules/cards/explanation.ts';
import type { Card } from '../../rules/cards/types.ts';
import type { Chart } from '../../rules/chart/types.ts';
import { decideChartInSteps } from '../../rules/decide.ts';
import { canonicalJson } from '../../rules/digest/digest.ts';
import type { Evaluation } from '../../rules/evaluation/findings.ts';
import { showAll } from '../../rules/evaluation/presentation.ts';
import type { Ruleset } from '../../rules/evaluation/ruleset.ts';
import { firesInJsonRulesEngine, isComparable } from '../../rules/evaluation/second-evaluator.ts';
import { createContext } from '../../rules/facts/context.ts';
import type { EvaluationContext } from '../../rules/facts/fact.ts';
import { type Hook, isHook } from '../../rules/fhir/hooks.ts';
import { createFactStore, requestKey } from '../../rules/rule/fact-store.ts';
import { atOnce } from '../../rules/steps.ts';
import { engine } from '../../rules/version.ts';
import { Problem } from '../http/outcome.ts';
import type { StoredDecision } from '../log/decision-log.ts';
import { inClear } from '../log/older-records.ts';
import type { Deadline } from './deadline.ts';

type Outcome = Pick<Evaluation, 'rule' | 'outcome'>;
/** What was evaluated, and can be read. */
type Replayable = StoredDecision & { hook: Hook; evaluatedAt: string; chart: Chart };

/** The rules whose card is not the same to the byte, or stands at another place; each once. */
function rulesWhoseCardsDiffer(stored: readonly Card[], replayed: readonly Card[]): string[] {
  const places = Array.from({ length: Math.max(stored.length, replayed.length) }, (_, place) => place);
  const topics = places.flatMap((place) => {
    const [before, after] = [stored[place], replayed[place]];
    if (before && after && canonicalJson(before) === canonicalJson(after)) return [];
    return [before, after].flatMap((card) => (card ? [card.source.topic.code] : []));
  });
  return [...new Set(topics)];
}

/** Outcomes that are not those stored, by rule. */
function outcomesThatDiffer(stored: readonly Outcome[], replayed: readonly Outcome[]) {
  const outcomes = new Map(stored.map(({ rule, outcome }) => [rule, outcome]));
  return replayed.flatMap(({ rule, outcome }) =>
    outcomes.get(rule) === outcome ? [] : [{ rule, stored: outcomes.get(rule) ?? null, replayed: outcome }],
  );
}

/** json-rules-engine on every rule whose facts are fully known. */
async function secondOpinion(
  outcomes: readonly Outcome[],
  context: EvaluationContext,
  { rules, requests }: Ruleset,
) {
  const facts = createFactStore(requests, context);
  const byKey = new Map(requests.map(({ key }, index) => [key, index]));
  const disagreements: string[] = [];
  let compared = 0;
  for (const compiled of rules) {
    if (!isComparable(compiled, facts)) continue;
    compared += 1;
    const fires = await firesInJsonRulesEngine(compiled, (fact, params) =>
      facts(byKey.get(requestKey(fact, params)) ?? -1),
    );
    const outcome = outcomes.find(({ rule }) => rule === compiled.rule.id)?.outcome;
    if (fires !== (outcome === 'fired')) disagreements.push(compiled.rule.id);
  }
  return { name: 'json-rules-engine', compared, disagreements };
}

/** Why a rule fired, or did not. @throws Problem 400 for a rule that is not evaluated */
function traceOf(evaluations: readonly Evaluation[], id: string) {
  const evaluation = evaluations.find(({ rule }) => rule === id);
  if (!evaluation)
    throw new Problem(
      400,
      'value',
      '`rule` must be the id of a rule that is evaluated at the hook of the decision',
    );
  return explainEvaluation(evaluation);
}

/** @throws Problem 409 where there is nothing to decide again */
export function assertReplayable(decision: StoredDecision): asserts decision is Replayable {
  if (decision.erased)
    throw new Problem(
      409,
      'business-rule',
      'erased: the key of this patient was destroyed, so nobody can read what was decided on. Its record and its place in the log can still be proved',
    );
  if (decision.schema === inClear)
    throw new Problem(
      409,
      'business-rule',
      'it was decided before rulesets were kept and charts had their present form (schema 1 of records): it can be read and proved, not replayed',
    );
  if (!decision.chart || !isHook(decision.hook) || !decision.evaluatedAt)
    throw new Problem(409, 'business-rule', 'this request was not evaluated, so there is nothing to replay');
}

/**
 * The second half of `decide` again, from the stored chart, under the stored clock; and json-rules-engine on
 * every rule whose facts are fully known.
 * @param ruleset the one of the day, or another as a what-if
 * @param rule id of a rule of it whose condition tree is wanted
 * @param run does the work: a server in turns, within its deadline
 * @throws Problem 409 where nothing was evaluated or the patient's key was destroyed, 400 for a rule that is not evaluated
 */
export async function replay(
  decision: StoredDecision,
  ruleset: Ruleset,
  rule?: string,
  run: Deadline['run'] = async (work) => atOnce(work),
) {
  assertReplayable(decision);
  const { decisionId, decidedAt, evaluatedAt, hook, chart, patient } = decision;
  const noted = decision.notices.filter(({ code }) => code !== 'category-missing');
  const clock = { decisionId, decidedAt, evaluatedAt };
  // Refusals have none.
  const presentation = decision.presentation ?? showAll;
  const again = await run(decideChartInSteps(hook, patient, chart, noted, ruleset, clock, presentation));
  const cardsDiffer = rulesWhoseCardsDiffer(decision.cards, again.cards);
  const differences = outcomesThatDiffer(decision.evaluations, again.evaluations);
  const context = createContext(chart, Date.parse(evaluatedAt), noted);
  const secondEvaluator = await secondOpinion(again.evaluations, context, ruleset);
  return {
    decisionId,
    equal: cardsDiffer.length === 0 && differences.length === 0 && secondEvaluator.disagreements.length === 0,
    cards: again.cards,
    differences,
    cardsDiffer,
    engine: { stored: decision.engine, replayed: engine },
    ruleset: again.ruleset,
    secondEvaluator,
    ...(rule === undefined ? {} : { evaluation: traceOf(again.evaluations, rule) }),
  };
}
