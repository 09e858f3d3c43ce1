/** Which checks that could not be made matter at a moment, and what they wait for: small sets of rules, charts by hand. */
import { describe, expect, it } from 'vitest';
import type { Chart, Lab } from '../../../rules/chart/types.ts';
import type { Hook } from '../../../rules/fhir/hooks.ts';
import { conditionOf, labOf, order, therapy } from '../../support/charts.ts';
import { compares, document, holds, type Tree } from '../../support/rule-documents.ts';
import { evaluated, smallRuleset } from '../../support/small-ruleset.ts';

type Given = Parameters<typeof evaluated>[1];
const all = (...parts: Tree[]): Tree => ({ all: parts });
const lab = (test: string, unit: string, operator: string, value: number, within = 'P3D'): Tree =>
  compares('lab', { test, unit, within }, operator, value);
const lowPotassium = lab('potassium', 'mmol/L', 'lessThan', 3);
const highPotassium = lab('potassium', 'mmol/L', 'greaterThan', 6);
const problem = (group: string): Tree => holds('condition', { groups: [group], status: 'active' });
const ordered = (name: string): Tree => holds('drug', { ingredients: [name], role: 'ordered' });
const taken = (name: string): Tree => holds('drug', { ingredients: [name], role: 'any' });
const critical: Tree = { card: { indicator: 'critical' } };
const always: Tree = { ...critical, speaks: 'always' };
const card = document('DQ-004', all(holds('checkNotMade', {})), { about: 'data' });
const digoxin = { medications: [order('d', ['digoxin'])] };

interface Check {
  rule: string;
  waits: string[];
  tests: string[];
  is: string[];
}
/** Checks on the card, each with the facts that it waits for and the tests that lack. */
const checksOf = (conditions: Tree, more: Tree, given: Given, hook: Hook = 'order-sign'): Check[] | null => {
  const { openChecks } = evaluated(smallRuleset([document('AA-001', conditions, more), card]), given, {
    hook,
  });
  return (
    openChecks?.checks.map(({ rule, waits, failed, unrecognised, unusable }) => ({
      rule: rule.id,
      waits: waits.map(({ leaf }) => leaf.fact),
      tests: waits.flatMap(({ tests }) => tests),
      is: Object.entries({ failed, unrecognised, unusable }).flatMap(([name, is]) => (is ? [name] : [])),
    })) ?? null
  );
};
const unread = (...list: NonNullable<Chart['unread']>[number][]): Given => ({
  completeness: { labs: 'partial' },
  unread: list,
});
const labsFailed = unread({ category: 'labs', of: 'laboratory' });
const check = (waits: string[], tests: string[], ...is: string[]): Check[] => [
  { rule: 'AA-001', waits, tests, is },
];

