/**
 * The sealer: every interval it adds the new records to the log's Merkle tree and signs the root. An interval without
 * records is sealed too. Two sealers cannot fork the log: a seal's number is put on condition that it is free.
 *
 * The life of a leaf: sealing/unsealed.ts finds the record in its writer's chain, sealing/tiles.ts adds it to the
 * tree, seal.ts signs the root, sealing/seals.ts keeps the seal and notes where the leaf is, prove.ts proves it.
 */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { emptyRoot } from '../../rules/digest/merkle.ts';
import { writeItems } from './batch.ts';
import { createChains } from './chains.ts';
import { createProver } from './prove.ts';
import { type Seal, type SealBody, signSeal } from './seal.ts';
import { createClaim, lease } from './sealing/claim.ts';
import { createSeals, notesOf } from './sealing/seals.ts';
import { createTiles, readTileFrom, type Tiles } from './sealing/tiles.ts';
import { createUnsealed } from './sealing/unsealed.ts';
import type { Signer } from './signer.ts';
import { hexOf, rangeHash } from './tree.ts';

export type Sealer = ReturnType<typeof createSealer>;

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
  now(): Date;
}) {
  const { client, table, signer, publish, now, indexMayLead = false } = options;
  const seals = createSeals({ client, table });
  const claim = createClaim({ client, table, alone: options.alone ?? false, now });
  const unsealed = createUnsealed(createChains({ client, table, indexMayLead }));
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

  /** Adds every record that is new to the tree. */
  async function addUnsealed(
    previous: Seal | null,
    tiles: Tiles,
  ): Promise<Pick<SealBody, 'size' | 'writerHeads' | 'waiting'>> {
    const writerHeads: SealBody['writerHeads'] = {};
    const waiting: string[] = [];
    let size = previous?.size ?? 0;
    for (const writer of await unsealed.writers(previous)) {
      const { entries, gap } = await unsealed.of(writer, await seals.sealedUpTo(writer));
      if (gap) waiting.push(writer);
      for (const entry of entries) {
        await tiles.add(size, entry);
        size += 1;
      }
      const last = entries.at(-1);
      if (last) writerHeads[writer] = { seq: last.seq, hash: last.hash };
    }
    return { size, writerHeads, waiting };
  }

  async function bodyAfter(previous: Seal | null, tiles: Tiles): Promise<SealBody> {
    const { size, writerHeads, waiting } = await addUnsealed(previous, tiles);
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
    if (!(await claim.take())) return null;
    const previous = await seals.last();
    const tiles = createTiles(readTileFrom(client, table));
    if (previous) await finishPrevious(previous, tiles);
    const seal = await signSeal(await bodyAfter(previous, tiles), signer);
    // A sealer that was held up for so long may no longer be the only one.
    if (now().getTime() - started > lease / 2) return null;
    // Tiles first: a seal must never name leaves that are not there.
    await writeItems(client, table, await tiles.items());
    if (!(await seals.add(seal))) return null;
    await publish(seal);
    await finish(seal, previous?.size ?? 0, tiles);
    await claim.release();
    return seal;
  }

  let running: Promise<Seal | null> | null = null;
  return {
    /** Seals what is new. Null when another sealer was faster. */
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
