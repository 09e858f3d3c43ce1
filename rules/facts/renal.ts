/**
 * Kidney function: CKD-EPI 2021 for staging and labels in eGFR, Cockcroft-Gault with actual weight for labels in
 * creatinine clearance, KDIGO 2012 for acute kidney injury. Never mixed, and always named.
 *
 * No estimate is quoted on dialysis, in pregnancy, under 18 or while creatinine is changing, where those are
 * documented (clinical decisions 9 and 20, docs/data.md).
 */

import type { Lab } from '../chart/types.ts';
import { milliseconds } from '../fhir/time.ts';
import type { FactParams } from '../rule/document.ts';
import { toTwelveDigits } from '../terminology/units.ts';
import {
  type AkiOptions,
  bedsideSchwartz,
  type Creatinine,
  ckdEpi2021Creatinine,
  cockcroftGault,
  creatinineIsUnsteady,
  highestAkiStage,
} from './equations.ts';
import {
  type Compute,
  describe,
  type EvaluationContext,
  type Fact,
  type KnownFact,
  type UnknownFact,
} from './fact.ts';
import { isUnknown, labEvidence, latest, rangeOf } from './labs.ts';
import { ageYears, conditionFact } from './patient.ts';
import { pregnancyFact } from './pregnancy.ts';

const onDialysis = conditionFact({ groups: ['dialysis'], status: 'active' });
const isTrue = (fact: Fact): fact is KnownFact => fact.state === 'known' && fact.value === true;

export const notApplicable = (
  what: string,
  why: string,
  evidence: UnknownFact['evidence'] = [],
): UnknownFact => ({
  state: 'missing',
  cause: 'not-applicable',
  missing: `${what} (${why})`,
  evidence,
});

/** More than any patient has in a week: a bound on what a hostile request can cost. */
const longestSeries = 300;

const oneDay = milliseconds('P1D');
/** A one-sided result has no ratio, and one of `2026-01` has no place in windows of 48 hours and 7 days. */
export const canBeCompared = ({ comparator, value, span }: Lab): boolean =>
  !comparator && value !== null && span !== null && span.to - span.from < oneDay;

/** A result as the equations of a series take it; null for one that cannot be compared. */
export function creatinineOf(lab: Lab): Creatinine | null {
  if (!canBeCompared(lab) || lab.value === null || !lab.span) return null;
  const creatinine: Creatinine = { mgdl: lab.value, at: lab.span.to };
  if (lab.received.value !== null && lab.statedUnit === 'umol/L') creatinine.umol = lab.received.value;
  return creatinine;
}

const seriesOf = (context: EvaluationContext): Creatinine[] =>
  context
    .labsOf('creatinine')
    .slice(0, longestSeries)
    .flatMap((lab) => creatinineOf(lab) ?? []);

export const isUnsteady = (context: EvaluationContext): boolean =>
  creatinineIsUnsteady(context.memo(seriesOf));

export interface Adult {
  age: { low: number; high: number };
  sex: 'male' | 'female';
}

/** The person an adult equation may be applied to, or why it may not. */
export function adultOf(context: EvaluationContext, what: string): Adult | UnknownFact {
  const dialysis = context.memo(onDialysis);
  if (isTrue(dialysis)) return notApplicable(what, 'on dialysis: no estimate is quoted', dialysis.evidence);
  const pregnancy = context.memo(pregnancyFact);
  if (isTrue(pregnancy))
    return notApplicable(what, 'pregnancy: the equation does not apply', pregnancy.evidence);
  const age = context.memo(ageYears);
  if (!age)
    return { state: 'missing', cause: 'absent', missing: `${what}: needs the birth date`, evidence: [] };
  if (age.low < 18) return notApplicable(what, 'under 18: the adult equation does not apply');
  const { sex } = context.chart.patient;
  if (!sex) return { state: 'missing', cause: 'absent', missing: `${what}: needs the sex`, evidence: [] };
  return { age, sex };
}

