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
import type { FetchJson } from './fetch.ts';
import { type Servers, serverOf } from './fhir-access.ts';
import { createFhirClient } from './fhir-client.ts';
import type { Templates } from './missing.ts';
import { createMissingData } from './missing-data.ts';
import { isEmptyPlan, planReads } from './plan.ts';
import { pastKindOf, type ReferencingContext } from './references.ts';
import { createReferredReader } from './referred-reader.ts';
import { createTemplateReader } from './template-reader.ts';

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
  fetchJson?: FetchJson;
}

export interface GatherResult {
  /** What came, without what a fresh answer replaces. */
  prefetch: unknown;
  fetched: GatheredData;
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
  const client = createFhirClient(server, {
    ...options,
    loopback: options.loopback || options.servers === 'loopback',
    signal: AbortSignal.any([options.signal, AbortSignal.timeout(options.deadlineMs)]),
  });
  const unread = createMissingData();
  const referred = createReferredReader({ client, known: plan.known, past: pastKindOf(templates), unread });
  const reader = createTemplateReader({ client, referred, unread });
  const kept: Record<string, unknown> = { ...prefetch };
  await Promise.all([
    ...plan.searches.map(async ({ key, query, replaces }) => {
      if ((await reader.ask(key, query)) && replaces) delete kept[key];
    }),
    ...plan.pages.map(async ({ key, at, first }) => {
      if (await reader.follow(key, first)) kept[at] = withoutNext(first);
    }),
    ...plan.references.map((one) => referred.read(one)),
  ]);
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
