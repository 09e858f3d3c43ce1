/** Facts about allergies and intolerances. */
import * as z from 'zod/mini';
import type { Allergy, Medication } from '../chart/types.ts';
import {
  defineFact,
  type EvaluationContext,
  type Evidence,
  type Fact,
  incompleteCategory,
  knownFalse,
  missing,
} from './fact.ts';
import { drugSelector, namesDrugs } from './parameters.ts';
import { describeSelector, ingredientsOf, medicationEvidence } from './selection.ts';

const uses = { sex: false, birthDate: false, categories: [], drugIdentity: false } as const;

const isActive = ({ status }: Allergy): boolean => status === 'active';

/** What the chart says of an allergy, as evidence. */
const allergyEvidence = ({ reference, ingredients }: Allergy): Evidence => ({
  reference,
  used: { kind: 'allergy', to: ingredients.map(({ name }) => name) },
  time: null,
  notes: [],
});

// --- allergy -----------------------------------------------------------------------------------------------

const allergy = defineFact({
  name: 'allergy',
  params: z.strictObject(drugSelector).check(namesDrugs),
  description: 'Whether an allergy or intolerance to the drug or its class is documented.',
  kind: 'truth',
  paths: [],
  stratum: 1,
  part: 'finding',
  categories: () => ['allergies'],
  tests: () => [],
  uses,
  dataNeeds: () => [{ type: 'AllergyIntolerance' }],
  isPlainResult: false,
  isWhole: () => false,
  describe: (params) => `allergy ${describeSelector(params)}`,
  ask: () => 'allergy',
  need: () => null,
  word: () => null,
  fills: () => [],
  heads: () => null,
  compute(params) {
    const names = ingredientsOf(params);
    return (context) => {
      const active = context.chart.allergies.filter(isActive);
      const found = active.find(({ ingredients }) => ingredients.some(({ name }) => names.has(name)));
      if (found) return { state: 'known', value: true, evidence: [allergyEvidence(found)] };
      const open = active.find(({ ingredients }) => ingredients.length === 0);
      if (!open) return incompleteCategory(context, 'allergies') ?? knownFalse();
      const { reference } = open;
      return missing('unresolved', [{ code: 'could-be-one', reference }], [allergyEvidence(open)]);
    };
  },
});

// --- allergyToOrder ----------------------------------------------------------------------------------------

/** Classes whose members share allergies; broader ones (by kidney, QT, magnesium) say nothing about that. */
const allergyClasses = [
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
const allergyGroups = allergyClasses.map((name) => ingredientsOf({ classes: [name] }));
const sharesClass = (one: string, other: string): boolean =>
  allergyGroups.some((members) => members.has(one) && members.has(other));

/** The orders being worked on, or the therapy under review. */
export const isInQuestion = ({ role, selected, underReview }: Medication): boolean =>
  (role === 'ordered' && selected) || underReview === true;

export interface Ordered {
  name: string;
  order: Medication;
}

/** Every ingredient of the selected orders, with the orders. */
const orderedIngredients = ({ chart }: EvaluationContext): Ordered[] =>
  chart.medications
    .filter(isInQuestion)
    .flatMap((order) => order.ingredients.map(({ name }) => ({ name, order })));

export const orderEvidence = ({ name, order }: Ordered): Evidence =>
  medicationEvidence(order, new Set([name]));

/** The first allergy that an order hits, by the substance itself or else by its class. */
function hitOf(active: readonly Allergy[], ordered: readonly Ordered[]): Evidence[] | null {
  for (const { reference, ingredients } of active) {
    for (const { name: substance } of ingredients) {
      const hit =
        ordered.find(({ name }) => name === substance) ??
        ordered.find(({ name }) => sharesClass(name, substance));
      if (!hit) continue;
      const used = { kind: 'allergy', to: [substance], toOrder: true } as const;
      return [orderEvidence(hit), { reference, name: substance, used, time: null, notes: [] }];
    }
  }
  return null;
}

/** What leaves it open: an allergy to nothing that is known, or an order of nothing that is known. */
function openMatch(
  context: EvaluationContext,
  active: readonly Allergy[],
  ordered: readonly Ordered[],
): Fact | null {
  const openAllergy = active.find(({ ingredients }) => ingredients.length === 0);
  const openOrder = context.chart.medications.find(
    (medication) => isInQuestion(medication) && medication.resolvedBy === 'unresolved',
  );
  const isOpen = (openAllergy && ordered.length > 0) || (openOrder && active.length > 0);
  if (!isOpen) {
    if (ordered.length > 0 || openOrder) return null;
    return incompleteCategory(context, 'orders') ?? knownFalse();
  }
  const entered = active.filter((one) => one.entered && (openOrder || one === openAllergy));
  const evidence =
    entered.length > 0
      ? entered.map(
          (one): Evidence => ({
            reference: one.reference,
            used: { kind: 'just-entered' },
            time: null,
            notes: [],
          }),
        )
      : ordered.map(orderEvidence);
  const reference = openAllergy?.reference ?? openOrder?.reference ?? '';
  return missing('unresolved', [{ code: 'could-be-one', reference }], evidence);
}

const allergyToOrder = defineFact({
  name: 'allergyToOrder',
  params: z.strictObject({}),
  description: 'Whether an ordered ingredient, or another of its class, is a documented allergy.',
  kind: 'truth',
  paths: [],
  stratum: 1,
  part: 'finding',
  categories: () => ['allergies'],
  tests: () => [],
  uses,
  dataNeeds: () => [{ type: 'AllergyIntolerance' }],
  isPlainResult: false,
  isWhole: () => false,
  describe: () => 'allergy to the ordered drug or its class',
  ask: () => 'allergies',
  need: () => null,
  word: () => null,
  fills: () => ['drug'],
  heads: () => null,
  compute: () => (context) => {
    const active = context.chart.allergies.filter(isActive);
    const ordered = orderedIngredients(context);
    const hit = hitOf(active, ordered);
    if (hit) return { state: 'known', value: true, evidence: hit };
    const open = openMatch(context, active, ordered);
    if (open) return open;
    const unknown = incompleteCategory(context, 'allergies');
    return unknown ? { ...unknown, evidence: ordered.map(orderEvidence) } : knownFalse();
  },
});

export const allergyFacts = [allergy, allergyToOrder] as const;
