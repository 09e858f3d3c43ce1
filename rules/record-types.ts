/** The form of a decision record, as it is made (record.ts) and as it is split for the log (record-head.ts). */
import type { Card } from './cards/types.ts';
import type { WordedEvidence } from './cards/wording.ts';
import type { Chart } from './chart/types.ts';
import type { Outcome } from './evaluation/evaluate-rule.ts';
import type { WhyNot } from './evaluation/findings.ts';
import type { Fingerprint } from './evaluation/fingerprint.ts';
import type { Presentation } from './evaluation/presentation.ts';
import type { ListedByRoute } from './evaluation/said-by-route.ts';
import type { Evidence } from './facts/fact.ts';
import type { Params } from './facts/facts.ts';
import type { Notice } from './fhir/notice.ts';
import type { IntakeItem } from './intake/types.ts';
import type { MissingFact } from './rule/trace.ts';

/** Who asked what, as the edge knows it; without clinical data. */
export interface RequestMetadata {
  tenant: string;
  client: string;
  service: string;
  hook: string | null;
  hookInstance: string | null;
  /** Reference of the clinician, `Practitioner/1`. */
  user: string | null;
  requestDigest: string;
  receivedAt: string;
}

export interface DecisionRecord extends RequestMetadata {
  schema: string;
  decisionId: string;
  decidedAt: string;
  evaluatedAt: string | null;
  durationMs: Record<string, number>;
  ruleset: { digest: string; version: string };
  engine: { name: string; version: string };
  /** HTTP status of the answer. */
  status: number;
  /** Why nothing was evaluated; absent on a decision. A sentence without clinical data. */
  problem?: string;
  patient: string | null;
  /** Each known fact that was used, with its evidence. */
  inputs: RecordedInput[];
  /** Prefetch keys that were read from the FHIR server; absent where nothing was. */
  fetched?: readonly string[];
  /** What any rule waits for, once each. Of schema 2: sentences. */
  missing: (MissingFact | string)[];
  notices: Notice[];
  chart: Chart | null;
  /** How findings were shown to this client: a replay needs it. Null where nothing was evaluated. */
  presentation: Presentation | null;
  evaluations: RecordedEvaluation[];
  cards: Card[];
  /** What was left out on purpose. */
  masked: string[];
}

/** Where a piece of evidence came from, where that is known. */
interface From {
  from?: IntakeItem['from'];
}

export interface RecordedInput {
  fact: string;
  params: Params;
  value: unknown;
  unit?: string;
  /** By the results that were read; others were not. */
  inPart?: true;
  /** The first pieces. Of schema 2: in words. */
  evidence: ((Evidence | WordedEvidence) & From)[];
  /** So many more pieces of evidence are not named: the chart has them. */
  others?: number;
}

export interface RecordedEvaluation {
  rule: string;
  version: string;
  outcome: Outcome;
  status: string;
  shown: boolean;
  /** The rule on whose card it is listed, where that is another one. */
  card?: string;
  /** It fired by the results that were read, and not all were. */
  inPart?: true;
  /** Of schema 2: a sentence. */
  why: WhyNot | string | null;
  /** Places in the record's `missing`. Of schema 2: the sentences. */
  missing?: (number | string)[];
  fingerprint?: Fingerprint;
  /** The cards of orders without a route that list it. */
  byRoute?: readonly ListedByRoute[];
}

/** Chain fields: each writer's records form one chain by `prevHash`. */
export interface Chained {
  writer: string;
  seq: number;
  prevHash: string | null;
  hash: string;
}

/** What is clinical in a record: kept under the patient's key, and gone when that is destroyed. */
export type Clinical = Pick<
  DecisionRecord,
  'patient' | 'inputs' | 'missing' | 'notices' | 'chart' | 'presentation' | 'evaluations' | 'cards'
>;

/** One rule that fired, or that an order without a route leads to, as the log lists it: without a value of the patient. */
export interface RecordedFinding {
  rule: string;
  version: string;
  shown: boolean;
  /** Of the card that lists it, where there is one. */
  card?: string;
  indicator?: string;
  /** Of one that is not shown: the code of why. From schema 4. */
  why?: string;
  /** The rule is undecided, and fires if the order is given by one of the routes that its card names. From schema 4. */
  byRoute?: true;
}

/** The part of a record that stays readable for as long as the record is kept. */
export type RecordHead = Omit<DecisionRecord, keyof Clinical> & {
  findings: RecordedFinding[];
  cardIds: string[];
  /** Ids of undecided rules, by what they wait for: `lab:potassium:mmol/L:P3D`. From schema 4. */
  undecided?: Record<string, string[]>;
};
