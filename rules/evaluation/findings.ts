/**
 * All rules over one chart: what each said, which findings are shown at this moment, and which checks of the
 * order could not be made. `outcome` is about the facts; `shown` is about this moment.
 */
import { needOf, severityRank, type UndecidedCheck, type UndecidedChecks } from '../cards/finding-card.ts';
import {
  categoryWord,
  type EvaluationContext,
  type Evidence,
  type KnownFact,
  type StatedRange,
  statedRange,
  type UnknownFact,
} from '../facts/fact.ts';
import { categories } from '../fhir/categories.ts';
import { type Hook, meaningOf } from '../fhir/hooks.ts';
import { type Notice, notice } from '../fhir/notice.ts';
import {
  type CompiledRule,
  decisiveLeaves,
  evaluateRule,
  evidenceOfRule,
  type FactStore,
  missingOf,
  type Outcome,
  type Trace,
  traceOf,
} from '../rule/compile.ts';
import type { FactName, Rule } from '../rule/document.ts';
import { type Fingerprint, fingerprintOf, suppressionOf } from './override.ts';
import { type Presentation, showAll } from './presentation.ts';
import type { Ruleset } from './ruleset.ts';

export interface Evaluation {
  rule: string;
  version: string;
  outcome: Outcome;
  status: Rule['status'];
  shown: boolean;
  /** Why it is not shown or did not fire, where that needs saying. */
  why: string | null;
  missing: string[];
  /** Of a finding that is shown or withheld: what it rests on, to see later whether it got worse. */
  fingerprint?: Fingerprint;
  /** The condition tree with each fact, its value and its truth. */
  trace(): Trace;
}

/** A fact as it was answered. */
export type FactResult = { fact: FactName; params: Record<string, unknown> } & (
  | (Omit<KnownFact, 'range'> & { range?: StatedRange })
  | UnknownFact
);

export interface Evaluated {
  evaluations: Evaluation[];
  /** Rules whose finding is shown, each as a card. */
  findings: CompiledRule[];
  /** Findings over the limit, the most severe first. */
  heldBack: Rule[];
  unmade: UndecidedChecks | null;
  notices: Notice[];
  /** Every question of the ruleset, and those that the rules came to ask. */
  answers(): FactResult[];
  used(): FactResult[];
}

const notOnThisHook =
  'said in notices and in `missing`; a card is shown on order hooks when a check of the order could not be made';

/** Rules about the data itself: they speak in notices, and in one card for the checks that could not be made. */
const dataQuality: ReadonlySet<string> = new Set(['DQ-001', 'DQ-002', 'DQ-003', 'DQ-004']);
const isDataQuality = ({ rule }: CompiledRule): boolean => dataQuality.has(rule.id);

interface Entry {
  compiled: CompiledRule;
  evaluation: Evaluation;
}

export function evaluateAll(
  ruleset: Ruleset,
  facts: FactStore,
  context: EvaluationContext,
  hook: Hook,
  presentation: Presentation = showAll,
): Evaluated {
  const off = new Set(presentation.rulesOff);
  const clinical: Entry[] = [];
  const checks: UndecidedCheck[] = [];
  for (const compiled of ruleset.rules) {
    if (isDataQuality(compiled)) continue;
    const evaluation = evaluateOne(compiled, facts, context, hook, off);
    clinical.push({ compiled, evaluation });
    if (off.has(compiled.rule.id)) continue;
    if (evaluation.outcome === 'indeterminate' && isCheckThatMatters(compiled, facts, context, hook)) {
      checks.push(unmadeCheck(compiled, facts));
    }
  }
  supersede(clinical);
  withholdOverridden(clinical, facts, context, presentation);
  const heldBack = holdBack(clinical, presentation);
  const findings = clinical.filter(({ evaluation }) => evaluation.shown).map(({ compiled }) => compiled);

  context.checksNotMade = checks.map((check) => check.rule.id);
  const unresolved = context.chart.medications.filter(
    ({ role, selected, resolvedBy }) => role === 'ordered' && selected && resolvedBy === 'unresolved',
  );
  const { kind } = meaningOf(hook);
  // A form in which no drug is chosen yet: nothing to check, and nothing that could not be checked.
  const isBlank =
    hook === 'order-select' && unresolved.length > 0 && unresolved.every(({ unnamed }) => unnamed === true);
  const orders = kind === 'order' ? unresolved.map(({ reference }) => reference) : [];
  const quality = ruleset.rules.filter(isDataQuality).map((compiled) => {
    const evaluation = evaluateOne(compiled, facts, context, hook, off);
    const isOff = off.has(compiled.rule.id);
    const speaks =
      compiled.rule.id === 'DQ-004'
        ? checks.length > 0
        : compiled.rule.id === 'DQ-003' &&
          (orders.length > 0 || checks.some(({ unrecognised }) => unrecognised));
    const says = kind !== 'chart' && speaks && !isOff && !isBlank;
    evaluation.shown = evaluation.outcome === 'fired' && evaluation.status === 'active' && says;
    if (evaluation.outcome === 'fired') {
      evaluation.why = evaluation.shown
        ? null
        : isOff
          ? switchedOff
          : isBlank
            ? nothingChosen
            : notOnThisHook;
    }
    return { compiled, evaluation };
  });
  const speaking = quality.filter(({ evaluation }) => evaluation.shown).at(-1);
  // Both lists are in the order of the ruleset, which is that of the ids.
  const byRule = new Map([...clinical, ...quality].map(({ compiled, evaluation }) => [compiled, evaluation]));
  return {
    evaluations: ruleset.rules.flatMap((compiled) => byRule.get(compiled) ?? []),
    findings,
    heldBack,
    unmade: speaking
      ? { rule: speaking.compiled.rule, checks, orders, of: kind === 'entry' ? 'entry' : 'order' }
      : null,
    notices: categoryNotices(ruleset, context, hook),
    answers: () => ruleset.questions.map((_, index) => resultOf(ruleset, facts, index)),
    used: () => (facts.requested?.() ?? []).map((index) => resultOf(ruleset, facts, index)),
  };
}

