/**
 * The course of kidney function: every estimate on the chart with the age of its own time, CKD-EPI 2021 from
 * creatinine, or as reported where no creatinine is of the same day. Left out are estimates that mean nothing:
 * under 18, in a documented pregnancy, and while creatinine was changing. Race-based ones are never used.
 * How they are read: docs/data.md, kidney function.
 */

import * as z from 'zod/mini';
import { isPlain as isPlainResult, unionOf } from '../chart/lab-range.ts';
import type { Lab } from '../chart/types.ts';
import { day, milliseconds, type Span, wordDuration } from '../fhir/time.ts';
import { longestLookBack } from '../intake/unread.ts';
import { type Range, statedRange } from '../logic/range.ts';
import { labTests } from '../terminology/labs.ts';
import { toTwelveDigits } from '../terminology/units.ts';
import {
  ckdEpi2021Creatinine,
  gfrCategories,
  gfrCategory,
  slopePerYear,
  steadyCreatinines,
} from './equations.ts';
import {
  defineFact,
  type EvaluationContext,
  type Evidence,
  type EvidenceNote,
  type Fact,
  type KnownFact,
  knownRange,
  type LeftOut,
  missing,
  type Reason,
  type UnknownFact,
} from './fact.ts';
import {
  type Adult,
  adultOf,
  creatinineIsChanging,
  creatinineOf,
  estimate,
  isAdult,
  isUnsteady,
  kidneyFunction,
  kidneyReach,
  latestCreatinine,
  unchecked,
} from './kidney.ts';
import { duration } from './parameters.ts';
import { ageYearsAt } from './person.ts';
import { pregnancies } from './pregnancy.ts';
import { isUnknown, labEvidence, lackOfResults, rangeIn } from './results.ts';

interface Estimate {
  lab: Lab;
  span: Span;
  /** mL/min/1.73 m2: what it may be; both ends alike for a plain one. */
  range: Range;
  equation: string;
}

interface History {
  /** Newest first. */
  estimates: Estimate[];
  leftOut: LeftOut;
  /** More results than are looked at: what lies before them is not known. */
  cut: boolean;
}

const unit = 'mL/min/{1.73_m2}';
/** A bound on what a hostile request can cost: a result a day for almost three years. */
const longestHistory = 1000;
/** Below and above there is no eGFR, so a one-sided one is never wider. */
const [lowest, highest] = labTests.egfr.plausible;

const isOfOneDay = ({ from, to }: Span): boolean => to - from < day;
const overlap = (one: Span, other: Span, slack = 0): boolean =>
  one.from <= other.to + slack && other.from <= one.to + slack;
const point = (value: number): Range => ({ low: value, high: value });

function fromCreatinine(lab: Lab, span: Span, adult: Adult): Estimate | null {
  const { sex } = adult;
  const result = estimate(lab, adult, (creatinineMgdl, ageYears) =>
    ckdEpi2021Creatinine({ creatinineMgdl, ageYears, sex }),
  );
  return result && { lab, span, range: result.range ?? point(result.value), equation: 'CKD-EPI 2021' };
}

function asReported(lab: Lab, span: Span): Estimate | null {
  if (lab.value === null || lab.method === 'pediatric') return null;
  const range = rangeIn(lab) ?? point(lab.value);
  return { lab, span, range, equation: lab.method ?? 'unspecified' };
}

/** Of an adult, see `adultOf`. */
function historyOf(context: EvaluationContext): History {
  const results = context.labsOf('creatinine');
  const reports = context.labsOf('egfr');
  const cut = results.length > longestHistory || reports.length > longestHistory;
  const creatinines = results.slice(0, longestHistory);
  const { steady, unsteady } = steadyOnes(creatinines);
  const measured = creatinines.flatMap(({ span }) => span ?? []);
  // Of one sample the creatinine is used: the laboratory's equation may be another one.
  const reported = reports
    .slice(0, longestHistory)
    .filter(({ span }) => !span || !measured.some((other) => isOfOneSample(span, other)));
  const leftOut: LeftOut = { unsteady, inPregnancy: 0, underAge: 0 };
  const pregnant = pregnancies(context);
  const estimates = [...steady, ...reported].flatMap((lab) => {
    const found = estimateOf(context, lab, pregnant);
    if (typeof found !== 'string') return found ?? [];
    leftOut[found] += 1;
    return [];
  });
  // Each test is in this order already, and of one time there is one test only.
  estimates.sort((one, other) => other.span.to - one.span.to);
  return { estimates, cut, leftOut };
}

