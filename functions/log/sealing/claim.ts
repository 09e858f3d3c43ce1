/**
 * One sealer at a time: tiles are rewritten in place. A claim that was left behind runs out.
 *
 *   free --take--> ours --release--> free
 *                   |
 *                   +-- time passes --> free for another sealer, and still ours until it takes it
 */

import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { ulid } from 'ulid';
import { N, S } from '../items.ts';
import { keyItem, sealingKey } from '../keys.ts';
import { putWhere } from '../one-item.ts';

/** Milliseconds after which another sealer may take over. */
export const lease = 120_000;

const nobodySealedYet = 'attribute_not_exists(pk)';
const itRanOut = '#until < :now';
const itIsOurs = '#owner = :owner';
/** No sealer claims for so long: it was put there to stop sealing. */
const itIsNone = '#until > :latest';

/** @param options.alone nobody else can seal this log: a claim that is there is of a process that ended */
export function createClaim(options: {
  client: DynamoDBClient;
  table: string;
  alone?: boolean;
  now(): Date;
}) {
  const { client, table, alone = false, now } = options;
  const owner = ulid();

  const putUntil = (until: number): Promise<boolean> =>
    putWhere(
      { client, table },
      { ...keyItem(sealingKey), owner: S(owner), until: N(until) },
      alone
        ? {}
        : {
            ConditionExpression: `${nobodySealedYet} OR ${itRanOut} OR ${itIsOurs} OR ${itIsNone}`,
            ExpressionAttributeNames: { '#until': 'until', '#owner': 'owner' },
            ExpressionAttributeValues: {
              ':now': N(now().getTime()),
              ':latest': N(now().getTime() + 2 * lease),
              ':owner': S(owner),
            },
          },
    );

  return {
    /** @returns false while another sealer has it */
    take: (): Promise<boolean> => putUntil(now().getTime() + lease),
    /** For the next sealer, whoever it is. */
    release: (): Promise<boolean> => putUntil(0),
  };
}
