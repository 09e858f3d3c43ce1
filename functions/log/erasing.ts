/** Erasure of one patient: the keys are destroyed, the records stay, without anything clinical. */

import type { Json } from '../../rules/fhir/json.ts';
import { itemsAt } from './batch.ts';
import {
  eventKey,
  type Key,
  keyIn,
  keyItem,
  overridesPartition,
  patientAccessPartition,
  patientPartition,
} from './keys.ts';
import { inClear as schemaInClear } from './older-records.ts';
import { type Erasure, isAccess, isDecision } from './records.ts';
import { createRemoval, type RetentionOptions, recordIn, untilForgotten } from './removal.ts';

/** Nothing in the log is about this patient. */
export class NobodyErased extends Error {}

/** What was erased; and ids of decisions of early builds, which hold their data in clear and lose it by a purge only. */
export type Erased = Erasure & { inClear: readonly string[] };

export const wordInClear = (ids: readonly string[]): string =>
  `${ids.length} decision(s) of an early build hold data of this patient in clear and stay until a purge: ${ids.slice(0, 10).join(', ')}`;

/** Places of accesses that one erasure names: more take another record. */
const mostPlaces = 1000;

/** What an erasure takes out of the patients' index. */
interface Indexed {
  key: Key;
  /** Of an access. */
  place: string | null;
}

export function createErasing(options: Required<RetentionOptions>) {
  const { client, table, log, patients, newId, now, wait } = options;
  const { itemsOf, itemsOfIndex, remove, takeOutOfIndex } = createRemoval(options);

  /** Records of a patient in the index, but those that were written since the keys were taken out of use. */
  async function indexedOf(partition: string, isKept: (record: Json) => boolean): Promise<Indexed[]> {
    const keys = (await Array.fromAsync(itemsOfIndex(partition))).map(keyIn);
    const found: Indexed[] = [];
    for await (const item of itemsAt(client, table, keys.map(keyItem), { ConsistentRead: true })) {
      const record = await recordIn(item);
      if (record && isKept(record)) continue;
      const place = record && isAccess(record) ? (record.patientPlace ?? null) : null;
      found.push({ key: keyIn(item), place });
    }
    return found;
  }

  async function recordErasure(erasure: Omit<Erasure, 'schema' | 'at'>): Promise<Erasure> {
    const at = now().toISOString();
    const record: Erasure = { schema: 'epsom.erasure/1', ...erasure, at };
    await log.appendEvent({ record, key: eventKey(erasure.tenant, at, newId()), at, attributes: {} });
    return record;
  }

  /**
   * Erases one patient: destroys the keys, and takes the records out of the patients' index. It first takes the keys
   * out of use and waits until every process has forgotten them: what is decided afterwards is under a new key, and
   * stays.
   * @throws NobodyErased when nothing in the log is about the patient
   */
  return async function erase(tenant: string, patient: string, who: string): Promise<Erased> {
    const hashed = await patients.hashOf(tenant, patient);
    const started = now().toISOString();
    const keys = await patients.retire(tenant, hashed);
    if (keys.length > 0) await wait(untilForgotten);
    const current = new Set(await patients.idsOf(tenant, hashed));
    const inClear: string[] = [];
    const decisions = await indexedOf(patientPartition(tenant, hashed), (record) => {
      if (!isDecision(record)) return false;
      // No key can be destroyed of what has none: it stays findable.
      if (record.schema === schemaInClear) inClear.push(record.decisionId);
      return record.schema === schemaInClear || current.has(record.clinical?.key ?? '');
    });
    const accesses = await indexedOf(
      patientAccessPartition(tenant, hashed),
      (record) => isAccess(record) && record.at > started,
    );
    const overrides = (await Array.fromAsync(itemsOf(overridesPartition(tenant, hashed)))).map(keyIn);
    if (keys.length + decisions.length + accesses.length + overrides.length === 0)
      throw new NobodyErased(
        inClear.length > 0
          ? `nothing was erased: ${wordInClear(inClear)}`
          : 'nothing in the log is about this patient: nothing was erased',
      );

    const places = accesses.flatMap(({ place }) => place ?? []);
    const erasure = await recordErasure({
      tenant,
      client: who,
      keys,
      decisions: decisions.length,
      places: places.slice(0, mostPlaces),
    });
    for (let from = mostPlaces; from < places.length; from += mostPlaces) {
      const more = places.slice(from, from + mostPlaces);
      await recordErasure({ tenant, client: who, keys: [], decisions: 0, places: more });
    }
    for (const id of keys) await patients.destroy(tenant, hashed, id);
    for (const { key } of [...decisions, ...accesses]) await takeOutOfIndex(key);
    for (const key of overrides) await remove(key);
    return { ...erasure, inClear };
  };
}
