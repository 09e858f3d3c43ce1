/** Facts about how much: one dose, a day's dose, how often, how fast. */

import * as z from 'zod/mini';
import type { Medication } from '../chart/types.ts';
import {
  fastestRate,
  gramsADay,
  largestDose,
  type Product,
  type Rate,
  timesADay,
  timesEveryDay,
} from '../dosage/compute.ts';
import type { Instruction } from '../dosage/dosing.ts';
import { day } from '../fhir/time.ts';
import { saltOf } from '../terminology/drugs/salts.ts';
import { labTests } from '../terminology/labs.ts';
import { plausibleRoutes } from '../terminology/plausible-routes.ts';
import { readableUnit, toTwelveDigits } from '../terminology/units.ts';
import {
  type Compute,
  defineFact,
  type EvaluationContext,
  type Evidence,
  type Fact,
  type FactDefinition,
  type KnownFact,
  missing,
  type Reach,
  type UsedValue,
} from './fact.ts';
import { type Fast, withoutFast } from './loading-dose.ts';
import { sumOfTherapies, therapyKindOf } from './one-therapy.ts';
import { drugSelector, fast, namesDrugs, role, route } from './parameters.ts';
import { kilogramsOf, productOf } from './product.ts';
import {
  categoriesOfRole,
  describeSelector,
  hasRole,
  ingredientsOf,
  isMeant,
  medicationEvidence,
  medicationNeeds,
  needOfRoute,
  type Role,
  routeUnknown,
  type Selector,
  unknownRole,
  type WantedRoute,
  wordSelector,
} from './selection.ts';
import { therapyUses } from './therapy.ts';

const unbounded = Number.POSITIVE_INFINITY;

/**
 * Elemental magnesium in a gram of the salt as RxNorm strengths state it (mostly the salt; `magnesium` itself is
 * elemental); null for what is no such salt, or one that is not listed.
 */
function elementalFraction(ingredient: string): number | null {
  const salt = saltOf(ingredient);
  return salt?.metal === 'magnesium' ? (salt.metalFraction ?? null) : null;
}

const isByWeight = ({ dosing }: Medication): boolean =>
  dosing?.instructions.some(({ doses = [], perDay = [] }) =>
    [...doses, ...perDay].some(({ unit }) => unit.endsWith('/kg')),
  ) === true;

interface DoseParams extends Selector {
  role: Role;
  route?: WantedRoute;
}

/** Of each ingredient that is meant; of several whose amounts are not told apart together. */
type ByIngredient = ReadonlyMap<string, number>;

interface Amounts {
  values: { medication: Medication; value: number; by: ByIngredient }[];
  /** Of a drug that is meant, without an amount. */
  uncomputed: Medication[];
  /** Of a drug that is meant, if by the route that is asked for: which it is is not known. */
  withoutRoute: Medication[];
  /** Others may be meant. */
  open: boolean;
}

/** The medications a fact is about: those with an amount, those without one, and whether others may be. */
function amountsOf(
  context: EvaluationContext,
  asked: DoseParams,
  names: ReadonlySet<string>,
  read: (medication: Medication) => ByIngredient | null,
): Amounts {
  const amounts: Amounts = { values: [], uncomputed: [], withoutRoute: [], open: false };
  for (const medication of context.chart.medications) {
    if (!hasRole(medication, asked.role) && !isOfToday(medication, context.at, asked.role)) continue;
    const fits = isMeant(medication, names, asked.route);
    if (fits === false) continue;
    if (medication.uncertain || !medication.ingredients.some(({ name }) => names.has(name))) {
      amounts.open = true;
      continue;
    }
    if (fits === 'open') {
      amounts.withoutRoute.push(medication);
      continue;
    }
    const by = read(inStepsOf(medication, context.at));
    if (by === null) amounts.uncomputed.push(medication);
    else amounts.values.push({ medication, value: sum([...by.values()]), by });
  }
  return {
    ...amounts,
    uncomputed: withoutRepeats(amounts.uncomputed, amounts, names),
    withoutRoute: withoutRepeats(amounts.withoutRoute, amounts, names),
  };
}

