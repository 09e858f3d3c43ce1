/**
 * The course of kidney function: every estimate on the chart with the age of its own time, CKD-EPI 2021 from
 * creatinine, or as reported where no creatinine is of the same day. Left out are estimates that mean nothing:
 * under 18, in a documented pregnancy, and while creatinine was changing. Race-based ones are never used.
 * How they are read: docs/data.md, kidney function.
 */

import type { Lab } from '../chart/types.ts';
import { milliseconds, type Span } from '../fhir/time.ts';
import type { FactParams } from '../rule/document.ts';
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
  type Compute,
  describe,
  type EvaluationContext,
  type Evidence,
  type Fact,
  incompleteCategory,
  type KnownFact,
  type Range,
  type UnknownFact,
} from './fact.ts';
import { isUnknown, labEvidence, latest, rangeOf, wasAsked } from './labs.ts';
import { ageYearsAt } from './patient.ts';
import { longestPregnancy } from './pregnancy.ts';
import {
  type Adult,
  adultOf,
  creatinineOf,
  estimate,
  isAdult,
  isUnsteady,
  notApplicable,
  unchecked,
} from './renal.ts';

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
  /** What was left out and why, for the card; empty when nothing was. */
  leftOut: string;
  /** More results than are looked at: what lies before them is not known. */
  cut: boolean;
}

const unit = 'mL/min/{1.73_m2}';
const day = milliseconds('P1D');
/** A bound on what a hostile request can cost: a result a day for almost three years. */
const longestHistory = 1000;
/** Below and above there is no eGFR, so a one-sided one is never wider. */
const [lowest, highest] = labTests.egfr.plausible;

const isOfOneDay = ({ from, to }: Span): boolean => to - from < day;
const overlap = (one: Span, other: Span, slack = 0): boolean =>
  one.from <= other.to + slack && other.from <= one.to + slack;
const point = (value: number): Range => ({ low: value, high: value });

/** When the patient was pregnant, as far as documented, resolved or not. */
const pregnancies = ({ chart }: EvaluationContext): Span[] =>
  chart.patient.sex === 'male'
    ? []
    : chart.conditions.flatMap(({ groups, onset }) =>
        onset && groups.includes('pregnancy') ? [{ from: onset.from, to: onset.to + longestPregnancy }] : [],
      );

function fromCreatinine(lab: Lab, span: Span, adult: Adult): Estimate | null {
  const { sex } = adult;
  const result = estimate(lab, adult, (creatinineMgdl, ageYears) =>
    ckdEpi2021Creatinine({ creatinineMgdl, ageYears, sex }),
  );
  return result && { lab, span, range: result.range ?? point(result.value), equation: 'CKD-EPI 2021' };
}

function asReported(lab: Lab, span: Span): Estimate | null {
  if (lab.value === null || lab.method === 'pediatric') return null;
  const range = rangeOf(lab.comparator, lab.value) ?? point(lab.value);
  return { lab, span, range, equation: lab.method ?? 'unspecified' };
}

/** Of an adult, see `adultOf`. */
function historyOf(context: EvaluationContext): History {
  const { sex } = context.chart.patient;
  const results = context.labsOf('creatinine');
  const reports = context.labsOf('egfr');
  const cut = results.length > longestHistory || reports.length > longestHistory;
  const creatinines = results.slice(0, longestHistory);
  const series = creatinines.map(creatinineOf);
  const comparable = series.flatMap((value) => value ?? []);
  const steadyOnes = steadyCreatinines(comparable);
  const steady = new Map(comparable.map((value, index) => [value, steadyOnes[index] ?? false]));
  const pregnant = pregnancies(context);
  const estimates: Estimate[] = [];
  let [unsteady, inPregnancy, underAge] = [0, 0, 0];
  const keep = (lab: Lab, span: Span): void => {
    const age = ageYearsAt(context, span);
    if (!age || !sex) return;
    if (age.low < 18) underAge += 1;
    else if (pregnant.some((one) => overlap(one, span))) inPregnancy += 1;
    else {
      const found = lab.test === 'egfr' ? asReported(lab, span) : fromCreatinine(lab, span, { age, sex });
      if (found) estimates.push(found);
    }
  };
  for (const [index, lab] of creatinines.entries()) {
    const value = series[index];
    if (value && !steady.get(value)) unsteady += 1;
    else if (lab.span) keep(lab, lab.span);
  }
  const measured = creatinines.flatMap(({ span }) => span ?? []);
  for (const lab of reports.slice(0, longestHistory)) {
    const { span } = lab;
    // Of one sample the creatinine is used: the laboratory's equation may be another one.
    if (span && !measured.some((other) => overlap(span, other, isOfOneDay(other) ? day : 0))) keep(lab, span);
  }
  // Each test is in this order already, and of one time there is one test only.
  estimates.sort((one, other) => other.span.to - one.span.to);
  const leftOut = [
    unsteady > 0 ? `${unsteady} while creatinine was changing` : '',
    inPregnancy > 0 ? `${inPregnancy} in pregnancy` : '',
    underAge > 0 ? `${underAge} under 18` : '',
  ].filter((part) => part !== '');
  return { estimates, cut, leftOut: leftOut.length > 0 ? `left out: ${leftOut.join(', ')}` : '' };
}

