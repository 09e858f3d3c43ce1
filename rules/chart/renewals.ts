/** At a refill: which therapy an order goes on with. */

import type { Chart, Medication } from './types.ts';

const hasSameIngredients = (one: Medication, other: Medication): boolean =>
  one.ingredients.length > 0 &&
  one.ingredients.length === other.ingredients.length &&
  one.ingredients.every(({ name }) => other.ingredients.some((ingredient) => ingredient.name === name));

/**
 * A refill goes on with what is taken: counted once, and since when it was taken before. The therapy stays
 * active, so that nothing looks like a start. Where several could be the one renewed, or the route differs, all
 * count: too much is looked at rather than too little.
 */
export function noteRenewals({ medications }: Chart): void {
  for (const order of medications) {
    if (order.role !== 'ordered') continue;
    const [therapy, ...others] = medications.filter(
      (medication) =>
        medication.role === 'active' && !medication.given && hasSameIngredients(order, medication),
    );
    if (!therapy || others.length > 0) continue;
    if (order.route !== null && therapy.route !== null && order.route !== therapy.route) continue;
    therapy.renewed = true;
    const { started } = therapy;
    if (!started || (order.started && order.started.from <= started.from)) continue;
    order.started = started;
    if (therapy.startedAtLatest) order.startedAtLatest = true;
    else delete order.startedAtLatest;
  }
}
