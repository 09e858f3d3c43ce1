/** Facts about laboratory results and measurements. */
import { type Lab, shown } from '../chart/chart.ts';
import { milliseconds, spanOf } from '../fhir/json.ts';
import type { FactParams } from '../rule/document.ts';
import { type LabTest, labTests } from '../terminology/labs.ts';
import { convert, toTwelveDigits } from '../terminology/units.ts';
import { correctedCalciumPayne } from './equations.ts';
import {
  type Compute,
  describe,
  type Evidence,
  type Fact,
  incompleteCategory,
  type KnownFact,
  type Range,
  type Situation,
  type UnknownFact,
} from './fact.ts';

/** The result in `unit`, straight from the stated unit; null when it cannot be expressed in it. */
export function valueIn(lab: Lab, unit: string): number | null {
  if (lab.received.value === null || lab.statedUnit === null) return null;
  return convert(lab.test, lab.received.value, lab.statedUnit, unit);
}

export function evidenceOf(lab: Lab, unit: string = labTests[lab.test].unit): Evidence {
  const value = valueIn(lab, unit);
  const sign = lab.comparator ? `${lab.comparator} ` : '';
  // Finer than the summary of a card: an eGFR of 14.5 is not shown as 15 beside a threshold of 15.
  const decimals = Math.max(2, labTests[lab.test].decimals);
  const evidence: Evidence = {
    reference: lab.reference,
    name: labTests[lab.test].short,
    received: `${sign}${lab.received.value} ${lab.received.unit ?? ''}`.trim(),
    used: value === null ? 'not used' : `${sign}${shown(value, decimals)} ${unit}`,
    time: lab.time,
  };
  if (lab.why) evidence.note = lab.why;
  return evidence;
}

/** What a one-sided result may be; undefined for a plain one. Concentrations are never below zero. */
export function rangeOf(comparator: Lab['comparator'], value: number): Range | undefined {
  switch (comparator) {
    case '<':
      return { low: 0, high: value, highOpen: true };
    case '<=':
      return { low: 0, high: value };
    case '>':
      return { low: value, high: Number.POSITIVE_INFINITY, lowOpen: true };
    case '>=':
      return { low: value, high: Number.POSITIVE_INFINITY };
    case undefined:
      return undefined;
  }
}

/** A partial date satisfies a window only with its whole span. */
export const isWithin = (lab: Lab, at: number, window: number): boolean =>
  lab.span !== null && lab.span.from >= at - window;

const isLab = (test: LabTest): boolean => labTests[test].laboratory;

/** A result of `2026-01` may sort before one of yesterday and yet not be surely inside: it must not hide it. */
const newestWithin = (situation: Situation, test: LabTest, window: number): Lab | undefined =>
  situation.labsOf(test).find((lab) => isWithin(lab, situation.at, window));

/** The newest usable result inside the window, or why there is none. */
export function latest(situation: Situation, test: LabTest, window: number, what: string): Lab | UnknownFact {
  const inside = newestWithin(situation, test, window);
  if (inside) return inside;
  const newest = situation.labsOf(test)[0];
  if (newest) {
    return {
      state: 'stale',
      cause: 'absent',
      missing: `${what} (the latest usable one ${newest.time ? `is of ${newest.time}` : 'has no date'})`,
      evidence: [evidenceOf(newest)],
    };
  }
  const unusable = unusableOf(situation, test, window);
  if (unusable.length > 0) {
    return {
      state: 'missing',
      cause: 'unresolved',
      missing: `${what} (${unusable.map(({ reference, note }) => `${reference}: ${note}`).join('; ')})`,
      evidence: unusable,
    };
  }
  const incomplete =
    isLab(test) && !wasAsked(situation, [test]) ? incompleteCategory(situation, 'labs', what) : null;
  return incomplete ?? { state: 'missing', cause: 'absent', missing: what, evidence: [] };
}

/** Whether every one of the tests was asked for by its code and answered. */
export const wasAsked = ({ chart }: Situation, tests: readonly LabTest[]): boolean =>
  tests.every((test) => chart.testsAsked.includes(test));

