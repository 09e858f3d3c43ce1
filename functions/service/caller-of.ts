/** Who calls, found out once a request. */
import { isObject } from '../../rules/fhir/json.ts';
import { Problem } from '../http/outcome.ts';
import type { Servers } from '../outbound/fhir-access.ts';
import type { Caller } from '../trust/caller.ts';
import type { Call } from './call.ts';
import { deadlineOf } from './deadline.ts';
import { isForeignPage } from './page-origin.ts';
import type { Service } from './service.ts';

/**
 * Who calls: with a registry whom the token names; without one client `local` of tenant `local`, and on AWS who
 * IAM says.
 * @throws UnauthorizedError (401), ForbiddenError (403), Problem 401
 * @example const { tenant } = await callerOf(call, service);
 */
export function callerOf(call: Call, service: Service): Promise<Caller> {
  const known = call.get('caller');
  if (known) return known;
  const caller = service.callers
    ? service.callers.authenticate({
        authorization: call.req.header('authorization'),
        path: call.req.path,
        origin: call.req.header('origin'),
        signal: deadlineOf(service).signal,
      })
    : withoutRegistry(call, service);
  call.set('caller', caller);
  return caller;
}

async function withoutRegistry(call: Call, service: Service): Promise<Caller> {
  const unregistered = { profile: 'generic', registered: null, token: null } as const;
  if (service.open)
    return { tenant: 'local', client: 'local', ...unregistered, isForeignPage: isForeignPage(call) };
  const { accountId, userArn } = iamOf(call);
  if (typeof accountId !== 'string' || typeof userArn !== 'string') {
    throw new Problem(
      401,
      'login',
      'the caller is not identified: sign the request with AWS Signature Version 4',
    );
  }
  const role = userArn.split('/').slice(1, 2).join('');
  return { tenant: accountId, client: role || userArn, ...unregistered };
}

/** What API Gateway says of a signed request: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html */
function iamOf(call: Call): { accountId?: unknown; userArn?: unknown } {
  const context = call.env?.event?.requestContext;
  const authorizer: unknown = context && 'authorizer' in context ? context.authorizer : undefined;
  return isObject(authorizer) && isObject(authorizer.iam) ? authorizer.iam : {};
}

/**
 * FHIR servers that may be called for a caller: the registered ones; without a registry those on this machine where the
 * operator allows them, and none for a page: from what came of a call it would learn which ports are open. On AWS none.
 */
export function fhirServersOf(
  { open, settings }: Pick<Service, 'open' | 'settings'>,
  { registered, isForeignPage: isPage }: Caller,
): Servers {
  if (!open) return registered?.fhirServers ?? [];
  return settings.allowLoopback && !isPage ? 'loopback' : 'none';
}
