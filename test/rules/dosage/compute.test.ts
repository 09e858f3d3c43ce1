import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Amount } from '../../../rules/dosage/amounts.ts';
import {
  fastestRate,
  gramsADay,
  gramsOf,
  largestDose,
  type Product,
  timesADay,
  timesEveryDay,
} from '../../../rules/dosage/compute.ts';
import { readDosing } from '../../../rules/dosage/dosing.ts';
import { type Strength, strengthsOf } from '../../../rules/dosage/strength.ts';
import { daily, dose, mg, productOf, type Resource } from '../../support/dosages.ts';

const tablet = (grams: number): Strength[] => [{ ingredient: 'x', gramsAPiece: grams }];

describe('grams a day', () => {
  const limit = (value: Resource): Resource => ({
    maxDosePerPeriod: { numerator: value, denominator: { value: 1, code: 'd' } },
  });
  const cases: [string, Resource[], Strength[], number | null][] = [
    ['500 mg twice a day is 1 g', [dose(mg(500), daily(2))], [], 1],
    ['500 mg every 8 hours is 1.5 g', [dose(mg(500), daily(1, 8, 'h'))], [], 1.5],
    ['70 mg once a week is 0.01 g', [dose(mg(70), daily(1, 1, 'wk'))], [], 0.01],
    ['BID as a code is 2 times', [dose(mg(500), { code: { coding: [{ code: 'BID' }] } })], [], 1],
    ['one dose only is that dose', [dose(mg(2000), { repeat: { count: 1 } })], [], 2],
    [
      'a range of 100 to 300 mg counts as 300 mg',
      [{ timing: daily(1), doseAndRate: [{ doseRange: { low: mg(100), high: mg(300) } }] }],
      [],
      0.3,
    ],
    [
      'a range without a higher end is missing',
      [{ timing: daily(1), doseAndRate: [{ doseRange: { low: mg(100) } }] }],
      [],
      null,
    ],
    ['morning and evening of one step add up', [dose(mg(500), daily(1)), dose(mg(1000), daily(1))], [], 1.5],
    [
      'of 2 steps the larger counts',
      [dose(mg(500), daily(1), { sequence: 1 }), dose(mg(1000), daily(1), { sequence: 2 })],
      [],
      1,
    ],
    ['as needed counts as if always needed', [dose(mg(200), daily(3), { asNeededBoolean: true })], [], 0.6],
    ['2 tablets of 400 mg are 0.8 g', [dose({ value: 2, code: '{tbl}' }, daily(1))], tablet(0.4), 0.8],
    [
      '2 tablets of unknown strength are missing, not 0',
      [dose({ value: 2, unit: 'tablet' }, daily(1))],
      [],
      null,
    ],
    ['2 mL of a tablet are missing, not 0', [dose({ value: 2, code: 'mL' }, daily(1))], tablet(0.4), null],
    [
      '10 mL of 40 mg/mL twice a day are 0.8 g',
      [dose({ value: 10, code: 'mL' }, daily(2))],
      [{ ingredient: 'x', gramsAMillilitre: 0.04 }],
      0.8,
    ],
    ['a dose without timing is missing', [dose(mg(500), undefined)], [], null],
    ['a dose in the older form, on the dosage itself', [{ timing: daily(2), doseQuantity: mg(500) }], [], 1],
    ['a range in the older form', [{ timing: daily(2), doseRange: { low: mg(100), high: mg(500) } }], [], 1],
    [
      'one dosage that cannot be computed leaves all of it open',
      [dose(mg(500), daily(1)), dose({ value: 1, unit: 'puff' }, daily(1))],
      [],
      null,
    ],
    ['100 mg/m2 is missing', [dose({ value: 100, code: 'mg/m2' }, daily(1))], [], null],
    [
      'a limit of 3 g a day on 1 g every 4 hours',
      [dose(mg(1000), daily(1, 4, 'h'), limit({ value: 3, unit: 'g' }))],
      [],
      3,
    ],
    [
      'a limit above the plan changes nothing',
      [dose(mg(1000), daily(2), limit({ value: 4, unit: 'g' }))],
      [],
      2,
    ],
    [
      'a limit alone is the most',
      [dose(mg(400), undefined, { asNeededBoolean: true, ...limit(mg(1200)) })],
      [],
      1.2,
    ],
    [
      'a limit of 8 tablets of 500 mg',
      [dose(mg(1000), daily(1, 4, 'h'), limit({ value: 8, code: '{tbl}' }))],
      tablet(0.5),
      4,
    ],
    ['a limit without a unit leaves it open', [dose(mg(1000), daily(2), limit({ value: 4 }))], [], null],
    [
      'of several limits, as R5 has them, the lowest counts',
      [
        dose(mg(1000), daily(6), {
          maxDosePerPeriod: [limit({ value: 4, unit: 'g' }), limit({ value: 3, unit: 'g' })].map(
            (one) => one.maxDosePerPeriod,
          ),
        }),
      ],
      [],
      3,
    ],
    [
      'at most 4 mg at a time, of 6 mg',
      [dose(mg(6), daily(2), { maxDosePerAdministration: mg(4) })],
      [],
      0.008,
    ],
    [
      'a limit in grams beside one in tablets of unknown strength leaves it open',
      [
        dose(mg(1000), daily(6), {
          maxDosePerPeriod: [limit({ value: 3, unit: 'g' }), limit({ value: 4, code: '{tbl}' })].map(
            (one) => one.maxDosePerPeriod,
          ),
        }),
      ],
      [],
      null,
    ],
    [
      'a limit of one dose that is not understood',
      [dose(mg(6), daily(2), { maxDosePerAdministration: { value: 4 } })],
      [],
      null,
    ],
  ];
  it.each(cases)('%s', (_, dosages, strengths, expected) => {
    expect(gramsADay(productOf(dosages, strengths))).toBe(expected);
  });

  const row = (code: string | null, quantity: Resource): Resource => ({
    ...(code === null ? {} : { type: { coding: [{ code }] } }),
    doseQuantity: quantity,
  });
  const tbl = { value: 1, unit: 'tablet', code: '{tbl}' };
  it.each<[string, Resource[], number | null]>([
    [
      '3 rows of one dose of 40 mg',
      [row('calculated', mg(40)), row('admin-amount', tbl), row('ordered', mg(40))],
      0.08,
    ],
    ['ordered 30 mg beats calculated 40 mg', [row('calculated', mg(40)), row('ordered', mg(30))], 0.06],
    [
      'what is ordered without a strength leaves what was calculated',
      [row('calculated', mg(40)), row('ordered', tbl)],
      0.08,
    ],
    [
      'what is ordered by weight, without a weight, too',
      [row('calculated', mg(40)), row('ordered', { value: 1, code: 'mg/kg' })],
      0.08,
    ],
    ['of 2 rows without a type the larger', [row(null, mg(20)), row(null, mg(40))], 0.08],
    ['a mass goes before pieces', [row(null, tbl), row(null, mg(40))], 0.08],
    [
      'a row without a type goes before a calculated one',
      [row('calculated', mg(50)), row(null, mg(40))],
      0.08,
    ],
  ])('rows of doseAndRate are never summed: %s', (_, doseAndRate, expected) => {
    expect(gramsADay(productOf([{ timing: daily(2), doseAndRate }]))).toBe(expected);
  });

  it('1 mg/kg twice a day is 0.16 g at 80 kg, and missing without a weight', () => {
    const dosages = [dose({ value: 1, code: 'mg/kg' }, daily(2))];
    expect(gramsADay(productOf(dosages, [], { kilograms: 80 }))).toBe(0.16);
    expect(gramsADay(productOf(dosages))).toBeNull();
  });

  it('0.1 mg/kg, at most 4 mg, is 4 mg at 80 kg', () => {
    const dosages = [dose({ value: 0.1, code: 'mg/kg' }, daily(1), { maxDosePerAdministration: mg(4) })];
    expect(largestDose(productOf(dosages, [], { kilograms: 80 }))).toBe(0.004);
  });

  it.each<[string, Resource[], number | null]>([
    ['of several instructions the largest', [dose(mg(5), daily(1)), dose(mg(10), daily(1))], 0.01],
    ['in whatever order', [dose(mg(10), daily(1)), dose(mg(5), daily(1))], 0.01],
    [
      'one that cannot be computed leaves it open',
      [dose(mg(5), daily(1)), dose({ value: 1 }, daily(1))],
      null,
    ],
    ['a limit of one dose is no dose', [{ maxDosePerAdministration: mg(4) }], null],
    ['no instruction', [], null],
  ])('largest single dose: %s', (_, dosages, expected) => {
    expect(largestDose(productOf(dosages))).toBe(expected);
  });

  it('of two equal rates the one as ordered is named', () => {
    const ordered = { doseAndRate: [{ rateQuantity: { value: 1, unit: 'g/h' } }] };
    const computed = dose({ value: 4, unit: 'g' }, { repeat: { duration: 4, durationUnit: 'h' } });
    expect(fastestRate(productOf([ordered, computed]))).toEqual({ gramsAnHour: 1, basis: 'rate as ordered' });
    expect(fastestRate(productOf([computed]))).toEqual({ gramsAnHour: 1, basis: 'dose over duration' });
  });

  it('of several rates the fastest counts, and a dose without a duration has none', () => {
    const rate = (value: number) => ({ doseAndRate: [{ rateQuantity: { value, unit: 'g/h' } }] });
    expect(fastestRate(productOf([rate(1), rate(2), dose(mg(500), daily(1))]))?.gramsAnHour).toBe(2);
    expect(fastestRate(productOf([dose(mg(500), daily(1))]))).toBeNull();
  });

  it('grams of glucose alone are of glucose', () => {
    const glucose = { ingredients: ['glucose'], ingredient: 'glucose' };
    expect(gramsADay(productOf([dose({ value: 25, unit: 'g' }, daily(2))], [], glucose))).toBe(50);
  });

  it('of a combination, grams are of no part of it, and tablets are of each', () => {
    const strengths = strengthsOf(
      ['sulfamethoxazole 800 MG / trimethoprim 160 MG Oral Tablet'],
      ['sulfamethoxazole', 'trimethoprim'],
    );
    const ingredients = ['sulfamethoxazole', 'trimethoprim'];
    const of = (ingredient: string, quantity: Resource) =>
      gramsADay(productOf([dose(quantity, daily(2))], strengths, { ingredients, ingredient }));
    expect(of('trimethoprim', tbl)).toBe(0.32);
    expect(of('sulfamethoxazole', tbl)).toBe(1.6);
    expect(of('trimethoprim', mg(960))).toBeNull();
  });

  it('grams of a drug in glucose are of the drug', () => {
    const ingredients = ['x', 'glucose'];
    expect(gramsADay(productOf([dose(mg(500), daily(2))], [], { ingredients }))).toBe(1);
  });

  it('doubling the dose or the frequency doubles the day', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5000 }), fc.integer({ min: 1, max: 12 }), (value, times) => {
        const day = (quantity: number, frequency: number) =>
          gramsADay(productOf([dose(mg(quantity), daily(frequency))])) ?? Number.NaN;
        const twice = day(value, times) * 2;
        return (
          Math.abs(day(value * 2, times) - twice) < 1e-9 && Math.abs(day(value, times * 2) - twice) < 1e-9
        );
      }),
    );
  });

  it('the same dose said in mg, in tablets and in mL is the same day', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 6 }), (count, times) => {
        const strengths: Strength[] = [{ ingredient: 'x', gramsAPiece: 0.25, gramsAMillilitre: 0.05 }];
        const day = (quantity: Resource) => gramsADay(productOf([dose(quantity, daily(times))], strengths));
        const asMass = day(mg(count * 250));
        return (
          asMass === day({ value: count, code: '{tbl}' }) && asMass === day({ value: count * 5, code: 'mL' })
        );
      }),
    );
  });
});

