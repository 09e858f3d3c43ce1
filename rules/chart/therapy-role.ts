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
  /** Begun and no longer taken: completed, past its stated end, or halted. What was never taken is none of these. */
  past: 'completed' | 'ended' | 'halted' | null;
}

type Builder = Pick<ChartBuilder, 'at' | 'addNotice'>;

const inactive = (why: string, past: TherapyRole['past'] = null): TherapyRole => ({
  role: 'inactive',
  why,
  past,
});

/** Adds a notice where it is not counted, or counted although its status is not known. */
export function readRole(builder: Builder, item: IntakeItem): TherapyRole {
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
  if (adherence && notTaken.has(adherence)) return inactive(`adherence ${adherence}`, pastOf(adherence));
  return readRoleOfTherapy(builder, item);
}

function readRoleOfOrder(builder: Builder, { resource, reference }: IntakeItem): TherapyRole {
  const status = asString(resource.status);
  if (!status || !noOrder.has(status)) return { role: 'ordered', why: null, past: null };
  builder.addNotice('medication-not-counted', reference, `has status \`${status}\`: not an order`);
  return inactive(`status ${status}`);
}

function readRoleOfTherapy(builder: Builder, { resource, type, reference }: IntakeItem): TherapyRole {
  const status = asString(resource.status);
  if (status === null || !knownStatuses.has(status)) {
    builder.addNotice(
      'medication-status',
      reference,
      `has ${status === 'unknown' ? 'status `unknown`' : 'no status we know'}: counted as taken, and flagged`,
    );
    return { role: 'active', why: 'status unknown', past: null };
  }
  const active = type === 'MedicationStatement' ? activeStatements : activeRequests;
  if (!active.has(status)) return inactive(`status ${status}`, pastOf(status));
  const end =
    spanOf(asObject(resource.effectivePeriod)?.end) ??
    (type === 'MedicationRequest' ? spanOf(boundsOf(resource)?.end) : null);
  if (end && end.to < builder.at) {
    builder.addNotice(
      'medication-not-counted',
      reference,
      'ended before the evaluation time: not counted as taken',
    );
    return inactive('ended', 'ended');
  }
  return { role: 'active', why: null, past: null };
}

/** @param code a status, or the code of an adherence */
function pastOf(code: string): TherapyRole['past'] {
  if (code === 'completed') return 'completed';
  return pastStatuses.has(code) ? 'halted' : null;
}
