/** One search with its pages: https://hl7.org/fhir/R4/http.html#search. */
import { isObject, type Json } from '../../rules/fhir/json.ts';
import { nextLink } from './bundle.ts';
import { type FhirClient, reasonOf } from './fhir-client.ts';
import { ReadFailed } from './missing-data.ts';

const maxPages = 10;

/** The same search without what a server may refuse: it finds as much or more. Null where nothing can be left out. */
export function simplerThan(url: URL): URL | null {
  const parts = url.search.slice(1).split('&');
  const kept = parts.filter((part) => !/^(_sort|_count|status)=/.test(part));
  if (kept.length === parts.length) return null;
  const simpler = new URL(url);
  simpler.search = kept.join('&');
  return simpler;
}

/** The first page of a search; a second, simpler try where the server refuses it. @throws ReadFailed */
export async function searchFirstPage(client: Pick<FhirClient, 'get'>, url: URL): Promise<Json> {
  let answer = await client.get(url);
  if (answer.status === 400 || answer.status === 422) {
    const simpler = simplerThan(url);
    if (simpler) answer = await client.get(simpler);
  }
  const { status, json } = answer;
  if (status === 404) {
    throw new ReadFailed('it does not know this kind of resource (status 404)', { unknownType: true });
  }
  if (status !== 200) throw new ReadFailed(reasonOf(status));
  if (!isObject(json) || json.resourceType !== 'Bundle') {
    throw new ReadFailed('the answer is not what was asked for');
  }
  return json;
}

/** One further page. @throws ReadFailed */
async function readPage(client: Pick<FhirClient, 'get'>, url: URL): Promise<Json> {
  const { status, json } = await client.get(url);
  if (status !== 200) throw new ReadFailed(reasonOf(status));
  if (!isObject(json) || json.resourceType !== 'Bundle') {
    throw new ReadFailed('the answer is not what was asked for');
  }
  return json;
}

/** Pages after a first one, and why there are no more; null when that was all. */
export interface FurtherPages {
  pages: Json[];
  why: string | null;
}

/** Reads what follows a first page, as far as it can be followed. @param onPage told of each as it comes */
export async function readFurtherPages(
  client: Pick<FhirClient, 'get' | 'urlOf' | 'isFull'>,
  first: Json,
  onPage: (page: Json) => void,
): Promise<FurtherPages> {
  const base = client.urlOf('');
  const pages: Json[] = [];
  const seen = new Set<string>();
  for (let link = nextLink(first); link !== null; link = nextLink(pages.at(-1) ?? {})) {
    const url = URL.canParse(link, base.href) ? new URL(link, base) : null;
    if (!url || url.origin !== base.origin) return { pages, why: 'the further page is on another server' };
    if (seen.has(url.href)) return { pages, why: 'the further page leads back to an earlier one' };
    if (pages.length + 1 >= maxPages) return { pages, why: `no more than ${maxPages} pages are read` };
    if (client.isFull()) return { pages, why: 'more data than is read' };
    seen.add(url.href);
    try {
      pages.push(await readPage(client, url));
    } catch (error) {
      if (error instanceof ReadFailed) return { pages, why: error.message };
      throw error;
    }
    onPage(pages.at(-1) ?? {});
  }
  return { pages, why: null };
}
