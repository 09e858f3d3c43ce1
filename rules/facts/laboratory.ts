/** Facts about laboratory results and measurements. */
import * as z from 'zod/mini';
import type { Lab } from '../chart/types.ts';
import { hour, milliseconds, spanOf, wordDuration } from '../fhir/time.ts';
import { type LabTest, labTests } from '../terminology/labs.ts';
import { convert, readableUnit, toTwelveDigits } from '../terminology/units.ts';
import { correctedCalciumPayne } from './equations.ts';
import {
  defineFact,
  type EvaluationContext,
  type Evidence,
  type Fact,
  incompleteCategory,
  type KnownFact,
  knownFalse,
  knownRange,
  missing,
  type PlainReason,
  type UnknownFact,
} from './fact.ts';
import { duration, labTest } from './parameters.ts';
import {
  isUnknown,
  labEvidence,
  lackOfResults,
  latest,
  newestOf,
  newestWithin,
  openRangeIn,
  rangeIn,
  unusableOf,
  valueIn,
} from './results.ts';

/** What a result may be computed from. */
const inputsOf = (test: LabTest): readonly LabTest[] =>
  test === 'calcium-corrected' ? [test, 'calcium-total', 'albumin'] : [test];

/** A result that never came is named as on a card: `Mg`. */
export const needWhenAbsent =
  <P>(words: (params: P) => string) =>
  (params: P, fact: Fact): string | null =>
    fact.state === 'known' || fact.category || fact.cause === 'unresolved' ? null : words(params);

/** `digoxin` alone is the drug. */
const shortNeed = (test: LabTest): string => labTests[test][test.endsWith('-level') ? 'name' : 'short'];

const uses = { sex: false, birthDate: false, categories: [], drugIdentity: false } as const;
const never = (): boolean => false;

// --- lab ---------------------------------------------------------------------------------------------------

const labParams = z.strictObject({
  test: labTest,
  unit: z.string(),
  within: duration,
  lowerLimit: z.optional(z.number()),
});

const lab = defineFact({
  name: 'lab',
  params: labParams,
  description:
    'Latest usable result inside the window, in `unit`; `lowerLimit` is used where the laboratory gave none.',
  kind: 'number',
  paths: ['$.value', '$.lowerLimit'],
  stratum: 1,
  part: 'finding',
  categories: () => ['labs'],
  tests: ({ test }) => inputsOf(test),
  reach: ({ test }) => inputsOf(test).map((one) => ({ test: one, beside: 'calcium-total' })),
  uses,
  dataNeeds: ({ test, within }) => [{ type: 'Observation', tests: [test], within }],
  isPlainResult: true,
  computedFrom: () => [],
  isWhole: never,
  describe: ({ test, within }) => `lab ${test} within ${within}`,
  ask: ({ test, within }) => `${labTests[test].name} within ${wordDuration(within)}`,
  need: needWhenAbsent(({ test }) => shortNeed(test)),
  word: ({ value, unit, range }, { test }, round) => {
    const { short, decimals } = labTests[test];
    const of = unit ? ` ${readableUnit(unit)}` : '';
    if (range && range.low > 0 && Number.isFinite(range.high))
      return `${short} ${round(range.low, decimals)} to ${round(range.high, decimals)}${of}`;
    const sign = range ? (Number.isFinite(range.high) ? '< ' : '> ') : '';
    return `${short} ${sign}${round(Number(value), decimals)}${of}`;
  },
  fills: () => ['values'],
  heads: () => null,
  compute(params) {
    const { test } = params;
    const window = milliseconds(params.within);
    return (context) => {
      const found = latest(context, test, window);
      if (test === 'calcium-corrected' && isUnknown(found))
        return correctedCalcium(context, params.unit, window, found);
      return isUnknown(found) ? found : labFact(found, params);
    };
  },
});

function labFact(found: Lab, { test, unit, lowerLimit }: z.infer<typeof labParams>): Fact {
  const value = rangeIn(found, unit) && valueIn(found, unit);
  if (value === null) return missing('unresolved', [{ code: 'not-in-unit', unit }]);
  const fact: KnownFact = { state: 'known', value, unit, evidence: [labEvidence(found, unit)] };
  const range = openRangeIn(found, unit);
  if (range) {
    fact.range = range;
    // A bound that is stated, as the sign beside it says: of `< 0.5` or 0.3 that is 0.5.
    fact.value = range.low > 0 || !Number.isFinite(range.high) ? range.low : range.high;
  }
  if (lowerLimit !== undefined) {
    const own =
      found.lowerLimit === undefined ? null : convert(test, found.lowerLimit, labTests[test].unit, unit);
    fact.lowerLimit = own ?? lowerLimit;
  }
  return fact;
}

