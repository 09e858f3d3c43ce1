import { describe, expect, it } from 'vitest';
import { canonicalJson, derivedUuid, sha256 } from '../../../rules/digest/digest.ts';

describe('canonical JSON', () => {
  it('sorts keys at every depth, keeps the order of lists, and writes numbers in one way', () => {
    expect(canonicalJson({ b: [2, 1], a: { d: 1.0, c: 1e21 } })).toBe('{"a":{"c":1e+21,"d":1},"b":[2,1]}');
  });
  it('of undefined there is none', () => {
    expect(() => canonicalJson(undefined)).toThrow('undefined has no canonical JSON');
  });
});

it('SHA-256 of `abc` is that of FIPS 180-2, in lower-case hex', () => {
  expect(sha256('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
});

describe('a derived UUID', () => {
  it('is version 8 with the variant of RFC 9562, made of the hash of the names joined by line ends', () => {
    // SHA-256 of `abc` is ba7816bf 8f01 cfea 4141 40de5dae2223...
    expect(derivedUuid('abc')).toBe('ba7816bf-8f01-8fea-8141-40de5dae2223');
    expect(derivedUuid('a', 'b')).toBe(derivedUuid('a\nb'));
  });
  it('keeps two bits of the hash below the variant bits, whatever they are', () => {
    const seen = new Set<string>();
    for (let index = 0; index < 64; index += 1) {
      const name = String(index);
      const uuid = derivedUuid(name);
      expect(uuid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
      const nibble = Number.parseInt(sha256(name).charAt(16), 16);
      expect(uuid.charAt(19)).toBe((8 + (nibble % 4)).toString(16));
      seen.add(uuid);
    }
    expect(seen.size).toBe(64);
  });
  it('differs when a name moves from one place to the next', () => {
    expect(derivedUuid('a', 'bc')).not.toBe(derivedUuid('ab', 'c'));
  });
});
