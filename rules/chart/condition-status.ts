/** What a Condition says of itself beside its code: status, time, negation; and what that makes of its groups. */

import { asObject, asString, codeOf, codingsOf, isObject, type Json } from '../fhir/json.ts';
import { negationIn } from '../fhir/negation.ts';
import { type Span, spanOf } from '../fhir/time.ts';
import { type ConditionReading, conditionGroups } from '../terminology/conditions.ts';
import type { ChartCondition } from './types.ts';

export const activeStatuses: ReadonlySet<string> = new Set(['active', 'recurrence', 'relapse']);
export const endedStatuses: ReadonlySet<string> = new Set(['inactive', 'remission', 'resolved']);

/** Statuses as SNOMED CT has them; some servers send those. */
const snomedStatuses: Readonly<Record<string, string>> = {
  '55561003': 'active',
  '73425007': 'inactive',
  '413322009': 'resolved',
  '277022003': 'remission',
  '410605003': 'confirmed',
  '410592001': 'provisional',
  '410590009': 'provisional',
  '415684004': 'provisional',
  '410516002': 'refuted',
  '723511001': 'refuted',
};
const knownStatuses: ReadonlySet<string> = new Set([
  ...activeStatuses,
  ...endedStatuses,
  'confirmed',
  'unconfirmed',
  'provisional',
  'differential',
  'refuted',
  'entered-in-error',
]);

/**
 * A status as a code (DSTU2, STU3), a concept, its display or its text, in any case: the first that is one, else the
 * first code.
 */
export function statusCode(value: unknown): string | null {
  const codes = [codeOf(value), ...codingsOf(value).map(({ code }) => asString(code))];
  const names = [
    ...codingsOf(value).map(({ display }) => asString(display)),
    isObject(value) ? asString(value.text) : null,
  ];
  for (const code of [...codes, ...names]) {
    const plain = code?.trim().toLowerCase().replace(/[ _]/g, '-') ?? '';
    const status = snomedStatuses[plain] ?? plain;
    if (knownStatuses.has(status)) return status;
  }
  return codes.find((code) => code !== null) ?? null;
}

export interface ConditionStatus {
  clinical: string | null;
  verification: string | null;
  /** Refuted, or entered in error. */
  isWithdrawn: boolean;
  ended: boolean;
}

/** @see https://hl7.org/fhir/R4/condition.html, https://hl7.org/fhir/STU3/condition.html (abatementBoolean) */
export function statusOfCondition(resource: Json, at: number): ConditionStatus {
  const clinical = statusCode(resource.clinicalStatus);
  const verification = statusCode(resource.verificationStatus);
  const abated = spanOf(resource.abatementDateTime) ?? spanOf(asObject(resource.abatementPeriod)?.end);
  const isAbated = resource.abatementBoolean === true || isObject(resource.abatementAge);
  return {
    clinical,
    verification,
    isWithdrawn: verification === 'entered-in-error' || verification === 'refuted',
    ended:
      (clinical !== null && endedStatuses.has(clinical)) ||
      (abated !== null && abated.to < at) ||
      (clinical === null && isAbated),
  };
}

/** When it began, or when it was first written down. */
export const onsetOf = (resource: Json): Span | null =>
  spanOf(resource.onsetDateTime) ??
  spanOf(asObject(resource.onsetPeriod)?.start) ??
  spanOf(resource.recordedDate) ??
  // Their names before R4.
  spanOf(resource.assertedDate) ??
  spanOf(resource.dateRecorded);

/** The problem is said not to be there; one with a modifierExtension never gets here. */
export const isNegated = (resource: Json): boolean => negationIn(resource) === true;

/** The concepts of Condition.code, which is one; a list, a Coding or a plain text is read, too. */
export const conceptsOf = (code: unknown): readonly unknown[] => (Array.isArray(code) ? code : [code]);

export const codingsOfConcept = (concept: unknown): readonly Json[] =>
  isObject(concept) && concept.coding === undefined && concept.code !== undefined
    ? [concept]
    : codingsOf(concept);

export const textOfConcept = (concept: unknown): unknown =>
  isObject(concept) ? concept.text : asString(concept);

type Standing = Pick<ChartCondition, 'groups' | 'status' | 'open' | 'stillCounts' | 'unread'>;

const open = (groups: readonly string[]): { open?: string[] } =>
  groups.length > 0 ? { open: [...groups] } : {};

/** What is, and what was: each an entry of the chart, where there is anything of it. */
export function standingsOf(reading: ConditionReading, ended: boolean): Standing[] {
  if (reading.by === 'nothing') {
    return [{ groups: [], status: ended ? 'inactive' : 'active', unread: true }];
  }
  const found: Standing[] = [];
  const now = ended ? [] : reading.groups;
  const maybe = ended ? [] : reading.open;
  if (now.length > 0 || maybe.length > 0) found.push({ groups: [...now], status: 'active', ...open(maybe) });
  const before = ended ? [...new Set([...reading.groups, ...reading.past])] : [...reading.past];
  if (before.length > 0) {
    const thatSay = (past: string) => before.filter((group) => conditionGroups.get(group)?.past === past);
    const counting = thatSay('counts');
    found.push({
      groups: before,
      status: 'inactive',
      ...open(thatSay('unknown')),
      ...(counting.length > 0 ? { stillCounts: counting } : {}),
    });
  }
  return found;
}
