/**
 * Who looked at the log: every auditor's query is a record in it, chained and sealed like a decision. A patient is
 * named by the keyed hash only.
 */
import type { Chained } from '../../rules/record.ts';
import { dayOf, type Key } from './items.ts';

export interface Access {
  schema: 'epsom.access/1';
  tenant: string;
  client: string;
  what: 'search' | 'read' | 'replay' | 'proof' | 'export' | 'purge' | 'erase';
  /** The decision looked at. */
  decisionId: string | null;
  /** Filters of a search, without the patient. */
  filter: Record<string, string>;
  /** Keyed hash of the patient asked for. */
  patientHash: string | null;
  /** How many decisions were given. */
  count: number;
  at: string;
}
export type StoredAccess = Access & Chained;

export const accessPartition = (tenant: string, day: string): string => `T#${tenant}#A#${day}`;

export const accessKey = ({ tenant, at }: Pick<Access, 'tenant' | 'at'>, nonce: string): Key => ({
  pk: accessPartition(tenant, dayOf(at)),
  sk: `${at}#${nonce}`,
});
