/** Facts about how much: one dose, a day's dose, how often, how fast. */

import type { Medication } from '../chart/types.ts';
import {
  fastestRate,
  gramsADay,
  largestDose,
  type Product,
  type Rate,
  timesADay,
} from '../dosage/compute.ts';
import type { FactParams } from '../rule/document.ts';
import { toTwelveDigits } from '../terminology/units.ts';
import {
  type Compute,
  describe,
  type EvaluationContext,
  type Evidence,
  type Fact,
  type KnownFact,
  type UnknownFact,
} from './fact.ts';
import { isUnknown, latest } from './labs.ts';
import { weightWindow } from './renal.ts';
import { byRoute, hasRole, ingredientsOf, medicationEvidence, unknownRole } from './therapy.ts';

const unbounded = Number.POSITIVE_INFINITY;

/**
 * Elemental magnesium in a gram of the salt as RxNorm strengths state it (mostly the salt; `magnesium` itself is
 * elemental). From molar masses; magnesium sulfate, chloride as hydrates. A salt not listed is not computed.
 */
const elemental: Readonly<Record<string, number>> = {
  magnesium: 1,
  'magnesium sulfate': 0.0986,
  'magnesium oxide': 0.603,
  'magnesium hydroxide': 0.417,
  'magnesium chloride': 0.1196,
  'magnesium carbonate': 0.288,
  'magnesium citrate': 0.1616,
  'magnesium gluconate': 0.0586,
};

/** Kilograms of body weight; null where there is no plain recent one. */
const kilogramsOf = (context: EvaluationContext): number | null => {
  const weight = latest(context, 'body-weight', weightWindow, 'body weight');
  return isUnknown(weight) || weight.comparator || !weight.value ? null : weight.value;
};

/** What computes with one ingredient of a medication; null when it has no dosage. */
export function productOf(
  context: EvaluationContext,
  medication: Medication,
  ingredient: string,
): Product | null {
  const { dosing, resolvedBy } = medication;
  const ingredients = medication.ingredients.map(({ name }) => name);
  if (!dosing) return null;
  return {
    dosing,
    // What is only recognised in part may hold other drugs.
    ingredients: resolvedBy === 'unresolved' ? [...ingredients, 'another drug'] : ingredients,
    ingredient,
    kilograms: context.memo(kilogramsOf),
  };
}

/** Whether a fact about these drugs means the medication; `open`: it may be one of them. */
export function isMeant(
  { ingredients, resolvedBy, route }: Medication,
  names: ReadonlySet<string>,
  wanted: FactParams<'dose'>['route'],
): boolean | 'open' {
  const fits = byRoute(route, wanted);
  if (fits === false) return false;
  if (ingredients.some(({ name }) => names.has(name))) return fits ?? 'open';
  return resolvedBy === 'unresolved' ? 'open' : false;
}

const isByWeight = ({ dosing }: Medication): boolean =>
  dosing?.instructions.some(({ doses }) => doses?.some(({ unit }) => unit === 'g/kg')) === true;

type Question = 'dailyDose' | 'dose' | 'doseFrequency';
interface Selected {
  classes?: string[] | undefined;
  ingredients?: string[] | undefined;
  exceptIngredients?: string[] | undefined;
  role: FactParams<'dose'>['role'];
  route?: FactParams<'dose'>['route'];
}

/** The medications a question is about: those with an answer, those without one, and whether others may be. */
function readEach(
  context: EvaluationContext,
  params: Selected,
  names: ReadonlySet<string>,
  read: (medication: Medication) => number | null,
): { values: { medication: Medication; value: number }[]; uncomputed: Medication[]; open: boolean } {
  const values: { medication: Medication; value: number }[] = [];
  const uncomputed: Medication[] = [];
  let open = false;
  for (const medication of context.chart.medications) {
    if (!hasRole(medication, params.role)) continue;
    const fits = isMeant(medication, names, params.route);
    if (fits === false) continue;
    const isOne = medication.ingredients.some(({ name }) => names.has(name));
    if (!isOne) {
      open = true;
      continue;
    }
    // Of a drug whose route is not known it is not known either.
    const value = fits === 'open' ? null : read(medication);
    if (value === null) uncomputed.push(medication);
    else values.push({ medication, value });
  }
  return { values, uncomputed, open };
}

/** The answer from all of them: `value`, or at least that where something is missing. */
function doseResult(
  context: EvaluationContext,
  fact: Question,
  params: Selected,
  names: ReadonlySet<string>,
  each: ReturnType<typeof readEach>,
  { value, unit, spoken }: { value: number; unit?: string; spoken: string },
): Fact {
  const what = describe(fact, { ...params });
  const { values, uncomputed, open } = each;
  if (values.length === 0 && uncomputed.length > 0) {
    const references = uncomputed.map(({ reference }) => reference).join(', ');
    const needsWeight =
      context.memo(kilogramsOf) === null && (unit === 'mg/kg' || uncomputed.some(isByWeight));
    return {
      state: 'missing',
      cause: needsWeight ? 'absent' : 'unresolved',
      missing: needsWeight
        ? `${what} of ${references}: needs body weight within P180D`
        : `${what} (the dose of ${references} cannot be computed)`,
      evidence: uncomputed.map((medication) => medicationEvidence(medication, names)),
    };
  }
  const unknown: UnknownFact | null = unknownRole(context, params.role, what);
  if (unknown && values.length === 0) return unknown;
  const evidence = values.map(
    (one): Evidence => ({
      ...medicationEvidence(one.medication, names),
      used: `${readable(one.value)} ${spoken}`,
    }),
  );
  const known: KnownFact = { state: 'known', value, ...(unit ? { unit } : {}), evidence };
  if (open || unknown || uncomputed.length > 0) known.range = { low: value, high: unbounded };
  return known;
}

