/** Facts about the person: age and sex. They say whom a rule is for. */
import * as z from 'zod/mini';
import { day, type Span, spanOf } from '../fhir/time.ts';
import { defineFact, type EvaluationContext, knownRange, missing } from './fact.ts';

/** Completed years between two instants of the UTC calendar. */
export function completedYears(birth: number, at: number): number {
  const [from, to] = [new Date(birth), new Date(at)];
  const years = to.getUTCFullYear() - from.getUTCFullYear();
  const before =
    to.getUTCMonth() < from.getUTCMonth() ||
    (to.getUTCMonth() === from.getUTCMonth() && to.getUTCDate() < from.getUTCDate());
  return before ? years - 1 : years;
}

export interface Age {
  low: number;
  high: number;
}

/**
 * Age in completed years at a time, as a range: a birth date known to the year only leaves two possible ages, and
 * so does a time known to the month. Null when not known, and before birth.
 */
export function ageYearsAt({ chart }: EvaluationContext, { from, to }: Span): Age | null {
  const birth = spanOf(chart.patient.birthDate);
  if (!birth || birth.from > to) return null;
  return { low: Math.max(0, completedYears(birth.to, from)), high: completedYears(birth.from, to) };
}

export const ageYears = (context: EvaluationContext): Age | null =>
  ageYearsAt(context, { from: context.at, to: context.at });

const age = defineFact({
  name: 'age',
  params: z.strictObject({
    unit: z.enum(['year', 'day']),
    /** It is part of what was found, such as a criterion of a dose, and stands on the card. Left out: whom a rule is for. */
    criterion: z.optional(z.literal(true)),
  }),
  description:
    'Age at the evaluation time in completed years or days. With `criterion` it is part of what was found and stands on the card.',
  kind: 'number',
  paths: ['$.value'],
  stratum: 1,
  part: 'selector',
  categories: () => [],
  tests: () => [],
  reach: () => [],
  uses: { sex: false, birthDate: true, categories: [], drugIdentity: false },
  dataNeeds: () => [{ type: 'Patient', element: 'birthDate' }],
  isPlainResult: false,
  computedFrom: () => [],
  isWhole: () => true,
  describe: () => 'age',
  ask: () => 'age',
  need: () => null,
  word: ({ value, range }, { unit }) =>
    `age ${range ? `${range.low} to ${range.high}` : value} ${value === 1 && !range ? unit : `${unit}s`}`,
  fills: ({ criterion }) => (criterion ? ['values'] : []),
  heads: () => null,
  compute({ unit }) {
    return (context) => {
      const { patient } = context.chart;
      const years = context.memo(ageYears);
      const birth = spanOf(patient.birthDate);
      if (!years || !birth) return missing('absent', [{ code: 'lacks', what: 'birth date' }]);
      const low = unit === 'year' ? years.low : Math.max(0, Math.floor((context.at - birth.to) / day));
      const high = unit === 'year' ? years.high : Math.floor((context.at - birth.from) / day);
      return knownRange(low, high, unit, [
        {
          reference: patient.reference ?? 'Patient',
          used: { kind: 'age', low, high, unit },
          time: null,
          notes: [],
        },
      ]);
    };
  },
});

const sex = defineFact({
  name: 'sex',
  params: z.strictObject({}),
  description: 'Administrative gender as sex, for equations: `male` or `female`; anything else is missing.',
  kind: 'text',
  paths: [],
  stratum: 1,
  part: 'selector',
  categories: () => [],
  tests: () => [],
  reach: () => [],
  uses: { sex: true, birthDate: false, categories: [], drugIdentity: false },
  dataNeeds: () => [{ type: 'Patient', element: 'gender' }],
  isPlainResult: false,
  computedFrom: () => [],
  isWhole: () => false,
  describe: () => 'sex',
  ask: () => 'sex',
  need: () => null,
  word: () => null,
  fills: () => [],
  heads: () => null,
  compute:
    () =>
    ({ chart: { patient } }) =>
      patient.sex === null
        ? missing('absent', [{ code: 'lacks', what: 'sex (male or female)' }])
        : {
            state: 'known',
            value: patient.sex,
            evidence: [
              {
                reference: patient.reference ?? 'Patient',
                used: { kind: 'code', code: patient.sex },
                time: null,
                notes: [],
              },
            ],
          },
});

export const personFacts = [age, sex] as const;
