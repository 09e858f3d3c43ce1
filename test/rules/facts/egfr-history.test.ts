import { describe, expect, it } from 'vitest';
import type { Lab } from '../../../rules/chart/types.ts';
import { ask, at, conditionOf, day, labOf } from '../../support/charts.ts';
import type { WordedFact } from '../../support/worded.ts';

const ml = 'mL/min/{1.73_m2}';
const infinity = Number.POSITIVE_INFINITY;
const ckdEpi = 'CKD-EPI 2021';

/** As a laboratory reported it, so many days ago. */
const egfr = (value: number, daysAgo: number, more: Partial<Lab> = {}): Lab =>
  labOf('egfr', value, daysAgo * 24, { method: ckdEpi, ...more });
const creatinine = (value: number, daysAgo: number, more: Partial<Lab> = {}): Lab =>
  labOf('creatinine', value, daysAgo * 24, more);
/** A result whose time is known to lie between two days only. */
const between = (longest: number, shortest: number): Partial<Lab> => ({
  span: { from: at - longest * day, to: at - shortest * day },
});
const idOf = (lab: Lab | undefined): string => lab?.reference ?? '';

type Given = Parameters<typeof ask>[2];
const highest = (labs: Lab[], given: Given = {}, within = 'P365D'): WordedFact =>
  ask('egfrHighest', { within, over: 'P90D' }, { labs, ...given });
const fall = (as: 'percent' | 'categories' | 'perYear', labs: Lab[], given: Given = {}): WordedFact =>
  ask(
    'egfrFall',
    { within: 'P365D', span: as === 'perYear' ? 'P1095D' : 'P365D', over: 'P7D', as },
    { labs, ...given },
  );
const referencesOf = (fact: WordedFact): string[] => fact.evidence.map(({ reference }) => reference);
const born = (birthDate: string): Given => ({
  patient: { reference: 'Patient/1', sex: 'female', birthDate },
});
const noConditions: Given = { completeness: { conditions: 'absent' } };

const needsOlder = (time: string): string =>
  `highest egfr over at least P90D up to the latest within P365D (needs another estimate at least that long before ${time})`;

describe('an estimate on the card', () => {
  it.each<[string, Lab, string, string]>([
    ['reported', egfr(52.34, 1), '52.3', `as reported, ${ckdEpi}; G3a`],
    ['with a flag', egfr(52, 1, { why: 'not final' }), '52', `as reported, ${ckdEpi}; G3a; not final`],
    ['> 60', egfr(60, 1, { comparator: '>' }), '> 60', `as reported, ${ckdEpi}; G1 to G2`],
    ['>= 60', egfr(60, 1, { comparator: '>=' }), '>= 60', `as reported, ${ckdEpi}; G1 to G2`],
    ['< 60', egfr(60, 1, { comparator: '<' }), '< 60', `as reported, ${ckdEpi}; G3a to G5`],
    ['<= 60', egfr(60, 1, { comparator: '<=' }), '<= 60', `as reported, ${ckdEpi}; G2 to G5`],
    ['of creatinine', creatinine(1.5, 1), '39.6', `${ckdEpi}; G3b`],
  ])('%s: value, equation and category', (_, lab, value, note) => {
    expect(highest([lab])).toEqual({
      state: 'missing',
      cause: 'absent',
      missing: needsOlder('2026-01-30T12:00'),
      evidence: [
        expect.objectContaining({ reference: lab.reference, name: 'eGFR', used: `${value} ${ml}`, note }),
      ],
    });
  });

  it('of a laboratory that names no equation says that it is not specified', () => {
    const { method: _, ...lab } = egfr(52, 1);
    expect(highest([lab]).evidence[0]?.note).toBe('as reported, unspecified; G3a');
  });

  it('of an age known to the year is a range', () =>
    expect(highest([creatinine(1.5, 1)], born('1966')).evidence[0]?.used).toBe(`39.6 to 39.9 ${ml}`));
});

