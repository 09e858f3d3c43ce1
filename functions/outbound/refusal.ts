/**
 * A search that a server refused with 400 or 422, asked otherwise: https://hl7.org/fhir/R4/search.html#errors. What the
 * server does take is kept, and kept in mind. Nothing else than such a refusal teaches anything: a server that is down
 * or forbids something says nothing about parameters.
 */
import { isObject, type Json } from '../../rules/fhir/json.ts';
import { saysMore } from './bundle.ts';
import type { FetchResponse } from './fetch.ts';
import type { FhirClient } from './fhir-client.ts';
import { ReadFailed } from './missing-data.ts';
import { namedIn, optionalParts, queryWith, type Variant, variantsOf } from './search-parameters.ts';
import type { KnownServer } from './server-memory.ts';

/** An answer, and at which address it was given. */
export interface Asked {
  url: URL;
  query: string;
  answer: FetchResponse;
}

/** Whether a status says that the question was not understood. */
export const isRefusal = (status: number): boolean => status === 400 || status === 422;

export const isBundle = (json: unknown): json is Json => isObject(json) && json.resourceType === 'Bundle';

const isTaken = ({ answer }: Asked): boolean => answer.status === 200 && isBundle(answer.json);

const isWhole = ({ answer: { json } }: Asked, type: string): boolean =>
  isBundle(json) && !saysMore(json, type);

type Tried = Variant & (Asked | { answer: null; error: ReadFailed });

const isAnswered = (tried: Tried): tried is Variant & Asked => tried.answer !== null;

/** Results inside of panels first, then a whole answer before a part of one, then the fullest question. */
function bestOf(taken: readonly (Variant & Asked)[], type: string): (Variant & Asked) | undefined {
  const rank = (one: Variant & Asked): number =>
    (one.query.includes('combo-code=') ? 0 : 2) + (isWhole(one, type) ? 0 : 1);
  return taken.toSorted((a, b) => rank(a) - rank(b))[0];
}

/** What the server does not take, by what it answered to each part alone, or to all but one. */
function refusedParts(query: string, tried: readonly Tried[], best: Variant): readonly string[] {
  const parts = optionalParts(query);
  const alone = tried.filter(({ kept }) => kept.length === 1);
  const refused = alone.filter(({ answer }) => answer !== null && isRefusal(answer.status));
  if (refused.length > 0) return refused.flatMap(({ kept }) => kept);
  // Each part alone is taken, and not all together: what served best is asked from now on.
  const isEachTaken = alone.every((one) => isAnswered(one) && isTaken(one));
  return isEachTaken ? parts.filter((part) => !best.kept.includes(part)) : [];
}

/**
 * Asks a refused search without what the refusal names; where it names nothing of ours, or that is refused, too, all
 * variants at once.
 * @param client one with more time than the hook has: what is learnt serves the next
 * @param refusal the answer to `query`
 * @returns null where nothing can be left out
 * @throws ReadFailed where no variant was answered
 */
export async function askOtherwise(
  { client, known }: { client: Pick<FhirClient, 'get' | 'urlOf'>; known: Pick<KnownServer, 'learn'> },
  type: string,
  query: string,
  refusal: FetchResponse,
): Promise<Asked | null> {
  const ask = async (simpler: string): Promise<Asked> => {
    const url = client.urlOf(`${type}?${simpler}`);
    return { url, query: simpler, answer: await client.get(url) };
  };
  const named = namedIn(refusal.json, query);
  if (named.length > 0) {
    const asked = await ask(queryWith(query, (part) => !named.includes(part)));
    if (isTaken(asked)) known.learn(type, named);
    if (!isRefusal(asked.answer.status)) return asked;
  }
  const tried = await Promise.all(
    variantsOf(query).map(async (variant): Promise<Tried> => {
      try {
        return { ...variant, ...(await ask(variant.query)) };
      } catch (error) {
        if (!(error instanceof ReadFailed)) throw error;
        return { ...variant, answer: null, error };
      }
    }),
  );
  const best = bestOf(tried.filter(isAnswered).filter(isTaken), type);
  if (best) {
    known.learn(type, refusedParts(query, tried, best));
    return best;
  }
  const bare = tried.at(-1);
  if (bare?.answer === null) throw bare.error;
  return bare ?? null;
}
