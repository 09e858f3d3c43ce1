/**
 * How often and how long: Timing (https://hl7.org/fhir/R4/datatypes.html#Timing). The most it allows counts: of
 * `every 4 to 6 hours` the 4, of `1 to 3 times a day` the 3. What is not stated, or said in two ways that differ,
 * is null.
 */
import { asObject, asString, type Json } from '../fhir/json.ts';
import { day, type Span, spanOf } from '../fhir/time.ts';
import { hoursOf, hoursOfUnit } from './amounts.ts';
import { patternOf } from './timing-code.ts';

/** What is null is not stated, or not understood. */
export interface Schedule {
  /** Averaged over the period where that is longer than a day: once a week is a seventh. */
  timesADay: number | null;
  /** Doses in all. */
  count: number | null;
  /** Hours that one dose takes, at least: the shorter is the faster. */
  hours: number | null;
  /** Hours from the first dose to the end. */
  runsHours: number | null;
  begins: Span | null;
  ends: Span | null;
}

const emptySchedule: Schedule = {
  timesADay: null,
  count: null,
  hours: null,
  runsHours: null,
  begins: null,
  ends: null,
};

/** Events that happen once a day. Meals in general (`AC`, `PC`, `C`) are not: how many is not said. */
const eventsOnceADay: ReadonlySet<string> = new Set(
  (
    'MORN MORN.early MORN.late NOON AFT AFT.early AFT.late EVE EVE.early EVE.late NIGHT PHS HS WAKE ' +
    'CM CD CV ACM ACD ACV PCM PCD PCV'
  ).split(' '),
);

const asPositive = (value: unknown): number | null =>
  typeof value === 'number' && Number.isFinite(value) && value > 0 ? value : null;
const asList = (value: unknown): readonly unknown[] =>
  Array.isArray(value) ? value : value === undefined || value === null ? [] : [value];

/** Times a day that are listed by name or by the clock; null when one of them is no time of one day. */
function timesListedADay(repeat: Json): number | null {
  const when = asList(repeat.when);
  const clock = asList(repeat.timeOfDay);
  if (when.some((event) => typeof event !== 'string' || !eventsOnceADay.has(event))) return null;
  return Math.max(new Set(when).size, new Set(clock).size);
}

/** How often `repeat` says, a day; null where it does not say, or says something that is not understood. */
function timesOfRepeat(repeat: Json): number | null {
  const listed = timesListedADay(repeat);
  const weekdays = new Set(asList(repeat.dayOfWeek)).size;
  const hasPeriod = repeat.period !== undefined || repeat.periodUnit !== undefined;
  return hasPeriod
    ? timesInPeriod(repeat, listed ?? 0, weekdays)
    : timesWithoutPeriod(repeat, listed, weekdays);
}

/** By the clock or by name it happens every day, or on the days of the week that are named. */
function timesWithoutPeriod(repeat: Json, listed: number | null, weekdays: number): number | null {
  if (listed === null || (listed === 0 && weekdays === 0)) return null;
  const frequency = asPositive(repeat.frequencyMax ?? repeat.frequency) ?? 1;
  return Math.max(listed, frequency) * (weekdays === 0 ? 1 : weekdays / 7);
}

function timesInPeriod(repeat: Json, listed: number, weekdays: number): number | null {
  const period = asPositive(repeat.period);
  const unit = hoursOfUnit(repeat.periodUnit);
  const stated = repeat.frequencyMax ?? repeat.frequency;
  const frequency = stated === undefined ? 1 : asPositive(stated);
  if (period === null || unit === null || frequency === null) return null;
  const shortest = Math.min(period, asPositive(repeat.periodMax) ?? period);
  const days = (shortest * unit) / 24;
  if (weekdays > 0 && days >= 7) return Math.max(frequency, weekdays * Math.max(listed, 1)) / days;
  const aDay = days < 1 ? Math.max(frequency / days, listed) : Math.max(frequency, listed) / days;
  return weekdays > 0 && days <= 1 ? (aDay * weekdays) / 7 : aDay;
}

/** Days between the two that are closest; 1 where a date names no day, or is the only one. */
function closestDays(dates: readonly string[]): number {
  const times = dates
    .map((date) => (date.length === 10 ? Date.parse(date) / day : Number.NaN))
    .toSorted((one, other) => one - other);
  const apart = times.slice(1).map((time, index) => time - (times[index] ?? 0));
  const closest = Math.min(...apart);
  return Number.isFinite(closest) ? Math.max(closest, 1) : 1;
}

/** Doses with a date of their own: how many in all, and at most a day, averaged where their days lie apart. */
function eventsOf(timing: Json): { count: number; aDay: number } | null {
  const events = asList(timing.event).flatMap((event) => asString(event) ?? []);
  if (events.length === 0) return null;
  const byDay = Map.groupBy(events, (event) => event.slice(0, 10));
  const onOneDay = Math.max(...[...byDay.values()].map((same) => same.length));
  return { count: events.length, aDay: onOneDay / closestDays([...byDay.keys()]) };
}

const isSameFrequency = (one: number, other: number): boolean => Math.abs(one - other) < 1e-9;

/** Of so many doses in all, no more are taken in a day. Figures beyond all measure say nothing. */
function mostTimesADay(count: number | null, timesADay: number | null): number | null {
  if (count === 1) return 1;
  if (timesADay === null || !(timesADay > 0 && timesADay < 1e6)) return null;
  return count === null ? timesADay : Math.min(timesADay, count);
}

/** Keys of `repeat` that say something about repetition. */
export const repetitionKeys = [
  'frequency',
  'frequencyMax',
  'period',
  'periodMax',
  'when',
  'timeOfDay',
  'dayOfWeek',
];

/** @param timing a Timing, or what came instead of one */
export function scheduleOf(timing: unknown): Schedule {
  const whole = asObject(timing);
  if (!whole) return emptySchedule;
  const repeat = asObject(whole.repeat) ?? {};
  const pattern = patternOf(whole.code);
  const events = eventsOf(whole);
  const hours =
    hoursOf({ value: repeat.duration, code: repeat.durationUnit }) ??
    hoursOf({ value: repeat.durationMax, code: repeat.durationUnit });
  const stated = asPositive(repeat.countMax ?? repeat.count);
  // Something that takes 4 hours, with no word about doing it again, is done once.
  const once =
    pattern === null &&
    repeat.duration !== undefined &&
    !repetitionKeys.some((key) => repeat[key] !== undefined);
  const byCode = pattern === 'unclear' ? null : pattern;
  const count = stated ?? events?.count ?? (once || (byCode !== null && 'count' in byCode) ? 1 : null);
  const byRepeat = timesOfRepeat(repeat);
  // `BID` beside `once a day`: which of them was meant is not for us to say.
  const differ =
    byCode !== null &&
    byRepeat !== null &&
    !isSameFrequency('count' in byCode ? 1 : byCode.timesADay, byRepeat);
  const regular =
    byCode !== null && 'timesADay' in byCode ? byCode.timesADay : (byRepeat ?? events?.aDay ?? null);
  const bounds = asObject(repeat.boundsPeriod);
  return {
    timesADay: differ ? null : mostTimesADay(count, regular),
    count: differ ? null : count,
    hours,
    runsHours: hoursOf(repeat.boundsDuration) ?? hoursOf(asObject(repeat.boundsRange)?.high),
    begins: spanOf(bounds?.start),
    ends: spanOf(bounds?.end),
  };
}
