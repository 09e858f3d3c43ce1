/** Key sets behind a URL: how often they are fetched, and how long they are used. The clock is an argument. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { FetchJson } from '../../../../functions/outbound/fetch.ts';
import { readKey } from '../../../../functions/trust/jwks/key.ts';
import { createRemoteKeySet, keySetLimits } from '../../../../functions/trust/jwks/remote.ts';
import { type Issuer, newIssuer } from '../../../support/trust.ts';

const [first, second] = await Promise.all([
  newIssuer('https://ehr.example.org', 'ES384', 'a'),
  newIssuer('https://ehr.example.org', 'ES384', 'b'),
]);
const url = 'https://ehr.example.org/jwks';
const never = new AbortController().signal;

/** A key set whose server and clock the test moves. */
function keySet(...keys: Issuer[]) {
  const state = {
    seconds: 1_000_000,
    up: true,
    keys,
    fetches: 0,
    failures: 0,
    pending: null as null | (() => void),
  };
  let hold = false;
  const fetchJson: FetchJson = async (asked, { allowed, maxBytes }) => {
    state.fetches += 1;
    expect([String(asked), allowed(new URL(url)), allowed(new URL('https://other.org/jwks'))]).toEqual([
      url,
      true,
      false,
    ]);
    expect(maxBytes).toBe(keySetLimits.bytes);
    if (hold) await new Promise<void>((done) => (state.pending = done));
    if (!state.up) throw new Error('down');
    return { status: 200, json: { keys: state.keys.map(({ jwk }) => jwk) }, bytes: 0, url };
  };
  const find = createRemoteKeySet({
    url,
    fetchJson,
    loopback: false,
    now: () => new Date(state.seconds * 1000),
    failed: () => {
      state.failures += 1;
    },
  });
  return {
    state,
    has: async (kid: string, signal = never) => (await find(kid, 'ES384', signal)) !== null,
    later: (seconds: number) => {
      state.seconds += seconds;
    },
    holding: (held: boolean) => {
      hold = held;
    },
  };
}

