/**
 * Calls of one FHIR server, for one request, with its token: https://hl7.org/fhir/R4/http.html. No other origin is called.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { isObject, type Json } from '../../rules/fhir/json.ts';
import { type FetchJson, type FetchResponse, fetchJson } from './fetch.ts';
import { pathOf, type Server } from './fhir-access.ts';
import { ReadFailed } from './missing-data.ts';
import { OutboundError, outboundCodes } from './outbound-error.ts';

/** A server that says it is busy gets this long, in milliseconds, before the one retry. */
const pause = 50;

export interface ClientOptions {
  /** Whether the server may be one of this machine, also by plain http. */
  loopback: boolean;
  /** Largest answer, in bytes. */
  maxBytes: number;
  /** Ends every call. */
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

/**
 * @example
 * const client = createFhirClient({ base: new URL('https://fhir.example.org/r4'), headers: {} }, options);
 * const patient = await client.read('Patient', '1');
 */
export function createFhirClient({ base, headers }: Server, options: ClientOptions) {
  const { loopback, maxBytes, signal, fetchJson: call = fetchJson } = options;
  let received = 0;

  /** The address of a path below the base, with its query. */
  function urlOf(path: string): URL {
    const [resource = '', query] = path.split('?');
    const url = new URL(`${base.origin}${pathOf(base)}/${resource}`);
    // Of what a query needs, a vertical bar is not let through by every server.
    if (query !== undefined) url.search = query.replaceAll('|', '%7C');
    return url;
  }

  /** One GET, tried a second time where the server was not reached or busy. @throws ReadFailed */
  async function get(url: URL): Promise<FetchResponse> {
    const allowed = ({ origin }: URL): boolean => origin === base.origin;
    for (let attempt = 1; ; attempt += 1) {
      try {
        const answer = await call(url, { allowed, headers, maxBytes, signal, loopback });
        received += answer.bytes;
        if (answer.status !== 503 || attempt > 1 || signal.aborted) return answer;
        await sleep(pause, undefined, { signal }).catch(() => undefined);
      } catch (error) {
        if (!(error instanceof OutboundError)) throw error;
        if (error.code !== 'unreachable' || attempt > 1) throw failed(error);
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

  return { urlOf, get, read, isFull: (): boolean => received > maxBytes };
}
