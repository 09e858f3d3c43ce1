/** Encounter, R4 and R5 -> the current encounter and its class. */

import { asArray, asObject, asString, codeOf, codingsOf, type Json } from '../fhir/json.ts';
import { spanOf } from '../fhir/time.ts';
import type { ChartBuilder } from './chart-builder.ts';
import type { EncounterClass } from './types.ts';

/** HL7 v3 ActCode, https://terminology.hl7.org/ValueSet-v3-ActEncounterCode.html */
const encounterClasses: Readonly<Record<string, EncounterClass>> = {
  IMP: 'inpatient',
  ACUTE: 'inpatient',
  NONAC: 'inpatient',
  OBSENC: 'inpatient',
  SS: 'inpatient',
  EMER: 'emergency',
  AMB: 'ambulatory',
  HH: 'home',
  VR: 'virtual',
  inpatient: 'inpatient',
  outpatient: 'ambulatory',
  ambulatory: 'ambulatory',
  emergency: 'emergency',
};
const runningStatuses = new Set(['in-progress', 'arrived', 'triaged', 'onleave', 'on-hold']);

/** The encounter of the context, else the last one that came and runs now (https://hl7.org/fhir/R4/encounter.html). */
export function readEncounter({ chart, intake, at }: ChartBuilder): void {
  const encounters = intake.items.filter((item) => item.type === 'Encounter');
  const wanted = intake.encounterId;
  const current =
    wanted !== null
      ? encounters.find((item) => item.reference === `Encounter/${wanted}`)
      : encounters.filter((item) => isRunning(item.resource, at)).at(-1);
  if (!current) {
    if (wanted !== null) chart.encounter = { reference: `Encounter/${wanted}`, class: null, start: null };
    return;
  }
  const period = asObject(current.resource.period) ?? asObject(current.resource.actualPeriod);
  const classes = asArray(current.resource.class);
  const named = classes.flatMap((entry) => [codeOf(entry), ...codingsOf(entry).map(codeOf)]);
  const code = [...named, asString(current.resource.class)].find(
    (name) => name && Object.hasOwn(encounterClasses, name),
  );
  const start = asString(period?.start);
  chart.encounter = {
    reference: current.reference,
    class: code ? (encounterClasses[code] ?? null) : null,
    start: start && spanOf(start) ? start : null,
  };
}

function isRunning(resource: Json, at: number): boolean {
  const period = asObject(resource.period) ?? asObject(resource.actualPeriod);
  const [start, end] = [spanOf(period?.start), spanOf(period?.end)];
  return (
    runningStatuses.has(asString(resource.status) ?? '') &&
    (!start || start.from <= at) &&
    (!end || end.to >= at)
  );
}
