/** Answering templates of a hook from a FHIR server: a read or a search for each, with all pages. */
import type { Json } from '../../rules/fhir/json.ts';
import { joinPages, matchesIn } from './bundle.ts';
import type { FhirClient } from './fhir-client.ts';
import { type FurtherPages, readFurtherPages, searchFirstPage } from './fhir-search.ts';
import { type MissingData, ReadFailed } from './missing-data.ts';
import type { ReferredReader } from './referred-reader.ts';

/** Templates that ask for statements, of what is taken and of what is over. */
const statements: ReadonlySet<string> = new Set(['medicationStatements', 'pastMedicationStatements']);

export function createTemplateReader(options: {
  client: FhirClient;
  /** Told of every page, since it may refer to drugs. */
  referred: Pick<ReferredReader, 'beginReading'>;
  unread: Pick<MissingData, 'add'>;
}) {
  const { client, referred, unread } = options;
  /** Answers by the key of their template. */
  const resources: Record<string, Json> = {};
  /** Keys of templates that were not answered. */
  const failed: string[] = [];

  const rest = (first: Json): Promise<FurtherPages> =>
    readFurtherPages(client, first, (page) => referred.beginReading(page));

  function keep(key: string, pages: readonly Json[], why: string | null): void {
    if (why) unread.add(`the rest of ${key}`, why);
    resources[key] = joinPages(pages, why === null);
  }

  return {
    resources: resources as Readonly<Record<string, Json>>,
    failed: failed as readonly string[],

    /** Asks for one template. @returns whether there is a whole answer that may replace what came */
    async ask(key: string, query: string): Promise<boolean> {
      try {
        if (!query.includes('?')) {
          const [type = '', id = ''] = query.split('/');
          resources[key] = await client.read(type, id);
          return true;
        }
        const first = await searchFirstPage(client, client.urlOf(query));
        referred.beginReading(first);
        const { pages, why } = await rest(first);
        keep(key, [first, ...pages], why);
        return why === null;
      } catch (error) {
        if (!(error instanceof ReadFailed)) throw error;
        // A server without statements keeps its medications in requests: that is as if nobody had asked.
        if (!error.unknownType || !statements.has(key)) failed.push(key);
        unread.add(key, error.message);
        return false;
      }
    },

    /** Reads what follows a first page that came. @returns whether anything did */
    async follow(key: string, first: Json): Promise<boolean> {
      const { pages, why } = await rest(first);
      const [next, ...others] = pages;
      if (next) {
        // Of the total, what the first page holds has come.
        const total =
          typeof first.total === 'number' ? Math.max(0, first.total - matchesIn(first)) : undefined;
        keep(key, [{ ...next, total }, ...others], why);
      } else if (why) unread.add(`the rest of ${key}`, why);
      return next !== undefined;
    },
  };
}
