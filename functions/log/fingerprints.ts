/**
 * Which keys a log was written with, kept in its table: a key that was lost, emptied or mixed up with that of another log
 * is noticed before anything is written or read with it.
 */

import { ScanCommand } from '@aws-sdk/client-dynamodb';
import { decompressJson } from './compression.ts';
import { type Item, S } from './items.ts';
import { fingerprintsKey, keyItem, sealPartition } from './keys.ts';
import { itemAt, type Place, putWhere } from './one-item.ts';
import { queryItems, scanItems } from './paging.ts';
import { notYetThere } from './puts.ts';
import type { Seal } from './seal.ts';

/** None of them says anything of its key. */
export interface Fingerprints {
  /** Of the secret of the patient index and of patients' keys. */
  patientIndex: string;
  /** Of the key that signs seals: the `keyId` of a seal. */
  seal: string;
}

/** Null for a log of a version that kept none, and for one that is empty. */
export async function readFingerprints(place: Place): Promise<Fingerprints | null> {
  const { patientIndex, seal } = (await itemAt(place, fingerprintsKey)) ?? {};
  return patientIndex?.S && seal?.S ? { patientIndex: patientIndex.S, seal: seal.S } : null;
}

/** Keeps them, where none are kept yet. */
export async function keepFingerprints(place: Place, { patientIndex, seal }: Fingerprints): Promise<void> {
  const item = { ...keyItem(fingerprintsKey), patientIndex: S(patientIndex), seal: S(seal) };
  await putWhere(place, item, { ConditionExpression: notYetThere });
}

/** Whether nothing was ever written to a table. */
export async function isTableEmpty({ client, table }: Place): Promise<boolean> {
  const { Items = [] } = await client.send(
    new ScanCommand({ TableName: table, Limit: 1, ConsistentRead: true }),
  );
  return Items.length === 0;
}

/** What a log of a version without fingerprints shows of its keys. */
export interface KeyTraces {
  /** The item of any patient's key: wrapped, under its place. Null where there is none. */
  patientKey: Item | null;
  /** The key that signed the last seal; null where there is none. */
  sealedBy: string | null;
}

export async function tracesOfKeys({ client, table }: Place): Promise<KeyTraces> {
  const traces: KeyTraces = { patientKey: null, sealedBy: null };
  const wrapped = { FilterExpression: 'attribute_exists(#key)', ExpressionAttributeNames: { '#key': 'key' } };
  for await (const item of scanItems(client, { TableName: table, ...wrapped })) {
    traces.patientKey = item;
    break;
  }
  const newestSeal = {
    KeyConditionExpression: 'pk = :pk',
    ExpressionAttributeValues: { ':pk': S(sealPartition) },
    ScanIndexForward: false,
    Limit: 1,
  };
  for await (const { seal } of queryItems(client, { TableName: table, ...newestSeal })) {
    traces.sealedBy = seal?.B ? ((await decompressJson(seal.B)) as Seal).keyId : null;
    break;
  }
  return traces;
}
