/** One dose in every unit it can be ordered in, in every version of FHIR, and whatever the order of rows: the same grams. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fastestRate, gramsADay, largestDose } from '../../../rules/dosage/compute.ts';
import { readAdministeredDosing } from '../../../rules/dosage/dosing.ts';
import { productOf, type Resource } from '../../support/dosages.ts';

const sulfate = 'magnesium sulfate';
const strengths = [{ ingredient: sulfate, gramsAMillilitre: 0.04 }];
const of = (...dosages: Resource[]) =>
  productOf(dosages, strengths, { ingredients: [sulfate], ingredient: sulfate, kilograms: 80 });

/** So many of each are one gram of magnesium sulfate heptahydrate, for 80 kg, of 4 g/100 mL. */
const inAGram: readonly (readonly [unit: string, count: number])[] = [
  ['g', 1],
  ['mg', 1000],
  ['MG', 1000],
  ['mEq', 8.12],
  ['meq', 8.12],
  ['mmol', 4.06],
  ['mmol Mg2+', 4.06],
  ['mL', 25],
  ['mg/kg', 12.5],
  ['mmol/kg', 4.06 / 80],
];
const grams = fc.integer({ min: 1, max: 400 }).map((tenths) => tenths / 10);
const unit = fc.constantFrom(...inAGram);
const once = { repeat: { count: 1 } };
const close = (one: number | null | undefined, other: number) =>
  one !== null && one !== undefined && Math.abs(one - other) <= 1e-9 * other;

describe('one dose', () => {
  it('is the same grams in every unit', () => {
    fc.assert(
      fc.property(grams, unit, (dose, [name, count]) => {
        const doseQuantity = { value: dose * count, unit: name };
        return close(largestDose(of({ timing: once, doseAndRate: [{ doseQuantity }] })), dose);
      }),
    );
  });

  it('is the same grams an hour in every unit, as a quantity and as a ratio', () => {
    fc.assert(
      fc.property(grams, unit, fc.constantFrom(1, 2, 4, 12), (rate, [name, count], hours) => {
        const quantity = { rateQuantity: { value: rate * count, unit: `${name}/h` } };
        const rateRatio = {
          numerator: { value: rate * count * hours, unit: name },
          denominator: { value: hours, unit: 'h' },
        };
        return [quantity, { rateRatio }].every((row) =>
          close(fastestRate(of({ doseAndRate: [row] }))?.gramsAnHour, rate),
        );
      }),
    );
  });

  it('for a day is a daily dose and no rate, in every unit', () => {
    fc.assert(
      fc.property(grams, unit, (aDay, [name, count]) => {
        const rateRatio = {
          numerator: { value: aDay * count, unit: name },
          denominator: { value: 1, unit: 'd', code: 'd' },
        };
        const rows = [{ rateRatio }, { rateQuantity: { value: aDay * count, unit: `${name}/day` } }];
        return rows.every((row) => {
          const product = of({ doseAndRate: [row] });
          return close(gramsADay(product), aDay) && fastestRate(product) === null;
        });
      }),
    );
  });

  it('is the same whatever the order of rows', () => {
    const row = fc.record({
      type: fc.constantFrom(undefined, { text: 'Ordered' }, { coding: [{ code: 'calculated' }] }),
      doseQuantity: fc
        .tuple(grams, unit)
        .map(([dose, [name, count]]) => ({ value: dose * count, unit: name })),
    });
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 4 }), (doseAndRate) => {
        const forwards = of({ timing: once, doseAndRate });
        const backwards = of({ timing: once, doseAndRate: [...doseAndRate].reverse() });
        return largestDose(forwards) === largestDose(backwards);
      }),
    );
  });

  const quantity = { value: 16.24, unit: 'mEq' };
  const range = { low: { value: 1, unit: 'g' }, high: { value: 2, unit: 'g' } };
  it.each<[string, Resource]>([
    ['R4, R5', { doseAndRate: [{ doseQuantity: quantity }] }],
    ['an object for the list', { doseAndRate: { doseQuantity: quantity } }],
    ['a range of R4', { doseAndRate: [{ doseRange: range }] }],
    ['STU3, DSTU2', { doseQuantity: quantity }],
    ['a range of STU3', { doseRange: range }],
    ['a statement of DSTU2', { quantityQuantity: quantity }],
    ['a range of a statement of DSTU2', { quantityRange: range }],
    ['an administration', { dose: quantity }],
    ['an administration of DSTU2', { quantity }],
  ])('is read as %s writes it', (_, dosage) => {
    expect(largestDose(of({ ...dosage, timing: once }))).toBeCloseTo(2, 9);
  });

  it('that was given is one dose, over the time it took', () => {
    const dosing = readAdministeredDosing({ dose: quantity }, 0.5);
    expect(dosing?.instructions).toEqual([{ doses: [{ value: 16.24, unit: 'mEq' }], count: 1, hours: 0.5 }]);
    expect(readAdministeredDosing(undefined, null)).toBeNull();
  });

  it.each([
    ['magnesium, of which nobody says the salt', 'magnesium', { value: 16, unit: 'mEq' }],
    ['a salt that is not listed', 'sodium bicarbonate', { value: 50, unit: 'mEq' }],
    ['a salt whose form is in doubt', 'magnesium citrate', { value: 16, unit: 'mmol' }],
    ['another metal', sulfate, { value: 16, unit: 'mEq K' }],
    ['international units', 'heparin', { value: 5000, unit: 'units' }],
  ])('of %s is not told in grams', (_, ingredient, doseQuantity) => {
    const product = productOf([{ timing: once, doseQuantity }], [], {
      ingredients: [ingredient],
      ingredient,
    });
    expect(largestDose(product)).toBeNull();
  });
});
