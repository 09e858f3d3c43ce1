/**
 * One danger, one card (clinical decision 39). Findings about the same order with the same way out are listed on one
 * card, the worst first; without an order, findings about the same value or drug. What a group is depends on what was
 * found alone, never on what was overridden before.
 */
import type { EvaluationContext } from '../facts/fact.ts';
import { factOf } from '../facts/facts.ts';
import { type Hook, meaningOf } from '../fhir/hooks.ts';
import { type CompiledRule, evidenceOfRule, traceOf } from '../rule/compile.ts';
import type { FactStore } from '../rule/fact-store.ts';
import { severityRank } from '../rule/severity.ts';
import { decisiveLeaves } from '../rule/trace.ts';
import { testsOffered, waysOutOf } from '../rule/way-out.ts';
import { isOfThisMoment, isPregnant, relevantOrders } from './this-moment.ts';

/** What a finding is about: orders or entries of this moment, or else values and drugs. */
type Subject = ReadonlySet<string>;

interface Place {
  context: EvaluationContext;
  facts: FactStore;
  hook: Hook;
}

/** The orders or entries of this moment that a finding rests on, or that it is relevant to. */
function ofThisMoment(compiled: CompiledRule, { context, facts, hook }: Place): Subject {
  const { kind } = meaningOf(hook);
  if (kind === 'chart') return new Set();
  const own = evidenceOfRule(compiled, facts)
    .filter(isOfThisMoment(kind, context))
    .map(({ reference }) => reference);
  if (own.length > 0) return new Set(own);
  return new Set(
    relevantOrders(compiled, context.chart, isPregnant(context)).map(({ reference }) => reference),
  );
}

/** The tests whose values are compared; of a finding without one, its drugs. */
function valuesOf(compiled: CompiledRule, { facts, context }: Place): Subject {
  const compared = [...decisiveLeaves(traceOf(compiled, facts), true)].filter(
    ({ fact, value }) =>
      factOf(fact).kind === 'number' && typeof value !== 'boolean' && factOf(fact).part === 'finding',
  );
  const tests = compared.flatMap(({ fact, params }) => factOf(fact).tests(params));
  if (tests.length > 0) return new Set(tests);
  const drugs = new Set(context.chart.medications.map(({ reference }) => reference));
  return new Set(
    evidenceOfRule(compiled, facts).flatMap(({ reference, name }) =>
      name !== undefined && drugs.has(reference) ? [name] : [],
    ),
  );
}

const isWithin = (inner: ReadonlySet<string>, outer: ReadonlySet<string>): boolean =>
  inner.size > 0 && [...inner].every((one) => outer.has(one));
const meets = (one: ReadonlySet<string>, other: ReadonlySet<string>): boolean =>
  [...one].some((each) => other.has(each));

/** A missing test that the worse finding offers already needs no card of its own. */
function isAskedFor(lesser: CompiledRule, worse: CompiledRule): boolean {
  const ways = waysOutOf(lesser.rule);
  return ways.size === 1 && ways.has('test') && isWithin(testsOffered(lesser.rule), testsOffered(worse.rule));
}

/** An allergy is never hidden behind a finding of another kind, nor overridden with it. */
const isDangerOf = (lesser: CompiledRule, worse: CompiledRule): boolean =>
  lesser.rule.card.danger === worse.rule.card.danger;

const hasWayOutOf = (lesser: CompiledRule, worse: CompiledRule): boolean =>
  meets(waysOutOf(lesser.rule), waysOutOf(worse.rule)) || isAskedFor(lesser, worse);

/** What a finding is about, and with which values. */
interface About {
  finding: CompiledRule;
  orders: Subject;
  values: Subject;
}

/** A critical value that no order of this moment has a part in. */
const isValueAlone = ({ finding, orders }: About): boolean =>
  finding.rule.speaks === 'always' && orders.size === 0;

/**
 * Whether a finding says of the same orders, or else values, what a worse one does, and asks for the same. A finding about
 * an order never hides among those about the chart, nor the other way round, but for a critical value, which speaks once
 * an answer (clinical decision 34): on the card of the order that has it already and is as grave, whatever that asks for.
 */
function isListedWith(lesser: About, worse: About): boolean {
  if (!isDangerOf(lesser.finding, worse.finding)) return false;
  const hasWayOut = hasWayOutOf(lesser.finding, worse.finding);
  if (lesser.orders.size > 0 && worse.orders.size > 0)
    return hasWayOut && isWithin(lesser.orders, worse.orders);
  if (lesser.orders.size === 0 && worse.orders.size === 0)
    return hasWayOut && meets(lesser.values, worse.values);
  if (!isWithin(lesser.values, worse.values)) return false;
  return isValueAlone(lesser) || (isValueAlone(worse) && hasWayOut);
}

const bySeverity = (a: CompiledRule, b: CompiledRule): number =>
  severityRank[a.rule.card.indicator] - severityRank[b.rule.card.indicator];

/** The worst first: the gravest, then what is there now before what follows from it, then by id. */
export const worstFirst = (a: CompiledRule, b: CompiledRule): number =>
  bySeverity(a, b) || a.immediacy - b.immediacy || (a.rule.id < b.rule.id ? -1 : 1);

/** Findings that are one card, the worst first. */
export type OneDanger = readonly [worst: CompiledRule, ...others: CompiledRule[]];

/** What is about the most orders gathers the others; the worst of them heads the card. */
function worstOf(first: About, others: readonly About[]): OneDanger {
  // Beside an order, a critical value stands on the card of what says it already, and names the drug.
  const immediacy = (about: About): number =>
    first.orders.size > 0 && isValueAlone(about) ? 1 : about.finding.immediacy;
  const sorted = [first, ...others].sort(
    (a, b) => bySeverity(a.finding, b.finding) || immediacy(a) - immediacy(b),
  );
  const [worst = first, ...listed] = sorted;
  return [worst.finding, ...listed.map(({ finding }) => finding)];
}

/** @param findings rules that are shown at this moment */
export function oneDangerEach(findings: readonly CompiledRule[], place: Place): OneDanger[] {
  const groups: { first: About; others: About[] }[] = [];
  const subjects = findings.map(
    (finding): About => ({
      finding,
      orders: ofThisMoment(finding, place),
      values: valuesOf(finding, place),
    }),
  );
  // Of the equally bad, what is about more orders first: what is about one of them is listed there.
  subjects.sort(
    (a, b) =>
      bySeverity(a.finding, b.finding) || b.orders.size - a.orders.size || worstFirst(a.finding, b.finding),
  );
  for (const subject of subjects) {
    const group = groups.find(({ first }) => isListedWith(subject, first));
    if (group) group.others.push(subject);
    else groups.push({ first: subject, others: [] });
  }
  return groups.map(({ first, others }) => worstOf(first, others));
}
