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
import {
  bareFormOf,
  namedIn,
  optionalParts,
  type Variant,
  variantsOf,
  variantsWithout,
} from './search-parameters.ts';
import type { KnownServer } from './server-memory.ts';

/** Calls of one trial at most. */
const mostCalls = 12;

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

const isRefused = ({ answer }: Tried): boolean => answer !== null && isRefusal(answer.status);

/** Results inside of panels first, then a whole answer before a part of one, then the fullest question. */
function bestOf(tried: readonly Tried[], type: string): (Variant & Asked) | undefined {
  const rank = (one: Variant & Asked): number =>
    (one.query.includes('combo-code=') ? 0 : 2) + (isWhole(one, type) ? 0 : 1);
  const taken = tried.filter(isAnswered).filter(isTaken);
  return taken.sort((a, b) => rank(a) - rank(b))[0];
}

/** What the server does not take, by what it answered to each part alone, or to all but one. */
function refusedParts(query: string, tried: readonly Tried[], best: Variant): readonly string[] {
  const leftOut = optionalParts(query).filter((part) => !best.kept.includes(part));
  const bare = tried.find(({ kept }) => kept.length === 0);
  // A server that wants some part refuses each of the others alone: only what served best is proven.
  if (bare && isRefused(bare)) return leftOut;
  const alone = tried.filter(({ kept }) => kept.length === 1);
  const refused = alone.filter(isRefused);
  if (refused.length > 0) return refused.flatMap(({ kept }) => kept);
  // Each part alone is taken, and not all together: what served best is asked from now on.
  const isEachTaken = alone.every((one) => isAnswered(one) && isTaken(one));
  return isEachTaken ? leftOut : [];
}

type Client = Pick<FhirClient, 'get' | 'urlOf' | 'newBudget'>;

/** Asks all variants at once, bounded in calls and in bytes. */
function createTrial(client: Client, type: string) {
  const budget = client.newBudget();
  const before = new Set<string>();
  return async (variants: readonly Variant[]): Promise<Tried[]> => {
    const left = variants.filter((variant) => !before.has(variant.query));
    // The last are those that show what is refused.
    const now = left.slice(-Math.max(1, mostCalls - before.size));
    for (const { query } of now) before.add(query);
    return Promise.all(
      now.map(async (variant): Promise<Tried> => {
        const url = client.urlOf(`${type}?${variant.query}`);
        try {
          return { ...variant, url, answer: await client.get(url, budget) };
        } catch (error) {
          if (!(error instanceof ReadFailed)) throw error;
          return { ...variant, answer: null, error };
        }
      }),
    );
  };
}

/** What of suspects is proven to be refused: the search without all of them is taken, and with one of them is not. */
function provenOf(suspects: readonly string[], tried: readonly Tried[]): readonly string[] {
  const without = tried.at(-1);
  if (!without || !isAnswered(without) || !isTaken(without)) return [];
  if (suspects.length === 1) return suspects;
  return suspects.filter((part) => tried.some((one) => one.kept.includes(part) && isRefused(one)));
}

/** What a trial teaches. The doctor learns parameters alone. */
export type Learning = Pick<KnownServer, 'learn'> & Partial<Pick<KnownServer, 'capability' | 'learnRefused'>>;

/** What a refusal names, and what the server's own statement says the type lacks. */
function suspectsOf(known: Learning, type: string, query: string, refusal: FetchResponse): string[] {
  const named = namedIn(refusal.json, query);
  const statement = known.capability?.() ?? null;
  return optionalParts(query).filter((part) => named.includes(part) || statement?.lacks(type, part));
}

/**
 * Asks a refused search without what the refusal names and the server's statement says it lacks; where that is nothing
 * of ours, or that is refused, too, all variants at once.
 * @param client one with more time than the hook has: what is learnt serves the next
 * @param refusal the answer to `query`
 * @returns null where nothing can be left out
 * @throws ReadFailed where no variant was answered
 */
export async function askOtherwise(
  { client, known }: { client: Client; known: Learning },
  type: string,
  query: string,
  refusal: FetchResponse,
): Promise<Asked | null> {
  const trial = createTrial(client, type);
  const suspects = suspectsOf(known, type, query, refusal);
  if (suspects.length > 0) {
    const tried = await trial(variantsWithout(query, suspects));
    const best = bestOf(tried, type);
    if (best) {
      known.learn(type, provenOf(suspects, tried));
      return best;
    }
    const without = tried.at(-1);
    if (without?.answer === null) throw without.error;
    if (without && !isRefused(without)) return without;
    if (without?.kept.length === 0) {
      known.learnRefused?.(bareFormOf(type, query), without.answer.status);
      return without;
    }
  }
  return tryAll({ trial, known }, type, query, refusal);
}

/** Asks all variants of a search at once. */
async function tryAll(
  { trial, known }: { trial: ReturnType<typeof createTrial>; known: Learning },
  type: string,
  query: string,
  refusal: FetchResponse,
): Promise<Asked | null> {
  const tried = await trial(variantsOf(query));
  const best = bestOf(tried, type);
  if (best) {
    known.learn(type, refusedParts(query, tried, best));
    return best;
  }
  const bare = tried.at(-1);
  if (bare?.answer === null) throw bare.error;
  const { status } = bare?.answer ?? refusal;
  if (isRefusal(status)) known.learnRefused?.(bareFormOf(type, query), status);
  return bare ?? null;
}
