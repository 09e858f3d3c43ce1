/**
 * The decision log: every answer is a record in DynamoDB before it leaves, or it does not leave. What happens to
 * one record, in order: log/stored.ts splits it, log/patients.ts encrypts, log/writers.ts chains and puts it (or
 * spills it). After the answer log/projector.ts makes it findable and counts it, and log/sealer.ts seals it.
 *
 * The condition of the put is the whole of idempotency: a decision's key is derived from the request, so a second
 * put of the same request fails, and the stored answer is returned.
 */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Ruleset } from '../../rules/evaluation/ruleset.ts';
import type { DecisionRecord } from '../../rules/record-types.ts';
import { type AccessFilter, createAccesses, type ListedAccess } from './accesses.ts';
import { writeItems } from './batch.ts';
import type { Blobs } from './blobs.ts';
import { createChains } from './chains.ts';
import { countsOfDay } from './counting.ts';
import { type Counts, noCounts } from './counts.ts';
import { createFeedbackLog } from './feedback.ts';
import { listItem } from './index-items.ts';
import { type Item, S } from './items.ts';
import {
  accessKey,
  accessPlace,
  clientPartition,
  dayOf,
  decisionKey,
  patientAccessPartition,
  patientPartition,
  placeOf,
  shardOf,
} from './keys.ts';
import { findOverrides, type OverrideItem } from './overrides.ts';
import { patientPlaceOf } from './patient-place.ts';
import type { PatientKey, PatientKeys } from './patients.ts';
import { createProjector } from './projector.ts';
import { createQueries, type Page } from './queries.ts';
import type { Access, Feedback, StoredFeedback } from './records.ts';
import { isRulesetStored, rulesetItem } from './rulesets.ts';
import { createSeals } from './sealing/seals.ts';
import type { Spill } from './spill.ts';
import { clinicalAttributes, isLarge, type StoredDecision, splitForStorage } from './stored.ts';
import { createStoredDecisions } from './stored-decisions.ts';
import { LogUnavailable, notRead, notRecorded } from './unavailable.ts';
import { createWriters, type RecordDraft } from './writers.ts';

export type { Feedback, ListedAccess, StoredDecision, StoredFeedback };
export { LogUnavailable };

export type DecisionLog = ReturnType<typeof createDecisionLog>;

/**
 * A decision as it is appended: what is clinical in it encrypted, and its places in the indexes.
 * @param hashed keyed hash of the patient
 * @param patientKey null for a refusal, which holds nothing clinical
 */
async function draftOf(record: DecisionRecord, hashed: string, patientKey: PatientKey | null) {
  const { tenant, client, decisionId, decidedAt } = record;
  const place = placeOf(record);
  const indexed = record.patient === null ? null : patientPlaceOf(patientPartition(tenant, hashed), place);
  const { head, ciphertext } = await splitForStorage(record, patientKey, indexed?.hash ?? null);
  const attributes: Item = {
    ...listItem(head),
    ...clinicalAttributes(ciphertext, head.clinical),
    gsi2pk: S(clientPartition(tenant, client, dayOf(decidedAt), shardOf(decisionId))),
    gsi2sk: S(place),
    ...indexed?.attributes,
  };
  return {
    record: head,
    key: decisionKey(tenant, decisionId),
    at: decidedAt,
    attributes,
    ...(ciphertext && head.clinical && isLarge(ciphertext)
      ? { blob: { digest: head.clinical.digest, content: ciphertext } }
      : {}),
  } satisfies RecordDraft<typeof head>;
}

