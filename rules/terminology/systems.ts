/** Names of code systems as senders write them: their URIs, OIDs and bare names. */

/**
 * An address in one letter case and scheme, without spaces around it: what every reader of systems begins with.
 * @returns null for what is no text, and for what is longer than any address of ours
 */
export const plainAddress = (system: unknown, longest = 200): string | null =>
  typeof system === 'string' && system.length <= longest
    ? system
        .trim()
        .toLowerCase()
        .replace(/^https:\/\//, 'http://')
    : null;

/** Without what senders add: a version, `www.`, a slash at the end. */
const normalised = (system: unknown): string =>
  plainAddress(system, 100)
    ?.replace(/\|.*$/, '')
    .replace(/^http:\/\/www\./, 'http://')
    .replace(/\/+$/, '') ?? '';

/** https://terminology.hl7.org/LOINC.html; the OID stands in data that comes of CDA or HL7 v2, with and without `urn:oid:`. */
const loincNames: ReadonlySet<string> = new Set([
  'http://loinc.org',
  'urn:oid:2.16.840.1.113883.6.1',
  '2.16.840.1.113883.6.1',
]);
/** No URIs, but no other system's names either: HL7 v2 table 0396 has `LN`. */
const loincWords: ReadonlySet<string> = new Set(['loinc', 'ln', 'loinc.org', 'urn:loinc']);

/** https://terminology.hl7.org/UCUM.html */
const ucumNames: ReadonlySet<string> = new Set([
  'http://unitsofmeasure.org',
  'http://unitsofmeasure.org/ucum.html',
  'urn:oid:2.16.840.1.113883.6.8',
  '2.16.840.1.113883.6.8',
  'ucum',
]);

/** Whether a system is LOINC: by its URI or OID, or by its bare name, which its sender must be told. */
export function readsAsLoinc(system: unknown): 'uri' | 'name' | null {
  const name = normalised(system);
  if (loincNames.has(name)) return 'uri';
  return loincWords.has(name) ? 'name' : null;
}

export const isUcum = (system: unknown): boolean => ucumNames.has(normalised(system));

/** A system that may be repeated in a message: it has the form of a URI, an OID or one word. */
export const printableSystem = (system: unknown): string | null =>
  typeof system === 'string' && /^[A-Za-z0-9:/._|-]{1,60}$/.test(system.trim()) ? system.trim() : null;
