/** Fact about the current encounter. */
import * as z from 'zod/mini';
import { defineFact, incompleteCategory, missing } from './fact.ts';

const lacksClass = { code: 'lacks', what: 'encounter class' } as const;

const encounter = defineFact({
  name: 'encounter',
  params: z.strictObject({}),
  description:
    'Class of the current encounter: `inpatient`, `emergency`, `ambulatory`, `home`, `virtual`; `none` without one.',
  kind: 'text',
  paths: [],
  stratum: 1,
  part: 'refinement',
  categories: () => ['encounter'],
  tests: () => [],
  reach: () => [],
  uses: { sex: false, birthDate: false, categories: [], drugIdentity: false },
  dataNeeds: () => [{ type: 'Encounter' }],
  isPlainResult: false,
  computedFrom: () => [],
  isWhole: () => false,
  describe: () => 'encounter',
  ask: () => 'the kind of encounter',
  need: () => null,
  word: () => null,
  fills: () => [],
  heads: () => null,
  compute: () => (context) => {
    const current = context.chart.encounter;
    if (current?.class) {
      const used = { kind: 'code', code: current.class } as const;
      const reference = current.reference ?? 'Encounter';
      return {
        state: 'known',
        value: current.class,
        evidence: [{ reference, used, time: current.start, notes: [] }],
      };
    }
    if (current) return missing('absent', [lacksClass]);
    return (
      incompleteCategory(context, 'encounter', [lacksClass]) ?? {
        state: 'known',
        value: 'none',
        evidence: [],
      }
    );
  },
});

export const stayFacts = [encounter] as const;
