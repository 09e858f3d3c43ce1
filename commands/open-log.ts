/**
 * The decision log for a command: that of the server that runs, of the folder when none runs, or of a table on AWS, with the
 * keys and buckets that the functions have there. No command makes a key, and none seals.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DescribeTableCommand, DynamoDBClient, ResourceNotFoundException } from '@aws-sdk/client-dynamodb';
import { KMSClient } from '@aws-sdk/client-kms';
import { S3Client } from '@aws-sdk/client-s3';
import { isLoopback, type Settings } from '../functions/config/settings.ts';
import { createEmbeddedDynamo, createLocalDynamo, findRunningDynamo } from '../functions/host/embedded.ts';
import { keepLocalFingerprints, localPublicKey, readLocalKeys } from '../functions/host/local-keys.ts';
import { createLocalLog, sealsFile } from '../functions/host/local-log.ts';
import { copyStore } from '../functions/host/store-copy.ts';
import { createFileBlobs } from '../functions/log/blobs.ts';
import { createDecisionLog, type DecisionLog } from '../functions/log/decision-log.ts';
import { createKmsMasterKey, createKmsPatientHash, createKmsSigner } from '../functions/log/kms.ts';
import { createPatientKeys, type PatientKeys } from '../functions/log/patients.ts';
import { createBucketBlobs, readPublished } from '../functions/log/s3.ts';
import type { Seal } from '../functions/log/seal.ts';
import { createTableSource, type LogSource } from '../functions/log/source.ts';
import { noSpill } from '../functions/log/spill.ts';

/** `reads`: nothing is written, not even a file of the store. */
export type Purpose = 'reads' | 'writes';

export interface OpenedSource {
  client: DynamoDBClient;
  source: LogSource;
  /** Of the key that signs seals, in PEM. */
  publicKey(): Promise<string>;
  /** Copies of seals that were kept outside the table. */
  published(): Promise<Seal[]>;
  close(): Promise<void>;
}

export interface OpenedLog extends OpenedSource {
  log: DecisionLog;
  patients: PatientKeys;
  /** Adds what a log of an earlier version has not noted of its keys; on AWS they are in KMS, and nothing is noted. */
  noteKeys(): Promise<void>;
}

type Dynamo = { client: DynamoDBClient; close(): Promise<void> };

/** The variables of the functions that a command needs as they have them. */
const onAwsOnly = {
  EPSOM_PATIENT_KEY_ID: 'patientKeyId',
  EPSOM_MASTER_KEY_ID: 'masterKeyId',
  EPSOM_SEAL_KEY_ID: 'sealKeyId',
  EPSOM_LARGE_BUCKET: 'largeBucket',
  EPSOM_SEAL_BUCKET: 'sealBucket',
} as const;

/** The KMS keys and buckets of a table on AWS; null for a log on this machine. @throws Error naming what is not set */
function awsOf(settings: Settings) {
  const isElsewhere = settings.dynamodb !== null && !isLoopback(new URL(settings.dynamodb).hostname);
  const unset = Object.entries(onAwsOnly)
    .filter(([, field]) => settings[field] === null)
    .map(([variable]) => variable);
  if (!isElsewhere && unset.length === Object.keys(onAwsOnly).length) return null;
  if (unset.length > 0)
    throw new Error(
      `for a table on AWS set ${unset.join(', ')} as its functions have them: no key of this machine is used for it`,
    );
  const { patientKeyId, masterKeyId, sealKeyId, largeBucket, sealBucket } = settings;
  return {
    patientKeyId: patientKeyId ?? '',
    masterKeyId: masterKeyId ?? '',
    sealKeyId: sealKeyId ?? '',
    largeBucket: largeBucket ?? '',
    sealBucket: sealBucket ?? '',
  };
}

/** The DynamoDB of a folder. @throws Error when there is none yet, or another command has it open */
async function dynamoOf(folder: string, purpose: Purpose): Promise<Dynamo> {
  const running = await findRunningDynamo(folder);
  if (running) return { client: running, close: async () => running.destroy() };
  if (!existsSync(join(folder, 'dynamodb')))
    throw new Error(`there is no log in \`${folder}\` yet: start the server once`);
  if (purpose === 'writes') return createEmbeddedDynamo(folder);
  const copy = copyStore(folder);
  const own = await createEmbeddedDynamo(copy.folder);
  return {
    client: own.client,
    close: async () => {
      await own.close();
      copy.remove();
    },
  };
}

