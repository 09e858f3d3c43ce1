/** What is answered about orders and therapy of one patient, for tests of facts. */

import { buildChart } from '../../rules/chart/chart.ts';
import { createContext } from '../../rules/facts/context.ts';
import type { FactName } from '../../rules/facts/facts.ts';
import { intakeOfHook } from '../../rules/intake/intake.ts';
import { type Resource, ucum } from './dosages.ts';
import { at, searchset } from './hook-requests.ts';
import { prepareFact, type WordedFact } from './worded.ts';

export const rxnorm = 'http://www.nlm.nih.gov/research/umls/rxnorm';
export const coded = (code: string): Resource => ({ coding: [{ system: rxnorm, code }] });

let medications = 0;
export function medication(code: string | null, role: 'ordered' | 'active', more: Resource = {}): Resource {
  medications += 1;
  return {
    resourceType: 'MedicationRequest',
    id: `${role}-${medications}`,
    status: role === 'ordered' ? 'draft' : 'active',
    intent: 'order',
    subject: { reference: 'Patient/p1' },
    medicationCodeableConcept: code === null ? { text: 'little pink pill' } : coded(code),
    authoredOn: '2026-01-30',
    ...more,
  };
}
export function ask(
  fact: FactName,
  params: Resource,
  given: {
    orders?: Resource[];
    therapy?: Resource[];
    allergies?: Resource[] | undefined;
    /** Kilograms. */
    weight?: number;
    weighed?: string;
  },
): WordedFact {
  const prefetch: Resource = { patient: { resourceType: 'Patient', id: 'p1' } };
  if (given.therapy) prefetch.medicationRequests = searchset(...given.therapy);
  if (given.weight !== undefined) {
    prefetch.weight = searchset({
      resourceType: 'Observation',
      id: 'weight',
      status: 'final',
      code: { coding: [{ system: 'http://loinc.org', code: '29463-7' }] },
      subject: { reference: 'Patient/p1' },
      effectiveDateTime: given.weighed ?? '2026-01-30',
      valueQuantity: { value: given.weight, unit: 'kg', code: 'kg', system: ucum },
    });
  }
  if (given.allergies) prefetch.allergies = searchset(...given.allergies);
  const draftOrders = { entry: (given.orders ?? []).map((resource) => ({ resource })) };
  const intake = intakeOfHook('order-sign', { patientId: 'p1', draftOrders }, prefetch);
  const { chart, notices } = buildChart(intake, Date.parse(at));
  return prepareFact(fact, params)(createContext(chart, Date.parse(at), notices));
}
