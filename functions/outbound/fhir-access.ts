/**
 * Which FHIR server may be read for a request, and with which token: a registered one, with the token that came with
 * it. See docs/gathering.md.
 */
import { isObject } from '../../rules/fhir/json.ts';
import type { NoticeCode } from '../../rules/fhir/notice.ts';
import { isLoopback } from '../config/settings.ts';

/**
 * Base addresses registered for a client. Without a registry: `loopback` where servers on this machine may be called, else
 * `none`.
 */
export type Servers = readonly string[] | 'loopback' | 'none';

export interface Server {
  /** Without a slash at its end. */
  base: URL;
  headers: Readonly<Record<string, string>>;
}

export type Unusable = { unusable: NoticeCode; why: string };

/** The base address of a FHIR server: no query, no user, and a path that means what it says. */
function baseOf(address: unknown): URL | null {
  if (typeof address !== 'string' || address.length > 2000 || !URL.canParse(address)) return null;
  const url = new URL(address);
  const bare = `${url.username}${url.password}${url.search}${url.hash}` === '';
  if (!/^https?:$/.test(url.protocol) || !bare || /[%\\]|\/\//.test(url.pathname)) return null;
  url.pathname = url.pathname.replace(/\/$/, '');
  return url;
}

/** The path of a base address, without a slash at its end. */
export const pathOf = (url: URL): string => (url.pathname === '/' ? '' : url.pathname);

/** A server is registered if it is a registered address, or lies below one. */
function isRegistered(base: URL, servers: Servers): boolean {
  if (servers === 'none') return false;
  if (servers === 'loopback') return isLoopback(base.hostname);
  return servers.some((server) => {
    const registered = baseOf(server);
    return (
      registered !== null &&
      registered.origin === base.origin &&
      `${pathOf(base)}/`.startsWith(`${pathOf(registered)}/`)
    );
  });
}

const notRegistered = '`fhirServer` is not registered for this client: it was not called';
/** The same whatever the address: which servers there are on this machine is not said. */
const unregistered =
  'without a client registry a `fhirServer` is called on this machine only, with EPSOM_ALLOW_LOOPBACK=true, and not for a page of another origin: it was not called';

/** The server to read from with its token, or why it must not be called. Nothing of the request is validated yet. */
export function serverOf(
  request: { fhirServer: unknown; fhirAuthorization: unknown },
  servers: Servers,
): Server | Unusable {
  const base = baseOf(request.fhirServer);
  if (!base) {
    const why = '`fhirServer` is no address that can be used: it was not called';
    return { unusable: 'fhir-server-unusable', why };
  }
  if (!isRegistered(base, servers)) {
    const why = typeof servers === 'string' ? unregistered : notRegistered;
    return { unusable: 'fhir-server-not-registered', why };
  }
  const accept = { accept: 'application/fhir+json' };
  const given = request.fhirAuthorization;
  if (given === undefined || given === null) return { base, headers: accept };
  const token = usableToken(given);
  if (token === null) {
    const why =
      '`fhirAuthorization` needs `access_token`, `token_type` Bearer and an `expires_in` above 0: the FHIR server was not called';
    return { unusable: 'fhir-server-unusable', why };
  }
  return { base, headers: { ...accept, authorization: `Bearer ${token}` } };
}

/** https://cds-hooks.hl7.org/2.0/#passing-the-access-token-to-the-cds-service; characters of RFC 6750, section 2.1. */
function usableToken(authorization: unknown): string | null {
  if (!isObject(authorization)) return null;
  const { access_token: token, token_type: type, expires_in: left } = authorization;
  if (typeof token !== 'string' || !/^[A-Za-z0-9._~+/=-]{1,8000}$/.test(token)) return null;
  if (typeof type !== 'string' || type.toLowerCase() !== 'bearer') return null;
  // A time that was left out is no reason to doubt the token; the server will say.
  return left === undefined || (typeof left === 'number' && left > 0) ? token : null;
}
