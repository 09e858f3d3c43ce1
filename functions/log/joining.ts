/**
 * Feedback and the decision whose card it is about, joined whichever was projected first: the projector of the feedback
 * looks for the card, the projector of the decision for feedback. Both write before they look, so that at least one
 * finds the other. A claim lets exactly one count it, the same one whenever it is done again. A record whose day is
 * counted past it claims nothing new: what came since then finds it from the other side.
 */

import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { isObject } from '../../rules/fhir/json.ts';
import { writeItems } from './batch.ts';
import { decompressJson } from './compression.ts';
import type { Counting, Joined } from './counting.ts';
import { overridesToRemember, rulesOf } from './feedback.ts';
import { outcomeIndexItems } from './index-items.ts';
import { type Item, N, S } from './items.ts';
import {
  answeredKey,
  cardKey,
  cardPartition,
  dayOf,
  decisionKey,
  feedbackPrefix,
  joinedKey,
  type Key,
  keyIn,
  keyItem,
  patientIn,
} from './keys.ts';
import { asStoredToday } from './older-records.ts';
import { itemAt, putWhere } from './one-item.ts';
import { queryItems } from './paging.ts';
import { isDecision, isFeedback, type Projectable, type StoredFeedback } from './records.ts';
import type { StoredHead } from './stored.ts';

/** Feedback and its decision, met in the turn of one of both. */
export interface Meeting {
  /** The record in whose turn they meet. */
  by: Projectable;
  /** Sort key of the feedback. */
  event: string;
  feedback: StoredFeedback;
  about: Decided;
}

type Claim = (key: Key, by: Projectable) => Promise<boolean>;

export interface Decided {
  head: StoredHead;
  /** Keyed hash of the patient; null without one, or after an erasure. */
  hashed: string | null;
}

const isThisOrNew = 'attribute_not_exists(pk) OR (#writer = :writer AND #seq = :seq)';

