/**
 * What codes say of the kidney where no number does: dialysis and end-stage disease, and the stages of chronic kidney
 * disease. They answer thresholds downwards only (clinical decision 30, docs/data.md).
 */

import type { Chart, ChartCondition } from '../chart/types.ts';
import { day } from '../fhir/time.ts';

/** End-stage disease counts as dialysis: N18.6 is "chronic kidney disease requiring chronic dialysis". */
const endStage: ReadonlySet<string> = new Set(['dialysis', 'esrd']);

/** How long a session of dialysis says that the patient is on dialysis, without a code of it: milliseconds. */
const sessionCounts = 14 * day;

/**
 * Whether it tells that a kidney was transplanted, and when: not a complication, whose date is its own, nor a graft
 * that failed, nor words.
 */
const isDatedTransplant = ({ codes, onset, groups, confirmed, byWords }: ChartCondition): boolean =>
  onset !== null &&
  confirmed &&
  !byWords &&
  !groups.includes('kidney-transplant-failed') &&
  !codes.some(({ code }) => /^(?:T86|996\.?81)/i.test(code));

/**
 * What remains of an entry about the kidney: `stands`; `open`, where a transplant may have ended it; `perhaps`, where
 * its own time does not say whether it is of now; `ended`.
 */
export interface Standing {
  state: 'stands' | 'open' | 'perhaps' | 'ended';
  /** The transplant that ended it, or may have. */
  transplant?: ChartCondition;
}

const stands: Standing = { state: 'stands' };

/** A kidney transplant that is surely later than the entry ends it; one that may be later leaves both possible. */
function afterTransplant({ conditions }: Chart, condition: ChartCondition): Standing {
  const { onset } = condition;
  let open: Standing = stands;
  for (const transplant of conditions) {
    const { groups, stillCounts = [] } = transplant;
    if (transplant === condition || ![...groups, ...stillCounts].includes('kidney-transplant')) continue;
    const later = transplant.onset;
    if (later && onset && later.to < onset.from) continue;
    if (later && onset && later.from > onset.to && isDatedTransplant(transplant))
      return { state: 'ended', transplant };
    open = { state: 'open', transplant };
  }
  return open;
}

/** What remains of an active entry of dialysis, end-stage disease or a stage. */
export function kidneyStanding(chart: Chart, condition: ChartCondition, at: number): Standing {
  const { onset, procedure } = condition;
  if (procedure && onset && onset.to < at - sessionCounts) return { state: 'ended' };
  const standing = afterTransplant(chart, condition);
  if (standing.state === 'ended' || !procedure) return standing;
  return onset === null || onset.from < at - sessionCounts ? { ...standing, state: 'perhaps' } : standing;
}

/** The group by which an entry counts as dialysis; undefined where it does not. */
export const dialysisGroupOf = ({ groups }: ChartCondition): string | undefined =>
  groups.find((group) => endStage.has(group));

/** Stages, the worst first, with the eGFR in mL/min/1.73 m2 that each lies below. KDIGO 2024, Table 2. */
const stageLimits: readonly (readonly [group: string, below: number])[] = [
  ['esrd', 15],
  ['ckd-stage-5', 15],
  ['esrd-or-stage-5-hypertensive', 15],
  ['ckd-stage-4', 30],
  ['ckd-stage-3b', 45],
  ['ckd-stage-3a', 60],
  ['ckd-stage-3', 60],
];

export interface CodedStage {
  condition: ChartCondition;
  group: string;
  /** mL/min/1.73 m2. */
  below: number;
  standing: Standing;
}

/** The worst stage on the problem list that stands, or may. */
export function codedStage(chart: Chart, at: number): CodedStage | null {
  for (const [group, below] of stageLimits) {
    for (const condition of chart.conditions) {
      if (condition.status !== 'active' || condition.procedure || !condition.groups.includes(group)) continue;
      const standing = kidneyStanding(chart, condition, at);
      if (standing.state !== 'ended') return { condition, group, below, standing };
    }
  }
  return null;
}
