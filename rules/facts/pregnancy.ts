/**
 * Pregnancy and its week. A pregnancy is documented by a condition or a pregnancy status; its week by a gestational
 * age (LOINC 18185-9, 11884-4, 49051-6), an estimated delivery date (11778-8) or an ICD-10-CM code of category Z3A,
 * each aged to the evaluation time. Sources that agree narrow each other; sources that differ leave a range.
 */

import * as z from 'zod/mini';
import { rangeOf } from '../chart/lab-range.ts';
import type { Chart, ChartCondition, RivalResult } from '../chart/types.ts';
import { day, type Span } from '../fhir/time.ts';
import { computeCondition, conditionEvidence } from './conditions.ts';
import {
  type Compute,
  defineFact,
  type EvaluationContext,
  type Evidence,
  type Fact,
  incompleteCategory,
  knownFalse,
  knownRange,
  missing,
  type Reach,
  type UnknownFact,
} from './fact.ts';
import { ageYears } from './person.ts';
import { charted, labEvidence, lackOfResults, unusableOf, unusableReason } from './results.ts';

/** A pregnancy noted longer ago than this is over: it stays on problem lists after delivery. */
export const longestPregnancy = 300 * day;

/** No pregnancy lasts longer: what dates one to more days is about one that is over. */
const longestGestation = 308;
/** A newborn's chart holds the gestation it was born at, by the same codes. */
const youngestMother = 10;

interface Dating {
  /** Days of gestation at the evaluation time. */
  low: number;
  high: number;
  /** When it was stated. */
  span: Span | null;
  evidence: Evidence;
}

const dayNumber = (time: number): number => Math.floor(time / day);

/**
 * What a stated gestation may be: `24 wk` is any day of that completed week, because `24.3` may be 24 weeks and
 * 3 days; `170 d` is that day.
 */
function statedDays(value: number, unit: string | null): { low: number; high: number } {
  const whole = Math.floor(value);
  return unit === 'wk' ? { low: whole * 7, high: whole * 7 + 6 } : { low: whole, high: whole };
}

function daysOfResult({
  received,
  statedUnit,
  comparator,
}: Pick<RivalResult, 'received' | 'statedUnit' | 'comparator'>): { low: number; high: number } {
  const value = received.value ?? 0;
  const stated = statedDays(value, statedUnit);
  const open = rangeOf(comparator, value);
  return {
    low: open?.low === 0 ? 0 : stated.low,
    high: open && open.low > 0 ? longestGestation : stated.high,
  };
}

function byAge(context: EvaluationContext): Dating[] {
  return context.labsOf('gestational-age').flatMap((lab) => {
    const { span, received, statedUnit } = lab;
    if (!span || received.value === null) return [];
    const ends = [lab, ...(lab.rival ? [lab.rival] : [])].map(daysOfResult);
    const low = Math.min(...ends.map((days) => days.low));
    const high = Math.max(...ends.map((days) => days.high));
    const evidence = { ...labEvidence(lab, statedUnit ?? undefined), name: 'gestational age' };
    const [soonest, latest] = [
      dayNumber(context.at) - dayNumber(span.to),
      dayNumber(context.at) - dayNumber(span.from),
    ];
    return [{ low: low + soonest, high: high + latest, span, evidence }];
  });
}

/** What states the same at the same time says it once. */
const distinct = (datings: Chart['datings']): Chart['datings'] => [
  ...new Map(datings.map((one) => [JSON.stringify([one.by, one.stated, one.time, one.why]), one])).values(),
];

const byDate = ({ chart, at }: EvaluationContext): Dating[] =>
  distinct(chart.datings).map(({ reference, by, stated, start, time, span, why }) => ({
    low: dayNumber(at) - dayNumber(start.to),
    high: dayNumber(at) - dayNumber(start.from),
    span,
    evidence: {
      reference,
      name: by === 'delivery-date' ? 'estimated delivery date' : 'weeks coded',
      received: { kind: 'stated', value: stated },
      used: { kind: 'code', code: stated },
      time,
      notes: charted(why),
    },
  }));

/** What dates a pregnancy that could be going on; nobody under ten has one. */
function runningDatings(context: EvaluationContext): Dating[] {
  const age = context.memo(ageYears);
  if (age && age.high < youngestMother) return [];
  return [...byAge(context), ...byDate(context)].filter(
    ({ low, high }) => low <= longestGestation && high >= 0,
  );
}

/** A pregnancy status, or a pregnancy, of a time that counts. */
interface Said {
  condition: ChartCondition;
  onset: Span;
}
const isLater = (one: Said, other: Said | null): boolean => !other || one.onset.from > other.onset.from;

