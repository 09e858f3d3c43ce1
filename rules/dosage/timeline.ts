/**
 * What instructions deliver over time, in grams: a rate for some hours, or a dose every so often. For the sum of
 * a drug over two days it matters when, and what is not stated leaves the sum open: each instruction has what it
 * delivers at least and at most.
 */

import { day, hour } from '../fhir/time.ts';
import { toTwelveDigits } from '../terminology/units.ts';
import { doseOf, limitADayOf, type Product, portionOf, statedADayOf, statedRateOf } from './compute.ts';
import type { Instruction } from './dosing.ts';

const forever = Number.POSITIVE_INFINITY;

/** The longest window of a sum: therapy that is over is kept for so long, by its end, else by its beginning. */
export const longestSum = 7 * day;

interface Delivery {
  /** Milliseconds; -Infinity: nobody knows since when, perhaps for long. */
  from: number;
  /** Nothing is given from here on. */
  to: number;
  /** A rate takes no more than `hours` in all, wherever they are. */
  what: { gramsAnHour: number; hours?: number | undefined } | { grams: number; every: number; count: number };
  /** Allowed in a day at most. */
  mostADay: number | null;
}

/** `unbounded`: nobody can say how much. */
export interface DeliveryBounds {
  least: Delivery | null;
  most: Delivery | 'unbounded';
}

/** When an instruction is carried out. */
export interface Course {
  /** Null: not known, but it has begun. */
  start: number | null;
  /** The stated end, where there is one. */
  end: number | null;
  /** It was completed, whenever that was: by `at`. */
  over: boolean;
  at: number;
}

/** Which bound of a sum is asked for. */
export type Side = 'least' | 'most';

/** Grams given inside `[from, to)`. */
export function gramsBetween(delivery: Delivery, from: number, to: number, side: Side): number {
  const { what, mostADay } = delivery;
  const begin = Math.max(from, delivery.from);
  const end = Math.min(to, delivery.to);
  if (end <= begin) return 0;
  const grams =
    'gramsAnHour' in what
      ? what.gramsAnHour * Math.min((end - begin) / hour, what.hours ?? forever)
      : what.grams * dosesBetween(delivery.from, what, begin, end, side);
  return toTwelveDigits(mostADay === null ? grams : Math.min(grams, (mostADay * (to - from)) / day));
}

function dosesBetween(
  first: number,
  { every, count }: { every: number; count: number },
  from: number,
  to: number,
  side: Side,
): number {
  // Without a first dose there is no telling where in the rhythm it is: on average, or the most that fall inside.
  if (!Number.isFinite(first)) {
    const times = toTwelveDigits((to - from) / every);
    return Math.min(count, side === 'least' ? times : Math.ceil(times));
  }
  const before = (time: number): number =>
    Math.min(count, Math.max(0, Math.ceil(toTwelveDigits((time - first) / every))));
  return before(to) - before(from);
}

/** What one instruction delivers, at least and at most, and when it ends (Infinity: it does not). */
export function deliveryOf(
  instruction: Instruction,
  product: Product,
  course: Course,
): DeliveryBounds & { end: number } {
  const limit = limitADayOf(instruction, product);
  const { from, to, isPlaced } = extentOf(instruction, course);
  const mostADay = limit === 'unclear' ? null : limit;
  const deliver = (what: Delivery['what']): Delivery => ({ from, to, what, mostADay });
  const { most, least } = boundsOfInstruction(instruction, product, mostADay, deliver);
  const { doses: _, perHour: __, perDay: ___, ...rest } = instruction;
  const end = endOf(most, instruction.hours);
  const certain = instruction.least
    ? boundsOfInstruction({ ...rest, ...instruction.least }, product, mostADay, deliver).least
    : least;
  // How little a limit leaves of it is not known where the limit is not.
  return {
    least: isPlaced && limit !== 'unclear' ? certain : null,
    most,
    end: end === forever ? (endOfDose(instruction, product, from) ?? end) : end,
  };
}

/** `4 g at 12 g/h`, and how often is not said: the next step begins after 20 minutes. */
function endOfDose(instruction: Instruction, product: Product, from: number): number | null {
  const { timesADay, count } = instruction;
  const hours =
    timesADay === undefined && count === undefined ? hoursOfDose(instruction, product) : undefined;
  return hours === undefined || !Number.isFinite(from) ? null : from + hours * hour;
}

