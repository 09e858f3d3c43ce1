import { describe, expect, test } from 'vitest';
import { prefetchOf } from '../../../rules/evaluation/prefetch.ts';
import { readingOrders } from '../../../rules/evaluation/reading-order.ts';
import { hooks } from '../../../rules/fhir/hooks.ts';
import { shippedRuleset } from '../../../rules/library/shipped.ts';

const ruleset = shippedRuleset();
const orders = readingOrders(ruleset);

describe('what is read first', () => {
  test.each(hooks)('%s: every template, each once', (hook) => {
    expect([...orders[hook]].sort()).toEqual(Object.keys(ruleset.prefetch[hook]).sort());
  });

  test.each(hooks)(
    '%s: nothing that only a warning needs stands before what a critical rule needs',
    (hook) => {
      const critical = ruleset.rules.filter(
        ({ rule, hooks: spoken }) => spoken.has(hook) && rule.card.indicator === 'critical',
      );
      const needed = Object.keys(
        prefetchOf(
          critical.map(({ rule }) => rule),
          hook,
        ),
      );
      expect(needed.length).toBeGreaterThan(1);
      expect(orders[hook].slice(0, needed.length).sort()).toEqual(needed.sort());
    },
  );

  test('without rules, the patient alone', () =>
    expect(readingOrders({ rules: [] })['order-sign'][0]).toBe('patient'));
});
