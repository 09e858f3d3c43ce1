/** Facts about allergies and intolerances. */
import * as z from 'zod/mini';
import type { Allergy, Medication } from '../chart/types.ts';
import {
  type AllergenGroup,
  allergenGroups,
  type Coverage,
  coverageOfDrug,
  coverageOfGroup,
  drugNameOf,
  drugsOfOrderCodes,
} from '../terminology/allergens.ts';
import {
  defineFact,
  type EvaluationContext,
  type Evidence,
  type EvidenceNote,
  type Fact,
  type FactDefinition,
  incompleteCategory,
  knownFalse,
  missing,
  type Reason,
} from './fact.ts';
import { drugSelector, namesDrugs } from './parameters.ts';
import { charted } from './results.ts';
import { describeSelector, ingredientsOf, medicationEvidence } from './selection.ts';

/** What both facts about allergies say of themselves. */
const aboutAllergies = {
  kind: 'truth',
  paths: [],
  stratum: 1,
  part: 'finding',
  categories: () => ['allergies'],
  tests: () => [],
  reach: () => [],
  uses: { sex: false, birthDate: false, categories: [], drugIdentity: false },
  dataNeeds: () => [{ type: 'AllergyIntolerance' }],
  isPlainResult: false,
  computedFrom: () => [],
  isWhole: () => false,
  need: (_, fact) => substanceNeeded(fact),
  word: () => null,
  heads: () => null,
} as const satisfies Partial<FactDefinition>;

const isActive = ({ status }: Allergy): boolean => status === 'active';

/** The chart's name for a drug that the terminology does not have. */
const anotherDrug = 'another drug';

/** What it is to is not understood, or not all of it. */
const isOpen = ({ ingredients, groups = [], open }: Allergy): boolean =>
  open === true ||
  (ingredients.length === 0 && groups.length === 0) ||
  ingredients.some(({ name }) => name === anotherDrug);

export const byReference = (one: { reference: string }, other: { reference: string }): number =>
  one.reference < other.reference ? -1 : Number(one.reference > other.reference);

/** Active allergies, whatever the order they came in: what was just entered goes first. */
const activeAllergies = ({ chart }: EvaluationContext): Allergy[] =>
  chart.allergies
    .filter(isActive)
    .sort((a, b) => Number(b.entered ?? false) - Number(a.entered ?? false) || byReference(a, b));

const notRead = (allergies: readonly Allergy[]): Reason => ({
  code: 'allergies-open',
  references: allergies.map(({ reference }) => reference),
});

/** What an undecided check waits for: what the allergies are to that were not understood. */
function substanceNeeded(fact: Fact): string | null {
  if (fact.state === 'known') return null;
  const open = fact.reasons.flatMap((reason) => (reason.code === 'allergies-open' ? reason.references : []));
  if (open.length === 0) return null;
  const more = open.length > 3 ? ` and ${open.length - 3} more` : '';
  return `substance of ${open.slice(0, 3).join(', ')}${more}`;
}

// --- What an allergy is to ---------------------------------------------------------------------------------

/** One thing that an allergy is to: a drug, or a group of drugs by its title. */
interface Named {
  allergy: Allergy;
  to: string;
  coverage: Coverage;
}

/** Everything that an allergy is to, groups first. */
function namedBy(documented: Allergy): Named[] {
  const groups = (documented.groups ?? []).flatMap((name) => allergenGroups.get(name) ?? []);
  return [
    ...groups.map(({ name, title }) => ({ allergy: documented, to: title, coverage: coverageOfGroup(name) })),
    ...documented.ingredients
      .filter(({ name }) => name !== anotherDrug)
      .map(({ name }) => ({ allergy: documented, to: name, coverage: coverageOfDrug(name) })),
  ];
}

const titlesOf = ({ groups = [] }: Allergy): string[] =>
  groups.flatMap((name) => allergenGroups.get(name)?.title ?? []);

