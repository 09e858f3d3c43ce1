/**
 * MedicationAdministration, DSTU2 to R5 -> what was given, with its time, dose and rate, and what runs now
 * (https://hl7.org/fhir/R4/medicationadministration.html). MedicationDispense -> when a drug was last handed out.
 */

import { type Dosing, readDosing } from '../dosage/dosing.ts';
import { longestSum } from '../dosage/timeline.ts';
import { asArray, asObject, codingsOf, type Json, printableCode, statusOf } from '../fhir/json.ts';
import { day, hour, type Span, spanOf } from '../fhir/time.ts';
import type { IntakeItem } from '../intake/types.ts';
import type { ChartBuilder } from './chart-builder.ts';
import { codesOf } from './codes.ts';
import { ingredientName, readDrugName, readStrengths, resolveMedication } from './medication-name.ts';
import { routeOf } from './medication-route.ts';
import { isLookedBackTo, noteUnresolved } from './medications.ts';
import { readModifier } from './not-taken.ts';
import { clockTolerance } from './observation-time.ts';
import { linksOf } from './one-therapy.ts';
import { type EndOfTherapy, endWithin } from './therapy-time.ts';
import type { Medication } from './types.ts';

const notGivenStatuses = new Set(['entered-in-error', 'not-done', 'cancelled', 'declined', 'preparation']);
const haltedStatuses = new Set(['stopped', 'on-hold']);
const givenStatuses = new Set(['in-progress', 'completed', ...haltedStatuses]);

/** What was given so lately counts as taken: milliseconds. */
const stillActing = day;

/** When it was given; null where that is not stated. */
interface GivenTime {
  start: Span | null;
  end: Span | null;
  /** One instant stands for both. */
  once: boolean;
}

/** Names of the time of an administration: R4 and STU3, R5 (with its misspelling), DSTU2. */
const timeNames = ['effective', 'occurence', 'occurrence', 'effectiveTime'];

function givenTimeOf(resource: Json): GivenTime {
  for (const name of timeNames) {
    const period = asObject(resource[`${name}Period`]);
    const [start, end] = [spanOf(period?.start), spanOf(period?.end)];
    if (start || end) return { start, end, once: false };
    const once = spanOf(resource[`${name}DateTime`]) ?? spanOf(resource[`${name}Instant`]);
    if (once) return { start: once, end: once, once: true };
    const events = [asObject(resource[`${name}Timing`])?.event ?? []]
      .flat()
      .flatMap((at) => spanOf(at) ?? []);
    const [first] = events.sort((a, b) => a.from - b.from);
    if (first) return { start: first, end: events.at(-1) ?? first, once: events.length === 1 };
  }
  return { start: null, end: null, once: false };
}

/** The dosage of an administration as a Dosage of an order; DSTU2 says `quantity`. */
function dosageOf(dosage: Json, { start, end, once }: GivenTime): Json {
  const { dose, quantity, rateRatio, rateQuantity, rateRange } = dosage;
  const doseQuantity = dose ?? quantity;
  const isTimed = start !== null && end !== null && !once && end.from > start.to;
  const repeat =
    doseQuantity === undefined
      ? {}
      : { count: 1, ...(isTimed ? { duration: (end.from - start.from) / hour, durationUnit: 'h' } : {}) };
  return { doseAndRate: [{ doseQuantity, rateRatio, rateQuantity, rateRange }], timing: { repeat } };
}

/** Before this moment: what was given now, or at some time of today, was given. */
const before = (span: Span, at: number): Span => endWithin(span, at - 1) as Span;

/** What it delivered, when: between its start and its end, or as long as it runs. */
function deliveredBy(
  builder: ChartBuilder,
  item: IntakeItem,
  time: GivenTime,
  isRunning: boolean,
): Dosing | null {
  const [dosage] = asArray(item.resource.dosage);
  if (!dosage) return null;
  const name = readDrugName(builder, item);
  const names = resolveMedication(builder, item, name).ingredients.map((one) => ingredientName(one).name);
  const dosing = readDosing([dosageOf(dosage, time)], () => readStrengths(builder, item, name, names));
  if (!dosing) return null;
  const { start, end, once } = time;
  const bounds = {
    ...(start ? { begins: before(start, builder.at) } : {}),
    ...(end && !once ? { ends: isRunning ? end : before(end, builder.at) } : {}),
  };
  return { ...dosing, instructions: dosing.instructions.map((one) => ({ ...one, ...bounds })) };
}