/** A dose given in the last day, before the last one of its drug. */
const isOfToday = ({ earlier, ended }: Medication, at: number, asked: Role): boolean =>
  earlier === true && asked !== 'ordered' && ended !== undefined && ended.to >= at - day;

/** What is taken now: without the steps that are over or still to come, where others are left. */
function inStepsOf(medication: Medication, at: number): Medication {
  const { dosing, role: its } = medication;
  if (!dosing || its !== 'active' || medication.given) return medication;
  const { instructions } = dosing;
  const left = instructions.filter(
    (one) => !(one.ends && one.ends.to < at) && !beginsLater(one, instructions, at),
  );
  if (left.length === 0 || left.length === dosing.instructions.length) return medication;
  return { ...medication, dosing: { ...dosing, instructions: left } };
}

/** It says so, or follows a step that has not ended. */
function beginsLater({ begins, sequence }: Instruction, all: readonly Instruction[], at: number): boolean {
  if (begins) return begins.from > at;
  const before = all.filter((one) => (one.sequence ?? 0) < (sequence ?? 0));
  return before.some(({ ends }) => ends !== undefined && ends.from > at);
}

/** A statement or an administration that names no dose repeats the order of the drug that does. */
function withoutRepeats(
  medications: readonly Medication[],
  { values }: Amounts,
  names: ReadonlySet<string>,
): Medication[] {
  const ordered = values.filter(({ medication }) => therapyKindOf(medication) === 'order');
  const known = new Set(ordered.flatMap(({ medication }) => medication.ingredients.map(({ name }) => name)));
  return medications.filter(
    (medication) =>
      therapyKindOf(medication) === 'order' ||
      medication.dosing !== undefined ||
      !medication.ingredients.every(({ name }) => !names.has(name) || known.has(name)),
  );
}

/** The fact from all of them: `value`, or at least that where something is missing. */
function doseFact(
  context: EvaluationContext,
  asked: DoseParams,
  names: ReadonlySet<string>,
  { values, uncomputed, withoutRoute, open }: Amounts,
  { value, unit, used }: { value: number; unit?: string; used: (value: number) => UsedValue },
): Fact {
  if (values.length === 0 && uncomputed.length > 0) {
    const references = uncomputed.map(({ reference }) => reference);
    const needsWeight =
      context.memo(kilogramsOf) === null && (unit === 'mg/kg' || uncomputed.some(isByWeight));
    const evidence = uncomputed.map((medication) => medicationEvidence(medication, names));
    return needsWeight
      ? missing('absent', [{ code: 'dose-needs-weight', references }], evidence)
      : missing('unresolved', [{ code: 'dose-not-computed', references }], evidence);
  }
  if (values.length === 0 && withoutRoute.length > 0) {
    const evidence = withoutRoute.map((medication) => medicationEvidence(medication, names));
    return missing('absent', [routeUnknown(withoutRoute, names)], evidence);
  }
  const unknown = unknownRole(context, asked.role);
  if (unknown && values.length === 0) return unknown;
  const evidence = values.map(
    (one): Evidence => ({ ...medicationEvidence(one.medication, names), used: used(one.value) }),
  );
  const known: KnownFact = { state: 'known', value, ...(unit ? { unit } : {}), evidence };
  return open || unknown || uncomputed.length > 0 || withoutRoute.length > 0
    ? { ...known, range: { low: value, high: unbounded } }
    : known;
}

/** What grams of the ingredients come to in the unit asked for; null where that needs a weight that is not known. */
function inUnit(
  context: EvaluationContext,
  medication: Medication,
  names: ReadonlySet<string>,
  unit: 'mg' | 'mg/kg',
  grams: (product: Product) => number | null,
  fraction: (ingredient: string) => number | null = () => 1,
): ByIngredient | null {
  const kilograms = context.memo(kilogramsOf);
  const found = new Map<string, number>();
  for (const { name } of medication.ingredients) {
    if (!names.has(name)) continue;
    const product = productOf(context, medication, name);
    const part = fraction(name);
    // Without a weight, a dose by weight is still known by weight.
    const byWeight = unit === 'mg/kg' && kilograms === null;
    const value = product === null ? null : grams(byWeight ? perKilogram(product) : product);
    if (value === null || part === null) return null;
    const amount = value * 1000 * part * (unit === 'mg/kg' && kilograms !== null ? 1 / kilograms : 1);
    found.set(name, (found.get(name) ?? 0) + amount);
  }
  return found;
}

