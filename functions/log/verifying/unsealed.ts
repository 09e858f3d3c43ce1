/** What is there without a seal: too young for one, or too old, or put in afterwards; and whether its chains are whole. */
import type { Counts, OnFault } from '../faults.ts';
import type { Item } from '../items.ts';
import { keyIn, nameOf, tenantIn } from '../keys.ts';
import type { LogSource } from '../source.ts';
import { checkItem } from './item.ts';
import { type ChainEnd, type CheckedLeaves, labelOf, mayBeGone } from './leaves.ts';
import type { Removals } from './removals.ts';

/** A record that follows what is sealed of its writer. */
export interface OpenRecord extends ChainEnd {
  prevHash: string | null;
  what: string;
}

/** @param from where the sealed records of the writer end; undefined where there are none */
export function checkOpenChain(
  writer: string,
  from: ChainEnd | undefined,
  records: readonly OpenRecord[],
  onFault: OnFault,
): void {
  let end = from ?? { seq: 0, hash: '' };
  for (const { seq, hash, prevHash, what } of records.toSorted((a, b) => a.seq - b.seq)) {
    if (seq !== end.seq + 1)
      onFault(
        'record-missing',
        what,
        `writer ${writer} goes from ${end.seq} to ${seq}: what lay between is gone`,
      );
    else if ((prevHash ?? '') !== end.hash)
      onFault('chain-broken', what, `it does not name the record before it of writer ${writer}`);
    end = { seq, hash };
  }
}

/**
 * @param limits.oldest time in milliseconds before which every record should be sealed
 * @param limits.latest the time now, as far as clocks agree
 * @param counts is added to
 * @returns where each writer's chain ends, sealed or not
 */
export async function checkUnsealed(
  source: Pick<LogSource, 'all' | 'blobs'>,
  { sealed, chains }: Pick<CheckedLeaves, 'sealed' | 'chains'>,
  { removals, oldest, latest }: { removals: Removals; oldest: number; latest: number },
  counts: Counts,
  onFault: OnFault,
): Promise<Map<string, ChainEnd>> {
  const open = new Map<string, OpenRecord[]>();
  const ends = new Map(chains);

  async function check(item: Item, name: string): Promise<void> {
    const what = labelOf(name);
    counts.records += 1;
    const gone = mayBeGone(removals, tenantIn(name), false);
    const { problems, record, isErasedInPart } = await checkItem(item, source.blobs, gone);
    if (isErasedInPart)
      onFault('erasure-unfinished', what, 'an erasure names it, and it is in the index: erase again');
    for (const problem of problems) onFault('record-altered', what, problem);
    const writer = String(record?.writer ?? '');
    const seq = Number(record?.seq ?? 0);
    if (seq <= (chains.get(writer)?.seq ?? 0)) {
      onFault('record-extra', what, `not sealed, though its writer's records up to ${seq} are`);
      return;
    }
    const prevHash = record?.prevHash ? String(record.prevHash) : null;
    const records = open.get(writer) ?? [];
    records.push({ seq, hash: String(record?.hash), prevHash, what });
    open.set(writer, records);
    const time = Date.parse(item.at?.S ?? '');
    if (time > latest) onFault('record-time', what, `${item.at?.S} has not come yet`);
    if (time < oldest)
      onFault('record-unsealed', what, 'older than two intervals of the sealer, and not sealed');
    else counts.unsealed += 1;
  }

  for await (const item of source.all()) {
    const name = nameOf(keyIn(item));
    if (!sealed.has(name)) await check(item, name);
  }
  for (const [writer, records] of open) {
    checkOpenChain(writer, chains.get(writer), records, onFault);
    const [last] = records.toSorted((a, b) => b.seq - a.seq);
    if (last) ends.set(writer, { seq: last.seq, hash: last.hash });
  }
  return ends;
}
