/** CDS Hooks 2.0.1: discovery, the services, feedback. https://cds-hooks.hl7.org/2.0/ */
import { handle } from 'hono/aws-lambda';
import { cors } from 'hono/cors';
import { decide } from '../rules/decide.ts';
import { canonicalJson, sha256 } from '../rules/digest/digest.ts';
import { type Hook, hooks, isHook, meaningOf } from '../rules/fhir/hooks.ts';
import { asObject, asString, isObject, printableCode } from '../rules/fhir/json.ts';
import { normalReference } from '../rules/fhir/reference.ts';
import { patientIdOf } from '../rules/intake/identity.ts';
import { decisionIdOf, recordOf } from '../rules/record.ts';

import { serviceOnAws } from './host/aws.ts';
import { Problem } from './http/outcome.ts';
import { type GatherRequest, gather } from './outbound/gather.ts';
import { readFeedback } from './service/feedback.ts';
import { presentationFor } from './service/presenting.ts';
import {
  answering,
  authenticate,
  bodyOf,
  callerOf,
  createApp,
  deadlineOf,
  fhirServersOf,
  onlyMethods,
  plainAsked,
  refuse,
  type Service,
} from './service/service.ts';

const description =
  'Rules about magnesium deficiency, renal function and interacting drugs. Decision support for review by a qualified clinician; not a medical device.';

export function discovery(service: Service) {
  return {
    services: hooks.map((hook) => ({
      hook,
      id: hook,
      title: meaningOf(hook).title,
      description,
      prefetch: service.ruleset.prefetch[hook],
      usageRequirements:
        'Send the prefetch; data that does not come makes rules indeterminate, which is never an all-clear.',
    })),
  };
}

/** Any UUID version, and the shapes EHRs send; never empty. */
const hookInstancePattern = /^[A-Za-z0-9._:-]{1,128}$/;

export function cdsServices(service: Service) {
  const app = createApp(service);
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
    return call.json(discovery(service));
  });
  app.all('/cds-services', onlyMethods(service, 'GET'));

  app.post('/cds-services/:id', (call) => {
    const id = call.req.param('id');
    return answering(call, service, isHook(id) ? id : 'unknown', async (asked) => {
      const signal = deadlineOf(service);
      const started = performance.now();
      if (!isHook(id)) {
        throw new Problem(
          404,
          'not-found',
          `there is no such service: one of ${hooks.join(', ')} (see GET /cds-services)`,
        );
      }
      const { json, bytes } = await bodyOf(call, service, signal);
      const read = performance.now();
      asked.requestDigest = `sha256:${sha256(bytes)}`;
      const body = hookRequest(json, id);
      asked.hook = id;
      asked.hookInstance = body.hookInstance;
      asked.user = referenceOnly(body.context.userId);
      const decisionId = decisionIdOf(asked, service.ruleset.digest);
      const { settings, ruleset } = service;
      const caller = await callerOf(call, service);
      const about = { patient: patientIdOf(body.context), user: asked.user };
      const [{ prefetch, fetched }, presentation] = await Promise.all([
        gather(body, {
          templates: ruleset.prefetch[id],
          servers: fhirServersOf(service, caller),
          loopback: settings.allowLoopback,
          deadlineMs: settings.fhirDeadlineMs,
          maxBytes: settings.maxBody,
          signal,
        }),
        presentationFor(caller, service.log, about, asked.receivedAt),
      ]);
      const gathered = performance.now();
      const clock = {
        decisionId,
        decidedAt: service.now().toISOString(),
        evaluatedAt: asked.receivedAt,
      };
      const asking = { hook: id, context: body.context, prefetch, fetched };
      const decision = decide(asking, ruleset, clock, presentation);
      const durationMs = {
        read: milliseconds(started, read),
        gather: milliseconds(read, gathered),
        decide: milliseconds(gathered, performance.now()),
      };
      const { record } = await service.log.append(recordOf(decision, asked, durationMs), signal);
      // Canonical, so that a stored answer given again has the same bytes.
      return { body: canonicalJson({ cards: record.cards }), decisionId };
    });
  });
  app.all('/cds-services/:id', onlyMethods(service, 'POST'));

  app.post('/cds-services/:id/feedback', async (call) => {
    const asked = { ...(await plainAsked(call, service)), service: 'feedback' };
    try {
      const id = call.req.param('id');
      if (!isHook(id))
        throw new Problem(404, 'not-found', `there is no such service: one of ${hooks.join(', ')}`);
      const { json } = await bodyOf(call, service, deadlineOf(service));
      const { tenant, client, receivedAt } = asked;
      const batch = readFeedback(json, { tenant, client, service: id, receivedAt });
      if (!batch) {
        throw new Problem(400, 'structure', 'send `{ "feedback": [ ... ] }` with at least one item');
      }
      const bad = [...batch.bad];
      let foreign = 0;
      const others = service.callers?.tenants.filter((other) => other !== tenant) ?? [];
      const isForeign = async (card: string): Promise<boolean> =>
        others.length > 0 &&
        !(await service.log.belongsTo([tenant], 'card', card)) &&
        (await service.log.belongsTo(others, 'card', card));
      for (const { feedback, eventId, place } of batch.items) {
        if (await isForeign(feedback.card)) {
          foreign += 1;
          bad.push(`${place}: there is no such card`);
          continue;
        }
        const { decisionId } = await service.log.addFeedback(feedback, eventId);
        if (decisionId) call.header('Epsom-Decision', decisionId);
      }
      if (bad.length > 0) {
        throw new Problem(
          foreign > 0 ? 404 : 400,
          foreign > 0 ? 'not-found' : 'invalid',
          `${bad.join('; ')}. The other ${batch.items.length - foreign} item(s) were kept`,
        );
      }
      return call.json({});
    } catch (error) {
      const known = error instanceof Problem ? error : null;
      if (known) return refuse(call, service, asked, known);
      throw error;
    }
  });
  app.all('/cds-services/:id/feedback', onlyMethods(service, 'POST'));
  return app;
}

