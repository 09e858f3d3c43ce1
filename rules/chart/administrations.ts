/** MedicationAdministration and MedicationDispense, R4 and R5 -> when a drug was last given or handed out. */

import { asArray, asObject, asString, codingsOf, printableCode } from '../fhir/json.ts';
import { day, spanOf } from '../fhir/time.ts';
import type { IntakeItem } from '../intake/types.ts';
import { readRoute } from '../terminology/drugs/routes.ts';
import type { ChartBuilder } from './chart-builder.ts';
import { codesOf } from './codes.ts';
import { ingredientName, readDrugName, resolveMedication } from './medication-name.ts';
import { type EndOfTherapy, endWithin } from './therapy-time.ts';
import type { Medication } from './types.ts';

const notGivenStatuses = new Set(['entered-in-error', 'not-done', 'cancelled', 'declined', 'preparation']);

/** When a dose was given, R4 or R5; what was handed out may have lasted until its supply ended, or until now. */
function doseTimeOf({ resource, type }: IntakeItem, at: number): EndOfTherapy | null {
  if (type === 'MedicationDispense') {
    const handed = spanOf(resource.whenHandedOver) ?? spanOf(resource.whenPrepared);
    if (!handed || handed.from > at) return null;
    const supply = asObject(resource.daysSupply);
    const days = supply && (supply.code ?? supply.unit) === 'd' ? supply.value : null;
    const to = typeof days === 'number' && days >= 0 ? handed.to + days * day : at;
    return { from: handed.from, to: Math.min(to, at) };
  }
  const period = asObject(resource.effectivePeriod) ?? asObject(resource.occurencePeriod);
  const time =
    spanOf(period?.end) ??
    spanOf(resource.effectiveDateTime) ??
    spanOf(resource.occurenceDateTime) ??
    spanOf(period?.start);
  return time && time.from <= at ? endWithin(time, at) : null;
}

/** That a drug was given says nothing about what is taken now: it is never active therapy, only a last dose. */
export function readPastDose(builder: ChartBuilder, item: IntakeItem): void {
  const { resource, reference } = item;
  const status = asString(resource.status);
  if (status !== null && notGivenStatuses.has(status)) return;
  const ended = doseTimeOf(item, builder.at);
  if (!ended) {
    builder.addNotice('medication-not-counted', reference, 'says no time at which it was given: not counted');
    builder.markIncomplete(item);
    return;
  }
  const name = readDrugName(builder, item);
  const drug = resolveMedication(builder, item, name);
  const [dosage] = asArray(resource.dosage ?? resource.dosageInstruction);
  builder.pastDoses.push({
    reference,
    role: 'inactive',
    status: printableCode(status),
    selected: false,
    route: readRoute(codingsOf(dosage?.route), asObject(dosage?.route)?.text) ?? drug.route,
    ingredients: drug.ingredients.map(ingredientName),
    resolvedBy: drug.resolvedBy,
    codes: codesOf(codingsOf(name.concept)),
    started: null,
    ended,
    why: item.type === 'MedicationDispense' ? 'handed out' : 'given',
  });
}

/** Of each drug by each route the last dose: a stay in hospital has hundreds, and no rule asks for the others. */
export function keepLastDoses(builder: ChartBuilder): void {
  const last = new Map<string, Medication>();
  for (const dose of builder.pastDoses) {
    const { ingredients, codes, resolvedBy, route, why, ended } = dose;
    const names =
      ingredients.length > 0 ? ingredients.map(({ name }) => name) : codes.map(({ code }) => code);
    // Of what is recognised in part the rest may be any drug: no other dose stands for it.
    const key = JSON.stringify([names, resolvedBy === 'unresolved', route, why]);
    const known = last.get(key);
    if (!known?.ended || !ended || ended.to > known.ended.to) last.set(key, dose);
  }
  builder.chart.medications.push(...last.values());
  const earlier = builder.pastDoses.length - last.size;
  if (earlier > 0) {
    builder.addNotice(
      'medication-not-counted',
      null,
      `${earlier} earlier dose(s) or supplies of drugs that came again: of each the last is kept`,
    );
  }
}
