/** Pregnancy status, and what dates a pregnancy: an estimated delivery date, and the ICD-10-CM codes that count its weeks. */

import { asString, codingsOf, type Json, statusOf } from '../fhir/json.ts';
import { day, type Span, spanOf } from '../fhir/time.ts';
import type { IntakeItem } from '../intake/types.ts';
import type { ChartBuilder } from './chart-builder.ts';
import { codesOf } from './codes.ts';
import { finalStatuses, isInFuture, observationTimeOf, withdrawnStatuses } from './observation-time.ts';

/** From the first day of the last menstrual period: ACOG Committee Opinion 700. */
const term = 280;

const startOfDay = (time: number): number => Math.floor(time / day) * day;

/** The days on which the count may have begun when, on one day of `on`, it stood at `least` to `most` days. */
export const startOfPregnancy = (on: Span, least: number, most: number): Span => ({
  from: startOfDay(on.from) - most * day,
  to: startOfDay(on.to) - least * day + day - 1,
});

/** Observation 11778-8 with a date for its value. */
export function readDeliveryDate(
  builder: ChartBuilder,
  { resource, reference }: IntakeItem,
  part: Json,
): void {
  const status = statusOf(resource);
  if (withdrawnStatuses.has(status ?? '')) {
    builder.addNotice(
      'value-withdrawn',
      reference,
      `estimated delivery date: status \`${status}\`: not used`,
    );
    return;
  }
  const { time, span } = observationTimeOf(resource, builder.at);
  if (isInFuture({ time, span }, builder.at)) {
    builder.addNotice(
      'lab-in-future',
      reference,
      'estimated delivery date: is dated after the evaluation time',
    );
    return;
  }
  const due = spanOf(part.valueDateTime);
  if (!due) {
    builder.addNotice(
      'value-absent',
      reference,
      'estimated delivery date: no date in `valueDateTime`: not used',
    );
    return;
  }
  builder.chart.datings.push({
    reference,
    by: 'delivery-date',
    stated: String(part.valueDateTime).slice(0, 10),
    start: startOfPregnancy(due, term, term),
    time,
    span,
    why: status && finalStatuses.has(status) ? null : 'not final',
  });
}

/** ICD-10-CM alone has the category; systems as https://terminology.hl7.org/ICD.html and its OID. */
const icd10cm: readonly unknown[] = ['http://hl7.org/fhir/sid/icd-10-cm', 'urn:oid:2.16.840.1.113883.6.90'];

/** What the 44th completed week ends with: no pregnancy is longer. */
const longestGestation = 44 * 7 + 6;

/**
 * Days of gestation that a code of category Z3A may mean: completed weeks, `.01` less than 8, `.49` more than 42.
 * `.00` (not specified) and what is no such code: null.
 */
export function daysOfWeeksCode(code: unknown): { least: number; most: number } | null {
  const weeks = Number(typeof code === 'string' ? /^Z3A\.?(\d\d)$/i.exec(code.trim())?.[1] : Number.NaN);
  if (weeks === 1) return { least: 0, most: 8 * 7 - 1 };
  if (weeks === 49) return { least: 43 * 7, most: longestGestation };
  return weeks >= 8 && weeks <= 42 ? { least: weeks * 7, most: weeks * 7 + 6 } : null;
}

/** A Condition whose code counts the weeks, as of the day it was recorded. */
export function readWeeksCode(
  builder: ChartBuilder,
  reference: string,
  codings: readonly Json[],
  recorded: Span | null,
): void {
  for (const { system, code } of codings) {
    const days = icd10cm.includes(system) ? daysOfWeeksCode(code) : null;
    if (!days) continue;
    if (!recorded) {
      builder.addNotice(
        'condition-status',
        reference,
        'counts the weeks of a pregnancy and has no date: not used',
      );
      return;
    }
    builder.chart.datings.push({
      reference,
      by: 'icd-10-cm',
      stated: String(code).trim().toUpperCase(),
      start: startOfPregnancy(recorded, days.least, days.most),
      time: new Date(recorded.from).toISOString().slice(0, 10),
      span: recorded,
      why: null,
    });
    return;
  }
}

const pregnantCodes = new Set(['77386006', 'LA15173-0']);
const notPregnantCodes = new Set(['60001007', 'LA26683-5']);

/** Observation 82810-3 with a code for its value: pregnant or not, as a condition. */
export function readPregnancyStatus(
  builder: ChartBuilder,
  { resource, reference }: IntakeItem,
  part: Json,
): void {
  if (withdrawnStatuses.has(statusOf(resource) ?? '')) return;
  const { time, span } = observationTimeOf(resource, builder.at);
  if (isInFuture({ time, span }, builder.at)) {
    builder.addNotice(
      'lab-in-future',
      reference,
      'pregnancy status: is dated after the evaluation time: not used',
    );
    return;
  }
  for (const coding of codingsOf(part.valueCodeableConcept)) {
    const code = asString(coding.code) ?? '';
    if (!pregnantCodes.has(code) && !notPregnantCodes.has(code)) continue;
    builder.chart.conditions.push({
      reference,
      groups: pregnantCodes.has(code) ? ['pregnancy'] : ['not-pregnant'],
      codes: codesOf([coding]),
      status: 'active',
      confirmed: true,
      onset: span,
    });
    return;
  }
}
