/** POST /evaluate: a FHIR Bundle in, cards and the whole reasoning out. For integration engineers. */
import { handle } from 'hono/aws-lambda';
import { explainEvaluation, explainFact } from '../rules/cards/explanation.ts';
import { type Decision, decide } from '../rules/decide.ts';
import { sha256 } from '../rules/digest/digest.ts';
import { recordOf } from '../rules/record.ts';
import { serviceOnAws } from './host/aws.ts';
import { answerDecision } from './service/answer.ts';
import { createApp } from './service/app.ts';
import { deadlineOf } from './service/call.ts';
import { readQuery } from './service/evaluate-query.ts';
import { queryOf } from './service/query.ts';
import { bodyOf } from './service/request-body.ts';
import type { Service } from './service/service.ts';

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
        const { request, evaluatedAt, presentation } = readQuery(
          queryOf(call),
          new Date(metadata.receivedAt),
          json,
        );
        metadata.hook = request.hook;
        const started = performance.now();
        const decisionId = service.newId();
        const decidedAt = service.now().toISOString();
        const clock = { decisionId, decidedAt, evaluatedAt };
        const decision = decide(request, service.ruleset, clock, presentation);
        const durationMs = { decide: Math.round((performance.now() - started) * 100) / 100 };
        await service.log.append(recordOf(decision, metadata, durationMs), signal);
        return { body: JSON.stringify(explain(decision)), decisionId };
      }),
    ),
  );

export const handler = serviceOnAws((service) => handle(evaluate(service)));
