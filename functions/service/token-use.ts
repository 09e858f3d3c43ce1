/** Single use of tokens: the token of a request is used up once, before anything is done for it. */
import type { Caller } from '../trust/caller.ts';
import { UnauthorizedError } from '../trust/jwt/rejections.ts';
import type { TokenUse } from '../trust/single-use.ts';
import type { Call } from './call.ts';
import { callerOf } from './caller-of.ts';
import type { Service } from './service.ts';

/** Uses the token up for this request, once; `body` is null where it was not read. */
export function consumeToken(
  call: Call,
  service: Service,
  caller: Caller,
  body: Uint8Array | null,
): Promise<TokenUse> {
  const known = call.get('use');
  if (known) return known;
  const { method, path } = call.req;
  const use =
    service.callers?.consumeJti(caller, { method, path, body }) ?? Promise.resolve('first' as const);
  call.set('use', use);
  return use;
}

/**
 * Who calls, for a request without a body.
 * @throws UnauthorizedError (401) also where the token was used for another request
 */
export async function authenticate(call: Call, service: Service): Promise<Caller> {
  const caller = await callerOf(call, service);
  if ((await consumeToken(call, service, caller, new Uint8Array())) === 'replayed')
    throw new UnauthorizedError('replayed');
  return caller;
}