function remoteDynamo(endpoint: string | null): Dynamo {
  const onThisMachine = endpoint !== null && isLoopback(new URL(endpoint).hostname);
  const client = onThisMachine ? createLocalDynamo(endpoint) : new DynamoDBClient({ maxAttempts: 3 });
  return { client, close: async () => client.destroy() };
}

/** @throws Error when the table is not there */
async function checkTable(client: DynamoDBClient, table: string): Promise<void> {
  try {
    await client.send(new DescribeTableCommand({ TableName: table }));
  } catch (error) {
    if (!(error instanceof ResourceNotFoundException)) throw error;
    throw new Error(`there is no table \`${table}\`: set EPSOM_TABLE, or start the server once`, {
      cause: error,
    });
  }
}

/** Whatever was opened before something failed is closed. */
async function orClose<T>({ close }: Pick<Dynamo, 'close'>, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    await close();
    throw error;
  }
}

/**
 * What of a log needs no secret.
 * @throws Error when there is no log yet
 */
export async function openSource(settings: Settings, purpose: Purpose = 'reads'): Promise<OpenedSource> {
  const { data, table, dynamodb } = settings;
  const aws = awsOf(settings);
  const opened = aws || dynamodb ? remoteDynamo(dynamodb) : await dynamoOf(data, purpose);
  return orClose(opened, async () => {
    const { client, close } = opened;
    await checkTable(client, table);
    if (aws) {
      const s3 = new S3Client({});
      const source = createTableSource(client, table, createBucketBlobs(s3, aws.largeBucket));
      const { publicKey } = createKmsSigner(new KMSClient({}), aws.sealKeyId);
      return { client, source, publicKey, published: () => readPublished(s3, aws.sealBucket), close };
    }
    return {
      client,
      source: createTableSource(client, table, createFileBlobs(join(data, 'large'))),
      publicKey: async () => localPublicKey(data),
      published: async () => readSeals(sealsFile(data)),
      close,
    };
  });
}

/**
 * The whole log, with the keys it is written with.
 * @throws Error when there is no log yet, and naming a key that is lost, damaged or another one
 */
export async function openLog(settings: Settings, purpose: Purpose): Promise<OpenedLog> {
  const opened = await openSource(settings, purpose);
  return orClose(opened, async () => {
    const { table, data } = settings;
    const { client, source } = opened;
    const aws = awsOf(settings);
    const now = () => new Date();
    if (!aws) {
      const keys = await readLocalKeys(data, { client, table });
      const { sealInterval } = settings;
      const report = (event: string): void => console.error(event);
      const { log, patients } = createLocalLog({
        client,
        table,
        folder: data,
        keys,
        sealInterval,
        now,
        report,
      });
      return { ...opened, log, patients, noteKeys: () => keepLocalFingerprints(keys, { client, table }) };
    }
    const kms = new KMSClient({});
    const patients = createPatientKeys({
      client,
      table,
      master: createKmsMasterKey(kms, aws.masterKeyId),
      hash: createKmsPatientHash(kms, aws.patientKeyId),
      now,
    });
    // A command that cannot write says so; nothing of it waits.
    const log = createDecisionLog({
      client,
      table,
      patients,
      blobs: source.blobs,
      spill: noSpill,
      writers: 1,
      now,
      report: (event) => console.error(event),
    });
    return { ...opened, log, patients, noteKeys: async () => undefined };
  });
}

/**
 * Copies of seals that were kept outside the table, one a line. Half a line at the end is none: its write was cut off.
 * @throws Error naming the line that is none
 */
export function readSeals(file: string): Seal[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').split('\n');
  return lines.flatMap((line, index) => {
    if (line === '') return [];
    try {
      return [JSON.parse(line) as Seal];
    } catch (cause) {
      if (index === lines.length - 1) return [];
      throw new Error(`line ${index + 1} of \`${file}\` is no seal: restore the file from a backup`, {
        cause,
      });
    }
  });
}