/** What administrations and dispenses have in common in the chart. */
function drugOf(
  builder: ChartBuilder,
  item: IntakeItem,
): Pick<
  Medication,
  'reference' | 'status' | 'selected' | 'route' | 'routeUnread' | 'ingredients' | 'resolvedBy' | 'codes'
> {
  const { resource, reference } = item;
  const name = readDrugName(builder, item);
  const drug = resolveMedication(builder, item, name);
  const dosages = asArray(resource.dosage ?? resource.dosageInstruction).slice(0, 1);
  const { route, unread } = routeOf(dosages, [() => drug.route]);
  return {
    reference,
    status: printableCode(statusOf(resource)),
    selected: false,
    route,
    ...(unread ? { routeUnread: unread } : {}),
    ingredients: drug.ingredients.map(ingredientName),
    resolvedBy: drug.resolvedBy,
    codes: codesOf(codingsOf(name.concept)),
  };
}

/** Whether it says in some way that nothing was given; a flag is said, a status speaks for itself. */
function wasNotGiven(builder: ChartBuilder, { resource, reference }: IntakeItem): boolean {
  if (notGivenStatuses.has(statusOf(resource) ?? '')) return true;
  const modifier = readModifier(resource);
  if (modifier?.taken !== 'no') return false;
  builder.addNotice('medication-not-counted', reference, `says ${modifier.words}: not counted as given`);
  return true;
}

/** When the last of it was given: its end; of what was interrupted without one some time since it began. */
function lastGiven({ start, end }: GivenTime, status: string | null, at: number): EndOfTherapy | null {
  const last = end ?? start;
  if (!last) return null;
  if (end === null && haltedStatuses.has(status ?? '')) return { from: last.from, to: at };
  return endWithin(last, at);
}

/** How a dose counts at the evaluation time. */
interface DoseState {
  time: GivenTime;
  isRunning: boolean;
  /** Runs, or was completed so lately that it still acts; what was interrupted does not after its end. */
  isTaken: boolean;
  ended: EndOfTherapy | null;
}

/** @returns what is wrong with its time instead, where it does not count */
function stateOf(resource: Json, at: number): DoseState | 'ahead' | 'undated' {
  const status = statusOf(resource);
  const time = givenTimeOf(resource);
  const begins = time.start ?? time.end;
  if (begins && begins.from > at + clockTolerance) return 'ahead';
  if (status === 'in-progress' && (time.once || time.end === null || time.end.to >= at)) {
    const running = time.once ? { ...time, end: null, once: false } : time;
    return { time: running, isRunning: true, isTaken: true, ended: null };
  }
  const ended = lastGiven(time, status, at);
  if (!ended) return 'undated';
  const isTaken = !haltedStatuses.has(status ?? '') && ended.to >= at - stillActing;
  return { time, isRunning: false, isTaken, ended };
}

const whyNotCounted = {
  ahead: 'lies after the evaluation time: not counted',
  undated: 'says no time at which it was given: not counted',
} as const;

function leaveOut(builder: ChartBuilder, item: IntakeItem, why: keyof typeof whyNotCounted): void {
  builder.addNotice('medication-not-counted', item.reference, whyNotCounted[why]);
  builder.markIncomplete(item);
}

/** It may be any drug, and a rule may ask what it was. */
const isNewsOf = (dose: Medication, at: number): boolean =>
  dose.resolvedBy === 'unresolved' && (dose.role !== 'inactive' || isLookedBackTo(dose, at));

/** Adds what was given: running therapy, or a dose with its time. */
export function readDose(builder: ChartBuilder, item: IntakeItem): void {
  const { resource, reference } = item;
  if (wasNotGiven(builder, item)) return;
  const state = stateOf(resource, builder.at);
  if (typeof state === 'string') {
    leaveOut(builder, item, state);
    return;
  }
  if (!givenStatuses.has(statusOf(resource) ?? ''))
    builder.addNotice('medication-status', reference, 'has no status we know: counted as given, and flagged');
  const dose = doseOf(builder, item, state);
  if (isNewsOf(dose, builder.at)) noteUnresolved(builder, reference, readDrugName(builder, item), dose.codes);
  if (state.isRunning) builder.chart.medications.push(dose);
  else builder.pastDoses.push(dose);
}

