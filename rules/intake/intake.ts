/**
 * What came: the resources of one patient out of a CDS Hooks request or a posted bundle, and for each kind of
 * data whether it was asked for at all. No clinical reading happens here; that is the chart's.
 */

import type { Hook } from '../fhir/hooks.ts';
import { asString, isObject, printableCode } from '../fhir/json.ts';
import { normalReference, serverAddress } from '../fhir/reference.ts';
import { atOnce, type InSteps } from '../steps.ts';
import { Addresses } from './addresses.ts';
import { assembleIntake } from './assemble.ts';
import { type BundleItem, BundleReader } from './bundle-reader.ts';
import { noteMissingContext, readContextResources, selectOrders, takeNamedOrders } from './hook-context.ts';
import { choosePatient, patientIdOf, patientsIn } from './identity.ts';
import { readPrefetch } from './prefetch.ts';
import { Refused } from './refused.ts';
import { categoryOf, clinicalTypes, holdsOrders } from './resource-category.ts';
import type { GatheredData, HookContext, Intake } from './types.ts';

const nothingGathered: GatheredData = { resources: {}, failed: [], notices: [] };

/**
 * The resources of a CDS Hooks call (https://cds-hooks.hl7.org). Prefetch values are used by their type, whatever
 * their key is called. Resources of another patient are left out, with a notice.
 * @param gathered what the edge read from the FHIR server beyond it
 * @param fhirServer of the request: what came without a `fullUrl` is of this server, and the patient in context is
 * @param templates our prefetch templates, by key: an answer that was asked for fewer codes answers for those
 * @throws Refused 400 when there is no usable `context.patientId` or the prefetched Patient is another one,
 *   412 when no patient data came at all.
 * @example
 * const intake = intakeOfHook('patient-view', { patientId: '1', userId: 'Practitioner/2' }, {
 *   patient: { resourceType: 'Patient', id: '1' },
 *   conditions: { resourceType: 'Bundle', type: 'searchset', total: 0 },
 * });
 * intake.completeness.conditions; // 'known': asked for and answered, there are none
 * intake.completeness.labs; // 'absent': never came
 */
export const intakeOfHook = (...request: Parameters<typeof intakeOfHookInSteps>): Intake =>
  atOnce(intakeOfHookInSteps(...request));

/** The same with stops. */
export function* intakeOfHookInSteps(
  hook: Hook,
  context: HookContext,
  prefetch: unknown,
  gathered: GatheredData = nothingGathered,
  fhirServer: unknown = null,
  templates: Readonly<Record<string, string>> = {},
): InSteps<Intake> {
  const patientId = patientIdOf(context);
  const reader = new BundleReader(hook, { templates, patientId });
  const { meaning } = reader;
  const came = readPrefetch(reader, prefetch, gathered);
  const hasResources = readContextResources(reader, context);
  yield 'intake';
  if (came === 'nothing') throw new Refused(412, 'required', nothingCame('no patient data', gathered));
  namePatientWithoutId(reader, patientId);
  const addresses = new Addresses(reader.items, serverAddress(fhirServer));
  yield 'intake';
  const patients = patientsIn(reader.items, addresses);
  const patient = addresses.keyOf(`Patient/${patientId}`, null) ?? patientId;
  checkPrefetchedPatient(reader, addresses, patient);
  noteMissingContext(reader, context, hasResources);
  if (hook === 'order-select') selectOrders(reader, addresses, context.selections);
  if (meaning.names) takeNamedOrders(reader, addresses, meaning.names, context[meaning.names]);
  yield 'intake';
  const encounterId =
    meaning.encounterId === 'none' ? null : markEncounter(reader, addresses, context.encounterId);
  return yield* assembleIntake(reader, {
    patient,
    patients,
    encounterId,
    isPosted: false,
    isPatientAlone: came === 'patient',
  });
}

/**
 * Marks the encounter that the context names by its id, a reference, an address or a urn.
 * @returns its id; null where none is named, or what is no id
 */
