/** What the decision log needs beside its table: keys, the queue it spills into, and two buckets. */
import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { type IKey, Key, KeySpec, KeyUsage } from 'aws-cdk-lib/aws-kms';
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  type IBucket,
  ObjectLockRetention,
  ObjectOwnership,
} from 'aws-cdk-lib/aws-s3';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';

export interface LogParts {
  /** Wraps the keys of patients. Without it no record can be read. */
  readonly masterKey: Key;
  /** Signs seals; its private half never leaves KMS. */
  readonly sealKey: Key;
  readonly spill: Queue;
  /** What fourteen days of tries could not put into the table: an alarm and a person. */
  readonly lost: Queue;
  readonly large: Bucket;
  readonly seals: Bucket;
}

/** Six years (HIPAA, 45 CFR 164.316(b)(2)(i)), leap days included. */
export const SIX_YEARS = Duration.days(6 * 365 + 2);

/** @param key the key for everything at rest */
export function createLogParts(scope: Construct, key: IKey): LogParts {
  const masterKey = new Key(scope, 'MasterKey', {
    description: 'Epsom: wraps the keys of patients in the decision log',
    enableKeyRotation: true,
    removalPolicy: RemovalPolicy.RETAIN,
  });
  const sealKey = new Key(scope, 'SealKey', {
    description: 'Epsom: signs the seals of the decision log',
    keySpec: KeySpec.ECC_NIST_P256,
    keyUsage: KeyUsage.SIGN_VERIFY,
    removalPolicy: RemovalPolicy.RETAIN,
  });
  const queue = { encryption: QueueEncryption.KMS, encryptionMasterKey: key, enforceSSL: true };
  const lost = new Queue(scope, 'SpillLost', { ...queue, retentionPeriod: Duration.days(14) });
  const spill = new Queue(scope, 'Spill', {
    ...queue,
    retentionPeriod: Duration.days(14),
    // Six times the time-out of functions/drain.ts, as AWS advises.
    visibilityTimeout: Duration.minutes(6),
    // A try every six minutes for a day: DynamoDB is back by then, or somebody has been told.
    deadLetterQueue: { queue: lost, maxReceiveCount: 240 },
  });
  const bucket = {
    enforceSSL: true,
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
    versioned: true,
    removalPolicy: RemovalPolicy.RETAIN,
  };
  const atRest = { encryption: BucketEncryption.KMS, encryptionKey: key };
  const accessLog = new Bucket(scope, 'BucketAccess', {
    ...bucket,
    // Server access logs can only be delivered to a bucket with S3's own keys.
    // https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html
    encryption: BucketEncryption.S3_MANAGED,
    lifecycleRules: [{ expiration: Duration.days(365) }],
  });
  // CDK's own class says `boolean | undefined` of `isWebsite` where its interface says `boolean`.
  const serverAccessLogsBucket = accessLog as IBucket;
  return {
    masterKey,
    sealKey,
    spill,
    lost,
    large: new Bucket(scope, 'Large', {
      ...bucket,
      ...atRest,
      serverAccessLogsBucket,
      serverAccessLogsPrefix: 'large/',
    }),
    // Compliance mode: nobody, the root user included, can take a seal back before its time.
    seals: new Bucket(scope, 'Seals', {
      ...bucket,
      ...atRest,
      serverAccessLogsBucket,
      serverAccessLogsPrefix: 'seals/',
      objectLockEnabled: true,
      objectLockDefaultRetention: ObjectLockRetention.compliance(SIX_YEARS),
    }),
  };
}
