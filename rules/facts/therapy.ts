/** Facts about drugs on the chart: therapy, orders, how many, allergies. */
import type { Medication } from '../chart/types.ts';
import { milliseconds } from '../fhir/time.ts';
import type { FactParams } from '../rule/document.ts';
import { drugClasses } from '../terminology/drugs/ingredients.ts';
import type { Route } from '../terminology/drugs/routes.ts';
import {
  type Compute,
  describe,
  type EvaluationContext,
  type Evidence,
  incompleteCategory,
  type KnownFact,
  type UnknownFact,
} from './fact.ts';

interface Selector {
  classes?: string[] | undefined;
  ingredients?: string[] | undefined;
  exceptIngredients?: string[] | undefined;
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

/** Routes by which a drug acts where it is put, not in the whole body. */
const local: ReadonlySet<Route> = new Set(['topical', 'ophthalmic', 'otic', 'nasal', 'vaginal', 'inhaled']);

/** Whether a medication's route is the wanted one; null when its route is not known and that matters. */
export function byRoute(route: Route | null, wanted: FactParams<'drug'>['route']): boolean | null {
  if (wanted === undefined) return true;
  // An exclusion needs a documented route; without one the drug counts as systemic.
  if (wanted === 'systemic') return route === null || !local.has(route);
  return route === null ? null : route === wanted;
}

/** Therapy under review counts as ordered; a refill stands for the therapy that it renews. */
export const hasRole = (medication: Medication, role: FactParams<'drug'>['role']): boolean =>
  role === 'any'
    ? medication.role !== 'inactive' && !medication.renewed
    : medication.role === role || (role === 'ordered' && medication.underReview === true);

export function medicationEvidence(medication: Medication, names?: ReadonlySet<string>): Evidence {
  const meant = medication.ingredients.filter(({ name }) => names?.has(name) ?? true).map(({ name }) => name);
  const name = meant.join(' + ');
  const evidence: Evidence = {
    reference: medication.reference,
    ...(name ? { name } : {}),
    received: medication.codes.map(({ code }) => code).join(', ') || 'text',
    used: `${name || 'not matched to an ingredient'}${medication.route ? `, ${medication.route}` : ''}, ${medication.role}`,
    time: medication.started ? new Date(medication.started.from).toISOString().slice(0, 10) : null,
  };
  if (medication.resolvedBy !== 'rxnorm-ingredient') evidence.note = `matched by ${medication.resolvedBy}`;
  if (medication.why) evidence.note = `${evidence.note ? `${evidence.note}; ` : ''}${medication.why}`;
  if (medication.role === 'ordered') evidence.order = medication.selected ? 'selected' : 'background';
  return evidence;
}

function byDuration(medication: Medication, at: number, least: number | null): boolean | null {
  if (least === null) return true;
  const { started } = medication;
  if (!started) return null;
  if (started.to <= at - least) return true;
  return started.from > at - least && !medication.startedAtLatest ? false : null;
}

/** Whether the last dose of therapy that is over lies inside the window; null where that is not known. */
function endedWithin({ ended }: Medication, at: number, window: number): boolean | null {
  if (!ended || ended.to < at - window) return false;
  return ended.from !== null && ended.from >= at - window ? true : null;
}

/** Like other therapy, with the time of the last dose instead of the beginning. */
function evidenceOfEnded(medication: Medication, names: ReadonlySet<string>): Evidence {
  const { ended } = medication;
  const date = (time: number): string => new Date(time).toISOString().slice(0, 10);
  const evidence = medicationEvidence(medication, names);
  if (!ended) return evidence;
  const [from, to] = [ended.from === null ? null : date(ended.from), date(ended.to)];
  return {
    ...evidence,
    used: evidence.used.replace(/inactive$/, 'last dose'),
    time: from === to ? to : null,
    ...(from === to ? {} : { note: `last dose ${from ? `between ${from} and` : 'not after'} ${to}` }),
  };
}

const and = (first: boolean | null, second: boolean | null): boolean | null =>
  first === false || second === false ? false : first === null || second === null ? null : true;

export function unknownRole(
  context: EvaluationContext,
  role: FactParams<'drug'>['role'],
  what: string,
): UnknownFact | null {
  const orders = role === 'active' ? null : incompleteCategory(context, 'orders', what);
  const therapy = role === 'ordered' ? null : incompleteCategory(context, 'medications', what);
  return orders ?? therapy;
}

/** Whether none of the ingredients meant is already taken; unknown while the list of therapy is open. */
function startsNow(
  context: EvaluationContext,
  order: Medication,
  names: ReadonlySet<string>,
): boolean | null {
  const ordered = new Set(order.ingredients.map(({ name }) => name).filter((name) => names.has(name)));
  const therapy = context.chart.medications.filter(({ role }) => role === 'active');
  if (therapy.some(({ ingredients }) => ingredients.some(({ name }) => ordered.has(name)))) return false;
  const open = therapy.some(({ resolvedBy }) => resolvedBy === 'unresolved');
  return open || context.chart.completeness.medications !== 'known' ? null : true;
}

export function drugFact(params: FactParams<'drug'>): Compute {
  const names = ingredientsOf(params);
  const least = params.forAtLeast ? milliseconds(params.forAtLeast) : null;
  const past = params.endedWithin ? milliseconds(params.endedWithin) : null;
  const what = describe('drug', params);
  const isNew = params.starting
    ? (context: EvaluationContext, medication: Medication): boolean | null =>
        startsNow(context, medication, names)
    : (): true => true;
  return (context) => {
    const found: Evidence[] = [];
    const doubts: Evidence[] = [];
    for (const medication of context.chart.medications) {
      const matched = medication.ingredients.some(({ name }) => names.has(name));
      const open = medication.resolvedBy === 'unresolved';
      if (!matched && !open) continue;
      const route = byRoute(medication.route, params.route);
      if (past !== null && medication.role === 'inactive') {
        const fits = and(route, endedWithin(medication, context.at, past));
        if (fits === false) continue;
        (matched && fits ? found : doubts).push(evidenceOfEnded(medication, names));
        continue;
      }
      if (!hasRole(medication, params.role)) continue;
      const fits = and(
        and(route, byDuration(medication, context.at, least)),
        matched ? isNew(context, medication) : true,
      );
      if (fits === false) continue;
      if (matched && fits === true) found.push(medicationEvidence(medication, names));
      else doubts.push(medicationEvidence(medication, names));
    }
    if (found.length > 0) return { state: 'known', value: true, evidence: found };
    if (doubts.length > 0) {
      return {
        state: 'missing',
        cause: 'unresolved',
        missing: `${what} (${doubts.map(({ reference }) => reference).join(', ')} could be one: ingredient, route or ${past === null ? 'start' : 'end'} not known)`,
        evidence: doubts,
      };
    }
    const unknown =
      unknownRole(context, params.role, what) ??
      (past === null ? null : incompleteCategory(context, 'pastMedications', what));
    return unknown ?? { state: 'known', value: false, evidence: [] };
  };
}

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
  return (context) => {
    const found = new Set<string>();
    const evidence: Evidence[] = [];
    let open = false;
    for (const medication of context.chart.medications) {
      if (!hasRole(medication, params.role)) continue;
      const route = byRoute(medication.route, params.route);
      const recent =
        window === null ||
        // A draft is being written now.
        medication.role === 'ordered' ||
        (medication.started === null ? null : medication.started.from >= context.at - window);
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
      evidence.push(medicationEvidence(medication, names));
    }
    const unknown = unknownRole(context, params.role, what);
    if (unknown && found.size === 0) return unknown;
    const fact: KnownFact = { state: 'known', value: found.size, evidence };
    if (open || unknown) fact.range = { low: found.size, high: Number.POSITIVE_INFINITY };
    return fact;
  };
}

