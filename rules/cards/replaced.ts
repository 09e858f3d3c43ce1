import { factOf } from '../facts/facts.ts';
import { correctedBy } from '../facts/replacements.ts';
import type { Rule } from '../rule/document.ts';
import type { FindingInput } from './card-input.ts';
import { leavesOfFinding } from './finding-values.ts';

/**
 * What a card says where each low result that it rests on is being corrected already; null where one of them is not, or
 * where the rule has no such words.
 */
export function wordsReplaced(input: FindingInput): Rule['card']['replaced'] | null {
  const { replaced } = input.compiled.rule.card;
  if (!replaced) return null;
  const corrected = new Set(
    replaced.by.filter((one) => input.replacing.has(one)).map((one) => correctedBy[one]),
  );
  const results = leavesOfFinding(input)
    .filter(({ fact }) => fact === 'lab')
    .flatMap(({ fact, params }) => factOf(fact).tests(params));
  return results.length > 0 && results.every((test) => corrected.has(test)) ? replaced : null;
}
