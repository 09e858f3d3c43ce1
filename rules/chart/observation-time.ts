/** When a result was taken, and what its status says: Observation, https://hl7.org/fhir/R4/observation.html */

import { asObject, asString, type Json } from '../fhir/json.ts';
import { hour, minute, type Span, spanOf } from '../fhir/time.ts';

/** Clocks differ by so much: milliseconds. */
export const clockTolerance = 5 * minute;
/** A date without an offset may have begun this much earlier somewhere on earth: milliseconds. */
export const earliestOffset = 14 * hour;

/**
 * Statuses without a value that counts: withdrawn, or not yet a result. `canceled` is a common misspelling; FHIR R6 has
 * `specimen-in-process` and `cannot-be-obtained`.
 */
export const withdrawnStatuses: ReadonlySet<string> = new Set([
  'entered-in-error',
  'cancelled',
  'canceled',
  'registered',
  'specimen-in-process',
  'cannot-be-obtained',
]);
/** Statuses whose value is used without a flag. */
export const finalStatuses: ReadonlySet<string> = new Set(['final', 'amended', 'corrected', 'appended']);

/** The status of a result as its code: without the spaces and upper case that some systems add. */
export const statusOf = (resource: Json): string | null =>
  asString(resource.status)?.trim().toLowerCase() || null;

/** Of results of one time: corrected and amended before final before the others (clinical decision 24). */
export function rankOfStatus(status: string | null): number {
  if (status === null || !finalStatuses.has(status)) return 2;
  return status === 'final' ? 1 : 0;
}

/** What ranks a result among others of its test and time. */
export interface Standing {
  /** The others describe it better: a stated weight beside a measured one. */
  yields: boolean;
  status: string | null;
  issued: unknown;
  lastUpdated: unknown;
}

/** As FHIR states it, and the span that it may mean; null where nothing says it. */
export interface ObservationTime {
  time: string | null;
  span: Span | null;
}

/**
 * Whether it lies after the evaluation time, with 5 minutes for clocks that differ. A date or a time without an
 * offset has begun when it has begun anywhere on earth.
 * @param at evaluation time in milliseconds
 */
export function isInFuture({ time, span }: ObservationTime, at: number): boolean {
  if (time === null || span === null) return false;
  const hasOffset = /Z|[+-]\d\d:/.test(time);
  return (hasOffset ? span.from : span.from - earliestOffset) > at + clockTolerance;
}

/**
 * effectiveDateTime, else effectivePeriod.end, else the one event of effectiveTiming, else issued; nothing else is a
 * time of the specimen.
 */
export function observationTimeOf(resource: Json): ObservationTime {
  const candidates = [
    resource.effectiveDateTime,
    resource.effectiveInstant,
    asObject(resource.effectivePeriod)?.end,
    onlyEventOf(resource.effectiveTiming),
    resource.issued,
  ];
  for (const candidate of candidates) {
    const span = spanOf(candidate);
    if (span) return { time: asString(candidate), span };
  }
  return { time: null, span: null };
}

function onlyEventOf(timing: unknown): unknown {
  const events = asObject(timing)?.event;
  return Array.isArray(events) && events.length === 1 ? events[0] : undefined;
}

/** When the period of a result began, where it is dated by one and it began before its end; milliseconds. */
export function periodStartOf(resource: Json, { time, span }: ObservationTime): number | null {
  const period = asObject(resource.effectivePeriod);
  const start = period && period.end === time ? spanOf(period.start) : null;
  return start && span && start.from < span.from ? start.from : null;
}
