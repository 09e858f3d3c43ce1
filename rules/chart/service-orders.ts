/** ServiceRequest -> service orders: those of this moment, and tests that were ordered before it. */

import { scheduleOf } from '../dosage/timing.ts';
import { asArray, asObject, asString, codingsOf, isObject, type Json } from '../fhir/json.ts';
import { isTrue } from '../fhir/negation.ts';
import { day, hour, type Span, spanOf } from '../fhir/time.ts';
import type { IntakeItem } from '../intake/types.ts';
import { contrastOf } from '../terminology/contrast-studies.ts';
import { testsOrderedBy } from '../terminology/service-tests.ts';
import type { ChartBuilder } from './chart-builder.ts';
import { codesOf } from './codes.ts';
import type { ServiceOrder } from './types.ts';

const withdrawnOrderStatuses = new Set(['entered-in-error', 'revoked', 'completed']);
/** STU3 and DSTU2 have other words for a signed order that is not done. */
const runningStatuses = new Set(['active', 'requested', 'accepted', 'in-progress', 'received']);
/** How far ahead a test may be booked to be awaited: as long as a critical value speaks. Local decision, docs/data.md. */
const soon = 3 * day;
/** Intents of what nobody ordered yet; what is planned counts, as it does of drugs. */
const unorderedIntents = new Set(['proposal', 'option']);

/**
 * Adds an order of this moment, whatever it is for, and of those signed before a test that is not done. One that is
 * on hold is not on its way.
 */
export function readServiceRequest(builder: ChartBuilder, item: IntakeItem): void {
  const { resource, reference, selected, from } = item;
  if (isTrue(resource.doNotPerform)) return;
  const status = asString(resource.status) ?? '';
  const { codings, text } = codeOf(resource);
  const names = [
    ...codings.flatMap(({ display }) => asString(display) ?? []),
    ...(text === null ? [] : [text]),
  ];
  const due = dueOf(resource);
  // What is booked for later answers no question of this moment.
  const tests = due && due.from > builder.at + soon ? [] : testsOrderedBy(codings, names);
  const order: ServiceOrder = {
    reference,
    codes: codesOf(codings),
    selected,
    ...(tests.length > 0 ? { tests } : {}),
  };
  if (from === 'draft') {
    const contrast = contrastOf(codings, names);
    if (!withdrawnOrderStatuses.has(status))
      builder.chart.serviceOrders.push({ ...order, ...(contrast ? { contrast } : {}) });
    return;
  }
  if (!runningStatuses.has(status) || unorderedIntents.has(asString(resource.intent) ?? '')) return;
  if (tests.length === 0) return;
  const written = spanOf(resource.authoredOn) ?? spanOf(resource.orderedOn);
  builder.chart.serviceOrders.push({
    ...order,
    selected: false,
    running: true,
    ...(written ? { written } : {}),
    ...((due && due.from > builder.at) || isDueSoon(resource, builder.at) ? { ahead: true } : {}),
    ...(isDoneAgain(resource, written, builder.at) ? { again: true } : {}),
  });
}

const eventsOf = (timing: Json): Span[] =>
  (Array.isArray(timing.event) ? timing.event : []).flatMap((one) => spanOf(one) ?? []);

/** Whether one of several times that it is to be done at lies shortly ahead. */
const isDueSoon = ({ occurrenceTiming }: Json, at: number): boolean =>
  eventsOf(asObject(occurrenceTiming) ?? {}).some(({ from }) => from > at && from <= at + soon);

/**
 * Whether it is a standing order that goes on: done again within so few days, until its end. Where it was to begin is not
 * known, nothing says that it goes on for a number of days or times.
 */
function isDoneAgain({ occurrenceTiming }: Json, written: Span | null, at: number): boolean {
  if (eventsOf(asObject(occurrenceTiming) ?? {}).length > 0) return false;
  const { timesADay, count, runsHours, begins, ends } = scheduleOf(occurrenceTiming);
  if (timesADay === null || day / timesADay > soon || count === 1) return false;
  if (ends) return ends.to > at;
  const runs = runsHours !== null ? runsHours * hour : count !== null ? (count / timesADay) * day : null;
  if (runs === null) return true;
  const from = begins ?? written;
  return from !== null && from.to + runs > at;
}

/** R5 has a CodeableReference; a DiagnosticOrder of DSTU2 has a code for each of its items. */
function codeOf({ code, item }: Json): { codings: readonly Json[]; text: string | null } {
  if (code === undefined) return { codings: asArray(item).flatMap((one) => codingsOf(one.code)), text: null };
  const concept = isObject(code) && isObject(code.concept) ? code.concept : code;
  return { codings: codingsOf(concept), text: isObject(concept) ? asString(concept.text) : null };
}

/** When it is to be done first. */
function dueOf({ occurrenceDateTime, occurrencePeriod, occurrenceTiming }: Json): Span | null {
  const timing = asObject(occurrenceTiming) ?? {};
  const bounds = asObject(asObject(timing.repeat)?.boundsPeriod);
  const stated = [occurrenceDateTime, asObject(occurrencePeriod)?.start, bounds?.start];
  const spans = [...stated.flatMap((one) => spanOf(one) ?? []), ...eventsOf(timing)];
  return spans.toSorted((a, b) => a.from - b.from)[0] ?? null;
}
