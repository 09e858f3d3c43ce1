/** Which medications of the chart a fact means: by ingredient, route, role and time. */
import type { Medication } from '../chart/types.ts';
import { dateOf } from '../fhir/time.ts';
import { drugClasses } from '../terminology/drugs/ingredients.ts';
import type { Route } from '../terminology/drugs/routes.ts';
import {
  type DataNeed,
  type EvaluationContext,
  type Evidence,
  type EvidenceNote,
  type Fact,
  incompleteCategory,
  type Reason,
  readInPart,
  type UnknownFact,
} from './fact.ts';
import { charted } from './results.ts';

export type Role = 'active' | 'ordered' | 'any';
export type WantedRoute = 'oral' | 'parenteral' | 'rectal' | 'systemic' | undefined;

export interface Selector {
  classes?: readonly string[] | undefined;
  ingredients?: readonly string[] | undefined;
  exceptIngredients?: readonly string[] | undefined;
}

/** Names of the ingredients that a selector means. */
export function ingredientsOf(selector: Selector): ReadonlySet<string> {
  const names = new Set(selector.ingredients ?? []);
  for (const name of selector.classes ?? []) {
    for (const member of drugClasses.get(name) ?? []) names.add(member.name);
  }
  for (const name of selector.exceptIngredients ?? []) names.delete(name);
  return names;
}

/** `ppi or famotidine`: how an engineer reads a selector. */
export const describeSelector = ({ classes, ingredients }: Selector): string =>
  [classes, ingredients].flatMap((part) => (part ? [part.join(' or ')] : [])).join(' or ');

/** Classes whose name in the table is short for something. */
const classWords: Readonly<Record<string, string>> = {
  'ace-inhibitor': 'ACE inhibitor',
  arb: 'ARB',
  arni: 'ARNI',
  'cyp2c19-inhibitor': 'CYP2C19 inhibitor',
  doac: 'DOAC',
  h2ra: 'H2 blocker',
  lmwh: 'low molecular weight heparin',
  mra: 'aldosterone antagonist',
  nsaid: 'NSAID',
  'p-gp-inhibitor': 'P-gp inhibitor',
  ppi: 'proton pump inhibitor',
  'qt-prolonging-known': 'drug that prolongs QT',
  'qt-prolonging-possible': 'drug that may prolong QT',
  'sglt2-inhibitor': 'SGLT2 inhibitor',
};

/** `loop diuretic or ARB`: how a clinician says it. */
export const wordSelector = ({ classes, ingredients }: Selector): string =>
  (classes ?? ingredients ?? []).map((name) => classWords[name] ?? name.replaceAll('-', ' ')).join(' or ');

/** Routes by which a drug acts where it is put, not in the whole body. */
const local: ReadonlySet<Route> = new Set(['topical', 'ophthalmic', 'otic', 'nasal', 'vaginal', 'inhaled']);

/** Whether a medication's route is the wanted one; null when its route is not known and that matters. */
export function byRoute(route: Route | null, wanted: WantedRoute): boolean | null {
  if (wanted === undefined) return true;
  // An exclusion needs a documented route; without one the drug counts as systemic.
  if (wanted === 'systemic') return route === null || !local.has(route);
  return route === null ? null : route === wanted;
}

/** Therapy under review counts as ordered; a refill stands for the therapy that it renews. */
export const hasRole = (medication: Medication, role: Role): boolean =>
  role === 'any'
    ? medication.role !== 'inactive' && !medication.renewed
    : medication.role === role || (role === 'ordered' && medication.underReview === true);

/** Whether a fact about these drugs means the medication; `open`: it may be one of them, or may not be taken. */
export function isMeant(
  { ingredients, resolvedBy, route, uncertain }: Medication,
  names: ReadonlySet<string>,
  wanted: WantedRoute,
): boolean | 'open' {
  const fits = byRoute(route, wanted);
  if (fits === false) return false;
  if (ingredients.some(({ name }) => names.has(name))) return uncertain ? 'open' : (fits ?? 'open');
  return resolvedBy === 'unresolved' ? 'open' : false;
}

const namesOf = ({ ingredients }: Medication, names: ReadonlySet<string>): string =>
  ingredients
    .map(({ name }) => name)
    .filter((name) => names.has(name))
    .join(' + ');

