/**
 * A FHIR search as a self link or a template says it: what it asks for, and what narrows it beyond that. Source:
 * https://hl7.org/fhir/R4/search.html, and the parameters of each type on its own page.
 */

import { asArray, asString, type Json } from '../fhir/json.ts';
import { hour, spanOf } from '../fhir/time.ts';

export interface Search {
  type: string;
  /** Of `code` or `combo-code`, without their systems; null where it names none. */
  codes: readonly string[] | null;
  /** The codes were looked for in components, too. */
  components: boolean;
  /** Of `status` or `clinical-status`. */
  statuses: readonly string[] | null;
  /** Of `category`. */
  kinds: readonly string[] | null;
  /** Milliseconds since the epoch: everything at or after it was asked for. Null where no first day is named. */
  since: number | null;
  /** How many on a page, where it says so. */
  count: number | null;
  /** Names of parameters that came twice: the standard says both must hold, and some servers write a list so. */
  repeated: readonly string[];
  /** Names of the other parameters that leave something out, or may. */
  others: readonly string[];
  /** Ids of the patients it is about, where it names them by id. */
  patients: readonly string[];
}

/** The code of a search token: https://hl7.org/fhir/R4/search.html#token */
export const codeOfToken = (token: string): string => token.slice(token.lastIndexOf('|') + 1);

const codesOfTokens = (tokens: readonly string[]): string[] | null =>
  tokens.length === 0 ? null : tokens.flatMap((list) => list.split(',')).map(codeOfToken);

/** What an answer looks like, not what is in it. `_elements` and `_summary` are not here: they leave out data. */
const aboutForm: ReadonlySet<string> = new Set(
  '_sort _count _format _pretty _total _include _revinclude _maxresults _score _containedType'.split(' '),
);

/** That it is of one patient: whose each resource is, its own subject says. */
const ofPatient = /^(?:patient|subject)(?::Patient|:identifier)?(?:\.(?:identifier|_id))?$/;

const byPatientId = /^(?:patient|subject)(?::Patient)?(?:\._id)?$/;

/** Of `1`, `Patient/1` or an address; a token of an identifier is none. */
const idsIn = (value: string): string[] =>
  value.split(',').flatMap((one) => (one.includes('|') ? [] : (one.split('/').at(-1) ?? [])));

/** Where a server was in its own list: such a link does not say what was asked. HAPI, Epic, Oracle Health, Azure. */
const ofServer: ReadonlySet<string> = new Set(
  '_getpages _getpagesoffset _pages _pageid _bundletype _page_token _pagetoken _cursor cursor ct _ct sessionid _queryid -pagecontext -pagedirection searchid stateid'.split(
    ' ',
  ),
);

/** What a resource of a type is dated by, where a first day is understood. */
const dateOfType: Readonly<Record<string, string>> = {
  Observation: 'date',
  MedicationAdministration: 'effective-time',
};

/** A date without an offset begins this much later somewhere on earth: milliseconds. */
const latestOffset = 12 * hour;

/**
 * The first instant of `ge`, `gt` or `sa`: https://hl7.org/fhir/R4/search.html#prefix
 * @returns null for any other prefix, a list, and what is no date
 */
function lowerBoundOf(value: string): number | null {
  const match = /^(ge|gt|sa)(.+)$/.exec(value);
  // A plus sign that was not encoded came as a blank.
  const date = match?.[2]?.replace(' ', '+');
  const span = spanOf(date);
  if (!match || date === undefined || !span) return null;
  const begins = match[1] === 'ge' ? span.from : span.to + 1;
  return /Z$|[+-]\d\d:\d\d$/.test(date) ? begins : begins + latestOffset;
}

/** Whether a value leaves nothing out that a rule reads, although its parameter may. */
function isHarmless(name: string, value: string): boolean {
  if (name === '_summary') return value === 'false' || value === 'data';
  if (name === '_contained') return value === 'false';
  if (name === '_offset' || name === '_skip') return value === '0';
  if (name === 'page' || name === '_page') return value === '1';
  // What was entered in error is used nowhere.
  return (
    /^(?:status|verification-status):not$/.test(name) &&
    value.split(',').every((token) => codeOfToken(token) === 'entered-in-error')
  );
}

const isSame = (values: readonly string[]): boolean => new Set(values).size <= 1;

/**
 * @param query of a search, without its question mark
 * @returns null where it says where a server was in its list, and not what was asked
 */
