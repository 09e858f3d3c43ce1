/** What the checks of the items of the table share. */
import type { Ruleset } from '../../../rules/evaluation/ruleset.ts';
import type { Counts, Fault, OnFault } from '../faults.ts';
import type { Item } from '../items.ts';
import type { Expected } from './derived.ts';
import type { ChainEnd, CheckedLeaves } from './leaves.ts';
import type { SealedPlaces } from './places.ts';
import type { Reader } from './reader.ts';
import type { Removals } from './removals.ts';

export interface KeptOptions {
  reader: Reader;
  places: SealedPlaces;
  leaves: CheckedLeaves;
  /** Where each writer's chain ends, sealed or not. */
  ends: ReadonlyMap<string, ChainEnd>;
  expected: Expected;
  removals: Removals;
  /** Milliseconds: before it all is sealed and projected, and nothing is later than the other. */
  oldest: number;
  latest: number;
  /** Whether a wrapped key opens; without it that is not covered. */
  isKeyWhole?: ((item: Item) => Promise<boolean>) | undefined;
  ruleset?: Ruleset | undefined;
  counts: Counts;
  onFault: OnFault;
}

/** What is wrong with an item. */
export type Problem = [fault: Fault, message: string] | null;

/** Names of attributes beside the key that should not be there. */
export const besides = (item: Item, ...allowed: string[]): string[] =>
  Object.keys(item).filter((name) => !['pk', 'sk', ...allowed].includes(name));
