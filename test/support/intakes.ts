/** Resources, answers and requests of one patient, and what the intake says of them, for its tests. */

import { intakeOfBundle, intakeOfHook } from '../../rules/intake/intake.ts';
import { Refused } from '../../rules/intake/refused.ts';
import type { HookContext, Intake } from '../../rules/intake/types.ts';

export type Resource = Record<string, unknown>;
export const subject = { reference: 'Patient/1' };
export const patient: Resource = { resourceType: 'Patient', id: '1' };
export const loinc = (code: string): Resource => ({ coding: [{ system: 'http://loinc.org', code }] });
export const observation = (id: string, more: Resource = {}): Resource => ({
  resourceType: 'Observation',
  id,
  status: 'final',
  subject,
  code: loinc('2160-0'),
  ...more,
});
export const condition = (id: string, more: Resource = {}): Resource => ({
  resourceType: 'Condition',
  id,
  subject,
  ...more,
});
export const order = (id: string, more: Resource = {}): Resource => ({
  resourceType: 'MedicationRequest',
  id,
  status: 'draft',
  subject,
  ...more,
});
export const searchset = (resources: readonly Resource[], more: Resource = {}): Resource => ({
  resourceType: 'Bundle',
  type: 'searchset',
  total: resources.length,
  entry: resources.map((resource) => ({ resource })),
  ...more,
});
export const selfLink = (url: string): Resource => ({ link: [{ relation: 'self', url }] });
export const outcome = (severity: string): Resource => ({
  resourceType: 'OperationOutcome',
  issue: [{ severity, code: 'processing', details: { text: 'Resource request returns no results.' } }],
});
export const context: HookContext = { patientId: '1', userId: 'Practitioner/1' };
export const view = (prefetch: unknown, more: HookContext = {}): Intake =>
  intakeOfHook('patient-view', { ...context, ...more }, prefetch);
export const sign = (prefetch: unknown, draftOrders?: unknown): Intake =>
  intakeOfHook('order-sign', { ...context, draftOrders }, prefetch);
export const references = ({ items }: Intake): string[] => items.map(({ reference }) => reference);
export const codes = ({ notices }: Intake): string[] => notices.map(({ code }) => code);
export const messages = ({ notices }: Intake): string => notices.map(({ message }) => message).join('\n');
/** A posted bundle, read for its only patient or the one asked for. */
export const post = (body: unknown, who: string | null = null): Intake => intakeOfBundle(body, who);
export const bundle = (type: string, entry: readonly unknown[], more: Resource = {}): Resource => ({
  resourceType: 'Bundle',
  type,
  entry,
  ...more,
});

/** The refusal of a request that cannot be evaluated; fails when it is evaluated. */
export function refusal(run: () => unknown): { status: number; code: string; message: string } {
  try {
    run();
  } catch (error) {
    if (error instanceof Refused) return { status: error.status, code: error.code, message: error.message };
    throw error;
  }
  throw new Error('was not refused');
}

/** References of the draft orders, each with whether it is selected. */
export const drafts = ({ items }: Intake): [string, boolean][] =>
  items.filter(({ from }) => from === 'draft').map(({ reference, selected }) => [reference, selected]);