/** Results of the test inside the window that could not be used, each with the reason. */
export function unusableOf(situation: Situation, test: LabTest, window: number): Evidence[] {
  return situation.chart.labs
    .filter(
      (lab) => lab.test === test && !lab.used && lab.why !== null && isWithin(lab, situation.at, window),
    )
    .map((lab) => ({ reference: lab.reference, used: 'not used', time: lab.time, note: lab.why ?? '' }));
}

export const isUnknown = (value: Lab | UnknownFact): value is UnknownFact => 'state' in value;

export function labFact(params: FactParams<'lab'>): Compute {
  const { test, unit } = params;
  const window = milliseconds(params.within);
  const what = describe('lab', params);
  const lower = params.lowerLimit;
  const read = (lab: Lab): Fact => {
    const value = valueIn(lab, unit);
    if (value === null)
      return { state: 'missing', cause: 'unresolved', missing: `${what} in ${unit}`, evidence: [] };
    const fact: KnownFact = { state: 'known', value, unit, evidence: [evidenceOf(lab, unit)] };
    const range = rangeOf(lab.comparator, value);
    if (range) fact.range = range;
    if (lower !== undefined) {
      const own =
        lab.lowerLimit === undefined ? null : convert(test, lab.lowerLimit, labTests[test].unit, unit);
      fact.lowerLimit = own ?? lower;
    }
    return fact;
  };
  return (situation) => {
    const found = latest(situation, test, window, what);
    if (test === 'calcium-corrected' && isUnknown(found))
      return correctedCalcium(situation, unit, window, what, found);
    return isUnknown(found) ? found : read(found);
  };
}

/** Albumin-corrected calcium where the laboratory reports none. Payne RB, BMJ 1973;4:643-6. */
function correctedCalcium(
  situation: Situation,
  unit: string,
  window: number,
  what: string,
  otherwise: UnknownFact,
): Fact {
  const calcium = latest(situation, 'calcium-total', window, what);
  if (isUnknown(calcium)) return otherwise;
  const albumin = latest(situation, 'albumin', window, `${what}: needs albumin`);
  if (isUnknown(albumin)) return albumin;
  if (calcium.value === null || albumin.value === null || calcium.comparator || albumin.comparator)
    return otherwise;
  const corrected = correctedCalciumPayne({ calciumMgdl: calcium.value, albuminGdl: albumin.value });
  if (corrected === null) return otherwise;
  const value = convert('calcium-corrected', toTwelveDigits(corrected), labTests['calcium-total'].unit, unit);
  if (value === null) return otherwise;
  return {
    state: 'known',
    value,
    unit,
    evidence: [{ ...evidenceOf(calcium), note: 'corrected for albumin (Payne 1973)' }, evidenceOf(albumin)],
  };
}

/** Milliseconds since the stay of an inpatient began, or why there is no such time. */
function sinceAdmission(situation: Situation, what: string): number | UnknownFact {
  const { encounter } = situation.chart;
  const missing = (why: string, cause: UnknownFact['cause']): UnknownFact => ({
    state: 'missing',
    cause,
    missing: `${what} (${why})`,
    evidence: [],
  });
  if (!encounter) {
    const none = missing('no stay in hospital', 'not-applicable');
    return incompleteCategory(situation, 'encounter', what) ?? none;
  }
  if (encounter.class === null) return missing('the class of the encounter is not known', 'absent');
  if (encounter.class !== 'inpatient') return missing('no inpatient', 'not-applicable');
  const start = spanOf(encounter.start);
  return start ? situation.at - start.from : missing('the encounter has no start', 'absent');
}

