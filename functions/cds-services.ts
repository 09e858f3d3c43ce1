/** CDS Hooks 2.0.1: discovery, the services, feedback. https://cds-hooks.hl7.org/2.0/ */
import { handle } from 'hono/aws-lambda';
import { cors } from 'hono/cors';
import { decideInSteps } from '../rules/decide.ts';
import { canonicalJson, sha256 } from '../rules/digest/digest.ts';
import { shapeTemplates } from '../rules/evaluation/query-shape.ts';
import { readingOrders } from '../rules/evaluation/reading-order.ts';
import { type Hook, hooks, isHook } from '../rules/fhir/hooks.ts';
import { patientIdOf } from '../rules/intake/identity.ts';
import { nothingCame } from '../rules/intake/intake.ts';
import { decisionIdOf, recordOf } from '../rules/record.ts';
import type { RequestMetadata } from '../rules/record-types.ts';
import { serviceOnAws } from './host/aws.ts';
import { Problem } from './http/outcome.ts';
import { gather } from './outbound/gather.ts';
import { answerDecision, type HandlerResult } from './service/answer.ts';
import { createApp } from './service/app.ts';
import type { Call } from './service/call.ts';
import { callerOf, fhirServersOf } from './service/caller-of.ts';
import { deadlineOf } from './service/deadline.ts';
import { discovery } from './service/discovery.ts';
import { readFeedback } from './service/feedback.ts';
import { readHookRequest, referenceOnly } from './service/hook-request.ts';
import { keepFeedback } from './service/keep-feedback.ts';
import { presentationFor } from './service/presenting.ts';
import { queryShapeOf } from './service/query-shape.ts';
import { refuse } from './service/refuse.ts';
import { bodyOf } from './service/request-body.ts';
import { metadataOf } from './service/request-metadata.ts';
import type { Service } from './service/service.ts';
import { authenticate } from './service/token-use.ts';

export const cdsServices = (service: Service) =>
  createApp(service, (app) => {
    const orders = readingOrders(service.ruleset);
    const origins = service.callers?.origins;
    if (service.open || origins) {
      // A preflight carries no token, and an answer that lacks these headers is hidden from the page.
      app.use(
        '/cds-services/*',
        cors({
          origin: origins ? (origin) => (origins.has(origin) ? origin : null) : '*',
          allowMethods: ['GET', 'POST', 'OPTIONS'],
          allowHeaders: ['authorization', 'content-type'],
          exposeHeaders: ['Epsom-Decision'],
        }),
      );
    }
    app.get('/cds-services', async (call) => {
      await authenticate(call, service);
      const shape = queryShapeOf(await callerOf(call, service));
      return call.json(discovery(service.ruleset, shape, service.now().getTime()));
    });
    app.post('/cds-services/:id', (call) => {
      const id = call.req.param('id');
      return answerDecision(call, service, isHook(id) ? id : 'unknown', async (metadata) => {
        if (isHook(id)) return answerHook(call, service, id, metadata, orders[id]);
        throw new Problem(
          404,
          'not-found',
          `there is no such service: one of ${hooks.join(', ')} (see GET /cds-services)`,
        );
      });
    });
    app.post('/cds-services/:id/feedback', (call) => takeFeedback(call, service, call.req.param('id')));
  });

/**
 * One call of a hook: read, gathered, decided, recorded.
 * @param metadata is filled in as the request becomes known
 * @param order keys of the templates, what to read first
 */
async function answerHook(
  call: Call,
  service: Service,
  hook: Hook,
  metadata: RequestMetadata,
  order: readonly string[],
): Promise<HandlerResult> {
  const deadline = deadlineOf(service);
  const { signal } = deadline;
  const started = performance.now();
  const { json, bytes } = await bodyOf(call, service, signal);
  const read = performance.now();
  metadata.requestDigest = `sha256:${sha256(bytes)}`;
  const body = readHookRequest(json, hook);
  metadata.hook = hook;
  metadata.hookInstance = body.hookInstance;
  metadata.user = referenceOnly(body.context.userId);
  const { settings, ruleset } = service;
  const decisionId = decisionIdOf(metadata, ruleset.digest);
  const caller = await callerOf(call, service);
  await deadline.enter('gather');
  const about = { patient: patientIdOf(body.context), user: metadata.user };
  const [{ prefetch, fetched }, presentation] = await Promise.all([
    gather(body, {
      templates: shapeTemplates(
        ruleset.prefetch[hook],
        queryShapeOf(caller),
        Date.parse(metadata.receivedAt),
      ),
      servers: fhirServersOf(service, caller),
      loopback: settings.allowLoopback,
      deadlineMs: caller.registered?.fhirDeadlineMs ?? settings.fhirDeadlineMs,
      maxBytes: settings.maxBody,
      signal,
      order,
      report: (event, detail) => service.report(event, { iss: caller.client, ...detail }),
    }),
    presentationFor(caller, service.log, about, metadata.receivedAt),
  ]);
  const gathered = performance.now();
  const clock = {
    decisionId,
    decidedAt: service.now().toISOString(),
    evaluatedAt: metadata.receivedAt,
  };
  const request = { hook, context: body.context, prefetch, fetched, fhirServer: body.fhirServer };
  await deadline.enter('intake');
  const decision = await deadline.run(decideInSteps(request, ruleset, clock, presentation));
  if (decision.isWithoutData)
    throw new Problem(412, 'required', nothingCame('nothing but the Patient', fetched));
  service.interfaces.note(decision, ruleset, caller.client);
  const durationMs = {
    read: milliseconds(started, read),
    gather: milliseconds(read, gathered),
    decide: milliseconds(gathered, performance.now()),
  };
  await deadline.enter('record');
  const unwritten = recordOf(decision, metadata, durationMs);
  await deadline.enter('write');
  const { record } = await service.log.append(unwritten, signal);
  // Canonical, so that a stored answer given again has the same bytes.
  return { body: canonicalJson({ cards: record.cards }), decisionId };
}

const milliseconds = (from: number, to: number): number => Math.round((to - from) * 100) / 100;

/** Keeps what is good of a batch; what is not is named in the refusal. */
async function takeFeedback(call: Call, service: Service, id: string): Promise<Response> {
  const metadata = { ...(await metadataOf(call, service)), service: 'feedback' };
  try {
    if (!isHook(id))
      throw new Problem(404, 'not-found', `there is no such service: one of ${hooks.join(', ')}`);
    const deadline = deadlineOf(service);
    const { json } = await bodyOf(call, service, deadline.signal);
    const { tenant, client, receivedAt } = metadata;
    const batch = readFeedback(json, { tenant, client, service: id, receivedAt });
    if (!batch) {
      throw new Problem(400, 'structure', 'send `{ "feedback": [ ... ] }` with at least one item');
    }
    await keepFeedback(batch, service, tenant, deadline, (decisionId) =>
      call.header('Epsom-Decision', decisionId),
    );
    return call.json({});
  } catch (error) {
    if (error instanceof Problem) return refuse(call, service, metadata, error);
    throw error;
  }
}

export const handler = serviceOnAws((service) => handle(cdsServices(service)));
