/** The card of an order whose route is not chosen, and that warns by every route it may be given by. */
import { derivedUuid } from '../digest/digest.ts';
import { type ByRoute, type RouteQuestion, type Said, warningsOf } from '../evaluation/by-route.ts';
import { factOf } from '../facts/facts.ts';
import { severityRank } from '../rule/severity.ts';
import type { CardSetting, FindingInput } from './card-input.ts';
import { findingCard } from './finding-card.ts';
import { byRequest, leavesOfFinding, wordValue } from './finding-values.ts';
import { escapeMarkdown } from './markdown.ts';
import { asProfileWants, fitting, maxSummary, profiles } from './profiles.ts';
import { deedOf } from './suggestions.ts';
import { answerSystem, type Card, type Suggestion } from './types.ts';
import { disclaimer, routeWordsOfCard as words } from './wording.ts';

type Shared = Pick<
  CardSetting,
  'atHand' | 'replacing' | 'undecided' | 'hook' | 'profile' | 'units' | 'decisionId' | 'pregnant'
>;

/** The cards by one route, the worst first, and what each rests on. */
interface RouteCards {
  route: string;
  cards: readonly { card: Card; values: readonly string[]; line: string }[];
}

/** Values of the patient, as a summary has them. */
const valuesOf = (input: FindingInput): string[] =>
  byRequest(leavesOfFinding(input)).flatMap((alike) => {
    const [{ fact, params, question }] = alike;
    if (!factOf(fact).fills(params).includes('values')) return [];
    return wordValue(alike, input.facts(question), input.units) ?? [];
  });

function cardsBy(answer: ByRoute, without: Said, shared: Shared): RouteCards {
  const { facts } = answer.evaluated;
  const { chart } = answer.context;
  const cards = warningsOf(answer, without)
    .toSorted((a, b) => severityRank[a.rule.card.indicator] - severityRank[b.rule.card.indicator])
    .map((compiled) => {
      // Whole: what a client cuts is cut once, on the card.
      const card = findingCard({ ...shared, profile: profiles.generic, findings: [compiled], facts, chart });
      const { rule } = compiled;
      const line = words.finding(escapeMarkdown(card.summary), rule, card.indicator);
      return { card, values: valuesOf({ ...shared, compiled, facts, chart }), line };
    });
  return { route: answer.route, cards };
}

/** What is offered whatever the route is. */
function commonSuggestions(byRoute: readonly RouteCards[]): Suggestion[] {
  const [first, ...others] = byRoute.map(({ cards }) => cards.flatMap(({ card }) => card.suggestions ?? []));
  const distinct = [...new Map((first ?? []).map((one) => [deedOf(one), one])).values()];
  return distinct.filter((one) =>
    others.every((list) => list.some((other) => deedOf(other) === deedOf(one))),
  );
}

/** One card of the weakest of what the routes lead to: so much is certain. */
export function routeCard({ order, answers, indicator }: RouteQuestion, without: Said, shared: Shared): Card {
  const { decisionId, profile } = shared;
  const byRoute = answers.map((answer) => cardsBy(answer, without, shared));
  const drug = [...new Set(order.ingredients.map(({ name }) => name))].join(' + ');
  const key = ['route-not-given', order.reference];
  const suggestions = commonSuggestions(byRoute).map((suggestion, index) => ({
    ...suggestion,
    uuid: derivedUuid(decisionId, ...key, 'suggestion', String(index)),
  }));
  const card: Card = {
    uuid: derivedUuid(decisionId, ...key, 'card'),
    summary: fitting(
      words.summary(
        drug,
        byRoute.map(({ route }) => route),
        [...new Set(byRoute.flatMap(({ cards }) => cards.slice(0, 1).flatMap(({ values }) => values)))],
      ),
      maxSummary,
    ),
    indicator: indicator ?? 'info',
    detail: [
      byRoute
        .map(({ route, cards }) =>
          words.line(
            route,
            cards.map(({ line }) => line),
          ),
        )
        .join('\n'),
      words.explanation,
      disclaimer,
    ].join('\n\n'),
    source: {
      label: 'Epsom: route not given',
      topic: {
        system: answerSystem,
        code: 'route-not-given',
        display: 'An order whose route is not given, and that warns by every route',
      },
    },
    ...(suggestions.length > 0 ? { suggestions, selectionBehavior: 'any' as const } : {}),
  };
  return asProfileWants(card, profile);
}