/** The same for one kilogram: only what is ordered by weight counts. */
const perKilogram = (product: Product): Product => ({ ...product, kilograms: 'one' });

const sum = (values: readonly number[]): number => toTwelveDigits(values.reduce((a, b) => a + b, 0));

/** All together, each therapy once. */
function sumOf(context: EvaluationContext, values: Amounts['values']): number {
  const parts = values.flatMap(({ medication, by }) =>
    [...by].map(([ingredient, value]) => ({ ingredient, medication, value })),
  );
  const ofEach = [...Map.groupBy(parts, ({ ingredient }) => ingredient).values()];
  return sum(ofEach.map((amounts) => sumOfTherapies(context, amounts)));
}

const amount = {
  ...drugSelector,
  role,
  route: z.optional(route),
} as const;
const massUnit = z.enum(['mg', 'mg/kg']);

/** Weight counts where an amount is by weight: as it is asked for, or as it was ordered. */
export const byWeightReach = (params: object, { chart }: EvaluationContext): readonly Reach[] =>
  ('unit' in params && params.unit === 'mg/kg') || chart.medications.some(isByWeight)
    ? [{ test: 'body-weight' }]
    : [];

/** What facts about an amount share. What is missing of them is the dose, not what the medication may be. */
const amountFact = {
  kind: 'number',
  paths: ['$.value'],
  stratum: 1,
  part: 'finding',
  categories: (params: { role: Role }) => categoriesOfRole(params.role),
  tests: () => ['body-weight'],
  reach: byWeightReach,
  uses: therapyUses,
  dataNeeds: (params: { role: Role }) => medicationNeeds(params.role),
  isPlainResult: false,
  computedFrom: () => [],
  isWhole: () => false,
  ask: (params: Selector) => `the dose of ${wordSelector(params)}`,
  fills: () => ['values', 'drug'],
  heads: () => null,
} as const satisfies Partial<FactDefinition<string, z.ZodMiniType<DoseParams>>>;

/** A dose that cannot be computed waits for itself, for the weight or for the route. */
export const doseNeed =
  <P extends Selector>(ask: (params: P) => string) =>
  (params: P, fact: Fact): string | null => {
    if (fact.state === 'known' || fact.category) return null;
    const ofRoute = needOfRoute(fact);
    if (ofRoute !== null) return ofRoute;
    return fact.cause === 'absent' ? labTests['body-weight'].short : ask(params);
  };

/** Of a sum that is open upwards. */
export const atLeast = ({ range }: KnownFact): string => (range ? 'at least ' : '');

const dailyDose = defineFact({
  ...amountFact,
  name: 'dailyDose',
  params: z
    .strictObject({ ...amount, unit: massUnit, elementalMagnesium: z.optional(z.literal(true)) })
    .check(namesDrugs),
  description:
    'Most in a day of the drug as ordered, or of elemental magnesium; all such drugs together. By body weight with the unit `mg/kg`.',
  describe: (params) => `daily dose of ${describeSelector(params)} ${params.role}`,
  need: doseNeed(amountFact.ask),
  word: (fact, { unit }, round) =>
    `${atLeast(fact)}${round(Number(fact.value), 2)} ${readableUnit(unit)}/day`,
  compute(params): Compute {
    const names = ingredientsOf(params);
    const { unit, elementalMagnesium } = params;
    const fraction = (ingredient: string): number | null =>
      elementalMagnesium ? elementalFraction(ingredient) : 1;
    const used = (value: number): UsedValue => ({
      kind: 'dose',
      value,
      unit,
      per: 'day',
      ...(elementalMagnesium ? { elementalMagnesium } : {}),
    });
    return (context) => {
      const amounts = amountsOf(context, params, names, (medication) =>
        inUnit(context, medication, names, unit, gramsADay, fraction),
      );
      return doseFact(context, params, names, amounts, { value: sumOf(context, amounts.values), unit, used });
    };
  },
});

