/** Cards about the answer itself: which safety checks could not be made, and what is over the limit of cards. */

import type { Chart } from '../chart/types.ts';
import { derivedUuid } from '../digest/digest.ts';
import type { OpenChecks } from '../evaluation/findings.ts';
import type { UndecidedCheck, Wait } from '../evaluation/open-checks.ts';
import type { Fact } from '../facts/fact.ts';
import { factOf } from '../facts/facts.ts';
import { isForGood } from '../facts/lacks.ts';
import type { TestsAtHand } from '../facts/ordered-tests.ts';
import type { Rule } from '../rule/document.ts';
import { type Indicator, severityRank } from '../rule/severity.ts';
import type { TraceLeaf } from '../rule/trace.ts';
import type { LabTest } from '../terminology/labs.ts';
import type { OrderedTest } from '../terminology/service-tests.ts';
import { escapeMarkdown } from './markdown.ts';
import { asProfileWants, fitting, maxSummary, type Profile } from './profiles.ts';
import { sourceOf } from './source.ts';
import { creationOf, servicesFor } from './test-orders.ts';
import { answerSystem, type Card, type Suggestion } from './types.ts';
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
  const unused = needOfUnusable({ fact: name, params }, fact);
  if (unused !== null) return unused;
  if (fact.state === 'known') return ask(params);
  if (fact.category) return `${fact.cause === 'incomplete' ? 'the whole ' : ''}${listWords[fact.category]}`;
  if (fact.cause !== 'unresolved') return ask(params);
  return `details of ${[...new Set(fact.evidence.map(({ reference }) => reference))].join(', ')}`;
}

/** A result that came and could not be used, with what it lacks; null for what else is missing. */
function needOfUnusable(
  { fact: name, params }: Pick<TraceLeaf, 'fact' | 'params'>,
  fact: Fact,
): string | null {
  if (fact.state === 'known') {
    const [test] = factOf(name).isPlainResult ? factOf(name).tests(params) : [];
    const differs = fact.evidence.some(({ notes }) => notes.some(({ code }) => code === 'differs-from'));
    return test && fact.range && differs ? words.unusable(test, 'contradicting') : null;
  }
  for (const reason of fact.reasons)
    if (reason.code === 'unusable' && reason.of) return words.unusable(reason.of.test, reason.of.lack);
  return null;
}

/** A check with what it waits for, a word or two each. */
export interface WordedCheck {
  rule: Rule;
  needs: readonly string[];
  /** Those of `needs` that are ordered and not back. */
  pending?: readonly string[];
  /** Tests that would settle it. */
  tests?: readonly LabTest[];
  /** Nothing that could be had would settle it, whatever else it waits for. */
  forGood?: boolean;
  /** It waits on what an unrecognised medication may be. */
  unrecognised: boolean;
}

/** @param awaited tests that are ordered and not back */
export const wordChecks = (
  checks: readonly UndecidedCheck[],
  awaited: ReadonlySet<OrderedTest> = new Set(),
): WordedCheck[] =>
  checks.map(({ rule, waits, unrecognised }) => {
    const isPending = ({ tests }: Wait): boolean =>
      tests.length > 0 && tests.every((test) => awaited.has(test));
    const needOf = ({ leaf, fact }: Wait): string => describeNeed(leaf, fact);
    return {
      rule,
      needs: [...new Set(waits.map(needOf))],
      pending: [...new Set(waits.filter(isPending).map(needOf))],
      tests: [...new Set(waits.flatMap(({ tests }) => tests))],
      forGood: waits.some(({ fact }) => isForGood(fact)),
      unrecognised,
    };
  });

/** What the card is made with, besides the checks. */
export interface OpenChecksInput {
  profile: Profile;
  decisionId: string;
  chart: Chart;
  atHand: TestsAtHand;
}

