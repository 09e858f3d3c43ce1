/**
 * The decision record: what is kept of one answer. Canonical JSON, hashed, chained per writer. Never in it:
 * tokens, names, addresses, narrative. Enough to replay: the same chart, rules and clock give the same cards.
 */
import { routeCardId } from './cards/route-card-id.ts';
import { type WordedEvidence, wordEvidence, wordMissing, wordWhyNot } from './cards/wording.ts';
import type { Decision } from './decide.ts';
import { canonicalJson, sha256 } from './digest/digest.ts';
import type { FactResult, WhyNot } from './evaluation/findings.ts';
import type { Fingerprint } from './evaluation/fingerprint.ts';
import type { ListedByRoute } from './evaluation/said-by-route.ts';
import { boundedReasons, firstEvidence } from './facts/bounded.ts';
import type { Evidence } from './facts/fact.ts';
import { factOf, type Params } from './facts/facts.ts';
import { missingIn } from './record-head.ts';
import type {
  Chained,
  Clinical,
  DecisionRecord,
  RecordedEvaluation,
  RecordedInput,
  RecordHead,
  RequestMetadata,
} from './record-types.ts';
import { requestKey } from './rule/fact-store.ts';
import type { MissingFact } from './rule/trace.ts';
import { engine } from './version.ts';

/**
 * 4: the head says why a finding was withheld and what undecided rules wait for, so that decisions are counted without
 * a patient's key. 3: reasons and evidence are codes with data, and what is missing is named once. Records of schema 2
 * say both in words. Older records are read, answered and replayed as they are.
 */
const decisionSchema = 'epsom.decision/4';

const masked = ['names', 'addresses', 'telecom', 'narrative', 'displays', 'notes', 'identifiers', 'tokens'];

/**
 * The record of an answer.
 * @param asked who asked what; no clinical data
 * @param durationMs by step, in milliseconds
 */
export function recordOf(
  decision: Decision,
  asked: RequestMetadata,
  durationMs: Record<string, number>,
): DecisionRecord {
  const missing = missingOf(decision);
  const places = new Map(missing.map((one, place) => [keyOf(one), place]));
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
    inputs: decision.used().flatMap((result) => inputOf(result, decision) ?? []),
    ...(decision.fetched.length > 0 ? { fetched: decision.fetched } : {}),
    missing,
    notices: decision.notices,
    chart: decision.chart,
    presentation: decision.presentation,
    evaluations: decision.evaluations.map(({ trace: _, missing: own, ...said }) => ({
      ...said,
      ...(own.length > 0 ? { missing: own.flatMap((one) => places.get(keyOf(one)) ?? []) } : {}),
    })),
    cards: decision.cards,
    masked,
  };
}

const keyOf = ({ fact, params }: MissingFact): string => requestKey(fact, params);

/** What any rule waits for, once each: why a fact is unknown does not depend on who asks. */
const missingOf = ({ evaluations }: Decision): MissingFact[] =>
  [...new Map(evaluations.flatMap(({ missing }) => missing).map((one) => [keyOf(one), one])).values()].map(
    (one) => ({ ...one, reasons: boundedReasons(one.reasons) }),
  );

function inputOf(result: FactResult, { origins }: Decision): RecordedInput | null {
  if (result.state !== 'known' || result.evidence.length === 0) return null;
  const { fact, params, value, unit, inPart } = result;
  const { first, others } = firstEvidence(result.evidence);
  const evidence = first.map((one) => {
    const from = origins.get(one.reference);
    return from ? { ...one, from } : one;
  });
  return {
    fact,
    params,
    value,
    ...(unit ? { unit } : {}),
    ...(inPart ? { inPart } : {}),
    evidence,
    ...(others > 0 ? { others } : {}),
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

/** The rules that the card of a shown finding lists, the finding's own among them. */
const listedWith = (
  evaluations: readonly RecordedEvaluation[],
  { rule, card: of = rule }: RecordedEvaluation,
): string[] => evaluations.flatMap(({ rule: id, shown, card = id }) => (shown && card === of ? [id] : []));

/** What an override of a rule was about. */
export interface Overridden {
  fingerprint: Fingerprint;
  /** All rules that the card listed. */
  listed: string[];
}

/**
 * What an override of a rule on a card was about; null where the record says nothing of it.
 * @param card uuid of the card; null where it was not kept: the card of the rule's finding
 */
export function overriddenOn(
  { evaluations, decisionId }: Pick<DecisionRecord, 'evaluations' | 'decisionId'>,
  rule: string,
  card: string | null,
): Overridden | null {
  const evaluation = evaluations.find((one) => one.rule === rule);
  const onCard = ({ byRoute = [] }: RecordedEvaluation): ListedByRoute | undefined =>
    byRoute.find(({ order }) => routeCardId(decisionId, order) === card);
  const ofRoute = evaluation && onCard(evaluation);
  if (ofRoute) {
    const listed = evaluations.filter((one) => onCard(one)).map((one) => one.rule);
    return { fingerprint: ofRoute.fingerprint, listed };
  }
  return evaluation?.fingerprint
    ? { fingerprint: evaluation.fingerprint, listed: listedWith(evaluations, evaluation) }
    : null;
}

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

// --- Reading -----------------------------------------------------------------------------------------------

const isWorded = <E extends Evidence | WordedEvidence>(evidence: E): evidence is E & WordedEvidence =>
  typeof evidence.used === 'string';

/** Members in the order of canonical JSON, as what is stored has them. */
const inOrder = <T extends object>(value: T): T =>
  Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))) as T;

const wordInput = (input: RecordedInput) => ({
  ...input,
  evidence: input.evidence.map((one) => {
    if (isWorded(one)) return one;
    const { from, ...evidence } = one;
    return inOrder({ ...wordEvidence(evidence), ...(from ? { from } : {}) });
  }),
});

const wordOne = (missing: MissingFact | string): string =>
  typeof missing === 'string' ? missing : wordMissing(missing);

/** The same in words, each sentence once. */
export const wordMissingIn = (
  record: Pick<DecisionRecord, 'missing'>,
  evaluation: RecordedEvaluation,
): string[] => [...new Set(missingIn(record, evaluation).map(wordOne))];

/** A record in words, whatever its schema: what an auditor reads. Members keep their order. */
export const wordRecord = <R extends Clinical>(record: R) => ({
  ...record,
  inputs: record.inputs.map(wordInput),
  missing: [...new Set(record.missing.map(wordOne))],
  evaluations: record.evaluations.map((evaluation) => ({
    ...evaluation,
    why: wordWhy(evaluation.why),
    ...(evaluation.missing ? { missing: wordMissingIn(record, evaluation) } : {}),
  })),
});

const wordWhy = (why: WhyNot | string | null): string | null =>
  typeof why === 'string' ? why : wordWhyNot(why);

/** The fact that a sentence of schema 2 is about; what it needs beside may follow in brackets. */
export const factNamedIn = <R extends { fact: Parameters<typeof factOf>[0]; params: Params }>(
  sentence: string,
  requests: readonly R[],
): R | undefined =>
  requests.find(({ fact, params }) => {
    const what = factOf(fact).describe(params);
    return sentence === what || sentence.startsWith(`${what} (`);
  });