/** What the chart says of an allergy, as evidence. */
const allergyEvidence = (documented: Allergy): Evidence => ({
  reference: documented.reference,
  used: { kind: 'allergy', to: [...titlesOf(documented), ...documented.ingredients.map(({ name }) => name)] },
  time: null,
  notes: charted(documented.why ?? null),
});

// --- allergy -----------------------------------------------------------------------------------------------

const allergy = defineFact({
  ...aboutAllergies,
  name: 'allergy',
  params: z.strictObject(drugSelector).check(namesDrugs),
  description: 'Whether an allergy or intolerance to the drug or its class is documented.',
  describe: (params) => `allergy ${describeSelector(params)}`,
  ask: () => 'allergy',
  fills: () => [],
  compute(params) {
    const names = ingredientsOf(params);
    const drugs = [...names].map(drugNameOf);
    const isMeant = ({ ingredients, groups = [] }: Allergy): boolean =>
      ingredients.some(({ name }) => names.has(name)) ||
      groups.some((name) => drugs.some((drug) => allergenGroups.get(name)?.members.has(drug)));
    return (context) => {
      const active = activeAllergies(context);
      const found = active.filter(isMeant);
      if (found.length > 0) return { state: 'known', value: true, evidence: found.map(allergyEvidence) };
      const open = active.filter(isOpen);
      if (open.length === 0) return incompleteCategory(context, 'allergies') ?? knownFalse();
      return missing('unresolved', [notRead(open)], open.map(allergyEvidence));
    };
  },
});

// --- allergyToOrder ----------------------------------------------------------------------------------------

/** The orders being worked on, or the therapy under review. */
export const isInQuestion = ({ role, selected, underReview }: Medication): boolean =>
  (role === 'ordered' && selected) || underReview === true;

export interface Ordered {
  name: string;
  order: Medication;
}

/** Every ingredient of the selected orders, with the orders: by name, whatever the order they came in. */
const orderedIngredients = ({ chart }: EvaluationContext): Ordered[] =>
  chart.medications
    .filter(isInQuestion)
    .flatMap((order) => order.ingredients.map(({ name }) => ({ name, order })))
    .sort((a, b) => (a.name === b.name ? byReference(a.order, b.order) : a.name < b.name ? -1 : 1));

export const orderEvidence = ({ name, order }: Ordered): Evidence =>
  medicationEvidence(order, new Set([name]));

/** What an order's codes say where its name says nothing. */
const codedDrugs = ({ codes, ingredients }: Medication): string[] =>
  ingredients.some(({ name }) => name !== anotherDrug) ? [] : drugsOfOrderCodes(codes);

/** Whether an order may be of anything; of a drug that no table has where a group may hold it (`orAnother`). */
const isUnidentified =
  (orAnother: boolean) =>
  (medication: Medication): boolean => {
    const { resolvedBy, ingredients } = medication;
    const isAnother = orAnother && ingredients.some(({ name }) => name === anotherDrug);
    return (
      (resolvedBy === 'unresolved' || isAnother) &&
      (ingredients.length > 1 || codedDrugs(medication).length === 0)
    );
  };

/** It is to more than one drug, as far as anybody can say. */
const isWide = (one: Allergy): boolean =>
  isOpen(one) || namedBy(one).some(({ coverage }) => coverage.size > 1);

/** The ingredients of the selected orders, with what codes alone say. */
const drugsOrdered = (context: EvaluationContext): Ordered[] => [
  ...orderedIngredients(context),
  ...context.chart.medications
    .filter(isInQuestion)
    .sort(byReference)
    .flatMap((order) => codedDrugs(order).map((name) => ({ name, order }))),
];

/** A drug that is known by its ATC group alone is named by nobody. */
const isNamed = (drug: string): boolean => !drug.startsWith('atc:') && drug !== anotherDrug;

interface Matched {
  drug: string;
  group: AllergenGroup | null;
}

/** One note for each group by which ordered drugs are matched. */
function matchNotes(matched: readonly Matched[], to: string): EvidenceNote[] {
  const notes: EvidenceNote[] = [];
  for (const [group, same] of Map.groupBy(matched, (one) => one.group)) {
    if (group === null) continue;
    const drugs = same.map(({ drug }) => drug).filter(isNamed);
    notes.push({ code: 'same-group', drugs, group: group.title === to ? null : group.title });
  }
  return notes;
}

