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

/** It never took place. */
const voidStatuses: ReadonlySet<string> = new Set(['cancelled', 'entered-in-error']);
/** Those of which none runs now: R4 and STU3, R5. */
const otherStatuses: ReadonlySet<string> = new Set([
  ...voidStatuses,
  'planned',
  'finished',
  'discharged',
  'completed',
  'discontinued',
]);

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
  if (intake.encounterId !== null) {
    chart.encounter = readNamed(builder, encounters, intake.encounterId);
    return;
  }
  const running = encounters.filter((item) => runsAt(item.resource, at) === 'yes');
  const open = encounters.filter((item) => runsAt(item.resource, at) === 'unknown');
  chart.encounter = running.length > 0 ? chooseRunning(builder, running, open) : chooseOpen(builder, open);
}

/** That of the context, running or not, unless it never was. */
function readNamed(builder: ChartBuilder, encounters: readonly IntakeItem[], id: string): Chart['encounter'] {
  const named = encounters.filter(({ isOfContext }) => isOfContext);
  const [first, ...others] = named;
  const open = { reference: `Encounter/${id}`, class: null, start: null };
  if (!first) {
    if (encounters.length > 0) {
      addUnclear(
        builder,
        null,
        'context.encounterId names none of the encounters that came: the class is unknown',
      );
    }
    return open;
  }
  const isVoid = named.some(({ resource }) => voidStatuses.has(asString(resource.status) ?? ''));
  if (isVoid) {
    addUnclear(
      builder,
      first.reference,
      'is the one of the context, and was cancelled or entered in error: not used',
    );
    return open;
  }
  if (others.length === 0) noteUnknownClass(builder, first);
  return agreed(builder, named, 'came more than once with different classes: the class is unknown');
}

const addUnclear = (builder: ChartBuilder, reference: string | null, message: string): void =>
  builder.addNotice('encounter-unclear', reference, message);

/** Of none that runs for certain: one may, so that the kind of encounter is unknown, and not none. */
function chooseOpen(builder: ChartBuilder, open: readonly IntakeItem[]): Chart['encounter'] {
  const [first] = [...open].sort(byReference);
  if (!first) return null;
  addUnclear(
    builder,
    first.reference,
    'has a status that does not say whether it runs now, so the class is unknown: send `in-progress` or `finished`',
  );
  return { reference: first.reference, class: null, start: null };
}

const byReference = (a: IntakeItem, b: IntakeItem): number => (a.reference < b.reference ? -1 : 1);

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

/** One that may run counts where it may have begun last. */
function chooseRunning(
  builder: ChartBuilder,
  running: readonly IntakeItem[],
  open: readonly IntakeItem[],
): Chart['encounter'] {
  const mayRun = new Set(open);
  const beside = lastBegun([...running, ...open]).filter((item) => mayRun.has(item));
  const chosen = [...lastBegun(running).sort(byReference), ...beside.sort(byReference)];
  const [first, ...others] = chosen;
  if (first && others.length === 0) noteUnknownClass(builder, first);
  return agreed(
    builder,
    chosen,
    `runs beside ${others.length} other encounter(s) of another class, and nothing says which began last: the class is unknown`,
  );
}

/** What several agree on, in whatever order they came. */
function agreed(builder: ChartBuilder, items: readonly IntakeItem[], why: string): Chart['encounter'] {
  const [chosen, ...rest] = items.map(encounterOf);
  if (!chosen) return null;
  const isSame = (name: 'class' | 'start'): boolean => rest.every((one) => one[name] === chosen[name]);
  if (!isSame('class')) addUnclear(builder, chosen.reference, why);
  return {
    reference: chosen.reference,
    class: isSame('class') ? chosen.class : null,
    start: isSame('start') ? chosen.start : null,
  };
}

/** Clocks differ, as of results. */
const tolerance = 5 * 60_000;

/** `unknown`: its status does not say (`unknown`, none, none of ours), and its period leaves it open. */
function runsAt(resource: Json, at: number): 'yes' | 'no' | 'unknown' {
  const period = periodOf(resource);
  const [start, end] = [spanOf(period?.start), spanOf(period?.end)];
  const status = asString(resource.status) ?? '';
  const isOfNow = (!start || start.from <= at + tolerance) && (!end || end.to >= at);
  if (!isOfNow || otherStatuses.has(status)) return 'no';
  return runningStatuses.has(status) ? 'yes' : 'unknown';
}
