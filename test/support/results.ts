/** Results of creatinine, for tests of what is read of them. */
import type { Resource } from './readings.ts';

export const ucum = 'http://unitsofmeasure.org';
export const loinc = (code: string) => ({ coding: [{ system: 'http://loinc.org', code }] });
export const quantity = (value: unknown, unit?: string, more: Resource = {}) => ({
  value,
  unit,
  code: unit,
  system: ucum,
  ...more,
});
export const creatinineResult = (more: Resource): Resource => ({
  resourceType: 'Observation',
  id: 'o',
  status: 'final',
  code: loinc('2160-0'),
  effectiveDateTime: '2026-01-31T08:00:00Z',
  valueQuantity: quantity(1, 'mg/dL'),
  ...more,
});
