import { describe, expect, it } from 'vitest';
import type { FactResult } from '../../../rules/evaluation/findings.ts';
import { type LintCase, type LintEntry, lintLibrary, registryProblems } from '../../../rules/library/lint.ts';
import { parseRule, type Rule } from '../../../rules/rule/document.ts';
import { compares, document, holds, type Tree } from '../../support/rule-documents.ts';

const magnesium = { test: 'magnesium', unit: 'mg/dL', within: 'P3D' };
const asthma = { groups: ['asthma'], status: 'active', confirmed: true };
const known = (
  fact: FactResult['fact'],
  params: Tree,
  value: number | string | boolean,
  more = {},
): FactResult => ({
  fact,
  params,
  state: 'known',
  value,
  evidence: [],
  ...more,
});
const missing = (fact: FactResult['fact'], params: Tree): FactResult => ({
  fact,
  params,
  state: 'missing',
  cause: 'absent',
  reasons: [],
  evidence: [],
});
const lab = (value: number, more = {}): FactResult => known('lab', magnesium, value, more);

type Expected = LintCase['expect'];
const one = (
  name: string,
  expected: Expected,
  facts: FactResult[] = [],
  why: LintCase['why'] = null,
): LintCase => ({
  name,
  expect: expected,
  facts,
  why,
});
/** Cases of every outcome, with these facts in the one that fires and the one that does not. */
const cases = (fires: FactResult[] = [], not: FactResult[] = []): LintCase[] => [
  one('fires', 'fired', fires),
  one('does not', 'not-fired', not),
  one('unknown', 'indeterminate'),
];
const entry = (conditions: Tree, more: Parameters<typeof document>[2] = {}, tried = cases()): LintEntry => ({
  where: 'test/DQ-001',
  rule: parseRule(document('DQ-001', conditions, more), 'DQ-001'),
  cases: tried,
});
const lintOf = (linted: LintEntry): string[] => lintLibrary([linted]);

const onDialysis = { all: [holds('condition', { groups: ['dialysis'], status: 'active' })] };
const lowMagnesium = { all: [compares('lab', magnesium, 'lessThan', 2)] };
const attributes = (changed: Partial<Rule['sourceAttributes']>) => ({
  sourceAttributes: { ...parseRule(document('DQ-001', onDialysis), 'x').sourceAttributes, ...changed },
});

it('a rule with a case of every outcome and both sides of its threshold has no lint', () => {
  expect(lintOf(entry(onDialysis))).toEqual([]);
  expect(lintOf(entry(lowMagnesium, {}, cases([lab(1.95)], [lab(2)])))).toEqual([]);
});

describe('identity', () => {
  it.each<[string, (linted: LintEntry) => void, string]>([
    [
      'the folder',
      (linted) => (linted.where = 'test/DQ-002'),
      'lies in test/DQ-002, but its domain and id say test/DQ-001',
    ],
    [
      'the domain',
      (linted) => (linted.rule.domain = 'other'),
      'lies in test/DQ-001, but its domain and id say other/DQ-001',
    ],
    ['the name', (linted) => (linted.rule.name = 'x'), '`name` must be the id'],
    ['the event', (linted) => (linted.rule.event.type = 'x'), '`event.type` must be the id'],
  ])('%s must be the id', (_name, change, problem) => {
    const linted = entry(onDialysis);
    change(linted);
    expect(lintOf(linted)).toEqual([`DQ-001: ${problem}`]);
  });
});

