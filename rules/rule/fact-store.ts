/** The facts that a set of rules asks for, each once, and their values for one patient. */
import { type EvaluationContext, type Fact, type Reach, readInPart } from '../facts/fact.ts';
import { type FactName, factOf, type Params } from '../facts/facts.ts';
import { mayChange } from '../facts/results.ts';
import { milliseconds } from '../fhir/time.ts';

/** A fact with its parameters, asked by any number of rules. */
export interface FactRequest {
  key: string;
  fact: FactName;
  params: Params;
  stratum: 1 | 2;
  compute(context: EvaluationContext): Fact;
  /** Results that may change its answer. */
  reach(context: EvaluationContext): readonly Reach[];
  /** Milliseconds before the evaluation time beyond which no result counts. */
  window: number;
}

/** One spelling for one request, whatever the order of its parameters. */
export const requestKey = (fact: string, params: Params): string =>
  `${fact} ${JSON.stringify(Object.entries(params).sort(([a], [b]) => (a < b ? -1 : 1)))}`;

/** All requests of a set of rules, each once, by number. */
export class FactRequests {
  readonly list: FactRequest[] = [];
  private readonly byKey = new Map<string, number>();

  /** The number of a request, a new one where it was not asked before. */
  of(fact: FactName, params: Params): number {
    const key = requestKey(fact, params);
    const known = this.byKey.get(key);
    if (known !== undefined) return known;
    const index = this.list.length;
    this.byKey.set(key, index);
    const { stratum, compute, reach } = factOf(fact);
    this.list.push({
      key,
      fact,
      params,
      stratum,
      compute: compute(params),
      reach: (context) => reach(params, context),
      window: windowOf(params),
    });
    return index;
  }
}

const windowOf = ({ within }: Params): number =>
  typeof within === 'string' && within.startsWith('P') ? milliseconds(within) : Number.POSITIVE_INFINITY;

/** The facts of one decision by the number of their request: each is computed when first asked. */
export interface FactStore {
  (request: number): Fact;
  /** The requests that were asked so far. */
  requested?(): number[];
  /** The same, where what results that were not read may change is unknown; absent where all of them were read. */
  strict?: FactStore;
}

/** Facts that nothing unread can change: what is not fired, and what exempts, must rest on them. */
export const strictly = (facts: FactStore): FactStore => facts.strict ?? facts;

/** Of an answer by what was read: nobody knows. */
const undecided = (fact: Fact): Fact =>
  fact.state === 'known' && fact.inPart ? readInPart('labs', [], fact.evidence) : fact;

/**
 * Computes each fact once.
 * @param earlier facts of the first stratum, for the second
 */
export function createFactStore(
  requests: readonly FactRequest[],
  context: EvaluationContext,
  earlier?: FactStore,
): FactStore {
  const known: (Fact | undefined)[] = [];
  const factAt = (index: number): Fact => {
    const cached = known[index];
    if (cached) return cached;
    const request = requests[index];
    if (!request) throw new Error(`no fact request ${index}`);
    const fact = earlier && request.stratum === 1 ? earlier(index) : computed(request, context);
    known[index] = fact;
    return fact;
  };
  const requested = (): number[] => [...known.keys()].filter((index) => known[index] !== undefined);
  return Object.assign(factAt, {
    ...(lacksResults(context) ? { strict: (index: number) => undecided(factAt(index)) } : {}),
    requested: () => [...new Set([...(earlier?.requested?.() ?? []), ...requested()])].sort((a, b) => a - b),
  });
}

const lacksResults = ({ chart }: EvaluationContext): boolean =>
  chart.unread?.some(({ category }) => category === 'labs') === true;

/** A fact that throws costs the rules that need it, never the answer. */
function computed(request: FactRequest, context: EvaluationContext): Fact {
  try {
    const fact = request.compute(context);
    if (!lacksResults(context)) return fact;
    const isLacking = fact.state !== 'known' && fact.cause === 'absent' && !fact.category;
    if (fact.state !== 'known' && !isLacking) return fact;
    if (!mayChange(context, request.reach(context), request.window)) return fact;
    // What lacks may be among what was not read.
    return fact.state === 'known'
      ? { ...fact, inPart: true }
      : readInPart('labs', fact.reasons, fact.evidence);
  } catch {
    return { state: 'missing', cause: 'error', reasons: [{ code: 'computation-failed' }], evidence: [] };
  }
}
