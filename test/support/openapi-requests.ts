/** Requests that have something of everything, for the OpenAPI document. */
import { readFileSync } from 'node:fs';
import type { Json } from './openapi.ts';

export const at = '2026-01-31T12:00:00Z';
export const example = (name: string): string => readFileSync(`docs/examples/${name}.json`, 'utf8');
export const subject = { reference: 'Patient/1' };
export const loinc = (code: string) => ({ coding: [{ system: 'http://loinc.org', code }] });
export const rxnorm = (code: string) => ({
  coding: [{ system: 'http://www.nlm.nih.gov/research/umls/rxnorm', code }],
});
export const lab = (id: string, code: string, value: number, unit: string | null, more: Json = {}) => ({
  resourceType: 'Observation',
  id,
  status: 'final',
  code: loinc(code),
  subject,
  effectiveDateTime: '2026-01-30T08:00:00Z',
  valueQuantity: unit ? { value, unit } : { value },
  ...more,
});
export const bundleOf = (...resources: Json[]) => ({
  resourceType: 'Bundle',
  type: 'collection',
  entry: resources.map((resource) => ({ resource })),
});
export const draft = {
  resourceType: 'MedicationRequest',
  id: 'draft-1',
  status: 'draft',
  intent: 'order',
  medicationCodeableConcept: rxnorm('6585'),
  subject,
  dosageInstruction: [
    {
      timing: { repeat: { duration: 1, durationUnit: 'h' } },
      route: { coding: [{ system: 'http://snomed.info/sct', code: '47625008' }] },
      doseAndRate: [{ doseQuantity: { value: 2, code: 'g' } }],
    },
  ],
};
/** Something of everything a chart can hold: used, unused, one-sided, stale, unresolved, withdrawn. */
export const richBundle = bundleOf(
  { resourceType: 'Patient', id: '1', gender: 'female', birthDate: '1954' },
  lab('mg', '19123-9', 0.7, 'mmol/L', { meta: { versionId: '3' } }),
  lab('mg-none', '19123-9', 0.9, null),
  lab('mg-old', '19123-9', 1.4, 'mg/dL', { effectiveDateTime: '2020-01' }),
  lab('crea', '2160-0', 8, 'mg/dL', { valueQuantity: { value: 8, comparator: '>', unit: 'mg/dL' } }),
  lab('crea-past', '2160-0', 0.9, 'mg/dL', { effectiveDateTime: '2026-01-29T08:00:00Z' }),
  lab('egfr', '48642-3', 55, 'mL/min/{1.73_m2}'),
  lab('k', '2823-3', 3.1, 'mmol/L', {
    status: 'preliminary',
    referenceRange: [{ low: { value: 3.5, unit: 'mmol/L' } }],
  }),
  lab('k-withdrawn', '2823-3', 3, 'mmol/L', { status: 'entered-in-error' }),
  lab('ca', '17861-6', 8.1, 'mg/dL', {
    valueQuantity: undefined,
    dataAbsentReason: { coding: [{ code: 'unknown' }] },
  }),
  lab('due', '11778-8', 0, null, { valueQuantity: undefined, valueDateTime: '2026-06-01' }),
  lab('undated', '2601-3', 0.4, 'mmol/L', { effectiveDateTime: undefined }),
  {
    resourceType: 'MedicationStatement',
    id: 'ppi',
    status: 'active',
    medicationCodeableConcept: rxnorm('7646'),
    subject,
    effectivePeriod: { start: '2024-01-15' },
  },
  {
    resourceType: 'MedicationStatement',
    id: 'over',
    status: 'completed',
    medicationCodeableConcept: rxnorm('318341'),
    subject,
  },
  {
    resourceType: 'MedicationStatement',
    id: 'riddle',
    status: 'unknown',
    medicationCodeableConcept: { text: 'x' },
    subject,
  },
  {
    resourceType: 'Condition',
    id: 'mg',
    code: { coding: [{ system: 'http://snomed.info/sct', code: '91637004' }] },
    subject,
  },
  {
    resourceType: 'AllergyIntolerance',
    id: 'allergy',
    code: rxnorm('7646'),
    patient: subject,
  },
  {
    resourceType: 'Encounter',
    id: 'stay',
    status: 'in-progress',
    class: { code: 'IMP' },
    subject,
    period: { start: '2026-01-29T08:00:00Z' },
  },
  {
    resourceType: 'ServiceRequest',
    id: 'ecg',
    status: 'draft',
    intent: 'order',
    code: loinc('11524-6'),
    subject,
  },
  draft,
);

export const hookRequest = (more: Json = {}) => ({
  hook: 'order-sign',
  hookInstance: 'd1577c69-dfbe-44ad-ba6d-3e05e953b2ea',
  context: { patientId: '1', userId: 'Practitioner/9', draftOrders: bundleOf(draft) },
  prefetch: { patient: { resourceType: 'Patient', id: '1' }, conditions: null, more: richBundle },
  ...more,
});
export const unread = {
  card: '4e0a3a1e-8d83-4477-a9f4-8b0b6b1f2f6d',
  outcome: 'overridden',
  outcomeTimestamp: at,
};
