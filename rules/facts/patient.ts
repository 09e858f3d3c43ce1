/** Facts about the person: age, sex, conditions, pregnancy, encounter. */
import type { ChartCondition } from '../chart/types.ts';
import { day, type Span, spanOf } from '../fhir/time.ts';
import type { FactParams } from '../rule/document.ts';
import { conditionGroups, leavesUnknown } from '../terminology/conditions.ts';
import {
  type Compute,
  describe,
  type EvaluationContext,
  type Evidence,
  type Fact,
  incompleteCategory,
} from './fact.ts';

/** Completed years between two instants of the UTC calendar. */
export function completedYears(birth: number, at: number): number {
  const [from, to] = [new Date(birth), new Date(at)];
  const years = to.getUTCFullYear() - from.getUTCFullYear();
  const before =
    to.getUTCMonth() < from.getUTCMonth() ||
    (to.getUTCMonth() === from.getUTCMonth() && to.getUTCDate() < from.getUTCDate());
  return before ? years - 1 : years;
}

export interface Age {
  low: number;
  high: number;
}

/**
 * Age in completed years at a time, as a range: a birth date known to the year only leaves two possible ages, and
 * so does a time known to the month. Null when not known, and before birth.
 */
export function ageYearsAt({ chart }: EvaluationContext, { from, to }: Span): Age | null {
  const birth = spanOf(chart.patient.birthDate);
  if (!birth || birth.from > to) return null;
  return { low: Math.max(0, completedYears(birth.to, from)), high: completedYears(birth.from, to) };
}

export const ageYears = (context: EvaluationContext): Age | null =>
  ageYearsAt(context, { from: context.at, to: context.at });

export function ageFact({ unit }: FactParams<'age'>): Compute {
  return (context) => {
    const { patient } = context.chart;
    const years = context.memo(ageYears);
    const birth = spanOf(patient.birthDate);
    if (!years || !birth) return { state: 'missing', cause: 'absent', missing: 'birth date', evidence: [] };
    const low = unit === 'year' ? years.low : Math.max(0, Math.floor((context.at - birth.to) / day));
    const high = unit === 'year' ? years.high : Math.floor((context.at - birth.from) / day);
    const evidence: Evidence[] = [
      {
        reference: patient.reference ?? 'Patient',
        used: `${low === high ? low : `${low} to ${high}`} ${unit}s`,
        time: null,
      },
    ];
    const fact: Fact = { state: 'known', value: low, unit, evidence };
    if (low !== high) fact.range = { low, high };
    return fact;
  };
}

export const sexFact: Compute = ({ chart: { patient } }) =>
  patient.sex === null
    ? { state: 'missing', cause: 'absent', missing: 'sex (male or female)', evidence: [] }
    : {
        state: 'known',
        value: patient.sex,
        evidence: [{ reference: patient.reference ?? 'Patient', used: patient.sex, time: null }],
      };

const nameOf = (group: string): string => conditionGroups.get(group)?.name ?? group;

export const conditionEvidence = (condition: ChartCondition, group: string): Evidence => {
  const evidence: Evidence = {
    reference: condition.reference,
    received: condition.codes.map(({ code }) => code).join(', '),
    name: nameOf(group),
    used: nameOf(group),
    time: condition.onset ? new Date(condition.onset.from).toISOString().slice(0, 10) : null,
  };
  if (!condition.confirmed) evidence.note = 'not confirmed';
  return evidence;
};

export function conditionFact(params: FactParams<'condition'>): Compute {
  const what = describe('condition', params);
  const doubtful = new Set(params.groups.flatMap((group) => leavesUnknown(group)));
  return (context) => {
    const doubts: Evidence[] = [];
    for (const condition of context.chart.conditions) {
      if (params.status === 'active' && condition.status !== 'active') continue;
      const group = params.groups.find((wanted) => condition.groups.includes(wanted));
      if (group !== undefined) {
        if (params.confirmed && !condition.confirmed) {
          doubts.push(conditionEvidence(condition, group));
          continue;
        }
        return { state: 'known', value: true, evidence: [conditionEvidence(condition, group)] };
      }
      const doubt = condition.groups.find((candidate) => doubtful.has(candidate));
      if (doubt !== undefined) doubts.push(conditionEvidence(condition, doubt));
    }
    if (doubts.length > 0) {
      return {
        state: 'missing',
        cause: 'unresolved',
        missing: `${what} (${doubts.map(({ used, reference }) => `${used}, ${reference}`).join('; ')} leaves it open)`,
        evidence: doubts,
      };
    }
    return incompleteCategory(context, 'conditions', what) ?? { state: 'known', value: false, evidence: [] };
  };
}

export const encounterFact: Compute = (context) => {
  const { encounter } = context.chart;
  if (encounter?.class) {
    return {
      state: 'known',
      value: encounter.class,
      evidence: [
        { reference: encounter.reference ?? 'Encounter', used: encounter.class, time: encounter.start },
      ],
    };
  }
  if (encounter) {
    return { state: 'missing', cause: 'absent', missing: 'encounter class', evidence: [] };
  }
  return (
    incompleteCategory(context, 'encounter', 'encounter class') ?? {
      state: 'known',
      value: 'none',
      evidence: [],
    }
  );
};