describe('outcomes', () => {
  it.each(['fired', 'not-fired', 'indeterminate'] as const)(
    'a rule without a case that is %s is named',
    (outcome) => {
      const tried = cases().filter(({ expect: expected }) => expected !== outcome);
      expect(lintOf(entry(onDialysis, {}, tried))).toEqual([`DQ-001: no case is ${outcome}`]);
    },
  );
  it('a rule about notices or checks alone is never undecided and needs no such case', () => {
    const decided = cases().slice(0, 2);
    const notices = holds('notice', { codes: ['unit-missing'] });
    expect(lintOf(entry({ all: [notices] }, {}, decided))).toEqual([]);
    expect(lintOf(entry({ all: [holds('checkNotMade', {})] }, { about: 'data' }, decided))).toEqual([]);
    expect(lintOf(entry({ all: [notices, ...onDialysis.all] }, {}, decided))).toEqual([
      'DQ-001: no case is indeterminate',
    ]);
  });
  it('two cases of one name are named', () => {
    expect(lintOf(entry(onDialysis, {}, [...cases(), one('fires', 'fired')]))).toEqual([
      'DQ-001: two cases are called `fires`',
    ]);
  });
});

describe('thresholds', () => {
  const just = (what: string, truth: boolean) =>
    `DQ-001: no case where \`${what}\` is just ${truth} (within 5 %, or 1 for whole numbers)`;
  const name = 'lab magnesium lessThan 2';
  it.each<[string, FactResult[], FactResult[], string[]]>([
    ['5 % below and on it', [lab(1.9)], [lab(2)], []],
    ['more than 5 % below', [lab(1.89)], [lab(2)], [just(name, true)]],
    ['5 % above', [lab(1.9)], [lab(2.1)], []],
    ['more than 5 % above', [lab(1.9)], [lab(2.11)], [just(name, false)]],
    ['a range', [lab(1.9, { range: { low: 0, high: 1.9 } })], [lab(2)], [just(name, true)]],
    ['a result that is not there', [missing('lab', magnesium)], [lab(2)], [just(name, true)]],
    [
      'a result of another window',
      [known('lab', { ...magnesium, within: 'P7D' }, 1.9)],
      [lab(2)],
      [just(name, true)],
    ],
    ['no result', [], [], [just(name, true), just(name, false)]],
  ])('%s', (_name, fires, not, problems) => {
    expect(lintOf(entry(lowMagnesium, {}, cases(fires, not)))).toEqual(problems);
  });

  it.each<[FactResult['fact'], Tree]>([
    ['age', { unit: 'year' }],
    ['akiStage', { within: 'P7D' }],
    ['drugCount', { classes: ['digoxin'], role: 'any', by: 'order' }],
  ])('of %s, which comes in whole numbers, one beside it is just beside', (fact, params) => {
    const birth = attributes({ usesDateOfBirth: fact !== 'drugCount' });
    const rule = { all: [compares(fact, params, 'greaterThanInclusive', 2)] };
    const near = cases([known(fact, params, 3)], [known(fact, params, 1)]);
    expect(lintOf(entry(rule, birth, near))).toEqual([]);
    expect(lintOf(entry(rule, birth, cases([known(fact, params, 4)], [known(fact, params, 1)])))).toEqual([
      just(`${fact} greaterThanInclusive 2`, true),
    ]);
  });

  it('of a fall of the eGFR is one category, but 5 % of a percentage', () => {
    const fall = (as: string) => ({ within: 'P365D', span: 'P365D', over: 'P90D', as });
    const tried = (as: string, threshold: number, value: number) =>
      lintOf(
        entry(
          { all: [compares('egfrFall', fall(as), 'greaterThanInclusive', threshold)] },
          attributes({ usesDateOfBirth: true, usesSex: true }),
          cases([known('egfrFall', fall(as), threshold)], [known('egfrFall', fall(as), value)]),
        ),
      );
    expect(tried('categories', 2, 1)).toEqual([]);
    expect(tried('percent', 2, 1)).toEqual([just('egfrFall greaterThanInclusive 2', false)]);
    expect(tried('percent', 40, 38)).toEqual([]);
  });

  it('of nothing is not met by a case without a value', () => {
    const params = { within: 'P7D' };
    const rule = { all: [compares('akiStage', params, 'greaterThan', 0)] };
    const birth = attributes({ usesDateOfBirth: true });
    expect(lintOf(entry(rule, birth, cases([known('akiStage', params, 1)], [])))).toEqual([
      just('akiStage greaterThan 0', false),
    ]);
    const count = (role: string) => ({ classes: ['digoxin'], role, by: 'order' });
    const more = {
      all: [
        compares('drugCount', count('ordered'), 'greaterThan', {
          fact: 'drugCount',
          params: count('active'),
          path: '$.value',
        }),
      ],
    };
    const [ordered, active] = [
      known('drugCount', count('ordered'), 1),
      (value: number) => known('drugCount', count('active'), value),
    ] as const;
    expect(lintOf(entry(more, {}, cases([ordered, active(0)], [ordered, active(1)])))).toEqual([]);
    expect(lintOf(entry(more, {}, cases([ordered], [ordered, active(1)])))).toEqual([
      just('drugCount greaterThan $.value', true),
    ]);
  });

  it('of an egfr is 5 % of it', () => {
    const params = { within: 'P3D' };
    const rule = { all: [compares('egfr', params, 'lessThan', 30)] };
    const both = attributes({ usesDateOfBirth: true, usesSex: true });
    const tried = (value: number) => cases([known('egfr', params, value)], [known('egfr', params, 30)]);
    expect(lintOf(entry(rule, both, tried(28.5)))).toEqual([]);
    expect(lintOf(entry(rule, both, tried(28.4)))).toEqual([just('egfr lessThan 30', true)]);
  });

  it('of `equal` needs a case below, on and above it', () => {
    const params = { within: 'P7D' };
    const rule = { all: [compares('akiStage', params, 'equal', 2)] };
    const birth = attributes({ usesDateOfBirth: true });
    const stage = (value: number) => known('akiStage', params, value);
    const tried = (...stages: number[]) =>
      cases(stages.filter((value) => value === 2).map(stage), []).concat(
        stages
          .filter((value) => value !== 2)
          .map((value) => one(`stage ${value}`, 'not-fired', [stage(value)])),
      );
    expect(lintOf(entry(rule, birth, tried(1, 2, 3)))).toEqual([]);
    expect(lintOf(entry(rule, birth, tried(1, 2)))).toEqual([
      'DQ-001: no case just above `akiStage equal 2`',
    ]);
    expect(lintOf(entry(rule, birth, tried(2, 3)))).toEqual([
      'DQ-001: no case just below `akiStage equal 2`',
    ]);
    expect(lintOf(entry(rule, birth, tried(1, 3)))).toEqual([just('akiStage equal 2', true)]);
  });

  it("of a laboratory's own limit is that limit in each case", () => {
    const params = { ...magnesium, lowerLimit: 1.7 };
    const rule = {
      all: [compares('lab', params, 'lessThan', { fact: 'lab', params, path: '$.lowerLimit' })],
    };
    const result = (value: number, lowerLimit?: number) => known('lab', params, value, { lowerLimit });
    expect(lintOf(entry(rule, {}, cases([result(1.4, 1.45)], [result(1.8, 1.8)])))).toEqual([]);
    expect(lintOf(entry(rule, {}, cases([result(1.4)], [result(1.8, 1.8)])))).toEqual([
      just('lab magnesium lessThan $.lowerLimit', true),
    ]);
  });

  it('of an exemption needs both sides too; a text has none', () => {
    const unless = { all: [compares('lab', magnesium, 'lessThan', 2)] };
    const saved = one('saved', 'not-fired', [lab(1.95)], { code: 'exempt' });
    expect(lintOf(entry(onDialysis, { unless }, [...cases([lab(2)]), saved]))).toEqual([]);
    expect(lintOf(entry(onDialysis, { unless }, [...cases([lab(4)]), saved]))).toEqual([just(name, false)]);
    expect(lintOf(entry({ all: [holds('encounter', {}, 'home')] }))).toEqual([]);
  });
});

