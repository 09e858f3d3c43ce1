/**
 * Reading FHIR JSON that nobody has validated. Every reader takes `unknown`, never throws and answers null or
 * an empty list for what is not there or not of the expected shape; the caller decides whether that deserves a
 * notice. Real clients send an object where a list belongs, a number where a string belongs, and no `type`.
 */
export type Json = Readonly<Record<string, unknown>>;

export const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const text = (value: unknown): string | null =>
  typeof value === 'string' && value !== '' ? value : null;

export const object = (value: unknown): Json | null => (isObject(value) ? value : null);

const nothing: readonly Json[] = [];

/** The objects of a list; a single object counts as a list of one (the CDS Hooks sandbox sends those). */
export function objects(value: unknown): readonly Json[] {
  if (Array.isArray(value)) {
    for (const entry of value) if (!isObject(entry)) return value.filter(isObject);
    return value;
  }
  return isObject(value) ? [value] : nothing;
}

/** The codings of a CodeableConcept (https://hl7.org/fhir/R4/datatypes.html#CodeableConcept). */
export const codingsOf = (concept: unknown): readonly Json[] =>
  isObject(concept) ? objects(concept.coding) : nothing;

/** First code of a status-like CodeableConcept, of a Coding, or of a plain code. */
export function codeOf(value: unknown): string | null {
  if (typeof value === 'string') return value || null;
  if (!isObject(value)) return null;
  return text(value.code) ?? text(codingsOf(value)[0]?.code);
}

/** A point or stretch of time in milliseconds since the epoch, both ends inclusive. */
export interface Span {
  from: number;
  to: number;
}

const partial = /^(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?$/;
const precise = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2})?$/;

const monthDays = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** Whether `YYYY-MM-DD...` ends within its month: `Date.parse` refuses day 0, but rolls 30 February into March. */
function isOnCalendar(date: string): boolean {
  const digits = (at: number): number => (date.charCodeAt(at) - 48) * 10 + date.charCodeAt(at + 1) - 48;
  const [year, month, day] = [digits(0) * 100 + digits(2), digits(5), digits(8)];
  const leap = month === 2 && year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return year >= 1000 && day <= (monthDays[month - 1] ?? 0) + (leap ? 1 : 0);
}

/**
 * The whole span a FHIR date, dateTime or instant may mean: `2026-01` is all of January. A time without an
 * offset is read as UTC, as are dates. Null for what is no date of the calendar.
 * Source: https://hl7.org/fhir/R4/datatypes.html#dateTime
 */
export function spanOf(value: unknown): Span | null {
  if (typeof value !== 'string' || value.length > 40) return null;
  if (value.length > 10) {
    if (!precise.test(value) || !isOnCalendar(value)) return null;
    const hasOffset = value.endsWith('Z') || '+-'.includes(value.charAt(value.length - 6));
    const from = Date.parse(hasOffset ? value : `${value}Z`);
    if (Number.isNaN(from)) return null;
    const hasSeconds = value.charAt(16) === ':';
    const width = hasSeconds ? (value.charAt(19) === '.' ? 0 : 999) : 59_999;
    return { from, to: from + width };
  }
  const match = partial.exec(value);
  if (!match) return null;
  const [year, month, day] = [Number(match[1]), Number(match[2] ?? 1), Number(match[3] ?? 1)];
  const from = Date.UTC(year, month - 1, day);
  // A day that the month does not have lies in another month.
  if (new Date(from).getUTCMonth() !== month - 1 || year < 1000) return null;
  const end = match[3]
    ? Date.UTC(year, month - 1, day + 1)
    : match[2]
      ? Date.UTC(year, month, 1)
      : Date.UTC(year + 1, 0, 1);
  return { from, to: end - 1 };
}

/** Milliseconds of `P3D` or `PT48H`. */
export function milliseconds(duration: string): number {
  const amount = Number.parseInt(duration.replace(/\D/g, ''), 10);
  return amount * (duration.startsWith('PT') ? 3_600_000 : 86_400_000);
}

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

/** A code that may be repeated in a message: short and made of code characters, so never narrative. */
export const printableCode = (value: unknown): string | null => {
  const code = typeof value === 'number' ? String(value) : value;
  return typeof code === 'string' && /^[A-Za-z0-9._-]{1,40}$/.test(code) ? code : null;
};
