import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildChart } from '../../../rules/chart/chart.ts';
import { gramsADay, largestDose, timesADay } from '../../../rules/dosage/compute.ts';
import { isInfusion, readDosing } from '../../../rules/dosage/dosing.ts';
import type { Strength } from '../../../rules/dosage/strength.ts';
import { intakeOfHook } from '../../../rules/intake/intake.ts';
import { daily, dose, mg, productOf, type Resource } from '../../support/dosages.ts';
import { at, searchset } from '../../support/hook-requests.ts';

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
        // At least it is the smaller.
        least: {
          doses: [
            { value: 0.02, unit: 'g' },
            { value: 2, unit: 'piece' },
          ],
        },
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
    expect(isInfusion(dosages, readDosing(dosages) ?? { instructions: [] })).toBe(expected);
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
    ['a dosage of text alone', { text: 'as before' }, []],
    ['a dose in text alone', { text: '2 g IV over 2 hours' }, ['dose-not-understood']],
    ['a dose beside its text', { ...dose(mg(20), daily(1)), text: '20 mg a day' }, []],
    ['a dose by body surface', dose({ value: 100, unit: 'mg/m2' }, daily(1)), ['dose-not-understood']],
    ['5000 units', dose({ value: 5000, unit: 'units' }, daily(2)), []],
    [
      'a dose, and a rate without a unit',
      { ...dose(mg(20), daily(1)), rateQuantity: { value: 5 } },
      ['dose-not-understood'],
    ],
    ['a dose without a unit', dose({ value: 1 }, daily(1)), ['dose-not-understood']],
    ['a dose in milliequivalents', dose({ value: 20, code: 'meq' }, daily(1)), []],
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
