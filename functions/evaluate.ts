/** POST /evaluate: a FHIR Bundle in, cards and the whole reasoning out. For integration engineers. */
import { handle } from 'hono/aws-lambda';
import { decideInSteps } from '../rules/decide.ts';
import { sha256 } from '../rules/digest/digest.ts';
import { recordOf } from '../rules/record.ts';
import { serviceOnAws } from './host/aws.ts';
import { answerDecision } from './service/answer.ts';
import { createApp } from './service/app.ts';
import { deadlineOf } from './service/deadline.ts';
import { readQuery } from './service/evaluate-query.ts';
import { explainInSteps } from './service/explaining.ts';
import { queryOf } from './service/query.ts';
import { bodyOf } from './service/request-body.ts';
import type { Service } from './service/service.ts';

export const evaluate = (service: Service) =>
  createApp(service, (app) =>
    app.post('/evaluate', (call) =>
      answerDecision(call, service, 'evaluate', async (metadata) => {
        const deadline = deadlineOf(service);
        const { signal } = deadline;
        const { json, bytes } = await bodyOf(call, service, signal);
        metadata.requestDigest = `sha256:${sha256(bytes)}`;
        const { request, evaluatedAt, presentation, view } = readQuery(
          queryOf(call),
          new Date(metadata.receivedAt),
          json,
        );
        metadata.hook = request.hook;
        const started = performance.now();
        const decisionId = service.newId();
        const decidedAt = service.now().toISOString();
        const clock = { decisionId, decidedAt, evaluatedAt };
        await deadline.enter('intake');
        const decision = await deadline.run(decideInSteps(request, service.ruleset, clock, presentation));
        const durationMs = { decide: Math.round((performance.now() - started) * 100) / 100 };
        await deadline.enter('answer');
        const body = await deadline.run(explainInSteps(decision, view));
        await deadline.enter('record');
        const record = recordOf(decision, metadata, durationMs);
        await deadline.enter('write');
        await service.log.append(record, signal);
        return { body, decisionId };
      }),
    ),
  );

export const handler = serviceOnAws((service) => handle(evaluate(service)));
