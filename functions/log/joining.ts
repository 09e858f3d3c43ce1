/**
 * Feedback and the decision whose card it is about, joined whichever was projected first: the projector of the feedback
 * looks for the card, the projector of the decision for feedback. Both write before they look, so that at least one
 * finds the other. A claim lets exactly one count it, the same one whenever it is done again. A record whose day is
 * counted past it claims nothing new: what came since then finds it from the other side.
 */
import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
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
import { queryItems } from './paging.ts';
import { isDecision, isFeedback, type Projectable, type StoredFeedback } from './records.ts';
import type { StoredHead } from './stored.ts';

interface Decided {
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

  async function itemAt(key: Key): Promise<Item | undefined> {
    const answer = await client.send(
      new GetItemCommand({ TableName: table, Key: keyItem(key), ConsistentRead: true }),
    );
    return answer.Item;
  }

  /** @returns false where another item has the key */
  async function putIf(item: Item, condition: string, names: string[], values: Item): Promise<boolean> {
    try {
      await client.send(
        new PutItemCommand({
          TableName: table,
          Item: item,
          ConditionExpression: condition,
          ExpressionAttributeNames: Object.fromEntries(names.map((name) => [`#${name}`, name])),
          ExpressionAttributeValues: values,
        }),
      );
      return true;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return false;
      throw error;
    }
  }

  const claimNew = (key: Key, { writer, seq }: Projectable): Promise<boolean> =>
    putIf({ ...keyItem(key), writer: S(writer), seq: N(seq) }, isThisOrNew, ['writer', 'seq'], {
      ':writer': S(writer),
      ':seq': N(seq),
    });

  async function isClaimedBy(key: Key, { writer, seq }: Projectable): Promise<boolean> {
    const item = await itemAt(key);
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
    putIf(item, 'attribute_not_exists(pk) OR #at <= :at', ['at'], { ':at': item.at ?? S('') });

  async function decisionOf(tenant: string, card: string): Promise<Decided | null> {
    const found = await itemAt(cardKey(tenant, card));
    const item = found?.decisionId?.S ? await itemAt(decisionKey(tenant, found.decisionId.S)) : undefined;
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

  /** @param by the record in whose turn they meet */
  async function joinOne(
    by: Projectable,
    event: string,
    feedback: StoredFeedback,
    { head, hashed }: Decided,
  ): Promise<Joined | null> {
    const { tenant, card, outcome } = feedback;
    const claim = (await isCounted(by, feedback, head)) ? isClaimedBy : claimNew;
    if (!(await claim(joinedKey(tenant, card, event), by))) return null;
    await writeItems(client, table, outcomeIndexItems(head, outcome));
    for (const override of overridesToRemember(feedback, head, hashed)) await rememberLatest(override);
    const isFirst = await claim(answeredKey(tenant, card), by);
    return { tenant, seq: by.seq, feedback, head, rules: rulesOf(card, head), isFirst };
  }

  async function joinDecision(one: Projectable, head: StoredHead): Promise<(Joined | null)[]> {
    const about = { head, hashed: patientIn(one.item.gsi1pk?.S ?? '') };
    const events = (await Promise.all(head.cardIds.map((card) => feedbackOn(head.tenant, card)))).flat();
    const joined: (Joined | null)[] = [];
    for (const { event, feedback } of events) joined.push(await joinOne(one, event, feedback, about));
    return joined;
  }

  return {
    /**
     * What a batch joins. The items of its decisions are written before.
     * @throws what DynamoDB throws
     */
    async join(batch: readonly Projectable[]): Promise<Joined[]> {
      const joined: (Joined | null)[] = [];
      for (const one of batch) {
        const { record, item } = one;
        if (isDecision(record)) joined.push(...(await joinDecision(one, record)));
        else if (isFeedback(record)) {
          const about = await decisionOf(record.tenant, record.card);
          if (about) joined.push(await joinOne(one, keyIn(item).sk, record, about));
        }
      }
      return joined.filter((one) => one !== null);
    },
  };
}
