/** Signatures of seals: ECDSA on P-256 with SHA-256, by a local key file in development and by KMS on AWS. */
import { createPrivateKey, createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto';
import { sha256 } from '../../rules/digest/digest.ts';

export interface Signer {
  /** Names the key, so that a verifier can find it: SHA-256 of its SubjectPublicKeyInfo. */
  keyId(): Promise<string>;
  /** SubjectPublicKeyInfo in PEM: all that a verifier needs. */
  publicKey(): Promise<string>;
  /** DER signature in base64. */
  sign(text: string): Promise<string>;
}

export const keyIdOf = (publicKey: string): string =>
  sha256(createPublicKey(publicKey).export({ type: 'spki', format: 'der' })).slice(0, 32);

/** @param publicKey PEM; false for a signature or a key that cannot be read, too */
export function isSigned(text: string, signature: string, publicKey: string): boolean {
  try {
    return verify('sha256', Buffer.from(text), publicKey, Buffer.from(signature, 'base64'));
  } catch {
    return false;
  }
}

/** SubjectPublicKeyInfo in PEM. */
export const publicKeyOf = (privateKey: string): string =>
  createPublicKey(createPrivateKey(privateKey)).export({ type: 'spki', format: 'pem' }).toString();

/** @param privateKey PKCS #8 in PEM */
export function createSigner(privateKey: string): Signer {
  const key = createPrivateKey(privateKey);
  const publicKey = publicKeyOf(privateKey);
  return {
    keyId: async () => keyIdOf(publicKey),
    publicKey: async () => publicKey,
    sign: async (text) => sign('sha256', Buffer.from(text), key).toString('base64'),
  };
}

export function generatePrivateKey(): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}