/** The creatinines of times at which it was not changing, and how many others there are. */
function steadyOnes(creatinines: readonly Lab[]): { steady: Lab[]; unsteady: number } {
  const series = creatinines.map(creatinineOf);
  const comparable = series.flatMap((value) => value ?? []);
  const isSteady = new Map(steadyCreatinines(comparable).map((truth, index) => [comparable[index], truth]));
  const steady = creatinines.filter((_, index) => {
    const value = series[index];
    return !value || isSteady.get(value) === true;
  });
  return { steady, unsteady: creatinines.length - steady.length };
}

const isOfOneSample = (span: Span, other: Span): boolean => overlap(span, other, isOfOneDay(other) ? day : 0);

/** The estimate of one result at the age of its time, or why it means nothing. */
function estimateOf(
  context: EvaluationContext,
  lab: Lab,
  pregnant: readonly Span[],
): Estimate | keyof LeftOut | null {
  const { sex } = context.chart.patient;
  const { span } = lab;
  const age = span && ageYearsAt(context, span);
  if (!span || !age || !sex) return null;
  if (age.low < 18) return 'underAge';
  if (pregnant.some((one) => overlap(one, span))) return 'inPregnancy';
  return lab.test === 'egfr' ? asReported(lab, span) : fromCreatinine(lab, span, { age, sex });
}

const categoriesOf = ({ low, high, highOpen }: Range): string => {
  const [worst, best] = [gfrCategory(low), gfrCategory(high, highOpen)];
  return worst === best ? `${gfrCategories[worst]}` : `${gfrCategories[best]} to ${gfrCategories[worst]}`;
};

function estimateEvidence({ lab, range, equation }: Estimate, notes: readonly EvidenceNote[]): Evidence {
  const evidence = labEvidence(lab);
  return {
    ...evidence,
    name: 'eGFR',
    used: { kind: 'range', range: statedRange(range), unit },
    notes: [
      lab.test === 'egfr' ? { code: 'as-reported', method: equation } : { code: 'equation', equation },
      { code: 'gfr-category', categories: categoriesOf(range) },
      ...evidence.notes,
      ...notes,
    ],
  };
}

const isAny = ({ unsteady, inPregnancy, underAge }: LeftOut): boolean =>
  unsteady + inPregnancy + underAge > 0;

/** The newest estimate inside the window may be any of those whose times overlap: it is what any of them says. */
function withNewest(history: History, since: number): History {
  const inside = history.estimates.filter(({ span }) => span.from >= since);
  const [first] = inside;
  if (!first?.lab.overlaps) return history;
  const last = inside.reduce((latest, { span }) => Math.max(latest, span.from), 0);
  const candidates = inside.filter((one) => one === first || (one.lab.overlaps && one.span.to >= last));
  const newest = { ...first, range: candidates.map(({ range }) => range).reduce(unionOf) };
  return { ...history, estimates: history.estimates.map((one) => (one === first ? newest : one)) };
}

/** The history of an adult whose latest estimate is inside the window and means something, or why there is none. */
function historyFor(
  context: EvaluationContext,
  window: number,
): { history: History; newest: Estimate; notes: EvidenceNote[] } | UnknownFact {
  const adult = adultOf(context);
  if (!isAdult(adult)) return adult;
  const creatinine = latestCreatinine(context, window);
  if (!isUnknown(creatinine) && context.memo(isUnsteady)) return creatinineIsChanging(creatinine);
  const history = withNewest(context.memo(historyOf), context.at - window);
  const newest = history.estimates.find(({ span }) => span.from >= context.at - window);
  const { leftOut } = history;
  if (newest) {
    const notes: EvidenceNote[] = isAny(leftOut) ? [{ code: 'left-out', ...leftOut }] : [];
    return { history, newest, notes: [...notes, ...unchecked(context)] };
  }
  if (isUnknown(creatinine)) return creatinine;
  return missing('unresolved', [{ code: 'results-left-out', ...leftOut }], [labEvidence(creatinine)]);
}

/** Nothing old enough to compare with: because it never came, or because there is none. */
function tooShort(
  context: EvaluationContext,
  { cut }: History,
  reason: Reason,
  evidence: Evidence[],
): UnknownFact {
  const incomplete = lackOfSeries(context, context.at - longestLookBack, [reason]);
  if (incomplete) return { ...incomplete, evidence };
  return missing(cut ? 'unresolved' : 'absent', [reason], evidence);
}

/** Why nobody knows that every creatinine and reported eGFR since then has come; null where they have. */
const lackOfSeries = (context: EvaluationContext, since: number, before: readonly Reason[] = []) =>
  lackOfResults(context, ['creatinine', 'egfr'], context.at - since, before);

