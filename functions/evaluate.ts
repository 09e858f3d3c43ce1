/** POST /evaluate: a FHIR Bundle in, cards and the whole reasoning out. For integration engineers. */
import { handle } from 'hono/aws-lambda';
import { explainEvaluation, explainFact } from '../rules/cards/explanation.ts';
import { type Decision, type DecisionRequest, decide } from '../rules/decide.ts';
import { sha256 } from '../rules/digest/digest.ts';
import { hooks, isHook } from '../rules/fhir/hooks.ts';
import { asObject, isObject } from '../rules/fhir/json.ts';
import { spanOf } from '../rules/fhir/time.ts';
import { recordOf } from '../rules/record.ts';
import { serviceOnAws } from './host/aws.ts';
import { Problem } from './http/outcome.ts';
import { answerDecision } from './service/answer.ts';
import { createApp } from './service/app.ts';
import { deadlineOf } from './service/call.ts';
import { bodyOf } from './service/request-body.ts';
import type { Service } from './service/service.ts';

const parameters = new Set(['hook', 'at', 'patient']);

/** @throws Problem 400 naming the parameter that cannot be used */
export function readQuery(
  query: Readonly<Record<string, string>>,
  now: Date,
  body: unknown,
): { request: DecisionRequest; evaluatedAt: string } {
  for (const name of Object.keys(query)) {
    if (!parameters.has(name))
      throw new Problem(400, 'not-supported', `unknown parameter: use hook, at, patient`);
  }
  // A recorded CDS Hooks request may be posted as it is: its own hook then counts.
  const hooked = isObject(body) && body.resourceType === undefined && isObject(body.context) ? body : null;
  const hook = query.hook ?? (typeof hooked?.hook === 'string' ? hooked.hook : 'patient-view');
  if (!isHook(hook)) throw new Problem(400, 'value', `\`hook\` must be one of ${hooks.join(', ')}`);
  let evaluatedAt = now.toISOString();
  if (query.at !== undefined) {
    // An unencoded plus sign of an offset arrives as a space.
    const at = query.at.replace(/ (\d{2}:\d{2})$/, '+$1');
    const span = spanOf(at);
    if (!span || at.length < 10) {
      throw new Problem(400, 'value', '`at` must be a time such as `2026-01-31T12:00:00Z`, or a date');
    }
    // A date means its last moment, so that what happened that day counts.
    evaluatedAt = new Date(at.length > 10 ? span.from : span.to).toISOString();
  }
  const request: DecisionRequest = hooked
    ? { hook, context: asObject(hooked.context) ?? {}, prefetch: hooked.prefetch }
    : { hook, bundle: body, patient: query.patient ?? null };
  return { request, evaluatedAt };
}

/** The answer as ARCHITECTURE's outside contract has it. */
export function explain(decision: Decision) {
  const { decisionId, decidedAt, evaluatedAt, hook, ruleset, cards, facts, chart, notices } = decision;
  return {
    decisionId,
    decidedAt,
    evaluatedAt,
    hook,
    ruleset,
    cards,
    evaluations: decision.evaluations.map(explainEvaluation),
    facts: facts().map(explainFact),
    chart,
    notices,
  };
}

export const evaluate = (service: Service) =>
  createApp(service, (app) =>
    app.post('/evaluate', (call) =>
      answerDecision(call, service, 'evaluate', async (metadata) => {
        const signal = deadlineOf(service);
        const { json, bytes } = await bodyOf(call, service, signal);
        metadata.requestDigest = `sha256:${sha256(bytes)}`;
        const { request, evaluatedAt } = readQuery(call.req.query(), new Date(metadata.receivedAt), json);
        metadata.hook = request.hook;
        const started = performance.now();
        const decisionId = service.newId();
        const decidedAt = service.now().toISOString();
        const decision = decide(request, service.ruleset, { decisionId, decidedAt, evaluatedAt });
        const durationMs = { decide: Math.round((performance.now() - started) * 100) / 100 };
        await service.log.append(recordOf(decision, metadata, durationMs), signal);
        return { body: JSON.stringify(explain(decision)), decisionId };
      }),
    ),
  );

export const handler = serviceOnAws((service) => handle(evaluate(service)));
