/**
 * One query of discovery, tried on a FHIR server as the service asks it: what the server understood, refused and
 * ignored, and what the service takes the answer for.
 */
import { matchesIn, nextLink } from '../functions/outbound/bundle.ts';
import type { FhirClient } from '../functions/outbound/fhir-client.ts';
import { atOrigin } from '../functions/outbound/next-page.ts';
import { isRefusal } from '../functions/outbound/refusal.ts';
import { createServerMemory } from '../functions/outbound/server-memory.ts';
import { createTemplateReader } from '../functions/outbound/template-reader.ts';
import type { Json } from '../rules/fhir/json.ts';
import { longestLookBack } from '../rules/intake/unread.ts';
import {
  type Drugs,
  drugsIn,
  type Ignored,
  ignoredParts,
  isAllBefore,
  isNewestFirst,
} from './doctor-ignored.ts';
import { type Reading, readAnswer, type Subject } from './doctor-reading.ts';

/** A query of discovery with the patient in it, and the keys that ask it. */
export interface Question {
  keys: readonly string[];
  /** In the shape of no client. */
  template: string;
  query: string;
}

/** What came of one query. */
export interface Tried extends Question {
  /** `lost`: data that the rules need cannot be read. `none`: the server is taken for one without such data. */
  extent: 'whole' | 'part' | 'none' | 'lost';
  /** Why it is not whole, as clauses. */
  why: readonly string[];
  /** Of the first answer where the server refused the query as it stands. */
  refusedWith: number | null;
  /** Names of the parameters that it refused. */
  refused: readonly string[];
  /** Results inside of panels are not found. */
  isWithoutPanels: boolean;
  ignored: readonly Ignored[];
  results: number;
  pages: number;
  /** Pages that hold what rules look back to; all of them where they did not come newest first. */
  pagesNeeded: number;
  /** Null where too few results are dated to tell. */
  isNewestFirst: boolean | null;
  drugs: Drugs;
  /** Of the first answer. */
  milliseconds: number;
  /** The longest of the answers, in milliseconds. */
  slowest: number;
  /** All of its pages, or the resource; null where there is none. */
  answer: Json | null;
}

const nothing = {
  extent: 'lost',
  why: [],
  refusedWith: null,
  refused: [],
  isWithoutPanels: false,
  ignored: [],
  results: 0,
  pages: 0,
  pagesNeeded: 0,
  isNewestFirst: null,
  drugs: { referred: 0, absent: 0 },
  milliseconds: 0,
  slowest: 0,
  answer: null,
} as const satisfies Omit<Tried, keyof Question>;

export const nameOf = (part: string): string => part.split('=')[0] ?? '';

/** Of these nothing is read that is older than rules look back. */
const datedTypes = /^(?:Observation|MedicationAdministration)\?/;

interface Answered {
  url: URL;
  status: number;
  json: unknown;
  milliseconds: number;
}

/** A client that keeps what it was answered with, and how long the first call took. */
function watched(client: FhirClient) {
  const answers: Answered[] = [];
  const times: number[] = [];
  const timed = async <T>(call: () => Promise<T>): Promise<T> => {
    const started = performance.now();
    try {
      return await call();
    } finally {
      times.push(Math.round(performance.now() - started));
    }
  };
  const get: FhirClient['get'] = async (url, ...means) => {
    const answer = await timed(() => client.get(url, ...means));
    answers.push({ url, status: answer.status, json: answer.json, milliseconds: times.at(-1) ?? 0 });
    return answer;
  };
  const read: FhirClient['read'] = (type, id) => timed(() => client.read(type, id));
  return { client: { ...client, get, read }, answers, times };
}

/**
 * Reads a template as the service does.
 * @returns what came of it, each page of a search as it came, what was refused, and what could not be read and why
 */
async function readTemplate(client: FhirClient, key: string, query: string) {
  // A memory of its own for each: what one query taught would hide what the next is answered.
  const known = createServerMemory().of(client.base);
  const learnt = new Set<string>();
  const learn: typeof known.learn = (type, parts, ...means) => {
    for (const part of parts) learnt.add(nameOf(part));
    known.learn(type, parts, ...means);
  };
  const pages: Json[] = [];
  const unread: { what: string; why: string }[] = [];
  let isNone = false;
  const reader = createTemplateReader({
    searching: { client, learner: client, known: { ...known, learn } },
    referred: { beginReading: (page) => void pages.push(page) },
    unread: { add: (what, why) => void unread.push({ what, why }) },
    report: (event) => {
      if (event === 'fhir-without-type') isNone = true;
    },
  });
  await reader.ask(key, query);
  const names = query.split('?')[1]?.split('&').map(nameOf) ?? [];
  const refused = names.filter((name) => learnt.has(name));
  return { answer: reader.resources[key] ?? null, pages, unread, refused, isNone };
}
type Read = Awaited<ReturnType<typeof readTemplate>>;

