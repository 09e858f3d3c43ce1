/** MedicationRequest and MedicationStatement, R4 and R5 -> medications: role, ingredients, route, start and end. */

import { type Dosing, isInfusion, notUnderstood, readDosing } from '../dosage/dosing.ts';
import { type Strength, strengthsOf, strengthsOfMedication } from '../dosage/strength.ts';
import { longestSum } from '../dosage/timeline.ts';
import { asArray, asObject, asString, codeOf, codingsOf, type Json, printableCode } from '../fhir/json.ts';
import { normalReference } from '../fhir/reference.ts';
import { type Span, spanOf } from '../fhir/time.ts';
import { type IntakeItem, pastStatuses } from '../intake/intake.ts';
import type { Ingredient } from '../terminology/drugs/ingredients.ts';
import { type DrugResolution, resolveDrug } from '../terminology/drugs/resolve.ts';
import { type Route, readRoute } from '../terminology/drugs/routes.ts';
import { type ChartBuilder, codesOf } from './reading.ts';
import type { Chart, Medication } from './types.ts';

interface Named {
  concept: Json | null;
  /** The Medication resource behind a reference. */
  definition: Json | null;
  /** Text beside the reference: Epic sends `FUROSEMIDE 40 MG PO TABS` there. */
  display: string | null;
  /** A reference that leads nowhere. */
  lost: boolean;
}

const unnamed: DrugResolution = { ingredients: [], resolvedBy: 'unresolved', route: null };

/** What names the drug, wherever it sits: R4 choice, R5 CodeableReference, any kind of reference. */
export function namedBy(reading: ChartBuilder, item: IntakeItem): Named {
  const { resource } = item;
  const r5 = asObject(resource.medication);
  const own = asObject(resource.medicationCodeableConcept) ?? asObject(r5?.concept);
  if (own) return { concept: own, definition: null, display: null, lost: false };
  const link = asObject(resource.medicationReference) ?? asObject(r5?.reference);
  const definition = link ? behind(reading, resource, link) : null;
  return {
    concept: asObject(definition?.code),
    definition,
    display: asString(link?.display),
    lost: normalReference(link) !== null && definition === null,
  };
}

/** The resource a reference leads to: contained, or any Medication or Substance that came. */
function behind(reading: ChartBuilder, holder: Json, link: Json): Json | null {
  const target = normalReference(link);
  if (target === null) return null;
  if (!target.startsWith('#')) return reading.intake.medications.get(target) ?? null;
  return asArray(holder.contained).find(({ id }) => id === target.slice(1)) ?? null;
}

/** By its code; else by the text beside the reference; else by the list of its ingredients. */
export function resolveMedication(
  reading: ChartBuilder,
  item: IntakeItem,
  { concept, definition, display }: Named,
): DrugResolution {
  const byCode = concept ? resolveDrug(codingsOf(concept), concept.text, reading.products) : unnamed;
  if (byCode.resolvedBy !== 'unresolved') return byCode;
  const byText = display ? resolveDrug([], display, reading.products) : unnamed;
  if (byText.resolvedBy !== 'unresolved') return byText;
  return definition ? byIngredients(reading, item, definition) : unnamed;
}

function resolvedPart(reading: ChartBuilder, item: IntakeItem, definition: Json, part: Json): DrugResolution {
  const r5 = asObject(part.item);
  const link = asObject(part.itemReference) ?? asObject(r5?.reference);
  const substance = link ? (behind(reading, definition, link) ?? behind(reading, item.resource, link)) : null;
  const concept = asObject(part.itemCodeableConcept) ?? asObject(r5?.concept) ?? asObject(substance?.code);
  return concept ? resolveDrug(codingsOf(concept), concept.text, reading.products) : unnamed;
}

