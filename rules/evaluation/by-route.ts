/**
 * Orders whose route is not known: what would be said by each route that the drug is given by. Where every one of them
 * would warn, the warning is decided, and only its words wait for the route. Outcomes stay as they are.
 */
import type { Medication } from '../chart/types.ts';
import { createContext } from '../facts/context.ts';
import type { EvaluationContext, Fact, Reason } from '../facts/fact.ts';
import { type Hook, meaningOf } from '../fhir/hooks.ts';
import { type CompiledRule, evidenceOfRule, traceOf } from '../rule/compile.ts';
import { type FactStore, strictly } from '../rule/fact-store.ts';
import { type Indicator, severityRank } from '../rule/severity.ts';
import type { InSteps } from '../steps.ts';
import { plausibleRoutes, type SystemicRoute } from '../terminology/plausible-routes.ts';
import type { Outcome } from './evaluate-rule.ts';
import { type OneDanger, worstFirst } from './one-danger.ts';
import { type UndecidedCheck, type Wait, waitsOf } from './open-checks.ts';
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
  /** They are not alike: what is said when all of them are given so. */
  together?: true;
}

/** Orders whose route decides checks. Where they warn, one card: each route leads to the same findings. */
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

const routesAwaited = new WeakMap<UndecidedCheck['waits'], ReadonlySet<string>>();

/** The orders whose route a check waits for; found once, since each order is held against each check. */
function ordersAwaited({ waits }: Pick<UndecidedCheck, 'waits'>): ReadonlySet<string> {
  const known = routesAwaited.get(waits);
  if (known) return known;
  const awaited = new Set<string>();
  for (const { fact } of waits) {
    if (fact.state === 'known') continue;
    for (const reason of fact.reasons) {
      if (reason.code !== 'route-unknown') continue;
      for (const { reference } of reason.medications) awaited.add(reference);
    }
  }
  routesAwaited.set(waits, awaited);
  return awaited;
}

/** Whether a check waits for the route of this order. */
const waitsForRoute = (check: Pick<UndecidedCheck, 'waits'>, reference: string): boolean =>
  ordersAwaited(check).has(reference);

/** The routes that a medication of which none is known may be given by; null where these are not all. */
const routesOfDrug = ({ ingredients }: Medication): readonly SystemicRoute[] | null =>
  plausibleRoutes(ingredients.map(({ name }) => name));

/** The route that is certain although none is stated: of a drug that is given by one alone. */
function onlyRoute(medication: Medication): SystemicRoute | null {
  if (medication.route !== null || medication.routeUnread || medication.resolvedBy === 'unresolved')
    return null;
  const [first = null, ...others] = routesOfDrug(medication) ?? [];
  return others.length > 0 ? null : first;
}

/** The same patient with the orders given by this route, and what is given by one route alone by that. */
function withRoute(
  { chart, at, notices }: EvaluationContext,
  orders: ReadonlySet<Medication>,
  route: SystemicRoute,
): EvaluationContext {
  const medications = chart.medications.map((medication) => {
    const given = orders.has(medication) ? route : onlyRoute(medication);
    if (given === null) return medication;
    const { routeUnread: _, ...rest } = medication;
    return { ...rest, route: given };
  });
  return createContext({ ...chart, medications }, at, notices);
}

/** Orders that are alike, together. One that others repeat or carry out is like no other. */
function alikeOnes(orders: readonly Medication[], { chart }: EvaluationContext): Alike[] {
  const named = new Set(chart.medications.flatMap(({ sameAs = [] }) => sameAs));
  return grouped(orders, ({ reference, ...order }) =>
    JSON.stringify([order, named.has(reference) ? reference : null]),
  );
}

/**
 * @param checks all that are open
 * @param without what is said while the routes are not known
 * @param evaluate the rules on another context, in which an order has a route
 */