function doseOf(builder: ChartBuilder, item: IntakeItem, state: DoseState): Medication {
  const { time, isRunning, isTaken, ended } = state;
  const isOver = ended !== null && ended.to >= builder.at - longestSum;
  const dosing = isRunning || isOver ? deliveredBy(builder, item, time, isRunning) : null;
  return {
    ...drugOf(builder, item),
    role: isTaken ? 'active' : 'inactive',
    started: isTaken ? time.start : null,
    ...(isTaken && !isRunning ? { startedAtLatest: true } : {}),
    ...(ended ? { ended } : {}),
    ...(isOver ? { over: true } : {}),
    given: true,
    ...(isTaken && builder.meaning.kind === 'entry' ? { underReview: true } : {}),
    ...linksOf(builder.intake, item),
    ...(dosing ? { dosing } : {}),
    why: isRunning ? 'being given' : isTaken ? 'given within a day' : 'given',
  };
}

/** What was handed out may have lasted until its supply ended, or until now. */
function supplyOf(resource: Json, at: number): EndOfTherapy | null {
  const handed = spanOf(resource.whenHandedOver) ?? spanOf(resource.whenPrepared);
  if (!handed || handed.from > at) return null;
  const supply = asObject(resource.daysSupply);
  const days = supply && (supply.code ?? supply.unit) === 'd' ? supply.value : null;
  const to = typeof days === 'number' && days >= 0 ? handed.to + days * day : at;
  return { from: handed.from, to: Math.min(to, at) };
}

/** That a drug was handed out says nothing about what is taken now: it is never active therapy, only a last dose. */
export function readDispense(builder: ChartBuilder, item: IntakeItem): void {
  if (wasNotGiven(builder, item)) return;
  const ended = supplyOf(item.resource, builder.at);
  if (!ended) {
    leaveOut(builder, item, 'undated');
    return;
  }
  const supply: Medication = {
    ...drugOf(builder, item),
    role: 'inactive',
    started: null,
    ended,
    why: 'handed out',
  };
  if (isNewsOf(supply, builder.at))
    noteUnresolved(builder, item.reference, readDrugName(builder, item), supply.codes);
  builder.pastDoses.push(supply);
}

const endOf = ({ ended }: Medication): number => ended?.to ?? 0;

/** Doses of one drug by one route. Of what is recognised in part the rest may be any drug: no other stands for it. */
function keyOf({ ingredients, codes, resolvedBy, route, given }: Medication): string {
  const names = ingredients.length > 0 ? ingredients.map(({ name }) => name) : codes.map(({ code }) => code);
  return JSON.stringify([names, resolvedBy === 'unresolved', route, given === true]);
}

/** Doses that are further apart than this are not one course: milliseconds. */
const longestGap = 7 * day;

/** When the course began that the last of these doses, newest first, belongs to. */
function beginOfCourse(doses: readonly Medication[]): Span | null {
  let begin: Span | null = null;
  let after = Number.POSITIVE_INFINITY;
  for (const { started, ended } of doses) {
    const { from } = ended ?? {};
    if (ended === undefined || from === undefined || from === null) break;
    if (Number.isFinite(after) && ended.to < after - longestGap) break;
    begin = started ?? { from, to: ended.to };
    after = from;
  }
  return begin;
}

/**
 * Of each drug by each route the last dose: a stay in hospital has hundreds. Of the doses before it those that a
 * sum may reach stay, for sums alone.
 */
export function keepDoses(builder: ChartBuilder): void {
  let left = 0;
  for (const doses of Map.groupBy(builder.pastDoses, keyOf).values()) {
    const [last, ...others] = doses.sort(
      (a, b) => endOf(b) - endOf(a) || (a.reference < b.reference ? -1 : 1),
    );
    if (!last) continue;
    if (last.role === 'active') last.started = beginOfCourse(doses);
    const summed = others.filter(({ over, ingredients }) => over && ingredients.length > 0);
    left += others.length - summed.length;
    const earlier = summed.map(
      (dose): Medication => ({ ...dose, role: 'inactive', earlier: true, why: 'given' }),
    );
    builder.chart.medications.push(last, ...earlier);
  }
  if (left > 0) {
    builder.addNotice(
      'medication-not-counted',
      null,
      `${left} earlier dose(s) or supplies of drugs that came again: of each the last is kept`,
    );
  }
}
