/** Whether a medication is taken, ordered or neither, by its status, intent, adherence and end. */

import { statusOf } from '../fhir/json.ts';
import { isTrue } from '../fhir/negation.ts';
import { dateOf } from '../fhir/time.ts';
import { pastStatuses } from '../intake/resource-category.ts';
import type { IntakeItem } from '../intake/types.ts';
import type { ChartBuilder } from './chart-builder.ts';
import { type Modifier, readModifier } from './not-taken.ts';
import { beginsAfter, lapseOf, longLapse, reachOfCompleted, statedEndOf } from './therapy-time.ts';
import type { Medication } from './types.ts';

const noOrder: ReadonlySet<string> = new Set([
  'entered-in-error',
  'cancelled',
  'stopped',
  'completed',
  'ended',
]);
const neitherTaken = 'completed entered-in-error stopped on-hold not-taken cancelled ended draft'.split(' ');
const activeStatuses: Readonly<Record<string, ReadonlySet<string>>> = {
  MedicationStatement: new Set(['active', 'intended', 'recorded']),
  MedicationRequest: new Set(['active']),
};
const inactiveStatuses: ReadonlySet<string> = new Set(neitherTaken);

/** What a medication counts as, and why it does not count as more. */
export interface TherapyRole {
  role: Medication['role'];
  why: string | null;
  /** Begun and no longer taken: completed, past its stated end, or halted. What was never taken is none of these. */
  past: 'completed' | 'ended' | 'halted' | null;
  /** Nobody can say whether it is taken. */
  uncertain?: true;
  /** It begins after the evaluation time. */
  ahead?: true;
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
  if (isTrue(resource.doNotPerform)) {
    builder.addNotice('medication-not-counted', reference, 'is marked doNotPerform: not an order');
    return inactive('doNotPerform');
  }
  const modifier = readModifier(resource);
  if (modifier?.taken === 'no') return notTaken(builder, reference, modifier);
  if (item.from === 'draft') return readRoleOfOrder(builder, item);
  const { intent } = resource;
  if (type === 'MedicationRequest' && (intent === 'proposal' || intent === 'option')) {
    builder.addNotice('medication-not-counted', reference, `has intent \`${intent}\`: not counted as taken`);
    return inactive(`intent ${intent}`);
  }
  const role = readRoleOfTherapy(builder, item);
  if (modifier === null || role.role !== 'active') return role;
  builder.addNotice(
    'medication-status',
    reference,
    `says ${modifier.words}: whether it is taken is not known`,
  );
  return { ...role, why: 'whether it is taken is not known', uncertain: true };
}

function notTaken(builder: Builder, reference: string, { words, halted }: Modifier): TherapyRole {
  builder.addNotice('medication-not-counted', reference, `says ${words}: not counted as taken`);
  return inactive(words.replaceAll('`', ''), halted ? 'halted' : null);
}

function readRoleOfOrder(builder: Builder, { resource, reference }: IntakeItem): TherapyRole {
  const status = statusOf(resource);
  if (!status || !noOrder.has(status)) return { role: 'ordered', why: null, past: null };
  builder.addNotice('medication-not-counted', reference, `has status \`${status}\`: not an order`);
  return inactive(`status ${status}`);
}

function readRoleOfTherapy(builder: Builder, item: IntakeItem): TherapyRole {
  const { resource, type, reference } = item;
  const status = statusOf(resource);
  const isActive = status !== null && activeStatuses[type]?.has(status) === true;
  if (status === null || !(isActive || inactiveStatuses.has(status))) {
    builder.addNotice(
      'medication-status',
      reference,
      `has ${status === 'unknown' ? 'status `unknown`' : 'no status we know'}: counted as taken, and flagged`,
    );
    return { role: 'active', why: 'status unknown', past: null };
  }
  const end = statedEndOf(resource);
  // What is completed goes on until its end: all of it was handed out, or written down.
  const reach = status === 'completed' ? reachOfCompleted(resource) : null;
  if (!isActive && !(reach && reach.end.to > builder.at)) return inactive(`status ${status}`, pastOf(status));
  if (end && end.to < builder.at) {
    builder.addNotice(
      'medication-not-counted',
      reference,
      'ended before the evaluation time: not counted as taken',
    );
    return inactive('ended', 'ended');
  }
  if (beginsAfter(resource, builder.at)) {
    builder.addNotice(
      'medication-not-counted',
      reference,
      'begins after the evaluation time: not yet counted as taken',
    );
    return { ...inactive('begins later'), ahead: true };
  }
  return reach ? roleOfCompleted(builder, reference, reach) : readLapse(builder, item);
}

/** What is completed and ends later is taken; where the end may lie on either side of now, nobody can say. */
function roleOfCompleted(
  builder: Builder,
  reference: string,
  { end, isCertain }: NonNullable<ReturnType<typeof reachOfCompleted>>,
): TherapyRole {
  if (isCertain && end.from > builder.at) return { role: 'active', why: 'completed, ends later', past: null };
  const why = 'completed, and whether it has ended is not known';
  builder.addNotice('medication-status', reference, `is ${why}: send the time of its end`);
  return { role: 'active', why, past: null, uncertain: true };
}

/** An active prescription counts after it has lapsed, too; long after, nobody can say. */
function readLapse(builder: Builder, { resource, type, reference }: IntakeItem): TherapyRole {
  const lapse = type === 'MedicationRequest' ? lapseOf(resource, builder.at) : null;
  if (!lapse) return { role: 'active', why: null, past: null };
  const since = `lapsed since ${dateOf(lapse.to)}`;
  if (lapse.to >= builder.at - longLapse) {
    builder.addNotice('medication-lapsed', reference, `${since}, and active: counted as taken`);
    return { role: 'active', why: since, past: null };
  }
  const why = `${since}: whether it is still taken is not known`;
  builder.addNotice('medication-lapsed', reference, `${why}, send its present status`);
  return { role: 'active', why, past: null, uncertain: true };
}

const pastOf = (status: string): TherapyRole['past'] =>
  status === 'completed' ? 'completed' : pastStatuses.has(status) ? 'halted' : null;