export function* askByRoute(
  context: EvaluationContext,
  hook: Hook,
  checks: readonly UndecidedCheck[],
  without: Said,
  evaluate: (context: EvaluationContext) => InSteps<Said>,
): InSteps<RouteQuestion[]> {
  if (meaningOf(hook).kind !== 'order') return [];
  const selected = new Set(selectedOrders(context));
  // What is taken is asked about where its route is certain: it is not for this order to choose it.
  const open = context.chart.medications.filter(
    (medication) =>
      medication.route === null &&
      medication.resolvedBy !== 'unresolved' &&
      (selected.has(medication) || onlyRoute(medication) !== null) &&
      checks.some((check) => waitsForRoute(check, medication.reference)),
  );
  if (open.length === 0) return [];
  const others = open.filter((one) => !onlyRoute(one));
  const certain = open
    .filter(onlyRoute)
    .sort((one, other) => Number(selected.has(other)) - Number(selected.has(one)));
  const answering = (before: Said): Answer =>
    function* (orders, route) {
      const undecided = undecidedOf(before);
      const given = withRoute(context, new Set(orders), route);
      const { findings, evaluations, facts } = yield* evaluate(given);
      const warnings = findings
        .flat()
        .filter(
          (finding) =>
            isWarning(finding) &&
            (undecided.has(finding.rule.id) || isFoundAnew(finding, orders, facts, before.facts)),
        )
        .sort(worstFirst);
      const outcomes = new Map(evaluations.map(({ rule, outcome }) => [rule, outcome]));
      return { route, warnings, outcomes, facts, context: given };
    };
  // What is certain anyway is no matter of the other routes.
  const isAnyCertain = context.chart.medications.some(onlyRoute);
  const known = isAnyCertain ? yield* evaluate(withRoute(context, new Set(), 'oral')) : without;
  const answer = answering(known);
  const kinds = alikeOnes(others, context);
  const asked = [...(yield* askedOfCertain(certain, answering(without)))];
  for (const orders of kinds.slice(0, mostKinds))
    asked.push(...(yield* askedOf(orders, orders.slice(0, 1), answer)));
  for (const orders of sameDrug(kinds.slice(mostKinds).flat()))
    asked.push(...(yield* askedOf(orders, orders, answer)));
  return questionsOf(asked);
}

/** What is said when some orders are given by a route. */
type Answer = (orders: readonly Medication[], route: SystemicRoute) => InSteps<ByRoute>;

/** @param given those of the orders that are given by the route: the first of all that are alike, or all of them */
function* askedOf(orders: Alike, given: readonly Medication[], answer: Answer): InSteps<AskedByRoute[]> {
  const routes = routesOfDrug(orders[0]);
  if (!routes) return [];
  const answers: ByRoute[] = [];
  for (const route of routes) answers.push(yield* answer(given, route));
  return [{ orders, answers, ...(given.length > 1 ? { together: true } : {}) }];
}

/** Whether a finding that another order leads to anyway rests on these, too, once their route is known. */
function isFoundAnew(
  finding: CompiledRule,
  orders: readonly Medication[],
  facts: FactStore,
  before: FactStore,
): boolean {
  const references = new Set(orders.map(({ reference }) => reference));
  const restsOn = (store: FactStore): boolean =>
    evidenceOfRule(finding, store).some(({ reference }) => reference !== null && references.has(reference));
  return restsOn(facts) && !restsOn(before);
}

const undecidedOf = ({ evaluations }: Said): ReadonlySet<string> =>
  new Set(evaluations.flatMap(({ rule, outcome }) => (outcome === 'indeterminate' ? [rule] : [])));

/** So many kinds of orders are asked about by themselves, what is more by drug: each answer costs as much as a decision. */
const mostKinds = 8;

const grouped = (orders: readonly Medication[], keyOf: (order: Medication) => string): Alike[] =>
  [...Map.groupBy(orders, keyOf).values()].flatMap(([first, ...others]) =>
    first ? [[first, ...others] as const] : [],
  );

const sameDrug = (orders: readonly Medication[]): Alike[] =>
  grouped(orders, ({ ingredients, routeUnread }) => JSON.stringify([ingredients, routeUnread]));

/** Medications of one route each are asked about together, since that of each is certain: what rests on which. */
function* askedOfCertain([first, ...others]: readonly Medication[], answer: Answer): InSteps<AskedByRoute[]> {
  const route = first && onlyRoute(first);
  if (!route) return [];
  const together = yield* answer([first], route);
  const restOn = new Map(
    together.warnings.map((compiled) => [
      compiled,
      new Set(evidenceOfRule(compiled, together.facts).map(({ reference }) => reference)),
    ]),
  );
  return [first, ...others].map((one) => {
    const warnings = together.warnings.filter((compiled) => restOn.get(compiled)?.has(one.reference));
    return { orders: [one], answers: [{ ...together, route: onlyRoute(one) ?? route, warnings }] };
  });
}

