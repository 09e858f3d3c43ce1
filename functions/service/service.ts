/**
 * What every function of the edge shares: who calls, the deadline, the Host check, and that every answer to an
 * identified caller, errors included, is a decision in the log before it leaves.
 */
import { type Context, Hono } from 'hono';
import type { LambdaEvent } from 'hono/aws-lambda';
import { canonicalJson, sha256 } from '../../rules/digest/digest.ts';
import type { Ruleset } from '../../rules/evaluation/ruleset.ts';
import { Refused } from '../../rules/intake/intake.ts';
import { type RequestMetadata, refusalOf } from '../../rules/record.ts';
import { isLoopback, type Settings } from '../config/settings.ts';
import { readBody } from '../http/body.ts';
import { operationOutcome, Problem } from '../http/outcome.ts';
import { parseJson } from '../http/parse-json.ts';
import { type DecisionLog, LogUnavailable } from '../log/decision-log.ts';
import type { StoredRuleset } from '../log/rulesets.ts';
import type { Sealer } from '../log/sealer.ts';
import type { Servers } from '../outbound/fhir-access.ts';
import { type Caller, type Callers, ForbiddenError } from '../trust/callers.ts';
import type { TokenUse } from '../trust/single-use.ts';
import { UnauthorizedError } from '../trust/tokens.ts';

export interface Service {
  ruleset: Ruleset;
  log: DecisionLog;
  sealer: Sealer;
  /** The rules of a decision of the past. */
  rulesetAt(digest: string): Promise<StoredRuleset | null>;
  settings: Settings;
  now(): Date;
  /** Opaque random id. */
  newId(): string;
  /** Secret that signs cursors, so that they cannot be edited. */
  cursorKey(): Promise<string>;
  /** Local without a registry: loopback names only in the Host header. */
  open: boolean;
  /** Who may call, by the client registry; null without one. */
  callers: Callers | null;
  /** Where a line about an unexpected error goes; never clinical data. */
  report(event: string, detail: Record<string, string | number>): void;
}

export type Env = {
  Bindings: { event?: LambdaEvent };
  /** Found out once a request: who calls, and whether the token was used before. */
  Variables: { caller?: Promise<Caller>; use?: Promise<TokenUse> };
};
export type Call = Context<Env>;

/**
 * Who calls: with a registry whom the token names; without one client `local` of tenant `local`, and on AWS who
 * IAM says.
 * @throws Unidentified (401), Forbidden (403), Problem 401
 */
export function callerOf(call: Call, service: Service): Promise<Caller> {
  const known = call.get('caller');
  if (known) return known;
  const caller = service.callers
    ? service.callers.identify({
        authorization: call.req.header('authorization'),
        path: call.req.path,
        signal: deadlineOf(service),
      })
    : withoutRegistry(call, service);
  call.set('caller', caller);
  return caller;
}

async function withoutRegistry(call: Call, service: Service): Promise<Caller> {
  const unregistered = { profile: 'generic', registered: null, token: null } as const;
  if (service.open) return { tenant: 'local', client: 'local', ...unregistered };
  const context = call.env?.event?.requestContext;
  const iam =
    context && 'authorizer' in context
      ? (context.authorizer as { iam?: Record<string, unknown> })?.iam
      : undefined;
  const account = iam?.accountId;
  const user = iam?.userArn;
  if (typeof account !== 'string' || typeof user !== 'string') {
    throw new Problem(
      401,
      'login',
      'the caller is not identified: sign the request with AWS Signature Version 4',
    );
  }
  return { tenant: account, client: user.split('/').slice(1, 2).join('') || user, ...unregistered };
}

/** Uses the token up for this request, once; `body` is null where it was not read. */
function useOf(call: Call, service: Service, caller: Caller, body: Uint8Array | null): Promise<TokenUse> {
  const known = call.get('use');
  if (known) return known;
  const { method, path } = call.req;
  const use = service.callers?.mark(caller, { method, path, body }) ?? Promise.resolve('first' as const);
  call.set('use', use);
  return use;
}

/**
 * Who calls, for a request without a body.
 * @throws Unidentified (401) also where the token was used for another request
 */
export async function authenticate(call: Call, service: Service): Promise<Caller> {
  const caller = await callerOf(call, service);
  if ((await useOf(call, service, caller, new Uint8Array())) === 'replayed')
    throw new UnauthorizedError('replayed');
  return caller;
}

/**
 * The body of an identified caller. Its bytes are compared with those the token came with before, and only then
 * is it parsed.
 * @throws Unidentified (401) and what reading throws: body.ts
 */
export async function bodyOf(
  call: Call,
  service: Service,
  signal: AbortSignal,
): Promise<{ json: unknown; bytes: Uint8Array }> {
  const caller = await callerOf(call, service);
  const bytes = await readBody(call.req.raw, service.settings.maxBody, signal);
  if ((await useOf(call, service, caller, bytes)) === 'replayed') throw new UnauthorizedError('replayed');
  return { json: parseJson(bytes), bytes };
}

/** FHIR servers that may be called for a caller: the registered ones; without a registry those on this machine, and on AWS none. */
export const fhirServersOf = (service: Service, { registered }: Caller): Servers =>
  service.open ? 'loopback' : (registered?.fhirServers ?? []);

/** A signal that fires when the request's time is over. */
export const deadlineOf = (service: Service): AbortSignal => AbortSignal.timeout(service.settings.deadlineMs);