describe('at an order', () => {
  it.each<[string, Tree, Tree, Given, Check[] | null]>([
    [
      'a critical rule of it waits for a result',
      all(ordered('digoxin'), lowPotassium),
      critical,
      digoxin,
      check(['lab'], ['potassium']),
    ],
    [
      'a warning of somebody who has no reason for it',
      all(ordered('aspirin'), lab('creatinine', 'mg/dL', 'greaterThan', 2)),
      {},
      { medications: [order('a', ['aspirin'])] },
      null,
    ],
    [
      'a warning of somebody of 80',
      all(ordered('digoxin'), lab('creatinine', 'mg/dL', 'greaterThan', 2)),
      {},
      { ...digoxin, patient: { reference: 'Patient/1', sex: 'female', birthDate: '1945-01-01' } },
      check(['lab'], ['creatinine']),
    ],
    [
      'a rule of a problem that is not there',
      all(ordered('digoxin'), problem('asthma'), lowPotassium),
      critical,
      digoxin,
      null,
    ],
    [
      'a rule that the order has no part in',
      all(problem('asthma'), lowPotassium),
      critical,
      { ...digoxin, conditions: [conditionOf('a', ['asthma'])] },
      null,
    ],
    [
      'which it is relevant to, and only lacks a result',
      all(lowPotassium),
      { ...critical, relevantTo: ['digoxin'] },
      digoxin,
      null,
    ],
    [
      'which it is relevant to, and data failed',
      all(lowPotassium),
      { ...critical, relevantTo: ['digoxin'] },
      { ...digoxin, ...labsFailed },
      check(['lab'], [], 'failed'),
    ],
    [
      'which speaks always, and data failed',
      all(highPotassium),
      always,
      { ...digoxin, ...labsFailed },
      check(['lab'], [], 'failed'),
    ],
    ['which speaks always, and only lacks a result', all(highPotassium), always, digoxin, null],
    ['which does not, and data failed', all(highPotassium), critical, { ...digoxin, ...labsFailed }, null],
    [
      'the class of the encounter only sharpens it',
      all(ordered('digoxin'), lowPotassium, holds('encounter', {}, 'inpatient')),
      critical,
      { ...digoxin, completeness: { encounter: 'absent' } },
      check(['lab'], ['potassium']),
    ],
  ])('%s', (_, conditions, more, given, expected) => {
    expect(checksOf(conditions, more, given)).toEqual(expected);
  });

  it('one drug that is not recognised is not two', () => {
    const both = all(taken('digoxin'), taken('verapamil'), ordered('aspirin'));
    const aspirin = order('a', ['aspirin']);
    expect(checksOf(both, critical, { medications: [aspirin, order('u', [])] })).toBeNull();
    expect(checksOf(both, critical, { medications: [aspirin, order('u', []), order('v', [])] })).toEqual(
      check(['drug', 'drug'], [], 'unrecognised'),
    );
    const one = all(taken('digoxin'), ordered('aspirin'));
    expect(checksOf(one, critical, { medications: [aspirin, order('u', [])] })).toEqual(
      check(['drug'], [], 'unrecognised'),
    );
  });

  it('a Patient that never came is waited for where the order is part of it', () => {
    const old = compares('age', { unit: 'year' }, 'greaterThan', 65);
    const nobody = {
      patient: { reference: null, sex: null, birthDate: null } as never,
      patientAbsent: true as const,
    };
    expect(checksOf(all(ordered('digoxin'), old), critical, { ...digoxin, ...nobody })).toEqual(
      check(['age'], [], 'failed'),
    );
    expect(checksOf(all(ordered('aspirin'), old), critical, { ...digoxin, ...nobody })).toBeNull();
    expect(checksOf(all(old), always, { ...digoxin, ...nobody })).toBeNull();
    const unborn = { patient: { reference: 'Patient/1', sex: 'female' as const, birthDate: null } };
    expect(checksOf(all(ordered('digoxin'), old), critical, { ...digoxin, ...unborn })).toEqual(
      check(['age'], []),
    );
  });
});

describe('when a chart is opened', () => {
  const rules = all(highPotassium);
  it.each<[string, Tree, Tree, Given, Check[] | null]>([
    ['a result lacks', rules, critical, {}, null],
    ['data failed', rules, critical, labsFailed, check(['lab'], [], 'failed')],
    ['data failed, of a warning', rules, {}, labsFailed, null],
    ['data never came', rules, critical, { completeness: { labs: 'absent' } }, null],
    ['other data failed', rules, critical, unread({ category: 'conditions', of: 'procedures' }), null],
    [
      'one kind failed, and another never came',
      all(highPotassium, problem('asthma')),
      critical,
      { ...labsFailed, completeness: { labs: 'partial', conditions: 'absent' } },
      null,
    ],
  ])('%s', (_, conditions, more, given, expected) => {
    expect(checksOf(conditions, more, given, 'patient-view')).toEqual(expected);
  });
});

