/** What clinicians did with cards: each feedback event is a record in a chain, like a decision. */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { isObject } from '../../rules/fhir/json.ts';
import { overrideReasonSystem } from '../../rules/rule/override-reasons.ts';
import { decompressJson } from './compression.ts';
import { type Item, S } from './items.ts';
import { cardPartition, feedbackKey, feedbackPrefix } from './keys.ts';
import { overrideItem } from './overrides.ts';
import { queryItems } from './paging.ts';
import { type Feedback, isFeedback, type StoredFeedback } from './records.ts';
import type { StoredDecision, StoredHead } from './stored.ts';
import type { StoredDecisions } from './stored-decisions.ts';
import { notRead } from './unavailable.ts';
import type { Writers } from './writers.ts';

/** The rules that a card listed, and so what feedback on it is about. */
export const rulesOf = (card: string, { findings }: Pick<StoredHead, 'findings'>): string[] =>
  findings.filter((finding) => finding.card === card).map(({ rule }) => rule);

/**
 * The overrides to remember, one for each rule that the card listed: only of a reason of ours, because of another
 * system's codes we do not know which last.
 * @param hashed keyed hash of the patient of the decision; null without one
 */
export function overridesToRemember(
  { tenant, card, outcome, overrideReason, receivedAt }: Feedback,
  head: Pick<StoredHead, 'findings' | 'user' | 'decisionId'>,
  hashed: string | null,
): Item[] {
  const { user, decisionId } = head;
  if (outcome !== 'overridden' || overrideReason?.system !== overrideReasonSystem) return [];
  if (!hashed || !user) return [];
  return rulesOf(card, head).map((rule) =>
    overrideItem(tenant, hashed, {
      rule,
      user,
      reason: overrideReason.code,
      at: receivedAt,
      decisionId,
      card,
    }),
  );
}

/** What clinicians did with cards, as records of their own in the same chains (CDS Hooks 2.0, Feedback). */
export function createFeedbackLog(options: {
  client: DynamoDBClient;
  table: string;
  writers: Pick<Writers, 'append'>;
  decisions: Pick<StoredDecisions, 'decisionOfCard' | 'findHead'>;
  /** When what this process wrote can be found. */
  caughtUp(): Promise<void>;
}) {
  const { client, table, writers, decisions, caughtUp } = options;

  const eventsOfCard = (tenant: string, card: string): Promise<Item[]> =>
    Array.fromAsync(
      queryItems(client, {
        TableName: table,
        KeyConditionExpression: 'pk = :card AND begins_with(sk, :feedback)',
        ExpressionAttributeValues: {
          ':card': S(cardPartition(tenant, card)),
          ':feedback': S(feedbackPrefix),
        },
      }),
    );

  return {
    /**
     * Keeps one feedback event, and says which decision it is about, as far as that is known. The same event again is
     * the same item.
     * @throws LogUnavailable
     */
    async add(feedback: Feedback, eventId: string): Promise<{ decisionId: string | null }> {
      const { tenant, card, outcomeTimestamp, receivedAt } = feedback;
      await caughtUp();
      const decisionId = await decisions.decisionOfCard(tenant, card);
      const about = decisionId ? await decisions.findHead(tenant, decisionId) : null;
      await writers.append({
        record: {
          ...feedback,
          unknownCard: about === null,
          ...(about && decisionId ? { decisionId, rules: rulesOf(card, about.head) } : {}),
        },
        key: feedbackKey(tenant, card, outcomeTimestamp, eventId),
        at: receivedAt,
        attributes: {},
      });
      return { decisionId };
    },

    /** Feedback on the cards of a decision, oldest first. @throws LogUnavailable */
    async of({ tenant, cardIds }: Pick<StoredDecision, 'tenant' | 'cardIds'>): Promise<StoredFeedback[]> {
      const items = (
        await Promise.all(cardIds.map((card) => eventsOfCard(tenant, card))).catch(notRead)
      ).flat();
      const events = await Promise.all(
        items.map(({ record }) => decompressJson(record?.B ?? new Uint8Array())),
      );
      return events
        .flatMap((event) => (isObject(event) && isFeedback(event) ? [event] : []))
        .sort((a, b) => (a.outcomeTimestamp < b.outcomeTimestamp ? -1 : 1));
    },
  };
}
