/** What of a question an answer shows to be ignored: by what came, and where that cannot tell by its self link. */
import { matchesIn, resourcesOf, selfLink } from '../functions/outbound/bundle.ts';
import { medicationOf } from '../functions/outbound/references.ts';
import { asArray, asObject, isObject, type Json } from '../rules/fhir/json.ts';
import { normalReference } from '../rules/fhir/reference.ts';
import { day, spanOf } from '../rules/fhir/time.ts';
import { selfSearchOf } from '../rules/intake/search.ts';

/** What came with `_include`, and what did not. */
export interface Drugs {
  /** Medications that results only refer to. */
  referred: number;
  /** Of these, that did not come with them: each is read by itself. */
  absent: number;
}

export function drugsIn(answer: Json): Drugs {
  const came = resourcesOf(answer);
  const known = new Set(came.flatMap(({ reference }) => reference ?? []));
  const referred = new Set(
    came.flatMap(
      ({ resource }) => normalReference(medicationOf(resource, 'pastMedications')?.reference) ?? [],
    ),
  );
  return { referred: referred.size, absent: [...referred].filter((name) => !known.has(name)).length };
}

interface Times {
  /** The earliest and the latest time that a server may sort it by, in milliseconds. */
  from: number;
  to: number;
}

const instants = [
  'effectiveDateTime',
  'effectiveInstant',
  'performedDateTime',
  'occurrenceDateTime',
  'authoredOn',
];
const periods = ['effectivePeriod', 'performedPeriod', 'occurrencePeriod'];

/** When a result was; null where it does not say. A period is sorted by its start, or by its end. */
export function timesOf(resource: Json): Times | null {
  for (const name of instants) {
    const span = spanOf(resource[name]);
    if (span) return span;
  }
  for (const name of periods) {
    const period = asObject(resource[name]);
    const start = spanOf(period?.start);
    const end = spanOf(period?.end);
    if (start || end)
      return { from: start?.from ?? Number.NEGATIVE_INFINITY, to: end?.to ?? Number.POSITIVE_INFINITY };
  }
  return null;
}

/** The dated results of an answer, without what was included. */
const datedIn = (answer: Json): Times[] =>
  asArray(answer.entry).flatMap(({ resource, search }) => {
    const isResult = isObject(resource) && asObject(search)?.mode !== 'include';
    return isResult ? (timesOf(resource) ?? []) : [];
  });

/**
 * Whether results came newest first; null where too few are dated to tell. One that is newer by less than a day is no
 * disorder, since servers sort by one of several times.
 */
export function isNewestFirst(answer: Json): boolean | null {
  const times = datedIn(answer);
  const isAbove = ({ from }: Times, to: number): boolean => from > to + day;
  let oldest = Number.POSITIVE_INFINITY;
  for (const time of times) {
    if (isAbove(time, oldest)) return false;
    oldest = Math.min(oldest, time.to);
  }
  const [first] = times;
  const last = times.at(-1);
  return first && last && isAbove(first, last.to) ? true : null;
}

/** Whether the last result of a page, of which the newest came first, is older than a time. */
export function isAllBefore(page: Json, time: number): boolean {
  const last = datedIn(page).at(-1);
  return last !== undefined && last.to < time;
}

/** `subject:Patient` asks what `patient` does. */
const plainName = (name: string): string => {
  const [plain = ''] = name.split(/[:.]/);
  return plain === 'subject' ? 'patient' : plain;
};

/** The names of the parameters of a self link; null where it does not say what was asked, but where a server was. */
function namesOfSelf(page: Json): ReadonlySet<string> | null {
  const query = selfLink(page)?.split('?')[1];
  if (query === undefined || selfSearchOf(page) === null) return null;
  return new Set([...new URLSearchParams(query).keys()].map(plainName));
}

/** That results have no trace of a parameter, only a link can say. */
const toldByLink: ReadonlySet<string> = new Set([
  'patient',
  'combo-code',
  'status',
  'date',
  'effective-time',
]);

export interface Ignored {
  part: string;
  why: string;
}

/**
 * Parts of a query that an answer shows to be ignored, and by what.
 * @param first its first page, which is as long as `_count` had it
 * @param answer all of its pages
 * @param ofOthers results of other patients
 */
export function ignoredParts(query: string, first: Json, answer: Json, ofOthers: number): Ignored[] {
  const names = namesOfSelf(first);
  const { referred, absent } = drugsIn(answer);
  const whyOf = (name: string, value: string): string | null => {
    if (name === '_sort') return isNewestFirst(answer) === false ? 'results are not newest first' : null;
    if (name === '_count')
      return matchesIn(first) > Number(value) ? `${matchesIn(first)} are on the page` : null;
    if (name === '_include')
      return absent > 0 && absent === referred
        ? `${absent} drugs that orders refer to did not come with them`
        : null;
    if (name === 'patient' && ofOthers > 0) return `${ofOthers} results are of another patient`;
    return toldByLink.has(name) && names !== null && !names.has(name) ? 'not in its self link' : null;
  };
  return query.split('&').flatMap((part) => {
    const [name = '', value = ''] = part.split('=');
    const why = whyOf(name, value);
    return why === null ? [] : [{ part, why }];
  });
}
