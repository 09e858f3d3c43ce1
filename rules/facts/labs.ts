/** Facts about laboratory results and measurements. */
import type { Lab } from '../chart/types.ts';
import { milliseconds, spanOf } from '../fhir/time.ts';
import type { FactParams } from '../rule/document.ts';
import { type LabTest, labTests } from '../terminology/labs.ts';
import { convert, roundTo, toTwelveDigits } from '../terminology/units.ts';
import { correctedCalciumPayne } from './equations.ts';
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

/** The result in `unit`, straight from the stated unit; null when it cannot be expressed in it. */
export function valueIn(lab: Lab, unit: string): number | null {
  if (lab.received.value === null || lab.statedUnit === null) return null;
  return convert(lab.test, lab.received.value, lab.statedUnit, unit);
}

export function labEvidence(lab: Lab, unit: string = labTests[lab.test].unit): Evidence {
  const value = valueIn(lab, unit);
  const sign = lab.comparator ? `${lab.comparator} ` : '';
  // Finer than the summary of a card: an eGFR of 14.5 is not shown as 15 beside a threshold of 15.
  const decimals = Math.max(2, labTests[lab.test].decimals);
  const evidence: Evidence = {
    reference: lab.reference,
    name: labTests[lab.test].short,
    received: `${sign}${lab.received.value} ${lab.received.unit ?? ''}`.trim(),
    used: value === null ? 'not used' : `${sign}${roundTo(value, decimals)} ${unit}`,
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
const newestWithin = (context: EvaluationContext, test: LabTest, window: number): Lab | undefined =>
  context.labsOf(test).find((lab) => isWithin(lab, context.at, window));

/** The newest usable result inside the window, or why there is none. */
export function latest(
  context: EvaluationContext,
  test: LabTest,
  window: number,
  what: string,
): Lab | UnknownFact {
  const inside = newestWithin(context, test, window);
  if (inside) return inside;
  const newest = context.labsOf(test)[0];
  if (newest) {
    return {
      state: 'stale',
      cause: 'absent',
      missing: `${what} (the latest usable one ${newest.time ? `is of ${newest.time}` : 'has no date'})`,
      evidence: [labEvidence(newest)],
    };
  }
  const unusable = unusableOf(context, test, window);
  if (unusable.length > 0) {
    return {
      state: 'missing',
      cause: 'unresolved',
      missing: `${what} (${unusable.map(({ reference, note }) => `${reference}: ${note}`).join('; ')})`,
      evidence: unusable,
    };
  }
  const incomplete =
    isLab(test) && !wasAsked(context, [test]) ? incompleteCategory(context, 'labs', what) : null;
  return incomplete ?? { state: 'missing', cause: 'absent', missing: what, evidence: [] };
}

/** Whether every one of the tests was asked for by its code and answered. */
export const wasAsked = ({ chart }: EvaluationContext, tests: readonly LabTest[]): boolean =>
  tests.every((test) => chart.testsAsked.includes(test));

/** Results of the test inside the window that could not be used, each with the reason. */
export function unusableOf(context: EvaluationContext, test: LabTest, window: number): Evidence[] {
  return context.chart.labs
    .filter((lab) => lab.test === test && !lab.used && lab.why !== null && isWithin(lab, context.at, window))
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
    const fact: KnownFact = { state: 'known', value, unit, evidence: [labEvidence(lab, unit)] };
    const range = rangeOf(lab.comparator, value);
    if (range) fact.range = range;
    if (lower !== undefined) {
      const own =
        lab.lowerLimit === undefined ? null : convert(test, lab.lowerLimit, labTests[test].unit, unit);
      fact.lowerLimit = own ?? lower;
    }
    return fact;
  };
  return (context) => {
    const found = latest(context, test, window, what);
    if (test === 'calcium-corrected' && isUnknown(found))
      return correctedCalcium(context, unit, window, what, found);
    return isUnknown(found) ? found : read(found);
  };
}

/** Albumin-corrected calcium where the laboratory reports none. Payne RB, BMJ 1973;4:643-6. */
function correctedCalcium(
  context: EvaluationContext,
  unit: string,
  window: number,
  what: string,
  otherwise: UnknownFact,
): Fact {
  const calcium = latest(context, 'calcium-total', window, what);
  if (isUnknown(calcium)) return otherwise;
  const albumin = latest(context, 'albumin', window, `${what}: needs albumin`);
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
    evidence: [{ ...labEvidence(calcium), note: 'corrected for albumin (Payne 1973)' }, labEvidence(albumin)],
  };
}

