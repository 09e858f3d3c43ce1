/** The card of orders whose route is not known, and that warn by every route they may be given by. */

import { derivedUuid } from '../digest/digest.ts';
import { type AskedByRoute, type ByRoute, ordersOf, routesOf } from '../evaluation/by-route.ts';
import type { SaidByRoute } from '../evaluation/said-by-route.ts';
import { factOf } from '../facts/facts.ts';
import type { CardSetting, FindingInput } from './card-input.ts';
import { findingCard, reasonsOffered } from './finding-card.ts';
import { byRequest, leavesOfFinding, wordValue } from './finding-values.ts';
import { escapeMarkdown } from './markdown.ts';
import { asProfileWants, fitting, maxSummary, profiles } from './profiles.ts';
import { routeCardId, routeCardKey } from './route-card-id.ts';
import { deedOf, deletions, eachOnce } from './suggestions.ts';
import { answerSystem, type Card, type Suggestion } from './types.ts';
import { disclaimer, routeWordsOfCard as words } from './wording.ts';

type Shared = Pick<
  CardSetting,
  'atHand' | 'replacing' | 'undecided' | 'hook' | 'profile' | 'units' | 'decisionId' | 'pregnant'
>;

/** Findings by one route. */
interface RouteFindings {
  route: string;
  /** Of the worst. */
  values: readonly string[];
  lines: readonly string[];
}

/** Values of the patient, as a summary has them. */
const valuesOf = (input: FindingInput): string[] =>
  byRequest(leavesOfFinding(input)).flatMap((alike) => {
    const [{ fact, params, question }] = alike;
    if (!factOf(fact).fills(params).includes('values')) return [];
    return wordValue(alike, input.facts(question), input.units) ?? [];
  });

/** The cards that the findings of an order have by a route, whole: what a client cuts is cut once. */
const cardsOf = ({ warnings, facts, context: { chart } }: ByRoute, shared: Shared): Card[] =>
  warnings.map((compiled) =>
    findingCard({ ...shared, profile: profiles.generic, findings: [compiled], facts, chart }),
  );

function findingsBy(
  { route, warnings, answers }: ReturnType<typeof routesOf>[number],
  shared: Shared,
): RouteFindings {
  const [worst] = warnings;
  const cards = answers.map((answer) => cardsOf(answer, shared));
  return {
    route,
    values: answers.flatMap(({ facts, context: { chart } }) =>
      worst ? valuesOf({ ...shared, compiled: worst, facts, chart }) : [],
    ),
    // What is said of several orders alike is said once.
    lines: warnings.flatMap(({ rule }, index) => {
      const summaries = new Set(cards.flatMap((some) => some[index]?.summary ?? []));
      return [...summaries].map((summary) =>
        words.finding(escapeMarkdown(summary), rule, rule.card.indicator),
      );
    }),
  };
}

/** What is offered whatever the route of these orders is. Of orders that are alike, what is offered of the first. */
function offeredFor({ orders: [order, ...alike], answers }: AskedByRoute, shared: Shared): Suggestion[] {
  const [first = [], ...others] = answers.map((one) =>
    cardsOf(one, shared).flatMap(({ suggestions = [] }) => suggestions),
  );
  const deeds = others.map((list) => new Set(list.map(deedOf)));
  const common = first.filter((one) => deeds.every((some) => some.has(deedOf(one))));
  const [chart] = answers.map(({ context }) => context.chart);
  const references = alike.map(({ reference }) => reference);
  return common.flatMap((one) =>
    chart && one.actions.some(({ type, resourceId }) => type === 'delete' && resourceId === order.reference)
      ? [one, ...deletions(references, chart).map((action) => ({ ...one, actions: [action] }))]
      : [one],
  );
}

/** What is offered for each of the orders. Labels that are the same say which of them. */
function suggestionsOf({ question }: SaidByRoute, shared: Shared): Suggestion[] {
  const [{ reference }] = ordersOf(question);
  const offered = eachOnce(question.asked.flatMap((one) => offeredFor(one, shared)));
  const byLabel = Map.groupBy(offered, ({ label }) => label);
  const places = new Map([...byLabel.values()].flatMap((same) => same.map((one, place) => [one, place + 1])));
  return offered.map((one, index) => {
    return {
      ...one,
      label: words.place(one.label, places.get(one) ?? 1, byLabel.get(one.label)?.length ?? 1),
      uuid: derivedUuid(shared.decisionId, ...routeCardKey(reference), 'suggestion', String(index)),
    };
  });
}

/** One card of the weakest of what the routes lead to: so much is certain. */
export function routeCard(said: SaidByRoute, shared: Shared): Card {
  const { question, rules } = said;
  const orders = ordersOf(question);
  const [{ reference, routeUnread: unread }] = orders;
  const drugs = orders.map(({ ingredients }) =>
    [...new Set(ingredients.map(({ name }) => name))].join(' + '),
  );
  const byRoute = routesOf(question).map((one) => findingsBy(one, shared));
  const suggestions = suggestionsOf(said, shared);
  const state = unread ? 'not-understood' : 'not-given';
  const card: Card = {
    uuid: routeCardId(shared.decisionId, reference),
    summary: fitting(
      words.summary([...new Set(drugs)], {
        routes: byRoute.map(({ route }) => route),
        values: [...new Set(byRoute.flatMap(({ values }) => values))],
        orders: orders.length,
        unread,
      }),
      maxSummary,
    ),
    indicator: question.indicator ?? 'info',
    detail: [
      byRoute.map(({ route, lines }) => words.line(route, lines)).join('\n'),
      words.explanation,
      disclaimer,
    ].join('\n\n'),
    source: {
      label: words.label[state],
      topic: { system: answerSystem, code: `route-${state}`, display: words.topic[state] },
    },
    ...(suggestions.length > 0 ? { suggestions, selectionBehavior: 'any' as const } : {}),
    overrideReasons: reasonsOffered(rules),
  };
  return asProfileWants(card, shared.profile);
}
