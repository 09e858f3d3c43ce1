/** Suggestions of a card as FHIR resources: remove a draft order, or create one for a service. */
import type { Chart } from '../chart/types.ts';
import { derivedUuid } from '../digest/digest.ts';
import { meaningOf } from '../fhir/hooks.ts';
import type { RuleSuggestion } from '../rule/document.ts';
import type { FactStore } from '../rule/fact-store.ts';
import type { TraceLeaf } from '../rule/trace.ts';
import type { FindingInput } from './card-input.ts';
import type { Action, Suggestion } from './types.ts';
import { wordCreation, wordRemoval } from './wording.ts';

/** One action a suggestion: Epic takes no more, and a clinician can choose each. */
export function suggestionsOf(
  { compiled, chart, decisionId, facts, hook }: FindingInput,
  leaves: readonly TraceLeaf[],
): Suggestion[] {
  return (compiled.rule.card.suggestions ?? []).flatMap((suggestion, index) => {
    if (meaningOf(hook).kind !== 'order' && suggestion.type === 'delete-order') return [];
    const actions = actionsOf(suggestion, leaves, facts, chart);
    const labels = labelsOf(suggestion.label, actions, chart);
    return actions.map((action, position) => ({
      label: labels[position] ?? suggestion.label,
      uuid: derivedUuid(decisionId, compiled.rule.id, 'suggestion', String(index), String(position)),
      ...(suggestion.isRecommended ? { isRecommended: true } : {}),
      actions: [action],
    }));
  });
}

function actionsOf(
  suggestion: RuleSuggestion,
  leaves: readonly TraceLeaf[],
  facts: FactStore,
  chart: Chart,
): Action[] {
  if (suggestion.type === 'delete-order') return deletions(leaves, facts, chart);
  return isOrdered(chart, suggestion.code) ? [] : [creation(suggestion, chart)];
}

/** Whether an order for the same service is among the drafts: then offering it again would be noise. */
const isOrdered = (chart: Chart, code: string): boolean =>
  chart.serviceOrders.some(({ codes }) => codes.some((coding) => coding.code === code));

/** One of several orders is named by its drug, and by its place where those are the same. */
function labelsOf(label: string, actions: readonly Action[], { medications }: Chart): string[] {
  if (actions.length === 1) return [label];
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
    const place = count > 1 ? ` (${places.get(action)} of ${count})` : '';
    return `${label}${drug ? `: ${drug}` : ''}${place}`;
  });
}

/**
 * Deletes the selected draft orders that made the rule fire. An order without an id cannot be named, and one that
 * is signed already is not deleted but stopped, which is for the clinician.
 */
function deletions(leaves: readonly TraceLeaf[], facts: FactStore, { medications }: Chart): Action[] {
  const drafts = new Set(
    medications
      .filter(({ status }) => status === null || status === 'draft')
      .map(({ reference }) => reference),
  );
  const orders = leaves
    .flatMap(({ question }) => facts(question).evidence)
    .filter(({ reference, order }) => order === 'selected' && drafts.has(reference))
    .map(({ reference }) => reference)
    .filter((reference) => /^[A-Za-z]+\/[A-Za-z0-9.-]+$/.test(reference));
  return [...new Set(orders)].map((resourceId) => ({
    type: 'delete',
    description: wordRemoval(resourceId),
    resourceId,
  }));
}

function creation(suggestion: Extract<RuleSuggestion, { type: 'order-service' }>, chart: Chart): Action {
  const { system, code, display } = suggestion;
  return {
    type: 'create',
    description: wordCreation(display),
    resource: {
      resourceType: 'ServiceRequest',
      status: 'draft',
      intent: 'order',
      code: { coding: [{ system, code, display }], text: display },
      ...(chart.patient.reference ? { subject: { reference: chart.patient.reference } } : {}),
      ...(chart.encounter?.reference ? { encounter: { reference: chart.encounter.reference } } : {}),
    },
  };
}
