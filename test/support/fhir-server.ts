/**
 * A FHIR server for tests, over real HTTP on loopback: reads, searches by patient, id, code, component and status, with
 * what is included, pages, the ways real servers say "nothing", and the ways a broken or hostile one answers.
 */
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { asArray, asObject, asString, type Json } from '../../rules/fhir/json.ts';

const megabyte = 1024 * 1024;

/** What a server may do instead of answering. */
export const misbehaviours = {
  redirect: (response) => response.writeHead(302, { location: 'http://127.0.0.1:9/' }).end(),
  html: (response) => response.end('<!doctype html><title>Sign in</title>'),
  status401: (response) => response.writeHead(401).end(),
  status400: (response) => response.writeHead(400).end(),
  status403: (response) => response.writeHead(403).end(),
  status404: (response) => response.writeHead(404).end(),
  status405: (response) => response.writeHead(405).end(),
  status422: (response) => response.writeHead(422).end(),
  status429: (response) => response.writeHead(429).end(),
  status501: (response) => response.writeHead(501).end(),
  status500: (response) => response.writeHead(500).end('{"resourceType":"OperationOutcome"}'),
  status503: (response) => response.writeHead(503).end(),
  'wrong resource': (response) => response.end('{"resourceType":"Group","id":"p1"}'),
  'an outcome with status 200': (response) =>
    response.end('{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"exception"}]}'),
  '50 MB': (response) => response.end(Buffer.alloc(50 * megabyte, 0x20)),
  'gzip bomb': (response) => {
    response.setHeader('content-encoding', 'gzip');
    response.end(gzipSync(Buffer.alloc(50 * megabyte, 0x20)));
  },
  'breaks off': (response) => {
    response.write('{"resourceType":');
    setImmediate(() => response.destroy());
  },
  never: () => undefined,
  'slow body': (response) => {
    response.write('{');
    const timer = setInterval(() => response.write(' '), 10);
    response.on('close', () => clearInterval(timer));
  },
} satisfies Record<string, (response: ServerResponse) => unknown>;
export type Misbehaviour = keyof typeof misbehaviours;

/** Instead of an answer: a misbehaviour, or JSON. */
type Instead = Misbehaviour | Json;

export interface FhirServer {
  /** Base address. */
  url: string;
  /** Of every request, in order. */
  calls: { path: string; query: URLSearchParams; headers: IncomingHttpHeaders }[];
  /** Of every request for its capability statement, which comes beside the others. */
  metadataCalls: { headers: IncomingHttpHeaders }[];
  /** Replaces the answers about a resource type: by a list, one after the other, then as usual. */
  instead: Record<string, Instead | Instead[]>;
  close(): Promise<void>;
}

/** As Epic says that nothing was found: https://fhir.epic.com (CDS Hooks). */
const nothingAsEpicSays = {
  resource: { resourceType: 'OperationOutcome', issue: [{ severity: 'warning', code: 'processing' }] },
  search: { mode: 'outcome' },
};

/**
 * @param options.pageSize results a page, whatever `_count` says
 * @param options.nothing what a search without a result holds
 * @param options.refuses search parameters that are answered with 400
 * @param options.refusal what such an answer holds
 * @param options.capability its statement; without one there is no such path
 */
