/** Whose data it is: the patient of a request, and to whom each resource belongs. */

import { asString, isObject } from '../fhir/json.ts';
import { type Addresses, identifierKeysOf, subjectsOf } from './addresses.ts';
import type { BundleItem } from './bundle-reader.ts';
import { notePerson, ownerByContained, type Person } from './contained-subject.ts';
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
  const patientId = given.replace(/^Patient\//i, '');
  if (!isFhirId(patientId)) {
    throw new Refused(
      400,
      'value',
      '`context.patientId` is not a FHIR id: letters, digits, `-`, `.` and `_` only',
    );
  }
  return patientId;
}

/** The bare id of `Patient/1` of whatever server, a urn as it is; null for a Patient that has neither. */
export function bareId(patient: string | null): string | null {
  if (patient === null || patient.startsWith('urn:')) return patient;
  return typedPatient.exec(patient)?.[1] ?? null;
}

const typedPatient = /(?:^|\/)Patient\/([^/]+)$/;

/** The key of each Patient that came, by every key it goes by, its identifiers among them. */
export interface Patients {
  addresses: Addresses;
  keys: ReadonlyMap<string, string>;
  /** What each Patient that came says of who it is, by its key. */
  persons: ReadonlyMap<string, Person>;
}

/** Of all Patients that came, the one in context or not. An identifier that two of them have names neither. */
export function patientsIn(items: readonly BundleItem[], addresses: Addresses): Patients {
  const keys = new Map<string, string>();
  const shared = new Set<string>();
  const persons = new Map<string, Person>();
  for (const item of items) {
    if (item.type !== 'Patient') continue;
    const names = addresses.keysOf(item);
    notePerson(persons, names[0], item.resource);
    for (const name of names) keys.set(name, names[0]);
    for (const name of identifierKeysOf(item.resource.identifier)) {
      if ((keys.get(name) ?? names[0]) !== names[0]) shared.add(name);
      keys.set(name, names[0]);
    }
  }
  for (const name of shared) keys.delete(name);
  return { addresses, keys, persons };
}

/** Whose a resource is: the key of its subject, or that it does not say, or not in a way that leads to anybody. */
type Subject = { key: string } | 'unstated' | 'unclear';

/** A reference of this shape leads somewhere; any other text does not. */
const leadsSomewhere = /^(?:urn:|#|identifier )|\//;

function subjectOf({ resource, server }: BundleItem, { addresses }: Patients): Subject {
  const stated = subjectsOf(resource).map((one): Subject => {
    const key = addresses.keyOf(one, server);
    if (key === null) return isObject(one) && isObject(one.identifier) ? 'unclear' : 'unstated';
    if (leadsSomewhere.test(key) && !/^[^#]*\?/.test(key)) return { key };
    // A bare id where a reference belongs can only be the id of a patient.
    return isFhirId(key) ? { key: addresses.keyOf(`Patient/${key}`, server) ?? key } : 'unclear';
  });
  const [first = 'unstated', ...others] = stated;
  const isOne = others.every((other) => JSON.stringify(other) === JSON.stringify(first));
  return isOne ? first : 'unclear';
}

/** `unstated`: nothing says whose it is; it is taken as the patient's. `unclear`: what it says leads to nobody. */
export type Owner = 'patient' | 'another' | 'unstated' | 'unclear';

/**
 * To whom an item belongs.
 * @param patient how the patient is named, see `choosePatient`; null: all that came is taken as one patient's
 */
export function ownerOf(item: BundleItem, patient: string | null, patients: Patients): Owner {
  const { keys, addresses } = patients;
  const isPatient = (name: string): boolean =>
    name === patient || (patient !== null && name === keys.get(patient));
  if (item.type === 'Patient')
    return patient === null || isPatient(addresses.keysOf(item)[0]) ? 'patient' : 'another';
  const subject = subjectOf(item, patients);
  if (typeof subject === 'string') return subject === 'unclear' && patient === null ? 'patient' : subject;
  const { key } = subject;
  if (patient === null) return 'patient';
  if (key.startsWith('#')) {
    const own = keys.get(patient) ?? patient;
    const keyed = (name: string): string | null => {
      const other = keys.get(addresses.keyOf(name, item.server) ?? name);
      return other === undefined || isPatient(other) ? null : other;
    };
    return ownerByContained(item.resource, key.slice(1), patients.persons.get(own) ?? null, keyed);
  }
  if (isPatient(keys.get(key) ?? key)) return 'patient';
  // By an identifier or urn that no Patient has, or by an id of which nothing says whose server it is on.
  const isOpen =
    key.startsWith('identifier ') ||
    (!keys.has(key) && key.startsWith('urn:')) ||
    (!keys.has(key) && (patient.endsWith(`/${key}`) || key.endsWith(`/${patient}`)));
  return isOpen ? 'unclear' : 'another';
}

/** All patients of a bundle, as `choosePatient` names them. */
function patientsOf(items: readonly BundleItem[], patients: Patients): ReadonlySet<string> {
  const named = new Set(patients.keys.values());
  const logical = new Set<string>();
  for (const item of items) {
    if (!categoryOfType(item.type) && item.type !== 'ServiceRequest') continue;
    const subject = subjectOf(item, patients);
    if (typeof subject === 'string') continue;
    const key = patients.keys.get(subject.key) ?? subject.key;
    if (typedPatient.test(key) || key.startsWith('urn:')) named.add(key);
    else if (key.startsWith('identifier ')) logical.add(key);
  }
  return named.size > 0 ? named : logical;
}

/**
 * The patient that a posted bundle is about.
 * @param wanted id, reference, address or urn of the one asked for; null: the only one there is
 * @returns the key of its Patient resource, else that of how its data refers to it; null where nothing says whose
 *   data it is
 * @throws Refused 400 when there are several and none is asked for, or the one asked for is not among them
 */
export function choosePatient(
  items: readonly BundleItem[],
  patients: Patients,
  wanted: string | null,
): string | null {
  const named = patientsOf(items, patients);
  if (wanted !== null) {
    const name = wanted.includes('/') || wanted.startsWith('urn:') ? wanted : `Patient/${wanted}`;
    const key = patients.addresses.keyOf(name, null) ?? name;
    const chosen = patients.keys.get(key) ?? key;
    if (named.has(chosen)) return chosen;
    const alike = [...named].filter((one) => one.endsWith(`/${key}`));
    if (alike.length > 1) throw severalPatients(alike.length, 'have this id');
    throw new Refused(400, 'not-found', 'the patient of `?patient=` is not in the bundle');
  }
  const ids = new Set([...named].map(bareId));
  if (named.size > 1)
    throw severalPatients(named.size, ids.size < named.size ? 'came, of several servers' : null);
  const [only] = named;
  return only ?? null;
}

const severalPatients = (count: number, alike: string | null): Refused =>
  new Refused(
    400,
    'multiple-matches',
    alike === null
      ? `the bundle is about ${count} patients: say which one with \`?patient=<id>\``
      : `${count} patients ${alike}: say which one with its address, \`?patient=https://.../Patient/<id>\``,
  );
