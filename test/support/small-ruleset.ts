/** Rules of a test, compiled, without templates and digest: what they say of a chart by hand takes a millisecond. */
import { type Evaluated, type Evaluation, evaluateAll } from '../../rules/evaluation/findings.ts';
import { type Presentation, showAll } from '../../rules/evaluation/presentation.ts';
import type { Ruleset } from '../../rules/evaluation/ruleset.ts';
import { partsOf } from '../../rules/evaluation/ruleset-digest.ts';
import { createContext } from '../../rules/facts/context.ts';
import type { Category } from '../../rules/fhir/categories.ts';
import { byHook, type Hook } from '../../rules/fhir/hooks.ts';
import type { Notice } from '../../rules/fhir/notice.ts';
import { compileRule } from '../../rules/rule/compile.ts';
import { parseRule } from '../../rules/rule/document.ts';
import { FactRequests } from '../../rules/rule/fact-store.ts';
import { at, chartWith } from './charts.ts';

/** @param documents in the order of their ids, which is that of a ruleset */
export function smallRuleset(documents: readonly object[], needs: readonly Category[] = []): Ruleset {
  const requests = new FactRequests();
  const parsed = documents.map((json) => parseRule(json, 'test'));
  return {
    digest: 'none',
    parts: partsOf(parsed, undefined),
    version: '0.0.0',
    documents: parsed,
    rules: parsed.map((rule) => compileRule(rule, requests)),
    requests: requests.list,
    needs: byHook(() => new Set(needs)),
    measured: new Set(),
    prefetch: byHook(() => ({})),
  };
}

export interface Moment {
  hook?: Hook;
  presentation?: Partial<Presentation>;
  notices?: readonly Notice[];
}

/** What the rules say of such a chart. */
export const evaluated = (
  ruleset: Ruleset,
  given: Parameters<typeof chartWith>[0],
  { hook = 'patient-view', presentation = {}, notices = [] }: Moment = {},
): Evaluated =>
  evaluateAll(ruleset, createContext(chartWith(given), at, notices), hook, { ...showAll, ...presentation });

/** Of each rule: `shown`, its outcome where nothing more is to be said, or why it is not shown. */
export const saidOf = ({ evaluations }: Evaluated): Record<string, string> =>
  Object.fromEntries(evaluations.map((one) => [one.rule, wordOf(one)]));

const wordOf = ({ shown, why, outcome, card }: Evaluation): string =>
  `${shown ? 'shown' : (why?.code ?? outcome)}${card === undefined ? '' : ` on ${card}`}`;
