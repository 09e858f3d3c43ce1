/** Keys of an issuer behind a URL of the client registry: fetched, remembered, and fetched again for an unknown one. */
import type { KeyObject } from 'node:crypto';
import { isObject } from '../../../rules/fhir/json.ts';
import type { FetchJson } from '../../outbound/fetch.ts';
import { type FindKey, findAmong, readKey, type VerificationKey } from './key.ts';

/** Seconds, and sizes, of a key set behind a URL. */
export const keySetLimits = {
  /** Keys are fetched again when they are older. */
  freshFor: 600,
  /** Between two fetches because of a `kid` that is not known. */
  coolDown: 30,
  /** Between two fetches after one that failed. */
  retryAfter: 5,
  /** How long known keys are used while the URL does not answer. */
  staleFor: 24 * 3600,
  /** The longest a caller waits for it. */
  wait: 3,
  bytes: 64 * 1024,
  keys: 100,
} as const;

/**
 * Keys behind a URL of the registry. One fetch at a time serves everybody who waits; a `kid` nobody knows costs at
 * most one fetch per cool-down, however many come; known keys outlive an outage of the URL, but not for ever.
 * @param options.fetchJson calls out; what it throws means that the URL did not answer usably
 * @param options.failed told of each failed fetch
 */
export function createRemoteKeySet(options: {
  url: string;
  fetchJson: FetchJson;
  loopback: boolean;
  now(): Date;
  failed(): void;
}): FindKey {
  const { url, fetchJson, loopback, now, failed } = options;
  const seconds = (): number => now().getTime() / 1000;
  let keys: readonly VerificationKey[] = [];
  let fetchedAt = Number.NEGATIVE_INFINITY;
  let failedAt = Number.NEGATIVE_INFINITY;
  let askedForUnknownAt = Number.NEGATIVE_INFINITY;
  let underWay: Promise<void> | null = null;

  async function load(): Promise<void> {
    try {
      const { status, json } = await fetchJson(url, {
        allowed: ({ href }) => href === new URL(url).href,
        maxBytes: keySetLimits.bytes,
        signal: AbortSignal.timeout(keySetLimits.wait * 1000),
        loopback,
      });
      const list = status === 200 && isObject(json) && Array.isArray(json.keys) ? json.keys : null;
      if (list === null || list.length > keySetLimits.keys) throw new Error('not a key set');
      // A key set also holds keys for other uses: those are left out. One with none of ours is no error.
      keys = list.map(readKey).filter((read) => typeof read !== 'string');
      fetchedAt = seconds();
      failedAt = Number.NEGATIVE_INFINITY;
    } catch {
      failedAt = seconds();
      failed();
    }
  }
  const refresh = (): Promise<void> => {
    underWay ??= load().finally(() => {
      underWay = null;
    });
    return underWay;
  };

  return async (kid, algorithm, signal) => {
    const asked = seconds();
    const old = asked - fetchedAt >= keySetLimits.freshFor;
    const known = (): KeyObject | null =>
      seconds() - fetchedAt < keySetLimits.staleFor ? findAmong(keys, kid, algorithm) : null;
    if (!old && known()) return known();
    const due = old || asked - askedForUnknownAt >= keySetLimits.coolDown;
    const begins = underWay === null && due && asked - failedAt >= keySetLimits.retryAfter;
    // An unknown `kid` uses up the cool-down, and so does the fetch of old keys if it does not bring this one.
    if (begins && !old) askedForUnknownAt = asked;
    if (begins || underWay !== null) {
      const ready = refresh();
      // Nobody waits again for a URL that is down while there are keys to go on with.
      if (failedAt < fetchedAt || known() === null) await untilAborted(ready, signal);
    }
    const key = known();
    if (begins && key === null) askedForUnknownAt = asked;
    return key;
  };
}

/** The caller stops waiting at its deadline; the fetch goes on for those who come after. */
async function untilAborted(work: Promise<void>, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  let stop = (): void => undefined;
  const aborted = new Promise<void>((resolve) => {
    stop = resolve;
    signal.addEventListener('abort', stop, { once: true });
  });
  await Promise.race([work, aborted]);
  signal.removeEventListener('abort', stop);
}