function resultOf(ruleset: Ruleset, facts: FactStore, index: number): FactResult {
  const question = ruleset.questions[index];
  if (!question) throw new Error(`no question ${index}`);
  const { fact, params } = question;
  const answer = facts(index);
  return answer.state === 'known' && answer.range
    ? { fact, params, ...answer, range: statedRange(answer.range) }
    : { fact, params, ...answer };
}

const switchedOff = 'switched off for this client';
const nothingChosen = 'no drug is chosen yet';

function evaluateOne(
  compiled: CompiledRule,
  facts: FactStore,
  context: EvaluationContext,
  hook: Hook,
  off: ReadonlySet<string>,
): Evaluation {
  const { rule } = compiled;
  const { outcome, why } = evaluateRule(compiled, facts);
  const hidden = outcome === 'fired' ? whyHidden(compiled, facts, context, hook, off) : null;
  return {
    rule: rule.id,
    version: rule.version,
    outcome,
    status: rule.status,
    shown: outcome === 'fired' && hidden === null,
    why: hidden ?? why,
    missing: outcome === 'indeterminate' ? missingOf(compiled, facts) : [],
    trace: () => traceOf(compiled, facts),
  };
}

/** Why a finding is not shown at this moment; null when it is. */
function whyHidden(
  compiled: CompiledRule,
  facts: FactStore,
  context: EvaluationContext,
  hook: Hook,
  off: ReadonlySet<string>,
): string | null {
  const { rule } = compiled;
  if (rule.status !== 'active') return `its status is ${rule.status}: evaluated and recorded, never shown`;
  if (off.has(rule.id)) return switchedOff;
  if (!compiled.hooks.has(hook)) return `it is no rule of ${hook}`;
  const { kind } = meaningOf(hook);
  if (kind === 'chart') return null;
  if (evidenceOfRule(compiled, facts).some(ofThisMoment(kind, context))) return null;
  if (kind === 'entry') return 'what was entered does not contribute to it';
  const { relevant } = compiled;
  if (relevant) {
    const concerns = context.chart.medications.some(
      ({ role, selected, ingredients }) =>
        role === 'ordered' && selected && ingredients.some(({ name }) => relevant.has(name)),
    );
    if (concerns) return null;
  }
  return 'the order does not contribute to it';
}

/** Whether a piece of evidence is what the clinician is working on: a selected order, or what was just entered. */
function ofThisMoment(
  kind: 'order' | 'entry',
  { chart }: EvaluationContext,
): (evidence: Evidence) => boolean {
  if (kind === 'order') return ({ order }) => order === 'selected';
  const entered = new Set(
    [...chart.conditions, ...chart.allergies]
      .filter((item) => item.entered)
      .map(({ reference }) => reference),
  );
  return ({ reference }) => entered.has(reference);
}

/** A finding that another shown finding says better is recorded, not shown. */
function supersede(clinical: readonly Entry[]): void {
  const shown = new Map(
    clinical.filter(({ evaluation }) => evaluation.shown).map((entry) => [entry.compiled.rule.id, entry]),
  );
  for (const { compiled } of [...shown.values()]) {
    for (const other of compiled.rule.supersedes ?? []) {
      const entry = shown.get(other);
      if (entry?.evaluation.shown) {
        entry.evaluation.shown = false;
        entry.evaluation.why = `superseded by ${compiled.rule.id}`;
      }
    }
  }
}

