/** What the sealer and the projector need on AWS and nothing else: the table, the key that signs seals, the bucket of their copies. */
import { Logger } from '@aws-lambda-powertools/logger';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { KMSClient } from '@aws-sdk/client-kms';
import { S3Client } from '@aws-sdk/client-s3';
import type { Settings } from '../config/settings.ts';
import { createChains } from '../log/chains.ts';
import { createKmsSigner } from '../log/kms.ts';
import { createProjector, type Projector } from '../log/projector.ts';
import { createBucketPublisher } from '../log/s3.ts';
import { createSealer, type Sealer } from '../log/sealer.ts';
import { createSeals } from '../log/sealing/seals.ts';

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
    report: logged(),
    now: () => new Date(),
  });

function logged() {
  const logger = new Logger();
  return (event: string, detail: Record<string, string | number>) => logger.error(event, detail);
}

/** Needs no key: what it makes follows from what is in clear. */
export function createProjectorOnAws({ table }: Pick<Settings, 'table'>): Projector {
  const client = new DynamoDBClient({ maxAttempts: 3 });
  return createProjector({
    client,
    table,
    chains: createChains({ client, table, indexMayLead: false }),
    sealedUpTo: createSeals({ client, table }).sealedUpTo,
    now: () => new Date(),
    report: logged(),
  });
}
