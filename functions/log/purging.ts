/** Purge: records older than the retention leave the log, with everything that follows from them. */
import { day } from '../../rules/fhir/time.ts';
import { itemsAt } from './batch.ts';
import { derivedOf } from './derived.ts';
import type { Item } from './items.ts';
import {
  answeredKey,
  cardBeside,
  dayOf,
  eventKey,
  feedbackPrefix,
  isInCalendar,
  joinedKey,
  type Key,
  keyIn,
  keyItem,
  kindOf,
  leafKey,
  mayBePurged,
  monthOf,
  nameOf,
  overrideKey,
  patientIn,
  patientPartition,
} from './keys.ts';
import { scanItems } from './paging.ts';
import { isDecision, isFeedback, type Purge } from './records.ts';
import { createRemoval, type RetentionOptions, recordIn, untilForgotten } from './removal.ts';
import type { LogSource } from './source.ts';
import type { StoredHead } from './stored.ts';

/** Six years (HIPAA, 45 CFR 164.316(b)(2)(i)), leap days included. */
export const leastRetentionDays = 6 * 365 + 2;

/** The time before which a retention of so many days lets records go; never less than six years. */
export const limitOfRetention = (retentionDays: number, at: Date): string =>
  new Date(at.getTime() - Math.max(retentionDays, leastRetentionDays) * day).toISOString();

/** @throws Error when a purge of what is older than `before` would remove what must be kept */
function checkRetention(before: string, retentionDays: number, now: Date): void {
  const limit = limitOfRetention(retentionDays, now);
  const days = Math.max(retentionDays, leastRetentionDays);
  if (before > limit) throw new Error(`the retention is ${days} days: nothing after ${limit} may be purged`);
}

/** A key of a patient that a purged record was written with. */
interface UsedKey {
  hashed: string;
  id: string;
}

export function createPurging(options: Required<RetentionOptions>) {
  const { client, table, log, patients, blobs, newId, now, wait } = options;
  const { itemsOf, itemsOfIndex, remove } = createRemoval(options);

  const appendPurge = async (tenant: string, who: string, before: string): Promise<void> => {
    const at = now().toISOString();
    const record: Purge = { schema: 'epsom.purge/1', tenant, client: who, before, at };
    await log.appendEvent({ record, key: eventKey(tenant, at, newId()), at, attributes: {} });
  };

  /** What clinicians overrode on this decision; a later decision's override of the same rule stays. */
  async function removeOverrides({ tenant, user, decisionId, findings }: StoredHead, hashed: string | null) {
    if (hashed === null || user === null) return;
    const keys = findings.map(({ rule }) => overrideKey(tenant, hashed, user, rule));
    for await (const item of itemsAt(client, table, uniqueItems(keys)))
      if (item.decisionId?.S === decisionId) await remove(keyIn(item));
  }

  async function removeOutcomes({ pk }: Key): Promise<void> {
    for await (const item of itemsOf(pk))
      if (kindOf(keyIn(item)) === 'outcome item') await remove(keyIn(item));
  }

  /** The claim of a feedback event, and that its card is answered where no other event says so. */
  async function removeClaims(tenant: string, key: Key): Promise<void> {
    const card = cardBeside(key) ?? '';
    await remove(joinedKey(tenant, card, key.sk));
    const others = (await Array.fromAsync(itemsOf(key.pk))).map(keyIn);
    if (!others.some(({ sk }) => sk !== key.sk && sk.startsWith(feedbackPrefix)))
      await remove(answeredKey(tenant, card));
  }

  /** Removes one record, after everything that follows from it. Calendars are looked at when all are gone. */
  async function removeRecord(tenant: string, item: Item): Promise<UsedKey | null> {
    const key = keyIn(item);
    const record = await recordIn(item);
    for (const derived of record ? derivedOf({ item, record }) : [])
      if (!isInCalendar(tenant, keyIn(derived))) await remove(keyIn(derived));
    const isOfDecision = record !== null && isDecision(record);
    const hashed = patientIn(item.gsi1pk?.S ?? '');
    if (isOfDecision) {
      await removeOverrides(record, hashed);
      await removeOutcomes(key);
    }
    if (record !== null && isFeedback(record)) await removeClaims(tenant, key);
    if (item.blob?.S) await blobs.remove(item.blob.S);
    await remove(leafKey(nameOf(key)));
    await remove(key);
    return isOfDecision && record.clinical && hashed ? { hashed, id: record.clinical.key } : null;
  }

  /** Days and months that lie wholly before a time hold nothing any more. */
  async function removeCalendars(tenant: string, before: string): Promise<void> {
    const scanned = scanItems(client, { TableName: table, ProjectionExpression: 'pk, sk' });
    for await (const item of scanned) {
      const key = keyIn(item);
      const limit = /^\d{4}-\d\d$/.test(key.sk) ? monthOf(before) : dayOf(before);
      if (isInCalendar(tenant, key) && /^\d{4}-\d\d/.test(key.sk) && key.sk < limit) await remove(key);
    }
  }

  const isIndexed = async (partition: string): Promise<boolean> =>
    (await itemsOfIndex(partition, 1).next()).done !== true;

  /** Keys of patients of whom no record is left. A decision that is being written keeps its key. */
  async function removeKeys(tenant: string, used: Iterable<UsedKey>): Promise<void> {
    const unused: UsedKey[] = [];
    for (const one of used) if (!(await isIndexed(patientPartition(tenant, one.hashed)))) unused.push(one);
    if (unused.length === 0) return;
    for (const { hashed } of unused) await patients.retire(tenant, hashed);
    await wait(untilForgotten);
    for (const { hashed, id } of unused)
      if (await isIndexed(patientPartition(tenant, hashed))) await patients.keep(tenant, hashed, id);
      else await patients.destroy(tenant, hashed, id);
  }

  /**
   * Removes what is older than the retention of a tenant: records, what follows from them, their large parts, and keys
   * of patients of whom nothing is left. Counts stay: they name nobody. The purge is recorded first: a verifier that
   * misses a record finds the reason.
   * @throws Error when that would remove what must be kept
   */
  return async function purge(
    source: Pick<LogSource, 'all'>,
    tenant: string,
    before: string,
    who: string,
    retentionDays: number,
  ): Promise<{ removed: number }> {
    checkRetention(before, retentionDays, now());
    await appendPurge(tenant, who, before);
    const used = new Map<string, UsedKey>();
    let removed = 0;
    for await (const item of source.all()) {
      if (!mayBePurged(tenant, keyIn(item)) || (item.at?.S ?? '~') >= before) continue;
      const key = await removeRecord(tenant, item);
      if (key) used.set(`${key.hashed} ${key.id}`, key);
      removed += 1;
    }
    await removeCalendars(tenant, before);
    await removeKeys(tenant, used.values());
    return { removed };
  };
}

const uniqueItems = (keys: readonly Key[]): Item[] => [
  ...new Map(keys.map((key) => [nameOf(key), keyItem(key)])).values(),
];
