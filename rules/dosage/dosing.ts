/**
 * What an order or statement says about dose and rate, from Dosage (https://hl7.org/fhir/R4/dosage.html), read
 * once into coded instructions; the facts compute with them (facts/dose.ts, facts/cumulative.ts). What is not
 * understood is left out, never zero and never guessed.
 */

import { asArray, asObject, codeOf, type Json } from '../fhir/json.ts';
import type { Span } from '../fhir/time.ts';
import { type Amount, amountOf, dailyAmountOf, hourlyRateOf, hourlyRateOfRatio } from './amounts.ts';
import type { Strength } from './strength.ts';
import { repetitionKeys, type Schedule, scheduleOf } from './timing.ts';

/** One Dosage. What is absent was not stated, or not understood. */
export interface Instruction {
  /** Steps follow one another; those with the same number go together. */
  sequence?: number;
  /**
   * One dose, at most. Ways of saying the same, best first: as ordered before as calculated, a mass before
   * pieces. The first that can be expressed in grams counts; they are never summed.
   */
  doses?: Amount[];
  /** Fastest rate an hour, ways of saying the same likewise. */
  perHour?: Amount[];
  timesADay?: number;
  count?: number;
  /** Hours that one dose takes. */
  hours?: number;
  runsHours?: number;
  begins?: Span;
  ends?: Span;
  /** `unclear`: there is a limit that is not understood, so what it allows is not known. */
  mostADose?: Amount | 'unclear';
  mostADay?: Amount[] | 'unclear';
}

/** All that one order or statement says. */
export interface Dosing {
  instructions: Instruction[];
  /** How much of each ingredient a piece or a millilitre of the product holds, as far as it says. */
  strengths?: Strength[];
}

/** Of one row; of a range the higher end. */
const doseOfRow = (row: Json): Amount | null =>
  amountOf(row.doseQuantity) ?? amountOf(asObject(row.doseRange)?.high);
const rateOfRow = (row: Json): Amount | null =>
  hourlyRateOf(row.rateQuantity) ??
  hourlyRateOfRatio(row.rateRatio) ??
  hourlyRateOf(asObject(row.rateRange)?.high);

const unitRank: Readonly<Record<Amount['unit'], number>> = { g: 0, 'g/kg': 1, piece: 2, mL: 3 };

/**
 * Rows of `doseAndRate` are alternatives of one dose (calculated, ordered, admin-amount): those typed `ordered`
 * come first, then those without a type, then the others; of each unit one, and where two differ the larger.
 * STU3 has dose and rate on the Dosage itself.
 */
function bestAmounts(dosage: Json, read: (row: Json) => Amount | null): Amount[] {
  const groups = Map.groupBy([dosage, ...asArray(dosage.doseAndRate)], (row) => {
    const type = row === dosage ? null : codeOf(row.type);
    return type === 'ordered' ? 'ordered' : type === null ? 'untyped' : 'other';
  });
  const found: Amount[] = [];
  for (const group of ['ordered', 'untyped', 'other'] as const) {
    const largest = new Map<Amount['unit'], Amount>();
    for (const row of groups.get(group) ?? []) {
      const amount = read(row);
      const known = amount ? largest.get(amount.unit) : undefined;
      if (amount && (!known || amount.value > known.value)) largest.set(amount.unit, amount);
    }
    found.push(...[...largest.values()].sort((a, b) => unitRank[a.unit] - unitRank[b.unit]));
  }
  return found;
}

/** R4 has one Ratio, R5 several: all of them hold. */
function mostADayOf(dosage: Json): Amount[] | 'unclear' | null {
  const ratios = asArray(dosage.maxDosePerPeriod);
  if (ratios.length === 0) return null;
  const limits = ratios.flatMap((ratio) => dailyAmountOf(ratio) ?? []);
  return limits.length === ratios.length ? limits : 'unclear';
}

/** Of a schedule what is stated. */
const scheduleFields = ({ timesADay, count, hours, runsHours, begins, ends }: Schedule): Instruction => ({
  ...(timesADay === null ? {} : { timesADay }),
  ...(count === null ? {} : { count }),
  ...(hours === null ? {} : { hours }),
  ...(runsHours === null ? {} : { runsHours }),
  ...(begins === null ? {} : { begins }),
  ...(ends === null ? {} : { ends }),
});

function instructionOf(dosage: Json): Instruction {
  const doses = bestAmounts(dosage, doseOfRow);
  const perHour = bestAmounts(dosage, rateOfRow);
  const sequence = dosage.sequence;
  const mostADay = mostADayOf(dosage);
  const mostADose =
    dosage.maxDosePerAdministration === undefined
      ? null
      : (amountOf(dosage.maxDosePerAdministration) ?? 'unclear');
  return {
    ...(typeof sequence === 'number' && Number.isInteger(sequence) ? { sequence } : {}),
    ...(doses.length > 0 ? { doses } : {}),
    ...(perHour.length > 0 ? { perHour } : {}),
    ...scheduleFields(scheduleOf(dosage.timing)),
    ...(mostADose === null ? {} : { mostADose }),
    ...(mostADay === null ? {} : { mostADay }),
  };
}

const amountKeys = ['doseQuantity', 'doseRange', 'rateQuantity', 'rateRange', 'rateRatio'];
const hasAny = (value: Json, keys: readonly string[]): boolean =>
  keys.some((key) => value[key] !== undefined);

/** What a Dosage states in figures or codes and we did not understand; free text is not read and not told. */
export function findUnreadParts(dosages: readonly Json[], { instructions }: Dosing): ('dose' | 'timing')[] {
  const found = new Set<'dose' | 'timing'>();
  for (const [index, dosage] of dosages.entries()) {
    const { doses, perHour, mostADose, mostADay, timesADay, count } = instructions[index] ?? {};
    const statesAmount = [dosage, ...asArray(dosage.doseAndRate)].some((row) => hasAny(row, amountKeys));
    if (statesAmount && !doses && !perHour) found.add('dose');
    if (mostADose === 'unclear' || mostADay === 'unclear') found.add('dose');
    const timing = asObject(dosage.timing);
    const statesTiming = timing?.code !== undefined || hasAny(asObject(timing?.repeat) ?? {}, repetitionKeys);
    if (statesTiming && timesADay === undefined && count === undefined) found.add('timing');
  }
  return [...found];
}

const isOfProduct = (amount: Amount | string): boolean =>
  typeof amount !== 'string' && (amount.unit === 'piece' || amount.unit === 'mL');

/** Whether anything is stated in pieces or millilitres of the product. */
const needsStrength = ({ doses = [], perHour = [], mostADose, mostADay = [] }: Instruction): boolean =>
  [...doses, ...perHour, ...(mostADose ? [mostADose] : []), ...mostADay].some(isOfProduct);

/**
 * @param strengths of the product; asked for only where a dose is in pieces or millilitres of it
 * @returns null when the order has no dosage at all
 */
export function readDosing(
  dosages: readonly Json[],
  strengths: () => readonly Strength[] = () => [],
): Dosing | null {
  if (dosages.length === 0) return null;
  const instructions = dosages.map(instructionOf);
  const found = instructions.some(needsStrength) ? strengths() : [];
  return { instructions, ...(found.length > 0 ? { strengths: [...found] } : {}) };
}

/** Whether it says a rate, or a dose by mass that takes a time: what is only done by infusion. */
export const isInfusion = ({ instructions }: Dosing): boolean =>
  instructions.some(
    ({ perHour, doses, hours }) =>
      perHour?.some(({ unit }) => unit !== 'mL') ||
      (hours !== undefined && doses?.some(({ unit }) => unit === 'g')),
  );
