/**
 * Dose, rate and how often: from FHIR Dosage (https://hl7.org/fhir/R4/dosage.html) to facts; number of drugs,
 * allergy to an order and duplicate of an order.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildChart } from '../../../rules/chart/chart.ts';
import {
  type Amount,
  amountADay,
  amountOf,
  hoursOf,
  rateOf,
  rateOfRatio,
} from '../../../rules/dosage/amounts.ts';
import {
  fastestRate,
  gramsADay,
  largestDose,
  type Product,
  timesADay,
} from '../../../rules/dosage/compute.ts';
import { type Instruction, isInfusion, readDosing } from '../../../rules/dosage/dosing.ts';
import { type Strength, strengthsOf, strengthsOfMedication } from '../../../rules/dosage/strength.ts';
import { type Course, deliveredBy, gramsBetween } from '../../../rules/dosage/timeline.ts';
import { scheduleOf } from '../../../rules/dosage/timing.ts';
import type { Fact } from '../../../rules/facts/fact.ts';
import { createContext, prepareFact } from '../../../rules/facts/facts.ts';
import { asObject } from '../../../rules/fhir/json.ts';
import { intakeOfHook } from '../../../rules/intake/intake.ts';
import { conditionProblems, type FactName } from '../../../rules/rule/document.ts';
import { ingredientByName } from '../../../rules/terminology/drugs/ingredients.ts';
import { toTwelveDigits } from '../../../rules/terminology/units.ts';
import { at, searchset } from '../../support/hook-requests.ts';

type Resource = Record<string, unknown>;

const ucum = 'http://unitsofmeasure.org';
const mg = (value: number) => ({ value, unit: 'mg', code: 'mg', system: ucum });
const daily = (frequency: number, period = 1, periodUnit = 'd'): Resource => ({
  repeat: { frequency, period, periodUnit },
});
const dose = (quantity: Resource, timing: Resource | undefined, more: Resource = {}): Resource => ({
  ...(timing ? { timing } : {}),
  doseAndRate: [{ doseQuantity: quantity }],
  ...more,
});

// --- Amounts -----------------------------------------------------------------------------------------------

describe('an amount', () => {
  it.each<[string, Resource, [number, string] | null]>([
    ['500 mg', { value: 500, unit: 'mg', code: 'mg', system: ucum }, [0.5, 'g']],
    ['500 mg by its text alone', { value: 500, unit: 'mg' }, [0.5, 'g']],
    ['2 grams', { value: 2, unit: 'grams' }, [2, 'g']],
    ['75 µg with the micro sign', { value: 75, unit: '\u00b5g' }, [0.000075, 'g']],
    ['75 μg with the Greek letter', { value: 75, unit: '\u03bcg' }, [0.000075, 'g']],
    ['75 mcg', { value: 75, code: 'mcg' }, [0.000075, 'g']],
    ['500 MG as a text', { value: 500, unit: 'MG' }, [0.5, 'g']],
    ['500 Mg, a megagram', { value: 500, unit: 'Mg' }, null],
    ['5 G, a gauss', { value: 5, unit: 'G' }, null],
    ['5 mL', { value: 5, unit: 'mL', code: 'mL', system: ucum }, [5, 'mL']],
    ['0.5 L', { value: 0.5, code: 'L', system: ucum }, [500, 'mL']],
    ['1 mg/kg', { value: 1, unit: 'mg/kg', code: 'mg/kg', system: ucum }, [0.001, 'g/kg']],
    [
      '1 mg/kilogram beside the code mg/kg',
      { value: 1, unit: 'mg/kilogram', code: 'mg/kg', system: ucum },
      [0.001, 'g/kg'],
    ],
    ['15 mg/kg/d, a dose of a day', { value: 15, code: 'mg/kg/d', system: ucum }, null],
    ['100 mg/m2', { value: 100, unit: 'mg/m2', code: 'mg/m2', system: ucum }, null],
    ['5000 U', { value: 5000, unit: 'U', code: 'U', system: ucum }, null],
    ['10 meq', { value: 10, code: 'meq', system: ucum }, null],
    ['2 {tbl}', { value: 2, code: '{tbl}', system: ucum }, [2, 'piece']],
    ['1 {pill} without a text', { value: 1, code: '{pill}', system: ucum }, [1, 'piece']],
    ['2 tbl with a text', { value: 2, unit: 'tablet', code: 'tbl', system: ucum }, [2, 'piece']],
    ['1 of `1`, called Tablette', { value: 1, unit: 'Tablette', code: '1', system: ucum }, [1, 'piece']],
    ['1 of `1`, called nothing', { value: 1, code: '1', system: ucum }, null],
    [
      '1 TAB',
      {
        value: 1,
        unit: 'TAB',
        code: 'TAB',
        system: 'http://terminology.hl7.org/CodeSystem/v3-orderableDrugForm',
      },
      [1, 'piece'],
    ],
    [
      '1 ERTAB',
      { value: 1, code: 'ERTAB', system: 'http://terminology.hl7.org/CodeSystem/v3-orderableDrugForm' },
      [1, 'piece'],
    ],
    [
      '2 PUFF',
      { value: 2, code: 'PUFF', system: 'http://terminology.hl7.org/CodeSystem/v3-orderableDrugForm' },
      null,
    ],
    [
      '3 tablets of SNOMED CT',
      { value: 3, unit: 'tablet', code: '732936001', system: 'http://snomed.info/sct' },
      [3, 'piece'],
    ],
    [
      'a tablet of EDQM without a text',
      { value: 1, code: '15054000', system: 'http://standardterms.edqm.eu' },
      [1, 'piece'],
    ],
    [
      'a tablet by its code and mg by its text',
      { value: 3, unit: 'mg', code: '732936001', system: 'http://snomed.info/sct' },
      null,
    ],
    [
      'an unknown code of SNOMED CT with the text mg',
      { value: 3, unit: 'mg', code: '1234567', system: 'http://snomed.info/sct' },
      [0.003, 'g'],
    ],
    ['mg by its code and mL by its text', { value: 3, unit: 'mL', code: 'mg', system: ucum }, null],
    ['an unknown UCUM code with the text mg', { value: 3, unit: 'mg', code: 'x', system: ucum }, null],
    ['500 without a unit', { value: 500 }, null],
    ['a puff', { value: 1, unit: 'puff' }, null],
    ['less than 5 mg', { value: 5, unit: 'mg', comparator: '<' }, null],
    ['-5 mg', { value: -5, unit: 'mg' }, null],
    ['`5` as a string', { value: '5', unit: 'mg' }, null],
    ['a unit that every object has', { value: 5, unit: 'constructor' }, null],
    ['1 of {dose}, called tablet', { value: 1, unit: 'tablet', code: '{dose}', system: ucum }, [1, 'piece']],
    ['2 {tablet} as a text', { value: 2, unit: '{tablet}' }, [2, 'piece']],
    ['thousands of tablets', { value: 2, code: '10*3{tbl}', system: ucum }, null],
    ['thousands of tablets as a text', { value: 2, unit: '10*3{tbl}' }, null],
    ['tablet-days', { value: 2, code: '{tbl}.d', system: ucum }, null],
    ['tablet-days as a text', { value: 2, unit: '{tbl}.d' }, null],
    [
      'a volume with an annotation, called tablet',
      { value: 1, unit: 'tablet', code: 'mL{total}', system: ucum },
      null,
    ],
    ['an annotated product, called tablet', { value: 1, unit: 'tablet', code: '{x}.mL', system: ucum }, null],
    ['mg by its text, with an empty code', { value: 5, unit: 'mg', code: ' ', system: ucum }, [0.005, 'g']],
    ['mg between blanks', { value: 5, unit: ' mg ' }, [0.005, 'g']],
    ['mg / kg with blanks', { value: 5, unit: 'mg / kg' }, [0.005, 'g/kg']],
    ['MG as a UCUM code, where case counts', { value: 5, code: 'MG', system: ucum }, null],
    ['a code of no system with the text mg', { value: 5, unit: 'mg', code: 'x' }, [0.005, 'g']],
    ['mg per 10 kg', { value: 5, code: 'mg/10.kg', system: ucum }, null],
    ['mg per kilogram-hour', { value: 5, code: 'mg/kg.h', system: ucum }, null],
    ['a million tonnes', { value: 1e12, unit: 'g' }, null],
    [
      'mg of SNOMED CT without a code',
      { value: 5, unit: 'mg', system: 'http://snomed.info/sct' },
      [0.005, 'g'],
    ],
  ])('%s', (_, quantity, expected) => {
    const amount = amountOf(quantity);
    expect(amount && [amount.value, amount.unit]).toEqual(expected);
  });

  it.each<[string, unknown, [number, string] | null]>([
    ['1 g/h', { value: 1, code: 'g/h' }, [1, 'g']],
    ['150 mg/min', { value: 150, unit: 'mg/min' }, [9, 'g']],
    ['25 mL/h', { value: 25, unit: 'mL/h', code: 'mL/h', system: ucum }, [25, 'mL']],
    ['25 ml/hr', { value: 25, code: 'ml/hr', system: ucum }, [25, 'mL']],
    ['10 mg/kg/h', { value: 10, code: 'mg/kg/h', system: ucum }, [0.01, 'g/kg']],
    ['10 mg/h/kg', { value: 10, code: 'mg/h/kg', system: ucum }, [0.01, 'g/kg']],
    ['2 ug/kg/min', { value: 2, unit: 'ug/kg/min' }, [0.00012, 'g/kg']],
    ['1 mL/kg/h', { value: 1, code: 'mL/kg/h', system: ucum }, null],
    ['1 {tbl}/h', { value: 1, code: '{tbl}/h', system: ucum }, null],
    ['5 min', { value: 5, code: 'min', system: ucum }, null],
    ['10 mg/kg', { value: 10, code: 'mg/kg', system: ucum }, null],
    ['10 mg/h/h', { value: 10, code: 'mg/h/h', system: ucum }, null],
    ['10 mg/kg/kg/h', { value: 10, code: 'mg/kg/kg/h', system: ucum }, null],
    ['10 mg / kg / h with blanks', { value: 10, unit: 'mg / kg / h' }, [0.01, 'g/kg']],
    ['25 mL/h, called mL', { value: 25, unit: 'mL', code: 'mL/h', system: ucum }, [25, 'mL']],
  ])('a rate of %s', (_, quantity, expected) => {
    const rate = rateOf(quantity);
    expect(rate && [rate.value, rate.unit]).toEqual(expected);
  });

  it.each<[string, Resource, [number, string] | null]>([
    ['4 g to 1 d', { numerator: { value: 4, unit: 'g' }, denominator: { value: 1, code: 'd' } }, [4, 'g']],
    [
      '3 tablets to 24 h',
      { numerator: { value: 3, unit: 'tablets' }, denominator: { value: 24, code: 'h' } },
      [3, 'piece'],
    ],
    ['1 g to 12 h', { numerator: { value: 1, unit: 'g' }, denominator: { value: 12, code: 'h' } }, [2, 'g']],
    [
      '15 mg to 1 wk',
      { numerator: { value: 15, unit: 'mg' }, denominator: { value: 1, code: 'wk' } },
      [0.00214285714286, 'g'],
    ],
    ['3 without a unit to 1 d', { numerator: { value: 3 }, denominator: { value: 1, code: 'd' } }, null],
    ['4 g to nothing', { numerator: { value: 4, unit: 'g' } }, null],
  ])('a limit of %s', (_, ratio, expected) => {
    const amount = amountADay(ratio);
    expect(amount && [amount.value, amount.unit]).toEqual(expected);
  });

  it.each<[string, unknown, [number, string] | null]>([
    ['2 g to 4 h', { numerator: { value: 2, unit: 'g' }, denominator: { value: 4, code: 'h' } }, [0.5, 'g']],
    [
      '50 mL to 30 min',
      { numerator: { value: 50, unit: 'mL' }, denominator: { value: 30, code: 'min' } },
      [100, 'mL'],
    ],
    [
      '2 tablets to 1 h',
      { numerator: { value: 2, code: '{tbl}' }, denominator: { value: 1, code: 'h' } },
      null,
    ],
    ['2 g to 0 h', { numerator: { value: 2, unit: 'g' }, denominator: { value: 0, code: 'h' } }, null],
    ['no ratio', null, null],
  ])('a rate as a ratio of %s', (_, ratio, expected) => {
    const rate = rateOfRatio(ratio);
    expect(rate && [rate.value, rate.unit]).toEqual(expected);
  });

  it('a limit that is null is none', () => {
    expect(amountADay(null)).toBeNull();
  });

  it.each<[string, unknown, number | null]>([
    ['90 min', { value: 90, code: 'min', system: ucum }, 1.5],
    ['2 days by the text', { value: 2, unit: ' Days ' }, 48],
    ['1 month, of 30 days', { value: 1, code: 'mo', system: ucum }, 720],
    ['1 year, of 365 days', { value: 1, code: 'a', system: ucum }, 8760],
    ['0.36 s, the shortest that counts', { value: 0.36, code: 's', system: ucum }, 0.0001],
    ['0.3 s', { value: 0.3, code: 's', system: ucum }, null],
    ['0 h', { value: 0, code: 'h', system: ucum }, null],
    ['a time without a unit', { value: 3 }, null],
    ['a unit without a number', { code: 'h', system: ucum }, null],
    ['a unit that every object has', { value: 3, unit: 'constructor' }, null],
  ])('a duration of %s', (_, duration, expected) => {
    expect(hoursOf(duration)).toBe(expected);
  });

  it('is finite and not negative, or null, for any number, unit and code', () => {
    const unit = fc.constantFrom(
      'g',
      'mg',
      'mg/kg',
      '{tbl}',
      'mL',
      'mL/h',
      'g/h',
      '1',
      '/',
      '',
      'tablet',
      'x',
    );
    const any = fc.record(
      {
        value: fc.oneof(fc.double(), fc.constant('1'), fc.constant(null)),
        unit,
        code: unit,
        system: fc.constantFrom(ucum, 'x'),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(any, (quantity) => {
        for (const read of [amountOf(quantity), rateOf(quantity)])
          if (read !== null && !(Number.isFinite(read.value) && read.value >= 0)) return false;
        const hours = hoursOf(quantity);
        return hours === null || (Number.isFinite(hours) && hours > 0);
      }),
    );
  });

  it('scales with its unit: 1000 times as many micrograms are the same dose', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000_000 }), (value) => {
        const inMg = amountOf({ value, unit: 'mg' })?.value;
        return inMg !== undefined && inMg === amountOf({ value: value * 1000, unit: 'ug' })?.value;
      }),
    );
  });
});

// --- Timing ------------------------------------------------------------------------------------------------

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
        ['every 8 hours with food', null],
        ['take twice daily', null],
        ['twice daily with food', null],
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

// --- Strengths ---------------------------------------------------------------------------------------------

describe('the strength of a product', () => {
  const piece = (ingredient: string, gramsAPiece: number): Strength => ({ ingredient, gramsAPiece });
  const liquid = (ingredient: string, gramsAMillilitre: number, gramsAPiece?: number): Strength => ({
    ingredient,
    gramsAMillilitre,
    ...(gramsAPiece === undefined ? {} : { gramsAPiece }),
  });
  const tmpSmx = ['sulfamethoxazole', 'trimethoprim'];
  it.each<[string, string[], Strength[]]>([
    ['metformin hydrochloride 500 MG Oral Tablet', ['metformin'], [piece('metformin', 0.5)]],
    ['levothyroxine sodium 75 MCG Oral Tablet', ['levothyroxine'], [piece('levothyroxine', 0.000075)]],
    ['digoxin 0.125 MG Oral Tablet [Lanoxin]', ['digoxin'], [piece('digoxin', 0.000125)]],
    [
      '24 HR tramadol hydrochloride 300 MG Extended Release Oral Tablet',
      ['tramadol'],
      [piece('tramadol', 0.3)],
    ],
    ['gabapentin 1,000 mg tablet', ['gabapentin'], [piece('gabapentin', 1)]],
    [
      'magnesium sulfate 500 MG/ML Injectable Solution',
      ['magnesium sulfate'],
      [liquid('magnesium sulfate', 0.5)],
    ],
    [
      '2 ML magnesium sulfate 500 MG/ML Injection',
      ['magnesium sulfate'],
      [liquid('magnesium sulfate', 0.5, 1)],
    ],
    [
      '0.4 ML enoxaparin sodium 100 MG/ML Prefilled Syringe',
      ['enoxaparin'],
      [liquid('enoxaparin', 0.1, 0.04)],
    ],
    ['ENOXAPARIN 40 MG/0.4 ML SUBCUTANEOUS SYRINGE', ['enoxaparin'], [liquid('enoxaparin', 0.1, 0.04)]],
    [
      'magnesium sulfate 4 gram/100 mL (40 mg/mL) IV piggyback',
      ['magnesium sulfate'],
      [liquid('magnesium sulfate', 0.04, 4)],
    ],
    ['gabapentin 250 mg/5 mL oral solution', ['gabapentin'], [liquid('gabapentin', 0.05)]],
    [
      'sulfamethoxazole 800 MG / trimethoprim 160 MG Oral Tablet',
      tmpSmx,
      [piece('sulfamethoxazole', 0.8), piece('trimethoprim', 0.16)],
    ],
    [
      'sulfamethoxazole 400 MG / trimethoprim 80 MG Oral Tablet [Bactrim]',
      tmpSmx,
      [piece('sulfamethoxazole', 0.4), piece('trimethoprim', 0.08)],
    ],
    [
      'sulfamethoxazole 40 MG/ML / trimethoprim 8 MG/ML Oral Suspension',
      tmpSmx,
      [liquid('sulfamethoxazole', 0.04), liquid('trimethoprim', 0.008)],
    ],
    [
      'SULFAMETHOXAZOLE 800 MG-TRIMETHOPRIM 160 MG TABLET',
      tmpSmx,
      [piece('sulfamethoxazole', 0.8), piece('trimethoprim', 0.16)],
    ],
    [
      'sulfamethoxazole-trimethoprim 800-160 MG per tablet',
      tmpSmx,
      [piece('sulfamethoxazole', 0.8), piece('trimethoprim', 0.16)],
    ],
    [
      'trimethoprim 160 MG / sulfamethoxazole 800 MG Oral Tablet',
      tmpSmx,
      [piece('trimethoprim', 0.16), piece('sulfamethoxazole', 0.8)],
    ],
    [
      'magnesium sulfate 10 MG/ML / glucose 50 MG/ML Injection',
      ['magnesium sulfate', 'glucose'],
      [liquid('magnesium sulfate', 0.01), liquid('glucose', 0.05)],
    ],
    // A part that is not in the terminology, or not by mass, takes nothing from the others.
    [
      'allopurinol 300 MG / unheardol 200 MG Oral Tablet',
      ['allopurinol', 'unheardol'],
      [piece('allopurinol', 0.3)],
    ],
    [
      '24 HR trandolapril 2 MG / verapamil hydrochloride 180 MG Extended Release Oral Tablet',
      ['trandolapril', 'verapamil'],
      [piece('trandolapril', 0.002), piece('verapamil', 0.18)],
    ],
    [
      'calcium carbonate 625 MG / cholecalciferol 125 UNT Oral Tablet [Oysco D]',
      ['calcium carbonate', 'cholecalciferol'],
      [piece('calcium carbonate', 0.625)],
    ],
    [
      'cholecalciferol 125 UNT / calcium carbonate 625 MG Oral Tablet',
      ['cholecalciferol', 'calcium carbonate'],
      [],
    ],
    ['magnesium oxide 400 MG / magnesium oxide 200 MG Oral Tablet', ['magnesium oxide', 'zinc oxide'], []],
    // Whose strength it is, or of what, is not said.
    ['Bactrim DS 800-160 mg oral tablet', tmpSmx, []],
    ['co-trimoxazole 960 MG Oral Tablet', tmpSmx, []],
    ['amoxicillin 250 MG / clavulanate 125 MG Oral Tablet', ['amoxicillin'], []],
    ['{42 (rivaroxaban 15 MG Oral Tablet) / 9 (rivaroxaban 20 MG Oral Tablet) } Pack', ['rivaroxaban'], []],
    ['magnesium oxide 400 MG (magnesium 240 MG) Oral Tablet', ['magnesium oxide'], []],
    ['fentanyl 0.025 MG/HR Transdermal System', ['fentanyl'], []],
    ['albuterol 0.09 MG/ACTUAT Metered Dose Inhaler', ['albuterol'], []],
    ['magnesium sulfate 50 % Injectable Solution', ['magnesium sulfate'], []],
    ['potassium chloride 20 MEQ Oral Tablet', ['potassium chloride'], []],
    ['digoxin', ['digoxin'], []],
    // So much to a piece or to a volume, in the ways it is written.
    ['metformin 500 mg/tablet', ['metformin'], [piece('metformin', 0.5)]],
    ['gabapentin 300 MG / CAP', ['gabapentin'], [piece('gabapentin', 0.3)]],
    ['gentamicin 40 mg / mL', ['gentamicin'], [liquid('gentamicin', 0.04)]],
    ['gabapentin 50 mg/milliliter oral solution', ['gabapentin'], [liquid('gabapentin', 0.05)]],
    ['gabapentin 250 mg / 5 mL oral solution', ['gabapentin'], [liquid('gabapentin', 0.05)]],
    ['nicotine 21 MG / 24 HR Transdermal System', ['nicotine'], []],
    ['gabapentin 250 mg/0 mL oral solution', ['gabapentin'], []],
    // What one container holds.
    [
      '10 ML magnesium sulfate 500 MG/ML Injection',
      ['magnesium sulfate'],
      [liquid('magnesium sulfate', 0.5, 5)],
    ],
    [
      '2ML  magnesium sulfate 500 MG/ML Injection',
      ['magnesium sulfate'],
      [liquid('magnesium sulfate', 0.5, 1)],
    ],
    [
      '0.65 ML medroxyprogesterone acetate 160 MG/ML Prefilled Syringe',
      ['medroxyprogesterone'],
      [liquid('medroxyprogesterone', 0.16, 0.104)],
    ],
    [
      'medroxyprogesterone 104 mg/0.65 mL subcutaneous syringe',
      ['medroxyprogesterone'],
      [liquid('medroxyprogesterone', 0.16, 0.104)],
    ],
    [
      'magnesium sulfate 4g/100mL IV piggyback',
      ['magnesium sulfate'],
      [liquid('magnesium sulfate', 0.04, 4)],
    ],
    ['enoxaparin 40mg/0.4mL syringe', ['enoxaparin'], [liquid('enoxaparin', 0.1, 0.04)]],
    ['enoxaparin 40 mg / 0.4 mL syringe', ['enoxaparin'], [liquid('enoxaparin', 0.1, 0.04)]],
    // Two strengths that differ are none, and no piece is as heavy as a tonne.
    ['digoxin 125 MCG (120 MCG) Oral Tablet', ['digoxin'], []],
    ['digoxin 250 MCG (250 MCG/ML)', ['digoxin'], []],
    ['magnesium oxide 999,999 gram tablet', ['magnesium oxide'], [piece('magnesium oxide', 999_999)]],
    ['magnesium oxide 1,000,000 gram tablet', ['magnesium oxide'], []],
    ['magnesium oxide 400 MG / magnesium oxide 400 MG Oral Tablet', ['magnesium oxide', 'zinc oxide'], []],
    // Names and strengths in the same order: as many of each, and each name one of the ingredients.
    ['sulfamethoxazole-trimethoprim 1000000-160 G tablet', tmpSmx, []],
    ['sulfamethoxazole-trimethoprim 800-160 MG tablet', [...tmpSmx, 'phenazopyridine'], []],
    ['sulfamethoxazole-trimethoprim 800-160-5 MG tablet', tmpSmx, []],
    ['sulfamethoxazole-trimethoprim-phenazopyridine 800-160 MG tablet', tmpSmx, []],
    ['trimethoprim-trimethoprim 160-160 MG tablet', tmpSmx, []],
    ['unheardol-trimethoprim 800-160 MG tablet', ['unheardol', 'trimethoprim'], []],
    // Words around a name.
    [
      'sulfamethoxazole 800 MG and trimethoprim 160 MG Oral Tablet',
      tmpSmx,
      [piece('sulfamethoxazole', 0.8), piece('trimethoprim', 0.16)],
    ],
    [
      'sulfamethoxazole 800 MG with  trimethoprim 160 MG Oral Tablet',
      tmpSmx,
      [piece('sulfamethoxazole', 0.8), piece('trimethoprim', 0.16)],
    ],
    [
      'sulfamethoxazole (800 MG) / (trimethoprim) 160 MG Oral Tablet',
      tmpSmx,
      [piece('sulfamethoxazole', 0.8), piece('trimethoprim', 0.16)],
    ],
    // A figure in a brand is no strength, and a pack is no one piece.
    ['digoxin 0.25 MG Oral Tablet [Digox 500 MG]', ['digoxin'], [piece('digoxin', 0.00025)]],
    ['{6 (azithromycin 250 MG Oral Tablet) } Pack', ['azithromycin'], []],
    // A drug in a fluid: each has its own strength, and that of the fluid alone is not the drug's.
    [
      'magnesium sulfate 50 MG/ML / glucose 50 MG/ML Injection',
      ['magnesium sulfate', 'glucose'],
      [liquid('magnesium sulfate', 0.05), liquid('glucose', 0.05)],
    ],
    [
      'magnesium sulfate 20 MG/ML in dextrose 5 % Injection',
      ['magnesium sulfate', 'glucose'],
      [liquid('magnesium sulfate', 0.02)],
    ],
    ['glucose 50 MG/ML with magnesium sulfate', ['magnesium sulfate', 'glucose'], []],
  ])('%s', (name, ingredients, expected) => {
    expect(strengthsOf([name], ingredients)).toStrictEqual(expected);
  });

  it('comes from any of the names that state one, and from none where two differ', () => {
    const names = [null, 'Lanoxin', 'digoxin 0.25 MG Oral Tablet', 'DIGOXIN 250 MCG TABLET'];
    expect(strengthsOf(names, ['digoxin'])).toEqual([piece('digoxin', 0.00025)]);
    const differ = [...names, 'digoxin 0.125 MG Oral Tablet', 'digoxin 0.25 MG Capsule'];
    expect(strengthsOf(differ, ['digoxin'])).toEqual([]);
  });

  it('of a piece in one name and of a millilitre in another is both', () => {
    const names = ['enoxaparin 100 MG/ML Injection', '0.4 ML enoxaparin 100 MG/ML Prefilled Syringe'];
    expect(strengthsOf(names, ['enoxaparin'])).toEqual([liquid('enoxaparin', 0.1, 0.04)]);
  });

  it('is read out of a name of 500 characters, and out of no longer one', () => {
    expect(strengthsOf([`${'x'.repeat(495)} 5 MG`], ['digoxin'])).toHaveLength(1);
    expect(strengthsOf([`${'x'.repeat(496)} 5 MG`], ['digoxin'])).toEqual([]);
  });

  it.each<[string, Resource, Strength[]]>([
    [
      '500 mg to 1 {tbl}',
      { numerator: mg(500), denominator: { value: 1, code: '{tbl}', system: ucum } },
      [piece('digoxin', 0.5)],
    ],
    [
      '500 mg to 1 of Filmtablette',
      { numerator: mg(500), denominator: { value: 1, unit: 'Filmtablette', code: '1', system: ucum } },
      [piece('digoxin', 0.5)],
    ],
    [
      '200 mg to 5 mL',
      { numerator: mg(200), denominator: { value: 5, code: 'mL', system: ucum } },
      [liquid('digoxin', 0.04)],
    ],
    ['500 mg to 1 puff', { numerator: mg(500), denominator: { value: 1, unit: 'puff' } }, []],
    ['5 mg to 0 mL', { numerator: mg(5), denominator: { value: 0, code: 'mL' } }, []],
    ['5 meq to 1', { numerator: { value: 5, code: 'meq' }, denominator: { value: 1 } }, []],
    [
      '1 g to 2 {tbl}',
      { numerator: mg(1000), denominator: { value: 2, code: '{tbl}' } },
      [piece('digoxin', 0.5)],
    ],
    ['500 mg to 0 {tbl}', { numerator: mg(500), denominator: { value: 0, code: '{tbl}' } }, []],
    ['500 mg to 1', { numerator: mg(500), denominator: { value: 1 } }, [piece('digoxin', 0.5)]],
    [
      '500 mg to 1 of the UCUM unit 1',
      { numerator: mg(500), denominator: { value: 1, code: '1', system: ucum } },
      [piece('digoxin', 0.5)],
    ],
    ['500 mg to 1 of a code of no list', { numerator: mg(500), denominator: { value: 1, code: 'x' } }, []],
    ['500 mg to `1` as a string', { numerator: mg(500), denominator: { value: '1' } }, []],
  ])('of Medication.ingredient, %s', (_, strength, expected) => {
    expect(strengthsOfMedication([{ part: { strength }, ingredients: ['digoxin'] }])).toEqual(expected);
    expect(strengthsOfMedication([{ part: { strengthRatio: strength }, ingredients: ['digoxin'] }])).toEqual(
      expected,
    );
  });
});

describe('the strength of a part of Medication.ingredient', () => {
  const strength = { numerator: mg(500), denominator: { value: 1, code: '{tbl}' } };
  it.each<[string, Resource, string[]]>([
    ['without a strength', {}, ['digoxin']],
    ['that is not recognised', { strength }, []],
    ['that is two drugs', { strength }, ['sulfamethoxazole', 'trimethoprim']],
  ])('%s is not known', (_, part, ingredients) => {
    expect(strengthsOfMedication([{ part, ingredients }])).toEqual([]);
  });
});

// --- Dosing ------------------------------------------------------------------------------------------------

const tablet = (grams: number): Strength[] => [{ ingredient: 'x', gramsAPiece: grams }];
const productOf = (
  dosages: readonly Resource[],
  strengths: readonly Strength[] = [],
  more: Partial<Product> = {},
): Product => ({
  dosing: readDosing(dosages, () => strengths) ?? { instructions: [] },
  ingredients: ['x'],
  ingredient: 'x',
  kilograms: null,
  ...more,
});

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

it('whatever the figures, what is kept is finite: it must be written down as JSON', () => {
  const number = fc.oneof(fc.double(), fc.constantFrom(1e308, 1e-308, 5e-324, 1e300, 0, -1, 1));
  const unit = fc.constantFrom(
    'kg',
    'g',
    'mg',
    'kg/s',
    'g/h',
    'L',
    'L/s',
    '{tbl}',
    'mg/kg',
    'kg/kg/s',
    's',
    'a',
    'd',
  );
  const any = fc.record({ value: number, unit });
  const ratio = fc.record({ numerator: any, denominator: any });
  const dosage = fc.record(
    {
      doseAndRate: fc.array(
        fc.record(
          { doseQuantity: any, doseRange: fc.record({ high: any }), rateQuantity: any, rateRatio: ratio },
          { requiredKeys: [] },
        ),
        { maxLength: 3 },
      ),
      maxDosePerPeriod: ratio,
      maxDosePerAdministration: any,
      timing: fc.record({
        repeat: fc.record(
          {
            frequency: number,
            period: number,
            periodMax: number,
            periodUnit: unit,
            count: number,
            duration: number,
            durationUnit: unit,
            boundsDuration: any,
          },
          { requiredKeys: [] },
        ),
      }),
    },
    { requiredKeys: [] },
  );
  const strengths: Strength[] = [{ ingredient: 'x', gramsAPiece: 1e6, gramsAMillilitre: 1e6 }];
  fc.assert(
    fc.property(fc.array(dosage, { minLength: 1, maxLength: 3 }), (dosages) => {
      const product = productOf(dosages as Resource[], strengths, { kilograms: 500 });
      const { dosing } = product;
      const answers = [gramsADay(product), largestDose(product), timesADay(dosing)];
      return (
        JSON.stringify(dosing) === JSON.stringify(JSON.parse(JSON.stringify(dosing))) &&
        !JSON.stringify(dosing).includes('null') &&
        answers.every((answer) => answer === null || Number.isFinite(answer))
      );
    }),
    { numRuns: 2000 },
  );
});

describe('how often', () => {
  it('morning and evening are 2 times, of 2 steps the more', () => {
    const times = (...dosages: Resource[]) => timesADay(readDosing(dosages) ?? { instructions: [] });
    expect(times(dose(mg(5), daily(1)), dose(mg(10), daily(1)))).toBe(2);
    expect(times(dose(mg(5), daily(3), { sequence: 1 }), dose(mg(5), daily(1), { sequence: 2 }))).toBe(3);
    expect(times(dose(mg(5), daily(1)), dose(mg(5), undefined))).toBeNull();
    expect(times()).toBeNull();
  });
});

describe('what is kept of a Dosage', () => {
  const tablets = (value: number) => ({ value, unit: 'tablet', code: '{tbl}' });
  it('one dose of each unit, the largest, masses before pieces', () => {
    const rows = (...quantities: Resource[]) =>
      readDosing([{ doseAndRate: quantities.map((doseQuantity) => ({ doseQuantity })) }])?.instructions;
    const kept = [
      {
        doses: [
          { value: 0.04, unit: 'g' },
          { value: 2, unit: 'piece' },
        ],
      },
    ];
    expect(rows(mg(40), tablets(2), mg(20))).toEqual(kept);
    expect(rows(tablets(2), mg(20), mg(40))).toEqual(kept);
  });

  const strengths: Strength[] = [{ ingredient: 'x', gramsAPiece: 0.5 }];
  it.each<[string, Resource, boolean]>([
    ['a dose by mass', dose(mg(500), daily(1)), false],
    [
      'a dose by mass with a limit that is not understood',
      dose(mg(500), daily(1), { maxDosePerAdministration: { value: 4 } }),
      false,
    ],
    ['a dose in tablets', dose(tablets(2), daily(1)), true],
    ['a dose in millilitres', dose({ value: 5, unit: 'mL' }, daily(1)), true],
    ['a rate in millilitres', { doseAndRate: [{ rateQuantity: { value: 25, unit: 'mL/h' } }] }, true],
    [
      'at most so many tablets at a time',
      dose(mg(500), daily(1), { maxDosePerAdministration: tablets(2) }),
      true,
    ],
    ['a dose in tablets beside one by mass', dose(tablets(2), daily(1), { doseQuantity: mg(500) }), true],
    [
      'at most so many tablets a day',
      dose(mg(500), daily(1), {
        maxDosePerPeriod: { numerator: tablets(8), denominator: { value: 1, code: 'd' } },
      }),
      true,
    ],
  ])('the strength of the product is kept where something is counted in it: %s', (_, dosage, expected) => {
    expect(readDosing([dosage], () => strengths)?.strengths).toEqual(expected ? strengths : undefined);
  });

  it('one instruction in tablets is enough for that', () => {
    expect(
      readDosing([dose(mg(500), daily(1)), dose(tablets(2), daily(1))], () => strengths)?.strengths,
    ).toEqual(strengths);
  });

  it('the number of a step, where it is a whole one', () => {
    const sequences = (...given: unknown[]) =>
      readDosing(given.map((sequence) => ({ sequence })))?.instructions.map(({ sequence }) => sequence);
    expect(sequences(1, 1.5, '1', null)).toEqual([1, undefined, undefined, undefined]);
  });

  it('of an order without a dosage, nothing', () => {
    expect(readDosing([])).toBeNull();
  });

  it('a dose in tablets of a product that says no strength keeps none', () => {
    expect(readDosing([dose(tablets(2), daily(1))])).toEqual({
      instructions: [{ doses: [{ value: 2, unit: 'piece' }], timesADay: 1 }],
    });
  });

  const over4Hours = { repeat: { duration: 4, durationUnit: 'h' } };
  const rate = (value: number, unit: string) => ({ doseAndRate: [{ rateQuantity: { value, unit } }] });
  const grams = (value: number) => ({ value, unit: 'g' });
  it.each<[string, Resource[], boolean]>([
    ['1 g an hour', [rate(1, 'g/h')], true],
    ['10 mg/kg/h', [rate(10, 'mg/kg/h')], true],
    ['100 mL an hour, as a feeding tube runs too', [rate(100, 'mL/h')], false],
    ['4 g over 4 hours', [dose(grams(4), over4Hours)], true],
    [
      '4 g in 100 mL over 4 hours',
      [
        {
          timing: over4Hours,
          doseAndRate: [grams(4), { value: 100, unit: 'mL' }].map((doseQuantity) => ({ doseQuantity })),
        },
      ],
      true,
    ],
    ['4 g, nobody says how long', [dose(grams(4), daily(1))], false],
    [
      '100 mL an hour, of them 1 g',
      [{ ...rate(1, 'g/h'), rateQuantity: { value: 100, unit: 'mL/h' } }],
      true,
    ],
    ['1 mL an hour for 4 hours', [{ ...rate(1, 'mL/h'), timing: over4Hours }], false],
    ['100 mL over 4 hours', [dose({ value: 100, unit: 'mL' }, over4Hours)], false],
    ['a tablet, then 1 g an hour', [dose(tablets(1), daily(1)), rate(1, 'g/h')], true],
    ['a text alone', [{ text: 'slowly' }], false],
  ])('is it an infusion: %s', (_, dosages, expected) => {
    expect(isInfusion(readDosing(dosages) ?? { instructions: [] })).toBe(expected);
  });
});

describe('what an order states and is not understood is a notice', () => {
  const codesOf = (status: string, dosage: Resource): string[] => {
    const resource = {
      resourceType: 'MedicationRequest',
      id: 'm',
      status,
      intent: 'order',
      subject: { reference: 'Patient/p1' },
      medicationCodeableConcept: {
        coding: [{ system: 'http://www.nlm.nih.gov/research/umls/rxnorm', code: '7646' }],
      },
      dosageInstruction: [dosage],
    };
    const prefetch = { patient: { resourceType: 'Patient', id: 'p1' } };
    const draftOrders = { entry: status === 'draft' ? [{ resource }] : [] };
    const medications = status === 'draft' ? {} : { medicationRequests: searchset(resource) };
    const intake = intakeOfHook(
      'order-sign',
      { patientId: 'p1', draftOrders },
      { ...prefetch, ...medications },
    );
    return buildChart(intake, Date.parse(at))
      .notices.filter(({ reference }) => reference === 'MedicationRequest/m')
      .map(({ code }) => code);
  };
  it.each<[string, Resource, string[]]>([
    ['a dose and its timing that are understood', dose(mg(20), daily(1)), []],
    ['a dosage of text alone', { text: 'one in the morning' }, []],
    ['a dose without a unit', dose({ value: 1 }, daily(1)), ['dose-not-understood']],
    ['a dose in milliequivalents', dose({ value: 20, code: 'meq' }, daily(1)), ['dose-not-understood']],
    [
      'a rate of minutes',
      { doseAndRate: [{ rateQuantity: { value: 5, unit: 'min' } }] },
      ['dose-not-understood'],
    ],
    [
      'a limit without a unit',
      dose(mg(20), daily(1), {
        maxDosePerPeriod: { numerator: { value: 4 }, denominator: { value: 1, code: 'd' } },
      }),
      ['dose-not-understood'],
    ],
    [
      'a limit of one dose without a unit',
      dose(mg(20), daily(1), { maxDosePerAdministration: { value: 4 } }),
      ['dose-not-understood'],
    ],
    ['with meals', dose(mg(20), { code: { text: 'with meals' } }), ['timing-not-understood']],
    ['with meals, 3 doses in all', dose(mg(20), { code: { text: 'with meals' }, repeat: { count: 3 } }), []],
    [
      'BID beside once a day',
      dose(mg(20), { ...daily(1), code: { text: 'BID' } }),
      ['timing-not-understood'],
    ],
    ['only a period of treatment', dose(mg(20), { repeat: { boundsPeriod: { start: '2026-01-31' } } }), []],
  ])('%s', (_, dosage, expected) => {
    expect(codesOf('draft', dosage)).toEqual(expected);
  });

  it('of therapy it is none: a patch on the list is no news', () => {
    expect(codesOf('active', dose({ value: 1, unit: 'patch' }, daily(1)))).toEqual([]);
  });
});

// --- Over time ---------------------------------------------------------------------------------------------

describe('what an instruction delivers in the 48 hours before now and after it, in grams', () => {
  const hour = 3_600_000;
  const now = 1000 * hour;
  const product = productOf([]);
  const course: Course = { start: null, end: null, over: false, at: now };
  const g = (value: number): Amount => ({ value, unit: 'g' });
  const open = Number.POSITIVE_INFINITY;
  /** [least before, least after, most before, most after]; no least is 0. */
  const around = (instruction: Instruction, when: Partial<Course>): number[] => {
    const { least, most } = deliveredBy(instruction, product, { ...course, ...when });
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
  ])('the end %s', (_, instruction, when, expected) => {
    const { end } = deliveredBy(instruction, product, { ...course, start: now, ...when });
    expect((end - now) / hour).toBe(expected);
  });
});

