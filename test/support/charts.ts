/** Charts for tests of facts: only what a test is about, everything else asked for and empty. */

import type { Allergy, Chart, ChartCondition, Lab, Medication } from '../../rules/chart/types.ts';
import { createContext } from '../../rules/facts/context.ts';
import type { FactName } from '../../rules/facts/facts.ts';
import type { Notice } from '../../rules/fhir/notice.ts';
import { type LabTest, labTests } from '../../rules/terminology/labs.ts';
import { mayAsk, prepareFact, type WordedFact } from './worded.ts';

export const at = Date.parse('2026-01-31T12:00:00Z');
const hour = 3_600_000;
export const day = 24 * hour;

const complete: Chart['completeness'] = {
  labs: 'known',
  medications: 'known',
  pastMedications: 'known',
  orders: 'known',
  conditions: 'known',
  allergies: 'known',
  encounter: 'known',
};

type Given = Partial<Omit<Chart, 'completeness'>> & { completeness?: Partial<Chart['completeness']> };

/** A woman of 60 with nothing on the chart. */
export const chartWith = ({ completeness, ...given }: Given = {}): Chart => ({
  patient: { reference: 'Patient/1', sex: 'female', birthDate: '1966-01-01' },
  encounter: null,
  labs: [],
  medications: [],
  conditions: [],
  allergies: [],
  serviceOrders: [],
  datings: [],
  testsAsked: [],
  completeness: { ...complete, ...completeness },
  ...given,
});

/** The fact, as a valid rule asks it. */
export function ask(
  fact: FactName,
  params: Readonly<Record<string, unknown>>,
  given: Given = {},
  notices: readonly Notice[] = [],
): WordedFact {
  if (!mayAsk(fact, params)) throw new Error(`no rule may ask ${fact} like this`);
  return prepareFact(fact, params)(createContext(chartWith(given), at, notices));
}

/** A result of so many hours ago in the unit of the test. */
export function labOf(test: LabTest, value: number, hoursAgo = 1, more: Partial<Lab> = {}): Lab {
  const { unit } = labTests[test];
  const time = at - hoursAgo * hour;
  return {
    reference: `Observation/${test}-${hoursAgo}`,
    test,
    loinc: 'x',
    value,
    unit,
    received: { value, unit },
    statedUnit: unit,
    time: new Date(time).toISOString().slice(0, 16),
    span: { from: time, to: time },
    used: true,
    why: null,
    ...more,
  };
}

export const therapy = (
  id: string,
  names: readonly string[],
  more: Partial<Medication> = {},
): Medication => ({
  reference: `MedicationRequest/${id}`,
  role: 'active',
  status: 'active',
  selected: false,
  route: null,
  ingredients: names.map((name) => ({ rxnorm: null, name })),
  resolvedBy: names.length === 0 ? 'unresolved' : 'rxnorm-ingredient',
  codes: [{ system: 's', code: `c-${id}` }],
  started: null,
  why: null,
  ...more,
});
export const order = (id: string, names: readonly string[], more: Partial<Medication> = {}): Medication =>
  therapy(id, names, { role: 'ordered', status: 'draft', selected: true, ...more });

export const conditionOf = (
  id: string,
  groups: string[],
  daysAgo: number | null = null,
  more: Partial<ChartCondition> = {},
): ChartCondition => ({
  reference: `Condition/${id}`,
  groups,
  codes: [{ system: 's', code: `c-${id}` }],
  status: 'active',
  confirmed: true,
  onset: daysAgo === null ? null : { from: at - daysAgo * day, to: at - daysAgo * day },
  ...more,
});

export const allergyTo = (id: string, names: readonly string[], more: Partial<Allergy> = {}): Allergy => ({
  reference: `AllergyIntolerance/${id}`,
  ingredients: names.map((name) => ({ rxnorm: null, name })),
  status: 'active',
  ...more,
});
