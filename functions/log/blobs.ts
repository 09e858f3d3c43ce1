/** What is too large for an item of DynamoDB (400 KB), by the hash of its content: files here, S3 on AWS. */
import { mkdirSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeDurably } from './durable-file.ts';

export interface Blobs {
  /** The same content twice is the same blob. When it returns, the blob survives a crash. */
  put(digest: string, content: Uint8Array): Promise<void>;
  get(digest: string): Promise<Uint8Array | null>;
  /** What is not there is no error. */
  remove(digest: string): Promise<void>;
}

const isDigest = /^[0-9a-f]{64}$/;

export function createFileBlobs(folder: string): Blobs {
  const pathOf = (digest: string): string => {
    if (!isDigest.test(digest)) throw new Error('a blob is named by the SHA-256 of its content');
    return join(folder, digest);
  };
  return {
    async put(digest, content) {
      const path = pathOf(digest);
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      await writeDurably(path, content);
    },
    async get(digest) {
      try {
        return await readFile(pathOf(digest));
      } catch {
        return null;
      }
    },
    remove: (digest) => rm(pathOf(digest), { force: true }),
  };
}

/** In memory only, for tests and for a server that keeps nothing. */
export function createMemoryBlobs(): Blobs {
  const held = new Map<string, Uint8Array>();
  return {
    put: async (digest, content) => void held.set(digest, content),
    get: async (digest) => held.get(digest) ?? null,
    remove: async (digest) => void held.delete(digest),
  };
}