// --- Facts -------------------------------------------------------------------------------------------------

const rxnorm = 'http://www.nlm.nih.gov/research/umls/rxnorm';
const coded = (code: string): Resource => ({ coding: [{ system: rxnorm, code }] });
let number = 0;
function medication(code: string | null, role: 'ordered' | 'active', more: Resource = {}): Resource {
  number += 1;
  return {
    resourceType: 'MedicationRequest',
    id: `${role}-${number}`,
    status: role === 'ordered' ? 'draft' : 'active',
    intent: 'order',
    subject: { reference: 'Patient/p1' },
    medicationCodeableConcept: code === null ? { text: 'little pink pill' } : coded(code),
    authoredOn: '2026-01-30',
    ...more,
  };
}
const omeprazole = '7646';
const furosemide = '4603';
const ibuprofen = '5640';
const naproxen = '7258';
const magnesiumOxide = '6582';

function ask(
  fact: FactName,
  params: Resource,
  given: {
    orders?: Resource[];
    therapy?: Resource[];
    allergies?: Resource[] | undefined;
    /** Kilograms. */
    weight?: number;
    weighed?: string;
  },
): Fact {
  const prefetch: Resource = { patient: { resourceType: 'Patient', id: 'p1' } };
  if (given.therapy) prefetch.medicationRequests = searchset(...given.therapy);
  if (given.weight !== undefined) {
    prefetch.weight = searchset({
      resourceType: 'Observation',
      id: 'weight',
      status: 'final',
      code: { coding: [{ system: 'http://loinc.org', code: '29463-7' }] },
      subject: { reference: 'Patient/p1' },
      effectiveDateTime: given.weighed ?? '2026-01-30',
      valueQuantity: { value: given.weight, unit: 'kg', code: 'kg', system: ucum },
    });
  }
  if (given.allergies) prefetch.allergies = searchset(...given.allergies);
  const draftOrders = { entry: (given.orders ?? []).map((resource) => ({ resource })) };
  const intake = intakeOfHook('order-sign', { patientId: 'p1', draftOrders }, prefetch);
  const { chart, notices } = buildChart(intake, Date.parse(at));
  return prepareFact(fact, params)(createContext(chart, Date.parse(at), notices));
}

