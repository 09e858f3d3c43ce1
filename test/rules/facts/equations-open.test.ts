/** Creatinines of which nobody knows when exactly they were taken, or which of two values they have (KDIGO 2012, 2.1). */
import { describe, expect, it } from 'vitest';
import {
  type AkiOptions,
  akiStage,
  type Creatinine,
  creatinineIsUnsteady,
  creatinineTrend,
  highestAkiStage,
  steadyCreatinines,
} from '../../../rules/facts/equations.ts';

const hour = 3_600_000;
const now = 1000 * hour;
const adult: AkiOptions = { ageYears: 60 };
/** mg/dL so many hours ago. */
const taken = (mgdl: number, hoursAgo: number): Creatinine => ({ mgdl, at: now - hoursAgo * hour });
/** Taken between so many hours ago and fewer, beside others of which the same holds. */
const between = (mgdl: number, longest: number, shortest: number): Creatinine => ({
  ...taken(mgdl, shortest),
  from: now - longest * hour,
});
/** One of two values. */
const either = (mgdl: number, most: number, hoursAgo: number): Creatinine => ({
  ...taken(mgdl, hoursAgo),
  highest: { mgdl: most },
});

describe('the stage is what any order and value allows', () => {
  it.each<[string, Creatinine[], AkiOptions, [number, number]]>([
    ['1.0 or 2.0, after 1.0', [taken(1, 24), either(1, 2, 1)], adult, [0, 2]],
    ['2.0, after 1.0 or 2.0', [either(1, 2, 24), taken(2, 1)], adult, [0, 2]],
    ['3.0, after 1.0 or 1.4: 2 or 3', [either(1, 1.4, 24), taken(3, 1)], adult, [2, 3]],
    ['2.0 or 3.0, after 1.0', [taken(1, 24), either(2, 3, 1)], adult, [2, 3]],
    [
      '1.0 and 2.0 of times that overlap, and no other',
      [between(1, 10, 1), between(2, 10, 2)],
      adult,
      [0, 3],
    ],
    [
      '1.0 and 2.0 that overlap, after 1.0',
      [taken(1, 72), between(1, 10, 1), between(2, 10, 2)],
      adult,
      [0, 2],
    ],
    [
      '2.0 and 3.0 that overlap, after 1.0',
      [taken(1, 72), between(2, 10, 1), between(3, 10, 2)],
      adult,
      [2, 3],
    ],
    [
      'the last of them does not reach back to the other',
      [taken(1, 72), between(1, 4, 1), between(2, 10, 5)],
      adult,
      [0, 0],
    ],
    ['it reaches back to its very end', [taken(1, 72), between(1, 5, 1), between(2, 10, 5)], adult, [0, 2]],
    [
      '3.0 after two that overlap: it is certain',
      [between(1, 72, 50), between(1.5, 72, 51), taken(3, 1)],
      adult,
      [3, 3],
    ],
    [
      'of two that overlap, either of which may come first, one is a rise',
      [taken(1.9, 160), between(1, 10, 1), between(1.9, 10, 2)],
      adult,
      [0, 1],
    ],
    [
      'at 17 years the eGFR falls as the creatinine rises: 72 is 36',
      [taken(1.5, 24), either(1.5, 3, 1)],
      { ageYears: 17, egfr: 72 },
      [0, 2],
    ],
    ['68 is 34, below 35', [taken(1.5, 24), either(1.5, 3, 1)], { ageYears: 17, egfr: 68 }, [0, 3]],
    ['without an eGFR it may be below 35', [taken(1.5, 24), either(1.5, 3, 1)], { ageYears: 17 }, [0, 3]],
  ])('%s', (_, series, options, [low, high]) => {
    for (const list of [series, series.toReversed()])
      expect(akiStage(list, options)).toMatchObject({ low, high });
  });

  it('says what either rests on, and the same once', () => {
    const first = 'creatinine 1 mg/dL is 1 times the reference 1 mg/dL';
    const second = 'creatinine 2 mg/dL is 2 times the reference 1 mg/dL';
    expect(akiStage([taken(1, 72), either(1, 2, 1)], adult)?.basis).toBe(`${first}; or ${second}`);
    expect(akiStage([taken(1, 72), between(2, 10, 1), between(2, 10, 2)], adult)?.basis).toBe(second);
    expect(akiStage([taken(1, 72), between(2, 10, 1), between(1, 10, 2)], adult)?.basis).toContain(
      `${first}; or ${second}`,
    );
    expect(akiStage([taken(1.5, 24), taken(2.3, 1)], { ageYears: 17, egfr: 30 })?.basis).toContain(
      '; eGFR 30 is below 35',
    );
  });

  it('in the unit of each value', () => {
    const molar = { umol: 88.4, highest: { mgdl: 2, umol: 176.8 } };
    expect(akiStage([taken(1, 72), { ...taken(1, 1), ...molar }], adult)?.basis).toContain(
      'creatinine 176.8 umol/L is 2',
    );
    // Of two units the highest is not shown in that of the lowest.
    const mixed = { umol: 88.4, highest: { mgdl: 2 } };
    expect(akiStage([taken(1, 72), { ...taken(1, 1), ...mixed }], adult)?.basis).toContain(
      'creatinine 2 mg/dL is 2',
    );
  });
});

