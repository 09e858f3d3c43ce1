/**
 * Computing with instructions: one drug of one product, in grams. Null wherever something is missing: a strength,
 * a body weight, a frequency.
 */

import { toTwelveDigits } from '../terminology/units.ts';
import type { Amount } from './amounts.ts';
import type { Dosing, Instruction } from './dosing.ts';
import { soleDrug } from './strength.ts';

/** Whose dose: one ingredient of a product, taken by a person of a known weight or not. */
export interface Product {
  dosing: Dosing;
  ingredients: readonly string[];
  /** The ingredient asked about. */
  ingredient: string;
  /**
   * Kilograms of body weight; null where it is not known. `one`: everything is asked for one kilogram, so that
   * only what is ordered by weight can be told.
   */
  kilograms: number | 'one' | null;
}

/** What a mass is multiplied with: nothing is told for one kilogram but what is ordered by weight. */
function massFactor(unit: 'g' | 'g/kg', kilograms: Product['kilograms']): number | null {
  if (kilograms === 'one') return unit === 'g' ? null : 1;
  return unit === 'g' ? 1 : kilograms;
}

/** An amount as grams of the ingredient; null where a strength or the body weight is missing. */
export function gramsOf({ value, unit }: Amount, product: Product): number | null {
  const { dosing, ingredients, ingredient, kilograms } = product;
  if (unit === 'g' || unit === 'g/kg') {
    // The dose of a combination in grams is not the dose of one part of it.
    if (soleDrug(ingredients) !== ingredient) return null;
    const factor = massFactor(unit, kilograms);
    return factor === null ? null : toTwelveDigits(value * factor);
  }
  const strength = dosing.strengths?.find((one) => one.ingredient === ingredient);
  const factor = unit === 'piece' ? strength?.gramsAPiece : strength?.gramsAMillilitre;
  return factor === undefined || kilograms === 'one' ? null : toTwelveDigits(value * factor);
}

function firstInGrams(amounts: readonly Amount[] | undefined, product: Product): number | null {
  for (const amount of amounts ?? []) {
    const grams = gramsOf(amount, product);
    if (grams !== null) return grams;
  }
  return null;
}

/** One dose, at most: grams. */
export function doseOf(instruction: Instruction, product: Product): number | null {
  const { mostADose } = instruction;
  const stated = firstInGrams(instruction.doses, product);
  if (mostADose === undefined || stated === null) return stated;
  const limit = mostADose === 'unclear' ? null : gramsOf(mostADose, product);
  return limit === null ? null : Math.min(stated, limit);
}

/** What the order allows in a day at most, where it says so; `unclear` where it says so and it is not understood. */
export function limitADayOf({ mostADay }: Instruction, product: Product): number | 'unclear' | null {
  if (mostADay === undefined) return null;
  if (mostADay === 'unclear') return 'unclear';
  const limits = mostADay.map((amount) => gramsOf(amount, product));
  const known = limits.filter((limit) => limit !== null);
  return known.length === limits.length ? Math.min(...known) : 'unclear';
}

/** Most in a day: grams. */
function gramsADayOf(instruction: Instruction, product: Product): number | null {
  const dose = doseOf(instruction, product);
  const { timesADay } = instruction;
  const planned = dose === null || timesADay === undefined ? null : toTwelveDigits(dose * timesADay);
  const limit = limitADayOf(instruction, product);
  if (limit === 'unclear') return null;
  if (limit === null) return planned;
  return planned === null ? limit : Math.min(planned, limit);
}

/**
 * Sums over the instructions of one step (morning and evening), the largest over steps. One instruction that
 * cannot be computed leaves all of it open.
 */
function sumOverSteps(
  { instructions }: Dosing,
  read: (instruction: Instruction) => number | null,
): number | null {
  const steps = new Map<number | undefined, number>();
  for (const instruction of instructions) {
    const value = read(instruction);
    if (value === null) return null;
    steps.set(instruction.sequence, (steps.get(instruction.sequence) ?? 0) + value);
  }
  return steps.size === 0 ? null : toTwelveDigits(Math.max(...steps.values()));
}

/** Most in a day: grams; null where an instruction cannot be computed. */
export const gramsADay = (product: Product): number | null =>
  sumOverSteps(product.dosing, (instruction) => gramsADayOf(instruction, product));

/** Doses a day, at most. */
export const timesADay = (dosing: Dosing): number | null =>
  sumOverSteps(dosing, (instruction) => instruction.timesADay ?? null);

/** Largest single dose: grams. */
export function largestDose(product: Product): number | null {
  const doses = product.dosing.instructions.map((instruction) => doseOf(instruction, product));
  const known = doses.filter((dose) => dose !== null);
  return known.length === doses.length && known.length > 0 ? Math.max(...known) : null;
}

/** Grams an hour. */
export interface Rate {
  gramsAnHour: number;
  /** How it was computed, for the card. */
  basis: string;
}

/** The rate that an instruction states: grams an hour. */
export const statedRateOf = ({ perHour }: Instruction, product: Product): number | null =>
  firstInGrams(perHour, product);

/** Of one instruction: a stated rate goes before one computed from dose and duration. */
export function rateOf(instruction: Instruction, product: Product): Rate | null {
  const stated = statedRateOf(instruction, product);
  if (stated !== null) return { gramsAnHour: stated, basis: 'rate as ordered' };
  const dose = doseOf(instruction, product);
  if (dose === null || instruction.hours === undefined) return null;
  return { gramsAnHour: toTwelveDigits(dose / instruction.hours), basis: 'dose over duration' };
}

/** The fastest of the instructions that say one. */
export function fastestRate(product: Product): Rate | null {
  return product.dosing.instructions.reduce<Rate | null>((fastest, instruction) => {
    const rate = rateOf(instruction, product);
    return rate && (fastest === null || rate.gramsAnHour > fastest.gramsAnHour) ? rate : fastest;
  }, null);
}
