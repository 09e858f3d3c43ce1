/** A creatinine of before the 7 days: what an injury is presumed to have risen from. */
import { describe, expect, it } from 'vitest';
import { ask, conditionOf, labOf } from '../../support/charts.ts';
import { randomOf } from '../../support/random.ts';

const dayOf = 24;
/** Values with how many days ago they are of. */
const series = (...values: readonly (readonly [value: number, daysAgo: number])[]) =>
  values.map(([value, daysAgo]) => labOf('creatinine', value, daysAgo * dayOf + 1));
const stageOf = (labs: ReturnType<typeof series>, more = {}) =>
  ask('akiStage', { within: 'P7D' }, { labs, ...more });

describe('a creatinine of 7 to 365 days before', () => {
  it.each([
    [
      '1.0 of half a year ago and 3.1 now',
      [
        [3.1, 0],
        [1, 183],
      ],
      3,
    ],
    [
      '1.0 and 2.4',
      [
        [2.4, 0],
        [1, 60],
      ],
      2,
    ],
    [
      '1.0 and 1.5',
      [
        [1.5, 0],
        [1, 8],
      ],
      1,
    ],
    [
      '1.0 and 1.49',
      [
        [1.49, 0],
        [1, 60],
      ],
      0,
    ],
    [
      '1.0 of 366 days ago, which is too old',
      [
        [3.1, 0],
        [1, 366],
      ],
      'one creatinine',
    ],
    [
      'the median of three',
      [
        [2.4, 0],
        [3.6, 20],
        [1, 100],
        [1.1, 200],
      ],
      2,
    ],
    [
      'of two the lower one',
      [
        [2.4, 0],
        [1, 20],
        [3.6, 40],
      ],
      2,
    ],
    [
      'of two the lower one, if it is the earlier',
      [
        [3, 0],
        [1.9, 20],
        [1, 40],
      ],
      3,
    ],
    [
      'what is still on the way up',
      [
        [3.2, 0],
        [2.2, 9],
        [1, 20],
        [1, 30],
      ],
      3,
    ],
    [
      'a last one that is like the newest, alone',
      [
        [4.4, 0],
        [3, 8],
        [1, 30],
      ],
      3,
    ],
    [
      'several that are like the newest, of less than four weeks',
      [
        [3, 0],
        [2.9, 8],
        [2.8, 9],
        [2.8, 10],
        [1, 60],
      ],
      3,
    ],
    [
      'a baseline beside a rise within the week',
      [
        [2.4, 0],
        [2, 3],
        [1, 60],
      ],
      2,
    ],
    [
      'a peak of the week',
      [
        [1.1, 0],
        [2.4, 3],
        [1, 60],
      ],
      2,
    ],
    [
      '4.0 that is 1.5 times the baseline',
      [
        [4.1, 0],
        [2.6, 60],
      ],
      3,
    ],
  ] as const)('%s', (_, values, stage) => {
    const answer = stageOf(series(...values));
    if (typeof stage === 'number') expect(answer).toMatchObject({ state: 'known', value: stage });
    else expect(answer).toMatchObject({ state: 'missing' });
  });

  it.each([
    [
      'steady for a year',
      [
        [2, 0],
        [2.1, 90],
        [1.9, 180],
        [2, 300],
      ],
    ],
    [
      'higher for half a year than before it',
      [
        [1.6, 0],
        [1.6, 90],
        [1.55, 170],
        [1, 200],
        [1, 250],
        [1, 300],
      ],
    ],
    [
      'slowly worse',
      [
        [2.4, 0],
        [2.2, 60],
        [2, 120],
        [1.8, 240],
        [1.6, 360],
      ],
    ],
    [
      'like the two of the last four weeks',
      [
        [3, 0],
        [2.8, 10],
        [2.9, 28],
        [1, 60],
        [1, 100],
      ],
    ],
  ] as const)('a creatinine that is %s is no injury', (_, values) => {
    expect(stageOf(series(...values))).toMatchObject({ state: 'known', value: 0 });
  });

  it('stable creatinine never gives a stage, wherever its results lie', () => {
    for (let seed = 1; seed <= 300; seed += 1) {
      const count = 1 + (seed % 6);
      const level = 0.5 + (seed % 37) / 10;
      const labs = series(
        [level, 0],
        ...Array.from({ length: count }, (_, index): [number, number] => [
          // Less than 0.3 mg/dL and less than half apart.
          level * (1 + (((seed * (index + 3)) % 21) - 10) / 100) * (level > 1.4 ? 1.4 / level : 1) +
            (level > 1.4 ? level - 1.4 : 0),
          1 + ((seed * 7919 * (index + 1)) % 364),
        ]),
      );
      const answer = stageOf(labs);
      if (answer.state === 'known') expect(answer).toMatchObject({ value: 0 });
    }
  });

  it('a value between the earlier ones and the newest never makes the stage less', () => {
    const random = randomOf(33);
    for (let tried = 0; tried < 500; tried += 1) {
      const level = 0.6 + 2 * random();
      const earlier = Array.from({ length: 1 + Math.floor(3 * random()) }, (): [number, number] => [
        level * (0.9 + 0.2 * random()),
        30 + 300 * random(),
      ]);
      const newest = level * (1.7 + 4 * random());
      const between: [number, number] = [
        level * 1.1 + (newest - level * 1.1) * random(),
        0.1 + 27.8 * random(),
      ];
      const without = stageOf(series([newest, 0], ...earlier));
      const withIt = stageOf(series([newest, 0], ...[between, ...earlier].toSorted((a, b) => a[1] - b[1])));
      const described = JSON.stringify({ newest, between, earlier });
      expect(without, described).toMatchObject({ state: 'known' });
      expect(Number(withIt.state === 'known' && withIt.value), described).toBeGreaterThanOrEqual(
        Number(without.state === 'known' && without.value),
      );
    }
  });

  it('is not of a pregnancy, in which creatinine is low', () => {
    const labs = series([0.9, 0], [0.5, 60]);
    expect(stageOf(labs)).toMatchObject({ value: 1 });
    const after = { conditions: [conditionOf('p', ['pregnancy'], 200, { status: 'inactive' })] };
    expect(stageOf(labs, after)).toMatchObject({ state: 'known', value: 0, range: { low: 0, high: 2 } });
  });

  it('of a child is of 90 days', () => {
    const patient = { patient: { reference: 'Patient/1', sex: 'male' as const, birthDate: '2018-01-01' } };
    expect(stageOf(series([1, 0], [0.5, 80]), patient)).toMatchObject({ value: 2 });
    expect(stageOf(series([1, 0], [0.5, 100]), patient)).toMatchObject({ state: 'missing' });
  });

  it('counts for whether an injury is over', () => {
    const counted = (labs: ReturnType<typeof series>) =>
      ask('akiStage', { within: 'P7D', recovered: 'none' }, { labs });
    expect(counted(series([1.1, 0], [2.4, 3], [1, 60]))).toMatchObject({ value: 0 });
    expect(counted(series([1.6, 0], [2.4, 3], [1.6, 6], [1, 60]))).toMatchObject({ value: 2 });
  });
});

