/**
 * What follows from records is there: index items, joined feedback, counts, and what a record needs. It is computed again
 * by the code of the projector, one writer's chain after the other, in bounded memory. What is there and follows from
 * nothing: kept.ts.
 */
import { createChains } from '../chains.ts';
import { countablesOf } from '../counting.ts';
import { derivedOf } from '../derived.ts';
import type { Counts, OnFault } from '../faults.ts';
import { keyIn, kindOf, nameOf } from '../keys.ts';
import type { Projectable } from '../records.ts';
import { createJoinsCheck } from './joins.ts';
import { createNeedsCheck } from './needs.ts';
import { labelOfRecord, type Reader } from './reader.ts';
import { createRecount, type Recounted } from './recount.ts';
import type { Removals } from './removals.ts';

/** Records that are looked at together. */
const batchSize = 100;

/** What follows from many records together: which of it there should be, by name. */
export interface Expected {
  calendars: ReadonlySet<string>;
  counts: ReadonlySet<string>;
}

/**
 * @param options.writers all that have a record
 * @param options.oldest time in milliseconds before which every record should be projected
 * @param options.counts is added to
 */
export async function checkDerived(options: {
  reader: Reader;
  writers: Iterable<string>;
  removals: Removals;
  oldest: number;
  counts: Counts;
  onFault: OnFault;
}): Promise<Expected> {
  const { reader, writers, removals, oldest, counts, onFault } = options;
  const chains = createChains({ ...reader, indexMayLead: false });
  const calendars = new Set<string>();
  const joins = createJoinsCheck(reader, calendars, counts, onFault);
  const checkNeeds = createNeedsCheck(reader, removals, onFault);
  const recounted: Recounted[] = [];

  async function checkItems(batch: readonly Projectable[]): Promise<void> {
    const wanted = batch.flatMap((one) =>
      derivedOf(one).map((item) => ({ key: keyIn(item), what: labelOfRecord(one) })),
    );
    const there = await reader.areThere(wanted.map(({ key }) => key));
    for (const { key, what } of wanted) {
      const name = nameOf(key);
      if (kindOf(key) === 'calendar') calendars.add(name);
      else counts.items += 1;
      if (!there.has(name)) onFault('item-missing', what, `\`${name}\` is gone: lists do not find it`);
    }
  }

  function checkWaiting(one: Projectable): void {
    if (Date.parse(one.item.at?.S ?? '') < oldest)
      onFault('not-projected', labelOfRecord(one), 'older than two intervals, and lists do not know it');
    else counts.waiting += 1;
  }

  async function checkWriter(writer: string): Promise<void> {
    const mark = await reader.markOf(writer);
    const recount = createRecount(reader, removals, writer, mark);
    const isProjected = ({ seq }: Projectable): boolean => seq <= mark;
    for await (const { entries } of chains.after(writer, 0, Number.POSITIVE_INFINITY)) {
      for (let from = 0; from < entries.length; from += batchSize) {
        const names = entries.slice(from, from + batchSize).map(({ name }) => name);
        const batch = await reader.records(names, writer);
        for (const one of batch) if (!isProjected(one)) checkWaiting(one);
        await checkNeeds(writer, batch);
        await checkItems(batch.filter(isProjected));
        for (const one of batch)
          await recount.add(countablesOf([one], await joins.check(one, isProjected(one))));
      }
    }
    recounted.push(...recount.compare());
  }

  for (const writer of writers) await checkWriter(writer);
  for (const { key, tenant, day, isRight } of recounted) {
    counts.items += 1;
    if (!isRight && joins.isCountable(tenant, day))
      onFault('item-altered', nameOf(key), 'the counts are not what the records come to');
  }
  return { calendars, counts: new Set(recounted.map(({ key }) => nameOf(key))) };
}
