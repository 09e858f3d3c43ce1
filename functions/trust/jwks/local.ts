/** Keys of an issuer that are written out in the client registry. */
import type { Json } from '../../../rules/fhir/json.ts';
import { type FindKey, findAmong, readKey } from './key.ts';

/** Keys written out in the registry, which was checked when it was read. */
export function createLocalKeySet(jwks: readonly Json[]): FindKey {
  const keys = jwks.map(readKey).filter((read) => typeof read !== 'string');
  return async (kid, algorithm) => findAmong(keys, kid, algorithm);
}
