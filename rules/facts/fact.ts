/**
 * What a fact is: one named, typed value a rule can ask for, with parameters; known, missing or stale, with the
 * evidence it rests on. A fact is one definition (`defineFact`); everything else about it is derived from the list
 * of definitions in facts.ts. Reasons and evidence are codes with data: their words are in cards/wording.ts.
 */
import type * as z from 'zod/mini';
import type { Chart, Comparator, Lab, Medication } from '../chart/types.ts';
import type { Category } from '../fhir/categories.ts';
import type { Notice } from '../fhir/notice.ts';
import type { Range, StatedRange } from '../logic/range.ts';
import type { Route } from '../terminology/drugs/routes.ts';
import type { LabTest } from '../terminology/labs.ts';
import type { CreatinineTrend } from './equations.ts';

// --- Evidence ----------------------------------------------------------------------------------------------

/** A number as it is compared. */
export interface OneValue {
  value: number;
  comparator?: Comparator;
}

/** What a piece of evidence came to; units are UCUM codes unless a member says otherwise. */
export type UsedValue =
  | { kind: 'quantity'; value: number; unit: string; comparator?: Comparator; decimals: number }
  /** One of two results, the lowest and the highest of one time; a range where one result states both. */
  | { kind: 'either'; values: readonly OneValue[]; unit: string; decimals: number; isRange?: true }
  /** An estimate that may lie anywhere in the range. */
  | { kind: 'range'; range: StatedRange; unit: string }
  /** It came and could not be used. */
  | { kind: 'unused' }
  | { kind: 'age'; low: number; high: number; unit: 'year' | 'day' }
  /** Sex, class of an encounter, how a pregnancy was dated: as it was stated. */
  | { kind: 'code'; code: string }
  | { kind: 'condition'; group: string }
  | { kind: 'medication'; route: Route | null; state: Medication['role'] | 'last dose' }
  /** Per dose or per day. `unit` is null for a number of doses. */
  | {
      kind: 'dose';
      value: number;
      unit: 'mg' | 'mg/kg' | null;
      per: 'dose' | 'day';
      elementalMagnesium?: true;
    }
  | { kind: 'rate'; gramsAnHour: number }
  /** Grams inside a window; `most` is null where nobody can say how much. */
  | {
      kind: 'sum';
      least: number;
      most: number | null;
      hours: number;
      state: Medication['role'] | 'completed';
    }
  | { kind: 'allergy'; to: readonly string[]; toOrder?: true }
  /** An allergy of this moment, whatever it is to. */
  | { kind: 'just-entered' }
  | { kind: 'notice'; message: string }
  /** A rule that could not be decided. */
  | { kind: 'open-check' };

/** A number with its unit as it came. */
export interface ReceivedQuantity {
  value: number | null;
  unit: string | null;
  comparator?: Comparator;
}

/** As it came; only what looks like a value, a unit or a code. */
export type ReceivedValue =
  | (ReceivedQuantity & {
      kind: 'quantity';
      /** The other value that it may be. */
      or?: ReceivedQuantity;
    })
  /** Codes of a drug or condition. */
  | { kind: 'codes'; codes: readonly string[] }
  /** A drug or condition given as text only. */
  | { kind: 'text' }
  | { kind: 'stated'; value: string };

