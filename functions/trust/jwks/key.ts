/**
 * Public keys that verify tokens, as JSON Web Keys (RFC 7517). Only keys of a closed list of algorithms are taken; a
 * private or a symmetric key never is.
 */
import { createPublicKey, type KeyObject } from 'node:crypto';
import { isObject } from '../../../rules/fhir/json.ts';

/**
 * CDS Hooks recommends ES384 and RS384 (https://cds-hooks.hl7.org/2.0/#trusting-cds-clients). ES256 and RS256 are
 * what many identity providers of auditors sign with, some nothing else. `none` and HS* are never on this list.
 */
export const algorithms = ['ES384', 'RS384', 'ES256', 'RS256'] as const;
export type Algorithm = (typeof algorithms)[number];
export const isAlgorithm = (name: unknown): name is Algorithm => algorithms.some((known) => known === name);

export interface VerificationKey {
  kid: string;
  key: KeyObject;
  algorithms: readonly Algorithm[];
}

/** Finds the key a token says it was signed with; null where there is none for this algorithm. */
export type FindKey = (kid: string, algorithm: Algorithm, signal: AbortSignal) => Promise<KeyObject | null>;

const byCurve: Readonly<Record<string, readonly Algorithm[]>> = { 'P-256': ['ES256'], 'P-384': ['ES384'] };
const rsaAlgorithms: readonly Algorithm[] = ['RS384', 'RS256'];
/** https://www.rfc-editor.org/rfc/rfc7518#section-3.3 */
const smallestRsa = 2048;
/** Members only a private key has: https://www.rfc-editor.org/rfc/rfc7518#section-6 */
const privateMembers = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth'];

/** @returns the key, or what is wrong with it as half a sentence that begins with a verb */
export function readKey(jwk: unknown): VerificationKey | string {
  if (!isObject(jwk)) return 'must be a JSON Web Key';
  if (jwk.kty === 'oct' || jwk.k !== undefined) {
    return 'is a symmetric key: whoever can verify with it can sign with it. Register a public key';
  }
  if (privateMembers.some((member) => jwk[member] !== undefined)) {
    return 'is a private key: register the public half only, and replace the pair, since this half was copied';
  }
  const { kid, use, alg } = jwk;
  if (typeof kid !== 'string' || kid === '') return 'needs `kid`: tokens name their key by it';
  if (use !== undefined && use !== 'sig') return 'is not for signatures: its `use` must be `sig`';
  if (alg !== undefined && !isAlgorithm(alg)) return `must have an \`alg\` of ${algorithms.join(', ')}`;
  let key: KeyObject;
  try {
    key = createPublicKey({ key: jwk, format: 'jwk' });
  } catch {
    return 'is not a key: `kty` must be `EC` or `RSA`, with the members RFC 7518 gives it';
  }
  const possible = jwk.kty === 'RSA' ? rsaAlgorithms : (byCurve[String(jwk.crv)] ?? []);
  if (jwk.kty === 'RSA' && (key.asymmetricKeyDetails?.modulusLength ?? 0) < smallestRsa) {
    return `is an RSA key of fewer than ${smallestRsa} bits`;
  }
  const usable = alg === undefined ? possible : possible.filter((algorithm) => algorithm === alg);
  if (usable.length === 0) return `is of a kind that none of ${algorithms.join(', ')} uses`;
  return { kid, key, algorithms: usable };
}

/** The key of an id that signs by an algorithm; null where there is none. */
export const findAmong = (
  keys: readonly VerificationKey[],
  kid: string,
  algorithm: Algorithm,
): KeyObject | null =>
  keys.find((known) => known.kid === kid && known.algorithms.includes(algorithm))?.key ?? null;
