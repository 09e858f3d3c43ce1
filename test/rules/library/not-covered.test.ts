/** What is not covered is said: the table of renal limits less what an active rule asks the kidney function for. */
import { describe, expect, it } from 'vitest';
import { library } from '../../../rules/library/library.ts';
import { notCovered } from '../../../rules/library/not-covered.ts';
import type { Condition } from '../../../rules/rule/conditions.ts';
import { parseRule, type Rule } from '../../../rules/rule/document.ts';
import { ingredientsByName, otherIngredientNamed } from '../../../rules/terminology/drugs/ingredients.ts';
import { canonicalName } from '../../../rules/terminology/drugs/spelling.ts';
import { renalLimits } from '../../../rules/terminology/renal-limits.ts';

const rules = library.map(({ where, json }) => parseRule(json, where));
const [some] = rules;

const drug = (params: Record<string, unknown>, value = true): Condition => ({
  fact: 'drug',
  params: { role: 'ordered', ...params },
  operator: 'equal',
  value,
});
const clearance = (operator: 'lessThan' | 'greaterThan' = 'lessThan'): Condition => ({
  fact: 'creatinineClearance',
  params: { within: 'P365D' },
  path: '$.value',
  operator,
  value: 30,
});
const creatinine: Condition = {
  fact: 'lab',
  params: { test: 'creatinine', unit: 'mg/dL', within: 'P365D' },
  path: '$.value',
  operator: 'greaterThanInclusive',
  value: 1.5,
};
const dialysis: Condition = {
  fact: 'condition',
  params: { groups: ['dialysis'], status: 'active' },
  operator: 'equal',
  value: true,
};

const noCreatinine: Condition = {
  fact: 'hasLab',
  params: { tests: ['creatinine', 'egfr'], within: 'P90D' },
  operator: 'equal',
  value: false,
};

const ruleThat = (conditions: Condition, status: Rule['status'] = 'active'): Rule =>
  ({ ...some, status, conditions }) as Rule;
const limit = { drug: 'metformin', limit: 'a limit', source: 'a label', read: false };
const isCovered = (rule: Rule): boolean => notCovered([rule], [limit]).length === 0;

describe('a drug with a renal limit is covered', () => {
  it.each<[string, Condition, boolean]>([
    [
      'by a rule with the drug and a clearance',
      { all: [drug({ ingredients: ['metformin'] }), clearance()] },
      true,
    ],
    ['by its class', { all: [drug({ classes: ['metformin'] }), clearance()] }, true],
    ['by a creatinine above a limit', { all: [drug({ classes: ['metformin'] }), creatinine] }, true],
    [
      'by one of several ways to hold',
      { all: [drug({ classes: ['metformin'] }), { any: [dialysis, clearance()] }] },
      true,
    ],
    ['not by a rule about another drug', { all: [drug({ classes: ['lithium'] }), clearance()] }, false],
    ['not without the kidney', { all: [drug({ classes: ['metformin'] }), dialysis] }, false],
    [
      'not by a clearance above a limit',
      { all: [drug({ classes: ['metformin'] }), clearance('greaterThan')] },
      false,
    ],
    [
      'not as the exception',
      { all: [drug({ classes: ['metformin'], exceptIngredients: ['metformin'] }), clearance()] },
      false,
    ],
    [
      'not as the second of two',
      { all: [drug({ classes: ['lithium'] }), drug({ classes: ['metformin'] }), clearance()] },
      false,
    ],
    [
      'not where the clearance is about another drug',
      {
        any: [
          { all: [drug({ classes: ['lithium'] }), clearance()] },
          { all: [drug({ classes: ['metformin'] }), dialysis] },
        ],
      },
      false,
    ],
    ['not by a rule about every patient', { all: [clearance()] }, false],
    ['not where it must be absent', { all: [drug({ classes: ['metformin'] }, false), clearance()] }, false],
    [
      'also where another must be absent',
      { all: [drug({ classes: ['metformin'] }), drug({ classes: ['lithium'] }, false), clearance()] },
      true,
    ],
    [
      'not by a rule that speaks only without a creatinine',
      { all: [drug({ classes: ['metformin'] }), clearance(), noCreatinine] },
      false,
    ],
    ['not by what is negated', { all: [drug({ classes: ['metformin'] }), { not: clearance() }] }, false],
  ])('%s', (_, conditions, covered) => {
    expect(isCovered(ruleThat(conditions))).toBe(covered);
  });

  it.each(['draft', 'shadow', 'retired'] as const)('not by a rule that is %s', (status) => {
    expect(isCovered(ruleThat({ all: [drug({ classes: ['metformin'] }), clearance()] }, status))).toBe(false);
  });
});

describe('the library', () => {
  const open = notCovered(rules).map((one) => one.drug);

  it('covers metformin, dabigatran, gabapentin and enoxaparin, and not meropenem, atenolol and levetiracetam', () => {
    for (const name of ['metformin', 'dabigatran etexilate', 'gabapentin', 'enoxaparin'])
      expect(open).not.toContain(name);
    for (const name of ['meropenem', 'atenolol', 'levetiracetam']) expect(open).toContain(name);
  });

  it('every drug of the table is one that names are resolved to, none stands twice', () => {
    const names = renalLimits.map((one) => one.drug);
    expect(new Set(names).size).toBe(names.length);
    const unknown = names.filter((name) => {
      const canonical = canonicalName(name);
      return ingredientsByName.get(canonical)?.name !== name && otherIngredientNamed(canonical) !== canonical;
    });
    expect(unknown).toEqual([]);
  });

  it('what was not read does not claim a text', () => {
    for (const { source, read } of renalLimits) expect(read).toBe(!source.endsWith('from general knowledge'));
  });
});
