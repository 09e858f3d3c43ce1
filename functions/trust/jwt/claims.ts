/** What the header and the claims of a token must say before its signature is worth a look: RFC 8725. */
import * as z from 'zod/mini';
import type { Json } from '../../../rules/fhir/json.ts';
import { type Algorithm, type FindKey, isAlgorithm } from '../jwks/key.ts';
import type { Rejection } from './rejections.ts';

/** What is expected of the tokens of one issuer. */
export interface ExpectedClaims {
  findKey: FindKey;
  /** Whether a `jku` header may be this. It never decides where keys are fetched. */
  mayNameKeyUrl(jku: string): boolean;
  /** One of these must be in `aud`; null: any, for a caller who is only told that this path is not his. */
  audiences: readonly string[] | null;
  /** Accepted `typ`, in lower case; null among them: `typ` may be absent. */
  types: readonly (string | null)[];
  /** Whether `jti` is demanded. */
  jti: boolean;
}

/** Seconds by which the clock of an issuer may be ahead. */
const ahead = 30;
/** Seconds a token is still taken after `exp`: the time of a request on its way. */
const late = 5;

/** A token that says which key verifies it could bring its own. */
const forbidden = ['jwk', 'x5u', 'x5c', 'crit', 'b64'];

/** Which key a header names, or why it is refused. */
export function readHeader(
  header: Json,
  { types, mayNameKeyUrl }: Pick<ExpectedClaims, 'types' | 'mayNameKeyUrl'>,
): { algorithm: Algorithm; kid: string } | Rejection {
  const { alg, jku, typ, kid } = header;
  if (!isAlgorithm(alg)) return 'algorithm';
  if (forbidden.some((member) => header[member] !== undefined)) return 'header';
  if (jku !== undefined && (typeof jku !== 'string' || !mayNameKeyUrl(jku))) return 'key-url';
  if (!types.includes(typ === undefined ? null : String(typ).toLowerCase())) return 'type';
  return typeof kid === 'string' && kid !== '' ? { algorithm: alg, kid } : 'key';
}

const nonEmpty = z.string().check(z.minLength(1));
/** https://www.rfc-editor.org/rfc/rfc7519#section-4.1, and `tenant` and `scope`. */
const claims = z.looseObject({
  iss: nonEmpty,
  aud: z.union([nonEmpty, z.array(nonEmpty).check(z.minLength(1))]),
  exp: z.number(),
  iat: z.number(),
  nbf: z.optional(z.number()),
  jti: z.optional(nonEmpty),
  sub: z.optional(z.string()),
  tenant: z.optional(z.string()),
  scope: z.optional(z.string()),
});
export type Claims = z.infer<typeof claims>;

/** Why times are refused: `exp`, `iat` and `nbf`, in seconds since 1970; null where they are not. */
function rejectedTime({ exp, iat, nbf }: Claims, now: number, longestLifetime: number): Rejection | null {
  if (exp + late <= now) return 'expired';
  if (iat > now + ahead) return 'issued-in-future';
  if (nbf !== undefined && nbf > now + ahead) return 'not-yet-valid';
  return exp <= iat || exp - iat > longestLifetime ? 'lifetime' : null;
}

/**
 * The claims of a token, or why they are refused.
 * @param options.longestLifetime in seconds
 */
export function readClaims(
  payload: Json,
  { jti, audiences }: Pick<ExpectedClaims, 'jti' | 'audiences'>,
  options: { now: Date; longestLifetime: number },
): Claims | Rejection {
  const read = claims.safeParse(payload);
  if (!read.success) return 'claims';
  const { data } = read;
  if (jti && data.jti === undefined) return 'claims';
  const audience = typeof data.aud === 'string' ? [data.aud] : data.aud;
  if (audiences && !audiences.some((one) => audience.includes(one))) return 'audience';
  return rejectedTime(data, options.now.getTime() / 1000, options.longestLifetime) ?? data;
}