const shownRange = ({ low, high, lowOpen, highOpen }: Range): string => {
  const rounded = (value: number): string => String(Number(value.toFixed(1)));
  if (rounded(low) === rounded(high)) return rounded(low);
  if (!Number.isFinite(high)) return `${lowOpen ? '>' : '>='} ${rounded(low)}`;
  return low === 0 ? `${highOpen ? '<' : '<='} ${rounded(high)}` : `${rounded(low)} to ${rounded(high)}`;
};

const categoryOf = ({ low, high, highOpen }: Range): string => {
  const [worst, best] = [gfrCategory(low), gfrCategory(high, highOpen)];
  return worst === best ? `${gfrCategories[worst]}` : `${gfrCategories[best]} to ${gfrCategories[worst]}`;
};

function evidenceOfEstimate({ lab, range, equation }: Estimate, note: string): Evidence {
  const notes = [
    lab.test === 'egfr' ? `as reported, ${equation}` : equation,
    categoryOf(range),
    lab.why ?? '',
    note,
  ];
  return {
    ...labEvidence(lab),
    name: 'eGFR',
    used: `${shownRange(range)} ${unit}`,
    note: notes.filter((part) => part !== '').join('; '),
  };
}

/** The history of an adult whose latest estimate is inside the window and means something, or why there is none. */
function historyFor(
  context: EvaluationContext,
  window: number,
  what: string,
): { history: History; newest: Estimate; note: string } | UnknownFact {
  const adult = adultOf(context, what);
  if (!isAdult(adult)) return adult;
  const creatinine = latest(context, 'creatinine', window, `${what}: needs creatinine`);
  if (!isUnknown(creatinine) && context.memo(isUnsteady)) {
    return notApplicable(what, 'creatinine is changing: an estimate is not reliable', [
      labEvidence(creatinine),
    ]);
  }
  const history = context.memo(historyOf);
  const newest = history.estimates.find(({ span }) => span.from >= context.at - window);
  if (newest) {
    const note = `${history.leftOut}${unchecked(context)}`.replace(/^; /, '');
    return { history, newest, note };
  }
  if (isUnknown(creatinine)) return creatinine;
  return {
    state: 'missing',
    cause: 'unresolved',
    missing: `${what} (${history.leftOut || 'the results give no estimate'})`,
    evidence: [labEvidence(creatinine)],
  };
}

/** Nothing old enough to compare with: because it never came, or because there is none. */
function tooShort(
  context: EvaluationContext,
  { cut }: History,
  what: string,
  evidence: Evidence[],
): UnknownFact {
  const incomplete = seriesIsWhole(context) ? null : incompleteCategory(context, 'labs', what);
  if (incomplete) return { ...incomplete, evidence };
  return { state: 'missing', cause: cut ? 'unresolved' : 'absent', missing: what, evidence };
}

/** Whether every creatinine and reported eGFR there is has come. */
const seriesIsWhole = (context: EvaluationContext): boolean =>
  context.chart.completeness.labs === 'known' || wasAsked(context, ['creatinine', 'egfr']);

/** The greater end of two ranges that both hold something of one series. */
const higherOf = (one: Range, other: Range): Range => ({
  ...(one.low > other.low || (one.low === other.low && one.lowOpen)
    ? { low: one.low, ...(one.lowOpen ? { lowOpen: true } : {}) }
    : { low: other.low, ...(other.lowOpen ? { lowOpen: true } : {}) }),
  ...(one.high > other.high || (one.high === other.high && !one.highOpen)
    ? { high: one.high, ...(one.highOpen ? { highOpen: true } : {}) }
    : { high: other.high, ...(other.highOpen ? { highOpen: true } : {}) }),
});

