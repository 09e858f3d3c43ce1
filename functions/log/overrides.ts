/** What clinicians overrode for a patient, the latest of each rule: an override may be remembered. */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { type Item, S } from './items.ts';
import { keyItem, overrideKey, overridesPartition, overridesPrefix } from './keys.ts';
import { queryItems } from './paging.ts';

export interface OverrideItem {
  rule: string;
  /** Reference of the clinician who was shown the card. */
  user: string;
  reason: string;
  /** When the feedback came. */
  at: string;
  /** The decision that showed it: what was known then. */
  decisionId: string;
  /** The card that was overridden: a rule may be on several. Items of before have none. */
  card?: string;
}

export const overrideItem = (tenant: string, hashed: string, override: OverrideItem): Item => ({
  ...keyItem(overrideKey(tenant, hashed, override.user, override.rule)),
  ...Object.fromEntries(Object.entries(override).map(([name, value]) => [name, S(value)])),
});

/** Null for an item that is no override. */
export function overrideIn(item: Item): OverrideItem | null {
  const { rule, user, reason, at, decisionId, card } = item;
  return rule?.S && user?.S && reason?.S && at?.S && decisionId?.S
    ? {
        rule: rule.S,
        user: user.S,
        reason: reason.S,
        at: at.S,
        decisionId: decisionId.S,
        ...(card?.S ? { card: card.S } : {}),
      }
    : null;
}

/** @param hashed keyed hash of the patient */
export async function findOverrides(
  { client, table }: { client: DynamoDBClient; table: string },
  tenant: string,
  hashed: string,
  user: string,
): Promise<OverrideItem[]> {
  const items = await Array.fromAsync(
    queryItems(client, {
      TableName: table,
      KeyConditionExpression: 'pk = :patient AND begins_with(sk, :user)',
      ExpressionAttributeValues: {
        ':patient': S(overridesPartition(tenant, hashed)),
        ':user': S(overridesPrefix(user)),
      },
    }),
  );
  return items.flatMap((item) => overrideIn(item) ?? []);
}