export function readSearch(type: string, query: string): Search | null {
  const values = new Map<string, string[]>();
  // Some links are written as if for a page of HTML, or with the other separator of old.
  for (const [name, value] of new URLSearchParams(query.replaceAll('&amp;', '&').replaceAll(';', '&'))) {
    const given = values.get(name);
    if (given) given.push(value);
    else values.set(name, [value]);
  }
  const of = (name: string): string[] => values.get(name) ?? [];
  if ([...values.keys()].some((name) => ofServer.has(name.toLowerCase()))) return null;
  const understood = new Set(['code', 'status', 'clinical-status', 'category']);
  if (type === 'Observation') understood.add('combo-code');
  const dated = dateOfType[type];
  const bounds = dated === undefined ? [] : of(dated).map(lowerBoundOf);
  const counts = of('_count').map(Number);
  const others = [...values].flatMap(([name, given]) => {
    if (understood.has(name) || ofPatient.test(name)) return [];
    if (name === dated) return bounds.includes(null) ? [name] : [];
    if (name === '_count') return counts.includes(0) ? [name] : [];
    const isForm = aboutForm.has(name.replace(/^(_(?:rev)?include):(?:iterate|recurse)$/, '$1'));
    return isForm || given.every((value) => isHarmless(name, value)) ? [] : [name];
  });
  const lower = bounds.filter((bound) => bound !== null);
  return {
    type,
    codes: codesOfTokens(of('code')) ?? codesOfTokens(understood.has('combo-code') ? of('combo-code') : []),
    components: of('code').length === 0,
    statuses: codesOfTokens([...of('status'), ...of('clinical-status')]),
    kinds: codesOfTokens(of('category')),
    since: lower.length > 0 ? Math.max(...lower) : null,
    count: counts.length > 0 ? Math.min(...counts) : null,
    repeated: [...understood].filter((name) => !isSame(of(name))),
    others,
    patients: [...values].flatMap(([name, given]) => (byPatientId.test(name) ? given.flatMap(idsIn) : [])),
  };
}

/** R5 says `relation`, and so does R4; some servers say `rel`. */
export const isNextLink = ({ relation, rel }: Json): boolean => relation === 'next' || rel === 'next';
export const isSelfLink = ({ relation, rel }: Json): boolean => relation === 'self' || rel === 'self';

/** Compartments other than that of a patient: https://hl7.org/fhir/R4/compartmentdefinition.html */
const compartment =
  /(?:^|\/)(Encounter|EpisodeOfCare|Practitioner|RelatedPerson|Device|Patient)\/([^/?]+)\/$/;

/** What stands before the question mark of a search: where it is, and the type that is searched. */
const searched = /^(.*\/)?([A-Z][A-Za-z]+)(?:\/_search)?\/?$/;

/** Our longest template has some thousand characters. What is longer is a search narrowed in a way that is not read. */
const longestQuery = 65_536;
/** A parameter without a name: it leaves out nobody knows what. */
const unreadParameter = '';

/** @returns null where it says where a server was in its list, and not what was asked */
function readQuery(type: string, query: string): Search | null {
  if (query.length <= longestQuery) return readSearch(type, query);
  const search = readSearch(type, '');
  return search && { ...search, others: [unreadParameter] };
}

/** The parts of a link that is a search, in time that grows with its length alone; null for any other. */
function partsOfSearch(url: string): { where: string; type: string; query: string } | null {
  const query = url.indexOf('?');
  if (query < 0 || url.includes('#')) return null;
  const [, where = '', type] = searched.exec(url.slice(0, query)) ?? [];
  return type === undefined ? null : { where, type, query: url.slice(query + 1) };
}

/** The search of the first self link that is one: https://hl7.org/fhir/R4/http.html#paging */
export function selfSearchOf(bundle: Json): Search | null {
  for (const link of asArray(bundle.link)) {
    const url = isSelfLink(link) ? asString(link.url ?? link.href) : null;
    const parts = url ? partsOfSearch(url) : null;
    if (parts === null) continue;
    const search = readQuery(parts.type, parts.query);
    if (search === null) return null;
    const [, of, id = ''] = compartment.exec(parts.where) ?? [];
    if (of === undefined) return search;
    return of === 'Patient'
      ? { ...search, patients: [...search.patients, id] }
      : { ...search, others: [...search.others, of] };
  }
  return null;
}

/** Statuses without which a search leaves out what the rules read; those of therapy have lists of their own. */
const statusesRead: Readonly<Record<string, readonly string[]>> = {
  // A result that was corrected has another status: a search for final ones does not find it.
  Observation: ['preliminary', 'final', 'amended', 'corrected'],
  MedicationAdministration: ['in-progress', 'completed', 'stopped', 'on-hold'],
  Procedure: ['in-progress', 'completed', 'stopped', 'on-hold', 'unknown'],
  // A myasthenia that is in remission, and a transplant that is resolved, count.
  Condition: ['active', 'recurrence', 'relapse', 'inactive', 'remission', 'resolved'],
  AllergyIntolerance: ['active'],
};

/**
 * Names of the parameters by which a search was narrower than what the rules read of its type; codes, the lists of
 * therapy and a first day are another matter.
 * @param isOurs it is the answer under our key, whose client may write a list as it likes
 */
export function narrowedBy(search: Search, isOurs: boolean): readonly string[] {
  const { type, statuses, kinds, repeated, others } = search;
  // The encounter is the one that the context names, however it was found.
  if (type === 'Encounter') return [];
  const lacksStatus = statuses !== null && statusesRead[type]?.some((status) => !statuses.includes(status));
  return [
    ...others,
    ...(isOurs ? [] : repeated),
    ...(lacksStatus ? ['status'] : []),
    // A category is optional everywhere, and only laboratories are sure to name theirs.
    ...(kinds !== null && type !== 'Observation' ? ['category'] : []),
  ];
}
