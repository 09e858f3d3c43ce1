/**
 * `npm run bench`: ratios, measured side by side in one run on one machine.
 *
 * 1. our evaluation of the shipped rules against json-rules-engine on the same documents and the same facts;
 * 2. the whole of `decide` (request object to cards) against `JSON.parse` of the same request, at about 10 KB,
 *    100 KB and 1 MB; and parsing plus `decide` against `JSON.parse` alone.
 *
 * Times are the median of rounds that alternate between the two sides, so that a drift of the machine's speed
 * touches both alike.
 */
import { Engine } from 'json-rules-engine';
import { argumentsOfProcess } from '../commands/command-line.ts';
import { buildChart } from '../rules/chart/chart.ts';
import { decide } from '../rules/decide.ts';
import { evaluateRule } from '../rules/evaluation/evaluate-rule.ts';
import { createContext } from '../rules/facts/context.ts';
import { intakeOfHook } from '../rules/intake/intake.ts';
import { shippedRuleset } from '../rules/library/shipped.ts';
import { createFactStore } from '../rules/rule/fact-store.ts';
import { requestOfSize } from './requests.ts';

argumentsOfProcess({
  about: 'Ratios side by side: our evaluation against json-rules-engine, decide against JSON.parse.',
  calls: ['npm run bench'],
  options: {},
});
const ruleset = shippedRuleset();
const at = '2026-01-31T12:00:00.000Z';
const clock = { decisionId: 'bench', decidedAt: at, evaluatedAt: at };

const median = (values: number[]): number => values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

/** Microseconds of one call, median over alternating rounds. */
async function sideBySide(
  sides: readonly (() => unknown)[],
  rounds: number,
  callsPerRound: number,
): Promise<number[]> {
  const times: number[][] = sides.map(() => []);
  for (let round = 0; round < rounds + 3; round += 1) {
    for (const [index, side] of sides.entries()) {
      const started = process.hrtime.bigint();
      for (let call = 0; call < callsPerRound; call += 1) {
        const result = side();
        if (result instanceof Promise) await result;
      }
      // The first rounds warm the compiler up.
      if (round >= 3) times[index]?.push(Number(process.hrtime.bigint() - started) / 1000 / callsPerRound);
    }
  }
  return times.map(median);
}

const micro = (value: number): string =>
  `${value < 10 ? value.toFixed(2) : value.toFixed(0)} µs`.padStart(12);
const times = (value: number): string => `${value < 10 ? value.toFixed(2) : value.toFixed(0)} ×`.padStart(9);

async function evaluation(): Promise<void> {
  const request = JSON.parse(requestOfSize(10_000));
  const { chart } = buildChart(intakeOfHook('order-sign', request.context, request.prefetch), Date.parse(at));
  const situation = createContext(chart, Date.parse(at), []);
  const facts = createFactStore(ruleset.requests, situation);
  // Both sides get the same finished facts: this is about evaluating rules, not about reading FHIR.
  for (const [index] of ruleset.requests.entries()) facts(index);
  const keys = new Map(
    ruleset.requests.map(({ fact, params }, index) => [JSON.stringify([fact, params]), index]),
  );
  const engine = new Engine([], { allowUndefinedFacts: true });
  for (const name of new Set(ruleset.requests.map(({ fact }) => fact))) {
    engine.addFact(
      name,
      (params) => {
        const fact = facts(keys.get(JSON.stringify([name, params])) ?? -1);
        if (fact.state !== 'known') return undefined;
        return typeof fact.value === 'number'
          ? { value: fact.value, lowerLimit: fact.lowerLimit }
          : fact.value;
      },
      { cache: false },
    );
  }
  for (const { rule } of ruleset.rules) {
    for (const conditions of [rule.conditions, rule.unless]) {
      if (conditions) engine.addRule(JSON.parse(JSON.stringify({ conditions, event: { type: rule.id } })));
    }
  }
  let fired = 0;
  const [ours = 0, theirs = 0] = await sideBySide(
    [
      () => {
        for (const compiled of ruleset.rules)
          if (evaluateRule(compiled, facts).outcome === 'fired') fired += 1;
      },
      () => engine.run(),
    ],
    40,
    50,
  );
  console.log(`evaluation of ${ruleset.rules.length} rules on finished facts`);
  console.log(`  compiled closures ${micro(ours)}`);
  console.log(`  json-rules-engine ${micro(theirs)}   ${times(theirs / ours)} as long`);
  if (fired === 0) throw new Error('nothing fired: the comparison would be of nothing');
}

async function whole(): Promise<void> {
  console.log('\ndecide (order-sign, all rules, cards) against JSON.parse of the same request');
  console.log('  size            JSON.parse       decide   decide/parse   (parse+decide)/parse');
  for (const size of [10_000, 100_000, 1_000_000]) {
    const text = requestOfSize(size);
    const request = JSON.parse(text);
    const calls = Math.max(2, Math.floor(2_000_000 / size));
    let cards = 0;
    const run = (body: typeof request): void => {
      cards += decide({ hook: 'order-sign', context: body.context, prefetch: body.prefetch }, ruleset, clock)
        .cards.length;
    };
    const [parse = 1, alone = 0, both = 0] = await sideBySide(
      [() => JSON.parse(text), () => run(request), () => run(JSON.parse(text))],
      30,
      calls,
    );
    if (cards === 0) throw new Error('no card came: the comparison would be of nothing');
    console.log(
      `  ${`${(text.length / 1000).toFixed(0)} KB`.padEnd(10)}${micro(parse)} ${micro(alone)}      ${times(alone / parse)}        ${times(both / parse)}`,
    );
  }
}

console.log(`Node ${process.version}, ${ruleset.rules.length} rules, ${ruleset.requests.length} questions\n`);
await evaluation();
await whole();