/** What this clinician overrode for a reason that lasts, and that did not get worse since, is not said again. */
function withholdOverridden(
  clinical: readonly Entry[],
  facts: FactStore,
  { chart, at }: EvaluationContext,
  presentation: Presentation,
): void {
  for (const { compiled, evaluation } of clinical) {
    if (!evaluation.shown) continue;
    const fingerprint = fingerprintOf(compiled, facts, chart);
    evaluation.fingerprint = fingerprint;
    evaluation.why = suppressionOf(compiled.rule, fingerprint, presentation, at);
    evaluation.shown = evaluation.why === null;
  }
}

/** Keeps the limit of each indicator, in the order of the rules' ids; what is over it is returned. */
function holdBack(clinical: readonly Entry[], { limit }: Presentation): Rule[] {
  if (limit === null) return [];
  const shown = { critical: 0, warning: 0, info: 0 };
  const heldBack: Rule[] = [];
  for (const { compiled, evaluation } of clinical) {
    if (!evaluation.shown) continue;
    const { indicator } = compiled.rule.card;
    const most = limit[indicator];
    if (most === undefined || shown[indicator] < most) {
      shown[indicator] += 1;
      continue;
    }
    evaluation.shown = false;
    const plural =
      indicator === 'info' ? 'info cards' : indicator === 'warning' ? 'warnings' : 'critical cards';
    evaluation.why = `held back: over the limit of ${most} ${plural}`;
    heldBack.push(compiled.rule);
  }
  return heldBack.sort((a, b) => severityRank[a.card.indicator] - severityRank[b.card.indicator]);
}

/**
 * Whether an undecided rule is a check that matters here: critical or warning, of this hook, and everything
 * else in it holds. On order hooks the order must be part of it; elsewhere a kind of data that never came is a
 * notice, once, and not a check each.
 */
function isCheckThatMatters(
  compiled: CompiledRule,
  facts: FactStore,
  context: EvaluationContext,
  hook: Hook,
): boolean {
  const { rule } = compiled;
  if (rule.status !== 'active' || rule.card.indicator === 'info' || !compiled.hooks.has(hook)) return false;
  const trace = traceOf(compiled, facts);
  if (isOneUnrecognisedDrugAsMany(trace, facts)) return false;
  const { kind } = meaningOf(hook);
  if (kind !== 'chart') return !leavesResting(trace, facts, ofThisMoment(kind, context)).next().done;
  return ![...decisiveLeaves(trace, null)].some(({ question }) => {
    const fact = facts(question);
    return fact.state !== 'known' && fact.cause === 'category';
  });
}

/** One unrecognised medication cannot be every part of a combination: nobody would be helped by that check. */
function isOneUnrecognisedDrugAsMany(trace: Trace, facts: FactStore): boolean {
  const drugs = [...decisiveLeaves(trace, null)].filter(
    ({ fact }) => fact === 'drug' || fact === 'drugCount',
  );
  const references = new Set(
    drugs.flatMap(({ question }) => facts(question).evidence.map((one) => one.reference)),
  );
  return drugs.length > 1 && references.size === 1;
}

/** What it waits for, in words. */
function unmadeCheck(compiled: CompiledRule, facts: FactStore): UndecidedCheck {
  const unknown = [...decisiveLeaves(traceOf(compiled, facts), null)];
  const unrecognised = unknown.some(({ fact, question }) => {
    const answer = facts(question);
    return fact === 'drug' && answer.state !== 'known' && answer.cause === 'unresolved';
  });
  // The kind of encounter only sharpens a window; it is worth naming when nothing else is missing.
  const substantial = unknown.filter(({ fact }) => fact !== 'encounter');
  const needs = (substantial.length > 0 ? substantial : unknown).map((leaf) =>
    needOf(leaf, facts(leaf.question)),
  );
  return {
    rule: compiled.rule,
    needs: [...new Set(needs)],
    unrecognised,
  };
}

/** Leaves, true or unknown, that rest on what `isNow` says is of this moment. */
function* leavesResting(
  trace: Trace,
  facts: FactStore,
  isNow: (evidence: Evidence) => boolean,
): Generator<Trace> {
  if (trace.truth === false) return;
  if ('all' in trace) for (const part of trace.all) yield* leavesResting(part, facts, isNow);
  else if ('any' in trace) for (const part of trace.any) yield* leavesResting(part, facts, isNow);
  else if ('not' in trace) yield* leavesResting(trace.not, facts, isNow);
  else if (facts(trace.question).evidence.some(isNow)) yield trace;
}

/** A kind of data that never came is said once, if a rule of the hook rests on it. */
function categoryNotices(ruleset: Ruleset, { chart }: EvaluationContext, hook: Hook): Notice[] {
  return categories.flatMap((category) =>
    ruleset.needs[hook].has(category) && chart.completeness[category] === 'absent'
      ? [
          notice(
            'category-missing',
            null,
            `no ${categoryWord(category)} came: what needs it is indeterminate, not clear`,
          ),
        ]
      : [],
  );
}
