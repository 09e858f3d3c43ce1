/**
 * Which checks that could not be made are worth a card (docs/adr/0020-what-an-open-check-is-worth.md). It changes what
 * is said, never what was found. Windows, tests and reasons are data: worth.json.
 */
import * as z from 'zod/mini';
import { type Assumptions, assumedFact, withWeight } from '../facts/assumed.ts';
import type { EvaluationContext, Fact } from '../facts/fact.ts';
import { factOf } from '../facts/facts.ts';
import { lackingTests } from '../facts/lacks.ts';
import { testsAtHand } from '../facts/ordered-tests.ts';
import { duration, labTest } from '../facts/parameters.ts';
import { milliseconds } from '../fhir/time.ts';
import { type CompiledRule, compileConditions } from '../rule/compile.ts';
import { conditions } from '../rule/conditions.ts';
import { createFactStore, type FactRequest, FactRequests, type FactStore } from '../rule/fact-store.ts';
import type { LabTest } from '../terminology/labs.ts';
import type { OrderedTest } from '../terminology/service-tests.ts';
import { type UndecidedCheck, type Wait, waitsOf } from './open-checks.ts';
import { isOfThisMoment } from './this-moment.ts';
import content from './worth.json' with { type: 'json' };

const names = z.array(z.string());
const positive = z.number().check(z.positive());
const table = z
  .strictObject({
    comment: names,
    sources: z.array(
      z.strictObject({ key: z.string(), title: z.string(), year: z.number(), read: z.boolean() }),
    ),
    windows: z.array(z.strictObject({ within: duration, reasons: names })),
    only: z.array(
      z.strictObject({ tests: z.array(labTest), low: z.optional(z.literal(true)), reasons: names }),
    ),
    ofWarnings: names,
    assumed: z.strictObject({
      weight: z.strictObject({ low: positive, high: positive }),
      creatinineInPregnancyBelow: positive,
      egfrOfOneCreatinineAtLeast: positive,
      egfrOfOneOutsideAtLeast: positive,
    }),
    reasons: z.record(z.string(), conditions),
  })
  .parse(content);
const assumptions: Assumptions = table.assumed;

const requests = new FactRequests();
const reasons = new Map(
  Object.entries(table.reasons).map(([name, tree]) => [name, compileConditions(tree, requests)]),
);
for (const name of [table.windows, table.only].flat().flatMap((row) => row.reasons)) {
  if (!reasons.has(name)) throw new Error(`worth.json has no reason \`${name}\``);
}

/** What the table asks of a patient: data that has to be asked for. */
export const worthRequests: readonly FactRequest[] = requests.list;

/** The reasons that a patient has, and how old a result may be. */
interface Patient {
  hasOneOf(names: readonly string[]): boolean;
  /** Milliseconds. */
  window: number;
}

function patientOf(context: EvaluationContext): Patient {
  const facts = createFactStore(requests.list, context);
  const known = new Map<string, boolean>();
  const has = (name: string): boolean => {
    const found = known.get(name) ?? reasons.get(name)?.test(facts) === true;
    known.set(name, found);
    return found;
  };
  const hasOneOf = (list: readonly string[]): boolean => list.some(has);
  const row = table.windows.find((one) => one.reasons.length === 0 || hasOneOf(one.reasons));
  return { hasOneOf, window: row ? milliseconds(row.within) : 0 };
}

/** Facts of which each is another answer to the same question. */
function changed(facts: FactStore, change: (index: number, fact: Fact) => Fact): FactStore {
  const known = new Map<number, Fact>();
  return (index) => {
    const fact = known.get(index) ?? change(index, facts(index));
    known.set(index, fact);
    return fact;
  };
}

/** The question with the wider of two windows; null where it has none, or looks back as far. */
function widened({ params }: FactRequest, window: number): Record<string, unknown> | null {
  const { within } = params;
  if (typeof within !== 'string' || !within.startsWith('P') || milliseconds(within) >= window) return null;
  return { ...params, within: `PT${Math.round(window / milliseconds('PT1H'))}H` };
}

/** Where a result is missing or stale, the answer by the card's window. */
const answersWithin = (
  asked: readonly FactRequest[],
  facts: FactStore,
  context: EvaluationContext,
  window: number,
): FactStore =>
  changed(facts, (index, fact) => {
    const request = asked[index];
    if (!request || fact.state === 'known' || fact.category) return fact;
    const params = widened(request, window);
    if (!params || factOf(request.fact).tests(params).length === 0) return fact;
    return factOf(request.fact).compute(params)(context);
  });

