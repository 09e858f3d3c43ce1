/**
 * A seal: the signed root of the log's Merkle tree at one time. It names the one before by hash, so that none can be
 * replaced or dropped.
 */
import { canonicalJson, sha256 } from '../../rules/digest/digest.ts';
import type { Signer } from './signer.ts';

export interface SealBody {
  schema: 'epsom.seal/1';
  n: number;
  /** Leaves of the tree up to and with this seal. */
  size: number;
  /** RFC 6962 root over all of them, hex. */
  root: string;
  /** Hash of the seal before; null for the first. */
  prevSealHash: string | null;
  /** Last sealed record of each writer that wrote in this interval. */
  writerHeads: Record<string, { seq: number; hash: string }>;
  interval: { from: string | null; to: string };
  /** Writers of which records wait behind a gap (a record that is still in a spill). */
  waiting: string[];
}
export interface Seal extends SealBody {
  hash: string;
  keyId: string;
  signature: string;
}

/** What is signed and hashed: everything but hash, key and signature. */
export const sealText = ({ hash: _, keyId: __, signature: ___, ...body }: Seal): string =>
  canonicalJson(body);
export const sealHash = (body: SealBody): string => `sha256:${sha256(canonicalJson(body))}`;

/** Signs the canonical JSON (RFC 8785) of a seal. */
export const signSeal = async (body: SealBody, signer: Pick<Signer, 'keyId' | 'sign'>): Promise<Seal> => ({
  ...body,
  hash: sealHash(body),
  keyId: await signer.keyId(),
  signature: await signer.sign(canonicalJson(body)),
});