/** The greater end of two ranges that both hold something of one series. */
const higherOf = (one: Range, other: Range): Range => ({
  ...(one.low > other.low || (one.low === other.low && one.lowOpen)
    ? { low: one.low, ...(one.lowOpen ? { lowOpen: true } : {}) }
    : { low: other.low, ...(other.lowOpen ? { lowOpen: true } : {}) }),
  ...(one.high > other.high || (one.high === other.high && !one.highOpen)
    ? { high: one.high, ...(one.highOpen ? { highOpen: true } : {}) }
    : { high: other.high, ...(other.highOpen ? { highOpen: true } : {}) }),
});

/** What the highest of the estimates may be: of those surely between two times, and of those perhaps there. */
function highestRange(
  context: EvaluationContext,
  { estimates, cut }: History,
  inside: readonly Estimate[],
  since: number,
): Range {
  // A result of `2026-01` may lie inside or before.
  const perhaps = estimates.filter((one) => !inside.includes(one) && one.span.to >= since);
  const surely = inside.map(({ range }) => range).reduce(higherOf);
  const { high, highOpen } = perhaps.map(({ range }) => range).reduce(higherOf, surely);
  const { highOpen: _, ...rest } = surely;
  if (lackOfSeries(context, since) !== null || cut) return { ...rest, high: Number.POSITIVE_INFINITY };
  return { ...rest, high, ...(highOpen ? { highOpen: true } : {}) };
}

function highestEgfr(context: EvaluationContext, window: number, over: number): Fact {
  const found = historyFor(context, window);
  if ('state' in found) return found;
  const { history, newest, notes } = found;
  const oldEnough = history.estimates.filter(({ span }) => span.to <= newest.span.from - over);
  const first = oldEnough.find(({ span }) => isOfOneDay(span)) ?? oldEnough[0];
  if (!first) {
    const reason: Reason = { code: 'needs-older-estimate', before: newest.lab.time };
    return tooShort(context, history, reason, [estimateEvidence(newest, notes)]);
  }
  const between = history.estimates.filter(
    ({ span }) => span.to <= newest.span.to && span.from >= first.span.from,
  );
  const inside = [...new Set([newest, first, ...between])];
  const range = highestRange(context, history, inside, first.span.from);
  const top = between.reduce((best, one) => (one.range.low > best.range.low ? one : best), newest);
  const evidence = [...new Set([newest, top, first])].map((one, index) =>
    estimateEvidence(one, index === 0 ? notes : []),
  );
  const fact: KnownFact = { state: 'known', value: toTwelveDigits(range.low), unit, evidence };
  return range.low === range.high ? fact : { ...fact, range };
}

const shared = { ...kidneyFunction, ask: () => 'earlier kidney function (creatinine)' };
const inputs = ['creatinine', 'creatinine-dialysis', 'egfr', 'pregnancy-status'] as const;

const egfrHighest = defineFact({
  ...shared,
  name: 'egfrHighest',
  params: z.strictObject({ within: duration, over: duration }),
  description:
    'The highest eGFR from the newest one that is at least `over` before the latest, up to the latest. Below 60: reduced all that time, as far as it was measured.',
  tests: () => inputs,
  need: () => null,
  describe: (params) => `highest egfr over at least ${params.over} up to the latest within ${params.within}`,
  word: ({ value }, params, round) =>
    `no eGFR above ${round(Number(value), 1)} mL/min/1.73 m² in ${wordDuration(params.over)} or more`,
  compute(params) {
    const window = milliseconds(params.within);
    const over = milliseconds(params.over);
    return (context) => highestEgfr(context, window, over);
  },
});

/** A one-sided estimate has an end beyond which there is no eGFR, so that its ratios have ends too. */
const plausibleEnds = ({ low, high }: Range): { low: number; high: number } => ({
  low: Math.max(low, lowest),
  high: Math.min(high, highest),
});

const spread = (low: number, high: number, ofUnit: string, evidence: Evidence[]): KnownFact =>
  knownRange(toTwelveDigits(low), toTwelveDigits(high), ofUnit, evidence);

/** Per cent of the baseline that is lost; negative where it rose. */
function percentLost(baseline: Range, now: Range): { low: number; high: number } {
  const [before, after] = [plausibleEnds(baseline), plausibleEnds(now)];
  return { low: 100 * (1 - after.high / before.low), high: 100 * (1 - after.low / before.high) };
}

const categoriesLost = (baseline: Range, now: Range): { low: number; high: number } => ({
  low: gfrCategory(now.high, now.highOpen) - gfrCategory(baseline.low),
  high: gfrCategory(now.low) - gfrCategory(baseline.high, baseline.highOpen),
});

