/** Resources of one patient, and the chart read from them, for its tests. */

import { buildChart } from '../../rules/chart/chart.ts';
import type { Chart, Lab, Medication } from '../../rules/chart/types.ts';
import type { Notice } from '../../rules/fhir/notice.ts';
import { intakeOfBundle } from '../../rules/intake/intake.ts';
import type { ProductIndex } from '../../rules/terminology/products.ts';
import { at, type Resource } from './readings.ts';

export interface Read {
  chart: Chart;
  notices: Notice[];
}
export const subject = { reference: 'Patient/1' };
export const patient: Resource = {
  resourceType: 'Patient',
  id: '1',
  gender: 'female',
  birthDate: '1960-05-17',
};
export const rxnorm = 'http://www.nlm.nih.gov/research/umls/rxnorm';
export const snomed = 'http://snomed.info/sct';
export const ucum = 'http://unitsofmeasure.org';
export const readBundle = (resources: readonly Resource[], products?: ProductIndex): Read =>
  buildChart(
    intakeOfBundle(
      { resourceType: 'Bundle', type: 'collection', entry: resources.map((resource) => ({ resource })) },
      null,
    ),
    at,
    products,
  );
export const noticeCodes = ({ notices }: Read): string[] => notices.map(({ code }) => code);
/** The only one of a list; fails when there are more or none. */
export function only<T>(list: readonly T[]): T {
  const [first] = list;
  if (first === undefined || list.length !== 1) throw new Error(`expected 1 item, found ${list.length}`);
  return first;
}
export const loincCode = (code: string): Resource => ({ coding: [{ system: 'http://loinc.org', code }] });
export const quantityOf = (value: unknown, unit = 'mg/dL'): Resource => ({
  value,
  unit,
  code: unit,
  system: ucum,
});
export const observation = (more: Resource): Resource => ({
  resourceType: 'Observation',
  id: 'o',
  status: 'final',
  subject,
  code: loincCode('2160-0'),
  effectiveDateTime: '2026-01-31T08:00:00Z',
  ...more,
});
export const readLab = (more: Resource): { lab: Lab; codes: string[]; messages: string } => {
  const result = readBundle([patient, observation(more)]);
  return {
    lab: only(result.chart.labs),
    codes: noticeCodes(result),
    messages: result.notices.map(({ message }) => message).join('\n'),
  };
};
export const furosemide = { coding: [{ system: rxnorm, code: '4603' }] };
export const requestOf = (more: Resource): Resource => ({
  resourceType: 'MedicationRequest',
  id: 'm',
  status: 'active',
  intent: 'order',
  subject,
  ...more,
});
export const statementOf = (more: Resource): Resource => ({
  resourceType: 'MedicationStatement',
  id: 'm',
  status: 'active',
  subject,
  ...more,
});
export const readMedication = (
  resource: Resource,
  others: readonly Resource[] = [],
): { medication: Medication; codes: string[] } => {
  const result = readBundle([patient, resource, ...others]);
  return { medication: only(result.chart.medications), codes: noticeCodes(result) };
};
export const names = ({ ingredients }: Medication): string[] => ingredients.map(({ name }) => name);
