/**
 * All rules over one chart: what each said, which findings are shown at this moment, and which checks of the order
 * could not be made. The outcomes are collected first, stratum by stratum; what is shown is then a fold over them
 * that makes new objects. No rule is named here, and no outcome depends on what is shown.
 */
import type { UnreadRoute } from '../chart/medication-route.ts';
import { withOpenChecks } from '../facts/context.ts';
import type { EvaluationContext, KnownFact, UnknownFact } from '../facts/fact.ts';
import { type FactName, factOf, type Params } from '../facts/facts.ts';
import { testsAtHand } from '../facts/ordered-tests.ts';
import { type Category, categories } from '../fhir/categories.ts';
import { type Hook, meaningOf } from '../fhir/hooks.ts';
import type { Notice } from '../fhir/notice.ts';
import { type StatedRange, statedRange } from '../logic/range.ts';
import { type CompiledRule, evidenceOfRule, missingOf, traceOf } from '../rule/compile.ts';
import { leavesOf } from '../rule/conditions.ts';
import type { Rule } from '../rule/document.ts';
import { createFactStore, type FactStore, strictly } from '../rule/fact-store.ts';
import { type Indicator, severityRank } from '../rule/severity.ts';
import type { MissingFact, Trace } from '../rule/trace.ts';
import { atOnce, type InSteps } from '../steps.ts';
import { askByRoute, isAnsweredByRoute, type RouteQuestion, withoutRouteAsked } from './by-route.ts';
import { evaluateRule, type Outcome } from './evaluate-rule.ts';
import { type Fingerprint, fingerprintOf } from './fingerprint.ts';
import { type OneDanger, oneDangerEach } from './one-danger.ts';
import {
  checkOfUnusable,
  checksOfChart,
  isCheckThatMatters,
  openCheckOf,
  type UndecidedCheck,
  undecidedCheck,
} from './open-checks.ts';
import { type Suppression, suppressionOf } from './override.ts';
import { type Presentation, showAll } from './presentation.ts';
import type { Ruleset } from './ruleset.ts';
import { type ListedByRoute, type SaidByRoute, saidByRoute } from './said-by-route.ts';
import { asksOnlyForOrdered, notSaidByFindings, saidByChecks } from './said-once.ts';
import { concernsOrder, isOfThisMoment, selectedOrders } from './this-moment.ts';
import { worthSaying } from './worth.ts';

/** Why a rule did not fire although its conditions hold, or why its finding is not shown. Its words: cards/wording.ts. */
export type WhyNot =
  | { code: 'exempt' }
  | { code: 'rule-failed' }
  | { code: 'not-in-force'; status: Rule['status'] }
  | { code: 'switched-off' }
  | { code: 'other-hook'; hook: Hook }
  /** What was entered, or the order, does not contribute to it. */
  | { code: 'not-entered' }
  | { code: 'not-ordered' }
  /** Of rules about the data: they speak in notices and on the card of open checks. */
  | { code: 'said-in-notices' }
  | { code: 'nothing-chosen' }
  /** It asks for a result, and the test is ordered and not back. */
  | { code: 'test-ordered' }
  | { code: 'superseded'; by: string }
  /** It is undecided, and is said on the card of an order without a route: it fires if that is given by these. */
  | { code: 'by-route'; order: string; routes: readonly string[]; unread?: UnreadRoute }
  | Suppression
  | { code: 'over-limit'; limit: number; indicator: Indicator };

export interface Evaluation {
  rule: string;
  version: string;
  outcome: Outcome;
  status: Rule['status'];
  shown: boolean;
  /** The rule on whose card it is listed, where that is another one: the worst of one danger. */
  card?: string;
  /** Why it is not shown or did not fire, where that needs saying. */
  why: WhyNot | null;
  missing: readonly MissingFact[];
  /** It fired by the results that were read, and not all were. */
  inPart?: true;
  /** Of a finding that is shown or suppressed: what it rests on, to see later whether it got worse. */
  fingerprint?: Fingerprint;
  /** The cards of orders without a route that list it. */
  byRoute?: readonly ListedByRoute[];
  /** The condition tree with each fact, its value and its truth. */
  trace(): Trace;
}

