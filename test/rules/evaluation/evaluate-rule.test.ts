/** What one rule says of answers: what was not read decides nothing, an error of ours is none of the patient's. */
import { describe, expect, it } from 'vitest';
import { evaluateRule } from '../../../rules/evaluation/evaluate-rule.ts';
import { type Fact, missing, readInPart } from '../../../rules/facts/fact.ts';
import { compileRule } from '../../../rules/rule/compile.ts';
import { parseRule } from '../../../rules/rule/document.ts';
import { FactRequests, type FactStore } from '../../../rules/rule/fact-store.ts';
import { document, holds, type Tree } from '../../support/rule-documents.ts';

const problem = (group: string): Tree => holds('condition', { groups: [group], status: 'active' });
const yes: Fact = { state: 'known', value: true, evidence: [] };
const no: Fact = { state: 'known', value: false, evidence: [] };
const open = missing('absent', []);
const failed = missing('error', []);
const part = readInPart('labs');

/** Conditions about asthma and migraine, exempt where there is dialysis; answers in that order. */
const said = (conditions: Tree, answers: readonly Fact[], strict?: readonly Fact[]): string => {
  const requests = new FactRequests();
  for (const group of ['asthma', 'migraine', 'dialysis'])
    requests.of('condition', { groups: [group], status: 'active' });
  const rule = parseRule(document('AA-001', conditions, { unless: { all: [problem('dialysis')] } }), 'test');
  const store =
    (of: readonly Fact[]): FactStore =>
    (index) => {
      const fact = of[index];
      if (!fact) throw new Error('no answer');
      return fact;
    };
  const facts = Object.assign(store(answers), strict ? { strict: store(strict) } : {});
  const { outcome, why, inPart } = evaluateRule(compileRule(rule, requests), facts);
  return [outcome, why?.code, inPart && 'in part'].filter(Boolean).join(' ');
};
const both = { all: [problem('asthma'), problem('migraine')] };
const one = { any: [problem('asthma'), problem('migraine')] };

describe('a rule', () => {
  it.each<[string, Tree, Fact[], string]>([
    ['all hold', both, [yes, yes, no], 'fired'],
    ['one does not', both, [yes, no, no], 'not-fired'],
    ['one does not, whatever the exemption', both, [yes, no, yes], 'not-fired'],
    ['exempt', both, [yes, yes, yes], 'not-fired exempt'],
    ['exempt although it is open', both, [yes, open, yes], 'not-fired exempt'],
    ['an exemption that is open exempts nobody', both, [yes, yes, open], 'fired'],
    ['open', both, [yes, open, no], 'indeterminate'],
    ['one that is open decides nothing where the other does', one, [open, yes, no], 'fired'],
    ['an error of ours leaves it open', both, [yes, failed, no], 'error rule-failed'],
    ['an error beside what is open', both, [failed, open, no], 'error rule-failed'],
    ['an error that decides nothing', one, [failed, yes, no], 'fired'],
    ['an error beside what does not hold', both, [failed, no, no], 'not-fired'],
    ['an error of the exemption exempts nobody', both, [yes, yes, failed], 'fired'],
    ['an error of the exemption is none of the rule', both, [yes, open, failed], 'indeterminate'],
    ['it throws', both, [], 'error rule-failed'],
  ])('%s: %#', (_, conditions, answers, expected) => expect(said(conditions, answers)).toBe(expected));

  it.each<[string, Fact[], Fact[], string]>([
    ['what was read fires it, and not all was', [yes, yes, no], [yes, part, no], 'fired in part'],
    ['all that it needs was read', [yes, yes, no], [yes, yes, no], 'fired'],
    ['what was read does not hold, and not all was', [yes, no, no], [yes, part, no], 'indeterminate'],
    ['what surely does not hold', [no, yes, no], [no, part, no], 'not-fired'],
    ['what was read exempts, and not all was', [yes, yes, yes], [yes, yes, part], 'fired'],
  ])('%s', (_, answers, strict, expected) => expect(said(both, answers, strict)).toBe(expected));
});