/** Every allergy that an order hits and every order that is hit, each once: orders first. Empty where none is. */
function hitsOf(active: readonly Allergy[], inQuestion: ReadonlyMap<string, readonly Ordered[]>): Evidence[] {
  const hit = new Set<string>();
  const documented = active.flatMap(namedBy).flatMap(({ allergy: { reference, why }, to, coverage }) => {
    const matched = [...coverage]
      .flatMap(([drug, group]) => (inQuestion.has(drug) ? [{ drug, group }] : []))
      .sort((a, b) => (a.drug < b.drug ? -1 : 1));
    for (const { drug } of matched) hit.add(drug);
    if (matched.length === 0) return [];
    const notes = [...matchNotes(matched, to), ...charted(why ?? null)];
    const used = { kind: 'allergy', to: [to], toOrder: true } as const;
    return [{ reference, name: to, used, time: null, notes } satisfies Evidence];
  });
  const orders = [...inQuestion].flatMap(([drug, same]) =>
    hit.has(drug)
      ? same.map((one) => ({ ...(isNamed(drug) ? { name: drug } : {}), ...orderEvidence(one) }))
      : [],
  );
  return [...orders, ...documented];
}

const enteredEvidence = ({ reference }: Allergy): Evidence => ({
  reference,
  used: { kind: 'just-entered' },
  time: null,
  notes: [],
});

/** What leaves it open: an allergy to nothing that is known, or an order of nothing that is known. */
function openMatch(
  context: EvaluationContext,
  active: readonly Allergy[],
  ordered: readonly Ordered[],
): Fact | null {
  const openAllergies = active.filter(isOpen);
  const inQuestion = context.chart.medications.filter(isInQuestion);
  const openOrders = inQuestion.filter(isUnidentified(active.some(isWide))).sort(byReference);
  const isAllergyOpen = openAllergies.length > 0 && ordered.length > 0;
  const isOrderOpen = openOrders.length > 0 && active.length > 0;
  if (!isAllergyOpen && !isOrderOpen) {
    if (inQuestion.length > 0) return null;
    const unknown = incompleteCategory(context, 'orders');
    return unknown
      ? { ...unknown, evidence: active.filter((one) => one.entered).map(enteredEvidence) }
      : knownFalse();
  }
  const isOpenOne = new Set(openAllergies);
  const entered = active.filter((one) => one.entered && (isOrderOpen || isOpenOne.has(one)));
  const evidence = entered.length > 0 ? entered.map(enteredEvidence) : ordered.map(orderEvidence);
  const reasons: Reason[] = [
    ...(isAllergyOpen ? [notRead(openAllergies)] : []),
    ...(isOrderOpen ? openOrders.map(({ reference }): Reason => ({ code: 'could-be-one', reference })) : []),
  ];
  return missing('unresolved', reasons, evidence);
}

const allergyToOrder = defineFact({
  ...aboutAllergies,
  name: 'allergyToOrder',
  params: z.strictObject({}),
  description: 'Whether an ordered ingredient, or another of its class, is a documented allergy.',
  describe: () => 'allergy to the ordered drug or its class',
  ask: () => 'allergies',
  fills: () => ['drug', 'allergies'],
  compute: () => (context) => {
    const active = activeAllergies(context);
    const ordered = drugsOrdered(context);
    // By the name that allergies know a drug by.
    const hits = hitsOf(
      active,
      Map.groupBy(ordered, ({ name }) => drugNameOf(name)),
    );
    if (hits.length > 0) return { state: 'known', value: true, evidence: hits };
    const open = openMatch(context, active, ordered);
    if (open) return open;
    const unknown = incompleteCategory(context, 'allergies');
    return unknown ? { ...unknown, evidence: ordered.map(orderEvidence) } : knownFalse();
  },
});

export const allergyFacts = [allergy, allergyToOrder] as const;