const dose = defineFact({
  ...amountFact,
  name: 'dose',
  params: z.strictObject({ ...amount, unit: massUnit }).check(namesDrugs),
  description: 'The largest single dose.',
  describe: (params) => `single dose of ${describeSelector(params)} ${params.role}`,
  need: doseNeed(amountFact.ask),
  word: ({ value }, { unit }, round) => `${round(Number(value), 2)} ${readableUnit(unit)} a dose`,
  compute(params): Compute {
    const names = ingredientsOf(params);
    const { unit } = params;
    const used = (value: number): UsedValue => ({ kind: 'dose', value, unit, per: 'dose' });
    return (context) => {
      const amounts = amountsOf(context, params, names, (medication) =>
        inUnit(context, medication, names, unit, largestDose),
      );
      const value = Math.max(0, ...amounts.values.map((one) => one.value));
      return doseFact(context, params, names, amounts, { value, unit, used });
    };
  },
});

/** What an order for one day lacks is no dose. */
const askHowOften = (params: Selector & { everyDay?: true | undefined }): string =>
  params.everyDay ? `how often ${wordSelector(params)} is taken` : amountFact.ask(params);

const doseFrequency = defineFact({
  ...amountFact,
  name: 'doseFrequency',
  params: z.strictObject({ ...amount, everyDay: z.optional(z.literal(true)) }).check(namesDrugs),
  description:
    'Doses a day, at most; all such drugs together. With `everyDay`, an order for doses of one day alone says nothing.',
  tests: () => [],
  reach: () => [],
  isPlainResult: false,
  computedFrom: () => [],
  isWhole: () => true,
  describe: (params) => `doses a day of ${describeSelector(params)} ${params.role}`,
  ask: askHowOften,
  need: doseNeed(askHowOften),
  word: (fact, _, round) =>
    `${atLeast(fact)}${round(Number(fact.value), 2)} ${fact.value === 1 ? 'dose' : 'doses'} a day`,
  compute(params): Compute {
    const names = ingredientsOf(params);
    const timesOf = params.everyDay ? timesEveryDay : timesADay;
    const used = (value: number): UsedValue => ({ kind: 'dose', value, unit: null, per: 'day' });
    return (context) => {
      const amounts = amountsOf(context, params, names, ({ dosing, ingredients }) => {
        const times = dosing ? timesOf(dosing) : null;
        const meant = ingredients.filter(({ name }) => names.has(name)).map(({ name }) => name);
        return times === null ? null : new Map([[meant.sort().join(' + '), times]]);
      });
      return doseFact(context, params, names, amounts, { value: sumOf(context, amounts.values), used });
    };
  },
});

/** The fastest rate of the drugs in one medication; null when it states none that is understood. */
function rateOf(context: EvaluationContext, medication: Medication, names: ReadonlySet<string>): Rate | null {
  let fastest: Rate | null = null;
  for (const { name } of medication.ingredients) {
    const product = names.has(name) ? productOf(context, medication, name) : null;
    const rate = product && fastestRate(product);
    if (rate && (fastest === null || rate.gramsAnHour > fastest.gramsAnHour)) fastest = rate;
  }
  return fastest;
}

/** Of the ordered drugs, those left out apart: the fastest, and one that states no rate. */
interface Rates {
  fastest: { medication: Medication; rate: Rate } | null;
  unrated: Medication | null;
  /** One of them was left out, or has no rate at all. */
  isPart: boolean;
}

/** Not given by vein for certain, as it is ordered or because there is no other way. */
function isNotInjected({ route: by, routeUnread, resolvedBy, ingredients }: Medication): boolean {
  if (by !== null || routeUnread || resolvedBy === 'unresolved') return by !== null && by !== 'parenteral';
  return plausibleRoutes(ingredients.map(({ name }) => name))?.includes('parenteral') === false;
}

/** Salts of fluids, which are no treatment with magnesium where potassium is in the same bag. */
const fluidSalts: ReadonlySet<string> = new Set(['magnesium chloride', 'magnesium acetate']);

