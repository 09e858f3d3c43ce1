/** Requests and statements of digoxin, and what is read where a moment brings orders to therapy. */

import { buildChart } from '../../rules/chart/chart.ts';
import type { Medication } from '../../rules/chart/types.ts';
import type { Hook } from '../../rules/fhir/hooks.ts';
import { intakeOfHook } from '../../rules/intake/intake.ts';
import { at, type Resource } from './readings.ts';

export const digoxin = {
  coding: [{ system: 'http://www.nlm.nih.gov/research/umls/rxnorm', code: '3407', display: 'digoxin' }],
};
export const request = (more: Resource): Resource => ({
  resourceType: 'MedicationRequest',
  id: 'm',
  status: 'active',
  intent: 'order',
  medicationCodeableConcept: digoxin,
  ...more,
});
export const statement = (more: Resource): Resource => ({
  ...request({}),
  resourceType: 'MedicationStatement',
  ...more,
});
/** What is read when orders of a moment come to therapy: a refill, a new problem. */
export const readAt = (hook: Hook, context: Resource, therapy: readonly Resource[]): Medication[] => {
  const bundle = (list: readonly Resource[]) => ({
    resourceType: 'Bundle',
    entry: list.map((resource) => ({ resource: { subject: { reference: 'Patient/1' }, ...resource } })),
  });
  const lists = Object.entries(context).map(([key, list]) => [key, bundle([list].flat() as Resource[])]);
  const patient = { resourceType: 'Patient', id: '1' };
  const intake = intakeOfHook(
    hook,
    { patientId: '1', userId: 'Practitioner/1', ...Object.fromEntries(lists) },
    { patient, all: bundle(therapy) },
  );
  return buildChart(intake, at).chart.medications;
};
