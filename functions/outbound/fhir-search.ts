/** One search with its pages: https://hl7.org/fhir/R4/http.html#search. */
import type { Json } from '../../rules/fhir/json.ts';
import { hasNext, nextLink } from './bundle.ts';
import type { FetchResponse } from './fetch.ts';
import { type FhirClient, reasonOf } from './fhir-client.ts';
import { ReadFailed } from './missing-data.ts';
import { atOrigin } from './next-page.ts';
import { outboundCodes } from './outbound-error.ts';
import { type Asked, askOtherwise, isBundle, isRefusal } from './refusal.ts';
import { bareFormOf, formOf, isByPanels, namedIn, queryWith } from './search-parameters.ts';
import type { KnownServer } from './server-memory.ts';

const maxPages = 10;

/** What a search is made with. */
export interface Searching {
  client: FhirClient;
  /** Asks what the server takes, for longer than the hook waits. */
  learner: Pick<FhirClient, 'get' | 'urlOf' | 'newBudget'>;
  known: KnownServer;
}

/** A first page, and where it was asked for. */
export interface FirstPage {
  first: Json;
  url: URL;
  /** Asked by `code` where the template has `combo-code`: results that stand only inside of a panel are not found. */
  withoutPanels: boolean;
}

export interface SearchOptions {
  /** A server may have none of it: where it refused every form of the search before, it is not asked. */
  mayHaveNone?: boolean;
  /** Told when the search is refused, before it is asked otherwise, and which parts of it the refusal names. */
  onRefusal?: (named: readonly string[]) => void;
}

/** Statuses that say that there is no such type, or no search for it. Of a refusal, after all variants were refused. */
export const statusesOfNone: ReadonlySet<number> = new Set([400, 403, 404, 405, 422, 501]);

/** The page of an answer. @throws ReadFailed */
function pageOf({ status, json }: FetchResponse, why = reasonOf(status)): Json {
  if (status !== 200) throw new ReadFailed(why, { status, hasNone: statusesOfNone.has(status) });
  if (!isBundle(json)) throw new ReadFailed('the answer is not what was asked for');
  return json;
}

/** A query without what the server is known not to take. */
const takenOf = (known: KnownServer, type: string, query: string): string =>
  queryWith(query, (part) => known.takes(type, part));

/**
 * Finds out what a server takes that refused a search, once for all hooks that meet that at the same time.
 * @returns the answer to what it does take; null where nothing can be left out, or another hook found that out
 * @throws ReadFailed
 */
export async function askWhatIsTaken(
  { learner, known }: Pick<Searching, 'learner' | 'known'>,
  type: string,
  query: string,
  refusal: FetchResponse,
): Promise<Asked | null> {
  const form = formOf(type, query);
  const underWay = known.trialOf(form);
  if (underWay === null) {
    const trial = askOtherwise({ client: learner, known }, type, query, refusal);
    known.holdTrial(form, trial);
    return trial;
  }
  await underWay.catch(() => undefined);
  if (known.refusedStatus(bareFormOf(type, query)) !== null) return null;
  const better = takenOf(known, type, query);
  // Where the other hook learnt nothing that holds for all, its answer is still none for this patient.
  if (better === query) return askOtherwise({ client: learner, known }, type, query, refusal);
  const url = learner.urlOf(`${type}?${better}`);
  const answer = await learner.get(url);
  return isRefusal(answer.status)
    ? askOtherwise({ client: learner, known }, type, better, answer)
    : { url, query: better, answer };
}

/** @throws ReadFailed where the time of the hook is over: it was refused, and the trial goes on without it */
async function otherwiseInTime(
  searching: Searching,
  type: string,
  asked: Asked,
  onRefusal: (named: readonly string[]) => void,
): Promise<Asked> {
  const { client, known } = searching;
  const { query, answer } = asked;
  // Known to be in vain, it costs no further calls.
  if (known.refusedStatus(bareFormOf(type, query)) !== null) return asked;
  const named = namedIn(answer.json, query);
  onRefusal(named);
  const trial = askWhatIsTaken(searching, type, query, answer);
  try {
    return (await client.inTime(trial)) ?? asked;
  } catch (error) {
    if (!(error instanceof ReadFailed) || error.message !== outboundCodes['too-slow']) throw error;
    const why = `it refused the search (status ${answer.status}), and what it does take was not found in time`;
    // A refusal of a parameter, or a statement that lists the type, says that the server has it.
    const hasNone = named.length === 0 && !known.capability()?.lists(type);
    throw new ReadFailed(why, { cause: error, hasNone });
  }
}

/**
 * The first page of a search, without what the server is known not to take; where it refuses more, what it does take.
 * @param search `Condition?patient=1`
 * @throws ReadFailed
 */
export async function searchFirstPage(
  searching: Searching,
  search: string,
  { mayHaveNone = false, onRefusal = () => {} }: SearchOptions = {},
): Promise<FirstPage> {
  const { client, known } = searching;
  const [type = '', given = ''] = search.split('?');
  const before = mayHaveNone ? known.refusedStatus(bareFormOf(type, given)) : null;
  if (before !== null) {
    const why = `it refused every search for ${type} before (status ${before}), and is asked again after a day`;
    throw new ReadFailed(why, { hasNone: true, status: before });
  }
  const query = takenOf(known, type, given);
  const url = client.urlOf(`${type}?${query}`);
  let asked: Asked = { url, query, answer: await client.get(url) };
  if (isRefusal(asked.answer.status)) asked = await otherwiseInTime(searching, type, asked, onRefusal);
  const { status } = asked.answer;
  const unknown = status === 404 ? 'it does not know this kind of resource (status 404)' : undefined;
  return {
    first: pageOf(asked.answer, unknown),
    url: asked.url,
    withoutPanels: isByPanels(given) && !isByPanels(asked.query),
  };
}

/** Pages after a first one, and why there are no more; null when that was all. */
export interface FurtherPages {
  pages: Json[];
  why: string | null;
}

/**
 * Reads what follows a first page, as far as it can be followed.
 * @param at the address of the first page
 * @param onPage told of each as it comes
 */
export async function readFurtherPages(
  client: Pick<FhirClient, 'get' | 'isFull'>,
  first: Json,
  at: URL,
  onPage: (page: Json) => void,
): Promise<FurtherPages> {
  const pages: Json[] = [];
  const seen = new Set<string>([at.href]);
  let address = at;
  for (let page = first; hasNext(page); page = pages.at(-1) ?? {}) {
    const link = nextLink(page);
    const url = link === null ? null : atOrigin(link, address);
    if (!url) return { pages, why: 'the link to the further page cannot be used' };
    if (seen.has(url.href)) return { pages, why: 'the further page leads back to an earlier one' };
    if (pages.length + 1 >= maxPages) return { pages, why: `no more than ${maxPages} pages are read` };
    if (client.isFull()) return { pages, why: 'more data than is read' };
    seen.add(url.href);
    address = url;
    try {
      pages.push(pageOf(await client.get(url)));
    } catch (error) {
      if (error instanceof ReadFailed) return { pages, why: error.message };
      throw error;
    }
    onPage(pages.at(-1) ?? {});
  }
  return { pages, why: null };
}
