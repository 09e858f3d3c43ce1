/** AES-256-GCM over bytes that belong to one place: elsewhere they do not open. */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

const ivBytes = 12;
const tagBytes = 16;

/**
 * @param key 32 bytes
 * @param context where the bytes belong, such as a decision id
 * @returns initialisation vector, ciphertext, tag
 */
export function encrypt(key: Uint8Array, plain: Uint8Array, context: string): Uint8Array {
  const iv = randomBytes(ivBytes);
  const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(context));
  return Buffer.concat([iv, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

/** @throws Error when the key or the context is another one, or the bytes were changed */
export function decrypt(key: Uint8Array, encrypted: Uint8Array, context: string): Uint8Array {
  const decipher = createDecipheriv('aes-256-gcm', key, encrypted.subarray(0, ivBytes))
    .setAAD(Buffer.from(context))
    .setAuthTag(encrypted.subarray(-tagBytes));
  return Buffer.concat([decipher.update(encrypted.subarray(ivBytes, -tagBytes)), decipher.final()]);
}
