/** Whether an order repeats what is there, and which are named. Charts by hand; as systems send them: therapy.test. */
import { describe, expect, it } from 'vitest';
import type { Medication } from '../../../rules/chart/types.ts';
import type { Instruction } from '../../../rules/dosage/dosing.ts';
import { ask, at, order, therapy } from '../../support/charts.ts';

type Given = Parameters<typeof ask>[2];
const said = (medications: Medication[], more: Given = {}): string[] | string => {
  const fact = ask('duplicateOrder', {}, { medications, ...more });
  if (fact.state !== 'known') return fact.missing;
  return fact.evidence.map(({ reference }) => reference.replace('MedicationRequest/', ''));
};
const now = { from: at, to: at };
const aspirin = ['aspirin'];
const statement = (id: string, names: string[], more: Partial<Medication> = {}) =>
  therapy(id, names, { statement: true, ...more });
const repeats = (...ids: string[]) => ({ sameAs: ids.map((id) => `MedicationRequest/${id}`) });
const dosed = (...instructions: Instruction[]) => ({ dosing: { instructions } });
const loading = dosed({ doses: [{ value: 4, unit: 'g' }], hours: 0.3 });
const infusion = dosed({ perHour: [{ value: 2, unit: 'g' }], runsHours: 24 });
const sulfate = ['magnesium sulfate'];
const fluid = ['sodium chloride', 'potassium chloride', 'calcium chloride'];

describe('what is there twice', () => {
  it.each<[string, Medication[], string[]]>([
    ['an order alone', [order('o', aspirin)], []],
    ['of another drug', [order('o', aspirin), therapy('t', ['digoxin'])], []],
    ['an order and therapy, the order first', [therapy('a', aspirin), order('o', aspirin)], ['o', 'a']],
    ['two orders, by name', [order('b', aspirin, { route: 'oral' }), order('a', aspirin)], ['a', 'b']],
    [
      'an order that is not selected and therapy',
      [order('o', aspirin, { selected: false }), therapy('t', aspirin)],
      [],
    ],
    ['therapy alone, twice', [therapy('a', aspirin), therapy('b', aspirin)], []],
    ['an order that goes on with therapy', [order('o', aspirin, repeats('t')), therapy('t', aspirin)], []],
    [
      'one that goes on with one of two',
      [order('o', aspirin, repeats('t')), therapy('t', aspirin), therapy('u', aspirin)],
      ['o', 'u'],
    ],
    ['an order and a statement', [order('o', aspirin), statement('s', aspirin)], ['o', 's']],
    [
      'an order, therapy and its statement: the orders are named',
      [order('o', aspirin), therapy('t', aspirin), statement('s', aspirin)],
      ['o', 't'],
    ],
    [
      'an order and one dose that was given',
      [order('o', aspirin), therapy('g', aspirin, { given: true, ended: now })],
      [],
    ],
    [
      'an order and an infusion that runs',
      [order('o', aspirin), therapy('g', aspirin, { given: true })],
      ['o', 'g'],
    ],
    [
      'an order and therapy that is over',
      [order('o', aspirin), therapy('t', aspirin, { role: 'inactive' })],
      [],
    ],
    [
      'an order and therapy that begins later',
      [order('o', aspirin), therapy('t', aspirin, { role: 'inactive', ahead: true })],
      ['o', 't'],
    ],
    [
      'therapy under review, twice',
      [therapy('a', aspirin, { underReview: true }), therapy('b', aspirin, { underReview: true })],
      ['a', 'b'],
    ],
    [
      'therapy under review and its statement',
      [therapy('a', aspirin, { underReview: true }), statement('s', aspirin)],
      [],
    ],
    [
      'two drugs, by the name of the drug',
      [order('z', ['aspirin', 'digoxin']), therapy('d', ['digoxin']), therapy('a', aspirin)],
      ['z', 'a', 'z', 'd'],
    ],
    [
      'by the name of the drug, whatever the products begin with',
      [
        order('z', ['digoxin', 'aspirin']),
        therapy('d', ['digoxin']),
        therapy('m', ['gabapentin', 'aspirin']),
      ],
      ['z', 'm', 'z', 'd'],
    ],
    [
      'the other way round',
      [order('z', ['digoxin', 'aspirin']), therapy('d', ['digoxin']), therapy('a', aspirin)],
      ['z', 'a', 'z', 'd'],
    ],
  ])('%s', (_, medications, expected) => expect(said(medications)).toEqual(expected));

  it.each<[string, Medication[], string[]]>([
    [
      'a loading dose and its infusion are one set',
      [order('l', sulfate, loading), order('i', sulfate, infusion)],
      [],
    ],
    ['two loading doses are two', [order('l', sulfate, loading), order('m', sulfate, loading)], ['l', 'm']],
    ['two infusions are two', [order('i', sulfate, infusion), order('j', sulfate, infusion)], ['i', 'j']],
    [
      'of another drug a fast dose is no set',
      [order('l', ['amiodarone'], loading), order('i', ['amiodarone'], infusion)],
      ['i', 'l'],
    ],
    ['a fluid and a salt are two things', [order('f', fluid), order('p', ['potassium chloride'])], []],
    ['two fluids are two', [order('f', fluid), order('g', fluid)], ['f', 'g', 'f', 'g', 'f', 'g']],
    [
      'by mouth it is no fluid',
      [order('f', fluid, { route: 'oral' }), order('p', ['potassium chloride'])],
      ['f', 'p'],
    ],
    [
      'of two salts it is no fluid',
      [order('f', fluid.slice(1)), order('p', ['potassium chloride'])],
      ['f', 'p'],
    ],
  ])('%s', (_, medications, expected) => expect(said(medications)).toEqual(expected));
});

describe('what leaves it open', () => {
  const perhaps = { uncertain: true } as const;
  it.each<[string, Medication[], Given, string[] | string]>([
    [
      'therapy of which nobody knows whether it is taken',
      [order('o', aspirin), therapy('t', aspirin, perhaps)],
      {},
      'MedicationRequest/t',
    ],
    [
      'beside one that is certain',
      [order('o', aspirin), therapy('t', aspirin, perhaps), therapy('u', aspirin)],
      {},
      ['o', 'u'],
    ],
    ['of another drug', [order('o', aspirin), therapy('t', ['digoxin'], perhaps)], {}, []],
    [
      'where another drug is certain',
      [order('o', ['aspirin', 'digoxin']), therapy('t', aspirin, perhaps), therapy('d', ['digoxin'])],
      {},
      ['o', 'd'],
    ],
    [
      'a list that came in part',
      [order('o', aspirin)],
      { completeness: { medications: 'partial' } },
      'medication',
    ],
    [
      'a list that never came',
      [order('o', aspirin)],
      { completeness: { medications: 'absent' } },
      'medication',
    ],
    ['the list, where nothing is ordered', [], { completeness: { medications: 'absent' } }, []],
    [
      'the list, where what is ordered is not known',
      [order('o', [])],
      { completeness: { medications: 'absent' } },
      [],
    ],
    [
      'the list, where another order is selected',
      [order('o', aspirin, { selected: false })],
      { completeness: { medications: 'absent' } },
      [],
    ],
    ['orders that came in part', [order('o', aspirin)], { completeness: { orders: 'partial' } }, 'orders'],
  ])('%s', (_, medications, more, expected) => {
    const found = said(medications, more);
    if (typeof expected === 'string') expect(found).toContain(expected);
    else expect(found).toEqual(expected);
  });
});
