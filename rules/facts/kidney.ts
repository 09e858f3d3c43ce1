/**
 * Kidney function: CKD-EPI 2021 for staging and labels in eGFR, Cockcroft-Gault with actual weight for labels in
 * creatinine clearance, KDIGO 2012 for acute kidney injury. Never mixed, and always named.
 *
 * No estimate is quoted on dialysis, in pregnancy or under 18, where those are documented; while creatinine is
 * changing it is an upper bound (clinical decisions 9, 20 and 33, docs/data.md).
 */

import * as z from 'zod/mini';
import { unionOf } from '../chart/lab-range.ts';
import type { Lab } from '../chart/types.ts';
import { day, milliseconds, wordDuration } from '../fhir/time.ts';
import type { Range } from '../logic/range.ts';
import { type LabTest, labTests } from '../terminology/labs.ts';
import { readableUnit, roundTo, toTwelveDigits } from '../terminology/units.ts';
import {
  computeCondition,
  isProcedureUnread,
  kidneyEvidence,
  nameOfGroup,
  restsOnWords,
} from './conditions.ts';
import {
  type Creatinine,
  type CreatinineTrend,
  ckdEpi2021Creatinine,
  cockcroftGault,
  creatinineIsUnsteady,
  creatinineTrend,
} from './equations.ts';
import {
  type ComputedFrom,
  defineFact,
  type EvaluationContext,
  type Evidence,
  type EvidenceNote,
  type Fact,
  type FactDefinition,
  type KnownFact,
  missing,
  type NeededInput,
  type PlainReason,
  type Reach,
  type Reason,
  type RoundBeside,
  trendOf,
  type UnknownFact,
} from './fact.ts';
import { codedStage } from './kidney-codes.ts';
import { inPregnancy, restsOnPregnancy } from './kidney-in-pregnancy.ts';
import { kidneyNeed } from './kidney-needs.ts';
import { duration } from './parameters.ts';
import { ageYears } from './person.ts';
import { computePregnancy, longestPregnancy } from './pregnancy.ts';
import { reportedClearance } from './reported-clearance.ts';
import { isUnknown, labEvidence, latest, openRangeIn, rangeIn } from './results.ts';

export const onDialysis = computeCondition({ groups: ['dialysis'], status: 'active' });
export const isTrue = (fact: Fact): fact is KnownFact => fact.state === 'known' && fact.value === true;

const notApplicable = (code: PlainReason['code'], evidence: UnknownFact['evidence'] = []): UnknownFact =>
  missing('not-applicable', [{ code }], evidence);

const needs = (input: NeededInput): Reason[] => [{ code: 'needs', input }];

/** More than any patient has in a week: a bound on what a hostile request can cost. */
export const longestSeries = 300;

/** One of `2026-01` has no place in windows of 48 hours and 7 days; of two results a one-sided one is no end. */
export const canBeCompared = ({ comparator, rival, value, span }: Lab): boolean =>
  !rival?.comparator &&
  !(rival && comparator) &&
  value !== null &&
  span !== null &&
  span.to - span.from < day;

/** In umol/L where it came in moles: a threshold with two units is compared in that of the result. */
function micromolesOf({ received, statedUnit }: Pick<Lab, 'received' | 'statedUnit'>): number | null {
  if (received.value === null) return null;
  if (statedUnit === 'umol/L') return received.value;
  return statedUnit === 'mmol/L' ? toTwelveDigits(received.value * 1000) : null;
}

/** mg/dL: the least and the most that a creatinine may be. */
const [leastCreatinine, mostCreatinine] = labTests.creatinine.plausible;
/** mg/dL: in an adult less is taken as impossible, as by `highestAkiStage`. */
const leastOfAdults = 0.4;

