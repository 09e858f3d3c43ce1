/** Recorded purges and erasures as they are read again: by the verifier, and by who makes again what was derived. */
import { isObject } from '../../rules/fhir/json.ts';
import type { Chained } from '../../rules/record-types.ts';
import { decompressJson } from './compression.ts';
import type { Item } from './items.ts';
import { isEventKey, keyIn } from './keys.ts';
import { type Erasure, isErasure, isPurge, type Purge } from './records.ts';

export type Removal = (Purge | Erasure) & Chained;

/** Null for an item that is no purge and no erasure, or cannot be read. */
export async function removalIn(item: Item): Promise<Removal | null> {
  if (!isEventKey(keyIn(item)) || !item.record?.B) return null;
  const record: unknown = await decompressJson(item.record.B).catch(() => null);
  if (!isObject(record)) return null;
  return isPurge(record) || isErasure(record) ? record : null;
}

/** Whether records of a day (UTC) were purged, all or in part: what was counted of it cannot be counted again. */
export const isDayPurged = (
  purges: Iterable<Pick<Purge, 'tenant' | 'before'>>,
  tenant: string,
  day: string,
): boolean =>
  Array.from(purges).some((purge) => purge.tenant === tenant && `${day}T00:00:00.000Z` < purge.before);
