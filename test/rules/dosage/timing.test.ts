import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { scheduleOf } from '../../../rules/dosage/timing.ts';
import { asObject } from '../../../rules/fhir/json.ts';
import { toTwelveDigits } from '../../../rules/terminology/units.ts';
import { daily, type Resource } from '../../support/dosages.ts';

describe('times a day', () => {
  const gts = 'http://terminology.hl7.org/CodeSystem/v3-GTSAbbreviation';
  const coded = (code: string, more: Resource = {}): Resource => ({
    code: { coding: [{ system: gts, code, ...more }] },
  });
  const said = (text: string): Resource => ({ code: { text } });
  const repeat = (value: Resource): Resource => ({ repeat: value });
  const perDay = (more: Resource): Resource => repeat({ frequency: 1, period: 1, periodUnit: 'd', ...more });
  it.each<[string, unknown, number | null]>([
    ['2 times a day', daily(2), 2],
    ['every 8 hours', daily(1, 8, 'h'), 3],
    ['every 4 to 6 hours is every 4', repeat({ frequency: 1, period: 4, periodMax: 6, periodUnit: 'h' }), 6],
    ['1 to 3 times a day is 3', perDay({ frequencyMax: 3 }), 3],
    ['every other day', daily(1, 2), 0.5],
    ['once a week', daily(1, 1, 'wk'), 0.142857142857],
    ['a period without a frequency is once in it', repeat({ period: 12, periodUnit: 'h' }), 2],
    ['a frequency without a period', repeat({ frequency: 2 }), null],
    ['a period without a unit', repeat({ frequency: 2, period: 1 }), null],
    ['a period of 0', repeat({ frequency: 2, period: 0, periodUnit: 'd' }), null],
    ['a frequency that is a string', perDay({ frequency: '2' }), null],
    ['morning and evening', repeat({ when: ['MORN', 'EVE'] }), 2],
    ['once a day, morning and evening', perDay({ when: ['MORN', 'EVE'] }), 2],
    ['twice a day, with breakfast', perDay({ frequency: 2, when: ['CM'] }), 2],
    ['3 times a day before meals', perDay({ frequency: 3, when: ['AC'] }), 3],
    ['before meals, however many those are', repeat({ when: ['AC'] }), null],
    ['at an event of no list', repeat({ when: ['XYZ'] }), null],
    ['at 08:00 and 20:00', repeat({ timeOfDay: ['08:00:00', '20:00:00'] }), 2],
    ['once a day, at 08:00 and 20:00', perDay({ timeOfDay: ['08:00:00', '20:00:00'] }), 2],
    [
      'every 8 hours, at 3 times',
      repeat({ frequency: 1, period: 8, periodUnit: 'h', timeOfDay: ['06:00', '14:00', '22:00'] }),
      3,
    ],
    ['on Monday and Thursday', repeat({ dayOfWeek: ['mon', 'thu'] }), 0.285714285714],
    [
      'once a day on Monday, Wednesday and Friday',
      perDay({ dayOfWeek: ['mon', 'wed', 'fri'] }),
      0.428571428571,
    ],
    [
      '3 times a week on 3 days',
      repeat({ frequency: 3, period: 1, periodUnit: 'wk', dayOfWeek: ['mon', 'wed', 'fri'] }),
      0.428571428571,
    ],
    [
      'once a week on 2 days is twice',
      repeat({ frequency: 1, period: 1, periodUnit: 'wk', dayOfWeek: ['mon', 'thu'] }),
      0.285714285714,
    ],
    [
      'on 2 days at 2 times',
      repeat({ dayOfWeek: ['mon', 'thu'], timeOfDay: ['08:00', '20:00'] }),
      0.571428571429,
    ],
    ['1 dose in all', repeat({ count: 1 }), 1],
    ['3 doses in all, nobody knows when', repeat({ count: 3 }), null],
    ['3 doses in all, 6 times a day', repeat({ count: 3, frequency: 6, period: 1, periodUnit: 'd' }), 3],
    ['4 hours long, with no word about again', repeat({ duration: 4, durationUnit: 'h' }), 1],
    ['on one date', { event: ['2026-01-31T10:00:00Z'] }, 1],
    [
      'on 3 dates, 2 of them of one day',
      { event: ['2026-01-31T10:00:00Z', '2026-01-31T22:00:00Z', '2026-02-01'] },
      2,
    ],
    ['on 3 dates a week apart', { event: ['2026-01-31', '2026-02-07', '2026-02-14'] }, 0.142857142857],
    ['on 3 dates, 2 of them days in a row', { event: ['2026-02-07', '2026-01-31', '2026-02-08'] }, 1],
    ['in 2 months, no day named', { event: ['2026-01', '2026-02'] }, 1],
    ...(
      [
        ['QD', 1],
        ['BID', 2],
        ['TID', 3],
        ['QID', 4],
        ['QOD', 0.5],
        ['AM', 1],
        ['PM', 1],
        ['BED', 1],
        ['WK', 0.142857142857],
        ['MO', 0.0333333333333],
        ['Q1H', 24],
        ['Q2H', 12],
        ['Q3H', 8],
        ['Q4H', 6],
        ['Q6H', 4],
        ['Q8H', 3],
        ['Q12H', 2],
      ] as const
    ).map(([code, times]): [string, unknown, number] => [`the code ${code}`, coded(code), times]),
    ...(
      [
        ['BID', 2],
        ['b.i.d.', 2],
        ['twice daily', 2],
        ['Two times a day', 2],
        ['2 times daily', 2],
        ['2x daily', 2],
        ['once daily', 1],
        ['Daily', 1],
        ['every 12 hours', 2],
        ['q8h', 3],
        ['Q 6 H PRN', 4],
        ['every 4-6 hours as needed', 6],
        ['every 4 to 6 hours', 6],
        ['every 3 days', 0.333333333333],
        ['at bedtime', 1],
        ['once a week', 0.142857142857],
        ['weekly', 0.142857142857],
        ['tds', 3],
        ['every other day', 0.5],
        ['once', 1],
        ['STAT', 1],
        ['twice  daily', 2],
        ['(daily )', 1],
        ['twice weekly', 0.285714285714],
        ['three times a week', 0.428571428571],
        ['12 times a day', 12],
        ['1 time a day', 1],
        ['every 1 hour', 24],
        ['every 10 to 12 hours', 2.4],
        ['q12hrs', 2],
        ['every 1 day', 1],
        ['every 2 weeks', 0.0714285714286],
        ['every 1 week', 0.142857142857],
        ['AM', 1],
        ['wk', 0.142857142857],
        ['take every 8 hours', null],
        ['every 8 hours with food', 3],
        ['take twice daily', null],
        ['twice daily with food', 2],
        [`twice${' '.repeat(50)}daily`, 2],
        [`twice${' '.repeat(51)}daily`, null],
        ['with meals', null],
        ['2', null],
        ['as directed', null],
      ] as const
    ).map(([text, times]): [string, unknown, number | null] => [`the text \`${text}\``, said(text), times]),
    [
      'a local code with the display BID',
      { code: { coding: [{ system: 'urn:oid:1.2', code: '200001', display: 'BID' }] } },
      2,
    ],
    [
      'twice a day of SNOMED CT',
      { code: { coding: [{ system: 'http://snomed.info/sct', code: '229799001' }] } },
      2,
    ],
    ['a code and its display', coded('BID', { display: 'BID' }), 2],
    ['a code that its display contradicts', coded('BID', { display: 'three times daily' }), null],
    ['BID beside the same in figures', { ...coded('BID'), ...daily(1, 12, 'h') }, 2],
    ['BID beside once a day', { ...coded('BID'), ...daily(1) }, null],
    ['a text that says nothing beside twice a day', { ...said('with food'), ...daily(2) }, 2],
    ['once beside once a day', { ...said('once'), ...daily(1) }, 1],
    ['once beside twice a day', { ...said('once'), ...daily(2) }, null],
    ['a text that counts no hours beside twice a day', { ...said('every 0 hours'), ...daily(2) }, 2],
    ['a text that counts no times beside twice a day', { ...said('0 times a day'), ...daily(2) }, 2],
    ['the display of a coding without a code', { code: { coding: [{ display: 'BID' }] } }, 2],
    ['a code whose display says nothing', coded('BID', { display: 'as directed' }), 2],
    ['a display that is itself a code', { code: { coding: [{ code: 'x', display: 'PM' }] } }, 1],
    ['BID beside a period without a unit', { ...coded('BID'), repeat: { frequency: 1, period: 1 } }, 2],
    ['BID beside a unit without a period', { ...coded('BID'), repeat: { frequency: 1, periodUnit: 'd' } }, 2],
    ['BID beside a frequency of 0', { ...coded('BID'), ...daily(0) }, 2],
    ['a period without a unit', repeat({ frequency: 2, period: 1 }), null],
    ['a unit without a period', repeat({ frequency: 2, periodUnit: 'd' }), null],
    ['a period without a unit, at 08:00', repeat({ period: 1, timeOfDay: ['08:00:00'] }), null],
    ['a unit without a period, at 08:00', repeat({ periodUnit: 'd', timeOfDay: ['08:00:00'] }), null],
    ['in the morning, not as a list', repeat({ when: 'MORN' }), 1],
    ['at 08:00, with an empty list of events', repeat({ when: null, timeOfDay: ['08:00:00'] }), 1],
    [
      'once or twice on Mondays',
      repeat({ frequency: 1, frequencyMax: 2, dayOfWeek: ['mon'] }),
      0.285714285714,
    ],
    [
      'morning and evening of one day a week',
      repeat({ period: 1, periodUnit: 'wk', when: ['MORN', 'EVE'] }),
      0.285714285714,
    ],
    [
      'morning and evening on 2 days a week',
      repeat({ period: 1, periodUnit: 'wk', dayOfWeek: ['mon', 'thu'], when: ['MORN', 'EVE'] }),
      0.571428571429,
    ],
    [
      'morning and evening of every other day',
      repeat({ frequency: 1, period: 2, periodUnit: 'd', when: ['MORN', 'EVE'] }),
      1,
    ],
    [
      'every 2 days, beside a day of the week',
      repeat({ period: 2, periodUnit: 'd', dayOfWeek: ['mon'] }),
      0.5,
    ],
    ['a million times a day, beyond all measure', daily(1e6), null],
    ['no timing', undefined, null],
    ['timing that is a text', 'twice daily', null],
  ])('%s', (_, timing, expected) => {
    const { timesADay: times } = scheduleOf(timing);
    expect(times && toTwelveDigits(times)).toBe(expected);
  });

  it('a code and figures may say how long and how many at once', () => {
    const timing = {
      code: { text: 'BID' },
      repeat: { boundsDuration: { value: 5, code: 'd' }, count: 10, duration: 30, durationUnit: 'min' },
    };
    expect(scheduleOf(timing)).toMatchObject({ timesADay: 2, count: 10, runsHours: 120, hours: 0.5 });
  });

  it.each<[string, unknown, number | null]>([
    ['4 hours long, with no word about again', {}, 1],
    ['4 hours long, with an empty code', { code: {} }, 1],
    ['4 hours long, as directed', said('as directed'), null],
    ['4 hours long, with a code of no list', coded('X'), null],
    ['4 hours long, twice a day', coded('BID'), null],
    ['4 hours long, 3 doses in all', { repeat: { count: 3 } }, 3],
    ['4 hours long, a count of 0', { repeat: { count: 0 } }, 1],
    ['4 hours long, on one date beside an empty one', { event: [null, '2026-01-31'] }, 1],
    ['4 hours long, on 2 dates', { event: ['2026-01-31', '2026-02-01'] }, 2],
  ])('doses in all: %s', (_, timing, expected) => {
    const more = asObject(asObject(timing)?.repeat) ?? {};
    const whole = { ...asObject(timing), repeat: { duration: 4, durationUnit: 'h', ...more } };
    expect(scheduleOf(whole).count).toBe(expected);
  });

  it('the shorter duration of a dose counts, else the longer', () => {
    const hours = (one: Resource) => scheduleOf(repeat({ durationUnit: 'h', ...one })).hours;
    expect(hours({ duration: 1, durationMax: 2 })).toBe(1);
    expect(hours({ durationMax: 2 })).toBe(2);
  });

  it('is positive and finite, or null, for anything in repeat', () => {
    const number = fc.oneof(fc.double(), fc.integer(), fc.constant('1'), fc.constant(null));
    const unit = fc.constantFrom('h', 'd', 'wk', 'mo', 'a', 'x', '');
    const value = fc.record(
      {
        frequency: number,
        frequencyMax: number,
        period: number,
        periodMax: number,
        periodUnit: unit,
        count: number,
        when: fc.array(fc.constantFrom('MORN', 'EVE', 'AC', 'x'), { maxLength: 3 }),
        timeOfDay: fc.array(fc.constantFrom('08:00', '20:00'), { maxLength: 3 }),
        dayOfWeek: fc.array(fc.constantFrom('mon', 'tue'), { maxLength: 2 }),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(value, (one) => {
        const { timesADay: times } = scheduleOf({ repeat: one });
        return times === null || (times > 0 && !Number.isNaN(times));
      }),
    );
  });
});