/**
 * @example
 * const log = createDecisionLog({ client, table, patients, spill, blobs, writers: 1, now: () => new Date() });
 * const { record, repeated } = await log.append(recordOf(decision, request, durations));
 * const { ids } = await log.list(record.tenant, { patient: 'p1' }, 20, null);
 */
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
  /** See chains.ts. Default: false */
  indexMayLead?: boolean;
  /**
   * Whether this process makes what follows from its records; false where another function does (functions/sealer.ts).
   * Default: true
   */
  projects?: boolean;
  /** Told of what could not be projected. */
  report?(event: string, detail: Record<string, string | number>): void;
}) {
  const { client, table, patients, blobs, indexMayLead = false, now, report = () => undefined } = options;
  const chains = createChains({ client, table, indexMayLead });
  const { sealedUpTo } = createSeals({ client, table });
  const projector = createProjector({ client, table, chains, sealedUpTo, now, report });
  const projects = options.projects ?? true;
  const { caughtUp } = projector;
  const writers = createWriters({
    budget: 1500,
    ...options,
    count: options.writers,
    ...(projects ? { projector } : {}),
  });
  const decisions = createStoredDecisions({ client, table, patients, blobs });
  const feedback = createFeedbackLog({ client, table, writers, decisions, caughtUp });
  const accesses = createAccesses({ client, table });
  const query = createQueries({ client, table, hashOf: patients.hashOf });
  const { find, findAll, findEach } = decisions;

  let isRulesetKept = false;
  /** The rules themselves, once a process, unless they are there. */
  async function unstoredRules(digest: string): Promise<Item[]> {
    const { ruleset } = options;
    if (isRulesetKept || !ruleset || ruleset.digest !== digest) return [];
    const isThere = await isRulesetStored({ client, table }, digest).catch(() => false);
    isRulesetKept = true;
    return isThere ? [] : [await rulesetItem(ruleset)];
  }

  return {
    /**
     * Stores the ruleset and announces the writers ahead of the first records, which do it where this could not.
     * For a process that starts before it is asked.
     */
    async prepare(): Promise<void> {
      const { ruleset } = options;
      const rules = ruleset ? await unstoredRules(ruleset.digest) : [];
      await writeItems(client, table, rules).catch(() => {
        isRulesetKept = false;
      });
      await writers.announce().catch(() => undefined);
    },

    /**
     * Stores a decision, or finds the one stored for the same request before.
     * @throws LogUnavailable when it could not be stored: then nothing may be answered
     */
    async append(
      record: DecisionRecord,
      signal?: AbortSignal,
    ): Promise<{ record: StoredDecision; repeated: boolean }> {
      const { tenant, decisionId } = record;
      // Without its key a record can be neither encrypted nor found: as good as a log that is down.
      const hashed = await patients.hashOf(tenant, record.patient).catch(notRecorded);
      const patientKey =
        record.chart === null ? null : await patients.forWriting(tenant, hashed).catch(notRecorded);
      const draft = await draftOf(record, hashed, patientKey);
      const before = [
        ...(patientKey?.unstored ? [patientKey.unstored] : []),
        ...(await unstoredRules(record.ruleset.digest)),
      ];
      const chained = await writers.append({ ...draft, before }, signal);
      if (chained) return { record: { ...record, ...chained }, repeated: false };
      const kept = await writers.heldAt(draft.key);
      if (kept) return { record: { ...record, ...draft.record, ...kept }, repeated: true };
      const first = await find(tenant, decisionId);
      if (!first) throw new LogUnavailable('the stored decision could not be read');
      return { record: first, repeated: true };
    },

    find,
    findAll,
    findEach,

    async belongsTo(...asked: Parameters<typeof decisions.belongsTo>): Promise<boolean> {
      await caughtUp();
      return decisions.belongsTo(...asked);
    },

    async relatedTo(...asked: Parameters<typeof decisions.relatedTo>): Promise<string[]> {
      await caughtUp();
      return decisions.relatedTo(...asked);
    },

    /** Ids of decisions, newest first. */
    async list(...asked: Parameters<typeof query>): Promise<Page> {
      await caughtUp();
      return query(...asked).catch(notRead);
    },

    addFeedback: feedback.add,
    feedbackOf: feedback.of,

    /**
     * Records that somebody looked.
     * @param patient whom it was about; null when it was about nobody in particular
     * @throws LogUnavailable
     */
    async addAccess(access: Access, patient: string | null, nonce: string): Promise<void> {
      const { tenant, at } = access;
      const hashed = patient === null ? null : await patients.hashOf(tenant, patient);
      const indexed = hashed === null ? null : patientPlaceOf(patientAccessPartition(tenant, hashed), at);
      await writers.append({
        record: { ...access, ...(indexed ? { patientPlace: indexed.hash } : {}) },
        key: accessKey(tenant, accessPlace(at, nonce)),
        at,
        attributes: indexed?.attributes ?? {},
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
      await caughtUp();
      return accesses.list(tenant, { ...filter, ...hashed }, limit, after).catch(notRead);
    },

    findAccess: (tenant: string, place: string): Promise<ListedAccess | null> =>
      accesses.find(tenant, place).catch(notRead),

    /** What a clinician overrode for a patient, the latest of each rule. */
    async overridesOf(tenant: string, patient: string, user: string): Promise<OverrideItem[]> {
      const hashed = await patients.hashOf(tenant, patient);
      await caughtUp();
      return findOverrides({ client, table }, tenant, hashed, user).catch(notRead);
    },

    /** What was counted on the days (UTC) `from` to `to`, both included, by day. @throws LogUnavailable */
    async countsOf(tenant: string, days: readonly string[]): Promise<Map<string, Counts>> {
      await caughtUp();
      const counts = await Promise.all(
        days.map((date) => countsOfDay({ client, table }, tenant, date)),
      ).catch(notRead);
      return new Map(days.map((date, index) => [date, counts[index] ?? noCounts()]));
    },

    /**
     * Up to when lists and counts are complete, RFC 3339: what was answered since is not in them for certain. Null where
     * nothing was projected yet. @throws LogUnavailable
     */
    async completeUpTo(): Promise<string | null> {
      await caughtUp();
      const isHere = projects && projector.state().behind === 0;
      return isHere ? now().toISOString() : projector.allProjected().catch(notRead);
    },

    projector,

    /** Keyed hash of a patient id, as in the index. */
    hashOf: patients.hashOf,
    /** Records that wait for DynamoDB to come back. */
    waiting: writers.waiting,
    /** What can never be stored or projected, and was put aside; and writers of which something is not projected. */
    faults: () => ({ spilled: writers.aside(), ...projector.state() }),
    /** Puts them into the table. */
    drain: writers.drain,
    insert: writers.insert,
    /** Appends a record of another kind: a purge, an erasure. */
    appendEvent: writers.append,
  };
}
