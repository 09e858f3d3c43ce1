/** Tests that are ordered: among the drafts of this moment, or signed before it and not back. */
import type { Lab, ServiceOrder } from '../chart/types.ts';
import { day, hour } from '../fhir/time.ts';
import { type LabTest, labTestNames, labTests } from '../terminology/labs.ts';
import { isLabTest, type OrderedTest } from '../terminology/service-tests.ts';
import type { EvaluationContext } from './fact.ts';

/** An order older than this that brought no result was forgotten, not awaited. Local decision, docs/data.md. */
const longestWait = 14 * day;

/**
 * Whether a result of the order came since it was ordered. Any of them answers it: what is computed (an eGFR), read off
 * with another (a QT) or left out by the laboratory (a hemolyzed potassium) does not keep it open.
 */
const isBack = (context: EvaluationContext, order: ServiceOrder): boolean =>
  order.written !== undefined && hasResultSince(context, order, order.written.from);

const hasResultSince = (context: EvaluationContext, { tests = [] }: ServiceOrder, time: number): boolean =>
  [...withOrderedTogether(tests)]
    .filter(isLabTest)
    .some((test) => resultsOf(context, test).some(({ span }) => span !== null && span.to >= time));

/** Results that an order of the test brings: an eGFR of cystatin C came of another tube than a creatinine. */
const resultsOf = (context: EvaluationContext, test: LabTest): readonly Lab[] =>
  context.labsOf(test).filter(({ method }) => method !== 'cystatin C');

/** Whether the order still stands for a result to come; one of this moment does. */
function isAwaited(context: EvaluationContext, order: ServiceOrder): boolean {
  if (!order.running) return true;
  if (order.ahead || !order.written) return true;
  const since = context.at - longestWait;
  // A standing order brings the next result after this one, as long as it brings any.
  if (order.again) return order.written.to >= since || hasResultSince(context, order, since);
  return order.written.to >= since && !isBack(context, order);
}

/** The order of each test that is ordered and not back. */
export function ordersAwaited(context: EvaluationContext): ReadonlyMap<OrderedTest, ServiceOrder> {
  const awaited = new Map<OrderedTest, ServiceOrder>();
  for (const order of context.chart.serviceOrders) {
    if (!isAwaited(context, order)) continue;
    for (const test of order.tests ?? []) if (!awaited.has(test)) awaited.set(test, order);
  }
  return awaited;
}

/** Tests that nobody need order: they are ordered and not back, or their result has just come. */
export interface TestsAtHand {
  awaited: ReadonlySet<OrderedTest>;
  fresh: ReadonlySet<OrderedTest>;
}

/** A result of so lately was just resulted: to order it again would be noise. Local decision, docs/cards.md. */
const justResulted = 6 * hour;

export function testsAtHand(context: EvaluationContext): TestsAtHand {
  const isFresh = (test: LabTest): boolean =>
    resultsOf(context, test).some(({ span }) => span !== null && span.from >= context.at - justResulted);
  const fresh = withOrderedTogether(labTestNames.filter(isFresh));
  const awaited = withOrderedTogether(context.memo(ordersAwaited).keys());
  addCorrectedCalcium(awaited, fresh);
  return { awaited, fresh };
}

/**
 * With the tests that come of the same order: a QTc was read off an ECG, and an eGFR is a creatinine. A corrected calcium
 * has the order of its calcium, but needs an albumin, too.
 */
function withOrderedTogether(tests: Iterable<OrderedTest>): Set<OrderedTest> {
  const atHand = new Set(tests);
  const orders = new Set(
    [...atHand].filter(isLabTest).flatMap((test) => labTests[test].orderCode?.code ?? []),
  );
  for (const test of labTestNames) {
    const { orderCode } = labTests[test];
    if (orderCode && orders.has(orderCode.code) && test !== 'calcium-corrected') atHand.add(test);
  }
  return atHand;
}

/** It is computed of calcium and albumin: both at hand, so is it. */
function addCorrectedCalcium(awaited: Set<OrderedTest>, fresh: Set<OrderedTest>): void {
  const parts = ['calcium-total', 'albumin'] as const;
  if (parts.every((test) => fresh.has(test))) fresh.add('calcium-corrected');
  else if (parts.every((test) => awaited.has(test) || fresh.has(test))) awaited.add('calcium-corrected');
}
