/** Records in the order of their leaves: each is there as it was sealed, and each seal covers what it says. */
import type { Counts, OnFault } from '../faults.ts';
import type { Item } from '../items.ts';
import { decisionIdIn } from '../keys.ts';
import type { Seal } from '../seal.ts';
import type { LogSource } from '../source.ts';
import { hexOf, leafOf, type ManifestEntry } from '../tree.ts';
import { createFrontier } from './frontier.ts';
import { checkItem } from './item.ts';
import type { IsPurged } from './purges.ts';

/** The last record of a writer that was looked at. */
export interface ChainEnd {
  seq: number;
  hash: string;
}

export interface CheckedLeaves {
  /** Names of the records that a seal covers. */
  sealed: ReadonlySet<string>;
  /** Where each writer's sealed records end. */
  chains: ReadonlyMap<string, ChainEnd>;
}

/** Items asked for at once. */
const batchSize = 100;

/** A decision is called by its id, anything else by its keys. */
export const labelOf = (name: string): string => decisionIdIn(name) ?? name;

/** Seals whose leaves are all there, one after the other: root and writers' ends must be those of the leaves. */
function createSealCloser(seals: readonly Seal[], chains: ReadonlyMap<string, ChainEnd>, onFault: OnFault) {
  const pending = [...seals];

  function checkWriters({ n, writerHeads }: Seal): void {
    for (const [writer, { seq, hash }] of Object.entries(writerHeads)) {
      const end = chains.get(writer);
      if (end?.seq !== seq || end.hash !== hash)
        onFault('seal-heads', `seal ${n}`, `the chain of writer ${writer} does not end where it says`);
    }
  }

  return {
    pending,
    closeAt(size: number, root: () => Uint8Array): void {
      for (let [seal] = pending; seal?.size === size; [seal] = pending) {
        pending.shift();
        if (hexOf(root()) !== seal.root)
          onFault('seal-root', `seal ${seal.n}`, 'the records it covers do not have its root');
        checkWriters(seal);
      }
    },
  };
}

/** @param counts is added to */
export async function checkLeaves(
  source: Pick<LogSource, 'manifest' | 'records' | 'blobs'>,
  seals: readonly Seal[],
  isPurged: IsPurged,
  counts: Counts,
  onFault: OnFault,
): Promise<CheckedLeaves> {
  const tree = createFrontier();
  const chains = new Map<string, ChainEnd>();
  const sealed = new Set<string>();
  const closer = createSealCloser(seals, chains, onFault);

  async function checkThere(entry: ManifestEntry, item: Item, before: ChainEnd | undefined): Promise<void> {
    const { name, writer } = entry;
    counts.records += 1;
    const { problems, record, clinical } = await checkItem(item, source.blobs, isPurged(entry));
    if (record && record.hash !== entry.hash) problems.push('it is not the record that was sealed');
    if (record && (record.prevHash ?? null) !== (before?.hash ?? null))
      onFault('chain-broken', labelOf(name), `it does not name the record before it of writer ${writer}`);
    for (const problem of problems) onFault('record-altered', labelOf(name), problem);
    if (problems.length === 0) counts.verified += 1;
    if (!clinical) counts.withoutClinical += 1;
  }

  async function checkEntry(entry: ManifestEntry, item: Item | undefined): Promise<void> {
    const { name, writer, seq, hash } = entry;
    tree.add(leafOf(entry));
    sealed.add(name);
    const before = chains.get(writer);
    if (seq !== (before?.seq ?? 0) + 1)
      onFault('chain-broken', labelOf(name), `writer ${writer} goes from ${before?.seq ?? 0} to ${seq}`);
    if (item) await checkThere(entry, item, before);
    else if (isPurged(entry)) counts.purged += 1;
    else onFault('record-missing', labelOf(name), `sealed as ${seq} of writer ${writer}, and not there`);
    chains.set(writer, { seq, hash });
    closer.closeAt(tree.size(), tree.root);
  }

  async function checkEntries(entries: readonly ManifestEntry[]): Promise<void> {
    const items = await source.records(entries.map(({ name }) => name));
    for (const entry of entries) await checkEntry(entry, items.get(entry.name));
  }

  closer.closeAt(0, tree.root);
  const size = seals.at(-1)?.size ?? 0;
  let batch: ManifestEntry[] = [];
  for await (const entry of source.manifest()) {
    // Beyond the last seal a manifest says nothing: it was not signed.
    if (tree.size() + batch.length >= size) break;
    batch.push(entry);
    if (batch.length < batchSize) continue;
    await checkEntries(batch);
    batch = [];
  }
  await checkEntries(batch);
  for (const seal of closer.pending)
    onFault(
      'seal-root',
      `seal ${seal.n}`,
      `it covers ${seal.size} records, the manifest ends at ${tree.size()}`,
    );
  return { sealed, chains };
}