/** A one-sided result as the interval that it is. */
function oneSidedOf(lab: Lab, least: number): Creatinine | null {
  const { comparator, value, span } = lab;
  if (!comparator || value === null || !span || !canBeCompared(lab)) return null;
  const umol = micromolesOf(lab);
  const limit = { mgdl: value, ...(umol === null ? {} : { umol }) };
  const place = {
    at: span.to,
    oneSided: true,
    ...(lab.overlaps ? { from: lab.since ?? span.from } : {}),
  } as const;
  return comparator.startsWith('<')
    ? { ...place, mgdl: Math.min(value, least), highest: limit }
    : { ...place, ...limit, highest: { mgdl: Math.max(value, mostCreatinine) } };
}

/** A result as the equations of a series take it; null for a one-sided one and for one that cannot be compared. */
export function creatinineOf(lab: Lab): Creatinine | null {
  if (lab.comparator || !canBeCompared(lab) || lab.value === null || !lab.span) return null;
  const creatinine: Creatinine = { mgdl: lab.value, at: lab.span.to };
  const umol = micromolesOf(lab);
  if (umol !== null) creatinine.umol = umol;
  if (lab.overlaps) creatinine.from = lab.since ?? lab.span.from;
  const { rival } = lab;
  if (rival?.value != null) {
    const molar = micromolesOf(rival);
    creatinine.highest = { mgdl: rival.value, ...(molar === null ? {} : { umol: molar }) };
  }
  return creatinine;
}

export function seriesOf(context: EvaluationContext): Creatinine[] {
  const age = context.memo(ageYears);
  const least = age && age.low >= 18 ? leastOfAdults : leastCreatinine;
  return context
    .labsOf('creatinine')
    .slice(0, longestSeries)
    .flatMap((lab) => creatinineOf(lab) ?? oneSidedOf(lab, least) ?? []);
}

export const isUnsteady = (context: EvaluationContext): boolean =>
  creatinineIsUnsteady(context.memo(seriesOf));
const trendNow = (context: EvaluationContext): CreatinineTrend | null =>
  creatinineTrend(context.memo(seriesOf));

export interface Adult {
  age: { low: number; high: number };
  sex: 'male' | 'female';
}

/** The person an adult equation may be applied to, or why it may not. */
export function adultOf(context: EvaluationContext): Adult | UnknownFact {
  const dialysis = context.memo(onDialysis);
  if (isTrue(dialysis) && !isDoubted(dialysis))
    return notApplicable('no-estimate-on-dialysis', dialysis.evidence);
  const pregnancy = context.memo(computePregnancy);
  if (isTrue(pregnancy) && !restsOnWords(pregnancy))
    return notApplicable('no-estimate-in-pregnancy', pregnancy.evidence);
  const age = context.memo(ageYears);
  if (!age) return missing('absent', needs('birth-date'));
  if (age.low < 18) return notApplicable('no-estimate-under-18');
  const { sex } = context.chart.patient;
  return sex ? { age, sex } : missing('absent', needs('sex'));
}

export const isAdult = (value: Adult | UnknownFact): value is Adult => !('state' in value);

/** What could not be checked before an estimate was quoted; for the card. */
export const unchecked = ({ chart }: EvaluationContext): EvidenceNote[] =>
  chart.completeness.conditions === 'known' &&
  !chart.conditions.some(({ unread }) => unread) &&
  !isProcedureUnread(chart)
    ? []
    : [{ code: 'dialysis-and-pregnancy-unchecked' }];

/** While creatinine is changing an estimate is not reliable. */
export const creatinineIsChanging = (creatinine: Lab): UnknownFact =>
  notApplicable('creatinine-changing', [labEvidence(creatinine)]);

/** The newest creatinine, or why there is none; named as what is needed. */
export const latestCreatinine = (context: EvaluationContext, window: number): Lab | UnknownFact =>
  latest(context, 'creatinine', window, needs('creatinine'));

/** What an equation gives; a range where age or creatinine is one. */
interface Estimated {
  value: number;
  range: Range | null;
}