/** A balanced fluid: its magnesium replaces what is lost, and is slow whatever the fluid's rate is. */
const isBalancedFluid = ({ ingredients }: Medication): boolean =>
  ingredients.some(({ name }) => saltOf(name)?.metal === 'potassium') &&
  ingredients.every(({ name }) => saltOf(name)?.metal !== 'magnesium' || fluidSalts.has(name));

function ratesOf(context: EvaluationContext, names: ReadonlySet<string>, except: Fast | undefined): Rates {
  const rates: Rates = { fastest: null, unrated: null, isPart: false };
  for (const medication of context.chart.medications) {
    if (!hasRole(medication, 'ordered') || !medication.ingredients.some(({ name }) => names.has(name)))
      continue;
    const hasNone = isNotInjected(medication) || isBalancedFluid(medication);
    const left = hasNone ? null : except ? withoutFast(context, medication, names, except) : medication;
    const rate = left && rateOf(context, left, names);
    if (left === null) rates.isPart = true;
    else if (rate === null) {
      // What goes into a muscle is given at once, and leaves no rate open.
      if (medication.intoMuscle) rates.isPart = true;
      else rates.unrated = medication;
    } else if (rates.fastest === null || rate.gramsAnHour > rates.fastest.rate.gramsAnHour)
      rates.fastest = { medication, rate };
  }
  return rates;
}

/** Why no rate is known; none is left, and so zero, where all were left out or have none. */
function withoutRate(
  context: EvaluationContext,
  names: ReadonlySet<string>,
  { unrated, isPart }: Rates,
): Fact {
  if (unrated) {
    const reason = { code: 'no-rate', reference: unrated.reference } as const;
    return missing('absent', [reason], [medicationEvidence(unrated, names)]);
  }
  const unknown = unknownRole(context, 'ordered');
  if (unknown) return unknown;
  return isPart ? { state: 'known', value: 0, unit: 'g/h', evidence: [] } : missing('absent', []);
}

const infusionRate = defineFact({
  name: 'infusionRate',
  params: z
    .strictObject({
      ...drugSelector,
      unit: z.literal('g/h'),
      /** Orders that are such a dose are left out: they exempt themselves, and not the others. */
      except: z.optional(fast),
    })
    .check(namesDrugs),
  description:
    'g/h of the ordered drug, as ordered (salt, not elemental). The fastest of several orders; what is not injected, what goes into a muscle and a balanced fluid have none. `except` leaves out loading doses, or small doses given fast in an emergency.',
  kind: 'number',
  paths: ['$.value'],
  stratum: 1,
  part: 'finding',
  categories: () => ['orders'],
  tests: () => ['body-weight'],
  reach: byWeightReach,
  uses: therapyUses,
  dataNeeds: () => medicationNeeds('ordered'),
  isPlainResult: false,
  computedFrom: () => [],
  isWhole: () => false,
  describe: (params) =>
    `infusion rate ${describeSelector(params)}${params.except ? ` but for ${params.except} doses` : ''}`,
  ask: (params) =>
    `the rate of ${wordSelector(params)}${params.except === undefined ? '' : params.except === 'emergency' ? ' but for small doses' : ' but for loading doses'}`,
  need: () => null,
  word: ({ value }, _, round) => `${round(Number(value), 2)} g/h`,
  fills: () => ['values'],
  heads: () => null,
  compute(params) {
    const names = ingredientsOf(params);
    return (context) => {
      const rates = ratesOf(context, names, params.except);
      const { fastest, unrated } = rates;
      if (fastest === null) return withoutRate(context, names, rates);
      const { medication, rate } = fastest;
      const { gramsAnHour, basis } = rate;
      const evidence: Evidence = {
        ...medicationEvidence(medication, names),
        used: { kind: 'rate', gramsAnHour },
        notes: [{ code: 'rate-basis', basis }],
      };
      const fact: KnownFact = { state: 'known', value: gramsAnHour, unit: 'g/h', evidence: [evidence] };
      // Another order of the drug, without a rate or one that was not read, may be faster.
      return unrated || unknownRole(context, 'ordered')
        ? { ...fact, range: { low: gramsAnHour, high: unbounded } }
        : fact;
    };
  },
});

export const doseFacts = [dailyDose, dose, doseFrequency, infusionRate] as const;