/** A fact as it was answered. */
export type FactResult = { fact: FactName; params: Params } & (
  | (Omit<KnownFact, 'range'> & { range?: StatedRange })
  | UnknownFact
);

/** Checks of what this moment is about that could not be made. */
export interface OpenChecks {
  /** The rule in whose name they are said. */
  rule: Rule;
  checks: readonly UndecidedCheck[];
  /** References of ordered medications that were not recognised. */
  orders: readonly string[];
  /** What was ordered or entered this moment and not checked at all. */
  unchecked?: readonly Notice[];
  of: 'order' | 'entry' | 'chart';
}

export interface Evaluated {
  evaluations: Evaluation[];
  /** Findings that are shown, a card each: the worst of one danger, and what is listed with it. */
  findings: OneDanger[];
  /** Findings over the limit, the most severe first. */
  overLimit: Rule[];
  openChecks: OpenChecks | null;
  /** Orders whose route is not known and that warn by every route, a card each. */
  byRoute: readonly SaidByRoute[];
  /** Kinds of data that a rule of the hook rests on and that never came. */
  absent: Category[];
  /** The facts, those of the second stratum included. */
  facts: FactStore;
  /** Every fact of the ruleset, and those that the rules came to ask. */
  answers(): FactResult[];
  used(): FactResult[];
}

/** A rule with what it said. */
interface Entry {
  readonly compiled: CompiledRule;
  readonly evaluation: Evaluation;
}

/** What is one card: shown or hidden as a whole. */
type Group = readonly [worst: Entry, ...others: Entry[]];

/** What a decision is made for. */
interface Moment {
  context: EvaluationContext;
  hook: Hook;
  presentation: Presentation;
  off: ReadonlySet<string>;
}

/**
 * Evaluates every rule, those about the data after the others, and decides what is shown and why the rest is not. Where
 * checks wait for a route that is not chosen, what each route leads to.
 */
export const evaluateAll = (...asked: Parameters<typeof evaluateAllInSteps>): Evaluated =>
  atOnce(evaluateAllInSteps(...asked));

/** The same with stops. */
export function* evaluateAllInSteps(
  ruleset: Ruleset,
  context: EvaluationContext,
  hook: Hook,
  presentation: Presentation = showAll,
): InSteps<Evaluated> {
  const moment: Moment = { context, hook, presentation, off: new Set(presentation.rulesOff) };
  // What an order without a route leads to does not depend on what this client is shown of the rest.
  const isAll = presentation.limit === null && presentation.overridden.length === 0;
  const all = isAll ? moment : { ...moment, presentation: { ...presentation, limit: null, overridden: [] } };
  const { evaluated, checks } = yield* evaluateOnce(ruleset, all, []);
  const routes = yield* askByRoute(context, hook, checks, evaluated, function* (other) {
    return (yield* evaluateOnce(ruleset, { ...all, context: other }, [])).evaluated;
  });
  if (isAll && routes.length === 0) return evaluated;
  return (yield* evaluateOnce(ruleset, moment, routes)).evaluated;
}

