/** Cards about the answer itself: which safety checks could not be made, and what is over the limit of cards. */
import { derivedUuid } from '../digest/digest.ts';
import type { OpenChecks } from '../evaluation/findings.ts';
import type { UndecidedCheck } from '../evaluation/open-checks.ts';
import type { Fact } from '../facts/fact.ts';
import { factOf } from '../facts/facts.ts';
import type { Rule } from '../rule/document.ts';
import type { FactStore } from '../rule/fact-store.ts';
import { severityRank } from '../rule/severity.ts';
import type { TraceLeaf } from '../rule/trace.ts';
import { escapeMarkdown } from './markdown.ts';
import { asProfileWants, fitting, maxSummary, type Profile } from './profiles.ts';
import { sourceOf } from './source.ts';
import { answerSystem, type Card } from './types.ts';
import {
  capital,
  disclaimer,
  listWords,
  wordOverLimit,
  wordRule,
  wordSome,
  openChecksWords as words,
} from './wording.ts';

/** What an undecided condition waits for, in a word or two. */
export function describeNeed({ fact: name, params }: Pick<TraceLeaf, 'fact' | 'params'>, fact: Fact): string {
  const { need, ask } = factOf(name);
  const own = need(params, fact);
  if (own !== null) return own;
  if (fact.state === 'known') return ask(params);
  if (fact.category) return `${fact.cause === 'incomplete' ? 'the whole ' : ''}${listWords[fact.category]}`;
  if (fact.cause !== 'unresolved') return ask(params);
  return `details of ${[...new Set(fact.evidence.map(({ reference }) => reference))].join(', ')}`;
}

/** A check with what it waits for, a word or two each. */
export interface WordedCheck {
  rule: Rule;
  needs: readonly string[];
  /** It waits on what an unrecognised medication may be. */
  unrecognised: boolean;
}

export const wordChecks = (checks: readonly UndecidedCheck[], facts: FactStore): WordedCheck[] =>
  checks.map(({ rule, leaves, unrecognised }) => ({
    rule,
    needs: [...new Set(leaves.map((leaf) => describeNeed(leaf, facts(leaf.question))))],
    unrecognised,
  }));

/** The one card that says which safety checks could not be made, and for want of what. */
export function openChecksCard(
  {
    rule,
    checks,
    orders,
    unchecked = [],
    of,
  }: Omit<OpenChecks, 'checks'> & { checks: readonly WordedCheck[] },
  profile: Profile,
  decisionId: string,
): Card {
  const waiting = checks.filter(({ unrecognised }) => !unrecognised);
  const open = checks.filter(({ unrecognised }) => unrecognised);
  const lines = [
    ...unchecked.map(
      ({ reference, message }) => `- ${escapeMarkdown([reference ?? [], message].flat().join(' '))}`,
    ),
    ...orders.map((reference) => `- ${escapeMarkdown(reference)} ${words.noMatch}`),
    // By what is missing: a clinician looks for one thing, not for eight rules.
    ...[...Map.groupBy(waiting, ({ needs }) => needs.join(', '))].map(
      ([missing, same]) =>
        `- **${escapeMarkdown(capital(missing))}**: ${same.map((check) => titleOf(check.rule)).join('; ')}`,
    ),
    ...(open.length > 0 ? [`- ${words.untilRecognised} ${someOf(open)}`] : []),
  ];
  const card: Card = {
    uuid: derivedUuid(decisionId, rule.id, 'card'),
    summary: fitting(unchecked.length > 0 ? rule.card.summary : summaryOf(waiting, orders, of), maxSummary),
    indicator: unchecked.length > 0 ? rule.card.indicator : 'info',
    detail: [words.noAllClear, lines.join('\n'), wordRule(rule), disclaimer].join('\n\n'),
    source: sourceOf(rule),
  };
  return asProfileWants(card, profile);
}

const titleOf = ({ title, id }: Rule): string => `${title} (${id})`;

function summaryOf(
  waiting: readonly { needs: readonly string[] }[],
  orders: readonly string[],
  of: OpenChecks['of'],
): string {
  if (waiting.length === 0) return orders.length > 0 ? words.notRecognisedOrder : words.notRecognisedTherapy;
  const count = words.count(waiting.length, of);
  const full = words.missing(count, [...new Set(waiting.flatMap(({ needs }) => needs))]);
  return full.length <= maxSummary ? full : words.dataMissing(count);
}

/** An unrecognised drug leaves most rules open: the gravest by name, the rest as a number. All are in the record. */
function someOf(checks: readonly WordedCheck[]): string {
  const gravest = [...checks].sort(
    (a, b) =>
      severityRank[a.rule.card.indicator] - severityRank[b.rule.card.indicator] ||
      (a.rule.id < b.rule.id ? -1 : 1),
  );
  const first = gravest.slice(0, 3).map(({ rule }) => titleOf(rule));
  return wordSome(first, checks.length - first.length);
}

/** Says that there is more than the site wants to be shown, so that a short list is never taken for a whole one. */
export function overLimitCard(overLimit: readonly Rule[], profile: Profile, decisionId: string): Card {
  const lines = overLimit.map(({ id, title, card: { indicator } }) => `- ${title} (${id}, ${indicator})`);
  const card: Card = {
    uuid: derivedUuid(decisionId, 'held-back', 'card'),
    summary: wordOverLimit(overLimit.length),
    indicator: 'info',
    detail: [words.notTheWholeList, lines.join('\n'), disclaimer].join('\n\n'),
    source: {
      label: 'Epsom: limit of cards',
      topic: { system: answerSystem, code: 'held-back', display: 'Findings held back by the limit of cards' },
    },
  };
  return asProfileWants(card, profile);
}

/** The order of cards: the gravest first, then by topic. */
export const bySeverity = (a: Card, b: Card): number =>
  severityRank[a.indicator] - severityRank[b.indicator] ||
  (a.source.topic.code < b.source.topic.code ? -1 : 1);
