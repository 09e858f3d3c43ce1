/** Whose data it is: the patient of a request, and to whom each resource belongs. */

import { asString, type Json } from '../fhir/json.ts';
import { normalReference } from '../fhir/reference.ts';
import type { BundleItem } from './bundle-reader.ts';
import { Refused } from './refused.ts';
import { categoryOfType } from './resource-category.ts';
import type { HookContext } from './types.ts';

const idPattern = /^(?!\.{1,2}$)[A-Za-z0-9._-]{1,128}$/;

/** Whether it can be the id of a resource; longer than https://hl7.org/fhir/R4/datatypes.html#id, as servers have it. */
export const isFhirId = (id: string): boolean => idPattern.test(id);

/**
 * The bare id of the patient in context.
 * @throws Refused 400 when there is none, or none that can be an id
 */
export function patientIdOf(context: HookContext): string {
  const given = asString(context.patientId);
  if (given === null) {
    throw new Refused(
      400,
      'required',
      'the request needs `context.patientId`: the id of the patient in context',
    );
  }
  const patientId = given.startsWith('Patient/') ? given.slice('Patient/'.length) : given;
  if (!isFhirId(patientId)) {
    throw new Refused(
      400,
      'value',
      '`context.patientId` is not a FHIR id: letters, digits, `-`, `.` and `_` only',
    );
  }
  return patientId;
}

/** The bare id of `Patient/1`, a urn as it is; null for a Patient that has neither. */
export function bareId(patient: string | null): string | null {
  if (patient === null || patient.startsWith('urn:')) return patient;
  return patient.startsWith('Patient/') ? patient.slice('Patient/'.length) : null;
}

/** Every name a reference may use for it. */
export const namesOf = ({ reference, fullUrl }: BundleItem): string[] =>
  [reference, fullUrl, normalReference(fullUrl)].filter((name) => name !== null);

/** The reference of each Patient, by every name it goes by. */
export type PatientNames = ReadonlyMap<string, string>;

/** Of all Patients that came, the one in context or not. */
export function patientNamesIn(items: readonly BundleItem[]): PatientNames {
  const names = new Map<string, string>();
  for (const item of items) {
    if (item.type !== 'Patient') continue;
    for (const name of namesOf(item)) names.set(name, item.reference);
  }
  return names;
}

const subjectOf = (resource: Json): string | null =>
  normalReference(resource.subject) ?? normalReference(resource.patient);

/** `unstated`: nothing says whose it is; it is taken as the patient's. */
export type Owner = 'patient' | 'another' | 'unstated';

/**
 * To whom an item belongs.
 * @param patient how the patient is named, see `choosePatient`; null: all that came is taken as one patient's
 */
export function ownerOf(
  { type, reference, resource }: BundleItem,
  patient: string | null,
  names: PatientNames,
): Owner {
  const isPatient = (name: string): boolean =>
    name === patient || (patient !== null && name === names.get(patient));
  if (type === 'Patient') return patient === null || isPatient(reference) ? 'patient' : 'another';
  const subject = subjectOf(resource);
  if (subject === null) return 'unstated';
  // A contained subject can be looked up by nobody else.
  if (patient === null || subject.startsWith('#')) return 'patient';
  return isPatient(names.get(subject) ?? subject) ? 'patient' : 'another';
}

/** All patients of a bundle, as `choosePatient` names them. */
function patientsOf(items: readonly BundleItem[], names: PatientNames): ReadonlySet<string> {
  const patients = new Set(names.values());
  for (const { type, resource } of items) {
    if (!categoryOfType(type) && type !== 'ServiceRequest') continue;
    const subject = subjectOf(resource);
    const isOfPatient = subject?.startsWith('Patient/') || subject?.startsWith('urn:');
    if (subject && isOfPatient) patients.add(names.get(subject) ?? subject);
  }
  return patients;
}

/**
 * The patient that a posted bundle is about.
 * @param wanted id, reference or urn of the one asked for; null: the only one there is
 * @returns the reference of its Patient resource, else how its data refers to it; null where nothing says whose
 *   data it is
 * @throws Refused 400 when there are several and none is asked for, or the one asked for is not among them
 */
export function choosePatient(items: readonly BundleItem[], wanted: string | null): string | null {
  const names = patientNamesIn(items);
  const patients = patientsOf(items, names);
  if (wanted !== null) {
    const name = wanted.includes('/') || wanted.startsWith('urn:') ? wanted : `Patient/${wanted}`;
    const chosen = names.get(name) ?? name;
    if (patients.has(chosen)) return chosen;
    throw new Refused(400, 'not-found', 'the patient of `?patient=` is not in the bundle');
  }
  if (patients.size > 1) {
    throw new Refused(
      400,
      'multiple-matches',
      `the bundle is about ${patients.size} patients: say which one with \`?patient=<id>\``,
    );
  }
  const [only] = patients;
  return only ?? null;
}