/** How long a dose takes: as it is stated, else by its rate. */
function hoursOfDose(instruction: Instruction, product: Product): number | undefined {
  const { hours } = instruction;
  const [dose, rate] = [doseOf(instruction, product), statedRateOf(instruction, product)];
  if (hours !== undefined || !dose || !rate) return hours;
  return toTwelveDigits(dose / rate);
}

function boundsOfInstruction(
  instruction: Instruction,
  product: Product,
  mostADay: number | null,
  deliver: Deliver,
): DeliveryBounds {
  const rate = statedRateOf(instruction, product);
  const { hours, timesADay } = instruction;
  const dose =
    doseOf(instruction, product) ??
    (rate === null || hours === undefined ? null : toTwelveDigits(rate * hours));
  if (dose !== null) {
    const lasts = hoursOfDose(instruction, product);
    const bounds = boundsOfDose(
      dose,
      rate,
      lasts === undefined ? instruction : { ...instruction, hours: lasts },
      deliver,
    );
    const portion = portionOf(instruction, product);
    // `4 g` to `20 min`, for 24 hours: that much once, or all the time.
    return portion !== null && portion < dose && instruction.doses === undefined
      ? { ...bounds, least: deliver({ grams: portion, every: day, count: 1 }) }
      : bounds;
  }
  if (rate !== null) return boundsOfRate(rate, instruction, deliver);
  // An amount for a day, and how often is not said: as one dose a day.
  const aDay = timesADay === undefined ? statedADayOf(instruction, product) : null;
  return aDay === null
    ? boundsOfLimit(mostADay, instruction, deliver)
    : boundsOfDose(aDay, null, { ...instruction, timesADay: 1 }, deliver);
}

/**
 * When an instruction is carried out.
 * @returns `isPlaced`: it is known when, so that what it delivers at least is certain to be inside
 */
function extentOf(
  { count, runsHours }: Instruction,
  { start, end, over, at }: Course,
): { from: number; to: number; isPlaced: boolean } {
  const planned = runsHours === undefined || start === null ? null : start + runsHours * hour;
  const stated = end === null ? planned : Math.min(end, planned ?? forever);
  const isLimited = count !== undefined || runsHours !== undefined;
  return {
    // Without a known start it has been going on for as long as a sum can look back, and so many doses or hours
    // are anywhere before the end.
    from: start ?? Number.NEGATIVE_INFINITY,
    to: stated ?? (over ? at : forever),
    isPlaced:
      start === null
        ? !over && !isLimited && stated === null
        : !over || stated !== null || count !== undefined,
  };
}

type Deliver = (what: Delivery['what']) => Delivery;

const exactly = (delivery: Delivery): DeliveryBounds => ({ least: delivery, most: delivery });

function boundsOfDose(
  dose: number,
  rate: number | null,
  { timesADay, count, runsHours, hours }: Instruction,
  deliver: Deliver,
): DeliveryBounds {
  if (count === 1 && hours !== undefined) {
    const infusion = deliver({ gramsAnHour: dose / hours });
    const { from, to } = infusion;
    if (Number.isFinite(from)) return exactly({ ...infusion, to: Math.min(to, from + hours * hour) });
  }
  if (timesADay !== undefined) {
    return exactly(deliver({ grams: dose, every: day / timesADay, count: count ?? forever }));
  }
  const once = deliver({ grams: dose, every: day, count: 1 });
  if (count !== undefined) {
    return { least: once, most: deliver({ grams: dose * count, every: day, count: 1 }) };
  }
  // How often is not said: once at least.
  return {
    least: once,
    most: rate === null ? 'unbounded' : deliver({ gramsAnHour: rate, hours: runsHours }),
  };
}

function boundsOfRate(
  rate: number,
  { timesADay, count, runsHours }: Instruction,
  deliver: Deliver,
): DeliveryBounds {
  const infusion = deliver({ gramsAnHour: rate, hours: runsHours });
  // How long each time takes is not said.
  return timesADay === undefined && count === undefined ? exactly(infusion) : { least: null, most: infusion };
}

/** Of what says neither dose nor rate. */
function boundsOfLimit(
  mostADay: number | null,
  { runsHours }: Instruction,
  deliver: Deliver,
): DeliveryBounds {
  if (mostADay === null) return { least: null, most: 'unbounded' };
  return { least: null, most: deliver({ gramsAnHour: mostADay / 24, hours: runsHours }) };
}

function endOf(delivery: Delivery | 'unbounded', hours: number | undefined): number {
  if (delivery === 'unbounded') return forever;
  const { what, from, to } = delivery;
  if ('gramsAnHour' in what) return to;
  return Math.min(to, from + (what.count - 1) * what.every + (hours ?? 0) * hour);
}
