/**
 * Connections that reach permitted addresses only. The address that is checked is the one that is connected to, so a name
 * that resolves differently a moment later gains nothing (DNS rebinding).
 */
import { lookup as systemLookup } from 'node:dns';
import { isIP, type LookupFunction, type Socket } from 'node:net';
import type { Agent, buildConnector } from 'undici';
import { type Reach, reachable } from './addresses.ts';
import { OutboundError } from './outbound-error.ts';

/** To connect, to the headers of the answer, and between two pieces of its body, in milliseconds. */
export const longestWait = 10_000;

/** Resolves a name and refuses it whole if one of its addresses is not permitted. */
const guarded =
  (lookup: LookupFunction, permitted: (address: string) => boolean): LookupFunction =>
  (hostname, options, callback) =>
    lookup(hostname, { ...options, all: true }, (error, found) => {
      const addresses = Array.isArray(found) ? found : [];
      const [first] = addresses;
      if (error) callback(error, []);
      else if (!first || !addresses.every(({ address }) => permitted(address))) {
        callback(new OutboundError('address'), []);
      } else if (options.all) callback(null, addresses);
      else callback(null, first.address, first.family);
    });

let undici: Promise<typeof import('undici')> | null = null;
/** Loaded when first needed: most requests come with all their data and call nobody. */
export function loadUndici(): Promise<typeof import('undici')> {
  undici ??= import('undici');
  return undici;
}

const permittedPeer = (socket: Socket, permitted: (address: string) => boolean): boolean =>
  socket.remoteAddress !== undefined && permitted(socket.remoteAddress);

/** Connects where the address is permitted, before and after. */
const guardedConnector =
  (connect: buildConnector.connector, permitted: (address: string) => boolean): buildConnector.connector =>
  (target, callback) => {
    const host = target.hostname.replace(/^\[|\]$/g, '');
    // No name is looked up for a literal address.
    if (isIP(host) !== 0 && !permitted(host)) {
      callback(new OutboundError('address'), null);
      return;
    }
    connect(target, (...[error, socket]) => {
      if (error) callback(error, null);
      else if (!permittedPeer(socket, permitted)) {
        socket.destroy();
        callback(new OutboundError('address'), null);
      } else callback(null, socket);
    });
  };

/**
 * One agent for each set of addresses, made when it is first needed.
 * @param options.lookup how names become addresses; the system's resolver unless a test says otherwise
 * @param options.ca certificates to trust in place of the system's, for tests
 */
export function createAgents(options: {
  lookup?: LookupFunction;
  ca?: string;
}): (reach: Reach) => Promise<Agent> {
  const { lookup = systemLookup, ca } = options;
  const agents = new Map<Reach, Agent>();
  return async (reach) => {
    const loaded = await loadUndici();
    const known = agents.get(reach);
    if (known) return known;
    const permitted = reachable[reach];
    const connect = loaded.buildConnector({
      lookup: guarded(lookup, permitted),
      timeout: longestWait,
      ...(ca ? { ca } : {}),
      // One request a connection is what every FHIR server can do.
      allowH2: false,
    });
    const agent = new loaded.Agent({
      allowH2: false,
      headersTimeout: longestWait,
      bodyTimeout: longestWait,
      connect: guardedConnector(connect, permitted),
    });
    agents.set(reach, agent);
    return agent;
  };
}
