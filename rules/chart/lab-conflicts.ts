/**
 * Results of one test at one time: `corrected` and `amended` before `final` before the others, then the later `issued`,
 * then the later `meta.lastUpdated`. Where nothing ranks them and they differ, each is possible: a range. Equal ones are
 * one result. Neither the order in which they came nor their ids matter (clinical decision 24).
 */

import { day, spanOf } from '../fhir/time.ts';
import type { Range } from '../logic/range.ts';
import { labTests } from '../terminology/labs.ts';
import { convert, roundTo } from '../terminology/units.ts';
import type { ChartBuilder } from './chart-builder.ts';
import { lowerEnd, pointOrRange, upperEnd } from './lab-range.ts';
import { rankOfStatus, type Standing } from './observation-time.ts';
import type { Lab, RivalResult } from './types.ts';

/** What decides between results of one time, in this order: the lower number first; null decides nothing. */
const deciders: readonly { by: string; of(standing: Standing): number | null }[] = [
  { by: 'it is the more direct measurement', of: ({ yields }) => Number(yields) },
  { by: 'its status ranks first', of: ({ status }) => rankOfStatus(status) },
  { by: 'it was issued later', of: ({ issued }) => later(issued) },
  { by: 'it was updated later', of: ({ lastUpdated }) => later(lastUpdated) },
];

function later(time: unknown): number | null {
  const span = spanOf(time);
  return span && -span.from;
}

/** Settles which result counts of each test and time, marks what overlaps, and says both. */
export function settleConflicts(builder: ChartBuilder): void {
  const usable = builder.chart.labs.filter(({ used, span }) => used && span !== null);
  for (const labs of Map.groupBy(usable, ({ test }) => test).values()) {
    if (labs.length < 2) continue;
    for (const ofOneTime of Map.groupBy(labs, timeKey).values()) settleOneTime(builder, ofOneTime);
    compareWithIssued(labs.filter(({ used }) => used));
    markOverlaps(
      builder,
      labs.filter(({ used }) => used),
    );
  }
}

/** A second with and without its fraction of zeros is one time; a minute and a second in it are two. */
function timeKey({ span, since, issuedOnly }: Lab): string {
  if (!span) return '';
  return `${issuedOnly ? 'issued ' : ''}${since ?? span.from} ${span.from} ${Math.max(span.to, span.from + 999)}`;
}

function settleOneTime(builder: ChartBuilder, labs: readonly Lab[]): void {
  if (labs.length < 2) return;
  let best: readonly Lab[] = labs;
  let decidedBy: string | null = null;
  for (const { by, of } of deciders) {
    const ranks = best.map((lab) => rankOf(builder, lab, of));
    // What only some of them state ranks none.
    if (ranks.some((rank) => rank === null)) continue;
    const first = ranks.reduce<number>(
      (least, rank) => Math.min(least, rank ?? least),
      Number.POSITIVE_INFINITY,
    );
    const remaining = best.filter((_, index) => ranks[index] === first);
    if (remaining.length < best.length && decidedBy === null) decidedBy = by;
    best = remaining;
  }
  const chosen = best.toSorted(byContent)[0];
  if (!chosen) return;
  const open = new Set(best.filter((lab) => !agree(chosen, lab)));
  for (const lab of labs) {
    if (lab === chosen) continue;
    lab.used = false;
    settleOther(builder, lab, chosen, open.has(lab), decidedBy);
  }
  widen(chosen, [...open]);
}

/** Gives the lowest of several possible results the highest of them. */
export function widen(lowest: Lab, others: readonly Lab[]): void {
  for (const other of others) {
    const highest = other.rival ?? rivalOf(other);
    if (lowest.rival && upperEnd(rangeOfOne(highest), rangeOfOne(lowest.rival)) <= 0) continue;
    lowest.rival = highest;
    delete lowest.isRange;
  }
}

const rankOf = (
  builder: ChartBuilder,
  lab: Lab,
  of: (standing: Standing) => number | null,
): number | null => {
  const standing = builder.standings.get(lab);
  return standing ? of(standing) : null;
};

const rivalOf = ({ reference, value, comparator, received, statedUnit, time, why }: Lab): RivalResult => ({
  reference,
  value,
  ...(comparator ? { comparator } : {}),
  received,
  statedUnit,
  time,
  why,
});

/** One that is not used itself: it agrees, is outranked, or is the other value that is possible. */
function settleOther(
  builder: ChartBuilder,
  lab: Lab,
  chosen: Lab,
  isOpen: boolean,
  decidedBy: string | null,
): void {
  const { name } = labTests[lab.test];
  if (agree(chosen, lab)) {
    lab.why = `the same result as ${chosen.reference}`;
    return;
  }
  const what = isOpen
    ? 'nothing ranks them: both are possible'
    : `${chosen.reference} is used: ${decidedBy ?? 'it ranks first'}`;
  const why = `differs from ${nameOf(chosen, lab)} of the same time; ${what}`;
  lab.why = why;
  builder.addNotice('lab-conflict', lab.reference, `${name}: ${why}`);
}