describe('a key set behind a URL', () => {
  test('is fetched once for 100 tokens in 500 seconds, and again after 600', async () => {
    const set = keySet(first);
    for (let time = 0; time < 100; time += 1) {
      expect(await set.has('a')).toBe(true);
      set.later(5);
    }
    expect(set.state.fetches).toBe(1);
    set.later(100);
    expect(await set.has('a')).toBe(true);
    expect(set.state.fetches).toBe(2);
  });

  test('is fetched once for 50 who ask at the same time', async () => {
    const set = keySet(first);
    expect(await Promise.all(Array.from({ length: 50 }, () => set.has('a')))).toEqual(Array(50).fill(true));
    expect(set.state.fetches).toBe(1);
  });

  test('1,000 unknown kids cost one fetch in 30 seconds, whether or not keys were there', async () => {
    for (const warm of [true, false]) {
      const set = keySet(first);
      if (warm) await set.has('a');
      const before = set.state.fetches;
      for (let kid = 0; kid < 1000; kid += 1) expect(await set.has(`kid-${kid}`)).toBe(false);
      expect(set.state.fetches - before).toBe(1);
      set.later(keySetLimits.coolDown - 1);
      await set.has('kid');
      expect(set.state.fetches - before).toBe(1);
      set.later(1);
      await set.has('kid');
      expect(set.state.fetches - before).toBe(2);
    }
  });

  test('a rotated key is found at its first token, and the one taken away is gone', async () => {
    const set = keySet(first);
    expect(await set.has('a')).toBe(true);
    set.state.keys = [second];
    expect(await set.has('b')).toBe(true);
    expect(await set.has('a')).toBe(false);
    expect(set.state.fetches).toBe(2);
  });

  test('known keys are used for 24 hours while the URL is down, and not for longer', async () => {
    const set = keySet(first);
    await set.has('a');
    set.state.up = false;
    set.later(keySetLimits.freshFor);
    expect(await set.has('a')).toBe(true);
    set.later(keySetLimits.staleFor - keySetLimits.freshFor - 1);
    expect(await set.has('a')).toBe(true);
    set.later(1);
    expect(await set.has('a')).toBe(false);
    set.state.up = true;
    set.later(keySetLimits.retryAfter);
    expect(await set.has('a')).toBe(true);
  });

  test('that is down is asked at most every 5 seconds, and each failure is told', async () => {
    const set = keySet(first);
    set.state.up = false;
    for (let time = 0; time < 10; time += 1) {
      expect(await set.has('a')).toBe(false);
      set.later(1);
    }
    expect([set.state.fetches, set.state.failures]).toEqual([2, 2]);
  });

  test('nobody waits a second time for a URL that is down while there are keys', async () => {
    const set = keySet(first);
    await set.has('a');
    set.state.up = false;
    set.later(keySetLimits.freshFor);
    await set.has('a');
    set.later(keySetLimits.retryAfter);
    set.holding(true);
    expect(await set.has('a')).toBe(true);
    expect(set.state.pending).not.toBeNull();
    set.state.pending?.();
  });

  test('a caller whose time is over stops waiting; the fetch serves the next', async () => {
    const set = keySet(first);
    set.holding(true);
    const deadline = new AbortController();
    const early = set.has('a', deadline.signal);
    deadline.abort();
    expect(await early).toBe(false);
    const late = set.has('a');
    set.state.pending?.();
    expect(await late).toBe(true);
    expect(set.state.fetches).toBe(1);
  });

  test.each<[string, unknown, number]>([
    ['no keys member', {}, 200],
    ['a list', [], 200],
    ['status 404', { keys: [first.jwk] }, 404],
    ['101 keys', { keys: Array(101).fill(first.jwk) }, 200],
  ])('%s is no key set', async (_, json, status) => {
    let failures = 0;
    const find = createRemoteKeySet({
      url,
      fetchJson: async () => ({ status, json, bytes: 0, url }),
      loopback: false,
      now: () => new Date(0),
      failed: () => {
        failures += 1;
      },
    });
    expect(await find('a', 'ES384', never)).toBeNull();
    expect(failures).toBe(1);
  });

  test('keys that are private, symmetric, for other uses or not understood are left out, the others are used', async () => {
    const others = [
      { kty: 'oct', kid: 'o', k: 'AAAA' },
      { ...second.jwk, d: 'x' },
      { ...second.jwk, use: 'enc' },
      null,
      'x',
    ];
    const find = createRemoteKeySet({
      url,
      fetchJson: async () => ({ status: 200, json: { keys: [...others, first.jwk] }, bytes: 0, url }),
      loopback: false,
      now: () => new Date(0),
      failed: () => undefined,
    });
    expect(await find('a', 'ES384', never)).not.toBeNull();
    expect(await find('b', 'ES384', never)).toBeNull();
    expect(await find('a', 'ES256', never)).toBeNull();
  });

  test('whatever is asked when: fetches stay within what TTL, cool-down and retry allow, and no wrong key is given', async () => {
    const step = fc.record({
      wait: fc.integer({ min: 0, max: 700 }),
      kid: fc.constantFrom('a', 'b', 'x', 'y'),
      up: fc.boolean(),
      rotated: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const set = keySet(first);
        const began = set.state.seconds;
        for (const { wait, kid, up, rotated } of steps) {
          set.later(wait);
          set.state.up = up;
          set.state.keys = rotated ? [second] : [first];
          const found = await set.has(kid);
          if (kid === 'x' || kid === 'y') expect(found).toBe(false);
        }
        const elapsed = set.state.seconds - began;
        const succeeded = set.state.fetches - set.state.failures;
        expect(set.state.failures).toBeLessThanOrEqual(elapsed / keySetLimits.retryAfter + 1);
        expect(succeeded).toBeLessThanOrEqual(
          elapsed / keySetLimits.freshFor + elapsed / keySetLimits.coolDown + 2,
        );
      }),
      { numRuns: 200 },
    );
  });
});

describe('one key', () => {
  test('gives the algorithms of its curve or kind, or the one it names', async () => {
    const algorithmsOf = (jwk: unknown) => {
      const read = readKey(jwk);
      return typeof read === 'string' ? read : read.algorithms;
    };
    const rsa = await newIssuer('x', 'RS256');
    expect(algorithmsOf(first.jwk)).toEqual(['ES384']);
    expect(algorithmsOf({ ...first.jwk, alg: undefined })).toEqual(['ES384']);
    expect(algorithmsOf({ ...rsa.jwk, alg: undefined })).toEqual(['RS384', 'RS256']);
    expect(algorithmsOf(rsa.jwk)).toEqual(['RS256']);
  });
});
