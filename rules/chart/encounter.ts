/** Encounter, DSTU2 to R5 -> the current encounter and its class. */

import { asObject, asString, codeOf, codingsOf, type Json } from '../fhir/json.ts';
import { type Span, spanOf } from '../fhir/time.ts';
import type { IntakeItem } from '../intake/types.ts';
import type { ChartBuilder } from './chart-builder.ts';
import type { Chart, EncounterClass } from './types.ts';

/**
 * HL7 v3 ActCode, https://terminology.hl7.org/ValueSet-v3-ActEncounterCode.html, and the words of DSTU2,
 * https://hl7.org/fhir/DSTU2/valueset-encounter-class.html. Not here, so of no class we know: before admission
 * (PRENC), in the field (FLD), other. In capitals, as they are compared.
 */
const encounterClasses: ReadonlyMap<string, EncounterClass> = new Map([
  ['IMP', 'inpatient'],
  ['ACUTE', 'inpatient'],
  ['NONAC', 'inpatient'],
  ['OBSENC', 'inpatient'],
  ['SS', 'inpatient'],
  ['EMER', 'emergency'],
  ['AMB', 'ambulatory'],
  ['HH', 'home'],
  ['VR', 'virtual'],
  ['INPATIENT', 'inpatient'],
  ['OUTPATIENT', 'ambulatory'],
  ['AMBULATORY', 'ambulatory'],
  ['DAYTIME', 'ambulatory'],
  ['EMERGENCY', 'emergency'],
  ['HOME', 'home'],
  ['VIRTUAL', 'virtual'],
  // What v3 ActCode calls them.
  ['INPATIENT ENCOUNTER', 'inpatient'],
  ['INPATIENT ACUTE', 'inpatient'],
  ['INPATIENT NON-ACUTE', 'inpatient'],
  ['OBSERVATION ENCOUNTER', 'inpatient'],
  ['SHORT STAY', 'inpatient'],
  ['HOME HEALTH', 'home'],
]);
/** R4 and STU3, R5 (`on-hold`). `discharged` is over, though papers are left to be written. */
const runningStatuses = new Set(['in-progress', 'arrived', 'triaged', 'onleave', 'on-hold']);

const periodOf = (resource: Json): Json | null =>
  asObject(resource.period) ?? asObject(resource.actualPeriod);

/** A Coding, concepts or a plain code; null where none is known, or two differ. */
function classOf(resource: Json): EncounterClass | null {
  const entries = [resource.class ?? []].flat();
  const codings = entries.flatMap((entry) => [entry, ...codingsOf(entry)]);
  const found = codings.flatMap((coding) => {
    const { display, text } = asObject(coding) ?? {};
    const names = [codeOf(coding), asString(display), asString(text)];
    return names.flatMap((name) => encounterClasses.get(name?.toUpperCase() ?? '') ?? []).slice(0, 1);
  });
  return new Set(found).size === 1 ? (found[0] ?? null) : null;
}

/** The encounter of the context, else the one that runs now and began last (https://hl7.org/fhir/R4/encounter.html). */
export function readEncounter(builder: ChartBuilder): void {
  const { chart, intake, at } = builder;
  const encounters = intake.items.filter((item) => item.type === 'Encounter');
  const wanted = intake.encounterId;
  if (wanted === null) {
    chart.encounter = chooseRunning(
      builder,
      encounters.filter((item) => isRunning(item.resource, at)),
    );
    return;
  }
  const current = encounters.find((item) => item.reference === `Encounter/${wanted}`);
  chart.encounter = current
    ? encounterOf(current)
    : { reference: `Encounter/${wanted}`, class: null, start: null };
  if (current) noteUnknownClass(builder, current);
}

function encounterOf({ resource, reference }: IntakeItem): NonNullable<Chart['encounter']> {
  const start = asString(periodOf(resource)?.start);
  return { reference, class: classOf(resource), start: start && spanOf(start) ? start : null };
}

function noteUnknownClass(builder: ChartBuilder, { resource, reference }: IntakeItem): void {
  if (classOf(resource) !== null) return;
  builder.addNotice(
    'encounter-unclear',
    reference,
    'has no class that is understood: send a code of v3 ActCode, such as IMP, EMER or AMB',
  );
}

const startOf = ({ resource }: IntakeItem): Span | null => spanOf(periodOf(resource)?.start);

/** Those that may be the one that began last: a start that is not stated, or only to the day, may be any. */
function lastBegun(running: readonly IntakeItem[]): IntakeItem[] {
  const latest = Math.max(...running.map((item) => startOf(item)?.from ?? Number.NEGATIVE_INFINITY));
  return running.filter((item) => (startOf(item)?.to ?? Number.POSITIVE_INFINITY) >= latest);
}

/** Where nothing says which of several began last, what they agree on, in whatever order they came. */
function chooseRunning(builder: ChartBuilder, running: readonly IntakeItem[]): Chart['encounter'] {
  const [first, ...others] = lastBegun(running).sort((a, b) => (a.reference < b.reference ? -1 : 1));
  if (!first) return null;
  const chosen = encounterOf(first);
  if (others.length === 0) {
    noteUnknownClass(builder, first);
    return chosen;
  }
  const rest = others.map(encounterOf);
  const isSame = (name: 'class' | 'start'): boolean => rest.every((one) => one[name] === chosen[name]);
  if (!isSame('class')) {
    builder.addNotice(
      'encounter-unclear',
      chosen.reference,
      `runs beside ${rest.length} other encounter(s) of another class, and nothing says which began last: the class is unknown`,
    );
  }
  return {
    reference: chosen.reference,
    class: isSame('class') ? chosen.class : null,
    start: isSame('start') ? chosen.start : null,
  };
}

function isRunning(resource: Json, at: number): boolean {
  const period = periodOf(resource);
  const [start, end] = [spanOf(period?.start), spanOf(period?.end)];
  return (
    runningStatuses.has(asString(resource.status) ?? '') &&
    (!start || start.from <= at) &&
    (!end || end.to >= at)
  );
}
