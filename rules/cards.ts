/**
 * Findings -> CDS Hooks cards (https://cds-hooks.hl7.org/2.0/#card-attributes): few, true, actionable. The
 * summary has at most 139 characters; the detail shows the patient's own values with dates and units, the
 * threshold, what could not be checked, and the source. A card's id is derived from the decision, so a retry
 * gives the same card.
 */
import { type Chart, shown as rounded } from './chart.ts';
import { derivedUuid } from './digest.ts';
import { type CompiledRule, decisiveLeaves, type Facts, uncheckedExemptions } from './evaluate.ts';
import { describe, type Evidence, type Fact } from './fact.ts';
import type { Hook, Rule, RuleSuggestion } from './rule.ts';
import { type LabTest, labTests } from './terminology/labs.ts';

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
export const overrideReasonSystem = 'urn:epsom:override-reason';

/** Why a clinician may decide otherwise; stable codes, so that EHRs can map them once. See docs/cards.md. */
export const overrideReasons: Readonly<Record<string, string>> = {
  'benefit-outweighs-risk': 'Benefit outweighs the risk for this patient',
  'already-managed': 'Already monitored or managed',
  'data-not-current': 'The data is wrong or out of date',
  'not-applicable': 'Does not apply to this patient',
  'specialist-advice': 'Specialist advice followed',
  emergency: 'Emergency',
};
const usualReasons = ['benefit-outweighs-risk', 'already-managed', 'data-not-current', 'not-applicable'];

export const maxSummary = 139;
const weight: Record<Indicator, number> = { critical: 0, warning: 1, info: 2 };