describe('drugCount', () => {
  const wasting = { classes: ['ppi', 'loop-diuretic'], role: 'any', by: 'class' };
  it('a PPI and a loop diuretic are 2 classes', () => {
    const fact = ask('drugCount', wasting, {
      therapy: [medication(omeprazole, 'active'), medication(furosemide, 'active')],
    });
    expect(fact).toMatchObject({ state: 'known', value: 2 });
    expect('range' in fact).toBe(false);
  });
  it('2 orders of one class are 1 by class, 2 by ingredient and 2 by order', () => {
    const orders = [medication(ibuprofen, 'ordered'), medication(naproxen, 'ordered')];
    const count = (by: string) =>
      ask('drugCount', { classes: ['nsaid'], role: 'ordered', by }, { orders, therapy: [] });
    expect(count('class')).toMatchObject({ value: 1 });
    expect(count('ingredient')).toMatchObject({ value: 2 });
    expect(count('order')).toMatchObject({ value: 2 });
  });
  it('1 beside a medication that is not recognised is at least 1', () => {
    const therapy = [medication(omeprazole, 'active'), medication(null, 'active')];
    expect(ask('drugCount', wasting, { therapy })).toMatchObject({
      value: 1,
      range: { low: 1, high: Number.POSITIVE_INFINITY },
    });
  });
  it('none where no medications came is missing, not 0', () => {
    expect(ask('drugCount', { ...wasting, role: 'active' }, {})).toMatchObject({
      state: 'missing',
      cause: 'category',
    });
  });
  it('what was written 4 days ago is not inside P3D', () => {
    const old = medication(ibuprofen, 'active', { authoredOn: '2026-01-27' });
    const params = { classes: ['nsaid'], role: 'active', by: 'order', within: 'P3D' };
    expect(ask('drugCount', params, { therapy: [old] })).toMatchObject({ state: 'known', value: 0 });
  });
});

