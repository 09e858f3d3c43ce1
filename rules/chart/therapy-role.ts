/** Whether a medication is taken, ordered or neither, by its status, intent, adherence and end. */

import { asObject, asString, codeOf } from '../fhir/json.ts';
import { spanOf } from '../fhir/time.ts';
import { pastStatuses } from '../intake/resource-category.ts';
import type { IntakeItem } from '../intake/types.ts';
import type { ChartBuilder } from './chart-builder.ts';
import { boundsOf } from './therapy-time.ts';
import type { Medication } from './types.ts';

const activeStatements: ReadonlySet<string> = new Set(['active', 'intended', 'recorded']);
const activeRequests: ReadonlySet<string> = new Set(['active']);
const notTaken: ReadonlySet<string> = new Set(['not-taken', 'not-taking', 'stopped', 'on-hold']);
const noOrder: ReadonlySet<string> = new Set([
  'entered-in-error',
  'cancelled',
  'stopped',
  'completed',
  'ended',
]);
const knownStatuses: ReadonlySet<string> = new Set(
  'active intended recorded completed entered-in-error stopped on-hold not-taken cancelled ended draft'.split(
    ' ',
  ),
);

/** What a medication counts as, and why it does not count as more. */
export interface TherapyRole {
  role: Medication['role'];
  why: string | null;
}

const inactive = (why: string): TherapyRole => ({ role: 'inactive', why });

/** Adds a notice where it is not counted, or counted although its status is not known. */
export function readRole(builder: ChartBuilder, item: IntakeItem): TherapyRole {
  const { resource, type, reference } = item;
  if (resource.doNotPerform === true) {
    builder.addNotice('medication-not-counted', reference, 'is marked doNotPerform: not an order');
    return inactive('doNotPerform');
  }
  if (item.from === 'draft') return readRoleOfOrder(builder, item);
  const { intent } = resource;
  if (type === 'MedicationRequest' && (intent === 'proposal' || intent === 'option')) {
    builder.addNotice('medication-not-counted', reference, `has intent \`${intent}\`: not counted as taken`);
    return inactive(`intent ${intent}`);
  }
  const adherence = codeOf(asObject(resource.adherence)?.code);
  if (adherence && notTaken.has(adherence)) return inactive(`adherence ${adherence}`);
  return readRoleOfTherapy(builder, item);
}

function readRoleOfOrder(builder: ChartBuilder, { resource, reference }: IntakeItem): TherapyRole {
  const status = asString(resource.status);
  if (!status || !noOrder.has(status)) return { role: 'ordered', why: null };
  builder.addNotice('medication-not-counted', reference, `has status \`${status}\`: not an order`);
  return inactive(`status ${status}`);
}

function readRoleOfTherapy(builder: ChartBuilder, { resource, type, reference }: IntakeItem): TherapyRole {
  const status = asString(resource.status);
  if (status === null || !knownStatuses.has(status)) {
    builder.addNotice(
      'medication-status',
      reference,
      `has ${status === 'unknown' ? 'status `unknown`' : 'no status we know'}: counted as taken, and flagged`,
    );
    return { role: 'active', why: 'status unknown' };
  }
  const active = type === 'MedicationStatement' ? activeStatements : activeRequests;
  if (!active.has(status)) return inactive(`status ${status}`);
  const end =
    spanOf(asObject(resource.effectivePeriod)?.end) ??
    (type === 'MedicationRequest' ? spanOf(boundsOf(resource)?.end) : null);
  if (end && end.to < builder.at) {
    builder.addNotice(
      'medication-not-counted',
      reference,
      'ended before the evaluation time: not counted as taken',
    );
    return inactive('ended');
  }
  return { role: 'active', why: null };
}

/** Begun and over or halted; what was never taken (a proposal, not taken, doNotPerform) is not. */
export const isPast = (why: string | null, status: string | null): boolean =>
  why === 'adherence stopped' ||
  why === 'adherence on-hold' ||
  (why === `status ${status}` && status !== null && pastStatuses.has(status));
