/**
 * What an order or statement says about dose and rate, from Dosage (https://hl7.org/fhir/R4/dosage.html), read
 * once into coded instructions; the facts compute with them (facts/dose.ts, facts/cumulative.ts). What is not
 * understood is left out, never zero and never guessed.
 */

import { asArray, asObject, codeOf, codingsOf, type Json } from '../fhir/json.ts';
import type { Span } from '../fhir/time.ts';
import {
  type Amount,
  amountOf,
  dailyAmountOf,
  isBySurface,
  rateOfQuantity,
  rateOfRatio,
  type StatedRate,
} from './amounts.ts';
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
  /**
   * The hours that `perHour` is stated over, where they are not one hour, minute or second: `4 g` to `20 min` is that
   * dose, once at least, and what comes after it is not said.
   */
  overHours?: number;
  /** What is given in a day, where a rate is stated over a day or longer: no infusion, but a daily dose. */
  perDay?: Amount[];
  /** The same at least, where it is another: the lower ends of ranges, and of two figures the smaller. */
  least?: Stated;
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

/** The amounts that rows state, in ways of saying the same. */
type Stated = Pick<Instruction, 'doses' | 'perHour' | 'perDay'>;

/** All that one order or statement says. */
export interface Dosing {
  instructions: Instruction[];
  /** How much of each ingredient a piece or a millilitre of the product holds, as far as it says. */
  strengths?: Strength[];
}

/** Which end of a range, and which of two figures. */
type End = 'high' | 'low';

/**
 * What one row states. STU3 and R4 say `doseQuantity`, an administration `dose`; in DSTU2 a statement says
 * `quantityQuantity` and `quantityRange`, an administration `quantity`. Some put a rate (`2 g/h`) where a dose belongs.
 */
const doseQuantityOf = (row: Json): unknown =>
  row.doseQuantity ?? row.dose ?? row.quantityQuantity ?? row.quantity;
const doseRangeOf = (row: Json): Json | null => asObject(row.doseRange ?? row.quantityRange);

const doseOfRow = (row: Json, end: End): Amount | null =>
  amountOf(doseQuantityOf(row)) ?? amountOf(doseRangeOf(row)?.[end]);
const rateOfRow = (row: Json, end: End): StatedRate | null =>
  rateOfQuantity(row.rateQuantity) ??
  rateOfRatio(row.rateRatio) ??
  rateOfQuantity(asObject(row.rateRange)?.[end]) ??
  rateOfQuantity(doseQuantityOf(row)) ??
  rateOfQuantity(doseRangeOf(row)?.[end]);

const hoursADay = 24;

function perHourOfRow(row: Json, end: End): Amount | null {
  const rate = rateOfRow(row, end);
  return rate && rate.over < hoursADay ? rate.perHour : null;
}

/** What a rate is stated over, and is by that a rate alone: `g/h`, `mL/min`, `2 g` to `1 h`. */
const plainHours: readonly number[] = [1, 1 / 60, 1 / 3600];

/** Of rows that differ the shortest: the smaller dose is certain. */
function overHoursOf(dosage: Json): number | null {
  const hours = rowsOf(dosage).flatMap((row) => {
    const over = (rateOfRow(row, 'high') ?? rateOfRow(row, 'low'))?.over;
    const isPortion =
      over !== undefined &&
      over < hoursADay &&
      plainHours.every((plain) => Math.abs(over / plain - 1) > 1e-6);
    return isPortion ? [over] : [];
  });
  return hours.length === 0 ? null : Math.min(...hours);
}

function perDayOfRow(row: Json, end: End): Amount | null {
  const rate = rateOfRow(row, end);
  return rate && rate.over >= hoursADay ? rate.perDay : null;
}

const unitRank: Readonly<Record<Amount['unit'], number>> = {
  g: 0,
  'g/kg': 1,
  mEq: 2,
  'mEq/kg': 3,
  mmol: 4,
  'mmol/kg': 5,
  piece: 6,
  mL: 7,
  IU: 8,
  'IU/kg': 9,
};