describe('dailyDose', () => {
  const oral = { route: { text: 'oral' } };
  const params = { classes: ['magnesium'], role: 'any', route: 'oral', unit: 'mg' };
  const oxide = (milligrams: number, more: Resource = {}) =>
    medication(magnesiumOxide, 'active', {
      dosageInstruction: [dose(mg(milligrams), daily(1), { ...oral, ...more })],
    });
  it('400 mg magnesium oxide a day is 400 mg of the salt and 241.2 mg of elemental magnesium', () => {
    expect(ask('dailyDose', params, { therapy: [oxide(400)] })).toMatchObject({ value: 400, unit: 'mg' });
    const elemental = { ...params, elementalMagnesium: true };
    expect(ask('dailyDose', elemental, { therapy: [oxide(400)] })).toMatchObject({ value: 241.2 });
  });
  it('two products add up', () => {
    expect(ask('dailyDose', params, { therapy: [oxide(400), oxide(200)] })).toMatchObject({ value: 600 });
  });
  it('one product that cannot be computed leaves the sum open upwards', () => {
    const unclear = medication(magnesiumOxide, 'active', { dosageInstruction: [{ ...oral }] });
    expect(ask('dailyDose', params, { therapy: [oxide(400), unclear] })).toMatchObject({
      value: 400,
      range: { low: 400, high: Number.POSITIVE_INFINITY },
    });
    expect(ask('dailyDose', params, { therapy: [unclear] })).toMatchObject({
      state: 'missing',
      cause: 'unresolved',
    });
  });
  it('no such product, in a list that is complete, is 0 mg', () => {
    expect(ask('dailyDose', params, { therapy: [] })).toMatchObject({ state: 'known', value: 0 });
  });
});

