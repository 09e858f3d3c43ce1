/**
 * Cursors of lists: opaque, encrypted, bound to the tenant, the caller and the filter, and valid for an hour. A raw
 * place would leak keys, and an edited one would jump to another list.
 */

import { hash } from 'node:crypto';
import { canonicalJson } from '../../rules/digest/digest.ts';
import { asString, isObject } from '../../rules/fhir/json.ts';
import { hour } from '../../rules/fhir/time.ts';
import { Problem } from '../http/outcome.ts';
import { decrypt, encrypt } from '../log/cipher.ts';
import type { Caller } from '../trust/caller.ts';

const lifetime = hour;
const keyOf = (secret: string): Uint8Array => new Uint8Array(hash('sha256', `cursor\n${secret}`, 'buffer'));

/** What a cursor belongs to: the organisation, the client, the person, and what was asked. */
export const boundTo = (
  { tenant, client, token }: Pick<Caller, 'tenant' | 'client' | 'token'>,
  asked: { readonly [name: string]: unknown },
): string => canonicalJson({ tenant, client, user: token?.subject ?? null, ...asked });

/** @param bound what the cursor belongs to: it opens nowhere else */
export function encodeCursor(place: string, bound: string, secret: string, now: Date): string {
  const plain = JSON.stringify({ place, until: now.getTime() + lifetime });
  return Buffer.from(encrypt(keyOf(secret), Buffer.from(plain), bound)).toString('base64url');
}

/** @throws Problem 400 when the cursor is not one of this list, or has expired */
export function decodeCursor(cursor: string, bound: string, secret: string, now: Date): string {
  const read = (): unknown => {
    try {
      return JSON.parse(
        Buffer.from(decrypt(keyOf(secret), Buffer.from(cursor, 'base64url'), bound)).toString('utf8'),
      );
    } catch {
      return null;
    }
  };
  const opened = read();
  const place = isObject(opened) ? asString(opened.place) : null;
  if (!isObject(opened) || place === null)
    throw new Problem(400, 'value', 'this cursor is not one of this list: begin again without `cursor`');
  if (typeof opened.until !== 'number' || opened.until < now.getTime())
    throw new Problem(400, 'expired', 'this cursor has expired: begin again without `cursor`');
  return place;
}
