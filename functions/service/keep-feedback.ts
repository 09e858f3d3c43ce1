/** Keeping a batch of feedback: the good items are events of their decisions, the others are named. */
import { Problem } from '../http/outcome.ts';
import { type FeedbackBatch, sumUp } from './feedback.ts';
import type { Service } from './service.ts';

type FeedbackLog = Pick<Service['log'], 'addFeedback' | 'belongsTo'>;

/**
 * @param kept told of the decision of each item, where there is one
 * @throws Problem 400 naming each item that cannot be kept; 404 where one is about another organisation's card
 */
export async function keepFeedback(
  batch: FeedbackBatch,
  { log, callers }: { log: FeedbackLog; callers: Pick<NonNullable<Service['callers']>, 'tenants'> | null },
  tenant: string,
  kept: (decisionId: string) => void,
): Promise<void> {
  const others = callers?.tenants.filter((other) => other !== tenant) ?? [];
  const isForeign = async (card: string): Promise<boolean> =>
    others.length > 0 &&
    !(await log.belongsTo([tenant], 'card', card)) &&
    (await log.belongsTo(others, 'card', card));
  const foreign: string[] = [];
  for (const { feedback, eventId, place } of batch.items) {
    if (await isForeign(feedback.card)) {
      foreign.push(`${place}: there is no such card`);
      continue;
    }
    const { decisionId } = await log.addFeedback(feedback, eventId);
    if (decisionId) kept(decisionId);
  }
  const bad = [...batch.bad, ...foreign];
  if (bad.length === 0) return;
  throw new Problem(
    foreign.length > 0 ? 404 : 400,
    foreign.length > 0 ? 'not-found' : 'invalid',
    `${sumUp(bad)}. The other ${batch.items.length - foreign.length} item(s) were kept`,
  );
}
