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
import type { ProductIndex } from '../terminology/products.ts';
import { keepLastGiven, readGiven } from './administrations.ts';
import { readEncounter } from './encounter.ts';
import { noteRenewals, readMedication } from './medications.ts';
import { readObservation, reportConflicts } from './observations.ts';
import { readAllergy, readCondition, readServiceRequest } from './problems.ts';
import { ChartBuilder } from './reading.ts';
import type { Chart } from './types.ts';

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