function markEncounter(reader: BundleReader, addresses: Addresses, named: unknown): string | null {
  const name = asString(named);
  if (name === null) return null;
  const reference = name.includes('/') || name.startsWith('urn:') ? name : `Encounter/${name}`;
  const key = addresses.keyOf(reference, null);
  for (const item of reader.items) {
    if (item.type !== 'Encounter' || key === null || !addresses.keysOf(item).includes(key)) continue;
    item.isOfContext = true;
  }
  const id = normalReference(reference)?.replace(/^Encounter\//, '') ?? name;
  if (!hasMarkup(id)) return id;
  reader.addNotice('context-missing', null, 'context.encounterId is no id: not used');
  return null;
}

/** No id has any of these, and the encounter is named in what a card offers. */
const hasMarkup = (id: string): boolean => /[<>"'`\s]/.test(id);

/** The only Patient under our key is the one of the context, where it has no id. */
function namePatientWithoutId({ items }: BundleReader, patientId: string): void {
  const [only, another] = items.filter(
    ({ type, place }) => type === 'Patient' && /^(?:prefetch|fetched)\.patient(?:\.|$)/.test(place),
  );
  if (only && !another && (only.resource.id ?? null) === null && only.fullUrl === null) {
    only.reference = `Patient/${patientId}`;
  }
}

/** Why a request cannot be answered that came without data, with what was tried to read it. */
export const nothingCame = (came: string, { notices }: Pick<GatheredData, 'notices'>): string =>
  `${came} came: send the prefetch that discovery asks for (patient, labs, medicationRequests, ...)${notices
    .map(({ message }) => `; ${message}`)
    .join('')}`;

/** @throws Refused 400 when the client sent another Patient than the one of the context */
function checkPrefetchedPatient(reader: BundleReader, addresses: Addresses, patient: string): void {
  const isAnother = reader.items.some(
    (item) =>
      item.type === 'Patient' &&
      item.from === 'prefetch' &&
      (item.resource.id ?? null) !== null &&
      !addresses.keysOf(item).includes(patient),
  );
  if (isAnother) {
    throw new Refused(400, 'invalid', 'the prefetched Patient is not the one of `context.patientId`');
  }
}

/**
 * The resources of a posted bundle or bare resource, for one patient.
 * @param patient id, reference or urn of the patient asked for; null: the only one there is
 * @param hook what the bundle is evaluated as; a draft MedicationRequest or ServiceRequest is an order at all of them
 * @throws Refused 400 for what is no FHIR resource we can use, an empty bundle, several patients without
 *   `patient`, or a `patient` that is not in it.
 * @example
 * const resource = { resourceType: 'Condition', id: 'c', subject: { reference: 'Patient/1' } };
 * const intake = intakeOfBundle({ resourceType: 'Bundle', entry: [{ resource }] }, null);
 * intake.patientId; // '1'
 * intake.items[0]?.reference; // 'Condition/c'
 */
export const intakeOfBundle = (...request: Parameters<typeof intakeOfBundleInSteps>): Intake =>
  atOnce(intakeOfBundleInSteps(...request));

/** The same with stops. */
export function* intakeOfBundleInSteps(
  body: unknown,
  patient: string | null,
  hook: Hook = 'patient-view',
): InSteps<Intake> {
  if (!isObject(body) || asString(body.resourceType) === null) {
    throw new Refused(
      400,
      'structure',
      'the body must be a FHIR resource: a JSON object with a `resourceType`',
    );
  }
  const reader = new BundleReader(hook);
  if (body.resourceType === 'Bundle') {
    reader.addBundle(body, 'bundle', 'Bundle');
    if (reader.items.length === 0) {
      throw new Refused(400, 'required', 'the Bundle holds no resource: add entries with a `resource`');
    }
  } else reader.addResource(body, null, 'bundle', 'body');
  yield 'intake';
  checkUsable(reader);
  takePostedMoment(reader);
  const addresses = new Addresses(reader.items, null);
  yield 'intake';
  const patients = patientsIn(reader.items, addresses);
  return yield* assembleIntake(reader, {
    patient: choosePatient(reader.items, patients, patient),
    patients,
    encounterId: null,
    isPosted: true,
    isPatientAlone: false,
  });
}

/** @throws Refused 400 when no rule could use any of it */
function checkUsable({ items }: BundleReader): void {
  if (items.some(({ type }) => clinicalTypes.has(type))) return;
  const [first] = items.map(({ type }) => type).sort();
  const what = printableCode(first) ?? 'resource';
  throw new Refused(
    400,
    'not-supported',
    `nothing to evaluate: ${what} is none of ${[...clinicalTypes].join(', ')}, nor a Bundle with one of them`,
  );
}

/** What of a posted bundle is of this moment: draft orders, and at an entry all that is of the kind entered. */
function takePostedMoment(reader: BundleReader): void {
  const { items, meaning } = reader;
  const { entered } = meaning;
  const orders = items.filter(({ type }) => type === 'MedicationRequest' || type === 'ServiceRequest');
  for (const item of items) {
    if (item.resource.status !== 'draft') continue;
    const isGroup = meaning.kind === 'order' && holdsOrders(item);
    if (!isGroup && item.type !== 'MedicationRequest' && item.type !== 'ServiceRequest') continue;
    item.from = 'draft';
    item.selected = true;
  }
  // A posted bundle does not say what is new in it.
  for (const item of items) {
    if (!entered || categoryOf(item.type, item.resource) !== entered) continue;
    item.from = 'entry';
    item.ofRecord = true;
  }
  if (meaning.kind !== 'order') return;
  if (orders.every(({ from }) => from !== 'draft')) noteNoDrafts(reader, orders);
  else {
    // A test that is ordered says nothing of the orders of drugs beside it.
    const ofDrugs = orders.filter(({ type }) => type === 'MedicationRequest');
    if (ofDrugs.every(({ from }) => from !== 'draft')) noteNoDrafts(reader, ofDrugs);
  }
}

/** Who posts orders of another status to a hook about orders would take silence for safety. */
function noteNoDrafts(reader: BundleReader, orders: readonly BundleItem[]): void {
  for (const { type, reference, resource } of orders) {
    const status = printableCode(resource.status) ?? 'none that is a code';
    const counted =
      type === 'ServiceRequest'
        ? 'is not checked: an active order of a test counts as ordered'
        : status === 'active'
          ? 'counts as taken, and is not checked as an order'
          : 'is not checked as an order';
    reader.addNotice(
      'order-not-draft',
      reference,
      `${reader.hook} speaks about orders of status \`draft\`: this one has status \`${status}\` and ${counted}`,
    );
  }
}
