import { describe, expect, it } from 'vitest';
import { hooks, isHook } from '../../../rules/fhir/hooks.ts';
import { conditionProblems, leavesOf } from '../../../rules/rule/conditions.ts';
import { parseRule } from '../../../rules/rule/document.ts';
import { compares, document, holds, type Tree } from '../../support/rule-documents.ts';

const magnesium = { test: 'magnesium', unit: 'mg/dL', within: 'P3D' };
const below = (value: unknown, more: Tree = {}): Tree => ({
  ...compares('lab', magnesium, 'lessThan', value),
  ...more,
});
const drug = (params: Tree): Tree => holds('drug', { role: 'active', ...params });
const problems = (leaf: unknown): string[] => conditionProblems(leaf, 'at');

describe('a condition', () => {
  it.each<[string, Tree]>([
    ['a number below a threshold', below(1)],
    ['a threshold of 0', below(0)],
    [
      'the lower limit of a laboratory, where the rule has one too',
      below(1, { params: { ...magnesium, lowerLimit: 1.7 }, path: '$.lowerLimit' }),
    ],
    ['another number', below({ fact: 'lab', params: magnesium, path: '$.value' })],
    ['a text', holds('sex', {}, 'female')],
    ['one of a list of texts', holds('encounter', {}, ['home', 'virtual'], 'in')],
    ['true', holds('allergyToOrder', {})],
    ['false', holds('allergyToOrder', {}, false)],
    ['a class of drugs', drug({ classes: ['digoxin'] })],
    ['an ingredient', drug({ ingredients: ['digoxin'] })],
    ['a drug taken until lately', drug({ classes: ['digoxin'], role: 'any', endedWithin: 'P7D' })],
    ['a drug just ordered', drug({ classes: ['digoxin'], role: 'ordered', starting: true })],
    ['all of one', { all: [below(1)] }],
    ['any of two', { any: [below(1), below(2)] }],
    ['not', { not: below(1) }],
  ])('may be %s', (_name, leaf) => {
    expect(problems(leaf)).toEqual([]);
  });

  const facts = /^at: unknown fact `magnesium`; one of age, sex, lab, /;
  it.each<[string, unknown, string | RegExp]>([
    ['a text', 'x', 'at: must be an object'],
    ['null', null, 'at: must be an object'],
    ['a list', [below(1)], 'at: must be an object'],
    ['all of nothing', { all: [] }, 'at.all: must be a list that is not empty'],
    ['any of no list', { any: below(1) }, 'at.any: must be a list that is not empty'],
    ['a key beside all', { all: [below(1)], any: [below(1)] }, 'at: `any` beside `all`'],
    ['a key beside any', { priority: 1, any: [below(1)] }, 'at: `priority` beside `any`'],
    ['a key beside not', { not: below(1), priority: 1 }, 'at: other keys beside `not`'],
    ['a problem below all', { all: [below(1), { not: 'x' }] }, 'at.all[1].not: must be an object'],
    ['a misspelt key', { ...below(1), valeu: 1 }, 'at:  Invalid input'],
    ['no operator', { fact: 'lab', params: magnesium, value: 1 }, /^at: operator /],
    ['an unknown fact', holds('magnesium', {}), facts],
    ['a fact of every object', holds('toString', {}), /^at: unknown fact `toString`/],
    [
      'a parameter of the wrong kind',
      below(1, { params: { ...magnesium, within: '3 days' } }),
      'at: fact `lab`, parameter `within`: write a window as `P3D` or `PT48H`',
    ],
    [
      'a window of nothing',
      below(1, { params: { ...magnesium, within: 'P0D' } }),
      'at: fact `lab`, parameter `within`: write a window as `P3D` or `PT48H`',
    ],
    [
      'a window with more behind it',
      below(1, { params: { ...magnesium, within: 'P3DT1H' } }),
      'at: fact `lab`, parameter `within`: write a window as `P3D` or `PT48H`',
    ],
    [
      'an unknown test',
      below(1, { params: { ...magnesium, test: 'unobtainium' } }),
      'at: fact `lab`, parameter `test`: not a laboratory test of rules/terminology/labs.json',
    ],
    [
      'a test of every object',
      below(1, { params: { ...magnesium, test: 'toString' } }),
      'at: fact `lab`, parameter `test`: not a laboratory test of rules/terminology/labs.json',
    ],
    [
      'a list of tests',
      below(1, { params: { ...magnesium, test: ['magnesium'] } }),
      'at: fact `lab`, parameter `test`: not a laboratory test of rules/terminology/labs.json',
    ],
    [
      'an ingredient that is a code',
      drug({ ingredients: [3407] }),
      'at: fact `drug`, parameter `ingredients.0`: not an ingredient of rules/terminology/drugs.json',
    ],
    ...[
      { role: 'ordered' },
      { role: 'any', starting: true },
      { role: 'any', forAtLeast: 'P7D' },
      { role: 'active', starting: true, forAtLeast: 'P7D' },
    ].map((params): [string, unknown, string] => [
      `therapy that ended, with ${JSON.stringify(params)}`,
      drug({ classes: ['digoxin'], endedWithin: 'P7D', ...params }),
      'at: fact `drug` takes `endedWithin` with the roles `active` and `any`, without `starting` and a length',
    ]),
    ['an unknown parameter', holds('sex', { unit: 'x' }, 'female'), /^at: fact `sex`, parameter `\(all\)`: /],
    [
      'an unknown class',
      drug({ classes: ['metals'] }),
      'at: fact `drug`, parameter `classes.0`: not a drug class of rules/terminology/drugs.json',
    ],
    [
      'an unknown ingredient',
      drug({ ingredients: ['unobtainium'] }),
      'at: fact `drug`, parameter `ingredients.0`: not an ingredient of rules/terminology/drugs.json',
    ],
    [
      'an unknown group',
      holds('condition', { groups: ['x'], status: 'active' }),
      'at: fact `condition`, parameter `groups.0`: not a condition group of rules/terminology/conditions.json',
    ],
    ['no drug in drug', drug({}), 'at: fact `drug` needs `classes` or `ingredients`'],
    ['no drug in allergy', holds('allergy', {}), 'at: fact `allergy` needs `classes` or `ingredients`'],
    [
      'no drug in infusionRate',
      compares('infusionRate', { unit: 'g/h' }, 'equal', 1),
      'at: fact `infusionRate` needs `classes` or `ingredients`',
    ],
    [
      'no drug in drugCount',
      compares('drugCount', { role: 'any', by: 'class' }, 'equal', 1),
      'at: fact `drugCount` needs `classes` or `ingredients`',
    ],
    [
      'no drug in dailyDose',
      compares('dailyDose', { role: 'any', unit: 'mg' }, 'equal', 1),
      'at: fact `dailyDose` needs `classes` or `ingredients`',
    ],
    [
      'a number without its path',
      holds('egfr', { within: 'P3D' }, 30, 'lessThan'),
      'at: fact `egfr` is read with `"path": "$.value"`',
    ],
    [
      'the most that it may be as an upper limit',
      { ...compares('egfr', { within: 'P3D' }, 'lessThan', 30), path: '$.highest' },
      'at: `$.highest` is for the lower end of a band: compare it with `greaterThan` or `greaterThanInclusive`',
    ],
    [
      'the most of what has none',
      below(1, { path: '$.highest' }),
      'at: fact `lab` is read with `"path": "$.value"`',
    ],
    [
      'a lower limit of what has none',
      { ...compares('egfr', { within: 'P3D' }, 'lessThan', 30), path: '$.lowerLimit' },
      'at: fact `egfr` is read with `"path": "$.value"`',
    ],
    [
      'another path of a result',
      below(1, { path: '$.unit' }),
      'at: fact `lab` is read with `"path": "$.value"`',
    ],
    [
      'a lower limit for laboratories that give none',
      below(1, { path: '$.lowerLimit' }),
      'at: `$.lowerLimit` needs the parameter `lowerLimit` for laboratories that give none',
    ],
    [
      'a path of what has none',
      { ...holds('sex', {}, 'female'), path: '$.value' },
      'at: fact `sex` has no path',
    ],
    [
      'a number in a list',
      below(1, { operator: 'in' }),
      'at: operator `in` does not compare the number of fact `lab`',
    ],
    ['an infinite threshold', below(Number.POSITIVE_INFINITY), /^at: /],
    ['a number and a text', below('1'), 'at: fact `lab` is compared with a number'],
    ['a number and a list', below(['1']), 'at: fact `lab` is compared with a number'],
    [
      'a number and a text fact',
      below({ fact: 'sex', params: {}, path: '$.value' }),
      'at: fact `sex` is no number to compare with',
    ],
    [
      'a number and another without its path',
      below({ fact: 'lab', params: magnesium, path: '$.unit' }),
      'at: fact `lab` is read with `"path": "$.value"`',
    ],
    [
      'a text and true',
      holds('sex', {}, true),
      'at: fact `sex` takes `equal` with a text or `in` with a list of texts',
    ],
    [
      'a text in no list',
      holds('sex', {}, 'female', 'in'),
      'at: fact `sex` takes `equal` with a text or `in` with a list of texts',
    ],
    [
      'a text in an empty list',
      holds('sex', {}, [], 'in'),
      'at: fact `sex` takes `equal` with a text or `in` with a list of texts',
    ],
    [
      'a text equal to a list',
      holds('sex', {}, ['female']),
      'at: fact `sex` takes `equal` with a text or `in` with a list of texts',
    ],
    [
      'a text compared',
      holds('sex', {}, 'female', 'lessThan'),
      'at: fact `sex` takes `equal` with a text or `in` with a list of texts',
    ],
    [
      'a truth and a text',
      holds('allergyToOrder', {}, 'true'),
      'at: fact `allergyToOrder` takes `equal` with true or false',
    ],
    [
      'a truth compared',
      holds('allergyToOrder', {}, true, 'lessThan'),
      'at: fact `allergyToOrder` takes `equal` with true or false',
    ],
  ])('is not %s', (_name, leaf, expected) => {
    const found = problems(leaf);
    expect(found).toHaveLength(1);
    if (typeof expected === 'string') expect(found[0]).toBe(expected);
    else expect(found[0]).toMatch(expected);
  });

  it('has its leaves in document order', () => {
    const [one, two, three] = [below(1), below(2), below(3)];
    const rule = parseRule(document('AA-001', { all: [one, { any: [{ not: two }, three] }] }), 'x');
    expect([...leavesOf(rule.conditions)].map(({ value }) => value)).toEqual([1, 2, 3]);
  });
});