export interface HandlerResult {
  /** The answer as JSON text. */
  body: string;
  decisionId: string;
}

/**
 * Wraps the handling of a decision: what `decide` throws becomes an OperationOutcome and a record without
 * clinical data; the decision's id goes out in `Epsom-Decision`.
 * @param name the service as the record names it: `order-sign`, `evaluate`
 */
export async function answering(
  call: Call,
  service: Service,
  name: string,
  handle: (asked: RequestMetadata) => Promise<HandlerResult>,
): Promise<Response> {
  const asked = { ...askedBy(await callerOf(call, service), service), service: name };
  try {
    const { body, decisionId } = await handle(asked);
    call.header('Epsom-Decision', decisionId);
    return call.body(body, 200, jsonType);
  } catch (error) {
    return refuse(call, service, asked, problemOf(error, service));
  }
}

const jsonType = { 'Content-Type': 'application/json' };

/** JSON in one spelling (RFC 8785): equal answers are equal bytes. */
export const canonical = (call: Call, json: unknown): Response =>
  call.body(canonicalJson(json), 200, jsonType);

/** Answers an error, after recording it; 401 is not recorded, or anybody could fill the table. */
export async function refuse(
  call: Call,
  service: Service,
  asked: RequestMetadata,
  problem: Problem,
): Promise<Response> {
  if (problem.status === 401) return unrecorded(call, problem);
  const caller = problem instanceof ForbiddenError ? problem.caller : await callerOf(call, service);
  const use = caller ? await useOf(call, service, caller, null) : 'first';
  if (problem instanceof ForbiddenError) {
    // The holder of one token is told each time, and recorded once.
    if (use !== 'first') return unrecorded(call, problem);
  } else if (use === 'replayed') return unrecorded(call, new UnauthorizedError('replayed'));
  const decisionId = sha256(`${asked.requestDigest}\n${service.newId()}`).slice(0, 32);
  try {
    await service.log.append(
      refusalOf(
        decisionId,
        asked,
        problem.status,
        problem.message,
        service.now().toISOString(),
        service.ruleset,
      ),
    );
    call.header('Epsom-Decision', decisionId);
  } catch {
    // The log is down: the caller gets the error all the same, there is no finding to lose.
    service.report('refusal-not-recorded', { status: problem.status });
  }
  return unrecorded(call, problem);
}

function unrecorded(call: Call, problem: Problem): Response {
  for (const [header, value] of Object.entries(problem.headers)) call.header(header, value);
  return call.json(operationOutcome(problem.code, problem.message), problem.status);
}

export function problemOf(error: unknown, service: Service): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof Refused) return new Problem(error.status, error.code, error.message);
  if (error instanceof LogUnavailable) {
    service.report('log-unavailable', { cause: error.cause instanceof Error ? error.cause.name : 'unknown' });
    return new Problem(503, 'transient', `${error.message}: try again`);
  }
  service.report('unexpected-error', { name: error instanceof Error ? error.name : 'unknown' });
  return new Problem(
    500,
    'exception',
    'something unexpected went wrong here: please report it with the time',
  );
}

/** A Hono app with what all functions share: the Host check, and errors that are OperationOutcomes. */
export function createApp(service: Service): Hono<Env> {
  const app = new Hono<Env>();
  app.use(async (call, next) => {
    if (service.open && !isLoopback(hostName(call.req.header('host')))) {
      const problem = new Problem(
        421,
        'security',
        'this server answers only to loopback host names: use http://127.0.0.1',
      );
      return refuse(call, service, await plainAsked(call, service), problem);
    }
    await next();
    call.header('X-Content-Type-Options', 'nosniff');
    call.header('Cache-Control', 'no-store');
  });
  app.notFound((call) => {
    const message = 'there is nothing at this path: see GET /openapi.json';
    return call.json(operationOutcome('not-found', message), 404);
  });
  app.onError((error, call) => {
    if (error instanceof ForbiddenError && error.caller) {
      const asked = { ...askedBy(error.caller, service), service: serviceName(call) };
      return refuse(call, service, asked, error);
    }
    return unrecorded(call, problemOf(error, service));
  });
  return app;
}

const askedBy = ({ tenant, client }: Caller, service: Service): RequestMetadata => ({
  tenant,
  client,
  service: 'unknown',
  hook: null,
  hookInstance: null,
  user: null,
  requestDigest: '',
  receivedAt: service.now().toISOString(),
});

const serviceName = (call: Call): string =>
  call.req.path
    .split('/')
    .filter((part) => /^[a-z-]{1,40}$/.test(part))
    .slice(0, 2)
    .join('/') || 'unknown';

export const plainAsked = async (call: Call, service: Service): Promise<RequestMetadata> => ({
  ...askedBy(await callerOf(call, service), service),
  service: serviceName(call),
});

/** Says 405 with the methods a path does take. */
export const onlyMethods = (service: Service, methods: string) => async (call: Call) =>
  refuse(
    call,
    service,
    await plainAsked(call, service),
    new Problem(
      405,
      'not-supported',
      `${printableMethod(call.req.method)} is not possible here: use ${methods}`,
      { headers: { Allow: methods } },
    ),
  );

const printableMethod = (method: string): string => (/^[A-Z]{1,10}$/.test(method) ? method : 'this method');

const hostName = (host: string | undefined): string => (host ?? '').replace(/:\d+$/, '').toLowerCase();