export async function fhirServer(
  resources: readonly Json[],
  options: {
    pageSize?: number;
    nothing?: 'no entry' | 'outcome';
    refuses?: RegExp;
    refusal?: (search: string) => Json;
    capability?: unknown;
  } = {},
): Promise<FhirServer> {
  const { pageSize = 1000, nothing = 'no entry', refuses, refusal, capability } = options;
  const metadataCalls: FhirServer['metadataCalls'] = [];
  const calls: FhirServer['calls'] = [];
  const instead: FhirServer['instead'] = {};
  const searches: { found: Json[]; include: string | null }[] = [];

  const page = (base: string, number: number, offset: number, self: string): Json => {
    const { found, include } = searches[number] ?? { found: [], include: null };
    const shown = found.slice(offset, offset + pageSize);
    const next = offset + pageSize < found.length;
    return {
      resourceType: 'Bundle',
      type: 'searchset',
      total: found.length,
      link: [
        { relation: 'self', url: self },
        ...(next ? [{ relation: 'next', url: `${base}?_pages=${number}&_offset=${offset + pageSize}` }] : []),
      ],
      ...(shown.length > 0
        ? {
            entry: [
              ...shown.map((resource) => ({ resource, search: { mode: 'match' } })),
              ...includedWith(shown, include, resources).map((resource) => ({
                resource,
                search: { mode: 'include' },
              })),
            ],
          }
        : nothing === 'outcome'
          ? { entry: [nothingAsEpicSays] }
          : {}),
    };
  };

  const answerMetadata = ({ headers }: IncomingMessage, response: ServerResponse): void => {
    metadataCalls.push({ headers });
    response.writeHead(capability === undefined ? 404 : 200).end(JSON.stringify(capability ?? {}));
  };

  const server = createServer((request, response) => {
    const base = `http://${request.headers.host}/fhir`;
    const url = new URL(request.url ?? '', base);
    const path = url.pathname.replace(/^\/fhir\/?/, '');
    if (path === 'metadata') {
      answerMetadata(request, response);
      return;
    }
    calls.push({ path, query: url.searchParams, headers: request.headers });
    const [type = '', id] = path.split('/').map(decodeURIComponent);
    const planned = instead[type];
    const now = Array.isArray(planned) ? planned.shift() : planned;
    response.setHeader('content-type', 'application/fhir+json;charset=utf-8');
    if (typeof now === 'string') {
      misbehaviours[now](response);
      return;
    }
    const send = (json: unknown, status = 200): void => {
      response.writeHead(status).end(JSON.stringify(json));
    };
    if (now) return send(now);
    if (path === '') {
      const [number, offset] = [
        Number(url.searchParams.get('_pages')),
        Number(url.searchParams.get('_offset')),
      ];
      return send(page(base, number, offset, url.href));
    }
    const outcome = { resourceType: 'OperationOutcome', issue: [{ severity: 'error', code: 'not-found' }] };
    if (id !== undefined) {
      const found = resources.find((resource) => resource.resourceType === type && resource.id === id);
      return send(found ?? outcome, found ? 200 : 404);
    }
    if (refuses?.test(url.search)) return send(refusal?.(url.search) ?? outcome, 400);
    searches.push({
      found: resources.filter(
        (resource) => resource.resourceType === type && matches(resource, url.searchParams),
      ),
      include: url.searchParams.get('_include'),
    });
    return send(page(base, searches.length - 1, 0, url.href));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/fhir`,
    calls,
    metadataCalls,
    instead,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function matches(resource: Json, query: URLSearchParams): boolean {
  const subject = asString(asObject(resource.subject ?? resource.patient)?.reference);
  const patient = query.get('patient');
  if (patient !== null && subject !== `Patient/${patient}`) return false;
  const wanted = query.get('_id')?.split(',');
  if (wanted && !wanted.includes(asString(resource.id) ?? '')) return false;
  const status = query.get('status')?.split(',');
  if (status && !status.includes(asString(resource.status) ?? '')) return false;
  const codes = query.get('code')?.split(',');
  const combo = query.get('combo-code')?.split(',');
  const components = asArray(resource.component);
  const ofComponents = query.get('component-code')?.split(',');
  if (ofComponents && !components.some((part) => hasCode(part, ofComponents))) return false;
  const parts = [resource, ...components];
  return (!codes || hasCode(resource, codes)) && (!combo || parts.some((part) => hasCode(part, combo)));
}

function hasCode({ code: concept }: Json, codes: readonly string[]): boolean {
  return asArray(asObject(concept)?.coding).some(
    ({ system, code }) => codes.includes(`${system}|${code}`) || codes.includes(String(code)),
  );
}

/** What `_include=TYPE:medication` adds to a page: https://hl7.org/fhir/R4/search.html#include */
function includedWith(shown: readonly Json[], include: string | null, resources: readonly Json[]): Json[] {
  if (include === null) return [];
  const names = new Set(
    shown.map(({ medicationReference, medication }) =>
      asString((asObject(medicationReference) ?? asObject(asObject(medication)?.reference))?.reference),
    ),
  );
  return resources.filter(({ resourceType, id }) => names.has(`${resourceType}/${id}`));
}