describe('exemptions', () => {
  const exempt = { code: 'exempt' } as const;
  const saves = (facts: FactResult[], why: LintCase['why'] = exempt, expected: Expected = 'not-fired') => [
    ...cases(),
    one('saved', expected, facts, why),
  ];
  const asthmatic = known('condition', asthma, true);
  const unless = { all: [holds('condition', asthma)] };
  const unsaved = 'DQ-001: no case is saved by the exemption `condition asthma`';
  it.each<[string, LintCase[], string[]]>([
    ['saved by it', saves([asthmatic]), []],
    ['saved by something else', saves([asthmatic], null), [unsaved]],
    ['that does not fire for another reason', saves([asthmatic], { code: 'rule-failed' }), [unsaved]],
    ['that fires nevertheless', saves([asthmatic], exempt, 'fired'), [unsaved]],
    ['where it is false', saves([known('condition', asthma, false)]), [unsaved]],
    ['where it is unknown', saves([missing('condition', asthma)]), [unsaved]],
    ['where it was not asked', saves([]), [unsaved]],
  ])('a case %s', (_name, tried, problems) => {
    expect(lintOf(entry(onDialysis, { unless }, tried))).toEqual(problems);
  });

  it('by a number is saved where the number holds', () => {
    const byNumber = { all: [compares('lab', magnesium, 'lessThan', 2)] };
    const tried = (...results: FactResult[]) =>
      lintOf(
        entry(onDialysis, { unless: byNumber }, [
          ...cases([lab(2)], [lab(1.99)]),
          ...saves(results).slice(3),
        ]),
      );
    expect(tried(lab(1))).toEqual([]);
    expect(tried(lab(2))).toEqual(['DQ-001: no case is saved by the exemption `lab`']);
    expect(tried(lab(1, { range: { low: 0, high: 1 } }))).toEqual([
      'DQ-001: no case is saved by the exemption `lab`',
    ]);
  });

  it('by one of a list of texts is saved by each of them', () => {
    const home = { all: [holds('encounter', {}, ['home', 'virtual'], 'in')] };
    const tried = (place: string) =>
      lintOf(entry(onDialysis, { unless: home }, saves([known('encounter', {}, place)])));
    expect(tried('virtual')).toEqual([]);
    expect(tried('inpatient')).toEqual(['DQ-001: no case is saved by the exemption `encounter`']);
  });

  it('of two conditions in one, or that need not be confirmed, are named', () => {
    const two = { ...asthma, groups: ['asthma', 'migraine'] };
    expect(
      lintOf(
        entry(
          onDialysis,
          { unless: { all: [holds('condition', two)] } },
          saves([known('condition', two, true)]),
        ),
      ),
    ).toEqual([
      'DQ-001: the exemption `condition asthma or migraine` must be one condition each, so that each has a case',
    ]);
    const open = { ...asthma, confirmed: false };
    expect(
      lintOf(
        entry(
          onDialysis,
          { unless: { all: [holds('condition', open)] } },
          saves([known('condition', open, true)]),
        ),
      ),
    ).toEqual(['DQ-001: the exemption `condition asthma` must ask for `confirmed`']);
  });
});

