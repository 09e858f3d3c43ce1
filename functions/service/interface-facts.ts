/**
 * Kinds of data that a client's calls of a hook lack: facts about its interface, counted for the operator. They are in
 * the notices of each decision, and on a card only where a critical check of that order waits for them.
 */
import type { Decision } from '../../rules/decide.ts';
import type { Ruleset } from '../../rules/evaluation/ruleset.ts';
import { categories } from '../../rules/fhir/categories.ts';

/** Of one client and hook: calls, and how many of them lacked each kind of data. */
interface Counts {
  calls: number;
  lacked: Map<string, number>;
}

/** Clients and hooks that are counted; those that come later are not. */
const mostCounted = 1000;

/** What rules of the hook rest on and the call did not bring. */
const lackedBy = (
  { hook, chart }: Pick<Decision, 'hook' | 'chart'>,
  { needs, measured }: Pick<Ruleset, 'needs' | 'measured'>,
): string[] => [
  ...categories.filter((category) => needs[hook].has(category) && chart.completeness[category] === 'absent'),
  ...(chart.measurementsAbsent && measured.has(hook) ? ['measurements'] : []),
  ...(chart.patientAbsent ? ['patient'] : []),
];

const isRound = (count: number): boolean => /^10*$/.test(String(count));

/** Where its lines go. */
interface Operator {
  report(event: string, detail: Record<string, string | number>): void;
}

/** Counts what clients lack, and says how much it was. */
export interface InterfaceFacts {
  /** @param iss the client */
  note(
    decision: Pick<Decision, 'hook' | 'chart'>,
    ruleset: Pick<Ruleset, 'needs' | 'measured'>,
    iss: string,
  ): void;
  /** Answers that lacked each kind of data, of all clients and hooks together: it names no client. */
  lacked(): Record<string, number>;
}

/**
 * Counts in this process. A line `interface-lacks` at the first call that lacks a kind of data, then at the 10th, the
 * 100th and so on, with how many calls there were.
 * @example
 * const { note, lacked } = createInterfaceFacts(({ report }));
 * note(decision, ruleset, 'https://ehr.example');
 * // interface-lacks { iss: 'https://ehr.example', hook: 'order-sign', category: 'allergies', lacked: 10, calls: 10 }
 * lacked(); // { allergies: 10 }
 */
export function createInterfaceFacts({ report }: Operator): InterfaceFacts {
  const counted = new Map<string, Counts>();
  return {
    note(decision, ruleset, iss) {
      const { hook } = decision;
      const key = `${hook} ${iss}`;
      const counts = counted.get(key) ?? { calls: 0, lacked: new Map() };
      if (!counted.has(key) && counted.size >= mostCounted) return;
      counted.set(key, counts);
      counts.calls += 1;
      for (const category of lackedBy(decision, ruleset)) {
        const lacked = (counts.lacked.get(category) ?? 0) + 1;
        counts.lacked.set(category, lacked);
        if (isRound(lacked)) report('interface-lacks', { iss, hook, category, lacked, calls: counts.calls });
      }
    },
    lacked() {
      const sums = new Map<string, number>();
      for (const { lacked } of counted.values())
        for (const [category, count] of lacked) sums.set(category, (sums.get(category) ?? 0) + count);
      return Object.fromEntries([...sums].sort(([a], [b]) => (a < b ? -1 : 1)));
    },
  };
}
