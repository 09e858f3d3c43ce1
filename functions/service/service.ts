/** What every function of the edge works with: rules, decision log, settings, who may call, clock and chance. */
import type { Ruleset } from '../../rules/evaluation/ruleset.ts';
import type { Settings } from '../config/settings.ts';
import type { DecisionLog } from '../log/decision-log.ts';
import type { StoredRuleset } from '../log/rulesets.ts';
import type { Sealer } from '../log/sealer.ts';
import type { Callers } from '../trust/callers.ts';
import type { InterfaceFacts } from './interface-facts.ts';

export interface Service {
  ruleset: Ruleset;
  log: DecisionLog;
  sealer: Sealer;
  /** The rules of a decision of the past. */
  rulesetAt(digest: string): Promise<StoredRuleset | null>;
  settings: Settings;
  now(): Date;
  /** Opaque random id. */
  newId(): string;
  /** Secret that signs cursors, so that they cannot be edited. */
  cursorKey(): Promise<string>;
  /** Local without a registry: loopback names only in the Host header. */
  open: boolean;
  /** Who may call, by the client registry; null without one. */
  callers: Callers | null;
  /** What clients lack, counted in this process. */
  interfaces: InterfaceFacts;
  /** Where a line about an unexpected error goes; never clinical data. */
  report(event: string, detail: Record<string, string | number>): void;
}
