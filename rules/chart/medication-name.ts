/** What names the drug of a medication, wherever it sits, and which ingredients and strengths that says. */

import { type Strength, strengthsOf, strengthsOfMedication } from '../dosage/strength.ts';
import { asArray, asObject, asString, codingsOf, type Json, statusOf } from '../fhir/json.ts';
import { normalReference } from '../fhir/reference.ts';
import type { Definition, IntakeItem } from '../intake/types.ts';
import { isKnownDrug } from '../terminology/allergens.ts';
import type { Ingredient } from '../terminology/drugs/ingredients.ts';
import { type DrugResolution, resolveDrug } from '../terminology/drugs/resolve.ts';
import type { ChartBuilder } from './chart-builder.ts';

/** All that may say which drug it is; null where it is not there. */
export interface DrugName {
  concept: Json | null;
  /** The Medication resource behind a reference. */
  definition: Json | null;
  /** The server that the references in it are relative to. */
  definedOn?: string | null;
  /** Text beside the reference: Epic sends `FUROSEMIDE 40 MG PO TABS` there. */
  display: string | null;
  /** The Medication behind the reference is entered in error, or has a modifierExtension: it names nothing. */
  isWithdrawn?: true;
  /** A reference that leads nowhere. */
  isDangling: boolean;
}

const unresolvedDrug: DrugResolution = { ingredients: [], resolvedBy: 'unresolved', route: null };

/** R4 choice, R5 CodeableReference, any kind of reference. */
export function readDrugName(builder: ChartBuilder, { resource, server }: IntakeItem): DrugName {
  const r5 = asObject(resource.medication);
  const concept = asObject(resource.medicationCodeableConcept) ?? asObject(r5?.concept);
  if (concept) return { concept, definition: null, display: null, isDangling: false };
  const link = asObject(resource.medicationReference) ?? asObject(r5?.reference);
  const found = link ? followReference(builder, { resource, server: server ?? null }, link) : null;
  if (found && isUnusable(found.resource))
    return { concept: null, definition: null, display: null, isDangling: false, isWithdrawn: true };
  const definition = found?.resource ?? null;
  return {
    concept: asObject(definition?.code),
    definition,
    definedOn: found?.server ?? null,
    display: asString(link?.display),
    isDangling: isLink(link) && definition === null,
  };
}

/** It names a resource, by reference or identifier. */
const isLink = (link: Json | null): boolean =>
  normalReference(link) !== null || asObject(link?.identifier) !== null;

/** Withdrawn, or modified in a way that is not understood: what it says may not hold. */
const isUnusable = (definition: Json): boolean =>
  statusOf(definition) === 'entered-in-error' || asArray(definition.modifierExtension).length > 0;

const containedIn = new WeakMap<Json, ReadonlyMap<unknown, Json>>();

/** What a resource contains, by id: the first of each. Looked up once for each part of what it names. */
function containedById(holder: Json): ReadonlyMap<unknown, Json> {
  const known = containedIn.get(holder);
  if (known) return known;
  const byId = new Map<unknown, Json>();
  for (const one of asArray(holder.contained)) if (!byId.has(one.id)) byId.set(one.id, one);
  containedIn.set(holder, byId);
  return byId;
}

/** The resource a reference leads to: contained, or any Medication or Substance that came. */
function followReference(builder: ChartBuilder, holder: Definition, link: Json): Definition | null {
  const target = normalReference(link);
  if (!target?.startsWith('#')) return builder.intake.definitionOf(link, holder.server);
  const resource = containedById(holder.resource).get(target.slice(1));
  return resource ? { resource, server: holder.server } : null;
}

/** Nothing says what drug it is, not even a reference that leads nowhere. */
export const isUnnamed = ({ concept, definition, display, isDangling, isWithdrawn }: DrugName): boolean =>
  concept === null && definition === null && display === null && !isDangling && !isWithdrawn;

