/**
 * json-rules-engine on the same documents must say what our compiler says, on fully known facts: random fact sets,
 * with values on, just beside and far from every threshold. `npm test` takes a seeded sample, each set put to one
 * share of the rules, in turn (json-rules-engine takes 3 ms for all at once); `npm run evaluators` puts 100,000 sets to
 * all of them.
 */
import { Engine } from 'json-rules-engine';
import { beforeAll, describe, expect, test } from 'vitest';
import { evaluateRule } from '../../../rules/evaluation/evaluate-rule.ts';
import type { Fact, KnownFact } from '../../../rules/facts/fact.ts';
import { shippedRuleset } from '../../../rules/library/shipped.ts';
import { type Leaf, leavesOf } from '../../../rules/rule/conditions.ts';

const ruleset = shippedRuleset();
const isWhole = process.env.MODE === 'whole';
const sets = isWhole ? 100_000 : 20_000;
const shares = isWhole ? 1 : 8;

/** A small deterministic generator (mulberry32), so that a disagreement can be found again. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** For each question, the values worth trying: around every threshold it meets, or every text it is compared with. */
const candidates: (number | string | boolean)[][] = ruleset.requests.map(() => []);
const keys = new Map(
  ruleset.requests.map(({ fact, params }, index) => [JSON.stringify([fact, params]), index]),
);
const indexOf = (fact: string, params: unknown): number => keys.get(JSON.stringify([fact, params])) ?? -1;

function candidatesOf({ value }: Leaf): (number | string | boolean)[] {
  if (typeof value === 'number') return [value, value - 0.01, value + 0.01, value / 3, value * 3 + 1];
  if (typeof value === 'boolean') return [true, false];
  if (typeof value === 'string') return [value, 'something else'];
  if (Array.isArray(value)) return [...value, 'something else'];
  return [1.5, 1.6, 1.69, 1.7, 1.71, 2];
}
for (const { rule } of ruleset.rules) {
  for (const tree of [rule.conditions, ...(rule.unless ? [rule.unless] : [])]) {
    for (const leaf of leavesOf(tree))
      candidates[indexOf(leaf.fact, leaf.params)]?.push(...candidatesOf(leaf));
  }
}

describe('json-rules-engine as second evaluator', () => {
  const next = random(20260131);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(next() * list.length)] as T;
  const randomFact = (values: readonly KnownFact['value'][]): KnownFact => {
    const value = pick(values);
    const fact: KnownFact = { state: 'known', value, evidence: [] };
    if (typeof value === 'number') fact.lowerLimit = pick([1.46, 1.6, 1.7, 1.8]);
    return fact;
  };
  const leastFact = (values: readonly KnownFact['value'][]): KnownFact => {
    const numbers = values.filter((one) => typeof one === 'number');
    const other = typeof values[0] === 'boolean' ? false : 'something else';
    const value = numbers.length > 0 ? Math.min(...numbers) : other;
    return { state: 'known', value, evidence: [], ...(numbers.length > 0 ? { lowerLimit: 1.7 } : {}) };
  };
  let current: KnownFact[] = [];
  const engines = Array.from({ length: shares }, () => new Engine());
  const shareOf = (index: number): number => index % shares;

  beforeAll(() => {
    for (const engine of engines)
      for (const name of new Set(ruleset.requests.map(({ fact }) => fact))) {
        engine.addFact(
          name,
          (params) => {
            const { value, lowerLimit } = current[indexOf(name, params)] as KnownFact;
            return typeof value === 'number' ? { value, highest: value, lowerLimit } : value;
          },
          { cache: false },
        );
      }
    for (const [index, { rule }] of ruleset.rules.entries()) {
      for (const part of ['conditions', 'unless'] as const) {
        const conditions = rule[part];
        if (!conditions) continue;
        engines[shareOf(index)]?.addRule(
          JSON.parse(JSON.stringify({ conditions, event: { type: `${rule.id} ${part}` } })),
        );
      }
    }
  });

  /** Rules of a share that one evaluator says fired, and the other does not. */
  const disagreementsOf = (share: number, ours: ReadonlySet<string>, theirs: ReadonlySet<string>): string[] =>
    ruleset.rules
      .filter((_, index) => shareOf(index) === share)
      .map(({ rule }) => rule.id)
      .filter((id) => ours.has(id) !== (theirs.has(`${id} conditions`) && !theirs.has(`${id} unless`)));

  test('every question has values to try', () => {
    expect(candidates.every((values) => values.length > 1)).toBe(true);
  });

  test(`${sets.toLocaleString('en')} random fact sets over ${ruleset.rules.length} rules: 0 disagreements, and every rule both fired and did not`, async () => {
    const disagreements: string[] = [];
    const fired = new Map(ruleset.rules.map(({ rule }) => [rule.id, 0]));
    for (let set = 0; set < sets; set += 1) {
      // The first one is the least of everything: a rule of many alternatives is hardly ever all false by chance.
      current = candidates.map(set === 0 ? leastFact : randomFact);
      const share = set % shares;
      const { events } = (await engines[share]?.run()) ?? { events: [] };
      const theirs = new Set(events.map(({ type }) => type));
      const facts = (question: number): Fact => current[question] as KnownFact;
      const ours = ruleset.rules
        .filter((compiled) => evaluateRule(compiled, facts).outcome === 'fired')
        .map(({ rule }) => rule.id);
      for (const id of ours) fired.set(id, (fired.get(id) ?? 0) + 1);
      disagreements.push(...disagreementsOf(share, new Set(ours), theirs).map((id) => `${id} in set ${set}`));
    }
    expect(disagreements).toEqual([]);
    for (const [id, count] of fired) {
      expect(count, `${id} never fired`).toBeGreaterThan(0);
      expect(count, `${id} always fired`).toBeLessThan(sets);
    }
  }, 3_600_000);
});
