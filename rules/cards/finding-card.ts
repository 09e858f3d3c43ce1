import { derivedUuid } from '../digest/digest.ts';
import { isOneCreatinine } from '../facts/assumed.ts';
import { factOf } from '../facts/facts.ts';
import { type CompiledRule, restsOnPart, uncheckedExemptions } from '../rule/compile.ts';
import type { FactStore } from '../rule/fact-store.ts';
import { overrideReasonSystem, overrideReasons, reasonsOf } from '../rule/override-reasons.ts';
import type { TraceLeaf } from '../rule/trace.ts';
import { atHandOf, lineAtHand, textOfRule } from './at-hand.ts';
import type { CardInput, FindingInput } from './card-input.ts';
import { summaryAsked, summaryOf, summaryOfFinding } from './finding-summary.ts';
import { leavesOfFinding, linesOf, reportedUnitsOf } from './finding-values.ts';
import { escapeMarkdown } from './markdown.ts';
import { asProfileWants } from './profiles.ts';
import { textForReader } from './reader-units.ts';
import { sourceOf } from './source.ts';
import { eachOnce, suggestionsOf } from './suggestions.ts';
import type { Card } from './types.ts';
import { disclaimer, openChecksWords, valueWords, wordSources } from './wording.ts';

/**
 * The card of what fired: one finding, or all of one danger. Its topic is the rule of the worst.
 * @example
 * findingCard({ findings: [worst, other], facts, chart, hook: 'order-sign', profile: profiles.generic, decisionId });
 */
export function findingCard(input: CardInput): Card {
  const { findings, ...setting } = input;
  const [{ rule }] = findings;
  const inputs = findings.map((compiled) => ({ ...setting, compiled }));
  const offered = inputs.map((one) => suggestionsOf(one, leavesOfFinding(one)));
  const suggestions = eachOnce(offered.flatMap((one) => one.suggestions));
  const ordered = [...new Set(offered.flatMap((one) => one.ordered))];
  const card: Card = {
    uuid: derivedUuid(setting.decisionId, rule.id, 'card'),
    summary: summaryOf(input),
    indicator: rule.card.indicator,
    detail: detailOf(input, ordered),
    source: sourceOf(rule),
    ...(suggestions.length > 0 ? { suggestions, selectionBehavior: 'any' as const } : {}),
    overrideReasons: reasonsOffered(findings),
  };
  return asProfileWants(card, setting.profile, summaryOf(input, setting.profile.summary));
}

/** Why a clinician may override a card that lists these: each reason once. */
export const reasonsOffered = (findings: readonly CompiledRule[]): NonNullable<Card['overrideReasons']> =>
  [...new Set(findings.flatMap(({ rule }) => reasonsOf(rule)))].map((code) => ({
    system: overrideReasonSystem,
    code,
    display: overrideReasons[code].display,
  }));

const list = (lines: readonly string[]): string => lines.map((line) => `- ${line}`).join('\n');

/** A finding that is listed beside a worse one, in a line: what it says, and its values where they are not there yet. */
function besideLine(input: FindingInput, lines: Set<string>): string {
  const summary = summaryOfFinding(input);
  const own = linesOf(input, { summary: summary.toLowerCase(), lines, isBeside: true });
  const part = restsOnPart(input.compiled, input.facts) ? [valueWords.inPart] : [];
  return [escapeMarkdown(summary), ...own, ...part].join(' · ');
}

/** What an exemption waits for: of one creatinine alone another one, not the one that is there. */
function wordUnchecked({ fact, params, question }: TraceLeaf, facts: FactStore): string {
  const isSecondCreatinine = isOneCreatinine(fact, facts(question));
  return isSecondCreatinine ? openChecksWords.secondCreatinine : factOf(fact).ask(params);
}

function detailOf(
  { findings: [worst, ...others], ...setting }: CardInput,
  ordered: readonly string[],
): string {
  const { facts, units } = setting;
  const all = [worst, ...others];
  const { card } = worst.rule;
  const explanation = card.brief ?? card.detail;
  const input = { ...setting, compiled: worst };
  const said = new Set<string>();
  const lines = linesOf(input, {
    summary: summaryOfFinding(input).toLowerCase(),
    lines: said,
    isBeside: false,
  });
  const beside = others.map((compiled) => besideLine({ ...setting, compiled }, said));
  const unchecked = new Set(
    all.flatMap((compiled) => uncheckedExemptions(compiled, facts).map((leaf) => wordUnchecked(leaf, facts))),
  );
  return [
    // The patient's own values first: they are what ten seconds are for.
    list(lines),
    ...(restsOnPart(worst, facts) ? [`**${valueWords.inPart}**`] : []),
    textForReader(textOfRule(explanation, input), units, reportedUnitsOf(input)),
    ...(others.length > 0 ? [`${valueWords.also}\n${list(beside)}`] : []),
    ...(unchecked.size > 0
      ? [`**${openChecksWords.exemptions}** ${escapeMarkdown([...unchecked].join('; '))}.`]
      : []),
    lineAtHand(
      [
        atHandOf([explanation], input),
        ...all.map((one) =>
          atHandOf([summaryAsked({ ...setting, compiled: one })], { ...setting, compiled: one }),
        ),
      ],
      ordered,
    ),
    wordSources(all.map(({ rule }) => rule)),
    disclaimer,
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}