/** Milliseconds since the stay of an inpatient began, or why there is no such time. */
function sinceAdmission(context: EvaluationContext, what: string): number | UnknownFact {
  const { encounter } = context.chart;
  const missing = (why: string, cause: UnknownFact['cause']): UnknownFact => ({
    state: 'missing',
    cause,
    missing: `${what} (${why})`,
    evidence: [],
  });
  if (!encounter) {
    const none = missing('no stay in hospital', 'not-applicable');
    return incompleteCategory(context, 'encounter', what) ?? none;
  }
  if (encounter.class === null) return missing('the class of the encounter is not known', 'absent');
  if (encounter.class !== 'inpatient') return missing('no inpatient', 'not-applicable');
  const start = spanOf(encounter.start);
  return start ? context.at - start.from : missing('the encounter has no start', 'absent');
}

export function hasLabFact(params: FactParams<'hasLab'>): Compute {
  const what = describe('hasLab', params);
  const fixed = params.within === 'admission' ? null : milliseconds(params.within);
  return (context) => {
    const window = fixed ?? sinceAdmission(context, what);
    if (typeof window !== 'number') return window;
    for (const test of params.tests) {
      const found = newestWithin(context, test, window);
      if (found) {
        return { state: 'known', value: true, evidence: [labEvidence(found)] };
      }
    }
    // A result that cannot be used is none, but the reader must hear of it.
    const unusable = params.tests.flatMap((test) => unusableOf(context, test, window));
    const no: Fact = { state: 'known', value: false, evidence: unusable };
    if (wasAsked(context, params.tests)) return no;
    const straddling = params.tests
      .flatMap((test) => context.labsOf(test))
      .find(({ span }) => span !== null && span.to >= context.at - window);
    if (straddling) {
      return {
        state: 'missing',
        cause: 'unresolved',
        missing: `${what} (${straddling.reference} is dated ${straddling.time}, which may be inside)`,
        evidence: [labEvidence(straddling)],
      };
    }
    return incompleteCategory(context, 'labs', what) ?? no;
  };
}

/** The result that fact `lab` rests on; of a calcium that is corrected here, the total calcium. */
function basisOf(context: EvaluationContext, test: LabTest, window: number): Lab | undefined {
  const own = newestWithin(context, test, window);
  return own ?? (test === 'calcium-corrected' ? newestWithin(context, 'calcium-total', window) : undefined);
}

export function labNewerFact(params: FactParams<'labNewer'>): Compute {
  const { test, than } = params;
  const window = milliseconds(params.within);
  const slack = milliseconds(params.orOlderBy);
  const what = describe('labNewer', params);
  return (context) => {
    const better = newestWithin(context, test, window);
    if (!better) {
      // A result that cannot be used outweighs none, but the reader must hear of it.
      const no: Fact = { state: 'known', value: false, evidence: unusableOf(context, test, window) };
      return wasAsked(context, [test]) ? no : (incompleteCategory(context, 'labs', what) ?? no);
    }
    const other = basisOf(context, than, window);
    const evidence = [labEvidence(better), ...(other ? [labEvidence(other)] : [])];
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
  return (context) => {
    const newest = latest(context, test, window, what);
    if (isUnknown(newest)) return newest;
    const value = newest.comparator ? null : valueIn(newest, unit);
    const before = context
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
        evidence: [labEvidence(newest, unit)],
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
      evidence: [labEvidence(newest, unit), ...(other ? [labEvidence(other.lab, unit)] : [])],
    };
  };
}
