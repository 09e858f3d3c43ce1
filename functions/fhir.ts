/** For auditors who speak FHIR: the decision log as AuditEvents and GuidanceResponses, R4, read only. */
import type { Bundle, BundleEntry, FhirResource } from 'fhir/r4.js';
import { handle } from 'hono/aws-lambda';
import { canonicalJson } from '../rules/digest/digest.ts';
import { accessEvent, decisionEvent, placeOfAccess } from './fhir/audit-event.ts';
import { capabilities } from './fhir/capabilities.ts';
import { type EventPage, listDecisions, listEvents } from './fhir/events.ts';
import { guidanceResponse } from './fhir/guidance-response.ts';
import { readSearch, type SearchableType } from './fhir/search.ts';
import { serviceOnAws } from './host/aws.ts';
import { Problem } from './http/outcome.ts';
import { recordAccess } from './service/access.ts';
import { decodeCursor, encodeCursor } from './service/cursor.ts';
import { type Call, callerOf, createApp, onlyMethods, type Service } from './service/service.ts';

const media = 'application/fhir+json';
/** Events in one collection: about 3 MB, which Lambda can answer. */
export const largestCollection = 500;
const decisionId = /^[0-9a-f]{32}$/;

export function fhir(service: Service) {
  const app = createApp(service);
  // Read at each call: with port 0 the address is known only once the server listens.
  const address = (): string => service.settings.baseUrl;
  app.use('/fhir/*', async (call, next) => {
    await next();
    call.res.headers.set('Content-Type', media);
  });
  const given = (call: Call, resource: FhirResource): Response =>
    call.body(JSON.stringify(resource), 200, { 'Content-Type': media });

  app.get('/fhir/metadata', (call) => given(call, capabilities(address())));

  app.get('/fhir/AuditEvent', async (call) => {
    const asked = await searchOf(call, service, 'AuditEvent');
    const { listed, next } = asked.isEmpty
      ? { listed: [], next: null }
      : await listEvents(service, asked.tenant, asked.search, asked.count, asked.after);
    await recordAccess(call, service, asked.looked('search', listed.length));
    return given(
      call,
      await asked.page(
        listed.map(({ event }) => event),
        next,
      ),
    );
  });

  app.get('/fhir/AuditEvent/$bundle', async (call) => {
    const asked = await searchOf(call, service, 'AuditEvent');
    const listed: EventPage[] = [];
    let next: string | null = asked.after;
    do {
      if (asked.isEmpty) break;
      const page = await listEvents(service, asked.tenant, asked.search, 100, next);
      listed.push(...page.listed);
      next = page.next;
      if (listed.length > largestCollection || (listed.length === largestCollection && next !== null))
        throw new Problem(
          400,
          'too-costly',
          `more than ${largestCollection} events match: narrow \`date\`, or read GET /fhir/AuditEvent page by page`,
        );
    } while (next !== null);
    await recordAccess(call, service, asked.looked('export', listed.length));
    const resources = listed.flatMap(({ event, decision }): FhirResource[] =>
      decision ? [event, guidanceResponse(decision, service.ruleset, address())] : [event],
    );
    return given(call, {
      resourceType: 'Bundle',
      type: 'collection',
      timestamp: service.now().toISOString(),
      entry: resources.map((resource) => entryOf(resource, address())),
    });
  });

  app.get('/fhir/AuditEvent/:id', async (call) => {
    const { tenant } = await callerOf(call, service);
    const id = call.req.param('id');
    const place = placeOfAccess(id);
    const access = place === null ? null : await service.log.findAccess(tenant, place);
    const decision = place === null && decisionId.test(id) ? await service.log.find(tenant, id) : null;
    if (!access && !decision) throw new Problem(404, 'not-found', 'there is no AuditEvent with this id');
    await recordAccess(call, service, {
      what: 'read',
      path: '/fhir/AuditEvent',
      patient: decision?.patient ?? null,
      ...(decision
        ? { decisionId: id }
        : access?.access.decisionId
          ? { decisionId: access.access.decisionId }
          : {}),
      count: 1,
    });
    if (decision) return given(call, decisionEvent(decision, address()));
    if (access) return given(call, accessEvent(access, address(), null));
    throw new Problem(404, 'not-found', 'there is no AuditEvent with this id');
  });

  app.get('/fhir/GuidanceResponse', async (call) => {
    const asked = await searchOf(call, service, 'GuidanceResponse');
    const { decisions, next } = asked.isEmpty
      ? { decisions: [], next: null }
      : await listDecisions(service.log, asked.tenant, asked.search, asked.count, asked.after);
    await recordAccess(call, service, asked.looked('search', decisions.length));
    const responses = decisions.map((decision) => guidanceResponse(decision, service.ruleset, address()));
    return given(call, await asked.page(responses, next));
  });

  app.get('/fhir/GuidanceResponse/:id', async (call) => {
    const { tenant } = await callerOf(call, service);
    const id = call.req.param('id');
    const decision = decisionId.test(id) ? await service.log.find(tenant, id) : null;
    if (!decision) throw new Problem(404, 'not-found', 'there is no GuidanceResponse with this id');
    await recordAccess(call, service, {
      what: 'read',
      path: '/fhir/GuidanceResponse',
      decisionId: id,
      patient: decision.patient,
      count: 1,
    });
    return given(call, guidanceResponse(decision, service.ruleset, address()));
  });

  const paths = ['metadata', 'AuditEvent', 'AuditEvent/:id', 'GuidanceResponse', 'GuidanceResponse/:id'];
  for (const path of paths) app.all(`/fhir/${path}`, onlyMethods(service, 'GET'));
  return app;
}

const entryOf = (resource: FhirResource, baseUrl: string): BundleEntry => ({
  fullUrl: `${baseUrl}/fhir/${resource.resourceType}/${resource.id}`,
  resource,
});

/** What a search asks for, where it goes on, and how its page is given. */
async function searchOf(call: Call, service: Service, resource: SearchableType) {
  const { tenant, client } = await callerOf(call, service);
  const { search, count, cursor, isEmpty } = readSearch(resource, call.req.queries());
  const { baseUrl } = service.settings;
  const bound = canonicalJson({ tenant, client, resource, search });
  const key = await service.cursorKey();
  const { patient, ...filter } = search;
  const address = (more: Record<string, string>): string => {
    const query = new URL(call.req.url).searchParams;
    query.delete('cursor');
    for (const [name, value] of Object.entries(more)) query.set(name, value);
    const text = query.toString();
    return `${baseUrl}/fhir/${resource}${text === '' ? '' : `?${text}`}`;
  };
  return {
    tenant,
    search,
    count,
    isEmpty,
    after: cursor === null ? null : decodeCursor(cursor, bound, key, service.now()),
    looked: (what: 'search' | 'export', found: number) => ({
      what,
      path: `/fhir/${resource}`,
      filter,
      patient,
      count: found,
    }),
    page: async (resources: readonly FhirResource[], next: string | null): Promise<Bundle> => ({
      resourceType: 'Bundle',
      type: 'searchset',
      timestamp: service.now().toISOString(),
      link: [
        { relation: 'self', url: address(cursor === null ? {} : { cursor }) },
        ...(next === null
          ? []
          : [{ relation: 'next', url: address({ cursor: encodeCursor(next, bound, key, service.now()) }) }]),
      ],
      ...(resources.length > 0
        ? {
            entry: resources.map((one) => ({ ...entryOf(one, baseUrl), search: { mode: 'match' as const } })),
          }
        : {}),
    }),
  };
}

export const handler = serviceOnAws((service) => handle(fhir(service)));