/** Those that warn of the same drug with the same findings by each route are one question, and so are those of one route. */
function questionsOf(asked: readonly AskedByRoute[]): RouteQuestion[] {
  const groups = Map.groupBy(asked, ({ orders: [order], answers }) =>
    JSON.stringify([
      commonIndicator(answers) === null ? order.reference : null,
      onlyRoute(order) ?? order.ingredients.map(({ name }) => name),
      order.routeUnread,
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

/** A condition that waits for nothing but routes of these. */
const waitsForRoutesOf = ({ fact }: UndecidedCheck['waits'][number], orders: ReadonlySet<string>): boolean =>
  fact.state !== 'known' &&
  fact.reasons.length > 0 &&
  fact.reasons.every(
    (reason) =>
      reason.code === 'route-unknown' && reason.medications.every(({ reference }) => orders.has(reference)),
  );

/** What it waits for without the routes of these, where it waits for others, too. */
function withoutRoutesOf(fact: Fact, certain: ReadonlySet<string>): Fact {
  if (fact.state === 'known') return fact;
  const reasons = fact.reasons.flatMap((reason): Reason[] => {
    if (reason.code !== 'route-unknown') return [reason];
    const medications = reason.medications.filter(({ reference }) => !certain.has(reference));
    return medications.length > 0 ? [{ ...reason, medications }] : [];
  });
  return reasons.length > 0 ? { ...fact, reasons } : fact;
}

/**
 * A check without the routes that a card asks for already; nothing where it waits for nothing else. Nobody is asked for a
 * route that is certain, either, where something else is missing.
 */
export function withoutRouteAsked(
  check: UndecidedCheck,
  questions: readonly RouteQuestion[],
): UndecidedCheck[] {
  const onCard = questions.filter(({ indicator }) => indicator !== null).flatMap(ordersOf);
  const certain = questions.flatMap(ordersOf).filter(onlyRoute);
  const asked = new Set(onCard.map(({ reference }) => reference));
  const known = new Set([...asked, ...certain.map(({ reference }) => reference)]);
  const isCertain = new Set(certain.map(({ reference }) => reference));
  const waits = check.waits
    .filter((wait) => !waitsForRoutesOf(wait, asked))
    .map((wait) => ({ ...wait, fact: withoutRoutesOf(wait.fact, isCertain) }));
  const needed = waits.filter((wait) => !waitsForRoutesOf(wait, known));
  const left = needed.length > 0 ? needed : waitsByCertain(check, waits, questions);
  return left.length > 0 ? [{ ...check, waits: left }] : [];
}

/** What a check waits for once the routes that are certain are given, where it waits for nothing else now: the dose. */
function waitsByCertain(
  { compiled }: UndecidedCheck,
  waits: readonly Wait[],
  questions: readonly RouteQuestion[],
): readonly Wait[] {
  const given = questions.flatMap(({ asked }) => asked).find(({ orders: [order] }) => onlyRoute(order));
  const [answer] = given?.answers ?? [];
  if (waits.length === 0 || !answer) return waits;
  const facts = strictly(answer.facts);
  const trace = traceOf(compiled, facts);
  return trace.truth === null ? waitsOf(trace, facts) : waits;
}

/** Whether a check need not be said: no route leads to it, or the card of the route says what each leads to. */
export function isAnsweredByRoute(check: UndecidedCheck, { asked, indicator }: RouteQuestion): boolean {
  const { id } = check.rule;
  return asked.some(({ orders: [order], answers, together }) => {
    if (!waitsForRoute(check, order.reference)) return false;
    // Given by several routes they may lead to it.
    if (together && indicator === null) return false;
    if (indicator !== null && answers.some(({ warnings }) => warnings.some(({ rule }) => rule.id === id)))
      return true;
    return answers.every(({ outcomes }) => {
      const outcome = outcomes.get(id);
      return outcome === 'not-fired' || (indicator !== null && outcome === 'fired');
    });
  });
}
