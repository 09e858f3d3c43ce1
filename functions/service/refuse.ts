/** Answering with an error, which is a decision too: it is recorded before it leaves. */
import { sha256 } from '../../rules/digest/digest.ts';
import { refusalOf } from '../../rules/record.ts';
import type { RequestMetadata } from '../../rules/record-types.ts';
import { operationOutcome, type Problem } from '../http/outcome.ts';
import { ForbiddenError } from '../trust/caller.ts';
import { UnauthorizedError } from '../trust/jwt/rejections.ts';
import type { Call } from './call.ts';
import { callerOf } from './caller-of.ts';
import type { Service } from './service.ts';
import { consumeToken } from './token-use.ts';

/** An error as OperationOutcome, and no record of it. */
export function respondWith(call: Call, problem: Problem): Response {
  for (const [header, value] of Object.entries(problem.headers)) call.header(header, value);
  return call.json(operationOutcome(problem.code, problem.message), problem.status);
}

/** Answers an error, after recording it; 401 is not recorded, or anybody could fill the table. */
export async function refuse(
  call: Call,
  service: Service,
  metadata: RequestMetadata,
  problem: Problem,
): Promise<Response> {
  if (problem.status === 401) return respondWith(call, problem);
  const caller = problem instanceof ForbiddenError ? problem.caller : await callerOf(call, service);
  const use = caller ? await consumeToken(call, service, caller, null) : 'first';
  if (problem instanceof ForbiddenError) {
    // The holder of one token is told each time, and recorded once.
    if (use !== 'first') return respondWith(call, problem);
  } else if (use === 'replayed') return respondWith(call, new UnauthorizedError('replayed'));
  const decisionId = sha256(`${metadata.requestDigest}\n${service.newId()}`).slice(0, 32);
  const refusedAt = service.now().toISOString();
  try {
    await service.log.append(
      refusalOf(decisionId, metadata, problem.status, problem.message, refusedAt, service.ruleset),
    );
    call.header('Epsom-Decision', decisionId);
  } catch {
    // The log is down: the caller gets the error all the same, there is no finding to lose.
    service.report('refusal-not-recorded', { status: problem.status });
  }
  return respondWith(call, problem);
}
