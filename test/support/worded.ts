/** Facts for tests as an answer words them: what is missing as a sentence, evidence with `used`, `received` and `note`. */
import { type WordedEvidence, wordEvidence, wordMissing } from '../../rules/cards/wording.ts';
import type { EvaluationContext, Fact, KnownFact, UnknownFact } from '../../rules/facts/fact.ts';
import { type FactName, factOf, type Params } from '../../rules/facts/facts.ts';

export type WordedKnown = Omit<KnownFact, 'evidence'> & { evidence: WordedEvidence[] };
export type WordedUnknown = Omit<UnknownFact, 'evidence' | 'reasons'> & {
  missing: string;
  evidence: WordedEvidence[];
};
export type WordedFact = WordedKnown | WordedUnknown;

export function wordFact(name: FactName, asked: Params, found: Fact): WordedFact {
  const result = { fact: name, params: asked };
  if (found.state !== 'known') {
    const { reasons: _, ...rest } = found;
    return {
      ...rest,
      missing: wordMissing({ ...result, reasons: found.reasons }),
      evidence: found.evidence.map(wordEvidence),
    };
  }
  return { ...found, evidence: found.evidence.map(wordEvidence) };
}

/** Computes a fact and words it. */
export const prepareFact =
  (name: FactName, params: Params) =>
  (context: EvaluationContext): WordedFact =>
    wordFact(name, params, factOf(name).compute(params)(context));

/** Whether a rule may ask a fact like this. */
export const mayAsk = (name: FactName, params: unknown): boolean =>
  factOf(name).params.safeParse(params).success;