describe('a rule that is not valid', () => {
  const refused = (json: unknown) => {
    try {
      parseRule(json, 'here');
      return 'read';
    } catch (error) {
      return error instanceof Error ? error.message : 'no error';
    }
  };
  const valid = document('AA-001', { all: [below(1)] });
  it('is refused with every problem and its place', () => {
    expect(refused(valid)).toBe('read');
    expect(
      refused({
        ...valid,
        conditions: { all: [below('1'), { any: [] }] },
        unless: { all: [holds('sex', {}, true)] },
        reviewBy: 'soon',
      }).split('\n  '),
    ).toEqual([
      'here is not a valid rule:',
      'conditions.all[0]: fact `lab` is compared with a number',
      'conditions.all[1].any: must be a list that is not empty',
      'unless.all[0]: fact `sex` takes `equal` with a text or `in` with a list of texts',
      'reviewBy: write a date as `2026-01-31`',
    ]);
  });
  it.each([[{ all: [below(1)] }], [{ any: [below(1)] }], [{ not: below(1) }]])(
    'is not one whose conditions are %j',
    (conditions) => {
      expect(refused({ ...valid, conditions, unless: conditions })).toBe('read');
    },
  );
  it.each([
    ['a leaf', below(1)],
    ['missing', undefined],
    ['null', null],
    ['a text', 'all'],
  ])('because its conditions are %s', (_name, conditions) => {
    const message = refused({ ...valid, conditions });
    expect(message).toMatch(/^here is not a valid rule:\n {2}conditions: /);
    if (conditions === undefined || conditions === null || conditions === 'all') {
      expect(message).toBe('here is not a valid rule:\n  conditions: must be an object');
    } else {
      expect(message).toBe('here is not a valid rule:\n  conditions: must begin with all, any or not');
    }
  });
  it.each([[null], ['text'], [[]], [7]])('because it is %j', (json) => {
    expect(refused(json)).toMatch(/^here is not a valid rule:\n {2}\(rule\): /);
  });
  it.each<[string, unknown, string]>([
    ['id', 'AA-01', 'id: '],
    ['version', '1.0', 'version: '],
    ['status', 'live', 'status: '],
    ['hooks', [], 'hooks: '],
    ['hooks', ['encounter-start'], 'hooks.0: '],
    ['relevantTo', ['metals'], 'relevantTo.0: not a drug class of rules/terminology/drugs.json'],
    ['supersedes', [7], 'supersedes.0: '],
    ['sources', [], 'sources: '],
    ['title', '', 'title: '],
    ['odd', 1, '(rule): '],
  ])('because of its `%s`: %j', (key, value, expected) => {
    expect(refused({ ...valid, [key]: value })).toContain(`\n  ${expected}`);
  });
});

it('a hook is one of the ten that are services, and no other name', () => {
  expect(hooks.length).toBe(10);
  expect(hooks.every(isHook)).toBe(true);
  expect([undefined, null, '', 'order', 'appointment-book', ['order-sign']].some(isHook)).toBe(false);
});
