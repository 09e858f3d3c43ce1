/**
 * The service as it runs in Lambda: DynamoDB, a KMS key for the patient index; the caller by the client registry,
 * or by IAM where there is none.
 */
import { randomUUID } from 'node:crypto';
import { Logger } from '@aws-lambda-powertools/logger';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { KMSClient } from '@aws-sdk/client-kms';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { shippedRuleset } from '../../rules/library/shipped.ts';
import { inUse, loadProducts } from '../config/product-index.ts';
import { readSettings } from '../config/settings.ts';
import { createDecisionLog } from '../log/decision-log.ts';
import { createKmsMasterKey, createKmsPatientHash, createKmsSigner } from '../log/kms.ts';
import { createPatientKeys } from '../log/patients.ts';
import { createRulesets } from '../log/rulesets.ts';
import { createBucketBlobs, createBucketPublisher } from '../log/s3.ts';
import { createSealer } from '../log/sealer.ts';
import { noSpill } from '../log/spill.ts';
import { createQueueSpill } from '../log/sqs.ts';
import { fetchJson } from '../outbound/fetch.ts';
import { createInterfaceFacts } from '../service/interface-facts.ts';
import type { Service } from '../service/service.ts';
import { createCallers } from '../trust/callers.ts';
import { readClients } from '../trust/clients.ts';
import { clientsText } from '../trust/clients-text.ts';
import { connectOnce } from './lambda.ts';

async function connect(identifies: boolean): Promise<Service> {
  const settings = readSettings(process.env);
  const logger = new Logger();
  const report: Service['report'] = (event, detail) => logger.error(event, detail);
  const ruleset = shippedRuleset(loadProducts(settings));
  logger.info('started', { ruleset: ruleset.digest, terminology: inUse(ruleset.products) });
  const now = () => new Date();
  const client = new DynamoDBClient({ maxAttempts: 3 });
  const { table, clients, allowLoopback } = settings;
  const registry =
    identifies && clients !== null
      ? readClients(await clientsText(clients), {
          allowLoopback,
          deadlineMs: settings.deadlineMs,
          ruleIds: new Set(ruleset.rules.map(({ rule }) => rule.id)),
        })
      : null;
  const keyId = settings.patientKeyId;
  const kms = new KMSClient({});
  const s3 = new S3Client({});
  // Functions that touch no patient have no key, and no right to use one.
  const patientKey = keyId
    ? createKmsPatientHash(kms, keyId)
    : () => Promise.reject(new Error('EPSOM_PATIENT_KEY_ID is not set'));
  const patients = createPatientKeys({
    client,
    table,
    master: createKmsMasterKey(kms, settings.masterKeyId ?? ''),
    hash: patientKey,
    now,
  });
  let cursorKey: Promise<string> | null = null;
  return {
    ruleset,
    log: createDecisionLog({
      client,
      table,
      patients,
      spill: settings.spillQueue ? createQueueSpill(new SQSClient({}), settings.spillQueue) : noSpill,
      blobs: createBucketBlobs(s3, settings.largeBucket ?? ''),
      writers: 1,
      // The sealer's function does, which may write what follows from records.
      projects: false,
      ruleset,
      now,
    }),
    rulesetAt: createRulesets(client, table, ruleset),
    sealer: createSealer({
      client,
      table,
      signer: createKmsSigner(kms, settings.sealKeyId ?? ''),
      publish: createBucketPublisher(s3, settings.sealBucket ?? ''),
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
    callers: registry ? createCallers({ registry, client, table, settings, fetchJson, now, report }) : null,
    interfaces: createInterfaceFacts({ report }),
    report,
  };
}

/**
 * The handler of a function that serves HTTP.
 * @param options.identifies false for a function whose paths are open to everybody: it reads no registry
 */
export const serviceOnAws = <E, R>(
  build: (service: Service) => (event: E, context?: never) => Promise<R>,
  options: { identifies: boolean } = { identifies: true },
): ((event: E) => Promise<R>) => connectOnce(async () => build(await connect(options.identifies)));
