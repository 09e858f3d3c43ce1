/** Time as FHIR states it: spans of partial dates, and durations. All numbers are milliseconds (since the epoch, in UTC). */

export const minute = 60_000;
export const hour = 60 * minute;
export const day = 24 * hour;

/** A point or stretch of time in milliseconds since the epoch, both ends inclusive. */
export interface Span {
  from: number;
  to: number;
}

const partial = /^(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?$/;
const precise = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2})?$/;

const monthDays = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** Whether `YYYY-MM-DD...` ends within its month: `Date.parse` refuses day 0, but rolls 30 February into March. */
function isOnCalendar(text: string): boolean {
  const digits = (at: number): number => (text.charCodeAt(at) - 48) * 10 + text.charCodeAt(at + 1) - 48;
  const [year, month, date] = [digits(0) * 100 + digits(2), digits(5), digits(8)];
  const leap = month === 2 && year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return year >= 1000 && date <= (monthDays[month - 1] ?? 0) + (leap ? 1 : 0);
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
  const [year, month, date] = [Number(match[1]), Number(match[2] ?? 1), Number(match[3] ?? 1)];
  const from = Date.UTC(year, month - 1, date);
  // A day that the month does not have lies in another month.
  if (new Date(from).getUTCMonth() !== month - 1 || year < 1000) return null;
  const end = match[3]
    ? Date.UTC(year, month - 1, date + 1)
    : match[2]
      ? Date.UTC(year, month, 1)
      : Date.UTC(year + 1, 0, 1);
  return { from, to: end - 1 };
}

/** Milliseconds of an ISO 8601 duration of whole days or hours: `P3D`, `PT48H`. */
export function milliseconds(duration: string): number {
  const amount = Number.parseInt(duration.replace(/\D/g, ''), 10);
  return amount * (duration.startsWith('PT') ? hour : day);
}

/** `P7D` as a clinician says it: `7 days`; `P365D` is 12 months. */
export function wordDuration(duration: string): string {
  const amount = Number.parseInt(duration.replace(/\D/g, ''), 10);
  const several = amount === 1 ? '' : 's';
  if (duration.startsWith('PT')) return `${amount} hour${several}`;
  return amount === 365 ? '12 months' : `${amount} day${several}`;
}

/** The day of a time, `2026-01-31`. */
export const dateOf = (time: number): string => new Date(time).toISOString().slice(0, 10);