/** Said on a day after the other. */
const isAfter = (one: Span | null, other: Span | null): boolean =>
  one !== null && other !== null && one.from > other.to;

/** The latest statement that the patient is pregnant, the latest that she is not, and one that no date decides. */
function statementsOf({ chart, at }: EvaluationContext): {
  yes: Said | null;
  no: Said | null;
  undated: ChartCondition | null;
} {
  let undated: ChartCondition | null = null;
  let yes: Said | null = null;
  let no: Said | null = null;
  const since = at - longestPregnancy;
  for (const condition of chart.conditions.filter(({ status }) => status === 'active')) {
    const { onset, groups } = condition;
    const recent = onset !== null && onset.from >= since ? { condition, onset } : null;
    if (groups.includes('pregnancy')) {
      if (recent && isLater(recent, yes)) yes = recent;
      // A year alone may mean a pregnancy that is over, or one that is not.
      else if (onset === null || (!recent && onset.to >= since)) undated = condition;
    } else if (groups.includes('not-pregnant') && recent && isLater(recent, no)) no = recent;
  }
  return { yes, no, undated };
}

/** Diseases of a pregnancy and of the weeks after it. */
const ofPregnancy: ReadonlySet<string> = new Set(['preeclampsia', 'hellp', 'eclampsia']);

/** A disease of pregnancy that is active, undated or of a time that counts, and after which nobody said "not pregnant". */
const diseaseOfPregnancy = (
  { chart, at }: EvaluationContext,
  denied: Span | null,
): ChartCondition | undefined =>
  chart.conditions.find(
    ({ groups, status, onset }) =>
      status === 'active' &&
      groups.some((group) => ofPregnancy.has(group)) &&
      (onset === null || onset.to >= at - longestPregnancy) &&
      !isAfter(denied, onset),
  );

const pregnancyProblem = computeCondition({ groups: ['pregnancy'], status: 'active' });

/** A suspicion, or mere words: it raises a finding, and exempts from none. */
const isDoubtful = ({ confirmed, byWords }: ChartCondition): boolean => !confirmed || byWords === true;

/** As an exemption: a pregnancy that is documented by a code and confirmed; a doubtful one leaves it open. */
const computeConfirmed: Compute = (context) => {
  const { chart } = context;
  const documented = chart.conditions.filter(
    (condition) => !condition.groups.includes('pregnancy') || !isDoubtful(condition),
  );
  const certain = computePregnancy({
    ...context,
    chart: { ...chart, conditions: documented },
    memo: (what) => what(context),
  });
  if (certain.state !== 'known' || certain.value === true) return certain;
  const said = computePregnancy(context);
  if (said.state !== 'known' || said.value !== true) return said;
  const conditions = said.evidence.map(({ reference }) => ({ group: 'pregnancy', reference }));
  return missing('unresolved', [{ code: 'conditions-open', conditions }], said.evidence);
};

/** Whether a pregnancy is known, and of how many days; missing where nothing says either. */
export const computePregnancy: Compute = (context) => {
  if (context.chart.patient.sex === 'male') return knownFalse();
  const { yes, no, undated } = statementsOf(context);
  if (yes && !(no && isLater(no, yes))) {
    return { state: 'known', value: true, evidence: [conditionEvidence(yes.condition, 'pregnancy')] };
  }
  // A gestation that could be running says that there was a pregnancy, not that it goes on.
  const denied = no?.onset ?? null;
  const dated = context.memo(runningDatings).find(({ span }) => !isAfter(denied, span));
  const disease = diseaseOfPregnancy(context, denied);
  if (no && !dated && !disease) return knownFalse([conditionEvidence(no.condition, 'not-pregnant')]);
  if (undated) {
    const { reference } = undated;
    const evidence = [conditionEvidence(undated, 'pregnancy')];
    return missing('unresolved', [{ code: 'pregnancy-undated', reference }], evidence);
  }
  if (dated) {
    const { reference } = dated.evidence;
    return missing('unresolved', [{ code: 'pregnancy-not-documented', reference }], [dated.evidence]);
  }
  if (disease) {
    const { reference, groups } = disease;
    const evidence = [conditionEvidence(disease, groups.find((group) => ofPregnancy.has(group)) ?? '')];
    return missing('unresolved', [{ code: 'pregnancy-not-documented', reference }], evidence);
  }
  // What may be a pregnancy: a suspicion, a problem that cannot be read.
  const problem = context.memo(pregnancyProblem);
  return problem.state !== 'known' && problem.cause === 'unresolved'
    ? problem
    : (incompleteCategory(context, 'conditions') ?? knownFalse());
};

