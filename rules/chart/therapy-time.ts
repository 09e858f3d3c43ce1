/** When a therapy began and ends, and when the last dose of one that is over was given. Times are milliseconds. */

import { hoursOf } from '../dosage/amounts.ts';
import { asArray, asObject, type Json } from '../fhir/json.ts';
import { day, hour, type Span, spanOf } from '../fhir/time.ts';
import type { Medication } from './types.ts';

const sequenceOf = ({ sequence }: Json): number => (typeof sequence === 'number' ? sequence : 0);

/**
 * The dosages of an order or a statement by `sequence`, wherever they stand
 * (https://hl7.org/fhir/R4/dosage-definitions.html#Dosage.sequence); those without one go together and come first.
 */
export const dosagesOf = (resource: Json): readonly Json[] =>
  [...asArray(resource.dosageInstruction ?? resource.dosage)].sort((a, b) => sequenceOf(a) - sequenceOf(b));

/** When one dosage is to be given: its bounds, or the first of its dates; and for how long. */
interface Bounds {
  start: Span | null;
  end: Span | null;
  hours: number | null;
}

function boundsOf(dosage: Json): Bounds {
  const timing = asObject(dosage.timing);
  const repeat = asObject(timing?.repeat);
  // DSTU2 has it under the same names.
  const period = asObject(repeat?.boundsPeriod);
  const events = [timing?.event ?? []]
    .flat()
    .flatMap((event) => spanOf(event) ?? [])
    .sort((a, b) => a.from - b.from);
  return {
    start: spanOf(period?.start) ?? events[0] ?? null,
    end: spanOf(period?.end),
    hours: hoursOf(repeat?.boundsDuration) ?? hoursOf(asObject(repeat?.boundsRange)?.high),
  };
}

const later = ({ from, to }: Span, hours: number): Span => ({
  from: from + hours * hour,
  to: to + hours * hour,
});

/** The latest of the ends; null where one of them has none. */
function latestEnd(ends: readonly (Span | null)[]): Span | null {
  const known = ends.filter((end) => end !== null);
  if (known.length < ends.length) return null;
  return known.reduce<Span | null>((a, b) => (a === null || b.to > a.to ? b : a), null);
}

/** From when to when the steps of a therapy are to be carried out; null where that is not stated. */
export interface Course {
  start: Span | null;
  /** Of the last step; none where one step has none. */
  end: Span | null;
  /** Nothing of it has begun: the first step begins after the evaluation time, and no later one before it. */
  isAhead: (at: number) => boolean;
  /** The dosages of the steps that are neither over nor still to come. */
  ofNow: (at: number) => readonly Json[];
}

/**
 * Steps follow one another by `sequence`: one without a start of its own begins when the step before it ends, and
 * one that lasts so many days ends so many days after it began.
 * @param begun when the first step began, where the resource says so elsewhere
 */
export function courseOf(resource: Json, begun: Span | null): Course {
  const steps = [...Map.groupBy(dosagesOf(resource), sequenceOf).values()];
  const read: { dosage: Json; bounds: Bounds; start: Span | null; end: Span | null }[][] = [];
  let next = begun;
  for (const step of steps) {
    const begins = next;
    const ended = step.map((dosage) => {
      const bounds = boundsOf(dosage);
      const start = bounds.start ?? begins;
      const end = bounds.end ?? (start && bounds.hours !== null ? later(start, bounds.hours) : null);
      return { dosage, bounds, start, end };
    });
    read.push(ended);
    next = latestEnd(ended.map(({ end }) => end));
  }
  const first = (read[0] ?? []).map(({ bounds }) => bounds.start);
  const starts = first.filter((start) => start !== null);
  const others = read.slice(1).flat();
  const isAhead = (at: number): boolean =>
    first.length > 0 &&
    first.every((start) => start !== null && start.from > at) &&
    others.every(({ bounds }) => bounds.start === null || bounds.start.from > at);
  return {
    start: starts.reduce<Span | null>((a, b) => (a === null || b.from < a.from ? b : a), null),
    end: latestEnd(read.flat().map(({ end }) => end)),
    isAhead,
    ofNow: (at) =>
      read
        .flat()
        .flatMap(({ dosage, start, end }) =>
          (end !== null && end.to < at) || (start !== null && start.from > at) ? [] : [dosage],
        ),
  };
}

/** The times of a statement of R5, as a period: its bounds, or from the first of its dates. */
function periodOfTiming(timing: unknown): Json | null {
  const { start, end } = boundsOf({ timing });
  if (!start && !end) return null;
  const bounds = asObject(asObject(asObject(timing)?.repeat)?.boundsPeriod);
  if (bounds && (spanOf(bounds.start) || spanOf(bounds.end))) return bounds;
  const [first] = [asObject(timing)?.event ?? []]
    .flat()
    .filter((event) => spanOf(event)?.from === start?.from);
  return { start: first };
}

/**
 * DSTU2 says `effectivePeriod` and `effectiveDateTime`, too; a request of R5 says `effectiveDosePeriod`, and a
 * statement of R5 may say `effectiveTiming`
 * (https://hl7.org/fhir/R5/medicationrequest-definitions.html#MedicationRequest.effectiveDosePeriod).
 */