/** Why it is open whether these are meant: their drug is, and nobody knows by which route it is given. */
export const routeUnknown = (medications: readonly Medication[], names: ReadonlySet<string>): Reason => ({
  code: 'route-unknown',
  medications: medications.map((medication) => ({
    reference: medication.reference,
    name: namesOf(medication, names),
    ...(medication.routeUnread ? { unread: medication.routeUnread } : {}),
  })),
});

/** `route of magnesium sulfate`: what a fact waits for where the route decides; null where it does not. */
export function needOfRoute(fact: Fact): string | null {
  if (fact.state === 'known') return null;
  const needs = fact.reasons.flatMap((reason) =>
    reason.code === 'route-unknown'
      ? reason.medications.map(
          ({ name, unread }) =>
            `route of ${name}${unread === undefined ? '' : unread === 'several' ? ' (routes that differ are stated)' : ' (stated, and not understood)'}`,
        )
      : [],
  );
  return needs.length > 0 ? [...new Set(needs)].join(', ') : null;
}

/** @param names of the ingredients that are meant; all of them where left out */
export function medicationEvidence(medication: Medication, names?: ReadonlySet<string>): Evidence {
  const meant = medication.ingredients.filter(({ name }) => names?.has(name) ?? true).map(({ name }) => name);
  const { codes, route, role, resolvedBy, started, selected, given, ended } = medication;
  const time = given && ended ? ended.to : started?.from;
  const notes: EvidenceNote[] =
    resolvedBy === 'rxnorm-ingredient' ? [] : [{ code: 'matched-by', by: resolvedBy }];
  return {
    reference: medication.reference,
    ...(meant.length > 0 ? { name: meant.join(' + ') } : {}),
    received: codes.length > 0 ? { kind: 'codes', codes: codes.map(({ code }) => code) } : { kind: 'text' },
    used: { kind: 'medication', route, state: role },
    time: time === undefined ? null : dateOf(time),
    notes: [...notes, ...charted(medication.why)],
    ...(role === 'ordered' ? { order: selected ? 'selected' : 'background' } : {}),
  };
}

/** Like other therapy, with the time of the last dose instead of the beginning. */
export function endedEvidence(medication: Medication, names: ReadonlySet<string>): Evidence {
  const { ended, route } = medication;
  const evidence = medicationEvidence(medication, names);
  if (!ended) return evidence;
  const [from, to] = [ended.from === null ? null : dateOf(ended.from), dateOf(ended.to)];
  const used = { kind: 'medication', route, state: 'last dose' } as const;
  return from === to
    ? { ...evidence, used, time: to }
    : { ...evidence, used, time: null, notes: [{ code: 'last-dose', from, to }] };
}

/** Doses that were given, or run, and were not read: a drug of them may be missing, and a sum is at least what was read. */
export const unreadDoses = ({ chart }: EvaluationContext, role: Role): UnknownFact | null =>
  role === 'ordered' || !chart.unread?.some(({ of }) => of === 'administrations')
    ? null
    : readInPart('pastMedications');

/** Therapy that is over may have been left unread: a sum of what was taken is at least what was read. */
export const unreadPast = ({ chart }: EvaluationContext, role: Role): UnknownFact | null =>
  role === 'ordered' || !chart.unread?.some(({ category }) => category === 'pastMedications')
    ? null
    : readInPart('pastMedications');

/** The lists of the role that did not come in full; null when they did. */
export function unknownRole(context: EvaluationContext, role: Role): UnknownFact | null {
  const orders = role === 'active' ? null : incompleteCategory(context, 'orders');
  const therapy = role === 'ordered' ? null : incompleteCategory(context, 'medications');
  return orders ?? therapy ?? unreadDoses(context, role);
}

/** The kind of data that medications of a role are. */
export const categoriesOfRole = (role: Role): ['orders'] | ['medications'] =>
  role === 'ordered' ? ['orders'] : ['medications'];

export const medicationNeeds = (role: Role): readonly DataNeed[] =>
  role === 'ordered'
    ? [{ type: 'MedicationRequest' }]
    : [{ type: 'MedicationRequest' }, { type: 'MedicationStatement' }, { type: 'MedicationAdministration' }];