describe('the highest stage of 7 days', () => {
  it.each<[string, Creatinine[], [number, number]]>([
    ['a peak of 1.0 or 2.0 may have been stage 2', [taken(1, 96), either(1, 2, 48), taken(1, 1)], [0, 2]],
    ['a peak of 2.0 or 3.0 was stage 2 at least', [taken(1, 96), either(2, 3, 48), taken(1, 1)], [2, 3]],
    ['a peak after 1.0 or 2.0', [either(1, 2, 96), taken(2, 48), taken(1.9, 1)], [0, 2]],
    [
      'the first value, with nothing before it, may be anything and counts for none',
      [either(2, 3, 96), taken(2, 48), taken(2, 1)],
      [0, 0],
    ],
    ['of plain values nothing is open', [taken(1, 96), taken(2, 48), taken(1, 1)], [2, 2]],
    [
      'two that overlap before the last',
      [taken(1, 96), between(1, 60, 40), between(2, 60, 41), taken(1, 1)],
      [2, 2],
    ],
  ])('%s', (_, series, [low, high]) => {
    for (const list of [series, series.toReversed()])
      expect(highestAkiStage(list, adult)).toMatchObject({ low, high });
  });
});

describe('whether creatinine is steady', () => {
  it.each<[string, Creatinine[], boolean, ReturnType<typeof creatinineTrend>]>([
    [
      '1.4 and 1.5 that overlap, after 1.0',
      [taken(1, 40), between(1.4, 10, 1), between(1.5, 10, 2)],
      true,
      'rising',
    ],
    [
      '1.4 and 1.1: one differs and the other does not',
      [taken(1, 40), between(1.4, 10, 1), between(1.1, 10, 2)],
      false,
      'changing',
    ],
    ['1.1 and 1.1', [taken(1, 40), between(1.1, 10, 1), between(1.1, 10, 2)], false, null],
    ['1.4 and 1.5, after 2.0', [taken(2, 40), between(1.4, 10, 1), between(1.5, 10, 2)], true, 'falling'],
    [
      '1.5 and 0.6, after 1.0: up or down',
      [taken(1, 40), between(1.5, 10, 1), between(0.6, 10, 2)],
      true,
      'changing',
    ],
    ['1.4, after 1.0 or 1.3', [either(1, 1.3, 40), taken(1.4, 1)], false, 'changing'],
    ['1.7, after 1.0 or 1.3', [either(1, 1.3, 40), taken(1.7, 1)], true, 'rising'],
    ['1.0, after 1.4 or 1.6', [either(1.4, 1.6, 40), taken(1, 1)], true, 'falling'],
    ['1.3 or 1.6, after 1.0', [taken(1, 40), either(1.3, 1.6, 1)], true, 'rising'],
    ['1.2 or 1.6, after 1.0', [taken(1, 40), either(1.2, 1.6, 1)], false, 'changing'],
    ['0.5 or 1.6, after 1.0', [taken(1, 40), either(0.5, 1.6, 1)], true, 'changing'],
    ['1.0 or 1.1, after 1.0', [taken(1, 40), either(1, 1.1, 1)], false, null],
    ['1.0 or 2.0, 169 hours after 1.0', [taken(1, 170), either(1, 2, 1)], false, null],
    ['1.0 or 2.0, 168 hours after 1.0', [taken(1, 169), either(1, 2, 1)], false, 'changing'],
    ['1.5, 168 hours after 1.0', [taken(1, 169), taken(1.5, 1)], true, 'rising'],
    ['1.0 and 2.0 that overlap, and no other', [between(1, 10, 1), between(2, 10, 2)], false, 'changing'],
    ['1.0 and 1.1 that overlap, and no other', [between(1, 10, 1), between(1.1, 10, 2)], false, null],
  ])('%s: %j, %j', (_, series, isUnsteady, trend) => {
    for (const list of [series, series.toReversed()]) {
      expect(creatinineIsUnsteady(list)).toBe(isUnsteady);
      expect(creatinineTrend(list)).toBe(trend);
    }
  });

  it.each<[string, Creatinine[], boolean[]]>([
    ['two that overlap are not surely of two times', [between(1, 10, 2), between(2, 10, 1)], [true, true]],
    ['one that begins as the other ends', [between(1, 10, 5), between(2, 5, 1)], [true, true]],
    ['one that begins after it', [between(1, 10, 5), between(2, 4, 1)], [false, false]],
    [
      'both differ from one before',
      [taken(1, 30), between(2, 10, 2), between(3, 10, 1)],
      [false, false, false],
    ],
    ['1.4 after 1.0 or 1.3', [either(1, 1.3, 40), taken(1.4, 1)], [true, true]],
  ])('at each: %s', (_, series, expected) => expect(steadyCreatinines(series)).toEqual(expected));
});
