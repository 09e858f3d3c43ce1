/**
 * The only way this service calls out: to an EHR's FHIR server, to a client's key set. An address comes from a
 * request or a registry, so every call assumes that the name, the address and the answer are hostile.
 *
 * - `https` only, to public addresses only (addresses.ts, agent.ts). On a laptop `loopback` adds exactly the addresses of
 *   this machine, and plain `http` to those and to no other.
 * - no redirect is followed, no proxy of the environment is used, no cookie is kept
 * - time, size, unpacked size and depth are bounded
 *
 * Headers carry tokens: no error, message or cause of this file repeats one, nor a URL, which may name a patient.
 */
import type { LookupFunction } from 'node:net';
import type { Dispatcher } from 'undici';
import { engine } from '../../rules/version.ts';
import { createAgents, loadUndici, longestWait } from './agent.ts';
import { type ByteBudget, parse, readBytes, unpack } from './answer.ts';
import { asOutboundError, OutboundError } from './outbound-error.ts';

export interface FetchRequest {
  /** Asked before anything is done, a name lookup included: whether this service may call this URL at all. */
  allowed: (url: URL) => boolean;
  headers?: Readonly<Record<string, string>>;
  /** Of the answer, packed and unpacked alike. */
  maxBytes: number;
  /** Shared with other calls, for what all of them may read. */
  budget?: ByteBudget;
  /** Ends the call; there is a limit of 10 seconds without it. */
  signal: AbortSignal;
  /** Whether this machine's own addresses may be called too, also by plain `http`: tests and laptops only. */
  loopback: boolean;
}

export interface FetchResponse {
  status: number;
  /** Null where an answer that is no success carries no JSON, and for 204. */
  json: unknown;
  /** Size of the answer, unpacked. */
  bytes: number;
  url: string;
  /** The header of a server that is busy, as it came: seconds or a date (RFC 9110, 10.2.3). */
  retryAfter?: string;
}

export type FetchJson = (url: string | URL, fetching: FetchRequest) => Promise<FetchResponse>;

/** The URL, if this service may call it. @throws OutboundError `not-allowed` */
function permittedUrl(address: string | URL, { allowed, loopback }: FetchRequest): URL {
  const url = URL.canParse(String(address)) ? new URL(address) : null;
  if (url === null || `${url.username}${url.password}` !== '') throw new OutboundError('not-allowed');
  const isPermitted = url.protocol === 'https:' || (url.protocol === 'http:' && loopback);
  if (!isPermitted || !allowed(url)) throw new OutboundError('not-allowed');
  return url;
}

/** @throws OutboundError for a redirect, for too much, and for what is no JSON where it must be */
async function readAnswer(
  { statusCode: status, headers, body }: Dispatcher.ResponseData,
  { maxBytes, budget = { left: Number.POSITIVE_INFINITY } }: Pick<FetchRequest, 'maxBytes' | 'budget'>,
): Promise<Omit<FetchResponse, 'url'>> {
  if (status >= 300 && status < 400) throw new OutboundError('redirect', `status ${status}`);
  if (Number(headers['content-length'] ?? 0) > maxBytes) throw new OutboundError('too-large');
  const packed = await readBytes(body, maxBytes, budget);
  const most = Math.min(maxBytes, budget.left + packed.byteLength);
  const bytes = await unpack(packed, headers['content-encoding'], most);
  budget.left -= bytes.byteLength - packed.byteLength;
  const isRequired = status >= 200 && status < 300 && status !== 204;
  const [retryAfter] = [headers['retry-after']].flat();
  return {
    status,
    json: parse(bytes, isRequired),
    bytes: bytes.byteLength,
    ...(retryAfter === undefined ? {} : { retryAfter }),
  };
}

/**
 * @param options.lookup how names become addresses; the system's resolver unless a test says otherwise
 * @param options.ca certificates to trust in place of the system's, for tests
 * @example
 * const fetchJson = createFetchJson();
 * const { status, json } = await fetchJson('https://fhir.example.org/Patient/1', {
 *   allowed: ({ origin }) => origin === 'https://fhir.example.org',
 *   maxBytes: 1_000_000,
 *   signal: AbortSignal.timeout(1000),
 *   loopback: false,
 * });
 */
export function createFetchJson(options: { lookup?: LookupFunction; ca?: string } = {}): FetchJson {
  const agentFor = createAgents(options);
  return async (address, fetching) => {
    const url = permittedUrl(address, fetching);
    const { headers = {}, loopback } = fetching;
    const signal = AbortSignal.any([fetching.signal, AbortSignal.timeout(longestWait)]);
    const beyond = loopback ? 'https or loopback' : 'https';
    let body: Dispatcher.ResponseData['body'] | null = null;
    try {
      signal.throwIfAborted();
      const { request } = await loadUndici();
      const answer = await request(url, {
        dispatcher: await agentFor(url.protocol === 'http:' ? 'http' : beyond),
        method: 'GET',
        headers: {
          accept: 'application/json',
          'accept-encoding': 'gzip',
          'user-agent': `epsom/${engine.version}`,
          ...headers,
        },
        signal,
      });
      body = answer.body;
      // A body that is destroyed unread emits an error; without a listener that ends the process.
      body.on('error', () => undefined);
      return { ...(await readAnswer(answer, fetching)), url: url.href };
    } catch (error) {
      throw asOutboundError(error, signal);
    } finally {
      // What is left of a body that was given up is not read: the connection is closed.
      if (body && !body.readableEnded) body.destroy();
    }
  };
}

/** Calls out with the system's resolver and certificates. */
export const fetchJson: FetchJson = createFetchJson();
