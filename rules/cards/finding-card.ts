/**
 * Findings -> CDS Hooks cards (https://cds-hooks.hl7.org/2.0/#card-attributes): few, true, actionable. The
 * summary has at most 139 characters; the detail shows the patient's own values with dates and units, the
 * threshold, what could not be checked, and the source. A card's id is derived from the decision, so a retry
 * gives the same card.
 */
import type { Chart } from '../chart/types.ts';
import { derivedUuid } from '../digest/digest.ts';
import type { Evidence, Fact, KnownFact } from '../facts/fact.ts';
import type { Category } from '../fhir/categories.ts';
import { type Hook, meaningOf } from '../fhir/hooks.ts';
import {
  type CompiledRule,
  decisiveLeaves,
  type FactStore,
  traceOf,
  uncheckedExemptions,
} from '../rule/compile.ts';
import type { FactName, FactValueReference, Rule, RuleSuggestion } from '../rule/document.ts';
import { overrideReasonSystem, overrideReasons, reasonsOf } from '../rule/override-reasons.ts';
import { conditionGroups } from '../terminology/conditions.ts';
import { type LabTest, labTests } from '../terminology/labs.ts';
import { roundTo as rounded } from '../terminology/units.ts';
import { escapeMarkdown } from './markdown.ts';
import { asProfileWants, fitting, maxSummary, type Profile } from './profiles.ts';

export type Indicator = 'info' | 'warning' | 'critical';

export interface Coding {
  system: string;
  code: string;
  display?: string;
}

export interface Action {
  type: 'create' | 'update' | 'delete';
  description: string;
  resource?: Record<string, unknown>;
  resourceId?: string;
}

export interface Suggestion {
  label: string;
  uuid: string;
  isRecommended?: boolean;
  actions: Action[];
}

export interface Card {
  uuid: string;
  summary: string;
  indicator: Indicator;
  detail: string;
  source: { label: string; url?: string; topic: Coding };
  suggestions?: Suggestion[];
  selectionBehavior?: 'at-most-one' | 'any';
  overrideReasons?: (Coding & { display: string })[];
}

export const ruleSystem = 'urn:epsom:rule';
/** Topics of cards that are about the answer itself. */
export const answerSystem = 'urn:epsom:answer';

export const severityRank: Readonly<Record<Indicator, number>> = { critical: 0, warning: 1, info: 2 };

