/** Tests that are ordered: among the drafts of this moment, or signed before it and not back. */
import type { ServiceOrder } from '../chart/types.ts';
import { day, hour } from '../fhir/time.ts';
import { type LabTest, labTestNames, labTests } from '../terminology/labs.ts';
import { isLabTest, type OrderedTest } from '../terminology/service-tests.ts';
import type { EvaluationContext } from './fact.ts';

/** An order older than this that brought no result was forgotten, not awaited. Local decision, docs/data.md. */
const longestWait = 14 * day;

/** Whether a result of the test came since it was ordered. */
const isBack = (context: EvaluationContext, test: OrderedTest, { written }: ServiceOrder): boolean =>
  written !== undefined &&
  isLabTest(test) &&
  context.labsOf(test).some(({ span }) => span !== null && span.to >= written.from);

/** Whether the order still stands for a result to come; one of this moment does. */
function isAwaited(context: EvaluationContext, order: ServiceOrder, test: OrderedTest): boolean {
  if (!order.running) return true;
  if (order.ahead || !order.written) return true;
  return order.written.to >= context.at - longestWait && !isBack(context, test, order);
}

/** The order of each test that is ordered and not back. */
export function ordersAwaited(context: EvaluationContext): ReadonlyMap<OrderedTest, ServiceOrder> {
  const awaited = new Map<OrderedTest, ServiceOrder>();
  for (const order of context.chart.serviceOrders) {
    for (const test of order.tests ?? []) {
      if (!awaited.has(test) && isAwaited(context, order, test)) awaited.set(test, order);
    }
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
  // An eGFR of cystatin C came of another tube than a creatinine.
  const isFresh = (test: LabTest): boolean =>
    context
      .labsOf(test)
      .some(
        ({ span, method }) =>
          span !== null && span.from >= context.at - justResulted && method !== 'cystatin C',
      );
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
