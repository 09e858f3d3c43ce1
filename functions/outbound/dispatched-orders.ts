/** The orders that a hook only names, with their drugs, in one search: https://hl7.org/fhir/R4/search.html#include. */
import type { Json } from '../../rules/fhir/json.ts';
import { resourcesOf } from './bundle.ts';
import { type Searching, searchFirstPage } from './fhir-search.ts';
import { ReadFailed } from './missing-data.ts';

const type = 'MedicationRequest';
const byId = '_id=';

/**
 * What a search for requests by their ids holds: requests and drugs, not all that were asked for, and others, too.
 * Nothing where the server does not search so, which is kept in mind: they can be read one by one.
 */
export async function findOrders(searching: Searching, ids: readonly string[]): Promise<Json[]> {
  const { known } = searching;
  if (!known.takes(type, byId)) return [];
  try {
    const search = `${type}?${byId}${ids.join(',')}&_include=${type}:medication`;
    const { first } = await searchFirstPage(searching, search);
    return resourcesOf(first).map(({ resource }) => resource);
  } catch (error) {
    if (!(error instanceof ReadFailed)) throw error;
    if (error.hasNone && error.status !== null && error.status !== 403) known.learn(type, [byId]);
    return [];
  }
}
