/**
 * The verifier: reads the whole log, from the table or from an export, and needs nothing but the public key. It
 * checks every seal, every leaf, every writer's chain and every stored attribute, and names what is wrong.
 */
import { canonicalJson, sha256 } from '../../rules/digest/digest.ts';
import { emptyRoot, type Hash, nodeHash } from '../../rules/digest/merkle.ts';
import { asString, isObject } from '../../rules/fhir/json.ts';
import type { Blobs } from './blobs.ts';
import { chainPartition, decisionKey, type Item, keyIn, nameOf, shardOf } from './items.ts';
import { clientPartition, listItem, placeOf } from './postings.ts';
import { type Seal, sealHash, sealText } from './sealer.ts';
import { isSigned, keyIdOf } from './signer.ts';
import { ciphertextOf, decompressJson, type StoredHead } from './stored.ts';
import { leafOf, type ManifestEntry } from './tree.ts';

/** Where the log is read from. */
export interface LogSource {
  /** In order of their numbers. */
  seals(): AsyncIterable<Seal>;
  /** In order of their leaves, from the first. */
  manifest(): AsyncIterable<ManifestEntry>;
  /** The items of these names, as far as they are there. */
  records(names: readonly string[]): Promise<ReadonlyMap<string, Item>>;
  /** Every item that is a record, in any order. */
  all(): AsyncIterable<Item>;
  blobs: Blobs;
}

export type Fault =
  | 'seal-signature'
  | 'seal-hash'
  | 'seal-chain'
  | 'seal-missing'
  | 'seal-replaced'
  | 'seal-root'
  | 'seal-heads'
  | 'record-missing'
  | 'record-altered'
  | 'record-extra'
  | 'record-unsealed'
  | 'chain-broken';

export interface LogFault {
  fault: Fault;
  /** Decision id, seal number or name of the item. */
  what: string;
  message: string;
}

export interface Report {
  ok: boolean;
  seals: number;
  records: number;
  /** Sealed, and every hash as it should be. */
  verified: number;
  /** Younger than two intervals: chained, but not sealed yet. */
  unsealed: number;
  /** Removed by a recorded purge. */
  purged: number;
  /** Clinical part gone, by a recorded purge; or never there. */
  withoutClinical: number;
  findings: LogFault[];
}

/** Attributes that are keys, or that say when the item may go: not evidence. */
const notEvidence = new Set(['pk', 'sk', 'gsi1pk', 'expiresAt', 'clinical', 'blob', 'record']);

/** What stands beside a decision, as it must be. */
function attributesOf(head: StoredHead): Item {
  return {
    ...listItem(head),
    gsi1sk: { S: placeOf(head) },
    gsi2pk: {
      S: clientPartition(head.tenant, head.client, head.decidedAt.slice(0, 10), shardOf(head.decisionId)),
    },
    gsi2sk: { S: placeOf(head) },
    at: { S: head.decidedAt },
  };
}

const isDecision = (record: object): record is StoredHead =>
  'schema' in record && asString(record.schema)?.startsWith('epsom.decision/') === true;

const sameAttribute = (a: Item[string] | undefined, b: Item[string] | undefined): boolean => {
  const plain = (value: Item[string] | undefined): string =>
    canonicalJson(value?.SS ? { SS: [...value.SS].sort() } : (value ?? null));
  return plain(a) === plain(b);
};

/** What is wrong with one item; the record it holds where that can be read. */
async function checkItem(
  item: Item,
  blobs: Blobs,
): Promise<{ problems: string[]; record: Record<string, unknown> | null; clinical: boolean }> {
  const problems: string[] = [];
  let record: unknown = null;
  try {
    record = item.record?.B ? await decompressJson(item.record.B) : null;
  } catch {
    // Said below.
  }
  if (!isObject(record)) return { problems: ['the record cannot be read'], record: null, clinical: false };
  const { hash, ...body } = record;
  if (`sha256:${sha256(canonicalJson(body))}` !== hash) problems.push('the record does not have its hash');
  const expected: Item = {
    hash: { S: String(hash) },
    gsi3pk: { S: chainPartition(String(record.writer)) },
    gsi3sk: { N: String(record.seq) },
    ...(record.prevHash ? { prevHash: { S: String(record.prevHash) } } : {}),
  };
  let clinical = false;
  if (isDecision(record)) {
    const key = decisionKey(record.tenant, record.decisionId);
    const { pk, sk } = keyIn(item);
    if (pk !== key.pk || !(sk === key.sk || sk.startsWith(`${key.sk}~`)))
      problems.push('it lies under a key of another decision');
    for (const [name, value] of Object.entries(attributesOf(record))) {
      // Without a patient there is no place in the patients' index.
      if (name === 'gsi1sk' && item.gsi1sk === undefined) continue;
      expected[name] = value;
    }
    const ciphertext = await ciphertextOf(item, blobs);
    clinical = ciphertext !== null;
    if (ciphertext && sha256(ciphertext) !== record.clinical?.digest)
      problems.push('the clinical part is not the one the record commits to');
    if (item.blob?.S && item.blob.S !== record.clinical?.digest)
      problems.push('the clinical part is not the one the record commits to');
    if (!ciphertext && record.clinical) problems.push('the clinical part is missing');
  } else {
    for (const name of ['at', 'decisionId']) {
      const value = item[name];
      if (value) expected[name] = value;
    }
    const at = asString(record.receivedAt) ?? asString(record.at);
    if (at !== null) expected.at = { S: at };
    if (at !== null && item.gsi1sk) expected.gsi1sk = { S: at };
  }
  for (const name of new Set([...Object.keys(item), ...Object.keys(expected)])) {
    if (!notEvidence.has(name) && !sameAttribute(item[name], expected[name]))
      problems.push(`attribute \`${name}\` is not what the record says`);
  }
  return { problems, record, clinical };
}