function* evaluateOnce(
  ruleset: Ruleset,
  moment: Moment,
  routes: readonly RouteQuestion[],
): InSteps<{ evaluated: Evaluated; checks: readonly UndecidedCheck[] }> {
  const { context, hook, presentation } = moment;
  const firstFacts = createFactStore(ruleset.requests, context);
  const first = yield* evaluateStratum(ruleset, 1, firstFacts);
  const checks = yield* openChecksOf(first, ruleset, firstFacts, moment);
  const facts = createFactStore(
    ruleset.requests,
    withOpenChecks(context, checks.map(openCheckOf)),
    firstFacts,
  );
  const outcomes = inOrder(ruleset, [...first, ...(yield* evaluateStratum(ruleset, 2, facts))]);
  const clinical = outcomes.filter(({ compiled }) => !compiled.isAboutData);
  const aboutData = outcomes.filter(({ compiled }) => compiled.isAboutData);
  const here = yield* showHere(clinical, facts, moment);
  const spoken = yieldToNotes(supersede(notOrdered(here, ruleset, facts, moment)), facts);
  yield 'rules';
  const open = checks.filter((check) => !routes.some((question) => isAnsweredByRoute(check, question)));
  const said =
    meaningOf(hook).kind === 'chart'
      ? checksOfChart(open)
      : worthSaying(open, ruleset.requests, strictly(firstFacts), context).flatMap((check) =>
          withoutRouteAsked(check, routes),
        );
  yield 'rules';
  // By what is found, not by what is withheld or over a limit: neither changes anything else.
  const unsaid = notSaidByFindings(said, rulesShown(spoken), facts, context.memo(testsAtHand));
  yield 'rules';
  const card = openChecksCardOf(aboutData, unsaid, moment);
  const left = notSaidOnCard(spoken, card, facts);
  const groups = withinLimit(
    groupsOf(left, facts, moment).map((group) => suppressOverridden(group, facts, moment)),
    presentation,
  );
  yield 'rules';
  const presented = inPlaceOf(left, groups);
  const byRoute = routes
    .filter(({ indicator }) => indicator !== null)
    .map((question) => saidByRoute(question, presentation, context));
  const shown = [
    ...presented.map((entry) => listedByRoute(entry, byRoute)),
    ...showOnCard(aboutData, card, moment),
  ];
  const evaluated: Evaluated = {
    evaluations: inOrder(ruleset, shown).map(({ evaluation }) => evaluation),
    findings: groups
      .filter(([worst]) => worst.evaluation.shown)
      .map(([worst, ...others]) => [worst.compiled, ...others.map(({ compiled }) => compiled)]),
    overLimit: overLimitOf(presented),
    openChecks: card.openChecks,
    byRoute: byRoute.filter((one) => one.shown),
    absent: categories.filter(
      (category) => ruleset.needs[hook].has(category) && context.chart.completeness[category] === 'absent',
    ),
    facts,
    answers: () => ruleset.requests.map((_, index) => resultOf(ruleset, facts, index)),
    used: () => (facts.requested?.() ?? []).map((index) => resultOf(ruleset, facts, index)),
  };
  return { evaluated, checks };
}

// --- Outcomes ----------------------------------------------------------------------------------------------

function* evaluateStratum(ruleset: Ruleset, stratum: 1 | 2, facts: FactStore): InSteps<Entry[]> {
  const entries: Entry[] = [];
  for (const compiled of ruleset.rules) {
    if (compiled.stratum !== stratum) continue;
    entries.push({ compiled, evaluation: evaluationOf(compiled, facts) });
    yield 'rules';
  }
  return entries;
}

/** In the order of the ruleset, which is that of the ids. */
function inOrder(ruleset: Ruleset, entries: readonly Entry[]): Entry[] {
  const byRule = new Map(entries.map((entry) => [entry.compiled, entry]));
  return ruleset.rules.flatMap((compiled) => byRule.get(compiled) ?? []);
}

function evaluationOf(compiled: CompiledRule, facts: FactStore): Evaluation {
  const { id, version, status } = compiled.rule;
  const { outcome, why, inPart } = evaluateRule(compiled, facts);
  const asked = outcome === 'fired' ? facts : strictly(facts);
  return {
    rule: id,
    version,
    outcome,
    status,
    shown: false,
    why,
    ...(inPart ? { inPart } : {}),
    missing: outcome === 'indeterminate' ? missingOf(compiled, asked) : [],
    trace: () => traceOf(compiled, asked),
  };
}

function* openChecksOf(
  entries: readonly Entry[],
  ruleset: Ruleset,
  facts: FactStore,
  moment: Moment,
): InSteps<UndecidedCheck[]> {
  const certain = strictly(facts);
  const checks: UndecidedCheck[] = [];
  for (const entry of entries) {
    const { compiled } = entry;
    if (compiled.isAboutData || moment.off.has(compiled.rule.id)) continue;
    const check = openCheckIn(entry, ruleset, certain, moment);
    if (check) checks.push(check);
    yield 'rules';
  }
  return checks;
}

function openCheckIn(
  { compiled, evaluation: { outcome } }: Entry,
  { requests }: Ruleset,
  certain: FactStore,
  { context, hook }: Moment,
): UndecidedCheck | null {
  if (outcome !== 'indeterminate' && outcome !== 'not-fired') return null;
  const matters = outcome === 'indeterminate' && isCheckThatMatters(compiled, certain, context, hook);
  const check = matters ? undecidedCheck(compiled, certain, context) : null;
  if (check && (check.failed || check.unrecognised)) return check;
  return checkOfUnusable(compiled, requests, certain, context, hook) ?? check;
}