/** Albumin-corrected calcium where the laboratory reports none. Payne RB, BMJ 1973;4:643-6. */
function correctedCalcium(
  context: EvaluationContext,
  unit: string,
  window: number,
  otherwise: UnknownFact,
): Fact {
  const calcium = latest(context, 'calcium-total', window);
  if (isUnknown(calcium)) return otherwise;
  const albumin = latest(context, 'albumin', window, [{ code: 'needs', input: 'albumin' }]);
  if (isUnknown(albumin)) return albumin;
  const [mgdl, gdl] = [rangeIn(calcium), rangeIn(albumin)];
  if (!mgdl || !gdl || calcium.comparator || albumin.comparator) return otherwise;
  // It rises with calcium and falls with albumin.
  const ends = [correctedIn(unit, mgdl.low, gdl.high), correctedIn(unit, mgdl.high, gdl.low)];
  const [low, high] = ends;
  if (low == null || high == null || !Number.isFinite(high)) return otherwise;
  return knownRange(low, high, unit, [
    { ...labEvidence(calcium), notes: [{ code: 'corrected-for-albumin' }, ...rivalNotes(calcium)] },
    labEvidence(albumin),
  ]);
}

const rivalNotes = (of: Lab) => labEvidence(of).notes.filter(({ code }) => code === 'differs-from');

function correctedIn(unit: string, calciumMgdl: number, albuminGdl: number): number | null {
  const corrected = correctedCalciumPayne({ calciumMgdl, albuminGdl });
  return corrected === null
    ? null
    : convert('calcium-corrected', toTwelveDigits(corrected), labTests['calcium-total'].unit, unit);
}

// --- hasLab ------------------------------------------------------------------------------------------------

const hasLab = defineFact({
  name: 'hasLab',
  params: z.strictObject({
    tests: z.array(labTest).check(z.minLength(1)),
    within: z.union([duration, z.literal('admission')]),
  }),
  description:
    'Whether any of the tests has a usable result inside the window; `admission` is since the start of the stay of an inpatient, and has no meaning for others.',
  kind: 'truth',
  paths: [],
  stratum: 1,
  part: 'finding',
  categories: ({ within }) => (within === 'admission' ? ['labs', 'encounter'] : ['labs']),
  tests: ({ tests }) => tests,
  // One that is there stays, and that there is none it says only where all were read.
  reach: () => [],
  uses,
  dataNeeds: ({ tests, within }) => [{ type: 'Observation', tests, within }],
  isPlainResult: false,
  computedFrom: () => [],
  isWhole: never,
  describe: ({ tests, within }) =>
    `lab ${tests.join(' or ')}${within === 'admission' ? ' since admission' : ` within ${within}`}`,
  ask: ({ tests, within }) =>
    `${tests.map((test) => labTests[test].name).join(' or ')}${within === 'admission' ? ' since admission' : ` within ${wordDuration(within)}`}`,
  need: () => null,
  word: () => null,
  fills: () => [],
  heads: () => null,
  compute({ tests, within }) {
    const fixed = within === 'admission' ? null : milliseconds(within);
    return (context) => {
      const window = fixed ?? sinceAdmission(context);
      if (typeof window !== 'number') return window;
      for (const test of tests) {
        const found = newestWithin(context, test, window);
        if (found) return { state: 'known', value: true, evidence: [labEvidence(found)] };
      }
      // A result that cannot be used is none, but the reader must hear of it.
      const no = knownFalse(tests.flatMap((test) => unusableOf(context, test, window)));
      const straddling = tests
        .flatMap((test) => context.labsOf(test))
        .find(({ span }) => span !== null && span.to >= context.at - window);
      if (straddling) {
        const { reference, time } = straddling;
        return missing('unresolved', [{ code: 'may-be-inside', reference, time }], [labEvidence(straddling)]);
      }
      return lackOfResults(context, tests, window) ?? lackOfMeasurements(context, tests) ?? no;
    };
  },
});

/** Nobody asked for measurements: that none came says nothing. */
const lackOfMeasurements = ({ chart }: EvaluationContext, tests: readonly LabTest[]): UnknownFact | null =>
  chart.measurementsAbsent && tests.some((test) => !labTests[test].laboratory)
    ? missing('category', [{ code: 'no-measurements' }])
    : null;

/** Milliseconds since the stay of an inpatient began, or why there is no such time. */
function sinceAdmission(context: EvaluationContext): number | UnknownFact {
  const { encounter } = context.chart;
  const because = (code: PlainReason['code'], cause: UnknownFact['cause']) => missing(cause, [{ code }]);
  if (!encounter) return incompleteCategory(context, 'encounter') ?? because('no-stay', 'not-applicable');
  if (encounter.class === null) return because('encounter-class-unknown', 'absent');
  if (encounter.class !== 'inpatient') return because('not-inpatient', 'not-applicable');
  const start = spanOf(encounter.start);
  return start ? context.at - start.from : because('stay-without-start', 'absent');
}