/** Merkle root of a list that grows, in the space of its logarithm. */
class Frontier {
  size = 0;
  private readonly peaks: { height: number; hash: Hash }[] = [];
  add(hash: Hash): void {
    let node = { height: 0, hash };
    for (;;) {
      const last = this.peaks.at(-1);
      if (last?.height !== node.height) break;
      this.peaks.pop();
      node = { height: node.height + 1, hash: nodeHash(last.hash, node.hash) };
    }
    this.peaks.push(node);
    this.size += 1;
  }
  root(): Hash {
    const [last, ...rest] = [...this.peaks].reverse();
    if (!last) return emptyRoot;
    return rest.reduce((right, { hash }) => nodeHash(hash, right), last.hash);
  }
}

const hex = (hash: Hash): string => Buffer.from(hash).toString('hex');
/** A decision is named by its id, anything else by its keys. */
const called = (name: string): string => /#D#([^ ]+) D/.exec(name)?.[1] ?? name;
const tenantOf = (name: string): string => /^T#(.*?)#(?:D|CARD|A|E)#/.exec(name)?.[1] ?? '';

/**
 * @param publicKeys keys that may have signed, PEM
 * @param published seals kept outside the log's reach: a rolled-back or forked log contradicts them
 * @param interval of the sealer in milliseconds; records younger than two of them need no seal yet
 */
