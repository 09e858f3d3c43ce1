/** The orders that a hook only names, with their drugs, in one search: https://hl7.org/fhir/R4/search.html#include. */
import type { Json } from '../../rules/fhir/json.ts';
import { hour } from '../../rules/fhir/time.ts';
import { resourcesOf } from './bundle.ts';
import type { FetchResponse } from './fetch.ts';
import { askWhatIsTaken, type Searching } from './fhir-search.ts';
import { ReadFailed } from './missing-data.ts';
import { isBundle, isRefusal } from './refusal.ts';
import { formOf, queryWith } from './search-parameters.ts';

const type = 'MedicationRequest';
const byId = '_id=';

/** Statuses that say that this server does not search so. Of a token it is believed for an hour: the next has another. */
const isNever = (status: number): boolean => [404, 405, 501].includes(status);
const isForbidden = (status: number): boolean => status === 401 || status === 403;

/** Finds out for the next hook what of the search is refused: for this one, reading one by one takes no longer. */
async function learnFrom(searching: Searching, query: string, refusal: FetchResponse): Promise<void> {
  const { known } = searching;
  if (known.trialOf(formOf(type, query)) !== null) return;
  try {
    const asked = await askWhatIsTaken(searching, type, query, refusal);
    if (isRefusal(asked?.answer.status ?? refusal.status)) known.learn(type, [byId]);
  } catch (error) {
    if (!(error instanceof ReadFailed)) throw error;
  }
}

/**
 * What a search for requests by their ids holds: requests and drugs, not all that were asked for, and others, too.
 * Nothing where the server does not search so, which is kept in mind: they can be read one by one at once.
 */
export async function findOrders(searching: Searching, ids: readonly string[]): Promise<Json[]> {
  const { client, known } = searching;
  if (!known.takes(type, byId)) return [];
  const given = `${byId}${ids.join(',')}&_include=${type}:medication`;
  const query = queryWith(given, (part) => known.takes(type, part));
  try {
    const answer = await client.get(client.urlOf(`${type}?${query}`));
    const { status, json } = answer;
    if (status === 200 && isBundle(json)) return resourcesOf(json).map(({ resource }) => resource);
    if (isRefusal(status)) void learnFrom(searching, query, answer).catch(() => undefined);
    else if (isNever(status)) known.learn(type, [byId]);
    else if (isForbidden(status)) known.learn(type, [byId], hour);
  } catch (error) {
    if (!(error instanceof ReadFailed)) throw error;
  }
  return [];
}
