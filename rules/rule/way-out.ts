/**
 * What a finding asks of the clinician. Findings about the same order that ask for the same are one card (clinical
 * decision 39). A rule says it in `card.wayOut`; where it does not, its buttons, its conditions and its family do.
 */
import { type Conditions, leavesOf } from './conditions.ts';

export const waysOut = ['other-order', 'dose', 'test', 'apart', 'correct', 'watch'] as const;
export type WayOut = (typeof waysOut)[number];

/** What each asks for; docs/cards.md has the table. */
export const wayOutWords: Readonly<Record<WayOut, string>> = {
  'other-order': 'another drug or none: the order is removed or replaced',
  dose: 'another dose, rate or interval',
  test: 'a test that is not there comes first',
  apart: 'the two are given hours apart',
  correct: 'an electrolyte is corrected before or with it',
  watch: 'the patient is watched more closely',
};

/** By the two letters a rule's id begins with: what most rules of a family ask for. */
export const wayOutOfFamily: Readonly<Record<string, WayOut>> = {
  MG: 'correct',
  IV: 'watch',
  OM: 'watch',
  CH: 'apart',
  QT: 'other-order',
  DG: 'dose',
  HK: 'other-order',
  RF: 'test',
  RD: 'dose',
  DQ: 'other-order',
  CV: 'correct',
  AX: 'other-order',
  KX: 'other-order',
  QX: 'dose',
  RB: 'dose',
  MD: 'dose',
};

/** Dangers of their own: a finding of one is never listed on the card of another danger, whatever both ask for. */
export const ownDangers = ['allergy', 'pregnancy'] as const;
export type OwnDanger = (typeof ownDangers)[number];

interface Asking {
  id: string;
  conditions: Conditions;
  card: {
    wayOut?: readonly WayOut[] | undefined;
    suggestions?: readonly ({ type: 'delete-order' } | { type: 'order-service'; code: string })[] | undefined;
  };
}

/** A rule that fires because there is no result asks for one. */
const restsOnAbsence = (conditions: Conditions): boolean =>
  [...leavesOf(conditions)].some(({ fact, value }) => fact === 'hasLab' && value === false);

/** The ways out of a rule; none of a rule that is of no family and says none. */
export function waysOutOf({ id, conditions, card }: Asking): ReadonlySet<WayOut> {
  if (card.wayOut) return new Set(card.wayOut);
  if (card.suggestions?.some(({ type }) => type === 'delete-order')) return new Set(['other-order']);
  if (restsOnAbsence(conditions)) return new Set(['test']);
  const usual = wayOutOfFamily[id.slice(0, 2)];
  return new Set(usual ? [usual] : []);
}

/** Whether a rule says nothing but that a result is not there. */
export function asksForTestAlone(rule: Asking): boolean {
  const ways = waysOutOf(rule);
  return restsOnAbsence(rule.conditions) && ways.size === 1 && ways.has('test');
}

/** The tests that the buttons of a rule order, by code. */
export const testsOffered = ({ card }: Pick<Asking, 'card'>): ReadonlySet<string> =>
  new Set((card.suggestions ?? []).flatMap((one) => (one.type === 'order-service' ? [one.code] : [])));
