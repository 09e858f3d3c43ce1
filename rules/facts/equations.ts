import { hour } from '../fhir/time.ts';
import { power } from './power.ts';

/**
 * Clinical equations. All of them are pure, take the units their names say, answer unrounded (round for
 * display only) and answer null, never throw, when an argument is not a positive finite number or lies
 * outside the range the equation was made for.
 */
export type Sex = 'male' | 'female';

function positive(...values: number[]): boolean {
  return values.every((value) => Number.isFinite(value) && value > 0);
}

function adult(ageYears: number): boolean {
  return Number.isFinite(ageYears) && ageYears >= 18;
}

/**
 * eGFR in mL/min/1.73 m2, CKD-EPI 2021, from creatinine (mg/dL). Adults of 18 years and over.
 * Source: Inker LA et al. N Engl J Med 2021;385:1737-49, doi:10.1056/NEJMoa2102953.
 */
export function ckdEpi2021Creatinine(input: {
  creatinineMgdl: number;
  ageYears: number;
  sex: Sex;
}): number | null {
  const { creatinineMgdl, ageYears, sex } = input;
  if (!positive(creatinineMgdl) || !adult(ageYears)) return null;
  const female = sex === 'female';
  const ratio = creatinineMgdl / (female ? 0.7 : 0.9);
  return (
    142 *
    power(Math.min(ratio, 1), female ? -0.241 : -0.302) *
    power(Math.max(ratio, 1), -1.2) *
    power(0.9938, ageYears) *
    (female ? 1.012 : 1)
  );
}

/**
 * eGFR in mL/min/1.73 m2, bedside Schwartz, from height (cm) and IDMS-traceable creatinine (mg/dL). Ages from
 * 1 up to the 18th birthday.
 * Source: Schwartz GJ et al. J Am Soc Nephrol 2009;20:629-37, doi:10.1681/ASN.2008030287.
 */
export function bedsideSchwartz(input: {
  heightCm: number;
  creatinineMgdl: number;
  ageYears: number;
}): number | null {
  const { heightCm, creatinineMgdl, ageYears } = input;
  if (!positive(heightCm, creatinineMgdl, ageYears) || ageYears < 1 || ageYears >= 18) return null;
  return (0.413 * heightCm) / creatinineMgdl;
}

/**
 * Creatinine clearance in mL/min (not per body surface), Cockcroft-Gault, from age, weight (kg) and
 * creatinine (mg/dL). Adults from 18 up to the 140th year, where the formula reaches zero. Which weight is the
 * caller's choice: the labels of direct oral anticoagulants use the actual one.
 * Source: Cockcroft DW, Gault MH. Nephron 1976;16:31-41, doi:10.1159/000180580.
 */
export function cockcroftGault(input: {
  creatinineMgdl: number;
  ageYears: number;
  weightKg: number;
  sex: Sex;
}): number | null {
  const { creatinineMgdl, ageYears, weightKg, sex } = input;
  if (!positive(creatinineMgdl, weightKg) || !adult(ageYears) || ageYears >= 140) return null;
  return (((140 - ageYears) * weightKg) / (72 * creatinineMgdl)) * (sex === 'female' ? 0.85 : 1);
}

/**
 * Total calcium in mg/dL as it would be at an albumin of 4.0 g/dL, Payne, from calcium (mg/dL) and albumin
 * (g/dL). An ionized calcium is better; in critical illness and kidney failure the formula is unreliable.
 * Source: Payne RB et al. Br Med J 1973;4:643-6, doi:10.1136/bmj.4.5893.643.
 */
export function correctedCalciumPayne(input: { calciumMgdl: number; albuminGdl: number }): number | null {
  if (!positive(input.calciumMgdl, input.albuminGdl)) return null;
  return input.calciumMgdl + 0.8 * (4 - input.albuminGdl);
}

/**
 * One serum creatinine. `at` is in milliseconds since 1970. `umol` (umol/L) is present when the value came in
 * a molar unit: KDIGO gives its thresholds in both units, and the value's own unit picks (26.5 and 353.6
 * umol/L, or 0.3 and 4.0 mg/dL).
 */
export interface Creatinine {
  mgdl: number;
  umol?: number;
  at: number;
  /** Where its time overlaps that of another one: it was taken between this and `at`. */
  from?: number;
  /** Where it may be more than `mgdl`: the highest that it may be. */
  highest?: { mgdl: number; umol?: number };
  /** It came as `< 0.3` or `> 15`: one end is that, the other what nobody measured. */
  oneSided?: true;
}

