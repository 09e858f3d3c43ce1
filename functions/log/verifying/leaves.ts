/** Records in the order of their leaves: each is there as it was sealed, and each seal covers what it says. */
import type { Hash } from '../../../rules/digest/merkle.ts';
import { day } from '../../../rules/fhir/time.ts';
import type { Counts, OnFault } from '../faults.ts';
import type { Item } from '../items.ts';
import { decisionIdIn, tenantIn } from '../keys.ts';
import { isDecision } from '../records.ts';
import type { Seal } from '../seal.ts';
import type { LogSource } from '../source.ts';
import { hexOf, leafOf, type ManifestEntry, rootOfTile, tileWidth } from '../tree.ts';
import { createFrontier } from './frontier.ts';
import { checkItem, type MayBeGone } from './item.ts';
import type { Removals } from './removals.ts';

/** The last record of a writer that was looked at. */
export interface ChainEnd {
  seq: number;
  hash: string;
}

export interface CheckedLeaves {
  /** Records that a seal covers, by their names: the place of the leaf. */
  sealed: ReadonlyMap<string, number>;
  /** Whether the record of a leaf is there. */
  isThere(leaf: number): boolean;
  /** Where each writer's sealed records end. */
  chains: ReadonlyMap<string, ChainEnd>;
  /** Nodes of the tree as the tiles of level 1, 2 and so on should have them, in hex. */
  tiles: readonly (readonly string[])[];
}

/** Items asked for at once. */
const batchSize = 100;

/** A decision is called by its id, anything else by its keys. */
export const labelOf = (name: string): string => decisionIdIn(name) ?? name;

/** Milliseconds by which a record that was purged may be older than its seal: whether it waited cannot be seen. */
const purgedSlack = 7 * day;

/** Seals whose leaves are all there, one after the other: root and writers' ends must be those of the leaves. */
function createSealCloser(seals: readonly Seal[], chains: ReadonlyMap<string, ChainEnd>, onFault: OnFault) {
  const pending = [...seals];
  let last: Seal | null = null;

  function checkWriters({ n, writerHeads }: Seal): void {
    for (const [writer, { seq, hash }] of Object.entries(writerHeads)) {
      const end = chains.get(writer);
      if (end?.seq !== seq || end.hash !== hash)
        onFault('seal-heads', `seal ${n}`, `the chain of writer ${writer} does not end where it says`);
    }
  }

  return {
    pending,
    /** The seal that covers the next leaf, and the one before it. */
    around: (): { seal: Seal | null; before: Seal | null } => ({ seal: pending[0] ?? null, before: last }),
    closeAt(size: number, root: () => Uint8Array): void {
      for (let [seal] = pending; seal?.size === size; [seal] = pending) {
        pending.shift();
        last = seal;
        if (hexOf(root()) !== seal.root)
          onFault('seal-root', `seal ${seal.n}`, 'the records it covers do not have its root');
        checkWriters(seal);
      }
    },
  };
}

/**
 * @param options.slack milliseconds between the making of a record and the seal that can cover it, clocks included
 * @param counts is added to
 */