/** An estimate from creatinine over the ages a partial birth date allows and the range of a one-sided result. */
export function estimate(
  creatinine: Lab,
  adult: Adult,
  equation: (mgdl: number, age: number) => number | null,
): Estimated | null {
  if (creatinine.value === null) return null;
  const stated = rangeIn(creatinine);
  if (!stated) return null;
  // The estimate falls as creatinine rises: `< 0.5 mg/dL` leaves everything above the estimate at 0.5.
  const ofLeast = stated.low === 0 ? null : estimatedAt(stated.low, adult, equation);
  const ofMost = Number.isFinite(stated.high) ? estimatedAt(stated.high, adult, equation) : null;
  if (ofLeast === null)
    return (
      ofMost && {
        value: ofMost.low,
        range: { low: ofMost.low, high: Number.POSITIVE_INFINITY, lowOpen: stated.highOpen ?? false },
      }
    );
  if (ofMost === null && !Number.isFinite(stated.high))
    return { value: ofLeast.high, range: { low: 0, high: ofLeast.high, highOpen: stated.lowOpen ?? false } };
  if (ofMost === null) return null;
  const [low, high] = [ofMost.low, ofLeast.high];
  return { value: low, range: low === high ? null : { low, high } };
}

/** Over the ages that a partial birth date allows. */
function estimatedAt(
  mgdl: number,
  { age }: Adult,
  equation: (mgdl: number, age: number) => number | null,
): Range | null {
  const [older, younger] = [equation(mgdl, age.high), equation(mgdl, age.low)];
  if (older === null || younger === null) return null;
  return { low: toTwelveDigits(Math.min(older, younger)), high: toTwelveDigits(Math.max(older, younger)) };
}

const egfrUnit = 'mL/min/{1.73_m2}';
const clearanceUnit = 'mL/min';

function reportedEgfr(context: EvaluationContext, reported: Lab, value: number): KnownFact {
  const evidence = labEvidence(reported);
  const notes: EvidenceNote[] = [
    { code: 'as-reported', method: reported.method ?? null },
    ...evidence.notes,
    ...unchecked(context),
  ];
  const fact: KnownFact = {
    state: 'known',
    value,
    unit: egfrUnit,
    evidence: [{ ...evidence, notes }],
  };
  const range = openRangeIn(reported);
  return range ? { ...fact, range } : fact;
}

function estimatedEgfr(context: EvaluationContext, creatinine: Lab, adult: Adult): Fact {
  const result = estimate(creatinine, adult, (creatinineMgdl, years) =>
    ckdEpi2021Creatinine({ creatinineMgdl, ageYears: years, sex: adult.sex }),
  );
  if (!result) return missing('unresolved', []);
  const raceBased = context.chart.labs.find((lab) => lab.raceBased);
  const evidence = labEvidence(creatinine);
  const notes: EvidenceNote[] = [
    { code: 'equation', equation: 'CKD-EPI 2021' },
    ...evidence.notes,
    ...(raceBased ? [{ code: 'race-based-not-used', reference: raceBased.reference } as const] : []),
    ...unchecked(context),
  ];
  return asKnown(result, egfrUnit, [{ ...evidence, notes }, ...reportedBeside(context, creatinine)]);
}

/** The eGFR that the laboratory reported of the same time: named, not used (clinical decision 32). */
function reportedBeside(context: EvaluationContext, { span }: Lab): Evidence[] {
  return context
    .labsOf('egfr')
    .filter((lab) => span && lab.span && lab.span.from <= span.to && span.from <= lab.span.to)
    .slice(0, 1)
    .map((lab) => {
      const evidence = labEvidence(lab);
      const notes: EvidenceNote[] = [
        { code: 'reported-beside' },
        ...(lab.method ? [{ code: 'equation', equation: lab.method } as const] : []),
        ...evidence.notes,
      ];
      return { ...evidence, name: 'eGFR reported', notes };
    });
}

const asKnown = ({ value, range }: Estimated, unit: string, evidence: Evidence[]): KnownFact => ({
  state: 'known',
  value,
  unit,
  evidence,
  ...(range ? { range } : {}),
});

// --- By codes ----------------------------------------------------------------------------------------------

