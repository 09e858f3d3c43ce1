/** In which order prefetch templates are read where time is short: what the gravest rules of a hook need comes first. */
import type { Hook } from '../fhir/hooks.ts';
import type { Rule } from '../rule/document.ts';
import { indicators, severityRank } from '../rule/severity.ts';
import { prefetchOf } from './prefetch.ts';

/**
 * Keys of the templates of a hook, by the gravest indicator of the rules that read them.
 * @param rules those of the hook; drafts read nothing
 * @example readingOrder(rules, 'order-sign')[0]; // 'patient'
 */
export const readingOrder = (rules: readonly Rule[], hook: Hook): string[] => [
  ...new Set(
    indicators.flatMap((least) => {
      const asGrave = rules.filter(({ card }) => severityRank[card.indicator] <= severityRank[least]);
      return Object.keys(prefetchOf(asGrave, hook));
    }),
  ),
];