export async function checkLeaves(
  source: Pick<LogSource, 'manifest' | 'records' | 'blobs'>,
  seals: readonly Seal[],
  { removals, slack }: { removals: Removals; slack: number },
  counts: Counts,
  onFault: OnFault,
): Promise<CheckedLeaves> {
  const tree = createFrontier();
  const upper = createUpperTiles();
  const chains = new Map<string, ChainEnd>();
  const sealed = new Map<string, number>();
  const gone = new Set<number>();
  const closer = createSealCloser(seals, chains, onFault);

  /** A record is made before the seal that covers it, and after the seal before, unless it waited. */
  function checkTime({ name, at, writer }: ManifestEntry, item: Item | undefined): void {
    const { seal, before } = closer.around();
    if (!seal) return;
    const [time, from, to] = [at, seal.interval.from ?? '', seal.interval.to].map((text) => Date.parse(text));
    const waited = item?.spilledAt !== undefined || before?.waiting.includes(writer) === true;
    if (item?.spilledAt) counts.spilled += 1;
    const early = item ? slack : purgedSlack;
    if (time === undefined || to === undefined || Number.isNaN(time) || time > to + slack)
      onFault('record-time', labelOf(name), `${at} is after seal ${seal.n}, which covers it`);
    else if (from !== undefined && time < from - early && !waited)
      onFault('record-time', labelOf(name), `${at} is before seal ${seal.n}, which is the first to cover it`);
  }

  async function checkThere(
    entry: ManifestEntry,
    leaf: number,
    item: Item,
    before: ChainEnd | undefined,
  ): Promise<void> {
    const { name, writer } = entry;
    counts.records += 1;
    const isPurged = removals.isPurged(entry, leaf);
    const removed = mayBeGone(removals, tenantIn(name), isPurged, leaf);
    const { problems, record, clinical, isErasedInPart } = await checkItem(item, source.blobs, removed);
    if (record && record.hash !== entry.hash) problems.push('it is not the record that was sealed');
    if (record && (record.prevHash ?? null) !== (before?.hash ?? null))
      onFault('chain-broken', labelOf(name), `it does not name the record before it of writer ${writer}`);
    if (item.at?.S !== entry.at || Object.keys(entry).length !== 5)
      onFault('tile-altered', labelOf(name), 'the list of leaves says something else of it');
    if (isPurged)
      onFault('purge-unfinished', labelOf(name), 'a purge names it, and it is there: purge again');
    if (isErasedInPart)
      onFault(
        'erasure-unfinished',
        labelOf(name),
        'an erasure names it, and it is in the index: erase again',
      );
    for (const problem of problems) onFault('record-altered', labelOf(name), problem);
    if (problems.length === 0) counts.verified += 1;
    if (!clinical) counts.withoutClinical += 1;
    if (record && isDecision(record) && record.clinical && removed.isErased(record.clinical.key))
      counts.erased += 1;
  }

  /** The list of leaves of version 0.1.0 has no times: that of the record, or of the seal. */
  const withTime = (entry: ManifestEntry, item: Item | undefined): ManifestEntry =>
    entry.at ? entry : { ...entry, at: item?.at?.S ?? closer.around().seal?.interval.to ?? '' };

  async function checkEntry(given: ManifestEntry, item: Item | undefined): Promise<void> {
    const entry = withTime(given, item);
    const { name, writer, seq, hash } = entry;
    const leaf = tree.size();
    checkTime(entry, item);
    const leafHash = leafOf(entry);
    tree.add(leafHash);
    upper.add(leafHash);
    if (sealed.has(name)) onFault('tile-altered', labelOf(name), 'the list of leaves has it twice');
    sealed.set(name, leaf);
    const before = chains.get(writer);
    if (seq !== (before?.seq ?? 0) + 1)
      onFault(
        'chain-broken',
        labelOf(name),
        `writer ${writer} goes from ${before?.seq ?? 0} to ${seq}: what lay between is gone`,
      );
    if (!item) gone.add(leaf);
    if (item) await checkThere(entry, leaf, item, before);
    else if (removals.isPurged(entry, leaf)) counts.purged += 1;
    else
      onFault(
        'record-missing',
        labelOf(name),
        `sealed as ${seq} of writer ${writer}, and not there; a purge explains it once it is sealed itself`,
      );
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
  return { sealed, isThere: (leaf) => !gone.has(leaf), chains, tiles: upper.levels };
}

/** What recorded removals may have taken from a record of a tenant. */
export const mayBeGone = (
  removals: Removals,
  tenant: string,
  clinical: boolean,
  leaf?: number,
): MayBeGone => ({
  clinical,
  isErased: (key) => removals.isErased(tenant, key, leaf),
  isTakenOut: (place) => removals.isTakenOut(tenant, place, leaf),
});

/** The tiles above level 0: the root of each full tile is a node of the tile above (tree.ts). */
function createUpperTiles() {
  const open: Hash[][] = [];
  const levels: string[][] = [];
  return {
    /** Nodes of level 1, 2 and so on, in hex. */
    levels,
    add(leaf: Hash): void {
      let node = leaf;
      for (let level = 0; ; level += 1) {
        const nodes = open[level] ?? [];
        open[level] = nodes;
        nodes.push(node);
        if (nodes.length < tileWidth) return;
        node = rootOfTile(nodes);
        open[level] = [];
        const above = levels[level] ?? [];
        levels[level] = above;
        above.push(hexOf(node));
      }
    },
  };
}
