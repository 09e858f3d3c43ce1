/**
 * FHIR resources -> Chart: what is known about the patient now, coded, without names or narrative, each item
 * with its FHIR reference. The decision record keeps the chart, and a replay starts from it.
 *
 * Status and time are decided here, once: see docs/data.md.
 */

import { asString } from '../fhir/json.ts';
import type { Notice } from '../fhir/notice.ts';
import { spanOf } from '../fhir/time.ts';
import type { Intake, IntakeItem } from '../intake/types.ts';
import { atOnce, eachInSteps, type InSteps } from '../steps.ts';
import type { ProductIndex } from '../terminology/products.ts';
import { readComposition, readList, settleAbsences } from './absences.ts';
import { keepDoses, readDispense, readDose } from './administrations.ts';
import { readAllergy, readAllergyCondition } from './allergies.ts';
import { ChartBuilder } from './chart-builder.ts';
import { readEncounter } from './encounter.ts';
import { settleConflicts } from './lab-conflicts.ts';
import { readMedication } from './medications.ts';
import { readObservation } from './observations.ts';
import { keepLinks } from './one-therapy.ts';
import { readCondition } from './problems.ts';
import { noteUnusedProcedures, readProcedure } from './procedures.ts';
import { noteRenewals } from './renewals.ts';
import { readServiceRequest } from './service-orders.ts';
import type { Chart } from './types.ts';

/**
 * @param at evaluation time in milliseconds since the epoch: results after it are not used, ended therapy is not
 *   active
 * @param products optional index of RxNorm products, supplied by the operator
 * @returns the chart, and what a reader must know about the data it was made of; never throws: what cannot be
 *   read is a notice
 * @example
 * const intake = intakeOfBundle(bundle, null);
 * const { chart, notices } = buildChart(intake, Date.parse('2026-01-31T12:00:00Z'));
 * chart.labs[0]; // { reference: 'Observation/1', test: 'magnesium', value: 1.2, unit: 'mg/dL', used: true, ... }
 */
export const buildChart = (intake: Intake, at: number, products?: ProductIndex): BuiltChart =>
  atOnce(buildChartInSteps(intake, at, products));

interface BuiltChart {
  chart: Chart;
  notices: Notice[];
}

function readItem(builder: ChartBuilder, item: IntakeItem): void {
  try {
    readers.get(item.type)?.(builder, item);
  } catch {
    builder.addNotice('resource-malformed', item.reference, `could not be read as ${item.type}: not used`);
    builder.markIncomplete(item);
  }
}

/** The same with stops. */
export function* buildChartInSteps(intake: Intake, at: number, products?: ProductIndex): InSteps<BuiltChart> {
  const builder = new ChartBuilder(intake, at, products);
  yield* eachInSteps('chart', intake.items, (item) => readItem(builder, item));
  settleAbsences(builder);
  noteUnusedProcedures(builder);
  keepDoses(builder);
  keepLinks(builder.chart);
  readEncounter(builder);
  if (builder.meaning.renews) noteRenewals(builder.chart);
  if (intake.patientId !== null && !intake.items.some(({ type }) => type === 'Patient')) {
    builder.addNotice('patient-missing', null, 'no Patient resource came: age and sex are unknown');
  }
  for (const [code, count] of builder.unusedCodes) {
    builder.addNotice(
      'observation-not-used',
      null,
      `${count} observation(s) with code ${code}: no rule asks for them`,
    );
  }
  for (const { reference, message, count } of builder.apart.values()) {
    const isOne = count === 1;
    builder.addNotice(
      'lab-code-not-used',
      isOne ? reference : null,
      isOne ? message : `${count} results: ${message}`,
    );
  }
  yield 'chart';
  settleConflicts(builder);
  return { chart: builder.chart, notices: builder.notices };
}

function readPatient({ chart }: ChartBuilder, { resource, reference }: IntakeItem): void {
  chart.patient.reference = reference;
  chart.patient.sex = resource.gender === 'male' || resource.gender === 'female' ? resource.gender : null;
  const birthDate = asString(resource.birthDate);
  chart.patient.birthDate = birthDate && spanOf(birthDate) ? birthDate.slice(0, 10) : null;
}

/** A problem list holds allergies, too. */
function readProblem(builder: ChartBuilder, item: IntakeItem): void {
  if (!readAllergyCondition(builder, item)) readCondition(builder, item);
}

/** What reads each type of resource; no chart comes of others, and the encounter is chosen among all. */
const readers: ReadonlyMap<string, (builder: ChartBuilder, item: IntakeItem) => void> = new Map([
  ['Observation', readObservation],
  ['MedicationRequest', readMedication],
  ['MedicationStatement', readMedication],
  ['MedicationAdministration', readDose],
  ['MedicationDispense', readDispense],
  ['Condition', readProblem],
  ['AllergyIntolerance', readAllergy],
  ['ServiceRequest', readServiceRequest],
  ['Procedure', readProcedure],
  ['List', readList],
  ['Composition', readComposition],
  ['Patient', readPatient],
]);
