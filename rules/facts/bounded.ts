/**
 * What names one thing for each of many resources names the first of them and counts the others: a record or an answer
 * does not grow with the number of rules times that of resources. The chart has all of them.
 */
import type { Evidence, Reason } from './fact.ts';

/** So many are named. */
export const mostNamed = 10;

/** The first of a list, and how many others there are. */
export const firstOf = <T>(list: readonly T[]): { first: readonly T[]; others: number } => ({
  first: list.length > mostNamed ? list.slice(0, mostNamed) : list,
  others: Math.max(0, list.length - mostNamed),
});

/** The same of evidence; rules that are named are no more than there are rules. */
export const firstEvidence = (
  evidence: readonly Evidence[],
): { first: readonly Evidence[]; others: number } =>
  evidence.some(({ used }) => used.kind === 'open-check')
    ? { first: evidence, others: 0 }
    : firstOf(evidence);

/** A list cut to the first, with a reason that says how many others there are. */
function cut<T>(list: readonly T[], reasonOf: (first: readonly T[]) => readonly Reason[]): readonly Reason[] {
  const { first, others } = firstOf(list);
  return others === 0 ? reasonOf(list) : [...reasonOf(first), { code: 'and-others', count: others }];
}

/** A reason with the first of the resources that it names. */
function boundedReason(reason: Reason): readonly Reason[] {
  switch (reason.code) {
    case 'unusable':
      return cut(reason.results, (results) => [{ ...reason, results }]);
    case 'order-unclear':
      return cut(reason.results, (results) => [{ ...reason, results }]);
    case 'conditions-open':
      return cut(reason.conditions, (conditions) => [{ ...reason, conditions }]);
    case 'route-unknown':
      return cut(reason.medications, (medications) => [{ ...reason, medications }]);
    case 'allergies-open':
    case 'dose-needs-weight':
    case 'dose-not-computed':
    case 'delivery-not-stated':
      return cut(reason.references, (references) => [{ ...reason, references }]);
    default:
      return [reason];
  }
}

/** Why something is unknown, with the first of what each reason names and the first of the reasons. */
export const boundedReasons = (reasons: readonly Reason[]): readonly Reason[] =>
  cut(reasons, (first) => first.flatMap(boundedReason));
