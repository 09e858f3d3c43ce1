/** When a result was taken, and what its status says: Observation, https://hl7.org/fhir/R4/observation.html */

import { asObject, asString, type Json } from '../fhir/json.ts';
import { hour, minute, type Span, spanOf } from '../fhir/time.ts';

/** Clocks differ by so much: milliseconds. */
export const clockTolerance = 5 * minute;
/** A date without an offset may have begun this much earlier somewhere on earth: milliseconds. */
export const earliestOffset = 14 * hour;

/** Statuses whose value is not used. */
export const withdrawnStatuses: ReadonlySet<string> = new Set([
  'entered-in-error',
  'cancelled',
  'registered',
]);
/** Statuses whose value is used without a flag. */
export const finalStatuses: ReadonlySet<string> = new Set(['final', 'amended', 'corrected', 'appended']);

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

/** effectiveDateTime, else effectivePeriod.end, else issued; nothing else is a time of the specimen. */
export function observationTimeOf(resource: Json): ObservationTime {
  const candidates = [
    resource.effectiveDateTime,
    resource.effectiveInstant,
    asObject(resource.effectivePeriod)?.end,
    resource.issued,
  ];
  for (const candidate of candidates) {
    const span = spanOf(candidate);
    if (span) return { time: asString(candidate), span };
  }
  return { time: null, span: null };
}