const statedTime = (resource: Json): { period: Json | null; once: Span | null } => ({
  period:
    asObject(resource.effectivePeriod) ??
    asObject(resource.effectiveDosePeriod) ??
    periodOfTiming(resource.effectiveTiming),
  once: spanOf(resource.effectiveDateTime),
});

const statedStart = (resource: Json): Span | null => {
  const { period, once } = statedTime(resource);
  return spanOf(period?.start) ?? once;
};

/** When an order was written, or therapy was told of; `dateWritten` is its name in DSTU2. */
const writtenOn = (resource: Json): Span | null =>
  spanOf(resource.authoredOn) ?? spanOf(resource.dateWritten) ?? spanOf(resource.dateAsserted);

/**
 * When the therapy began. A date of writing (authoredOn, dateAsserted) only says when it had begun at the
 * latest: a renewal hides the years before it.
 */
export function startOf(resource: Json): { span: Span | null; atLatest: boolean } {
  const stated = statedStart(resource) ?? courseOf(resource, null).start;
  if (stated) return { span: stated, atLatest: false };
  return { span: writtenOn(resource), atLatest: true };
}

/** The end of its stated time, apart from its dosages. */
export const endOfPeriod = (resource: Json): Span | null => spanOf(statedTime(resource).period?.end);

/** The stated end of taking: of its time, else of its last step; null where it has none. */
export const statedEndOf = (resource: Json): Span | null =>
  endOfPeriod(resource) ?? courseOf(resource, statedStart(resource)).end;

/** Whether it is stated to begin after `at`: nothing of it has been taken. */
export function beginsAfter(resource: Json, at: number): boolean {
  const stated = statedStart(resource);
  return stated ? stated.from > at : courseOf(resource, null).isAhead(at);
}

/** The dosages of `at`, by their steps: neither over nor still to come; all of them where none is left. */
export function dosagesAt(resource: Json, at: number): readonly Json[] {
  const left = courseOf(resource, statedStart(resource)).ofNow(at);
  return left.length > 0 ? left : dosagesOf(resource);
}

/** How long a prescription reaches from when it was written: its course, its supply with all repeats, its validity. */
function reachOf(resource: Json): Record<'course' | 'supply' | 'validity', Span | null> {
  const dispense = asObject(resource.dispenseRequest);
  const validity = asObject(dispense?.validityPeriod);
  const written = writtenOn(resource);
  const from = spanOf(validity?.start) ?? written;
  const hours = hoursOf(dispense?.expectedSupplyDuration);
  const repeats = dispense?.numberOfRepeatsAllowed;
  const times = typeof repeats === 'number' && repeats > 0 ? repeats + 1 : 1;
  return {
    course: courseOf(resource, written).end,
    supply: from && hours !== null ? later(from, hours * times) : null,
    validity: spanOf(validity?.end),
  };
}

/**
 * Since when a prescription has lapsed, though nothing says that the drug is no longer taken: its validity, its
 * supply with all repeats, or the days it was written for are over; the latest of them. Null where it states none
 * of these, or one of them is not over.
 */
export function lapseOf(resource: Json, at: number): Span | null {
  const lapsed = latestEnd(Object.values(reachOf(resource)).filter((end) => end !== null));
  return lapsed && lapsed.to < at ? lapsed : null;
}

/**
 * Until when what is completed was to be taken: its stated end, else the days it was written for, else its supply.
 * Its validity bounds the handing out alone: it makes nothing certain.
 */
export function reachOfCompleted(resource: Json): { end: Span; isCertain: boolean } | null {
  const { course, supply, validity } = reachOf(resource);
  const end = statedEndOf(resource) ?? course ?? supply;
  if (end) return { end, isCertain: true };
  return validity && { end: validity, isCertain: false };
}

/** After so long nobody can say whether a lapsed prescription is still taken: milliseconds. */
export const longLapse = 365 * day;

/** Between which instants the last dose lies; `from` null where nothing says. */
export type EndOfTherapy = NonNullable<Medication['ended']>;

/** The last dose lies in `span`, and not after `latest`. */
export const endWithin = ({ from, to }: Span, latest: number): EndOfTherapy => ({
  from: Math.min(from, latest),
  to: Math.min(to, latest),
});

/**
 * When the last dose of a therapy that is over was given: the stated end of its time; else some time between its
 * beginning and the day on which it was said to be over. A planned end that lies ahead, or that of an order which
 * was stopped or is on hold, says only that nothing was given after it.
 * @param at evaluation time
 */
export function endOf(resource: Json, status: string | null, at: number): EndOfTherapy {
  const { period, once } = statedTime(resource);
  // DSTU2 says when a prescription was ended.
  const actual = spanOf(period?.end) ?? spanOf(resource.dateEnded) ?? (status === 'completed' ? once : null);
  if (actual && actual.from <= at) return endWithin(actual, at);
  const { start, end: planned } = courseOf(resource, statedStart(resource));
  if (planned && planned.from <= at && status !== 'stopped' && status !== 'on-hold') {
    return endWithin(planned, at);
  }
  const begun =
    spanOf(period?.start) ?? once ?? start ?? spanOf(resource.authoredOn) ?? spanOf(resource.dateWritten);
  const said = [planned, spanOf(resource.dateAsserted), spanOf(asObject(resource.meta)?.lastUpdated)];
  const to = Math.min(at, ...said.flatMap((span) => span?.to ?? []));
  return { from: begun ? Math.min(begun.from, to) : null, to };
}
