/** What the cards of orders without a route list, and whether they are shown: as those of findings, whole or not at all. */
import type { UnreadRoute } from '../chart/medication-route.ts';
import type { EvaluationContext } from '../facts/fact.ts';
import type { CompiledRule } from '../rule/compile.ts';
import type { SystemicRoute } from '../terminology/plausible-routes.ts';
import { ordersOf, type RouteQuestion, routesOf } from './by-route.ts';
import { type Fingerprint, type FingerprintNumber, fingerprintOf } from './fingerprint.ts';
import { worstFirst } from './one-danger.ts';
import { type Suppression, suppressionOf } from './override.ts';
import type { Presentation } from './presentation.ts';

/** That an undecided rule is listed on the card of an order without a route. */
export interface ListedByRoute {
  /** Reference of the order, of several the one that the card is named after. */
  order: string;
  /** It fires if the order is given by these. */
  routes: readonly SystemicRoute[];
  /** Left out: no route is stated. */
  unread?: UnreadRoute;
  /** What it rests on by any of them. */
  fingerprint: Fingerprint;
  /** Null where the card is shown. */
  withheld: Suppression | null;
}

/** A card of orders without a route. */
export interface SaidByRoute {
  question: RouteQuestion;
  /** All rules that it lists, the worst first. */
  rules: readonly CompiledRule[];
  listed: ReadonlyMap<CompiledRule, ListedByRoute>;
  shown: boolean;
}

/** Of one number the worse; not known as soon as one is not. */
function worse(one: FingerprintNumber, other: FingerprintNumber | undefined): FingerprintNumber {
  if (other === undefined || one.value === null) return one;
  if (other.value === null) return other;
  const falls = one.operator.startsWith('lessThan');
  return falls === one.value < other.value ? one : other;
}

/** What it rests on by every route that leads to it. */
function joined([first, ...others]: readonly Fingerprint[]): Fingerprint | null {
  if (!first) return null;
  const numbers = new Map<string, FingerprintNumber>();
  for (const number of [first, ...others].flatMap((one) => one.numbers)) {
    const key = `${number.of} ${number.operator} ${number.threshold}`;
    numbers.set(key, worse(number, numbers.get(key)));
  }
  const because = [first, ...others].flatMap((one) => one.because);
  return { ...first, numbers: [...numbers.values()], because: [...new Set(because)].sort() };
}

/** @param question one that warns by every route */
export function saidByRoute(
  question: RouteQuestion,
  presentation: Presentation,
  { at }: Pick<EvaluationContext, 'at'>,
): SaidByRoute {
  const routes = routesOf(question);
  const [{ reference: order, routeUnread: unread }] = ordersOf(question);
  const rules = [...new Set(routes.flatMap(({ warnings }) => warnings))].sort(worstFirst);
  const ids = rules.map(({ rule }) => rule.id);
  const listed = rules.flatMap((compiled): [CompiledRule, ListedByRoute][] => {
    const leading = routes.filter(({ warnings }) => warnings.includes(compiled));
    const fingerprint = joined(
      leading.flatMap(({ answers }) =>
        answers.map(({ facts, context }) => fingerprintOf(compiled, facts, context)),
      ),
    );
    if (!fingerprint) return [];
    const withheld = suppressionOf({ rule: compiled.rule, fingerprint, listed: ids }, presentation, at);
    const of = { order, routes: leading.map(({ route }) => route), ...(unread ? { unread } : {}) };
    return [[compiled, { ...of, fingerprint, withheld }]];
  });
  const shown = listed.some(([, { withheld }]) => withheld === null);
  return {
    question,
    rules,
    listed: new Map(shown ? listed.map(([compiled, one]) => [compiled, { ...one, withheld: null }]) : listed),
    shown,
  };
}
