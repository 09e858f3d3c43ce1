/** Which order is a loading dose, and what is left of several orders when such doses are left out. */
import { describe, expect, it } from 'vitest';
import type { Instruction } from '../../../rules/dosage/dosing.ts';
import { ask, order, therapy } from '../../support/charts.ts';

const magnesium = ['magnesium sulfate'];
const grams = (value: number) => [{ value, unit: 'g' as const }];
const dose = (value: number, hours: number, more: Partial<Instruction> = {}): Instruction => ({
  doses: grams(value),
  hours,
  ...more,
});
const perHour = (value: number, more: Partial<Instruction> = {}): Instruction => ({
  perHour: grams(value),
  ...more,
});
const of = (id: string, ...instructions: Instruction[]) =>
  order(id, magnesium, { route: 'parenteral', dosing: { instructions } });

const third = 1 / 3;
const paces: readonly [
  name: string,
  instructions: Instruction[],
  loading: boolean | null,
  emergency: boolean | null,
  slow?: boolean,
][] = [
  ['4 g over 20 minutes', [dose(4, third)], true, true],
  ['6 g over 30 minutes', [dose(6, 0.5)], true, true],
  ['6 g over 15 minutes', [dose(6, 0.25)], true, true],
  ['6.1 g over 30 minutes', [dose(6.1, 0.5)], false, false],
  ['6 g over 31 minutes', [dose(6, 31 / 60)], false, true],
  ['6 g over 14 minutes', [dose(6, 14 / 60)], false, true],
  ['4 g over 5 minutes', [dose(4, 5 / 60)], true, true, false],
  ['4 g over 4 minutes', [dose(4, 4 / 60)], false, true],
  ['4.1 g over 6 minutes', [dose(4.1, 0.1)], false, true],
  ['4 g at 12 g/h', [perHour(12, { doses: grams(4) })], true, true],
  ['4 g at 40 g/h', [perHour(40, { doses: grams(4) })], true, true, false],
  ['4 g at 7 g/h', [perHour(7, { doses: grams(4) })], false, true],
  [
    '4 g at 12 g/h over a day, which contradict each other',
    [perHour(12, { doses: grams(4), hours: 24 })],
    false,
    true,
  ],
  ['12 g/h for 20 minutes', [perHour(12, { hours: third })], true, true],
  ['12 g/h until 20 minutes are over', [perHour(12, { runsHours: third })], true, true],
  ['2 g/h for a day', [perHour(2, { runsHours: 24 })], false, false],
  ['24 g at 1 g/h', [perHour(1, { doses: grams(24) })], false, false],
  ['2 g/h without an end', [perHour(2)], null, null],
  ['40 g/h without an end', [perHour(40)], null, null],
  ['4 g in a time that is not stated', [{ doses: grams(4) }], null, true],
  ['8 g in a time that is not stated', [{ doses: grams(8) }], false, false],
  ['a time alone', [{ hours: third }], null, null],
  ['4 g over 20 minutes six times a day', [dose(4, third, { timesADay: 6 })], false, true],
  ['4 g over 20 minutes, one of six times a day', [dose(4, third, { timesADay: 6, count: 1 })], true, true],
  ['4 g over 20 minutes once a day', [dose(4, third, { timesADay: 1 })], true, true],
  [
    '4 g over 20 minutes, then 2 g/h for a day',
    [dose(4, third), perHour(2, { runsHours: 24 })],
    false,
    false,
  ],
  ['4 g over 20 minutes, then 2 g/h without an end', [dose(4, third), perHour(2)], null, null],
];

const rateParams = { ingredients: magnesium, unit: 'g/h' } as const;
const known = (value: boolean) => ({ state: 'known', value });

describe.each(paces)('%s', (_, instructions, loading, emergency, slow) => {
  const medications = [of('1', ...instructions)];
  const drug = { ingredients: magnesium, role: 'ordered', route: 'parenteral' } as const;

  it('is a loading dose, or another one', () => {
    const unknown = { state: 'missing' };
    expect(ask('drug', { ...drug, pace: 'loading' }, { medications })).toMatchObject(
      loading === null ? unknown : known(loading),
    );
    expect(ask('drug', { ...drug, pace: 'other' }, { medications })).toMatchObject(
      loading === null ? unknown : known(!loading),
    );
    expect(ask('drug', drug, { medications })).toMatchObject(known(true));
  });

  it.each([
    ['loading', loading],
    ['slow-loading', slow ?? loading],
    ['emergency', emergency],
  ] as const)('is left out of the rate for %s doses only where it surely is one', (except, isOne) => {
    const all = ask('infusionRate', rateParams, { medications });
    const others = ask('infusionRate', { ...rateParams, except }, { medications });
    const [first, then] = instructions;
    if (first && then) {
      // Of a load and an infusion in one order the load alone is left out.
      expect(others).toEqual(ask('infusionRate', rateParams, { medications: [of('1', then)] }));
    } else if (isOne === true)
      expect(others).toEqual({ state: 'known', value: 0, unit: 'g/h', evidence: [] });
    else expect({ ...others, missing: null }).toEqual({ ...all, missing: null });
  });
});

describe('the rate of several orders', () => {
  const load = of('load', dose(4, third));
  it('but for loading doses is that of the fastest other one, with its evidence', () => {
    const medications = [load, of('slow', perHour(1)), of('fast', perHour(20))];
    const fact = ask('infusionRate', { ...rateParams, except: 'loading' }, { medications });
    expect(fact).toMatchObject({
      state: 'known',
      value: 20,
      evidence: [{ reference: 'MedicationRequest/fast' }],
    });
    expect(ask('infusionRate', rateParams, { medications: [load, of('slow', perHour(1))] })).toMatchObject({
      value: 12,
    });
  });
  it('but for loading doses is missing where another order states none', () => {
    const medications = [load, of('other', {})];
    expect(ask('infusionRate', { ...rateParams, except: 'loading' }, { medications })).toMatchObject({
      state: 'missing',
      missing: expect.stringContaining('MedicationRequest/other states no rate'),
    });
  });
  it('is not zero where the orders did not come in full', () => {
    const completeness = { orders: 'partial' } as const;
    const fact = ask(
      'infusionRate',
      { ...rateParams, except: 'loading' },
      { medications: [load], completeness },
    );
    expect(fact.state).toBe('missing');
  });
});

describe('an order twice', () => {
  const load = (id: string) => of(id, dose(4, third));
  const infusion = (id: string) => of(id, perHour(2));
  const running = therapy('runs', magnesium, { route: 'parenteral', dosing: { instructions: [perHour(1)] } });
  const digoxin = (id: string, instruction: Instruction) =>
    order(id, ['digoxin'], { route: 'parenteral', dosing: { instructions: [instruction] } });
  it.each([
    ['a loading dose and its infusion', [load('1'), infusion('2')], false],
    ['a loading dose beside what runs', [load('1'), running], false],
    ['two loading doses', [load('1'), load('2')], true],
    ['two infusions', [infusion('1'), infusion('2')], true],
    ['two infusions beside a loading dose', [load('1'), infusion('2'), infusion('3')], true],
    ['an infusion beside what runs', [infusion('1'), running], true],
    ['8 g over 20 minutes and an infusion', [of('1', dose(8, third)), infusion('2')], true],
    [
      'digoxin over 20 minutes and every day',
      [digoxin('1', dose(0.0005, third)), digoxin('2', { doses: grams(0.0001) })],
      true,
    ],
  ] as const)('%s: %s', (_, medications, twice) => {
    expect(ask('duplicateOrder', {}, { medications: [...medications] })).toMatchObject(known(twice));
  });
});
