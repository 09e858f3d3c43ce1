/** What a record says of a request besides its data: who asked, which service, when. */
import type { RequestMetadata } from '../../rules/record-types.ts';
import type { Caller } from '../trust/caller.ts';
import type { Call } from './call.ts';
import { callerOf } from './caller-of.ts';
import type { Service } from './service.ts';

/** @param name the service as the record names it: `order-sign`, `evaluate` */
export const metadataBy = (
  { tenant, client }: Pick<Caller, 'tenant' | 'client'>,
  { now }: Pick<Service, 'now'>,
  name: string,
): RequestMetadata => ({
  tenant,
  client,
  service: name,
  hook: null,
  hookInstance: null,
  user: null,
  requestDigest: '',
  receivedAt: now().toISOString(),
});

/** The first two parts of a path that are words: `decisions/export`. */
export const serviceName = (path: string): string =>
  path
    .split('/')
    .filter((part) => /^[a-z-]{1,40}$/.test(part))
    .slice(0, 2)
    .join('/') || 'unknown';

/** @throws as callerOf does */
export const metadataOf = async (call: Call, service: Service): Promise<RequestMetadata> =>
  metadataBy(await callerOf(call, service), service, serviceName(call.req.path));
