/**
 * What recorded purges and erasures took out of the log. One counts only when it is sealed, was allowed on its day, and
 * lies after what it removed.
 */
import type { OnFault } from '../faults.ts';
import { isEventKey, keyOf, tenantIn } from '../keys.ts';
import { limitOfRetention } from '../purging.ts';
import { type Erasure, isErasure, isPurge, type Purge } from '../records.ts';
import { isDayPurged, removalIn } from '../removals.ts';
import type { LogSource } from '../source.ts';
import type { ManifestEntry } from '../tree.ts';
import { checkItem } from './item.ts';
import type { SealedPlaces } from './places.ts';

export interface Removals {
  /** Whether a purge removed a record. @param leaf of the record */
  isPurged(entry: Pick<ManifestEntry, 'name' | 'at'>, leaf: number): boolean;
  /** Whether an erasure destroyed a key. @param leaf of a record under it; a young record has none */
  isErased(tenant: string, key: string, leaf?: number): boolean;
  /** Whether an erasure took an access out of the patients' index. */
  isTakenOut(tenant: string, place: string, leaf?: number): boolean;
  /** Whether a day lost records, so that its counts cannot be made again. */
  isDayPurged(tenant: string, day: string): boolean;
}

type Placed<R> = R & { leaf: number };

/** Manifest entries of erasures and purges that a seal covers, by their names. */
async function sealedEvents(
  source: Pick<LogSource, 'manifest'>,
  size: number,
): Promise<Map<string, { leaf: number; hash: string }>> {
  const events = new Map<string, { leaf: number; hash: string }>();
  let leaf = 0;
  for await (const { name, hash } of source.manifest()) {
    if (leaf >= size) break;
    if (isEventKey(keyOf(name))) events.set(name, { leaf, hash });
    leaf += 1;
  }
  return events;
}

export async function readRemovals(
  source: Pick<LogSource, 'manifest' | 'records' | 'blobs'>,
  { last, sealOf }: Pick<SealedPlaces, 'last' | 'sealOf'>,
  onFault: OnFault,
): Promise<Removals> {
  const events = await sealedEvents(source, last?.size ?? 0);
  /** Under the same seal or a later one: what one seal adds is in no order. */
  const isAfter = (removal: { leaf: number }, leaf: number): boolean => sealOf(leaf) <= sealOf(removal.leaf);
  const purges: Placed<Purge>[] = [];
  const erasures: Placed<Erasure>[] = [];
  for (const [name, item] of await source.records([...events.keys()])) {
    const { leaf = 0, hash } = events.get(name) ?? {};
    const removal = await removalIn(item);
    const { problems } = await checkItem(item, source.blobs);
    // What is wrong with it is named where all records are looked at.
    if (!removal || removal.hash !== hash || problems.length > 0) continue;
    if (isErasure(removal)) erasures.push({ ...removal, leaf });
    else if (isPurge(removal) && removal.before <= limitOfRetention(0, new Date(removal.at)))
      purges.push({ ...removal, leaf });
    else onFault('purge-refused', name, `it would remove what must be kept: from before ${removal.at}`);
  }

  return {
    isPurged: ({ name, at }, leaf) =>
      purges.some((purge) => purge.tenant === tenantIn(name) && at < purge.before && isAfter(purge, leaf)),
    isErased: (tenant, key, leaf = 0) =>
      erasures.some((one) => one.tenant === tenant && isAfter(one, leaf) && one.keys.includes(key)),
    isTakenOut: (tenant, place, leaf = 0) =>
      erasures.some(
        (one) => one.tenant === tenant && isAfter(one, leaf) && one.places?.includes(place) === true,
      ),
    isDayPurged: (tenant, day) => isDayPurged(purges, tenant, day),
  };
}