/** What a reader must know about a piece of evidence. */
export type EvidenceNote =
  /** What the chart says about the item; the words are the chart's. */
  | { code: 'charted'; words: string }
  | { code: 'matched-by'; by: Medication['resolvedBy'] }
  /** An allergy matches these drugs (none where only their group is known) by this group; null: by what it is to. */
  | { code: 'same-group'; drugs: readonly string[]; group: string | null }
  | { code: 'not-confirmed' }
  /** Of an answer that codes of problems give where no number does. */
  | { code: 'from-problem-list' }
  | { code: 'from-procedure' }
  | { code: 'transplant-may-end-it'; reference: string }
  /** Of a condition: no code of it is known. */
  | { code: 'by-words' }
  | { code: 'equation'; equation: string }
  /** An estimate from a creatinine that is not at steady state: an upper bound of what it is. */
  | { code: 'creatinine-trend'; trend: CreatinineTrend; atMost: number }
  | { code: 'as-reported'; method: string | null }
  | { code: 'race-based-not-used'; reference: string }
  | { code: 'dialysis-and-pregnancy-unchecked' }
  | { code: 'aki'; basis: string }
  /** The newest creatinine is back: the stage is that of an episode of the last 7 days which is over. */
  | { code: 'aki-recovered'; stage: number }
  /** Of a creatinine that stands for an estimate in pregnancy. */
  | { code: 'in-pregnancy'; isReduced: boolean; molar?: true }
  | { code: 'half-of-it' }
  | { code: 'lowest-of-7-days' }
  /** Of a creatinine of before the 7 days: an injury is presumed to have risen from it. */
  | { code: 'aki-baseline' }
  | { code: 'highest-of-7-days' }
  | { code: 'corrected-for-albumin' }
  | { code: 'gfr-category'; categories: string }
  | ({ code: 'left-out' } & LeftOut)
  | { code: 'baseline'; estimates?: number }
  | { code: 'sources-differ' }
  /** Another result of the same or of an overlapping time. */
  | { code: 'differs-from'; reference: string; time: string | null }
  /** The eGFR that the laboratory reported of the time of the creatinine it is computed from. */
  | { code: 'reported-beside' }
  /** Dates, `2026-01-31`; `from` is null where only the latest day is known. */
  | { code: 'last-dose'; from: string | null; to: string }
  | { code: 'rate-basis'; basis: string };

export interface Evidence {
  reference: string;
  /** What a drug, a condition or a test is called. */
  name?: string;
  received?: ReceivedValue;
  used: UsedValue;
  time: string | null;
  notes: readonly EvidenceNote[];
  /** It is a draft order the clinician is working on (and selected, in order-select). */
  order?: 'selected' | 'background';
}

// --- Facts -------------------------------------------------------------------------------------------------

export interface KnownFact {
  state: 'known';
  value: number | string | boolean;
  /** Present where the value is not a point: `value` is then only for display. */
  range?: Range;
  unit?: string;
  /** Of fact `lab`: the laboratory's lower limit, or the rule's. */
  lowerLimit?: number;
  /** Results were not read that may be newer, or change it: it is what the ones that were read say. */
  inPart?: true;
  evidence: Evidence[];
}

export type MissingCause =
  /** The whole kind of data never came. */
  | 'category'
  /** The kind of data came in part. */
  | 'incomplete'
  /** It came, without this. */
  | 'absent'
  /** Something that came could not be understood. */
  | 'unresolved'
  /** The fact has no meaning here: no eGFR on dialysis. */
  | 'not-applicable'
  /** Its computation threw: a bug here, not in the data. */
  | 'error';

/** Something else that a fact is computed from and that is missing. */
export type NeededInput = 'creatinine' | 'albumin' | 'body-weight' | 'birth-date' | 'sex';

/** A reason that its code says in full. */
export interface PlainReason {
  code:
    | 'no-measurements'
    | 'no-stay'
    | 'encounter-class-unknown'
    | 'not-inpatient'
    | 'stay-without-start'
    | 'needs-earlier-result'
    | 'no-estimate-on-dialysis'
    | 'no-estimate-in-pregnancy'
    | 'no-estimate-under-18'
    | 'creatinine-changing'
    /** Of an estimate: it is known as an upper bound only, which does not decide. */
    | 'upper-bound-only'
    | 'on-dialysis'
    | 'one-creatinine'
    | 'not-pregnant'
    | 'no-dating'
    | 'too-many-doses'
    /** It is known, within a range that does not decide. */
    | 'not-decided'
    | 'computation-failed';
}

