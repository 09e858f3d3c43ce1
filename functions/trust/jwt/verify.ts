/**
 * Verifying a JWT: https://cds-hooks.hl7.org/2.0/#trusting-cds-clients, https://www.rfc-editor.org/rfc/rfc7519#section-7.2
 * and RFC 8725.
 *
 * What can be checked without a key is checked first, so that a token of an unknown issuer, with a forbidden header
 * or past its time, costs no network call and no signature. The caller learns nothing of the reason; the operator
 * finds its code in the log, with issuer, key id and token id, and never the token.
 */
import { compactVerify } from 'jose';
import { type Claims, type ExpectedClaims, readClaims, readHeader } from './claims.ts';
import { claimedBy, decodeToken } from './decode.ts';
import { type Rejection, UnauthorizedError } from './rejections.ts';

/** A verified token. */
export interface Token {
  issuer: string;
  kid: string;
  jti: string | null;
  subject: string | null;
  tenant: string | null;
  scopes: readonly string[];
  /** Seconds since 1970. */
  expiresAt: number;
}

const tokenFrom = (claims: Claims, kid: string): Token => ({
  issuer: claims.iss,
  kid,
  jti: claims.jti ?? null,
  subject: claims.sub ?? null,
  tenant: claims.tenant ?? null,
  scopes: (claims.scope ?? '').split(' ').filter((scope) => scope !== ''),
  expiresAt: claims.exp,
});

const isSigned = (
  compact: string,
  key: Parameters<typeof compactVerify>[1],
  algorithm: string,
): Promise<boolean> =>
  compactVerify(compact, key, { algorithms: [algorithm] }).then(
    () => true,
    () => false,
  );

/**
 * @param authorization the header as it came
 * @param expectedOf what is expected of an issuer here; null where the issuer is not registered
 * @param options.longestLifetime in seconds
 * @throws UnauthorizedError with a code of rejections.ts
 * @example
 * const token = await verify(
 *   request.headers.get('authorization') ?? undefined,
 *   (issuer) => (issuer === 'https://ehr.example.org' ? expected : null),
 *   { now: new Date(), longestLifetime: 3600, signal },
 * );
 */
export async function verify(
  authorization: string | undefined,
  expectedOf: (issuer: string) => ExpectedClaims | null,
  options: { now: Date; longestLifetime: number; signal: AbortSignal },
): Promise<Token> {
  if (authorization === undefined) throw new UnauthorizedError('no-token');
  const decoded = decodeToken(authorization);
  if (decoded === null) throw new UnauthorizedError('malformed');
  const { header, payload, compact } = decoded;
  const refuse = (rejection: Rejection): never => {
    throw new UnauthorizedError(rejection, claimedBy(decoded));
  };

  const expected = typeof payload.iss === 'string' ? expectedOf(payload.iss) : null;
  if (expected === null) return refuse('issuer');
  const named = readHeader(header, expected);
  if (typeof named === 'string') return refuse(named);
  const claims = readClaims(payload, expected, options);
  if (typeof claims === 'string') return refuse(claims);
  const key = await expected.findKey(named.kid, named.algorithm, options.signal);
  if (key === null) return refuse('key');
  if (!(await isSigned(compact, key, named.algorithm))) return refuse('signature');
  return tokenFrom(claims, named.kid);
}
