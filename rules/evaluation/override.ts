/**
 * Overrides that are remembered. A finding that this clinician overrode for this patient, for a reason that
 * lasts, is not shown again for a while, unless its facts got worse. What a finding rests on is kept beside its
 * evaluation as a fingerprint: the numbers that were compared, the doses, and the drugs and conditions by name.
 */

import { type Indicator, severityRank } from '../cards/finding-card.ts';
import type { Chart, Medication } from '../chart/types.ts';
import { fastestRate, gramsADay, largestDose, type Product } from '../dosage/compute.ts';
import type { Fact } from '../facts/fact.ts';
import { day } from '../fhir/time.ts';
import {
  type CompiledRule,
  decisiveLeaves,
  type FactStore,
  requestKey,
  type Trace,
  traceOf,
} from '../rule/compile.ts';
import type { Leaf, Rule } from '../rule/document.ts';
import { isDurable } from '../rule/override-reasons.ts';
import type { Presentation } from './presentation.ts';

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

/** One override, as the decision log has it. */
export interface PastOverride {
  rule: string;
  /** When, RFC 3339 UTC. */
  at: string;
  /** Code of `urn:epsom:override-reason`. */
  reason: string;
  /** Reference of the clinician, `Practitioner/1`. */
  by: string | null;
  /** Of the evaluation that was overridden. */
  fingerprint: Fingerprint;
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

type TraceLeaf = Extract<Trace, { question: number }>;

function numberOf(leaf: TraceLeaf, fact: Fact): FingerprintNumber[] {
  if (fact.state !== 'known' || typeof fact.value !== 'number') return [];
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

const named = (names: string | undefined, { route }: Medication): string =>
  `${names ?? 'a drug not recognised'}${route ? `, ${route}` : ''}`;

/** What else held, by name: references change from order to order, the drug does not. */
function reasonsOf(leaf: TraceLeaf, fact: Fact, medications: ReadonlyMap<string, Medication>): string[] {
  const isNumber = fact.state === 'known' && typeof fact.value === 'number';
  const names = fact.evidence.flatMap(({ reference, name, used }) => {
    const medication = medications.get(reference);
    if (medication) return [named(name, medication)];
    return isNumber ? [] : [name ?? used];
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

/** The highest dose of each drug that is part of it; null as soon as one is not known. */
function dosesOf(
  leaves: readonly TraceLeaf[],
  facts: FactStore,
  medications: ReadonlyMap<string, Medication>,
): FingerprintNumber[] {
  const doses = new Map<string, number | null>();
  const add = (key: string, value: number | null): void => {
    const before = doses.get(key);
    doses.set(key, value === null || before === null ? null : Math.max(value, before ?? value));
  };
  for (const { question } of leaves) {
    for (const { reference, name } of facts(question).evidence) {
      const medication = medications.get(reference);
      if (!medication) continue;
      for (const [unit, value] of amountsOf(medication)) add(`${unit} of ${named(name, medication)}`, value);
    }
  }
  return [...doses].map(([of, value]) => ({
    of,
    operator: 'greaterThan',
    threshold: null,
    value: round(value),
  }));
}

/** Of a finding: the rule has fired. Age and sex select a rule; they are no part of it. */
export function fingerprintOf(compiled: CompiledRule, facts: FactStore, chart: Chart): Fingerprint {
  const { version, card } = compiled.rule;
  const medications = new Map(chart.medications.map((medication) => [medication.reference, medication]));
  const leaves = [...decisiveLeaves(traceOf(compiled, facts), true)].filter(
    ({ fact }) => fact !== 'age' && fact !== 'sex',
  );
  const numbers = [
    ...leaves.flatMap((leaf) => numberOf(leaf, facts(leaf.question))),
    ...dosesOf(leaves, facts, medications),
  ];
  const because = leaves.flatMap((leaf) => reasonsOf(leaf, facts(leaf.question), medications));
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

/** A number is worse when it moved this much of itself further beyond its threshold. */
export const worseBy = 0.05;

function isWorseNumber(before: FingerprintNumber, now: FingerprintNumber): boolean {
  if (before.value === null || now.value === null) return before.value !== now.value;
  if (now.open && (!before.open || before.value !== now.value)) return true;
  if (now.operator === 'equal' || now.operator === 'in') return before.value !== now.value;
  const falls = now.operator === 'lessThan' || now.operator === 'lessThanInclusive';
  const moved = falls ? before.value - now.value : now.value - before.value;
  return moved > Math.abs(before.value) * worseBy + 1e-9;
}

/** What got worse since, in a few words; null when nothing did. What cannot be compared counts as worse. */
export function worseSince(before: Fingerprint, now: Fingerprint): string | null {
  if (before.version !== now.version) return `the rule is now version ${now.version}`;
  if (severityRank[now.indicator] < severityRank[before.indicator]) return `it is now ${now.indicator}`;
  const known = new Set(before.because);
  const added = now.because.find((reason) => !known.has(reason));
  if (added !== undefined) return `new: ${added}`;
  for (const number of now.numbers) {
    // Another threshold that holds now is another reason, and so is the laboratory's own when it has changed.
    const same = before.numbers.find(
      ({ of, operator, threshold }) =>
        of === number.of && operator === number.operator && threshold === number.threshold,
    );
    if (!same || isWorseNumber(same, number)) return `worse: ${number.of}`;
  }
  return null;
}

const dateOf = (time: number): string => new Date(time).toISOString().slice(0, 10);

/**
 * Why a finding is withheld; null when it is shown.
 * @param at evaluation time, milliseconds: an override of a later time does not count yet
 */
export function suppressionOf(
  rule: Rule,
  fingerprint: Fingerprint,
  { withhold, overridden }: Presentation,
  at: number,
): string | null {
  if (withhold === null || (rule.card.indicator === 'critical' && !withhold.critical)) return null;
  for (const override of overridden) {
    if (override.rule !== rule.id || !isDurable(override.reason)) continue;
    const since = Date.parse(override.at);
    const until = since + withhold.days * day;
    if (!(since <= at && at < until) || worseSince(override.fingerprint, fingerprint) !== null) continue;
    return `withheld: overridden on ${dateOf(since)} (${override.reason}) until ${dateOf(until)}`;
  }
  return null;
}
