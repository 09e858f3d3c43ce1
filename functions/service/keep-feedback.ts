/** Keeping a batch of feedback: the good items are events of their decisions, the others are named. */
import { Problem } from '../http/outcome.ts';
import type { Deadline } from './deadline.ts';
import { type FeedbackBatch, sumUp } from './feedback.ts';
import type { Service } from './service.ts';

/** So many items are kept side by side: each waits for the table several times. */
const batchSize = 10;

type FeedbackLog = Pick<Service['log'], 'addFeedback' | 'belongsTo'>;

/**
 * @param deadline looked at before each few items: what was kept by then stays kept
 * @param kept told of the decision of each item, where there is one
 * @throws Problem 400 naming each item that cannot be kept; 404 where one is about another organisation's card;
 *   503 where the time is over: an item that is sent again is kept once
 */
export async function keepFeedback(
  batch: FeedbackBatch,
  { log, callers }: { log: FeedbackLog; callers: Pick<NonNullable<Service['callers']>, 'tenants'> | null },
  tenant: string,
  deadline: Pick<Deadline, 'enter'>,
  kept: (decisionId: string) => void,
): Promise<void> {
  const others = callers?.tenants.filter((other) => other !== tenant) ?? [];
  const isForeign = async (card: string): Promise<boolean> =>
    others.length > 0 &&
    !(await log.belongsTo([tenant], 'card', card)) &&
    (await log.belongsTo(others, 'card', card));
  /** What keeps an item out, in a sentence. */
  const keep = async ({ feedback, eventId, place }: FeedbackBatch['items'][number]): Promise<string[]> => {
    if (await isForeign(feedback.card)) return [`${place}: there is no such card`];
    const { decisionId } = await log.addFeedback(feedback, eventId);
    if (decisionId) kept(decisionId);
    return [];
  };
  const foreign: string[] = [];
  for (let from = 0; from < batch.items.length; from += batchSize) {
    await deadline.enter('feedback');
    const some = await Promise.all(batch.items.slice(from, from + batchSize).map(keep));
    foreign.push(...some.flat());
  }
  const bad = [...batch.bad, ...foreign];
  if (bad.length === 0) return;
  throw new Problem(
    foreign.length > 0 ? 404 : 400,
    foreign.length > 0 ? 'not-found' : 'invalid',
    `${sumUp(bad)}. The other ${batch.items.length - foreign.length} item(s) were kept`,
  );
}