/** By its code; else by the text beside the reference; else by the list of its ingredients. */
export function resolveMedication(
  builder: ChartBuilder,
  item: IntakeItem,
  { concept, definition, definedOn, display }: DrugName,
): DrugResolution {
  const byCode = resolveConcept(builder, concept);
  if (byCode.resolvedBy !== 'unresolved') return byCode;
  const byText = display ? resolveDrug([], display, builder.products) : unresolvedDrug;
  if (byText.resolvedBy !== 'unresolved') return byText;
  return definition
    ? resolveByParts(builder, item, { resource: definition, server: definedOn ?? null })
    : unresolvedDrug;
}

const resolveConcept = ({ products }: ChartBuilder, concept: Json | null): DrugResolution =>
  concept ? resolveDrug(codingsOf(concept), concept.text, products) : unresolvedDrug;

/** Medication.ingredient, in DSTU2 Medication.product.ingredient (https://hl7.org/fhir/DSTU2/medication.html). */
const partsOf = (definition: Json | null): readonly Json[] =>
  asArray(definition?.ingredient ?? asObject(definition?.product)?.ingredient);

/** No drug has more ingredients: so many are read of one. Beyond, what it may also be is unknown. */
const mostParts = 1000;

/** One of Medication.ingredient, DSTU2 to R5. */
function resolvePart(
  builder: ChartBuilder,
  item: IntakeItem,
  definition: Definition,
  part: Json,
): DrugResolution {
  const r5 = asObject(part.item);
  // DSTU2 has a plain reference there.
  const link =
    asObject(part.itemReference) ?? asObject(r5?.reference) ?? (asString(r5?.reference) === null ? null : r5);
  const substance = link
    ? (followReference(builder, definition, link) ??
      followReference(builder, { resource: item.resource, server: item.server ?? null }, link))
    : null;
  if (substance && isUnusable(substance.resource)) return unresolvedDrug;
  return resolveConcept(
    builder,
    asObject(part.itemCodeableConcept) ?? asObject(r5?.concept) ?? asObject(substance?.resource.code),
  );
}

/**
 * From Medication.ingredient: what is recognised counts; as long as one part is not, the whole stays unresolved,
 * and what it may also be is unknown.
 */
function resolveByParts(builder: ChartBuilder, item: IntakeItem, definition: Definition): DrugResolution {
  const stated = partsOf(definition.resource);
  const parts = stated.slice(0, mostParts).map((part) => resolvePart(builder, item, definition, part));
  const [first] = parts;
  if (!first) return unresolvedDrug;
  const isOpen = stated.length > mostParts || parts.some(({ resolvedBy }) => resolvedBy === 'unresolved');
  return {
    ingredients: parts.flatMap(({ ingredients }) => ingredients),
    resolvedBy: isOpen ? 'unresolved' : first.resolvedBy,
    route: null,
  };
}

/** How strong it is: as its Medication says in figures, else as its names say. */
export function readStrengths(
  builder: ChartBuilder,
  item: IntakeItem,
  { concept, definition, definedOn, display }: DrugName,
  ingredients: readonly string[],
): Strength[] {
  const inFigures = strengthsOfMedication(
    partsOf(definition)
      .slice(0, mostParts)
      .map((part) => ({
        part,
        ingredients: resolvePart(
          builder,
          item,
          { resource: definition ?? {}, server: definedOn ?? null },
          part,
        ).ingredients.map(({ name }) => name),
      })),
  );
  const displays = codingsOf(concept).map((coding) => asString(coding.display));
  const strengths =
    inFigures.length > 0
      ? inFigures
      : strengthsOf([...displays, asString(concept?.text), display], ingredients);
  return strengths.filter(({ ingredient }) => ingredients.includes(ingredient));
}

/**
 * The name of an ingredient is kept where the terminology has it. A name that was only read out of the
 * structure of a text (`X 10 MG Oral Tablet`) may be anything.
 */
export function ingredientName({ rxnorm, name, classes }: Ingredient): {
  rxnorm: string | null;
  name: string;
} {
  const isKnown =
    rxnorm !== null ||
    classes.length > 0 ||
    isKnownDrug(name) ||
    resolveDrug([], name).ingredients.some((ingredient) => ingredient.name === name);
  return { rxnorm, name: isKnown ? name : 'another drug' };
}
