/**
 * The decision record: what is kept of one answer. Canonical JSON, hashed, chained per writer. Never in it:
 * tokens, names, addresses, narrative. Enough to replay: the same chart, rules and clock give the same cards.
 */
import type { Card } from './cards/finding-card.ts';
import type { Chart } from './chart/types.ts';
import type { Decision } from './decide.ts';
import { canonicalJson, sha256 } from './digest/digest.ts';
import type { Fingerprint } from './evaluation/override.ts';
import type { Presentation } from './evaluation/presentation.ts';
import type { Evidence } from './facts/fact.ts';
import type { Notice } from './fhir/notice.ts';
import type { IntakeItem } from './intake/intake.ts';
import type { Outcome } from './rule/compile.ts';
import { engine } from './version.ts';

export const decisionSchema = 'epsom.decision/2';

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
  schema: typeof decisionSchema;
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
  inputs: {
    fact: string;
    params: Record<string, unknown>;
    value: unknown;
    unit?: string;
    evidence: (Evidence & { from?: IntakeItem['from'] })[];
  }[];
  /** Prefetch keys that were read from the FHIR server; absent where nothing was. */
  fetched?: readonly string[];
  missing: string[];
  notices: Notice[];
  chart: Chart | null;
  /** How findings were shown to this client: a replay needs it. Null where nothing was evaluated. */
  presentation: Presentation | null;
  evaluations: {
    rule: string;
    version: string;
    outcome: Outcome;
    status: string;
    shown: boolean;
    why: string | null;
    missing?: string[];
    fingerprint?: Fingerprint;
  }[];
  cards: Card[];
  /** What was left out on purpose. */
  masked: string[];
}

/** Chain fields: each writer's records form one chain by `prevHash`. */
export interface Chained {
  writer: string;
  seq: number;
  prevHash: string | null;
  hash: string;
}

const masked = ['names', 'addresses', 'telecom', 'narrative', 'displays', 'notes', 'identifiers', 'tokens'];

export function recordOf(
  decision: Decision,
  asked: RequestMetadata,
  durationMs: Record<string, number>,
): DecisionRecord {
  const inputs = decision.used().flatMap((answer) =>
    answer.state === 'known' && answer.evidence.length > 0
      ? [
          {
            fact: answer.fact,
            params: answer.params,
            value: answer.value,
            ...(answer.unit ? { unit: answer.unit } : {}),
            evidence: answer.evidence.map((evidence) => {
              const from = decision.origins.get(evidence.reference);
              return from ? { ...evidence, from } : evidence;
            }),
          },
        ]
      : [],
  );
  const evaluations = decision.evaluations.map(
    ({ rule, version, outcome, status, shown, why, missing, fingerprint }) => ({
      rule,
      version,
      outcome,
      status,
      shown,
      why,
      ...(missing.length > 0 ? { missing } : {}),
      ...(fingerprint ? { fingerprint } : {}),
    }),
  );
  return {
    schema: decisionSchema,
    ...asked,
    decisionId: decision.decisionId,
    decidedAt: decision.decidedAt,
    evaluatedAt: decision.evaluatedAt,
    durationMs,
    ruleset: decision.ruleset,
    engine,
    status: 200,
    patient: decision.patientId,
    inputs,
    ...(decision.fetched.length > 0 ? { fetched: decision.fetched } : {}),
    missing: [...new Set(decision.evaluations.flatMap(({ missing }) => missing))],
    notices: decision.notices,
    chart: decision.chart,
    presentation: decision.presentation,
    evaluations,
    cards: decision.cards,
    masked,
  };
}

/** The record of a request that was not evaluated: refused, not understood, timed out. No clinical data. */
export function refusalOf(
  decisionId: string,
  asked: RequestMetadata,
  status: number,
  problem: string,
  decidedAt: string,
  ruleset: { digest: string; version: string },
): DecisionRecord {
  return {
    schema: decisionSchema,
    ...asked,
    decisionId,
    decidedAt,
    evaluatedAt: null,
    durationMs: {},
    ruleset: { digest: ruleset.digest, version: ruleset.version },
    engine,
    status,
    problem,
    ...nothingClinical,
    masked,
  };
}

/** What is clinical in a record: kept under the patient's key, and gone when that is destroyed. */
export type Clinical = Pick<
  DecisionRecord,
  'patient' | 'inputs' | 'missing' | 'notices' | 'chart' | 'presentation' | 'evaluations' | 'cards'
>;

/** One rule that fired, as the log lists it: without a value of the patient. */
export interface RecordedFinding {
  rule: string;
  version: string;
  shown: boolean;
  /** Of the card, where there is one. */
  card?: string;
  indicator?: string;
}

/** The part of a record that stays readable for as long as the record is kept. */
export type RecordHead = Omit<DecisionRecord, keyof Clinical> & {
  findings: RecordedFinding[];
  cardIds: string[];
};

/** Splits a record; `joined` puts it together again. */
export function splitRecord(record: DecisionRecord): { head: RecordHead; clinical: Clinical } {
  const { patient, inputs, missing, notices, chart, presentation, evaluations, cards, ...head } = record;
  // What was overridden says what was known then: `presentation` is clinical, too.
  const clinical = { patient, inputs, missing, notices, chart, presentation, evaluations, cards };
  const cardIds = cards.map(({ uuid }) => uuid);
  return { head: { ...head, findings: findingsOf(record), cardIds }, clinical };
}

function findingsOf({ evaluations, cards }: DecisionRecord): RecordedFinding[] {
  const cardOf = new Map(cards.map((card) => [ruleOfTopic(card.source.topic.code), card]));
  return evaluations
    .filter(({ outcome }) => outcome === 'fired')
    .map(({ rule, version, shown }) => {
      const card = shown ? cardOf.get(rule) : undefined;
      return { rule, version, shown, ...(card ? { card: card.uuid, indicator: card.indicator } : {}) };
    });
}

/** Some client profiles want topic codes without the hyphen: `MG001` is MG-001. */
const ruleOfTopic = (code: string): string => code.replace(/^([A-Z]{2})-?(\d{3})$/, '$1-$2');

/** Of a refusal, and of an erased patient. */
const nothingClinical: Clinical = {
  patient: null,
  inputs: [],
  missing: [],
  notices: [],
  chart: null,
  presentation: null,
  evaluations: [],
  cards: [],
};

/** @param clinical null where there is none, or the patient was erased */
export const mergeRecord = (head: RecordHead, clinical: Clinical | null): DecisionRecord & RecordHead => ({
  ...head,
  ...(clinical ?? nothingClinical),
});

/** SHA-256 of the canonical JSON of everything but the hash itself. */
export function chain<R extends object>(
  record: R,
  writer: string,
  seq: number,
  prevHash: string | null,
): R & Chained {
  const body = { ...record, writer, seq, prevHash };
  return { ...body, hash: `sha256:${sha256(canonicalJson(body))}` };
}

/**
 * Id of the decision on one CDS Hooks request: the idempotency key itself, so that the same request finds the
 * stored answer with one read.
 */
export const decisionIdOf = (asked: RequestMetadata, rulesetDigest: string): string =>
  sha256(
    [
      asked.tenant,
      asked.client,
      asked.service,
      asked.hookInstance ?? '',
      asked.requestDigest,
      rulesetDigest,
    ].join('\n'),
  ).slice(0, 32);