function resultOf(ruleset: Ruleset, facts: FactStore, index: number): FactResult {
  const request = ruleset.requests[index];
  if (!request) throw new Error(`no fact request ${index}`);
  const { fact, params } = request;
  const found = facts(index);
  return found.state === 'known' && found.range
    ? { fact, params, ...found, range: statedRange(found.range) }
    : { fact, params, ...found };
}

// --- What is shown -----------------------------------------------------------------------------------------

const shows = (entry: Entry): Entry => change(entry, { shown: true });
const hides = (entry: Entry, why: WhyNot): Entry => change(entry, { shown: false, why });
const change = ({ compiled, evaluation }: Entry, changes: Partial<Evaluation>): Entry => ({
  compiled,
  evaluation: { ...evaluation, ...changes },
});

/** Findings of rules that are in force and speak at this moment. */
function* showHere(entries: readonly Entry[], facts: FactStore, moment: Moment): InSteps<Entry[]> {
  const all: Entry[] = [];
  for (const entry of entries) {
    if (entry.evaluation.outcome !== 'fired') {
      all.push(entry);
      continue;
    }
    const why = whyHidden(entry.compiled, facts, moment);
    all.push(why === null ? shows(entry) : hides(entry, why));
    yield 'rules';
  }
  return all;
}

/** Why a finding is not shown at this moment; null when it is. */
function whyHidden(compiled: CompiledRule, facts: FactStore, { context, hook, off }: Moment): WhyNot | null {
  const { id, status, speaks } = compiled.rule;
  if (status !== 'active') return { code: 'not-in-force', status };
  if (off.has(id)) return { code: 'switched-off' };
  if (!compiled.hooks.has(hook)) return { code: 'other-hook', hook };
  const { kind } = meaningOf(hook);
  if (kind === 'chart' || (kind === 'order' && speaks === 'always')) return null;
  if (evidenceOfRule(compiled, facts).some(isOfThisMoment(kind, context))) return null;
  if (kind === 'entry') return { code: 'not-entered' };
  return concernsOrder(compiled, context) ? null : { code: 'not-ordered' };
}

/** A finding that only says that a result is lacking is not shown while the test is ordered. */
function notOrdered(
  entries: readonly Entry[],
  { requests }: Ruleset,
  facts: FactStore,
  { context }: Moment,
): Entry[] {
  const { awaited } = context.memo(testsAtHand);
  return entries.map((entry) =>
    entry.evaluation.shown && asksOnlyForOrdered(entry.compiled, requests, facts, awaited)
      ? hides(entry, { code: 'test-ordered' })
      : entry,
  );
}

/** A finding that another shown finding says better is recorded, not shown. */
function supersede(entries: readonly Entry[]): Entry[] {
  const by = new Map<string, string>();
  for (const { compiled, evaluation } of entries) {
    if (!evaluation.shown) continue;
    // The first one that says it better is named.
    for (const other of compiled.rule.supersedes ?? []) by.set(other, by.get(other) ?? compiled.rule.id);
  }
  return entries.map((entry) => {
    const better = by.get(entry.evaluation.rule);
    return entry.evaluation.shown && better !== undefined
      ? hides(entry, { code: 'superseded', by: better })
      : entry;
  });
}

/** What another shown finding notes of what it rests on needs no finding of its own. */
function yieldToNotes(entries: readonly Entry[], facts: FactStore): Entry[] {
  const noting = (note: string) =>
    entries.find(
      ({ compiled, evaluation }) =>
        evaluation.shown &&
        evidenceOfRule(compiled, facts).some(({ notes }) => notes.some(({ code }) => code === note)),
    );
  return entries.map((entry) => {
    const { unlessNoted } = entry.compiled.rule;
    const better = unlessNoted && entry.evaluation.shown ? noting(unlessNoted) : undefined;
    return better ? hides(entry, { code: 'superseded', by: better.evaluation.rule }) : entry;
  });
}

