/**
 * FHIR resources -> Chart: what is known about the patient now, coded, without names or narrative, each item
 * with its FHIR reference. The decision record keeps the chart, and a replay starts from it.
 *
 * Status and time are decided here, once: see docs/data.md.
 */

import type { Dosing } from '../dosage/dosing.ts';
import type { Category, Completeness } from '../fhir/categories.ts';
import { asString } from '../fhir/json.ts';
import type { Notice } from '../fhir/notice.ts';
import { type Span, spanOf } from '../fhir/time.ts';
import type { Intake, IntakeItem } from '../intake/intake.ts';
import type { DrugResolution, Route } from '../terminology/drugs/resolve.ts';
import type { LabTest } from '../terminology/labs.ts';
import type { ProductIndex } from '../terminology/products.ts';
import { toTwelveDigits } from '../terminology/units.ts';
import { keepLastGiven, readGiven } from './administrations.ts';
import { readEncounter } from './encounter.ts';
import { noteRenewals, readMedication } from './medications.ts';
import { readObservation, reportConflicts } from './observations.ts';
import { readAllergy, readCondition, readServiceRequest } from './problems.ts';
import { ChartBuilder } from './reading.ts';

export type Comparator = '<' | '<=' | '>' | '>=';

export interface Lab {
  reference: string;
  test: LabTest;
  /** LOINC code the test was recognised by. */
  loinc: string;
  /** In the test's canonical unit (`unit`), unrounded; null when the value is not used. */
  value: number | null;
  unit: string;
  comparator?: Comparator;
  /** As it came; `unit` only where it looks like a unit. */
  received: { value: number | null; unit: string | null };
  /** UCUM unit of `received.value` as understood. */
  statedUnit: string | null;
  /** Lower reference limit of the laboratory, canonical unit. */
  lowerLimit?: number;
  /** Equation of a reported eGFR. */
  method?: string;
  raceBased?: boolean;
  time: string | null;
  span: Span | null;
  used: boolean;
  /** Why it is not used, or what the reader must know although it is. */
  why: string | null;
  versionId?: string;
}

export interface Medication {
  reference: string;
  role: 'active' | 'ordered' | 'inactive';
  status: string | null;
  /** An order the clinician is working on now. */
  selected: boolean;
  route: Route | null;
  ingredients: { rxnorm: string | null; name: string }[];
  resolvedBy: DrugResolution['resolvedBy'];
  codes: { system: string; code: string }[];
  started: Span | null;
  /** `started` is a date of writing: the therapy may be older. */
  startedAtLatest?: boolean;
  /** Of therapy that is over: between which instants its last dose lies; `from` null where nothing says. */
  ended?: { from: number | null; to: number };
  /** Stated end of the therapy. */
  ends?: Span;
  /** Completed, or past its end, in the last seven days: it was taken, and counts in a sum. */
  over?: true;
  /** From a MedicationStatement: it may be the same therapy as a request. */
  statement?: true;
  /** Of orders and therapy, and of therapy that was completed. */
  dosing?: Dosing;
  /** At an entry: therapy whose continuation is the question; it counts as ordered, too. */
  underReview?: true;
  /** An order that names no drug yet: a form that is being filled in. */
  unnamed?: true;
  /** At a refill: an order of this moment renews it and stands for it. */
  renewed?: true;
  why: string | null;
}

export interface ChartCondition {
  reference: string;
  groups: string[];
  codes: { system: string; code: string }[];
  /** `inactive` covers resolved and remission. */
  status: 'active' | 'inactive';
  confirmed: boolean;
  onset: Span | null;
  /** Just entered: this moment is about it. */
  entered?: true;
}

/** What dates a pregnancy, other than a gestational age, which is among the labs. */
export interface Dating {
  reference: string;
  by: 'delivery-date' | 'icd-10-cm';
  /** The due date, or the code: `2026-06-01`, `Z3A.24`. */
  stated: string;
  /** The first day of the pregnancy as it is counted, 280 days before the due date: the days it may be. */
  start: Span;
  /** When it was stated. */
  time: string | null;
  span: Span | null;
  why: string | null;
}

export interface Allergy {
  reference: string;
  /** Empty where it could not be matched: it may be to any drug. */
  ingredients: { rxnorm: string | null; name: string }[];
  status: 'active' | 'inactive';
  /** Just entered: this moment is about it. */
  entered?: true;
}

export interface ServiceOrder {
  reference: string;
  codes: { system: string; code: string }[];
  selected: boolean;
}

export type EncounterClass = 'inpatient' | 'emergency' | 'ambulatory' | 'home' | 'virtual';

export interface Chart {
  patient: {
    reference: string | null;
    sex: 'male' | 'female' | null;
    birthDate: string | null;
  };
  encounter: { reference: string | null; class: EncounterClass | null; start: string | null } | null;
  labs: Lab[];
  medications: Medication[];
  conditions: ChartCondition[];
  datings: Dating[];
  allergies: Allergy[];
  serviceOrders: ServiceOrder[];
  completeness: Record<Category, Completeness>;
  /** At an entry: what is taken stands for the orders, and what is not known of it is not known of them. */
  therapyUnderReview?: true;
  /** Tests that were asked for and answered although laboratory data as a whole was not. */
  testsAsked: LabTest[];
}

/**
 * @param at evaluation time in milliseconds: results after it are not used, ended therapy is not active
 * @param products optional index of RxNorm products, supplied by the operator
 */
export function buildChart(
  intake: Intake,
  at: number,
  products?: ProductIndex,
): { chart: Chart; notices: Notice[] } {
  const reading = new ChartBuilder(intake, at, products);
  let patientSeen = false;
  for (const item of intake.items) {
    try {
      switch (item.type) {
        case 'Observation':
          readObservation(reading, item);
          break;
        case 'MedicationRequest':
        case 'MedicationStatement':
          readMedication(reading, item);
          break;
        case 'MedicationAdministration':
        case 'MedicationDispense':
          readGiven(reading, item);
          break;
        case 'Condition':
          readCondition(reading, item);
          break;
        case 'AllergyIntolerance':
          readAllergy(reading, item);
          break;
        case 'ServiceRequest':
          readServiceRequest(reading, item);
          break;
        case 'Patient':
          patientSeen = true;
          readPatient(reading, item);
          break;
      }
    } catch {
      reading.addNotice('resource-malformed', item.reference, `could not be read as ${item.type}: not used`);
      reading.markIncomplete(item);
    }
  }
  keepLastGiven(reading);
  readEncounter(reading);
  if (reading.meaning.renews) noteRenewals(reading.chart);
  if (!patientSeen && intake.patientId !== null) {
    reading.addNotice('patient-missing', null, 'no Patient resource came: age and sex are unknown');
  }
  for (const [code, count] of reading.unused) {
    reading.addNotice(
      'observation-not-used',
      null,
      `${count} observation(s) with code ${code}: no rule asks for them`,
    );
  }
  reportConflicts(reading);
  return { chart: reading.chart, notices: reading.notices };
}

function readPatient({ chart }: ChartBuilder, { resource, reference }: IntakeItem): void {
  chart.patient.reference = reference;
  chart.patient.sex = resource.gender === 'male' || resource.gender === 'female' ? resource.gender : null;
  const birthDate = asString(resource.birthDate);
  chart.patient.birthDate = birthDate && spanOf(birthDate) ? birthDate.slice(0, 10) : null;
}

/** Rounds what is shown of a number to the test's decimals. */
export const roundTo = (value: number, decimals: number): string =>
  String(Number(toTwelveDigits(value).toFixed(decimals)));