const readableUnit = (unit: string): string =>
  unit
    .replace('{1.73_m2}', '1.73 m²')
    .replace(/\/a$/, ' a year')
    .replace(/^wk$/, 'weeks')
    .replace(/\bmeq\//, 'mEq/');
/** To the minute; a date stays as it is. */
const readableTime = (time: string): string => time.slice(0, 16).replace('T', ' ');

const comparison: Readonly<Record<string, string>> = {
  lessThan: 'below',
  lessThanInclusive: 'at most',
  greaterThan: 'above',
  greaterThanInclusive: 'at least',
  equal: 'equal to',
};

export type TraceLeaf = ReturnType<typeof decisiveLeaves> extends Generator<infer L> ? L : never;

const thresholdOf = (leaf: TraceLeaf, fact: KnownFact): number | null =>
  typeof leaf.value === 'number' ? leaf.value : (fact.lowerLimit ?? null);

/** Rounded for reading, but never across a threshold: 0.9965 between 0.5 and 1 is not shown as 1. */
export function roundedBeside(value: number, decimals: number, thresholds: readonly number[]): string {
  for (let digits = decimals; digits < 6; digits += 1) {
    const text = rounded(value, digits);
    if (thresholds.every((limit) => Math.sign(Number(text) - limit) === Math.sign(value - limit))) {
      return text;
    }
  }
  return String(value);
}

/** Of a sum that is open upwards. */
const atLeast = ({ range }: KnownFact): string => (range ? 'at least ' : '');

/** `Mg 0.9 mg/dL`, `eGFR 12`: a number as a clinician says it; `leaves` are all the conditions on it. */
function spokenValue(leaves: Alike, fact: Fact): string | null {
  const [leaf] = leaves;
  if (fact.state !== 'known') return null;
  const unit = fact.unit ? ` ${readableUnit(fact.unit)}` : '';
  const value = (decimals: number): string =>
    roundedBeside(
      Number(fact.value),
      decimals,
      leaves.flatMap((each) => thresholdOf(each, fact) ?? []),
    );
  switch (leaf.fact) {
    case 'lab': {
      const info = labTests[leaf.params.test as LabTest];
      const sign = fact.range ? (Number.isFinite(fact.range.high) ? '< ' : '> ') : '';
      return `${info.short} ${sign}${value(info.decimals)}${unit}`;
    }
    case 'egfr':
      return `eGFR ${value(1)}`;
    case 'egfrHighest':
      return `no eGFR above ${value(1)} in ${spokenDuration(leaf.params.over)} or more`;
    case 'egfrFall':
      return leaf.params.as === 'percent'
        ? `eGFR fell ${value(0)} %`
        : leaf.params.as === 'categories'
          ? `${fact.value} GFR ${fact.value === 1 ? 'category' : 'categories'} lower`
          : `eGFR falls ${value(1)} a year`;
    case 'creatinineClearance':
      return `CrCl ${value(1)} mL/min`;
    case 'akiStage':
      return `AKI stage ${fact.value}`;
    case 'infusionRate':
      return `${value(2)} g/h`;
    case 'dailyDose':
      return `${atLeast(fact)}${value(2)}${unit}/day`;
    case 'dose':
      return `${value(2)}${unit} a dose`;
    case 'doseFrequency':
      return `${atLeast(fact)}${value(2)} ${fact.value === 1 ? 'dose' : 'doses'} a day`;
    case 'cumulativeDose':
      return `${atLeast(fact)}${value(1)}${unit} in ${spokenDuration(leaf.params.within)}`;
    case 'gestation':
      return `${fact.range ? `${fact.value} to ${fact.range.high}` : fact.value} weeks of gestation`;
    default:
      return null;
  }
}

interface CardInput {
  compiled: CompiledRule;
  facts: FactStore;
  chart: Chart;
  hook: Hook;
  profile: Profile;
  decisionId: string;
}

const leavesOf = ({ compiled, facts }: CardInput): TraceLeaf[] => [
  ...decisiveLeaves(traceOf(compiled, facts), true),
];

const drugFacts: ReadonlySet<FactName> = new Set([
  'drug',
  'drugCount',
  'dailyDose',
  'dose',
  'doseFrequency',
  'cumulativeDose',
  'allergyToOrder',
  'duplicateOrder',
]);

/** Both ends of a band are two conditions on one value. */
const byQuestion = (leaves: readonly TraceLeaf[]): Alike[] => [
  // A group has at least one.
  ...(Map.groupBy(leaves, ({ question }) => question) as Map<number, [TraceLeaf, ...TraceLeaf[]]>).values(),
];
/** All the conditions on one fact. */
type Alike = readonly [TraceLeaf, ...TraceLeaf[]];
/** Facts about how much: what is missing of them is the dose, not what the medication may be. */
const amountFacts: ReadonlySet<FactName> = new Set(['dailyDose', 'dose', 'doseFrequency', 'cumulativeDose']);

/** Replaces `{values}` and `{drug}` of a summary with what is true of this patient. */
function summaryOf(finding: CardInput, leaves: readonly TraceLeaf[]): string {
  const { compiled, facts } = finding;
  const values = new Set<string>();
  const drugs = new Set<string>();
  for (const same of byQuestion(leaves)) {
    const [leaf] = same;
    const fact = facts(leaf.question);
    const spoken = spokenValue(same, fact);
    // How many categories were lost follows from the values; the detail says it.
    if (spoken && leaf.params.as !== 'categories') values.add(spoken);
    for (const { name } of fact.evidence) {
      if (name && leaf.fact === 'condition') values.add(name);
      if (name && drugFacts.has(leaf.fact)) drugs.add(name);
    }
  }
  const summary = compiled.rule.card.summary
    .replace('{values}', [...values].join(', '))
    .replace('{drug}', [...drugs].join(' + '));
  return fitting(capital(summary), maxSummary);
}

/** Begins with a capital, but eGFR stays eGFR. */
const capital = (text: string): string =>
  /^[a-z]{2}/.test(text) ? text.charAt(0).toUpperCase() + text.slice(1) : text;

/** `P7D` as `7 days`. */
const spokenDuration = (duration: unknown): string => {
  const text = String(duration);
  const amount = Number.parseInt(text.replace(/\D/g, ''), 10);
  const several = amount === 1 ? '' : 's';
  if (text.startsWith('PT')) return `${amount} hour${several}`;
  return amount === 365 ? '12 months' : `${amount} day${several}`;
};

const stage = 'chronic kidney disease stage ';
/** `chronic kidney disease stage 3, 4, 5 or end-stage renal disease`: the words that repeat are said once. */
function spokenConditions(names: readonly string[]): string {
  const stages = names.filter((name) => name.startsWith(stage)).map((name) => name.slice(stage.length));
  if (stages.length < 2) return names.join(' or ');
  return [`${stage}${stages.join(', ')}`, ...names.filter((name) => !name.startsWith(stage))].join(' or ');
}

/** What a question is about, as a clinician says it: `magnesium or creatinine within 7 days`. */
export function spokenQuestion(fact: FactName, params: Readonly<Record<string, unknown>>): string {
  const within =
    params.within === 'admission'
      ? ' since admission'
      : params.within
        ? ` within ${spokenDuration(params.within)}`
        : '';
  const names = (list: unknown): string => (Array.isArray(list) ? list.map(String).join(' or ') : '');
  switch (fact) {
    case 'lab':
    case 'labTrend':
      return `${labTests[params.test as LabTest].name}${within}`;
    case 'labNewer':
      return `${labTests[params.test as LabTest].name} as recent as ${labTests[params.than as LabTest].name}${within}`;
    case 'hasLab':
      return `${(params.tests as LabTest[]).map((test) => labTests[test].name).join(' or ')}${within}`;
    case 'egfr':
    case 'creatinineClearance':
    case 'akiStage':
      return `kidney function (creatinine)${within}`;
    case 'egfrHighest':
    case 'egfrFall':
      return 'earlier kidney function (creatinine)';
    case 'drug':
    case 'drugCount':
      return names(params.classes ?? params.ingredients).replaceAll('-', ' ');
    case 'infusionRate':
      return `the rate of ${names(params.classes ?? params.ingredients).replaceAll('-', ' ')}`;
    case 'dailyDose':
    case 'dose':
    case 'doseFrequency':
      return `the dose of ${names(params.classes ?? params.ingredients).replaceAll('-', ' ')}`;
    case 'cumulativeDose':
      return `the sum of ${names(params.classes ?? params.ingredients).replaceAll('-', ' ')} in ${spokenDuration(params.within)}`;
    case 'condition':
      return spokenConditions(
        (params.groups as string[]).map((group) => conditionGroups.get(group)?.name ?? group),
      );
    case 'gestation':
      return 'gestational age';
    case 'encounter':
      return 'the kind of encounter';
    case 'allergyToOrder':
      return 'allergies';
    case 'duplicateOrder':
      return 'the medication list';
    default:
      return fact;
  }
}

const listOf: Readonly<Record<Category, string>> = {
  labs: 'laboratory data',
  medications: 'medication list',
  pastMedications: 'list of past medications',
  orders: 'draft orders',
  conditions: 'problem list',
  allergies: 'allergies',
  encounter: 'encounter',
};

/** What an undecided condition waits for, in a word or two. */
export function needOf(leaf: TraceLeaf, fact: Fact): string {
  const question = spokenQuestion(leaf.fact, leaf.params);
  // A count that may be higher waits for nothing else.
  if (leaf.fact === 'drugCount') return `the whole ${listOf.medications}`;
  if (fact.state === 'known') return question;
  if (fact.category) return `${fact.cause === 'incomplete' ? 'the whole ' : ''}${listOf[fact.category]}`;
  if (amountFacts.has(leaf.fact)) return fact.cause === 'absent' ? 'body weight' : question;
  if (fact.cause === 'unresolved') {
    return `details of ${[...new Set(fact.evidence.map(({ reference }) => reference))].join(', ')}`;
  }
  switch (leaf.fact) {
    case 'lab':
    case 'labTrend':
      return labTests[leaf.params.test as LabTest].short;
    case 'egfr':
    case 'creatinineClearance':
    case 'akiStage':
      return 'kidney function';
    default:
      return question;
  }
}

function evidenceLine({ used, received, time, note }: Evidence): string {
  const parts = [escapeMarkdown(readableUnit(used))];
  if (time) parts.push(escapeMarkdown(readableTime(time)));
  // A value that was converted is shown as it came, too; codes are for the log.
  if (received && received !== used && /^[<>]?=? ?\d+(\.\d+)? /.test(received)) {
    parts.push(`received as ${escapeMarkdown(received)}`);
  }
  if (note) parts.push(escapeMarkdown(note));
  return parts.join(' · ');
}

/** With the name of what it is about, said once. */
const named = (evidence: Evidence): string => {
  const { name, used } = evidence;
  return name && !used.includes(name) ? `${name} ${evidenceLine(evidence)}` : evidenceLine(evidence);
};

const limitOf = (leaf: TraceLeaf, fact: KnownFact): string => {
  const words = comparison[leaf.operator] ?? leaf.operator;
  const threshold = thresholdOf(leaf, fact);
  if (threshold === null) {
    // Of a number, what is neither a number nor the laboratory's limit is another fact (rule.ts).
    const other = leaf.value as FactValueReference;
    return `${words} ${escapeMarkdown(spokenQuestion(other.fact, other.params))}`;
  }
  return `${words} ${threshold}${fact.unit && fact.unit !== '1' ? ` ${readableUnit(fact.unit)}` : ''}`;
};

/** What one fact contributed; `leaves` are all the conditions on it, such as both ends of a band. */
function factLines(leaves: Alike, fact: Fact): string[] {
  const [leaf] = leaves;
  if (fact.state !== 'known') return [];
  const [first, ...rest] = fact.evidence;
  if (typeof fact.value === 'number') {
    const limit = `threshold: ${leaves.map((each) => limitOf(each, fact)).join(' and ')}`;
    const spoken = `**${escapeMarkdown(spokenValue(leaves, fact) ?? String(fact.value))}** · ${limit}`;
    if (!first) return [spoken];
    // A plain result is its own evidence; a computed value says what it was computed from.
    const own = leaf.fact === 'lab' && rest.length === 0;
    const basis = own ? evidenceLine(first).split(' · ').slice(1).join(' · ') : `from ${named(first)}`;
    return [basis ? `${spoken} · ${basis}` : spoken, ...rest.map(named)];
  }
  if (fact.value === false) {
    // With a note it came and could not be used; without one it is what says no.
    const unusable = fact.evidence
      .flatMap(({ reference, note }) => (note ? [`${reference}: ${note}`] : []))
      .join('; ');
    const none = `No ${unusable ? 'usable ' : ''}${spokenQuestion(leaf.fact, leaf.params)}`;
    return [escapeMarkdown(unusable ? `${none} (${unusable})` : none)];
  }
  // Two entries that read the same are still two.
  return [...Map.groupBy(fact.evidence, (evidence) => capital(named(evidence)))].map(([line, same]) => {
    const entries = new Set(same.map(({ reference }) => reference)).size;
    return entries > 1 ? `${line} (${entries} entries)` : line;
  });
}

const notice = ({ brief }: Profile): string =>
  brief
    ? '*Decision support, not a medical device.*'
    : '*Decision support for review by a qualified clinician; not a medical device. Rules need approval by local clinical governance.*';

/** What it means, in one sentence, and the options. */
const inBrief = (detail: string): string =>
  detail
    .split(/(?<=\.) (?=[A-Z])/)
    .filter((sentence, index) => index === 0 || /^Options?\b/.test(sentence))
    .join(' ');

/** Two sources on a card, those first whose text was read; all of them are in GET /rules/{id}. */
function sourceLine(rule: Rule): string {
  const first = [...rule.sources].sort((a, b) => Number(b.read) - Number(a.read));
  const named = first.slice(0, 2).map(({ short, year }) => `${short} ${year}`);
  const more = first.length - named.length;
  return `${named.join('; ')}${more > 0 ? `; and ${more} more` : ''}`;
}

function detailOf(finding: CardInput, leaves: readonly TraceLeaf[]): string {
  const { compiled, facts, profile } = finding;
  const { rule } = compiled;
  // Age and sex select the rule; they are no finding.
  const findings = leaves.filter(({ fact }) => fact !== 'age' && fact !== 'sex');
  const lines = byQuestion(findings).flatMap((same) => factLines(same, facts(same[0].question)));
  // The patient's own values first: they are what ten seconds are for.
  const parts = [
    [...new Set(lines)].map((line) => `- ${line}`).join('\n'),
    profile.brief ? inBrief(rule.card.detail) : rule.card.detail,
  ];
  const unchecked = uncheckedExemptions(compiled, facts).map(({ fact, params }) =>
    spokenQuestion(fact, params),
  );
  if (unchecked.length > 0) {
    parts.push(
      `**Exemptions that could not be checked:** ${escapeMarkdown([...new Set(unchecked)].join('; '))}.`,
    );
  }
  parts.push(`Source: ${sourceLine(rule)}. Rule ${rule.id} ${rule.version}.`);
  parts.push(notice(profile));
  return parts.filter((part) => part !== '').join('\n\n');
}

/** Whether an order for the same service is among the drafts: then offering it again would be noise. */
const isOrdered = (chart: Chart, code: string): boolean =>
  chart.serviceOrders.some(({ codes }) => codes.some((coding) => coding.code === code));

function suggestionsOf(finding: CardInput, leaves: readonly TraceLeaf[]): Suggestion[] {
  const { compiled, chart, decisionId, facts, hook } = finding;
  const build = (suggestion: RuleSuggestion, index: number): Suggestion[] => {
    const actions =
      suggestion.type === 'delete-order'
        ? deletions(leaves, facts, chart)
        : isOrdered(chart, suggestion.code)
          ? []
          : [creation(suggestion, chart)];
    if (meaningOf(hook).kind !== 'order' && suggestion.type === 'delete-order') return [];
    // One action a suggestion: Epic takes no more, and a clinician can choose each.
    return actions.map((action, position) => ({
      label: labelOf(suggestion.label, action, actions, chart),
      uuid: derivedUuid(decisionId, compiled.rule.id, 'suggestion', String(index), String(position)),
      ...(suggestion.isRecommended ? { isRecommended: true } : {}),
      actions: [action],
    }));
  };
  return (compiled.rule.card.suggestions ?? []).flatMap(build);
}

/** One of several orders is named by its drug, and by its place where those are the same. */
function labelOf(label: string, action: Action, actions: readonly Action[], { medications }: Chart): string {
  if (actions.length === 1) return label;
  const drugOf = ({ resourceId }: Action): string =>
    (medications.find(({ reference }) => reference === resourceId)?.ingredients ?? [])
      .map(({ name }) => name)
      .join(' and ');
  const drug = drugOf(action);
  const alike = actions.filter((other) => drugOf(other) === drug);
  const place = alike.length > 1 ? ` (${alike.indexOf(action) + 1} of ${alike.length})` : '';
  return `${label}${drug ? `: ${drug}` : ''}${place}`;
}

/**
 * Deletes the selected draft orders that made the rule fire. An order without an id cannot be named, and one that
 * is signed already is not deleted but stopped, which is for the clinician.
 */
function deletions(leaves: readonly TraceLeaf[], facts: FactStore, { medications }: Chart): Action[] {
  const drafts = new Set(
    medications
      .filter(({ status }) => status === null || status === 'draft')
      .map(({ reference }) => reference),
  );
  const orders = new Set<string>();
  for (const leaf of leaves) {
    for (const { reference, order } of facts(leaf.question).evidence) {
      if (order === 'selected' && drafts.has(reference) && /^[A-Za-z]+\/[A-Za-z0-9.-]+$/.test(reference))
        orders.add(reference);
    }
  }
  return [...orders].map((resourceId) => ({
    type: 'delete',
    description: `Remove the draft order ${resourceId}`,
    resourceId,
  }));
}

function creation(suggestion: Extract<RuleSuggestion, { type: 'order-service' }>, chart: Chart): Action {
  const { system, code, display } = suggestion;
  return {
    type: 'create',
    description: `Order: ${display}`,
    resource: {
      resourceType: 'ServiceRequest',
      status: 'draft',
      intent: 'order',
      code: { coding: [{ system, code, display }], text: display },
      ...(chart.patient.reference ? { subject: { reference: chart.patient.reference } } : {}),
      ...(chart.encounter?.reference ? { encounter: { reference: chart.encounter.reference } } : {}),
    },
  };
}

function sourceOf(rule: Rule): Card['source'] {
  const url = rule.sources.map((source) => source.url).find((address) => address?.startsWith('https://'));
  return {
    label: `Epsom ${rule.id}: ${rule.sources[0]?.short ?? rule.title}`,
    ...(url ? { url } : {}),
    topic: { system: ruleSystem, code: rule.id, display: rule.title },
  };
}

export function findingCard(finding: CardInput): Card {
  const { rule } = finding.compiled;
  const leaves = leavesOf(finding);
  const suggestions = suggestionsOf(finding, leaves);
  const card: Card = {
    uuid: derivedUuid(finding.decisionId, rule.id, 'card'),
    summary: summaryOf(finding, leaves),
    indicator: rule.card.indicator,
    detail: detailOf(finding, leaves),
    source: sourceOf(rule),
    ...(suggestions.length > 0 ? { suggestions, selectionBehavior: 'any' as const } : {}),
    overrideReasons: reasonsOf(rule).map((code) => ({
      system: overrideReasonSystem,
      code,
      display: overrideReasons[code].display,
    })),
  };
  return asProfileWants(card, finding.profile);
}

export interface UndecidedCheck {
  rule: Rule;
  /** What it waits for, a word or two each. */
  needs: readonly string[];
  /** It waits on what an unrecognised medication may be. */
  unrecognised: boolean;
}

/** Checks of what this moment is about that could not be made. */
export interface UndecidedChecks {
  rule: Rule;
  checks: readonly UndecidedCheck[];
  /** References of ordered medications that were not recognised. */
  orders: readonly string[];
  of: 'order' | 'entry';
}

/** The one card that says which safety checks could not be made, and for want of what. */
export function openChecksCard(
  { rule, checks, orders, of }: UndecidedChecks,
  profile: Profile,
  decisionId: string,
): Card {
  const waiting = checks.filter(({ unrecognised }) => !unrecognised);
  const open = checks.filter(({ unrecognised }) => unrecognised);
  const summary =
    waiting.length === 0
      ? orders.length > 0
        ? 'Ordered medication not recognised: its drug checks could not be made'
        : 'A medication on the list was not recognised: not every drug check could be made'
      : notMade(waiting, of);
  const lines = [
    ...orders.map((reference) => `- ${escapeMarkdown(reference)} matches no ingredient we know`),
    // By what is missing: a clinician looks for one thing, not for eight rules.
    ...[...Map.groupBy(waiting, ({ needs }) => needs.join(', '))].map(
      ([missing, same]) =>
        `- **${escapeMarkdown(capital(missing))}**: ${same.map((check) => `${check.rule.title} (${check.rule.id})`).join('; ')}`,
    ),
    ...(open.length > 0 ? [`- Open until the medication is recognised: ${someOf(open)}`] : []),
  ];
  const card: Card = {
    uuid: derivedUuid(decisionId, rule.id, 'card'),
    summary: fitting(summary, maxSummary),
    indicator: 'info',
    detail: [
      'This is not an all-clear. What could not be checked:',
      lines.join('\n'),
      `Rule ${rule.id} ${rule.version}.`,
      notice(profile),
    ].join('\n\n'),
    source: sourceOf(rule),
  };
  return asProfileWants(card, profile);
}

/** An unrecognised drug leaves most rules open: the gravest by name, the rest as a number. All are in the record. */
function someOf(checks: readonly UndecidedCheck[]): string {
  const gravest = [...checks].sort(
    (a, b) =>
      severityRank[a.rule.card.indicator] - severityRank[b.rule.card.indicator] ||
      (a.rule.id < b.rule.id ? -1 : 1),
  );
  const named = gravest.slice(0, 3).map(({ rule }) => `${rule.title} (${rule.id})`);
  const more = checks.length - named.length;
  return `${named.join('; ')}${more > 0 ? `; and ${more} more` : ''}`;
}

/** Says that there is more than the site wants to be shown, so that a short list is never taken for a whole one. */
export function overLimitCard(heldBack: readonly Rule[], profile: Profile, decisionId: string): Card {
  const count = heldBack.length;
  const lines = heldBack.map(({ id, title, card: { indicator } }) => `- ${title} (${id}, ${indicator})`);
  const card: Card = {
    uuid: derivedUuid(decisionId, 'held-back', 'card'),
    summary: `${count} more ${count === 1 ? 'finding is' : 'findings are'} not shown: over the limit of cards set for this site`,
    indicator: 'info',
    detail: ['This is not the whole list. Held back:', lines.join('\n'), notice(profile)].join('\n\n'),
    source: {
      label: 'Epsom: limit of cards',
      topic: { system: answerSystem, code: 'held-back', display: 'Findings held back by the limit of cards' },
    },
  };
  return asProfileWants(card, profile);
}

function notMade(checks: readonly UndecidedCheck[], of: UndecidedChecks['of']): string {
  const count = `${checks.length} safety ${checks.length === 1 ? 'check' : 'checks'} of this ${of} could not be made`;
  const full = `${count}. Missing: ${[...new Set(checks.flatMap(({ needs }) => needs))].join(', ')}`;
  return full.length <= maxSummary ? full : `${count}: data missing`;
}

export const bySeverity = (a: Card, b: Card): number =>
  severityRank[a.indicator] - severityRank[b.indicator] ||
  (a.source.topic.code < b.source.topic.code ? -1 : 1);