/** By the code of the row's type, or its text: http://terminology.hl7.org/CodeSystem/dose-rate-type, others' words. */
function kindOfRow({ type }: Json): 'ordered' | 'untyped' | 'other' {
  const codings = codingsOf(type);
  const said = [
    codeOf(type),
    asObject(type)?.text,
    ...codings.flatMap(({ code, display }) => [code, display]),
  ]
    .filter((word) => typeof word === 'string' && word.trim() !== '')
    .map((word) => String(word).trim().toLowerCase());
  if (said.length === 0) return 'untyped';
  return said.includes('ordered') ? 'ordered' : 'other';
}

/**
 * Rows of `doseAndRate` are alternatives of one dose (calculated, ordered, admin-amount): those typed `ordered`
 * come first, then those without a type, then the others; of each unit one, and where two differ the larger, or the
 * smaller for the lower end. STU3 has dose and rate on the Dosage itself.
 */
function bestAmounts(dosage: Json, end: End, read: (row: Json, end: End) => Amount | null): Amount[] {
  const groups = Map.groupBy([dosage, ...asArray(dosage.doseAndRate)], (row) =>
    row === dosage ? 'untyped' : kindOfRow(row),
  );
  const found: Amount[] = [];
  for (const group of ['ordered', 'untyped', 'other'] as const) {
    const best = new Map<Amount['unit'], Amount>();
    for (const row of groups.get(group) ?? []) {
      const amount = read(row, end);
      const known = amount ? best.get(amount.unit) : undefined;
      const isBetter =
        !known || !amount || (end === 'high' ? amount.value > known.value : amount.value < known.value);
      if (amount && isBetter) best.set(amount.unit, amount);
    }
    found.push(...[...best.values()].sort((a, b) => unitRank[a.unit] - unitRank[b.unit]));
  }
  return found;
}

function statedIn(dosage: Json, end: End): Stated {
  const doses = bestAmounts(dosage, end, doseOfRow);
  const perHour = bestAmounts(dosage, end, perHourOfRow);
  const perDay = bestAmounts(dosage, end, perDayOfRow);
  return {
    ...(doses.length > 0 ? { doses } : {}),
    ...(perHour.length > 0 ? { perHour } : {}),
    ...(perDay.length > 0 ? { perDay } : {}),
  };
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
  const stated = statedIn(dosage, 'high');
  const least = statedIn(dosage, 'low');
  const sequence = dosage.sequence;
  const mostADay = mostADayOf(dosage);
  const overHours = overHoursOf(dosage);
  const mostADose =
    dosage.maxDosePerAdministration === undefined
      ? null
      : (amountOf(dosage.maxDosePerAdministration) ?? 'unclear');
  return {
    ...(typeof sequence === 'number' && Number.isInteger(sequence) ? { sequence } : {}),
    ...stated,
    ...(overHours === null ? {} : { overHours }),
    ...(JSON.stringify(least) === JSON.stringify(stated) ? {} : { least }),
    ...scheduleFields(scheduleOf(dosage.timing)),
    ...(mostADose === null ? {} : { mostADose }),
    ...(mostADay === null ? {} : { mostADay }),
  };
}

const doseKeys = ['doseQuantity', 'doseRange', 'dose', 'quantity', 'quantityQuantity', 'quantityRange'];
const rateKeys = ['rateQuantity', 'rateRange', 'rateRatio'];
const hasAny = (value: Json, keys: readonly string[]): boolean =>
  keys.some((key) => value[key] !== undefined);

const rowsOf = (dosage: Json): readonly Json[] => [dosage, ...asArray(dosage.doseAndRate)];

/** Every quantity that states a dose or a rate, the ends of ranges included. */
const quantitiesOf = (dosage: Json): unknown[] =>
  rowsOf(dosage).flatMap((row) => {
    const range = doseRangeOf(row);
    const rates = asObject(row.rateRange);
    return [
      doseQuantityOf(row),
      range?.high,
      row.rateQuantity,
      rates?.high,
      asObject(row.rateRatio)?.numerator,
    ];
  });

