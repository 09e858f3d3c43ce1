/** A page of decisions as JSON, within what an answer may be: large records make it shorter than it was asked for. */
import { wordRecord } from '../../rules/record.ts';
import type { StoredDecision } from '../log/decision-log.ts';
import { placeOf } from '../log/keys.ts';
import { largestAnswer } from './explaining.ts';
import type { Service } from './service.ts';

export interface DecisionPage {
  /** JSON of each, in words and with its feedback. */
  decisions: string[];
  /** Place of the last one given, where others had no room. */
  cutAfter: string | null;
}

/**
 * The first of these decisions that fit, one at least. Each is opened only when there is room for another.
 * @param most bytes of all of them together
 */
export async function pageOf(
  log: Pick<Service['log'], 'findEach' | 'feedbackOf'>,
  tenant: string,
  ids: readonly string[],
  most: number = largestAnswer,
): Promise<DecisionPage> {
  const decisions: string[] = [];
  let left = most;
  let last: StoredDecision | null = null;
  for await (const decision of log.findEach(tenant, ids)) {
    const json = JSON.stringify({ ...wordRecord(decision), feedback: await log.feedbackOf(decision) });
    left -= Buffer.byteLength(json);
    if (left < 0 && last) return { decisions, cutAfter: placeOf(last) };
    decisions.push(json);
    last = decision;
  }
  return { decisions, cutAfter: null };
}