const weighedContext = (context: EvaluationContext): EvaluationContext => withWeight(context, assumptions);

/** An answer that satisfies no comparison: of a test that nobody need ask for. */
const notAsked: Fact = { state: 'known', value: Number.NaN, evidence: [] };

/** The same of an ordinary patient, who has no reason for some tests. */
function ordinaryAnswers(
  asked: readonly FactRequest[],
  facts: FactStore,
  context: EvaluationContext,
  { window, hasOneOf }: Patient,
): FactStore {
  const weighed = context.memo(weighedContext);
  return changed(facts, (index, fact) => {
    const request = asked[index];
    if (!request) return fact;
    const params = widened(request, window) ?? request.params;
    const isOpen = fact.state !== 'known' && !fact.category && factOf(request.fact).tests(params).length > 0;
    const again = isOpen && weighed !== context ? factOf(request.fact).compute(params)(weighed) : fact;
    const answer = assumedFact(request.fact, params, again, weighed, assumptions);
    if (answer.state === 'known' || factOf(request.fact).kind !== 'number') return answer;
    const tests = lackingTests(request.fact, params, answer);
    return isWorthAsking(tests, hasOneOf, false) ? answer : notAsked;
  });
}

const isSettled = ({ conditions: tree, unless }: CompiledRule, facts: FactStore): boolean =>
  tree.test(facts) === false || unless?.test(facts) === true;

/** Whether tests are worth asking for: some only where the patient has a reason. */
function isWorthAsking(
  tests: readonly LabTest[],
  hasOneOf: Patient['hasOneOf'],
  isAskedWhetherLow: boolean,
): boolean {
  const row = table.only.find(
    ({ tests: of, low }) =>
      tests.length > 0 && tests.every((test) => of.includes(test)) && (!low || isAskedWhetherLow),
  );
  return row === undefined || hasOneOf(row.reasons);
}

/** A result that is on its way needs no card but where a critical check waits for it. */
const isAwaited = ({ tests }: Wait, awaited: ReadonlySet<OrderedTest>): boolean =>
  tests.length > 0 && tests.every((test) => awaited.has(test));

/** It waits for the meaning of what was entered at this moment. */
const isEnteredUnread = ({ waits }: UndecidedCheck, context: EvaluationContext): boolean =>
  waits.some(
    ({ fact }) =>
      fact.state !== 'known' &&
      fact.cause === 'unresolved' &&
      fact.evidence.some(isOfThisMoment('entry', context)),
  );

/** What nobody sends is a fact about the interface. */
const isOfInterface = ({ fact }: Wait): boolean => fact.state !== 'known' && fact.cause === 'category';

/**
 * The checks that are worth a card where an order or an entry waits for them, each with what it waits for by the card's
 * windows: critical ones, and warnings of a patient who has a reason for them. One that waits for data that failed is.
 * @param facts what nothing unread can change
 */
export function worthSaying(
  checks: readonly UndecidedCheck[],
  asked: readonly FactRequest[],
  facts: FactStore,
  context: EvaluationContext,
): UndecidedCheck[] {
  if (checks.length === 0) return [];
  const patient = context.memo(patientOf);
  const { awaited } = context.memo(testsAtHand);
  const wide = answersWithin(asked, facts, context, patient.window);
  const ordinary = ordinaryAnswers(asked, wide, context, patient);
  return checks.flatMap((check) => {
    // What came and was not understood is no lack of data: a medication (DQ-003), or what was just entered.
    if (check.failed || check.unusable || check.unrecognised || isEnteredUnread(check, context))
      return [check];
    if (isSettled(check.compiled, ordinary)) return [];
    const waits = waitsWithin(check, wide, ordinary).filter(({ tests, leaf }) =>
      isWorthAsking(tests, patient.hasOneOf, leaf.operator.startsWith('lessThan')),
    );
    if (check.rule.card.indicator === 'critical') return waits.length > 0 ? [{ ...check, waits }] : [];
    const own = waits.filter((wait) => !isOfInterface(wait) && !isAwaited(wait, awaited));
    return own.length > 0 && patient.hasOneOf(table.ofWarnings) ? [{ ...check, waits: own }] : [];
  });
}

/** What is open by the card's windows; where an older result decides, what was open before: it is not one of today. */
function waitsWithin(check: UndecidedCheck, wide: FactStore, ordinary: FactStore): readonly Wait[] {
  const { compiled } = check;
  for (const facts of [ordinary, wide]) {
    const trace = compiled.conditions.trace(facts);
    if (trace.truth === null) return waitsOf(trace, wide);
  }
  return check.waits;
}