describe('dose by weight, single dose and frequency', () => {
  const enoxaparin = ingredientByName('enoxaparin')?.rxnorm ?? '';
  const order = (dosage: Resource, more: Resource = {}): Resource =>
    medication(enoxaparin, 'ordered', { dosageInstruction: [dosage], ...more });
  const byWeight = dose({ value: 1, code: 'mg/kg', unit: 'mg/kg' }, daily(2));
  const drugs = { ingredients: ['enoxaparin'], role: 'ordered' };

  it('1 mg/kg twice a day at 80 kg is 160 mg a day, 2 mg/kg a day, 80 mg a dose and 2 doses', () => {
    const given = { orders: [order(byWeight)], therapy: [], weight: 80 };
    expect(ask('dailyDose', { ...drugs, unit: 'mg' }, given)).toMatchObject({ value: 160, unit: 'mg' });
    expect(ask('dailyDose', { ...drugs, unit: 'mg/kg' }, given)).toMatchObject({ value: 2, unit: 'mg/kg' });
    expect(ask('dose', { ...drugs, unit: 'mg' }, given)).toMatchObject({ value: 80, unit: 'mg' });
    expect(ask('dose', { ...drugs, unit: 'mg/kg' }, given)).toMatchObject({ value: 1 });
    expect(ask('doseFrequency', drugs, given)).toMatchObject({ value: 2 });
  });

  it('without a weight it is known by weight, and missing in mg', () => {
    const given = { orders: [order(byWeight)], therapy: [] };
    expect(ask('dailyDose', { ...drugs, unit: 'mg/kg' }, given)).toMatchObject({ state: 'known', value: 2 });
    expect(ask('dailyDose', { ...drugs, unit: 'mg' }, given)).toMatchObject({ state: 'missing' });
  });

  it('80 mg at 80 kg is 1 mg/kg, and missing by weight without a weight or with one of 181 days ago', () => {
    const orders = [order(dose(mg(80), daily(1)))];
    const asked = { ...drugs, unit: 'mg/kg' };
    expect(ask('dailyDose', asked, { orders, therapy: [], weight: 80 })).toMatchObject({ value: 1 });
    expect(ask('dailyDose', asked, { orders, therapy: [] })).toMatchObject({ state: 'missing' });
    const old = { orders, therapy: [], weight: 80, weighed: '2025-08-03' };
    expect(ask('dailyDose', asked, old)).toMatchObject({ state: 'missing' });
  });

  it('a syringe of 40 mg by its name once a day is 40 mg, and 0.4 mL of it too', () => {
    const concept = {
      ...coded(enoxaparin),
      text: '0.4 ML enoxaparin sodium 100 MG/ML Prefilled Syringe',
    };
    for (const quantity of [
      { value: 1, unit: 'syringe' },
      { value: 0.4, unit: 'mL' },
    ]) {
      const orders = [order(dose(quantity, daily(1)), { medicationCodeableConcept: concept })];
      expect(ask('dailyDose', { ...drugs, unit: 'mg' }, { orders, therapy: [] })).toMatchObject({
        value: 40,
      });
    }
  });

  it('the larger of two single doses counts, and beside one that is not known it is at least that', () => {
    const asked = { ...drugs, unit: 'mg' };
    const [small, large, unclear] = [mg(30), mg(60), { value: 1 }].map((one) => order(dose(one, daily(1))));
    expect(ask('dose', asked, { orders: [small ?? {}, large ?? {}] })).toMatchObject({ value: 60 });
    expect(ask('dose', asked, { orders: [small ?? {}, unclear ?? {}] })).toMatchObject({
      value: 30,
      range: { low: 30, high: Number.POSITIVE_INFINITY },
    });
  });

  it('an order that says nothing of doses is missing, and names itself', () => {
    const fact = ask('doseFrequency', drugs, { orders: [order({ text: 'as before' })], therapy: [] });
    expect(fact).toMatchObject({ state: 'missing', cause: 'unresolved', evidence: [{ order: 'selected' }] });
  });
});