/** Findings that are shown, one danger each. What is listed with a worse one says with which. */
function groupsOf(entries: readonly Entry[], facts: FactStore, { context, hook }: Moment): Group[] {
  const byRule = new Map(entries.map((entry) => [entry.compiled, entry]));
  const entryOf = (compiled: CompiledRule): Entry => {
    const entry = byRule.get(compiled);
    if (!entry) throw new Error(`no entry of ${compiled.rule.id}`);
    return entry;
  };
  const shown = entries.filter(({ evaluation }) => evaluation.shown).map(({ compiled }) => compiled);
  return oneDangerEach(shown, { context, facts, hook }).map(([worst, ...others]) => [
    entryOf(worst),
    ...others.map((other) => change(entryOf(other), { card: worst.rule.id })),
  ]);
}

/** The entries, those of the groups as these have them. */
function inPlaceOf(entries: readonly Entry[], groups: readonly Group[]): Entry[] {
  const grouped = new Map(groups.flat().map((entry) => [entry.compiled, entry]));
  return entries.map((entry) => grouped.get(entry.compiled) ?? entry);
}

/** A finding that is not shown is on nobody's card. */
function withoutCard({ compiled, evaluation: { card: _, ...evaluation } }: Entry): Entry {
  return { compiled, evaluation };
}

const hidesAll = ([worst, ...others]: Group, whyOf: (entry: Entry) => WhyNot | null): Group => {
  const hidden = (entry: Entry): Entry => change(withoutCard(entry), { shown: false, why: whyOf(entry) });
  return [hidden(worst), ...others.map(hidden)];
};

/**
 * What this clinician overrode for a reason that lasts, and that did not get worse since, is not said again. An override
 * counts for exactly the findings that its card listed: the card is withheld whole, or shown whole.
 */
function suppressOverridden(group: Group, facts: FactStore, { context, presentation }: Moment): Group {
  const listed = group.map(({ evaluation }) => evaluation.rule);
  const suppressions = new Map<string, Suppression>();
  const withFingerprint = (entry: Entry): Entry => {
    const fingerprint = fingerprintOf(entry.compiled, facts, context);
    const { rule } = entry.compiled;
    const why = suppressionOf({ rule, fingerprint, listed }, presentation, context.at);
    if (why) suppressions.set(rule.id, why);
    return change(entry, { fingerprint });
  };
  const [worst, ...others] = group;
  const kept: Group = [withFingerprint(worst), ...others.map(withFingerprint)];
  if (suppressions.size < kept.length) return kept;
  return hidesAll(kept, ({ evaluation }) => suppressions.get(evaluation.rule) ?? null);
}

/** Keeps the limit of each indicator, in the order of the rules' ids. */
function withinLimit(groups: readonly Group[], { limit }: Presentation): Group[] {
  if (limit === null) return [...groups];
  const counts = new Map<Indicator, number>();
  const byId = [...groups].sort(([a], [b]) => (a.evaluation.rule < b.evaluation.rule ? -1 : 1));
  return byId.map((group) => {
    const [worst] = group;
    const { indicator } = worst.compiled.rule.card;
    const most = limit[indicator];
    if (!worst.evaluation.shown || most === undefined) return group;
    const rank = counts.get(indicator) ?? 0;
    counts.set(indicator, rank + 1);
    return rank < most ? group : hidesAll(group, () => ({ code: 'over-limit', limit: most, indicator }));
  });
}

const rulesShown = (entries: readonly Entry[]): CompiledRule[] =>
  entries.filter(({ evaluation }) => evaluation.shown).map(({ compiled }) => compiled);

/** A finding that only asks for what the card of open checks asks for. */
function notSaidOnCard(entries: readonly Entry[], { openChecks }: DataCard, facts: FactStore): Entry[] {
  if (!openChecks || openChecks.of === 'chart') return [...entries];
  const said = new Set(saidByChecks(openChecks.checks, rulesShown(entries), facts));
  return entries.map((entry) =>
    said.has(entry.compiled) ? hides(entry, { code: 'superseded', by: openChecks.rule.id }) : entry,
  );
}

