/** One search with its pages: https://hl7.org/fhir/R4/http.html#search. */
import type { Json } from '../../rules/fhir/json.ts';
import { hasNext, nextLink } from './bundle.ts';
import type { FetchResponse } from './fetch.ts';
import { type FhirClient, reasonOf } from './fhir-client.ts';
import { ReadFailed } from './missing-data.ts';
import { atOrigin } from './next-page.ts';
import { askOtherwise, isBundle, isRefusal } from './refusal.ts';
import { queryWith } from './search-parameters.ts';
import type { KnownServer } from './server-memory.ts';

const maxPages = 10;

/** What a search is made with. */
export interface Searching {
  client: FhirClient;
  /** Asks what the server takes, for longer than the hook waits. */
  learner: Pick<FhirClient, 'get' | 'urlOf'>;
  known: KnownServer;
}

/** A first page, and where it was asked for. */
export interface FirstPage {
  first: Json;
  url: URL;
  /** Asked by `code` where the template has `combo-code`: results that stand only inside of a panel are not found. */
  withoutPanels: boolean;
}

/** Statuses that say that there is no such type, or no search for it. Of a refusal, after all variants were refused. */
export const statusesOfNone: ReadonlySet<number> = new Set([400, 403, 404, 405, 422, 501]);

/** The page of an answer. @throws ReadFailed */
function pageOf({ status, json }: FetchResponse, why = reasonOf(status)): Json {
  if (status !== 200) throw new ReadFailed(why, { status, hasNone: statusesOfNone.has(status) });
  if (!isBundle(json)) throw new ReadFailed('the answer is not what was asked for');
  return json;
}

/**
 * The first page of a search, without what the server is known not to take; where it refuses more, what it does take.
 * @param search `Condition?patient=1`
 * @throws ReadFailed
 */
export async function searchFirstPage(
  { client, learner, known }: Searching,
  search: string,
): Promise<FirstPage> {
  const [type = '', given = ''] = search.split('?');
  if (!(known.capability()?.lists(type) ?? true)) {
    throw new ReadFailed(`its capability statement does not list ${type}`, { hasNone: true });
  }
  const query = queryWith(given, (part) => known.takes(type, part));
  const url = client.urlOf(`${type}?${query}`);
  let asked = { url, query, answer: await client.get(url) };
  if (isRefusal(asked.answer.status)) {
    const other = await client.inTime(askOtherwise({ client: learner, known }, type, query, asked.answer));
    asked = other ?? asked;
  }
  const { status } = asked.answer;
  const unknown = status === 404 ? 'it does not know this kind of resource (status 404)' : undefined;
  const isComboCode = (one: string): boolean => one.includes('combo-code=');
  return {
    first: pageOf(asked.answer, unknown),
    url: asked.url,
    withoutPanels: isComboCode(given) && !isComboCode(asked.query),
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
