/** Resources that what came only refers to: the drugs of requests and statements, and orders to be dispatched. Pure. */
import { asObject, asString, type Json } from '../../rules/fhir/json.ts';
import { normalReference } from '../../rules/fhir/reference.ts';
import { pastStatuses } from '../../rules/intake/resource-category.ts';
import type { HookContext } from '../../rules/intake/types.ts';
import { resourcesOf } from './bundle.ts';
import type { Templates } from './missing.ts';

/**
 * As what a reference counts. What is over has a number of its own, so that a long history does not keep out what is
 * taken.
 */
export type ReferredKind = 'medications' | 'pastMedications' | 'dispatchedOrders';

export interface Referred {
  kind: ReferredKind;
  reference: string;
}

export interface ReferencingContext extends HookContext {
  dispatchedOrders?: unknown;
}

/** As what a drug of past therapy is read; null where no rule of the hook looks back, by its templates. */
export const pastKindOf = (templates: Templates): 'pastMedications' | null =>
  Object.hasOwn(templates, 'pastMedicationRequests') ? 'pastMedications' : null;

const neverTaken = new Set(['cancelled', 'entered-in-error', 'not-taken']);
const given = new Set(['MedicationAdministration', 'MedicationDispense']);

/** The reference to a drug, R4 or R5; null where a resource names the drug itself. */
function drugReference(resource: Json): string | null {
  const r5 = asObject(resource.medication);
  if (asObject(resource.medicationCodeableConcept) ?? asObject(r5?.concept)) return null;
  const reference = asString((asObject(resource.medicationReference) ?? asObject(r5?.reference))?.reference);
  return reference === null || /^(#|urn:)/.test(reference) ? null : reference;
}

/**
 * What a request or statement that may count refers to for its drug; null where it names the drug itself.
 * @param past as what one with a status of past therapy counts: an order of this moment is none; null: not at all
 */
export function medicationOf(
  resource: Json,
  past: 'medications' | 'pastMedications' | null,
): Referred | null {
  const type = asString(resource.resourceType) ?? '';
  const status = asString(resource.status) ?? '';
  if (type !== 'MedicationRequest' && type !== 'MedicationStatement' && !given.has(type)) return null;
  const kind = pastStatuses.has(status) || given.has(type) ? past : 'medications';
  if (neverTaken.has(status) || kind === null) return null;
  const reference = drugReference(resource);
  return reference === null ? null : { kind, reference };
}

/** What the context and the prefetch refer to and do not hold, and what they hold. */
export function referencesIn(
  context: ReferencingContext,
  prefetch: Json,
  templates: Templates,
): { references: Referred[]; known: Set<string> } {
  const ofNow = Object.values(context).flatMap((value) => resourcesOf(value));
  const ofRecord = Object.values(prefetch).flatMap((value) => resourcesOf(value));
  const known = new Set([...ofNow, ...ofRecord].flatMap(({ reference }) => reference ?? []));
  const dispatched = Array.isArray(context.dispatchedOrders) ? context.dispatchedOrders : [];
  const past = pastKindOf(templates);
  const referred = [
    ...dispatched.flatMap((reference): Referred[] =>
      typeof reference === 'string' ? [{ kind: 'dispatchedOrders', reference }] : [],
    ),
    ...ofNow.flatMap(({ resource }) => medicationOf(resource, 'medications') ?? []),
    ...ofRecord.flatMap(({ resource }) => medicationOf(resource, past) ?? []),
  ];
  const references = referred.filter(({ reference }) => {
    const name = normalReference(reference);
    return name !== null && !known.has(name);
  });
  return { references, known };
}
