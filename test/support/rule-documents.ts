/** Rule documents for tests: valid, short, and made of what a test is about. */
import { decide } from '../../rules/decide.ts';
import { createRuleset } from '../../rules/evaluation/ruleset.ts';
import type { Hook } from '../../rules/fhir/hooks.ts';
import { type Case, evaluatedAt } from '../../rules/library/case.ts';
import { requestOf } from '../../rules/library/case-request.ts';

export type Tree = Record<string, unknown>;

/** A valid rule.json; `more` replaces keys, `card` only keys of the card. */
export const document = (
  id: string,
  conditions: Tree,
  { card, ...more }: Tree & { card?: Tree } = {},
): Record<string, unknown> => ({
  name: id,
  conditions,
  event: { type: id },
  id,
  version: '1.2.3',
  title: `Title of ${id}`,
  domain: 'test',
  status: 'active',
  hooks: ['patient-view', 'order-select', 'order-sign'],
  card: { indicator: 'warning', summary: `Summary of ${id}`, detail: 'What it means.', ...card },
  rationale: 'for a test',
  sources: [
    { key: 'one', title: 'First', short: 'First source', section: '1', year: 2020, read: true },
    { key: 'two', title: 'Second', short: 'Second source', year: 2021, read: true },
  ],
  sourceAttributes: {
    bibliographicCitation: 'First',
    developer: 'test',
    fundingSource: 'none',
    releaseAndRevisionDates: '1.2.3: 2026-01-01',
    usesRace: false,
    usesEthnicity: false,
    usesLanguage: false,
    usesSexualOrientation: false,
    usesGenderIdentity: false,
    usesSex: false,
    usesDateOfBirth: false,
    usesSocialDeterminants: false,
    usesHealthStatusAssessments: false,
  },
  owner: 'test',
  reviewBy: '2027-01-01',
  ...more,
});

/** A condition with `equal` and true, or a comparison of a number. */
export const holds = (fact: string, params: Tree, value: unknown = true, operator = 'equal'): Tree => ({
  fact,
  params,
  operator,
  value,
});
export const compares = (fact: string, params: Tree, operator: string, value: unknown): Tree => ({
  fact,
  params,
  path: '$.value',
  operator,
  value,
});

export const clock = { decisionId: 'decision-1', decidedAt: evaluatedAt, evaluatedAt };

/** What these rules decide of a patient of case.ts. */
export const decideRules = (
  documents: readonly object[],
  given: Case['given'],
  hook: Hook = 'patient-view',
) =>
  decide(
    requestOf({ name: 'x', given, hook, expect: 'fired' }, hook),
    createRuleset(documents.map((json) => ({ where: 'test', json }))),
    clock,
  );