export function createJoining(options: {
  client: DynamoDBClient;
  table: string;
  counting: Pick<Counting, 'upTo'>;
}) {
  const { client, table, counting } = options;

  const place = { client, table };

  const claimNew = (key: Key, { writer, seq }: Projectable): Promise<boolean> =>
    putWhere(
      place,
      { ...keyItem(key), writer: S(writer), seq: N(seq) },
      {
        ConditionExpression: isThisOrNew,
        ExpressionAttributeNames: { '#writer': 'writer', '#seq': 'seq' },
        ExpressionAttributeValues: { ':writer': S(writer), ':seq': N(seq) },
      },
    );

  async function isClaimedBy(key: Key, { writer, seq }: Projectable): Promise<boolean> {
    const item = await itemAt(place, key);
    return item?.writer?.S === writer && Number(item.seq?.N) === seq;
  }

  /** Whether the day of the feedback or that of its decision is counted past this record of its writer. */
  async function isCounted(
    { writer, seq }: Projectable,
    { tenant, receivedAt }: StoredFeedback,
    { decidedAt }: StoredHead,
  ): Promise<boolean> {
    for (const time of new Set([dayOf(receivedAt), dayOf(decidedAt)]))
      if ((await counting.upTo(tenant, time, writer)) >= seq) return true;
    return false;
  }

  /** The latest override of each clinician and rule stays, in whatever order they come. */
  const rememberLatest = (item: Item): Promise<boolean> =>
    putWhere(place, item, {
      ConditionExpression: 'attribute_not_exists(pk) OR #at <= :at',
      ExpressionAttributeNames: { '#at': 'at' },
      ExpressionAttributeValues: { ':at': item.at ?? S('') },
    });

  async function decisionOf(tenant: string, card: string): Promise<Decided | null> {
    const found = await itemAt(place, cardKey(tenant, card));
    const item = found?.decisionId?.S
      ? await itemAt(place, decisionKey(tenant, found.decisionId.S))
      : undefined;
    if (!item) return null;
    const record: unknown = await decompressJson(item.record?.B ?? new Uint8Array()).catch(() => null);
    const head = isObject(record) ? asStoredToday(record) : {};
    if (!isDecision(head)) return null;
    return { head, hashed: patientIn(item.gsi1pk?.S ?? '') };
  }

  /** Feedback that came before its decision was projected. */
  async function feedbackOn(
    tenant: string,
    card: string,
  ): Promise<{ event: string; feedback: StoredFeedback }[]> {
    const found: { event: string; feedback: StoredFeedback }[] = [];
    const items = queryItems(client, {
      TableName: table,
      KeyConditionExpression: 'pk = :card AND begins_with(sk, :feedback)',
      ExpressionAttributeValues: { ':card': S(cardPartition(tenant, card)), ':feedback': S(feedbackPrefix) },
      ConsistentRead: true,
    });
    for await (const item of items) {
      const feedback: unknown = await decompressJson(item.record?.B ?? new Uint8Array()).catch(() => null);
      if (isObject(feedback) && isFeedback(feedback)) found.push({ event: keyIn(item).sk, feedback });
    }
    return found;
  }

  /** Where a record meets feedback on its cards, or the decision whose card it is about. */
  async function meetingsOf(one: Projectable): Promise<Meeting[]> {
    const { record, item } = one;
    if (isDecision(record)) {
      const about = { head: record, hashed: patientIn(item.gsi1pk?.S ?? '') };
      const events = await Promise.all(record.cardIds.map((card) => feedbackOn(record.tenant, card)));
      return events.flat().map(({ event, feedback }) => ({ by: one, event, feedback, about }));
    }
    if (!isFeedback(record)) return [];
    const about = await decisionOf(record.tenant, record.card);
    return about ? [{ by: one, event: keyIn(item).sk, feedback: record, about }] : [];
  }

  /**
   * The meetings of a record that it joins.
   * @param isJoined whether this record does, and no other
   * @param isFirst whether it is the first to join anything of the card
   */
  async function joinedOf(
    one: Projectable,
    isJoined: (meeting: Meeting) => Promise<boolean>,
    isFirst: (meeting: Meeting) => Promise<boolean>,
  ): Promise<Joined[]> {
    const joined: Joined[] = [];
    const answered = new Set<string>();
    for (const meeting of await meetingsOf(one)) {
      if (!(await isJoined(meeting))) continue;
      const { feedback, about } = meeting;
      const { tenant, card } = feedback;
      const first = !answered.has(card) && (await isFirst(meeting));
      answered.add(card);
      const rules = rulesOf(card, about.head);
      joined.push({ tenant, seq: one.seq, feedback, head: about.head, rules, isFirst: first });
    }
    return joined;
  }

  const claimOf = async ({ by, feedback, about }: Meeting): Promise<Claim> =>
    (await isCounted(by, feedback, about.head)) ? isClaimedBy : claimNew;

  async function joinNow(meeting: Meeting): Promise<boolean> {
    const { by, event, feedback, about } = meeting;
    const claim = await claimOf(meeting);
    if (!(await claim(joinedKey(feedback.tenant, feedback.card, event), by))) return false;
    await writeItems(client, table, outcomeIndexItems(about.head, feedback.outcome));
    for (const override of overridesToRemember(feedback, about.head, about.hashed))
      await rememberLatest(override);
    return true;
  }

  const answerNow = async (meeting: Meeting): Promise<boolean> =>
    (await claimOf(meeting))(answeredKey(meeting.feedback.tenant, meeting.feedback.card), meeting.by);

  return {
    /**
     * What a batch joins. The items of its decisions are written before.
     * @throws what DynamoDB throws
     */
    async join(batch: readonly Projectable[]): Promise<Joined[]> {
      const joined: Joined[] = [];
      for (const one of batch) joined.push(...(await joinedOf(one, joinNow, answerNow)));
      return joined;
    },

    /** What a record joined, as the claims say: nothing is written. */
    joinedBy: (one: Projectable): Promise<Joined[]> =>
      joinedOf(
        one,
        ({ by, event, feedback }) => isClaimedBy(joinedKey(feedback.tenant, feedback.card, event), by),
        ({ by, feedback }) => isClaimedBy(answeredKey(feedback.tenant, feedback.card), by),
      ),

    meetingsOf,
  };
}