export function egfrHighestFact(params: FactParams<'egfrHighest'>): Compute {
  const window = milliseconds(params.within);
  const over = milliseconds(params.over);
  const what = describe('egfrHighest', params);
  return (context) => {
    const found = historyFor(context, window, what);
    if ('state' in found) return found;
    const { history, newest, note } = found;
    const oldEnough = history.estimates.filter(({ span }) => span.to <= newest.span.from - over);
    const first = oldEnough.find(({ span }) => isOfOneDay(span)) ?? oldEnough[0];
    if (!first) {
      const why = `${what} (needs another estimate at least that long before ${newest.lab.time})`;
      return tooShort(context, history, why, [evidenceOfEstimate(newest, note)]);
    }
    const isInside = ({ span }: Estimate): boolean =>
      span.to <= newest.span.to && span.from >= first.span.from;
    const between = history.estimates.filter(isInside);
    // A result of `2026-01` may lie inside or before.
    const perhaps = history.estimates.filter((one) => !isInside(one) && one.span.to >= first.span.from);
    const surely = [newest, first, ...between].map(({ range }) => range).reduce(higherOf);
    const widest = perhaps.map(({ range }) => range).reduce(higherOf, surely);
    const range: Range = { ...surely, high: widest.high };
    if (widest.highOpen) range.highOpen = true;
    else delete range.highOpen;
    if (!seriesIsWhole(context) || history.cut) {
      range.high = Number.POSITIVE_INFINITY;
      delete range.highOpen;
    }
    const top = between.reduce((best, one) => (one.range.low > best.range.low ? one : best), newest);
    const shown = [...new Set([newest, top, first])].map((one, index) =>
      evidenceOfEstimate(one, index === 0 ? note : ''),
    );
    const fact: KnownFact = { state: 'known', value: toTwelveDigits(range.low), unit, evidence: shown };
    if (range.low !== range.high) fact.range = range;
    return fact;
  };
}

/** A one-sided estimate has an end beyond which there is no eGFR, so that its ratios have ends too. */
const within = ({ low, high }: Range): { low: number; high: number } => ({
  low: Math.max(low, lowest),
  high: Math.min(high, highest),
});

const spread = (low: number, high: number, ofUnit: string, evidence: Evidence[]): KnownFact => {
  const [least, most] = [toTwelveDigits(low), toTwelveDigits(high)];
  const fact: KnownFact = { state: 'known', value: least, unit: ofUnit, evidence };
  if (least !== most) fact.range = { low: least, high: most };
  return fact;
};

/** Per cent of the baseline that is lost; negative where it rose. */
function percentLost(baseline: Range, now: Range): { low: number; high: number } {
  const [before, after] = [within(baseline), within(now)];
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

const isPlain = ({ lab }: Estimate): boolean => lab.comparator === undefined;
/** A line through two points says nothing about the points. */
const fewestForSlope = 3;

export function egfrFallFact(params: FactParams<'egfrFall'>): Compute {
  const window = milliseconds(params.within);
  const span = milliseconds(params.span);
  const over = milliseconds(params.over);
  const { as } = params;
  const what = describe('egfrFall', params);
  return (context): Fact => {
    const found = historyFor(context, window, what);
    if ('state' in found) return found;
    const { history, newest, note } = found;
    if (as === 'perYear' && !isPlain(newest)) {
      const missing = `${what} (the latest, ${newest.lab.reference}, is no plain number)`;
      return { state: 'missing', cause: 'unresolved', missing, evidence: [evidenceOfEstimate(newest, note)] };
    }
    const inTime = history.estimates.filter(
      (one) => one === newest || (isOfOneDay(one.span) && one.span.from >= newest.span.from - span),
    );
    // Two equations differ by more than a year of disease: a fall between them is none.
    const comparable = inTime.filter(({ equation }) => equation === newest.equation);
    const usable = as === 'perYear' ? onePerDay(comparable.filter(isPlain)) : comparable;
    const baseline = usable.at(-1);
    const fewest = as === 'perYear' ? fewestForSlope : 2;
    if (!baseline || usable.length < fewest || baseline.span.to > newest.span.from - over) {
      const other = inTime.length > comparable.length ? '; others are by another equation' : '';
      const needs = `${what} (needs ${fewest === 2 ? 'an earlier estimate' : `${fewest} estimates`}, the first at least ${params.over} before ${newest.lab.time}${other})`;
      return tooShort(context, history, needs, [evidenceOfEstimate(newest, note)]);
    }
    const latestShown = evidenceOfEstimate(newest, note);
    const evidence = [latestShown, evidenceOfEstimate(baseline, 'baseline')];
    if (as === 'percent') {
      const { low, high } = percentLost(baseline.range, newest.range);
      return spread(low, high, '%', evidence);
    }
    if (as === 'categories') {
      const { low, high } = categoriesLost(baseline.range, newest.range);
      return spread(low, high, '1', evidence);
    }
    const slope = (end: 'low' | 'high'): number =>
      slopePerYear(usable.map((one) => ({ value: one.range[end], at: one.span.to }))) ?? 0;
    const falls = [-slope('low'), -slope('high')];
    return spread(Math.min(...falls), Math.max(...falls), `${unit}/a`, [
      latestShown,
      evidenceOfEstimate(baseline, `baseline; straight line through ${usable.length} estimates`),
    ]);
  };
}
