import { describe, expect, it } from 'vitest';
import type { Amount } from '../../../rules/dosage/amounts.ts';
import type { Instruction } from '../../../rules/dosage/dosing.ts';
import { type Course, deliveryOf, gramsBetween } from '../../../rules/dosage/timeline.ts';
import { productOf } from '../../support/dosages.ts';

describe('what an instruction delivers in the 48 hours before now and after it, in grams', () => {
  const hour = 3_600_000;
  const now = 1000 * hour;
  const product = productOf([]);
  const course: Course = { start: null, end: null, over: false, at: now };
  const g = (value: number): Amount => ({ value, unit: 'g' });
  const open = Number.POSITIVE_INFINITY;
  /** [least before, least after, most before, most after]; no least is 0. */
  const around = (instruction: Instruction, when: Partial<Course>): number[] => {
    const { least, most } = deliveryOf(instruction, product, { ...course, ...when });
    const between = (from: number, to: number): [number, number] => [
      least === null ? 0 : gramsBetween(least, from, to, 'least'),
      most === 'unbounded' ? open : gramsBetween(most, from, to, 'most'),
    ];
    const [before, after] = [between(now - 48 * hour, now), between(now, now + 48 * hour)];
    return [before[0], after[0], before[1], after[1]];
  };
  const rate = [g(1)];
  const doses = [g(2)];

  it.each<[string, Instruction, Partial<Course>, number[]]>([
    ['1 g/h from now on', { perHour: rate }, { start: now }, [0, 48, 0, 48]],
    ['1 g/h that ended 60 hours ago', { perHour: rate }, { start: 0, end: now - 60 * hour }, [0, 0, 0, 0]],
    ['1 g/h, since nobody knows when', { perHour: rate }, {}, [48, 48, 48, 48]],
    [
      '1 g/h, since nobody knows when, for 10 hours more',
      { perHour: rate },
      { end: now + 10 * hour },
      [0, 0, 48, 10],
    ],
    ['1 g/h for 12 hours, since nobody knows when', { perHour: rate, runsHours: 12 }, {}, [0, 0, 12, 12]],
    [
      'at most 12 g a day for 12 hours, since nobody knows when',
      { mostADay: [g(12)], runsHours: 12 },
      {},
      [0, 0, 6, 6],
    ],
    ['1 g/h for 12 hours that are over', { perHour: rate, runsHours: 12 }, { over: true }, [0, 0, 12, 0]],
    [
      '1 g/h twice a day, nobody says how long',
      { perHour: rate, timesADay: 2 },
      { start: now },
      [0, 0, 0, 48],
    ],
    ['1 g/h once, nobody says how long', { perHour: rate, count: 1 }, { start: now }, [0, 0, 0, 48]],
    [
      '4 hours of 1 g/h twice a day',
      { perHour: rate, hours: 4, timesADay: 2 },
      { start: now },
      [0, 16, 0, 16],
    ],
    [
      '2 g every 32 hours, since nobody knows when: on average, and the most that can fall inside',
      { doses, timesADay: 0.75 },
      {},
      [3, 3, 4, 4],
    ],
    [
      '3 doses of 2 g twice a day, not over, since nobody knows when: perhaps all before, perhaps all after',
      { doses, timesADay: 2, count: 3 },
      {},
      [0, 0, 6, 6],
    ],
    [
      'the same with an end 10 hours from now: one of them is after at most',
      { doses, timesADay: 2, count: 3 },
      { end: now + 10 * hour },
      [0, 0, 6, 2],
    ],
    [
      '3 doses of 2 g twice a day that are over',
      { doses, timesADay: 2, count: 3 },
      { over: true },
      [0, 0, 6, 0],
    ],
    ['2 g, at 1 g/h, nobody says how often', { doses, perHour: rate }, { start: now }, [0, 2, 0, 48]],
    ['2 g, nobody says how often', { doses }, { start: now }, [0, 2, open, open]],
    ['once 4 hours, nobody says of what', { hours: 4, count: 1 }, { start: now }, [0, 0, open, open]],
    ['3 times, nobody says of what', { count: 3 }, { start: now }, [0, 0, open, open]],
    ['at most 12 g a day and nothing else', { mostADay: [g(12)] }, { start: now }, [0, 0, 0, 24]],
    ['the same for 12 hours', { mostADay: [g(12)], runsHours: 12 }, { start: now }, [0, 0, 0, 6]],
    ['nothing said', {}, { start: now }, [0, 0, open, open]],
    [
      '2 g a day since 10 hours, completed nobody knows when: perhaps before',
      { doses, timesADay: 1 },
      { start: now - 10 * hour, over: true },
      [0, 0, 2, 0],
    ],
    [
      '2 g once 10 hours ago, completed',
      { doses, timesADay: 1, count: 1 },
      { start: now - 10 * hour, over: true },
      [2, 0, 2, 0],
    ],
    // A rate over so many hours is that dose: once at least, and how often is not said.
    ['4 g to 20 min', { perHour: [g(12)], overHours: 1 / 3 }, { start: now }, [0, 4, 0, 576]],
    [
      '4 g to 20 min, twice a day',
      { perHour: [g(12)], overHours: 1 / 3, timesADay: 2 },
      { start: now },
      [0, 16, 0, 16],
    ],
    ['4 g to 20 min, once', { perHour: [g(12)], overHours: 1 / 3, count: 1 }, { start: now }, [0, 4, 0, 4]],
    [
      '4 g to 20 min, over 20 min',
      { perHour: [g(12)], overHours: 1 / 3, hours: 1 / 3, count: 1 },
      { start: now },
      [0, 4, 0, 4],
    ],
    [
      '4 g to 20 min, over 24 hours: once, or all the time',
      { perHour: [g(12)], overHours: 1 / 3, hours: 24, count: 1 },
      { start: now },
      [0, 4, 0, 288],
    ],
    ['2 g once over 4 hours, nobody knows when', { doses, count: 1, hours: 4 }, {}, [0, 0, 2, 2]],
  ])('%s', (_, instruction, when, expected) => {
    expect(around(instruction, when)).toEqual(expected);
  });

  it.each<[string, Instruction, Partial<Course>, number]>([
    ['of a rate without an end, never', { perHour: rate }, {}, open],
    ['of a rate for 12 hours, then', { perHour: rate, runsHours: 12 }, {}, 12],
    ['of doses without a number, never', { doses, timesADay: 2 }, {}, open],
    ['of 3 doses twice a day, with the last', { doses, timesADay: 2, count: 3 }, {}, 24],
    ['of 3 doses of an hour, after the last', { doses, timesADay: 2, count: 3, hours: 1 }, {}, 25],
    [
      'of 3 doses with a stated end, no later than that',
      { doses, timesADay: 2, count: 3 },
      { end: now + 6 * hour },
      6,
    ],
    ['of something nobody can bound, never', { doses }, {}, open],
    ['of 2 g at 4 g/h, by the rate', { doses, perHour: [g(4)] }, {}, 0.5],
    ['of 2 g at 4 g/h once, by the rate', { doses, perHour: [g(4)], count: 1 }, {}, 0.5],
    ['of 2 g at 4 g/h for 12 hours, then', { doses, perHour: [g(4)], runsHours: 12 }, {}, 12],
    ['of 2 g at 0 g/h, never', { doses, perHour: [g(0)] }, {}, open],
    ['of 2 g at 4 g/h since nobody knows when, never', { doses, perHour: [g(4)] }, { start: null }, open],
    ['of 4 g to 20 min, after 20 minutes', { perHour: [g(12)], overHours: 1 / 3 }, {}, 1 / 3],
  ])('the end %s', (_, instruction, when, expected) => {
    const { end } = deliveryOf(instruction, product, { ...course, start: now, ...when });
    expect((end - now) / hour).toBeCloseTo(expected, 6);
  });
});