/** What all agree on; what any may be, where they do not. */
function combined(datings: readonly Dating[]): { low: number; high: number; agree: boolean } {
  const low = Math.max(...datings.map((one) => one.low));
  const high = Math.min(...datings.map((one) => one.high));
  if (low <= high) return { low, high, agree: true };
  return {
    low: Math.min(...datings.map((one) => one.low)),
    high: Math.max(...datings.map((one) => one.high)),
    agree: false,
  };
}

const weeks = (days: number): number => Math.floor(Math.min(Math.max(days, 0), longestGestation) / 7);

/** Why there is no gestational age although nobody says that the patient is not pregnant. */
function undatedPregnancy(context: EvaluationContext): UnknownFact {
  const unusable = unusableOf(context, 'gestational-age', longestGestation * day);
  if (unusable.length > 0) return missing('unresolved', [unusableReason(unusable)], unusable);
  return (
    lackOfResults(context, ['gestational-age', 'delivery-date'], longestPregnancy) ??
    incompleteCategory(context, 'conditions') ??
    missing('absent', [{ code: 'no-dating' }])
  );
}

const computeGestation: Compute = (context) => {
  const known = context.memo(computePregnancy);
  if (known.state === 'known' && known.value === false)
    return missing('not-applicable', [{ code: 'not-pregnant' }], known.evidence);
  const datings = context.memo(runningDatings);
  if (datings.length === 0) return undatedPregnancy(context);
  const { low, high, agree } = combined(datings);
  const evidence = datings.map(
    (one): Evidence =>
      agree ? one.evidence : { ...one.evidence, notes: [...one.evidence.notes, { code: 'sources-differ' }] },
  );
  return knownRange(weeks(low), weeks(high), 'wk', evidence);
};

const dating = ['pregnancy-status', 'gestational-age', 'delivery-date'] as const;

/** Whatever says or dates one may have been said any time. */
const pregnancyReach = (_: object, { chart }: EvaluationContext): readonly Reach[] =>
  chart.patient.sex === 'male' ? [] : dating.map((test) => ({ test, before: longestPregnancy }));

/** What decides whether she is pregnant, in words; null: the kind of data that lacks. */
function pregnancyNeed(fact: Fact): string | null {
  if (fact.state === 'known') return null;
  for (const { code } of fact.reasons) {
    if (code === 'pregnancy-undated') return 'since when she is pregnant';
    if (code === 'pregnancy-not-documented' || code === 'conditions-open') return 'whether she is pregnant';
  }
  return null;
}

const pregnancy = defineFact({
  name: 'pregnancy',
  /** `confirmed`: one that a code says and that is no suspicion; used for exemptions. */
  params: z.strictObject({ confirmed: z.optional(z.boolean()) }),
  description: 'Whether the patient is documented as pregnant now.',
  kind: 'truth',
  paths: [],
  stratum: 1,
  part: 'finding',
  categories: () => ['conditions'],
  tests: () => dating,
  reach: pregnancyReach,
  uses: { sex: true, birthDate: false, categories: [], drugIdentity: false },
  dataNeeds: () => [{ type: 'Condition' }],
  isPlainResult: false,
  computedFrom: () => [],
  isWhole: () => false,
  describe: () => 'pregnancy',
  ask: () => 'pregnancy',
  need: (_, fact) => pregnancyNeed(fact),
  word: () => null,
  fills: () => [],
  heads: () => null,
  compute: ({ confirmed }) => (confirmed ? computeConfirmed : computePregnancy),
});

const gestation = defineFact({
  name: 'gestation',
  params: z.strictObject({}),
  description: 'Completed weeks of the pregnancy. Sources that differ leave a range.',
  kind: 'number',
  paths: ['$.value'],
  stratum: 1,
  part: 'finding',
  categories: () => ['labs', 'conditions'],
  tests: () => dating,
  reach: pregnancyReach,
  uses: { sex: true, birthDate: false, categories: [], drugIdentity: false },
  dataNeeds: () => [
    { type: 'Observation', tests: ['gestational-age', 'delivery-date'] },
    { type: 'Condition' },
  ],
  isPlainResult: false,
  computedFrom: () => [],
  isWhole: () => true,
  describe: () => 'gestation',
  ask: () => 'gestational age',
  need: () => null,
  word: ({ value, range }) => `${range ? `${value} to ${range.high}` : value} weeks of gestation`,
  fills: () => ['values'],
  heads: () => null,
  compute: () => computeGestation,
});

export const pregnancyFacts = [pregnancy, gestation] as const;

/** When the patient was pregnant, as far as documented, resolved or not. */
export const pregnancies = ({ chart }: EvaluationContext): Span[] =>
  chart.patient.sex === 'male'
    ? []
    : chart.conditions.flatMap(({ groups, onset }) =>
        onset && groups.includes('pregnancy') ? [{ from: onset.from, to: onset.to + longestPregnancy }] : [],
      );
