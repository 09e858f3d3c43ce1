/**
 * Dose and rate of one order, from Dosage (https://hl7.org/fhir/R4/dosage.html). What cannot be computed is
 * missing, never zero. Rows of `doseAndRate` are alternatives of one dose (calculated, ordered, admin-amount),
 * so they are never summed: the row typed `ordered` counts, else the only row that states a rate.
 */
import { codeOf, isObject, type Json, object, objects, tidy } from './fhir.ts';

export interface Dosing {
  /** Fastest rate any of the dosages asks for, grams of the ordered drug (salt) an hour; null if not stated. */
  gramsPerHour: number | null;
  /** How it was computed, for the card. */
  basis: string | null;
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

/** @returns null when the order has no dosage at all */
export function readDosing(dosages: readonly Json[]): Dosing | null {
  if (dosages.length === 0) return null;
  let fastest: { rate: number; basis: string } | null = null;
  for (const dosage of dosages) {
    const rate = rateOf(dosage);
    if (rate && (fastest === null || rate.rate > fastest.rate)) fastest = rate;
  }
  return { gramsPerHour: fastest ? tidy(fastest.rate) : null, basis: fastest?.basis ?? null };
}