/** What grams of the ingredients come to in the unit asked for; null where that needs a weight that is not known. */
function inUnit(
  context: EvaluationContext,
  medication: Medication,
  names: ReadonlySet<string>,
  unit: 'mg' | 'mg/kg',
  grams: (product: Product) => number | null,
  fraction: (ingredient: string) => number | null = () => 1,
): number | null {
  const kilograms = context.memo(kilogramsOf);
  let total = 0;
  for (const { name } of medication.ingredients) {
    if (!names.has(name)) continue;
    const product = productOf(context, medication, name);
    const part = fraction(name);
    // Without a weight, a dose by weight is still known by weight.
    const byWeight = unit === 'mg/kg' && kilograms === null;
    const value = product === null ? null : grams(byWeight ? perKilogram(product) : product);
    if (value === null || part === null) return null;
    total += value * 1000 * part * (unit === 'mg/kg' && kilograms !== null ? 1 / kilograms : 1);
  }
  return toTwelveDigits(total);
}

/** The same for one kilogram: only what is ordered by weight counts. */
const perKilogram = (product: Product): Product => ({ ...product, kilograms: 'one' });

/** 0.555555555556 as 0.5556: the exact value is the fact's. */
export const readable = (value: number): number => Number(value.toPrecision(4));

const sumOf = (values: readonly { value: number }[]): number =>
  toTwelveDigits(values.reduce((sum, { value }) => sum + value, 0));

export function dailyDoseFact(params: FactParams<'dailyDose'>): Compute {
  const names = ingredientsOf(params);
  const { unit } = params;
  const fraction = (ingredient: string): number | null =>
    params.elementalMagnesium ? (elemental[ingredient] ?? null) : 1;
  const spoken = params.elementalMagnesium ? 'mg elemental magnesium a day' : `${unit} a day`;
  return (context) => {
    const each = readEach(context, params, names, (medication) =>
      inUnit(context, medication, names, unit, gramsADay, fraction),
    );
    return doseResult(context, 'dailyDose', params, names, each, {
      value: sumOf(each.values),
      unit,
      spoken,
    });
  };
}

export function doseFact(params: FactParams<'dose'>): Compute {
  const names = ingredientsOf(params);
  const { unit } = params;
  return (context) => {
    const each = readEach(context, params, names, (medication) =>
      inUnit(context, medication, names, unit, largestDose),
    );
    const value = Math.max(0, ...each.values.map((one) => one.value));
    return doseResult(context, 'dose', params, names, each, { value, unit, spoken: `${unit} a dose` });
  };
}

export function doseFrequencyFact(params: FactParams<'doseFrequency'>): Compute {
  const names = ingredientsOf(params);
  return (context) => {
    const each = readEach(context, params, names, ({ dosing }) => (dosing ? timesADay(dosing) : null));
    return doseResult(context, 'doseFrequency', params, names, each, {
      value: sumOf(each.values),
      spoken: 'times a day',
    });
  };
}

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

export function infusionRateFact(params: FactParams<'infusionRate'>): Compute {
  const names = ingredientsOf(params);
  const what = describe('infusionRate', params);
  return (context) => {
    let fastest: { medication: Medication; rate: Rate } | null = null;
    let unrated: Medication | null = null;
    for (const medication of context.chart.medications) {
      if (!hasRole(medication, 'ordered') || !medication.ingredients.some(({ name }) => names.has(name)))
        continue;
      const rate = rateOf(context, medication, names);
      if (rate === null) unrated = medication;
      else if (fastest === null || rate.gramsAnHour > fastest.rate.gramsAnHour)
        fastest = { medication, rate };
    }
    if (fastest === null) {
      return {
        state: 'missing',
        cause: 'absent',
        missing: unrated ? `${what} (${unrated.reference} states no rate that gives grams an hour)` : what,
        evidence: unrated ? [medicationEvidence(unrated, names)] : [],
      };
    }
    const { medication, rate } = fastest;
    const fact: KnownFact = {
      state: 'known',
      value: rate.gramsAnHour,
      unit: 'g/h',
      evidence: [
        { ...medicationEvidence(medication, names), used: `${rate.gramsAnHour} g/h`, note: rate.basis },
      ],
    };
    // Another order of the drug without a rate may be faster.
    if (unrated) fact.range = { low: rate.gramsAnHour, high: unbounded };
    return fact;
  };
}