/**
 * A part of a Dosage that is not used: a dose or a timing that is not understood, a dose by body surface, which is not
 * computed, or one that stands in free text only, which is not read.
 */
export type UnreadPart = 'dose' | 'surface' | 'text' | 'timing';

function unreadDose(dosage: Json, instruction: Instruction): UnreadPart | null {
  const { doses, perHour, perDay, mostADose, mostADay } = instruction;
  const isRate = perHour !== undefined || perDay !== undefined;
  const isRead = doses !== undefined || isRate;
  const rows = rowsOf(dosage);
  const isDoseUnread = !isRead && rows.some((row) => hasAny(row, doseKeys));
  if (isDoseUnread || (!isRate && rows.some((row) => hasAny(row, rateKeys))))
    return quantitiesOf(dosage).some(isBySurface) ? 'surface' : 'dose';
  if (mostADose === 'unclear' || mostADay === 'unclear') return 'dose';
  return !isRead && [dosage.text, dosage.patientInstruction].some(saysAmount) ? 'text' : null;
}

/** Whether a free text may say how much. */
const saysAmount = (text: unknown): boolean =>
  typeof text === 'string' && /\d|\b(?:one|two|three|four|half)\b/i.test(text);

/** What a Dosage states and is not used. */
export function findUnreadParts(dosages: readonly Json[], { instructions }: Dosing): UnreadPart[] {
  const found = new Set<UnreadPart>();
  for (const [index, dosage] of dosages.entries()) {
    const instruction = instructions[index] ?? {};
    const dose = unreadDose(dosage, instruction);
    if (dose) found.add(dose);
    const timing = asObject(dosage.timing);
    const statesTiming = timing?.code !== undefined || hasAny(asObject(timing?.repeat) ?? {}, repetitionKeys);
    if (statesTiming && instruction.timesADay === undefined && instruction.count === undefined)
      found.add('timing');
  }
  return [...found];
}

const isOfProduct = (amount: Amount | string): boolean =>
  typeof amount !== 'string' && (amount.unit === 'piece' || amount.unit === 'mL');

/** Whether anything is stated in pieces or millilitres of the product. */
const needsStrength = ({
  doses = [],
  perHour = [],
  perDay = [],
  mostADose,
  mostADay = [],
}: Instruction): boolean =>
  [...doses, ...perHour, ...perDay, ...(mostADose ? [mostADose] : []), ...mostADay].some(isOfProduct);

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

/**
 * How an administration was given: its `dosage` (https://hl7.org/fhir/R4/medicationadministration.html), R4, R5, STU3
 * or DSTU2, as one dose.
 * @param hours how long it took, where its time says so
 * @returns null where it has no dosage
 */
export function readAdministeredDosing(
  dosage: unknown,
  hours: number | null,
  strengths: () => readonly Strength[] = () => [],
): Dosing | null {
  const dosing = readDosing(asArray(dosage), strengths);
  if (!dosing) return null;
  const instructions = dosing.instructions.map((instruction) => ({
    ...instruction,
    count: 1,
    ...(hours === null ? {} : { hours }),
  }));
  return { ...dosing, instructions };
}

/** Whether a unit measures the drug itself: a rate in millilitres may be of food through a tube. */
const measuresDrug = ({ unit }: Amount): boolean => unit !== 'mL' && unit !== 'piece';

/** Whether a row states a rate by the hour, or by less. */
function isHourly(row: Json): boolean {
  const rate = rateOfRow(row, 'high') ?? rateOfRow(row, 'low');
  return rate !== null && rate.over <= 1 && measuresDrug(rate.perHour);
}

/**
 * Whether it says a rate by the hour, or a dose by mass that takes a time: what is only done by infusion. An amount for
 * a day is a daily dose.
 */
export const isInfusion = (dosages: readonly Json[], { instructions }: Dosing): boolean =>
  dosages.some((dosage) => rowsOf(dosage).some(isHourly)) ||
  instructions.some(
    ({ doses, hours }) =>
      hours !== undefined && hours < hoursADay && doses?.some((dose) => measuresDrug(dose)),
  );
