/** Reading an answer that may be hostile: bounded in size, also unpacked, and in depth. */
import { promisify } from 'node:util';
import { gunzip as gunzipCallback } from 'node:zlib';
import { nestsDeeperThan } from '../http/json-bytes.ts';
import { codeOfError, OutboundError } from './outbound-error.ts';

const gunzip = promisify(gunzipCallback);

/** Deeper than any FHIR resource or key set. */
const maxDepth = 100;

/** Bytes that several answers may have together. */
export interface ByteBudget {
  left: number;
}

/**
 * @param budget shared with other answers, which are read at the same time
 * @throws OutboundError `too-large`
 */
export async function readBytes(
  body: AsyncIterable<Uint8Array>,
  maxBytes: number,
  budget: ByteBudget = { left: maxBytes },
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.byteLength;
    budget.left -= chunk.byteLength;
    if (size > maxBytes || budget.left < 0) throw new OutboundError('too-large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size);
}

const notGzip = (cause: unknown): OutboundError => {
  const isBomb = codeOfError(cause) === 'ERR_BUFFER_TOO_LARGE';
  return new OutboundError(isBomb ? 'too-large' : 'not-json', 'content-encoding', { cause });
};

/** @throws OutboundError `too-large`, and `not-json` where it is not packed as its header says */
export async function unpack(
  bytes: Uint8Array,
  encoding: string | string[] | undefined,
  maxBytes: number,
): Promise<Uint8Array> {
  if (encoding === undefined || encoding === 'identity') return bytes;
  if (encoding !== 'gzip' && encoding !== 'x-gzip') throw new OutboundError('not-json', 'content-encoding');
  try {
    return await gunzip(bytes, { maxOutputLength: maxBytes });
  } catch (error) {
    throw notGzip(error);
  }
}

/**
 * @param required whether the answer must be JSON; the body of an error may be anything, and is then null
 * @throws OutboundError `not-json`, without a cause, which would quote the answer
 */
export function parse(bytes: Uint8Array, required: boolean): unknown {
  try {
    if (nestsDeeperThan(bytes, maxDepth)) throw new OutboundError('not-json', 'depth');
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    if (!required) return null;
    throw error instanceof OutboundError ? error : new OutboundError('not-json');
  }
}
