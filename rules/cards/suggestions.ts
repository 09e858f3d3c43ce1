/** Suggestions of a card as FHIR resources: remove a draft order, or create one for a service. */
import type { Chart } from '../chart/types.ts';
import { derivedUuid } from '../digest/digest.ts';
import { meaningOf } from '../fhir/hooks.ts';
import type { RuleSuggestion } from '../rule/document.ts';
import type { FactStore } from '../rule/fact-store.ts';
import type { TraceLeaf } from '../rule/trace.ts';
import type { CardInput } from './card-input.ts';
import type { Action, Suggestion } from './types.ts';
import { wordCreation, wordRemoval } from './wording.ts';

/** One action a suggestion: Epic takes no more, and a clinician can choose each. */
export function suggestionsOf(
  { compiled, chart, decisionId, facts, hook }: CardInput,
  leaves: readonly TraceLeaf[],
): Suggestion[] {
  return (compiled.rule.card.suggestions ?? []).flatMap((suggestion, index) => {
    if (meaningOf(hook).kind !== 'order' && suggestion.type === 'delete-order') return [];
    const actions = actionsOf(suggestion, leaves, facts, chart);
    return actions.map((action, position) => ({
      label: labelOf(suggestion.label, action, actions, chart),
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
function labelOf(label: string, action: Action, actions: readonly Action[], { medications }: Chart): string {
  if (actions.length === 1) return label;
  const drugOf = ({ resourceId }: Action): string =>
    (medications.find(({ reference }) => reference === resourceId)?.ingredients ?? [])
      .map(({ name }) => name)
      .join(' and ');
  const drug = drugOf(action);
  const alike = actions.filter((other) => drugOf(other) === drug);
  const place = alike.length > 1 ? ` (${alike.indexOf(action) + 1} of ${alike.length})` : '';
  return `${label}${drug ? `: ${drug}` : ''}${place}`;
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
