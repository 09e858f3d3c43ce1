/**
 * Which medications of the chart are one therapy: a plan, an order, a statement and an administration of one
 * ingredient by one route are, and their doses are never added; the larger counts. Two orders are two therapies,
 * unless one says that it carries out, repeats or replaces the other.
 */
import type { Medication } from '../chart/types.ts';
import type { Route } from '../terminology/drugs/routes.ts';
import type { EvaluationContext } from './fact.ts';

/** Which kind of resource tells of a therapy. */
export type TherapyKind = 'order' | 'plan' | 'statement' | 'given';
export const therapyKinds = ['order', 'plan', 'statement', 'given'] as const satisfies TherapyKind[];

export function therapyKindOf({ role, statement, plan, given }: Medication): TherapyKind {
  if (given) return 'given';
  if (role === 'ordered') return 'order';
  return statement ? 'statement' : plan ? 'plan' : 'order';
}

const byReference = ({ chart }: EvaluationContext): Map<string, Medication> =>
  new Map(chart.medications.map((medication) => [medication.reference, medication]));

/** So many links are followed from one to the next. */
const longestChain = 5;

/**
 * The medication that this one, by its links, carries out, repeats or replaces; else itself. Medications of one
 * origin are one therapy for certain.
 */
export function originOf(context: EvaluationContext, medication: Medication): Medication {
  const known = context.memo(byReference);
  let origin = medication;
  for (let step = 0; step < longestChain; step += 1) {
    const next = origin.sameAs?.map((reference) => known.get(reference)).find((other) => other !== undefined);
    if (!next || next === medication) break;
    origin = next;
  }
  return origin;
}

/** An amount of one ingredient. */
export interface AmountOf {
  medication: Medication;
  value: number;
}

/** Of orders that carry out another one the larger: that one, or all of them. */
function sumOfKind(context: EvaluationContext, amounts: readonly AmountOf[]): number {
  let sum = 0;
  for (const [origin, group] of Map.groupBy(amounts, ({ medication }) => originOf(context, medication))) {
    let own = 0;
    let others = 0;
    for (const { medication, value } of group) {
      if (medication === origin) own += value;
      else others += value;
    }
    sum += Math.max(own, others);
  }
  return sum;
}

/** Where at most one route is stated all are of it; a route that is not stated may be any, and stands alone beside several. */
function byRoutes(amounts: readonly AmountOf[]): AmountOf[][] {
  const routes = new Set<Route>(amounts.flatMap(({ medication: { route } }) => route ?? []));
  return routes.size < 2
    ? [[...amounts]]
    : [...Map.groupBy(amounts, ({ medication }) => medication.route).values()];
}

/** A draft comes to what is taken, whatever tells of that, unless it says that it goes on with it. */
function sumOfRoute(context: EvaluationContext, amounts: readonly AmountOf[]): number {
  const kinds = Map.groupBy(amounts, ({ medication }) => therapyKindOf(medication));
  const added = amounts.filter(
    ({ medication }) => medication.role === 'ordered' && originOf(context, medication) === medication,
  );
  const others = [...kinds].filter(([kind]) => kind !== 'order');
  const taken = Math.max(0, ...others.map(([, kind]) => sumOfKind(context, kind)));
  return Math.max(sumOfKind(context, kinds.get('order') ?? []), sumOfKind(context, added) + taken);
}

/** The sum of amounts of one ingredient, each therapy once: of the kinds of resources that tell of it the larger. */
export const sumOfTherapies = (context: EvaluationContext, amounts: readonly AmountOf[]): number =>
  byRoutes(amounts).reduce((sum, sameRoute) => sum + sumOfRoute(context, sameRoute), 0);
