/** Search parameters of the FHIR routes: https://hl7.org/fhir/R4/search.html. What is not understood is refused. */
import { spanOf } from '../../rules/fhir/time.ts';
import { Problem } from '../http/outcome.ts';
import { wholeNumber } from '../http/whole-number.ts';
import { systems } from './audit-event.ts';

export interface Search {
  patient?: string;
  decisionId?: string;
  client?: string;
  /** RFC 3339 UTC, both ends included. */
  from?: string;
  to?: string;
}

const largestCount = 100;
const usualCount = 20;

/** The names a search on each resource takes, besides `_count`, `_format` and `cursor`. */
export const parameters = {
  AuditEvent: ['patient', 'date', 'entity', 'entity:identifier', 'agent:identifier'],
  GuidanceResponse: ['patient', 'subject', 'identifier', '_lastUpdated'],
} as const;
export type SearchableType = keyof typeof parameters;

/** @throws Problem 400 naming the parameter, 406 for another format */
export function readSearch(
  resource: SearchableType,
  given: Readonly<Record<string, string[]>>,
): { search: Search & Record<string, string>; count: number; cursor: string | null; isEmpty: boolean } {
  const search: Search & Record<string, string> = {};
  let count = usualCount;
  let cursor: string | null = null;
  for (const [name, values] of Object.entries(given)) {
    const [value = ''] = values;
    if (values.length > 1 && !isDate(name))
      throw new Problem(400, 'not-supported', `\`${printable(name)}\` can be given once`);
    if (name === '_count') count = readCount(value);
    else if (name === 'cursor') cursor = value;
    else if (name === '_format') checkFormat(value);
    else if (parameters[resource].some((known) => known === name)) readParameter(search, name, values);
    else
      throw new Problem(
        400,
        'not-supported',
        `unknown parameter: search by ${parameters[resource].join(', ')}; and _count, _format, cursor`,
      );
  }
  return { search, count: Math.min(count, largestCount), cursor, isEmpty: isEmptySpan(search) };
}

const isDate = (name: string): boolean => name === 'date' || name === '_lastUpdated';

/** Adds what one parameter asks for. A date may be given several times; of the others the first value counts. */
function readParameter(search: Search, name: string, values: readonly string[]): void {
  const [value = ''] = values;
  if (isDate(name)) for (const one of values) narrow(search, one, name);
  else if (name === 'patient' || name === 'subject') search.patient = idIn(value, 'Patient', name);
  else if (name === 'agent:identifier') search.client = identifierIn(value, systems.client, name);
  else if (name === 'entity') search.decisionId = idIn(value, 'GuidanceResponse', name);
  else search.decisionId = identifierIn(value, systems.decision, name);
}

const printable = (name: string): string => (/^[A-Za-z:_-]{1,40}$/.test(name) ? name : 'a parameter');
const isEmptySpan = ({ from, to }: Search): boolean => from !== undefined && to !== undefined && from > to;

function readCount(value: string): number {
  const count = wholeNumber(value);
  if (count === null)
    throw new Problem(400, 'value', `\`_count\` must be a whole number from 1 to ${largestCount}`);
  return count;
}

const formats = ['json', 'application/json', 'application/fhir+json'];
function checkFormat(value: string): void {
  // An unencoded plus sign arrives as a space.
  if (!formats.includes(value.replace(' ', '+')))
    throw new Problem(406, 'not-supported', 'only JSON is given: leave out `_format`, or use `json`');
}

function idIn(value: string, type: string, name: string): string {
  const id = value.startsWith(`${type}/`) ? value.slice(type.length + 1) : value;
  if (!/^[A-Za-z0-9._-]{1,128}$/.test(id))
    throw new Problem(400, 'value', `\`${name}\` must be one id, or \`${type}/\` and an id`);
  return id;
}

function identifierIn(value: string, system: string, name: string): string {
  const id = value.startsWith(`${system}|`) ? value.slice(system.length + 1) : value;
  if (!/^[^\s#~|,$<>"`]{1,200}$/.test(id))
    throw new Problem(400, 'value', `\`${name}\` must be one identifier, or \`${system}|\` and it`);
  return id;
}

/** `ge2026-01`: a prefix and a date, which means its whole span. Several must all hold. */
function narrow(search: Search, value: string, name: string): void {
  const [, prefix = 'eq', date = ''] = /^(eq|ge|gt|le|lt)?(\d.*)$/.exec(value) ?? [];
  const span = spanOf(date.replace(/ (\d{2}:\d{2})$/, '+$1'));
  if (!span)
    throw new Problem(
      400,
      'value',
      `\`${name}\` must be a date or a time, after eq, ge, gt, le, lt or nothing: \`ge2026-01-31\``,
    );
  const time = (milliseconds: number): string => new Date(milliseconds).toISOString();
  const from =
    prefix === 'gt' ? time(span.to + 1) : prefix === 'ge' || prefix === 'eq' ? time(span.from) : null;
  const to =
    prefix === 'lt' ? time(span.from - 1) : prefix === 'le' || prefix === 'eq' ? time(span.to) : null;
  if (from !== null && (search.from === undefined || from > search.from)) search.from = from;
  if (to !== null && (search.to === undefined || to < search.to)) search.to = to;
}