export type AkiStageNumber = 0 | 1 | 2 | 3;

/** `low` and `high` are equal where the data decide the stage; otherwise it is one of those between. */
export interface AkiStage {
  low: AkiStageNumber;
  high: AkiStageNumber;
  basis: string;
}

export interface AkiOptions {
  ageYears?: number | undefined;
  /** A known baseline creatinine, mg/dL. It counts for the ratio, not for the rise within 48 hours. */
  baselineMgdl?: number | undefined;
  /** eGFR in mL/min/1.73 m2, for the criterion that KDIGO gives for those under 18. */
  egfr?: number | undefined;
}

const twoDays = 48 * hour;
const sevenDays = 7 * 24 * hour;

/** Oldest first; of values at one time the highest last. Values that are no positive numbers are left out. */
function inOrder(series: readonly Creatinine[]): Creatinine[] {
  return series
    .filter(({ mgdl, at }) => positive(mgdl) && Number.isFinite(at))
    .toSorted((one, other) => one.at - other.at || one.mgdl - other.mgdl);
}

/**
 * A ratio or difference to 9 significant digits, so that 1.2 - 0.9 is 0.3 and 120 / 80 umol/L is 1.5 in mg/dL
 * too: converted values carry 12 digits, and what is computed from two of them fewer.
 */
function withoutNoise(value: number): number {
  return Number(value.toPrecision(9));
}

const ratioOf = (value: Creatinine, reference: Creatinine): number =>
  withoutNoise(value.mgdl / reference.mgdl);

interface Molar extends Creatinine {
  umol: number;
}
const isMolar = (value: Creatinine): value is Molar => value.umol !== undefined;

/** A rise of 0.3 mg/dL, or of 26.5 umol/L where both values came in a molar unit. */
const risesBy03 = (value: Creatinine, reference: Creatinine): boolean =>
  isMolar(value) && isMolar(reference)
    ? withoutNoise(value.umol - reference.umol) >= 26.5
    : withoutNoise(value.mgdl - reference.mgdl) >= 0.3;

const lowestOf = (values: readonly Creatinine[]): Creatinine | undefined =>
  values.toSorted((one, other) => one.mgdl - other.mgdl)[0];

function shown(value: Creatinine): string {
  return value.umol === undefined
    ? `${Number(value.mgdl.toFixed(2))} mg/dL`
    : `${Number(value.umol.toFixed(1))} umol/L`;
}

/**
 * The highest stage one creatinine allows when there is nothing to compare it with. In an adult a creatinine
 * below 0.4 mg/dL is taken as impossible, so stage 3 (three times the baseline) is ruled out where a third of
 * the value would be below it, stage 2 where half would, stage 1 where two thirds would.
 */
function highestWithoutComparison(mgdl: number): AkiStageNumber {
  const below = (factor: number) => withoutNoise(mgdl / factor) < 0.4;
  if (below(1.5)) return 0;
  if (below(2)) return 1;
  return below(3) ? 2 : 3;
}

const beginningOf = ({ from, at }: Creatinine): number => from ?? at;
const isOpen = ({ from, highest }: Creatinine): boolean => from !== undefined || highest !== undefined;
/** As low, or as high, as it may be. */
const atLeast = ({ highest: _, ...lowest }: Creatinine): Creatinine => lowest;
const atMost = ({ highest, ...lowest }: Creatinine): Creatinine => {
  if (!highest) return lowest;
  const { umol: _, ...rest } = lowest;
  return { ...rest, ...highest };
};

/** The latest of `ordered`, and all whose times overlap so that each may be the latest. */
function possiblyLatest(ordered: readonly Creatinine[]): Creatinine[] {
  const last = ordered.at(-1);
  if (last === undefined) return [];
  if (last.from === undefined) return [last];
  const since = ordered.reduce((latest, value) => Math.max(latest, beginningOf(value)), 0);
  return ordered.filter((value) => value === last || (value.from !== undefined && value.at >= since));
}

/** Bedside Schwartz falls as creatinine rises. */
const atMostCreatinine = (value: Creatinine, options: AkiOptions): AkiOptions =>
  options.egfr === undefined
    ? options
    : { ...options, egfr: (options.egfr * value.mgdl) / atMost(value).mgdl };

/**
 * The stage of one of `ordered`: more creatinine, and less or more of what came before, only raise it, so that its lowest
 * is that of the lowest value against the highest others that surely came before, its highest the reverse.
 */
