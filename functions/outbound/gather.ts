/**
 * What prefetch lacks, read from the EHR's FHIR server (https://cds-hooks.hl7.org/2.0/#fhir-resource-access): only
 * what the rules of the hook need, in parallel, within a deadline. What is not there by then is said to be missing,
 * and the rules that need it are indeterminate.
 *
 * The access token is used for this one request, goes to the FHIR server it came with and to no other origin, and is
 * in no notice, record or line of output. See docs/gathering.md.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { asArray, asObject, asString, isObject, type Json } from '../../rules/fhir/json.ts';
import { type Notice, type NoticeCode, notice } from '../../rules/fhir/notice.ts';
import { normalReference } from '../../rules/fhir/reference.ts';
import {
  answerTo,
  type GatheredData,
  type HookContext,
  isFhirId,
  pastStatuses,
  patientIdOf,
} from '../../rules/intake/intake.ts';
import { loadUndici } from './agent.ts';
import { type FetchResponse as Answered, type FetchJson, fetchJson } from './fetch.ts';
import { pathOf, type Server, type Servers, serverOf } from './fhir-access.ts';
import { OutboundError, outboundCodes } from './outbound-error.ts';

/** Of a CDS Hooks request, what gathering needs. Nothing of it is validated yet. */
export interface GatherRequest {
  context: HookContext & { dispatchedOrders?: unknown };
  prefetch: unknown;
  fhirServer: unknown;
  fhirAuthorization: unknown;
}

export interface FetchOptions {
  /** Prefetch templates of the hook: key to query with tokens. */
  templates: Readonly<Record<string, string>>;
  servers: Servers;
  /** Whether a registered server may be one of this machine, also by plain http. */
  loopback: boolean;
  /** For everything that is read, in milliseconds. */
  deadlineMs: number;
  /** Largest answer, in bytes, and beyond which no further page is asked for. */
  maxBytes: number;
  /** Ends with the request. */
  signal: AbortSignal;
  fetchJson?: FetchJson;
}

export interface GatherResult {
  /** What came, without what a fresh answer replaces. */
  prefetch: unknown;
  fetched: GatheredData;
}

const maxPages = 10;
/** Templates that ask for statements, of what is taken and of what is over. */
const statements: ReadonlySet<string> = new Set(['medicationStatements', 'pastMedicationStatements']);
/**
 * Resources that are only referred to. What is over has a number of its own, so that a long history does not keep
 * out what is taken.
 */
const most = { medications: 40, pastMedications: 40, dispatchedOrders: 20 } as const;
type Referred = keyof typeof most;
const kinds: Readonly<Record<Referred, string>> = {
  medications: 'Medication resources',
  pastMedications: 'Medication resources of past therapy',
  dispatchedOrders: 'dispatched orders',
};
/** As what a drug of past therapy is read; null where no rule of the hook looks back, by its templates. */
const pastOf = ({ templates }: Pick<FetchOptions, 'templates'>): 'pastMedications' | null =>
  Object.hasOwn(templates, 'pastMedicationRequests') ? 'pastMedications' : null;
/** A server that says it is busy gets this long, in milliseconds, before the one retry. */
const pause = 50;

/**
 * @throws Refused (intake.ts) 400 without a usable `context.patientId`
 */
export async function gather(request: GatherRequest, means: FetchOptions): Promise<GatherResult> {
  patientIdOf(request.context);
  const prefetch = asObject(request.prefetch) ?? {};
  const notices: Notice[] = [];
  const say = (code: NoticeCode, message: string): void => {
    notices.push(notice(code, null, message));
  };
  const asIs = (): GatherResult => ({
    prefetch: request.prefetch,
    fetched: { resources: {}, failed: [], notices },
  });
  if (request.fhirServer === undefined && request.fhirAuthorization !== undefined) {
    say('fhir-server-unusable', 'an access token came without `fhirServer`: it was not used');
    return asIs();
  }
  if (request.fhirServer === undefined || request.fhirServer === null) return asIs();
  const wanted = wantedOf(request.context, prefetch, means.templates);
  if (wanted.asked.length + wanted.pages.length + wanted.references.length === 0) return asIs();

  const server = serverOf(request, means.servers);
  if ('unusable' in server) {
    say(server.unusable, server.why);
    return asIs();
  }
  // Once in the life of a process; the deadline is for the server, not for that.
  await loadUndici();
  const reading = new SearchReader(server, means, wanted.known);
  const kept: Record<string, unknown> = { ...prefetch };
  await Promise.all([
    ...wanted.asked.map(async ({ key, query, replaces }) => {
      if ((await reading.ask(key, query)) && replaces) delete kept[key];
    }),
    ...wanted.pages.map(async ({ key, at, first }) => {
      if (await reading.follow(key, first)) kept[at] = withoutNext(first);
    }),
    ...wanted.references.map(({ key, reference }) => reading.readReference(key, reference)),
  ]);
  return { prefetch: kept, fetched: await reading.done(notices, Object.keys(means.templates)) };
}

