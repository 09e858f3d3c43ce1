/**
 * Checks that could not be made and would have mattered at this moment: undecided critical and warning rules of the
 * hook, of which everything else holds.
 */

import { isInjuryFeared } from '../facts/assumed.ts';
import {
  type ComputedFrom,
  type EvaluationContext,
  type Evidence,
  type Fact,
  missing,
  type OpenCheck,
} from '../facts/fact.ts';
import { factOf } from '../facts/facts.ts';
import { isByCode } from '../facts/kidney-needs.ts';
import { isForGood, lackingTests } from '../facts/lacks.ts';
import { newestUnusable, unusableOf, unusableReason } from '../facts/results.ts';
import { type Hook, meaningOf } from '../fhir/hooks.ts';
import { type CompiledRule, traceOf } from '../rule/compile.ts';
import type { Rule } from '../rule/document.ts';
import type { FactRequest, FactStore } from '../rule/fact-store.ts';
import { contributingLeaves, decisiveLeaves, type Trace, type TraceLeaf } from '../rule/trace.ts';
import type { LabTest } from '../terminology/labs.ts';
import { concernsOrder, isOfThisMoment } from './this-moment.ts';
import worth from './worth.json' with { type: 'json' };

/** A condition that leaves a check open. */
export interface Wait {
  leaf: TraceLeaf;
  fact: Fact;
  /** Tests whose result it lacks. */
  tests: readonly LabTest[];
}

export interface UndecidedCheck {
  rule: Rule;
  compiled: CompiledRule;
  /** The conditions that leave it open. */
  waits: readonly Wait[];
  /** It waits on what an unrecognised medication may be. */
  unrecognised: boolean;
  /** It waits for a kind of data that was asked for and not read. */
  failed: boolean;
  /** It waits for a result that came last and could not be used. */
  unusable?: true;
}

/** Whether a condition waits for a kind of data that was asked for and not read. */
function waitsForCategory({ question }: TraceLeaf, facts: FactStore, { chart }: EvaluationContext): boolean {
  const fact = facts(question);
  return fact.state !== 'known' && chart.unread?.some(({ category }) => category === fact.category) === true;
}

/** The same, or for the Patient; what else nobody sends is a fact about the interface. */
function waitsForUnread(leaf: TraceLeaf, facts: FactStore, context: EvaluationContext): boolean {
  const fact = facts(leaf.question);
  const { sex, birthDate } = factOf(leaf.fact).uses;
  const isOfPerson =
    context.chart.patientAbsent === true &&
    fact.state !== 'known' &&
    fact.cause === 'absent' &&
    (sex || birthDate);
  return isOfPerson || waitsForCategory(leaf, facts, context);
}

/**
 * Whether an undecided rule is a check that matters here. On order hooks the order must be part of it, or the rule speak
 * always and its data have failed: a Patient that nobody sends is then a notice, whatever is ordered. Elsewhere a kind
 * of data that never came is a notice, once, and not a check each, unless it was asked for and failed.
 */
export function isCheckThatMatters(
  compiled: CompiledRule,
  facts: FactStore,
  context: EvaluationContext,
  hook: Hook,
): boolean {
  const { status, card } = compiled.rule;
  if (status !== 'active' || card.indicator === 'info' || !compiled.hooks.has(hook)) return false;
  const trace = traceOf(compiled, facts);
  if (isOneUnrecognisedDrugAsMany(trace, facts)) return false;
  const { kind } = meaningOf(hook);
  const open = [...decisiveLeaves(trace, null)];
  if (kind !== 'chart') {
    const speaksAlways = kind === 'order' && compiled.rule.speaks === 'always';
    const isOpenOfOrder =
      (concernsOrder(compiled, context) && open.some((leaf) => waitsForUnread(leaf, facts, context))) ||
      (speaksAlways && open.some((leaf) => waitsForCategory(leaf, facts, context)));
    const isOfStage = kind === 'order' && waitsForStage(compiled, open, facts, context);
    return isOpenOfOrder || isOfStage || restsOn(trace, facts, isOfThisMoment(kind, context));
  }
  return !open.some((leaf) => {
    const fact = facts(leaf.question);
    return fact.state !== 'known' && fact.cause === 'category' && !waitsForUnread(leaf, facts, context);
  });
}