it('a rule that supersedes one that is not there is named', () => {
  const other = {
    ...entry(onDialysis),
    where: 'test/DQ-002',
    rule: parseRule(document('DQ-002', onDialysis), 'x'),
  };
  const linted = entry(onDialysis, { supersedes: ['DQ-002', 'DQ-003'] });
  expect(lintLibrary([linted, other])).toEqual(['DQ-001: supersedes DQ-003, which is no rule']);
});

describe('wording', () => {
  const summary = (text: string, conditions: Tree = onDialysis) =>
    lintOf(entry(conditions, { card: { summary: text } }));
  const needsValue =
    'DQ-001: `{values}` needs a laboratory value, a kidney estimate, a dose, a rate, a condition or an allergy in `conditions`';
  const needsDrug = 'DQ-001: `{drug}` needs a fact about a drug in `conditions`';
  const digoxin = { all: [holds('drug', { classes: ['digoxin'], role: 'active' })] };
  it.each<[string, string, Tree, string[]]>([
    ['a value of a condition', '{values} x', onDialysis, []],
    ['a drug', '{drug} x', digoxin, []],
    ['a value of a drug', '{values} x', digoxin, [needsValue]],
    ['a drug of a condition', '{drug} x', onDialysis, [needsDrug]],
    [
      'an unknown placeholder',
      '{magnesium} x',
      onDialysis,
      ['DQ-001: `{magnesium}` is no placeholder: {values}, {drug}'],
    ],
    ['an empty one', '{} x', onDialysis, ['DQ-001: `{}` is no placeholder: {values}, {drug}']],
    ['one twice', '{values} {values}', onDialysis, ['DQ-001: `{values}` is replaced only once']],
    ['99 characters beside a value', `{values}${'x'.repeat(99)}`, onDialysis, []],
    [
      '100 characters beside a value',
      `{values}${'x'.repeat(100)}`,
      onDialysis,
      ['DQ-001: the summary leaves 39 characters for values: 40 are needed'],
    ],
    ['139 characters without a value', 'x'.repeat(139), onDialysis, []],
    ['an exclamation mark', 'Stop!', onDialysis, ['DQ-001: card texts have no exclamation marks']],
  ])('of a summary: %s', (_name, text, conditions, problems) => {
    expect(summary(text, conditions)).toEqual(problems);
  });
  it.each<[FactResult['fact'], Tree, object]>([
    ['egfr', { within: 'P3D' }, { usesDateOfBirth: true, usesSex: true }],
    ['creatinineClearance', { within: 'P3D' }, { usesDateOfBirth: true, usesSex: true }],
    ['akiStage', { within: 'P3D' }, { usesDateOfBirth: true }],
    ['infusionRate', { classes: ['digoxin'], unit: 'g/h' }, {}],
    ['lab', magnesium, {}],
  ])('%s puts a value into `{values}`', (fact, params, uses) => {
    const rule = { all: [compares(fact, params, 'lessThan', 2)] };
    const near = cases([known(fact, params, 1.95)], [known(fact, params, 2)]);
    expect(lintOf(entry(rule, { card: { summary: '{values}' }, ...attributes(uses) }, near))).toEqual([]);
  });
  it('of a detail: no exclamation marks', () => {
    expect(lintOf(entry(onDialysis, { card: { detail: 'Stop!' } }))).toEqual([
      'DQ-001: card texts have no exclamation marks',
    ]);
  });
});

