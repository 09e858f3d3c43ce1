/**
 * What an answer would be of any ordinary patient like this one: an adult weighs something, and a creatinine that is
 * normal now was not half of that a week ago. For the question alone whether an open check is worth a card: nothing
 * else ever rests on it.
 */
import type { Lab } from '../chart/types.ts';
import { milliseconds } from '../fhir/time.ts';
import { createContext } from './context.ts';
import { bedsideSchwartz } from './equations.ts';
import { type EvaluationContext, type Fact, type KnownFact, knownFalse } from './fact.ts';
import { type FactName, factOf, type Params } from './facts.ts';
import { weightWindow } from './kidney.ts';
import { isByCode } from './kidney-needs.ts';
import { testsAtHand } from './ordered-tests.ts';
import { ageYears } from './person.ts';
import { isUnknown, isWithin, latest, rangeIn } from './results.ts';

/** Limits of what is taken as ordinary. */
export interface Assumptions {
  /** Kilograms of an adult. */
  weight: { low: number; high: number };
  /** mg/dL: in pregnancy no estimate holds; a creatinine below this is not that of a failing kidney. */
  creatinineInPregnancyBelow: number;
  /** mL/min/1.73 m2: of one creatinine that gives this or more, acute kidney injury is not feared. */
  egfrOfOneCreatinineAtLeast: number;
}

const year = 'P365D';

/** The same patient with a body weight, where an adult's is missing. */
export function withWeight(context: EvaluationContext, { weight }: Assumptions): EvaluationContext {
  const age = context.memo(ageYears);
  if (!age || age.low < 18 || !isUnknown(latest(context, 'body-weight', weightWindow))) return context;
  const kilograms = (value: number) => ({
    reference: 'assumed',
    value,
    received: { value, unit: 'kg' },
    statedUnit: 'kg',
    time: null,
    why: null,
  });
  const assumed: Lab = {
    ...kilograms(weight.low),
    test: 'body-weight',
    loinc: '29463-7',
    unit: 'kg',
    span: { from: context.at, to: context.at },
    rival: kilograms(weight.high),
    isRange: true,
    used: true,
  };
  const { chart, at, notices } = context;
  return createContext({ ...chart, labs: [...chart.labs, assumed] }, at, notices);
}

const between = (low: number, high: number): KnownFact => ({
  state: 'known',
  value: low,
  range: { low, high },
  evidence: [],
});

const noInjury: KnownFact = { state: 'known', value: 0, evidence: [] };

/** Whether a stage of acute kidney injury stays open because there is but one creatinine. */
export const isOneCreatinine = (name: FactName, fact: Fact): boolean =>
  fact.state === 'known'
    ? name === 'akiStage' && fact.range !== undefined && fact.evidence.length === 1 && !isByCode(fact)
    : fact.reasons.some(({ code }) => code === 'one-creatinine');

/** Whether the eGFR is surely at least so much. */
function isEgfrAtLeast(context: EvaluationContext, least: number): boolean {
  const fact = factOf('egfr').compute({ within: year })(context);
  return fact.state === 'known' && (fact.range?.low ?? Number(fact.value)) >= least;
}

function isCreatinineBelow(context: EvaluationContext, limit: number): boolean {
  const creatinine = latest(context, 'creatinine', milliseconds(year));
  const range = isUnknown(creatinine) ? null : rangeIn(creatinine);
  return range !== null && range.high < limit;
}

/** Rise over the lowest creatinine of the year that KDIGO takes as that of before: below it nothing is acute. */
const acuteRise = 1.5;

/** Whether an older creatinine of the year is nearly as high, so that no injury is presumed. */
function wasAsHighBefore(context: EvaluationContext): boolean {
  const [newest, ...before] = context
    .labsOf('creatinine')
    .filter((lab) => isWithin(lab, context.at, milliseconds(year)))
    .map((lab) => rangeIn(lab));
  return (
    newest != null &&
    before.length > 0 &&
    before.every((other) => other !== null && newest.high < other.low * acuteRise)
  );
}

/**
 * Centimeters that hardly any child before this birthday exceeds, for where no height came: a local decision on the safe side
 * of noise, to be confirmed against growth charts.
 */
