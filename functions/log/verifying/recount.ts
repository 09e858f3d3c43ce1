/** Counts of one writer, made again from its records and what they joined. */
import { canonicalJson } from '../../../rules/digest/digest.ts';
import { type Countable, type Kept, keptIn } from '../counting.ts';
import { noCounts } from '../counts.ts';
import type { Item } from '../items.ts';
import { countsKey, type Key, nameOf } from '../keys.ts';
import { differencesOf } from './item.ts';
import type { Reader } from './reader.ts';
import type { Removals } from './removals.ts';

/** Counts of a day as they are stored, and as they come to. */
interface Recount {
  key: Key;
  tenant: string;
  day: string;
  item: Item | undefined;
  stored: Kept | null;
  again: Kept;
}

/** Counts that are not what the records come to, or all that were compared. */
export type Recounted = Pick<Recount, 'key' | 'tenant' | 'day'> & { isRight: boolean };

/** @param mark number of the last record of the writer that is projected */
export function createRecount(
  { itemAt }: Pick<Reader, 'itemAt'>,
  removals: Pick<Removals, 'isDayPurged'>,
  writer: string,
  mark: number,
) {
  const days = new Map<string, Recount>();

  async function recountOf({ tenant, day }: Countable): Promise<Recount> {
    const key = countsKey(tenant, day, writer);
    const known = days.get(nameOf(key));
    if (known) return known;
    const item = await itemAt(key);
    const stored = await keptIn(item).catch(() => null);
    const recount: Recount = { key, tenant, day, item, stored, again: { upTo: 0, counts: noCounts() } };
    days.set(nameOf(key), recount);
    return recount;
  }

  /** The item holds nothing but what is counted. */
  const isRight = ({ item = {}, stored, again }: Recount): boolean =>
    canonicalJson(stored) === canonicalJson(again) &&
    differencesOf(item, {}).every((name) => ['pk', 'sk', 'upTo', 'counts'].includes(name));

  return {
    async add(countables: readonly Countable[]): Promise<void> {
      for (const countable of countables) {
        // Its records are gone, its counts stay.
        if (removals.isDayPurged(countable.tenant, countable.day)) continue;
        const { stored, again } = await recountOf(countable);
        // Counts may be a batch ahead of the mark, where a projector was stopped.
        if (countable.seq > Math.max(mark, stored?.upTo ?? 0)) continue;
        countable.count(again.counts);
        again.upTo = Math.max(again.upTo, countable.seq);
      }
    },
    compare: (): Recounted[] =>
      [...days.values()]
        .filter(({ again }) => again.upTo > 0)
        .map((one) => ({ key: one.key, tenant: one.tenant, day: one.day, isRight: isRight(one) })),
  };
}