describe('override reasons', () => {
  it('are of the family of the rule, which its id names', () => {
    const offered = (...overrideReasons: string[]) =>
      lintOf(entry(onDialysis, { card: { overrideReasons } }));
    expect(offered('benefit-outweighs-risk', 'specialist-advice')).toEqual([]);
    expect(offered('benefit-outweighs-risk', 'doses-separated', 'dose-adjusted')).toEqual([
      'DQ-001: the override reason `doses-separated` is none of its family: see override-reasons.ts',
      'DQ-001: the override reason `dose-adjusted` is none of its family: see override-reasons.ts',
    ]);
    const stranger = {
      ...entry(onDialysis),
      where: 'test/ZZ-001',
      rule: parseRule(document('ZZ-001', onDialysis), 'x'),
    };
    expect(lintOf(stranger)).toEqual(['ZZ-001: is of no family of override-reasons.ts']);
  });
});

describe('sources, attributes and dates', () => {
  const source = { key: 'k', title: 't', short: 's', year: 2020, read: true };
  it.each([
    ['active', ['DQ-001: an active rule needs a source with its `section`; without one it is a draft']],
    ['draft', []],
  ])('a rule that is %s without an exact source', (status, problems) => {
    expect(lintOf(entry(onDialysis, { status, sources: [source] }))).toEqual(problems);
    expect(lintOf(entry(onDialysis, { status, sources: [source, { ...source, section: '1' }] }))).toEqual([]);
  });

  it.each<[FactResult['fact'], Tree, string, boolean, boolean]>([
    ['sex', holds('sex', {}, 'female'), 'sex', true, false],
    ['pregnancy', holds('pregnancy', {}), 'pregnancy', true, false],
    ['condition', onDialysis.all[0] ?? {}, 'condition', false, false],
  ])('%s', (_fact, leaf, _name, sex, birth) => {
    const wrong = attributes({ usesSex: !sex, usesDateOfBirth: !birth });
    expect(lintOf(entry({ all: [leaf, ...onDialysis.all] }, wrong))).toEqual([
      `DQ-001: \`usesSex\` must be ${sex}: its facts say so`,
      `DQ-001: \`usesDateOfBirth\` must be ${birth}: its facts say so`,
    ]);
    expect(
      lintOf(entry({ all: [leaf, ...onDialysis.all] }, attributes({ usesSex: sex, usesDateOfBirth: birth }))),
    ).toEqual([]);
  });
  it('facts of exemptions and of what is compared with count', () => {
    const age = { unit: 'year' };
    const reference = { fact: 'age', params: age, path: '$.value' };
    const compared = { all: [compares('lab', magnesium, 'lessThan', reference)] };
    const near = cases([lab(1.9), known('age', age, 2)], [lab(2), known('age', age, 2)]);
    expect(lintOf(entry(compared, {}, near))).toEqual([
      'DQ-001: `usesDateOfBirth` must be true: its facts say so',
    ]);
    const unless = { all: [holds('sex', {}, 'female')] };
    const saved = one('saved', 'not-fired', [known('sex', {}, 'female')], { code: 'exempt' });
    expect(lintOf(entry(onDialysis, { unless }, [...cases(), saved]))).toEqual([
      'DQ-001: `usesSex` must be true: its facts say so',
    ]);
  });

  it.each<[string, string, string[]]>([
    ['1.2.3: 2026-01-01', '2026-01-02', []],
    ['1.2.3: 2026-01-01', '2026-01-01', ['DQ-001: `reviewBy` must be after the revision of 2026-01-01']],
    [
      '1.2.3: 2027-01-01, 1.0.0: 2026-01-01',
      '2026-06-01',
      ['DQ-001: `reviewBy` must be after the revision of 2027-01-01'],
    ],
    [
      '1.0.0: 2026-01-01, 1.2.3: 2027-01-01',
      '2026-06-01',
      ['DQ-001: `reviewBy` must be after the revision of 2027-01-01'],
    ],
    ['1.0.0: 2026-01-01', '2026-06-01', ['DQ-001: `releaseAndRevisionDates` does not name version 1.2.3']],
    ['1.2.3, soon', '2026-06-01', ['DQ-001: `releaseAndRevisionDates` names no date']],
  ])('released `%s`, to be reviewed by %s', (releaseAndRevisionDates, reviewBy, problems) => {
    expect(lintOf(entry(onDialysis, { reviewBy, ...attributes({ releaseAndRevisionDates }) }))).toEqual(
      problems,
    );
  });
});