/** Markdown and HTML are rendered by clients, raw HTML too: whatever came from outside is escaped. */
export const escapeMarkdown = (text: string): string =>
  text
    .replace(/[\\`*_{}[\]()#+!|~]/g, '\\$&')
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/\s+/g, ' ');

const inMgDl = (unit: string): string => unit.replace('{1.73_m2}', '1.73 m²');
const readableTime = (time: string | null): string | null =>
  time === null ? null : time.length > 10 ? time.slice(0, 16).replace('T', ' ') : time;

const comparison: Readonly<Record<string, string>> = {
  lessThan: 'below',
  lessThanInclusive: 'at most',
  greaterThan: 'above',
  greaterThanInclusive: 'at least',
  equal: 'equal to',
};

type TraceLeaf = ReturnType<typeof decisiveLeaves> extends Generator<infer L> ? L : never;

/** `Mg 0.9 mg/dL`, `eGFR 12 mL/min/1.73 m²`: a number as a clinician says it. */
function spokenValue(leaf: TraceLeaf, fact: Fact): string | null {
  if (fact.state !== 'known' || typeof fact.value !== 'number') return null;
  const unit = fact.unit ? ` ${inMgDl(fact.unit)}` : '';
  switch (leaf.fact) {
    case 'lab': {
      const info = labTests[leaf.params.test as LabTest];
      const sign = fact.range ? (Number.isFinite(fact.range.high) ? '< ' : '> ') : '';
      return `${info.short} ${sign}${rounded(fact.value, info.decimals)}${unit}`;
    }
    case 'egfr':
      return `eGFR ${rounded(fact.value, 1)}`;
    case 'creatinineClearance':
      return `CrCl ${rounded(fact.value, 1)} mL/min`;
    case 'akiStage':
      return `AKI stage ${fact.value}`;
    case 'infusionRate':
      return `${rounded(fact.value, 2)} g/h`;
    default:
      return null;
  }
}

interface Finding {
  compiled: CompiledRule;
  facts: Facts;
  chart: Chart;
  hook: Hook;
  decisionId: string;
}

const leavesOf = ({ compiled, facts }: Finding): TraceLeaf[] => [
  ...decisiveLeaves(compiled.conditions.trace(facts), true),
];

/** Replaces `{values}` and `{drug}` of a summary with what is true of this patient. */
function summaryOf(finding: Finding, leaves: readonly TraceLeaf[]): string {
  const { compiled, facts } = finding;
  const values = new Set<string>();
  const drugs = new Set<string>();
  for (const leaf of leaves) {
    const fact = facts(leaf.question);
    const spoken = spokenValue(leaf, fact);
    if (spoken) values.add(spoken);
    if (leaf.fact === 'condition') for (const { used } of fact.evidence) values.add(used);
    if (leaf.fact === 'drug') for (const { used } of fact.evidence) drugs.add(used.split(',')[0] ?? used);
  }
  const summary = compiled.rule.card.summary
    .replace('{values}', [...values].join(', '))
    .replace('{drug}', capital([...drugs].join(' + ')));
  if (summary.length <= maxSummary) return summary;
  return `${summary.slice(0, maxSummary - 1).replace(/\s+\S*$/, '')}…`;
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

function evidenceLine(evidence: Evidence): string {
  const parts = [escapeMarkdown(evidence.used)];
  const received = evidence.received;
  if (received && received !== evidence.used && !/^[\d, A-Z]*$/.test(received) && received !== 'text') {
    parts.push(`(received as ${escapeMarkdown(received)})`);
  }
  const time = readableTime(evidence.time);
  if (time) parts.push(escapeMarkdown(time));
  if (evidence.note) parts.push(`· ${escapeMarkdown(evidence.note)}`);
  return parts.join(' ');
}

function leafLines(leaf: TraceLeaf, fact: Fact): string[] {
  if (fact.state !== 'known') return [];
  if (typeof fact.value === 'number') {
    const against = typeof leaf.value === 'number' ? leaf.value : fact.lowerLimit;
    const limit = `${comparison[leaf.operator] ?? leaf.operator} ${against}`;
    const spoken = spokenValue(leaf, fact);
    const [first, ...rest] = fact.evidence;
    const label = spoken ? `**${spoken}** (rule: ${limit})` : `${leaf.fact} ${limit}`;
    const lines = first ? [`${label}: ${evidenceLine(first)}`] : [label];
    return [...lines, ...rest.map((evidence) => evidenceLine(evidence))];
  }
  if (fact.evidence.length === 0) return [`None found: ${escapeMarkdown(describe(leaf.fact, leaf.params))}`];
  return fact.evidence.map((evidence) => capital(evidenceLine(evidence)));
}

const disclaimer =
  'Decision support for review by a qualified clinician; not a medical device. Rules need approval by local clinical governance.';

function sourceLine(rule: Rule): string {
  return rule.sources
    .map(({ title, section, year }) => `${title}${section ? `, ${section}` : ''} (${year})`)
    .join('; ');
}

function detailOf(finding: Finding, leaves: readonly TraceLeaf[]): string {
  const { compiled, facts } = finding;
  const { rule } = compiled;
  const lines: string[] = [];
  const seen = new Set<string>();
  for (const leaf of leaves) {
    // Age and sex select the rule; they are no finding.
    if (leaf.fact === 'age' || leaf.fact === 'sex') continue;
    const already = seen.has(String(leaf.question));
    seen.add(String(leaf.question));
    if (already) continue;
    lines.push(...leafLines(leaf, facts(leaf.question)));
  }
  const parts = [rule.card.detail, [...new Set(lines)].map((line) => `- ${line}`).join('\n')];
  const unchecked = uncheckedExemptions(compiled, facts);
  if (unchecked.length > 0) {
    parts.push(`**Could not be checked:** exemptions ${unchecked.map(escapeMarkdown).join('; ')}.`);
  }
  parts.push(`Source: ${sourceLine(rule)}. Rule ${rule.id} ${rule.version}.`);
  parts.push(`*${disclaimer}*`);
  return parts.filter((part) => part !== '').join('\n\n');
}

/** Whether an order for the same service is among the drafts: then offering it again would be noise. */
const isOrdered = (chart: Chart, code: string): boolean =>
  chart.serviceOrders.some(({ codes }) => codes.some((coding) => coding.code === code));

function suggestionsOf(finding: Finding, leaves: readonly TraceLeaf[]): Suggestion[] {
  const { compiled, chart, decisionId, facts, hook } = finding;
  const build = (suggestion: RuleSuggestion, index: number): Suggestion[] => {
    const actions =
      suggestion.type === 'delete-order'
        ? deletions(leaves, facts)
        : isOrdered(chart, suggestion.code)
          ? []
          : [creation(suggestion, chart)];
    if (hook === 'patient-view' && suggestion.type === 'delete-order') return [];
    // One action a suggestion: Epic takes no more, and a clinician can choose each.
    return actions.map((action, position) => ({
      label: suggestion.label,
      uuid: derivedUuid(decisionId, compiled.rule.id, 'suggestion', String(index), String(position)),
      ...(suggestion.isRecommended ? { isRecommended: true } : {}),
      actions: [action],
    }));
  };
  return (compiled.rule.card.suggestions ?? []).flatMap(build);
}

/** Deletes the selected draft orders that made the rule fire; an order without an id cannot be named. */
function deletions(leaves: readonly TraceLeaf[], facts: Facts): Action[] {
  const orders = new Set<string>();
  for (const leaf of leaves) {
    for (const { reference, order } of facts(leaf.question).evidence) {
      if (order === 'selected' && /^[A-Za-z]+\/[A-Za-z0-9.-]+$/.test(reference)) orders.add(reference);
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
    label: `Epsom ${rule.id}: ${rule.sources[0]?.title ?? rule.title}`,
    ...(url ? { url } : {}),
    topic: { system: ruleSystem, code: rule.id, display: rule.title },
  };
}

export function cardOf(finding: Finding): Card {
  const { rule } = finding.compiled;
  const leaves = leavesOf(finding);
  const suggestions = suggestionsOf(finding, leaves);
  const reasons = rule.card.overrideReasons ?? usualReasons;
  return {
    uuid: derivedUuid(finding.decisionId, rule.id, 'card'),
    summary: summaryOf(finding, leaves),
    indicator: rule.card.indicator,
    detail: detailOf(finding, leaves),
    source: sourceOf(rule),
    ...(suggestions.length > 0 ? { suggestions, selectionBehavior: 'any' as const } : {}),
    overrideReasons: reasons.map((code) => ({
      system: overrideReasonSystem,
      code,
      display: overrideReasons[code] ?? code,
    })),
  };
}

export interface UnmadeCheck {
  rule: Rule;
  missing: readonly string[];
}

/** The one card that says which safety checks of the order could not be made, and for want of what. */
export function uncheckedCard(
  rule: Rule,
  checks: readonly UnmadeCheck[],
  unresolvedOrders: readonly string[],
  decisionId: string,
): Card {
  const count = checks.length;
  const summary =
    count === 0
      ? 'Ordered medication not recognised: no drug rule could be checked for it'
      : `${count} safety ${count === 1 ? 'check' : 'checks'} of this order could not be made: data missing`;
  const lines = checks.map(
    ({ rule: { id, title }, missing }) =>
      `- **${title}** (${id}): needs ${missing.map(escapeMarkdown).join('; ')}`,
  );
  const orders = unresolvedOrders.map(
    (reference) => `- ${escapeMarkdown(reference)}: the ordered medication matches no ingredient we know`,
  );
  return {
    uuid: derivedUuid(decisionId, rule.id, 'card'),
    summary,
    indicator: 'info',
    detail: [
      'This is not an all-clear. What could not be checked:',
      [...orders, ...lines].join('\n'),
      `Rule ${rule.id} ${rule.version}.`,
      `*${disclaimer}*`,
    ].join('\n\n'),
    source: sourceOf(rule),
  };
}

export const bySeverity = (a: Card, b: Card): number =>
  weight[a.indicator] - weight[b.indicator] || (a.source.topic.code < b.source.topic.code ? -1 : 1);
