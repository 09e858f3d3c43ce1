/**
 * What a finding rests on, kept beside its evaluation to see later whether it got worse: the numbers that were
 * compared, the doses, and the drugs and conditions by name.
 */
import type { Medication } from '../chart/types.ts';
import { fastestRate, gramsADay, largestDose, type Product } from '../dosage/compute.ts';
import type { EvaluationContext, Evidence, Fact } from '../facts/fact.ts';
import { factOf } from '../facts/facts.ts';
import { type CompiledRule, traceOf } from '../rule/compile.ts';
import type { Leaf } from '../rule/conditions.ts';
import { type FactStore, requestKey } from '../rule/fact-store.ts';
import type { Indicator } from '../rule/severity.ts';
import { decisiveLeaves, type TraceLeaf } from '../rule/trace.ts';
import { isPregnant, type RelevantOrder, relevantOrders } from './this-moment.ts';

export interface FingerprintNumber {
  /** The question, with its parameters, or a dose. */
  of: string;
  /** Which way is worse: the operator that holds. */
  operator: Leaf['operator'];
  /** Null where there is none: the higher is the worse. */
  threshold: number | null;
  /** Four significant digits; null where it is not known. */
  value: number | null;
  /** Only one end of a range is known. */
  open?: true;
}

export interface Fingerprint {
  version: string;
  indicator: Indicator;
  numbers: FingerprintNumber[];
  /** Drugs with their route, conditions, and whatever else held, by name. */
  because: string[];
}

const inverse: Readonly<Record<Leaf['operator'], Leaf['operator']>> = {
  lessThan: 'greaterThanInclusive',
  lessThanInclusive: 'greaterThan',
  greaterThan: 'lessThanInclusive',
  greaterThanInclusive: 'lessThan',
  equal: 'equal',
  in: 'in',
};

const fourDigits = (value: number): number => Number(value.toPrecision(4));
const round = (value: number | null): number | null => (value === null ? null : fourDigits(value));

function numberOf(leaf: TraceLeaf, fact: Fact): FingerprintNumber[] {
  // The lower end of a band selects the rule: above it is not worse.
  if (leaf.path === '$.highest' || fact.state !== 'known' || typeof fact.value !== 'number') return [];
  const threshold = typeof leaf.value === 'number' ? leaf.value : (fact.lowerLimit ?? null);
  return [
    {
      of: requestKey(leaf.fact, leaf.params),
      // Under a `not` the comparison is false, and worse is the other way.
      operator: leaf.truth === false ? inverse[leaf.operator] : leaf.operator,
      threshold: round(threshold),
      value: fourDigits(fact.value),
      ...(fact.range ? { open: true } : {}),
    },
  ];
}

/** Drugs are told apart by name and route. */
const drugName = (names: string | undefined, { route }: Medication): string =>
  `${names ?? 'a drug not recognised'}${route ? `, ${route}` : ''}`;

/** What else held is told apart by what it is called, or by its code. Stored fingerprints have these very words. */
function nameOf({ name, used }: Evidence): string {
  if (name !== undefined) return name;
  switch (used.kind) {
    case 'code':
      return used.code;
    case 'allergy':
      return used.to.join(', ') || 'not matched to an ingredient';
    case 'notice':
      return used.message;
    case 'unused':
      return 'not used';
    case 'just-entered':
      return 'just entered';
    default:
      return used.kind;
  }
}

/** What else held, by name: references change from order to order, the drug does not. */
function reasonsOf(leaf: TraceLeaf, fact: Fact, medications: ReadonlyMap<string, Medication>): string[] {
  const isNumber = fact.state === 'known' && typeof fact.value === 'number';
  const names = fact.evidence.flatMap((evidence) => {
    const medication = medications.get(evidence.reference);
    if (medication) return [drugName(evidence.name, medication)];
    return isNumber ? [] : [nameOf(evidence)];
  });
  if (names.length > 0 || isNumber) return names;
  return [`${requestKey(leaf.fact, leaf.params)} ${fact.state === 'known' ? fact.value : fact.state}`];
}

/** How much of it, as far as it says: a day, a dose, an hour, and by body weight. Null where it does not say. */
function amountsOf({ dosing, ingredients }: Medication): [string, number | null][] {
  const names = ingredients.map(({ name }) => name);
  const first = (
    read: (product: Product) => number | null,
    kilograms: Product['kilograms'],
  ): number | null => {
    if (!dosing) return null;
    const amounts = names.map((ingredient) => read({ dosing, ingredients: names, ingredient, kilograms }));
    return amounts.find((amount) => amount !== null) ?? null;
  };
  return [
    ['g/day', first(gramsADay, null)],
    ['g', first(largestDose, null)],
    ['g/h', first((product) => fastestRate(product)?.gramsAnHour ?? null, null)],
    ['g/kg/day', first(gramsADay, 'one')],
    ['g/kg', first(largestDose, 'one')],
  ];
}

/** What a dose may be of: a medication that a finding rests on, or whose order makes it relevant. */
type Named = Pick<Evidence, 'reference' | 'name'>;

/** The highest dose of each drug that is part of it; null as soon as one is not known. */
function dosesOf(parts: readonly Named[], medications: ReadonlyMap<string, Medication>): FingerprintNumber[] {
  const doses = new Map<string, number | null>();
  const add = (key: string, value: number | null): void => {
    const before = doses.get(key);
    doses.set(key, value === null || before === null ? null : Math.max(value, before ?? value));
  };
  for (const { reference, name } of parts) {
    const medication = medications.get(reference);
    if (!medication) continue;
    for (const [unit, value] of amountsOf(medication)) add(`${unit} of ${drugName(name, medication)}`, value);
  }
  return [...doses].map(([of, value]) => ({
    of,
    operator: 'greaterThan',
    threshold: null,
    value: round(value),
  }));
}

/** An order that makes a finding relevant is told apart as one that it rests on. */
function relevantName(
  { reference, name }: RelevantOrder,
  medications: ReadonlyMap<string, Medication>,
): string {
  const medication = medications.get(reference);
  return medication ? drugName(name, medication) : name;
}

/** Of a finding: the rule has fired. Age and sex select a rule; they are no part of it. */
export function fingerprintOf(
  compiled: CompiledRule,
  facts: FactStore,
  context: EvaluationContext,
): Fingerprint {
  const { chart } = context;
  const { version, card } = compiled.rule;
  const medications = new Map(chart.medications.map((medication) => [medication.reference, medication]));
  const leaves = [...decisiveLeaves(traceOf(compiled, facts), true)].filter(
    ({ fact }) => factOf(fact).part !== 'selector',
  );
  // What was overridden for one drug is not overridden for the next.
  const relevant = relevantOrders(compiled, chart, isPregnant(context));
  const evidence = leaves.flatMap(({ question }) => facts(question).evidence);
  const numbers = [
    ...leaves.flatMap((leaf) => numberOf(leaf, facts(leaf.question))),
    ...dosesOf([...evidence, ...relevant], medications),
  ];
  const because = [
    ...leaves.flatMap((leaf) => reasonsOf(leaf, facts(leaf.question), medications)),
    ...relevant.map((order) => relevantName(order, medications)),
  ];
  const keyed = new Map(
    numbers.map((number) => [`${number.of} ${number.operator} ${number.threshold}`, number]),
  );
  return {
    version,
    indicator: card.indicator,
    numbers: [...keyed.values()],
    because: [...new Set(because)].sort(),
  };
}
