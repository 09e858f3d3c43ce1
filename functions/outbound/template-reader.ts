/** Answering templates of a hook from a FHIR server: a read or a search for each, with all pages. */
import type { Json } from '../../rules/fhir/json.ts';
import { joinPages, joinRest, selfLink } from './bundle.ts';
import { type FurtherPages, readFurtherPages, type Searching, searchFirstPage } from './fhir-search.ts';
import { type MissingData, ReadFailed } from './missing-data.ts';
import { atOrigin } from './next-page.ts';
import type { ReferredReader } from './referred-reader.ts';

/**
 * Templates of types that many servers do not have: statements, whose medications are requests then, and what adds to
 * lists of other types. Where a server has none, that is as if nobody had asked.
 */
export const dispensable: ReadonlySet<string> = new Set([
  'medicationStatements',
  'pastMedicationStatements',
  'medicationAdministrations',
  'procedures',
]);

/** What came after a first page. */
export interface Followed {
  came: boolean;
  isWhole: boolean;
}

const typeOf = (query: string): string => query.split('?')[0] ?? '';

/** A line to the operator: what happened, without anything of a patient. */
export type Report = (event: string, detail: Record<string, string | number>) => void;

export function createTemplateReader(options: {
  searching: Searching;
  /** Told of every page, since it may refer to drugs. */
  referred: Pick<ReferredReader, 'beginReading'>;
  unread: Pick<MissingData, 'add'>;
  report: Report;
}) {
  const { searching, referred, unread, report } = options;
  const { client, known } = searching;
  /** Answers by the key of their template. */
  const resources: Record<string, Json> = {};
  /** Keys of templates that were not answered. */
  const failed: string[] = [];

  const rest = (first: Json, at: URL): Promise<FurtherPages> =>
    readFurtherPages(client, first, at, (page) => referred.beginReading(page));

  function noteRest(key: string, why: string | null): void {
    if (why) unread.add(`the rest of ${key}`, why);
  }

  /** @returns whether it was answered as a whole */
  async function search(key: string, query: string): Promise<boolean> {
    const { first, url, withoutPanels } = await searchFirstPage(searching, query);
    if (withoutPanels)
      unread.add(`what stands inside of panels, of ${key},`, 'it is not searched by combo-code');
    referred.beginReading(first);
    const { pages, why } = await rest(first, url);
    noteRest(key, why);
    resources[key] = joinPages([first, ...pages], why === null, typeOf(query));
    return why === null;
  }

  function giveUp(key: string, type: string, { message, hasNone, status }: ReadFailed): void {
    unread.add(key, message);
    if (!hasNone || !dispensable.has(key)) failed.push(key);
    else if (known.isFirst(`without ${type}`)) {
      report('fhir-without-type', { type, ...(status === null ? {} : { status }) });
    }
  }

  return {
    resources: resources as Readonly<Record<string, Json>>,
    failed: failed as readonly string[],

    /** Asks for one template. @returns whether there is a whole answer that may replace what came */
    async ask(key: string, query: string): Promise<boolean> {
      try {
        if (query.includes('?')) return await search(key, query);
        const [type = '', id = ''] = query.split('/');
        resources[key] = await client.read(type, id);
        return true;
      } catch (error) {
        if (!(error instanceof ReadFailed)) throw error;
        giveUp(key, typeOf(query), error);
        return false;
      }
    },

    /**
     * Reads what follows a first page that came.
     * @param query of the template it answers: its address, where it does not say its own
     * @returns whether anything did, and whether that was all
     */
    async follow(key: string, first: Json, query: string): Promise<Followed> {
      const self = selfLink(first);
      const at = self === null ? null : atOrigin(self, client.urlOf(''));
      const { pages, why } = await rest(first, at ?? client.urlOf(query));
      noteRest(key, why);
      if (pages.length > 0) resources[key] = joinRest(first, pages, why === null, typeOf(query));
      return { came: pages.length > 0, isWhole: why === null };
    },
  };
}
