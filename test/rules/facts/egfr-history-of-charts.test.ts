/**
 * The course of kidney function. KDIGO 2012, chapters 1 and 2 (Kidney Int Suppl 2013;3:19-72): chronic is below 60
 * for 3 months; progression is a lower category with a loss of 25 %, or more than 5 mL/min/1.73 m2 a year.
 */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildChart } from '../../../rules/chart/chart.ts';
import { createContext } from '../../../rules/facts/context.ts';
import {
  type Creatinine,
  creatinineIsUnsteady,
  gfrCategories,
  gfrCategory,
  slopePerYear,
  steadyCreatinines,
} from '../../../rules/facts/equations.ts';
import { type FactParams, factOf } from '../../../rules/facts/facts.ts';
import { intakeOfHook } from '../../../rules/intake/intake.ts';
import { at, observation, searchset } from '../../support/hook-requests.ts';
import { prepareFact, type WordedFact, type WordedKnown } from '../../support/worded.ts';

const day = 86_400_000;
const year = 365.25 * day;
const now = Date.parse(at);

describe('GFR categories (KDIGO 2024, Table 2)', () => {
  it.each([
    [90, 'G1'],
    [89.9, 'G2'],
    [60, 'G2'],
    [59.9, 'G3a'],
    [45, 'G3a'],
    [44.9, 'G3b'],
    [30, 'G3b'],
    [29.9, 'G4'],
    [15, 'G4'],
    [14.9, 'G5'],
  ] as const)('%d is %s', (egfr, category) => expect(gfrCategories[gfrCategory(egfr)]).toBe(category));

  it('just under 60 is G3a, just under 61 is G2', () => {
    expect(gfrCategories[gfrCategory(60, true)]).toBe('G3a');
    expect(gfrCategories[gfrCategory(61, true)]).toBe('G2');
  });

  it('never rises when eGFR falls', () =>
    fc.assert(
      fc.property(fc.double({ min: 0.5, max: 300 }), fc.double({ min: 0, max: 1 }), (egfr, factor) => {
        expect(gfrCategory(egfr * factor)).toBeGreaterThanOrEqual(gfrCategory(egfr));
      }),
    ));
});

describe('slope a year', () => {
  const times = fc.uniqueArray(fc.integer({ min: 0, max: 3650 }), { minLength: 2, maxLength: 12 });
  const rate = fc.double({ min: -30, max: 30, noNaN: true });

  it('gives back the slope of any straight line, whenever its points are', () =>
    fc.assert(
      fc.property(times, rate, fc.double({ min: 0, max: 120, noNaN: true }), (days, slope, start) => {
        const points = days.map((each) => ({
          at: now - each * day,
          value: start - (slope * each * day) / year,
        }));
        expect(slopePerYear(points)).toBeCloseTo(slope, 6);
      }),
    ));

  const points = fc.array(
    fc.record({
      at: fc.integer({ min: 0, max: 3650 }).map((days) => now - days * day),
      value: fc.double({ min: 1, max: 150, noNaN: true }),
    }),
    { minLength: 2, maxLength: 12 },
  );

  it('does not depend on the order of the points, nor on when time begins', () =>
    fc.assert(
      fc.property(points, fc.integer({ min: -year, max: year }), (list, shift) => {
        const slope = slopePerYear(list);
        const moved = slopePerYear(
          list.toReversed().map(({ at: time, value }) => ({ value, at: time + shift })),
        );
        if (slope === null) expect(moved).toBeNull();
        else expect(moved).toBeCloseTo(slope, 5);
      }),
    ));

  it('turns round when the values do', () =>
    fc.assert(
      fc.property(points, (list) => {
        const slope = slopePerYear(list);
        const mirrored = slopePerYear(list.map(({ at: time, value }) => ({ at: time, value: 200 - value })));
        if (slope === null) expect(mirrored).toBeNull();
        else expect(mirrored).toBeCloseTo(-slope, 5);
      }),
    ));

  it('leaves no straight line that fits better', () =>
    fc.assert(
      fc.property(points, fc.double({ min: -5, max: 5, noNaN: true }), (list, other) => {
        const slope = slopePerYear(list);
        fc.pre(slope !== null);
        const meanAt = list.reduce((sum, one) => sum + one.at, 0) / list.length;
        const mean = list.reduce((sum, one) => sum + one.value, 0) / list.length;
        const errorOf = (tilt: number): number =>
          list.reduce((sum, one) => sum + (one.value - mean - (tilt * (one.at - meanAt)) / year) ** 2, 0);
        expect(errorOf(slope ?? 0)).toBeLessThanOrEqual(errorOf((slope ?? 0) + other) + 1e-6);
      }),
    ));

  it('is null for fewer than two points, for one time only, and for what is no number', () => {
    expect(slopePerYear([])).toBeNull();
    expect(slopePerYear([{ at: now, value: 50 }])).toBeNull();
    expect(
      slopePerYear([
        { at: now, value: 50 },
        { at: now, value: 60 },
      ]),
    ).toBeNull();
    expect(
      slopePerYear([
        { at: now, value: 50 },
        { at: now - year, value: Number.NaN },
      ]),
    ).toBeNull();
  });
});

