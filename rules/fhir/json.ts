/**
 * Reading FHIR JSON that nobody has validated. Every reader takes `unknown`, never throws and answers null or
 * an empty list for what is not there or not of the expected shape; the caller decides whether that deserves a
 * notice. Real clients send an object where a list belongs, a number where a string belongs, and no `type`.
 */
export type Json = Readonly<Record<string, unknown>>;

export const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const asString = (value: unknown): string | null =>
  typeof value === 'string' && value !== '' ? value : null;

export const asObject = (value: unknown): Json | null => (isObject(value) ? value : null);

const nothing: readonly Json[] = [];

/** The objects of a list; a single object counts as a list of one (the CDS Hooks sandbox sends those). */
export function asArray(value: unknown): readonly Json[] {
  if (Array.isArray(value)) {
    for (const entry of value) if (!isObject(entry)) return value.filter(isObject);
    return value;
  }
  return isObject(value) ? [value] : nothing;
}

/** The codings of a CodeableConcept (https://hl7.org/fhir/R4/datatypes.html#CodeableConcept). */
export const codingsOf = (concept: unknown): readonly Json[] =>
  isObject(concept) ? asArray(concept.coding) : nothing;

/** First code of a status-like CodeableConcept, of a Coding, or of a plain code. */
export function codeOf(value: unknown): string | null {
  if (typeof value === 'string') return value || null;
  if (!isObject(value)) return null;
  return asString(value.code) ?? asString(codingsOf(value)[0]?.code);
}

/** The status of a resource as its code: without the spaces and upper case that some systems add. */
export const statusOf = ({ status }: Json): string | null => asString(status)?.trim().toLowerCase() || null;

/** A code that may be repeated in a message: short and made of code characters, so never narrative. */
export const printableCode = (value: unknown): string | null => {
  const code = typeof value === 'number' ? String(value) : value;
  return typeof code === 'string' && /^[A-Za-z0-9._-]{1,40}$/.test(code) ? code : null;
};