describe('left out of the course', () => {
  const pregnancy = conditionOf('1', ['pregnancy'], 400, { status: 'inactive' });

  it.each<[string, number, boolean]>([
    ['the day before it was noted', 401, true],
    ['the moment it was noted', 400, false],
    ['in between', 200, false],
    ['300 days after', 100, false],
    ['a day later', 99, true],
  ])('in a pregnancy: %s', (_, daysAgo, counts) => {
    const fact = highest([egfr(40, 1), egfr(80, daysAgo)], { conditions: [pregnancy] });
    expect(fact).toMatchObject(counts ? { value: 80 } : { missing: needsOlder('2026-01-30T12:00') });
    expect(fact.evidence[0]?.note).toBe(
      `as reported, ${ckdEpi}; G3b${counts ? '' : '; left out: 1 in pregnancy'}`,
    );
  });

  it.each<[string, Given]>([
    ['a pregnancy without a date', { conditions: [conditionOf('1', ['pregnancy'])] }],
    ['another condition', { conditions: [conditionOf('1', ['ckd-stage-3'], 400)] }],
    [
      'a pregnancy on the chart of a man',
      {
        patient: { reference: 'Patient/1', sex: 'male', birthDate: '1966-01-01' },
        conditions: [pregnancy],
      },
    ],
  ])('nothing by %s', (_, given) =>
    expect(highest([egfr(40, 1), egfr(80, 200)], given)).toMatchObject({ state: 'known', value: 80 }),
  );

  it('under 18, and from the 18th birthday no more', () => {
    const labs = (daysAgo: number): Lab[] => [egfr(40, 1), egfr(80, daysAgo)];
    expect(highest(labs(200), born('2007-07-15'))).toMatchObject({ value: 80 });
    const before = highest(labs(200), born('2007-07-16'));
    expect(before).toMatchObject({ missing: needsOlder('2026-01-30T12:00') });
    expect(before.evidence[0]?.note).toBe(`as reported, ${ckdEpi}; G3b; left out: 1 under 18`);
  });

  it('a pediatric estimate, one before birth and a creatinine without a date', () => {
    const labs = [
      egfr(40, 1),
      egfr(80, 50, { method: 'pediatric' }),
      creatinine(0.5, 61 * 366),
      creatinine(0.5, 150, { span: null, time: null, used: false }),
      creatinine(1.5, 100, { comparator: '>' }),
    ];
    const fact = highest(labs);
    expect(fact).toMatchObject({ state: 'known', value: 40 });
    expect(fact).not.toHaveProperty('range');
  });

  it('each kind is counted, and what could not be checked is said after them', () => {
    const labs = [
      egfr(40, 1),
      egfr(80, 100),
      egfr(80, 210),
      egfr(80, 220),
      creatinine(1.5, 80),
      creatinine(1, 95),
      creatinine(2, 94),
    ];
    const given = {
      ...born('2007-07-16'),
      conditions: [conditionOf('1', ['pregnancy'], 399, { status: 'inactive' })],
    };
    expect(highest(labs, given).evidence[0]?.note).toBe(
      `as reported, ${ckdEpi}; G3b; left out: 2 while creatinine was changing, 1 in pregnancy, 2 under 18`,
    );
    expect(
      highest([egfr(40, 1), egfr(80, 220)], { ...born('2007-07-16'), ...noConditions }).evidence[0]?.note,
    ).toBe(`as reported, ${ckdEpi}; G3b; left out: 1 under 18; dialysis and pregnancy could not be checked`);
    expect(highest([egfr(40, 1)], noConditions).evidence[0]?.note).toBe(
      `as reported, ${ckdEpi}; G3b; dialysis and pregnancy could not be checked`,
    );
  });
});

