/** ServiceRequest -> service orders: those of this moment, and tests that were ordered before it. */

import { asArray, asObject, asString, codingsOf, isObject, type Json } from '../fhir/json.ts';
import { isTrue } from '../fhir/negation.ts';
import { day, type Span, spanOf } from '../fhir/time.ts';
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
/** Intents of what nobody ordered yet. */
const unorderedIntents = new Set(['proposal', 'plan']);

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
    ...(due && due.from > builder.at ? { ahead: true } : {}),
  });
}

/** R5 has a CodeableReference; a DiagnosticOrder of DSTU2 has a code for each of its items. */
function codeOf({ code, item }: Json): { codings: readonly Json[]; text: string | null } {
  if (code === undefined) return { codings: asArray(item).flatMap((one) => codingsOf(one.code)), text: null };
  const concept = isObject(code) && isObject(code.concept) ? code.concept : code;
  return { codings: codingsOf(concept), text: isObject(concept) ? asString(concept.text) : null };
}

/** When it is to be done first. */
function dueOf({ occurrenceDateTime, occurrencePeriod, occurrenceTiming }: Json): Span | null {
  const { event, repeat } = asObject(occurrenceTiming) ?? {};
  const bounds = asObject(asObject(repeat)?.boundsPeriod);
  const stated = [
    occurrenceDateTime,
    asObject(occurrencePeriod)?.start,
    ...(Array.isArray(event) ? event : []),
    bounds?.start,
  ];
  const spans = stated.flatMap((one) => spanOf(one) ?? []);
  return spans.toSorted((a, b) => a.from - b.from)[0] ?? null;
}