export async function verifyLog(
  source: LogSource,
  options: { publicKeys: readonly string[]; published: readonly Seal[]; interval: number; now: Date },
): Promise<Report> {
  const findings: LogFault[] = [];
  const say = (fault: Fault, what: string, message: string) => findings.push({ fault, what, message });
  const keys = new Map(options.publicKeys.map((key) => [keyIdOf(key), key]));

  // --- Seals: numbers, hashes, chain, signatures, copies kept elsewhere
  const seals: Seal[] = [];
  const copies = new Map(options.published.map((seal) => [seal.n, seal]));
  for await (const seal of source.seals()) {
    const previous = seals.at(-1);
    const what = `seal ${seal.n}`;
    const { hash, keyId, signature, ...body } = seal;
    if (seal.n !== (previous?.n ?? 0) + 1)
      say('seal-missing', what, `the seal before it is not ${seal.n - 1}`);
    if (sealHash(body) !== hash) say('seal-hash', what, 'it does not have its hash');
    if (seal.prevSealHash !== (previous?.hash ?? null))
      say('seal-chain', what, 'it does not name the seal before it');
    if (previous && seal.size < previous.size)
      say('seal-chain', what, 'its tree is smaller than the one before');
    const key = keys.get(keyId);
    if (!key) say('seal-signature', what, `it is signed with key ${keyId}, which was not given`);
    else if (!isSigned(sealText(seal), signature, key))
      say('seal-signature', what, 'its signature is not of its key');
    const copy = copies.get(seal.n);
    if (copy && copy.hash !== hash) say('seal-replaced', what, 'a copy kept outside the log is another one');
    seals.push(seal);
  }
  const lastSeal = seals.at(-1);
  for (const copy of copies.values()) {
    if (copy.n > (lastSeal?.n ?? 0))
      say(
        'seal-missing',
        `seal ${copy.n}`,
        'a copy was kept outside the log, which does not hold it any more',
      );
  }

  // --- Records in the order of their leaves
  const purges: { tenant: string; before: string }[] = [];
  for await (const item of source.all()) {
    const record: unknown = item.record?.B ? await decompressJson(item.record.B).catch(() => null) : null;
    if (isObject(record) && record.schema === 'epsom.purge/1')
      purges.push({ tenant: String(record.tenant), before: String(record.before) });
  }
  const isPurged = ({ name, at }: ManifestEntry): boolean =>
    purges.some(({ tenant, before }) => tenant === tenantOf(name) && at < before);

  const tree = new Frontier();
  const chains = new Map<string, { seq: number; hash: string }>();
  const sealed = new Set<string>();
  const report = { verified: 0, purged: 0, withoutClinical: 0, unsealed: 0, records: 0 };
  const pending = [...seals];
  const closeSeals = () => {
    for (let seal = pending[0]; seal && seal.size === tree.size; seal = pending[0]) {
      pending.shift();
      if (hex(tree.root()) !== seal.root)
        say('seal-root', `seal ${seal.n}`, 'the records it covers do not have its root');
      for (const [writer, { seq, hash }] of Object.entries(seal.writerHeads)) {
        const head = chains.get(writer);
        if (head?.seq !== seq || head.hash !== hash)
          say('seal-heads', `seal ${seal.n}`, `the chain of writer ${writer} does not end where it says`);
      }
    }
  };

  async function checkBatch(batch: readonly ManifestEntry[]): Promise<void> {
    const items = await source.records(batch.map(({ name }) => name));
    for (const entry of batch) {
      const { name, writer, seq } = entry;
      tree.add(leafOf(entry));
      sealed.add(name);
      const before = chains.get(writer);
      if (seq !== (before?.seq ?? 0) + 1)
        say('chain-broken', called(name), `writer ${writer} goes from ${before?.seq ?? 0} to ${seq}`);
      const item = items.get(name);
      if (!item) {
        if (isPurged(entry)) report.purged += 1;
        else say('record-missing', called(name), `sealed as ${seq} of writer ${writer}, and not there`);
      } else {
        report.records += 1;
        const { problems, record, clinical } = await checkItem(item, source.blobs);
        const isGone = problems.filter(
          (problem) => problem !== 'the clinical part is missing' || !isPurged(entry),
        );
        if (record && record.hash !== entry.hash) isGone.push('it is not the record that was sealed');
        if (record && (record.prevHash ?? null) !== (before?.hash ?? null))
          say('chain-broken', called(name), `it does not name the record before it of writer ${writer}`);
        for (const problem of isGone) say('record-altered', called(name), problem);
        if (isGone.length === 0) report.verified += 1;
        if (!clinical) report.withoutClinical += 1;
      }
      chains.set(writer, { seq, hash: entry.hash });
      closeSeals();
    }
  }

  closeSeals();
  let batch: ManifestEntry[] = [];
  for await (const entry of source.manifest()) {
    // Beyond the last seal a manifest says nothing: it was not signed.
    if (tree.size + batch.length >= (lastSeal?.size ?? 0)) break;
    batch.push(entry);
    if (batch.length === 100) {
      await checkBatch(batch);
      batch = [];
    }
  }
  await checkBatch(batch);
  for (const seal of pending)
    say('seal-root', `seal ${seal.n}`, `it covers ${seal.size} records, the manifest ends at ${tree.size}`);

  // --- What is there without being sealed
  const oldest = options.now.getTime() - 2 * options.interval;
  const open = new Map<string, { seq: number; hash: string; prevHash: string | null; what: string }[]>();
  for await (const item of source.all()) {
    const name = nameOf(keyIn(item));
    if (sealed.has(name)) continue;
    report.records += 1;
    const { problems, record } = await checkItem(item, source.blobs);
    for (const problem of problems) say('record-altered', called(name), problem);
    const writer = String(record?.writer ?? '');
    const seq = Number(record?.seq ?? 0);
    if (seq <= (chains.get(writer)?.seq ?? 0)) {
      say('record-extra', called(name), `not sealed, though its writer's records up to ${seq} are`);
      continue;
    }
    const list = open.get(writer) ?? [];
    list.push({
      seq,
      hash: String(record?.hash),
      prevHash: record?.prevHash ? String(record.prevHash) : null,
      what: called(name),
    });
    open.set(writer, list);
    if (Date.parse(item.at?.S ?? '') < oldest)
      say('record-unsealed', called(name), 'older than two intervals of the sealer, and not sealed');
    else report.unsealed += 1;
  }
  for (const [writer, list] of open) {
    let head = chains.get(writer) ?? { seq: 0, hash: '' };
    for (const { seq, hash, prevHash, what } of list.sort((a, b) => a.seq - b.seq)) {
      if (seq !== head.seq + 1)
        say(
          'record-missing',
          what,
          `writer ${writer} goes from ${head.seq} to ${seq}: what lay between is gone`,
        );
      else if ((prevHash ?? '') !== head.hash)
        say('chain-broken', what, `it does not name the record before it of writer ${writer}`);
      head = { seq, hash };
    }
  }
  return { ok: findings.length === 0, seals: seals.length, ...report, findings };
}
