/** Content hashes and names derived from them. SHA-256 over RFC 8785 canonical JSON; pure functions of their input. */
import { hash } from 'node:crypto';
import canonicalize from 'canonicalize';

/** RFC 8785 (https://www.rfc-editor.org/rfc/rfc8785): one spelling for one JSON value. */
export function canonicalJson(value: unknown): string {
  const json = canonicalize(value);
  if (json === undefined) throw new Error('undefined has no canonical JSON');
  return json;
}

export const sha256 = (data: string | Uint8Array): string => hash('sha256', data, 'hex');

/** A UUID (version 8, RFC 9562) derived from names: the same names give the same id, so a retry repeats it. */
export function derivedUuid(...names: string[]): string {
  const hex = sha256(names.join('\n'));
  const variant = ((Number.parseInt(hex.slice(16, 17), 16) & 0x3) | 0x8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
