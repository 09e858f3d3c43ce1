/** The version of the engine holds: what all cases come to is written down beside it. */
import { describe, expect, it } from 'vitest';
import {
  type CaseOutcome,
  decideLibrary,
  type LibraryOutcomes,
  outcomeProblems,
  readOutcomeLock,
  withOutcomes,
} from '../../../commands/outcome-lock.ts';
import { engine } from '../../../rules/version.ts';

const decided = decideLibrary();
/** Enough for the tests of the lock itself. */
const some: LibraryOutcomes = { ...decided, outcomes: decided.outcomes.slice(0, 100) };
const written = withOutcomes(some, '1.0.0', {});

/** The same with one case changed: the first that has what is changed. */
function changed(has: (one: CaseOutcome) => boolean, change: (one: CaseOutcome) => void): LibraryOutcomes {
  const outcomes = structuredClone([...some.outcomes]);
  const one = outcomes.find(has);
  if (!one) throw new Error('no such case');
  change(one);
  return { ...some, outcomes };
}

describe('the outcomes of all cases', () => {
  it('are those that are written down for this version of the engine', () => {
    expect(outcomeProblems(decided, engine.version, readOutcomeLock())).toEqual([]);
  });

  it('hold every rule in every case, and cards with suggestions', () => {
    expect(decided.outcomes.length).toBeGreaterThan(1000);
    const [first] = decided.outcomes;
    expect(first?.evaluations.length).toBeGreaterThan(100);
    expect(
      decided.outcomes.every(({ evaluations }) => evaluations.length === first?.evaluations.length),
    ).toBe(true);
    const cards = decided.outcomes.flatMap((one) => one.cards);
    expect(cards.some(({ suggestions }) => suggestions.length > 0)).toBe(true);
  });

  const hasCard = ({ cards }: CaseOutcome) => cards.length > 0;
  const any = () => true;
  it.each<[string, (one: CaseOutcome) => boolean, (one: CaseOutcome) => void]>([
    ['an outcome', any, ({ evaluations: [one] }) => one && Object.assign(one, { outcome: 'other' })],
    [
      'whether it is shown',
      any,
      ({ evaluations: [one] }) => one && Object.assign(one, { shown: !one.shown }),
    ],
    ['why it is not shown', any, ({ evaluations: [one] }) => one && Object.assign(one, { why: 'other' })],
    ['a summary', hasCard, ({ cards: [one] }) => one && Object.assign(one, { summary: 'other' })],
    ['an indicator', hasCard, ({ cards: [one] }) => one && Object.assign(one, { indicator: 'other' })],
    ['a detail', hasCard, ({ cards: [one] }) => one && Object.assign(one, { detail: 'other' })],
    ['a suggestion', hasCard, ({ cards: [one] }) => one?.suggestions.push('other')],
    ['a card that is gone', hasCard, ({ cards }) => cards.pop()],
  ])('notice in one case of a hundred: %s', (_, has, change) => {
    expect(outcomeProblems(some, '1.0.0', written)).toEqual([]);
    expect(outcomeProblems(changed(has, change), '1.0.0', written)).toEqual([
      `the outcomes of the ${some.outcomes.length} cases changed and the engine is still version 1.0.0: raise rules/version.ts, then run npm run rule:lock`,
    ]);
  });

  it('are written down anew for other rules or cases, and for another version', () => {
    const other = { ...some, library: 'other rules' };
    const unwritten = (version: string) => [
      `what these rules and cases come to is not written down for engine ${version}: run npm run rule:lock`,
    ];
    expect(outcomeProblems(other, '1.0.0', written)).toEqual(unwritten('1.0.0'));
    expect(outcomeProblems(some, '1.1.0', written)).toEqual(unwritten('1.1.0'));
    const both = withOutcomes(some, '1.1.0', withOutcomes(other, '1.0.0', written));
    expect(both).toMatchObject(written);
    expect(outcomeProblems(other, '1.0.0', both)).toEqual([]);
    expect(outcomeProblems(some, '1.1.0', both)).toEqual([]);
  });

  it('that are written down are never overwritten', () => {
    const other = changed(any, ({ evaluations }) => evaluations.pop());
    expect(withOutcomes(other, '1.0.0', written)).toEqual(written);
  });
});