/** mL/min/1.73 m2. */
const { egfrOfOneCreatinineAtLeast: fearedBelow, egfrOfOneOutsideAtLeast: fearedOutsideBelow } =
  worth.assumed;

/**
 * Whether a critical check of an order waits for the stage of a kidney injury: an injury is feared where one creatinine, or
 * an eGFR without a creatinine, is all that came, and in hospital where nothing came and a creatinine is on its way.
 */
const waitsForStage = (
  compiled: CompiledRule,
  open: readonly TraceLeaf[],
  facts: FactStore,
  context: EvaluationContext,
): boolean =>
  compiled.rule.card.indicator === 'critical' &&
  concernsOrder(compiled, context) &&
  open.some(({ fact, question }) =>
    isInjuryFeared(fact, facts(question), context, fearedBelow, fearedOutsideBelow),
  );

/** Whether a leaf that is true or unknown rests on such evidence. */
const restsOn = (trace: Trace, facts: FactStore, isNow: (evidence: Evidence) => boolean): boolean =>
  [...contributingLeaves(trace)].some(({ question }) => facts(question).evidence.some(isNow));

/** Its drug is known: rules that ask for one drug by several routes wait for the route of one order. */
const waitsForRouteAlone = (fact: Fact): boolean =>
  fact.state !== 'known' &&
  fact.reasons.length > 0 &&
  fact.reasons.every(({ code }) => code === 'route-unknown');

/** One unrecognised medication cannot be every part of a combination: nobody would be helped by that check. */
function isOneUnrecognisedDrugAsMany(trace: Trace, facts: FactStore): boolean {
  const drugs = [...decisiveLeaves(trace, null)].filter(
    ({ fact, question }) => factOf(fact).uses.drugIdentity && !waitsForRouteAlone(facts(question)),
  );
  const references = new Set(
    drugs.flatMap(({ question }) => facts(question).evidence.map((one) => one.reference)),
  );
  return drugs.length > 1 && references.size === 1;
}

/** What an undecided tree waits for: what only sharpens something else is worth naming when nothing else is missing. */
export function waitsOf(trace: Trace, facts: FactStore): Wait[] {
  const leaves = [...decisiveLeaves(trace, null)];
  const substantial = leaves.filter(({ fact }) => factOf(fact).part !== 'refinement');
  return (substantial.length > 0 ? substantial : leaves).map((leaf) => {
    const fact = facts(leaf.question);
    return { leaf, fact, tests: lackingTests(leaf.fact, leaf.params, fact) };
  });
}

export function undecidedCheck(
  compiled: CompiledRule,
  facts: FactStore,
  context: EvaluationContext,
): UndecidedCheck {
  const trace = traceOf(compiled, facts);
  const leaves = [...decisiveLeaves(trace, null)];
  const unrecognised = leaves.some(({ fact, question }) => {
    const found = facts(question);
    return factOf(fact).uses.drugIdentity && found.state !== 'known' && found.cause === 'unresolved';
  });
  const failed = leaves.some((leaf) => waitsForUnread(leaf, facts, context));
  return { rule: compiled.rule, compiled, waits: waitsOf(trace, facts), unrecognised, failed };
}

/**
 * When a chart is opened, nobody waits for a check of an order: what is said is that a critical one waits for data that
 * failed, or for a result that could not be used.
 */
export const checksOfChart = (checks: readonly UndecidedCheck[]): UndecidedCheck[] =>
  checks.filter(
    ({ rule, failed, unusable }) => (failed || unusable === true) && rule.card.indicator === 'critical',
  );

const isContradicted = (fact: Fact): boolean =>
  fact.state === 'known' &&
  fact.range !== undefined &&
  fact.evidence.some(({ notes }) => notes.some(({ code }) => code === 'differs-from'));

