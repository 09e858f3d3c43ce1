/** MedicationRequest and MedicationStatement, DSTU2 to R5 -> medications: role, ingredients, route, start and end. */

import { isOfUnknownSalt, isWithoutConcentration } from '../dosage/compute.ts';
import { type Dosing, findUnreadParts, isInfusion, readDosing, type UnreadPart } from '../dosage/dosing.ts';
import { longestSum } from '../dosage/timeline.ts';
import { codingsOf, type Json, printableCode, statusOf } from '../fhir/json.ts';
import { day } from '../fhir/time.ts';
import type { IntakeItem } from '../intake/types.ts';
import { readsAsRxnorm } from '../terminology/drugs/codings.ts';
import type { DrugResolution } from '../terminology/drugs/resolve.ts';
import { readAbsence } from './absences.ts';
import type { ChartBuilder } from './chart-builder.ts';
import { codesOf } from './codes.ts';
import { readIndications } from './indications.ts';
import {
  type DrugName,
  ingredientName,
  isUnnamed,
  readDrugName,
  readStrengths,
  resolveMedication,
} from './medication-name.ts';
import { isIntoMuscle, type MedicationRoute, routeOf, whyRouteUnread } from './medication-route.ts';
import { linksOf } from './one-therapy.ts';
import { readRole, type TherapyRole } from './therapy-role.ts';
import { dosagesAt, dosagesOf, endOf, endOfPeriod, startOf, statedEndOf } from './therapy-time.ts';
import type { Medication } from './types.ts';

/**
 * Adds a medication to the chart, whatever its status but `entered-in-error`
 * (https://hl7.org/fhir/R4/medicationrequest.html, https://hl7.org/fhir/R4/medicationstatement.html).
 */
export function readMedication(builder: ChartBuilder, item: IntakeItem): void {
  const { resource, reference } = item;
  const status = statusOf(resource);
  const name = readDrugName(builder, item);
  const drug = resolveMedication(builder, item, name);
  if (drug.resolvedBy === 'unresolved' && isAbsence(builder, item, name)) return;
  if (status === 'entered-in-error' && item.from !== 'draft') return;
  const { role, why, past, uncertain, ahead } = readRole(builder, item);
  const codes = codesOf(codingsOf(name.concept));
  const times = timesOf(item, past, builder.at);
  if (drug.resolvedBy === 'unresolved' && (role !== 'inactive' || isLookedBackTo(times, builder.at)))
    noteUnresolved(builder, reference, name, codes);
  const ingredients = drug.ingredients.map(ingredientName);
  const dosages = dosagesOf(resource);
  const isOver = isRecentlyOver(item, past, builder.at);
  const isComputed = role !== 'inactive' || isOver || ahead;
  const names = ingredients.map((one) => one.name);
  const dosing = isComputed ? readDosing(dosages, () => readStrengths(builder, item, name, names)) : null;
  // Of orders alone: a patch or a puff on a list of therapy is no news.
  if (role === 'ordered' && dosing) {
    noteUnread(builder, reference, dosages, dosing);
    noteSalt(builder, reference, dosing, drug);
  }
  if (role !== 'inactive') readIndications(builder, reference, resource, times.started);
  const { route, unread } = routeOfTherapy(builder, item, role, dosing, drug);
  builder.chart.medications.push({
    reference,
    role,
    status: printableCode(status),
    selected: role === 'ordered' && item.selected,
    route,
    ...(unread ? { routeUnread: unread } : {}),
    ...(route === 'parenteral' && isIntoMuscle(dosagesOf(item.resource)) ? { intoMuscle: true } : {}),
    ingredients,
    resolvedBy: drug.resolvedBy,
    codes,
    ...times,
    ...(role === 'active' && builder.meaning.kind === 'entry' ? { underReview: true } : {}),
    ...(role === 'ordered' && isUnnamed(name) ? { unnamed: true } : {}),
    ...kindOf(item),
    ...(isOver ? { over: true } : {}),
    ...(ahead ? { ahead } : {}),
    ...(uncertain ? { uncertain } : {}),
    ...linksOf(builder.intake, item),
    ...(dosing ? { dosing } : {}),
    why,
  });
}

/** What kind of resource tells of it, and its stated end. */
function kindOf({ type, resource }: IntakeItem): Pick<Medication, 'ends' | 'statement' | 'plan'> {
  const ends = endOfPeriod(resource);
  return {
    ...(ends ? { ends } : {}),
    ...(type === 'MedicationStatement' ? { statement: true } : {}),
    ...(type === 'MedicationRequest' && resource.intent === 'plan' ? { plan: true } : {}),
  };
}

/** Its route: of therapy in steps that of the step of now; with a notice where it is stated and not understood. */
function routeOfTherapy(
  builder: ChartBuilder,
  { resource, reference }: IntakeItem,
  role: Medication['role'],
  dosing: Dosing | null,
  drug: DrugResolution,
): MedicationRoute {
  const dosages = dosagesOf(resource);
  const found = routeOf(role === 'active' ? dosagesAt(resource, builder.at) : dosages, [
    () => drug.route,
    () => (role === 'ordered' && dosing !== null && isInfusion(dosages, dosing) ? 'parenteral' : null),
  ]);
  if (found.unread && role !== 'inactive') noteRoute(builder, reference, dosages, found.unread);
  return found;
}

