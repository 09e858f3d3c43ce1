/** Fact about an order that repeats what is already there. */
import * as z from 'zod/mini';
import type { Medication } from '../chart/types.ts';
import { saltOf } from '../terminology/drugs/salts.ts';
import { byReference, isInQuestion, orderEvidence } from './allergies.ts';
import {
  defineFact,
  type EvaluationContext,
  type Evidence,
  type Fact,
  incompleteCategory,
  knownFalse,
  missing,
} from './fact.ts';
import { isGivenFast } from './loading-dose.ts';
import { originOf, therapyKindOf, therapyKinds } from './one-therapy.ts';
import { medicationNeeds, unknownRole } from './selection.ts';
import { therapyUses } from './therapy.ts';

/** Taken, ordered, or ordered to begin later; one dose that was given is no therapy. */
const isOnList = ({ role, ahead, given, ended }: Medication): boolean =>
  (role !== 'inactive' || ahead === true) && !(given && ended);

/**
 * Of the medications with one ingredient those that are there twice, the orders in question first. An order in
 * question and therapy are two; of therapy alone two of one kind. What only repeats an order is left out.
 */
function repeatedIn(context: EvaluationContext, same: readonly Medication[]): Medication[] {
  const therapyOf = new Map(same.map((medication) => [medication, originOf(context, medication)]));
  const therapiesOf = (list: readonly Medication[]): Set<unknown> =>
    new Set(list.map((medication) => therapyOf.get(medication)));
  const inQuestion = same.filter(isInQuestion);
  const all = therapiesOf(same);
  const besides = new Map(
    therapyKinds.map((kind) => [
      kind,
      therapiesOf(inQuestion.filter((one) => one.role === 'ordered' || therapyKindOf(one) === kind)),
    ]),
  );
  const found = same.filter((medication) => {
    const isDraft = medication.role === 'ordered' && isInQuestion(medication);
    const therapies = isDraft ? all : besides.get(therapyKindOf(medication));
    return therapies?.size === 1 ? !therapies.has(therapyOf.get(medication)) : (therapies?.size ?? 0) > 1;
  });
  const orders = found.filter((medication) => therapyKindOf(medication) === 'order');
  const named = orders.length > 1 ? orders : found;
  return named.sort((a, b) => Number(isInQuestion(b)) - Number(isInQuestion(a)) || byReference(a, b));
}

/** A maintenance fluid holds several salts: it is no second order of one of them, and two fluids are two. */
const isFluid = ({ ingredients, route }: Medication): boolean => ingredients.length >= 3 && route !== 'oral';

/** A loading dose and the infusion that follows it are one set; two of either kind are two, and so are two fluids. */
function repeatedOfEachKind(
  context: EvaluationContext,
  name: string,
  same: readonly Medication[],
): Medication[] {
  const names = new Set([name]);
  const isLoading = (medication: Medication): boolean =>
    saltOf(name)?.metal === 'magnesium' && isGivenFast(context, medication, names, 'loading') === true;
  const others = same.filter((medication) => !isFluid(medication));
  const kinds = [
    same.filter(isFluid),
    others.filter(isLoading),
    others.filter((medication) => !isLoading(medication)),
  ];
  return kinds.flatMap((kind) => repeatedIn(context, kind));
}

function computeDuplicates(context: EvaluationContext): Fact {
  const listed = context.chart.medications.filter(isOnList);
  const parts = listed.flatMap((order) => order.ingredients.map(({ name }) => ({ name, order })));
  const evidence: Evidence[] = [];
  let open: Medication | null = null;
  const byName = [...Map.groupBy(parts, (part) => part.name)].sort(([one], [other]) =>
    one < other ? -1 : 1,
  );
  for (const [name, group] of byName) {
    const same = group.map(({ order }) => order);
    const certain = repeatedOfEachKind(
      context,
      name,
      same.filter(({ uncertain }) => !uncertain),
    );
    evidence.push(...certain.map((order) => orderEvidence({ name, order })));
    if (certain.length === 0 && repeatedOfEachKind(context, name, same).length > 0)
      open ??= same.find(({ uncertain }) => uncertain) ?? null;
  }
  if (evidence.length > 0) return { state: 'known', value: true, evidence };
  if (open) return missing('unresolved', [{ code: 'could-be-one', reference: open.reference }]);
  const isOrdered = listed.some(
    (medication) => isInQuestion(medication) && medication.ingredients.length > 0,
  );
  const therapy = isOrdered ? unknownRole(context, 'active') : null;
  return therapy ?? incompleteCategory(context, 'orders') ?? knownFalse();
}

const duplicateOrder = defineFact({
  name: 'duplicateOrder',
  params: z.strictObject({}),
  description:
    'Whether an ordered ingredient is already taken or ordered twice. What carries out or repeats the same order is no second one, and a loading dose of magnesium none beside its infusion.',
  kind: 'truth',
  paths: [],
  stratum: 1,
  part: 'finding',
  categories: () => ['medications'],
  tests: () => [],
  reach: () => [],
  uses: therapyUses,
  dataNeeds: () => medicationNeeds('any'),
  isPlainResult: false,
  computedFrom: () => [],
  isWhole: () => false,
  describe: () => 'the ordered drug already taken or ordered',
  ask: () => 'the medication list',
  need: () => null,
  word: () => null,
  fills: () => ['drug'],
  heads: () => null,
  compute: () => computeDuplicates,
});

export const duplicateFacts = [duplicateOrder] as const;
