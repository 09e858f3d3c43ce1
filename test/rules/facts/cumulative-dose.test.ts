import { describe, expect, it } from 'vitest';
import type { Medication } from '../../../rules/chart/types.ts';
import type { Dosing, Instruction } from '../../../rules/dosage/dosing.ts';
import { ask, at, order, therapy } from '../../support/charts.ts';
import type { WordedFact } from '../../support/worded.ts';

const hour = 3_600_000;
const open = Number.POSITIVE_INFINITY;
const sulfate = ['magnesium sulfate'];
const params = { classes: ['magnesium'], role: 'any', route: 'parenteral', unit: 'g', within: 'PT48H' };
const what = 'sum of magnesium any in PT48H';

const grams = (value: number, more: Instruction = {}): Instruction => ({
  doses: [{ value, unit: 'g' }],
  ...more,
});
const once = (value: number, more: Instruction = {}): Instruction => grams(value, { count: 1, ...more });
const rate = (value: number, more: Instruction = {}): Instruction => ({
  perHour: [{ value, unit: 'g' }],
  ...more,
});
const iv = (instructions: Instruction[], more: Partial<Medication> = {}): Partial<Medication> => ({
  route: 'parenteral',
  dosing: { instructions },
  ...more,
});
const span = (hoursAgo: number) => ({ from: at - hoursAgo * hour, to: at - hoursAgo * hour });
const ordered = (id: string, ...instructions: Instruction[]): Medication =>
  order(id, sulfate, iv(instructions));
/** Therapy that began so many hours ago; null where nobody knows when. */
const taken = (
  id: string,
  hoursAgo: number | null,
  instruction: Instruction,
  more: Partial<Medication> = {},
) => therapy(id, sulfate, iv([instruction], { started: hoursAgo === null ? null : span(hoursAgo), ...more }));

const asked = (medications: Medication[], more: object = {}): WordedFact =>
  ask('cumulativeDose', { ...params, ...more }, { medications });
const sumOf = (medications: Medication[], more: object = {}): [unknown, unknown] | string => {
  const fact = asked(medications, more);
  if (fact.state !== 'known') return fact.missing;
  return [fact.range?.low ?? fact.value, fact.range?.high ?? fact.value];
};