describe('creatinines at steady state', () => {
  const series = fc.array(
    fc.record({
      at: fc.integer({ min: 0, max: 20 * 24 }).map((hours) => now - hours * 3_600_000),
      mgdl: fc.integer({ min: 4, max: 60 }).map((tenths) => tenths / 10),
    }),
    { maxLength: 12 },
  );

  it('says of the latest what `creatinineIsUnsteady` says', () =>
    fc.assert(
      fc.property(series, (list: Creatinine[]) => {
        const newest = Math.max(...list.map((one) => one.at));
        fc.pre(list.filter((one) => one.at === newest).length === 1);
        const index = list.findIndex((one) => one.at === newest);
        expect(steadyCreatinines(list)[index]).toBe(!creatinineIsUnsteady(list));
      }),
    ));

  it('looks both ways: mirrored in time the answers are mirrored too', () =>
    fc.assert(
      fc.property(series, (list: Creatinine[]) => {
        const mirrored = list.map((one) => ({ ...one, at: 2 * now - one.at }));
        expect(steadyCreatinines(mirrored)).toEqual(steadyCreatinines(list));
      }),
    ));

  it('the first of an injury is none, although nothing was measured before it', () => {
    const list = [
      { mgdl: 2, at: now - 3 * day },
      { mgdl: 1, at: now },
    ];
    expect(steadyCreatinines(list)).toEqual([false, false]);
  });

  it('an injury of exactly 7 days is one, of a millisecond more it is not', () => {
    const apart = (milliseconds: number) =>
      steadyCreatinines([
        { mgdl: 1, at: now - milliseconds },
        { mgdl: 1.5, at: now },
      ]);
    expect(apart(7 * day)).toEqual([false, false]);
    expect(apart(7 * day + 1)).toEqual([true, true]);
  });

  it('answers for each, and false for what is no value', () => {
    expect(steadyCreatinines([{ mgdl: Number.NaN, at: now }])).toEqual([false]);
    expect(steadyCreatinines([])).toEqual([]);
  });
});

interface Point {
  days: number;
  value: number;
  code?: string;
  unit?: string;
  time?: string;
  comparator?: string;
}
const egfrCode = '98979-8';
const mdrd = '33914-3';
const creatinineCode = '2160-0';
const ml = 'mL/min/{1.73_m2}';

interface Given {
  patient?: object;
  conditions?: object[];
  /** A further page of laboratory data was not followed. */
  partial?: boolean;
}

