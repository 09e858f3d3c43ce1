/** One template of discovery, tried on a FHIR server: what the server understood, refused, ignored. */
import { matchesIn, nextLink, selfLink } from '../functions/outbound/bundle.ts';
import { type FhirClient, reasonOf } from '../functions/outbound/fhir-client.ts';
import { statusesOfNone } from '../functions/outbound/fhir-search.ts';
import { ReadFailed } from '../functions/outbound/missing-data.ts';
import { askOtherwise, isBundle, isRefusal } from '../functions/outbound/refusal.ts';
import { optionalParts } from '../functions/outbound/search-parameters.ts';
import { dispensable } from '../functions/outbound/template-reader.ts';
import { asArray, asObject, asString, type Json } from '../rules/fhir/json.ts';
import { day } from '../rules/fhir/time.ts';

/** What came of one query. */
export interface Tried {
  keys: readonly string[];
  query: string;
  /** `understood`, or what was refused and ignored, or why it failed. */
  said: string;
  /** Parts of the query that the server does not take. */
  parts: readonly string[];
  results: number;
  hasMore: boolean;
  milliseconds: number;
  /** Data that the rules need cannot be read. */
  isLost: boolean;
}

const nameOf = (part: string): string => part.split('=')[0] ?? '';

/** When a result was, for its order: a laboratory's, an administration's, a request's, a statement's. */
function timeOf(resource: Json): number {
  const period = asObject(resource.effectivePeriod);
  const time =
    asString(resource.effectiveDateTime) ??
    asString(resource.effectiveInstant) ??
    asString(resource.authoredOn) ??
    asString(period?.end) ??
    asString(period?.start) ??
    asString(resource.issued);
  return Date.parse(time ?? '');
}

/** Whether results that were asked for newest first are not: by more than a day, since servers sort by one of several times. */
function isOutOfOrder(page: Json): boolean {
  const times: number[] = [];
  for (const { resource } of asArray(page.entry)) {
    const time = timeOf(asObject(resource) ?? {});
    if (!Number.isNaN(time)) times.push(time);
  }
  return times.some((time, index) => index > 0 && time > (times[index - 1] ?? time) + day);
}

/** The names of the parameters of a self link; null where it has none. */
function namesOfSelf(page: Json): ReadonlySet<string> | null {
  const self = selfLink(page);
  const query = self?.split('?')[1];
  return query === undefined ? null : new Set(new URLSearchParams(query).keys());
}

/** Parts of a query that an answer shows to be ignored, and by what. */
function ignoredParts(query: string, page: Json): { part: string; why: string }[] {
  const names = namesOfSelf(page);
  return query.split('&').flatMap((part) => {
    const [name = '', value = ''] = part.split('=');
    if (name === '_sort' && isOutOfOrder(page))
      return [{ part, why: '_sort (results are not in that order)' }];
    const limit = name === '_count' ? Number(value) : Number.NaN;
    if (matchesIn(page) > limit) return [{ part, why: `_count (${matchesIn(page)} are on the page)` }];
    const isLeftOut = names !== null && names.size > 0 && !names.has(name);
    return isLeftOut ? [{ part, why: `${name} (not in its self link)` }] : [];
  });
}

type Question = Pick<Tried, 'keys' | 'query'>;

const failed = (question: Question, why: string, milliseconds: number): Tried => ({
  ...question,
  said: `failed, ${why}`,
  parts: [],
  results: 0,
  hasMore: false,
  milliseconds,
  isLost: true,
});

async function read(client: FhirClient, question: Question): Promise<Tried> {
  const started = performance.now();
  const [type = '', id = ''] = question.query.split('/');
  await client.read(type, id);
  const milliseconds = Math.round(performance.now() - started);
  return {
    ...failed(question, '', milliseconds),
    said: 'understood',
    results: 1,
    isLost: false,
  };
}

/** What an answer shows, in words. */
function saidOf(status: number, refused: readonly string[], ignored: readonly { why: string }[]): string {
  const names = refused.length > 0 ? refused.map(nameOf).join(', ') : 'a part that cannot be told';
  const said = [
    ...(isRefusal(status) ? [`refused with status ${status} for ${names}`] : []),
    ...(ignored.length > 0 ? [`ignored ${ignored.map(({ why }) => why).join(', ')}`] : []),
  ];
  return said.join('; ') || 'understood';
}

async function search(client: FhirClient, question: Question): Promise<Tried> {
  const started = performance.now();
  const [type = '', query = ''] = question.query.split('?');
  const first = await client.get(client.urlOf(question.query));
  const milliseconds = Math.round(performance.now() - started);
  const refused: string[] = [];
  let { answer, asked } = { answer: first, asked: query };
  if (isRefusal(first.status)) {
    const learnt: string[] = [];
    const learn = (_: string, parts: readonly string[]) => void learnt.push(...parts);
    const other = await askOtherwise({ client, known: { learn } }, type, query, first);
    if (other) [answer, asked] = [other.answer, other.query];
    refused.push(...learnt);
  }
  if (answer.status !== 200 || !isBundle(answer.json)) {
    const why = answer.status === 200 ? 'the answer is no Bundle' : reasonOf(answer.status);
    const isNone = statusesOfNone.has(answer.status) && question.keys.every((key) => dispensable.has(key));
    const none = `${why}: taken for a server without them, which loses nothing`;
    return { ...failed(question, isNone ? none : why, milliseconds), isLost: !isNone };
  }
  const page = answer.json;
  const ignored = ignoredParts(asked, page);
  return {
    ...question,
    said: saidOf(first.status, refused, ignored),
    parts: [...refused, ...ignored.map(({ part }) => part).filter((part) => optionalParts(part).length > 0)],
    results: matchesIn(page),
    hasMore: nextLink(page) !== null,
    milliseconds,
    isLost: false,
  };
}

/**
 * Tries one query of discovery.
 * @param question its keys, and the query with the patient in it
 */
export async function tryQuery(client: FhirClient, question: Question): Promise<Tried> {
  const started = performance.now();
  try {
    return await (question.query.includes('?') ? search(client, question) : read(client, question));
  } catch (error) {
    if (!(error instanceof ReadFailed)) throw error;
    return failed(question, error.message, Math.round(performance.now() - started));
  }
}