describe('one part of a combination', () => {
  const names = ['sulfamethoxazole', 'trimethoprim'];
  const order = (text: string, quantity: Resource, more: Resource = {}): Resource =>
    medication(null, 'ordered', {
      medicationCodeableConcept: {
        coding: names.map((name) => ({ system: rxnorm, code: ingredientByName(name)?.rxnorm })),
        text,
      },
      dosageInstruction: [dose(quantity, daily(2))],
      ...more,
    });
  const asked = { ingredients: ['trimethoprim'], role: 'ordered', unit: 'mg' };
  const tablets = { value: 1, unit: 'tablet' };

  it('1 tablet of 800/160 twice a day is 320 mg of trimethoprim a day', () => {
    const orders = [order('sulfamethoxazole 800 MG / trimethoprim 160 MG Oral Tablet', tablets)];
    expect(ask('dailyDose', asked, { orders })).toMatchObject({ value: 320 });
  });

  it('20 mL of 40/8 mg/mL twice a day are 320 mg too', () => {
    const name = 'sulfamethoxazole 40 MG/ML / trimethoprim 8 MG/ML Oral Suspension';
    const orders = [order(name, { value: 20, unit: 'mL' })];
    expect(ask('dailyDose', asked, { orders })).toMatchObject({ value: 320 });
  });

  it('960 mg of the combination, or a tablet of an unknown strength, is missing', () => {
    const name = 'sulfamethoxazole 800 MG / trimethoprim 160 MG Oral Tablet';
    expect(ask('dailyDose', asked, { orders: [order(name, mg(960))] })).toMatchObject({ state: 'missing' });
    expect(ask('dailyDose', asked, { orders: [order('co-trimoxazole', tablets)] })).toMatchObject({
      state: 'missing',
    });
  });

  it('a Medication that states its strengths needs no name', () => {
    const part = (name: string, value: number): Resource => ({
      itemCodeableConcept: coded(ingredientByName(name)?.rxnorm ?? ''),
      strength: { numerator: mg(value), denominator: { value: 1, code: '{tbl}', system: ucum } },
    });
    const contained = {
      resourceType: 'Medication',
      id: 'm',
      ingredient: [part('sulfamethoxazole', 400), part('trimethoprim', 80)],
    };
    const { medicationCodeableConcept: _, ...rest } = order('', tablets);
    const orders = [{ ...rest, contained: [contained], medicationReference: { reference: '#m' } }];
    expect(ask('dailyDose', asked, { orders })).toMatchObject({ value: 160 });
  });

  it('a Medication with a part that is not recognised has no dose in grams', () => {
    const contained = {
      resourceType: 'Medication',
      id: 'm',
      ingredient: [
        { itemCodeableConcept: coded(ingredientByName('trimethoprim')?.rxnorm ?? '') },
        { itemCodeableConcept: { text: 'something' } },
      ],
    };
    const { medicationCodeableConcept: _, ...rest } = order('', mg(160));
    const orders = [{ ...rest, contained: [contained], medicationReference: { reference: '#m' } }];
    expect(ask('dailyDose', asked, { orders })).toMatchObject({ state: 'missing' });
  });
});