/** An answer that proves "below" and never "at least": anything from nothing up to the limit. */
const belowByCode = (below: number, unit: string, evidence: readonly Evidence[]): KnownFact => ({
  state: 'known',
  value: below,
  range: { low: 0, high: below, highOpen: true },
  unit,
  evidence: evidence.map((one) => {
    const isListed = one.notes.every(({ code }) => code !== 'from-procedure');
    return isListed ? { ...one, notes: [{ code: 'from-problem-list' }, ...one.notes] } : one;
  }),
});

/** Dialysis and end-stage disease stand for "below 15", and outrank any estimate. */
const belowOnDialysis = (
  context: EvaluationContext,
  unit: string,
  estimated: () => Fact,
): KnownFact | UnknownFact | null => {
  const dialysis = context.memo(onDialysis);
  if (!isTrue(dialysis)) return null;
  if (!isDoubted(dialysis)) return belowByCode(kidneyFailure, unit, dialysis.evidence);
  // A suspicion, or mere words: nothing is proved by it, and no "at least" is left.
  const otherwise = estimated();
  if (otherwise.state !== 'known') return notApplicable('no-estimate-on-dialysis', dialysis.evidence);
  const high = highestOf(otherwise);
  const evidence = [...otherwise.evidence, ...dialysis.evidence];
  return { ...otherwise, range: { ...otherwise.range, low: 0, high, lowOpen: false }, evidence };
};

/** It rests on what is not confirmed, or on words alone. */
const isDoubted = (fact: Fact): boolean =>
  restsOnWords(fact) ||
  (fact.evidence.length > 0 &&
    fact.evidence.every(({ notes }) => notes.some(({ code }) => code === 'not-confirmed')));
/** mL/min/1.73 m2. */
const kidneyFailure = 15;

/** A coded stage, where there is no estimate. */
function belowByStage(context: EvaluationContext, unit: string): KnownFact | null {
  const stage = codedStage(context.chart, context.at);
  if (!stage) return null;
  const { condition, group, below, standing } = stage;
  return belowByCode(below, unit, kidneyEvidence(condition, group, standing));
}

/** An estimate as a card names it. */
function wordEstimate(fact: KnownFact, [name, unit]: readonly [string, string], round: RoundBeside): string {
  const byCode = wordByCode(fact, name, unit);
  if (byCode !== null) return byCode;
  if (restsOnPregnancy(fact)) return wordInPregnancy(fact);
  const { value, range } = fact;
  const amount = `${round(Number(value), 1)}${unit}`;
  const trend = trendOf(fact);
  if (trend === 'falling') return `${name} ${amount}, creatinine falling`;
  const isUpperBound = range?.low === 0 && range.high === value;
  const most = range?.highOpen ? 'below' : 'at most';
  const changing = trend === undefined ? '' : `, creatinine ${trend}`;
  return `${name} ${isUpperBound ? `${most} ` : ''}${amount}${changing}`;
}

/** No estimate is quoted in pregnancy: the creatinine is. */
function wordInPregnancy({ evidence }: KnownFact): string {
  const [first] = evidence;
  const amount =
    first?.used.kind === 'quantity'
      ? ` ${roundTo(first.used.value, first.used.decimals)} ${readableUnit(first.used.unit)}`
      : '';
  return `Cr${amount} in pregnancy`;
}

/** How a card names what codes say; null for a number. */
function wordByCode({ evidence, value, range }: KnownFact, name: string, unit: string): string | null {
  const [first] = evidence;
  if (first?.used.kind !== 'condition' || !range) return null;
  const { group } = first.used;
  return group === 'dialysis' || group === 'esrd'
    ? nameOfGroup(group)
    : `${name} below ${value}${unit} (${nameOfGroup(group)})`;
}

const highestOf = ({ range, value }: KnownFact): number => range?.high ?? Number(value);

const isDocumented = (pregnancy: Fact): boolean => isTrue(pregnancy) && !restsOnWords(pregnancy);
const isPossible = (pregnancy: Fact): boolean => pregnancy.state !== 'known' || pregnancy.value === true;

