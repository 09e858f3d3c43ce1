/** Tests that are ordered: among the drafts of this moment, or signed before it and not back. */
import * as z from 'zod/mini';
import type { ServiceOrder } from '../chart/types.ts';
import { dateOf, day, hour } from '../fhir/time.ts';
import { type LabTest, labTestNames, labTests } from '../terminology/labs.ts';
import { defineFact, type EvaluationContext, type Evidence, knownFalse } from './fact.ts';
import { labTest } from './parameters.ts';

/** An order older than this that brought no result was forgotten, not awaited. Local decision, docs/data.md. */
const longestWait = 14 * day;

/** Whether a result of the test came since it was ordered. */
const isBack = (context: EvaluationContext, test: LabTest, { written }: ServiceOrder): boolean =>
  written !== undefined && context.labsOf(test).some(({ span }) => span !== null && span.to >= written.from);

/** Whether the order still stands for a result to come; one of this moment does. */
function isAwaited(context: EvaluationContext, order: ServiceOrder, test: LabTest): boolean {
  if (!order.running) return true;
  if (order.ahead || !order.written) return true;
  return order.written.to >= context.at - longestWait && !isBack(context, test, order);
}

/** The order of each test that is ordered and not back. */
export function ordersAwaited(context: EvaluationContext): ReadonlyMap<LabTest, ServiceOrder> {
  const awaited = new Map<LabTest, ServiceOrder>();
  for (const order of context.chart.serviceOrders) {
    for (const test of order.tests ?? []) {
      if (!awaited.has(test) && isAwaited(context, order, test)) awaited.set(test, order);
    }
  }
  return awaited;
}

/** Tests that nobody need order: they are ordered and not back, or their result has just come. */
export interface TestsAtHand {
  awaited: ReadonlySet<LabTest>;
  fresh: ReadonlySet<LabTest>;
}

/** A result of so lately was just resulted: to order it again would be noise. Local decision, docs/cards.md. */
const justResulted = 6 * hour;

export function testsAtHand(context: EvaluationContext): TestsAtHand {
  const isFresh = (test: LabTest): boolean =>
    context.labsOf(test).some(({ span }) => span !== null && span.from >= context.at - justResulted);
  const fresh = new Set(labTestNames.filter(isFresh));
  // A creatinine gives its eGFR.
  if (fresh.has('creatinine')) fresh.add('egfr');
  return { awaited: new Set(context.memo(ordersAwaited).keys()), fresh };
}

const evidenceOf = (test: LabTest, { reference, running, written }: ServiceOrder): Evidence => ({
  reference,
  name: labTests[test].short,
  used: { kind: 'code', code: running ? 'ordered' : 'being ordered' },
  time: written ? dateOf(written.from) : null,
  notes: [],
});

const testOrdered = defineFact({
  name: 'testOrdered',
  params: z.strictObject({ tests: z.array(labTest).check(z.minLength(1)) }),
  description:
    'Whether any of the tests is among the draft orders, or is ordered and not back. Where no orders came none is documented: false.',
  kind: 'truth',
  paths: [],
  stratum: 1,
  part: 'refinement',
  categories: () => [],
  tests: () => [],
  reach: () => [],
  uses: { sex: false, birthDate: false, categories: [], drugIdentity: false },
  dataNeeds: () => [{ type: 'ServiceRequest' }],
  isPlainResult: false,
  isWhole: () => false,
  describe: ({ tests }) => `order of ${tests.join(' or ')}`,
  ask: ({ tests }) => `an order of ${tests.map((test) => labTests[test].name).join(' or ')}`,
  need: () => null,
  word: () => null,
  fills: () => [],
  heads: () => null,
  compute:
    ({ tests }) =>
    (context) => {
      const awaited = context.memo(ordersAwaited);
      const evidence = tests.flatMap((test) => {
        const order = awaited.get(test);
        return order ? [evidenceOf(test, order)] : [];
      });
      return evidence.length > 0 ? { state: 'known', value: true, evidence } : knownFalse();
    },
});

export const orderedTestFacts = [testOrdered] as const;