/** Where the newest result of what a condition asks could not be used: not known, whatever older ones say. */
function answerOfNewest(request: FactRequest, fact: Fact, context: EvaluationContext): Fact | null {
  if (factOf(request.fact).isPlainResult && isContradicted(fact)) return fact;
  for (const { test, or, window = request.window } of resultsOf(request, fact, context)) {
    const newest = newestUnusable(context, test, window, or);
    if (!newest) continue;
    const evidence = unusableOf(context, test, window);
    return missing('unresolved', [unusableReason(evidence, newest)], evidence);
  }
  return null;
}

/** The results of which the newest decides an answer; none where codes do, or where it has no meaning. */
function resultsOf(
  { fact: name, params }: FactRequest,
  fact: Fact,
  context: EvaluationContext,
): readonly ComputedFrom[] {
  const { isPlainResult, tests, computedFrom } = factOf(name);
  if (!isPlainResult) return isForGood(fact) || isByCode(fact) ? [] : computedFrom(params);
  const [test, total] = tests(params);
  // What is computed from another result has none of its own.
  return [test, test && context.labsOf(test).length === 0 ? total : undefined].flatMap((one) =>
    one === undefined ? [] : { test: one },
  );
}

/** An answer that satisfies no comparison. */
const notSaid: Fact = { state: 'known', value: Number.NaN, evidence: [] };

/** Whether the stage of a kidney injury is all that a rule asks: when a chart is opened, it is as a critical value is. */
const asksStageAlone = ({ requests }: CompiledRule, asked: readonly FactRequest[]): boolean =>
  [...requests].every((index) => asked[index]?.fact === 'akiStage');

/**
 * A critical rule that waits for nothing but a result which came last and could not be used, even where an older one
 * decides it; null for any other.
 */
export function checkOfUnusable(
  compiled: CompiledRule,
  asked: readonly FactRequest[],
  facts: FactStore,
  context: EvaluationContext,
  hook: Hook,
): UndecidedCheck | null {
  const { rule, conditions, unless } = compiled;
  if (rule.status !== 'active' || rule.card.indicator !== 'critical' || !compiled.hooks.has(hook))
    return null;
  const { kind } = meaningOf(hook);
  const isAlways = rule.speaks === 'always' && kind !== 'entry';
  const isOfStage = kind === 'chart' && asksStageAlone(compiled, asked);
  if (kind === 'chart' && !isAlways && !isOfStage) return null;
  if (!context.chart.labs.some((lab) => lab.unusable !== undefined || lab.rival !== undefined)) return null;
  const unusable = new Map<number, Fact>();
  for (const index of compiled.requests) {
    const request = asked[index];
    const answer = request && answerOfNewest(request, facts(index), context);
    if (answer) unusable.set(index, answer);
  }
  if (unusable.size === 0) return null;
  const byNewest: FactStore = (index) => unusable.get(index) ?? facts(index);
  if (conditions.test(byNewest) !== null || unless?.test(byNewest) === true) return null;
  const other = new Set(
    [...decisiveLeaves(conditions.trace(byNewest), null)].flatMap(({ question }) =>
      unusable.has(question) ? [] : [question],
    ),
  );
  const alone: FactStore = (index) => (other.has(index) ? notSaid : byNewest(index));
  const trace = conditions.trace(alone);
  if (trace.truth !== null) return null;
  const isOfOrder = isAlways || isOfStage || concernsOrder(compiled, context);
  if (!isOfOrder && (kind === 'chart' || !restsOn(trace, alone, isOfThisMoment(kind, context)))) return null;
  // It came: to order it again is not what is asked for.
  const waits = waitsOf(trace, alone).map((wait) => ({ ...wait, tests: [] }));
  return { rule, compiled, waits, unrecognised: false, failed: false, unusable: true };
}

/** As facts of the second stratum know it. */
export const openCheckOf = ({ rule, unrecognised }: UndecidedCheck): OpenCheck => ({
  rule: rule.id,
  unrecognised,
});
