/** Reading a server's capability statement beside the gathering, which never waits for it. */
import { readCapability } from './capability.ts';
import { type FetchJson, fetchJson } from './fetch.ts';
import { pathOf } from './fhir-access.ts';
import type { KnownServer } from './server-memory.ts';

/** For the statement, in milliseconds: it is long, and nobody waits. */
const deadlineMs = 5000;

export interface CapabilityOptions {
  loopback: boolean;
  /** Largest answer, in bytes. */
  maxBytes: number;
  fetchJson?: FetchJson;
}

/** The address of the statement: https://hl7.org/fhir/R4/http.html#capabilities */
export const metadataOf = (base: URL): URL => new URL(`${base.origin}${pathOf(base)}/metadata`);

/**
 * Reads the statement and keeps it, unless it is known or being read. Without a token: it names no patient. What cannot
 * be read changes nothing. Never rejects.
 */
export async function readCapabilityOnce(
  base: URL,
  known: KnownServer,
  { loopback, maxBytes, fetchJson: call = fetchJson }: CapabilityOptions,
): Promise<void> {
  if (!known.beginsCapability()) return;
  try {
    const { status, json } = await call(metadataOf(base), {
      allowed: ({ origin }) => origin === base.origin,
      headers: { accept: 'application/fhir+json' },
      maxBytes,
      signal: AbortSignal.timeout(deadlineMs),
      loopback,
    });
    known.keepCapability(status === 200 ? readCapability(json) : null);
  } catch {
    known.keepCapability(null);
  }
}
