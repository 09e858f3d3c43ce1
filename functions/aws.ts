/** The service as it runs in Lambda: DynamoDB, a KMS key for the patient index, IAM for the caller. */
import { randomUUID } from 'node:crypto';
import { Logger } from '@aws-lambda-powertools/logger';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { GenerateMacCommand, KMSClient } from '@aws-sdk/client-kms';
import { shippedRuleset } from '../rules/ruleset.ts';
import { openDecisionLog } from './decision-log.ts';
import type { Service } from './service.ts';
import { readSettings } from './settings.ts';
import { inUse, loadProducts } from './terminology.ts';

/** HMAC by a key that never leaves KMS, so that the patient index cannot be computed from a copy of the table. */
export function patientKeyByKms(kms: Pick<KMSClient, 'send'>, keyId: string) {
  return async (tenant: string, patient: string): Promise<string> => {
    const answer = await kms.send(
      new GenerateMacCommand({
        KeyId: keyId,
        MacAlgorithm: 'HMAC_SHA_256',
        Message: Buffer.from(`${tenant}\n${patient}`),
      }),
    );
    if (!answer.Mac) throw new Error('KMS answered without a MAC');
    return Buffer.from(answer.Mac).toString('hex');
  };
}

function connect(): Service {
  const settings = readSettings(process.env);
  const logger = new Logger();
  const keyId = settings.patientKeyId;
  // Functions that touch no patient have no key, and no right to use one.
  const patientKey = keyId
    ? patientKeyByKms(new KMSClient({}), keyId)
    : () => Promise.reject(new Error('EPSOM_PATIENT_KEY_ID is not set'));
  let cursorKey: Promise<string> | null = null;
  const ruleset = shippedRuleset(loadProducts(settings));
  logger.info('started', { ruleset: ruleset.digest, terminology: inUse(ruleset.products) });
  return {
    ruleset,
    log: openDecisionLog({
      client: new DynamoDBClient({ maxAttempts: 3 }),
      table: settings.table,
      patientKey,
      writers: 1,
    }),
    settings,
    now: () => new Date(),
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