/** The first page and what follows it: a search for components may run beside it. */
function chainOf(pages: readonly Json[], answers: readonly Answered[]): (Answered & { json: Json })[] {
  const answered = pages.flatMap((json) => {
    const one = answers.find((answer) => answer.json === json);
    return one ? [{ ...one, json }] : [];
  });
  const chain: typeof answered = [];
  for (let [page] = answered; page !== undefined && !chain.includes(page); ) {
    chain.push(page);
    const next = nextLink(page.json);
    const href = next === null ? null : atOrigin(next, page.url)?.href;
    page = answered.find(({ url }) => url.href === href);
  }
  return chain;
}

const extents = { whole: 'whole', part: 'part', 'of another patient': 'lost' } as const;
const readAsSaid = ({ extent, why }: Reading): Pick<Tried, 'extent' | 'why'> => ({
  extent: extents[extent],
  why: extent === 'of another patient' ? ['it is of another patient: the server ignores `patient`'] : why,
});

/** How many pages hold what rules look back to. */
function pagesNeeded(query: string, pages: readonly Json[], inOrder: boolean | null, now: number): number {
  if (inOrder !== true || !datedTypes.test(query)) return pages.length;
  const enough = pages.findIndex((page) => isAllBefore(page, now - longestLookBack));
  return enough === -1 ? pages.length : enough + 1;
}

/** What a failure means: for some kinds of data, a server that has none. */
function failed(question: Question, { unread, isNone }: Read, status: number): Pick<Tried, 'extent' | 'why'> {
  const why = unread.map((one) => one.why).join(', ');
  const reason = isRefusal(status) ? `refused in every form (status ${status})` : why;
  const type = question.query.split(/[?/]/)[0] ?? '';
  return {
    extent: isNone ? 'none' : 'lost',
    why: [isNone ? `${reason}: taken for a server without ${type}` : reason],
  };
}

/** Why an answer is not whole, as the gathering says it, and what the service takes it for. */
function extentOf(reading: Reading, unread: Read['unread']): Pick<Tried, 'extent' | 'why'> {
  const said = readAsSaid(reading);
  if (said.extent === 'lost' || unread.length === 0) return said;
  const gathered = unread.map(({ what, why }) =>
    isOfPanels(what) ? 'what stands inside of panels alone is not found' : why,
  );
  // That there is a further page is said by why it was not read.
  const others = said.why.filter((why) => !why.includes('has a further page'));
  return { extent: 'part', why: [...gathered, ...others] };
}

const isOfPanels = (what: string): boolean => what.includes('inside of panels');

/** Tries one query of discovery. */
export async function tryQuery(client: FhirClient, question: Question, subject: Subject): Promise<Tried> {
  const { query, keys } = question;
  const watch = watched(client);
  const [key = ''] = keys;
  const read = await readTemplate(watch.client, key, query);
  const { answer, unread, refused } = read;
  const [milliseconds = 0] = watch.times;
  const status = watch.answers[0]?.status ?? 0;
  if (answer === null) {
    return {
      ...nothing,
      ...question,
      ...failed(question, read, status),
      milliseconds,
      slowest: milliseconds,
    };
  }
  const isSearch = query.includes('?');
  const chain = chainOf(read.pages, watch.answers);
  const pages = chain.map(({ json }) => json);
  const reading = readAnswer({ key, query }, answer, pages.length <= 1, subject);
  const asked = chain[0]?.url.search.slice(1) ?? '';
  const inOrder = isNewestFirst(answer);
  return {
    ...question,
    ...extentOf(reading, unread),
    refusedWith: isRefusal(status) ? status : null,
    refused,
    isWithoutPanels: unread.some(({ what }) => isOfPanels(what)),
    ignored: isSearch ? ignoredParts(asked, pages[0] ?? answer, answer, reading.ofOthers) : [],
    results: isSearch ? matchesIn(answer) : 1,
    pages: Math.max(1, pages.length),
    pagesNeeded: isSearch ? pagesNeeded(query, pages, inOrder, Date.now()) : 1,
    isNewestFirst: inOrder,
    drugs: drugsIn(answer),
    milliseconds,
    slowest: Math.max(milliseconds, ...chain.map((page) => page.milliseconds)),
    answer,
  };
}
