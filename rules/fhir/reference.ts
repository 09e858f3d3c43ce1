/** References to resources: in one spelling, and as the address of a server and a name on it. */
import { isObject } from './json.ts';

const versioned = /\/_history\/[^/]+$/;
const typedId = /(?:^|\/)([A-Z][A-Za-z]+)\/([^/?#]+)$/;
const absolute = /^([a-z][a-z0-9+.-]*):\/\/([^/?#]*)(.*)$/i;

/** The text of a Reference or of a bare reference; null where there is none. */
function textOf(reference: unknown): string | null {
  const text = isObject(reference) ? reference.reference : reference;
  return typeof text === 'string' && text.trim() !== '' ? text.trim() : null;
}

/** Without slashes at its end. A regular expression would begin anew at each slash of a text of slashes. */
export function withoutEndSlashes(text: string): string {
  let end = text.length;
  while (text[end - 1] === '/') end -= 1;
  return text.slice(0, end);
}

/** Without its version and a slash at its end. */
const plain = (text: string): string => withoutEndSlashes(text).replace(versioned, '');

/**
 * One spelling for one target: `Patient/1` for `Patient/1`, `https://ehr/fhir/Patient/1/_history/2` and the
 * like; `urn:uuid:...` and `#contained` stay as they are. Whose `Patient/1` it is, `addressOf` says.
 */
export function normalReference(reference: unknown): string | null {
  const raw = textOf(reference);
  if (raw === null) return null;
  const match = typedId.exec(plain(raw));
  return match ? `${match[1]}/${match[2]}` : raw;
}

/** Where a reference leads: https://hl7.org/fhir/R4/references.html#literal */
export interface Address {
  /** `ehr.example/fhir`, in one spelling; null where the reference does not say. */
  server: string | null;
  /** `Patient/1`; a urn, `#contained` or whatever else it is. */
  name: string;
  /** The name is a type and an id, and so means another resource on each server. */
  isTyped: boolean;
}

/**
 * The base address of a server in one spelling. By `http:` and by `https:` it is the same server.
 * @returns null for what is no absolute URL
 */
export function serverAddress(url: unknown): string | null {
  const [, scheme = '', host = '', path = ''] = absolute.exec(textOf(url) ?? '') ?? [];
  if (host === '') return null;
  const isWeb = /^https?$/i.test(scheme);
  const site = host.toLowerCase().replace(/:(?:80|443)$/, '');
  return `${isWeb ? '' : `${scheme.toLowerCase()}:`}${site}${withoutEndSlashes(path)}`;
}

/** Where a reference leads; null for what is none. */
export function addressOf(reference: unknown): Address | null {
  const raw = textOf(reference);
  if (raw === null) return null;
  const text = plain(raw);
  const match = typedId.exec(text);
  if (!match)
    return { server: null, name: raw.replace(/^urn:uuid:.*$/i, (urn) => urn.toLowerCase()), isTyped: false };
  return {
    server: serverAddress(text.slice(0, match.index)),
    name: `${match[1]}/${match[2]}`,
    isTyped: true,
  };
}
