/** A search of an auditor: what it asks for, where it goes on, and its page as a Bundle of type searchset. */
import type { Bundle, BundleEntry, FhirResource } from 'fhir/r4.js';
import type { Call } from '../service/call.ts';
import { callerOf } from '../service/caller-of.ts';
import { boundTo, decodeCursor, encodeCursor } from '../service/cursor.ts';
import type { AccessDetails } from '../service/record-access.ts';
import type { Service } from '../service/service.ts';
import { readSearch, type SearchableType } from './search-parameters.ts';

export const entryOf = (resource: FhirResource, baseUrl: string): BundleEntry => ({
  fullUrl: `${baseUrl}/fhir/${resource.resourceType}/${resource.id}`,
  resource,
});

/** @throws Problem 400 for what is not understood, 406 for another format */
export async function searchOf(call: Call, service: Service, resource: SearchableType) {
  const caller = await callerOf(call, service);
  const { tenant } = caller;
  const { search, count, cursor, isEmpty } = readSearch(resource, call.req.queries());
  const { baseUrl } = service.settings;
  const bound = boundTo(caller, { resource, search });
  const key = await service.cursorKey();
  const { patient = null, ...filter } = search;
  const address = (more: Record<string, string>): string => {
    const query = new URL(call.req.url).searchParams;
    query.delete('cursor');
    for (const [name, value] of Object.entries(more)) query.set(name, value);
    const text = query.toString();
    return `${baseUrl}/fhir/${resource}${text === '' ? '' : `?${text}`}`;
  };
  return {
    tenant,
    search,
    count,
    isEmpty,
    after: cursor === null ? null : decodeCursor(cursor, bound, key, service.now()),
    looked: (what: 'search' | 'export', found: number): AccessDetails => ({
      what,
      path: `/fhir/${resource}`,
      filter,
      patient,
      count: found,
    }),
    page: async (resources: readonly FhirResource[], next: string | null): Promise<Bundle> => ({
      resourceType: 'Bundle',
      type: 'searchset',
      timestamp: service.now().toISOString(),
      link: [
        { relation: 'self', url: address(cursor === null ? {} : { cursor }) },
        ...(next === null
          ? []
          : [{ relation: 'next', url: address({ cursor: encodeCursor(next, bound, key, service.now()) }) }]),
      ],
      ...(resources.length > 0
        ? {
            entry: resources.map((one) => ({ ...entryOf(one, baseUrl), search: { mode: 'match' as const } })),
          }
        : {}),
    }),
  };
}
