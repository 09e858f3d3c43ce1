/** A button that does the same as one before it is noise: the same order removed, the same test ordered. */
import { isObject } from '../fhir/json.ts';
import type { Action, Card, Suggestion } from './types.ts';

/** What an action comes to: the reference it deletes, or the codes of what it orders. */
function effectOf({ type, resourceId, resource }: Action): string {
  if (resourceId !== undefined) return `${type} ${resourceId}`;
  const coding = isObject(resource?.code) && Array.isArray(resource.code.coding) ? resource.code.coding : [];
  const codes = coding.map((one: unknown) => (isObject(one) ? `${one.system}|${one.code}` : ''));
  return `${type} ${codes.join(' ')}`;
}

const effectsOf = ({ actions }: Suggestion): string => actions.map(effectOf).join('; ');

/** Each suggestion whose effect is not `taken`; adds those that are kept. */
function notTaken(suggestions: readonly Suggestion[], taken: Set<string>): Suggestion[] {
  return suggestions.filter((suggestion) => {
    const effects = effectsOf(suggestion);
    if (taken.has(effects)) return false;
    taken.add(effects);
    return true;
  });
}

/** The suggestions of one card, each once. */
export const eachOnce = (suggestions: readonly Suggestion[]): Suggestion[] =>
  notTaken(suggestions, new Set());

/** Cards in their order: what the first one offers, no later one offers again. */
export function offeredOnce(cards: readonly Card[]): Card[] {
  const taken = new Set<string>();
  return cards.map((card) => {
    if (!card.suggestions) return card;
    const { suggestions, selectionBehavior, ...rest } = card;
    const kept = notTaken(suggestions, taken);
    if (kept.length === suggestions.length) return card;
    return kept.length === 0
      ? rest
      : { ...rest, suggestions: kept, ...(selectionBehavior ? { selectionBehavior } : {}) };
  });
}
