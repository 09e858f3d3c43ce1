/**
 * Orders whose route is not known: what would be said by each route that the drug is given by. Where every one of them
 * would warn, the warning is decided, and only its words wait for the route. Outcomes stay as they are.
 */
import type { Medication } from '../chart/types.ts';
import { createContext } from '../facts/context.ts';
import type { EvaluationContext } from '../facts/fact.ts';
import { type Hook, meaningOf } from '../fhir/hooks.ts';
import type { CompiledRule } from '../rule/compile.ts';
import type { FactStore } from '../rule/fact-store.ts';
import { type Indicator, severityRank } from '../rule/severity.ts';
import { plausibleRoutes, type SystemicRoute } from '../terminology/plausible-routes.ts';
import type { Outcome } from './evaluate-rule.ts';
import { type OneDanger, worstFirst } from './one-danger.ts';
import type { UndecidedCheck } from './open-checks.ts';
import { selectedOrders } from './this-moment.ts';

/** What the rules say: of an answer, the part that is asked here. */
export interface Said {
  findings: readonly OneDanger[];
  evaluations: readonly { rule: string; outcome: Outcome }[];
  facts: FactStore;
}

/** What the rules say if an order is given by a route. */
export interface ByRoute {
  route: SystemicRoute;
  /** Findings of a warning or more that wait for the route, the worst first. */
  warnings: readonly CompiledRule[];
  outcomes: ReadonlyMap<string, Outcome>;
  facts: FactStore;
  context: EvaluationContext;
}

/** Orders that differ in nothing but their ids: what is said of the first is said of each. */
type Alike = readonly [Medication, ...Medication[]];

/** Orders that are alike, and what is said by each route of one of them. */
export interface AskedByRoute {
  orders: Alike;
  answers: readonly ByRoute[];
}

/** Orders of one drug whose route decides checks. Where they warn, one card: each route leads to the same findings. */
export interface RouteQuestion {
  asked: readonly [AskedByRoute, ...AskedByRoute[]];
  /** What every route leads to at least: the weakest of the worst; null where one leads to no warning. */
  indicator: Indicator | null;
}

/** All orders that a question is about. */
export const ordersOf = ({ asked }: RouteQuestion): Alike => {
  const [first, ...others] = asked;
  return [...first.orders, ...others.flatMap(({ orders }) => orders)];
};

/** Each route of a question with its findings, the worst first, and what is said by it of each order. */
export const routesOf = ({ asked }: RouteQuestion) =>
  asked[0].answers.map(({ route, warnings }) => ({
    route,
    warnings,
    answers: asked.flatMap(({ answers }) => answers.filter((one) => one.route === route)),
  }));

const isWarning = ({ rule }: CompiledRule): boolean =>
  severityRank[rule.card.indicator] <= severityRank.warning;

/** Whether a check waits for the route of this order. */
const waitsForRoute = ({ waits }: Pick<UndecidedCheck, 'waits'>, reference: string): boolean =>
  waits.some(
    ({ fact }) =>
      fact.state !== 'known' &&
      fact.reasons.some(
        (reason) =>
          reason.code === 'route-unknown' && reason.medications.some((one) => one.reference === reference),
      ),
  );

/** The same patient with the order given by this route. */
function withRoute(
  { chart, at, notices }: EvaluationContext,
  order: Medication,
  route: SystemicRoute,
): EvaluationContext {
  const medications = chart.medications.map((medication) => {
    if (medication !== order) return medication;
    const { routeUnread: _, ...rest } = medication;
    return { ...rest, route };
  });
  return createContext({ ...chart, medications }, at, notices);
}

/** Orders that are alike, together. One that others repeat or carry out is like no other. */
function alikeOnes(orders: readonly Medication[], { chart }: EvaluationContext): Alike[] {
  const named = new Set(chart.medications.flatMap(({ sameAs = [] }) => sameAs));
  const groups = Map.groupBy(orders, ({ reference, ...order }) =>
    JSON.stringify([order, named.has(reference) ? reference : null]),
  );
  return [...groups.values()].flatMap(([first, ...others]) => (first ? [[first, ...others] as const] : []));
}

