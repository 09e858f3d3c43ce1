/** Decisions as a client with its own presentation gets them, for the tests of presentation and overrides. */
import { type Decision, decide } from '../../rules/decide.ts';
import { type Presentation, showAll } from '../../rules/evaluation/presentation.ts';
import type { Hook } from '../../rules/fhir/hooks.ts';
import { shippedRuleset } from '../../rules/library/shipped.ts';
import { at, complete, condition, hookRequest, magnesiumSulfate, observation } from './hook-requests.ts';

export const ruleset = shippedRuleset();
export const clock = { decisionId: 'presentation', decidedAt: at, evaluatedAt: at };
export const hourAgo = '2026-01-31T11:00:00Z';

export const presented = (change: Partial<Presentation>): Presentation => ({ ...showAll, ...change });
export const shownIn = ({ evaluations }: Decision): string[] =>
  evaluations.filter(({ shown }) => shown).map(({ rule }) => rule);
export const whyOf = ({ evaluations }: Decision, rule: string) =>
  evaluations.find((evaluation) => evaluation.rule === rule);

/** IV magnesium with myasthenia gravis, a creatinine of 400 umol/L and a magnesium of 0.9 mg/dL. */
const orders = [magnesiumSulfate()];
export const request = (creatinine = 4.5, magnesium = 0.9, conditions = [condition('mg', '91637004')]) => {
  const { context, prefetch } = hookRequest(
    'order-sign',
    complete(
      [
        observation('cr', '2160-0', creatinine, 'mg/dL', hourAgo),
        observation('mg', '19123-9', magnesium, 'mg/dL', hourAgo),
      ],
      conditions,
    ),
    orders,
  );
  return { hook: 'order-sign' as Hook, context, prefetch };
};
export const decided = (change: Partial<Presentation>, what = request()): Decision =>
  decide(what, ruleset, clock, presented(change));

/** An order that brings up several warnings. */
export const many = () => {
  const drug = (id: string, code: string) => ({
    ...magnesiumSulfate(id),
    medicationCodeableConcept: {
      coding: [{ system: 'http://www.nlm.nih.gov/research/umls/rxnorm', code }],
    },
    dosageInstruction: [{ route: { text: 'oral' } }],
  });
  const { context, prefetch } = hookRequest(
    'order-sign',
    complete([
      observation('cr', '2160-0', 2.2, 'mg/dL', hourAgo),
      observation('k', '2823-3', 5.4, 'mmol/L', hourAgo),
    ]),
    // Ibuprofen, lisinopril, furosemide, lithium.
    [drug('a', '5640'), drug('b', '29046'), drug('c', '4603'), drug('d', '6448')],
  );
  return { hook: 'order-sign' as Hook, context, prefetch };
};
