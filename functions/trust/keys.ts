/**
 * Public keys that verify tokens: written out in the client registry, or behind a URL of it. Only keys of a closed
 * list of algorithms are taken; a private or a symmetric key never is.
 */
import { createPublicKey, type KeyObject } from 'node:crypto';
import { isObject, type Json } from '../../rules/fhir/json.ts';
import type { FetchJson } from '../outbound/fetch.ts';

/**
 * CDS Hooks recommends ES384 and RS384 (https://cds-hooks.hl7.org/2.0/#trusting-cds-clients). ES256 and RS256 are
 * what many identity providers of auditors sign with, some nothing else. `none` and HS* are never on this list.
 */
export const algorithms = ['ES384', 'RS384', 'ES256', 'RS256'] as const;
export type Algorithm = (typeof algorithms)[number];
export const isAlgorithm = (name: unknown): name is Algorithm => algorithms.some((known) => known === name);

export interface VerificationKey {
  kid: string;
  key: KeyObject;
  algorithms: readonly Algorithm[];
}

/** Finds the key a token says it was signed with; null where there is none for this algorithm. */
export type FindKey = (kid: string, algorithm: Algorithm, signal: AbortSignal) => Promise<KeyObject | null>;

const byCurve: Readonly<Record<string, readonly Algorithm[]>> = { 'P-256': ['ES256'], 'P-384': ['ES384'] };
const rsaAlgorithms: readonly Algorithm[] = ['RS384', 'RS256'];
/** https://www.rfc-editor.org/rfc/rfc7518#section-3.3 */
const smallestRsa = 2048;
/** Members only a private key has: https://www.rfc-editor.org/rfc/rfc7518#section-6 */
const privateMembers = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth'];

/** @returns the key, or what is wrong with it as half a sentence that begins with a verb */
export function readKey(jwk: unknown): VerificationKey | string {
  if (!isObject(jwk)) return 'must be a JSON Web Key';
  if (jwk.kty === 'oct' || jwk.k !== undefined) {
    return 'is a symmetric key: whoever can verify with it can sign with it. Register a public key';
  }
  if (privateMembers.some((member) => jwk[member] !== undefined)) {
    return 'is a private key: register the public half only, and replace the pair, since this half was copied';
  }
  const { kid, use, alg } = jwk;
  if (typeof kid !== 'string' || kid === '') return 'needs `kid`: tokens name their key by it';
  if (use !== undefined && use !== 'sig') return 'is not for signatures: its `use` must be `sig`';
  if (alg !== undefined && !isAlgorithm(alg)) return `must have an \`alg\` of ${algorithms.join(', ')}`;
  let key: KeyObject;
  try {
    key = createPublicKey({ key: jwk, format: 'jwk' });
  } catch {
    return 'is not a key: `kty` must be `EC` or `RSA`, with the members RFC 7518 gives it';
  }
  const possible = jwk.kty === 'RSA' ? rsaAlgorithms : (byCurve[String(jwk.crv)] ?? []);
  if (jwk.kty === 'RSA' && (key.asymmetricKeyDetails?.modulusLength ?? 0) < smallestRsa) {
    return `is an RSA key of fewer than ${smallestRsa} bits`;
  }
  const usable = alg === undefined ? possible : possible.filter((algorithm) => algorithm === alg);
  if (usable.length === 0) return `is of a kind that none of ${algorithms.join(', ')} uses`;
  return { kid, key, algorithms: usable };
}

const among = (keys: readonly VerificationKey[], kid: string, algorithm: Algorithm): KeyObject | null =>
  keys.find((known) => known.kid === kid && known.algorithms.includes(algorithm))?.key ?? null;

/** Keys written out in the registry, which was checked when it was read. */
export function createLocalKeySet(jwks: readonly Json[]): FindKey {
  const keys = jwks.map(readKey).filter((read) => typeof read !== 'string');
  return async (kid, algorithm) => among(keys, kid, algorithm);
}

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
      seconds() - fetchedAt < keySetLimits.staleFor ? among(keys, kid, algorithm) : null;
    if (!old && known()) return known();
    const due = old || asked - askedForUnknownAt >= keySetLimits.coolDown;
    const begins = underWay === null && due && asked - failedAt >= keySetLimits.retryAfter;
    // An unknown `kid` uses up the cool-down, and so does the fetch of old keys if it does not bring this one.
    if (begins && !old) askedForUnknownAt = asked;
    if (begins || underWay) {
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