/** How strong it is: as its Medication says in figures, else as its names say. */
function strengthsIn(
  reading: ChartBuilder,
  item: IntakeItem,
  name: Named,
  ingredients: readonly string[],
): Strength[] {
  const { concept, definition, display } = name;
  const parts = asArray(definition?.ingredient).map((part) => ({
    part,
    ingredients: resolvedPart(reading, item, definition ?? {}, part).ingredients.map((one) => one.name),
  }));
  const stated = strengthsOfMedication(parts);
  const found =
    stated.length > 0
      ? stated
      : strengthsOf(
          [...codingsOf(concept).map((coding) => asString(coding.display)), asString(concept?.text), display],
          ingredients,
        );
  return found.filter(({ ingredient }) => ingredients.includes(ingredient));
}

/**
 * From Medication.ingredient: what is recognised counts; as long as one part is not, the whole stays unresolved,
 * and what it may also be is unknown.
 */
function byIngredients(reading: ChartBuilder, item: IntakeItem, definition: Json): DrugResolution {
  const parts = asArray(definition.ingredient).map((part) => resolvedPart(reading, item, definition, part));
  const [first] = parts;
  if (!first) return unnamed;
  const open = parts.some(({ resolvedBy }) => resolvedBy === 'unresolved');
  return {
    ingredients: parts.flatMap(({ ingredients }) => ingredients),
    resolvedBy: open ? 'unresolved' : first.resolvedBy,
    route: null,
  };
}

const statementActive = new Set(['active', 'intended', 'recorded']);
const requestActive = new Set(['active']);
const notTaken = new Set(['not-taken', 'not-taking', 'stopped', 'on-hold']);

function roleOf(reading: ChartBuilder, item: IntakeItem): { role: Medication['role']; why: string | null } {
  const { resource, type, reference } = item;
  const status = asString(resource.status);
  if (resource.doNotPerform === true) {
    reading.addNotice('medication-not-counted', reference, 'is marked doNotPerform: not an order');
    return { role: 'inactive', why: 'doNotPerform' };
  }
  if (item.from === 'draft') {
    if (status && ['entered-in-error', 'cancelled', 'stopped', 'completed', 'ended'].includes(status)) {
      reading.addNotice('medication-not-counted', reference, `has status \`${status}\`: not an order`);
      return { role: 'inactive', why: `status ${status}` };
    }
    return { role: 'ordered', why: null };
  }
  if (type === 'MedicationRequest' && (resource.intent === 'proposal' || resource.intent === 'option')) {
    reading.addNotice(
      'medication-not-counted',
      reference,
      `has intent \`${resource.intent}\`: not counted as taken`,
    );
    return { role: 'inactive', why: `intent ${resource.intent}` };
  }
  const active = type === 'MedicationStatement' ? statementActive : requestActive;
  const adherence = codeOf(asObject(resource.adherence)?.code);
  if (adherence && notTaken.has(adherence)) return { role: 'inactive', why: `adherence ${adherence}` };
  const end =
    spanOf(asObject(resource.effectivePeriod)?.end) ??
    (type === 'MedicationRequest' ? spanOf(boundsOf(resource)?.end) : null);
  if (status === null || !knownStatus.has(status)) {
    reading.addNotice(
      'medication-status',
      reference,
      `has ${status === 'unknown' ? 'status `unknown`' : 'no status we know'}: counted as taken, and flagged`,
    );
    return { role: 'active', why: 'status unknown' };
  }
  if (!active.has(status)) return { role: 'inactive', why: `status ${status}` };
  if (end && end.to < reading.at) {
    reading.addNotice(
      'medication-not-counted',
      reference,
      'ended before the evaluation time: not counted as taken',
    );
    return { role: 'inactive', why: 'ended' };
  }
  return { role: 'active', why: null };
}

const knownStatus = new Set(
  'active intended recorded completed entered-in-error stopped on-hold not-taken cancelled ended draft'.split(
    ' ',
  ),
);

const boundsOf = (resource: Json): Json | null => {
  for (const dosage of asArray(resource.dosageInstruction)) {
    const bounds = asObject(asObject(asObject(dosage.timing)?.repeat)?.boundsPeriod);
    if (bounds) return bounds;
  }
  return null;
};