function context(points: readonly Point[], { patient, conditions = [], partial }: Given = {}) {
  const labs = points.map(({ days, value, code = egfrCode, unit = ml, time, comparator }, index) => {
    const made = observation(
      `lab-${index}`,
      code,
      value,
      unit,
      time ?? new Date(now - days * day).toISOString(),
    );
    return comparator ? { ...made, valueQuantity: { ...made.valueQuantity, comparator } } : made;
  });
  const prefetch = {
    patient: patient ?? { resourceType: 'Patient', id: 'p1', gender: 'male', birthDate: '1956-01-31' },
    labs: { ...searchset(...labs), ...(partial ? { link: [{ relation: 'next', url: 'x' }] } : {}) },
    conditions: searchset(...conditions),
  };
  const intake = intakeOfHook('patient-view', { patientId: 'p1', userId: 'Practitioner/1' }, prefetch);
  const { chart, notices } = buildChart(intake, now);
  return createContext(chart, now, notices);
}

const highest = (points: readonly Point[], given?: Given): WordedFact =>
  prepareFact('egfrHighest', { within: 'P365D', over: 'P90D' })(context(points, given));
const fall = (as: FactParams<'egfrFall'>['as'], points: readonly Point[], given?: Given): WordedFact =>
  prepareFact('egfrFall', {
    within: 'P365D',
    span: as === 'perYear' ? 'P1095D' : 'P365D',
    over: as === 'perYear' ? 'P365D' : 'P7D',
    as,
  })(context(points, given));

function known(fact: WordedFact): WordedKnown {
  if (fact.state !== 'known') throw new Error(`expected a known fact, is ${fact.state}: ${fact.missing}`);
  return fact;
}
const missing = (fact: WordedFact): string =>
  fact.state === 'known' ? `known: ${fact.value}` : fact.missing;

const p = (days: number, value: number, more: Partial<Point> = {}): Point => ({ days, value, ...more });
const cr = (days: number, value: number, more: Partial<Point> = {}): Point =>
  p(days, value, { code: creatinineCode, unit: 'mg/dL', ...more });

describe('egfrHighest', () => {
  it('is the highest from the newest one that is old enough', () => {
    const fact = known(highest([p(1, 40), p(50, 44), p(95, 42), p(200, 80)]));
    expect(fact.value).toBe(44);
    expect(fact.range).toBeUndefined();
    expect(fact.evidence.map(({ used }) => used)).toEqual([`40 ${ml}`, `44 ${ml}`, `42 ${ml}`]);
    expect(fact.evidence[0]?.note).toContain('G3b');
  });

  it('takes the age of each time: creatinine 1.5 mg/dL is 49.8 at 70 and 53.0 at 60', () => {
    const fact = known(highest([cr(0, 1.5), cr(3653, 1.5)]));
    expect(fact.value).toBeCloseTo(53, 1);
    expect(fact.evidence.map(({ used }) => used)).toEqual([`49.8 ${ml}`, `53 ${ml}`]);
  });

  it('is missing with one value, and says when the latest was', () => {
    expect(missing(highest([p(1, 40)]))).toContain('2026-01-30');
    expect(highest([p(1, 40)])).toMatchObject({ state: 'missing', cause: 'absent' });
  });

  it('is open upwards when laboratory data came in part: one in between may be lacking', () => {
    const fact = known(highest([p(1, 40), p(100, 42)], { partial: true }));
    expect(fact).toMatchObject({ value: 42, range: { low: 42, high: Number.POSITIVE_INFINITY } });
    expect(highest([p(1, 40)], { partial: true })).toMatchObject({ cause: 'incomplete' });
  });

  it('is open between what surely lies inside and what may: a result of `2025-10`', () => {
    const fact = known(highest([p(1, 40), p(100, 42), p(0, 70, { time: '2025-10' })]));
    expect(fact).toMatchObject({ value: 42, range: { low: 42, high: 70 } });
    const inside = known(highest([p(1, 40), p(100, 42), p(0, 70, { time: '2025-11' })]));
    expect(inside).toMatchObject({ value: 70 });
    expect(inside.range).toBeUndefined();
  });

  it('`> 60` is at least 60', () => {
    const fact = known(highest([p(1, 40), p(50, 60, { comparator: '>' }), p(100, 42)]));
    expect(fact.range).toMatchObject({ low: 60, lowOpen: true, high: Number.POSITIVE_INFINITY });
  });

  it('uses a reported estimate only where no creatinine is of the same day', () => {
    const fact = known(highest([cr(1, 1.5), p(1.5, 90), p(100, 50)]));
    expect(fact.evidence[0]).toMatchObject({ reference: 'Observation/lab-0', name: 'eGFR' });
    expect(fact.value).toBeCloseTo(50.08, 2);
  });

  it('says what it left out', () => {
    const fact = known(highest([cr(1, 1.5), cr(60, 3), cr(62, 1.5), cr(100, 1.5)]));
    expect(fact.evidence[0]?.note).toContain('left out: 2 while creatinine was changing');
  });

  const values = fc.uniqueArray(
    fc.record({ days: fc.integer({ min: 1, max: 400 }), value: fc.integer({ min: 5, max: 140 }) }),
    { selector: ({ days }) => days, minLength: 1, maxLength: 12 },
  );
  it('is never below the latest, and agrees with a count by hand', () =>
    fc.assert(
      fc.property(values, (points) => {
        const ordered = points.toSorted((one, other) => one.days - other.days);
        const newest = ordered[0];
        fc.pre(newest !== undefined && newest.days <= 365);
        const first = ordered.find(({ days }) => days - (newest?.days ?? 0) >= 90);
        const fact = highest(points);
        if (!first) return void expect(fact.state).toBe('missing');
        const inside = ordered.filter(({ days }) => days <= first.days).map(({ value }) => value);
        expect(known(fact).value).toBe(Math.max(...inside));
      }),
    ));
});