describe('a result that came last and could not be used', () => {
  const unusable = (hoursAgo: number, more: Partial<Lab> = {}): Lab =>
    labOf('potassium', 0, hoursAgo, {
      reference: 'Observation/u',
      value: null,
      used: false,
      unusable: 'unit',
      why: 'no unit',
      ...more,
    });
  const usable = (value: number, hoursAgo: number) => labOf('potassium', value, hoursAgo);
  const waiting = check(['lab'], [], 'unusable');
  const rule = all(ordered('digoxin'), highPotassium);
  it.each<[string, Tree, Tree, Given, Hook, Check[] | null]>([
    ['alone', rule, critical, { ...digoxin, labs: [unusable(1)] }, 'order-sign', waiting],
    [
      'after one that would not fire',
      rule,
      critical,
      { ...digoxin, labs: [unusable(1), usable(4, 20)] },
      'order-sign',
      waiting,
    ],
    [
      'before one that would not',
      rule,
      critical,
      { ...digoxin, labs: [unusable(20), usable(4, 1)] },
      'order-sign',
      null,
    ],
    [
      'after one that fires',
      rule,
      critical,
      { ...digoxin, labs: [unusable(1), usable(7, 20)] },
      'order-sign',
      null,
    ],
    [
      'outside the window',
      rule,
      critical,
      { ...digoxin, labs: [unusable(80), usable(4, 81)] },
      'order-sign',
      null,
    ],
    ['of a warning', rule, {}, { ...digoxin, labs: [unusable(1), usable(4, 20)] }, 'order-sign', null],
    [
      'of a rule in the shadow',
      rule,
      { ...critical, status: 'shadow' },
      { ...digoxin, labs: [unusable(1)] },
      'order-sign',
      null,
    ],
    [
      'of a rule that the order has no part in',
      all(highPotassium),
      critical,
      { ...digoxin, labs: [unusable(1), usable(4, 20)] },
      'order-sign',
      null,
    ],
    [
      'which the order is relevant to',
      all(highPotassium),
      { ...critical, relevantTo: ['digoxin'] },
      { ...digoxin, labs: [unusable(1), usable(4, 20)] },
      'order-sign',
      waiting,
    ],
    [
      'which speaks always',
      all(highPotassium),
      always,
      { ...digoxin, labs: [unusable(1), usable(4, 20)] },
      'order-sign',
      waiting,
    ],
    [
      'which speaks always, when a chart is opened',
      all(highPotassium),
      always,
      { labs: [unusable(1), usable(4, 20)] },
      'patient-view',
      waiting,
    ],
    [
      'which does not, when a chart is opened',
      all(highPotassium),
      critical,
      { labs: [unusable(1), usable(4, 20)] },
      'patient-view',
      null,
    ],
    [
      'which speaks always, at an entry of something else',
      all(highPotassium),
      always,
      { labs: [unusable(1)], conditions: [conditionOf('a', ['asthma'], null, { entered: true })] },
      'problem-list-item-create',
      null,
    ],
    [
      'beside something else that does not hold',
      all(ordered('digoxin'), problem('asthma'), highPotassium),
      critical,
      { ...digoxin, labs: [unusable(1)] },
      'order-sign',
      null,
    ],
    [
      'and exempt',
      rule,
      { ...critical, unless: all(problem('asthma')) },
      { ...digoxin, labs: [unusable(1), usable(4, 20)], conditions: [conditionOf('a', ['asthma'])] },
      'order-sign',
      null,
    ],
    [
      'of which another result is open',
      all(ordered('digoxin'), { any: [highPotassium, lab('sodium', 'mmol/L', 'lessThan', 120)] }),
      critical,
      { ...digoxin, labs: [unusable(1), usable(4, 20)] },
      'order-sign',
      waiting,
    ],
    [
      'of two that contradict each other',
      rule,
      critical,
      {
        ...digoxin,
        labs: [
          {
            ...usable(4, 1),
            rival: {
              reference: 'Observation/o',
              value: 7,
              received: { value: 7, unit: 'mmol/L' },
              statedUnit: 'mmol/L',
              time: null,
              why: null,
            },
          },
        ],
      },
      'order-sign',
      waiting,
    ],
    [
      'of one that states both ends',
      rule,
      critical,
      {
        ...digoxin,
        labs: [
          {
            ...usable(4, 1),
            isRange: true,
            rival: {
              reference: 'Observation/o',
              value: 7,
              received: { value: 7, unit: 'mmol/L' },
              statedUnit: 'mmol/L',
              time: null,
              why: null,
            },
          },
        ],
      },
      'order-sign',
      check(['lab'], ['potassium']),
    ],
    [
      'two that both would not fire',
      rule,
      critical,
      {
        ...digoxin,
        labs: [
          {
            ...usable(4, 1),
            rival: {
              reference: 'Observation/o',
              value: 5,
              received: { value: 5, unit: 'mmol/L' },
              statedUnit: 'mmol/L',
              time: null,
              why: null,
            },
          },
        ],
      },
      'order-sign',
      null,
    ],
  ])('%s', (_, conditions, more, given, hook, expected) => {
    expect(checksOf(conditions, more, given, hook)).toEqual(expected);
  });

  it('says so in place of what it waits for otherwise', () => {
    const { openChecks } = evaluated(
      smallRuleset([document('AA-001', rule, critical), card]),
      { ...digoxin, labs: [unusable(1), usable(4, 20)] },
      { hook: 'order-sign' },
    );
    expect(openChecks?.checks[0]?.waits[0]?.fact).toMatchObject({
      cause: 'unresolved',
      reasons: [{ code: 'unusable', of: { test: 'potassium', lack: 'unit' }, results: [{ why: 'no unit' }] }],
    });
  });
});

