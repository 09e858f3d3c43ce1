/** What the intake hands on: the resources of one patient, and for each kind of data whether it was asked for at all. */

import type { Category, Completeness } from '../fhir/categories.ts';
import type { Hook } from '../fhir/hooks.ts';
import type { Json } from '../fhir/json.ts';
import type { Notice } from '../fhir/notice.ts';
import type { Unread } from './unread.ts';

export interface IntakeItem {
  type: string;
  resource: Json;
  /** `Observation/1`; the entry's fullUrl or its place in the bundle where it has no id. */
  reference: string;
  /**
   * `fetch`: read from the FHIR server by the edge, because the client had not sent it. `draft`: an order of this
   * moment, whatever its status. `entry`: a condition or allergy just entered.
   */
  from: 'prefetch' | 'fetch' | 'draft' | 'entry' | 'bundle';
  /** Among the orders the clinician is working on now. */
  selected: boolean;
  /** Address of the server that its entry's `fullUrl` names, see `serverAddress`: its references are relative to it. */
  server?: string | null;
  /** The encounter that the context names. */
  isOfContext?: true;
}

/** What a reference to a drug leads to, with the server that its own references are relative to. */
export interface Definition {
  resource: Json;
  server: string | null;
}

export interface Intake {
  hook: Hook;
  /** Bare id; null where nothing says whose data it is. */
  patientId: string | null;
  items: IntakeItem[];
  /** LOINC codes that were asked for although laboratory data as a whole was not. */
  codesAsked: ReadonlySet<string>;
  /** Those of them that came under our own key. */
  ourCodes: ReadonlySet<string>;
  /**
   * The Medication (or Substance) that a reference leads to; null where none came, or several that differ.
   * @param server of the resource that the reference stands in
   */
  definitionOf(reference: unknown, server: string | null | undefined): Definition | null;
  /** The `reference` of the item that a reference leads to; null where none came, or several. See `definitionOf`. */
  nameOf(reference: unknown, server: string | null | undefined): string | null;
  completeness: Record<Category, Completeness>;
  /** Categories of which a part is known to be missing, whatever else came of them. */
  incomplete: ReadonlySet<Category>;
  /** What of them was not read, as far as more is known than that. */
  unread: readonly Unread[];
  /** Measurements were asked for and answered, or posted: what is not there is none. */
  hasMeasurements: boolean;
  encounterId: string | null;
  /** A hook was called, and no Patient came that is the one in context. */
  lacksPatient: boolean;
  /** Nothing came of the record but who the patient is. */
  isPatientAlone: boolean;
  notices: Notice[];
}

/** What the edge read from the FHIR server itself, because the client had not sent it. */
export interface GatheredData {
  /** By the key of the prefetch template, or `medications`, `dispatchedOrders`. */
  resources: Json;
  /** Keys that were asked for and not answered: what they would have held is unknown. */
  failed: readonly string[];
  notices: readonly Notice[];
}

/** Fields by the name of the hook's page; hooks.ts says which hook has which. */
export type HookContext = Json;