/**
 * In a documented pregnancy, by the creatinine; null outside of one.
 * @param asPregnant in every pregnancy that is not excluded
 */
function byPregnancy(
  context: EvaluationContext,
  window: number,
  unit: string,
  asPregnant?: boolean,
): Fact | null {
  const pregnancy = context.memo(computePregnancy);
  if (!isDocumented(pregnancy) && !(asPregnant && isPossible(pregnancy))) return null;
  const newest = latestCreatinine(context, window);
  // Mere words silence no reported eGFR.
  if (isUnknown(newest)) return isTrue(pregnancy) && restsOnWords(pregnancy) ? null : newest;
  const isSteady = context.memo(trendNow) === null;
  return inPregnancy(context, newest, creatinineOf(newest), isSteady, unit, pregnancy.evidence);
}

/** A coded stage where there is no estimate; of two upper bounds the lower one. */
const stageFor = (context: EvaluationContext, unit: string, estimated: Fact): KnownFact | null => {
  if (estimated.state === 'known' && !trendOf(estimated) && !restsOnPregnancy(estimated)) return null;
  const stage = belowByStage(context, unit);
  return stage && (estimated.state !== 'known' || highestOf(stage) <= highestOf(estimated)) ? stage : null;
};

/** What codes say first, an estimate next, a coded stage last. */
function egfrOf(context: EvaluationContext, window: number, asPregnant?: boolean): Fact {
  const onDialysisNow = belowOnDialysis(context, egfrUnit, () => computeEgfr(context, window));
  if (onDialysisNow) return onDialysisNow;
  const estimated = byPregnancy(context, window, egfrUnit, asPregnant) ?? computeEgfr(context, window);
  return stageFor(context, egfrUnit, estimated) ?? estimated;
}

/** A stage answers for clearance, too, unless an eGFR contradicts it. */
function clearanceOf(context: EvaluationContext, window: number): Fact {
  const onDialysisNow = belowOnDialysis(context, clearanceUnit, () => computeClearance(context, window));
  if (onDialysisNow) return onDialysisNow;
  const estimated = byPregnancy(context, window, clearanceUnit) ?? computeClearance(context, window);
  const stage = stageFor(context, clearanceUnit, estimated);
  if (!stage) return estimated;
  const rate = computeEgfr(context, window);
  const isContradicted = rate.state === 'known' && !trendOf(rate) && highestOf(rate) >= highestOf(stage);
  return isContradicted ? estimated : stage;
}

// --- While creatinine changes --------------------------------------------------------------------------------

/** A report that is newer than this does not rest on a creatinine that was changing then. */
const changeLasts = 7 * day;

/**
 * While creatinine rises, clearance is lower than the estimate; while it falls nobody knows why (dialysis, dilution).
 * Either way the estimate is the most that it may be: what lies below a limit does, and nothing is proved to be at least
 * one (clinical decision 33).
 */
function whileChanging(context: EvaluationContext, creatinine: Lab | UnknownFact, estimated: Fact): Fact {
  if (isUnknown(creatinine) || estimated.state !== 'known') return estimated;
  const trend = context.memo(trendNow);
  const [first, ...rest] = estimated.evidence;
  if (trend === null || !first || isOfLater(estimated, creatinine, context)) return estimated;
  const { high, highOpen } = estimated.range ?? { high: Number(estimated.value) };
  if (!Number.isFinite(high)) return creatinineIsChanging(creatinine);
  const note: EvidenceNote = { code: 'creatinine-trend', trend, atMost: high };
  return {
    ...estimated,
    value: high,
    range: { low: 0, high, ...(highOpen ? { highOpen } : {}) },
    evidence: [{ ...first, notes: [note, ...first.notes] }, ...rest],
  };
}

