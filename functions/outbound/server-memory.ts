/**
 * What was learnt of FHIR servers, so that the next hook asks right at once: which parameters they refuse, and what
 * their capability statement says. In the memory of the process, by base address; nothing of a patient is in it.
 */
import { day, hour, minute } from '../../rules/fhir/time.ts';
import type { Capability } from './capability.ts';
import { keyOf } from './search-parameters.ts';

/** Servers that are kept in mind; of more, the one that was asked longest ago is forgotten. */
const mostServers = 200;
/** Keys for one type, and searches of a server: one that makes some up gains nothing. */
const mostKeys = 50;

/** How long is believed what was learnt, in milliseconds. */
const lifetimes = { refusal: day, capability: 6 * hour, noCapability: 10 * minute } as const;

export interface KnownServer {
  /** Whether a part of a query (`_sort=-date`) is one that the server is not known to refuse, for a type. */
  takes(type: string, part: string): boolean;
  /**
   * @param parts of a query that the server refused for a type
   * @param lifetimeMs how long that is believed: a day unless given
   */
  learn(type: string, parts: readonly string[], lifetimeMs?: number): void;
  /**
   * The status with which the server refused a search in every form; null where it is not known to.
   * @param form of the search (search-parameters.ts)
   */
  refusedStatus(form: string): number | null;
  learnRefused(form: string, status: number): void;
  /** A trial that is under way: hooks that meet the same refusal wait for it. @param form of what was refused */
  trialOf(form: string): Promise<unknown> | null;
  /** Keeps a trial until it ends. */
  holdTrial(form: string, trial: Promise<unknown>): void;
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
  const refused = new Map<string, Map<string, number>>();
  const forms = new Map<string, { until: number; status: number }>();
  const trials = new Map<string, Promise<unknown>>();
  const said = new Set<string>();
  let statement: Capability | null = null;
  let statementUntil = Number.NEGATIVE_INFINITY;
  const keep = (capability: Capability | null): void => {
    statement = capability;
    statementUntil = now() + (capability ? lifetimes.capability : lifetimes.noCapability);
  };
  return {
    takes: (type, part) => (refused.get(type)?.get(keyOf(part)) ?? Number.NEGATIVE_INFINITY) <= now(),
    learn(type, parts, lifetimeMs = lifetimes.refusal) {
      const keys = refused.get(type) ?? new Map<string, number>();
      for (const key of parts.map(keyOf)) {
        if (keys.size < mostKeys || keys.has(key)) keys.set(key, now() + lifetimeMs);
      }
      refused.set(type, keys);
    },
    refusedStatus(form) {
      const known = forms.get(form);
      return known && known.until > now() ? known.status : null;
    },
    learnRefused(form, status) {
      const [oldest] = forms.keys();
      if (forms.size >= mostKeys && oldest !== undefined) forms.delete(oldest);
      forms.set(form, { until: now() + lifetimes.refusal, status });
    },
    trialOf: (form) => trials.get(form) ?? null,
    holdTrial(form, trial) {
      trials.set(form, trial);
      const end = (): void => void trials.delete(form);
      trial.then(end, end);
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
