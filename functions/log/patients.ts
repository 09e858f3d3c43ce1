/**
 * A key for each patient: what is clinical in a record is encrypted with it, so that destroying it erases the
 * patient while chain and seals stay verifiable (they hash what is stored, not what it says).
 *
 * A patient is named by a keyed hash. Keys are kept wrapped by a master key: a local file, or KMS on AWS.
 */
import { randomBytes } from 'node:crypto';
import {
  type AttributeValue,
  DeleteItemCommand,
  type DynamoDBClient,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { sha256 } from '../../rules/digest/digest.ts';
import { decrypt, encrypt } from './cipher.ts';
import { B, type Item, S } from './items.ts';
import { type Key, keyIn, keyItem, patientKeyPartition } from './keys.ts';

export interface MasterKey {
  /** @param context binds the wrapped key to its place: unwrapping elsewhere fails */
  wrap(key: Uint8Array, context: string): Promise<Uint8Array>;
  unwrap(wrapped: Uint8Array, context: string): Promise<Uint8Array>;
}

/** A master key held in memory: read from a file on one machine. */
export const createLocalMasterKey = (key: Uint8Array): MasterKey => ({
  wrap: async (plain, context) => encrypt(key, plain, context),
  unwrap: async (wrapped, context) => decrypt(key, wrapped, context),
});

export interface PatientKey {
  id: string;
  key: Uint8Array;
  /** To be stored with the first record that uses it, where it could not be stored before. */
  unstored: Item | null;
}

const idOf = (key: Uint8Array): string => sha256(key).slice(0, 16);

export type PatientKeys = ReturnType<typeof createPatientKeys>;

/** Milliseconds for which a process trusts a key it has in memory: an erasure waits for as long (retention.ts). */
export const trusted = 2000;
/** Milliseconds the table is waited for. */
const patience = 500;
/** Keys a process holds at most. */
const mostKeys = 5_000;

/** One data key for each patient, wrapped by the master key: destroying it erases what was said of the patient. */
export function createPatientKeys(options: {
  client: DynamoDBClient;
  table: string;
  master: MasterKey;
  /** Keyed hash of a patient id, so that the index does not hold it in clear. */
  hash(tenant: string, patient: string): Promise<string>;
  now(): Date;
}) {
  const { client, table, master, now } = options;
  const cache = new Map<string, { until: number; key: Promise<PatientKey> }>();

  const hashOf = (tenant: string, patient: string | null): Promise<string> =>
    patient === null ? Promise.resolve('none') : options.hash(tenant, patient);

  /** Every key of a patient, those that are being erased too. */
  async function keysIn(partition: string, abortSignal?: AbortSignal): Promise<Item[]> {
    const { Items = [] } = await client.send(
      new QueryCommand({
        TableName: table,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': S(partition) },
        ConsistentRead: true,
      }),
      abortSignal ? { abortSignal } : {},
    );
    return Items;
  }

  async function keyOfItem(item: Item | undefined, partition: string): Promise<PatientKey | null> {
    const [id, wrapped] = [item?.sk?.S, item?.key?.B];
    if (id === undefined || !wrapped) return null;
    return { id, key: await master.unwrap(wrapped, partition), unstored: null };
  }

  /** A key that is being erased is not written with any more. */
  const keyToWrite = async (partition: string): Promise<PatientKey | null> =>
    keyOfItem(
      (await keysIn(partition, AbortSignal.timeout(patience))).find(({ retired }) => !retired),
      partition,
    );

  async function createKey(partition: string): Promise<PatientKey> {
    const key = randomBytes(32);
    const id = idOf(key);
    const item: Item = { ...keyItem({ pk: partition, sk: id }), key: B(await master.wrap(key, partition)) };
    try {
      const limit = { abortSignal: AbortSignal.timeout(patience) };
      await client.send(new PutItemCommand({ TableName: table, Item: item }), limit);
      return { id, key, unstored: null };
    } catch {
      // The log is down: the key goes where the record goes.
      return { id, key, unstored: item };
    }
  }

  const setRetired = async (key: Key, at: AttributeValue | null): Promise<void> => {
    await client.send(
      new UpdateItemCommand({
        TableName: table,
        Key: keyItem(key),
        // A key that another process destroyed is not made again.
        ConditionExpression: 'attribute_exists(pk)',
        UpdateExpression: at === null ? 'REMOVE retired' : 'SET retired = :at',
        ...(at === null ? {} : { ExpressionAttributeValues: { ':at': at } }),
      }),
    );
  };

  return {
    hashOf,

    /** The key to write with. Never fails for want of DynamoDB: a new key then travels with the record. */
    async forWriting(tenant: string, hashed: string): Promise<PatientKey> {
      const partition = patientKeyPartition(tenant, hashed);
      const known = cache.get(partition);
      if (known && known.until > now().getTime()) return known.key;
      const key = keyToWrite(partition)
        .catch(() => null)
        .then((found) => found ?? createKey(partition));
      // A failure is not remembered.
      key.catch(() => cache.delete(partition));
      if (cache.size >= mostKeys) cache.clear();
      cache.set(partition, { until: now().getTime() + trusted, key });
      return key;
    },

    /** The key to read with; null when it was destroyed. */
    async forReading(tenant: string, hashed: string, id: string): Promise<Uint8Array | null> {
      const partition = patientKeyPartition(tenant, hashed);
      const known = cache.get(partition);
      if (known && known.until > now().getTime()) {
        const key = await known.key;
        if (key.id === id) return key.key;
      }
      const item = (await keysIn(partition)).find(({ sk }) => sk?.S === id);
      return (await keyOfItem(item, partition))?.key ?? null;
    },

    /** Whether a stored key opens under the master key and is the one its id names. */
    async isWhole(item: Item): Promise<boolean> {
      const key = await keyOfItem(item, keyIn(item).pk).catch(() => null);
      return key !== null && idOf(key.key) === key.id;
    },

    /**
     * Takes the keys of a patient out of use: nothing is written with them any more once `trusted` milliseconds have
     * passed. They still read, until they are destroyed.
     * @returns their ids
     */
    async retire(tenant: string, hashed: string): Promise<string[]> {
      const partition = patientKeyPartition(tenant, hashed);
      const ids = (await keysIn(partition)).map((item) => keyIn(item).sk);
      for (const id of ids) await setRetired({ pk: partition, sk: id }, S(now().toISOString()));
      cache.delete(partition);
      return ids;
    },

    /** Ids of the keys of a patient that are in use. */
    idsOf: async (tenant: string, hashed: string): Promise<string[]> =>
      (await keysIn(patientKeyPartition(tenant, hashed)))
        .filter(({ retired }) => !retired)
        .map((item) => keyIn(item).sk),

    /** A key that is of use after all. */
    keep: (tenant: string, hashed: string, id: string): Promise<void> =>
      setRetired({ pk: patientKeyPartition(tenant, hashed), sk: id }, null),

    /** Nothing that was written with it is ever read again. */
    async destroy(tenant: string, hashed: string, id: string): Promise<void> {
      const key = keyItem({ pk: patientKeyPartition(tenant, hashed), sk: id });
      await client.send(new DeleteItemCommand({ TableName: table, Key: key }));
    },
  };
}