/** Estimates of kidney function that are not used, by why. */
export interface LeftOut {
  unsteady: number;
  inPregnancy: number;
  underAge: number;
}

/** A medication whose route is not known. */
export interface RouteUnknown {
  reference: string;
  /** Names of the ingredients that are meant. */
  name: string;
  /** It is stated, and not understood; or two that differ are. */
  unread?: NonNullable<Medication['routeUnread']>;
}

/** Why a fact is unknown. Several follow one another, from the general to the particular. */
export type Reason =
  | PlainReason
  /** What is missing is not what was asked for but this. */
  | { code: 'lacks'; what: 'birth date' | 'sex (male or female)' | 'encounter class' }
  | { code: 'needs'; input: NeededInput }
  | { code: 'category-absent' | 'category-partial'; category: Category }
  /** There is one, of this time; null: without a date. */
  | { code: 'stale'; time: string | null }
  | {
      code: 'unusable';
      /** What came is a number, and what it lacks. */
      of?: { test: LabTest; lack: NonNullable<Lab['unusable']> };
      results: readonly { reference: string; why: string }[];
    }
  | { code: 'not-in-unit'; unit: string }
  | { code: 'may-be-inside'; reference: string; time: string | null }
  | { code: 'order-unclear'; results: readonly { reference: string; time: string | null }[] }
  | { code: 'conditions-open'; conditions: readonly { group?: string; reference: string }[] }
  | ({ code: 'results-left-out' } & LeftOut)
  | { code: 'needs-older-estimate'; before: string | null }
  | { code: 'not-plain'; reference: string }
  | { code: 'needs-estimates'; count: number; over: string; before: string | null; otherEquation: boolean }
  | { code: 'drug-open'; references: readonly string[]; unknown: 'start' | 'end' | 'use'; others?: number }
  /** The drug is meant, and by which route it is given decides. */
  | { code: 'route-unknown'; medications: readonly RouteUnknown[] }
  | { code: 'could-be-one'; reference: string }
  /** Allergies to something that is not understood. */
  | { code: 'allergies-open'; references: readonly string[] }
  | { code: 'dose-needs-weight' | 'dose-not-computed' | 'delivery-not-stated'; references: readonly string[] }
  | { code: 'no-rate'; reference: string }
  | { code: 'pregnancy-undated' | 'pregnancy-not-documented'; reference: string }
  /** So many more than are named in the reason before it: see bounded.ts. */
  | { code: 'and-others'; count: number };

export interface UnknownFact {
  state: 'missing' | 'stale';
  cause: MissingCause;
  /** The kind of data that did not come, or came in part. */
  category?: Category;
  reasons: readonly Reason[];
  evidence: Evidence[];
}

export type Fact = KnownFact | UnknownFact;

// --- What facts are computed from --------------------------------------------------------------------------

/** A rule that could not be decided and would have mattered at this moment. */
export interface OpenCheck {
  rule: string;
  /** It waits on what an unrecognised medication may be. */
  unrecognised: boolean;
}

/** The chart, the clock and what was asked once. Immutable: each stratum of facts has its own. */
export interface EvaluationContext {
  readonly chart: Chart;
  /** Evaluation time, milliseconds. */
  readonly at: number;
  readonly notices: readonly Notice[];
  /** Usable results of a test, newest first, those without a date last. */
  labsOf(test: LabTest): readonly Lab[];
  /** What several facts rest on, computed once for this chart. */
  memo<T>(what: (context: EvaluationContext) => T): T;
  /** Checks that could not be made; null while they are being made, in the first stratum. */
  readonly openChecks: readonly OpenCheck[] | null;
}

export type Compute = (context: EvaluationContext) => Fact;

// --- Definitions -------------------------------------------------------------------------------------------