const milliseconds = (from: number, to: number): number => Math.round((to - from) * 100) / 100;

interface HookRequest extends GatherRequest {
  hookInstance: string;
}

/** @throws Problem 400 naming what is missing or contradicts the service */
function hookRequest(json: unknown, service: Hook): HookRequest {
  if (!isObject(json))
    throw new Problem(400, 'structure', 'the body must be a JSON object with hook, hookInstance and context');
  const hook = asString(json.hook);
  if (hook === null) throw new Problem(400, 'required', `the request needs \`hook\`: here \`${service}\``);
  if (hook !== service) {
    const said = printableCode(hook);
    throw new Problem(
      400,
      'invalid',
      `the hook ${said ? `\`${said}\`` : 'of the request'} is not that of this service: \`${service}\``,
    );
  }
  const hookInstance = asString(json.hookInstance);
  if (hookInstance === null || !hookInstancePattern.test(hookInstance)) {
    throw new Problem(
      400,
      'required',
      'the request needs `hookInstance`: a UUID that names this call of the hook',
    );
  }
  const context = asObject(json.context);
  if (!context)
    throw new Problem(400, 'required', 'the request needs `context`: an object with at least `patientId`');
  if (json.prefetch !== undefined && json.prefetch !== null && !isObject(json.prefetch)) {
    throw new Problem(400, 'structure', '`prefetch` must be an object: key to FHIR resource');
  }
  const { prefetch, fhirServer, fhirAuthorization } = json;
  return { hookInstance, context, prefetch, fhirServer, fhirAuthorization };
}

/** `Practitioner/1` and nothing else. */
const referenceOnly = (value: unknown): string | null => {
  const reference = normalReference(value);
  return reference && /^[A-Za-z]+\/[A-Za-z0-9._-]{1,128}$/.test(reference) ? reference : null;
};

export const handler = serviceOnAws((service) => handle(cdsServices(service)));
