/** Answering a request: every answer to an identified caller is a decision in the log before it leaves. */
import { canonicalJson } from '../../rules/digest/digest.ts';
import type { RequestMetadata } from '../../rules/record-types.ts';
import type { Call } from './call.ts';
import { callerOf } from './caller-of.ts';
import { problemOf } from './problem-of.ts';
import { refuse } from './refuse.ts';
import { metadataBy } from './request-metadata.ts';
import type { Service } from './service.ts';

export interface HandlerResult {
  /** The answer as JSON text. */
  body: string;
  decisionId: string;
}

const jsonType = { 'Content-Type': 'application/json' };

/**
 * Wraps the handling of a decision: what `decide` throws becomes an OperationOutcome and a record without
 * clinical data; the decision's id goes out in `Epsom-Decision`.
 * @param name the service as the record names it: `order-sign`, `evaluate`
 * @param decide fills in what it learns of the request, for the record of a refusal too
 * @example
 * app.post('/evaluate', (call) =>
 *   answerDecision(call, service, 'evaluate', async (metadata) => ({ body: '{}', decisionId: service.newId() })),
 * );
 */
export async function answerDecision(
  call: Call,
  service: Service,
  name: string,
  decide: (metadata: RequestMetadata) => Promise<HandlerResult>,
): Promise<Response> {
  const metadata = metadataBy(await callerOf(call, service), service, name);
  try {
    const { body, decisionId } = await decide(metadata);
    call.header('Epsom-Decision', decisionId);
    return call.body(body, 200, jsonType);
  } catch (error) {
    return refuse(call, service, metadata, problemOf(error, service));
  }
}

/** JSON in one spelling (RFC 8785): equal answers are equal bytes. */
export const canonical = (call: Call, json: unknown): Response =>
  call.body(canonicalJson(json), 200, jsonType);
