/** Reading the query of a list of decisions. What is not understood is refused. Pure. */
import { spanOf } from '../../rules/fhir/time.ts';
import { Problem } from '../http/outcome.ts';
import { wholeNumber } from '../http/whole-number.ts';
import type { Filter } from '../log/queries.ts';

const largestPage = 100;
const filters = [
  'patient',
  'rule',
  'service',
  'client',
  'outcome',
  'indicator',
  'from',
  'to',
  'limit',
  'cursor',
] as const;

/** @throws Problem 400 naming the parameter that cannot be used */
export function readFilter(query: Readonly<Record<string, string>>): {
  filter: Filter & Record<string, string>;
  limit: number;
} {
  for (const given of Object.keys(query)) {
    if (!filters.some((known) => known === given))
      throw new Problem(400, 'not-supported', `unknown parameter: filter by ${filters.join(', ')}`);
  }
  const filter: Filter & Record<string, string> = {};
  if (query.patient !== undefined)
    filter.patient = nameIn(query.patient.replace(/^Patient\//, ''), 'patient');
  for (const field of ['rule', 'service', 'client'] as const) {
    const value = query[field];
    if (value !== undefined) filter[field] = nameIn(value, field);
  }
  if (query.outcome !== undefined)
    filter.outcome = oneOf(query.outcome, 'outcome', ['accepted', 'overridden', 'none'] as const);
  if (query.indicator !== undefined)
    filter.indicator = oneOf(query.indicator, 'indicator', ['critical', 'warning', 'info'] as const);
  for (const end of ['from', 'to'] as const) {
    const value = query[end];
    if (value !== undefined) filter[end] = time(value, end);
  }
  // DynamoDB refuses an empty range, which would read as a failure of the log.
  if (filter.from && filter.to && filter.from > filter.to)
    throw new Problem(400, 'value', '`from` must not be after `to`');
  const limit = wholeNumber(query.limit ?? '20');
  if (limit === null)
    throw new Problem(400, 'value', `\`limit\` must be a whole number from 1 to ${largestPage}`);
  return { filter, limit: Math.min(limit, largestPage) };
}

/** A name as the log uses it, without markup. @throws Problem 400 */
export function nameIn(value: string, field: string): string {
  if (!/^[^\s#~<>"`]{1,200}$/.test(value))
    throw new Problem(400, 'value', `\`${field}\` is not a name this log uses`);
  return value;
}

/** @throws Problem 400 naming what is allowed */
export function oneOf<T extends string>(value: string, field: string, allowed: readonly T[]): T {
  const found = allowed.find((one) => one === value);
  if (found === undefined)
    throw new Problem(400, 'value', `\`${field}\` must be one of ${allowed.join(', ')}`);
  return found;
}

/** A date means its whole day. */
function time(value: string, end: 'from' | 'to'): string {
  // An unencoded plus sign of an offset arrives as a space.
  const span = spanOf(value.replace(/ (\d{2}:\d{2})$/, '+$1'));
  if (!span)
    throw new Problem(400, 'value', `\`${end}\` must be a date or a time such as \`2026-01-31T12:00:00Z\``);
  return new Date(end === 'from' ? span.from : span.to).toISOString();
}