describe('the latest estimate', () => {
  const what = 'highest egfr over at least P90D up to the latest within P365D';

  it('needs a creatinine where there is none of either, and where it is too old', () => {
    const missing = { state: 'missing', cause: 'absent', missing: `${what}: needs creatinine` };
    expect(highest([])).toMatchObject(missing);
    expect(highest([egfr(40, 366), egfr(50, 500)])).toMatchObject(missing);
    expect(highest([egfr(40, 365), egfr(50, 500)])).toMatchObject({ state: 'known', value: 50 });
  });

  it('is none while creatinine is changing', () =>
    expect(highest([creatinine(2, 1), creatinine(1, 2), egfr(50, 200)])).toMatchObject({
      cause: 'not-applicable',
      missing: `${what} (creatinine is changing: an estimate is not reliable)`,
      evidence: [{ reference: 'Observation/creatinine-24' }],
    }));

  it.each<[string, Lab, Given, string]>([
    [
      'was in a pregnancy',
      creatinine(1, 150),
      { conditions: [conditionOf('1', ['pregnancy'], 400)] },
      'left out: 1 in pregnancy',
    ],
    [
      'is above zero, whatever it is',
      creatinine(0, 150, { comparator: '>' }),
      {},
      'the results give no estimate',
    ],
  ])('is unresolved where the only creatinine %s', (_, lab, given, why) =>
    expect(highest([lab], given)).toEqual({
      state: 'missing',
      cause: 'unresolved',
      missing: `${what} (${why})`,
      evidence: [expect.objectContaining({ reference: lab.reference, name: 'creatinine' })],
    }),
  );

  it('is the newest of both tests', () => {
    const older = creatinine(1.5, 100);
    expect(referencesOf(highest([older, egfr(30, 1)]))).toEqual(['Observation/egfr-24', idOf(older)]);
    expect(referencesOf(highest([egfr(30, 100), creatinine(1.5, 1)]))).toEqual([
      'Observation/creatinine-24',
      'Observation/egfr-2400',
    ]);
  });

  it.each([
    [23, true],
    [24, false],
    [72, false],
    [73, true],
  ])('reported %d hours ago, with a creatinine of 48 hours ago: used is %s', (hoursAgo, used) => {
    const labs = [creatinine(1.5, 2), labOf('egfr', 90, hoursAgo), creatinine(1.5, 100)];
    expect(referencesOf(highest(labs)).includes(`Observation/egfr-${hoursAgo}`)).toBe(used);
  });
});

describe('what is too short to compare', () => {
  const one = [egfr(40, 1)];
  it.each<[string, Given, object]>([
    [
      'laboratory data that never came',
      { completeness: { labs: 'absent' } },
      { cause: 'category', category: 'labs' },
    ],
    [
      'one of the tests asked for',
      { completeness: { labs: 'absent' }, testsAsked: ['creatinine'] },
      { cause: 'category' },
    ],
    [
      'the other one asked for',
      { completeness: { labs: 'absent' }, testsAsked: ['egfr'] },
      { cause: 'category' },
    ],
    [
      'both asked for and answered',
      { completeness: { labs: 'absent' }, testsAsked: ['creatinine', 'egfr'] },
      { cause: 'absent' },
    ],
  ])('%s', (_, given, expected) =>
    expect(highest(one, given)).toMatchObject({
      ...expected,
      state: 'missing',
      evidence: [{ reference: 'Observation/egfr-24' }],
    }),
  );

  it.each(['creatinine', 'egfr'] as const)('more than 1,000 results of %s: the rest is not known', (test) => {
    const value = test === 'egfr' ? 40 : 1.5;
    const hourly = (count: number): Lab[] =>
      Array.from({ length: count }, (_, index) => labOf(test, value, index + 1, { method: ckdEpi }));
    expect(highest(hourly(1000))).toMatchObject({ state: 'missing', cause: 'absent' });
    expect(highest([...hourly(1000), labOf(test, value, 4800, { method: ckdEpi })])).toMatchObject({
      state: 'missing',
      cause: 'unresolved',
    });
    expect(highest([...hourly(999), labOf(test, value, 4800, { method: ckdEpi })])).toMatchObject({
      state: 'known',
    });
  });
});