export function hasLabFact(params: FactParams<'hasLab'>): Compute {
  const what = describe('hasLab', params);
  const fixed = params.within === 'admission' ? null : milliseconds(params.within);
  return (situation) => {
    const window = fixed ?? sinceAdmission(situation, what);
    if (typeof window !== 'number') return window;
    for (const test of params.tests) {
      const found = newestWithin(situation, test, window);
      if (found) {
        return { state: 'known', value: true, evidence: [evidenceOf(found)] };
      }
    }
    // A result that cannot be used is none, but the reader must hear of it.
    const unusable = params.tests.flatMap((test) => unusableOf(situation, test, window));
    const no: Fact = { state: 'known', value: false, evidence: unusable };
    if (wasAsked(situation, params.tests)) return no;
    const straddling = params.tests
      .flatMap((test) => situation.labsOf(test))
      .find(({ span }) => span !== null && span.to >= situation.at - window);
    if (straddling) {
      return {
        state: 'missing',
        cause: 'unresolved',
        missing: `${what} (${straddling.reference} is dated ${straddling.time}, which may be inside)`,
        evidence: [evidenceOf(straddling)],
      };
    }
    return incompleteCategory(situation, 'labs', what) ?? no;
  };
}

/** The result that fact `lab` rests on; of a calcium that is corrected here, the total calcium. */
function basisOf(situation: Situation, test: LabTest, window: number): Lab | undefined {
  const own = newestWithin(situation, test, window);
  return own ?? (test === 'calcium-corrected' ? newestWithin(situation, 'calcium-total', window) : undefined);
}

export function labNewerFact(params: FactParams<'labNewer'>): Compute {
  const { test, than } = params;
  const window = milliseconds(params.within);
  const slack = milliseconds(params.orOlderBy);
  const what = describe('labNewer', params);
  return (situation) => {
    const better = newestWithin(situation, test, window);
    if (!better) {
      // A result that cannot be used outweighs none, but the reader must hear of it.
      const no: Fact = { state: 'known', value: false, evidence: unusableOf(situation, test, window) };
      return wasAsked(situation, [test]) ? no : (incompleteCategory(situation, 'labs', what) ?? no);
    }
    const other = basisOf(situation, than, window);
    const evidence = [evidenceOf(better), ...(other ? [evidenceOf(other)] : [])];
    // What has no date is inside no window, so both have one.
    if (!other?.span || !better.span || better.span.from >= other.span.to - slack) {
      return { state: 'known', value: true, evidence };
    }
    if (better.span.to < other.span.from - slack) return { state: 'known', value: false, evidence: [] };
    return {
      state: 'missing',
      cause: 'unresolved',
      missing: `${what} (${better.reference} of ${better.time} and ${other.reference} of ${other.time})`,
      evidence,
    };
  };
}

export function labTrendFact(params: FactParams<'labTrend'>): Compute {
  const { test, unit, change } = params;
  const window = milliseconds(params.within);
  const span = milliseconds(params.span);
  const what = describe('labTrend', params);
  return (situation) => {
    const newest = latest(situation, test, window, what);
    if (isUnknown(newest)) return newest;
    const value = newest.comparator ? null : valueIn(newest, unit);
    const before = situation
      .labsOf(test)
      .filter(
        (lab) =>
          lab !== newest &&
          !lab.comparator &&
          lab.span &&
          newest.span &&
          lab.span.from >= newest.span.from - span,
      );
    const others = before.flatMap((lab) => {
      const amount = valueIn(lab, unit);
      return amount === null ? [] : [{ lab, amount }];
    });
    if (value === null || others.length === 0) {
      return {
        state: 'missing',
        cause: 'absent',
        missing: `${what} (needs an earlier result)`,
        evidence: [evidenceOf(newest, unit)],
      };
    }
    const pick = change === 'fall' ? Math.max : Math.min;
    const amount = pick(...others.map((other) => other.amount));
    const other = others.find((candidate) => candidate.amount === amount);
    const result = change === 'rise' ? value - amount : change === 'fall' ? amount - value : value / amount;
    return {
      state: 'known',
      value: toTwelveDigits(result),
      unit: change === 'ratio' ? '1' : unit,
      evidence: [evidenceOf(newest, unit), ...(other ? [evidenceOf(other.lab, unit)] : [])],
    };
  };
}
