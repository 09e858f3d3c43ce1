import { derivedUuid } from '../digest/digest.ts';
import type { Evidence, Fact, KnownFact } from '../facts/fact.ts';
import { factOf } from '../facts/facts.ts';
import { restsOnPart, traceOf, uncheckedExemptions } from '../rule/compile.ts';
import { isReference } from '../rule/conditions.ts';
import { overrideReasonSystem, overrideReasons, reasonsOf } from '../rule/override-reasons.ts';
import { decisiveLeaves, type TraceLeaf } from '../rule/trace.ts';
import { readableUnit, roundTo } from '../terminology/units.ts';
import type { CardInput } from './card-input.ts';
import { escapeMarkdown } from './markdown.ts';
import { asProfileWants, fitting, maxSummary } from './profiles.ts';
import { sourceOf } from './source.ts';
import { suggestionsOf } from './suggestions.ts';
import type { Card } from './types.ts';
import {
  capital,
  comparisonWords,
  disclaimer,
  openChecksWords,
  shownNumber,
  valueWords,
  wordAlreadyOrdered,
  wordNotes,
  wordReceived,
  wordSources,
  wordUsed,
} from './wording.ts';

/**
 * The card of a rule that fired.
 * @example
 * findingCard({ compiled, facts, chart, hook: 'order-sign', profile: profiles.generic, decisionId });
 */
export function findingCard(input: CardInput): Card {
  const { compiled, facts, profile, decisionId } = input;
  const { rule } = compiled;
  const leaves = [...decisiveLeaves(traceOf(compiled, facts), true)];
  const { suggestions, ordered } = suggestionsOf(input, leaves);
  const card: Card = {
    uuid: derivedUuid(decisionId, rule.id, 'card'),
    summary: summaryOf(input, leaves),
    indicator: rule.card.indicator,
    detail: detailOf(input, leaves, ordered),
    source: sourceOf(rule),
    ...(suggestions.length > 0 ? { suggestions, selectionBehavior: 'any' as const } : {}),
    overrideReasons: reasonsOf(rule).map((code) => ({
      system: overrideReasonSystem,
      code,
      display: overrideReasons[code].display,
    })),
  };
  return asProfileWants(card, profile);
}

// --- Values beside their thresholds ------------------------------------------------------------------------

/** All the conditions on one fact: both ends of a band are two conditions on one value. */
type Alike = readonly [TraceLeaf, ...TraceLeaf[]];

const byRequest = (leaves: readonly TraceLeaf[]): Alike[] =>
  [...Map.groupBy(leaves, ({ question }) => question).values()].flatMap(([first, ...rest]) =>
    first ? [[first, ...rest] as const] : [],
  );

const thresholdOf = (leaf: TraceLeaf, fact: KnownFact): number | null =>
  typeof leaf.value === 'number' ? leaf.value : (fact.lowerLimit ?? null);

/** Rounded for reading, but never across a threshold: 0.9965 between 0.5 and 1 is not shown as 1. */
export function roundedBeside(value: number, decimals: number, thresholds: readonly number[]): string {
  for (let digits = decimals; digits < 6; digits += 1) {
    const text = roundTo(value, digits);
    if (thresholds.every((limit) => Math.sign(Number(text) - limit) === Math.sign(value - limit))) {
      return text;
    }
  }
  return String(value);
}

/** The value as its fact words it: `Mg 0.9 mg/dL`; null where it has none. */
function wordValue(leaves: Alike, fact: Fact): string | null {
  if (fact.state !== 'known') return null;
  const [{ fact: name, params }] = leaves;
  const thresholds = leaves.flatMap((leaf) => thresholdOf(leaf, fact) ?? []);
  return factOf(name).word(fact, params, (value, decimals) => roundedBeside(value, decimals, thresholds));
}

// --- Summary -----------------------------------------------------------------------------------------------

/** Replaces `{values}` and `{drug}` of a summary with what is true of this patient. */
function summaryOf({ compiled, facts }: CardInput, leaves: readonly TraceLeaf[]): string {
  const values = new Set<string>();
  const drugs = new Set<string>();
  for (const alike of byRequest(leaves)) {
    const [{ fact: name, params, question }] = alike;
    const fact = facts(question);
    const fills = factOf(name).fills(params);
    const worded = fills.includes('values') ? wordValue(alike, fact) : null;
    if (worded !== null) values.add(worded);
    const names = fact.evidence.flatMap((evidence) => evidence.name ?? []);
    for (const one of fills.includes('conditions') ? names : []) values.add(one);
    for (const one of fills.includes('drug') ? names : []) drugs.add(one);
  }
  const summary = compiled.rule.card.summary
    .replace('{values}', [...values].join(', '))
    .replace('{drug}', [...drugs].join(' + '));
  return fitting(capital(summary), maxSummary);
}

// --- Detail ------------------------------------------------------------------------------------------------

/** To the minute; a date stays as it is. */
const readableTime = (time: string): string => time.slice(0, 16).replace('T', ' ');