/** What to ask for when a fact is missing, as FHIR resources. */
export type DataNeed =
  | { type: 'Observation'; tests: readonly LabTest[]; within?: string }
  | { type: 'Patient'; element: 'birthDate' | 'gender' }
  | {
      type:
        | 'Condition'
        | 'AllergyIntolerance'
        | 'Encounter'
        | 'MedicationRequest'
        | 'MedicationStatement'
        | 'MedicationAdministration';
    };

/** Results that a fact rests on: the newest one of a test, and those before it as far as it looks back. */
export interface Reach {
  test: LabTest;
  /** Milliseconds before the newest one; left out: it alone counts. */
  before?: number;
  /** Where there is none: none counts that is older than the newest one of this test. */
  beside?: LabTest;
}

/** A result that a fact is computed from: where the newest could not be used, no older one stands for it. */
export interface ComputedFrom {
  test: LabTest;
  /** A result of this test that is as new stands for it. */
  or?: LabTest;
  /** How far back it counts, in milliseconds; left out: as far as the fact looks. */
  window?: number;
}

/** Rounds a number for reading, never across a threshold it is compared with. */
export type RoundBeside = (value: number, decimals: number) => string;

/** What a fact can fill in a summary. */
export type Filling = 'values' | 'drug' | 'conditions' | 'allergies';

/** Parameters are objects; what a definition takes of them its schema says. */
type ParamsSchema = z.ZodMiniType<object>;

/**
 * Everything Epsom knows about one fact. Each member is required: what is left out is a type error, not a fact that
 * silently has no unit on a card, no hook or no kind of data.
 */
export interface FactDefinition<N extends string = string, S extends ParamsSchema = ParamsSchema> {
  name: N;
  /** Strict schema of the parameters. Its description is the fact's own, in docs/rules.md and OpenAPI. */
  params: S;
  /** What it is, in a sentence for rule authors. */
  description: string;
  /** `number`: read through `$.value` and compared; `text` and `truth`: read whole. */
  kind: 'number' | 'text' | 'truth';
  /**
   * Where its numbers are read. `$.lowerLimit` needs the parameter of its name. `$.highest` is the upper end of what the
   * value may be: the lower end of a band is read there, so that the worst band that is certain holds.
   */
  paths: readonly ('$.value' | '$.lowerLimit' | '$.highest')[];
  /** 2: about the rules themselves, computed when all rules of the first stratum were evaluated. */
  stratum: 1 | 2;
  /**
   * What it is in a finding. `selector`: it says whom a rule is for, and is no part of what was found (age, sex);
   * `refinement`: it sharpens something else (the class of the encounter); `data`: it is about the data.
   */
  part: 'finding' | 'selector' | 'refinement' | 'data';
  /** Kinds of data without which it is unknown. */
  categories(params: z.infer<S>): readonly Category[];
  /** Laboratory tests and measurements it is computed from; their codes are asked for in the prefetch. */
  tests(params: z.infer<S>): readonly LabTest[];
  /** Results that may change its answer where it has one: what came in part, or out of order, must not decide it. */
  reach(params: z.infer<S>, context: EvaluationContext): readonly Reach[];
  uses: {
    sex: boolean;
    birthDate: boolean;
    /** Kinds of data it looks at although it can do without them. */
    categories: readonly Category[];
    /** It asks what a drug is, so that an unrecognised one leaves it open. */
    drugIdentity: boolean;
  };
  /** What to ask for where it is missing. */
  dataNeeds(params: z.infer<S>): readonly DataNeed[];
  /** It is one result as it was measured, so that its evidence needs no second naming. */
  isPlainResult: boolean;
  /** Results it is computed from, of which the newest decides; none of a plain result, which is one itself. */
  computedFrom(params: z.infer<S>): readonly ComputedFrom[];
  /** Whether it comes in whole numbers only. */
  isWhole(params: z.infer<S>): boolean;
  /** The question as an engineer reads it: `lab magnesium within P3D`. */
  describe(params: z.infer<S>): string;
  /** The question as a clinician says it: `magnesium within 3 days`. */
  ask(params: z.infer<S>): string;
  /** What an undecided check waits for, in a word or two; null: the question, or the kind of data that lacks. */
  need(params: z.infer<S>, fact: Fact): string | null;
  /** The value as a clinician says it, with its name and unit: `Mg 0.9 mg/dL`; null for a truth or a text. */
  word(fact: KnownFact, params: z.infer<S>, round: RoundBeside): string | null;
  /**
   * Placeholders of a summary that it fills: `values` by its words, `drug` by names of its evidence; `conditions` and
   * `allergies` are values by names of its evidence.
   */
  fills(params: z.infer<S>): readonly Filling[];
  /** The part of the card of open checks that a rule about this heads; null for what has no part in it. */
  heads(params: z.infer<S>): 'unchecked-orders' | 'open-checks' | 'unrecognised-drugs' | null;
  /** Prepares the computation for its parameters, once per ruleset. */
  compute(params: z.infer<S>): Compute;
}

