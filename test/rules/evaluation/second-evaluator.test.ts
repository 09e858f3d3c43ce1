import { describe, expect, it } from 'vitest';
import { firesInJsonRulesEngine, isComparable } from '../../../rules/evaluation/second-evaluator.ts';
import type { Fact } from '../../../rules/facts/fact.ts';
import { compileRule } from '../../../rules/rule/compile.ts';
import { parseRule } from '../../../rules/rule/document.ts';
import { FactRequests } from '../../../rules/rule/fact-store.ts';
import { compares, document, holds, type Tree } from '../../support/rule-documents.ts';

const magnesium = { test: 'magnesium', unit: 'mg/dL', within: 'P3D', lowerLimit: 1.7 };
const low = compares('lab', magnesium, 'lessThan', 1);
const female = holds('sex', {}, 'female');
const compiled = (conditions: Tree, unless?: Tree) =>
  compileRule(parseRule(document('AA-001', conditions, unless ? { unless } : {}), 'x'), new FactRequests());
const known = (value: number | string | boolean, more = {}): Fact => ({
  state: 'known',
  value,
  evidence: [],
  ...more,
});
const missing: Fact = { state: 'missing', cause: 'absent', reasons: [], evidence: [] };
const answering =
  (answers: Readonly<Record<string, Fact>>) =>
  (fact: string): Fact =>
    answers[fact] ?? missing;

describe('whether both evaluators can be asked', () => {
  const rule = compiled({ all: [low] }, { all: [female] });
  const asked = (lab: Fact, sex: Fact) => isComparable(rule, (question) => (question === 0 ? lab : sex));
  it.each<[string, Fact, Fact, boolean]>([
    ['everything is known', known(1), known('male'), true],
    ['a fact is missing', missing, known('male'), false],
    ['a fact of an exemption is missing', known(1), missing, false],
    ['a value is a range', known(1, { range: { low: 0, high: 1 } }), known('male'), false],
  ])('where %s', (_name, lab, sex, expected) => {
    expect(asked(lab, sex)).toBe(expected);
  });
});

describe('json-rules-engine', () => {
  const fires = (rule: ReturnType<typeof compiled>, answers: Readonly<Record<string, Fact>>) =>
    firesInJsonRulesEngine(rule, answering(answers));
  it.each([
    [0.9, true],
    [1, false],
  ])('of magnesium %d below 1: %s', async (value, expected) => {
    expect(await fires(compiled({ all: [low] }), { lab: known(value) })).toBe(expected);
  });
  it('heeds an exemption', async () => {
    const rule = compiled({ all: [low] }, { all: [female] });
    expect(await fires(rule, { lab: known(0.9), sex: known('female') })).toBe(false);
    expect(await fires(rule, { lab: known(0.9), sex: known('male') })).toBe(true);
    expect(await fires(rule, { lab: known(1), sex: known('male') })).toBe(false);
    expect(await fires(rule, { lab: known(1), sex: known('female') })).toBe(false);
  });
  it('reads a lower limit, and facts inside any and not', async () => {
    const limit = { fact: 'lab', params: magnesium, path: '$.lowerLimit' };
    const rule = compiled({
      any: [{ not: female }, { all: [compares('lab', magnesium, 'lessThan', limit)] }],
    });
    const lab = (value: number) => known(value, { lowerLimit: 1.7 });
    expect(await fires(rule, { sex: known('female'), lab: lab(1.6) })).toBe(true);
    expect(await fires(rule, { sex: known('female'), lab: lab(1.7) })).toBe(false);
    expect(await fires(rule, { sex: known('male'), lab: lab(1.7) })).toBe(true);
  });
  it('reads the most that a plain value may be: itself', async () => {
    const rule = compiled({
      all: [{ ...compares('egfr', { within: 'P7D' }, 'greaterThanInclusive', 15), path: '$.highest' }],
    });
    expect(await fires(rule, { egfr: known(15) })).toBe(true);
    expect(await fires(rule, { egfr: known(14.9) })).toBe(false);
  });
  it('asks each question with its own parameters', async () => {
    const potassium = { ...magnesium, test: 'potassium' };
    const rule = compiled({ all: [low, compares('lab', potassium, 'greaterThan', 5)] });
    const answer = (_fact: string, params: Record<string, unknown>): Fact =>
      known(params.test === 'potassium' ? 5.5 : 0.9);
    expect(await firesInJsonRulesEngine(rule, answer)).toBe(true);
  });
});
