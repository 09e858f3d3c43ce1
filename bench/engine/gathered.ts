/** A hook that is answered with what is read from the engine, as the service does it: gathered, then decided. */
import { type GatherOptions, gather } from '../../functions/outbound/gather.ts';
import { createServerMemory } from '../../functions/outbound/server-memory.ts';
import { type Decision, decide } from '../../rules/decide.ts';
import type { Ruleset } from '../../rules/evaluation/ruleset.ts';
import type { Hook } from '../../rules/fhir/hooks.ts';
import type { Json } from '../../rules/fhir/json.ts';
import { Refused } from '../../rules/intake/refused.ts';
import type { GatheredData } from '../../rules/intake/types.ts';
import { at } from './patients.ts';

const clock = { decisionId: 'x', decidedAt: at, evaluatedAt: at };

export interface HookCall {
  hook: Hook;
  context: Json;
  /** Left out: the client sends nothing. */
  prefetch?: unknown;
}

/** What came of a call. */
export interface Gathered {
  /** Or the words in which the call was refused. */
  decision: Decision | { refused: string };
  fetched: GatheredData;
  /** What was left of the prefetch. */
  prefetch: unknown;
}

function decided(call: HookCall, ruleset: Ruleset, more: { fetched?: GatheredData; fhirServer?: string }) {
  const { hook, context, prefetch } = call;
  try {
    return decide({ hook, context, prefetch, ...more }, ruleset, clock);
  } catch (error) {
    if (error instanceof Refused) return { refused: `${error.status} ${error.message}` };
    throw error;
  }
}

/** Decided from what came with the call alone. @param fhirServer to which its references are relative */
export const decideAsSent = (call: HookCall, ruleset: Ruleset, fhirServer?: string) =>
  decided(call, ruleset, fhirServer === undefined ? {} : { fhirServer });

/** @param fhirServer base address, on loopback */
export async function decideGathered(
  call: HookCall,
  ruleset: Ruleset,
  fhirServer: string,
  options: Partial<GatherOptions> = {},
): Promise<Gathered> {
  const { hook, context } = call;
  const request = { context, prefetch: call.prefetch, fhirServer, fhirAuthorization: undefined };
  const { prefetch, fetched } = await gather(request, {
    templates: ruleset.prefetch[hook],
    servers: [fhirServer],
    loopback: true,
    deadlineMs: 20_000,
    maxBytes: 16 * 1024 * 1024,
    signal: new AbortController().signal,
    // What one call learns of the engine is not what the next one meets: it is set anew between them.
    memory: createServerMemory(),
    ...options,
  });
  return { decision: decided({ ...call, prefetch }, ruleset, { fetched, fhirServer }), fetched, prefetch };
}
