/** When a therapy began, and when the last dose of one that is over was given. Times are milliseconds. */

import { asArray, asObject, type Json } from '../fhir/json.ts';
import { type Span, spanOf } from '../fhir/time.ts';
import type { Medication } from './types.ts';

/** The period in which the first dosage that states one is to be given. */
export function boundsOf(resource: Json): Json | null {
  for (const dosage of asArray(resource.dosageInstruction)) {
    const bounds = asObject(asObject(asObject(dosage.timing)?.repeat)?.boundsPeriod);
    if (bounds) return bounds;
  }
  return null;
}

/**
 * When the therapy began. A date of writing (authoredOn, dateAsserted) only says when it had begun at the
 * latest: a renewal hides the years before it.
 */
export function startOf(resource: Json): { span: Span | null; atLatest: boolean } {
  const stated =
    spanOf(asObject(resource.effectivePeriod)?.start) ??
    spanOf(resource.effectiveDateTime) ??
    spanOf(boundsOf(resource)?.start);
  if (stated) return { span: stated, atLatest: false };
  return { span: spanOf(resource.authoredOn) ?? spanOf(resource.dateAsserted), atLatest: true };
}

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
  const period = asObject(resource.effectivePeriod);
  const bounds = boundsOf(resource);
  const once = spanOf(resource.effectiveDateTime);
  const actual = spanOf(period?.end) ?? (status === 'completed' ? once : null);
  if (actual && actual.from <= at) return endWithin(actual, at);
  const planned = spanOf(bounds?.end);
  if (planned && planned.from <= at && status !== 'stopped' && status !== 'on-hold') {
    return endWithin(planned, at);
  }
  const begun = spanOf(period?.start) ?? once ?? spanOf(bounds?.start) ?? spanOf(resource.authoredOn);
  const said = [planned, spanOf(resource.dateAsserted), spanOf(asObject(resource.meta)?.lastUpdated)];
  const to = Math.min(at, ...said.flatMap((span) => span?.to ?? []));
  return { from: begun ? Math.min(begun.from, to) : null, to };
}