function stageOf(value: Creatinine, ordered: readonly Creatinine[], options: AkiOptions): AkiStage {
  const surely = ordered.filter((other) => other !== value && other.at < beginningOf(value));
  if (!isOpen(value) && !surely.some(isOpen) && !ordered.some(({ from }) => from !== undefined))
    return stageAfter(value, surely, options);
  const perhaps = ordered.filter((other) => other !== value && beginningOf(other) < value.at);
  const least = stageAfter(atLeast(value), surely.map(atMost), options);
  const most = stageAfter(atMost(value), perhaps.map(atLeast), atMostCreatinine(value, options));
  const high = Math.max(least.high, most.high) as AkiStageNumber;
  // The far end of a one-sided value is no value to quote.
  const isOneSided = [value, ...perhaps].some(({ oneSided }) => oneSided);
  if (surely.length === 0) return { low: 0, high, basis: isOneSided ? least.basis : most.basis };
  const either = isOneSided ? `${least.basis}, or more` : `${least.basis}; or ${most.basis}`;
  return { low: least.low, high, basis: least.basis === most.basis ? least.basis : either };
}

/** The stage of the last of `ordered`; what any of those that may be the last has. */
function stageOfLast(ordered: readonly Creatinine[], options: AkiOptions): AkiStage | null {
  const stages = possiblyLatest(ordered).map((value) => stageOf(value, ordered, options));
  const [first, ...others] = stages;
  if (!first) return null;
  return others.reduce(
    (all, { low, high, basis }) => ({
      low: Math.min(all.low, low) as AkiStageNumber,
      high: Math.max(all.high, high) as AkiStageNumber,
      basis: all.basis === basis ? basis : `${all.basis}; or ${basis}`,
    }),
    first,
  );
}

const isChild = ({ ageYears }: AkiOptions): boolean => (ageYears ?? 18) < 18;

/** Under 18: that the eGFR is below 35, in words; empty where it is not. */
const below35Words = (options: AkiOptions): string =>
  isChild(options) && options.egfr !== undefined && options.egfr < 35
    ? `eGFR ${Number(options.egfr.toFixed(1))} is below 35 under 18 years of age`
    : '';

/** The stage of one value with nothing to compare it with. */
function stageAlone(latest: Creatinine, options: AkiOptions): AkiStage {
  const below35 = below35Words(options);
  if (below35 !== '') return { low: 3, high: 3, basis: below35 };
  const high = adult(options.ageYears ?? 0) ? highestWithoutComparison(latest.mgdl) : 3;
  return {
    low: 0,
    high,
    basis: `creatinine ${shown(latest)} with no other within 7 days and no baseline`,
  };
}

/** The stage of one value after others. */
function stageAfter(latest: Creatinine, others: readonly Creatinine[], options: AkiOptions): AkiStage {
  const { baselineMgdl } = options;
  const before = others.filter(({ at }) => latest.at - at <= sevenDays);
  const baseline = [{ mgdl: baselineMgdl ?? 0, at: latest.at }].filter(({ mgdl }) => positive(mgdl));
  const reference = lowestOf([...before, ...baseline]);
  if (reference === undefined) return stageAlone(latest, options);

  const ratio = ratioOf(latest, reference);
  const lowestInTwoDays = lowestOf(before.filter(({ at }) => latest.at - at <= twoDays));
  const risenFrom =
    lowestInTwoDays !== undefined && risesBy03(latest, lowestInTwoDays) ? lowestInTwoDays : undefined;
  const comparison = `creatinine ${shown(latest)} is ${Number(ratio.toFixed(2))} times the reference ${shown(reference)}`;
  const rise =
    risenFrom === undefined
      ? ''
      : `, a rise of ${isMolar(latest) && isMolar(risenFrom) ? '26.5 umol/L' : '0.3 mg/dL'} or more from ${shown(risenFrom)} within 48 hours`;
  const basis = `${comparison}${rise}`;
  // Every stage needs a rise that makes it an injury: stage 1.
  if (ratio < 1.5 && risenFrom === undefined) return { low: 0, high: 0, basis };

  // Under 18, 4.0 mg/dL is an eGFR below 35 at any height.
  const absolute = latest.umol === undefined ? latest.mgdl >= 4 : latest.umol >= 353.6;
  const below35 = below35Words(options);
  if (ratio >= 3 || absolute) return { low: 3, high: 3, basis };
  if (below35 !== '') return { low: 3, high: 3, basis: `${basis}; ${below35}` };
  const low = ratio >= 2 ? 2 : 1;
  // Under 18 a fall below 35 is stage 3: without an eGFR that stays open.
  return { low, high: isChild(options) && options.egfr === undefined ? 3 : low, basis };
}