export const isAdult = (value: Adult | UnknownFact): value is Adult => !('state' in value);

/** What could not be checked before an estimate was quoted; for the card. */
export const unchecked = (context: EvaluationContext): string =>
  context.chart.completeness.conditions === 'known' ? '' : '; dialysis and pregnancy could not be checked';

/** An estimate from creatinine over the ages a partial birth date allows and the range of a one-sided result. */
export function estimate(
  creatinine: Lab,
  adult: Adult,
  equation: (mgdl: number, age: number) => number | null,
): { value: number; range: KnownFact['range'] } | null {
  if (creatinine.value === null) return null;
  const older = equation(creatinine.value, adult.age.high);
  const younger = equation(creatinine.value, adult.age.low);
  if (older === null || younger === null) return null;
  const [low, high] = [toTwelveDigits(Math.min(older, younger)), toTwelveDigits(Math.max(older, younger))];
  const stated = rangeOf(creatinine.comparator, creatinine.value);
  if (!stated) return { value: low, range: low === high ? undefined : { low, high } };
  // The estimate falls as creatinine rises: `< 0.5 mg/dL` leaves everything above the estimate at 0.5.
  return Number.isFinite(stated.high)
    ? { value: low, range: { low, high: Number.POSITIVE_INFINITY, lowOpen: stated.highOpen ?? false } }
    : { value: high, range: { low: 0, high, highOpen: stated.lowOpen ?? false } };
}

export function egfrFact(params: FactParams<'egfr'>): Compute {
  const window = milliseconds(params.within);
  const what = describe('egfr', params);
  return (context) => {
    const adult = adultOf(context, what);
    if (!isAdult(adult)) return adult;
    const creatinine = latest(context, 'creatinine', window, `${what}: needs creatinine`);
    const reported = latest(context, 'egfr', window, what);
    if (!isUnknown(creatinine) && context.memo(isUnsteady)) {
      return notApplicable(what, 'creatinine is changing: an estimate is not reliable', [
        labEvidence(creatinine),
      ]);
    }
    const reportedIsNewer =
      !isUnknown(reported) &&
      (isUnknown(creatinine) || (reported.span?.to ?? 0) > (creatinine.span?.to ?? 0));
    if (reportedIsNewer && !isUnknown(reported) && reported.value !== null) {
      const evidence = labEvidence(reported);
      const fact: KnownFact = {
        state: 'known',
        value: reported.value,
        unit: 'mL/min/{1.73_m2}',
        evidence: [
          {
            ...evidence,
            note: `as reported${reported.method ? `, ${reported.method}` : ''}${reported.why ? `; ${reported.why}` : ''}${unchecked(context)}`,
          },
        ],
      };
      const range = rangeOf(reported.comparator, reported.value);
      if (range) fact.range = range;
      return fact;
    }
    if (isUnknown(creatinine)) return creatinine;
    const result = estimate(creatinine, adult, (creatinineMgdl, years) =>
      ckdEpi2021Creatinine({ creatinineMgdl, ageYears: years, sex: adult.sex }),
    );
    if (!result) return { state: 'missing', cause: 'unresolved', missing: what, evidence: [] };
    const raceBased = context.chart.labs.find((lab) => lab.raceBased);
    const evidence = labEvidence(creatinine);
    const fact: KnownFact = {
      state: 'known',
      value: result.value,
      unit: 'mL/min/{1.73_m2}',
      evidence: [
        {
          ...evidence,
          note: `CKD-EPI 2021${evidence.note ? `; ${evidence.note}` : ''}${raceBased ? `; the reported eGFR (${raceBased.reference}) uses a race-based equation and was not used` : ''}${unchecked(context)}`,
        },
      ],
    };
    if (result.range) fact.range = result.range;
    return fact;
  };
}

/** A body weight older than this no longer describes the patient. Local decision, docs/data.md. */
export const weightWindow = milliseconds('P180D');

