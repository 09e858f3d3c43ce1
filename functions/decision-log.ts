/**
 * The decision log in DynamoDB: one conditional put per answer, before the answer leaves. Each process is a
 * writer (or several side by side); a writer's records form one chain by `prevHash`, `seq` from 1.
 *
 * The condition is the whole of idempotency: a decision's key is derived from the request, so a second put of
 * the same request fails, and the stored answer is returned.
 */
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import {
  type AttributeValue,
  BatchGetItemCommand,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
} from '@aws-sdk/client-dynamodb';
import { ulid } from 'ulid';
import { canonicalJson } from '../rules/digest.ts';
import { type Chained, chain, type DecisionRecord } from '../rules/record.ts';
import { engine } from '../rules/ruleset.ts';

const pack = promisify(gzip);
const unpack = promisify(gunzip);

export type StoredDecision = DecisionRecord & Chained;

export interface Feedback {
  schema: 'epsom.feedback/1';
  tenant: string;
  client: string;
  service: string;
  card: string;
  outcome: 'accepted' | 'overridden';
  outcomeTimestamp: string;
  acceptedSuggestions: string[];
  /** Code and system; free text is not kept. */
  overrideReason: { system?: string; code: string } | null;
  hasComment: boolean;
  /** The card is of no decision in the log. */
  unknownCard: boolean;
  receivedAt: string;
  masked: string[];
}
export type StoredFeedback = Feedback & Chained;

/** The log could not be written or read: nothing was answered, nothing was lost. */
export class LogUnavailable extends Error {}

type Item = Record<string, AttributeValue>;
const S = (value: string): AttributeValue => ({ S: value });
const notYetThere = 'attribute_not_exists(pk)';

const decisionKey = (tenant: string, id: string): Item => ({ pk: S(`T#${tenant}#D#${id}`), sk: S('D') });
const cardKey = (tenant: string, card: string): string => `T#${tenant}#CARD#${card}`;

async function packed(record: unknown): Promise<Uint8Array> {
  return pack(canonicalJson(record));
}
async function unpacked(item: Item | undefined): Promise<unknown> {
  const bytes = item?.record?.B;
  return bytes ? JSON.parse((await unpack(bytes)).toString('utf8')) : null;
}

interface Writer {
  id: string;
  seq: number;
  hash: string | null;
  waiting: number;
  tail: Promise<unknown>;
}

const newWriter = (): Writer => ({
  id: `${engine.version}-${ulid()}`,
  seq: 0,
  hash: null,
  waiting: 0,
  tail: Promise.resolve(),
});

export interface Page {
  decisions: StoredDecision[];
  /** Where the next page begins; null on the last one. */
  next: { decidedAt: string; decisionId: string } | null;
}

export type DecisionLog = ReturnType<typeof openDecisionLog>;

