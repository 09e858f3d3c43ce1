/**
 * Reading a request body: bounded in size, time, depth and number of values, before parsing costs anything. A
 * message never repeats what was sent.
 */
import { promisify } from 'node:util';
import { gunzip as gunzipCallback } from 'node:zlib';
import { Problem } from './outcome.ts';

const gunzip = promisify(gunzipCallback);

/** Deeper than any FHIR resource; a hostile body may nest 100,000 deep. */
const maxDepth = 100;
/** Real bundles have at most one value for each 23 bytes: 182,000 in 4 MiB. */
const maxValues = 500_000;
/** Real bundles shrink to 1/25 at most. */
const maxRatio = 100;
/** Below this a body is not worth weighing. */
const smallBody = 64 * 1024;

const quote = 0x22;
const backslash = 0x5c;
const [openBrace, closeBrace, openBracket, closeBracket] = [0x7b, 0x7d, 0x5b, 0x5d];
const [comma, minus, zero, nine, dot, plus, upperE, lowerE, lowerU] = [
  0x2c, 0x2d, 0x30, 0x39, 0x2e, 0x2b, 0x45, 0x65, 0x75,
];

const jsonTypes = /^application\/(json|fhir\+json|json\+fhir)\s*(;|$)/i;

const larger = (maxBytes: number): Problem =>
  new Problem(
    413,
    'too-costly',
    `the body is larger than ${maxBytes} bytes: send less data, or raise EPSOM_MAX_BODY`,
  );

