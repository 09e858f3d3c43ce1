/** Facts about how much: number of drugs of a kind, and dose a day. */

import type { Medication } from '../chart.ts';
import { type Compute, describe, type Evidence, type KnownFact, type Situation } from '../fact.ts';
import { milliseconds } from '../fhir.ts';
import type { FactParams } from '../rule.ts';
import { toTwelveDigits } from '../terminology/units.ts';
import { byRoute, evidenceOf, hasRole, ingredientsOf, unknownRole } from './therapy.ts';

const unbounded = Number.POSITIVE_INFINITY;

export function drugCountFact(params: FactParams<'drugCount'>): Compute {
  const names = ingredientsOf(params);
  const classes = (params.classes ?? []).map((name) => ({
    name,
    members: ingredientsOf({ classes: [name] }),
  }));
  const window = params.within ? milliseconds(params.within) : null;
  const what = describe('drugCount', params);
  /** What the medication adds to the count: names of classes or ingredients, or its own reference. */
  const counted = ({ ingredients, reference }: Medication): string[] => {
    const meant = ingredients.map(({ name }) => name).filter((name) => names.has(name));
    if (meant.length === 0) return [];
    if (params.by === 'order') return [reference];
    if (params.by === 'ingredient') return meant;
    return classes.filter(({ members }) => meant.some((name) => members.has(name))).map(({ name }) => name);
  };
  return (situation) => {
    const found = new Set<string>();
    const evidence: Evidence[] = [];
    let open = false;
    for (const medication of situation.chart.medications) {
      if (!hasRole(medication, params.role)) continue;
      const route = byRoute(medication.route, params.route);
      const recent =
        window === null ||
        // A draft is being written now.
        medication.role === 'ordered' ||
        (medication.started === null ? null : medication.started.from >= situation.at - window);
      if (route === false || recent === false) continue;
      const adds = counted(medication);
      if (adds.length === 0) {
        if (medication.resolvedBy === 'unresolved') open = true;
        continue;
      }
      if (route === null || recent === null) {
        open = true;
        continue;
      }
      for (const name of adds) found.add(name);
      evidence.push(evidenceOf(medication, names));
    }
    const unknown = unknownRole(situation, params.role, what);
    if (unknown && found.size === 0) return unknown;
    const fact: KnownFact = { state: 'known', value: found.size, evidence };
    if (open || unknown) fact.range = { low: found.size, high: unbounded };
    return fact;
  };
}

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

function milligramsADay(
  medication: Medication,
  names: ReadonlySet<string>,
  asElemental: boolean,
): number | null {
  const grams = medication.dosing?.gramsPerDay ?? null;
  const [only, ...others] = medication.ingredients;
  // The dose of a combination is not the dose of one part of it.
  if (grams === null || !only || others.length > 0 || !names.has(only.name)) return null;
  const fraction = asElemental ? elemental[only.name] : 1;
  return fraction === undefined ? null : toTwelveDigits(grams * 1000 * fraction);
}

const anyOf = (situation: Situation, role: FactParams<'dailyDose'>['role']): Medication[] =>
  situation.chart.medications.filter((medication) => hasRole(medication, role));

export function dailyDoseFact(params: FactParams<'dailyDose'>): Compute {
  const names = ingredientsOf(params);
  const what = describe('dailyDose', params);
  return (situation) => {
    const evidence: Evidence[] = [];
    const uncomputed: Evidence[] = [];
    let total = 0;
    let open = false;
    for (const medication of anyOf(situation, params.role)) {
      const matched = medication.ingredients.some(({ name }) => names.has(name));
      const route = byRoute(medication.route, params.route);
      if (route === false) continue;
      if (!matched) {
        if (medication.resolvedBy === 'unresolved') open = true;
        continue;
      }
      const dose =
        route === null ? null : milligramsADay(medication, names, params.elementalMagnesium === true);
      if (dose === null) {
        uncomputed.push(evidenceOf(medication, names));
        continue;
      }
      total += dose;
      const unit = params.elementalMagnesium ? 'mg elemental magnesium a day' : 'mg a day';
      evidence.push({ ...evidenceOf(medication, names), used: `${dose} ${unit}` });
    }
    if (evidence.length === 0 && uncomputed.length > 0) {
      const references = uncomputed.map(({ reference }) => reference).join(', ');
      return {
        state: 'missing',
        cause: 'unresolved',
        missing: `${what} (the dose of ${references} cannot be computed)`,
        evidence: uncomputed,
      };
    }
    const unknown = unknownRole(situation, params.role, what);
    if (unknown && evidence.length === 0) return unknown;
    const fact: KnownFact = { state: 'known', value: toTwelveDigits(total), unit: 'mg', evidence };
    if (open || unknown || uncomputed.length > 0)
      fact.range = { low: toTwelveDigits(total), high: unbounded };
    return fact;
  };
}
