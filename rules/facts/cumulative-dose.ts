/**
 * The sum of a drug over some hours: what was taken, is taken and is ordered, in the window that holds most of
 * it: of those that reach the evaluation time, and of later ones.
 */
import * as z from 'zod/mini';
import type { Medication } from '../chart/types.ts';
import { deliveryOf, gramsBetween, longestSum, type Side } from '../dosage/timeline.ts';
import { hour, milliseconds, wordDuration } from '../fhir/time.ts';
import { toTwelveDigits } from '../terminology/units.ts';
import { atLeast, byWeightReach, doseNeed } from './doses.ts';
import {
  defineFact,
  type EvaluationContext,
  type Evidence,
  type Fact,
  type KnownFact,
  missing,
} from './fact.ts';
import { originOf as carriedOutBy, type TherapyKind, therapyKindOf, therapyKinds } from './one-therapy.ts';
import { drugSelector, duration, namesDrugs, role, route } from './parameters.ts';
import { productOf } from './product.ts';
import {
  categoriesOfRole,
  describeSelector,
  hasRole,
  ingredientsOf,
  isMeant,
  medicationEvidence,
  medicationNeeds,
  routeUnknown,
  type Selector,
  unknownRole,
  unreadPast,
  wordSelector,
} from './selection.ts';
import { therapyUses } from './therapy.ts';

const forever = Number.POSITIVE_INFINITY;

/** Whose sum it is part of: a draft may replace the therapy it resembles; of a therapy several resources tell. */
type Origin = 'draft' | TherapyKind;

type Deliveries = ReturnType<typeof deliveryOf>[];

/** What a medication delivers of one ingredient. */
interface Part {
  ingredient: string;
  /** Steps that follow one another at known times. */
  delivered: Deliveries;
  /** Steps from the first one on that has no end: at any time one of them runs. */
  oneOf: Deliveries[];
}

interface Line {
  medication: Medication;
  origin: Origin;
  /** The one that it carries out, repeats or replaces; else itself. */
  therapy: Medication;
  parts: Part[];
}

const allDeliveries = ({ parts }: Line): Deliveries =>
  parts.flatMap(({ delivered, oneOf }) => [...delivered, ...oneOf.flat()]);

/** More than any patient has of one drug: a bound on what a hostile request can cost. */
const mostDeliveries = 200;

const originOf = (medication: Medication): Origin =>
  medication.role === 'ordered' ? 'draft' : therapyKindOf(medication);

function partOf(
  context: EvaluationContext,
  medication: Medication,
  ingredient: string,
  dates: 'from' | 'to',
): Part {
  const { at } = context;
  const product = productOf(context, medication, ingredient);
  if (!product) {
    return { ingredient, delivered: [{ least: null, most: 'unbounded', end: forever }], oneOf: [] };
  }
  const isOrder = medication.role === 'ordered';
  const started = medication.started?.[dates] ?? null;
  let start = isOrder ? at : started;
  const delivered: Deliveries = [];
  const oneOf: Deliveries[] = [];
  const numbered = Map.groupBy(product.dosing.instructions, ({ sequence }) => sequence);
  const steps = [...numbered].sort(([a = 0], [b = 0]) => a - b);
  for (const [, instructions] of steps) {
    const step = instructions.map((instruction) => {
      const begins = instruction.begins?.[dates] ?? null;
      const own = isOrder ? Math.max(at, begins ?? start ?? at) : (begins ?? start);
      const end = instruction.ends?.to ?? medication.ends?.to ?? null;
      return deliveryOf(instruction, product, { start: own, end, over: medication.over === true, at });
    });
    const ends = Math.max(...step.map(({ end }) => end));
    const goesOn = step.some(({ end, most }) => end === forever && most !== 'unbounded');
    if (goesOn || oneOf.length > 0) oneOf.push(step);
    else delivered.push(...step);
    // The next step begins when this one is over; of one without an end nobody knows when: at once, at the earliest.
    if (start !== null && Number.isFinite(ends)) start = Math.max(start, ends);
  }
  return { ingredient, delivered, oneOf };
}

interface Sums {
  past: number;
  planned: number;
}

const total = ({ past, planned }: Sums): number => past + planned;

/** Grams inside a window, split at the evaluation time: what is past is given, the rest is planned. */
function gramsOf(deliveries: Deliveries, from: number, at: number, to: number, side: Side): Sums {
  let past = 0;
  let planned = 0;
  for (const delivered of deliveries) {
    const delivery = delivered[side];
    if (delivery === null || delivery === 'unbounded') continue;
    if (side === 'most' && !Number.isFinite(delivery.from)) {
      // So many doses, nobody knows when, are in the window once, not once before now and once after it.
      planned += gramsBetween(delivery, from, to, side);
      continue;
    }
    past += gramsBetween(delivery, from, at, side);
    planned += gramsBetween(delivery, Math.max(at, from), to, side);
  }
  return { past, planned };
}

/**
 * The same of all that a part delivers. Of steps of which nobody knows when one gives way to the next, each of them
 * at most, and at least the one that delivers least.
 */
