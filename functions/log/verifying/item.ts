/** One stored item by itself: its record has its hash, and every attribute beside it is what the record says. */
import { canonicalJson, sha256 } from '../../../rules/digest/digest.ts';
import { asString, isObject, type Json } from '../../../rules/fhir/json.ts';
import type { Blobs } from '../blobs.ts';
import { decompressJson } from '../compression.ts';
import { listItem } from '../index-items.ts';
import { type Item, S } from '../items.ts';
import {
  accessKey,
  cardPartition,
  chainPartition,
  clientPartition,
  dayOf,
  decisionKey,
  eventKey,
  feedbackPrefix,
  isAt,
  type Key,
  keyIn,
  placeOf,
  shardOf,
} from '../keys.ts';
import { headOfToday } from '../older-records.ts';
import { isInItsPlace } from '../patient-place.ts';
import { isAccess, isDecision, isFeedback } from '../records.ts';
import { ciphertextOf, type StoredHead } from '../stored.ts';

export interface CheckedItem {
  /** What is wrong, a sentence each. */
  problems: string[];
  /** Null where it cannot be read. */
  record: Json | null;
  /** Whether a clinical part is there. */
  clinical: boolean;
  /** Whether it should have left the patients' index with an erasure, and is there still. */
  isErasedInPart: boolean;
}

/** What may have left with a recorded removal. */
export interface MayBeGone {
  /** The clinical part, after a purge. */
  clinical: boolean;
  /** The key of the patient, after an erasure: the place in the patients' index, too. */
  isErased(key: string): boolean;
  /** The place of an access in the patients' index. */
  isTakenOut(place: string): boolean;
}
export const nothingGone: MayBeGone = {
  clinical: false,
  isErased: () => false,
  isTakenOut: () => false,
};

/** Attributes that are checked by themselves, or hold the record. */
const checkedApart = new Set(['pk', 'sk', 'clinical', 'blob', 'record']);

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

/** What stands beside a decision. */
function decisionAttributes(head: StoredHead, item: Item): Item {
  const { tenant, client, decidedAt, decisionId } = head;
  return {
    ...listItem(head),
    ...indexAttributes(item, head.patientPlace, placeOf(head)),
    gsi2pk: S(clientPartition(tenant, client, dayOf(decidedAt), shardOf(decisionId))),
    gsi2sk: S(placeOf(head)),
    at: S(decidedAt),
  };
}

/** What stands beside a record of another kind. */
function eventAttributes(record: Json, item: Item): Item {
  const at = asString(record.receivedAt) ?? asString(record.at) ?? '';
  return {
    at: S(at),
    // Version 0.1.0 put the decision beside feedback on it.
    ...(isFeedback(record) && !record.unknownCard && !record.rules && item.decisionId
      ? { decisionId: item.decisionId }
      : {}),
    // An access has none where it named nobody; those of before 0.2.0 do not say so.
    ...(isAccess(record) ? indexAttributes(item, record.patientPlace, at) : {}),
  };
}

/**
 * Attributes of the patients' index. Whether they are of the patient is checked apart.
 * @param place what the record says of it; undefined of a record from before 0.2.0, which says nothing
 */
function indexAttributes(item: Item, place: string | null | undefined, sort: string): Item {
  if (place === null || item.gsi1pk === undefined) return {};
  return {
    gsi1pk: item.gsi1pk,
    gsi1sk: S(sort),
    ...(place !== undefined && item.salt ? { salt: item.salt } : {}),
  };
}

/** @param isErased whether an erasure took it out */
function placeProblems(item: Item, place: string | null | undefined, isErased: boolean): string[] {
  if (place === null || place === undefined || isInItsPlace(item, place)) return [];
  if (item.gsi1pk) return ['it lies in the index of another patient'];
  return isErased ? [] : ['it is out of the index of its patient, and no sealed erasure took it out'];
}

/** Of a record that was spilled: when. Nothing proves it, so such records are counted. */
const spillAttributes = ({ spilledAt, at }: Item): Item =>
  spilledAt?.S && at?.S && spilledAt.S >= at.S ? { spilledAt } : {};

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
    ...(item.blob && item.clinical ? ['it has two clinical parts'] : []),
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
    checkedApart.has(name) || sameAttribute(item[name], expected[name])
      ? []
      : [`attribute \`${name}\` is not what the record says`],
  );

/** Names of attributes in which two items differ. */
export const differencesOf = (item: Item, expected: Item): string[] =>
  [...new Set([...Object.keys(item), ...Object.keys(expected)])].filter(
    (name) => !sameAttribute(item[name], expected[name]),
  );

/** @param gone what a recorded removal took away */
export async function checkItem(
  item: Item,
  blobs: Pick<Blobs, 'get'>,
  gone: MayBeGone = nothingGone,
): Promise<CheckedItem> {
  const record = await recordIn(item);
  if (record === null)
    return { problems: ['the record cannot be read'], record, clinical: false, isErasedInPart: false };
  const { hash, ...body } = record;
  const problems =
    `sha256:${sha256(canonicalJson(body))}` === hash ? [] : ['the record does not have its hash'];
  const beside = { ...chainAttributes(record), ...spillAttributes(item) };
  return isDecision(record)
    ? checkDecision(item, headOfToday(record), beside, blobs, gone, problems)
    : checkEvent(item, record, beside, gone, problems);
}

/** @param problems that were found before */
function checkEvent(
  item: Item,
  record: Json,
  beside: Item,
  gone: MayBeGone,
  problems: readonly string[],
): CheckedItem {
  const place = isAccess(record) ? record.patientPlace : undefined;
  const isTakenOut = place !== undefined && gone.isTakenOut(place);
  return {
    problems: [
      ...problems,
      ...placeProblems(item, place, isTakenOut),
      ...attributeProblems(item, { ...beside, ...eventAttributes(record, item) }),
      ...(isEventOf(record, keyIn(item)) ? [] : ['it lies under a key of another record']),
    ],
    record,
    clinical: false,
    isErasedInPart: isTakenOut && item.gsi1pk !== undefined,
  };
}

/** Whether a record may lie under a key: the time in it and whose it is are those of the record. */
function isEventOf(record: Json, { pk, sk }: Key): boolean {
  const tenant = String(record.tenant);
  if (isFeedback(record))
    return (
      pk === cardPartition(tenant, record.card) &&
      sk.startsWith(`${feedbackPrefix}${record.outcomeTimestamp}#`)
    );
  const at = String(record.at);
  const { pk: partition } = isAccess(record) ? accessKey(tenant, at) : eventKey(tenant, at, '');
  return pk === partition && sk.startsWith(`${at}#`);
}

/** @param problems that were found before */
async function checkDecision(
  item: Item,
  head: StoredHead,
  beside: Item,
  blobs: Pick<Blobs, 'get'>,
  gone: MayBeGone,
  problems: readonly string[],
): Promise<CheckedItem> {
  const isErased = gone.isErased(head.clinical?.key ?? '');
  const ciphertext = await ciphertextOf(item, blobs);
  return {
    problems: [
      ...problems,
      ...(isAt(keyIn(item), decisionKey(head.tenant, head.decisionId))
        ? []
        : ['it lies under a key of another decision']),
      ...placeProblems(item, head.patientPlace, isErased),
      ...clinicalProblems(item, head, ciphertext, gone.clinical),
      ...attributeProblems(item, { ...beside, ...decisionAttributes(head, item) }),
    ],
    record: Object.fromEntries(Object.entries(head)),
    clinical: ciphertext !== null,
    isErasedInPart: isErased && item.gsi1pk !== undefined,
  };
}
