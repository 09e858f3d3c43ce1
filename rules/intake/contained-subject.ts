/**
 * Whether a contained Patient is the one in context. It can be looked up by nobody, so what it says of itself decides
 * (https://hl7.org/fhir/R4/references.html#contained).
 */

import { asArray, asString, type Json } from '../fhir/json.ts';
import { identifierKeysOf } from './addresses.ts';

/** What tells one person from another. */
export interface Person {
  /** Keys by business identifiers. */
  identifiers: Set<string>;
  /** Of these identifiers. */
  systems: Set<string>;
  /** Birth dates; several where versions of one Patient differ. */
  births: Set<string>;
}

const systemOf = (identifier: string): string => identifier.slice(0, identifier.lastIndexOf('|'));

/** Adds what a Patient says of who it is to what others of the same key said. */
export function notePerson(persons: Map<string, Person>, key: string, resource: Json): void {
  const person = persons.get(key) ?? { identifiers: new Set(), systems: new Set(), births: new Set() };
  for (const identifier of identifierKeysOf(resource.identifier)) {
    person.identifiers.add(identifier);
    person.systems.add(systemOf(identifier));
  }
  const birth = asString(resource.birthDate);
  if (birth !== null) person.births.add(birth);
  persons.set(key, person);
}

/** A birth date may be stated to the year or the month. */
const mayBeSame = (one: string, other: string): boolean => one.startsWith(other) || other.startsWith(one);

/**
 * To whom a resource with a contained subject belongs.
 * @param id of the contained resource
 * @param patient what the Patient in context says of itself; null where none came
 * @param anotherOf the key of another Patient that came by this name; null where the name is no other's
 * @returns `unclear` for an id of nothing that is contained; where nothing can be compared, it is the patient's
 */
export function ownerByContained(
  resource: Json,
  id: string,
  patient: Person | null,
  anotherOf: (name: string) => string | null,
): 'patient' | 'another' | 'unclear' {
  const [contained, ...others] = asArray(resource.contained).filter((one) => asString(one.id) === id);
  if (!contained || others.length > 0) return 'unclear';
  if ((asString(contained.resourceType) ?? 'Patient') !== 'Patient') return 'another';
  const identifiers = identifierKeysOf(contained.identifier);
  const birth = asString(contained.birthDate);
  const births = [...(patient?.births ?? [])];
  const isBornApart = birth !== null && births.length > 0 && !births.some((one) => mayBeSame(one, birth));
  if (identifiers.some((one) => patient?.identifiers.has(one))) return isBornApart ? 'unclear' : 'patient';
  if (isBornApart || identifiers.some((one) => patient?.systems.has(systemOf(one)))) return 'another';
  if (identifiers.some((one) => anotherOf(one) !== null)) return 'another';
  return anotherOf(`Patient/${id}`) === null ? 'patient' : 'unclear';
}
