/**
 * Who calls, where there is a client registry: EHRs by their own tokens, auditors and engineers by tokens of their
 * issuer. 401 is for whoever is not identified, 403 for whoever is, and may not.
 */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { FetchJson } from '../outbound/fetch.ts';
import { type Caller, ForbiddenError } from './caller.ts';
import { expectedOfClient, expectedOfPeople } from './expectations.ts';
import type { FindKey } from './jwks/key.ts';
import { createLocalKeySet } from './jwks/local.ts';
import { createRemoteKeySet } from './jwks/remote.ts';
import type { ExpectedClaims } from './jwt/claims.ts';
import { UnauthorizedError } from './jwt/rejections.ts';
import { type Token, verify } from './jwt/verify.ts';
import { personOf } from './people.ts';
import type { Client, Registry } from './registry.ts';
import { createJtiCache, type TokenRequest, type TokenUse } from './single-use.ts';

/** The paths of EHRs; every other path is for people. */
const services = 'cds-services';

export type Callers = ReturnType<typeof createCallers>;

/**
 * @param options.report a line for the operator: reason, issuer, key id and token id; never a token
 * @example
 * const callers = createCallers({ registry, client, table, settings, fetchJson, now, report });
 * const { tenant } = await callers.authenticate({ authorization, path: '/cds-services/order-sign', signal });
 */
export function createCallers(options: {
  registry: Registry;
  client: DynamoDBClient;
  table: string;
  settings: { baseUrl: string; allowLoopback: boolean; tokenLifetime: number };
  fetchJson: FetchJson;
  now(): Date;
  report(event: string, detail: Record<string, string | number>): void;
}) {
  const { registry, settings, fetchJson, now, report } = options;
  const { auditors } = registry;

  const keysOf = ({ issuer, jwks, jwksUrl }: Pick<Client, 'issuer' | 'jwks' | 'jwksUrl'>): FindKey =>
    jwksUrl === undefined
      ? createLocalKeySet(jwks?.keys ?? [])
      : createRemoteKeySet({
          url: jwksUrl,
          fetchJson,
          loopback: settings.allowLoopback,
          now,
          failed: () => report('keys-not-fetched', { iss: issuer }),
        });
  const clients = new Map(
    registry.clients.map((client) => [client.issuer, { client, findKey: keysOf(client) }]),
  );
  const auditorKeys = auditors ? keysOf(auditors) : null;
  const jtiCache = createJtiCache({ ...options, unavailable: () => report('token-not-marked', {}) });
  let refused = 0;

  function expectedOf(issuer: string, path: string, isForEhr: boolean): ExpectedClaims | null {
    const known = clients.get(issuer);
    if (known) {
      return expectedOfClient(known.client, known.findKey, isForEhr ? `${settings.baseUrl}${path}` : null);
    }
    return !isForEhr && auditors && auditorKeys && issuer === auditors.issuer
      ? expectedOfPeople(auditors, auditorKeys)
      : null;
  }

  const origins = originsOf(registry.clients);
  const tenants = [...new Set(registry.clients.map(({ tenant }) => tenant))];

  /** @throws ForbiddenError where a page of another organisation holds the token */
  function checkOrigin(caller: Caller, origin: string | undefined): void {
    if (origin === undefined || !origins.has(origin)) return;
    const own = originsOf(registry.clients.filter(({ tenant }) => tenant === caller.tenant));
    if (!own.has(origin))
      throw new ForbiddenError(
        'this page is of an origin that is registered for another organisation than the token',
        caller,
      );
  }

  /** @throws ForbiddenError where the organisation is none of the registry */
  function checkTenant({ tenant }: Caller): void {
    if (!tenants.includes(tenant))
      throw new ForbiddenError('no client is registered for the `tenant` of the token', null);
  }

  async function callerOf({ authorization, path, origin, signal }: AuthenticationRequest): Promise<Caller> {
    const area = path.split('/')[1] ?? '';
    const isForEhr = area === services;
    const token = await verify(authorization, (issuer) => expectedOf(issuer, path, isForEhr), {
      now: now(),
      longestLifetime: settings.tokenLifetime,
      signal,
    });
    const client = clients.get(token.issuer)?.client;
    if (!client) {
      const person = personOf(token, area);
      checkTenant(person);
      return person;
    }
    const caller = ehrOf(client, token, isForEhr);
    checkOrigin(caller, origin);
    return caller;
  }

  return {
    /** Origins of pages that may call `/cds-services` from a browser. */
    origins,

    /** Every registered organisation. */
    tenants,

    /** @throws UnauthorizedError (401), ForbiddenError (403); each is counted and reported here */
    async authenticate(request: AuthenticationRequest): Promise<Caller> {
      try {
        return await callerOf(request);
      } catch (error) {
        if (error instanceof UnauthorizedError) {
          refused += 1;
          report('caller-not-identified', { reason: error.rejection, ...error.claimed, count: refused });
        } else if (error instanceof ForbiddenError) {
          report('caller-not-permitted', {
            status: error.status,
            ...(error.caller ? { iss: error.caller.client } : {}),
          });
        }
        throw error;
      }
    },

    /** Uses a client's token up for one request. Tokens of people are good for many. */
    async consumeJti(caller: Caller, request: TokenRequest): Promise<TokenUse> {
      const { token, registered, tenant } = caller;
      if (token === null || registered === null) return 'first';
      const use = await jtiCache.consumeJti(tenant, token, request);
      if (use === 'replayed') {
        refused += 1;
        report('caller-not-identified', {
          reason: 'replayed',
          iss: token.issuer,
          kid: token.kid,
          count: refused,
        });
      }
      return use;
    },
  };
}

/** Origins of pages that may call from a browser. */
const originsOf = (registered: readonly Client[]): ReadonlySet<string> =>
  new Set(registered.flatMap((client) => client.origins));

export interface AuthenticationRequest {
  /** The header as it came. */
  authorization: string | undefined;
  path: string;
  /** The header of a browser; undefined where there is none. */
  origin: string | undefined;
  /** The caller's deadline. */
  signal: AbortSignal;
}

/** The EHR a token stands for. @throws ForbiddenError on a path for people, or for another tenant */
function ehrOf(client: Client, token: Token, isForEhr: boolean): Caller {
  const { tenant, issuer, profile } = client;
  const caller: Caller = { tenant, client: issuer, profile, registered: client, token };
  if (!isForEhr) {
    throw new ForbiddenError(
      'this path is for auditors and engineers: it needs a token of their issuer',
      caller,
    );
  }
  if (token.tenant !== null && token.tenant !== tenant) {
    throw new ForbiddenError(
      'the token names another tenant than the one its issuer is registered for',
      caller,
    );
  }
  return caller;
}