/**
 * When the therapy began. A date of writing (authoredOn, dateAsserted) only says when it had begun at the
 * latest: a renewal hides the years before it.
 */
function startOf(resource: Json): { span: Span | null; atLatest: boolean } {
  const stated =
    spanOf(asObject(resource.effectivePeriod)?.start) ??
    spanOf(resource.effectiveDateTime) ??
    spanOf(boundsOf(resource)?.start);
  if (stated) return { span: stated, atLatest: false };
  return { span: spanOf(resource.authoredOn) ?? spanOf(resource.dateAsserted), atLatest: true };
}

export type EndOfTherapy = NonNullable<Medication['ended']>;

/** The last dose lies in `span`, and not after `latest`. */
export const endedIn = ({ from, to }: Span, latest: number): EndOfTherapy => ({
  from: Math.min(from, latest),
  to: Math.min(to, latest),
});

/**
 * When the last dose of a therapy that is over was given: the stated end of its time; else some time between its
 * beginning and the day on which it was said to be over. A planned end that lies ahead, or that of an order which
 * was stopped or is on hold, says only that nothing was given after it.
 */
function endOf(resource: Json, status: string | null, at: number): EndOfTherapy {
  const period = asObject(resource.effectivePeriod);
  const bounds = boundsOf(resource);
  const once = spanOf(resource.effectiveDateTime);
  const actual = spanOf(period?.end) ?? (status === 'completed' ? once : null);
  if (actual && actual.from <= at) return endedIn(actual, at);
  const planned = spanOf(bounds?.end);
  if (planned && planned.from <= at && status !== 'stopped' && status !== 'on-hold')
    return endedIn(planned, at);
  const begun = spanOf(period?.start) ?? once ?? spanOf(bounds?.start) ?? spanOf(resource.authoredOn);
  const said = [planned, spanOf(resource.dateAsserted), spanOf(asObject(resource.meta)?.lastUpdated)];
  const to = Math.min(at, ...said.flatMap((span) => span?.to ?? []));
  return { from: begun ? Math.min(begun.from, to) : null, to };
}

/**
 * The name of an ingredient is kept where the terminology has it. A name that was only read out of the
 * structure of a text (`X 10 MG Oral Tablet`) may be anything.
 */
export function ingredientName({ rxnorm, name, classes }: Ingredient): {
  rxnorm: string | null;
  name: string;
} {
  const known =
    rxnorm !== null ||
    classes.length > 0 ||
    resolveDrug([], name).ingredients.some((ingredient) => ingredient.name === name);
  return { rxnorm, name: known ? name : 'another drug' };
}

const unread = {
  dose: 'states a dose, rate or limit without a unit, or in one that is not understood: not used',
  timing: 'states how often in a form that is not understood, or in two that differ: not used',
} as const;

/** Nothing says what drug it is, not even a reference that leads nowhere. */
const isUnnamed = ({ concept, definition, display, lost }: Named): boolean =>
  concept === null && definition === null && display === null && !lost;

/** Begun and over or halted; what was never taken (a proposal, not taken, doNotPerform) is not. */
const isPast = (why: string | null, status: string | null): boolean =>
  why === 'adherence stopped' ||
  why === 'adherence on-hold' ||
  (why === `status ${status}` && status !== null && pastStatuses.has(status));