describe('egfrHighest', () => {
  const newest = egfr(40, 1);
  const first = egfr(42, 100);
  const sided = (comparator: Lab['comparator'], value: number, daysAgo: number): Lab =>
    egfr(value, daysAgo, comparator ? { comparator } : {});

  it('counts from exactly 90 days before the latest', () => {
    expect(highest([newest, egfr(50, 91)])).toMatchObject({ state: 'known', value: 50 });
    expect(highest([newest, egfr(50, 90)])).toMatchObject({ state: 'missing' });
  });

  it('shows the newest of those that are highest, and says once what was left out', () => {
    const fact = highest([newest, egfr(44, 50), egfr(44, 60), first], noConditions);
    expect(fact.evidence.map(({ reference, note }) => [reference, note])).toEqual([
      ['Observation/egfr-24', `as reported, ${ckdEpi}; G3b; dialysis and pregnancy could not be checked`],
      ['Observation/egfr-1200', `as reported, ${ckdEpi}; G3b`],
      ['Observation/egfr-2400', `as reported, ${ckdEpi}; G3b`],
    ]);
  });

  type Side = [Lab['comparator'], number];
  it.each<[string, Side, Side, object | undefined]>([
    ['60 and 60', [undefined, 60], [undefined, 60], undefined],
    ['> 60 and 60', ['>', 60], [undefined, 60], { low: 60, lowOpen: true, high: infinity }],
    ['60 and > 60', [undefined, 60], ['>', 60], { low: 60, lowOpen: true, high: infinity }],
    ['> 60 and 70', ['>', 60], [undefined, 70], { low: 70, high: infinity }],
    ['70 and > 60', [undefined, 70], ['>', 60], { low: 70, high: infinity }],
    ['< 60 and <= 60', ['<', 60], ['<=', 60], { low: 0, high: 60 }],
    ['<= 60 and < 60', ['<=', 60], ['<', 60], { low: 0, high: 60 }],
    ['< 60 and < 60', ['<', 60], ['<', 60], { low: 0, high: 60, highOpen: true }],
    ['< 70 and < 60', ['<', 70], ['<', 60], { low: 0, high: 70, highOpen: true }],
    ['< 60 and < 70', ['<', 60], ['<', 70], { low: 0, high: 70, highOpen: true }],
    ['40 and < 70', [undefined, 40], ['<', 70], { low: 40, high: 70, highOpen: true }],
  ])('of %s', (_, [sign, value], [otherSign, otherValue], range) => {
    const fact = highest([sided(sign, value, 1), sided(otherSign, otherValue, 100)]);
    expect(fact.state === 'known' && fact.range).toEqual(range);
  });

  it('takes the higher of two results of one moment, be it the latest or the first', () => {
    const twin = (daysAgo: number, one: number, other: number): Lab[] => [
      egfr(one, daysAgo, { reference: 'Observation/a' }),
      egfr(other, daysAgo, { reference: 'Observation/b' }),
    ];
    for (const labs of [
      [...twin(1, 40, 80), first],
      [...twin(1, 80, 40), first],
      [newest, ...twin(100, 40, 80)],
      [newest, ...twin(100, 80, 40)],
    ]) {
      const fact = highest(labs);
      expect(fact).toMatchObject({ state: 'known', value: 80 });
      expect(fact).not.toHaveProperty('range');
    }
  });

  it.each<[string, Lab, object]>([
    ['may lie before the first', egfr(70, 0, between(120, 90)), { low: 42, high: 70 }],
    ['may end with the first', egfr(70, 0, between(120, 100)), { low: 42, high: 70 }],
    [
      'is below 80 and may lie before it',
      egfr(80, 0, { ...between(120, 90), comparator: '<' }),
      { low: 42, high: 80, highOpen: true },
    ],
  ])('leaves open a result that %s', (_, wide, range) => {
    const fact = highest([newest, first, wide]);
    expect(fact).toMatchObject({ state: 'known', value: 42 });
    expect(fact.state === 'known' && fact.range).toEqual(range);
  });

  it('leaves open what may be newer than the latest of the window', () => {
    const labs = [egfr(40, 10), egfr(70, 0, between(40, 5)), egfr(42, 110)];
    expect(highest(labs, {}, 'P30D')).toMatchObject({ value: 42, range: { low: 42, high: 70 } });
  });
});

