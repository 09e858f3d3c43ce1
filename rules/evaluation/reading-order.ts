/** In which order prefetch templates are read where time is short: what the gravest rules of a hook need comes first. */
import { byHook, type Hook } from '../fhir/hooks.ts';
import { indicators, severityRank } from '../rule/severity.ts';
import { prefetchOf } from './prefetch.ts';
import type { Ruleset } from './ruleset.ts';

/**
 * Keys of the templates of each hook, by the gravest indicator of the rules that read them.
 * @example readingOrders(ruleset)['order-sign'][0]; // 'patient'
 */
export function readingOrders({ rules }: Pick<Ruleset, 'rules'>): Readonly<Record<Hook, readonly string[]>> {
  return byHook((hook) => {
    const spoken = rules.filter(({ hooks }) => hooks.has(hook)).map(({ rule }) => rule);
    const keys = indicators.flatMap((least) => {
      const asGrave = spoken.filter(({ card }) => severityRank[card.indicator] <= severityRank[least]);
      return Object.keys(prefetchOf(asGrave, hook));
    });
    return [...new Set(keys)];
  });
}
