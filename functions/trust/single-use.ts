/**
 * A client's token is good for one request: its `jti` is kept for as long as the token lives, with a digest of the
 * request it came with. The identical request may come again (a retry after a broken connection); another one may
 * not.
 *
 * The mark is a conditional put in the table of the decision log. Where the table cannot be reached, this process
 * remembers by itself: an alert is not withheld because a token could not be marked, and the operator is told.
 */
import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import { sha256 } from '../../rules/digest/digest.ts';
import { keyItem, tokenKey } from '../log/keys.ts';
import type { Token } from './jwt/verify.ts';

/** `first`: not seen before. `again`: with the identical request. `replayed`: with another one. */
export type TokenUse = 'first' | 'again' | 'replayed';

/** A request whose body was not read: its token may still come with the whole of it, once. */
const unread = 'unread';

/** How many marks one process remembers for the time the table is away. */
const remembered = 10_000;
/** Milliseconds the table is waited for. */
const patience = 1000;
/** DynamoDB may delete once `exp` has passed; the clocks of the two need not agree to the second. */
const margin = 300;

const notYetThere = 'attribute_not_exists(pk)';
const notYetRead = {
  ConditionExpression: `${notYetThere} OR requestDigest = :unread`,
  ExpressionAttributeValues: { ':unread': { S: unread } },
};

export interface TokenRequest {
  method: string;
  path: string;
  /** Null where it was not read. */
  body: Uint8Array | null;
}

export function createJtiCache(options: {
  client: DynamoDBClient;
  table: string;
  now(): Date;
  /** Told when the table could not be reached. */
  unavailable(): void;
}) {
  const { client, table, now } = options;
  const seen = new Map<string, { digest: string; expiresAt: number }>();

  function remember(key: string, digest: string, expiresAt: number): void {
    if (seen.size >= remembered) {
      const time = now().getTime() / 1000;
      for (const [old, mark] of seen) if (mark.expiresAt < time) seen.delete(old);
      // Still full: the oldest goes. The table knows it.
      const [oldest] = seen.keys();
      if (seen.size >= remembered && oldest !== undefined) seen.delete(oldest);
    }
    seen.set(key, { digest, expiresAt });
  }

  /** The answer of this process alone. */
  function fromMemory(key: string, digest: string, expiresAt: number): TokenUse {
    const before = seen.get(key)?.digest;
    if (before === digest) return 'again';
    if (before !== undefined && before !== unread) return 'replayed';
    remember(key, digest, expiresAt);
    return 'first';
  }

  return {
    /** @param tenant the registered one of the token's issuer */
    async consumeJti(tenant: string, token: Token, request: TokenRequest): Promise<TokenUse> {
      // Hashed: a `jti` is any text of any length.
      const used = tokenKey(tenant, token.issuer, sha256(token.jti ?? ''));
      const { pk } = used;
      const digest = request.body === null ? unread : digestOf(request, request.body);
      const key = keyItem(used);
      const expiresAt = { N: String(Math.ceil(token.expiresAt) + margin) };
      try {
        try {
          await client.send(
            new PutItemCommand({
              TableName: table,
              Item: { ...key, requestDigest: { S: digest }, expiresAt },
              ...(digest === unread ? { ConditionExpression: notYetThere } : notYetRead),
            }),
            { abortSignal: AbortSignal.timeout(patience) },
          );
          remember(pk, digest, token.expiresAt);
          return 'first';
        } catch (error) {
          if (!(error instanceof ConditionalCheckFailedException)) throw error;
        }
        const { Item } = await client.send(
          new GetItemCommand({ TableName: table, Key: key, ConsistentRead: true }),
          { abortSignal: AbortSignal.timeout(patience) },
        );
        const before = Item?.requestDigest?.S ?? unread;
        remember(pk, before, token.expiresAt);
        return before === digest ? 'again' : 'replayed';
      } catch {
        options.unavailable();
        return fromMemory(pk, digest, token.expiresAt);
      }
    },
  };
}

const digestOf = ({ method, path }: TokenRequest, body: Uint8Array): string =>
  sha256(Buffer.concat([Buffer.from(`${method} ${path}\n`), body]));
