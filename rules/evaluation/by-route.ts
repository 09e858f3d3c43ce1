/**
 * Orders whose route is not chosen: what would be said by each route that the drug is given by. Where every one of them
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
import type { OneDanger } from './one-danger.ts';
import type { UndecidedCheck } from './open-checks.ts';
import { selectedOrders } from './this-moment.ts';

/** What the rules say: of an answer, the part that is asked here. */
export interface Said {
  findings: readonly OneDanger[];
  evaluations: readonly { rule: string; outcome: Outcome }[];
  facts: FactStore;
}

/** What the rules say if the order is given by a route. */
export interface ByRoute {
  route: SystemicRoute;
  evaluated: Said;
  context: EvaluationContext;
}

/** An order whose route decides checks, and what is said by each. */
export interface RouteQuestion {
  order: Medication;
  answers: readonly ByRoute[];
  /** What every route leads to at least: the weakest of the worst; null where one leads to no warning. */
  indicator: Indicator | null;
}

const isWarning = (indicator: Indicator): boolean => severityRank[indicator] <= severityRank.warning;

/** Findings of a warning or more that are said by a route, and not without it. */
export const warningsOf = ({ evaluated }: ByRoute, without: Said): CompiledRule[] => {
  const said = new Set(without.findings.flat().map(({ rule }) => rule.id));
  return evaluated.findings.flat().filter(({ rule }) => isWarning(rule.card.indicator) && !said.has(rule.id));
};

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

/** At most so many orders without a route are asked about: each is evaluated once for each of its routes. */
const mostAsked = 4;

/**
 * @param checks all that are open
 * @param evaluate the rules on another context
 */
export function askByRoute(
  context: EvaluationContext,
  hook: Hook,
  checks: readonly UndecidedCheck[],
  without: Said,
  evaluate: (context: EvaluationContext) => Said,
): RouteQuestion[] {
  if (meaningOf(hook).kind !== 'order') return [];
  const open = selectedOrders(context).filter(
    ({ route, resolvedBy, reference }) =>
      route === null &&
      resolvedBy !== 'unresolved' &&
      checks.some((check) => waitsForRoute(check, reference)),
  );
  return open.slice(0, mostAsked).flatMap((order) => {
    const routes = plausibleRoutes(order.ingredients.map(({ name }) => name));
    if (!routes) return [];
    const answers = routes.map((route): ByRoute => {
      const given = withRoute(context, order, route);
      return { route, evaluated: evaluate(given), context: given };
    });
    return [{ order, answers, indicator: commonIndicator(answers, without) }];
  });
}

function commonIndicator(answers: readonly ByRoute[], without: Said): Indicator | null {
  const worst = answers.map((answer) =>
    warningsOf(answer, without)
      .map(({ rule }) => rule.card.indicator)
      .sort((a, b) => severityRank[a] - severityRank[b])
      .at(0),
  );
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
    questions.filter(({ indicator }) => indicator !== null).map(({ order }) => order.reference),
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
export function isAnsweredByRoute(
  check: UndecidedCheck,
  { order, answers, indicator }: RouteQuestion,
): boolean {
  if (!waitsForRoute(check, order.reference)) return false;
  const { id } = check.rule;
  if (
    indicator !== null &&
    answers.some(({ evaluated }) => evaluated.findings.flat().some(({ rule }) => rule.id === id))
  )
    return true;
  const outcomes = answers.map(
    ({ evaluated }) => evaluated.evaluations.find(({ rule }) => rule === id)?.outcome,
  );
  return outcomes.every((outcome) => outcome === 'not-fired' || (indicator !== null && outcome === 'fired'));
}
