/** Which steps, doses and repeats of a therapy count in a dose. Charts by hand. */
import { describe, expect, it } from 'vitest';
import type { Medication } from '../../../rules/chart/types.ts';
import type { Instruction } from '../../../rules/dosage/dosing.ts';
import { ask, at, day, order, therapy } from '../../support/charts.ts';

const gabapentin = ['gabapentin'];
const moment = (time: number) => ({ from: time, to: time });
const step = (milligrams: number, more: Partial<Instruction> = {}): Instruction => ({
  doses: [{ value: milligrams / 1000, unit: 'g' }],
  timesADay: 1,
  ...more,
});
const of = (...instructions: Instruction[]) => ({ dosing: { instructions } });
/** Milligrams a day: the figure, at least so much, or why not. */
const daily = (medications: Medication[], role = 'any', ingredients = gabapentin, more = {}) => {
  const fact = ask('dailyDose', { ingredients, role, unit: 'mg', ...more }, { medications });
  if (fact.state !== 'known') return fact.missing;
  return fact.range ? `at least ${fact.range.low}` : fact.value;
};

describe('of steps that follow one another, those of now', () => {
  const [yesterday, tomorrow] = [moment(at - day), moment(at + day)];
  it.each<[string, Instruction[], number]>([
    ['one', [step(300)], 300],
    ['one that is over, beside one that goes on', [step(900, { ends: yesterday }), step(300)], 300],
    ['one that ended a moment ago', [step(900, { ends: moment(at - 1) }), step(300)], 300],
    ['one that ends now', [step(900, { ends: moment(at) }), step(300)], 1200],
    ['one that may end today', [step(900, { ends: { from: at - day, to: at + 1 } }), step(300)], 1200],
    [
      'all are over: what was ordered',
      [step(900, { ends: yesterday }), step(300, { ends: yesterday })],
      1200,
    ],
    ['one that begins tomorrow', [step(300), step(900, { begins: tomorrow })], 300],
    ['one that begins now', [step(300), step(900, { begins: moment(at) })], 1200],
    ['one that may have begun', [step(300), step(900, { begins: { from: at - 1, to: at + day } })], 1200],
    [
      'one after another that ends tomorrow',
      [step(300, { sequence: 1, ends: tomorrow }), step(900, { sequence: 2 })],
      300,
    ],
    [
      'after one that ends now',
      [step(300, { sequence: 1, ends: moment(at) }), step(900, { sequence: 2 })],
      900,
    ],
    [
      'after one that may have ended',
      [step(300, { sequence: 1, ends: { from: at - 1, to: at + day } }), step(900, { sequence: 2 })],
      900,
    ],
    [
      'after one of which nobody knows the end',
      [step(300, { sequence: 1 }), step(900, { sequence: 2 })],
      900,
    ],
    [
      'after two, one of which has no end',
      [step(100, { sequence: 1 }), step(300, { sequence: 2, ends: tomorrow }), step(900, { sequence: 3 })],
      300,
    ],
    [
      'with a step that ends tomorrow, of the same number',
      [step(300, { sequence: 1, ends: tomorrow }), step(900, { sequence: 1 })],
      1200,
    ],
    [
      'before one that ends tomorrow',
      [step(900, { sequence: 1 }), step(300, { sequence: 2, ends: tomorrow })],
      900,
    ],
    [
      'where only the later one is numbered',
      [step(300, { ends: tomorrow }), step(900, { sequence: 1 })],
      300,
    ],
  ])('%s', (_, instructions, expected) => {
    expect(daily([therapy('t', gabapentin, of(...instructions))])).toBe(expected);
  });

  it('of an order all of them, and of what was given', () => {
    const steps = of(step(900, { ends: yesterday }), step(300));
    expect(daily([order('o', gabapentin, steps)])).toBe(1200);
    expect(daily([therapy('t', gabapentin, { ...steps, given: true })])).toBe(1200);
  });
});