const nameOf = (other: Lab, lab: Lab): string =>
  other.reference === lab.reference ? 'another version or part of it' : other.reference;

const rangeOfOne = ({ comparator, value }: RivalResult): Range => pointOrRange(comparator, value ?? 0);

/** By what they say, the lowest first; the reference only where they say the same. */
export function byContent(one: Lab, other: Lab): number {
  const [first, second] = [rangeOfOne(one), rangeOfOne(other)];
  return (
    (agree(one, other) ? Number(isCanonical(other)) - Number(isCanonical(one)) : 0) ||
    lowerEnd(first, second) ||
    upperEnd(first, second) ||
    compareText(one.why ?? '', other.why ?? '') ||
    compareText(one.loinc, other.loinc) ||
    compareText(one.reference, other.reference)
  );
}

const compareText = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);
const isCanonical = ({ statedUnit, unit }: Lab): boolean => statedUnit === unit;

/** Two units of one specimen are rounded each for itself: so much may they differ, of the value. */
const roundedApart = 0.05;

/** Whether two results say the same, as far as the decimals of the coarser one go. */
export function agree(one: Lab, other: Lab): boolean {
  if (one.comparator !== other.comparator || (one.rival ?? other.rival)) return isSameRange(one, other);
  if (one.value === other.value) return true;
  if (one.value === null || other.value === null || one.statedUnit === other.statedUnit) return false;
  const apart = Math.abs(one.value - other.value) / Math.max(Math.abs(one.value), Math.abs(other.value));
  return apart < roundedApart && (roundsTo(one, other) || roundsTo(other, one));
}

const isSameRange = (one: Lab, other: Lab): boolean =>
  one.comparator === other.comparator &&
  one.value === other.value &&
  one.rival?.value === other.rival?.value &&
  one.rival?.comparator === other.rival?.comparator;

/** Whether the first, in the unit of the second and with its decimals, is the second. */
function roundsTo(one: Lab, other: Lab): boolean {
  const { received, statedUnit } = other;
  if (one.received.value === null || received.value === null || !one.statedUnit || !statedUnit) return false;
  const converted = convert(one.test, one.received.value, one.statedUnit, statedUnit);
  const decimals = String(received.value).split('.')[1]?.length ?? 0;
  return converted !== null && Number(roundTo(converted, Math.min(decimals, 12))) === received.value;
}

/** Where a result may begin: at the start of its period, or of its partial date. */
const beginning = ({ since, span }: Lab): number => since ?? span?.from ?? 0;
const end = ({ span }: Lab): number => span?.to ?? 0;

/** Marks results of which nobody can say which is newer, one pass over them in time. */
function markOverlaps(builder: ChartBuilder, labs: readonly Lab[]): void {
  const inTime = labs.toSorted((one, other) => beginning(one) - beginning(other) || byContent(one, other));
  let longest: Lab | null = null;
  for (const lab of inTime) {
    if (longest && beginning(lab) <= end(longest)) {
      longest.overlaps = true;
      lab.overlaps = true;
      if (!agree(longest, lab)) sayOverlap(builder, lab, longest);
    }
    if (!longest || end(lab) > end(longest)) longest = lab;
  }
}

/** A result is issued within so long of its specimen, as a rule: milliseconds. */
const longestTurnaround = day;

/**
 * What is dated by `issued` alone may be of a specimen of before: it is not surely newer than a result of the day
 * before it that says when its specimen was taken. Where the two say the same they may be one, and the dated one counts.
 */
function compareWithIssued(labs: readonly Lab[]): void {
  const inTime = labs.toSorted(
    (one, other) =>
      end(one) - end(other) ||
      Number(one.issuedOnly ?? false) - Number(other.issuedOnly ?? false) ||
      byContent(one, other),
  );
  let dated: Lab | null = null;
  for (const lab of inTime) {
    if (!lab.issuedOnly) dated = lab;
    else if (dated && end(dated) >= beginning(lab) - longestTurnaround) {
      if (agree(dated, lab)) {
        lab.used = false;
        lab.why = `may be the same result as ${dated.reference}: only \`issued\` dates it`;
      } else if (lab.span) {
        lab.since = lab.span.from - longestTurnaround;
      }
    }
  }
}

function sayOverlap(builder: ChartBuilder, lab: Lab, other: Lab): void {
  const { name } = labTests[lab.test];
  builder.addNotice(
    'lab-conflict',
    lab.reference,
    `${name}: differs from ${nameOf(other, lab)}, whose time overlaps its own: both may be the newer one; send the time of the specimen to the second`,
  );
}
