/** What a result may be: a point, one side of a number, or anything between two results of one time. */

import type { Range } from '../logic/range.ts';
import type { Comparator, Lab } from './types.ts';

/** What a one-sided result may be; undefined for a plain one. Concentrations are never below zero. */
export function rangeOf(comparator: Comparator | undefined, value: number): Range | undefined {
  switch (comparator) {
    case '<':
      return { low: 0, high: value, highOpen: true };
    case '<=':
      return { low: 0, high: value };
    case '>':
      return { low: value, high: Number.POSITIVE_INFINITY, lowOpen: true };
    case '>=':
      return { low: value, high: Number.POSITIVE_INFINITY };
    case undefined:
      return undefined;
  }
}

/** The same, a plain one as a range with equal ends. */
export const pointOrRange = (comparator: Comparator | undefined, value: number): Range =>
  rangeOf(comparator, value) ?? { low: value, high: value };

/** All that two ranges hold, and what lies between them. */
export function unionOf(one: Range, other: Range): Range {
  const low = lowerEnd(one, other) <= 0 ? one : other;
  const high = upperEnd(one, other) >= 0 ? one : other;
  return {
    low: low.low,
    high: high.high,
    ...(low.lowOpen ? { lowOpen: true } : {}),
    ...(high.highOpen ? { highOpen: true } : {}),
  };
}

/** Below zero where the first range begins first. */
export const lowerEnd = (one: Range, other: Range): number =>
  one.low === other.low ? Number(one.lowOpen ?? false) - Number(other.lowOpen ?? false) : one.low - other.low;

/** Above zero where the first range ends last. */
export const upperEnd = (one: Range, other: Range): number =>
  one.high === other.high
    ? Number(other.highOpen ?? false) - Number(one.highOpen ?? false)
    : one.high - other.high;

/** It is one number, and nothing else is possible. */
export const isPlain = ({ comparator, rival }: Lab): boolean =>
  comparator === undefined && rival === undefined;