function gramsIn({ delivered, oneOf }: Part, from: number, at: number, to: number, side: Side): Sums {
  if (side === 'most') return gramsOf([...delivered, ...oneOf.flat()], from, at, to, side);
  const smallest = oneOf
    .map((step) => gramsOf(step, from, at, to, side))
    .reduce<Sums | null>((a, b) => (a === null || total(b) < total(a) ? b : a), null);
  const certain = gramsOf(delivered, from, at, to, side);
  return {
    past: certain.past + (smallest?.past ?? 0),
    planned: certain.planned + (smallest?.planned ?? 0),
  };
}

/** Of each therapy: what it says itself, and what those say together that carry it out. */
type SumsByOrigin = Record<Origin, Map<Medication, { own: Sums; others: Sums }>>;

const none = (): Sums => ({ past: 0, planned: 0 });

const noSums = (): SumsByOrigin => ({
  draft: new Map(),
  order: new Map(),
  plan: new Map(),
  statement: new Map(),
  given: new Map(),
});

/** Sums of one window, at least and at most: of each ingredient the therapy once, whatever tells of it. */
function sumsOf(
  lines: readonly Line[],
  from: number,
  at: number,
  to: number,
): { least: number; most: number } {
  const ingredients = new Map<string, Record<Side, SumsByOrigin>>();
  for (const { origin, therapy, medication, parts } of lines) {
    for (const part of parts) {
      const sums = ingredients.get(part.ingredient) ?? { least: noSums(), most: noSums() };
      ingredients.set(part.ingredient, sums);
      for (const side of ['least', 'most'] as const) {
        const { past, planned } = gramsIn(part, from, at, to, side);
        const ofTherapy = sums[side][origin].get(therapy) ?? { own: none(), others: none() };
        sums[side][origin].set(therapy, ofTherapy);
        const its = therapy === medication ? ofTherapy.own : ofTherapy.others;
        its.past += past;
        its.planned += planned;
      }
    }
  }
  let least = 0;
  let most = 0;
  for (const sums of ingredients.values()) {
    const certain = largestOfKinds(sums.least);
    // A draft may replace the therapy, or come to it.
    least += certain.past + Math.max(together(sums.least.draft).planned, certain.planned);
    const possible = largestOfKinds(sums.most);
    most += possible.past + total(together(sums.most.draft)) + possible.planned;
  }
  return { least: toTwelveDigits(least), most: toTwelveDigits(most) };
}

/** All therapies of one kind, each once: what it says, or what those say that carry it out, the larger. */
function together(therapies: SumsByOrigin[Origin]): Sums {
  const sum = none();
  for (const { own, others } of therapies.values()) {
    sum.past += Math.max(own.past, others.past);
    sum.planned += Math.max(own.planned, others.planned);
  }
  return sum;
}

function largestOfKinds(sums: SumsByOrigin): Sums {
  const kinds = therapyKinds.map((kind) => together(sums[kind]));
  return {
    past: Math.max(...kinds.map(({ past }) => past)),
    planned: Math.max(...kinds.map(({ planned }) => planned)),
  };
}

/** Beginnings of windows worth trying: a sum is largest where it begins with a dose or ends with an infusion. */
function beginnings(lines: readonly Line[], at: number, window: number): number[] {
  const earliest = at - window;
  const found = new Set([earliest, at]);
  for (const line of lines) {
    for (const { most } of allDeliveries(line)) {
      if (most === 'unbounded') continue;
      const { from, to, what } = most;
      const next =
        'every' in what ? from + Math.max(0, Math.ceil((earliest - from) / what.every)) * what.every : from;
      // Of what has no first dose, or no end, none is a number.
      for (const time of [from, next, to - window]) {
        if (time > earliest && Number.isFinite(time)) found.add(time);
      }
    }
  }
  return [...found];
}

function largest(lines: readonly Line[], at: number, window: number): { least: number; most: number } {
  const sums = beginnings(lines, at, window).map((from) => sumsOf(lines, from, at, from + window));
  return {
    least: Math.max(...sums.map((sum) => sum.least)),
    most: Math.max(...sums.map((sum) => sum.most)),
  };
}

const isUnbounded = (line: Line): boolean => allDeliveries(line).some(({ most }) => most === 'unbounded');

const params = z
  .strictObject({
    ...drugSelector,
    role,
    route: z.optional(route),
    unit: z.literal('g'),
    /** At most 7 days: therapy that is over is not kept longer. */
    within: duration.check(z.refine((text) => milliseconds(text) <= longestSum, 'at most 7 days: `P7D`')),
  })
  .check(namesDrugs);
type Params = z.infer<typeof params>;

