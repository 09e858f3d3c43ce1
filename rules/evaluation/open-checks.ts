/**
 * Checks that could not be made and would have mattered at this moment: undecided critical and warning rules of the
 * hook, of which everything else holds.
 */
import type { EvaluationContext, Evidence, Fact, OpenCheck } from '../facts/fact.ts';
import { factOf } from '../facts/facts.ts';
import { lackingTests } from '../facts/lacks.ts';
import { type Hook, meaningOf } from '../fhir/hooks.ts';
import { type CompiledRule, traceOf } from '../rule/compile.ts';
import type { Rule } from '../rule/document.ts';
import type { FactStore } from '../rule/fact-store.ts';
import { contributingLeaves, decisiveLeaves, type Trace, type TraceLeaf } from '../rule/trace.ts';
import type { LabTest } from '../terminology/labs.ts';
import { concernsOrder, isOfThisMoment } from './this-moment.ts';

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
    return isOpenOfOrder || restsOn(trace, facts, isOfThisMoment(kind, context));
  }
  return !open.some((leaf) => {
    const fact = facts(leaf.question);
    return fact.state !== 'known' && fact.cause === 'category' && !waitsForUnread(leaf, facts, context);
  });
}

/** Whether a leaf that is true or unknown rests on such evidence. */
const restsOn = (trace: Trace, facts: FactStore, isNow: (evidence: Evidence) => boolean): boolean =>
  [...contributingLeaves(trace)].some(({ question }) => facts(question).evidence.some(isNow));

/** One unrecognised medication cannot be every part of a combination: nobody would be helped by that check. */
function isOneUnrecognisedDrugAsMany(trace: Trace, facts: FactStore): boolean {
  const drugs = [...decisiveLeaves(trace, null)].filter(({ fact }) => factOf(fact).uses.drugIdentity);
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
 * failed.
 */
export const checksOfChart = (checks: readonly UndecidedCheck[]): UndecidedCheck[] =>
  checks.filter(({ rule, failed }) => failed && rule.card.indicator === 'critical');

/** As facts of the second stratum know it. */
export const openCheckOf = ({ rule, unrecognised }: UndecidedCheck): OpenCheck => ({
  rule: rule.id,
  unrecognised,
});