// --- labNewer ----------------------------------------------------------------------------------------------

const labNewer = defineFact({
  name: 'labNewer',
  params: z.strictObject({ test: labTest, than: labTest, within: duration, orOlderBy: duration }),
  description:
    'Whether the latest result of `test` inside the window is the better one to go by: newer than the result that fact `lab` of `than` rests on, or older by `orOlderBy` at most.',
  kind: 'truth',
  paths: [],
  stratum: 1,
  part: 'finding',
  categories: () => ['labs'],
  tests: ({ test, than }) => [...inputsOf(test), ...inputsOf(than)],
  reach: ({ test, than }) => [...inputsOf(test), ...inputsOf(than)].map((one) => ({ test: one })),
  uses,
  dataNeeds: ({ test, within }) => [{ type: 'Observation', tests: [test], within }],
  isPlainResult: false,
  computedFrom: () => [],
  isWhole: never,
  describe: ({ test, than, within, orOlderBy }) =>
    `lab ${test} newer than ${than}, or older by ${orOlderBy} at most, within ${within}`,
  ask: ({ test, than, within }) =>
    `${labTests[test].name} as recent as ${labTests[than].name} within ${wordDuration(within)}`,
  need: () => null,
  word: () => null,
  fills: () => [],
  heads: () => null,
  compute({ test, than, within, orOlderBy }) {
    const window = milliseconds(within);
    const slack = milliseconds(orOlderBy);
    return (context) => {
      const better = newestWithin(context, test, window);
      if (!better) {
        // A result that cannot be used outweighs none, but the reader must hear of it.
        const no = knownFalse(unusableOf(context, test, window));
        return lackOfResults(context, [test], window) ?? no;
      }
      const other = basisOf(context, than, window);
      const evidence = [labEvidence(better), ...(other ? [labEvidence(other)] : [])];
      // What has no date is inside no window, so both have one.
      if (!other?.span || !better.span || better.span.from >= other.span.to - slack) {
        return { state: 'known', value: true, evidence };
      }
      if (better.span.to < other.span.from - slack) return knownFalse();
      const results = [better, other].map(({ reference, time }) => ({ reference, time }));
      return missing('unresolved', [{ code: 'order-unclear', results }], evidence);
    };
  },
});

/** The result that fact `lab` rests on; of a calcium that is corrected here, the total calcium. */
function basisOf(context: EvaluationContext, test: LabTest, window: number): Lab | undefined {
  const own = newestWithin(context, test, window);
  return own ?? (test === 'calcium-corrected' ? newestWithin(context, 'calcium-total', window) : undefined);
}

// --- labTrend ----------------------------------------------------------------------------------------------

const changeWords = { rise: 'rose', fall: 'fell' } as const;

/** The time between the two results that are compared, in words; null where one of them has none to the minute. */
function timeBetween([newest, other]: readonly Evidence[]): string | null {
  const [to, from] = [newest, other].map((one) =>
    one?.time?.includes('T') ? Date.parse(one.time) : Number.NaN,
  );
  const hours = Math.round(((to ?? Number.NaN) - (from ?? Number.NaN)) / hour);
  if (!(hours > 0)) return null;
  return hours <= 48 ? wordDuration(`PT${hours}H`) : wordDuration(`P${Math.round(hours / 24)}D`);
}

const labTrend = defineFact({
  name: 'labTrend',
  params: z.strictObject({
    test: labTest,
    unit: z.string(),
    within: duration,
    span: duration,
    change: z.enum(['rise', 'fall', 'ratio']),
  }),
  description:
    'Change of the latest result against the lowest or highest other one inside `span` before it: a difference in `unit`, or a ratio.',
  kind: 'number',
  paths: ['$.value'],
  stratum: 1,
  part: 'finding',
  categories: () => ['labs'],
  tests: ({ test }) => inputsOf(test),
  reach: ({ test, span }) => inputsOf(test).map((one) => ({ test: one, before: milliseconds(span) })),
  uses,
  dataNeeds: ({ test, within }) => [{ type: 'Observation', tests: [test], within }],
  isPlainResult: false,
  computedFrom: () => [],
  isWhole: never,
  describe: ({ test, change, span, within }) => `lab ${test} ${change} in ${span} within ${within}`,
  ask: ({ test, within }) => `${labTests[test].name} within ${wordDuration(within)}`,
  need: needWhenAbsent(({ test }) => labTests[test].short),
  word: ({ value, evidence }, { test, unit, change, span }, round) => {
    const { short, decimals } = labTests[test];
    const within = wordDuration(span);
    // Finer than the result: a difference of 0.04 is not 0.
    const amount = round(Number(value), Math.max(2, decimals));
    return change === 'ratio'
      ? `${short} ${amount} times the lowest of ${within}`
      : `${short} ${changeWords[change]} ${amount} ${readableUnit(unit)} in ${timeBetween(evidence) ?? within}`;
  },
  fills: () => ['values'],
  heads: () => null,
  compute({ test, unit, within, span, change }) {
    const window = milliseconds(within);
    const before = milliseconds(span);
    return (context) => {
      const newest = latest(context, test, window);
      if (isUnknown(newest)) return newest;
      const candidates = newestOf(context, test, window)?.candidates ?? [newest];
      const value = isOneSided(newest) ? null : rangeIn(newest, unit);
      const others = othersWithin(context, newest, before).filter((one) => !candidates.includes(one));
      const other = extremeOf(others, unit, change);
      if (value === null || other === null)
        return missing('absent', [{ code: 'needs-earlier-result' }], [labEvidence(newest, unit)]);
      // Of results whose times overlap, one may be the earlier of the two that are compared.
      const perhaps = extremeOf([...others, ...(candidates.length > 1 ? candidates : [])], unit, change);
      const changed = changeOf(change, value, other, perhaps ?? other);
      return knownRange(
        toTwelveDigits(changed.low),
        toTwelveDigits(changed.high),
        change === 'ratio' ? '1' : unit,
        [labEvidence(newest, unit), labEvidence(other.lab, unit)],
      );
    };
  },
});

