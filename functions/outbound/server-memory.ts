/**
 * What was learnt of FHIR servers, so that the next hook asks right at once: which parameters they refuse, and what
 * their capability statement says. In the memory of the process, by base address; nothing of a patient is in it.
 */
import { day, hour, minute } from '../../rules/fhir/time.ts';
import type { Capability } from './capability.ts';
import { keyOf } from './search-parameters.ts';

/** Servers that are kept in mind; of more, the one that was asked longest ago is forgotten. */
const mostServers = 200;
/** Keys for one type: a server that makes some up gains nothing. */
const mostKeys = 50;

/** How long is believed what was learnt, in milliseconds. */
const lifetimes = { refusal: day, capability: 6 * hour, noCapability: 10 * minute } as const;

export interface KnownServer {
  /** Whether a part of a query (`_sort=-date`) is one that the server is not known to refuse, for a type. */
  takes(type: string, part: string): boolean;
  /** @param parts of a query that the server refused for a type */
  learn(type: string, parts: readonly string[]): void;
  /** Null where nothing is known. */
  capability(): Capability | null;
  /** Whether to ask for the statement; true once, until an answer was kept or its time is over. */
  beginsCapability(): boolean;
  keepCapability(capability: Capability | null): void;
  /** True the first time in the life of the process. */
  isFirst(event: string): boolean;
}

export interface ServerMemory {
  of(base: URL): KnownServer;
}

function knownServer(now: () => number): KnownServer {
  const refused = new Map<string, { until: number; keys: Set<string> }>();
  const said = new Set<string>();
  let statement: Capability | null = null;
  let statementUntil = Number.NEGATIVE_INFINITY;
  const refusedOf = (type: string): ReadonlySet<string> => {
    const known = refused.get(type);
    return known && known.until > now() ? known.keys : new Set();
  };
  const keep = (capability: Capability | null): void => {
    statement = capability;
    statementUntil = now() + (capability ? lifetimes.capability : lifetimes.noCapability);
  };
  return {
    takes: (type, part) => !refusedOf(type).has(keyOf(part)) && !(statement?.lacks(type, part) ?? false),
    learn(type, parts) {
      const keys = [...refusedOf(type), ...parts.map(keyOf)].slice(0, mostKeys);
      refused.set(type, { until: now() + lifetimes.refusal, keys: new Set(keys) });
    },
    capability: () => statement,
    beginsCapability() {
      if (statementUntil > now()) return false;
      // What was known stays so until another answer comes; meanwhile nobody else asks.
      statementUntil = now() + lifetimes.noCapability;
      return true;
    },
    keepCapability: keep,
    isFirst(event) {
      if (said.has(event)) return false;
      said.add(event);
      return true;
    },
  };
}

/**
 * @param now milliseconds
 * @example const known = createServerMemory().of(new URL('https://fhir.example.org/r4'));
 */
export function createServerMemory(now: () => number = Date.now): ServerMemory {
  const servers = new Map<string, KnownServer>();
  return {
    of({ href }) {
      const known = servers.get(href) ?? knownServer(now);
      servers.delete(href);
      servers.set(href, known);
      const [oldest] = servers.keys();
      if (servers.size > mostServers && oldest !== undefined) servers.delete(oldest);
      return known;
    },
  };
}

/** Of this process. */
export const serverMemory: ServerMemory = createServerMemory();
