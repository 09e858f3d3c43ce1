/** Suggestions of a card as FHIR resources: remove a draft order, or create one for a service. */
import type { Chart } from '../chart/types.ts';
import { derivedUuid } from '../digest/digest.ts';
import { relevantOrders } from '../evaluation/this-moment.ts';
import { meaningOf } from '../fhir/hooks.ts';
import type { TraceLeaf } from '../rule/trace.ts';
import type { FindingInput } from './card-input.ts';
import { creationOf, offerOf } from './test-orders.ts';
import type { Action, Suggestion } from './types.ts';
import { wordRemoval } from './wording.ts';

/** What a card offers, and what it leaves out because it is ordered. */
export interface Offered {
  suggestions: Suggestion[];
  /** Names of what is ordered already. */
  ordered: readonly string[];
}

/** One action a suggestion: Epic takes no more, and a clinician can choose each. */
export function suggestionsOf(input: FindingInput, leaves: readonly TraceLeaf[]): Offered {
  const { compiled, chart, decisionId, hook, atHand } = input;
  const ordered: string[] = [];
  const suggestions = (compiled.rule.card.suggestions ?? []).flatMap((suggestion, index) => {
    const { isRecommended } = suggestion;
    const labelled = ((): { label: string; action: Action }[] => {
      if (suggestion.type === 'delete-order')
        return meaningOf(hook).kind === 'order' ? deletionsOf(suggestion.label, input, leaves) : [];
      const offer = offerOf(suggestion, chart, atHand);
      ordered.push(...offer.ordered);
      return offer.services.map((one) => ({ label: one.label, action: creationOf(one, chart) }));
    })();
    return labelled.map(({ label, action }, position) => ({
      label,
      uuid: derivedUuid(decisionId, compiled.rule.id, 'suggestion', String(index), String(position)),
      ...(isRecommended ? { isRecommended: true } : {}),
      actions: [action],
    }));
  });
  return { suggestions, ordered };
}

/** What a suggestion does, whatever it is called. */
export const deedOf = ({ actions }: Suggestion): string =>
  JSON.stringify(actions.map(({ type, resourceId, resource }) => [type, resourceId, resource]));

/** Of several that do the same, the first: one order is removed by one button. */
export function eachOnce(suggestions: readonly Suggestion[]): Suggestion[] {
  const done = new Map<string, Suggestion>();
  for (const one of suggestions) {
    const deed = deedOf(one);
    if (!done.has(deed)) done.set(deed, one);
  }
  return [...done.values()];
}

function deletionsOf(
  label: string,
  input: FindingInput,
  leaves: readonly TraceLeaf[],
): { label: string; action: Action }[] {
  const { chart } = input;
  const actions = deletions(ordersOf(input, leaves), chart);
  const labels = labelsOf(label, actions, chart);
  return actions.map((action, index) => ({ label: labels[index] ?? label, action }));
}

/**
 * Which order a button removes: its drug, since a card may be about another one too, and of several its place where
 * those are the same. A label that names the drug itself needs it only where there are several.
 */
function labelsOf(label: string, actions: readonly Action[], { medications }: Chart): string[] {
  const drugs = new Map(
    medications.map(({ reference, ingredients }) => [
      reference,
      ingredients.map(({ name }) => name).join(' and '),
    ]),
  );
  const drugOf = ({ resourceId }: Action): string => drugs.get(resourceId ?? '') ?? '';
  const alike = Map.groupBy(actions, drugOf);
  const places = new Map<Action, number>();
  for (const same of alike.values())
    for (const [index, action] of same.entries()) places.set(action, index + 1);
  return actions.map((action) => {
    const drug = drugOf(action);
    const count = alike.get(drug)?.length ?? 1;
    const isNamed = drug.split(' ').some((word) => label.split(' ').includes(word));
    if (actions.length === 1 && isNamed) return label;
    const place = count > 1 ? ` (${places.get(action)} of ${count})` : '';
    return `${label}${drug ? `: ${drug}` : ''}${place}`;
  });
}

/**
 * The selected orders that made the rule fire: of a rate the one that is that fast, and not others of the drug. Where the
 * rule names an order that its value makes dangerous, that one.
 */
function ordersOf(
  { compiled, facts, chart, pregnant }: FindingInput,
  leaves: readonly TraceLeaf[],
): string[] {
  const selected = leaves
    .flatMap(({ question }) => facts(question).evidence)
    .filter(({ order }) => order === 'selected');
  const rated = selected.filter(({ used }) => used.kind === 'rate');
  const named =
    compiled.rule.card.orderSummary === undefined ? [] : relevantOrders(compiled, chart, pregnant);
  return [...(rated.length > 0 ? rated : selected), ...named].map(({ reference }) => reference);
}

/**
 * Deletes those that are drafts. An order without an id cannot be named, and one that is signed already is not deleted but
 * stopped, which is for the clinician.
 */
export function deletions(orders: readonly string[], { medications }: Chart): Action[] {
  const drafts = new Set(
    medications
      .filter(({ status }) => status === null || status === 'draft')
      .map(({ reference }) => reference),
  );
  const removable = orders.filter(
    (reference) => drafts.has(reference) && /^[A-Za-z]+\/[A-Za-z0-9.-]+$/.test(reference),
  );
  return [...new Set(removable)].map((resourceId) => ({
    type: 'delete',
    description: wordRemoval(resourceId),
    resourceId,
  }));
}
