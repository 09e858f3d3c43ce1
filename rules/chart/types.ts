/** The chart: what is known about the patient now, coded, without names or narrative, each item with its FHIR reference. */

import type { Dosing } from '../dosage/dosing.ts';
import type { Category, Completeness } from '../fhir/categories.ts';
import type { Span } from '../fhir/time.ts';
import type { Unread } from '../intake/unread.ts';
import type { ContrastStudy } from '../terminology/contrast-studies.ts';
import type { DrugResolution } from '../terminology/drugs/resolve.ts';
import type { Route } from '../terminology/drugs/routes.ts';
import type { LabTest } from '../terminology/labs.ts';
import type { OrderedTest } from '../terminology/service-tests.ts';

export type Comparator = '<' | '<=' | '>' | '>=';

/** Another value that a result may have. */
export type RivalResult = Pick<
  Lab,
  'reference' | 'value' | 'comparator' | 'received' | 'statedUnit' | 'time' | 'why'
>;

export interface Lab {
  reference: string;
  test: LabTest;
  /** LOINC code the test was recognised by. */
  loinc: string;
  /** In the test's canonical unit (`unit`), unrounded; null when the value is not used. */
  value: number | null;
  unit: string;
  comparator?: Comparator;
  /** As it came; `unit` only where it looks like a unit. */
  received: { value: number | null; unit: string | null };
  /** UCUM unit of `received.value` as understood. */
  statedUnit: string | null;
  /** Lower reference limit of the laboratory, canonical unit. */
  lowerLimit?: number;
  /** Equation of a reported eGFR. */
  method?: string;
  raceBased?: boolean;
  time: string | null;
  span: Span | null;
  /** Start of the period that it holds for, where it states one: milliseconds. `span` is of its end. */
  since?: number;
  /** Nothing but `issued` dates it: the specimen was taken then, or before. */
  issuedOnly?: true;
  /**
   * What else it may be: of results of one time that differ while nothing ranks them, the lowest is used and
   * carries the highest.
   */
  rival?: RivalResult;
  /** The value lies between `value` and that of `rival`: one result that states both ends. */
  isRange?: true;
  /** Its time overlaps that of another result of the test: which of the two is newer nobody can say. */
  overlaps?: true;
  used: boolean;
  /** It came with a number that is not used: for want of a unit that is understood, or because it is impossible. */
  unusable?: 'unit' | 'value';
  /** Why it is not used, or what the reader must know although it is. */
  why: string | null;
  versionId?: string;
}

export interface Medication {
  reference: string;
  role: 'active' | 'ordered' | 'inactive';
  status: string | null;
  /** An order the clinician is working on now. */
  selected: boolean;
  route: Route | null;
  /** A route is stated, and is not known: it is not understood, or two that differ are stated. */
  routeUnread?: 'not-understood' | 'several';
  /** Every route that is stated is into a muscle. */
  intoMuscle?: true;
  ingredients: { rxnorm: string | null; name: string }[];
  resolvedBy: DrugResolution['resolvedBy'];
  codes: { system: string; code: string }[];
  started: Span | null;
  /** `started` is a date of writing: the therapy may be older. */
  startedAtLatest?: boolean;
  /** Of therapy that is over: between which instants its last dose lies; `from` null where nothing says. */
  ended?: { from: number | null; to: number };
  /** Stated end of the therapy. */
  ends?: Span;
  /** Completed, or past its end, in the last seven days: it was taken, and counts in a sum. */
  over?: true;
  /** From a MedicationStatement: it may be the same therapy as a request. */
  statement?: true;
  /** A request of intent `plan`: it may be the same therapy as an order. */
  plan?: true;
  /** From a MedicationAdministration: a dose or an infusion that was given, or runs. */
  given?: true;
  /** A dose given before the last one of its drug: for sums alone. */
  earlier?: true;
  /** Begins after the evaluation time: ordered, and not yet taken. */
  ahead?: true;
  /** Nobody can say whether it is taken: it leaves facts about it open. */
  uncertain?: true;
  /** References of others in the chart that it repeats, carries out or replaces: one therapy with them. */
  sameAs?: string[];
  /** Of orders and therapy, and of therapy that was completed. */
  dosing?: Dosing;
  /** At an entry: therapy whose continuation is the question; it counts as ordered, too. */
  underReview?: true;
  /** An order that names no drug yet: a form that is being filled in. */
  unnamed?: true;
  /** At a refill: an order of this moment renews it and stands for it. */
  renewed?: true;
  why: string | null;
}