export function allergyFact(params: FactParams<'allergy'>): Compute {
  const names = ingredientsOf(params);
  const what = describe('allergy', params);
  return (context) => {
    const found = context.chart.allergies.find(
      (allergy) => allergy.status === 'active' && allergy.ingredients.some(({ name }) => names.has(name)),
    );
    if (found) {
      const used = found.ingredients.map(({ name }) => name).join(', ');
      return { state: 'known', value: true, evidence: [{ reference: found.reference, used, time: null }] };
    }
    const open = context.chart.allergies.find(
      ({ status, ingredients }) => status === 'active' && ingredients.length === 0,
    );
    if (open) {
      return {
        state: 'missing',
        cause: 'unresolved',
        missing: `${what} (${open.reference} could be one)`,
        evidence: [{ reference: open.reference, used: 'not matched to an ingredient', time: null }],
      };
    }
    return incompleteCategory(context, 'allergies', what) ?? { state: 'known', value: false, evidence: [] };
  };
}

/** Classes whose members share allergies; broader ones (by kidney, QT, magnesium) say nothing about that. */
const allergyClasses: readonly string[] = [
  'ace-inhibitor',
  'aminoglycoside',
  'arb',
  'bisphosphonate-iv',
  'bisphosphonate-oral',
  'contrast-gadolinium',
  'contrast-iodinated',
  'fluoroquinolone',
  'insti',
  'loop-diuretic',
  'magnesium',
  'nsaid',
  'platinum',
  'ppi',
  'sulfonylurea',
  'tetracycline',
  'thiazide-diuretic',
];

