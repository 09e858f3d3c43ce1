/** References to resources, in one spelling. */
import { isObject } from './json.ts';

const versioned = /\/_history\/[^/]+$/;
const typedId = /(?:^|\/)([A-Z][A-Za-z]+)\/([^/?#]+)$/;

/**
 * One spelling for one target: `Patient/1` for `Patient/1`, `https://ehr/fhir/Patient/1/_history/2` and the
 * like; `urn:uuid:...` and `#contained` stay as they are.
 */
export function normalReference(reference: unknown): string | null {
  const raw = isObject(reference) ? reference.reference : reference;
  if (typeof raw !== 'string' || raw === '') return null;
  const match = typedId.exec(raw.replace(versioned, ''));
  return match ? `${match[1]}/${match[2]}` : raw;
}