interface MissingData {
  /** Templates to ask afresh; `replaces`: what came under this key is a defective answer to the same question. */
  asked: { key: string; query: string; replaces: boolean }[];
  /** Bundles of the prefetch, at key `at`, with a further page. */
  pages: { key: string; at: string; first: Json }[];
  /** Orders and definitions of drugs that are only referred to. */
  references: { key: Referred; reference: string }[];
  /** References of all that came. */
  known: Set<string>;
}

function wantedOf(
  context: GatherRequest['context'],
  prefetch: Json,
  templates: Readonly<Record<string, string>>,
): MissingData {
  const wanted: MissingData = { asked: [], pages: [], references: [], known: new Set() };
  const sent = Object.keys(prefetch);
  for (const [key, template] of Object.entries(templates)) {
    const query = filled(template, context);
    // A template about an encounter, outside of one.
    if (query === null) continue;
    const answerOf = (name: string): 'whole' | 'part' | 'none' =>
      answerTo({ key, query }, name, prefetch[name]);
    // Nearly always it is there under its own key, and then no other need be looked at.
    const own = Object.hasOwn(prefetch, key) ? answerOf(key) : 'none';
    if (own === 'whole') continue;
    const others = sent.filter((name) => name !== key).map((name) => ({ name, answer: answerOf(name) }));
    if (others.some(({ answer }) => answer === 'whole')) continue;
    const paged = [{ name: key, answer: own }, ...others].flatMap(({ name, answer }) => {
      const first = asObject(prefetch[name]);
      return answer === 'part' && first && nextLink(first) !== null ? [{ at: name, first }] : [];
    })[0];
    if (paged) wanted.pages.push({ key, ...paged });
    else {
      const isOutcome = asObject(prefetch[key])?.resourceType === 'OperationOutcome';
      const replaces = own === 'part' || isOutcome;
      wanted.asked.push({ key, query, replaces });
    }
  }
  const ofNow = Object.values(context).flatMap((value) => resourcesOf(value));
  const ofRecord = Object.values(prefetch).flatMap((value) => resourcesOf(value));
  for (const { reference } of [...ofNow, ...ofRecord]) if (reference) wanted.known.add(reference);
  const dispatched = Array.isArray(context.dispatchedOrders) ? context.dispatchedOrders : [];
  for (const reference of dispatched) {
    const name = normalReference(reference);
    if (typeof reference === 'string' && name && !wanted.known.has(name)) {
      wanted.references.push({ key: 'dispatchedOrders', reference });
    }
  }
  const past = pastOf({ templates });
  const referred = [
    ...ofNow.map(({ resource }) => medicationOf(resource, 'medications')),
    ...ofRecord.map(({ resource }) => medicationOf(resource, past)),
  ];
  for (const one of referred) {
    const name = normalReference(one?.reference);
    if (one && name && !wanted.known.has(name)) wanted.references.push(one);
  }
  return wanted;
}

const tokens = /\{\{context\.(\w+)\}\}/g;