describe('egfrFall', () => {
  const what = 'egfr fall in per cent in P365D within P365D';
  const newest = egfr(45, 1);

  it('of two results is a number with its unit', () => {
    const evidence = [{ reference: 'Observation/egfr-24' }, { reference: 'Observation/egfr-4800' }].map(
      (one) => expect.objectContaining(one),
    );
    const labs = [newest, egfr(60, 200)];
    expect(fall('percent', labs)).toEqual({ state: 'known', value: 25, unit: '%', evidence });
    expect(fall('categories', labs)).toEqual({ state: 'known', value: 1, unit: '1', evidence });
  });

  it('of a one-sided result has two ends: no eGFR is above 300 or below 0.5', () => {
    const above = [newest, egfr(90, 200, { comparator: '>' })];
    expect(fall('percent', above)).toMatchObject({ value: 50, range: { low: 50, high: 85 } });
    expect(fall('categories', [egfr(45, 1, { comparator: '>' }), egfr(60, 200)])).toMatchObject({
      range: { low: -1, high: 1 },
    });
    expect(fall('percent', [egfr(50, 1, { comparator: '<' }), egfr(100, 200)])).toMatchObject({
      range: { low: 50, high: 99.5 },
    });
  });

  it.each<[string, Lab[], number]>([
    ['older than the span', [egfr(90, 400)], 25],
    ['exactly as old as the span', [egfr(90, 366)], 50],
  ])('a baseline %s', (_, more, value) =>
    expect(fall('percent', [newest, egfr(60, 200), ...more])).toMatchObject({ value }),
  );

  it('takes a baseline from 7 days before the latest', () => {
    expect(fall('percent', [newest, egfr(60, 8)])).toMatchObject({ value: 25 });
    expect(fall('percent', [newest, egfr(60, 7)])).toEqual({
      state: 'missing',
      cause: 'absent',
      missing: `${what} (needs an earlier estimate, the first at least P7D before 2026-01-30T12:00)`,
      evidence: [expect.objectContaining({ reference: 'Observation/egfr-24' })],
    });
  });

  it('says that others are by another equation', () =>
    expect(fall('percent', [newest, egfr(60, 200, { method: 'MDRD' })])).toMatchObject({
      missing: `${what} (needs an earlier estimate, the first at least P7D before 2026-01-30T12:00; others are by another equation)`,
    }));

  it('a result of a whole day or more is no baseline, and may be the latest', () => {
    expect(fall('percent', [newest, egfr(60, 0, between(200, 199))])).toMatchObject({ state: 'missing' });
    expect(fall('percent', [egfr(45, 0, between(20, 1)), egfr(60, 200)])).toMatchObject({ value: 25 });
  });

  it('a year from a latest that is one-sided is unresolved', () =>
    expect(fall('perYear', [egfr(60, 1, { comparator: '>' }), egfr(60, 200), egfr(60, 400)])).toEqual({
      state: 'missing',
      cause: 'unresolved',
      missing:
        'egfr fall a year in P1095D within P365D (the latest, Observation/egfr-24, is no plain number)',
      evidence: [expect.objectContaining({ reference: 'Observation/egfr-24' })],
    }));

  it('a year is by a straight line, with an end for each age that a year of birth allows', () => {
    const labs = [creatinine(2, 1), creatinine(1.6, 366), creatinine(1.2, 731)];
    const fact = fall('perYear', labs, born('1966'));
    if (fact.state !== 'known' || !fact.range) throw new Error('expected a range');
    expect(fact.value).toBe(fact.range.low);
    expect(fact.range.low).toBeLessThan(fact.range.high);
    expect(fact.evidence.map(({ note }) => note)).toEqual([
      `${ckdEpi}; G4`,
      `${ckdEpi}; G3a; baseline; straight line through 3 estimates`,
    ]);
  });
});
