/** The answer of POST /evaluate: everything, or what fits. */
import { explainEvaluation, explainFact, explainOutcome } from '../../rules/cards/explanation.ts';
import type { Decision } from '../../rules/decide.ts';
import type { InSteps } from '../../rules/steps.ts';

/** What an answer shows: `full` has the condition trees, the facts and the chart, too. */
export type View = 'summary' | 'full';
export const views: readonly View[] = ['summary', 'full'];

/** Most bytes of a full answer: a function on AWS gives no more than 6 MB. Local limit. */
export const largestAnswer = 5_000_000;

/** JSON text in parts, as long as they stay within a limit together. */
class Parts {
  readonly #parts: string[] = [];
  #left: number;
  constructor(most: number) {
    this.#left = most;
  }
  /** @returns whether it still fits */
  add(part: string): boolean {
    this.#left -= Buffer.byteLength(part);
    this.#parts.push(part);
    return this.#left >= 0;
  }
  get text(): string {
    return this.#parts.join('');
  }
}

const headOf = ({ decisionId, decidedAt, evaluatedAt, hook, ruleset }: Decision) => ({
  decisionId,
  decidedAt,
  evaluatedAt,
  hook,
  ruleset,
});

/** @returns whether all of the list fits */
function* addList<T>(
  parts: Parts,
  name: string,
  items: readonly T[],
  word: (item: T) => object,
): InSteps<boolean> {
  parts.add(`,"${name}":[`);
  for (const [place, item] of items.entries()) {
    if (!parts.add(`${place > 0 ? ',' : ''}${JSON.stringify(word(item))}`)) return false;
    yield 'answer';
  }
  return parts.add(']');
}

/** @returns null where it is too large */
function* fullAnswer(decision: Decision, most: number): InSteps<string | null> {
  const { cards, evaluations, chart, notices } = decision;
  const parts = new Parts(most);
  parts.add(JSON.stringify({ ...headOf(decision), cards }).slice(0, -1));
  if (!(yield* addList(parts, 'evaluations', evaluations, explainEvaluation))) return null;
  if (!(yield* addList(parts, 'facts', decision.facts(), explainFact))) return null;
  parts.add(`,"chart":${JSON.stringify(chart)}`);
  yield 'answer';
  return parts.add(`,"notices":${JSON.stringify(notices)}}`) ? parts.text : null;
}

const summaryAnswer = (decision: Decision): string =>
  JSON.stringify({
    ...headOf(decision),
    view: 'summary',
    cards: decision.cards,
    evaluations: decision.evaluations.map(explainOutcome),
    completeness: decision.chart.completeness,
    notices: decision.notices,
  });

/**
 * The answer as JSON text. What would be larger than an answer may be is given as a summary, which says so in `view`.
 * @param most bytes of a full answer
 */
export function* explainInSteps(
  decision: Decision,
  view: View,
  most: number = largestAnswer,
): InSteps<string> {
  const full = view === 'full' ? yield* fullAnswer(decision, most) : null;
  return full ?? summaryAnswer(decision);
}