describe('what a finding says in its place', () => {
  const asks = (of: Tree, more: Tree = critical) =>
    document('AA-002', all(of, holds('hasLab', { tests: ['potassium'], within: 'P3D' }, false)), more);
  const waits = document('AA-001', all(ordered('digoxin'), lowPotassium), critical);
  const given: Given = {
    medications: [order('d', ['digoxin']), order('a', ['aspirin'])],
    testsAsked: ['potassium'],
  };
  const saidBy = (...rules: object[]) =>
    evaluated(smallRuleset([...rules, card]), given, { hook: 'order-sign' }).openChecks?.checks.map(
      ({ rule }) => rule.id,
    ) ?? [];
  it.each<[string, object[], string[]]>([
    ['none', [waits], ['AA-001']],
    ['one of the same order that asks for it', [waits, asks(ordered('digoxin'))], []],
    ['a warning is as grave as the card', [waits, asks(ordered('digoxin'), {})], []],
    ['one of another order', [waits, asks(ordered('aspirin'))], ['AA-001']],
    [
      'one that asks for another test',
      [
        waits,
        document(
          'AA-002',
          all(ordered('digoxin'), holds('hasLab', { tests: ['sodium'], within: 'P3D' }, false)),
          critical,
        ),
      ],
      ['AA-001'],
    ],
    [
      'one that is not shown',
      [waits, asks(ordered('digoxin'), { ...critical, status: 'shadow' })],
      ['AA-001'],
    ],
    [
      'one that says it better',
      [waits, document('AA-002', all(ordered('digoxin')), { supersedes: ['AA-001'] })],
      [],
    ],
    [
      'of two that lack something, one',
      [
        document(
          'AA-001',
          all(ordered('digoxin'), { any: [lowPotassium, lab('sodium', 'mmol/L', 'lessThan', 120)] }),
          critical,
        ),
        asks(ordered('digoxin')),
      ],
      ['AA-001'],
    ],
  ])('%s', (_, rules, expected) => expect(saidBy(...rules)).toEqual(expected));

  it('is not said where the test is ordered', () => {
    const study = (more: object) => ({
      serviceOrders: [
        { reference: 'ServiceRequest/k', codes: [], selected: true, tests: ['potassium'] as const, ...more },
      ] as never,
    });
    const shownWith = (more: Given) =>
      evaluated(smallRuleset([asks(ordered('digoxin'))]), { ...given, ...more }, { hook: 'order-sign' })
        .evaluations[0]?.why?.code ?? 'shown';
    expect(shownWith({})).toBe('shown');
    expect(shownWith(study({}))).toBe('test-ordered');
    expect(shownWith(study({ tests: ['sodium'] }))).toBe('shown');
  });

  it('and a critical check of what is on its way is said, a warning not', () => {
    const tests = {
      serviceOrders: [
        { reference: 'ServiceRequest/k', codes: [], selected: true, tests: ['creatinine'] },
      ] as never,
    };
    const old = { patient: { reference: 'Patient/1', sex: 'female' as const, birthDate: '1945-01-01' } };
    const high = all(ordered('digoxin'), lab('creatinine', 'mg/dL', 'greaterThan', 2));
    expect(checksOf(high, critical, { ...digoxin, ...old, ...tests })).toEqual(
      check(['lab'], ['creatinine']),
    );
    expect(checksOf(high, {}, { ...digoxin, ...old, ...tests })).toBeNull();
  });
});

describe('how old a result may be for the card', () => {
  const high = all(ordered('digoxin'), lab('creatinine', 'mg/dL', 'greaterThan', 2));
  const days = (count: number, value = 1) => labOf('creatinine', value, count * 24);
  const inHospital = {
    encounter: { reference: 'Encounter/e', class: 'inpatient', start: '2026-01-01' } as never,
  };
  const diuretic = { medications: [...digoxin.medications, therapy('f', ['furosemide'])] };
  const aspirin = all(ordered('aspirin'), lab('creatinine', 'mg/dL', 'greaterThan', 2));
  const ofAspirin = { medications: [order('a', ['aspirin'])] };
  it.each<[string, Tree, Given, boolean]>([
    ['a year, of anybody', aspirin, { ...ofAspirin, labs: [days(365)] }, false],
    ['longer', aspirin, { ...ofAspirin, labs: [days(366)] }, true],
    ['90 days beside a diuretic', high, { ...diuretic, labs: [days(90)] }, false],
    ['longer, beside one', high, { ...diuretic, labs: [days(91)] }, true],
    ['three days in hospital', high, { ...digoxin, ...inHospital, labs: [days(3)] }, false],
    ['longer, in hospital', high, { ...digoxin, ...inHospital, labs: [days(4)] }, true],
    ['an old one that would fire decides nothing', aspirin, { ...ofAspirin, labs: [days(100, 3)] }, true],
  ])('%s', (_, conditions, given, isOpen) => {
    expect(checksOf(conditions, critical, given) !== null).toBe(isOpen);
  });
});