describe('a documented injury', () => {
  const documented = (daysAgo: number | null, labs: ReturnType<typeof series> = [], more = {}) =>
    ask('documentedAki', {}, { labs, conditions: [conditionOf('a', ['aki'], daysAgo, more)] });
  it.each([
    ['of 6 days ago', 6, [], true],
    ['without a date', null, [], true],
    ['of 91 days ago', 91, [], false],
    [
      'and a creatinine of before it',
      1,
      [
        [0.9, 2],
        [0.9, 100],
      ],
      true,
    ],
    [
      'and one of after it that is as before',
      2,
      [
        [0.9, 0],
        [0.9, 100],
      ],
      false,
    ],
    [
      'undated, and as the lowest of the year',
      null,
      [
        [1.8, 0],
        [1.7, 100],
      ],
      false,
    ],
    [
      'undated, above the lowest of the year',
      null,
      [
        [2.8, 0],
        [2.8, 10],
        [1, 100],
      ],
      true,
    ],
    [
      'and two of the week that are alike, which shows no recovery',
      2,
      [
        [2.8, 0],
        [2.8, 1],
      ],
      true,
    ],
    [
      'and creatinines of the week as of a healthy kidney',
      3,
      [
        [1, 0],
        [1, 1],
        [1, 5],
      ],
      false,
    ],
    [
      'and creatinines of the week that are high alike',
      3,
      [
        [2.8, 0],
        [2.8, 1],
        [2.8, 5],
      ],
      true,
    ],
    [
      'of 30 days ago, and two of the week that are alike',
      30,
      [
        [2.8, 0],
        [2.8, 1],
      ],
      false,
    ],
  ] as const)('%s', (_, daysAgo, values, value) => {
    expect(documented(daysAgo, series(...values))).toMatchObject({ state: 'known', value });
  });
  it('of 30 days ago without a creatinine leaves it open', () => {
    expect(documented(30)).toMatchObject({ state: 'missing' });
    expect(documented(8)).toMatchObject({ state: 'missing' });
    expect(documented(30, [], { status: 'inactive' })).toMatchObject({ value: false });
  });
  it('of this stay counts however long it lasts', () => {
    const encounter = { reference: 'Encounter/1', class: 'inpatient', start: '2026-01-01' } as const;
    const conditions = [conditionOf('a', ['aki'], 20)];
    expect(ask('documentedAki', {}, { encounter, conditions })).toMatchObject({ value: true });
    expect(
      ask('documentedAki', {}, { encounter: { ...encounter, class: 'ambulatory' }, conditions }),
    ).toMatchObject({ state: 'missing' });
  });
  it('is one of stage 1 at least, and at most what creatinine allows', () => {
    const conditions = [conditionOf('a', ['aki'], 1)];
    const stage = (...values: readonly (readonly [number, number])[]) =>
      ask('akiStage', { within: 'P7D' }, { labs: series(...values), conditions });
    expect(stage()).toMatchObject({ value: 1, range: { low: 1, high: 3 } });
    expect(stage([0.7, 0])).toMatchObject({ value: 1 });
    expect(stage([1.9, 0], [1.9, 2])).toMatchObject({ value: 1, range: { low: 1, high: 3 } });
    expect(stage([0.9, 0])).toMatchObject({ value: 1, range: { low: 1, high: 2 } });
    expect(stage([3, 0], [1, 2])).toMatchObject({ value: 3 });
  });

  describe('may be among problems that were not read', () => {
    const steady = series([0.9, 0], [0.9, 2]);
    it.each(['absent', 'partial'] as const)('of which the list is %s: the stage is open', (conditions) => {
      const completeness = { conditions };
      expect(stageOf(steady, { completeness })).toMatchObject({
        state: 'missing',
        category: 'conditions',
      });
      // What creatinine leaves open may be more by a problem; what it shows stays, and says what was not checked.
      expect(stageOf(series([0.7, 0]), { completeness })).toMatchObject({ value: 0, range: { low: 0 } });
      expect(stageOf(series([0.9, 0], [0.5, 60]), { completeness })).toMatchObject({
        value: 1,
        evidence: [{ note: expect.stringContaining('dialysis and pregnancy could not be checked') }, {}],
      });
    });
    it('or of which one says nothing', () => {
      const conditions = [conditionOf('x', [], null, { codes: [], unread: true })];
      expect(stageOf(steady, { conditions })).toMatchObject({ state: 'missing', cause: 'unresolved' });
    });
    it('but not what was read and may be one, which creatinine rules out', () => {
      const conditions = [conditionOf('x', ['renal-failure-unspecified'])];
      expect(stageOf(steady, { conditions })).toMatchObject({ state: 'known', value: 0 });
    });
  });
  it('with 4.0 mg/dL or more is one of stage 3, in an adult', () => {
    const conditions = [conditionOf('a', ['aki'], 1)];
    const stage = (value: number, more = {}) =>
      ask('akiStage', { within: 'P7D' }, { labs: series([value, 0]), conditions, ...more });
    expect(stage(4.6)).toMatchObject({ state: 'known', value: 3 });
    expect(stage(4.6)).not.toHaveProperty('range');
    expect(stage(3.9)).toMatchObject({ value: 1, range: { low: 1, high: 3 } });
    const patient = { reference: 'Patient/1', sex: 'male' as const, birthDate: '2018-01-01' };
    expect(stage(4.6, { patient })).toMatchObject({ value: 1 });
    const upTo = labOf('creatinine', 4.6, 1, { comparator: '<' });
    expect(stage(4.6, { labs: [upTo] })).toMatchObject({ value: 1 });
  });
});

describe('a fall within 7 days with nothing before it', () => {
  const counted = (recovered: string, labs: ReturnType<typeof series>) =>
    ask('akiStage', { within: 'P7D', recovered }, { labs });
  it.each([1, 3, 6])('of %d days is an injury read backwards', (days) => {
    const labs = series([1.6, 0], [3, days]);
    const answer = { state: 'known', value: 1, range: { low: 1, high: 3 } };
    expect(counted('stage-1', labs)).toMatchObject(answer);
    expect(counted('none', labs)).toMatchObject(answer);
    expect(counted('none', series([1.6, 0], [3, days], [3.1, 8]))).toMatchObject(answer);
  });
  it('to what a healthy kidney has is over', () => {
    const labs = series([0.9, 0], [1.8, 4]);
    expect(counted('none', labs)).toMatchObject({ value: 0 });
    expect(counted('stage-1', labs)).toMatchObject({ value: 1 });
  });
  it('by less than a third is none', () => {
    expect(counted('none', series([2.1, 0], [3, 4]))).toMatchObject({ value: 0 });
  });
});
