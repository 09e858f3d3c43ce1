/** One stored item by itself: its record has its hash, and every attribute beside it is what the record says. */
import { canonicalJson, sha256 } from '../../../rules/digest/digest.ts';
import { asString, isObject, type Json } from '../../../rules/fhir/json.ts';
import type { Blobs } from '../blobs.ts';
import { decompressJson } from '../compression.ts';
import { listItem } from '../index-items.ts';
import { type Item, S } from '../items.ts';
import {
  chainPartition,
  clientPartition,
  dayOf,
  decisionKey,
  isAt,
  keyIn,
  placeOf,
  shardOf,
} from '../keys.ts';
import { headOfClear, isInClear } from '../older-records.ts';
import { isDecision } from '../records.ts';
import { ciphertextOf, type StoredHead } from '../stored.ts';

export interface CheckedItem {
  /** What is wrong, a sentence each. */
  problems: string[];
  /** Null where it cannot be read. */
  record: Json | null;
  /** Whether a clinical part is there. */
  clinical: boolean;
}

/** Attributes that are keys, or that say when the item may go: not evidence. */
const notEvidence = new Set(['pk', 'sk', 'gsi1pk', 'expiresAt', 'clinical', 'blob', 'record']);

async function recordIn(item: Item): Promise<Json | null> {
  try {
    const record: unknown = item.record?.B ? await decompressJson(item.record.B) : null;
    return isObject(record) ? record : null;
  } catch {
    // An altered record need not be gzip any more.
    return null;
  }
}

/** What the chain puts beside every record. */
const chainAttributes = ({ hash, writer, seq, prevHash }: Json): Item => ({
  hash: S(String(hash)),
  gsi3pk: S(chainPartition(String(writer))),
  gsi3sk: { N: String(seq) },
  ...(prevHash ? { prevHash: S(String(prevHash)) } : {}),
});

/** What stands beside a decision. Without a patient there is no place in the patients' index. */
function decisionAttributes(head: StoredHead, item: Item): Item {
  const { tenant, client, decidedAt, decisionId } = head;
  return {
    ...listItem(head),
    ...(item.gsi1sk === undefined ? {} : { gsi1sk: S(placeOf(head)) }),
    gsi2pk: S(clientPartition(tenant, client, dayOf(decidedAt), shardOf(decisionId))),
    gsi2sk: S(placeOf(head)),
    at: S(decidedAt),
  };
}

/** What stands beside a record of another kind. */
function eventAttributes(record: Json, item: Item): Item {
  const at = asString(record.receivedAt) ?? asString(record.at);
  return {
    ...(item.at ? { at: item.at } : {}),
    ...(item.decisionId ? { decisionId: item.decisionId } : {}),
    ...(at === null ? {} : { at: S(at) }),
    ...(at !== null && item.gsi1sk ? { gsi1sk: S(at) } : {}),
  };
}

function clinicalProblems(
  item: Item,
  { clinical }: StoredHead,
  ciphertext: Uint8Array | null,
  mayBeGone: boolean,
): string[] {
  const another = 'the clinical part is not the one the record commits to';
  return [
    ...(ciphertext && sha256(ciphertext) !== clinical?.digest ? [another] : []),
    ...(item.blob?.S && item.blob.S !== clinical?.digest ? [another] : []),
    ...(!ciphertext && clinical && !mayBeGone ? ['the clinical part is missing'] : []),
  ];
}

const sameAttribute = (a: Item[string] | undefined, b: Item[string] | undefined): boolean => {
  const plain = (value: Item[string] | undefined): string =>
    canonicalJson(value?.SS ? { SS: value.SS.toSorted() } : (value ?? null));
  return plain(a) === plain(b);
};

const attributeProblems = (item: Item, expected: Item): string[] =>
  [...new Set([...Object.keys(item), ...Object.keys(expected)])].flatMap((name) =>
    notEvidence.has(name) || sameAttribute(item[name], expected[name])
      ? []
      : [`attribute \`${name}\` is not what the record says`],
  );

/** @param clinicalMayBeGone after a purge */
export async function checkItem(
  item: Item,
  blobs: Pick<Blobs, 'get'>,
  clinicalMayBeGone = false,
): Promise<CheckedItem> {
  const record = await recordIn(item);
  if (record === null) return { problems: ['the record cannot be read'], record, clinical: false };
  const { hash, ...body } = record;
  const problems =
    `sha256:${sha256(canonicalJson(body))}` === hash ? [] : ['the record does not have its hash'];
  const chain = chainAttributes(record);
  if (!isDecision(record)) {
    problems.push(...attributeProblems(item, { ...chain, ...eventAttributes(record, item) }));
    return { problems, record, clinical: false };
  }
  const head = isInClear(record) ? headOfClear(record) : record;
  if (!isAt(keyIn(item), decisionKey(record.tenant, record.decisionId)))
    problems.push('it lies under a key of another decision');
  const ciphertext = await ciphertextOf(item, blobs);
  problems.push(
    ...clinicalProblems(item, head, ciphertext, clinicalMayBeGone),
    ...attributeProblems(item, { ...chain, ...decisionAttributes(head, item) }),
  );
  return { problems, record, clinical: ciphertext !== null };
}
