/**
 * Calls of one FHIR server, for one request, with its token: https://hl7.org/fhir/R4/http.html. No other origin is called.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { isObject, type Json } from '../../rules/fhir/json.ts';
import type { ByteBudget } from './answer.ts';
import { isBusy, mostTries, waitFor } from './busy.ts';
import { type FetchJson, type FetchResponse, fetchJson } from './fetch.ts';
import { pathOf, type Server } from './fhir-access.ts';
import { ReadFailed } from './missing-data.ts';
import { OutboundError, outboundCodes } from './outbound-error.ts';

export interface ClientOptions {
  /** Whether the server may be one of this machine, also by plain http. */
  loopback: boolean;
  /** Largest answer, in bytes. */
  maxBytes: number;
  /** Milliseconds from now that all calls have. */
  deadlineMs: number;
  /** Ends every call, too. */
  signal: AbortSignal;
  fetchJson?: FetchJson;
}

/** Why an answer that is no success is one, as a sentence. */
export const reasonOf = (status: number): string =>
  status === 401 || status === 403
    ? `it does not allow that with this access token (status ${status})`
    : `it answered with status ${status}`;

const failed = (cause: OutboundError): ReadFailed => new ReadFailed(outboundCodes[cause.code], { cause });

export type FhirClient = ReturnType<typeof createFhirClient>;

/** The address of a path below a base, with its query. */
function addressBelow(base: URL, path: string): URL {
  const [resource = '', query] = path.split('?');
  const url = new URL(`${base.origin}${pathOf(base)}/${resource}`);
  // Of what a query needs, a vertical bar is not let through by every server.
  if (query !== undefined) url.search = query.replaceAll('|', '%7C');
  return url;
}

/**
 * @example
 * const client = createFhirClient({ base: new URL('https://fhir.example.org/r4'), headers: {} }, options);
 * const patient = await client.read('Patient', '1');
 */
export function createFhirClient({ base, headers }: Server, options: ClientOptions) {
  const { loopback, maxBytes, deadlineMs, fetchJson: call = fetchJson } = options;
  const signal = AbortSignal.any([options.signal, AbortSignal.timeout(deadlineMs)]);
  const until = performance.now() + deadlineMs;
  let received = 0;

  const urlOf = (path: string): URL => addressBelow(base, path);

  /** Waits for a busy server. @throws ReadFailed where it asks for more time than there is */
  async function waitOut({ status, retryAfter }: FetchResponse, tried: number): Promise<void> {
    const wait = waitFor(retryAfter, tried, Date.now());
    if (performance.now() + wait >= until) {
      throw new ReadFailed(`it is busy (status ${status}) for longer than there is time`);
    }
    await sleep(wait, undefined, { signal }).catch(() => undefined);
  }

  /**
   * One GET, tried again where the server was not reached (once), or is busy.
   * @param budget what this and other calls may read together
   * @throws ReadFailed
   */
  async function get(url: URL, budget?: ByteBudget): Promise<FetchResponse> {
    const allowed = ({ origin }: URL): boolean => origin === base.origin;
    let isUnreached = false;
    for (let tried = 1; ; tried += 1) {
      try {
        const shared = budget ? { budget } : {};
        const answer = await call(url, { allowed, headers, maxBytes, signal, loopback, ...shared });
        received += answer.bytes;
        if (!isBusy(answer.status) || tried >= mostTries || signal.aborted) return answer;
        await waitOut(answer, tried);
      } catch (error) {
        if (!(error instanceof OutboundError)) throw error;
        if (error.code !== 'unreachable' || isUnreached || tried >= mostTries) throw failed(error);
        isUnreached = true;
      }
    }
  }

  /** One read of one resource. @throws ReadFailed */
  async function read(type: string, id: string): Promise<Json> {
    const { status, json } = await get(urlOf(`${type}/${id}`));
    if (status !== 200) throw new ReadFailed(reasonOf(status));
    // Another patient than was asked for is left out later, with a notice of its own.
    const isAsked = isObject(json) && json.resourceType === type && (type === 'Patient' || json.id === id);
    if (!isAsked) throw new ReadFailed('the answer is not what was asked for');
    return json;
  }

  return {
    base,
    urlOf,
    get,
    read,
    isFull: (): boolean => received > maxBytes,
    /** For calls that together may read as much as one. */
    newBudget: (): ByteBudget => ({ left: maxBytes }),

    /** What comes in time. @throws ReadFailed where the time is over before */
    inTime<T>(work: Promise<T>): Promise<T> {
      // What goes on without the hook fails without it, too.
      work.catch(() => undefined);
      const tooSlow = () => new ReadFailed(outboundCodes['too-slow']);
      if (signal.aborted) return Promise.reject(tooSlow());
      return new Promise((resolve, reject) => {
        const end = () => reject(tooSlow());
        signal.addEventListener('abort', end, { once: true });
        work.then(resolve, reject).finally(() => signal.removeEventListener('abort', end));
      });
    },
  };
}
