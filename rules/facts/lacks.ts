/** What an answer that does not decide lacks: tests that would give it, or nothing that could be had. */
import type { LabTest } from '../terminology/labs.ts';
import { type Fact, type NeededInput, type Reason, trendOf } from './fact.ts';
import { type FactName, factOf, type Params } from './facts.ts';
import { restsOnPregnancy } from './kidney-in-pregnancy.ts';

const testsOfInput: Readonly<Record<NeededInput, readonly LabTest[]>> = {
  creatinine: ['creatinine'],
  albumin: ['albumin'],
  'body-weight': ['body-weight'],
  'birth-date': [],
  sex: [],
};

function testsOfReason(reason: Reason): readonly LabTest[] | null {
  switch (reason.code) {
    case 'needs':
      return testsOfInput[reason.input];
    case 'one-creatinine':
    case 'creatinine-changing':
      return ['creatinine'];
    default:
      return null;
  }
}

/**
 * The tests whose result is lacking, the one that is named first of those a fact may be made of; none where a kind of
 * data did not come, or where no result would help.
 */
export function lackingTests(name: FactName, params: Params, fact: Fact): readonly LabTest[] {
  const [first] = factOf(name).tests(params);
  const own = first === undefined ? [] : [first];
  if (fact.state === 'known') return fact.range ? own : [];
  if (fact.category || fact.cause === 'not-applicable' || fact.cause === 'error') {
    return fact.reasons.flatMap((reason) =>
      reason.code === 'creatinine-changing' ? (testsOfReason(reason) ?? []) : [],
    );
  }
  const named = fact.reasons.flatMap((reason) => testsOfReason(reason) ?? []);
  return named.length > 0 ? named : own;
}

/** Whether nothing that could be had would decide it: no estimate holds on dialysis, in pregnancy or under 18. */
export const isForGood = (fact: Fact): boolean =>
  fact.state === 'known'
    ? fact.range !== undefined && restsOnPregnancy(fact) && !trendOf(fact)
    : fact.cause === 'not-applicable' && fact.reasons.every(({ code }) => code !== 'creatinine-changing');

/** Whether it is a steady creatinine that would decide it. */
export const isForSteadyCreatinine = (fact: Fact): boolean =>
  fact.state === 'known'
    ? trendOf(fact) !== undefined
    : fact.reasons.length > 0 && fact.reasons.every(({ code }) => code === 'creatinine-changing');

/** Whether a comparison that holds says that creatinine is not steady. */
export const saysUnsteadyCreatinine = (name: FactName, params: Params): boolean =>
  name === 'labTrend' && factOf(name).tests(params).includes('creatinine');

/** The tests of which an answer says that there is no result. */
export const testsSaidLacking = (name: FactName, params: Params, fact: Fact): readonly LabTest[] =>
  name === 'hasLab' && fact.state === 'known' && fact.value === false ? factOf(name).tests(params) : [];