/** The one card that says which safety checks could not be made, and for want of what. */
export function openChecksCard(
  {
    rule,
    checks,
    orders,
    unchecked = [],
    of,
  }: Omit<OpenChecks, 'checks'> & { checks: readonly WordedCheck[] },
  { profile, decisionId, chart, atHand }: OpenChecksInput,
): Card {
  const waiting = bySeverityOfRule(checks.filter(({ unrecognised }) => !unrecognised));
  const open = checks.filter(({ unrecognised }) => unrecognised);
  const lines = [
    ...unchecked.map(
      ({ reference, message }) => `- ${escapeMarkdown([reference ?? [], message].flat().join(' '))}`,
    ),
    ...orders.map((reference) => `- ${escapeMarkdown(reference)} ${words.noMatch}`),
    // By what is missing: a clinician looks for one thing, not for eight rules.
    ...[...Map.groupBy(waiting, needsOf)].map(
      ([missing, same]) => `- **${escapeMarkdown(capital(missing))}**: ${someOf(same)}`,
    ),
    ...(open.length > 0 ? [`- ${words.untilRecognised} ${someOf(open)}`] : []),
  ];
  const suggestions = of === 'chart' ? [] : suggestionsFor(rule, waiting, chart, atHand, decisionId);
  const card: Card = {
    uuid: derivedUuid(decisionId, rule.id, 'card'),
    summary: fitting(unchecked.length > 0 ? rule.card.summary : summaryOf(waiting, orders, of), maxSummary),
    indicator: unchecked.length > 0 ? rule.card.indicator : indicatorOf(waiting, of),
    detail: [words.noAllClear, lines.join('\n'), wordRule(rule), disclaimer].join('\n\n'),
    source: sourceOf(rule),
    ...(suggestions.length > 0 ? { suggestions, selectionBehavior: 'any' as const } : {}),
  };
  return asProfileWants(card, profile);
}

/** A critical check of an order or entry that waits for what could be had is a warning. */
const indicatorOf = (waiting: readonly WordedCheck[], of: OpenChecks['of']): Indicator =>
  of !== 'chart' && waiting.some(({ rule, forGood }) => rule.card.indicator === 'critical' && !forGood)
    ? 'warning'
    : 'info';

const needsOf = ({ needs, pending = [] }: WordedCheck): string =>
  needs.map((need) => (pending.includes(need) ? words.pendingNeed(need) : need)).join(', ');

const suggestionsFor = (
  rule: Rule,
  waiting: readonly WordedCheck[],
  chart: Chart,
  atHand: TestsAtHand,
  decisionId: string,
): Suggestion[] =>
  servicesFor([...new Set(waiting.flatMap(({ tests = [] }) => tests))], atHand).map((service) => ({
    label: service.label,
    uuid: derivedUuid(decisionId, rule.id, 'suggestion', service.code),
    actions: [creationOf(service, chart)],
  }));

const titleOf = ({ title, id }: Rule): string => `${title} (${id})`;

/** What is missing, the gravest check's first; more than fits is a number. */
function summaryOf(waiting: readonly WordedCheck[], orders: readonly string[], of: OpenChecks['of']): string {
  if (waiting.length === 0) return orders.length > 0 ? words.notRecognisedOrder : words.notRecognisedTherapy;
  const pending = [...new Set(waiting.flatMap((check) => check.pending ?? []))];
  const needs = [...new Set(waiting.flatMap((check) => check.needs))].filter(
    (need) => !pending.includes(need),
  );
  if (needs.length === 0) return words.pending(pending, waiting.length, of);
  const count = words.count(waiting.length, of);
  const summaries = needs.map((_, index) => {
    const shown = needs.slice(0, needs.length - index);
    return words.missing(count, index > 0 ? words.more(shown, index) : shown, pending);
  });
  return summaries.find(({ length }) => length <= maxSummary) ?? words.dataMissing(count);
}

const bySeverityOfRule = (checks: readonly WordedCheck[]): WordedCheck[] =>
  checks.toSorted((a, b) => severityRank[a.rule.card.indicator] - severityRank[b.rule.card.indicator]);

/** Many rules may wait for one thing: the gravest by name, the rest as a number. All are in the record. */
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
