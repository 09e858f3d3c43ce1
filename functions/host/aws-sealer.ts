/** What the sealer needs on AWS and nothing else: the table, the key that signs seals, the bucket of their copies. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { KMSClient } from '@aws-sdk/client-kms';
import { S3Client } from '@aws-sdk/client-s3';
import type { Settings } from '../config/settings.ts';
import { createKmsSigner } from '../log/kms.ts';
import { createBucketPublisher } from '../log/s3.ts';
import { createSealer, type Sealer } from '../log/sealer.ts';

export const createSealerOnAws = ({
  table,
  sealKeyId,
  sealBucket,
}: Pick<Settings, 'table' | 'sealKeyId' | 'sealBucket'>): Sealer =>
  createSealer({
    client: new DynamoDBClient({ maxAttempts: 3 }),
    table,
    signer: createKmsSigner(new KMSClient({}), sealKeyId ?? ''),
    publish: createBucketPublisher(new S3Client({}), sealBucket ?? ''),
    now: () => new Date(),
  });
