/** MedicationRequest and MedicationStatement, DSTU2 to R5 -> medications: role, ingredients, route, start and end. */

import { type Dosing, findUnreadParts, isInfusion, readDosing } from '../dosage/dosing.ts';
import { longestSum } from '../dosage/timeline.ts';
import { asObject, asString, codingsOf, type Json, printableCode } from '../fhir/json.ts';
import { spanOf } from '../fhir/time.ts';
import type { IntakeItem } from '../intake/types.ts';
import { type Route, readRoute } from '../terminology/drugs/routes.ts';
import type { ChartBuilder } from './chart-builder.ts';
import { codesOf } from './codes.ts';
import {
  type DrugName,
  ingredientName,
  isUnnamed,
  readDrugName,
  readStrengths,
  resolveMedication,
} from './medication-name.ts';
import { linksOf } from './one-therapy.ts';
import { readRole, type TherapyRole } from './therapy-role.ts';
import { dosagesAt, dosagesOf, endOf, startOf, statedEndOf } from './therapy-time.ts';
import type { Medication } from './types.ts';

/**
 * Adds a medication to the chart, whatever its status but `entered-in-error`
 * (https://hl7.org/fhir/R4/medicationrequest.html, https://hl7.org/fhir/R4/medicationstatement.html).
 */
export function readMedication(builder: ChartBuilder, item: IntakeItem): void {
  const { resource, reference } = item;
  const status = asString(resource.status);
  if (status === 'entered-in-error' && item.from !== 'draft') return;
  const { role, why, past, uncertain, ahead } = readRole(builder, item);
  const name = readDrugName(builder, item);
  const drug = resolveMedication(builder, item, name);
  const codes = codesOf(codingsOf(name.concept));
  if (drug.resolvedBy === 'unresolved' && role !== 'inactive')
    noteUnresolved(builder, reference, name, codes);
  const ingredients = drug.ingredients.map(ingredientName);
  const dosages = dosagesOf(resource);
  const isOver = isRecentlyOver(item, past, builder.at);
  const dosing =
    role === 'inactive' && !isOver && !ahead
      ? null
      : readDosing(dosages, () =>
          readStrengths(
            builder,
            item,
            name,
            ingredients.map((one) => one.name),
          ),
        );
  // Of orders alone: a patch or a puff on a list of therapy is no news.
  if (role === 'ordered' && dosing) noteUnread(builder, reference, dosages, dosing);
  const inferred = role === 'ordered' && dosing !== null && isInfusion(dosing) ? 'parenteral' : null;
  const ends = spanOf(asObject(resource.effectivePeriod)?.end);
  builder.chart.medications.push({
    reference,
    role,
    status: printableCode(status),
    selected: role === 'ordered' && item.selected,
    route: routeOf(role === 'active' ? dosagesAt(resource, builder.at) : dosages) ?? drug.route ?? inferred,
    ingredients,
    resolvedBy: drug.resolvedBy,
    codes,
    ...timesOf(item, past, builder.at),
    ...(role === 'active' && builder.meaning.kind === 'entry' ? { underReview: true } : {}),
    ...(role === 'ordered' && isUnnamed(name) ? { unnamed: true } : {}),
    ...(ends ? { ends } : {}),
    ...(isOver ? { over: true } : {}),
    ...(item.type === 'MedicationStatement' ? { statement: true } : {}),
    ...(item.type === 'MedicationRequest' && resource.intent === 'plan' ? { plan: true } : {}),
    ...(ahead ? { ahead } : {}),
    ...(uncertain ? { uncertain } : {}),
    ...linksOf(resource),
    ...(dosing ? { dosing } : {}),
    why,
  });
}

/** The first that is stated and known. */
function routeOf(dosages: readonly Json[]): Route | null {
  for (const { route } of dosages) {
    const known = readRoute(codingsOf(route), asObject(route)?.text);
    if (known) return known;
  }
  return null;
}

/** Since when it is taken, and when the last dose was of what is over. */
function timesOf(
  { resource, from }: IntakeItem,
  past: TherapyRole['past'],
  at: number,
): Pick<Medication, 'started' | 'startedAtLatest' | 'ended'> {
  const status = asString(resource.status);
  const { span, atLatest } = startOf(resource);
  const isEnded = from !== 'draft' && past !== null;
  return {
    started: span,
    ...(span && atLatest ? { startedAtLatest: true } : {}),
    ...(isEnded ? { ended: endOf(resource, status, at) } : {}),
  };
}

/** Completed or past its end, so lately that it counts in the longest sum. */
function isRecentlyOver({ resource, from }: IntakeItem, past: TherapyRole['past'], at: number): boolean {
  if (from === 'draft' || (past !== 'completed' && past !== 'ended')) return false;
  const last = statedEndOf(resource) ?? startOf(resource).span;
  return last !== null && last.to >= at - longestSum;
}

/** At most so many codes are named in a notice. */
const namedCodes = 6;

export function noteUnresolved(
  builder: ChartBuilder,
  reference: string,
  name: DrugName,
  codes: Medication['codes'],
): void {
  if (name.isDangling) {
    builder.addNotice(
      'medication-reference',
      reference,
      'its medicationReference leads to no Medication that came',
    );
  }
  builder.addNotice('drug-unresolved', reference, whyUnresolved(name, codes));
}

function whyUnresolved({ concept, display }: DrugName, codes: Medication['codes']): string {
  const named = codes.map(({ code }) => code).slice(0, namedCodes);
  if (named.length > 0) {
    return `medication with code ${named.join(', ')} could not be matched to an ingredient: send an RxNorm ingredient or an RxNorm name`;
  }
  return concept || display
    ? 'medication given as text only, and the text matches no ingredient: send a code'
    : 'the resource names no medication';
}

const whyUnread = {
  dose: 'states a dose, rate or limit without a unit, or in one that is not understood: not used',
  timing: 'states how often in a form that is not understood, or in two that differ: not used',
} as const;

function noteUnread(
  builder: ChartBuilder,
  reference: string,
  dosages: readonly Json[],
  dosing: Dosing,
): void {
  for (const part of findUnreadParts(dosages, dosing)) {
    builder.addNotice(`${part}-not-understood`, reference, whyUnread[part]);
  }
}