/** The orders being worked on, or the therapy under review. */
const isInQuestion = ({ role, selected, underReview }: Medication): boolean =>
  (role === 'ordered' && selected) || underReview === true;

/** Every ingredient of the selected orders, with the orders. */
const orderedIngredients = ({ chart }: EvaluationContext): { name: string; order: Medication }[] =>
  chart.medications
    .filter(isInQuestion)
    .flatMap((order) => order.ingredients.map(({ name }) => ({ name, order })));

const allergyGroups = allergyClasses.map((name) => ingredientsOf({ classes: [name] }));

const sharesClass = (one: string, other: string): boolean =>
  allergyGroups.some((members) => members.has(one) && members.has(other));

export const allergyToOrderFact: Compute = (context) => {
  const what = describe('allergyToOrder', {});
  const active = context.chart.allergies.filter(({ status }) => status === 'active');
  const ordered = orderedIngredients(context);
  for (const allergy of active) {
    for (const { name: substance } of allergy.ingredients) {
      const hit =
        ordered.find(({ name }) => name === substance) ??
        ordered.find(({ name }) => sharesClass(name, substance));
      if (!hit) continue;
      const documented: Evidence = {
        reference: allergy.reference,
        name: substance,
        used: `allergy to ${substance}`,
        time: null,
      };
      return {
        state: 'known',
        value: true,
        evidence: [medicationEvidence(hit.order, new Set([hit.name])), documented],
      };
    }
  }
  const openAllergy = active.find(({ ingredients }) => ingredients.length === 0);
  const openOrder = context.chart.medications.find(
    (medication) => isInQuestion(medication) && medication.resolvedBy === 'unresolved',
  );
  if ((openAllergy && ordered.length > 0) || (openOrder && active.length > 0)) {
    const reference = openAllergy?.reference ?? openOrder?.reference ?? '';
    const entered = active.filter((allergy) => allergy.entered && (openOrder || allergy === openAllergy));
    const evidence =
      entered.length > 0
        ? entered.map((allergy) => ({ reference: allergy.reference, used: 'just entered', time: null }))
        : ordered.map(({ order, name }) => medicationEvidence(order, new Set([name])));
    return {
      state: 'missing',
      cause: 'unresolved',
      missing: `${what} (${reference} could be one)`,
      evidence,
    };
  }
  if (ordered.length === 0 && !openOrder) {
    return incompleteCategory(context, 'orders', what) ?? { state: 'known', value: false, evidence: [] };
  }
  const unknown = incompleteCategory(context, 'allergies', what);
  if (!unknown) return { state: 'known', value: false, evidence: [] };
  return {
    ...unknown,
    evidence: ordered.map(({ order, name }) => medicationEvidence(order, new Set([name]))),
  };
};

export const duplicateOrderFact: Compute = (context) => {
  const ordered = orderedIngredients(context);
  for (const { name, order } of ordered) {
    const other = context.chart.medications.find(
      (medication) =>
        medication !== order &&
        medication.role !== 'inactive' &&
        medication.ingredients.some((one) => one.name === name),
    );
    if (other) {
      const meant = new Set([name]);
      return {
        state: 'known',
        value: true,
        evidence: [medicationEvidence(order, meant), medicationEvidence(other, meant)],
      };
    }
  }
  if (ordered.length === 0) {
    const what = describe('duplicateOrder', {});
    return incompleteCategory(context, 'orders', what) ?? { state: 'known', value: false, evidence: [] };
  }
  return (
    incompleteCategory(context, 'medications', describe('duplicateOrder', {})) ?? {
      state: 'known',
      value: false,
      evidence: [],
    }
  );
};
