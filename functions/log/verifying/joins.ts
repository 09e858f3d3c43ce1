/** Feedback is joined with its decision: the claims that say so are there, and what follows from both together. */
import { createCounting, type Joined } from '../counting.ts';
import type { Counts, OnFault } from '../faults.ts';
import { overridesToRemember } from '../feedback.ts';
import { outcomeIndexItems } from '../index-items.ts';
import type { Item } from '../items.ts';
import { createJoining, type Meeting } from '../joining.ts';
import { answeredKey, dayOf, joinedKey, keyIn, kindOf, nameOf } from '../keys.ts';
import { isDecision, isFeedback, type Projectable, type StoredFeedback } from '../records.ts';
import type { Reader } from './reader.ts';

/**
 * @param calendars those there should be: added to
 * @param counts is added to
 */
export function createJoinsCheck(reader: Reader, calendars: Set<string>, counts: Counts, onFault: OnFault) {
  const { itemAt, areThere, markOf } = reader;
  const joining = createJoining({ ...reader, counting: createCounting(reader) });
  /** Tenants and days of which feedback was counted whose decision was purged since. */
  const uncountable = new Set<string>();

  async function checkOutcome({ feedback, about: { head } }: Meeting): Promise<void> {
    for (const item of outcomeIndexItems(head, feedback.outcome)) {
      const key = keyIn(item);
      const name = nameOf(key);
      if (kindOf(key) === 'calendar') calendars.add(name);
      else counts.items += 1;
      if (!(await areThere([key])).has(name))
        onFault('item-missing', head.decisionId, `\`${name}\` is gone: lists do not find it`);
    }
  }

  /** The latest of each clinician and rule stays: another may have followed. */
  async function checkOverrides({ feedback, about: { head, hashed } }: Meeting): Promise<void> {
    for (const override of overridesToRemember(feedback, head, hashed)) {
      const kept = await itemAt(keyIn(override));
      counts.items += 1;
      if (!kept || (kept.at?.S ?? '') < (override.at?.S ?? ''))
        onFault('item-missing', head.decisionId, `the override of ${override.rule?.S} is not remembered`);
    }
  }

  /** Seen from the decision, each meeting once. */
  async function checkMeeting(meeting: Meeting): Promise<void> {
    const { by, event, feedback, about } = meeting;
    const { tenant, card } = feedback;
    if (feedback.seq > (await markOf(feedback.writer))) return;
    const [joined, answered] = [
      await itemAt(joinedKey(tenant, card, event)),
      await itemAt(answeredKey(tenant, card)),
    ];
    const what = about.head.decisionId;
    counts.items += 2;
    if (!isBy(joined, by) && !isBy(joined, feedback))
      onFault(joined ? 'item-altered' : 'item-missing', what, `feedback on card ${card} is not joined to it`);
    if (!answered) onFault('item-missing', what, `it is gone that card ${card} is answered`);
    await checkOutcome(meeting);
    await checkOverrides(meeting);
  }

  /** Feedback that was counted with a decision that was purged since cannot be counted again. */
  async function noteUncountable(one: Projectable, feedback: StoredFeedback): Promise<void> {
    const { tenant, card, receivedAt } = feedback;
    const claim = await itemAt(joinedKey(tenant, card, keyIn(one.item).sk));
    if (claim && (await joining.meetingsOf(one)).length === 0)
      uncountable.add(`${tenant} ${dayOf(receivedAt)}`);
  }

  return {
    /** @returns what a record joined, as the claims say */
    async check(one: Projectable, isProjected: boolean): Promise<Joined[]> {
      const { record } = one;
      if (isProjected && isDecision(record))
        for (const meeting of await joining.meetingsOf(one)) await checkMeeting(meeting);
      if (isFeedback(record)) await noteUncountable(one, record);
      return joining.joinedBy(one);
    },
    isCountable: (tenant: string, day: string): boolean => !uncountable.has(`${tenant} ${day}`),
  };
}

const isBy = (claim: Item | undefined, { writer, seq }: { writer: string; seq: number }): boolean =>
  claim?.writer?.S === writer && Number(claim.seq?.N) === seq;
