/** The source of a card: a link to a text of the rule, and the rule as its topic, by which overrides are remembered. */
import type { Rule } from '../rule/document.ts';
import { type Card, ruleSystem } from './types.ts';

export function sourceOf({ id, title, sources }: Rule): Card['source'] {
  const url = sources.map((source) => source.url).find((address) => address?.startsWith('https://'));
  return {
    label: `Epsom ${id}: ${sources[0]?.short ?? title}`,
    ...(url ? { url } : {}),
    topic: { system: ruleSystem, code: id, display: title },
  };
}
