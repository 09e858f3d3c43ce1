/** What a card need not ask for: tests that are ordered or have just come, and replacements that are drafted or running. */
import { factOf } from '../facts/facts.ts';
import { correctedBy, type Replacement, type Replacing } from '../facts/replacements.ts';
import { type Asking, askingsIn, type Demand, lowResults, textAsking } from '../rule/asking.ts';
import type { OrderedTest } from '../terminology/service-tests.ts';
import type { FindingInput } from './card-input.ts';
import { leavesOfFinding } from './finding-values.ts';
import { nameOfTest, wordAtHand } from './wording.ts';

/** What corrects each low result that a finding rests on; empty where nothing we know corrects one of them. */
function correctionsOf(input: FindingInput): readonly Replacement[] {
  const results = leavesOfFinding(input)
    .filter(({ fact }) => fact === 'lab')
    .flatMap(({ fact, params }) => factOf(fact).tests(params));
  const corrections = results.map((test) => correctedBy[test]);
  return corrections.every((one) => one !== undefined) ? corrections : [];
}

const replacementsOf = (demand: Demand & { verb: 'give' }, input: FindingInput): readonly Replacement[] =>
  demand.things.flatMap((thing) => (thing === lowResults ? correctionsOf(input) : [thing]));

function isDemandAtHand(demand: Demand, input: FindingInput): boolean {
  const { atHand, replacing } = input;
  if (demand.verb === 'give') {
    const asked = replacementsOf(demand, input);
    return asked.length > 0 && asked.every((one) => replacing.has(one));
  }
  const isFresh = (test: OrderedTest): boolean => demand.verb === 'test' && atHand.fresh.has(test);
  return demand.things.every((test) => atHand.awaited.has(test) || isFresh(test));
}

const isAtHand = ({ anyOf }: Asking, input: FindingInput): boolean =>
  anyOf.some((demand) => isDemandAtHand(demand, input));

/** A text of the rule without what is at hand. */
export const textOfRule = (text: string, input: FindingInput): string =>
  textAsking(text, (asking) => isAtHand(asking, input));

/** What a card says of what it would ask for, and need not. */
export interface AtHand {
  tests: readonly OrderedTest[];
  drugs: readonly Replacing[];
}

const demandsAtHand = (text: string, input: FindingInput): Demand[] =>
  askingsIn(text).flatMap(({ anyOf }) => anyOf.filter((demand) => isDemandAtHand(demand, input)));

/** Of the texts of a finding: tests that are ordered, and what replaces. */
export function atHandOf(texts: readonly string[], input: FindingInput): AtHand {
  const demands = texts.flatMap((text) => demandsAtHand(text, input));
  return {
    tests: demands.flatMap((demand) =>
      demand.verb === 'give' ? [] : demand.things.filter((test) => input.atHand.awaited.has(test)),
    ),
    drugs: demands.flatMap((demand) =>
      demand.verb === 'give'
        ? replacementsOf(demand, input).flatMap((one) => input.replacing.get(one) ?? [])
        : [],
    ),
  };
}

const namesIn = (drugs: readonly Replacing[], state: Replacing['state']): string[] =>
  drugs.filter((one) => one.state === state).map(({ name }) => name);

/**
 * What is at hand of several findings, in a line; empty where nothing is.
 * @param services names of what else is not offered because it is ordered
 */
export function lineAtHand(found: readonly AtHand[], services: readonly string[]): string {
  const drugs = found.flatMap((one) => one.drugs);
  const tests = [...services, ...found.flatMap((one) => one.tests.map(nameOfTest))];
  return wordAtHand({
    ordered: [...new Set([...tests, ...namesIn(drugs, 'ordered')])],
    drafted: [...new Set(namesIn(drugs, 'drafted'))],
    running: [...new Set(namesIn(drugs, 'running'))],
    taken: [...new Set(namesIn(drugs, 'taken'))],
  });
}
