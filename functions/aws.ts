/** The service as it runs in Lambda: DynamoDB, a KMS key for the patient index, IAM for the caller. */
import { randomUUID } from 'node:crypto';
import { Logger } from '@aws-lambda-powertools/logger';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { KMSClient } from '@aws-sdk/client-kms';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { shippedRuleset } from '../rules/ruleset.ts';
import { openDecisionLog } from './decision-log.ts';
import { masterKeyByKms, patientHashByKms, signerByKms } from './log/kms.ts';
import { openPatientKeys } from './log/patients.ts';
import { bucketBlobs, publishToBucket } from './log/s3.ts';
import { openSealer } from './log/sealer.ts';
import { noSpill } from './log/spill.ts';
import { queueSpill } from './log/sqs.ts';
import type { Service } from './service.ts';
import { readSettings } from './settings.ts';

function connect(): Service {
  const settings = readSettings(process.env);
  const logger = new Logger();
  const keyId = settings.patientKeyId;
  const kms = new KMSClient({});
  const s3 = new S3Client({});
  const client = new DynamoDBClient({ maxAttempts: 3 });
  const now = () => new Date();
  // Functions that touch no patient have no key, and no right to use one.
  const patientKey = keyId
    ? patientHashByKms(kms, keyId)
    : () => Promise.reject(new Error('EPSOM_PATIENT_KEY_ID is not set'));
  const patients = openPatientKeys({
    client,
    table: settings.table,
    master: masterKeyByKms(kms, settings.masterKeyId ?? ''),
    hash: patientKey,
    now,
  });
  let cursorKey: Promise<string> | null = null;
  return {
    ruleset: shippedRuleset(),
    log: openDecisionLog({
      client,
      table: settings.table,
      patients,
      spill: settings.spillQueue ? queueSpill(new SQSClient({}), settings.spillQueue) : noSpill,
      blobs: bucketBlobs(s3, settings.largeBucket ?? ''),
      writers: 1,
      now,
    }),
    sealer: openSealer({
      client,
      table: settings.table,
      signer: signerByKms(kms, settings.sealKeyId ?? ''),
      publish: publishToBucket(s3, settings.sealBucket ?? ''),
      now,
    }),
    settings,
    now,
    newId: () => randomUUID().replaceAll('-', ''),
    cursorKey: () => {
      cursorKey ??= patientKey('', 'cursor');
      return cursorKey;
    },
    open: false,
    report: (event, detail) => logger.error(event, detail),
  };
}

/** Connects at the first call of an environment, and not when the file is merely imported. */
export function serviceOnAws<E, R>(
  build: (service: Service) => (event: E, context?: never) => R,
): (event: E) => R {
  let handle: ((event: E) => R) | null = null;
  return (event) => {
    handle ??= build(connect()) as (event: E) => R;
    return handle(event);
  };
}