describe('cumulativeDose', () => {
  it('is a number of grams with what each line comes to', () => {
    const fact = asked([
      taken('1', 5, once(2)),
      taken('2', null, once(3)),
      ordered('3', once(4)),
      ordered('4', once(5), {}),
      taken('5', 10, once(6), { role: 'inactive', status: 'completed', over: true }),
    ]);
    expect(fact).toMatchObject({ state: 'known', value: 17, unit: 'g', range: { low: 17, high: open } });
    expect(fact.evidence.map(({ used }) => used)).toEqual([
      '4 g in 48 hours, ordered',
      '5 g or more in 48 hours, ordered',
      '6 g in 48 hours, completed',
      '2 g in 48 hours, active',
      '0 to 3 g in 48 hours, active',
    ]);
    expect(asked([taken('1', 5, once(2))])).toEqual({
      state: 'known',
      value: 2,
      unit: 'g',
      evidence: [expect.objectContaining({ reference: 'MedicationRequest/1' })],
    });
  });

  it.each<[string, Medication[], [number, number]]>([
    ['a statement alone counts in full', [taken('1', 5, once(12), { statement: true })], [12, 12]],
    [
      'steps follow their numbers, in whatever order they came',
      [ordered('1', rate(0.5, { sequence: 2 }), rate(0.25, { sequence: 1, runsHours: 48 }))],
      [24, 24],
    ],
    [
      'steps of therapy that began nobody knows when: none is certain',
      [therapy('1', sulfate, iv([once(4, { sequence: 1 }), once(2, { sequence: 2 })]))],
      [0, 6],
    ],
    [
      '4 g every 47 hours: two of them lie in one window, which begins with a dose',
      [taken('1', 96, grams(4, { timesADay: 24 / 47, runsHours: 150 }))],
      [8, 8],
    ],
    [
      'of the windows that hold most, one ends with an infusion',
      [
        taken('1', 60, rate(1, { runsHours: 70 })),
        taken('2', 37, once(4)),
        taken('3', null, once(4), { started: span(-9) }),
      ],
      [56, 56],
    ],
    [
      'a date without a time may lie inside or before',
      [
        taken('1', null, once(6), {
          started: { from: Date.parse('2026-01-29'), to: Date.parse('2026-01-30') - 1 },
        }),
        ordered('2', once(1)),
      ],
      [1, 7],
    ],
    [
      'of a combination the drugs that are meant',
      [
        order('1', ['magnesium sulfate', 'aspirin'], {
          route: 'parenteral',
          dosing: {
            instructions: [{ doses: [{ value: 2, unit: 'piece' }], count: 1 }],
            strengths: [
              { ingredient: 'magnesium sulfate', gramsAPiece: 0.5 },
              { ingredient: 'aspirin', gramsAPiece: 0.1 },
            ],
          } satisfies Dosing,
        }),
      ],
      [1, 1],
    ],
  ])('%s', (_, medications, expected) => expect(sumOf(medications)).toEqual(expected));

  it.each<[string, Partial<Dosing['instructions'][number]>[], [number, number]]>([
    ['12 g at least, if the second never comes', [rate(0.25), rate(0.5)], [12, 36]],
    ['12 g at least, if the second comes at once', [rate(0.5), rate(0.25)], [12, 36]],
    ['after 4 g', [once(4), rate(0.25), rate(0.5)], [16, 40]],
    ['the second for some hours only', [rate(0.25), rate(0.5, { runsHours: 10 })], [5, 17]],
    ['a dose that is not said to be one is given once at least', [grams(4), rate(0.25)], [16, open]],
    ['of three the least', [rate(1), rate(0.25), rate(0.5)], [12, 84]],
  ])('of a step without an end nobody knows when the next one comes: %s', (_, some, expected) => {
    const numbered = some.map((step, sequence) => ({ ...step, sequence }));
    expect(sumOf([ordered('1', ...numbered)])).toEqual(expected);
  });

  const steps = (...instructions: Instruction[]) =>
    instructions.map((instruction, sequence) => ({ sequence, ...instruction }));
  it.each<[string, Medication[], [number, number]]>([
    [
      'a step begins when all of the one before it is over',
      [
        ordered(
          '1',
          ...steps(rate(0.25, { runsHours: 40 }), once(4, { sequence: 0 }), rate(1, { runsHours: 20 })),
        ),
      ],
      [27, 27],
    ],
    [
      'a dose beside an infusion without an end is part of its step',
      [ordered('1', ...steps(grams(4), rate(1, { sequence: 0 }), rate(0.25)))],
      [12, open],
    ],
    [
      'what has been running, nobody knows since when, was given before now and is given after it',
      [taken('1', null, rate(1)), ordered('2', rate(2, { runsHours: 24 }))],
      [72, 96],
    ],
    [
      'of steps that run on, the least of yesterday counts beside the order of today',
      [
        therapy('1', sulfate, iv(steps(rate(0.5), rate(0.25)), { started: span(30) })),
        ordered('2', rate(2, { runsHours: 24 })),
      ],
      [54, 84],
    ],
  ])('%s', (_, medications, expected) => expect(sumOf(medications)).toEqual(expected));

  it('of orders alone leaves out what is over', () => {
    const over = taken('1', 5, once(6), { role: 'inactive', status: 'completed', over: true });
    expect(sumOf([over, ordered('2', once(1))])).toEqual([7, 7]);
    expect(sumOf([over, ordered('2', once(1))], { role: 'ordered' })).toEqual([1, 1]);
    expect(sumOf([over, taken('2', 5, once(1))], { role: 'active' })).toEqual([7, 7]);
  });

  it('is left open by a drug that was not recognised', () => {
    const unrecognised = therapy('1', [], { route: 'parenteral' });
    expect(sumOf([unrecognised, ordered('2', once(1))])).toEqual([1, open]);
    expect(sumOf([{ ...unrecognised, route: 'oral' }, ordered('2', once(1))])).toEqual([1, 1]);
  });

  it('is not left open by what is over and has no route', () => {
    const unclear = { route: null };
    expect(sumOf([taken('1', 5, once(6), { ...unclear, role: 'inactive', over: true })])).toEqual([0, 0]);
    expect(sumOf([taken('1', 5, once(6), unclear)])).toContain(
      'the route of magnesium sulfate, MedicationRequest/1, is not stated',
    );
  });

  it.each<[string, Medication[], string, string[]]>([
    [
      'no dosage',
      [therapy('1', sulfate, { route: 'parenteral' })],
      'how much MedicationRequest/1 delivers is not stated',
      ['1'],
    ],
    [
      'no dose in two of them',
      [ordered('1', {}), ordered('2', {})],
      'how much MedicationRequest/1, MedicationRequest/2 delivers is not stated',
      ['1', '2'],
    ],
    [
      'more doses than are added up',
      [ordered('1', ...Array.from({ length: 201 }, () => once(1)))],
      'too many doses to add up',
      [],
    ],
  ])('%s: missing', (_, medications, why, evidence) =>
    expect(asked(medications)).toEqual({
      state: 'missing',
      cause: 'unresolved',
      missing: `${what} (${why})`,
      evidence: evidence.map((id) => expect.objectContaining({ reference: `MedicationRequest/${id}` })),
    }),
  );
});