/**
 * KDIGO stage of acute kidney injury of the LATEST creatinine, or null for an empty series (any order). Its
 * ratio is to the lowest of the 7 days before it and of the baseline: from 1.5 stage 1, from 2 stage 2, from 3
 * stage 3. A rise of 0.3 mg/dL from the lowest of the 48 hours before it is stage 1; once either criterion is met,
 * 4.0 mg/dL is stage 3, and so is an eGFR below 35 under 18 years; the latter also of a creatinine alone, where it is
 * for the caller to know whether it fell. Urine output and dialysis are not looked at. Windows include their ends; of values at one time the highest counts.
 *
 * `low` and `high` differ where the data do not decide: nothing to compare with (in an adult a low creatinine
 * still rules out the higher stages), or an injury of a child without an eGFR. An unknown age is neither an adult's nor a
 * child's: it rules nothing out, and does not keep the child's criterion open.
 * Source: KDIGO Clinical Practice Guideline for Acute Kidney Injury, section 2.1, Kidney Int Suppl 2012;2:19.
 */
export function akiStage(series: readonly Creatinine[], options: AkiOptions): AkiStage | null {
  return stageOfLast(inOrder(series), options);
}

/**
 * The highest KDIGO stage that any creatinine of the last 7 days reached (7 days up to the latest one): the
 * stage of the episode, which stays when creatinine falls again. Values that had nothing to compare with count
 * only when no other does. `options.egfr` belongs to the latest value. Null for an empty series.
 * Source: as `akiStage`; KDIGO stages by whatever criterion gives the highest stage.
 */
export function highestAkiStage(series: readonly Creatinine[], options: AkiOptions): AkiStage | null {
  const ordered = inOrder(series);
  const latest = ordered.at(-1);
  let highest: AkiStage | null = stageOfLast(ordered, options);
  if (latest === undefined || highest === null) return null;
  const earlier = { baselineMgdl: options.baselineMgdl };
  for (const value of ordered) {
    if (latest.at - value.at > sevenDays) continue;
    const stage = stageOf(value, ordered, earlier);
    // What it may be counts only where the value or its place is open; alone, a value may be anything.
    const isCompared = ordered.some((other) => other !== value && other.at < beginningOf(value));
    const most = isCompared && (isOpen(value) || ordered.some(isOpen)) ? stage.high : stage.low;
    if (stage.low > highest.low || most > highest.high) {
      const low: AkiStageNumber = stage.low > highest.low ? stage.low : highest.low;
      const high = Math.max(low, most, highest.high) as AkiStageNumber;
      highest = { low, high, basis: stage.basis };
    }
  }
  return highest;
}

/**
 * Whether the latest creatinine is not at steady state, so that no eGFR or clearance can be read from it: it
 * differs, up or down, by 0.3 mg/dL (26.5 umol/L) or more from any other of the last 48 hours, or by a factor
 * of 1.5 or more from any other of the last 7 days. False when there is nothing to compare with.
 * Source: the thresholds of KDIGO AKI 2012 (section 2.1), in both directions.
 */
export function creatinineIsUnsteady(series: readonly Creatinine[]): boolean {
  const ordered = inOrder(series);
  const latest = ordered.at(-1);
  if (latest === undefined) return false;
  const candidates = possiblyLatest(ordered);
  return ordered.some(
    (other) =>
      !candidates.includes(other) &&
      latest.at - other.at <= sevenDays &&
      candidates.every((value) => differAcutely(other, value)),
  );
}

/** How the latest creatinine came about: `changing` where it may have risen or fallen, and nothing says that it did. */
export type CreatinineTrend = 'rising' | 'falling' | 'changing';

/**
 * The direction of the latest creatinine against the last other one of 7 days that differs acutely from it; null at
 * steady state. Thresholds as of `creatinineIsUnsteady`, which is true of `rising` and `falling`.
 */
export function creatinineTrend(series: readonly Creatinine[]): CreatinineTrend | null {
  const ordered = inOrder(series);
  const latest = ordered.at(-1);
  if (latest === undefined) return null;
  const candidates = possiblyLatest(ordered);
  const ofTheWeek = ordered.filter(({ at }) => latest.at - at <= sevenDays);
  const against = ofTheWeek.findLast(
    (other) => !candidates.includes(other) && candidates.every((value) => differAcutely(other, value)),
  );
  if (against) return directionFrom(against, candidates);
  const mayDiffer = candidates.some((value) =>
    ofTheWeek.some(
      (other) => other !== value && beginningOf(other) < value.at && mayDifferAcutely(other, value),
    ),
  );
  return mayDiffer ? 'changing' : null;
}