export function creatinineClearanceFact(params: FactParams<'creatinineClearance'>): Compute {
  const window = milliseconds(params.within);
  const what = describe('creatinineClearance', params);
  return (context) => {
    const adult = adultOf(context, what);
    if (!isAdult(adult)) return adult;
    const creatinine = latest(context, 'creatinine', window, `${what}: needs creatinine`);
    if (isUnknown(creatinine)) return creatinine;
    if (context.memo(isUnsteady)) {
      return notApplicable(what, 'creatinine is changing: an estimate is not reliable', [
        labEvidence(creatinine),
      ]);
    }
    const weight = latest(context, 'body-weight', weightWindow, `${what}: needs body weight within P180D`);
    if (isUnknown(weight)) return weight;
    const kilograms = weight.comparator ? null : weight.value;
    if (kilograms === null)
      return { state: 'missing', cause: 'unresolved', missing: what, evidence: [labEvidence(weight)] };
    const result = estimate(creatinine, adult, (creatinineMgdl, years) =>
      cockcroftGault({ creatinineMgdl, ageYears: years, weightKg: kilograms, sex: adult.sex }),
    );
    if (!result) return { state: 'missing', cause: 'unresolved', missing: what, evidence: [] };
    const fact: KnownFact = {
      state: 'known',
      value: result.value,
      unit: 'mL/min',
      evidence: [
        { ...labEvidence(creatinine), note: `Cockcroft-Gault, actual weight${unchecked(context)}` },
        labEvidence(weight),
      ],
    };
    if (result.range) fact.range = result.range;
    return fact;
  };
}

const heightWindow = milliseconds('P90D');
const sevenDays = milliseconds('P7D');

export function akiStageFact(params: FactParams<'akiStage'>): Compute {
  const window = milliseconds(params.within);
  const what = describe('akiStage', params);
  return (context) => {
    const dialysis = context.memo(onDialysis);
    if (isTrue(dialysis)) return notApplicable(what, 'on dialysis', dialysis.evidence);
    const newest = latest(context, 'creatinine', window, `${what}: needs creatinine`);
    if (isUnknown(newest)) return newest;
    const age = context.memo(ageYears);
    const child = age !== null && age.high < 18;
    const height = child ? latest(context, 'body-height', heightWindow, what) : null;
    const egfr =
      age && height && !isUnknown(height) && height.value !== null && newest.value !== null
        ? bedsideSchwartz({ heightCm: height.value, creatinineMgdl: newest.value, ageYears: age.low })
        : null;
    const options: AkiOptions = {};
    if (age) options.ageYears = age.low;
    if (egfr !== null) options.egfr = egfr;
    const stage = canBeCompared(newest) ? highestAkiStage(context.memo(seriesOf), options) : null;
    if (!stage)
      return { state: 'missing', cause: 'unresolved', missing: what, evidence: [labEvidence(newest)] };
    const others = context
      .labsOf('creatinine')
      .filter(
        (lab) =>
          lab !== newest &&
          canBeCompared(lab) &&
          lab.span &&
          newest.span &&
          lab.span.to >= newest.span.to - sevenDays,
      );
    const lowest = others.reduce<Lab | null>(
      (least, lab) => (least === null || (lab.value ?? 0) < (least.value ?? 0) ? lab : least),
      null,
    );
    const evidence = [
      { ...labEvidence(newest), note: `KDIGO 2012: ${stage.basis}` },
      ...(lowest ? [{ ...labEvidence(lowest), note: 'lowest of the 7 days before' }] : []),
    ];
    if (stage.low === 0 && stage.high === 3 && others.length === 0) {
      return {
        state: 'missing',
        cause: 'absent',
        missing: `${what} (one creatinine alone gives no stage)`,
        evidence,
      };
    }
    const fact: KnownFact = { state: 'known', value: stage.low, evidence };
    if (stage.low !== stage.high) fact.range = { low: stage.low, high: stage.high };
    return fact;
  };
}