/** The medications that are meant, therapy that is over included, and whether another may be. */
function meantBy(
  { chart }: EvaluationContext,
  { role: asked, route: wanted }: Params,
  names: ReadonlySet<string>,
): { meant: Medication[]; withoutRoute: Medication[]; open: boolean } {
  const meant: Medication[] = [];
  const withoutRoute: Medication[] = [];
  let open = false;
  for (const medication of chart.medications) {
    const { over, ahead } = medication;
    if (!hasRole(medication, asked) && !((over || ahead) && asked !== 'ordered')) continue;
    const fits = isMeant(medication, names, wanted);
    if (fits === 'open') {
      open ||= over !== true;
      const isOne = medication.ingredients.some(({ name }) => names.has(name));
      if (isOne && over !== true) withoutRoute.push(medication);
    } else if (fits) meant.push(medication);
  }
  return { meant, withoutRoute, open };
}

/** What each medication delivers; dates without a time are taken as early, or as late, as they may be. */
const linesOf = (
  context: EvaluationContext,
  meant: readonly Medication[],
  names: ReadonlySet<string>,
  dates: 'from' | 'to',
): Line[] =>
  meant.map((medication) => ({
    medication,
    origin: originOf(medication),
    therapy: carriedOutBy(context, medication),
    parts: medication.ingredients
      .filter(({ name }) => names.has(name))
      .map(({ name }) => partOf(context, medication, name, dates)),
  }));

function lineEvidence(line: Line, names: ReadonlySet<string>, at: number, window: number): Evidence {
  const own = largest([line], at, window);
  return {
    ...medicationEvidence(line.medication, names),
    used: {
      kind: 'sum',
      least: own.least,
      most: isUnbounded(line) ? null : own.most,
      hours: window / hour,
      state: line.medication.over ? 'completed' : line.medication.role,
    },
  };
}

/** As many of the lines as are added up. */
function firstOf(lines: readonly Line[]): readonly Line[] {
  let count = 0;
  const end = lines.findIndex((line) => {
    count += allDeliveries(line).length;
    return count > mostDeliveries;
  });
  return end < 0 ? lines : lines.slice(0, end);
}

function computeSum(
  context: EvaluationContext,
  asked: Params,
  names: ReadonlySet<string>,
  window: number,
): Fact {
  const { at } = context;
  const { meant, withoutRoute, open } = meantBy(context, asked, names);
  const all = linesOf(context, meant, names, 'from');
  const lines = firstOf(all);
  // What is added up is certain; of the rest nothing is.
  const isCut = lines.length < all.length;
  const added = lines.map(({ medication }) => medication);
  const scenarios = [lines, linesOf(context, added, names, 'to')];
  const sums = scenarios.map((scenario) => largest(scenario, at, window));
  const least = Math.min(...sums.map((sum) => sum.least));
  const unbounded = lines.filter(isUnbounded);
  const unknown = unknownRole(context, asked.role) ?? unreadPast(context, asked.role);
  const isOpen = isCut || open || unknown !== null || unbounded.length > 0;
  const most = isOpen ? forever : Math.max(...sums.map((sum) => sum.most));
  const evidence = lines.map((line) => lineEvidence(line, names, at, window));
  if (isCut && least === 0) return missing('unresolved', [{ code: 'too-many-doses' }]);
  if (least === 0 && unbounded.length > 0) {
    const references = unbounded.map(({ medication }) => medication.reference);
    return missing('unresolved', [{ code: 'delivery-not-stated', references }], evidence);
  }
  if (least === 0 && withoutRoute.length > 0) {
    const doubts = withoutRoute.map((medication) => medicationEvidence(medication, names));
    return missing('absent', [routeUnknown(withoutRoute, names)], [...evidence, ...doubts]);
  }
  if (unknown && least === 0) return { ...unknown, evidence };
  const fact: KnownFact = { state: 'known', value: least, unit: 'g', evidence };
  return most > least ? { ...fact, range: { low: least, high: most } } : fact;
}

const ask = (asked: Selector & { within: string }): string =>
  `the sum of ${wordSelector(asked)} in ${wordDuration(asked.within)}`;

const cumulativeDose = defineFact({
  name: 'cumulativeDose',
  params,
  description:
    'Grams in the window of that length that holds most, of those that reach the evaluation time or come later: what was taken, is taken and is ordered. An infusion without an end counts over the whole window. An order is not added to what is still to come of the therapy, which it may replace: then it is at least the larger.',
  kind: 'number',
  paths: ['$.value'],
  stratum: 1,
  part: 'finding',
  categories: (asked) => categoriesOfRole(asked.role),
  tests: () => ['body-weight'],
  reach: byWeightReach,
  uses: therapyUses,
  dataNeeds: (asked) => medicationNeeds(asked.role),
  isPlainResult: false,
  computedFrom: () => [],
  isWhole: () => false,
  describe: (asked) => `sum of ${describeSelector(asked)} ${asked.role} in ${asked.within}`,
  ask,
  need: doseNeed(ask),
  word: (fact, { within }, round) =>
    `${atLeast(fact)}${round(Number(fact.value), 1)} g in ${wordDuration(within)}`,
  fills: () => ['values', 'drug'],
  heads: () => null,
  compute(asked) {
    const names = ingredientsOf(asked);
    const window = milliseconds(asked.within);
    return (context) => computeSum(context, asked, names, window);
  },
});

export const cumulativeDoseFacts = [cumulativeDose] as const;
