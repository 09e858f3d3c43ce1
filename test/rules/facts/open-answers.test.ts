/** Answers that stay open, or are ranges, where two statements or results leave it so. Charts by hand. */
import { describe, expect, it } from 'vitest';
import type { ChartCondition, Lab } from '../../../rules/chart/types.ts';
import { createContext } from '../../../rules/facts/context.ts';
import type { Fact } from '../../../rules/facts/fact.ts';
import { type FactName, factOf } from '../../../rules/facts/facts.ts';
import { isGivenFast } from '../../../rules/facts/loading-dose.ts';
import { at, chartWith, conditionOf, labOf, order, therapy } from '../../support/charts.ts';

type Given = Parameters<typeof chartWith>[0];
const hour = 3_600_000;
const contextOf = (given: Given) => createContext(chartWith(given), at, []);
const answer = (name: FactName, params: Record<string, unknown>, given: Given): Fact => {
  expect(factOf(name).params.safeParse(params).error).toBeUndefined();
  return factOf(name).compute(params)(contextOf(given));
};
const said = (fact: Fact): unknown => (fact.state === 'known' ? (fact.range ?? fact.value) : fact.cause);
const span = (from: number, to = from) => ({ span: { from: at - from * hour, to: at - to * hour } });
const potassium = (value: number, hoursAgo: number, more: Partial<Lab> = {}): Lab =>
  labOf('potassium', value, hoursAgo, { reference: `Observation/k${value}`, ...more });
const either = (low: number, high: number, hoursAgo: number): Lab =>
  potassium(low, hoursAgo, {
    rival: {
      reference: 'Observation/other',
      value: high,
      received: { value: high, unit: 'mmol/L' },
      statedUnit: 'mmol/L',
      time: null,
      why: null,
    },
  });
const overlaps = { overlaps: true } as const;

describe('a change between results', () => {
  const trend = (change: 'rise' | 'fall' | 'ratio', labs: Lab[]): unknown =>
    said(
      answer(
        'labTrend',
        { test: 'potassium', unit: 'mmol/L', within: 'P3D', span: 'PT48H', change },
        { labs },
      ),
    );
  it.each<[string, Lab[], unknown, unknown, unknown]>([
    ['of two', [potassium(4, 24), potassium(5, 1)], 1, -1, 1.25],
    [
      'against the lowest, the highest',
      [potassium(3, 40), potassium(6, 20), potassium(4, 1)],
      1,
      2,
      expect.closeTo(1.333, 2),
    ],
    [
      'of one of two values',
      [potassium(4, 24), either(5, 6, 1)],
      { low: 1, high: 2 },
      { low: -2, high: -1 },
      { low: 1.25, high: 1.5 },
    ],
    [
      'against one of two values',
      [either(4, 5, 24), potassium(6, 1)],
      { low: 1, high: 2 },
      { low: -2, high: -1 },
      { low: 1.2, high: 1.5 },
    ],
    [
      'one-sided ones are not compared',
      [potassium(3, 24, { comparator: '<' }), potassium(4, 20), potassium(5, 1)],
      1,
      -1,
      1.25,
    ],
    [
      'the newest one-sided',
      [potassium(4, 24), potassium(5, 1, { comparator: '>' })],
      'absent',
      'absent',
      'absent',
    ],
    ['at the edge of the span', [potassium(4, 49), potassium(5, 1)], 1, -1, 1.25],
    ['outside of it', [potassium(4, 49.1), potassium(5, 1)], 'absent', 'absent', 'absent'],
    [
      'of two that overlap, with one before',
      [
        potassium(4, 40),
        potassium(5, 1, { ...span(9, 1), ...overlaps }),
        potassium(6, 2, { ...span(9, 2), ...overlaps }),
      ],
      { low: 1, high: 2 },
      { low: -2, high: 1 },
      { low: 1.25, high: 1.5 },
    ],
    [
      'of two that overlap, and none before',
      [potassium(5, 1, { ...span(9, 1), ...overlaps }), potassium(6, 2, { ...span(9, 2), ...overlaps })],
      'absent',
      'absent',
      'absent',
    ],
  ])('%s', (_, labs, rise, fall, ratio) => {
    expect([trend('rise', labs), trend('fall', labs), trend('ratio', labs)]).toEqual([rise, fall, ratio]);
  });

  it('of equal ones the newest is named', () => {
    const labs = [
      potassium(4, 40, { reference: 'Observation/old' }),
      potassium(4, 20, { reference: 'Observation/newer' }),
      potassium(5, 1),
    ];
    for (const change of ['rise', 'fall'] as const) {
      const fact = answer(
        'labTrend',
        { test: 'potassium', unit: 'mmol/L', within: 'P3D', span: 'PT48H', change },
        { labs },
      );
      expect(fact.evidence.map(({ reference }) => reference)).toEqual([
        'Observation/k5',
        'Observation/newer',
      ]);
    }
  });

  it.each<[string, Given, unknown, string[]]>([
    [
      'with an earlier one',
      { labs: [potassium(4, 24), potassium(5, 1)] },
      true,
      ['Observation/k5', 'Observation/k4'],
    ],
    ['without', { labs: [potassium(5, 1)] }, false, []],
    [
      'without, of data that came in part',
      { labs: [potassium(5, 1)], completeness: { labs: 'partial' } },
      'incomplete',
      [],
    ],
    [
      'without, where what was not read is older than both windows',
      {
        labs: [potassium(5, 1)],
        completeness: { labs: 'partial' },
        unread: [{ category: 'labs', until: at - 11 * 24 * hour }],
      },
      false,
      [],
    ],
    [
      'without, where it is not',
      {
        labs: [potassium(5, 1)],
        completeness: { labs: 'partial' },
        unread: [{ category: 'labs', until: at - 9 * 24 * hour }],
      },
      'incomplete',
      [],
    ],
  ])('%s', (_, given, expected, references) => {
    const fact = answer('hasEarlierLab', { test: 'potassium', within: 'P3D', span: 'P7D' }, given);
    expect(said(fact)).toBe(expected);
    expect(fact.evidence.map(({ reference }) => reference)).toEqual(references);
  });
});