describe('cumulativeDose', () => {
  const sulfate = '6585';
  const params = { classes: ['magnesium'], role: 'any', route: 'parenteral', unit: 'g', within: 'PT48H' };
  const grams = (value: number): Resource => ({ value, unit: 'g', code: 'g', system: ucum });
  const iv = { route: { text: 'intravenous' } };
  const hoursAgo = (hours: number): string => new Date(Date.parse(at) - hours * 3_600_000).toISOString();
  const order = (dosage: Resource): Resource =>
    medication(sulfate, 'ordered', { dosageInstruction: [{ ...iv, ...dosage }] });
  const therapy = (hours: number | null, dosage: Resource, more: Resource = {}): Resource => {
    const one = medication(sulfate, 'active', { dosageInstruction: [{ ...iv, ...dosage }], ...more });
    const { authoredOn: _, ...undated } = one;
    return hours === null ? undated : { ...one, authoredOn: hoursAgo(hours) };
  };
  const rate = (gramsAnHour: number, repeat: Resource = {}): Resource => ({
    ...(Object.keys(repeat).length > 0 ? { timing: { repeat } } : {}),
    doseAndRate: [{ rateQuantity: { value: gramsAnHour, unit: 'g/h', code: 'g/h' } }],
  });
  const single = (value: number): Resource => dose(grams(value), { repeat: { count: 1 } });
  const forHours = (value: number): Resource => ({ boundsDuration: { value, code: 'h', unit: 'h' } });
  const sum = (given: Parameters<typeof ask>[2]): [number, number] | 'missing' => {
    const fact = ask('cumulativeDose', params, { therapy: [], ...given });
    if (fact.state !== 'known' || typeof fact.value !== 'number') return 'missing';
    return [fact.range?.low ?? fact.value, fact.range?.high ?? fact.value];
  };
  const open = Number.POSITIVE_INFINITY;

  it.each<[string, Parameters<typeof ask>[2], [number, number] | 'missing']>([
    ['nothing ordered and nothing taken is 0 g', {}, [0, 0]],
    ['an infusion of 1 g/h without an end is 48 g', { orders: [order(rate(1))] }, [48, 48]],
    ['of 1 g/h for 12 hours it is 12 g', { orders: [order(rate(1, forHours(12)))] }, [12, 12]],
    ['of 0.5 g/h for 3 days it is 24 g', { orders: [order(rate(0.5, forHours(72)))] }, [24, 24]],
    [
      'of 1 g/h until 10 hours from now it is 10 g',
      { orders: [order(rate(1, { boundsPeriod: { end: hoursAgo(-10) } }))] },
      [10, 10],
    ],
    [
      'an infusion of 0.5 g/h that begins in 5 days is 24 g then',
      { orders: [order(rate(0.5, { boundsPeriod: { start: hoursAgo(-120) } }))] },
      [24, 24],
    ],
    [
      '12 g given an hour ago and 12 g ordered for the day after tomorrow are never together',
      {
        therapy: [therapy(1, single(12))],
        orders: [order(dose(grams(12), { repeat: { count: 1, boundsPeriod: { start: hoursAgo(-49) } } }))],
      },
      [12, 12],
    ],
    [
      '24 g over 24 hours that began 50 hours ago: 22 g of them in the last 48',
      {
        therapy: [therapy(50, dose(grams(24), { repeat: { count: 1, duration: 24, durationUnit: 'h' } }))],
      },
      [22, 22],
    ],
    [
      '4 hours of 1 g/h, once, are 4 g',
      { orders: [order(rate(1, { duration: 4, durationUnit: 'h' }))] },
      [4, 4],
    ],
    [
      '4 hours of 1 g/h, twice a day, are 16 g',
      {
        orders: [
          order(rate(1, { duration: 4, durationUnit: 'h', frequency: 2, period: 1, periodUnit: 'd' })),
        ],
      },
      [16, 16],
    ],
    ['4 g every 6 hours are 32 g', { orders: [order(dose(grams(4), daily(1, 6, 'h')))] }, [32, 32]],
    ['4 g every 36 hours are 8 g', { orders: [order(dose(grams(4), daily(1, 36, 'h')))] }, [8, 8]],
    [
      '4 g every 6 hours, 3 times in all, are 12 g',
      { orders: [order(dose(grams(4), { repeat: { frequency: 1, period: 6, periodUnit: 'h', count: 3 } }))] },
      [12, 12],
    ],
    ['6 g once are 6 g', { orders: [order(single(6))] }, [6, 6]],
    [
      '6 g, nobody says how often, are 6 g or more',
      { orders: [order(dose(grams(6), undefined))] },
      [6, open],
    ],
    [
      '2 g, 3 doses in all, nobody says when, are 2 to 6 g',
      { orders: [order(dose(grams(2), { repeat: { count: 3 } }))] },
      [2, 6],
    ],
    ['an order that says no dose is missing, not 0', { orders: [order({})] }, 'missing'],
    ['20 mEq are missing', { orders: [order(dose({ value: 20, code: 'meq' }, daily(1)))] }, 'missing'],
    ['6 g and an order without a dose are 6 g or more', { orders: [order(single(6)), order({})] }, [6, open]],
    ['two orders add up', { orders: [order(single(6)), order(single(4))] }, [10, 10]],
    [
      'a loading dose and the infusion after it add up',
      {
        orders: [
          medication(sulfate, 'ordered', {
            dosageInstruction: [
              { ...iv, ...single(4), sequence: 1 },
              { ...iv, ...rate(0.25), sequence: 2 },
            ],
          }),
        ],
      },
      [16, 16],
    ],
    [
      'a step that begins after 2 days does not add to them: the larger 48 hours count',
      {
        orders: [
          medication(sulfate, 'ordered', {
            dosageInstruction: [
              { ...iv, ...rate(0.25, forHours(48)), sequence: 1 },
              { ...iv, ...rate(0.5), sequence: 2 },
            ],
          }),
        ],
      },
      [24, 24],
    ],
    [
      '12 g given 5 hours ago and 10 g ordered are 22 g',
      { therapy: [therapy(5, single(12))], orders: [order(single(10))] },
      [22, 22],
    ],
    [
      '12 g given 47 hours ago and 10 g ordered are 22 g',
      { therapy: [therapy(47, single(12))], orders: [order(single(10))] },
      [22, 22],
    ],
    [
      '12 g given 49 hours ago are over',
      { therapy: [therapy(49, single(12))], orders: [order(single(10))] },
      [10, 10],
    ],
    [
      '12 g given 40 hours ago and 1 g/h for the next 12 hours are 20 g in any 48 hours',
      { therapy: [therapy(40, single(12))], orders: [order(rate(1, forHours(12)))] },
      [20, 20],
    ],
    [
      '1 g/h that began 20 hours ago, and 4 g ordered: at least what was given and 28 g, at most both',
      { therapy: [therapy(20, rate(1))], orders: [order(single(4))] },
      [48, 52],
    ],
    [
      'an order of 0.25 g/h may replace the running 0.5 g/h: 12 to 36 g',
      { therapy: [therapy(0, rate(0.5))], orders: [order(rate(0.25))] },
      [24, 36],
    ],
    [
      'an infusion that runs since nobody knows when is 48 g',
      { therapy: [therapy(null, rate(1))] },
      [48, 48],
    ],
    [
      '2 g every 12 hours since nobody knows when are 8 g',
      { therapy: [therapy(null, dose(grams(2), daily(2)))] },
      [8, 8],
    ],
    ['6 g given nobody knows when are 0 to 6 g', { therapy: [therapy(null, single(6))] }, [0, 6]],
    [
      '12 g given 47 hours ago and 3 doses of 4 g twice a day, begun nobody knows when, are 12 to 24 g',
      {
        therapy: [
          therapy(47, single(12)),
          therapy(null, dose(grams(4), { repeat: { frequency: 2, period: 1, periodUnit: 'd', count: 3 } })),
        ],
      },
      [12, 24],
    ],
    [
      '12 g given 47 hours ago and 12 hours of 1 g/h, begun nobody knows when, are 12 to 24 g',
      { therapy: [therapy(47, single(12)), therapy(null, rate(1, forHours(12)))] },
      [12, 24],
    ],
    [
      '60 g given 47 hours ago and 12 hours of 1 g/h, begun nobody knows when, are 60 to 72 g',
      { therapy: [therapy(47, single(60)), therapy(null, rate(1, forHours(12)))] },
      [60, 72],
    ],
    [
      '6 g of a date alone, 2 days ago, are 0 to 6 g',
      { therapy: [{ ...therapy(null, single(6)), authoredOn: '2026-01-29' }], orders: [order(single(1))] },
      [1, 7],
    ],
    [
      'what was completed 10 hours ago counts',
      { therapy: [therapy(10, single(6), { status: 'completed' })], orders: [order(single(1))] },
      [7, 7],
    ],
    [
      'an infusion that was completed, nobody knows when, counts up to now',
      { therapy: [therapy(10, rate(1), { status: 'completed' })] },
      [0, 10],
    ],
    [
      'what was completed and began 8 days ago, with no end, is over',
      {
        therapy: [therapy(192, dose(grams(2), daily(4)), { status: 'completed' })],
        orders: [order(single(1))],
      },
      [1, 1],
    ],
    [
      'an infusion that ended 2 hours ago counts until then',
      { therapy: [therapy(null, rate(1, { boundsPeriod: { start: hoursAgo(10), end: hoursAgo(2) } }))] },
      [8, 8],
    ],
    ['what was stopped does not count', { therapy: [therapy(10, single(6), { status: 'stopped' })] }, [0, 0]],
    [
      'what was not to be given does not count',
      { therapy: [therapy(10, single(6), { status: 'completed', doNotPerform: true })] },
      [0, 0],
    ],
    [
      'at most 10 g a day bounds 1 g/h',
      {
        orders: [
          order({
            ...rate(1),
            maxDosePerPeriod: { numerator: grams(10), denominator: { value: 1, code: 'd' } },
          }),
        ],
      },
      [20, 20],
    ],
    [
      'a limit that is not understood leaves it open downwards',
      {
        orders: [
          order({
            ...rate(1),
            maxDosePerPeriod: { numerator: { value: 10 }, denominator: { value: 1, code: 'd' } },
          }),
        ],
      },
      [0, 48],
    ],
    [
      '25 mL/h of 40 mg/mL are 48 g',
      {
        orders: [
          medication(sulfate, 'ordered', {
            medicationCodeableConcept: {
              ...coded(sulfate),
              text: '500 ML magnesium sulfate 40 MG/ML Injection',
            },
            dosageInstruction: [{ ...iv, doseAndRate: [{ rateQuantity: { value: 25, unit: 'mL/h' } }] }],
          }),
        ],
      },
      [48, 48],
    ],
  ])('%s', (_, given, expected) => {
    expect(sum(given)).toEqual(expected);
  });

  it('magnesium by mouth is no part of it, and one without a route leaves it open', () => {
    const oral = medication(sulfate, 'active', {
      dosageInstruction: [{ ...single(5), route: { text: 'oral' } }],
    });
    const unclear = medication(sulfate, 'active', { dosageInstruction: [single(5)] });
    expect(sum({ therapy: [oral], orders: [order(single(1))] })).toEqual([1, 1]);
    expect(sum({ therapy: [unclear], orders: [order(single(1))] })).toEqual([1, open]);
  });

  it('a statement of what a request says too is not added to it for certain', () => {
    const request = therapy(5, single(12));
    const statement = {
      resourceType: 'MedicationStatement',
      id: 's',
      status: 'active',
      subject: { reference: 'Patient/p1' },
      medicationCodeableConcept: coded(sulfate),
      effectivePeriod: { start: hoursAgo(5) },
      dosage: [{ ...iv, ...single(12) }],
    };
    expect(sum({ therapy: [request, statement] })).toEqual([12, 24]);
  });

  it('without a list of therapy an order of 6 g is 6 g or more', () => {
    const fact = ask('cumulativeDose', params, { orders: [order(single(6))] });
    expect(fact).toMatchObject({ state: 'known', value: 6, range: { low: 6, high: open } });
    expect(ask('cumulativeDose', params, {})).toMatchObject({ state: 'missing', cause: 'category' });
  });

  it('says of each order how much it is', () => {
    const fact = ask('cumulativeDose', params, {
      orders: [order(rate(1))],
      therapy: [therapy(5, single(2))],
    });
    expect(fact.evidence.map(({ used }) => used)).toEqual([
      '2 g in 48 hours, active',
      '48 g in 48 hours, ordered',
    ]);
  });

  it('a rule may ask for 7 days, and not for 8', () => {
    const leaf = (within: string) => ({
      all: [
        {
          fact: 'cumulativeDose',
          params: { ...params, within },
          path: '$.value',
          operator: 'greaterThan',
          value: 20,
        },
      ],
    });
    expect(conditionProblems(leaf('P7D'), 'conditions')).toEqual([]);
    expect(conditionProblems(leaf('P8D'), 'conditions').join()).toContain('at most 7 days');
  });

  it('200 orders are added up, and 201 are missing', () => {
    const orders = (count: number) => Array.from({ length: count }, () => order(single(1)));
    expect(sum({ orders: orders(200) })).toEqual([200, 200]);
    expect(sum({ orders: orders(201) })).toBe('missing');
  });

  it('is at least the largest part and at most the sum of all, and no more than what is given without a window', () => {
    const part = fc.record({
      // Two doses exactly 48 hours apart are not in one window of 48.
      hours: fc.oneof(fc.integer({ min: 0, max: 47 }), fc.integer({ min: 49, max: 90 })),
      value: fc.integer({ min: 1, max: 12 }),
    });
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 5 }), (parts) => {
        const sums = sum({ therapy: parts.map(({ hours, value }) => therapy(hours, single(value))) });
        if (sums === 'missing') return false;
        const inside = parts.filter(({ hours }) => hours < 48).map(({ value }) => value);
        const total = inside.reduce((all, value) => all + value, 0);
        return sums[0] === total && sums[1] === total;
      }),
    );
  });

  it('grows with the rate, the duration and the number of doses, never falls', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 80 }), (tenths, hours) => {
        const at = (gramsAnHour: number, length: number): number => {
          const sums = sum({ orders: [order(rate(gramsAnHour, forHours(length)))] });
          return sums === 'missing' ? Number.NaN : sums[0];
        };
        const here = at(tenths / 10, hours);
        return (
          Math.abs(here - (tenths / 10) * Math.min(hours, 48)) < 1e-9 &&
          at((tenths + 1) / 10, hours) > here &&
          at(tenths / 10, hours + 1) >= here
        );
      }),
    );
  });
});

