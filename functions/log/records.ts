/** The records of the log beside decisions, and what a record is, by its schema. */
import { asString, type Json } from '../../rules/fhir/json.ts';
import type { Chained } from '../../rules/record-types.ts';
import type { Item } from './items.ts';
import type { StoredHead } from './stored.ts';

/** What a clinician did with a card (CDS Hooks 2.0, Feedback). */
export interface Feedback {
  schema: 'epsom.feedback/1';
  tenant: string;
  client: string;
  service: string;
  card: string;
  outcome: 'accepted' | 'overridden';
  outcomeTimestamp: string;
  acceptedSuggestions: string[];
  /** Code and system; free text is not kept. */
  overrideReason: { system?: string; code: string } | null;
  hasComment: boolean;
  /** The card was of no decision in the log when the feedback came; its decision may have appeared since. */
  unknownCard: boolean;
  /** The decision that showed the card, where it was known. Absent before schema 4 of decisions. */
  decisionId?: string;
  /** The rules that the card listed: it is feedback on each of them. Left out where the card is unknown. */
  rules?: string[];
  receivedAt: string;
  masked: string[];
}
export type StoredFeedback = Feedback & Chained;

/** That somebody looked. */
export interface Access {
  schema: 'epsom.access/1';
  tenant: string;
  client: string;
  /** Who it was, as their issuer says; null without a registry. */
  user: string | null;
  what: 'search' | 'read' | 'replay' | 'proof' | 'export';
  /** Which list or record was asked for: `/decisions`, `/fhir/AuditEvent`. */
  path: string;
  /** Network address of the caller, where the edge knows it. */
  address: string | null;
  /** The decision looked at. */
  decisionId: string | null;
  /** Filters of a search, without the patient. */
  filter: Record<string, string>;
  /** How many were given; 0 for a stream, which does not know yet. */
  count: number;
  at: string;
  /** Salted hash of the patient it was about (patient-place.ts). Absent where there is none, and before 0.2.0. */
  patientPlace?: string;
}
export type StoredAccess = Access & Chained;

/** That a patient was erased. */
export interface Erasure {
  schema: 'epsom.erasure/1';
  tenant: string;
  client: string;
  /** Ids of the keys destroyed; nothing that names the patient. */
  keys: string[];
  /** How many decisions lost their clinical part. */
  decisions: number;
  /** `patientPlace` of the accesses that were taken out of the patients' index. Absent before 0.2.0. */
  places?: string[];
  at: string;
}

/** That records were removed. */
export interface Purge {
  schema: 'epsom.purge/1';
  tenant: string;
  client: string;
  /** Everything decided or received before this is removed. RFC 3339. */
  before: string;
  at: string;
}

const schemaOf = (record: object): string => ('schema' in record ? asString(record.schema) : null) ?? '';

export const isDecision = (record: object): record is StoredHead =>
  schemaOf(record).startsWith('epsom.decision/');
export const isFeedback = (record: object): record is StoredFeedback =>
  schemaOf(record) === 'epsom.feedback/1';
export const isAccess = (record: object): record is StoredAccess => schemaOf(record) === 'epsom.access/1';

export const isErasure = (record: object): record is Erasure & Chained =>
  schemaOf(record) === 'epsom.erasure/1';
export const isPurge = (record: object): record is Purge & Chained => schemaOf(record) === 'epsom.purge/1';

/** A record in the table, as what follows from it is made. */
export interface Projectable {
  writer: string;
  seq: number;
  item: Item;
  /** What was chained: of a decision the head. */
  record: Json;
}
