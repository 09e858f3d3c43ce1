/**
 * The second evaluator: json-rules-engine itself, on the same rule documents. On fully known facts both must
 * agree; a disagreement is a bug in one of them. It is not on the path of an answer: see docs/rules.md for why.
 */
import { Engine } from 'json-rules-engine';
import type { Fact } from '../facts/fact.ts';
import type { FactName, Params } from '../facts/facts.ts';
import type { CompiledRule } from '../rule/compile.ts';

/** What json-rules-engine reads: an object for facts with a path, else the value. */
const almanacValue = (fact: Fact): unknown =>
  fact.state !== 'known'
    ? undefined
    : typeof fact.value === 'number'
      ? { value: fact.value, highest: fact.value, lowerLimit: fact.lowerLimit }
      : fact.value;

/**
 * Whether both engines can be asked: every fact of the rule is known, a point rather than a range, and
 * nothing that was not read may change it. Rules of the
 * second stratum ask about the other rules, which json-rules-engine has no word for.
 */
export const isComparable = (compiled: CompiledRule, fact: (request: number) => Fact): boolean =>
  compiled.stratum === 1 &&
  [...compiled.requests, ...compiled.exemptions].every((request) => {
    const answer = fact(request);
    return answer.state === 'known' && answer.range === undefined && !answer.inPart;
  });

/** Whether json-rules-engine says that `conditions` hold and `unless` does not. */
export async function firesInJsonRulesEngine(
  { rule }: CompiledRule,
  answer: (fact: FactName, params: Params) => Fact,
): Promise<boolean> {
  const engine = new Engine();
  const names = new Set<string>();
  const add = (tree: unknown): void => {
    if (typeof tree !== 'object' || tree === null) return;
    if ('fact' in tree && typeof tree.fact === 'string') names.add(tree.fact);
    for (const part of Object.values(tree)) add(part);
  };
  add(rule.conditions);
  add(rule.unless);
  for (const name of names) {
    engine.addFact(name, (params) => almanacValue(answer(name as FactName, params)), { cache: false });
  }
  // The engine's own types ask for mutable arrays of a narrower union; the documents are its format unchanged.
  const ruleOf = (conditions: unknown, type: string) =>
    JSON.parse(JSON.stringify({ conditions, event: { type }, name: type }));
  engine.addRule(ruleOf(rule.conditions, 'conditions'));
  if (rule.unless) engine.addRule(ruleOf(rule.unless, 'unless'));
  const { events } = await engine.run();
  const fired = new Set(events.map(({ type }) => type));
  return fired.has('conditions') && !fired.has('unless');
}
