/** Replay: a stored decision again, from its chart, under its rules and its clock. */

import type { Card } from '../../rules/cards/types.ts';
import { decideChartInSteps } from '../../rules/decide.ts';
import { canonicalJson } from '../../rules/digest/digest.ts';
import { showAll } from '../../rules/evaluation/presentation.ts';
import type { Ruleset } from '../../rules/evaluation/ruleset.ts';
import { firesInJsonRulesEngine, isComparable } from '../../rules/evaluation/second-evaluator.ts';
import { createContext } from '../../rules/facts/context.ts';
import { isHook } from '../../rules/fhir/hooks.ts';
import { createFactStore, requestKey } from '../../rules/rule/fact-store.ts';
import { atOnce } from '../../rules/steps.ts';
import { engine } from '../../rules/version.ts';
import { Problem } from '../http/outcome.ts';
import type { StoredDecision } from '../log/decision-log.ts';
import type { Deadline } from './deadline.ts';

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

/**
 * The second half of `decide` again, from the stored chart, under the stored clock; and json-rules-engine on
 * every rule whose facts are fully known.
 * @param ruleset the one of the day, or another as a what-if
 * @param run does the work: a server in turns, within its deadline
 * @throws Problem 409 where nothing was evaluated, and what `run` throws
 */
export async function replay(
  decision: StoredDecision,
  ruleset: Ruleset,
  run: Deadline['run'] = async (work) => atOnce(work),
) {
  if (!decision.chart || !isHook(decision.hook) || !decision.evaluatedAt) {
    throw new Problem(409, 'business-rule', 'this request was not evaluated, so there is nothing to replay');
  }
  const noted = decision.notices.filter(({ code }) => code !== 'category-missing');
  const { decisionId, decidedAt, evaluatedAt, hook, chart } = decision;
  const clock = { decisionId, decidedAt, evaluatedAt };
  // Refusals have none.
  const presentation = decision.presentation ?? showAll;
  const again = await run(
    decideChartInSteps(hook, decision.patient, chart, noted, ruleset, clock, presentation),
  );
  const cardsDiffer = rulesWhoseCardsDiffer(decision.cards, again.cards);
  const outcomes = new Map(decision.evaluations.map(({ rule, outcome }) => [rule, outcome]));
  const differences = again.evaluations.flatMap(({ rule, outcome }) =>
    outcomes.get(rule) === outcome ? [] : [{ rule, stored: outcomes.get(rule) ?? null, replayed: outcome }],
  );

  const context = createContext(chart, Date.parse(evaluatedAt), noted);
  const facts = createFactStore(ruleset.requests, context);
  const byKey = new Map(ruleset.requests.map(({ key }, index) => [key, index]));
  const disagreements: string[] = [];
  let compared = 0;
  for (const compiled of ruleset.rules) {
    if (!isComparable(compiled, facts)) continue;
    compared += 1;
    const fires = await firesInJsonRulesEngine(compiled, (fact, params) =>
      facts(byKey.get(requestKey(fact, params)) ?? -1),
    );
    const outcome = again.evaluations.find(({ rule }) => rule === compiled.rule.id)?.outcome;
    if (fires !== (outcome === 'fired')) disagreements.push(compiled.rule.id);
  }
  return {
    decisionId,
    equal: cardsDiffer.length === 0 && differences.length === 0 && disagreements.length === 0,
    cards: again.cards,
    differences,
    cardsDiffer,
    engine: { stored: decision.engine, replayed: engine },
    ruleset: again.ruleset,
    secondEvaluator: { name: 'json-rules-engine', compared, disagreements },
  };
}
