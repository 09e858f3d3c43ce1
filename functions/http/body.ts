/** Reading the bytes of a request body: bounded in size and time. A message never repeats what was sent. */
import { promisify } from 'node:util';
import { gunzip as gunzipCallback } from 'node:zlib';
import { Problem } from './outcome.ts';

const gunzip = promisify(gunzipCallback);

/** Real bundles shrink to 1/25 at most. */
const maxRatio = 100;
/** Below this a body is not worth weighing. */
const smallBody = 64 * 1024;

const jsonTypes = /^application\/(json|fhir\+json|json\+fhir)\s*(;|$)/i;

/** Formats of FHIR that are not read. */
const otherTypes: readonly { pattern: RegExp; what: string }[] = [
  { pattern: /[/+]xml\b/i, what: 'FHIR as XML is not read: ' },
  { pattern: /ndjson/i, what: 'NDJSON is not read, send one Bundle: ' },
];

const larger = (maxBytes: number, cause?: unknown): Problem =>
  new Problem(
    413,
    'too-costly',
    `the body is larger than ${maxBytes} bytes: send less data, or raise EPSOM_MAX_BODY`,
    { cause },
  );

const muchLarger = (cause: unknown): Problem =>
  new Problem(
    413,
    'too-costly',
    `the body unpacks to more than ${maxRatio} times its size: send it without Content-Encoding`,
    { cause },
  );

const notGzip = (cause: unknown): Problem =>
  new Problem(415, 'not-supported', 'the body is not gzip, as its Content-Encoding says it is', { cause });

const tooLate = (): Problem =>
  new Problem(503, 'timeout', 'timed out: the request did not arrive before its deadline: try again');

/**
 * @returns `expired` rejects with 503 when the signal fires; `forget` lets go of the signal, which lives for longer than
 *   what was read
 */
function expiry(signal: AbortSignal): { expired: Promise<never>; forget(): void } {
  const { promise, reject } = Promise.withResolvers<never>();
  const late = (): void => reject(tooLate());
  if (signal.aborted) late();
  else signal.addEventListener('abort', late, { once: true });
  // Nobody waits for it once the body is complete.
  promise.catch(() => undefined);
  return { expired: promise, forget: () => signal.removeEventListener('abort', late) };
}

async function readBytes(request: Request, maxBytes: number, signal: AbortSignal): Promise<Uint8Array> {
  const declared = Number(request.headers.get('content-length') ?? '0');
  if (declared > maxBytes) throw larger(maxBytes);
  if (!request.body) return new Uint8Array();
  const chunks: Uint8Array[] = [];
  let size = 0;
  const reader = request.body.getReader();
  const { expired, forget } = expiry(signal);
  try {
    for (;;) {
      const { done, value } = await Promise.race([reader.read(), expired]);
      if (done) break;
      size += value.byteLength;
      if (size > maxBytes) {
        await reader.cancel().catch(() => undefined);
        throw larger(maxBytes);
      }
      chunks.push(value);
    }
  } finally {
    forget();
  }
  return chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks, size);
}

/** Unpacks gzip, never to more than a plain body may be, nor to more than a real one would become. */
async function decompress(bytes: Uint8Array, maxBytes: number): Promise<Uint8Array> {
  const most = Math.min(maxBytes, Math.max(smallBody, bytes.byteLength * maxRatio));
  try {
    return await gunzip(bytes, { maxOutputLength: most });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE'))
      throw notGzip(error);
    throw most === maxBytes ? larger(maxBytes, error) : muchLarger(error);
  }
}

/**
 * @returns the body as it was before it was packed for the way
 * @throws Problem 413 too large, 415 not announced as JSON or not gzip where it says so, 503 too late
 */
export async function readBody(request: Request, maxBytes: number, signal: AbortSignal): Promise<Uint8Array> {
  const type = request.headers.get('content-type') ?? '';
  if (!jsonTypes.test(type)) {
    const what = otherTypes.find(({ pattern }) => pattern.test(type))?.what ?? '';
    throw new Problem(
      415,
      'not-supported',
      `${what}send the body as \`Content-Type: application/json\` or \`application/fhir+json\``,
    );
  }
  const encoding = request.headers.get('content-encoding')?.toLowerCase() ?? 'identity';
  if (!['identity', 'gzip', 'x-gzip'].includes(encoding)) {
    throw new Problem(415, 'not-supported', 'send the body with `Content-Encoding: gzip`, or without it');
  }
  const bytes = await readBytes(request, maxBytes, signal);
  return encoding === 'identity' ? bytes : decompress(bytes, maxBytes);
}
