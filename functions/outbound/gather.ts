/**
 * What prefetch lacks, read from the EHR's FHIR server (https://cds-hooks.hl7.org/2.0/#fhir-resource-access): only
 * what the rules of the hook need, in parallel, within a deadline. What is not there by then is said to be missing,
 * and the rules that need it are indeterminate.
 *
 * The access token is used for this one request, goes to the FHIR server it came with and to no other origin, and is
 * in no notice, record or line of output. See docs/gathering.md. What is read: plan.ts.
 */
import { asObject } from '../../rules/fhir/json.ts';
import { type NoticeCode, notice } from '../../rules/fhir/notice.ts';
import { patientIdOf } from '../../rules/intake/identity.ts';
import type { GatheredData } from '../../rules/intake/types.ts';
import { loadUndici } from './agent.ts';
import { withoutNext } from './bundle.ts';
import { unlistedIn } from './capability.ts';
import { findOrders } from './dispatched-orders.ts';
import type { FetchJson } from './fetch.ts';
import { type Server, type Servers, serverOf } from './fhir-access.ts';
import { createFhirClient } from './fhir-client.ts';
import type { Searching } from './fhir-search.ts';
import type { Templates } from './missing.ts';
import { createMissingData } from './missing-data.ts';
import { inOrder, isEmptyPlan, planReads, tasksOf } from './plan.ts';
import { readCapabilityOnce } from './read-capability.ts';
import { pastKindOf, type ReferencingContext } from './references.ts';
import { createReferredReader } from './referred-reader.ts';
import { type KnownServer, type ServerMemory, serverMemory } from './server-memory.ts';
import { createTemplateReader, type Report } from './template-reader.ts';

/** Of a CDS Hooks request, what gathering needs. Nothing of it is validated yet. */
export interface GatherRequest {
  context: ReferencingContext;
  prefetch: unknown;
  fhirServer: unknown;
  fhirAuthorization: unknown;
}

export interface GatherOptions {
  /** Prefetch templates of the hook: key to query with tokens. */
  templates: Templates;
  servers: Servers;
  /** Whether a registered server may be one of this machine, also by plain http. */
  loopback: boolean;
  /** For everything that is read, in milliseconds. */
  deadlineMs: number;
  /** Largest answer, in bytes, and beyond which no further page is asked for. */
  maxBytes: number;
  /** Ends with the request. */
  signal: AbortSignal;
  /** Keys of the templates, what the gravest rules need first (reading-order.ts). */
  order?: readonly string[];
  /** A line to the operator. */
  report?: Report;
  /** What is known of servers; of this process unless given. */
  memory?: ServerMemory;
  fetchJson?: FetchJson;
}

export interface GatherResult {
  /** What came, without what a fresh answer replaces. */
  prefetch: unknown;
  fetched: GatheredData;
}

/** Milliseconds for finding out what a server takes that refused a search: the next hook asks right at once. */
const learningMs = 5000;

const withLoopback = (options: GatherOptions): GatherOptions => ({
  ...options,
  loopback: options.loopback || options.servers === 'loopback',
});

/** What the searches of one request are made with. */
function searchingAt(server: Server, options: GatherOptions): Searching {
  const calling = withLoopback(options);
  return {
    client: createFhirClient(server, calling),
    learner: createFhirClient(server, { ...calling, deadlineMs: Math.max(learningMs, options.deadlineMs) }),
    known: (options.memory ?? serverMemory).of(server.base),
  };
}

/** What a server does not list is asked all the same: where something is missing, the operator knows where to look. */
function reportUnlisted(known: KnownServer, templates: Templates, report: Report = () => {}): void {
  const capability = known.capability();
  const unlisted = capability && unlistedIn(capability, templates);
  if (unlisted && known.isFirst('fhir-capability')) report('fhir-capability', unlisted);
}

/**
 * @throws Refused (intake.ts) 400 without a usable `context.patientId`
 */
export async function gather(request: GatherRequest, options: GatherOptions): Promise<GatherResult> {
  patientIdOf(request.context);
  const { templates } = options;
  const prefetch = asObject(request.prefetch) ?? {};
  /** What came, with what there is to say about the server. */
  const asIs = (...said: [code: NoticeCode, message: string][]): GatherResult => ({
    prefetch: request.prefetch,
    fetched: {
      resources: {},
      failed: [],
      notices: said.map(([code, message]) => notice(code, null, message)),
    },
  });
  if (request.fhirServer === undefined && request.fhirAuthorization !== undefined) {
    return asIs(['fhir-server-unusable', 'an access token came without `fhirServer`: it was not used']);
  }
  if (request.fhirServer === undefined || request.fhirServer === null) return asIs();
  const plan = planReads(request.context, prefetch, templates);
  if (isEmptyPlan(plan)) return asIs();
  const server = serverOf(request, options.servers);
  if ('unusable' in server) return asIs([server.unusable, server.why]);

  // Once in the life of a process; the deadline is for the server, not for that.
  await loadUndici();
  const searching = searchingAt(server, options);
  const { client, known } = searching;
  const unread = createMissingData();
  const referred = createReferredReader({
    client,
    known: plan.known,
    past: pastKindOf(templates),
    unread,
    findOrders: (ids) => findOrders(searching, ids),
  });
  const reader = createTemplateReader({ searching, referred, unread, report: options.report ?? (() => {}) });
  const kept: Record<string, unknown> = { ...prefetch };
  const tasks = tasksOf(plan, {
    search: async ({ key, query, replaces }) => {
      if ((await reader.ask(key, query)) && replaces) delete kept[key];
    },
    follow: async ({ key, at, first, query }) => {
      const { came, isWhole } = await reader.follow(key, first, query);
      if (came) kept[at] = withoutNext(first, isWhole);
    },
    read: (reference) => referred.read(reference),
    readOrders: (orders) => referred.readOrders(orders),
  });
  const reading = inOrder(tasks, options.order ?? []).map(({ begin }) => begin());
  // Beside it, for the next hooks: nobody waits for it.
  void readCapabilityOnce(server.base, known, withLoopback(options)).then(() =>
    reportUnlisted(known, templates, options.report),
  );
  await Promise.all(reading);
  const definitions = await referred.done();
  // In the order of the templates, whichever answer came first.
  const answered = Object.keys(templates).flatMap((key) => {
    const answer = reader.resources[key];
    return answer ? [[key, answer] as const] : [];
  });
  const resources = { ...Object.fromEntries(answered), ...definitions };
  const fetched = { resources, failed: [...reader.failed].sort(), notices: unread.notices() };
  return { prefetch: kept, fetched };
}
