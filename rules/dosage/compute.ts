/**
 * Computing with instructions: one drug of one product, in grams. Null wherever something is missing: a strength,
 * a body weight, a frequency.
 */

import { saltOf } from '../terminology/drugs/salts.ts';
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

/** What is multiplied with: nothing is told for one kilogram but what is ordered by weight. */
function weightFactor(byWeight: boolean, kilograms: Product['kilograms']): number | null {
  if (kilograms === 'one') return byWeight ? 1 : null;
  return byWeight ? kilograms : 1;
}

/**
 * Grams of enoxaparin in one IU of anti-Xa activity: 2,000 IU are 20 mg, 10,000 IU/mL are 100 mg/mL (Inhixa, summary of product
 * characteristics, section 2: https://www.medicines.org.uk/emc/product/9854/smpc/print). Of no other heparin.
 */
const enoxaparinInOneUnit = 1e-5;
/** Below 1 mg, or 0.1 mg/kg, it is no dose: `1 unit` may be a syringe, and `40 units` milligrams. */
const leastUnits = { IU: 100, 'IU/kg': 10 } as const;

function gramsInUnits({ value, unit }: Amount, ingredient: string): number | null {
  if (ingredient !== 'enoxaparin' || (unit !== 'IU' && unit !== 'IU/kg')) return null;
  return value < leastUnits[unit] ? null : enoxaparinInOneUnit;
}

/** Grams in one of what the amount of an ingredient is measured in; null where nobody says. */
function gramsInOne(amount: Amount, ingredient: string): number | null {
  const { unit, of } = amount;
  const measure = unit.replace('/kg', '');
  if (measure === 'g') return 1;
  if (measure === 'IU') return gramsInUnits(amount, ingredient);
  const salt = saltOf(ingredient);
  if (!salt || (of !== undefined && of !== salt.metal)) return null;
  const aGram = measure === 'mEq' ? salt.mEqAGram : measure === 'mmol' ? salt.mmolAGram : undefined;
  return aGram === undefined ? null : 1 / aGram;
}

const isOfIons = ({ unit }: Amount): boolean => unit.startsWith('mEq') || unit.startsWith('mmol');

/** Whether an instruction counts ions only, of a drug whose salt is not known: grams cannot be told. */
export function isOfUnknownSalt({ instructions }: Dosing, ingredients: readonly string[]): boolean {
  const drug = soleDrug(ingredients);
  return instructions.some(({ doses = [], perHour = [], perDay = [] }) => {
    const amounts = [...doses, ...perHour, ...perDay];
    const isOpen = (amount: Amount): boolean =>
      isOfIons(amount) && (drug === null || gramsInOne(amount, drug) === null);
    return amounts.length > 0 && amounts.every(isOpen);
  });
}

/** Whether an instruction counts millilitres only, of a product of which nobody says what a millilitre holds. */
export const isWithoutConcentration = ({ instructions, strengths = [] }: Dosing): boolean =>
  strengths.every(({ gramsAMillilitre }) => gramsAMillilitre === undefined) &&
  instructions.some(({ doses = [], perHour = [], perDay = [] }) => {
    const amounts = [...doses, ...perHour, ...perDay];
    return amounts.length > 0 && amounts.every(({ unit }) => unit === 'mL');
  });

/** An amount as grams of the ingredient; null where a strength, the salt or the body weight is missing. */
export function gramsOf(amount: Amount, product: Product): number | null {
  const { value, unit } = amount;
  const { dosing, ingredients, ingredient, kilograms } = product;
  if (unit !== 'piece' && unit !== 'mL') {
    // The dose of a combination in grams is not the dose of one part of it.
    if (soleDrug(ingredients) !== ingredient) return null;
    const factor = weightFactor(unit.endsWith('/kg'), kilograms);
    const grams = gramsInOne(amount, ingredient);
    return factor === null || grams === null ? null : toTwelveDigits(value * grams * factor);
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

/** What the order states for a day: grams. */
export const statedADayOf = ({ perDay }: Instruction, product: Product): number | null =>
  firstInGrams(perDay, product);

/** Of an amount for a day, in so many doses. */
function partOfDay(instruction: Instruction, product: Product): number | null {
  const aDay = statedADayOf(instruction, product);
  const { timesADay } = instruction;
  return aDay === null || timesADay === undefined ? null : toTwelveDigits(aDay / timesADay);
}

/** What a rate that is stated over so many hours comes to in them, `4 g` of `4 g` to `20 min`: grams. */
export function portionOf(instruction: Instruction, product: Product): number | null {
  const { overHours } = instruction;
  const rate = overHours === undefined ? null : statedRateOf(instruction, product);
  return rate === null || overHours === undefined ? null : toTwelveDigits(rate * overHours);
}

/** The portion as a dose, where no duration says another. */
function portionAsDose(instruction: Instruction, product: Product): number | null {
  const { hours, overHours = 0 } = instruction;
  const isAll = hours === undefined || Math.abs(hours - overHours) < 1e-6;
  return isAll ? portionOf(instruction, product) : null;
}

/** One dose, at most: grams. */
export function doseOf(instruction: Instruction, product: Product): number | null {
  const { mostADose } = instruction;
  const stated =
    firstInGrams(instruction.doses, product) ??
    partOfDay(instruction, product) ??
    portionAsDose(instruction, product);
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
  const byDose = dose === null || timesADay === undefined ? null : toTwelveDigits(dose * timesADay);
  const aDay = statedADayOf(instruction, product);
  const planned = byDose === null || aDay === null ? (byDose ?? aDay) : Math.max(byDose, aDay);
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

/** All of its doses are of one day: how often it is given from day to day is not said. */
const isOfOneDay = ({ count, timesADay: times }: Instruction): boolean =>
  count !== undefined && times !== undefined && count <= times;

/** Doses a day, at most, of what goes on for days; null where one of them is over within a day. */
export const timesEveryDay = (dosing: Dosing): number | null =>
  sumOverSteps(dosing, (instruction) => (isOfOneDay(instruction) ? null : (instruction.timesADay ?? null)));

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
