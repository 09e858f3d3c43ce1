/** What an answer that does not decide lacks, and whether anything that could be had would decide it. */
import { describe, expect, it } from 'vitest';
import { type Fact, type MissingCause, missing, type Reason } from '../../../rules/facts/fact.ts';
import type { FactName } from '../../../rules/facts/facts.ts';
import {
  isForGood,
  isForSteadyCreatinine,
  lackingTests,
  saysUnsteadyCreatinine,
  testsSaidLacking,
} from '../../../rules/facts/lacks.ts';
import { labEvidence } from '../../../rules/facts/results.ts';
import { labOf } from '../../support/charts.ts';

const egfr = { within: 'P90D' };
const potassium = { test: 'potassium', unit: 'mmol/L', within: 'P3D' };
const point: Fact = { state: 'known', value: 1, evidence: [] };
const range = { low: 0, high: 50 };
const open = (cause: MissingCause, ...reasons: Reason[]): Fact => missing(cause, reasons);
const ofCategory: Fact = {
  ...missing('incomplete', [{ code: 'category-partial', category: 'labs' }]),
  category: 'labs',
};
const evidence = (code: 'creatinine-trend' | 'in-pregnancy' | 'half-of-it') => {
  const note =
    code === 'creatinine-trend'
      ? ({ code, trend: 'rising', atMost: 50 } as const)
      : code === 'in-pregnancy'
        ? ({ code, isReduced: false } as const)
        : ({ code } as const);
  return { ...labEvidence(labOf('creatinine', 1)), notes: [note] };
};
const upperBound: Fact = { state: 'known', value: 50, range, evidence: [evidence('creatinine-trend')] };
const inPregnancy: Fact = { state: 'known', value: 50, range, evidence: [evidence('in-pregnancy')] };
const changingInPregnancy: Fact = {
  ...inPregnancy,
  evidence: [evidence('in-pregnancy'), evidence('creatinine-trend')],
};
const changing: Reason = { code: 'creatinine-changing' };

describe('the tests that an answer lacks', () => {
  it.each<[string, FactName, Record<string, unknown>, Fact, string[]]>([
    ['a value', 'lab', potassium, point, []],
    ['a range that does not decide', 'lab', potassium, { ...point, range }, ['potassium']],
    ['no result', 'lab', potassium, open('absent'), ['potassium']],
    ['an old result', 'lab', potassium, open('absent', { code: 'stale', time: null }), ['potassium']],
    ['a fact of no test', 'pregnancy', {}, open('unresolved', { code: 'no-dating' }), ['pregnancy-status']],
    ['a fact of no test at all', 'encounter', {}, open('absent'), []],
    [
      'a clearance without a weight',
      'creatinineClearance',
      egfr,
      open('absent', { code: 'needs', input: 'body-weight' }),
      ['body-weight'],
    ],
    [
      'a calcium without albumin',
      'lab',
      { ...potassium, test: 'calcium-corrected' },
      open('absent', { code: 'needs', input: 'albumin' }),
      ['albumin'],
    ],
    [
      'an eGFR without a creatinine',
      'egfr',
      egfr,
      open('absent', { code: 'needs', input: 'creatinine' }),
      ['creatinine'],
    ],
    // Nobody measures a birth date: the creatinine would be asked for again.
    ['one creatinine', 'akiStage', egfr, open('absent', { code: 'one-creatinine' }), ['creatinine']],
    ['a creatinine that changes', 'egfr', egfr, open('not-applicable', changing), ['creatinine']],
    ['dialysis', 'egfr', egfr, open('not-applicable', { code: 'no-estimate-on-dialysis' }), []],
    ['an error of ours', 'egfr', egfr, open('error', { code: 'computation-failed' }), []],
    ['laboratory data that came in part', 'egfr', egfr, ofCategory, []],
  ])('%s', (_, name, params, fact, expected) => {
    expect(lackingTests(name, params, fact)).toEqual(expected);
  });
});

it.each<[string, Fact, boolean, boolean]>([
  ['a value', point, false, false],
  ['an estimate that is an upper bound while creatinine changes', upperBound, false, true],
  ['a creatinine in pregnancy', inPregnancy, true, false],
  ['one that changes in pregnancy', changingInPregnancy, false, true],
  ['one in pregnancy that decides', { ...point, evidence: [evidence('in-pregnancy')] }, false, false],
  ['a range of another kind', { ...upperBound, evidence: [evidence('half-of-it')] }, false, false],
  ['dialysis', open('not-applicable', { code: 'no-estimate-on-dialysis' }), true, false],
  ['a creatinine that changes', open('not-applicable', changing), false, true],
  ['no creatinine', open('absent', { code: 'needs', input: 'creatinine' }), false, false],
  ['nothing that is said', open('absent'), false, false],
  [
    'a creatinine that changes, and dialysis',
    open('not-applicable', changing, { code: 'on-dialysis' }),
    false,
    false,
  ],
])('%s: open for good %j, for a steady creatinine %j', (_, fact, forGood, forSteady) => {
  expect([isForGood(fact), isForSteadyCreatinine(fact)]).toEqual([forGood, forSteady]);
});

it.each<[FactName, string, boolean]>([
  ['labTrend', 'creatinine', true],
  ['labTrend', 'potassium', false],
  ['lab', 'creatinine', false],
])('that %s of %s holds says that creatinine is not steady: %j', (name, test, expected) => {
  expect(saysUnsteadyCreatinine(name, { test })).toBe(expected);
});

it.each<[string, FactName, Fact, string[]]>([
  ['there is none', 'hasLab', { ...point, value: false }, ['magnesium', 'potassium']],
  ['there is one', 'hasLab', { ...point, value: true }, []],
  ['nobody knows', 'hasLab', open('unresolved'), []],
  ['of another fact', 'labNewer', { ...point, value: false }, []],
  ['there are several', 'hasLab', point, []],
  ['another fact', 'contrastStudy', { ...point, value: false }, []],
])('tests said to be lacking: %s', (_, name, fact, expected) => {
  const tests = ['magnesium', 'potassium'];
  expect(testsSaidLacking(name, { tests, test: 'magnesium', than: 'potassium' }, fact)).toEqual(expected);
});