describe('how often', () => {
  it('morning and evening are 2 times, of 2 steps the more', () => {
    const times = (...dosages: Resource[]) => timesADay(readDosing(dosages) ?? { instructions: [] });
    expect(times(dose(mg(5), daily(1)), dose(mg(10), daily(1)))).toBe(2);
    expect(times(dose(mg(5), daily(3), { sequence: 1 }), dose(mg(5), daily(1), { sequence: 2 }))).toBe(3);
    expect(times(dose(mg(5), daily(1)), dose(mg(5), undefined))).toBeNull();
    expect(times()).toBeNull();
  });

  const inAll = (count: number, frequency: number) => ({
    repeat: { count, frequency, period: 1, periodUnit: 'd' },
  });
  it.each<[string, Resource, number | null]>([
    ['once a day', daily(1), 1],
    ['once a day for 2 days', inAll(2, 1), 1],
    ['one dose in all', { repeat: { count: 1 } }, null],
    ['one dose in all, once a day', inAll(1, 1), null],
    ['two doses in all, twice a day', inAll(2, 2), null],
    ['three doses in all, twice a day', inAll(3, 2), 2],
    ['on one date', { event: ['2026-01-31'] }, null],
    ['on two dates', { event: ['2026-01-31', '2026-02-01'] }, 1],
  ])('%s as a daily habit', (_name, timing, expected) =>
    expect(timesEveryDay(readDosing([dose(mg(5), timing)]) ?? { instructions: [] })).toBe(expected),
  );
});

it.each<[string, Amount, Product['kilograms'], number | null]>([
  ['1 g', { value: 1, unit: 'g' }, null, 1],
  ['1 g for a kilogram', { value: 1, unit: 'g' }, 'one', null],
  ['1 g/kg of 80 kg', { value: 1, unit: 'g/kg' }, 80, 80],
  ['1 g/kg of an unknown weight', { value: 1, unit: 'g/kg' }, null, null],
  ['1 g/kg for a kilogram', { value: 1, unit: 'g/kg' }, 'one', 1],
  ['2 pieces of 0.5 g', { value: 2, unit: 'piece' }, null, 1],
  ['2 pieces for a kilogram', { value: 2, unit: 'piece' }, 'one', null],
  ['2 mL of no strength', { value: 2, unit: 'mL' }, null, null],
])('%s in grams', (_name, amount, kilograms, grams) => {
  expect(
    gramsOf(
      amount,
      productOf([dose({ value: 2, unit: 'tablet' }, daily(1))], [{ ingredient: 'x', gramsAPiece: 0.5 }], {
        kilograms,
      }),
    ),
  ).toBe(grams);
});
