/**
 * The only way this service calls out: to an EHR's FHIR server, to a client's key set. An address comes from a
 * request or a registry, so every call assumes that the name, the address and the answer are hostile.
 *
 * - `https` only, to public addresses only. The address that is checked is the one that is connected to, so a name
 *   that resolves differently a moment later gains nothing (DNS rebinding). On a laptop `loopback` adds exactly the
 *   addresses of this machine, and plain `http` to those and to no other.
 * - no redirect is followed, no proxy of the environment is used, no cookie is kept
 * - time, size, unpacked size and depth are bounded
 *
 * Headers carry tokens: no error, message or cause of this file repeats one, nor a URL, which may name a patient.
 */
import { lookup as systemLookup } from 'node:dns';
import { BlockList, isIP, isIPv4, type LookupFunction, type Socket } from 'node:net';
import { promisify } from 'node:util';
import { gunzip as gunzipCallback } from 'node:zlib';
import type { Agent, Dispatcher } from 'undici';
import { engine } from '../../rules/evaluation/ruleset.ts';
import { nestsDeeperThan } from '../http/json-bytes.ts';

const gunzip = promisify(gunzipCallback);

/** Every way a call can fail, with what it means. */
export const outboundCodes = {
  'not-allowed': 'the address is not one this service may call',
  address: 'the name leads to an address that is not public',
  redirect: 'the server answered with a redirect, which is not followed',
  'too-large': 'the answer is larger than is read',
  'too-slow': 'the answer did not come in time',
  'not-json': 'the answer is not JSON that can be read',
  unreachable: 'the server could not be reached, or broke off',
} as const;
export type OutboundCode = keyof typeof outboundCodes;

export class OutboundError extends Error {
  readonly code: OutboundCode;
  /** The system's name of the failure (`ECONNREFUSED`), where there is one. */
  readonly reason: string | null;
  constructor(code: OutboundCode, reason: string | null = null) {
    super(outboundCodes[code]);
    this.name = 'OutboundError';
    this.code = code;
    this.reason = reason;
  }
}

export interface FetchRequest {
  /** Asked before anything is done, a name lookup included: whether this service may call this URL at all. */
  allowed: (url: URL) => boolean;
  headers?: Readonly<Record<string, string>>;
  /** Of the answer, packed and unpacked alike. */
  maxBytes: number;
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
}

export type FetchJson = (url: string | URL, fetching: FetchRequest) => Promise<FetchResponse>;

const longest = 10_000;
/** Deeper than any FHIR resource or key set. */
const maxDepth = 100;

const thisMachine = new BlockList();
thisMachine.addSubnet('127.0.0.0', 8, 'ipv4');
thisMachine.addAddress('::1', 'ipv6');

/** https://www.iana.org/assignments/iana-ipv4-special-registry and multicast, RFC 5771. */
const notPublicV4 = new BlockList();
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
] as const) {
  notPublicV4.addSubnet(network, prefix, 'ipv4');
}

/** Only 2000::/3 is handed out to the public (https://www.iana.org/assignments/ipv6-address-space). */
const globalV6 = new BlockList();
globalV6.addSubnet('2000::', 3, 'ipv6');
/** Of that, https://www.iana.org/assignments/iana-ipv6-special-registry: Teredo, 6to4, documentation and more. */
const notPublicV6 = new BlockList();
for (const [network, prefix] of [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['2620:4f:8000::', 48],
  ['3fff::', 20],
] as const) {
  notPublicV6.addSubnet(network, prefix, 'ipv6');
}

