/**
 * Reading a request body: bounded in size, time and depth, before parsing costs anything. A message never
 * repeats what was sent.
 */
import { Problem } from './outcome.ts';

/** Deeper than any FHIR resource; a hostile body may nest 100,000 deep. */
const maxDepth = 100;

const jsonTypes = /^application\/(json|fhir\+json|json\+fhir)\s*(;|$)/i;

async function readBytes(request: Request, maxBytes: number, signal: AbortSignal): Promise<Uint8Array> {
  const tooLarge = new Problem(
    413,
    'too-costly',
    `the body is larger than ${maxBytes} bytes: send less data, or raise EPSOM_MAX_BODY`,
  );
  const declared = Number(request.headers.get('content-length') ?? '0');
  if (declared > maxBytes) throw tooLarge;
  if (!request.body) return new Uint8Array();
  const chunks: Uint8Array[] = [];
  let size = 0;
  const reader = request.body.getReader();
  const expired = new Promise<never>((_, reject) => {
    const late = () =>
      reject(new Problem(503, 'timeout', 'the request did not arrive before its deadline: try again'));
    if (signal.aborted) late();
    else signal.addEventListener('abort', late, { once: true });
  });
  // The race settles elsewhere when the body is complete; an abort after that must not be an unhandled rejection.
  expired.catch(() => undefined);
  for (;;) {
    const { done, value } = await Promise.race([reader.read(), expired]);
    if (done) break;
    size += value.byteLength;
    if (size > maxBytes) {
      await reader.cancel().catch(() => undefined);
      throw tooLarge;
    }
    chunks.push(value);
  }
  return chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks, size);
}

/** Deepest nesting of a JSON text, from its bytes alone; stops counting at the limit. */
export function nestsDeeperThan(bytes: Uint8Array, limit: number): boolean {
  let depth = 0;
  let inString = false;
  for (let index = 0; index < bytes.length; index += 1) {
    const byte = bytes[index];
    if (inString) {
      if (byte === 0x5c) index += 1;
      else if (byte === 0x22) inString = false;
    } else if (byte === 0x22) inString = true;
    else if (byte === 0x7b || byte === 0x5b) {
      depth += 1;
      if (depth > limit) return true;
    } else if (byte === 0x7d || byte === 0x5d) depth -= 1;
  }
  return false;
}

/**
 * @returns the parsed JSON and the bytes it came from (for the request digest)
 * @throws Problem 400 not JSON or too deep, 413 too large, 415 not announced as JSON, 503 too late
 */
export async function readJson(
  request: Request,
  maxBytes: number,
  signal: AbortSignal,
): Promise<{ json: unknown; bytes: Uint8Array }> {
  const type = request.headers.get('content-type') ?? '';
  if (!jsonTypes.test(type)) {
    throw new Problem(
      415,
      'not-supported',
      'send the body as `Content-Type: application/json` or `application/fhir+json`',
    );
  }
  const encoding = request.headers.get('content-encoding');
  if (encoding && encoding !== 'identity') {
    throw new Problem(415, 'not-supported', 'send the body without Content-Encoding');
  }
  const bytes = await readBytes(request, maxBytes, signal);
  return { json: parseJson(bytes), bytes };
}

/** A byte order mark is ignored. @throws Problem 400 */
export function parseJson(bytes: Uint8Array): unknown {
  if (nestsDeeperThan(bytes, maxDepth)) {
    throw new Problem(400, 'structure', `the JSON is nested deeper than ${maxDepth} levels`);
  }
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new Problem(400, 'structure', 'the body is not UTF-8');
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    const place = error instanceof Error ? /position (\d+)/.exec(error.message)?.[1] : undefined;
    throw new Problem(
      400,
      'structure',
      `the body is not JSON: ${place ? `look at character ${place}` : 'look for a missing comma, quote or bracket'}`,
    );
  }
}