/** A template with its tokens replaced by ids of the context; null where one is missing or is no id. */
function filled(template: string, context: object): string | null {
  let usable = true;
  const query = template.replaceAll(tokens, (_, field: string) => {
    const value = asString(Object.entries(context).find(([name]) => name === field)?.[1]);
    const id = value?.replace(/^[A-Z][A-Za-z]+\//, '') ?? '';
    if (!isFhirId(id)) usable = false;
    return encodeURIComponent(id);
  });
  return usable ? query : null;
}

/** The resources in a resource or bundle, with what they may be called by. */
function resourcesOf(value: unknown, depth = 0): { resource: Json; reference: string | null }[] {
  if (!isObject(value) || depth > 3) return [];
  const isBundle = value.resourceType === 'Bundle' || (value.resourceType === undefined && value.entry);
  if (!isBundle) {
    const [type, id] = [asString(value.resourceType), asString(value.id)];
    return [{ resource: value, reference: type && id ? `${type}/${id}` : null }];
  }
  return asArray(value.entry).flatMap((entry) => {
    const inside = resourcesOf(entry.resource, depth + 1);
    const [only] = inside;
    const url = normalReference(entry.fullUrl);
    return only && url && inside.length === 1 ? [...inside, { resource: {}, reference: url }] : inside;
  });
}

const neverTaken = new Set(['cancelled', 'entered-in-error', 'not-taken']);
const given = new Set(['MedicationAdministration', 'MedicationDispense']);

/**
 * What a request or statement that may count refers to for its drug, R4 or R5; null where it names the drug itself.
 * @param past as what one with a status of past therapy counts: an order of this moment is none; null: not at all
 */
function medicationOf(
  resource: Json,
  past: 'medications' | 'pastMedications' | null,
): { key: 'medications' | 'pastMedications'; reference: string } | null {
  const type = asString(resource.resourceType) ?? '';
  const status = asString(resource.status) ?? '';
  if (type !== 'MedicationRequest' && type !== 'MedicationStatement' && !given.has(type)) return null;
  const key = pastStatuses.has(status) || given.has(type) ? past : 'medications';
  if (neverTaken.has(status) || key === null) return null;
  const r5 = asObject(resource.medication);
  if (asObject(resource.medicationCodeableConcept) ?? asObject(r5?.concept)) return null;
  const reference = asString((asObject(resource.medicationReference) ?? asObject(r5?.reference))?.reference);
  if (!reference || /^(#|urn:)/.test(reference)) return null;
  return { key, reference };
}

const nextLink = (bundle: Json): string | null =>
  asString(asArray(bundle.link).find((link) => link.relation === 'next' || link.rel === 'next')?.url);

/** A first page whose others were read: what is still missing of it, the others say. */
function withoutNext(bundle: Json): Json {
  const { total: _, ...page } = bundle;
  return {
    ...page,
    link: asArray(bundle.link).filter((link) => link.relation !== 'next' && link.rel !== 'next'),
  };
}

const matchesIn = (bundle: Json): number =>
  asArray(bundle.entry).filter(
    (entry) =>
      asObject(entry.search)?.mode !== 'include' &&
      asObject(entry.resource)?.resourceType !== 'OperationOutcome',
  ).length;

/** Why something could not be read, as a sentence. */
class SearchFailed extends Error {
  /** The server has no such kind of data. */
  readonly unknownType: boolean;
  constructor(why: string, unknownType = false) {
    super(why);
    this.unknownType = unknownType;
  }
}

class SearchReader {
  readonly #server: Server;
  readonly #means: FetchOptions;
  readonly #signal: AbortSignal;
  readonly #resources: Record<string, unknown> = {};
  readonly #failed: string[] = [];
  /** What could not be read, by the reason. */
  readonly #unread = new Map<string, string[]>();
  /** References of all that came or was asked for. */
  readonly #known: Set<string>;
  readonly #count: Record<Referred, number> = { medications: 0, pastMedications: 0, dispatchedOrders: 0 };
  /** References beyond what is read of their kind; what is taken may refer to the same as what is over. */
  readonly #beyond = new Map<string, Referred>();
  /** Drugs of what was read: nobody waits for them but the end. */
  readonly #definitions: Promise<void>[] = [];
  #bytes = 0;

  constructor(server: Server, means: FetchOptions, known: ReadonlySet<string>) {
    this.#server = server;
    this.#means = means;
    this.#known = new Set(known);
    this.#signal = AbortSignal.any([means.signal, AbortSignal.timeout(means.deadlineMs)]);
  }

  /** Asks for one template. @returns whether there is a whole answer that may replace what came */
  async ask(key: string, query: string): Promise<boolean> {
    const url = this.#under(query);
    try {
      if (!query.includes('?')) {
        const [type = '', id = ''] = query.split('/');
        this.#resources[key] = await this.#read(url, type, id);
        return true;
      }
      const first = await this.#search(url);
      const { pages, why } = await this.#rest(first);
      this.#keep(key, [first, ...pages], why);
      return why === null;
    } catch (error) {
      this.#lose(key, error);
      return false;
    }
  }

  /** Reads what follows a first page. @returns whether anything did */
  async follow(key: string, first: Json): Promise<boolean> {
    const { pages, why } = await this.#rest(first);
    const [next] = pages;
    if (next) {
      const total = typeof first.total === 'number' ? Math.max(0, first.total - matchesIn(first)) : undefined;
      this.#keep(key, [{ ...next, total }, ...pages.slice(1)], why);
    } else if (why) this.#note(`the rest of ${key}`, why);
    return next !== undefined;
  }

  /** Reads one resource that is only referred to. */
  async readReference(kind: Referred, reference: string): Promise<void> {
    const name = normalReference(reference);
    const [type = '', id = ''] = name?.split('/') ?? [];
    const key = kind === 'dispatchedOrders' ? kind : 'medications';
    const expected = key === 'medications' ? ['Medication'] : ['MedicationRequest', 'ServiceRequest'];
    if (name === null || this.#known.has(name) || !expected.includes(type)) return;
    if (this.#count[kind] >= most[kind]) {
      this.#beyond.set(name, kind);
      return;
    }
    this.#known.add(name);
    this.#count[kind] += 1;
    const url = this.#under(`${type}/${encodeURIComponent(id)}`);
    const isAbsolute = /^[a-z][a-z0-9+.-]*:/i.test(reference);
    if (!isFhirId(id) || (isAbsolute && !reference.startsWith(`${this.#under('').href}`))) {
      this.#note(kinds[kind], 'the reference leads to another server');
      return;
    }
    try {
      const resource = await this.#read(url, type, id);
      const bundle = asObject(this.#resources[key]);
      const entry = [...asArray(bundle?.entry), { fullUrl: url.href, resource }];
      this.#resources[key] = { resourceType: 'Bundle', type: 'collection', entry };
      this.#readDefinitions(resource, 'medications');
    } catch (error) {
      if (!(error instanceof SearchFailed)) throw error;
      this.#note(kinds[kind], error.message);
    }
  }

  /** What was read, in the order of the templates, and one notice for each reason why something was not. */
  async done(notices: readonly Notice[], order: readonly string[]): Promise<GatheredData> {
    // A definition leads to no further one: what is read by now is all.
    await Promise.all(this.#definitions);
    for (const [name, kind] of this.#beyond) {
      if (!this.#known.has(name)) this.#note(kinds[kind], `no more than ${most[kind]} are read`);
    }
    const keys = [...order, 'dispatchedOrders', 'medications'].filter((key) => key in this.#resources);
    const resources = Object.fromEntries(keys.map((key) => [key, sorted(this.#resources[key])]));
    const unread = [...this.#unread].sort().map(([why, names]) => {
      const list = [...new Set(names)].sort().join(', ');
      const count = list.includes(',') ? '' : names.length > 1 ? ` (${names.length})` : '';
      return notice(
        'fhir-fetch-failed',
        null,
        `${list}${count} could not be read from the FHIR server: ${why}`,
      );
    });
    return { resources, failed: this.#failed.sort(), notices: [...notices, ...unread] };
  }

  #under(path: string): URL {
    const [resource = '', query] = path.split('?');
    const { base } = this.#server;
    const url = new URL(`${base.origin}${pathOf(base)}/${resource}`);
    // Of what a query needs, a vertical bar is not let through by every server.
    if (query !== undefined) url.search = query.replaceAll('|', '%7C');
    return url;
  }

  #note(what: string, why: string): void {
    this.#unread.set(why, [...(this.#unread.get(why) ?? []), what]);
  }

  #lose(key: string, error: unknown): void {
    if (!(error instanceof SearchFailed)) throw error;
    // A server without statements keeps its medications in requests: that is as if nobody had asked.
    if (!error.unknownType || !statements.has(key)) this.#failed.push(key);
    this.#note(key, error.message);
  }

  #keep(key: string, pages: readonly Json[], why: string | null): void {
    const [first = {}] = pages;
    const last = pages.at(-1) ?? {};
    const link = asArray(first.link).filter(({ relation }) => relation === 'self');
    const next = why === null ? [] : [{ relation: 'next', url: nextLink(last) ?? '' }];
    if (why) this.#note(`the rest of ${key}`, why);
    this.#resources[key] = {
      resourceType: 'Bundle',
      type: 'searchset',
      ...(typeof first.total === 'number' ? { total: first.total } : {}),
      link: [...link, ...next],
      entry: pages.flatMap(({ entry }) => asArray(entry)),
    };
  }

  /** One read of one resource. @throws Unread */
  async #read(url: URL, type: string, id: string): Promise<Json> {
    const { status, json } = await this.#get(url);
    if (status !== 200) throw new SearchFailed(refusalOf(status));
    if (!isObject(json) || json.resourceType !== type)
      throw new SearchFailed('the answer is not what was asked for');
    // Another patient than was asked for is left out later, with a notice of its own.
    if (type !== 'Patient' && json.id !== id) throw new SearchFailed('the answer is not what was asked for');
    return json;
  }

  /** The first page of a search. @throws Unread */
  async #search(url: URL): Promise<Json> {
    let answer = await this.#get(url);
    if (answer.status === 400 || answer.status === 422) {
      const simpler = simplerThan(url);
      if (simpler) answer = await this.#get(simpler);
    }
    const { status, json } = answer;
    if (status === 404) throw new SearchFailed('it does not know this kind of resource (status 404)', true);
    if (status !== 200) throw new SearchFailed(refusalOf(status));
    if (!isObject(json) || json.resourceType !== 'Bundle') {
      throw new SearchFailed('the answer is not what was asked for');
    }
    this.#readDefinitions(json);
    return json;
  }

  /** The pages after the first one, and why there are no more; null when that was all. */
  async #rest(first: Json): Promise<{ pages: Json[]; why: string | null }> {
    const pages: Json[] = [];
    const seen = new Set<string>();
    for (let page = first; ; ) {
      const link = nextLink(page);
      if (link === null) return { pages, why: null };
      const base = this.#under('');
      const url = URL.canParse(link, base.href) ? new URL(link, base) : null;
      if (!url || url.origin !== base.origin) return { pages, why: 'the further page is on another server' };
      if (seen.has(url.href)) return { pages, why: 'the further page leads back to an earlier one' };
      if (pages.length + 1 >= maxPages) return { pages, why: `no more than ${maxPages} pages are read` };
      if (this.#bytes > this.#means.maxBytes) return { pages, why: 'more data than is read' };
      seen.add(url.href);
      try {
        const { status, json } = await this.#get(url);
        if (status !== 200) return { pages, why: refusalOf(status) };
        if (!isObject(json) || json.resourceType !== 'Bundle') {
          return { pages, why: 'the answer is not what was asked for' };
        }
        page = json;
      } catch (error) {
        if (error instanceof SearchFailed) return { pages, why: error.message };
        throw error;
      }
      pages.push(page);
      this.#readDefinitions(page);
    }
  }

  /** Begins to read the drugs that requests and statements in an answer only refer to. */
  #readDefinitions(answer: Json, past: Parameters<typeof medicationOf>[1] = pastOf(this.#means)): void {
    const came = resourcesOf(answer);
    for (const { resource, reference } of came) {
      if (reference && resource.resourceType === 'Medication') this.#known.add(reference);
    }
    for (const { resource } of came) {
      const referred = medicationOf(resource, past);
      if (referred === null) continue;
      const reading = this.readReference(referred.key, referred.reference);
      // It is awaited at the end; until then its failure must not be an unhandled one.
      reading.catch(() => undefined);
      this.#definitions.push(reading);
    }
  }

  /** One GET, tried a second time where the server was not reached or busy. @throws Unread */
  async #get(url: URL): Promise<Answered> {
    const fetching = {
      allowed: ({ origin }: URL) => origin === this.#server.base.origin,
      headers: this.#server.headers,
      maxBytes: this.#means.maxBytes,
      signal: this.#signal,
      loopback: this.#means.loopback || this.#means.servers === 'loopback',
    };
    const { fetchJson: call = fetchJson } = this.#means;
    for (let attempt = 1; ; attempt += 1) {
      try {
        const answer = await call(url, fetching);
        this.#bytes += answer.bytes;
        if (answer.status !== 503 || attempt > 1 || this.#signal.aborted) return answer;
        await sleep(pause, undefined, { signal: this.#signal }).catch(() => undefined);
      } catch (error) {
        if (!(error instanceof OutboundError)) throw error;
        if (error.code !== 'unreachable' || attempt > 1) throw new SearchFailed(outboundCodes[error.code]);
      }
    }
  }
}

const refusalOf = (status: number): string =>
  status === 401 || status === 403
    ? `it does not allow that with this access token (status ${status})`
    : `it answered with status ${status}`;

/** Entries in an order that does not depend on which answer came first. */
function sorted(answer: unknown): unknown {
  if (!isObject(answer) || answer.type !== 'collection') return answer;
  const entry = [...asArray(answer.entry)].sort((a, b) => (String(a.fullUrl) < String(b.fullUrl) ? -1 : 1));
  return { ...answer, entry };
}

/** The same search without what a server may refuse: it finds as much or more. Null where nothing can be left out. */
function simplerThan(url: URL): URL | null {
  const parts = url.search.slice(1).split('&');
  const kept = parts.filter((part) => !/^(_sort|_count|status)=/.test(part));
  if (kept.length === parts.length) return null;
  const simpler = new URL(url);
  simpler.search = kept.join('&');
  return simpler;
}
