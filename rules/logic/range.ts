/** What a number may be, and how that compares with a threshold: decided only when all of it lies on one side. */
import type { Truth } from './truth.ts';

/** Both ends, each in or out. A plain value has equal ends. */
export interface Range {
  low: number;
  high: number;
  lowOpen?: boolean;
  highOpen?: boolean;
}

/** A range as JSON can say it: an end that is not bounded is left out. */
export type StatedRange = Omit<Range, 'high'> & { high?: number };
export const statedRange = ({ low, high, lowOpen, highOpen }: Range): StatedRange => ({
  low,
  ...(lowOpen ? { lowOpen } : {}),
  ...(Number.isFinite(high) ? { high } : {}),
  ...(highOpen ? { highOpen } : {}),
});

/** Operators of json-rules-engine that compare numbers. */
export const numericOperators = [
  'equal',
  'lessThan',
  'lessThanInclusive',
  'greaterThan',
  'greaterThanInclusive',
] as const;
export type NumericOperator = (typeof numericOperators)[number];

/** Compares everything a number may be with a threshold. */
export function compareRange(range: Range, operator: NumericOperator, threshold: number): Truth {
  const { low, high, lowOpen = false, highOpen = false } = range;
  const below = high < threshold || (high === threshold && highOpen);
  const above = low > threshold || (low === threshold && lowOpen);
  switch (operator) {
    case 'lessThan':
      return decide(below, low >= threshold);
    case 'lessThanInclusive':
      return decide(high <= threshold, above);
    case 'greaterThan':
      return decide(above, high <= threshold);
    case 'greaterThanInclusive':
      return decide(low >= threshold, below);
    case 'equal':
      return decide(low === high && low === threshold, below || above);
  }
}

const decide = (holds: boolean, fails: boolean): Truth => (holds ? true : fails ? false : null);

/** Compares the upper end of what a number may be; an open end lies just below itself. */
export function compareHighest(
  { high, highOpen }: Range,
  operator: NumericOperator,
  threshold: number,
): boolean {
  if (!highOpen || high !== threshold) return compareNumber(high, operator, threshold);
  return operator === 'lessThan' || operator === 'lessThanInclusive';
}

export function compareNumber(value: number, operator: NumericOperator, threshold: number): boolean {
  switch (operator) {
    case 'lessThan':
      return value < threshold;
    case 'lessThanInclusive':
      return value <= threshold;
    case 'greaterThan':
      return value > threshold;
    case 'greaterThanInclusive':
      return value >= threshold;
    case 'equal':
      return value === threshold;
  }
}
