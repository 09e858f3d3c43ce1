/**
 * The decision log: every answer is a record in DynamoDB before it leaves, or it does not leave. What happens to
 * one record, in order: log/stored.ts splits it, log/patients.ts encrypts, log/writers.ts chains and puts it (or
 * spills it), log/postings.ts makes it findable; log/sealer.ts seals it later.
 *
 * The condition of the put is the whole of idempotency: a decision's key is derived from the request, so a second
 * put of the same request fails, and the stored answer is returned.
 */
import { type DynamoDBClient, GetItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import type { Ruleset } from '../../rules/evaluation/ruleset.ts';
import { asString, isObject } from '../../rules/fhir/json.ts';
import type { Chained, DecisionRecord } from '../../rules/record.ts';
import { overrideReasonSystem } from '../../rules/rule/override-reasons.ts';
import {
  type Access,
  type AccessFilter,
  accessKey,
  accessPostings,
  createAccesses,
  type ListedAccess,
  patientAccesses,
} from './accesses.ts';
import { itemsAt } from './batch.ts';
import type { Blobs } from './blobs.ts';
import {
  cardPartition,
  decisionKey,
  type Item,
  keyItem,
  nameOf,
  patientPartition,
  S,
  shardOf,
} from './items.ts';
import type { PatientKeys } from './patients.ts';
import {
  calendarPartition,
  clientPartition,
  hookInstancePartition,
  listItem,
  type OverrideItem,
  outcomePostings,
  overrideIn,
  overridePosting,
  overridesPartition,
  placeOf,
  postingsOf,
} from './postings.ts';
import { createQueries } from './queries.ts';
import { rulesetItem } from './rulesets.ts';
import type { Spill } from './spill.ts';
import {
  ciphertextOf,
  clinicalAttributes,
  decompressJson,
  isLarge,
  openStored,
  type StoredDecision,
  type StoredHead,
  splitForStorage,
} from './stored.ts';
import { createWriters, LogUnavailable } from './writers.ts';

export type { ListedAccess, StoredDecision };
export { LogUnavailable };

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

export type DecisionLog = ReturnType<typeof createDecisionLog>;

/** What a process has posted to a calendar is not posted again. */
const mostRemembered = 10_000;

export function createDecisionLog(options: {
  client: DynamoDBClient;
  table: string;
  patients: PatientKeys;
  spill: Spill;
  blobs: Blobs;
  /** Chains side by side: one in Lambda, several where one process serves many requests at once. */
  writers: number;
  /** Milliseconds for the table before the spill takes over. */
  budget?: number;
  /** Kept with the first record under it, so that it can be replayed. */
  ruleset?: Ruleset;
  now(): Date;
}) {
  const { client, table, patients, blobs } = options;
  const writers = createWriters({ budget: 1500, ...options, count: options.writers });
  const query = createQueries({ client, table, hashOf: patients.hashOf });
  const accesses = createAccesses({ client, table });
  const posted = new Set<string>();
  let isRulesetKept = false;
  /** The rules themselves, once a process. */
  async function rulesOnce(digest: string): Promise<Item[]> {
    const { ruleset } = options;
    if (isRulesetKept || !ruleset || ruleset.digest !== digest) return [];
    isRulesetKept = true;
    return [await rulesetItem(ruleset)];
  }

  /** Postings less those of a calendar that this process wrote before. */
  function unposted(tenant: string, postings: readonly Item[]): Item[] {
    if (posted.size > mostRemembered) posted.clear();
    return postings.filter((item) => {
      if (!item.pk?.S?.startsWith(calendarPartition(tenant, ''))) return true;
      const name = nameOf({ pk: item.pk.S, sk: item.sk?.S ?? '' });
      if (posted.has(name)) return false;
      posted.add(name);
      return true;
    });
  }

  async function openedItem(item: Item | undefined): Promise<StoredDecision | null> {
    if (!item?.record?.B) return null;
    const head = (await decompressJson(item.record.B)) as StoredHead;
    const key = head.clinical
      ? await patients.forReading(head.tenant, hashIn(item) ?? 'none', head.clinical.key).catch(unavailable)
      : null;
    return openStored(head, await ciphertextOf(item, blobs), key);
  }

  const itemAt = async (key: Item): Promise<Item | undefined> => {
    const answer = await client
      .send(new GetItemCommand({ TableName: table, Key: key, ConsistentRead: true }))
      .catch(unavailable);
    return answer.Item;
  };

  const find = async (tenant: string, decisionId: string): Promise<StoredDecision | null> =>
    openedItem(await itemAt(keyItem(decisionKey(tenant, decisionId))));

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
      const key = decisionKey(tenant, decisionId);
      const hashed = await patients.hashOf(tenant, record.patient).catch(withoutKey);
      // A refusal holds nothing clinical and needs no key.
      const patientKey =
        record.chart === null ? null : await patients.forWriting(tenant, hashed).catch(withoutKey);
      const { head, ciphertext } = await splitForStorage(record, patientKey);
      const order = S(placeOf(record));
      const attributes: Item = {
        ...listItem(head),
        ...clinicalAttributes(ciphertext, head.clinical),
        gsi2pk: S(clientPartition(tenant, record.client, decidedAt.slice(0, 10), shardOf(decisionId))),
        gsi2sk: order,
        ...(record.patient === null ? {} : { gsi1pk: S(patientPartition(tenant, hashed)), gsi1sk: order }),
      };
      const chained = await writers.append(
        {
          record: head,
          key,
          at: decidedAt,
          attributes,
          beside: [
            ...(patientKey?.unstored ? [patientKey.unstored] : []),
            ...unposted(tenant, postingsOf(head)),
            ...(await rulesOnce(record.ruleset.digest)),
          ],
          ...(ciphertext && head.clinical && isLarge(ciphertext)
            ? { blob: { digest: head.clinical.digest, content: ciphertext } }
            : {}),
        },
        signal,
      );
      if (chained) return { record: { ...record, ...chained }, repeated: false };
      const kept = await writers.heldAt(key);
      if (kept) return { record: { ...record, ...head, ...kept }, repeated: true };
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
      const keys = tenants.map((tenant) =>
        what === 'decision' ? decisionKey(tenant, id) : { pk: cardPartition(tenant, id), sk: 'C' },
      );
      const found = await Promise.all(keys.map((key) => itemAt(keyItem(key))));
      return found.some((item) => item !== undefined);
    },

    /** Ids of decisions, newest first. */
    list: (...asked: Parameters<typeof query>) => query(...asked).catch(unavailable),

    /** Several decisions by id, in that order. */
    async findAll(tenant: string, ids: readonly string[]): Promise<StoredDecision[]> {
      if (ids.length === 0) return [];
      const found = new Map<string, StoredDecision>();
      const keys = [...new Set(ids)].map((id) => keyItem(decisionKey(tenant, id)));
      for (const item of await Array.fromAsync(itemsAt(client, table, keys)).catch(unavailable)) {
        const record = await openedItem(item);
        if (record) found.set(record.decisionId, record);
      }
      return ids.flatMap((id) => found.get(id) ?? []);
    },

    /** Keeps one feedback event, and says which decision it is about. The same event again is the same item. */
    async addFeedback(feedback: Feedback, eventId: string): Promise<{ decisionId: string | null }> {
      const { tenant, card, outcomeTimestamp, receivedAt, outcome } = feedback;
      const decisionId = await decisionOfCard(tenant, card);
      const about = decisionId ? await headAt(tenant, decisionId) : null;
      const rule = about?.head.findings.find((finding) => finding.card === card)?.rule;
      const override =
        about?.hashed && about.head.user && rule && outcome === 'overridden' && ofOurs(feedback)
          ? [
              overridePosting(tenant, about.hashed, {
                rule,
                user: about.head.user,
                reason: feedback.overrideReason?.code ?? '',
                at: receivedAt,
                decisionId: about.head.decisionId,
              }),
            ]
          : [];
      await writers.append({
        record: { ...feedback, unknownCard: decisionId === null },
        key: { pk: cardPartition(tenant, card), sk: `F#${outcomeTimestamp}#${eventId}` },
        at: receivedAt,
        attributes: decisionId ? { decisionId: S(decisionId) } : {},
        beside: about ? [...outcomePostings(about.head, outcome), ...override] : [],
      });
      return { decisionId };
    },

    /** Feedback on the cards of a decision, oldest first. */
    async feedbackOf({
      tenant,
      cardIds,
    }: Pick<StoredDecision, 'tenant' | 'cardIds'>): Promise<StoredFeedback[]> {
      const pages = await Promise.all(
        cardIds.map((uuid) =>
          client.send(
            new QueryCommand({
              TableName: table,
              KeyConditionExpression: 'pk = :card AND begins_with(sk, :feedback)',
              ExpressionAttributeValues: { ':card': S(cardPartition(tenant, uuid)), ':feedback': S('F#') },
            }),
          ),
        ),
      ).catch(unavailable);
      const items = pages.flatMap(({ Items }) => Items ?? []);
      const events = await Promise.all(
        items.map(({ record }) => decompressJson(record?.B ?? new Uint8Array())),
      );
      return events.filter(isFeedback).sort((a, b) => (a.outcomeTimestamp < b.outcomeTimestamp ? -1 : 1));
    },

    /**
     * Other decisions of the same call of a hook (an order changed under it), newest first, 100 at most.
     * https://cds-hooks.hl7.org/2.0/#http-request_1
     */
    async relatedTo({
      tenant,
      client: caller,
      hookInstance,
      decisionId,
    }: Pick<StoredDecision, 'tenant' | 'client' | 'hookInstance' | 'decisionId'>): Promise<string[]> {
      if (hookInstance === null) return [];
      const answer = await client
        .send(
          new QueryCommand({
            TableName: table,
            KeyConditionExpression: 'pk = :instance',
            ExpressionAttributeValues: {
              ':instance': S(hookInstancePartition(tenant, caller, hookInstance)),
            },
            ScanIndexForward: false,
            Limit: 101,
          }),
        )
        .catch(unavailable);
      const ids = (answer.Items ?? []).flatMap((item) => item.decisionId?.S ?? []);
      return ids.filter((id) => id !== decisionId).slice(0, 100);
    },

    /**
     * Records that somebody looked.
     * @param patient whom it was about; null when it was about nobody in particular
     * @throws LogUnavailable
     */
    async addAccess(access: Access, patient: string | null, nonce: string): Promise<void> {
      const { tenant, at } = access;
      const hashed = patient === null ? null : await patients.hashOf(tenant, patient);
      await writers.append({
        record: access,
        key: accessKey(access, nonce),
        at,
        attributes: hashed === null ? {} : { gsi1pk: S(patientAccesses(tenant, hashed)), gsi1sk: S(at) },
        beside: unposted(tenant, accessPostings(access, nonce)),
      });
    },

    /** Who looked, newest first; `patient` is the bare id. */
    async listAccesses(
      tenant: string,
      { patient, ...filter }: Omit<AccessFilter, 'hashed'> & { patient?: string },
      limit: number,
      after: string | null,
    ): Promise<{ accesses: ListedAccess[]; next: string | null }> {
      const hashed = patient === undefined ? {} : { hashed: await patients.hashOf(tenant, patient) };
      return accesses.list(tenant, { ...filter, ...hashed }, limit, after).catch(unavailable);
    },

    findAccess: (tenant: string, place: string): Promise<ListedAccess | null> =>
      accesses.find(tenant, place).catch(unavailable),

    /** What a clinician overrode for a patient, the latest of each rule. */
    async overridesOf(tenant: string, patient: string, user: string): Promise<OverrideItem[]> {
      const hashed = await patients.hashOf(tenant, patient);
      const answer = await client
        .send(
          new QueryCommand({
            TableName: table,
            KeyConditionExpression: 'pk = :patient AND begins_with(sk, :user)',
            ExpressionAttributeValues: {
              ':patient': S(overridesPartition(tenant, hashed)),
              ':user': S(`${user}#`),
            },
          }),
        )
        .catch(unavailable);
      return (answer.Items ?? []).flatMap((item) => overrideIn(item) ?? []);
    },

    /** Keyed hash of a patient id, as in the index. */
    hashOf: patients.hashOf,
    /** Records that wait for DynamoDB to come back. */
    waiting: writers.waiting,
    /** Puts them into the table. */
    drain: writers.drain,
    insert: writers.insert,
    /** Appends a record of another kind: a purge, an erasure. */
    appendEvent: writers.append,
  };

  async function headAt(
    tenant: string,
    decisionId: string,
  ): Promise<{ head: StoredHead; hashed: string | null } | null> {
    const item = await itemAt(keyItem(decisionKey(tenant, decisionId)));
    if (!item?.record?.B) return null;
    return { head: (await decompressJson(item.record.B)) as StoredHead, hashed: hashIn(item) };
  }

  async function decisionOfCard(tenant: string, card: string): Promise<string | null> {
    const item = await itemAt(keyItem({ pk: cardPartition(tenant, card), sk: 'C' }));
    return item?.decisionId?.S ?? null;
  }
}

/** Keyed hash of the patient an item is about; null without one, or after an erasure. */
const hashIn = (item: Item): string | null => item.gsi1pk?.S?.split('#P#')[1] ?? null;

/** Whether the reason is one of ours: of another system's codes we do not know which last. */
const ofOurs = ({ overrideReason }: Feedback): boolean => overrideReason?.system === overrideReasonSystem;

const isFeedback = (value: unknown): value is StoredFeedback =>
  isObject(value) && asString(value.schema) === 'epsom.feedback/1';

/** Without its key a record can be neither encrypted nor found: as good as a log that is down. */
function withoutKey(cause: unknown): never {
  throw new LogUnavailable('the decision could not be recorded, so nothing is given', { cause });
}

function unavailable(error: unknown): never {
  throw new LogUnavailable('the decision log could not be read', { cause: error });
}