/**
 * Defines a fact. One call says everything about it.
 * @example
 * export const sex = defineFact({ name: 'sex', params: z.strictObject({}), kind: 'text', ... });
 */
export const defineFact = <const N extends string, S extends ParamsSchema>(
  definition: FactDefinition<N, S>,
): FactDefinition<N, S> => definition;

// --- Shared by definitions ---------------------------------------------------------------------------------

/** The answer of a truth that does not hold. */
export const knownFalse = (evidence: Evidence[] = []): KnownFact => ({
  state: 'known',
  value: false,
  evidence,
});

export const missing = (
  cause: MissingCause,
  reasons: readonly Reason[],
  evidence: Evidence[] = [],
): UnknownFact => ({ state: 'missing', cause, reasons, evidence });

/** How creatinine changes, of an estimate that is an upper bound for it; undefined for every other fact. */
export function trendOf({ evidence }: Pick<Fact, 'evidence'>): CreatinineTrend | undefined {
  for (const { notes } of evidence)
    for (const note of notes) if (note.code === 'creatinine-trend') return note.trend;
}

/** Why a comparison with a known fact is not decided. */
export function whyNotDecided(fact: KnownFact): Reason {
  if (trendOf(fact)) return { code: 'upper-bound-only' };
  const isInPregnancy = fact.evidence.some(({ notes }) => notes.some(({ code }) => code === 'in-pregnancy'));
  return { code: isInPregnancy ? 'no-estimate-in-pregnancy' : 'not-decided' };
}

/** The unknown fact of a category that is not complete; null when it is. */
export function incompleteCategory(
  context: EvaluationContext,
  category: Category,
  before: readonly Reason[] = [],
): UnknownFact | null {
  const { completeness, therapyUnderReview } = context.chart;
  const state = completeness[category];
  if (state === 'known') return null;
  const lacking = category === 'orders' && therapyUnderReview ? 'medications' : category;
  const code = state === 'absent' ? 'category-absent' : 'category-partial';
  return {
    state: 'missing',
    cause: state === 'absent' ? 'category' : 'incomplete',
    category: lacking,
    reasons: [...before, { code, category: lacking }],
    evidence: [],
  };
}

/** The unknown fact of a kind of data of which a part was not read. */
export const readInPart = (
  category: Category,
  before: readonly Reason[] = [],
  evidence: Evidence[] = [],
): UnknownFact => ({
  state: 'missing',
  cause: 'incomplete',
  category,
  reasons: [...before, { code: 'category-partial', category }],
  evidence,
});

/** A value that may be anything in the range; a point where both ends are equal. */
export function knownRange(low: number, high: number, unit: string | null, evidence: Evidence[]): KnownFact {
  const fact: KnownFact = { state: 'known', value: low, ...(unit === null ? {} : { unit }), evidence };
  return low === high ? fact : { ...fact, range: { low, high } };
}
