/**
 * The sealer: every interval it adds the new records to the log's Merkle tree and signs the root. A seal names the
 * one before by hash, so that none can be replaced or dropped; an interval without records is sealed too. Two
 * sealers cannot fork the log: a seal's number is put on condition that it is free.
 */

import {
  BatchWriteItemCommand,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
} from '@aws-sdk/client-dynamodb';
import { ulid } from 'ulid';
import { canonicalJson, sha256 } from '../../rules/digest/digest.ts';
import {
  consistencyPath,
  emptyRoot,
  type Hash,
  inclusionPath,
  type LeafRange,
} from '../../rules/digest/merkle.ts';
import { day } from '../../rules/fhir/time.ts';
import { itemsAt } from './batch.ts';
import {
  B,
  chainPartition,
  dayOf,
  type Item,
  type Key,
  keyIn,
  keyItem,
  keyOf,
  N,
  nameOf,
  S,
  sealPartition,
  sealSort,
  tilePartition,
  writerDays,
  writersPartition,
} from './items.ts';
import type { Signer } from './signer.ts';
import { compressJson, decompressJson } from './stored.ts';
import { leafOf, type ManifestEntry, rangeHash, rootOfTile, type TileReader, tileWidth } from './tree.ts';

export interface SealBody {
  schema: 'epsom.seal/1';
  n: number;
  /** Leaves of the tree up to and with this seal. */
  size: number;
  /** RFC 6962 root over all of them, hex. */
  root: string;
  /** Hash of the seal before; null for the first. */
  prevSealHash: string | null;
  /** Last sealed record of each writer that wrote in this interval. */
  writerHeads: Record<string, { seq: number; hash: string }>;
  interval: { from: string | null; to: string };
  /** Writers of which records wait behind a gap (a record that is still in a spill). */
  waiting: string[];
}
export interface Seal extends SealBody {
  hash: string;
  keyId: string;
  signature: string;
}

/** What is signed and hashed: everything but hash, key and signature. */
export const sealText = ({ hash: _, keyId: __, signature: ___, ...body }: Seal): string =>
  canonicalJson(body);
export const sealHash = (body: SealBody): string => `sha256:${sha256(canonicalJson(body))}`;

/** The sealer's note of where the leaf of a record is, beside the record. */
const leafKey = (name: string): Key => {
  const { pk, sk } = keyOf(name);
  return { pk, sk: `L#${sk}` };
};

const hex = (hash: Hash): string => Buffer.from(hash).toString('hex');

export type Sealer = ReturnType<typeof createSealer>;

/** Records of one writer that one seal takes at most: the rest waits for the next. */
const mostOfWriter = 20_000;
/** Milliseconds after which another sealer may take over. */
const lease = 120_000;