it('the registry names what is not registered, what has no folder, and what is there twice', () => {
  expect(registryProblems(['a/A', 'c/C', 'c/C'], ['a/A', 'b/B'])).toEqual([
    'b/B is not in library.ts',
    'c/C has no folder',
    'c/C has no folder',
    'c/C is in library.ts twice',
  ]);
  expect(registryProblems(['a/A'], ['a/A'])).toEqual([]);
});

it('a rule that speaks always does so at charts and orders, and is more than an information', () => {
  const always = { speaks: 'always' };
  expect(lintOf(entry(onDialysis, always))).toEqual([]);
  expect(lintOf(entry(onDialysis, { ...always, hooks: ['patient-view', 'order-sign'] }))).toEqual([
    'DQ-001: speaks always, but not at order-select',
  ]);
  expect(lintOf(entry(onDialysis, { ...always, relevantTo: ['digoxin'] }))).toEqual([
    'DQ-001: speaks always, so `relevantTo` says nothing without an `orderSummary`',
  ]);
  const named = { relevantTo: ['digoxin'], card: { orderSummary: '{drug}: worse' } };
  expect(lintOf(entry(onDialysis, { ...always, ...named }))).toEqual([]);
  expect(lintOf(entry(onDialysis, { ...always, card: { indicator: 'info' } }))).toEqual([
    'DQ-001: speaks always, and is only an information',
  ]);
});
