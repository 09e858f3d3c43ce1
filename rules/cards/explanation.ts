/** The whole reasoning in words, as `/evaluate` answers it: each rule, its condition tree, and each fact. */
import type { Evaluation, FactResult } from '../evaluation/findings.ts';
import { firstEvidence } from '../facts/bounded.ts';
import type { Trace } from '../rule/trace.ts';
import { type WordedEvidence, wordAllMissing, wordEvidence, wordMissing, wordWhyNot } from './wording.ts';

/** A condition tree with what is missing in words. */
function explainTrace(trace: Trace): object {
  if ('all' in trace) return { ...trace, all: trace.all.map(explainTrace) };
  if ('any' in trace) return { ...trace, any: trace.any.map(explainTrace) };
  if ('not' in trace) return { ...trace, not: explainTrace(trace.not) };
  const { missing, ...leaf } = trace;
  const { fact, params } = leaf;
  return missing ? { ...leaf, missing: wordMissing({ fact, params, reasons: missing }) } : leaf;
}

/** What a rule said, as an answer has it. */
export type ExplainedEvaluation = Omit<Evaluation, 'why' | 'missing' | 'trace'> & {
  why: string | null;
  missing: string[];
};

/** What one rule said, without its condition tree. */
export function explainOutcome(evaluation: Evaluation): ExplainedEvaluation {
  const { trace: _, ...said } = evaluation;
  return { ...said, why: wordWhyNot(evaluation.why), missing: wordAllMissing(evaluation.missing) };
}

/** The same with its condition tree. */
export const explainEvaluation = (evaluation: Evaluation) => ({
  ...explainOutcome(evaluation),
  trace: explainTrace(evaluation.trace()),
});

type Known = Extract<FactResult, { state: 'known' }>;
type Unknown = Exclude<FactResult, Known>;
/** A fact as an answer has it. */
export type ExplainedFact = (
  | Omit<Known, 'evidence'>
  | (Omit<Unknown, 'evidence' | 'reasons'> & { missing: string })
) &
  ExplainedEvidence;

interface ExplainedEvidence {
  evidence: WordedEvidence[];
  /** So many more pieces of evidence are not named. */
  others?: number;
}

export function explainFact(result: FactResult): ExplainedFact {
  const { first, others } = firstEvidence(result.evidence);
  const evidence = { evidence: first.map(wordEvidence), ...(others > 0 ? { others } : {}) };
  if (result.state === 'known') return { ...result, ...evidence };
  const { reasons: _, evidence: __, ...rest } = result;
  return { ...rest, missing: wordMissing(result), ...evidence };
}
