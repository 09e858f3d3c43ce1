/**
 * Pregnancy and its week. A pregnancy is documented by a condition or a pregnancy status; its week by a gestational
 * age (LOINC 18185-9, 11884-4, 49051-6), an estimated delivery date (11778-8) or an ICD-10-CM code of category Z3A,
 * each aged to the evaluation time. Sources that agree narrow each other; sources that differ leave a range.
 */

import type { ChartCondition } from '../chart/types.ts';
import { milliseconds, type Span } from '../fhir/time.ts';
import { type Compute, describe, type EvaluationContext, type Evidence, incompleteCategory } from './fact.ts';
import { labEvidence as evidenceOfLab, rangeOf, unusableOf, wasAsked } from './labs.ts';
import { ageYears, conditionEvidence } from './patient.ts';

const day = milliseconds('P1D');

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

function byAge(context: EvaluationContext): Dating[] {
  return context.labsOf('gestational-age').flatMap((lab) => {
    const { span, received, statedUnit, comparator } = lab;
    if (!span || received.value === null) return [];
    const stated = statedDays(received.value, statedUnit);
    const open = rangeOf(comparator, received.value);
    const low = open?.low === 0 ? 0 : stated.low;
    const high = open && open.low > 0 ? longestGestation : stated.high;
    const evidence = { ...evidenceOfLab(lab, statedUnit ?? undefined), name: 'gestational age' };
    const [soonest, latest] = [
      dayNumber(context.at) - dayNumber(span.to),
      dayNumber(context.at) - dayNumber(span.from),
    ];
    return [{ low: low + soonest, high: high + latest, span, evidence }];
  });
}

const byDate = ({ chart, at }: EvaluationContext): Dating[] =>
  chart.datings.map(({ reference, by, stated, start, time, span, why }) => ({
    low: dayNumber(at) - dayNumber(start.to),
    high: dayNumber(at) - dayNumber(start.from),
    span,
    evidence: {
      reference,
      name: by === 'delivery-date' ? 'estimated delivery date' : 'weeks coded',
      received: stated,
      used: stated,
      time,
      ...(why ? { note: why } : {}),
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

export const pregnancyFact: Compute = (context) => {
  const { chart, at } = context;
  if (chart.patient.sex === 'male') return { state: 'known', value: false, evidence: [] };
  let undated: ChartCondition | null = null;
  let yes: Said | null = null;
  let no: Said | null = null;
  const since = at - longestPregnancy;
  for (const condition of chart.conditions) {
    if (condition.status !== 'active') continue;
    const { onset } = condition;
    const recent = onset !== null && onset.from >= since ? { condition, onset } : null;
    if (condition.groups.includes('pregnancy')) {
      if (recent && isLater(recent, yes)) yes = recent;
      // A year alone may mean a pregnancy that is over, or one that is not.
      else if (onset === null || (!recent && onset.to >= since)) undated = condition;
    } else if (condition.groups.includes('not-pregnant') && recent && isLater(recent, no)) no = recent;
  }
  if (yes && !(no && isLater(no, yes))) {
    return { state: 'known', value: true, evidence: [conditionEvidence(yes.condition, 'pregnancy')] };
  }
  // A gestation that could be running says that there was a pregnancy, not that it goes on.
  const denied = no?.onset ?? null;
  const dated = context.memo(runningDatings).find(({ span }) => !isAfter(denied, span));
  if (no && !dated)
    return { state: 'known', value: false, evidence: [conditionEvidence(no.condition, 'not-pregnant')] };
  if (undated) {
    return {
      state: 'missing',
      cause: 'unresolved',
      missing: `pregnancy (${undated.reference} has no date that decides it)`,
      evidence: [conditionEvidence(undated, 'pregnancy')],
    };
  }
  if (dated) {
    return {
      state: 'missing',
      cause: 'unresolved',
      missing: `pregnancy (${dated.evidence.reference} dates one that is not documented)`,
      evidence: [dated.evidence],
    };
  }
  return (
    incompleteCategory(context, 'conditions', 'pregnancy') ?? { state: 'known', value: false, evidence: [] }
  );
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

/** Completed weeks. */
export const gestationFact: Compute = (context) => {
  const what = describe('gestation', {});
  const pregnancy = context.memo(pregnancyFact);
  if (pregnancy.state === 'known' && pregnancy.value === false) {
    const { evidence } = pregnancy;
    return { state: 'missing', cause: 'not-applicable', missing: `${what} (not pregnant)`, evidence };
  }
  const datings = context.memo(runningDatings);
  if (datings.length === 0) {
    const unusable = unusableOf(context, 'gestational-age', longestGestation * day);
    if (unusable.length > 0) {
      const why = unusable.map(({ reference, note }) => `${reference}: ${note}`).join('; ');
      return { state: 'missing', cause: 'unresolved', missing: `${what} (${why})`, evidence: unusable };
    }
    const asked = wasAsked(context, ['gestational-age', 'delivery-date']);
    const labs = asked ? null : incompleteCategory(context, 'labs', what);
    const missing = `${what} (no gestational age, estimated delivery date or ICD-10-CM Z3A)`;
    return (
      labs ??
      incompleteCategory(context, 'conditions', what) ?? {
        state: 'missing',
        cause: 'absent',
        missing,
        evidence: [],
      }
    );
  }
  const { low, high, agree } = combined(datings);
  const evidence = datings.map((one) =>
    agree
      ? one.evidence
      : { ...one.evidence, note: [one.evidence.note, 'the sources differ'].filter(Boolean).join('; ') },
  );
  const [least, most] = [weeks(low), weeks(high)];
  return {
    state: 'known',
    value: least,
    unit: 'wk',
    evidence,
    ...(least === most ? {} : { range: { low: least, high: most } }),
  };
};
