/** What is encrypted opens with its key, in its place, unchanged; and not otherwise. */
import { describe, expect, test } from 'vitest';
import { decrypt, encrypt } from '../../../functions/log/cipher.ts';
import { compressJson, decompressJson } from '../../../functions/log/compression.ts';

const key = new Uint8Array(32).fill(1);
const plain = Buffer.from('what is clinical');
const opened = (changed: Uint8Array, by = key, place = 'here'): string =>
  Buffer.from(decrypt(by, changed, place)).toString();

describe('what is encrypted', () => {
  const encrypted = encrypt(key, plain, 'here');

  test('opens with its key in its place', () => expect(opened(encrypted)).toBe('what is clinical'));

  test('is 28 bytes longer, and another text each time', () => {
    expect(encrypted).toHaveLength(plain.length + 28);
    expect(encrypt(key, plain, 'here')).not.toEqual(encrypted);
  });

  test('does not open with another key, elsewhere, or with any byte changed', () => {
    expect(() => opened(encrypted, new Uint8Array(32).fill(2))).toThrow();
    expect(() => opened(encrypted, key, 'there')).toThrow();
    for (const index of encrypted.keys()) {
      const changed = Uint8Array.from(encrypted);
      changed[index] = (changed[index] ?? 0) ^ 1;
      expect(() => opened(changed), `byte ${index}`).toThrow();
    }
  });
});

describe('JSON in the log', () => {
  test('comes back, in canonical order', async () => {
    const packed = await compressJson({ b: 1, a: [null, 'ü'] });
    expect(JSON.stringify(await decompressJson(packed))).toBe('{"a":[null,"ü"],"b":1}');
  });

  test.each([
    ['no gzip', Buffer.from('{}')],
    ['nothing', new Uint8Array()],
  ])('that is %s is refused', async (_, bytes) => {
    await expect(decompressJson(bytes)).rejects.toThrow();
  });
});
