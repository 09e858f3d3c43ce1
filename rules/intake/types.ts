/** What the intake hands on: the resources of one patient, and for each kind of data whether it was asked for at all. */

import type { Category, Completeness } from '../fhir/categories.ts';
import type { Hook } from '../fhir/hooks.ts';
import type { Json } from '../fhir/json.ts';
import type { Notice } from '../fhir/notice.ts';

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
}

export interface Intake {
  hook: Hook;
  /** Bare id; null where nothing says whose data it is. */
  patientId: string | null;
  items: IntakeItem[];
  /** LOINC codes that were asked for although laboratory data as a whole was not. */
  codesAsked: ReadonlySet<string>;
  /** Medication (and Substance) resources by every name a reference may use. */
  medications: ReadonlyMap<string, Json>;
  completeness: Record<Category, Completeness>;
  /** Categories of which a part is known to be missing, whatever else came of them. */
  incomplete: ReadonlySet<Category>;
  encounterId: string | null;
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
