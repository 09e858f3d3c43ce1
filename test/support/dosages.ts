/** Dosage (https://hl7.org/fhir/R4/dosage.html) for tests: a quantity, a timing, a dose; and a product. */

import type { Product } from '../../rules/dosage/compute.ts';
import { readDosing } from '../../rules/dosage/dosing.ts';
import type { Strength } from '../../rules/dosage/strength.ts';

export type Resource = Record<string, unknown>;
export const ucum = 'http://unitsofmeasure.org';
export const mg = (value: number) => ({ value, unit: 'mg', code: 'mg', system: ucum });
export const daily = (frequency: number, period = 1, periodUnit = 'd'): Resource => ({
  repeat: { frequency, period, periodUnit },
});
export const dose = (quantity: Resource, timing: Resource | undefined, more: Resource = {}): Resource => ({
  ...(timing ? { timing } : {}),
  doseAndRate: [{ doseQuantity: quantity }],
  ...more,
});
export const productOf = (
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
