/** The condition tree of a rule with each fact, its value and its truth. */
import type { Reason } from '../facts/fact.ts';
import type { FactName, Params } from '../facts/facts.ts';
import { not, type Truth } from '../logic/truth.ts';
import type { Leaf } from './conditions.ts';

/** What a condition waits for: a fact, and why it is not known. */
export interface MissingFact {
  fact: FactName;
  params: Params;
  reasons: readonly Reason[];
}

export interface TraceLeaf {
  fact: FactName;
  params: Params;
  path?: string;
  operator: Leaf['operator'];
  value: Leaf['value'];
  /** What the fact was. */
  factValue: unknown;
  truth: Truth;
  /** Why it is undecided. */
  missing?: readonly Reason[];
  /** Number of the fact request, to find its evidence. */
  question: number;
}

export type Trace =
  | { all: Trace[]; truth: Truth }
  | { any: Trace[]; truth: Truth }
  | { not: Trace; truth: Truth }
  | TraceLeaf;

/** The leaves that carry the answer: of an unknown tree the unknown ones, of a true tree the true ones. */
export function* decisiveLeaves(trace: Trace, truth: Truth): Generator<TraceLeaf> {
  if (trace.truth !== truth) return;
  if ('all' in trace) for (const part of trace.all) yield* decisiveLeaves(part, truth);
  else if ('any' in trace) for (const part of trace.any) yield* decisiveLeaves(part, truth);
  else if ('not' in trace) yield* decisiveLeaves(trace.not, not(truth));
  else yield trace;
}

/** Leaves, true or unknown, that are part of what a tree says. */
export function* contributingLeaves(trace: Trace): Generator<TraceLeaf> {
  if (trace.truth === false) return;
  if ('all' in trace) for (const part of trace.all) yield* contributingLeaves(part);
  else if ('any' in trace) for (const part of trace.any) yield* contributingLeaves(part);
  else if ('not' in trace) yield* contributingLeaves(trace.not);
  else yield trace;
}