describe('a dose that was given before the last one', () => {
  const given = (more: Partial<Medication>): Medication =>
    therapy('g', gabapentin, { role: 'inactive', given: true, earlier: true, ...of(step(300)), ...more });
  it.each<[string, Partial<Medication>, string, number | string]>([
    ['a day ago', { ended: moment(at - day) }, 'any', 300],
    ['longer ago', { ended: moment(at - day - 1) }, 'any', 0],
    ['of therapy', { ended: moment(at - day) }, 'active', 300],
    ['is none of the orders', { ended: moment(at - day) }, 'ordered', 0],
    ['of unknown time', {}, 'any', 0],
    [
      'the last one itself, where the therapy is over',
      { earlier: undefined as never, ended: moment(at - day) },
      'any',
      0,
    ],
  ])('%s', (_, more, role, expected) => expect(daily([given(more)], role)).toBe(expected));
});

describe('a statement that names no dose', () => {
  const ordered = therapy('o', gabapentin, of(step(300)));
  const statement = (names: string[], more: Partial<Medication> = {}) =>
    therapy('s', names, { statement: true, ...more });
  it.each<[string, Medication[], string[], number | string]>([
    ['repeats the order of the drug', [ordered, statement(gabapentin)], gabapentin, 300],
    ['not that of another', [ordered, statement(['digoxin'])], ['gabapentin', 'digoxin'], 'at least 300'],
    ['with a drug that is not asked', [ordered, statement(['gabapentin', 'digoxin'])], gabapentin, 300],
    [
      'with another that is',
      [ordered, statement(['gabapentin', 'digoxin'])],
      ['gabapentin', 'digoxin'],
      'at least 300',
    ],
    [
      'of a dose that is not understood repeats nothing',
      [ordered, statement(gabapentin, of({ timesADay: 1 }))],
      gabapentin,
      'at least 300',
    ],
    [
      'an order without a dose repeats nothing',
      [ordered, therapy('p', gabapentin)],
      gabapentin,
      'at least 300',
    ],
    [
      'beside a statement that names one',
      [therapy('t', gabapentin, { statement: true, ...of(step(300)) }), statement(gabapentin)],
      gabapentin,
      'at least 300',
    ],
    ['what was given without a dose', [ordered, therapy('g', gabapentin, { given: true })], gabapentin, 300],
  ])('%s', (_, medications, ingredients, expected) => {
    expect(daily(medications, 'any', ingredients)).toBe(expected);
  });

  it('and no route, where the order does', () => {
    const oral = therapy('o', gabapentin, { route: 'oral', ...of(step(300)) });
    expect(daily([oral, statement(gabapentin)], 'any', gabapentin, { route: 'oral' })).toBe(300);
    expect(daily([oral, therapy('p', gabapentin)], 'any', gabapentin, { route: 'oral' })).toBe(
      'at least 300',
    );
    expect(daily([therapy('p', gabapentin, of(step(300)))], 'any', gabapentin, { route: 'oral' })).toContain(
      'route',
    );
  });
});

describe('doses a day', () => {
  const often = (medications: Medication[], ingredients: string[]) => {
    const fact = ask('doseFrequency', { ingredients, role: 'any' }, { medications });
    return fact.state === 'known' ? fact.value : fact.missing;
  };
  const twice = of({ timesADay: 2 });
  const thrice = of({ timesADay: 3 });
  it.each<[string, Medication[], string[], number]>([
    [
      'of an order and its statement the larger',
      [therapy('o', gabapentin, thrice), therapy('s', gabapentin, { statement: true, ...twice })],
      gabapentin,
      3,
    ],
    [
      'of two drugs both',
      [therapy('o', gabapentin, thrice), therapy('s', ['digoxin'], { statement: true, ...twice })],
      ['digoxin', 'gabapentin'],
      5,
    ],
    [
      'of two drugs in one product once',
      [therapy('o', ['gabapentin', 'digoxin'], thrice)],
      ['digoxin', 'gabapentin'],
      3,
    ],
    [
      'of a product and its statement, in whichever order they name the drugs',
      [
        therapy('o', ['gabapentin', 'digoxin'], thrice),
        therapy('s', ['digoxin', 'gabapentin'], { statement: true, ...twice }),
      ],
      ['digoxin', 'gabapentin'],
      3,
    ],
    [
      'of a product with a drug that is not asked',
      [
        therapy('o', ['gabapentin', 'aspirin'], thrice),
        therapy('s', gabapentin, { statement: true, ...twice }),
      ],
      gabapentin,
      3,
    ],
  ])('%s', (_, medications, ingredients, expected) => expect(often(medications, ingredients)).toBe(expected));
});
