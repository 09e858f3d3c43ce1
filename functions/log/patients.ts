/**
 * A key for each patient: what is clinical in a record is encrypted with it, so that destroying it erases the
 * patient while chain and seals stay verifiable (they hash what is stored, not what it says).
 *
 * A patient is named by a keyed hash. Keys are kept wrapped by a master key: a local file, or KMS on AWS.
 */
import { randomBytes } from 'node:crypto';
import { type DynamoDBClient, PutItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import { sha256 } from '../../rules/digest/digest.ts';
import { decrypt, encrypt } from './cipher.ts';
import { B, type Item, S } from './items.ts';
import { keyItem, patientKeyPartition } from './keys.ts';

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

export type PatientKeys = ReturnType<typeof createPatientKeys>;

/** How long a process trusts a key it has in memory: within this time an erasure elsewhere is not seen. */
const trusted = 60_000;
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

  async function findStored(partition: string, id?: string): Promise<PatientKey | null> {
    const answer = await client.send(
      new QueryCommand({
        TableName: table,
        KeyConditionExpression: id === undefined ? 'pk = :pk' : 'pk = :pk AND sk = :id',
        ExpressionAttributeValues: { ':pk': S(partition), ...(id === undefined ? {} : { ':id': S(id) }) },
        Limit: 1,
        ConsistentRead: true,
      }),
    );
    const item = answer.Items?.[0];
    const [name, wrapped] = [item?.sk?.S, item?.key?.B];
    if (name === undefined || !wrapped) return null;
    return { id: name, key: await master.unwrap(wrapped, partition), unstored: null };
  }

  async function createKey(partition: string): Promise<PatientKey> {
    const key = randomBytes(32);
    const id = sha256(key).slice(0, 16);
    const item: Item = { ...keyItem({ pk: partition, sk: id }), key: B(await master.wrap(key, partition)) };
    try {
      await client.send(new PutItemCommand({ TableName: table, Item: item }));
      return { id, key, unstored: null };
    } catch {
      // The log is down: the key goes where the record goes.
      return { id, key, unstored: item };
    }
  }

  return {
    hashOf,

    /** The key to write with. Never fails for want of DynamoDB: a new key then travels with the record. */
    async forWriting(tenant: string, hashed: string): Promise<PatientKey> {
      const partition = patientKeyPartition(tenant, hashed);
      const known = cache.get(partition);
      if (known && known.until > now().getTime()) return known.key;
      const key = findStored(partition)
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
      return (await findStored(partition, id))?.key ?? null;
    },

    forget(tenant: string, hashed: string): void {
      cache.delete(patientKeyPartition(tenant, hashed));
    },
  };
}