describe('a calcium that is corrected', () => {
  const calcium = (value: number, more: Partial<Lab> = {}) => labOf('calcium-total', value, 2, more);
  const albumin = (value: number, more: Partial<Lab> = {}) => labOf('albumin', value, 2, more);
  const rival = (value: number, unit: string) => ({
    rival: {
      reference: 'Observation/other',
      value,
      received: { value, unit },
      statedUnit: unit,
      time: null,
      why: 'x',
    },
  });
  const corrected = (...labs: Lab[]): Fact =>
    answer('lab', { test: 'calcium-corrected', unit: 'mg/dL', within: 'P3D' }, { labs });
  it.each<[string, Lab[], unknown]>([
    ['8.0 at 2.0', [calcium(8), albumin(2)], 9.6],
    ['8.0 or 9.0 at 2.0', [calcium(8, rival(9, 'mg/dL')), albumin(2)], { low: 9.6, high: 10.6 }],
    ['8.0 at 2.0 or 3.0', [calcium(8), albumin(2, rival(3, 'g/dL'))], { low: 8.8, high: 9.6 }],
    ['less than 8.0', [calcium(8, { comparator: '<' }), albumin(2)], 'absent'],
    ['at less than 2.0', [calcium(8), albumin(2, { comparator: '<' })], 'absent'],
    ['more than 8.0', [calcium(8, { comparator: '>' }), albumin(2)], 'absent'],
    ['8.0 in no unit', [calcium(8, { statedUnit: null }), albumin(2)], 'absent'],
    ['at 2.0 in no unit', [calcium(8), albumin(2, { statedUnit: null })], 'absent'],
    [
      '8.0 or more than 9.0',
      [calcium(8, { rival: { ...rival(9, 'mg/dL').rival, comparator: '>' } }), albumin(2)],
      'absent',
    ],
    ['without albumin', [calcium(8)], 'absent'],
  ])('%s', (_, labs, expected) => expect(said(corrected(...labs))).toEqual(expected));

  it('says what differs, and nothing else of the calcium', () => {
    const { evidence } = corrected(calcium(8, { ...rival(9, 'mg/dL'), why: 'hemolyzed' }), albumin(2));
    expect(evidence[0]?.notes.map(({ code }) => code)).toEqual(['corrected-for-albumin', 'differs-from']);
  });
});