/**
 * @param checks all that are open
 * @param without what is said while the routes are not known
 * @param evaluate the rules on another context, in which this order has a route
 */
export function askByRoute(
  context: EvaluationContext,
  hook: Hook,
  checks: readonly UndecidedCheck[],
  without: Said,
  evaluate: (context: EvaluationContext, order: Medication) => Said,
): RouteQuestion[] {
  if (meaningOf(hook).kind !== 'order') return [];
  const open = selectedOrders(context).filter(
    ({ route, resolvedBy, reference }) =>
      route === null &&
      resolvedBy !== 'unresolved' &&
      checks.some((check) => waitsForRoute(check, reference)),
  );
  const undecided = new Set(
    without.evaluations.flatMap(({ rule, outcome }) => (outcome === 'indeterminate' ? [rule] : [])),
  );
  const asked = alikeOnes(open, context).flatMap((orders): AskedByRoute[] => {
    const [order] = orders;
    const routes = plausibleRoutes(order.ingredients.map(({ name }) => name));
    if (!routes) return [];
    const answers = routes.map((route): ByRoute => {
      const given = withRoute(context, order, route);
      const { findings, evaluations, facts } = evaluate(given, order);
      return {
        route,
        warnings: findings
          .flat()
          .filter((finding) => isWarning(finding) && undecided.has(finding.rule.id))
          .sort(worstFirst),
        outcomes: new Map(evaluations.map(({ rule, outcome }) => [rule, outcome])),
        facts,
        context: given,
      };
    });
    return [{ orders, answers }];
  });
  return questionsOf(asked);
}

/** Those that warn of the same drug with the same findings by each route are one question. */
function questionsOf(asked: readonly AskedByRoute[]): RouteQuestion[] {
  const groups = Map.groupBy(asked, ({ orders: [{ reference, ingredients, routeUnread }], answers }) =>
    JSON.stringify([
      commonIndicator(answers) === null ? reference : null,
      ingredients.map(({ name }) => name),
      routeUnread,
      answers.map(({ route, warnings }) => [route, warnings.map(({ rule }) => rule.id)]),
    ]),
  );
  return [...groups.values()].flatMap(([first, ...others]) =>
    first ? [{ asked: [first, ...others] as const, indicator: commonIndicator(first.answers) }] : [],
  );
}

function commonIndicator(answers: readonly ByRoute[]): Indicator | null {
  const worst = answers.map(({ warnings: [first] }) => first?.rule.card.indicator);
  if (worst.some((indicator) => indicator === undefined)) return null;
  return worst.includes('warning') ? 'warning' : 'critical';
}

/**
 * A check without the route that the card of the order asks for already; nothing where it waits for nothing else.
 */
export function withoutRouteAsked(
  check: UndecidedCheck,
  questions: readonly RouteQuestion[],
): UndecidedCheck[] {
  const asked = new Set(
    questions
      .filter(({ indicator }) => indicator !== null)
      .flatMap((question) => ordersOf(question).map(({ reference }) => reference)),
  );
  const isAsked = ({ fact }: UndecidedCheck['waits'][number]): boolean =>
    fact.state !== 'known' &&
    fact.reasons.length > 0 &&
    fact.reasons.every(
      (reason) =>
        reason.code === 'route-unknown' && reason.medications.every(({ reference }) => asked.has(reference)),
    );
  const waits = check.waits.filter((wait) => !isAsked(wait));
  if (waits.length === check.waits.length) return [check];
  return waits.length > 0 ? [{ ...check, waits }] : [];
}

/** Whether a check need not be said: no route leads to it, or the card of the route says what each leads to. */
export function isAnsweredByRoute(check: UndecidedCheck, { asked, indicator }: RouteQuestion): boolean {
  const { id } = check.rule;
  return asked.some(({ orders: [order], answers }) => {
    if (!waitsForRoute(check, order.reference)) return false;
    if (indicator !== null && answers.some(({ warnings }) => warnings.some(({ rule }) => rule.id === id)))
      return true;
    return answers.every(({ outcomes }) => {
      const outcome = outcomes.get(id);
      return outcome === 'not-fired' || (indicator !== null && outcome === 'fired');
    });
  });
}