const tallest: readonly (readonly [before: number, heightCm: number])[] = [
  [2, 95],
  [6, 125],
  [12, 165],
  [18, 190],
];

const isOfChild = (context: EvaluationContext): boolean => (context.memo(ageYears)?.high ?? 18) < 18;

/** Whether a child's eGFR by bedside Schwartz is surely below so much, whatever its height; from the first birthday on. */
function isChildBelow(context: EvaluationContext, least: number): boolean {
  const age = context.memo(ageYears);
  const creatinine = latest(context, 'creatinine', milliseconds('P7D'));
  const range = isUnknown(creatinine) ? null : rangeIn(creatinine);
  if (!age || !range) return false;
  const height = latest(context, 'body-height', milliseconds('P90D'));
  const measured = isUnknown(height) ? null : rangeIn(height);
  const heightCm = measured?.high ?? tallest.find(([before]) => age.high < before)?.[1] ?? 0;
  const egfr = bedsideSchwartz({ heightCm, creatinineMgdl: range.low, ageYears: age.low });
  return egfr !== null && egfr < least;
}

/** An encounter whose class is not known may be a stay in hospital. */
const isInHospital = ({ chart: { encounter } }: EvaluationContext): boolean =>
  encounter !== null &&
  (encounter.class === null || encounter.class === 'inpatient' || encounter.class === 'emergency');

/**
 * Whether an injury is feared that nobody can compare: one creatinine, or an eGFR without any, is all that came, and the
 * eGFR is not surely at least so much; outside of hospital, that it is a failing kidney. In hospital it is feared, too, where
 * nothing came and a creatinine is on its way: no finding asks for it then.
 * @param inHospital that eGFR, mL/min/1.73 m2
 * @param outside the same outside of hospital
 */
export function isInjuryFeared(
  name: FactName,
  fact: Fact,
  context: EvaluationContext,
  inHospital: number,
  outside: number,
): boolean {
  if (name !== 'akiStage' || !(isOneCreatinine(name, fact) || isWithoutCreatinine(fact))) return false;
  const egfr = factOf('egfr').compute({ within: 'P7D' })(context);
  const isStay = isInHospital(context);
  const isOnItsWay = context.memo(testsAtHand).awaited.has('creatinine');
  if (isWithoutCreatinine(fact) && egfr.state !== 'known') return isStay && isOnItsWay;
  const least = isStay ? inHospital : outside;
  if (isOfChild(context)) return isChildBelow(context, least) && !wasAsHighBefore(context);
  return (
    egfr.state === 'known' && !isByCode(egfr) && !isEgfrAtLeast(context, least) && !wasAsHighBefore(context)
  );
}

const isWithoutCreatinine = (fact: Fact): boolean =>
  fact.state !== 'known' &&
  fact.cause === 'absent' &&
  fact.reasons.some((reason) => reason.code === 'needs' && reason.input === 'creatinine');

/** Problems that an eGFR from creatinine speaks against. */
const kidneyFailure: ReadonlySet<unknown> = new Set(['dialysis', 'esrd']);
const isOfKidneyFailure = (name: FactName, { groups }: Params): boolean =>
  name === 'condition' && Array.isArray(groups) && groups.every((group) => kidneyFailure.has(group));

/**
 * An answer that would be ordinary, in place of one that does not decide.
 * @param context with a weight (`withWeight`)
 */
export function assumedFact(
  name: FactName,
  params: Params,
  fact: Fact,
  context: EvaluationContext,
  { creatinineInPregnancyBelow, egfrOfOneCreatinineAtLeast }: Assumptions,
): Fact {
  if (isOneCreatinine(name, fact))
    return isEgfrAtLeast(context, egfrOfOneCreatinineAtLeast) ? noInjury : fact;
  if (fact.state === 'known') return fact;
  const inPregnancy = fact.reasons.some(({ code }) => code === 'no-estimate-in-pregnancy');
  if (inPregnancy && isCreatinineBelow(context, creatinineInPregnancyBelow))
    return between(egfrOfOneCreatinineAtLeast, Number.POSITIVE_INFINITY);
  if (fact.cause === 'category' && isOfKidneyFailure(name, params))
    return isEgfrAtLeast(context, egfrOfOneCreatinineAtLeast) ? knownFalse() : fact;
  return fact;
}
