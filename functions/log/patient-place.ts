/**
 * The place of a record in the patients' index, bound to the record: the hashed part holds a salted hash of the index
 * key, and the salt lies beside it. An erasure takes salt and key away, and then the hash says nothing of anybody. It
 * needs no secret to check, so that a verifier elsewhere can.
 */
import { randomBytes } from 'node:crypto';
import { sha256 } from '../../rules/digest/digest.ts';
import { type Item, S } from './items.ts';

const placeHash = (salt: string, partition: string): string => `sha256:${sha256(`${salt}\n${partition}`)}`;

/**
 * @param partition of the patient in the index (keys.ts)
 * @param sort place in it
 * @returns the hash for the record, and what lies beside it
 */
export function patientPlaceOf(partition: string, sort: string): { hash: string; attributes: Item } {
  const salt = randomBytes(16).toString('hex');
  return {
    hash: placeHash(salt, partition),
    attributes: { gsi1pk: S(partition), gsi1sk: S(sort), salt: S(salt) },
  };
}

/** Whether an item lies where its record says. */
export const isInItsPlace = ({ gsi1pk, salt }: Item, hash: string): boolean =>
  gsi1pk?.S !== undefined && salt?.S !== undefined && placeHash(salt.S, gsi1pk.S) === hash;
