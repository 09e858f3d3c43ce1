/** The card of an order whose route is not chosen, and that warns by every route it may be given by. */
import { derivedUuid } from '../digest/digest.ts';
import { type ByRoute, type RouteQuestion, type Said, warningsOf } from '../evaluation/by-route.ts';
import { factOf } from '../facts/facts.ts';
import { type CompiledRule, traceOf } from '../rule/compile.ts';
import type { FactStore } from '../rule/fact-store.ts';
import { severityRank } from '../rule/severity.ts';
import { decisiveLeaves } from '../rule/trace.ts';
import type { CardInput } from './card-input.ts';
import { findingCard, roundedBeside } from './finding-card.ts';
import { escapeMarkdown } from './markdown.ts';
import { asProfileWants, fitting, maxSummary } from './profiles.ts';
import { answerSystem, type Card, type Suggestion } from './types.ts';
import { disclaimer, routeWordsOfCard as words } from './wording.ts';

type Shared = Pick<CardInput, 'atHand' | 'hook' | 'profile' | 'decisionId'>;

/** The cards by one route, the worst first, and what each rests on. */
interface RouteCards {
  route: string;
  cards: readonly { card: Card; values: readonly string[]; line: string }[];
}

/** Values of the patient, as a summary has them. */
const valuesOf = (compiled: CompiledRule, facts: FactStore): string[] =>
  [...decisiveLeaves(traceOf(compiled, facts), true)].flatMap(({ fact: name, params, question, value }) => {
    const fact = facts(question);
    const { fills, word } = factOf(name);
    if (fact.state !== 'known' || !fills(params).includes('values')) return [];
    const limits = typeof value === 'number' ? [value] : [];
    return word(fact, params, (amount, decimals) => roundedBeside(amount, decimals, limits)) ?? [];
  });

function cardsBy(answer: ByRoute, without: Said, shared: Shared): RouteCards {
  const { facts } = answer.evaluated;
  const { chart } = answer.context;
  const cards = warningsOf(answer, without)
    .toSorted((a, b) => severityRank[a.rule.card.indicator] - severityRank[b.rule.card.indicator])
    .map((compiled) => {
      const card = findingCard({ ...shared, compiled, facts, chart });
      const { rule } = compiled;
      const line = words.finding(escapeMarkdown(card.summary), rule, card.indicator);
      return { card, values: valuesOf(compiled, facts), line };
    });
  return { route: answer.route, cards };
}

/** What a suggestion does, whatever it is called. */
const deedOf = ({ actions }: Suggestion): string =>
  JSON.stringify(actions.map(({ type, resourceId, resource }) => [type, resourceId, resource]));

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
      disclaimer(profile.brief),
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