export function createSealer(options: {
  client: DynamoDBClient;
  table: string;
  signer: Signer;
  /** A copy outside the table's reach: a file here, a bucket with Object Lock on AWS. */
  publish(seal: Seal): Promise<void>;
  /**
   * An index may show a record that the table does not have: the embedded DynamoDB writes indexes first, and may be
   * killed in between. Then nothing is sealed that is not read in the table. DynamoDB itself writes the table first.
   */
  indexMayLead?: boolean;
  now(): Date;
}) {
  const { client, table, signer, publish, now } = options;
  const owner = ulid();
  /** The last seal whose notes this sealer has written. */
  let finished = 0;

  async function* query(pk: string, after?: string): AsyncGenerator<Item> {
    let last: Item | undefined;
    do {
      const answer: { Items?: Item[]; LastEvaluatedKey?: Item | undefined } = await client.send(
        new QueryCommand({
          TableName: table,
          KeyConditionExpression: after === undefined ? 'pk = :pk' : 'pk = :pk AND sk >= :after',
          ExpressionAttributeValues: { ':pk': S(pk), ...(after === undefined ? {} : { ':after': S(after) }) },
          ConsistentRead: true,
          ...(last ? { ExclusiveStartKey: last } : {}),
        }),
      );
      yield* answer.Items ?? [];
      last = answer.LastEvaluatedKey;
    } while (last);
  }

  const sealIn = async (item: Item | undefined): Promise<Seal | null> =>
    item?.seal?.B ? ((await decompressJson(item.seal.B)) as Seal) : null;

  async function lastSeal(): Promise<Seal | null> {
    const answer = await client.send(
      new QueryCommand({
        TableName: table,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': S(sealPartition) },
        ScanIndexForward: false,
        Limit: 1,
        ConsistentRead: true,
      }),
    );
    return sealIn(answer.Items?.[0]);
  }

  const sealAt = async (n: number): Promise<Seal | null> => {
    const key = keyItem({ pk: sealPartition, sk: sealSort(n) });
    return sealIn((await client.send(new GetItemCommand({ TableName: table, Key: key }))).Item);
  };

  const headKey = (writer: string) => ({ pk: 'HEADS', sk: writer });

  async function headOf(writer: string): Promise<number> {
    const answer = await client.send(
      new GetItemCommand({ TableName: table, Key: keyItem(headKey(writer)), ConsistentRead: true }),
    );
    return Number(answer.Item?.seq?.N ?? 0);
  }

  /** Names of those items that the table itself has. */
  async function inTable(items: readonly Item[]): Promise<Set<string>> {
    const names = new Set<string>();
    const keys = items.map((item) => keyItem(keyIn(item)));
    const how = { ConsistentRead: true, ProjectionExpression: 'pk, sk' };
    for await (const item of itemsAt(client, table, keys, how)) names.add(nameOf(keyIn(item)));
    return names;
  }

  /** Records of a writer after `seq`, up to the first gap. */
  async function newOf(writer: string, seq: number): Promise<{ entries: ManifestEntry[]; gap: boolean }> {
    const entries: ManifestEntry[] = [];
    let last: Item | undefined;
    do {
      const answer: { Items?: Item[]; LastEvaluatedKey?: Item | undefined } = await client.send(
        new QueryCommand({
          TableName: table,
          IndexName: 'gsi3',
          KeyConditionExpression: 'gsi3pk = :writer AND gsi3sk > :seq',
          ExpressionAttributeValues: { ':writer': S(chainPartition(writer)), ':seq': { N: String(seq) } },
          ...(last ? { ExclusiveStartKey: last } : {}),
        }),
      );
      const items = answer.Items ?? [];
      const there = options.indexMayLead ? await inTable(items) : null;
      for (const item of items) {
        const expected = seq + entries.length + 1;
        if (Number(item.gsi3sk?.N) !== expected) return { entries, gap: true };
        if (there && !there.has(nameOf(keyIn(item)))) return { entries, gap: true };
        entries.push({
          name: nameOf(keyIn(item)),
          hash: item.hash?.S ?? '',
          writer,
          seq: expected,
          at: item.at?.S ?? '',
        });
        if (entries.length === mostOfWriter) return { entries, gap: true };
      }
      last = answer.LastEvaluatedKey;
    } while (last);
    return { entries, gap: false };
  }

  /** Writers that may have written since: those of the days of the interval, and those that wait. */
  async function candidates(since: Seal | null): Promise<string[]> {
    const names = new Set(since?.waiting ?? []);
    // A writer's clock may be a little off.
    const from = since ? dayOf(new Date(Date.parse(since.interval.to) - day).toISOString()) : '0';
    for await (const { sk } of query(writerDays, from)) {
      for await (const item of query(writersPartition(sk?.S ?? ''))) names.add(item.sk?.S ?? '');
    }
    return [...names].filter((name) => name !== '').sort();
  }

  async function tile(level: number, index: number): Promise<ManifestEntry[] | string[]> {
    const answer = await client.send(
      new GetItemCommand({
        TableName: table,
        Key: keyItem({ pk: tilePartition(level), sk: sealSort(index) }),
        ConsistentRead: true,
      }),
    );
    return answer.Item?.tile?.B
      ? ((await decompressJson(answer.Item.tile.B)) as ManifestEntry[] | string[])
      : [];
  }

  /** Tiles as they are, and as a seal is changing them. */
  function tiles() {
    const held = new Map<string, { manifest: ManifestEntry[]; nodes: Hash[] }>();
    const changed = new Set<string>();
    const load = async (level: number, index: number) => {
      const name = `${level}/${index}`;
      const known = held.get(name);
      if (known) return known;
      const stored = await tile(level, index);
      const manifest = stored.filter((entry) => typeof entry !== 'string');
      const loaded = {
        manifest,
        nodes: stored.map((entry) =>
          typeof entry === 'string' ? new Uint8Array(Buffer.from(entry, 'hex')) : leafOf(entry),
        ),
      };
      held.set(name, loaded);
      return loaded;
    };
    return {
      read: async (level: number, index: number) => (await load(level, index)).nodes,
      manifest: async (index: number) => (await load(0, index)).manifest,
      /** Adds one leaf; full tiles add their root to the tile above. */
      async add(position: number, entry: ManifestEntry): Promise<void> {
        let at = position;
        let node = leafOf(entry);
        for (let level = 0; ; level += 1) {
          const index = Math.floor(at / tileWidth);
          const into = await load(level, index);
          const place = at % tileWidth;
          // What an interrupted seal left behind is overwritten: it was never signed.
          into.nodes.length = place;
          into.nodes.push(node);
          if (level === 0) {
            into.manifest.length = place;
            into.manifest.push(entry);
          }
          changed.add(`${level}/${index}`);
          if (into.nodes.length < tileWidth) return;
          node = rootOfTile(into.nodes);
          at = index;
        }
      },
      async items(): Promise<Item[]> {
        return Promise.all(
          [...changed].map(async (name) => {
            const [level = 0, index = 0] = name.split('/').map(Number);
            const { manifest, nodes } = await load(level, index);
            return {
              ...keyItem({ pk: tilePartition(level), sk: sealSort(index) }),
              tile: B(await compressJson(level === 0 ? manifest : nodes.map(hex))),
            };
          }),
        );
      },
    };
  }

  async function writeAll(items: readonly Item[]): Promise<void> {
    for (let index = 0; index < items.length; index += 25) {
      let requests: { PutRequest: { Item: Item } }[] = items
        .slice(index, index + 25)
        .map((Item) => ({ PutRequest: { Item } }));
      while (requests.length > 0) {
        const answer = await client.send(new BatchWriteItemCommand({ RequestItems: { [table]: requests } }));
        requests = (answer.UnprocessedItems?.[table] ?? []).flatMap(({ PutRequest }) =>
          PutRequest?.Item ? [{ PutRequest: { Item: PutRequest.Item } }] : [],
        );
      }
    }
  }

  /** One sealer at a time: tiles are rewritten in place. A claim that was left behind runs out. */
  async function claim(until: number): Promise<boolean> {
    try {
      await client.send(
        new PutItemCommand({
          TableName: table,
          Item: { ...keyItem({ pk: 'SEALING', sk: 'claim' }), owner: S(owner), until: N(until) },
          ConditionExpression: 'attribute_not_exists(pk) OR #until < :now OR #owner = :owner',
          ExpressionAttributeNames: { '#until': 'until', '#owner': 'owner' },
          ExpressionAttributeValues: { ':now': N(now().getTime()), ':owner': S(owner) },
        }),
      );
      return true;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return false;
      throw error;
    }
  }

  /** What follows a seal and can be done again: heads to go on from, and where each record's leaf is. */
  async function finish(seal: Seal, from: number, manifest: (index: number) => Promise<ManifestEntry[]>) {
    const items: Item[] = Object.entries(seal.writerHeads).map(([writer, { seq, hash }]) => ({
      ...keyItem(headKey(writer)),
      seq: N(seq),
      hash: S(hash),
    }));
    for (let leaf = from; leaf < seal.size; leaf += 1) {
      const entry = (await manifest(Math.floor(leaf / tileWidth)))[leaf % tileWidth];
      if (entry) items.push({ ...keyItem(leafKey(entry.name)), leaf: N(leaf), seal: N(seal.n) });
    }
    await writeAll(items);
    finished = seal.n;
  }

  async function sealNow(): Promise<Seal | null> {
    const started = now().getTime();
    if (!(await claim(started + lease))) return null;
    const previous = await lastSeal();
    const tree = tiles();
    if (previous && finished !== previous.n) {
      const before = previous.n > 1 ? await sealAt(previous.n - 1) : null;
      await finish(previous, before?.size ?? 0, tree.manifest);
    }
    const heads: SealBody['writerHeads'] = {};
    const waiting: string[] = [];
    let size = previous?.size ?? 0;
    for (const writer of await candidates(previous)) {
      const { entries, gap } = await newOf(writer, await headOf(writer));
      if (gap) waiting.push(writer);
      for (const entry of entries) {
        await tree.add(size, entry);
        size += 1;
      }
      const last = entries.at(-1);
      if (last) heads[writer] = { seq: last.seq, hash: last.hash };
    }
    const body: SealBody = {
      schema: 'epsom.seal/1',
      n: (previous?.n ?? 0) + 1,
      size,
      root: hex(size === 0 ? emptyRoot : await rangeHash([0, size], tree.read)),
      prevSealHash: previous?.hash ?? null,
      writerHeads: heads,
      interval: { from: previous?.interval.to ?? null, to: now().toISOString() },
      waiting,
    };
    const seal: Seal = {
      ...body,
      hash: sealHash(body),
      keyId: await signer.keyId(),
      signature: await signer.sign(canonicalJson(body)),
    };
    // A sealer that was held up for so long may no longer be the only one.
    if (now().getTime() - started > lease / 2) return null;
    // Tiles first: a seal must never name leaves that are not there.
    await writeAll(await tree.items());
    try {
      await client.send(
        new PutItemCommand({
          TableName: table,
          Item: {
            ...keyItem({ pk: sealPartition, sk: sealSort(body.n) }),
            seal: B(await compressJson(seal)),
            hash: S(seal.hash),
          },
          ConditionExpression: 'attribute_not_exists(pk)',
        }),
      );
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return null;
      throw error;
    }
    await publish(seal);
    await finish(seal, previous?.size ?? 0, tree.manifest);
    await claim(0);
    return seal;
  }

  /** The audit path of a leaf in the tree of a size, hex. */
  const hashes = async (ranges: readonly LeafRange[], read: TileReader): Promise<string[]> => {
    const path: string[] = [];
    for (const range of ranges) path.push(hex(await rangeHash(range, read)));
    return path;
  };

  let running: Promise<Seal | null> | null = null;
  return {
    /** Seals what is new. Null when another sealer was faster. */
    seal(): Promise<Seal | null> {
      running ??= sealNow().finally(() => {
        running = null;
      });
      return running;
    },
    last: lastSeal,
    at: sealAt,
    publicKey: signer.publicKey,

    /** Where a sealed record is in the tree; null while it is not sealed. */
    async leafOf(name: string): Promise<{ leaf: number; seal: number } | null> {
      const key = keyItem(leafKey(name));
      const { Item } = await client.send(new GetItemCommand({ TableName: table, Key: key }));
      return Item?.leaf?.N && Item.seal?.N ? { leaf: Number(Item.leaf.N), seal: Number(Item.seal.N) } : null;
    },

    /** RFC 6962, 2.1.1: proves that a leaf is in the tree of a seal. */
    inclusion: (leaf: number, size: number): Promise<string[]> =>
      hashes(inclusionPath(leaf, size), tiles().read),

    /** RFC 6962, 2.1.2: proves that the tree of a later seal begins with that of an earlier one. */
    consistency: (earlier: number, later: number): Promise<string[]> =>
      earlier === 0 ? Promise.resolve([]) : hashes(consistencyPath(earlier, later), tiles().read),
  };
}
