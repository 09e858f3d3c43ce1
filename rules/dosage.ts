/**
 * Dose and rate of one order, from Dosage (https://hl7.org/fhir/R4/dosage.html). What cannot be computed is
 * missing, never zero. Rows of `doseAndRate` are alternatives of one dose (calculated, ordered, admin-amount),
 * so they are never summed: the row typed `ordered` counts, else the only row that states a rate.
 */

import { codeOf, isObject, type Json, object, objects } from './fhir.ts';
import { toTwelveDigits } from './terminology/units.ts';

export interface Dosing {
  /** Fastest rate any of the dosages asks for, grams of the ordered drug (salt) an hour; null if not stated. */
  gramsPerHour: number | null;
  /** How it was computed, for the card. */
  basis: string | null;
  /** Most that is to be taken in a day, grams of the drug as ordered (salt); null if it cannot be computed. */
  gramsPerDay: number | null;
}

const gramsOf: Readonly<Record<string, number>> = { g: 1, mg: 0.001, ug: 0.000001, mcg: 0.000001, kg: 1000 };
const hoursOf: Readonly<Record<string, number>> = {
  h: 1,
  hr: 1,
  hour: 1,
  min: 1 / 60,
  minute: 1 / 60,
  s: 1 / 3600,
  d: 24,
  day: 24,
};

const unitOf = (quantity: Json): string | null => {
  // A code of another system than UCUM (a tablet form, SNOMED CT) says nothing here; the text may.
  const coded = quantity.system === undefined || quantity.system === 'http://unitsofmeasure.org';
  const unit = (coded ? quantity.code : undefined) ?? quantity.unit;
  return typeof unit === 'string' ? unit.trim() : null;
};
const amount = (quantity: unknown): number | null =>
  isObject(quantity) &&
  typeof quantity.value === 'number' &&
  Number.isFinite(quantity.value) &&
  quantity.value >= 0
    ? quantity.value
    : null;

function grams(quantity: unknown): number | null {
  const value = amount(quantity);
  const unit = isObject(quantity) ? unitOf(quantity) : null;
  const factor = unit !== null && Object.hasOwn(gramsOf, unit) ? gramsOf[unit] : undefined;
  return value === null || factor === undefined ? null : value * factor;
}

function hours(quantity: unknown): number | null {
  const value = amount(quantity);
  const unit = isObject(quantity) ? unitOf(quantity) : null;
  const factor = unit !== null && Object.hasOwn(hoursOf, unit) ? hoursOf[unit] : undefined;
  return value === null || value === 0 || factor === undefined ? null : value * factor;
}

/** `g/h`, `mg/min` and the like. */
function rateQuantity(quantity: unknown): number | null {
  const value = amount(quantity);
  const [mass, time, ...rest] = (isObject(quantity) ? unitOf(quantity) : null)?.split('/') ?? [];
  if (value === null || mass === undefined || time === undefined || rest.length > 0) return null;
  const g = Object.hasOwn(gramsOf, mass) ? gramsOf[mass] : undefined;
  const h = Object.hasOwn(hoursOf, time) ? hoursOf[time] : undefined;
  return g === undefined || h === undefined ? null : (value * g) / h;
}

/** The rows that state the order itself. */
function orderedRows(dosage: Json): readonly Json[] {
  const rows = objects(dosage.doseAndRate);
  const ordered = rows.filter((row) => codeOf(row.type) === 'ordered');
  return ordered.length > 0 ? ordered : rows;
}

function rateOf(dosage: Json): { rate: number; basis: string } | null {
  const found: { rate: number; basis: string }[] = [];
  const repeat = object(object(dosage.timing)?.repeat);
  // Of `1 to 4 hours` (duration, durationMax) the shorter is the faster.
  const duration = hours({ value: repeat?.duration, code: repeat?.durationUnit });
  const rows = [...orderedRows(dosage), dosage];
  for (const row of rows) {
    const direct = rateQuantity(row.rateQuantity);
    if (direct !== null) found.push({ rate: direct, basis: 'rate as ordered' });
    const ratio = object(row.rateRatio);
    const numerator = grams(ratio?.numerator);
    const denominator = hours(ratio?.denominator);
    if (numerator !== null && denominator !== null) {
      found.push({ rate: numerator / denominator, basis: 'rate as ordered' });
    }
  }
  // A stated rate goes before a computed one, whichever row it is in.
  if (found.length === 0 && duration !== null) {
    for (const row of rows) {
      const dose = grams(row.doseQuantity);
      if (dose !== null) found.push({ rate: dose / duration, basis: 'dose over duration' });
    }
  }
  return found.reduce<(typeof found)[number] | null>(
    (fastest, next) => (fastest === null || next.rate > fastest.rate ? next : fastest),
    null,
  );
}

