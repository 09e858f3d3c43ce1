/** Answering templates of a hook from a FHIR server: a read or a search for each, with all pages. */
import type { Json } from '../../rules/fhir/json.ts';
import { joinPages, joinPanels, joinRest, selfLink } from './bundle.ts';
import {
  type FurtherPages,
  readFurtherPages,
  type Searching,
  type SearchOptions,
  searchFirstPage,
} from './fhir-search.ts';
import { type MissingData, ReadFailed } from './missing-data.ts';
import { atOrigin } from './next-page.ts';
import type { ReferredReader } from './referred-reader.ts';
import { isRefusal } from './refusal.ts';
import { byComponent, isByPanels, queryWith } from './search-parameters.ts';

/**
 * Templates of types that many servers do not have: statements, whose medications are requests then, and what adds to
 * lists of other types. Where a server has none, that is as if nobody had asked.
 */
export const dispensable: ReadonlySet<string> = new Set([
  'medicationStatements',
  'pastMedicationStatements',
  'medicationAdministrations',
  'procedures',
  'serviceRequests',
]);

/** A search that was answered: why it is not whole, and whether panels were not looked into. */
interface Found {
  answer: Json;
  why: string | null;
  withoutPanels: boolean;
}

/** As what it is kept in mind that a server does not take them. */
const comboCode = 'combo-code=';
const componentCode = 'component-code=';

const withoutPanelsWhy =
  'they are searched neither by `combo-code` nor by `component-code` (`"prefetch": { "combo": false }` in the registry says that a server has no panels)';

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

  /** One search with its pages. @throws ReadFailed */
  async function searchPages(key: string, query: string, means: SearchOptions = {}): Promise<Found> {
    const { first, url, withoutPanels } = await searchFirstPage(searching, query, {
      ...means,
      mayHaveNone: dispensable.has(key),
    });
    referred.beginReading(first);
    const { pages, why } = await rest(first, url);
    const isWhole = why === null;
    return { answer: joinPages([first, ...pages], isWhole, typeOf(query)), why, withoutPanels };
  }

  /** Results by the code of a component, for a server that refuses `combo-code`; null where it refuses that, too. */
  async function searchComponents(key: string, query: string): Promise<Found | null> {
    const type = typeOf(query);
    if (!known.takes(type, componentCode)) return null;
    try {
      return await searchPages(key, byComponent(query));
    } catch (error) {
      if (!(error instanceof ReadFailed)) throw error;
      // The search is as that by `code`, but for this.
      if (error.status !== null && isRefusal(error.status)) known.learn(type, [componentCode]);
      return null;
    }
  }

  /** Two searches at the same time where the server refuses to search in results and in their panels at once. */
  async function searchPanels(key: string, query: string): Promise<Found> {
    const type = typeOf(query);
    let components: Promise<Found | null> | null = null;
    const begin = (asked: string): Promise<Found | null> => {
      components ??= searchComponents(key, asked);
      // It is awaited where it is needed; until then its failure must not be an unhandled one.
      components.catch(() => undefined);
      return components;
    };
    if (!known.takes(type, comboCode)) void begin(query);
    const byCode = await searchPages(key, query, {
      onRefusal(named) {
        // In its barest form: what else is refused is being found out beside it.
        const isOther = named.length > 0 && !named.some(isByPanels);
        if (!isOther) void begin(`${type}?${queryWith(query.split('?')[1] ?? '', isByPanels)}`);
      },
    });
    if (!byCode.withoutPanels) return byCode;
    const inPanels = await begin(query);
    if (inPanels === null) unread.add(`${key} inside of panels`, withoutPanelsWhy);
    return {
      answer: joinPanels(byCode.answer, inPanels?.answer ?? null, type),
      why: byCode.why ?? inPanels?.why ?? null,
      withoutPanels: inPanels === null,
    };
  }

  /** @returns whether it was answered as a whole */
  async function search(key: string, query: string): Promise<boolean> {
    const found = await (isByPanels(query) ? searchPanels(key, query) : searchPages(key, query));
    noteRest(key, found.why);
    resources[key] = found.answer;
    return found.why === null && !found.withoutPanels;
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