/** An undecided rule that a route decides, where the card of the route says so, or said so and was overridden. */
function listedByRoute(entry: Entry, cards: readonly SaidByRoute[]): Entry {
  const byRoute = cards.flatMap(({ listed }) => listed.get(entry.compiled) ?? []);
  const [first] = byRoute.toSorted((a, b) => Number(a.withheld !== null) - Number(b.withheld !== null));
  if (!first) return entry;
  // Another order leads to it already: it is a finding, and stands on both cards.
  if (entry.evaluation.outcome === 'fired') return change(entry, { byRoute });
  const { order, routes, unread, withheld } = first;
  const why = withheld ?? { code: 'by-route', order, routes, ...(unread ? { unread } : {}) };
  return change(entry, { byRoute, why });
}

const overLimitOf = (entries: readonly Entry[]): Rule[] =>
  entries
    .filter(({ evaluation }) => evaluation.why?.code === 'over-limit')
    .map(({ compiled }) => compiled.rule)
    .sort((a, b) => severityRank[a.card.indicator] - severityRank[b.card.indicator]);

// --- Rules about the data ----------------------------------------------------------------------------------

interface DataCard {
  /** Rules that may speak on the card, the first of which heads it. */
  speaking: readonly CompiledRule[];
  /** No drug is chosen yet: nothing to check, and nothing that could not be checked. */
  isBlank: boolean;
  openChecks: OpenChecks | null;
}

const headRank = { 'unchecked-orders': 0, 'open-checks': 1, 'unrecognised-drugs': 2 } as const;

/** The part of the card that a rule heads: by the facts it asks. */
const headedBy = ({ rule }: CompiledRule): keyof typeof headRank | null =>
  [...leavesOf(rule.conditions)]
    .flatMap(({ fact, params }) => factOf(fact).heads(params) ?? [])
    .sort((a, b) => headRank[a] - headRank[b])[0] ?? null;

/**
 * What the one card of open checks says, and in whose name. On a chart, only what came as an order and was not read, and
 * critical checks that wait for data that failed.
 */
function openChecksCardOf(
  aboutData: readonly Entry[],
  undecided: readonly UndecidedCheck[],
  { context, hook, off }: Moment,
): DataCard {
  const { kind } = meaningOf(hook);
  const unresolved = selectedOrders(context).filter(({ resolvedBy }) => resolvedBy === 'unresolved');
  const isBlank =
    hook === 'order-select' && unresolved.length > 0 && unresolved.every(({ unnamed }) => unnamed === true);
  const orders = kind === 'order' ? unresolved.map(({ reference }) => reference) : [];
  const unchecked = context.notices.filter(({ code }) => code === 'order-unchecked');
  const isQuiet = kind === 'chart' || isBlank;
  const checks = isBlank ? [] : undecided;
  const isSaid = {
    'unchecked-orders': unchecked.length > 0,
    'open-checks': checks.length > 0,
    'unrecognised-drugs': !isQuiet && (orders.length > 0 || checks.some(({ unrecognised }) => unrecognised)),
  };
  const speaking = aboutData
    .filter(({ compiled: { rule }, evaluation: { outcome } }) => {
      return outcome === 'fired' && rule.status === 'active' && !off.has(rule.id);
    })
    .flatMap(({ compiled }) => {
      const head = headedBy(compiled);
      return head !== null && isSaid[head] ? [{ compiled, head }] : [];
    })
    .sort((a, b) => headRank[a.head] - headRank[b.head]);
  const [heading] = speaking;
  const isHeadedBy = (head: keyof typeof headRank): boolean => speaking.some((one) => one.head === head);
  return {
    speaking: speaking.map(({ compiled }) => compiled),
    isBlank,
    openChecks: heading
      ? {
          rule: heading.compiled.rule,
          checks,
          orders: isQuiet ? [] : orders,
          unchecked: isHeadedBy('unchecked-orders') ? unchecked : [],
          of: kind,
        }
      : null,
  };
}

/** Rules about the data are shown where they speak on the card; otherwise they are said in notices. */
const showOnCard = (aboutData: readonly Entry[], { speaking, isBlank }: DataCard, { off }: Moment): Entry[] =>
  aboutData.map((entry) => {
    if (entry.evaluation.outcome !== 'fired') return entry;
    if (speaking.includes(entry.compiled)) return shows(entry);
    if (off.has(entry.evaluation.rule)) return hides(entry, { code: 'switched-off' });
    return hides(entry, { code: isBlank ? 'nothing-chosen' : 'said-in-notices' });
  });