export function openDecisionLog(options: {
  client: DynamoDBClient;
  table: string;
  /** Keyed hash of a patient id, so that the index does not hold it in clear. */
  patientKey(tenant: string, patient: string): Promise<string>;
  /** Chains side by side: one in Lambda, several where one process serves many requests at once. */
  writers: number;
}) {
  const { client, table, patientKey } = options;
  const writers = Array.from({ length: options.writers }, newWriter);

  /** Puts one chained record; `null` when its key was taken by another record. */
  async function put<R extends object>(
    record: R,
    keys: Item,
    attributes: Item,
    signal?: AbortSignal,
  ): Promise<(R & Chained) | null> {
    const writer = writers.reduce((least, other) => (other.waiting < least.waiting ? other : least));
    writer.waiting += 1;
    const turn = writer.tail.then(() => putNow(writer, record, keys, attributes, signal));
    writer.tail = turn.catch(() => undefined);
    try {
      return await turn;
    } finally {
      writer.waiting -= 1;
    }
  }

  async function putNow<R extends object>(
    writer: Writer,
    record: R,
    keys: Item,
    attributes: Item,
    signal?: AbortSignal,
  ): Promise<(R & Chained) | null> {
    const chained = chain(record, writer.id, writer.seq + 1, writer.hash);
    const item: Item = {
      ...keys,
      ...attributes,
      gsi3pk: S(`W#${writer.id}`),
      gsi3sk: { N: String(chained.seq) },
      record: { B: await packed(chained) },
      hash: S(chained.hash),
      ...(chained.prevHash ? { prevHash: S(chained.prevHash) } : {}),
    };
    try {
      await client.send(
        new PutItemCommand({ TableName: table, Item: item, ConditionExpression: notYetThere }),
        {
          ...(signal ? { abortSignal: signal } : {}),
        },
      );
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) {
        // It may have landed or not. A chain must not fork on that doubt: this writer ends here.
        Object.assign(writer, { id: newWriter().id, seq: 0, hash: null });
        throw new LogUnavailable('the decision could not be recorded, so nothing is given', { cause: error });
      }
      // Our own put, retried by the SDK after it had landed, meets its own record: success.
      const there = await client.send(
        new GetItemCommand({ TableName: table, Key: keys, ConsistentRead: true }),
      );
      if (there.Item?.hash?.S !== chained.hash) return null;
    }
    writer.seq = chained.seq;
    writer.hash = chained.hash;
    return chained;
  }

  async function find(tenant: string, decisionId: string): Promise<StoredDecision | null> {
    const answer = await client
      .send(
        new GetItemCommand({ TableName: table, Key: decisionKey(tenant, decisionId), ConsistentRead: true }),
      )
      .catch(unavailable);
    return (await unpacked(answer.Item)) as StoredDecision | null;
  }

  return {
    /**
     * Stores a decision, or finds the one stored for the same request before.
     * @throws LogUnavailable when it could not be stored: then nothing may be answered
     */
    async append(
      record: DecisionRecord,
      signal?: AbortSignal,
    ): Promise<{ record: StoredDecision; repeated: boolean }> {
      const { tenant, decisionId, decidedAt } = record;
      const order = S(`${decidedAt}#${decisionId}`);
      const day = decidedAt.slice(0, 10);
      const attributes: Item = {
        decisionId: S(decisionId),
        decidedAt: S(decidedAt),
        service: S(record.service),
        client: S(record.client),
        status: { N: String(record.status) },
        gsi2pk: S(`T#${tenant}#C#${record.client}#${day}#${shardOf(decisionId)}`),
        gsi2sk: order,
      };
      if (record.hook) attributes.hook = S(record.hook);
      const findings = record.evaluations.filter(({ shown }) => shown).map(({ rule }) => rule);
      if (findings.length > 0) attributes.findings = { SS: findings };
      // Cards are sorted, the most severe first.
      const indicator = record.cards[0]?.indicator;
      if (indicator) attributes.indicator = S(indicator);
      if (record.patient !== null) {
        attributes.gsi1pk = S(`T#${tenant}#P#${await patientKey(tenant, record.patient)}`);
        attributes.gsi1sk = order;
      }
      const stored = await put(record, decisionKey(tenant, decisionId), attributes, signal);
      if (stored) {
        for (const { uuid } of stored.cards) await postCard(tenant, uuid, decisionId);
        return { record: stored, repeated: false };
      }
      const before = await find(tenant, decisionId);
      if (!before) throw new LogUnavailable('the stored decision could not be read');
      return { record: before, repeated: true };
    },

    find,

    /**
     * Whether a decision or a card belongs to one of these tenants. Asked only about what is not the caller's own,
     * so that another organisation's id can be told from one of nobody.
     */
    async belongsTo(tenants: readonly string[], what: 'decision' | 'card', id: string): Promise<boolean> {
      const answers = await Promise.all(
        tenants.map((tenant) => {
          const key =
            what === 'decision' ? decisionKey(tenant, id) : { pk: S(cardKey(tenant, id)), sk: S('C') };
          return client.send(new GetItemCommand({ TableName: table, Key: key, ProjectionExpression: 'pk' }));
        }),
      ).catch(unavailable);
      return answers.some(({ Item: found }) => found !== undefined);
    },

    /** Decisions about one patient, newest first. `limit` at most 100. */
    async ofPatient(
      tenant: string,
      patient: string,
      filter: { from?: string; to?: string; limit: number; after?: Page['next'] },
    ): Promise<Page> {
      const index = `T#${tenant}#P#${await patientKey(tenant, patient)}`;
      const start = filter.after;
      const answer = await client
        .send(
          new QueryCommand({
            TableName: table,
            IndexName: 'gsi1',
            KeyConditionExpression: 'gsi1pk = :patient AND gsi1sk BETWEEN :from AND :to',
            ExpressionAttributeValues: {
              ':patient': S(index),
              ':from': S(filter.from ?? '0'),
              ':to': S(`${filter.to ?? '9'}~`),
            },
            ScanIndexForward: false,
            Limit: filter.limit,
            ...(start
              ? {
                  ExclusiveStartKey: {
                    ...decisionKey(tenant, start.decisionId),
                    gsi1pk: S(index),
                    gsi1sk: S(`${start.decidedAt}#${start.decisionId}`),
                  },
                }
              : {}),
          }),
        )
        .catch(unavailable);
      const ids = (answer.Items ?? []).flatMap(({ decisionId }) => decisionId?.S ?? []);
      const decisions = await findAll(tenant, ids);
      const last = decisions.at(-1);
      return {
        decisions,
        next:
          answer.LastEvaluatedKey && last ? { decidedAt: last.decidedAt, decisionId: last.decisionId } : null,
      };
    },

    /** Keeps one feedback event, and says which decision it is about. The same event again is the same item. */
    async addFeedback(feedback: Feedback, eventId: string): Promise<{ decisionId: string | null }> {
      const { tenant, card, outcomeTimestamp } = feedback;
      const decisionId = await decisionOfCard(tenant, card);
      const keys = { pk: S(cardKey(tenant, card)), sk: S(`F#${outcomeTimestamp}#${eventId}`) };
      await put({ ...feedback, unknownCard: decisionId === null }, keys, {});
      return { decisionId };
    },

    /** Feedback on the cards of a decision, oldest first. */
    async feedbackOf(decision: StoredDecision): Promise<StoredFeedback[]> {
      const pages = await Promise.all(
        decision.cards.map(({ uuid }) =>
          client.send(
            new QueryCommand({
              TableName: table,
              KeyConditionExpression: 'pk = :card AND begins_with(sk, :feedback)',
              ExpressionAttributeValues: { ':card': S(cardKey(decision.tenant, uuid)), ':feedback': S('F#') },
            }),
          ),
        ),
      ).catch(unavailable);
      const items = pages.flatMap(({ Items }) => Items ?? []);
      return Promise.all(items.map(async (item) => (await unpacked(item)) as StoredFeedback));
    },
  };

  async function findAll(tenant: string, ids: readonly string[]): Promise<StoredDecision[]> {
    if (ids.length === 0) return [];
    const found = new Map<string, StoredDecision>();
    let wanted: Item[] | undefined = ids.map((id) => decisionKey(tenant, id));
    while (wanted && wanted.length > 0) {
      const answer: {
        Responses?: Record<string, Item[]>;
        UnprocessedKeys?: Record<string, { Keys?: Item[] | undefined }>;
      } = await client
        .send(new BatchGetItemCommand({ RequestItems: { [table]: { Keys: wanted } } }))
        .catch(unavailable);
      for (const item of answer.Responses?.[table] ?? []) {
        const record = (await unpacked(item)) as StoredDecision;
        found.set(record.decisionId, record);
      }
      wanted = answer.UnprocessedKeys?.[table]?.Keys;
    }
    return ids.flatMap((id) => found.get(id) ?? []);
  }

  /** Which decision a card belongs to: derived from the decision, and can be written again from it. */
  async function postCard(tenant: string, card: string, decisionId: string): Promise<void> {
    await client
      .send(
        new PutItemCommand({
          TableName: table,
          Item: { pk: S(cardKey(tenant, card)), sk: S('C'), decisionId: S(decisionId) },
        }),
      )
      // The decision is stored; a missing posting only delays the join and is rebuilt from it.
      .catch(() => undefined);
  }

  async function decisionOfCard(tenant: string, card: string): Promise<string | null> {
    const answer = await client
      .send(new GetItemCommand({ TableName: table, Key: { pk: S(cardKey(tenant, card)), sk: S('C') } }))
      .catch(unavailable);
    return answer.Item?.decisionId?.S ?? null;
  }
}

/** Spreads one client's day over four partitions. */
const shardOf = (decisionId: string): number => Number.parseInt(decisionId.slice(0, 1), 16) % 4 || 0;

function unavailable(error: unknown): never {
  throw new LogUnavailable('the decision log could not be read', { cause: error });
}
