/**
 * What instructions deliver over time, in grams: a rate for some hours, or a dose every so often. For the sum of
 * a drug over two days it matters when, and what is not stated leaves the sum open: each instruction has what it
 * delivers at least and at most.
 */

import { day, hour } from '../fhir/time.ts';
import { toTwelveDigits } from '../terminology/units.ts';
import { doseOf, limitADayOf, type Product, statedRateOf } from './compute.ts';
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
export function deliveredBy(
  instruction: Instruction,
  product: Product,
  { start, end, over, at }: Course,
): DeliveryBounds & { end: number } {
  const { timesADay, count, runsHours, hours } = instruction;
  const rate = statedRateOf(instruction, product);
  const dose =
    doseOf(instruction, product) ??
    (rate === null || hours === undefined ? null : toTwelveDigits(rate * hours));
  const limit = limitADayOf(instruction, product);
  const mostADay = limit === 'unclear' ? null : limit;

  const planned = runsHours === undefined || start === null ? null : start + runsHours * hour;
  const stated = end === null ? planned : Math.min(end, planned ?? forever);
  const to = stated ?? (over ? at : forever);
  const finite = count !== undefined || runsHours !== undefined;
  // Without a known start it has been going on for as long as a sum can look back, and so many doses or hours
  // are anywhere before the end.
  const from = start ?? Number.NEGATIVE_INFINITY;

  const deliver = (what: Delivery['what']): Delivery => ({ from, to, what, mostADay });
  const infusionOf = (gramsAnHour: number): Delivery['what'] => ({ gramsAnHour, hours: runsHours });
  const doses = (grams: number, every: number, times: number): Delivery =>
    deliver({ grams, every, count: times });

  const exact = (delivery: Delivery): DeliveryBounds => ({ least: delivery, most: delivery });
  const atMost = (most: Delivery['what']): DeliveryBounds => ({ least: null, most: deliver(most) });
  const plan = (): DeliveryBounds => {
    if (dose !== null && count === 1 && hours !== undefined && Number.isFinite(from)) {
      return exact({ ...deliver({ gramsAnHour: dose / hours }), to: Math.min(to, from + hours * hour) });
    }
    if (dose !== null && timesADay !== undefined) {
      return exact(doses(dose, day / timesADay, count ?? forever));
    }
    if (dose !== null && count !== undefined) {
      return { least: doses(dose, day, 1), most: doses(dose * count, day, 1) };
    }
    if (dose !== null) {
      // How often is not said: once at least.
      const most = rate === null ? 'unbounded' : deliver(infusionOf(rate));
      return { least: doses(dose, day, 1), most };
    }
    if (rate !== null) {
      const infusion = infusionOf(rate);
      return timesADay === undefined && count === undefined ? exact(deliver(infusion)) : atMost(infusion);
    }
    return mostADay === null ? { least: null, most: 'unbounded' } : atMost(infusionOf(mostADay / 24));
  };

  const { least, most } = plan();
  // When it was, or how little a limit leaves of it, is not known: perhaps nothing of it was inside.
  const placed =
    start !== null ? !over || stated !== null || count !== undefined : !over && !finite && stated === null;
  const certain = placed && limit !== 'unclear';
  return { least: certain ? least : null, most, end: endOf(most, hours) };
}

function endOf(delivery: Delivery | 'unbounded', hours: number | undefined): number {
  if (delivery === 'unbounded') return forever;
  const { what, from, to } = delivery;
  if ('gramsAnHour' in what) return to;
  return Math.min(to, from + (what.count - 1) * what.every + (hours ?? 0) * hour);
}
