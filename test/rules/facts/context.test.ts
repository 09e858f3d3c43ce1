/** A chart says the same whatever the order its entries came in and whatever they are called. */
import { describe, expect, it } from 'vitest';
import type { Chart, Lab, Medication } from '../../../rules/chart/types.ts';
import { createContext, withOpenChecks } from '../../../rules/facts/context.ts';
import { allergyTo, at, chartWith, conditionOf, labOf, order, therapy } from '../../support/charts.ts';

type Given = Parameters<typeof chartWith>[0];
const contextOf = (given: Given) => createContext(chartWith(given), at, []);
const names = (items: readonly { reference: string }[]): string[] =>
  items.map(({ reference }) => reference.replace(/^[^/]+\//, ''));
const time = (from: number) => ({ from, to: from });
const study = (id: string, code: string): Chart['serviceOrders'][number] => ({
  reference: `ServiceRequest/${id}`,
  codes: [{ system: 's', code }],
  selected: true,
});

describe('entries stand by what they are', () => {
  const dosing = (value: number): Partial<Medication> => ({
    dosing: { instructions: [{ doses: [{ value, unit: 'g' }] }] },
  });
  it.each<
    [string, Given, keyof Pick<Chart, 'medications' | 'conditions' | 'allergies' | 'serviceOrders'>, string[]]
  >([
    [
      'medications by drug',
      { medications: [therapy('a', ['digoxin']), therapy('b', ['aspirin'])] },
      'medications',
      ['b', 'a'],
    ],
    [
      'what is ordered first',
      { medications: [therapy('a', ['aspirin']), order('b', ['aspirin'])] },
      'medications',
      ['b', 'a'],
    ],
    [
      'by route',
      {
        medications: [
          therapy('a', ['aspirin'], { route: 'rectal' }),
          therapy('b', ['aspirin'], { route: 'oral' }),
        ],
      },
      'medications',
      ['b', 'a'],
    ],
    [
      'by beginning',
      {
        medications: [
          therapy('a', ['aspirin'], { started: time(2) }),
          therapy('b', ['aspirin'], { started: time(1) }),
        ],
      },
      'medications',
      ['b', 'a'],
    ],
    [
      'by dose',
      { medications: [therapy('a', ['aspirin'], dosing(2)), therapy('b', ['aspirin'], dosing(1))] },
      'medications',
      ['b', 'a'],
    ],
    [
      'alike: by name',
      { medications: [therapy('b', ['aspirin']), therapy('a', ['aspirin'])] },
      'medications',
      ['a', 'b'],
    ],
    [
      'problems by group',
      { conditions: [conditionOf('a', ['dialysis']), conditionOf('b', ['asthma'])] },
      'conditions',
      ['b', 'a'],
    ],
    [
      'by beginning',
      { conditions: [conditionOf('a', ['asthma'], 1), conditionOf('b', ['asthma'], 2)] },
      'conditions',
      ['b', 'a'],
    ],
    [
      'by code',
      {
        conditions: [
          conditionOf('a', ['asthma'], 1, { codes: [{ system: 's', code: '2' }] }),
          conditionOf('b', ['asthma'], 1, { codes: [{ system: 's', code: '1' }] }),
        ],
      },
      'conditions',
      ['b', 'a'],
    ],
    [
      'allergies by drug',
      { allergies: [allergyTo('a', ['digoxin']), allergyTo('b', ['aspirin'])] },
      'allergies',
      ['b', 'a'],
    ],
    [
      'allergies that are alike by name',
      { allergies: [allergyTo('b', ['aspirin']), allergyTo('a', ['aspirin'])] },
      'allergies',
      ['a', 'b'],
    ],
    [
      'examinations by code',
      { serviceOrders: [study('a', '2'), study('b', '1')] },
      'serviceOrders',
      ['b', 'a'],
    ],
    [
      'examinations that are alike by name',
      { serviceOrders: [study('b', '1'), study('a', '1')] },
      'serviceOrders',
      ['a', 'b'],
    ],
  ])('%s', (_, given, kind, expected) => {
    const chart = chartWith(given);
    const turned = { ...chart, [kind]: chart[kind].toReversed() };
    for (const one of [chart, turned])
      expect(names(createContext(one, at, []).chart[kind])).toEqual(expected);
  });

  it('what came is left as it came', () => {
    const chart = chartWith({ medications: [therapy('b', ['digoxin']), therapy('a', ['aspirin'])] });
    createContext(chart, at, []);
    expect(names(chart.medications)).toEqual(['b', 'a']);
  });
});

describe('results of a test', () => {
  const at1 = (id: string, more: Partial<Lab> = {}) =>
    labOf('potassium', 4, 1, { reference: `Observation/${id}`, ...more });
  const span = (from: number, to: number) => ({ span: { from: at - from, to: at - to } });
  it.each<[string, Lab[], string[]]>([
    ['newest first', [at1('a', span(9, 9)), at1('b', span(1, 1))], ['b', 'a']],
    [
      'of those that end alike the last to begin first',
      [at1('a', span(9, 1)), at1('b', span(5, 1))],
      ['b', 'a'],
    ],
    ['without a date last', [at1('a', { span: null }), at1('b', span(9, 9))], ['b', 'a']],
    ['of one time by their name', [at1('a', span(1, 1)), at1('b', span(1, 1))], ['b', 'a']],
    [
      'that overlap by their value, whatever their name',
      [
        at1('b', { ...span(1, 1), overlaps: true, value: 5, received: { value: 5, unit: 'mmol/L' } }),
        at1('a', { ...span(1, 1), overlaps: true }),
      ],
      ['a', 'b'],
    ],
    ['that is not used is none', [at1('a', { used: false, ...span(1, 1) }), at1('b', span(9, 9))], ['b']],
    ['that is not used, without a date, is there', [at1('a', { used: false, span: null })], ['a']],
    ['without a date and a value is none', [at1('a', { used: false, span: null, value: null })], []],
  ])('%s', (_, labs, expected) => {
    for (const list of [labs, labs.toReversed()])
      expect(names(contextOf({ labs: list }).labsOf('potassium'))).toEqual(expected);
  });

  it('are those of that test', () => {
    const context = contextOf({ labs: [at1('a'), labOf('sodium', 140)] });
    expect(names(context.labsOf('potassium'))).toEqual(['a']);
    expect(context.labsOf('magnesium')).toEqual([]);
  });
});

it('what several facts rest on is computed once for a chart, and for each stratum again', () => {
  let count = 0;
  const counting = () => {
    count += 1;
    return count;
  };
  const context = contextOf({});
  expect([context.memo(counting), context.memo(counting)]).toEqual([1, 1]);
  expect(contextOf({}).memo(counting)).toBe(2);
  const checks = [{ rule: 'MG-001', unrecognised: false }];
  expect(context.openChecks).toBeNull();
  expect(withOpenChecks(context, checks)).toMatchObject({ openChecks: checks, at, chart: context.chart });
});