/** Statuses of a statement about the list that no longer holds. */
const voidStatuses: ReadonlySet<string> = new Set([
  'entered-in-error',
  'completed',
  'stopped',
  'ended',
  'cancelled',
]);

/** None known, no information, withheld. An order of this moment is one, whatever it says. */
function isAbsence(builder: ChartBuilder, item: IntakeItem, { concept, display }: DrugName): boolean {
  if (item.from === 'draft') return false;
  const said = concept ?? (display === null ? null : { text: display });
  return readAbsence(builder, item, 'medications', said, voidStatuses.has(statusOf(item.resource) ?? ''));
}

/** Since when it is taken, and when the last dose was of what is over. */
function timesOf(
  { resource, from }: IntakeItem,
  past: TherapyRole['past'],
  at: number,
): Pick<Medication, 'started' | 'startedAtLatest' | 'ended'> {
  const status = statusOf(resource);
  const { span, atLatest } = startOf(resource);
  const isEnded = from !== 'draft' && past !== null;
  return {
    started: span,
    ...(span && atLatest ? { startedAtLatest: true } : {}),
    ...(isEnded ? { ended: endOf(resource, status, at) } : {}),
  };
}

/** How far any rule looks back to the last dose of therapy that is over; a test holds it against the library. */
export const longestLookBack = 56 * day;

/** Whether a rule may ask what it was although it is over. */
export const isLookedBackTo = ({ ended }: Pick<Medication, 'ended'>, at: number): boolean =>
  ended !== undefined && ended.to >= at - longestLookBack;

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

const rxnormUri = 'http://www.nlm.nih.gov/research/umls/rxnorm';

function whyUnresolved({ concept, display, isWithdrawn }: DrugName, codes: Medication['codes']): string {
  if (isWithdrawn)
    return 'its Medication is entered in error, or has a modifierExtension that is not understood: not used, send the one that holds';
  const named = codes.map(({ code }) => code).slice(0, namedCodes);
  if (named.length > 0) {
    const isRxnorm = codes.some(({ system }) => readsAsRxnorm(system));
    const advice = isRxnorm
      ? 'send the name that RxNorm has for it as `display`, or the code of its ingredient'
      : 'send an RxNorm ingredient or an RxNorm name';
    return `medication with code ${named.join(', ')} could not be matched to an ingredient: ${advice}`;
  }
  const bare = codingsOf(concept).flatMap(({ code }) => printableCode(code) ?? []);
  if (bare.length > 0) {
    const which = bare.slice(0, namedCodes).join(', ');
    return `medication with code ${which} comes without \`system\`: not used; send it, such as ${rxnormUri}`;
  }
  return concept || display
    ? 'medication given as text only, and the text matches no ingredient: send a code'
    : 'the resource names no medication';
}

const whyUnread: Readonly<Record<UnreadPart, string>> = {
  dose: 'states a dose, rate or limit without a unit, or in one that is not understood: not used',
  surface: 'states a dose by body surface, which is not computed: send the dose in mg or g',
  text: 'states its dose as free text only, which is not read: send it as doseAndRate, with value and unit',
  timing: 'states how often in a form that is not understood, or in two that differ: not used',
};

const whyNoSalt =
  'states its dose in mEq or mmol, and of which salt is not known: not used, name the salt or send mg or g';

const whyNoStrength =
  'states its dose or rate in millilitres, and its strength is missing: not used, send the strength, or mg or g';

function noteUnread(
  builder: ChartBuilder,
  reference: string,
  dosages: readonly Json[],
  dosing: Dosing,
): void {
  for (const part of findUnreadParts(dosages, dosing)) {
    const code = part === 'timing' ? 'timing-not-understood' : 'dose-not-understood';
    builder.addNotice(code, reference, whyUnread[part]);
  }
}

/** Of magnesium, whose dose rules ask for in grams. */
function noteSalt(builder: ChartBuilder, reference: string, dosing: Dosing, drug: DrugResolution): void {
  const isAsked = drug.ingredients.some(({ classes }) => classes.includes('magnesium'));
  const names = drug.ingredients.map(({ name }) => name);
  if (isAsked && isOfUnknownSalt(dosing, names))
    builder.addNotice('dose-not-understood', reference, whyNoSalt);
  if (isAsked && isWithoutConcentration(dosing))
    builder.addNotice('dose-not-understood', reference, whyNoStrength);
}

const noteRoute = (
  builder: ChartBuilder,
  reference: string,
  dosages: readonly Json[],
  unread: NonNullable<MedicationRoute['unread']>,
): void => builder.addNotice('route-not-understood', reference, whyRouteUnread(dosages, unread));
