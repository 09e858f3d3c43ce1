/** Tests that nobody need order: ordered and not back, or just resulted. Charts by hand. */
import { describe, expect, it } from 'vitest';
import type { Lab, ServiceOrder } from '../../../rules/chart/types.ts';
import { createContext } from '../../../rules/facts/context.ts';
import { ordersAwaited, testsAtHand } from '../../../rules/facts/ordered-tests.ts';
import type { LabTest } from '../../../rules/terminology/labs.ts';
import { at, chartWith, day, labOf } from '../../support/charts.ts';

const hour = 3_600_000;
const order = (id: string, tests: LabTest[], more: Partial<ServiceOrder> = {}): ServiceOrder => ({
  reference: `ServiceRequest/${id}`,
  codes: [{ system: 's', code: id }],
  selected: true,
  tests,
  ...more,
});
const written = (from: number, to = from): Partial<ServiceOrder> => ({
  running: true,
  written: { from, to },
});
const contextOf = (serviceOrders: ServiceOrder[], labs: Lab[] = []) =>
  createContext(chartWith({ serviceOrders, labs }), at, []);
const result = (time: number, more: Partial<Lab> = {}): Lab =>
  labOf('magnesium', 2, 0, { span: { from: time, to: time }, ...more });

describe('a test that is ordered is awaited', () => {
  const longest = 14 * day;
  it.each<[string, ServiceOrder[], Lab[], boolean]>([
    ['not without an order', [], [], false],
    ['not of an order of another test', [order('o', ['potassium'])], [], false],
    ['of a draft', [order('o', ['magnesium'])], [], true],
    ['of a draft, whatever came before', [order('o', ['magnesium'])], [result(at - hour)], true],
    ['of one that was signed', [order('o', ['magnesium'], written(at - day))], [], true],
    [
      'not where its result came since',
      [order('o', ['magnesium'], written(at - day))],
      [result(at - hour)],
      false,
    ],
    [
      'not where it came at that time',
      [order('o', ['magnesium'], written(at - day))],
      [result(at - day)],
      false,
    ],
    [
      'where the result is older',
      [order('o', ['magnesium'], written(at - day))],
      [result(at - day - 1)],
      true,
    ],
    [
      'where it may be older',
      [order('o', ['magnesium'], written(at - day))],
      [result(at - day, { span: { from: at - 2 * day, to: at - hour } })],
      false,
    ],
    [
      'where the result has no date',
      [order('o', ['magnesium'], written(at - day))],
      [result(at, { span: null })],
      true,
    ],
    [
      'where another result came',
      [order('o', ['magnesium'], written(at - day))],
      [labOf('potassium', 4, 1)],
      true,
    ],
    ['of 14 days ago', [order('o', ['magnesium'], written(at - longest))], [], true],
    ['not of longer ago', [order('o', ['magnesium'], written(at - longest - 1))], [], false],
    [
      'of perhaps 14 days ago',
      [order('o', ['magnesium'], written(at - longest - day, at - longest))],
      [],
      true,
    ],
    ['of unknown time', [order('o', ['magnesium'], { running: true })], [result(at - hour)], true],
    [
      'for a later day',
      [order('o', ['magnesium'], { ...written(at - 30 * day), ahead: true })],
      [result(at - hour)],
      true,
    ],
  ])('%s', (_, orders, labs, expected) => {
    const context = contextOf(orders, labs);
    expect(ordersAwaited(context).has('magnesium')).toBe(expected);
    expect(testsAtHand(context).awaited.has('magnesium')).toBe(expected);
  });

  it('by the first order of it that stands', () => {
    const orders = [
      order('a', ['magnesium'], written(at - 30 * day)),
      order('b', ['magnesium', 'potassium']),
      order('c', ['magnesium']),
    ];
    const awaited = ordersAwaited(contextOf(orders));
    expect([...awaited].map(([test, { reference }]) => `${test} ${reference}`)).toEqual([
      'magnesium ServiceRequest/b',
      'potassium ServiceRequest/b',
    ]);
  });

  it('an order of no test of ours awaits none', () => {
    const { tests: _, ...other } = order('o', []);
    expect(ordersAwaited(contextOf([other])).size).toBe(0);
  });
});

describe('a result of an order answers all of it', () => {
  it.each<[string, LabTest[], Lab[], LabTest, boolean]>([
    ['an ECG, read without a QT', ['qtc', 'qt'], [labOf('qtc', 430, 1)], 'qtc', false],
    ['a creatinine without an eGFR', ['creatinine', 'egfr'], [labOf('creatinine', 1, 1)], 'egfr', false],
    ['an eGFR that is ordered by its own code', ['egfr'], [labOf('creatinine', 1, 1)], 'creatinine', false],
    [
      'a panel whose potassium was hemolyzed',
      ['creatinine', 'egfr', 'potassium'],
      [labOf('creatinine', 1, 1)],
      'potassium',
      false,
    ],
    [
      'but not an eGFR of cystatin C',
      ['creatinine', 'egfr'],
      [labOf('egfr', 50, 1, { method: 'cystatin C' })],
      'creatinine',
      true,
    ],
    ['nor an older one', ['qtc', 'qt'], [labOf('qtc', 430, 72)], 'qtc', true],
  ])('%s', (_, tests, labs, test, expected) => {
    const context = contextOf([order('o', tests, written(at - 2 * day))], labs);
    expect(testsAtHand(context).awaited.has(test)).toBe(expected);
    if (!expected) expect([...testsAtHand(context).awaited]).toEqual([]);
  });
});

describe('a result has just come', () => {
  it.each<[string, Lab[], boolean]>([
    ['within six hours', [result(at - 6 * hour)], true],
    ['not before', [result(at - 6 * hour - 1)], false],
    ['not where it may be before', [result(at, { span: { from: at - 7 * hour, to: at } })], false],
    ['not without a date', [result(at, { span: null })], false],
    ['of several the newest', [result(at - day), result(at - hour)], true],
  ])('%s', (_, labs, expected) =>
    expect(testsAtHand(contextOf([], labs)).fresh.has('magnesium')).toBe(expected),
  );

  it('a creatinine gives its eGFR', () => {
    const fresh = (test: LabTest) => [...testsAtHand(contextOf([], [labOf(test, 1, 1)])).fresh].sort();
    expect(fresh('creatinine')).toEqual(expect.arrayContaining(['creatinine', 'egfr']));
    expect(fresh('magnesium')).toEqual(['magnesium']);
  });
});

describe('a calcium that is corrected is at hand with its two', () => {
  const both = (['calcium-total', 'albumin'] as const).map((test) => labOf(test, 4, 1));
  const [calcium, albumin] = both;
  it.each<[string, ServiceOrder[], Lab[], [fresh: boolean, awaited: boolean]]>([
    ['both came', [], both, [true, false]],
    ['both are ordered', [order('o', ['calcium-total', 'albumin'])], [], [false, true]],
    ['one came, the other is ordered', [order('o', ['albumin'])], calcium ? [calcium] : [], [false, true]],
    ['one came', [], albumin ? [albumin] : [], [false, false]],
    ['one is ordered', [order('o', ['calcium-total'])], [], [false, false]],
  ])('%s', (_, orders, labs, expected) => {
    const { fresh, awaited } = testsAtHand(contextOf(orders, labs));
    expect([fresh.has('calcium-corrected'), awaited.has('calcium-corrected')]).toEqual(expected);
  });
});
