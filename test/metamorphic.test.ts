/**
 * The same record told in another way gives the same findings, the same notices and the same words on the cards, but
 * for a written list of reasons. A seeded sample here; all of it by `npm run metamorphic`, which prints what
 * docs/testing.md has.
 */
import { describe, expect, test } from 'vitest';
import { shippedRuleset } from '../rules/library/shipped.ts';
import { decisionOf, type Input } from './support/metamorphic/input.ts';
import { caseInputs, corpusInputs, hasCorpus, recordInputs } from './support/metamorphic/inputs.ts';
import { type Transformation, transformations } from './support/metamorphic/transformations.ts';
import { differencesOf, type View, viewOf } from './support/metamorphic/view.ts';
import { randomOf, sampled } from './support/random.ts';

const isWhole = process.env.MODE === 'whole';
const ruleset = shippedRuleset();

interface Outcome {
  retold: number;
  equal: number;
  reasons: Map<string, number>;
  unexplained: string[];
}

/** Decided once, however often it is retold. */
const views = new Map<Input, View>();
function plainViewOf(input: Input): View {
  const known = views.get(input) ?? viewOf(decisionOf(input, ruleset));
  views.set(input, known);
  return known;
}

function retellAll(
  { retell, ofUsable, reasons = [], level = (view) => view }: Transformation,
  inputs: readonly Input[],
): Outcome {
  const random = randomOf(20_260_131);
  const outcome: Outcome = { retold: 0, equal: 0, reasons: new Map(), unexplained: [] };
  for (const input of inputs) {
    const retelling = retell(input, random);
    if (!retelling || (ofUsable && plainViewOf(input).cards.length + plainViewOf(input).findings.length <= 1))
      continue;
    outcome.retold += 1;
    const after = viewOf(decisionOf(retelling.input, ruleset), retelling.restore);
    const lines = differencesOf(level(plainViewOf(input)), level(after));
    if (lines.length === 0) outcome.equal += 1;
    const used = new Set(lines.map((line) => reasons.find(({ allows }) => allows(line, input))?.reason));
    if (used.has(undefined)) outcome.unexplained.push([input.name, ...lines].join('\n'));
    else
      for (const reason of used)
        if (reason) outcome.reasons.set(reason, (outcome.reasons.get(reason) ?? 0) + 1);
  }
  return outcome;
}

const share = { cases: isWhole ? 1 : 0.06, records: 1, corpus: isWhole ? 1 : 0.1 };
const families: [string, readonly Input[]][] = [
  ['cases of rules', sampled(caseInputs(), share.cases)],
  ['handed records', sampled(recordInputs(), share.records)],
  ...(hasCorpus
    ? [['third-party files', sampled(corpusInputs(), share.corpus)] as [string, readonly Input[]]]
    : []),
];

describe.each(families)('%s', (family, inputs) => {
  test.each(transformations.map((one) => [one.name, one] as const))(
    '%s',
    (name, transformation) => {
      const { retold, equal, reasons, unexplained } = retellAll(transformation, inputs);
      const words = [...reasons].map(([reason, count]) => `${count} ${reason}`).join('; ');
      if (isWhole)
        console.log(`| ${family} | ${name} | ${retold} | ${equal} | ${words} | ${unexplained.length} |\n`);
      expect(unexplained.slice(0, 5), `${unexplained.length} of ${retold} unexplained`).toEqual([]);
    },
    600_000,
  );
});

test.skipIf(hasCorpus)('third-party files: skipped, ../shared/corpus is absent', () =>
  expect(hasCorpus).toBe(false),
);