export function readMedication(reading: ChartBuilder, item: IntakeItem): void {
  const { resource, reference } = item;
  const status = asString(resource.status);
  if (status === 'entered-in-error' && item.from !== 'draft') return;
  const { role, why } = roleOf(reading, item);
  const name = namedBy(reading, item);
  const drug = resolveMedication(reading, item, name);
  const dosages = asArray(resource.dosageInstruction ?? resource.dosage);
  let route: Route | null = null;
  for (const dosage of dosages) {
    route ??= readRoute(codingsOf(dosage.route), asObject(dosage.route)?.text);
  }
  const codes = codesOf(codingsOf(name.concept));
  if (drug.resolvedBy === 'unresolved' && role !== 'inactive') {
    const known = codes.map(({ code }) => code).slice(0, 6);
    if (name.lost) {
      reading.addNotice(
        'medication-reference',
        reference,
        'its medicationReference leads to no Medication that came',
      );
    }
    reading.addNotice(
      'drug-unresolved',
      reference,
      known.length > 0
        ? `medication with code ${known.join(', ')} could not be matched to an ingredient: send an RxNorm ingredient or an RxNorm name`
        : name.concept || name.display
          ? 'medication given as text only, and the text matches no ingredient: send a code'
          : 'the resource names no medication',
    );
  }
  const start = startOf(resource);
  const ends = spanOf(asObject(resource.effectivePeriod)?.end);
  const ingredients = drug.ingredients.map(ingredientName);
  const last = ends ?? spanOf(boundsOf(resource)?.end) ?? start.span;
  const isRecent = last !== null && last.to >= reading.at - longestSum;
  const over = isRecent && item.from !== 'draft' && (why === 'status completed' || why === 'ended');
  const dosing: Dosing | null =
    role !== 'inactive' || over
      ? readDosing(dosages, () =>
          strengthsIn(
            reading,
            item,
            name,
            ingredients.map((one) => one.name),
          ),
        )
      : null;
  // Of orders alone: a patch or a puff on a list of therapy is no news.
  if (role === 'ordered' && dosing) {
    for (const what of notUnderstood(dosages, dosing))
      reading.addNotice(`${what}-not-understood`, reference, unread[what]);
  }
  const inferred = role === 'ordered' && dosing !== null && isInfusion(dosing) ? 'parenteral' : null;
  const isEnded = item.from !== 'draft' && (why === 'ended' || isPast(why, status));
  const medication: Medication = {
    reference,
    role,
    status: printableCode(status),
    selected: role === 'ordered' && item.selected,
    route: route ?? drug.route ?? inferred,
    ingredients,
    resolvedBy: drug.resolvedBy,
    codes,
    started: start.span,
    ...(start.span && start.atLatest ? { startedAtLatest: true } : {}),
    ...(isEnded ? { ended: endOf(resource, status, reading.at) } : {}),
    ...(role === 'active' && reading.meaning.kind === 'entry' ? { underReview: true } : {}),
    ...(role === 'ordered' && isUnnamed(name) ? { unnamed: true } : {}),
    ...(ends ? { ends } : {}),
    ...(over ? { over: true } : {}),
    ...(item.type === 'MedicationStatement' ? { statement: true } : {}),
    ...(dosing ? { dosing } : {}),
    why,
  };
  reading.chart.medications.push(medication);
}

const sameIngredients = (one: Medication, other: Medication): boolean =>
  one.ingredients.length > 0 &&
  one.ingredients.length === other.ingredients.length &&
  one.ingredients.every(({ name }) => other.ingredients.some((ingredient) => ingredient.name === name));

/**
 * A refill goes on with what is taken: counted once, and since when it was taken before. The therapy stays
 * active, so that nothing looks like a start. Where several could be the one renewed, or the route differs, all
 * count: too much is looked at rather than too little.
 */
export function noteRenewals({ medications }: Chart): void {
  for (const order of medications) {
    if (order.role !== 'ordered') continue;
    const [therapy, ...others] = medications.filter(
      (medication) => medication.role === 'active' && sameIngredients(order, medication),
    );
    if (!therapy || others.length > 0) continue;
    if (order.route !== null && therapy.route !== null && order.route !== therapy.route) continue;
    therapy.renewed = true;
    const { started } = therapy;
    if (!started || (order.started && order.started.from <= started.from)) continue;
    order.started = started;
    if (therapy.startedAtLatest) order.startedAtLatest = true;
    else delete order.startedAtLatest;
  }
}