describe('a value that is stated as a bound', () => {
  it.each<[string, Lab, number]>([
    ['less than 3', potassium(3, 1, { comparator: '<' }), 3],
    ['more than 3', potassium(3, 1, { comparator: '>' }), 3],
    ['3 or 5', either(3, 5, 1), 3],
    ['0 or more', potassium(0, 1, { comparator: '>=' }), 0],
  ])('%s is shown as that', (_, lab, expected) => {
    expect(
      answer('lab', { test: 'potassium', unit: 'mmol/L', within: 'P3D' }, { labs: [lab] }),
    ).toMatchObject({ value: expected });
  });

  it.each<[number | undefined, number | undefined, number | undefined]>([
    [undefined, undefined, undefined],
    [3.5, undefined, 3.5],
    [3.5, 3.3, 3.3],
    [undefined, 3.3, undefined],
  ])('a lower limit of the rule of %s, and of the laboratory of %s: %s', (lowerLimit, own, expected) => {
    const params = {
      test: 'potassium',
      unit: 'mmol/L',
      within: 'P3D',
      ...(lowerLimit === undefined ? {} : { lowerLimit }),
    };
    const lab = potassium(3, 1, own === undefined ? {} : { lowerLimit: own });
    const fact = answer('lab', params, { labs: [lab] });
    expect(fact.state === 'known' ? fact.lowerLimit : 'missing').toBe(expected);
  });

  it('of measurements that nobody asked for it is not known that there are none', () => {
    const asked = (tests: string[], given: Given) => said(answer('hasLab', { tests, within: 'P3D' }, given));
    const noMeasurements = { measurementsAbsent: true } as const;
    expect(asked(['qtc'], noMeasurements)).toBe('category');
    expect(asked(['potassium', 'qtc'], noMeasurements)).toBe('category');
    expect(asked(['potassium'], noMeasurements)).toBe(false);
    expect(asked(['qtc'], {})).toBe(false);
  });
});

describe('a pregnancy that is not certain', () => {
  const pregnant = (id: string, daysAgo: number | null, more: Partial<ChartCondition> = {}) =>
    conditionOf(id, ['pregnancy'], daysAgo, more);
  const notPregnant = (id: string, daysAgo: number) => conditionOf(id, ['not-pregnant'], daysAgo);
  const asked = (confirmed: boolean, given: Given) =>
    answer('pregnancy', confirmed ? { confirmed } : {}, given);
  const suspected = conditionOf('s', [], 10, { open: ['pregnancy'] });
  const unread = conditionOf('u', [], 10, { unread: true });
  it.each<[string, Given, unknown, unknown]>([
    // what is on the list, asked plainly, asked as an exemption
    ['nothing', {}, false, false],
    ['confirmed', { conditions: [pregnant('p', 10)] }, true, true],
    ['not confirmed', { conditions: [pregnant('p', 10, { confirmed: false })] }, true, 'unresolved'],
    ['by words', { conditions: [pregnant('p', 10, { byWords: true })] }, true, 'unresolved'],
    ['one of each', { conditions: [pregnant('p', 10, { byWords: true }), pregnant('q', 20)] }, true, true],
    ['denied since', { conditions: [pregnant('p', 20), notPregnant('n', 10)] }, false, false],
    ['noted since it was denied', { conditions: [pregnant('p', 10), notPregnant('n', 20)] }, true, true],
    ['without a date', { conditions: [pregnant('p', null)] }, 'unresolved', 'unresolved'],
    ['of long ago', { conditions: [pregnant('p', 301)] }, false, false],
    ['of 300 days ago', { conditions: [pregnant('p', 300)] }, true, true],
    ['a suspicion', { conditions: [suspected] }, 'unresolved', 'unresolved'],
    ['a problem that cannot be read', { conditions: [unread] }, 'unresolved', 'unresolved'],
    ['problems never came', { completeness: { conditions: 'absent' } }, 'category', 'category'],
    ['problems came in part', { completeness: { conditions: 'partial' } }, 'incomplete', 'incomplete'],
    [
      'a suspicion, of a list in part',
      { conditions: [suspected], completeness: { conditions: 'partial' } },
      'unresolved',
      'unresolved',
    ],
    [
      'of a man',
      {
        patient: { reference: 'Patient/1', sex: 'male', birthDate: '1966-01-01' },
        conditions: [pregnant('p', 10)],
      },
      false,
      false,
    ],
  ])('%s', (_, given, plainly, exempting) => {
    expect([said(asked(false, given)), said(asked(true, given))]).toEqual([plainly, exempting]);
  });

  it('as an exemption what is doubted is named', () => {
    const fact = asked(true, { conditions: [pregnant('p', 10, { byWords: true })] });
    expect(fact).toMatchObject({
      reasons: [{ code: 'conditions-open', conditions: [{ group: 'pregnancy', reference: 'Condition/p' }] }],
      evidence: [{ reference: 'Condition/p' }],
    });
  });

  it.each<[string, Partial<Lab>, unknown]>([
    ['24 weeks', {}, 24],
    [
      '24 or 30 weeks',
      {
        rival: {
          reference: 'Observation/o',
          value: 30,
          received: { value: 30, unit: 'wk' },
          statedUnit: 'wk',
          time: null,
          why: null,
        },
      },
      { low: 24, high: 30 },
    ],
    [
      '30 or 24 weeks',
      {
        value: 30,
        received: { value: 30, unit: 'wk' },
        rival: {
          reference: 'Observation/o',
          value: 24,
          received: { value: 24, unit: 'wk' },
          statedUnit: 'wk',
          time: null,
          why: null,
        },
      },
      { low: 24, high: 30 },
    ],
    ['less than 24 weeks', { comparator: '<' }, { low: 0, high: 24 }],
    ['more than 24 weeks', { comparator: '>' }, { low: 24, high: 44 }],
    ['without a date', { span: null }, 'absent'],
  ])('a gestation of %s', (_, more, expected) => {
    const lab = labOf('gestational-age', 24, 0, {
      unit: 'wk',
      received: { value: 24, unit: 'wk' },
      statedUnit: 'wk',
      ...more,
    });
    const found = answer(
      'gestation',
      {},
      { conditions: [pregnant('p', 30)], labs: [lab], testsAsked: ['gestational-age', 'delivery-date'] },
    );
    expect(said(found)).toEqual(expected);
  });
});

