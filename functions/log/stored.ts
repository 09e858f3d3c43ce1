/**
 * A decision record as it is stored: a head in clear, which says who asked what when and which rules spoke, and a
 * clinical part under the patient's key. The head commits to the clinical part by the hash of its ciphertext, and
 * the chain hashes the head: so erasing a patient's key changes nothing that was hashed.
 */
import { sha256 } from '../../rules/digest/digest.ts';
import { mergeRecord } from '../../rules/record.ts';
import { splitRecord } from '../../rules/record-head.ts';
import type { Chained, Clinical, DecisionRecord, RecordHead } from '../../rules/record-types.ts';
import type { Blobs } from './blobs.ts';
import { decrypt, encrypt } from './cipher.ts';
import { compressJson, decompressJson } from './compression.ts';
import { B, type Item, S } from './items.ts';
import { headOfClear, isInClear } from './older-records.ts';

/** What the head says of the clinical part. */
export interface Commitment {
  algorithm: 'A256GCM';
  /** Id of the patient's key. */
  key: string;
  /** SHA-256 of the ciphertext. */
  digest: string;
  bytes: number;
}

/** What the log itself adds to a head. */
interface LogHead {
  clinical: Commitment | null;
  /** Salted hash of the patient (patient-place.ts); null without one. From schema 4. */
  patientPlace?: string | null;
}
export type StoredHead = RecordHead & LogHead & Chained;
export type StoredDecision = DecisionRecord &
  RecordHead &
  LogHead &
  Chained & { /** The patient's key was destroyed. */ erased?: true };

export interface SplitRecord {
  head: RecordHead & LogHead;
  ciphertext: Uint8Array | null;
}

/**
 * @param key null for a record without clinical data (a refusal)
 * @param patientPlace see there
 */
export async function splitForStorage(
  record: DecisionRecord,
  key: { id: string; key: Uint8Array } | null,
  patientPlace: string | null,
): Promise<SplitRecord> {
  const { head, clinical } = splitRecord(record);
  if (!key) return { head: { ...head, patientPlace, clinical: null }, ciphertext: null };
  const ciphertext = encrypt(key.key, await compressJson(clinical), record.decisionId);
  return {
    head: {
      ...head,
      patientPlace,
      clinical: { algorithm: 'A256GCM', key: key.id, digest: sha256(ciphertext), bytes: ciphertext.length },
    },
    ciphertext,
  };
}

/** An item may hold 400 KB in all; more than this of ciphertext goes to a blob first. */
const largestInline = 300_000;
export const isLarge = (ciphertext: Uint8Array): boolean => ciphertext.length > largestInline;

export const clinicalAttributes = (ciphertext: Uint8Array | null, commitment: Commitment | null): Item =>
  ciphertext === null || commitment === null
    ? {}
    : isLarge(ciphertext)
      ? { blob: S(commitment.digest) }
      : { clinical: B(ciphertext) };

/** The ciphertext of an item, wherever it is; null where there is none or it was purged. */
export async function ciphertextOf(item: Item, blobs: Pick<Blobs, 'get'>): Promise<Uint8Array | null> {
  if (item.clinical?.B) return item.clinical.B;
  return item.blob?.S ? blobs.get(item.blob.S) : null;
}

/** Head and clinical part together; of an erased patient the head alone. */
export async function openStored(
  head: StoredHead,
  ciphertext: Uint8Array | null,
  key: Uint8Array | null,
): Promise<StoredDecision> {
  if (isInClear(head)) return { ...head, ...headOfClear(head) };
  if (head.clinical === null) return { ...mergeRecord(head, null), ...chainOf(head) };
  if (!key || !ciphertext) return { ...mergeRecord(head, null), ...chainOf(head), erased: true };
  const clinical = (await decompressJson(decrypt(key, ciphertext, head.decisionId))) as Clinical;
  return { ...mergeRecord(head, clinical), ...chainOf(head) };
}

const chainOf = ({ writer, seq, prevHash, hash, clinical }: StoredHead) => ({
  writer,
  seq,
  prevHash,
  hash,
  clinical,
});