// --- hasEarlierLab -----------------------------------------------------------------------------------------

const hasEarlierLab = defineFact({
  name: 'hasEarlierLab',
  params: z.strictObject({ test: labTest, within: duration, span: duration }),
  description:
    'Whether the latest result inside the window has another one inside `span` before it, which it can be compared with.',
  kind: 'truth',
  paths: [],
  stratum: 1,
  part: 'refinement',
  categories: () => ['labs'],
  tests: ({ test }) => [test],
  reach: ({ test, span }) => [{ test, before: milliseconds(span) }],
  uses,
  dataNeeds: ({ test, within }) => [{ type: 'Observation', tests: [test], within }],
  isPlainResult: false,
  computedFrom: () => [],
  isWhole: never,
  describe: ({ test, within, span }) => `lab ${test} within ${within} and another within ${span} before it`,
  ask: ({ test, span }) => `an earlier ${labTests[test].name} within ${wordDuration(span)}`,
  need: () => null,
  word: () => null,
  fills: () => ['values'],
  heads: () => null,
  compute({ test, within, span }) {
    const window = milliseconds(within);
    const before = milliseconds(span);
    return (context) => {
      const newest = latest(context, test, window);
      if (isUnknown(newest)) return newest;
      const [other] = othersWithin(context, newest, before);
      if (other) return { state: 'known', value: true, evidence: [labEvidence(newest), labEvidence(other)] };
      return lackOfResults(context, [test], window + before) ?? knownFalse();
    };
  },
});

type Change = 'rise' | 'fall' | 'ratio';
/** A result to compare with, and what the most extreme of all may be. */
interface Extreme {
  lab: Lab;
  low: number;
  high: number;
}

const isOneSided = ({ comparator, rival }: Lab): boolean => (comparator ?? rival?.comparator) !== undefined;

/** What the change may be at least and at most, by what surely came before and what perhaps did. */
function changeOf(
  change: Change,
  newest: { low: number; high: number },
  surely: Extreme,
  perhaps: Extreme,
): { low: number; high: number } {
  switch (change) {
    case 'rise':
      return { low: newest.low - surely.high, high: newest.high - perhaps.low };
    case 'fall':
      return { low: surely.low - newest.high, high: perhaps.high - newest.low };
    case 'ratio':
      return { low: newest.low / surely.high, high: newest.high / perhaps.low };
  }
}

/** Other two-sided results of the time before. */
const othersWithin = (context: EvaluationContext, newest: Lab, span: number): Lab[] =>
  context
    .labsOf(newest.test)
    .filter((one) => one !== newest && !isOneSided(one) && one.span && newest.span)
    .filter((one) => (one.span?.from ?? 0) >= (newest.span?.from ?? 0) - span);

/** The highest of them for a fall, else the lowest; the newest of equal ones. */
function extremeOf(labs: readonly Lab[], unit: string, change: Change): Extreme | null {
  const isFall = change === 'fall';
  const beyond = (one: number, other: number): number =>
    isFall ? Math.max(one, other) : Math.min(one, other);
  return labs.reduce<Extreme | null>((best, one) => {
    const range = rangeIn(one, unit);
    if (range === null) return best;
    if (best === null) return { lab: one, ...range };
    const { low, high } = range;
    const isFurther = isFall ? high > best.high : low < best.low;
    return { lab: isFurther ? one : best.lab, low: beyond(low, best.low), high: beyond(high, best.high) };
  }, null);
}

export const laboratoryFacts = [lab, hasLab, labNewer, labTrend, hasEarlierLab] as const;
