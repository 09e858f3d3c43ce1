/**
 * Kidney function in pregnancy, where no equation applies: a creatinine of 1.1 mg/dL (97 umol/L) or more, or one that
 * doubled, is reduced function (ACOG Practice Bulletin 222), so that "below 60" is certain and "below 30" open; a lower
 * one counts as "at least 60" (clinical decision 33).
 */

import type { Lab } from '../chart/types.ts';
import type { Range } from '../logic/range.ts';
import type { Truth } from '../logic/truth.ts';
import type { Creatinine } from './equations.ts';
import { type EvaluationContext, type Evidence, type Fact, type KnownFact, missing } from './fact.ts';
import { longestPregnancy } from './pregnancy.ts';
import { isOtherThan, labEvidence, rangeIn } from './results.ts';

const limit = { mgdl: 1.1, umol: 97 };
const doubled = 2;
/** mL/min/1.73 m2. */
const reducedBelow = 60;
const below: Range = { low: 0, high: reducedBelow, highOpen: true };
const atLeast: Range = { low: reducedBelow, high: Number.POSITIVE_INFINITY };

/** The value's own unit picks the limit. */
const isAtLimit = ({ mgdl, umol }: Pick<Creatinine, 'mgdl' | 'umol'>): boolean =>
  umol === undefined ? mgdl >= limit.mgdl : umol >= limit.umol;

/** Whether all that a result may be is at the limit or above; unknown where it may lie on either side. */
function reachesLimit(creatinine: Creatinine | null, lab: Lab): Truth {
  if (creatinine) {
    const [least, most] = [isAtLimit(creatinine), isAtLimit(creatinine.highest ?? creatinine)];
    return least === most ? least : null;
  }
  const stated = rangeIn(lab);
  if (!stated) return null;
  if (stated.low >= limit.mgdl) return true;
  return stated.high < limit.mgdl || (stated.high === limit.mgdl && stated.highOpen === true) ? false : null;
}

/** The lowest result of the pregnancy of which the newest is twice as much, at the least. */
function halfOf(context: EvaluationContext, newest: Lab): Lab | undefined {
  const now = rangeIn(newest)?.low ?? 0;
  return context
    .labsOf('creatinine')
    .filter(
      (lab) => isOtherThan(lab, newest) && lab.span !== null && lab.span.to >= context.at - longestPregnancy,
    )
    .filter((lab) => {
      const before = rangeIn(lab)?.high ?? Number.POSITIVE_INFINITY;
      return before > 0 && Number((now / before).toPrecision(9)) >= doubled;
    })
    .toSorted((one, other) => (one.value ?? 0) - (other.value ?? 0))[0];
}

/**
 * What a creatinine says of clearance in a documented pregnancy.
 * @param series the newest result as the equations take it; null where it cannot be compared
 * @param isSteady whether no other result of days differs acutely: else a low one may be on its way up
 */
export function inPregnancy(
  context: EvaluationContext,
  newest: Lab,
  series: Creatinine | null,
  isSteady: boolean,
  unit: string,
  pregnancy: Evidence[],
): Fact {
  const evidence = labEvidence(newest);
  const half = halfOf(context, newest);
  const isHigh = reachesLimit(series, newest);
  const answer = (range: Range, isReduced: boolean): KnownFact => ({
    state: 'known',
    value: reducedBelow,
    range,
    unit,
    evidence: [
      { ...evidence, notes: [{ code: 'in-pregnancy', isReduced }, ...evidence.notes] },
      ...(half ? [{ ...labEvidence(half), notes: [{ code: 'half-of-it' } as const] }] : []),
      ...pregnancy,
    ],
  });
  if (isHigh === true || half) return answer(below, true);
  return isHigh === false && isSteady
    ? answer(atLeast, false)
    : missing('not-applicable', [{ code: 'no-estimate-in-pregnancy' }], [evidence, ...pregnancy]);
}

/** Whether a fact is such an answer. */
export const restsOnPregnancy = ({ evidence }: Pick<Fact, 'evidence'>): boolean =>
  evidence.some(({ notes }) => notes.some(({ code }) => code === 'in-pregnancy'));