/** Times a day of Timing.code (https://hl7.org/fhir/R4/valueset-timing-abbreviation.html). */
const timesOfCode: Readonly<Record<string, number>> = {
  QD: 1,
  AM: 1,
  PM: 1,
  BED: 1,
  BID: 2,
  TID: 3,
  QID: 4,
  Q4H: 6,
  Q6H: 4,
  Q8H: 3,
  Q12H: 2,
  QOD: 0.5,
  WK: 1 / 7,
};
const daysOf: Readonly<Record<string, number>> = { min: 1 / 1440, h: 1 / 24, d: 1, wk: 7, mo: 30 };

function timesADay(dosage: Json): number | null {
  const timing = object(dosage.timing);
  const repeat = object(timing?.repeat);
  const days = typeof repeat?.periodUnit === 'string' ? daysOf[repeat.periodUnit] : undefined;
  const period = repeat?.period;
  if (days !== undefined && typeof period === 'number' && period > 0) {
    const frequency = repeat?.frequencyMax ?? repeat?.frequency ?? 1;
    return typeof frequency === 'number' ? frequency / (period * days) : null;
  }
  if (repeat?.count === 1) return 1;
  const code = codeOf(timing?.code);
  return code !== null && Object.hasOwn(timesOfCode, code) ? (timesOfCode[code] ?? null) : null;
}

const pieces = /^(\{?(tbl|tab|tablet|cap|capsule|pill)s?\}?)$/i;

/** One dose in grams: stated as a mass, or as pieces of a known strength. A range counts with its upper end. */
function doseOf(dosage: Json, gramsAPiece: number | null): number | null {
  for (const row of [...orderedRows(dosage), dosage]) {
    const quantity = object(row.doseQuantity) ?? object(object(row.doseRange)?.high);
    if (!quantity) continue;
    const mass = grams(quantity);
    if (mass !== null) return mass;
    const count = amount(quantity);
    const unit = quantity.unit ?? quantity.code;
    if (gramsAPiece !== null && count !== null && typeof unit === 'string' && pieces.test(unit.trim())) {
      return count * gramsAPiece;
    }
  }
  return null;
}

/** `500 MG Oral Tablet`: the strength of a product with one ingredient; null unless exactly one is named. */
export function strengthOf(names: readonly (string | null)[]): number | null {
  for (const name of names) {
    if (name === null || name.length > 300) continue;
    const found = [...name.matchAll(/(\d+(?:\.\d+)?)\s*(mg|mcg|ug|g)\b(\s*\/)?/gi)];
    const [only] = found;
    // Of a combination, or by volume, it is not the strength of one piece of one drug.
    if (!only || found.length > 1 || only[3] !== undefined) continue;
    const factor = gramsOf[(only[2] ?? '').toLowerCase()];
    if (factor !== undefined) return Number(only[1]) * factor;
  }
  return null;
}

/**
 * Most in a day. Dosages of one step add up (morning and evening); of several steps (`sequence`) the largest
 * counts. As needed counts as if always needed. One dosage that cannot be computed leaves all of it open.
 */
function gramsPerDayOf(dosages: readonly Json[], gramsAPiece: number | null): number | null {
  const steps = new Map<unknown, number>();
  for (const dosage of dosages) {
    const dose = doseOf(dosage, gramsAPiece);
    const times = timesADay(dosage);
    if (dose === null || times === null) return null;
    steps.set(dosage.sequence, (steps.get(dosage.sequence) ?? 0) + dose * times);
  }
  return steps.size === 0 ? null : toTwelveDigits(Math.max(...steps.values()));
}

/**
 * @param gramsAPiece strength of a tablet or capsule, where it is known
 * @returns null when the order has no dosage at all
 */
export function readDosing(dosages: readonly Json[], gramsAPiece: number | null = null): Dosing | null {
  if (dosages.length === 0) return null;
  let fastest: { rate: number; basis: string } | null = null;
  for (const dosage of dosages) {
    const rate = rateOf(dosage);
    if (rate && (fastest === null || rate.rate > fastest.rate)) fastest = rate;
  }
  return {
    gramsPerHour: fastest ? toTwelveDigits(fastest.rate) : null,
    basis: fastest?.basis ?? null,
    gramsPerDay: gramsPerDayOf(dosages, gramsAPiece),
  };
}
