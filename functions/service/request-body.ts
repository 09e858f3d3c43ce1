/** The body of a request, for a caller who is identified. */
import { readBody } from '../http/body.ts';
import { parseJson } from '../http/parse-json.ts';
import { UnauthorizedError } from '../trust/jwt/rejections.ts';
import type { Call } from './call.ts';
import { callerOf } from './caller-of.ts';
import type { Service } from './service.ts';
import { consumeToken } from './token-use.ts';

/**
 * The body of an identified caller. Its bytes are compared with those the token came with before, and only then
 * is it parsed.
 * @throws UnauthorizedError (401) and what reading throws: http/body.ts, http/parse-json.ts
 */
export async function bodyOf(
  call: Call,
  service: Service,
  signal: AbortSignal,
): Promise<{ json: unknown; bytes: Uint8Array }> {
  const caller = await callerOf(call, service);
  const bytes = await readBody(call.req.raw, service.settings.maxBody, signal);
  if ((await consumeToken(call, service, caller, bytes)) === 'replayed')
    throw new UnauthorizedError('replayed');
  const encoding = call.req.raw.headers.get('content-encoding')?.toLowerCase() ?? 'identity';
  return { json: parseJson(bytes, encoding !== 'identity'), bytes };
}