/** Whether an estimate rests on a result of more than a week after the newest creatinine. */
function isOfLater({ evidence }: KnownFact, { span }: Lab, { chart }: EvaluationContext): boolean {
  const references = new Set(evidence.map(({ reference }) => reference));
  const times = chart.labs.flatMap((lab) =>
    lab.test !== 'body-weight' && references.has(lab.reference) && lab.span ? [lab.span.from] : [],
  );
  return span !== null && times.length > 0 && times.every((from) => from - span.to > changeLasts);
}

/** CKD-EPI 2021, or the eGFR as reported where that is newer than creatinine; an upper bound while creatinine changes. */
function computeEgfr(context: EvaluationContext, window: number): Fact {
  const adult = adultOf(context);
  if (!isAdult(adult)) return adult;
  const creatinine = latestCreatinine(context, window);
  return whileChanging(context, creatinine, egfrAsIfSteady(context, window, creatinine, adult));
}

function egfrAsIfSteady(
  context: EvaluationContext,
  window: number,
  creatinine: Lab | UnknownFact,
  adult: Adult,
): Fact {
  const reported = latest(context, 'egfr', window);
  if (
    !isUnknown(reported) &&
    reported.value !== null &&
    (isUnknown(creatinine) || (reported.span?.to ?? 0) > (creatinine.span?.to ?? 0))
  )
    return reportedEgfr(context, reported, reported.value);
  return isUnknown(creatinine) ? creatinine : estimatedEgfr(context, creatinine, adult);
}

/** Whether creatinine is steady is seen in the days before it; a reported estimate counts where it is newer. */
export const kidneyReach = [
  { test: 'creatinine', before: 7 * day },
  { test: 'egfr', beside: 'creatinine' },
] as const satisfies readonly Reach[];

export const renalInputs = [
  'creatinine',
  'creatinine-dialysis',
  'egfr',
] as const satisfies readonly LabTest[];
const within = z.strictObject({ within: duration });

const creatinineOrEgfr = [
  { test: 'creatinine', or: 'egfr' },
  { test: 'egfr', or: 'creatinine' },
] as const satisfies readonly ComputedFrom[];

/** What facts about kidney function share. They look at problems for dialysis and pregnancy, and can do without. */
export const kidneyFunction = {
  kind: 'number',
  paths: ['$.value'],
  stratum: 1,
  part: 'finding',
  categories: () => ['labs'],
  reach: () => kidneyReach,
  uses: { sex: true, birthDate: true, categories: ['conditions'], drugIdentity: false },
  dataNeeds: (params) => [{ type: 'Observation', tests: ['creatinine'], within: params.within }],
  isPlainResult: false,
  computedFrom: () => creatinineOrEgfr,
  isWhole: () => false,
  ask: (params) => `kidney function (creatinine) within ${wordDuration(params.within)}`,
  need: kidneyNeed('a second creatinine'),
  fills: () => ['values'],
  heads: () => null,
} as const satisfies Partial<FactDefinition<string, typeof within>>;

/** Whether a creatinine of the pregnancy doubled is seen in all of it. */
const reachInPregnancy = [{ test: 'creatinine', before: longestPregnancy }, kidneyReach[1]] as const;

/** An estimate of now: what it may be at most is known on dialysis and while creatinine changes, too. */
const estimateOfNow = {
  ...kidneyFunction,
  paths: ['$.value', '$.highest'],
  reach: (_, context) => (isTrue(context.memo(computePregnancy)) ? reachInPregnancy : kidneyReach),
  need: (params, fact) => {
    if (trendOf(fact)) return 'a steady creatinine';
    return restsOnPregnancy(fact) ? 'a measured creatinine clearance' : kidneyFunction.need(params, fact);
  },
} as const satisfies Partial<FactDefinition<string, typeof within>>;

