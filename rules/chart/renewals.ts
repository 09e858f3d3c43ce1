/** At a refill: which therapy an order goes on with. */

import type { Chart, Medication } from './types.ts';

/** One spelling for the same ingredients, whatever their order. */
const ingredientsKey = ({ ingredients }: Medication): string =>
  JSON.stringify([...new Set(ingredients.map(({ name }) => name))].sort());

/**
 * A refill goes on with what is taken: counted once, and since when it was taken before. The therapy stays
 * active, so that nothing looks like a start. Where several could be the one renewed, or the route differs, all
 * count: too much is looked at rather than too little.
 */
export function noteRenewals({ medications }: Chart): void {
  const taken = Map.groupBy(
    medications.filter(
      ({ role, given, ingredients }) => role === 'active' && !given && ingredients.length > 0,
    ),
    ingredientsKey,
  );
  for (const order of medications) {
    if (order.role !== 'ordered') continue;
    const same = taken.get(ingredientsKey(order)) ?? [];
    const [therapy] = same;
    if (!therapy || same.length > 1) continue;
    if (order.route !== null && therapy.route !== null && order.route !== therapy.route) continue;
    therapy.renewed = true;
    const { started } = therapy;
    if (!started || (order.started && order.started.from <= started.from)) continue;
    order.started = started;
    if (therapy.startedAtLatest) order.startedAtLatest = true;
    else delete order.startedAtLatest;
  }
}
