/**
 * Who looked at the log: every auditor's query is a record in it, chained and sealed like a decision. The
 * patient asked for is in the patients' index only (by the keyed hash), so that an erasure can take it out.
 */
import type { Chained } from '../../rules/record.ts';
import { dayOf, type Key } from './items.ts';

export interface Access {
  schema: 'epsom.access/1';
  tenant: string;
  client: string;
  /** Who it was, as their issuer says; null without a registry. */
  user: string | null;
  what: 'search' | 'read' | 'replay' | 'proof' | 'export' | 'purge' | 'erase';
  /** The decision looked at. */
  decisionId: string | null;
  /** Filters of a search, without the patient. */
  filter: Record<string, string>;
  /** How many decisions were given. */
  count: number;
  at: string;
}
export type StoredAccess = Access & Chained;

export const accessPartition = (tenant: string, day: string): string => `T#${tenant}#A#${day}`;

/** Accesses about one patient, by time. */
export const patientAccesses = (tenant: string, hashed: string): string => `T#${tenant}#PA#${hashed}`;

export const accessKey = ({ tenant, at }: Pick<Access, 'tenant' | 'at'>, nonce: string): Key => ({
  pk: accessPartition(tenant, dayOf(at)),
  sk: `${at}#${nonce}`,
});