describe('drug starting', () => {
  const params = { classes: ['nsaid'], role: 'ordered', starting: true };
  it('an order of what is already taken is no start; of another NSAID it is', () => {
    const orders = [medication(ibuprofen, 'ordered')];
    expect(ask('drug', params, { orders, therapy: [medication(ibuprofen, 'active')] })).toMatchObject({
      value: false,
    });
    expect(ask('drug', params, { orders, therapy: [medication(naproxen, 'active')] })).toMatchObject({
      value: true,
    });
  });
  it('without a list of therapy it is not known', () => {
    expect(ask('drug', params, { orders: [medication(ibuprofen, 'ordered')] })).toMatchObject({
      state: 'missing',
    });
  });
});

describe('allergyToOrder', () => {
  const allergy = (code: Resource): Resource => ({
    resourceType: 'AllergyIntolerance',
    id: 'a',
    patient: { reference: 'Patient/p1' },
    code,
  });
  const orders = [medication(ibuprofen, 'ordered')];
  it.each([
    ['to the ingredient', coded(ibuprofen), true],
    ['to another NSAID', coded(naproxen), true],
    ['to another class', coded(omeprazole), false],
  ])('%s: %s', (_, code, expected) => {
    expect(ask('allergyToOrder', {}, { orders, allergies: [allergy(code)] })).toMatchObject({
      state: 'known',
      value: expected,
    });
  });
  it('to something not recognised is not known, and names the order it concerns', () => {
    const fact = ask('allergyToOrder', {}, { orders, allergies: [allergy({ text: 'painkillers' })] });
    expect(fact).toMatchObject({ state: 'missing', cause: 'unresolved', evidence: [{ order: 'selected' }] });
  });
  it('without a list of allergies is not known; with an empty one there is none', () => {
    expect(ask('allergyToOrder', {}, { orders })).toMatchObject({ state: 'missing', cause: 'category' });
    expect(ask('allergyToOrder', {}, { orders, allergies: [] })).toMatchObject({
      state: 'known',
      value: false,
    });
  });
});

describe('duplicateOrder', () => {
  it('of therapy, and of another draft order', () => {
    const order = medication(ibuprofen, 'ordered');
    expect(
      ask('duplicateOrder', {}, { orders: [order], therapy: [medication(ibuprofen, 'active')] }),
    ).toMatchObject({ value: true });
    expect(
      ask('duplicateOrder', {}, { orders: [order, medication(ibuprofen, 'ordered')], therapy: [] }),
    ).toMatchObject({ value: true });
    expect(
      ask('duplicateOrder', {}, { orders: [order], therapy: [medication(naproxen, 'active')] }),
    ).toMatchObject({ value: false });
    expect(ask('duplicateOrder', {}, { orders: [order] })).toMatchObject({ state: 'missing' });
  });
});