/** One estimate a day, the newest of it, so that a stay in hospital does not outweigh the years. */
function onePerDay(estimates: readonly Estimate[]): Estimate[] {
  const seen = new Set<number>();
  return estimates.filter(({ span }) => {
    const date = Math.floor(span.to / day);
    if (seen.has(date)) return false;
    seen.add(date);
    return true;
  });
}

const isPlain = ({ lab }: Estimate): boolean => isPlainResult(lab) && !lab.overlaps;
/** A line through two points says nothing about the points. */
const fewestForSlope = 3;

const fallParams = z.strictObject({
  within: duration,
  span: duration,
  over: duration,
  as: z.enum(['percent', 'categories', 'perYear']),
});
type FallParams = z.infer<typeof fallParams>;

/** The estimates a fall is computed from, newest first. Two equations differ by more than a year of disease. */
function usableForFall(
  { estimates }: History,
  newest: Estimate,
  { as, span }: FallParams,
): { usable: Estimate[]; otherEquation: boolean } {
  const since = newest.span.from - milliseconds(span);
  const inTime = estimates.filter(
    (one) => one === newest || (isOfOneDay(one.span) && one.span.from >= since),
  );
  const comparable = inTime.filter(({ equation }) => equation === newest.equation);
  return {
    usable: as === 'perYear' ? onePerDay(comparable.filter(isPlain)) : comparable,
    otherEquation: inTime.length > comparable.length,
  };
}

function computeFall(context: EvaluationContext, params: FallParams): Fact {
  const found = historyFor(context, milliseconds(params.within));
  if ('state' in found) return found;
  const { history, newest, notes } = found;
  const { as, over } = params;
  const latestShown = estimateEvidence(newest, notes);
  if (as === 'perYear' && !isPlain(newest))
    return missing('unresolved', [{ code: 'not-plain', reference: newest.lab.reference }], [latestShown]);
  const { usable, otherEquation } = usableForFall(history, newest, params);
  const baseline = usable.at(-1);
  const count = as === 'perYear' ? fewestForSlope : 2;
  if (!baseline || usable.length < count || baseline.span.to > newest.span.from - milliseconds(over)) {
    const reason: Reason = {
      code: 'needs-estimates',
      count,
      over,
      before: newest.lab.time,
      otherEquation,
    };
    return tooShort(context, history, reason, [latestShown]);
  }
  const estimates = as === 'perYear' ? { estimates: usable.length } : {};
  const evidence = [latestShown, estimateEvidence(baseline, [{ code: 'baseline', ...estimates }])];
  switch (as) {
    case 'percent': {
      const { low, high } = percentLost(baseline.range, newest.range);
      return spread(low, high, '%', evidence);
    }
    case 'categories': {
      const { low, high } = categoriesLost(baseline.range, newest.range);
      return spread(low, high, '1', evidence);
    }
    case 'perYear': {
      const falls = [-slopeOf(usable, 'low'), -slopeOf(usable, 'high')];
      return spread(Math.min(...falls), Math.max(...falls), `${unit}/a`, evidence);
    }
  }
}

const slopeOf = (estimates: readonly Estimate[], end: 'low' | 'high'): number =>
  slopePerYear(estimates.map((one) => ({ value: one.range[end], at: one.span.to }))) ?? 0;

const fallDescriptions = {
  percent: 'in per cent',
  categories: 'in GFR categories',
  perYear: 'a year',
} as const;

const egfrFall = defineFact({
  ...shared,
  name: 'egfrFall',
  params: fallParams,
  description:
    'What eGFR lost from the oldest one inside `span` before the latest, which lies at least `over` before it: per cent of that one, GFR categories, or mL/min/{1.73_m2} a year by a straight line through all of them.',
  tests: () => inputs,
  reach: ({ span }) => kidneyReach.map((one) => ({ ...one, before: milliseconds(span) })),
  need: () => null,
  isWhole: ({ as }) => as === 'categories',
  describe: ({ as, span, within }) => `egfr fall ${fallDescriptions[as]} in ${span} within ${within}`,
  word: ({ value }, { as, span }, round) => {
    switch (as) {
      case 'percent':
        return `eGFR fell ${round(Number(value), 0)} % in ${wordDuration(span)}`;
      case 'categories':
        return `${value} GFR ${value === 1 ? 'category' : 'categories'} lower`;
      case 'perYear':
        return `eGFR falls ${round(Number(value), 1)} mL/min/1.73 m² a year`;
    }
  },
  // How many categories were lost follows from the values; the detail says it.
  fills: ({ as }) => (as === 'categories' ? [] : ['values']),
  heads: () => null,
  compute: (params) => (context) => computeFall(context, params),
});

export const egfrHistoryFacts = [egfrHighest, egfrFall] as const;