describe('egfrFall', () => {
  it('60 to 45 is 25 % and one category', () => {
    const points = [p(1, 45), p(300, 60)];
    expect(known(fall('percent', points)).value).toBe(25);
    expect(known(fall('categories', points)).value).toBe(1);
    expect(known(fall('percent', points)).evidence.map(({ note }) => note)).toEqual([
      'as reported, CKD-EPI 2021; G3a',
      'as reported, CKD-EPI 2021; G2; baseline',
    ]);
  });

  it('a rise is a negative fall', () => {
    expect(known(fall('percent', [p(1, 90), p(300, 45)])).value).toBe(-100);
    expect(known(fall('categories', [p(1, 90), p(300, 45)])).value).toBe(-2);
  });

  it('from `> 90` to 45 is at least 50 % and at least two categories', () => {
    const points = [p(1, 45), p(300, 90, { comparator: '>' })];
    expect(known(fall('percent', points)).range).toMatchObject({ low: 50 });
    expect(known(fall('categories', points)).value).toBe(2);
  });

  it('from 60 to `< 15` is at least 75 %', () => {
    expect(known(fall('percent', [p(1, 15, { comparator: '<' }), p(300, 60)])).range?.low).toBe(75);
    expect(known(fall('categories', [p(1, 15, { comparator: '<' }), p(300, 60)])).value).toBe(4);
  });

  it('another equation is no baseline', () =>
    expect(missing(fall('percent', [p(1, 45), p(300, 60, { code: mdrd })]))).toContain('another equation'));

  it('two by the same older equation are compared', () =>
    expect(known(fall('percent', [p(1, 45, { code: mdrd }), p(300, 60, { code: mdrd })])).value).toBe(25));

  it('a result dated to the month is no baseline', () =>
    expect(missing(fall('percent', [p(1, 45), p(0, 90, { time: '2025-06' })]))).toContain(
      'needs an earlier',
    ));

  it('58, 52.5 and 47 over two years is 5.5 a year', () => {
    const fact = known(fall('perYear', [p(0, 47), p(365.25, 52.5), p(730.5, 58)]));
    expect(fact.value).toBeCloseTo(5.5, 9);
    expect(fact.unit).toBe(`${ml}/a`);
    expect(fact.evidence.at(-1)?.note).toContain('straight line through 3 estimates');
  });

  it('ten estimates of one day weigh as much as one', () => {
    const sameDay = Array.from({ length: 9 }, (_, index) => p((index + 1) / 100, 70));
    const one = known(fall('perYear', [p(0, 47), p(365, 52), p(730, 58)]));
    const many = known(fall('perYear', [p(0, 47), ...sameDay, p(365, 52), p(730, 58)]));
    expect(many.value).toBe(one.value);
  });

  it('no slope from a one-sided latest, and none through a one-sided one', () => {
    const three = [p(365, 52), p(500, 54), p(730, 58)];
    expect(missing(fall('perYear', [p(0, 60, { comparator: '>' }), ...three]))).toContain('no plain number');
    expect(missing(fall('perYear', [p(0, 47), p(365, 60, { comparator: '>' }), p(730, 58)]))).toContain(
      '3 estimates',
    );
  });

  it('a year of birth alone leaves the estimates a little open, not the rule', () => {
    const patient = { resourceType: 'Patient', id: 'p1', gender: 'male', birthDate: '1956' };
    const { range } = known(fall('percent', [cr(1, 2), cr(300, 1.2)], { patient }));
    expect(range?.low).toBeGreaterThan(44);
    expect(range?.high).toBeLessThan(48);
  });

  it('neither dialysis, pregnancy, a child nor a changing creatinine has a course', () => {
    const two = [p(1, 45), p(300, 60)];
    const dialysis = {
      resourceType: 'Condition',
      id: 'd',
      clinicalStatus: { coding: [{ code: 'active' }] },
      code: { coding: [{ system: 'http://snomed.info/sct', code: '302497006' }] },
      subject: { reference: 'Patient/p1' },
    };
    const child = { resourceType: 'Patient', id: 'p1', gender: 'male', birthDate: '2012-01-31' };
    expect(missing(fall('percent', two, { conditions: [dialysis] }))).toContain('on dialysis');
    expect(missing(fall('percent', two, { patient: child }))).toContain('under 18');
    expect(missing(fall('percent', [cr(0, 2), cr(1, 1), cr(300, 1)]))).toContain('creatinine is changing');
    for (const fact of [
      fall('perYear', two, { conditions: [dialysis] }),
      highest(two, { conditions: [dialysis] }),
    ])
      expect(fact).toMatchObject({ cause: 'not-applicable' });
  });

  it('looks at 1,000 creatinines and no more, and then says that it does not know the rest', () => {
    const many = Array.from({ length: 1002 }, (_, index) => cr(index / 24, 1.5));
    expect(fall('percent', many)).toMatchObject({ state: 'known' });
    expect(highest(many)).toMatchObject({ state: 'missing', cause: 'unresolved' });
  });

  it('any two estimates: per cent lost is 100 (1 - now / before)', () =>
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 140 }),
        fc.integer({ min: 1, max: 140 }),
        fc.integer({ min: 8, max: 360 }),
        (after, before, days) => {
          const fact = known(fall('percent', [p(0, after), p(days, before)]));
          expect(fact.value).toBeCloseTo(100 - (100 * after) / before, 8);
        },
      ),
    ));
});

it('stages of chronic kidney disease are said with the words that repeat said once', () => {
  const said = (...groups: string[]): string => factOf('condition').ask({ groups, status: 'active' });
  expect(said('ckd-stage-3', 'esrd', 'ckd-stage-4')).toBe(
    'chronic kidney disease stage 3, 4 or end-stage renal disease',
  );
  expect(said('ckd-stage-3')).toBe('chronic kidney disease stage 3');
  expect(said('celiac', 'ibd')).toBe('celiac disease or inflammatory bowel disease');
});
