/**
 * Verifying a JWT: https://cds-hooks.hl7.org/2.0/#trusting-cds-clients and RFC 8725.
 *
 * What can be checked without a key is checked first, so that a token of an unknown issuer, with a forbidden header
 * or past its time, costs no network call and no signature. The caller learns nothing of the reason; the operator
 * finds its code in the log, with issuer, key id and token id, and never the token.
 */
import { compactVerify } from 'jose';
import * as z from 'zod/mini';
import { isObject, type Json } from '../../rules/fhir/json.ts';
import { Problem } from '../http/outcome.ts';
import { type FindKey, isAlgorithm } from './keys.ts';

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
const longest = 8192;

const scheme = /^Bearer +([\w-]+)\.([\w-]+)\.([\w-]*)$/i;
/** A token that says which key verifies it could bring its own. */
const forbidden = ['jwk', 'x5u', 'x5c', 'crit', 'b64'];

const nonEmpty = z.string().check(z.minLength(1));
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

const readPart = (part: string): Json | null => {
  try {
    const json: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
    return isObject(json) ? json : null;
  } catch {
    return null;
  }
};

/** Short and printable, or left out: what a stranger sends ends up in a log. */
const printable = (value: unknown): string | undefined =>
  typeof value === 'string' && /^[!-~]{1,200}$/.test(value) ? value : undefined;

/**
 * @param authorization the header as it came
 * @param expectedOf what is expected of an issuer here; null where the issuer is not registered
 * @throws Unidentified
 */
export async function verify(
  authorization: string | undefined,
  expectedOf: (issuer: string) => ExpectedClaims | null,
  options: { now: Date; longestLifetime: number; signal: AbortSignal },
): Promise<Token> {
  if (authorization === undefined) throw new UnauthorizedError('no-token');
  const parts = authorization.length <= longest ? scheme.exec(authorization) : null;
  const header = parts ? readPart(parts[1] ?? '') : null;
  const payload = parts ? readPart(parts[2] ?? '') : null;
  if (!header || !payload) throw new UnauthorizedError('malformed');
  const claimed: UnverifiedClaims = {};
  const [iss, kid, jti] = [printable(payload.iss), printable(header.kid), printable(payload.jti)];
  if (iss !== undefined) claimed.iss = iss;
  if (kid !== undefined) claimed.kid = kid;
  if (jti !== undefined) claimed.jti = jti;
  const refuse = (rejection: Rejection): never => {
    throw new UnauthorizedError(rejection, claimed);
  };

  const expected = typeof payload.iss === 'string' ? expectedOf(payload.iss) : null;
  if (expected === null) return refuse('issuer');
  const { alg } = header;
  if (!isAlgorithm(alg)) return refuse('algorithm');
  if (forbidden.some((member) => header[member] !== undefined)) return refuse('header');
  const { jku } = header;
  if (jku !== undefined && (typeof jku !== 'string' || !expected.mayNameKeyUrl(jku)))
    return refuse('key-url');
  if (!expected.types.includes(header.typ === undefined ? null : String(header.typ).toLowerCase())) {
    return refuse('type');
  }
  if (typeof header.kid !== 'string' || header.kid === '') return refuse('key');

  const read = claims.safeParse(payload);
  if (!read.success) return refuse('claims');
  const said = read.data;
  if (expected.jti && said.jti === undefined) return refuse('claims');
  const audience = typeof said.aud === 'string' ? [said.aud] : said.aud;
  if (expected.audiences && !expected.audiences.some((one) => audience.includes(one))) {
    return refuse('audience');
  }
  const now = options.now.getTime() / 1000;
  if (said.exp + late <= now) return refuse('expired');
  if (said.iat > now + ahead) return refuse('issued-in-future');
  if (said.nbf !== undefined && said.nbf > now + ahead) return refuse('not-yet-valid');
  if (said.exp <= said.iat || said.exp - said.iat > options.longestLifetime) return refuse('lifetime');

  const key = await expected.findKey(header.kid, alg, options.signal);
  if (key === null) return refuse('key');
  try {
    await compactVerify(authorization.replace(/^Bearer +/i, ''), key, { algorithms: [alg] });
  } catch {
    return refuse('signature');
  }
  return {
    issuer: said.iss,
    kid: header.kid,
    jti: said.jti ?? null,
    subject: said.sub ?? null,
    tenant: said.tenant ?? null,
    scopes: (said.scope ?? '').split(' ').filter((scope) => scope !== ''),
    expiresAt: said.exp,
  };
}
