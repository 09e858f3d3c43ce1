/** For auditors who speak FHIR: the decision log as AuditEvents and GuidanceResponses, R4, read only. */
import type { FhirResource } from 'fhir/r4.js';
import { handle } from 'hono/aws-lambda';
import { accessEvent, decisionEvent, placeOfAccess } from './fhir/audit-event.ts';
import { capabilities } from './fhir/capabilities.ts';
import { type EventPage, listDecisions, listEvents } from './fhir/events.ts';
import { guidanceResponse } from './fhir/guidance-response.ts';
import { entryOf, searchOf } from './fhir/search-bundle.ts';
import { serviceOnAws } from './host/aws.ts';
import { Problem } from './http/outcome.ts';
import { createApp } from './service/app.ts';
import type { Call } from './service/call.ts';
import { callerOf } from './service/caller-of.ts';
import { recordAccess } from './service/record-access.ts';
import type { Service } from './service/service.ts';

const media = 'application/fhir+json';
/** Events in one collection: about 3 MB, which Lambda can answer. */
export const largestCollection = 500;
const decisionId = /^[0-9a-f]{32}$/;

export const fhir = (service: Service) =>
  createApp(service, (app) => {
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
  });

export const handler = serviceOnAws((service) => handle(fhir(service)));
