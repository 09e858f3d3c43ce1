/** Taking a JWT apart, without believing it: https://www.rfc-editor.org/rfc/rfc7519#section-7.2, steps 1 to 6. */
import { isObject, type Json } from '../../../rules/fhir/json.ts';
import type { UnverifiedClaims } from './rejections.ts';

const longest = 8192;
const scheme = /^Bearer +([\w-]+)\.([\w-]+)\.([\w-]*)$/i;

/** The parts of a token that nobody has verified. */
export interface DecodedToken {
  header: Json;
  payload: Json;
  /** In compact form, without the scheme. */
  compact: string;
}

const readPart = (part: string): Json | null => {
  try {
    const json: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
    return isObject(json) ? json : null;
  } catch {
    return null;
  }
};

/** @param authorization the header as it came. @returns null where it is no bearer token in three parts, or too long */
export function decodeToken(authorization: string): DecodedToken | null {
  const parts = authorization.length <= longest ? scheme.exec(authorization) : null;
  const header = parts ? readPart(parts[1] ?? '') : null;
  const payload = parts ? readPart(parts[2] ?? '') : null;
  return header && payload ? { header, payload, compact: authorization.replace(/^Bearer +/i, '') } : null;
}

/** Short and printable, or left out: what a stranger sends ends up in a log. */
const printable = (value: unknown): string | undefined =>
  typeof value === 'string' && /^[!-~]{1,200}$/.test(value) ? value : undefined;

/** What a line of the log may name. */
export function claimedBy({ header, payload }: DecodedToken): UnverifiedClaims {
  const claimed: UnverifiedClaims = {};
  const [iss, kid, jti] = [printable(payload.iss), printable(header.kid), printable(payload.jti)];
  if (iss !== undefined) claimed.iss = iss;
  if (kid !== undefined) claimed.kid = kid;
  if (jti !== undefined) claimed.jti = jti;
  return claimed;
}