/** Where the last 32 bits are an IPv4 address that is really reached: mapped ones and NAT64 (RFC 6052). */
const carriesV4 = new BlockList();
carriesV4.addSubnet('64:ff9b::', 96, 'ipv6');
const mapped = /^\[?::ffff:/;

/** The IPv4 address in the last 32 bits of an IPv6 address. */
function embeddedV4(address: string): string {
  // The URL parser spells every IPv6 address in one way, with hexadecimal groups only.
  const groups = new URL(`http://[${address}]`).hostname.slice(1, -1).split(':');
  const [high, low] = groups.slice(-2).map((group) => Number.parseInt(group || '0', 16));
  return [high ?? 0, low ?? 0].flatMap((group) => [group >> 8, group & 255]).join('.');
}

/** The address as it is reached: an IPv4 address in IPv6 clothes is that IPv4 address. Null for what is none. */
function plainAddress(address: string): string | null {
  if (isIPv4(address)) return address;
  // A zone (`fe80::1%eth0`) only makes sense on a local link.
  if (isIP(address) === 0 || address.includes('%')) return null;
  const spelled = new URL(`http://[${address}]`).hostname;
  return mapped.test(spelled) || carriesV4.check(address, 'ipv6') ? embeddedV4(address) : address;
}

/** Whether an IP address belongs to this machine: 127.0.0.0/8 and ::1. */
export function isLoopbackAddress(address: string): boolean {
  const plain = plainAddress(address);
  return plain !== null && thisMachine.check(plain, isIPv4(plain) ? 'ipv4' : 'ipv6');
}

/** Whether an IP address is one on the public internet. */
export function isPublicAddress(address: string): boolean {
  const plain = plainAddress(address);
  if (plain === null) return false;
  if (isIPv4(plain)) return !notPublicV4.check(plain, 'ipv4');
  return globalV6.check(plain, 'ipv6') && !notPublicV6.check(plain, 'ipv6');
}

/** Plain `http` only to this machine; `https` to the public, and to this machine where that is allowed. */
const reachable = {
  http: isLoopbackAddress,
  https: isPublicAddress,
  'https or loopback': (address: string) => isPublicAddress(address) || isLoopbackAddress(address),
} as const;
type Reach = keyof typeof reachable;

/** Resolves a name and refuses it whole if one of its addresses is not permitted. */
const guarded =
  (lookup: LookupFunction, permitted: (address: string) => boolean): LookupFunction =>
  (hostname, options, callback) =>
    lookup(hostname, { ...options, all: true }, (error, found) => {
      const addresses = Array.isArray(found) ? found : [];
      const [first] = addresses;
      if (error) callback(error, []);
      else if (!first || !addresses.every(({ address }) => permitted(address))) {
        callback(new OutboundError('address'), []);
      } else if (options.all) callback(null, addresses);
      else callback(null, first.address, first.family);
    });

let undici: Promise<typeof import('undici')> | null = null;
/** Loaded when first needed: most requests come with all their data and call nobody. */
export function loadUndici(): Promise<typeof import('undici')> {
  undici ??= import('undici');
  return undici;
}

/**
 * @param options.lookup how names become addresses; the system's resolver unless a test says otherwise
 * @param options.ca certificates to trust in place of the system's, for tests
 */
export function createFetchJson(options: { lookup?: LookupFunction; ca?: string } = {}): FetchJson {
  const { lookup = systemLookup, ca } = options;
  const agents = new Map<Reach, Agent>();

  async function agentFor(reach: Reach) {
    const { Agent, buildConnector, request } = await loadUndici();
    let agent = agents.get(reach);
    if (!agent) {
      const permitted = reachable[reach];
      const connect = buildConnector({
        lookup: guarded(lookup, permitted),
        timeout: longest,
        ...(ca ? { ca } : {}),
        // One request a connection is what every FHIR server can do.
        allowH2: false,
      });
      agent = new Agent({
        allowH2: false,
        headersTimeout: longest,
        bodyTimeout: longest,
        connect: (target, callback) => {
          const host = target.hostname.replace(/^\[|\]$/g, '');
          // No name is looked up for a literal address.
          if (isIP(host) !== 0 && !permitted(host)) {
            callback(new OutboundError('address'), null);
            return;
          }
          connect(target, (...[error, socket]) => {
            if (error) callback(error, null);
            else if (!permittedPeer(socket, permitted)) {
              socket.destroy();
              callback(new OutboundError('address'), null);
            } else callback(null, socket);
          });
        },
      });
      agents.set(reach, agent);
    }
    return { agent, request };
  }

  return async (address, fetching) => {
    const { allowed, headers = {}, maxBytes, loopback } = fetching;
    const url = URL.canParse(String(address)) ? new URL(address) : null;
    if (url === null || `${url.username}${url.password}` !== '') throw new OutboundError('not-allowed');
    const plain = url.protocol === 'http:';
    if (!(url.protocol === 'https:' || (plain && loopback)) || !allowed(url)) {
      throw new OutboundError('not-allowed');
    }
    const signal = AbortSignal.any([fetching.signal, AbortSignal.timeout(longest)]);
    let body: Dispatcher.ResponseData['body'] | null = null;
    try {
      signal.throwIfAborted();
      const { agent, request } = await agentFor(plain ? 'http' : loopback ? 'https or loopback' : 'https');
      const answer = await request(url, {
        dispatcher: agent,
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
      const { statusCode: status } = answer;
      if (status >= 300 && status < 400) throw new OutboundError('redirect', `status ${status}`);
      if (Number(answer.headers['content-length'] ?? 0) > maxBytes) throw new OutboundError('too-large');
      const bytes = await unpack(
        await readBytes(body, maxBytes),
        answer.headers['content-encoding'],
        maxBytes,
      );
      const success = status >= 200 && status < 300 && status !== 204;
      return { status, json: parse(bytes, success), bytes: bytes.byteLength, url: url.href };
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

const permittedPeer = (socket: Socket, permitted: (address: string) => boolean): boolean =>
  socket.remoteAddress !== undefined && permitted(socket.remoteAddress);

async function readBytes(body: AsyncIterable<Uint8Array>, maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.byteLength;
    if (size > maxBytes) throw new OutboundError('too-large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size);
}

async function unpack(
  bytes: Uint8Array,
  encoding: string | string[] | undefined,
  maxBytes: number,
): Promise<Uint8Array> {
  if (encoding === undefined || encoding === 'identity') return bytes;
  if (encoding !== 'gzip' && encoding !== 'x-gzip') throw new OutboundError('not-json', 'content-encoding');
  try {
    return await gunzip(bytes, { maxOutputLength: maxBytes });
  } catch (error) {
    const bomb = codeOfError(error) === 'ERR_BUFFER_TOO_LARGE';
    throw new OutboundError(bomb ? 'too-large' : 'not-json', 'content-encoding');
  }
}

/** @param required whether the answer must be JSON; the body of an error may be anything */
function parse(bytes: Uint8Array, required: boolean): unknown {
  try {
    if (nestsDeeperThan(bytes, maxDepth)) throw new OutboundError('not-json', 'depth');
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    if (!required) return null;
    throw error instanceof OutboundError ? error : new OutboundError('not-json');
  }
}

const codeOfError = (error: unknown): string | null =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null;

function asOutboundError(error: unknown, signal: AbortSignal): OutboundError {
  if (error instanceof OutboundError) return error;
  if (signal.aborted) return new OutboundError('too-slow');
  // Node tries several addresses of one name and reports them together.
  const [first] = error instanceof AggregateError ? error.errors : [error];
  const reason = codeOfError(error) ?? codeOfError(first);
  switch (reason) {
    case 'UND_ERR_HEADERS_TIMEOUT':
    case 'UND_ERR_BODY_TIMEOUT':
    case 'UND_ERR_CONNECT_TIMEOUT':
      return new OutboundError('too-slow', reason);
    case 'UND_ERR_HEADERS_OVERFLOW':
      return new OutboundError('too-large', reason);
    case 'UND_ERR_INVALID_ARG':
      return new OutboundError('not-allowed', reason);
    default:
      return new OutboundError('unreachable', reason);
  }
}