it.each<[string, number, number, boolean | null]>([
  ['6 g over 15 minutes: as fast as may be', 6, 0.25, true],
  ['6 g over 30 minutes: as long as may be', 6, 0.5, true],
  ['6 g over a third of an hour', 6, 1 / 3, true],
  ['6.01 g', 6.01, 0.3, false],
  ['6 g over a hair more than 30 minutes', 6, 0.5001, false],
  ['6 g over a hair less than 15 minutes', 6, 0.2499, false],
])('a loading dose: %s', (_, grams, hours, expected) => {
  const sulfate = 'magnesium sulfate';
  const dosing = { instructions: [{ doses: [{ value: grams, unit: 'g' as const }], hours }] };
  const medication = order('o', [sulfate, 'sodium chloride'], { dosing });
  const context = contextOf({ medications: [medication] });
  expect(isGivenFast(context, medication, new Set([sulfate]), 'loading')).toBe(expected);
  const bare = order('o', [sulfate]);
  expect(isGivenFast(context, bare, new Set([sulfate]), 'loading')).toBeNull();
  expect(
    isGivenFast(context, therapy('t', ['aspirin'], { dosing }), new Set([sulfate]), 'loading'),
  ).toBeNull();
});

it.each([
  [1, 1, undefined],
  [20, 20, undefined],
  [21, 20, 1],
  [25, 20, 5],
])('of %d drugs that are not recognised %d are named, and how many others', (count, named, others) => {
  const medications = Array.from({ length: count }, (_, index) => therapy(`u${index}`, []));
  const fact = answer('drug', { ingredients: ['digoxin'], role: 'any' }, { medications });
  const [reason] = fact.state === 'known' ? [] : fact.reasons;
  if (reason?.code !== 'drug-open') throw new Error('nothing is open');
  expect([reason.references.length, reason.others, reason.unknown]).toEqual([named, others, 'start']);
  expect(fact.evidence).toHaveLength(named);
});

it('a drug without a route is waited for by its route, whatever else may be one', () => {
  const medications = [therapy('d', ['digoxin']), therapy('u', [])];
  const fact = answer('drug', { ingredients: ['digoxin'], role: 'any', route: 'oral' }, { medications });
  expect(fact).toMatchObject({
    cause: 'absent',
    reasons: [{ code: 'route-unknown', medications: [{ name: 'digoxin' }] }],
  });
  expect(fact.evidence.map(({ reference }) => reference)).toEqual([
    'MedicationRequest/d',
    'MedicationRequest/u',
  ]);
});
