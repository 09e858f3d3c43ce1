/**
 * The Host check of an open service: a page whose name was rebound to this machine's address is not answered.
 * https://owasp.org/www-community/attacks/DNS_Rebinding
 */
import type { MiddlewareHandler } from 'hono';
import { isLoopback } from '../config/settings.ts';
import { Problem } from '../http/outcome.ts';
import type { Env } from './call.ts';
import { refuse } from './refuse.ts';
import { metadataOf } from './request-metadata.ts';
import type { Service } from './service.ts';

const hostName = (host: string | undefined): string => (host ?? '').replace(/:\d+$/, '').toLowerCase();

export const onlyLoopbackHosts =
  (service: Service): MiddlewareHandler<Env> =>
  async (call, next) => {
    if (!service.open || isLoopback(hostName(call.req.header('host')))) return next();
    const problem = new Problem(
      421,
      'security',
      'this server answers only to loopback host names: use http://127.0.0.1',
    );
    return refuse(call, service, await metadataOf(call, service), problem);
  };