async function readBytes(request: Request, maxBytes: number, signal: AbortSignal): Promise<Uint8Array> {
  const tooLarge = larger(maxBytes);
  const declared = Number(request.headers.get('content-length') ?? '0');
  if (declared > maxBytes) throw tooLarge;
  if (!request.body) return new Uint8Array();
  const chunks: Uint8Array[] = [];
  let size = 0;
  const reader = request.body.getReader();
  const expired = new Promise<never>((_, reject) => {
    const late = () =>
      reject(
        new Problem(503, 'timeout', 'timed out: the request did not arrive before its deadline: try again'),
      );
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

/** Unpacks gzip, never to more than a plain body may be, nor to more than a real one would become. */
async function decompress(bytes: Uint8Array, maxBytes: number): Promise<Uint8Array> {
  const most = Math.min(maxBytes, Math.max(smallBody, bytes.byteLength * maxRatio));
  try {
    return await gunzip(bytes, { maxOutputLength: most });
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE') {
      if (most === maxBytes) throw larger(maxBytes);
      throw new Problem(
        413,
        'too-costly',
        `the body unpacks to more than ${maxRatio} times its size: send it without Content-Encoding`,
      );
    }
    throw new Problem(415, 'not-supported', 'the body is not gzip, as its Content-Encoding says it is');
  }
}

/**
 * @returns the body as it was before it was packed for the way
 * @throws Problem 413 too large, 415 not announced as JSON or not gzip where it says so, 503 too late
 */
export async function readBody(request: Request, maxBytes: number, signal: AbortSignal): Promise<Uint8Array> {
  const type = request.headers.get('content-type') ?? '';
  if (!jsonTypes.test(type)) {
    throw new Problem(
      415,
      'not-supported',
      'send the body as `Content-Type: application/json` or `application/fhir+json`',
    );
  }
  const encoding = request.headers.get('content-encoding')?.toLowerCase() ?? 'identity';
  if (!['identity', 'gzip', 'x-gzip'].includes(encoding)) {
    throw new Problem(415, 'not-supported', 'send the body with `Content-Encoding: gzip`, or without it');
  }
  const bytes = await readBytes(request, maxBytes, signal);
  return encoding === 'identity' ? bytes : decompress(bytes, maxBytes);
}

/** Whether a JSON text nests deeper than a limit, from its bytes alone. */
export function nestsDeeperThan(bytes: Uint8Array, limit: number): boolean {
  let depth = 0;
  let inString = false;
  for (let index = 0; index < bytes.length; index += 1) {
    const byte = bytes[index];
    if (inString) {
      if (byte === backslash) index += 1;
      else if (byte === quote) inString = false;
    } else if (byte === quote) inString = true;
    else if (byte === openBrace || byte === openBracket) {
      depth += 1;
      if (depth > limit) return true;
    } else if (byte === closeBrace || byte === closeBracket) depth -= 1;
  }
  return false;
}

/** What a JSON text may be refused for, from its bytes alone. */
export const jsonProblems = {
  depth: `the JSON is nested deeper than ${maxDepth} levels`,
  values: `the JSON has more than ${maxValues} values: send less data`,
  number: 'the JSON has a number that is too large to be one',
  surrogate: 'the JSON has half of a surrogate pair (`\\ud800` to `\\udfff`): it is no character',
  nul: 'the JSON has the character `\\u0000`, which FHIR does not allow',
  key: 'the JSON has a key `__proto__`, or `prototype` in `constructor`',
} as const;
export type JsonProblem = keyof typeof jsonProblems;

/** Digits before the point and exponent together: a number with no more is finite. */
const safeDigits = 308;

/**
 * One pass over the bytes of a JSON text, before it is decoded or parsed. It does not decide whether the text is
 * JSON: `JSON.parse` does.
 * @returns the first thing it is refused for, or null
 */
export function problemOfJson(
  bytes: Uint8Array,
  limits: { depth: number; values: number },
): JsonProblem | null {
  const end = bytes.length;
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, end);
  /** What each open bracket is; `inConstructor` marks the object under a key `constructor`. */
  const kinds: ('array' | 'object' | 'inConstructor')[] = [];
  let values = 0;
  let keyNext = false;
  let underConstructor = false;
  let index = 0;
  while (index < end) {
    const byte = bytes[index] ?? 0;
    if (byte === quote) {
      const begin = index;
      let escaped = false;
      index += 1;
      while (index < end && bytes[index] !== quote) {
        if (bytes[index] !== backslash) {
          index += 1;
          continue;
        }
        escaped = true;
        if (bytes[index + 1] !== lowerU) {
          index += 2;
          continue;
        }
        const code = hexadecimal(bytes, index + 2);
        if (code === 0) return 'nul';
        index += 6;
        if (code >= 0xdc00 && code <= 0xdfff) return 'surrogate';
        if (code >= 0xd800 && code <= 0xdbff) {
          const low = bytes[index] === backslash && bytes[index + 1] === lowerU;
          const next = low ? hexadecimal(bytes, index + 2) : -1;
          if (next < 0xdc00 || next > 0xdfff) return 'surrogate';
          index += 6;
        }
      }
      index += 1;
      if (!keyNext) values += 1;
      else {
        keyNext = false;
        const [from, to] = [begin + 1, index - 1];
        if (spells(bytes, from, to, '__proto__', escaped)) return 'key';
        if (kinds.at(-1) === 'inConstructor' && spells(bytes, from, to, 'prototype', escaped)) return 'key';
        underConstructor = spells(bytes, from, to, 'constructor', escaped);
        continue;
      }
    } else if (byte === openBrace || byte === openBracket) {
      if (kinds.length >= limits.depth) return 'depth';
      const kind = underConstructor ? 'inConstructor' : 'object';
      kinds.push(byte === openBracket ? 'array' : kind);
      keyNext = byte === openBrace;
      values += 1;
      index += 1;
    } else if (byte === closeBrace || byte === closeBracket) {
      kinds.pop();
      keyNext = false;
      index += 1;
    } else if (byte === comma) {
      keyNext = kinds.length > 0 && kinds.at(-1) !== 'array';
      index += 1;
    } else if (byte === minus || (byte >= zero && byte <= nine)) {
      const begin = index;
      // Digits and exponent bound the number: only one that could be infinite is looked at closely.
      let exponent = -1;
      while (index < end && ofNumber(bytes[index] ?? 0)) {
        const mark = bytes[index] ?? 0;
        if (mark === lowerE || mark === upperE) exponent = 0;
        else if (exponent >= 0 && exponent < 1000 && mark >= zero && mark <= nine) {
          exponent = exponent * 10 + mark - zero;
        }
        index += 1;
      }
      if (index - begin + exponent > safeDigits) {
        const number = Number(text.toString('latin1', begin, index));
        if (number === Number.POSITIVE_INFINITY || number === Number.NEGATIVE_INFINITY) return 'number';
      }
      values += 1;
    } else {
      // The letters of true, false and null count by their first; white space and colons by none.
      if (byte === 0x74 || byte === 0x66 || byte === 0x6e) values += 1;
      index += 1;
      while (byte > 0x60 && index < end && (bytes[index] ?? 0) > 0x60 && (bytes[index] ?? 0) < 0x7b)
        index += 1;
      if (byte <= 0x20 || byte === 0x3a) continue;
    }
    underConstructor = false;
    if (values > limits.values) return 'values';
  }
  return null;
}

const ofNumber = (byte: number): boolean =>
  (byte >= zero && byte <= nine) ||
  byte === dot ||
  byte === plus ||
  byte === minus ||
  byte === lowerE ||
  byte === upperE;

/** Four hexadecimal digits; -1 where they are none. */
function hexadecimal(bytes: Uint8Array, at: number): number {
  let code = 0;
  for (let index = at; index < at + 4; index += 1) {
    const byte = bytes[index] ?? 0;
    const digit = byte >= 0x61 ? byte - 0x57 : byte >= 0x41 ? byte - 0x37 : byte - zero;
    if (digit < 0 || digit > 15 || (byte > nine && byte < 0x41)) return -1;
    code = code * 16 + digit;
  }
  return code;
}

/** Whether the bytes of a key, without its quotes, spell a name of ASCII letters, also by escapes. */
function spells(bytes: Uint8Array, from: number, to: number, name: string, escaped: boolean): boolean {
  if (!escaped && to - from !== name.length) return false;
  let index = from;
  for (let at = 0; at < name.length; at += 1) {
    if (index >= to) return false;
    let code = bytes[index] ?? 0;
    let width = 1;
    if (code === backslash) {
      // No letter has an escape of its own but this one.
      if (bytes[index + 1] !== lowerU) return false;
      code = hexadecimal(bytes, index + 2);
      width = 6;
    }
    if (code !== name.charCodeAt(at)) return false;
    index += width;
  }
  return index === to;
}

/** A byte order mark is ignored. @throws Problem 400 */
export function parseJson(bytes: Uint8Array): unknown {
  const problem = problemOfJson(bytes, { depth: maxDepth, values: maxValues });
  if (problem !== null) throw new Problem(400, 'structure', jsonProblems[problem]);
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
