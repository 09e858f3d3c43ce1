/**
 * On AWS: what is too large for an item, and the copies of seals, in S3. The bucket of seals has Object Lock in
 * compliance mode, so that nobody who can write the table can take a seal back.
 * S3 cannot run here: tests stand in for it behind the same small functions.
 */
import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  type ListObjectsV2CommandOutput,
  NoSuchKey,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import type { Blobs } from './blobs.ts';
import { sortable } from './keys.ts';
import type { Seal } from './seal.ts';

type S3 = Pick<S3Client, 'send'>;

export const createBucketBlobs = (s3: S3, bucket: string): Blobs => ({
  async put(digest, content) {
    await s3.send(new PutObjectCommand({ Bucket: bucket, Key: `large/${digest}`, Body: content }));
  },
  async get(digest) {
    try {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: `large/${digest}` }));
      return Body ? await Body.transformToByteArray() : null;
    } catch (error) {
      if (error instanceof NoSuchKey) return null;
      throw error;
    }
  },
  async remove(digest) {
    await s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: `large/${digest}` }));
  },
});

/** The bucket's default retention locks the copy; a second one of the same number is another version, never a replacement. */
export const createBucketPublisher =
  (s3: S3, bucket: string) =>
  async (seal: Seal): Promise<void> => {
    await s3.send(
      new PutObjectCommand({
        Bucket: bucket,
        Key: `seals/${sortable(seal.n)}.json`,
        Body: JSON.stringify(seal),
        ContentType: 'application/json',
      }),
    );
  };

/** Objects that are read side by side. */
const width = 32;

/** Every copy of a seal in the bucket, in order: for a verifier. */
export async function readPublished(s3: S3, bucket: string): Promise<Seal[]> {
  const seals: Seal[] = [];
  let from: string | undefined;
  do {
    const page: ListObjectsV2CommandOutput = await s3.send(
      new ListObjectsV2Command({ Bucket: bucket, Prefix: 'seals/', ContinuationToken: from }),
    );
    const names = (page.Contents ?? []).flatMap(({ Key }) => Key ?? []);
    for (let at = 0; at < names.length; at += width) {
      const some = names.slice(at, at + width).map(async (Key) => {
        const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key }));
        return JSON.parse((await Body?.transformToString()) ?? '') as Seal;
      });
      seals.push(...(await Promise.all(some)));
    }
    from = page.NextContinuationToken;
  } while (from !== undefined);
  return seals;
}