const egfr = defineFact({
  ...estimateOfNow,
  name: 'egfr',
  /** `asPregnant`: for a rule that asks for pregnancy, too; else one that nobody can exclude would be decided by the equation. */
  params: z.strictObject({ within: duration, asPregnant: z.optional(z.literal(true)) }),
  description:
    'mL/min/{1.73_m2}; CKD-EPI 2021. `asPregnant`: by the creatinine, as in a documented pregnancy, wherever a pregnancy is not excluded.',
  tests: () => [...renalInputs, 'body-height', 'pregnancy-status'],
  reach: (params, context) =>
    params.asPregnant && isPossible(context.memo(computePregnancy))
      ? reachInPregnancy
      : estimateOfNow.reach(params, context),
  describe: ({ within: window, asPregnant }) => `egfr within ${window}${asPregnant ? ' as if pregnant' : ''}`,
  word: (fact, _, round) => wordEstimate(fact, ['eGFR', ' mL/min/1.73 m²'], round),
  compute(params) {
    const window = milliseconds(params.within);
    return (context) => egfrOf(context, window, params.asPregnant);
  },
});

/** A body weight older than this no longer describes the patient. Local decision, docs/data.md. */
export const weightWindow = milliseconds('P180D');

function computeClearance(context: EvaluationContext, window: number): Fact {
  const adult = adultOf(context);
  if (!isAdult(adult)) return adult;
  const creatinine = latestCreatinine(context, window);
  return whileChanging(context, creatinine, clearanceAsIfSteady(context, window, creatinine, adult));
}

function clearanceAsIfSteady(
  context: EvaluationContext,
  window: number,
  creatinine: Lab | UnknownFact,
  adult: Adult,
): Fact {
  if (isUnknown(creatinine)) return reportedClearance(context, window) ?? creatinine;
  const weight = latest(context, 'body-weight', weightWindow, needs('body-weight'));
  if (isUnknown(weight)) return reportedClearance(context, window) ?? weight;
  const kilograms = (weight.comparator ?? weight.rival?.comparator) ? null : rangeIn(weight);
  if (kilograms === null) return missing('unresolved', [], [labEvidence(weight)]);
  const ofWeight = (weightKg: number): Estimated | null =>
    estimate(creatinine, adult, (creatinineMgdl, years) =>
      cockcroftGault({ creatinineMgdl, ageYears: years, weightKg, sex: adult.sex }),
    );
  const result = between(ofWeight(kilograms.low), ofWeight(kilograms.high));
  if (!result) return missing('unresolved', []);
  const notes: EvidenceNote[] = [
    { code: 'equation', equation: 'Cockcroft-Gault, actual weight' },
    ...unchecked(context),
  ];
  return asKnown(result, clearanceUnit, [{ ...labEvidence(creatinine), notes }, labEvidence(weight)]);
}

/** What lies between the estimates of two weights, the lighter first; either, where they are equal. */
function between(least: Estimated | null, most: Estimated | null): Estimated | null {
  if (!least || !most) return null;
  const [one, other] = [least, most].map(({ value, range }) => range ?? { low: value, high: value });
  if (!one || !other || (one.low === other.low && one.high === other.high)) return least;
  return { value: least.value, range: unionOf(one, other) };
}

const creatinineClearance = defineFact({
  ...estimateOfNow,
  name: 'creatinineClearance',
  params: within,
  description: 'mL/min; Cockcroft-Gault with actual weight, else as the laboratory reports it.',
  tests: () => [...renalInputs, 'creatinine-clearance', 'body-weight', 'pregnancy-status'],
  reach: (params, context) => [
    ...estimateOfNow.reach(params, context),
    { test: 'creatinine-clearance', beside: 'creatinine' },
    { test: 'body-weight', beside: 'creatinine' },
  ],
  computedFrom: () => [{ test: 'creatinine' }, { test: 'body-weight', window: weightWindow }],
  dataNeeds: (params) => [
    { type: 'Observation', tests: ['creatinine'], within: params.within },
    { type: 'Observation', tests: ['body-weight'] },
  ],
  describe: (params) => `creatinineClearance within ${params.within}`,
  word: (fact, _, round) => wordEstimate(fact, ['CrCl', ' mL/min'], round),
  compute(params) {
    const window = milliseconds(params.within);
    return (context) => clearanceOf(context, window);
  },
});

export const kidneyFacts = [egfr, creatinineClearance] as const;
