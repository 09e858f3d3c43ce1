/**
 * Who calls, where there is a client registry: EHRs by their own tokens, auditors and engineers by tokens of their
 * issuer. 401 is for whoever is not identified, 403 for whoever is, and may not.
 */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { Problem } from '../http/outcome.ts';
import type { FetchJson } from '../outbound/fetch.ts';
import type { Auditors, Client, Registry } from './clients.ts';
import { createLocalKeySet, createRemoteKeySet, type FindKey } from './keys.ts';
import { createJtiCache, type TokenRequest, type TokenUse } from './single-use.ts';
import { type ExpectedClaims, type Token, UnauthorizedError, verify } from './tokens.ts';

export interface Caller {
  tenant: string;
  /** As the record names it: the issuer of its tokens; `local` without a registry; on AWS without one, of IAM. */
  client: string;
  profile: Client['profile'];
  /** The client's entry in the registry; null for auditors and engineers, and without a registry. */
  registered: Client | null;
  /** Null without a registry. */
  token: Token | null;
}

/** 403: the caller is identified, and may not do this. */
export class ForbiddenError extends Problem {
  /** Null where no tenant is known to record it for. */
  readonly caller: Caller | null;
  constructor(message: string, caller: Caller | null, headers: Readonly<Record<string, string>> = {}) {
    super(403, 'forbidden', message, { headers });
    this.caller = caller;
  }
}

const readsDecisions = 'epsom/decisions.read';
const evaluates = 'epsom/evaluate';
/** What people need for each first part of a path; one of them is enough. What is not listed is for auditors. */
const scopesOf: Readonly<Record<string, readonly string[]>> = {
  decisions: [readsDecisions],
  fhir: [readsDecisions],
  rules: [readsDecisions, evaluates],
  evaluate: [evaluates],
};
/** The paths of EHRs; every other path is for people. */
const services = 'cds-services';

/**
 * Keys behind a URL: `jku` must be that URL. Keys written out: it may name the issuer's own key set, which is not
 * looked at; the CDS Hooks sandbox sends it always.
 */
const keyUrlOf =
  ({ issuer, jwksUrl }: Pick<Client, 'issuer' | 'jwksUrl'>) =>
  (jku: string): boolean =>
    jwksUrl === undefined
      ? URL.canParse(issuer) && URL.canParse(jku) && new URL(issuer).origin === new URL(jku).origin
      : jku === jwksUrl;

export type Callers = ReturnType<typeof createCallers>;

/** @param options.report a line for the operator: reason, issuer, key id and token id; never a token */
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
  const singleUse = createJtiCache({
    ...options,
    unavailable: () => report('token-not-marked', {}),
  });
  let refused = 0;

  const expectedOfClient = (
    { client, findKey }: { client: Client; findKey: FindKey },
    path: string,
    here: boolean,
  ): ExpectedClaims => ({
    findKey,
    mayNameKeyUrl: keyUrlOf(client),
    // https://cds-hooks.hl7.org/2.0/#trusting-cds-clients: the URL of the endpoint being invoked, feedback included.
    audiences: here ? [`${settings.baseUrl}${path}`, ...(client.audience ? [client.audience] : [])] : null,
    types: ['jwt'],
    jti: true,
  });
  const expectedOfPeople = (people: Auditors, findKey: FindKey): ExpectedClaims => ({
    findKey,
    mayNameKeyUrl: keyUrlOf(people),
    audiences: [people.audience],
    // Access tokens are of type `at+jwt` (RFC 9068); several providers set none.
    types: ['jwt', 'at+jwt', 'application/at+jwt', null],
    jti: false,
  });

  const callerOfClient = (client: Client, token: Token): Caller => ({
    tenant: client.tenant,
    client: client.issuer,
    profile: client.profile,
    registered: client,
    token,
  });

  /** @throws Forbidden */
  function personOf(token: Token, scopes: readonly string[]): Caller {
    const { tenant, issuer } = token;
    // The tenant becomes part of a key in the table: only what could be registered as one is one.
    if (tenant === null || !/^[!-"$-~]{1,200}$/.test(tenant)) {
      throw new ForbiddenError('the token needs a claim `tenant`: whose decisions it is about', null);
    }
    const caller: Caller = { tenant, client: issuer, profile: 'generic', registered: null, token };
    if (!scopes.some((scope) => token.scopes.includes(scope))) {
      const wanted = scopes.map((scope) => `\`${scope}\``).join(' or ');
      throw new ForbiddenError(`the token needs the scope ${wanted} for this path`, caller, {
        'WWW-Authenticate': `Bearer error="insufficient_scope", scope="${scopes.join(' ')}"`,
      });
    }
    return caller;
  }

  async function authenticate(request: {
    authorization: string | undefined;
    path: string;
    signal: AbortSignal;
  }): Promise<Caller> {
    const { authorization, path, signal } = request;
    const area = path.split('/')[1] ?? '';
    const forEhr = area === services;
    const token = await verify(
      authorization,
      (issuer) => {
        const client = clients.get(issuer);
        if (client) return expectedOfClient(client, path, forEhr);
        if (!forEhr && auditors && auditorKeys && issuer === auditors.issuer) {
          return expectedOfPeople(auditors, auditorKeys);
        }
        return null;
      },
      { now: now(), longestLifetime: settings.tokenLifetime, signal },
    );
    const client = clients.get(token.issuer)?.client;
    if (!client) return personOf(token, scopesOf[area] ?? [readsDecisions]);
    const caller = callerOfClient(client, token);
    if (!forEhr) {
      throw new ForbiddenError(
        'this path is for auditors and engineers: it needs a token of their issuer',
        caller,
      );
    }
    if (token.tenant !== null && token.tenant !== client.tenant) {
      throw new ForbiddenError(
        'the token names another tenant than the one its issuer is registered for',
        caller,
      );
    }
    return caller;
  }

  return {
    /** Origins of pages that may call `/cds-services` from a browser. */
    origins: new Set(registry.clients.flatMap(({ origins }) => origins)) as ReadonlySet<string>,

    /** Every registered organisation. */
    tenants: [...new Set(registry.clients.map(({ tenant }) => tenant))],

    /** @throws Unidentified (401), Forbidden (403); each is counted and reported here */
    async identify(request: Parameters<typeof authenticate>[0]): Promise<Caller> {
      try {
        return await authenticate(request);
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
    async mark(caller: Caller, request: TokenRequest): Promise<TokenUse> {
      const { token, registered, tenant } = caller;
      if (token === null || registered === null) return 'first';
      const use = await singleUse.mark(tenant, token, request);
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