export interface ChartCondition {
  reference: string;
  groups: string[];
  codes: { system: string; code: string }[];
  /** `inactive` covers resolved and remission. */
  status: 'active' | 'inactive';
  confirmed: boolean;
  onset: Span | null;
  /** Known by its words, no code of it is in our lists: it raises findings and exempts from nothing. */
  byWords?: true;
  /** Groups that it may be of now: a hint, a suspicion, a past that says nothing of today. */
  open?: string[];
  /** Of an inactive one: groups that it is of for good (asthma, a transplant). */
  stillCounts?: string[];
  /** No code of ours and no words: it may be of any group, and `groups` is empty. */
  unread?: true;
  /** Of a Procedure that took it away: the groups that entries of before it may not be of any more. */
  ends?: string[];
  /** Just entered: this moment is about it. */
  entered?: true;
  /** From a Procedure: `onset` is when it ended or, of what lasts, when it was done. */
  procedure?: true;
}

/** What dates a pregnancy, other than a gestational age, which is among the labs. */
export interface Dating {
  reference: string;
  by: 'delivery-date' | 'icd-10-cm';
  /** The due date, or the code: `2026-06-01`, `Z3A.24`. */
  stated: string;
  /** The first day of the pregnancy as it is counted, 280 days before the due date: the days it may be. */
  start: Span;
  /** When it was stated. */
  time: string | null;
  span: Span | null;
  why: string | null;
}

export interface Allergy {
  reference: string;
  /** Empty, without groups, where it could not be matched: it may be to any drug. */
  ingredients: { rxnorm: string | null; name: string }[];
  /** Groups of drugs that it names as such: `penicillins` (terminology/allergens.json). */
  groups?: string[];
  /** It is to something else as well that could not be matched. */
  open?: true;
  status: 'active' | 'inactive';
  /** What a reader must know of it. */
  why?: string;
  /** Just entered: this moment is about it. */
  entered?: true;
}

export interface ServiceOrder {
  reference: string;
  codes: { system: string; code: string }[];
  selected: boolean;
  /** Of an examination with contrast. */
  contrast?: ContrastStudy;
  /** Tests that it asks for; absent where it is none of ours. */
  tests?: OrderedTest[];
  /** Signed before this moment, and not done as far as its status says. */
  running?: true;
  /** Of one that is running: when it was written. */
  written?: Span;
  /** It is for a time to come. */
  ahead?: true;
  /** A standing order: it is done again before long. */
  again?: true;
}

export type EncounterClass = 'inpatient' | 'emergency' | 'ambulatory' | 'home' | 'virtual';

export interface Chart {
  patient: {
    reference: string | null;
    sex: 'male' | 'female' | null;
    birthDate: string | null;
  };
  encounter: { reference: string | null; class: EncounterClass | null; start: string | null } | null;
  labs: Lab[];
  medications: Medication[];
  conditions: ChartCondition[];
  datings: Dating[];
  allergies: Allergy[];
  serviceOrders: ServiceOrder[];
  completeness: Record<Category, Completeness>;
  /** At an entry: what is taken stands for the orders, and what is not known of it is not known of them. */
  therapyUnderReview?: true;
  /** Tests that were asked for and answered although laboratory data as a whole was not. */
  testsAsked: LabTest[];
  /** No Patient came with a call of a hook: age and sex are unknown. */
  patientAbsent?: true;
  /** Nobody asked for measurements (body weight, QTc, pregnancy): what is not there is unknown. */
  measurementsAbsent?: true;
  /** What was asked for and not read; absent where all of it was. */
  unread?: readonly Unread[];
}