/** A value that was converted is shown as it came, too; codes are for the log. */
function convertedFrom({ used, received }: Evidence): string | null {
  if (received?.kind !== 'quantity') return null;
  const { value, unit, comparator, or } = received;
  if (used.kind === 'either' && used.unit === unit && used.unit === or?.unit) return null;
  if (value === null || value < 0 || !unit) return null;
  const shown = shownNumber(used);
  const isSame = shown?.unit === unit && shown.comparator === comparator && shown.value === String(value);
  return isSame ? null : wordReceived(received);
}

/** What it came to, when, and what must be known about it. */
function evidenceParts(evidence: Evidence): { used: string; basis: string[] } {
  const received = convertedFrom(evidence);
  const note = wordNotes(evidence.notes);
  return {
    used: escapeMarkdown(readableUnit(wordUsed(evidence))),
    basis: [
      ...(evidence.time ? [escapeMarkdown(readableTime(evidence.time))] : []),
      ...(received ? [valueWords.receivedAs(escapeMarkdown(received))] : []),
      ...(note ? [escapeMarkdown(note)] : []),
    ],
  };
}

/** Kinds of evidence that say what they are about themselves. */
function saysItsName({ used, name }: Evidence): boolean {
  switch (used.kind) {
    case 'medication':
    case 'condition':
    case 'allergy':
      return true;
    case 'dose':
      return used.elementalMagnesium === true && name === 'magnesium';
    default:
      return false;
  }
}

/** A line of evidence with the name of what it is about, said once. */
function evidenceLine(evidence: Evidence): string {
  const { used, basis } = evidenceParts(evidence);
  const line = [used, ...basis].join(' · ');
  return evidence.name && !saysItsName(evidence) ? `${evidence.name} ${line}` : line;
}

function limitOf(leaf: TraceLeaf, fact: KnownFact): string {
  const words = comparisonWords[leaf.operator] ?? leaf.operator;
  const threshold = thresholdOf(leaf, fact);
  if (threshold === null) {
    // Of a number, what is neither a number nor the laboratory's limit is another fact (rule/conditions.ts).
    const other = leaf.value;
    return isReference(other) ? `${words} ${escapeMarkdown(factOf(other.fact).ask(other.params))}` : words;
  }
  return `${words} ${threshold}${fact.unit && fact.unit !== '1' ? ` ${readableUnit(fact.unit)}` : ''}`;
}

function numberLines(leaves: Alike, fact: KnownFact): string[] {
  const [first, ...rest] = fact.evidence;
  const limit = valueWords.threshold(leaves.map((each) => limitOf(each, fact)));
  const worded = `**${escapeMarkdown(wordValue(leaves, fact) ?? String(fact.value))}** · ${limit}`;
  if (!first) return [worded];
  // A plain result is its own evidence; a computed value says what it was computed from.
  const isItsOwn = factOf(leaves[0].fact).isPlainResult && rest.length === 0;
  const basis = isItsOwn ? evidenceParts(first).basis.join(' · ') : valueWords.from(evidenceLine(first));
  return [basis ? `${worded} · ${basis}` : worded, ...rest.map(evidenceLine)];
}

/** With a note it came and could not be used; without one it is what says no. */
function noLine([{ fact: name, params }]: Alike, fact: KnownFact): string {
  const unusable = fact.evidence
    .flatMap(({ reference, notes }) => (notes.length > 0 ? [`${reference}: ${wordNotes(notes)}`] : []))
    .join('; ');
  return escapeMarkdown(valueWords.none(factOf(name).ask(params), unusable));
}

/** What one fact contributed. */
function factLines(leaves: Alike, fact: Fact): string[] {
  if (fact.state !== 'known') return [];
  if (typeof fact.value === 'number') return numberLines(leaves, fact);
  if (fact.value === false) return [noLine(leaves, fact)];
  // Two entries that read the same are still two.
  return [...Map.groupBy(fact.evidence, (evidence) => capital(evidenceLine(evidence)))].map(
    ([line, same]) => {
      const entries = new Set(same.map(({ reference }) => reference)).size;
      return valueWords.entries(line, entries);
    },
  );
}

function detailOf(
  { compiled, facts, profile }: CardInput,
  leaves: readonly TraceLeaf[],
  ordered: readonly string[],
): string {
  const { rule } = compiled;
  // What selects the rule is no finding.
  const findings = leaves.filter(({ fact }) => factOf(fact).part !== 'selector');
  const lines = byRequest(findings).flatMap((alike) => factLines(alike, facts(alike[0].question)));
  const unchecked = new Set(
    uncheckedExemptions(compiled, facts).map(({ fact, params }) => factOf(fact).ask(params)),
  );
  return [
    // The patient's own values first: they are what ten seconds are for.
    [...new Set(lines)].map((line) => `- ${line}`).join('\n'),
    ...(restsOnPart(compiled, facts) ? [`**${valueWords.inPart}**`] : []),
    profile.brief ? (rule.card.brief ?? rule.card.detail) : rule.card.detail,
    ...(unchecked.size > 0
      ? [`**${openChecksWords.exemptions}** ${escapeMarkdown([...unchecked].join('; '))}.`]
      : []),
    ...(ordered.length > 0 ? [wordAlreadyOrdered(ordered)] : []),
    wordSources(rule),
    disclaimer(profile.brief),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}
