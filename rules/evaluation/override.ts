/**
 * Overrides that are remembered. A finding that this clinician overrode for this patient, for a reason that lasts, is
 * not shown again for a while, unless what it rests on (fingerprint.ts) got worse.
 */
import { dateOf, day } from '../fhir/time.ts';
import type { Rule } from '../rule/document.ts';
import { isDurable } from '../rule/override-reasons.ts';
import { severityRank } from '../rule/severity.ts';
import type { Fingerprint, FingerprintNumber } from './fingerprint.ts';
import type { PastOverride, Presentation } from './presentation.ts';

/** A number is worse when it moved this much of itself further beyond its threshold. */
export const worseBy = 0.05;

function isWorseNumber(before: FingerprintNumber, now: FingerprintNumber): boolean {
  if (before.value === null || now.value === null) return before.value !== now.value;
  if (now.open && (!before.open || before.value !== now.value)) return true;
  if (now.operator === 'equal' || now.operator === 'in') return before.value !== now.value;
  const falls = now.operator === 'lessThan' || now.operator === 'lessThanInclusive';
  const moved = falls ? before.value - now.value : now.value - before.value;
  return moved > Math.abs(before.value) * worseBy + 1e-9;
}

/** What got worse since, in a few words; null when nothing did. What cannot be compared counts as worse. */
export function worseSince(before: Fingerprint, now: Fingerprint): string | null {
  if (before.version !== now.version) return `the rule is now version ${now.version}`;
  if (severityRank[now.indicator] < severityRank[before.indicator]) return `it is now ${now.indicator}`;
  const known = new Set(before.because);
  const added = now.because.find((reason) => !known.has(reason));
  if (added !== undefined) return `new: ${added}`;
  for (const number of now.numbers) {
    // Another threshold that holds now is another reason, and so is the laboratory's own when it has changed.
    const same = before.numbers.find(
      ({ of, operator, threshold }) =>
        of === number.of && operator === number.operator && threshold === number.threshold,
    );
    if (!same || isWorseNumber(same, number)) return `worse: ${number.of}`;
  }
  return null;
}

/** It was overridden on a day for this reason, and is not shown before another. */
export interface Suppression {
  code: 'overridden';
  on: string;
  reason: string;
  until: string;
}

/** A finding as its card lists it. */
export interface ListedFinding {
  rule: Rule;
  fingerprint: Fingerprint;
  /** Ids of all rules on its card, its own among them. */
  listed: readonly string[];
}

/** An override counts for exactly the findings that its card listed. */
const isSameCard = ({ rule, listed = [rule] }: PastOverride, now: readonly string[]): boolean =>
  listed.length === now.length && now.every((id) => listed.includes(id));

/**
 * Why a finding is suppressed; null when it is shown.
 * @param at evaluation time, milliseconds: an override of a later time does not count yet
 */
export function suppressionOf(
  { rule, fingerprint, listed }: ListedFinding,
  { withhold, overridden }: Presentation,
  at: number,
): Suppression | null {
  if (withhold === null || (rule.card.indicator === 'critical' && !withhold.critical)) return null;
  for (const override of overridden) {
    if (override.rule !== rule.id || !isDurable(override.reason) || !isSameCard(override, listed)) continue;
    const since = Date.parse(override.at);
    const until = since + withhold.days * day;
    if (!(since <= at && at < until) || worseSince(override.fingerprint, fingerprint) !== null) continue;
    return { code: 'overridden', on: dateOf(since), reason: override.reason, until: dateOf(until) };
  }
  return null;
}
