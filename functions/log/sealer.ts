/**
 * The sealer: every interval it adds the new records to the log's Merkle tree and signs the root. Where nothing is new
 * it leaves a heartbeat, and the next seal's interval covers the empty ones. Two sealers cannot fork the log: a seal's
 * number is put on condition that it is free.
 *
 * The life of a leaf: looks.ts says which writers to read, sealing/unsealed.ts finds the record in its writer's chain,
 * sealing/tiles.ts adds it to the tree, seal.ts signs the root, sealing/seals.ts keeps the seal and notes where the leaf is, prove.ts proves it.
 */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { canonicalJson } from '../../rules/digest/digest.ts';
import { emptyRoot } from '../../rules/digest/merkle.ts';
import { writeItems } from './batch.ts';
import { createChains } from './chains.ts';
import { heartbeatKey } from './keys.ts';
import { createLooks, type Looked } from './looks.ts';
import { createProver } from './prove.ts';
import { type Seal, type SealBody, signSeal } from './seal.ts';
import { createClaim, lease } from './sealing/claim.ts';
import { createSeals, notesOf } from './sealing/seals.ts';
import { createTiles, readTileFrom, type Tiles } from './sealing/tiles.ts';
import { unsealedOf } from './sealing/unsealed.ts';
import type { Signer } from './signer.ts';
import { hexOf, rangeHash } from './tree.ts';

export type Sealer = ReturnType<typeof createSealer>;

/** Writers whose chains are read side by side. */
const width = 32;
/** Records that one seal takes, or a little more: what is more waits for the next. */
const mostOfSeal = 100_000;

/** Who waits is remembered in the seal. */
const isNothingNew = ({ size, waiting }: SealBody, previous: Seal | null): boolean =>
  size === (previous?.size ?? 0) && canonicalJson(waiting) === canonicalJson(previous?.waiting ?? []);

/**
 * @example
 * const sealer = createSealer({ client, table, signer, publish: async () => undefined, now: () => new Date() });
 * const seal = await sealer.seal();
 *
 * @param options.publish keeps a copy outside the table's reach: a file here, a bucket with Object Lock on AWS
 * @param options.indexMayLead see chains.ts. Default: false
 */
export function createSealer(options: {
  client: DynamoDBClient;
  table: string;
  signer: Signer;
  publish(seal: Seal): Promise<void>;
  indexMayLead?: boolean;
  /** See sealing/claim.ts. Default: false */
  alone?: boolean;
  /** Told when another sealer is waited for. */
  report?(event: string, detail: Record<string, string | number>): void;
  now(): Date;
}) {
  const { client, table, signer, publish, now, indexMayLead = false, report = () => undefined } = options;
  const seals = createSeals({ client, table });
  const claim = createClaim({ client, table, alone: options.alone ?? false, now });
  const chains = createChains({ client, table, indexMayLead });
  const looks = createLooks({ client, table, chains, key: heartbeatKey });
  const prover = createProver({ client, table });
  /** The last seal whose notes this sealer has written. */
  let finished = 0;

  /** What follows a seal and can be done again. */
  async function finish(seal: Seal, from: number, tiles: Tiles): Promise<void> {
    await writeItems(client, table, await notesOf(seal, from, tiles.manifest));
    finished = seal.n;
  }

  /** Another sealer may have died between a seal and its notes. */
  async function finishPrevious(previous: Seal, tiles: Tiles): Promise<void> {
    if (finished === previous.n) return;
    const before = previous.n > 1 ? await seals.at(previous.n - 1) : null;
    await finish(previous, before?.size ?? 0, tiles);
  }

  async function unsealedOfAll(writers: readonly string[]) {
    const upTo = await seals.sealedUpToOf(writers);
    return Promise.all(
      writers.map(async (writer) => ({
        writer,
        ...(await unsealedOf(chains, writer, upTo.get(writer) ?? 0)),
      })),
    );
  }

  /** Adds every record of these writers that is new to the tree. */
  async function addUnsealed(
    from: number,
    writers: readonly string[],
    tiles: Tiles,
  ): Promise<Pick<SealBody, 'size' | 'writerHeads' | 'waiting'>> {
    const writerHeads: SealBody['writerHeads'] = {};
    const waiting: string[] = [];
    let size = from;
    for (let next = 0; next < writers.length; next += width) {
      const together = writers.slice(next, next + width);
      if (size - from >= mostOfSeal) {
        waiting.push(...together);
        continue;
      }
      for (const { writer, entries, gap } of await unsealedOfAll(together)) {
        if (gap) waiting.push(writer);
        for (const entry of entries) {
          await tiles.add(size, entry);
          size += 1;
        }
        const last = entries.at(-1);
        if (last) writerHeads[writer] = { seq: last.seq, hash: last.hash };
      }
    }
    return { size, writerHeads, waiting };
  }

  /** Who may have written since the last look, and who waited then, in order. */
  async function writersAfter(previous: Seal | null): Promise<{ writers: string[]; looked: Looked }> {
    // A log that was last sealed by a version without heartbeat.
    const last = (await looks.last()) ?? (previous && { at: previous.interval.to, swept: '' });
    const { writers, looked } = await looks.next(last, now());
    for (const writer of previous?.waiting ?? []) writers.add(writer);
    writers.delete('');
    return { writers: [...writers].sort(), looked };
  }

  async function bodyAfter(
    previous: Seal | null,
    writers: readonly string[],
    tiles: Tiles,
  ): Promise<SealBody> {
    const { size, writerHeads, waiting } = await addUnsealed(previous?.size ?? 0, writers, tiles);
    return {
      schema: 'epsom.seal/1',
      n: (previous?.n ?? 0) + 1,
      size,
      root: hexOf(size === 0 ? emptyRoot : await rangeHash([0, size], tiles.read)),
      prevSealHash: previous?.hash ?? null,
      writerHeads,
      interval: { from: previous?.interval.to ?? null, to: now().toISOString() },
      waiting,
    };
  }

  async function sealNow(): Promise<Seal | null> {
    const started = now().getTime();
    if (!(await claim.take())) {
      report('sealing-waits', { for: 'another sealer, or the claim of one that ended' });
      return null;
    }
    const previous = await seals.last();
    const tiles = createTiles(readTileFrom(client, table));
    if (previous) await finishPrevious(previous, tiles);
    const { writers, looked } = await writersAfter(previous);
    const body = await bodyAfter(previous, writers, tiles);
    if (isNothingNew(body, previous)) {
      await looks.note(looked);
      await claim.release();
      return null;
    }
    const seal = await signSeal(body, signer);
    // A sealer that was held up for so long may no longer be the only one.
    if (now().getTime() - started > lease / 2) return null;
    // Tiles first: a seal must never name leaves that are not there.
    await writeItems(client, table, await tiles.items());
    if (!(await seals.add(seal))) return null;
    await publish(seal);
    await finish(seal, previous?.size ?? 0, tiles);
    await looks.note(looked);
    await claim.release();
    return seal;
  }

  let running: Promise<Seal | null> | null = null;
  return {
    /** Seals what is new. Null when nothing is, or another sealer was faster. */
    seal(): Promise<Seal | null> {
      running ??= sealNow().finally(() => {
        running = null;
      });
      return running;
    },
    last: seals.last,
    at: seals.at,
    leafOf: seals.leafOf,
    publicKey: signer.publicKey,
    ...prover,
  };
}