function directionFrom(other: Creatinine, candidates: readonly Creatinine[]): CreatinineTrend {
  if (candidates.every((value) => atLeast(value).mgdl > atMost(other).mgdl)) return 'rising';
  return candidates.every((value) => atMost(value).mgdl < atLeast(other).mgdl) ? 'falling' : 'changing';
}

/** Two one-sided results say nothing of a change. */
const mayDifferAcutely = (one: Creatinine, other: Creatinine): boolean =>
  !(one.oneSided && other.oneSided) &&
  [atLeast(one), atMost(one)].some((first) =>
    [atLeast(other), atMost(other)].some((second) => pointsDifferAcutely(first, second)),
  );

/** Whether two values of one week differ by what KDIGO calls acute, in whichever direction, whatever they may be. */
const differAcutely = (one: Creatinine, other: Creatinine): boolean =>
  [atLeast(one), atMost(one)].every((first) =>
    [atLeast(other), atMost(other)].every((second) => pointsDifferAcutely(first, second)),
  );

function pointsDifferAcutely(one: Creatinine, other: Creatinine): boolean {
  const [higher, lower] = one.mgdl >= other.mgdl ? [one, other] : [other, one];
  const apart = Math.abs(one.at - other.at);
  return ratioOf(higher, lower) >= 1.5 || (apart <= twoDays && risesBy03(higher, lower));
}

/** The GFR categories, from normal or high to kidney failure. KDIGO 2024, Table 2 (Kidney Int 105(4S):S117). */
export const gfrCategories = ['G1', 'G2', 'G3a', 'G3b', 'G4', 'G5'] as const;

const categoryLimits = [90, 60, 45, 30, 15];

/**
 * The place of an eGFR (mL/min/1.73 m2, not rounded) in `gfrCategories`: 90 is G1, 59.9 is G3a. `below` asks for
 * what lies just under the value: of `< 60` that is G3a.
 */
export function gfrCategory(egfr: number, below = false): number {
  const found = categoryLimits.findIndex((limit) => (below ? egfr > limit : egfr >= limit));
  return found === -1 ? categoryLimits.length : found;
}

const year = 365.25 * 24 * hour;

/**
 * Change in a year of a quantity: the slope of the straight line that fits the points best (least squares).
 * Negative when it falls. Null with fewer than two points, or when all are of one time.
 */
export function slopePerYear(points: readonly { value: number; at: number }[]): number | null {
  const usable = points.filter(({ value, at }) => Number.isFinite(value) && Number.isFinite(at));
  const [first] = usable;
  if (first === undefined || usable.length < 2) return null;
  // Years since one of the points: milliseconds since 1970, squared, would cost the digits that matter.
  const times = usable.map(({ at }) => (at - first.at) / year);
  const meanTime = times.reduce((sum, time) => sum + time, 0) / usable.length;
  const meanValue = usable.reduce((sum, { value }) => sum + value, 0) / usable.length;
  let across = 0;
  let along = 0;
  for (const [index, { value }] of usable.entries()) {
    const distance = (times[index] ?? 0) - meanTime;
    across += distance * (value - meanValue);
    along += distance * distance;
  }
  return along > 0 ? across / along : null;
}

/**
 * For each creatinine, whether it was at steady state as far as the series shows: no other within 48 hours before
 * or after it differs by 0.3 mg/dL (26.5 umol/L) or more, and none within 7 days by a factor of 1.5 or more.
 * Source: as `creatinineIsUnsteady`, of which this is the look at each value from both sides.
 */
export function steadyCreatinines(series: readonly Creatinine[]): boolean[] {
  const ordered = series
    .map((value, index) => ({ value, index }))
    .filter(({ value }) => positive(value.mgdl) && Number.isFinite(value.at))
    .toSorted((one, other) => one.value.at - other.value.at);
  const steady = series.map(() => false);
  for (const { index } of ordered) steady[index] = true;
  for (const [place, later] of ordered.entries()) {
    for (let before = place - 1; before >= 0; before -= 1) {
      const earlier = ordered[before];
      if (!earlier || later.value.at - earlier.value.at > sevenDays) break;
      // Two results whose times overlap are not surely of two times.
      if (later.value.from !== undefined && later.value.from <= earlier.value.at) continue;
      if (!differAcutely(earlier.value, later.value)) continue;
      steady[earlier.index] = false;
      steady[later.index] = false;
    }
  }
  return steady;
}
