/** Why a token is refused: a closed list of codes, for the operator. The caller is told the same for each. */
import { Problem } from '../../http/outcome.ts';

/** Every reason a token is refused, with what it means. */
export const rejections = {
  'no-token': 'there is no `Authorization: Bearer` header',
  malformed: 'it is not a JWT in three parts, or far too long',
  issuer: '`iss` is not registered, or not for this path',
  algorithm: '`alg` is not on the list, or not that of the key',
  type: '`typ` is not `JWT`',
  header:
    'it brings a key or a certificate of its own (`jwk`, `x5u`, `x5c`) or demands an extension (`crit`)',
  'key-url': '`jku` is not the registered one, nor at the address of an issuer whose keys are written out',
  claims: 'a claim is missing or is not of its kind',
  audience: '`aud` is another address',
  expired: '`exp` has passed',
  lifetime: 'it is valid for too long',
  'issued-in-future': '`iat` is in the future',
  'not-yet-valid': '`nbf` is in the future',
  key: 'the issuer has no such key, or its keys could not be fetched',
  signature: 'the signature is not that of the key',
  replayed: '`jti` was used before, for another request',
} as const;
export type Rejection = keyof typeof rejections;

/** What a log line about a token may name. All of it is claimed, not verified. */
export interface UnverifiedClaims {
  iss?: string;
  kid?: string;
  jti?: string;
}

/** 401: who calls is not known. The answer is the same for every reason, and nothing is stored. */
export class UnauthorizedError extends Problem {
  readonly rejection: Rejection;
  readonly claimed: UnverifiedClaims;
  constructor(rejection: Rejection, claimed: UnverifiedClaims = {}) {
    super(401, 'login', 'the caller is not identified: send a valid token as `Authorization: Bearer <JWT>`', {
      headers: { 'WWW-Authenticate': 'Bearer' },
    });
    this.rejection = rejection;
    this.claimed = claimed;
  }
}
