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

/** The period of a result, or of its timing: its bounds, or from the first to the last of its dates. */
function periodOf({ effectivePeriod, effectiveTiming }: Json): { start?: unknown; end?: unknown } | null {
  const period = asObject(effectivePeriod);
  if (period) return period;
  const timing = asObject(effectiveTiming);
  const dated = [timing?.event ?? []]
    .flat()
    .flatMap((event: unknown) => {
      const span = spanOf(event);
      return span ? [{ event, span }] : [];
    })
    .sort((a, b) => a.span.to - b.span.to);
  if (dated.length > 0) return { start: dated[0]?.event, end: dated.at(-1)?.event };
  return asObject(asObject(timing?.repeat)?.boundsPeriod);
}

/** Since a start without an end: until it was issued, else until now. */
function sinceStart(start: unknown, issued: unknown, at: number): ObservationTime | null {
  const begun = spanOf(start);
  if (!begun) return null;
  const said = spanOf(issued);
  const to = said && said.to >= begun.from ? said.to : at;
  return { time: asString(start), span: { from: begun.from, to: Math.max(begun.to, to) } };
}

/**
 * effectiveDateTime, else the end of effectivePeriod or the last event of effectiveTiming, else since their start, else
 * issued; nothing else is a time of the specimen.
 * @param at evaluation time in milliseconds
 */
export function observationTimeOf(resource: Json, at: number): ObservationTime & { issuedOnly?: true } {
  const period = periodOf(resource);
  for (const candidate of [resource.effectiveDateTime, resource.effectiveInstant, period?.end]) {
    const span = spanOf(candidate);
    if (span) return { time: asString(candidate), span };
  }
  const since = sinceStart(period?.start, resource.issued, at);
  if (since) return since;
  const span = spanOf(resource.issued);
  return span ? { time: asString(resource.issued), span, issuedOnly: true } : { time: null, span: null };
}

/** When the period of a result began, where it is dated by one and it began before its end; milliseconds. */
export function periodStartOf(resource: Json, { time, span }: ObservationTime): number | null {
  const period = periodOf(resource);
  const start = period && period.end === time ? spanOf(period.start) : null;
  return start && span && start.from < span.from ? start.from : null;
}
