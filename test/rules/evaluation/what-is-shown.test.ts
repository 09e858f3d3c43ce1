/** What is shown of what was found, and why the rest is not: small sets of rules over charts by hand. */
import { describe, expect, it } from 'vitest';
import type { PastOverride, Presentation } from '../../../rules/evaluation/presentation.ts';
import { showAll } from '../../../rules/evaluation/presentation.ts';
import type { Hook } from '../../../rules/fhir/hooks.ts';
import type { Notice } from '../../../rules/fhir/notice.ts';
import { allergyTo, at, conditionOf, day, labOf, order, therapy } from '../../support/charts.ts';
import { compares, document, holds, type Tree } from '../../support/rule-documents.ts';
import { evaluated, type Moment, saidOf, smallRuleset } from '../../support/small-ruleset.ts';

type Given = Parameters<typeof evaluated>[1];
const problem = (group: string): Tree => holds('condition', { groups: [group], status: 'active' });
const ordered = (name: string): Tree => holds('drug', { ingredients: [name], role: 'ordered' });
const lab = (test: string, unit: string, operator: string, value: number, within = 'P3D'): Tree =>
  compares('lab', { test, unit, within }, operator, value);
const all = (...parts: Tree[]): Tree => ({ all: parts });
const asthma = { conditions: [conditionOf('asthma', ['asthma'])] };
const said = (documents: object[], given: Given, moment: Moment = {}) =>
  saidOf(evaluated(smallRuleset(documents), given, moment));
const critical = (more: Tree = {}): Tree => ({ card: { indicator: 'critical', ...more } });
const info = { card: { indicator: 'info' } };

describe('a finding is shown', () => {
  const digoxin = order('d', ['digoxin']);
  const entered = [conditionOf('asthma', ['asthma'], null, { entered: true })];
  const rule = (more: Tree = {}) => [document('AA-001', all(problem('asthma')), more)];
  const always = { speaks: 'always' };
  const relevant = { relevantTo: ['digoxin'] };
  const signing: Moment = { hook: 'order-sign' };
  const entry: Moment = { hook: 'problem-list-item-create' };
  it.each<[string, Tree, Given, Moment, string]>([
    ['on a chart', {}, asthma, {}, 'shown'],
    ['not of a draft', { status: 'draft' }, asthma, {}, 'not-in-force'],
    ['not in the shadow', { status: 'shadow' }, asthma, {}, 'not-in-force'],
    ['not where it is switched off', {}, asthma, { presentation: { rulesOff: ['AA-001'] } }, 'switched-off'],
    ['where another one is', {}, asthma, { presentation: { rulesOff: ['AA-002'] } }, 'shown'],
    ['not at a hook of which it is no rule', { hooks: ['order-sign'] }, asthma, {}, 'other-hook'],
    ['not at an order without part in it', {}, { ...asthma, medications: [digoxin] }, signing, 'not-ordered'],
    ['at one that it is relevant to', relevant, { ...asthma, medications: [digoxin] }, signing, 'shown'],
    [
      'not at one that is not selected',
      relevant,
      { ...asthma, medications: [order('d', ['digoxin'], { selected: false })] },
      signing,
      'not-ordered',
    ],
    ['always', always, asthma, signing, 'shown'],
    [
      'but not always at an entry',
      always,
      { ...asthma, allergies: [allergyTo('a', ['aspirin'], { entered: true })] },
      entry,
      'not-entered',
    ],
    ['at its entry', {}, { conditions: entered }, entry, 'shown'],
    [
      'not where it is relevant to an order, at an entry',
      relevant,
      { ...asthma, medications: [digoxin] },
      entry,
      'not-entered',
    ],
  ])('%s', (_, more, given, moment, expected) => {
    expect(said(rule(more), given, moment)).toEqual({ 'AA-001': expected });
  });

  it('at the order that is part of it', () => {
    const own = [document('AA-001', all(problem('asthma'), ordered('digoxin')))];
    const given = { ...asthma, medications: [digoxin] };
    expect(said(own, given, signing)).toEqual({ 'AA-001': 'shown' });
    const other = {
      ...asthma,
      medications: [order('d', ['digoxin'], { selected: false }), order('a', ['aspirin'])],
    };
    expect(said(own, other, signing)).toEqual({ 'AA-001': 'not-ordered' });
  });

  it('what did not fire, and what exempts, is recorded', () => {
    const [rules] = [[document('AA-001', all(problem('asthma')), { unless: all(problem('migraine')) })]];
    expect(said(rules, {})).toEqual({ 'AA-001': 'not-fired' });
    expect(said(rules, { conditions: [...asthma.conditions, conditionOf('m', ['migraine'])] })).toEqual({
      'AA-001': 'exempt',
    });
    const open = evaluated(smallRuleset(rules), { completeness: { conditions: 'absent' } });
    expect(open.evaluations).toMatchObject([
      { outcome: 'indeterminate', shown: false, why: null, missing: [{ fact: 'condition' }] },
    ]);
  });
});

describe('a finding that another says better', () => {
  const rule = (id: string, group: string, more: Tree = {}) => document(id, all(problem(group)), more);
  const both = { conditions: [conditionOf('a', ['asthma']), conditionOf('m', ['migraine'])] };
  it.each<[string, object[], Given, Moment, Record<string, string>]>([
    [
      'is superseded',
      [rule('AA-001', 'asthma', { supersedes: ['AA-002'] }), rule('AA-002', 'migraine')],
      both,
      {},
      { 'AA-001': 'shown', 'AA-002': 'superseded' },
    ],
    [
      'by one that stands after it',
      [rule('AA-001', 'asthma'), rule('AA-002', 'migraine', { supersedes: ['AA-001'] })],
      both,
      {},
      { 'AA-001': 'superseded', 'AA-002': 'shown' },
    ],
    [
      'not by one that did not fire',
      [rule('AA-001', 'migraine', { supersedes: ['AA-002'] }), rule('AA-002', 'asthma')],
      asthma,
      {},
      { 'AA-001': 'not-fired', 'AA-002': 'shown' },
    ],
    [
      'not by one that is not shown',
      [rule('AA-001', 'asthma', { supersedes: ['AA-002'], status: 'shadow' }), rule('AA-002', 'migraine')],
      both,
      {},
      { 'AA-001': 'not-in-force', 'AA-002': 'shown' },
    ],
    [
      'not by one that is switched off',
      [rule('AA-001', 'asthma', { supersedes: ['AA-002'] }), rule('AA-002', 'migraine')],
      both,
      { presentation: { rulesOff: ['AA-001'] } },
      { 'AA-001': 'switched-off', 'AA-002': 'shown' },
    ],
  ])('%s', (_, documents, given, moment, expected) =>
    expect(said(documents, given, moment)).toEqual(expected),
  );

  it('names the first that does', () => {
    const rules = [
      rule('AA-001', 'asthma'),
      rule('AA-002', 'migraine', { supersedes: ['AA-001'] }),
      rule('AA-003', 'migraine', { supersedes: ['AA-001'] }),
    ];
    const { evaluations } = evaluated(smallRuleset(rules), both);
    expect(evaluations[0]?.why).toEqual({ code: 'superseded', by: 'AA-002' });
  });

  describe('or that notes it of what it rests on', () => {
    const rises = document(
      'AA-001',
      all(
        compares(
          'labTrend',
          { test: 'creatinine', unit: 'mg/dL', within: 'P3D', span: 'P3D', change: 'rise' },
          'greaterThan',
          0.3,
        ),
      ),
      { unlessNoted: 'creatinine-trend' },
    );
    const low = (more: Tree = {}) =>
      document('AA-002', all(compares('egfr', { within: 'P3D' }, 'lessThan', 60)), more);
    const labs = [labOf('creatinine', 1, 40), labOf('creatinine', 2, 1)];
    it.each<[string, object[], Record<string, string>]>([
      ['is said there', [rises, low()], { 'AA-001': 'superseded', 'AA-002': 'shown' }],
      [
        'not where that is not shown',
        [rises, low({ status: 'shadow' })],
        { 'AA-001': 'shown', 'AA-002': 'not-in-force' },
      ],
      ['nor without one', [rises], { 'AA-001': 'shown' }],
    ])('%s', (_, documents, expected) => expect(said(documents, { labs })).toEqual(expected));
  });
});

describe('findings of one danger are one card', () => {
  const rule = (id: string, test: string, more: Tree = {}) =>
    document(id, all(lab('potassium', 'mmol/L', 'greaterThan', 5), problem(test)), {
      ...more,
      card: { wayOut: ['watch'], ...(more.card as Tree) },
    });
  const given = { conditions: [conditionOf('a', ['asthma'])], labs: [labOf('potassium', 6)] };
  const rules = [rule('AA-001', 'asthma'), rule('AA-002', 'asthma', critical()), rule('AA-003', 'asthma')];

  it('the gravest first, and the others say on which', () => {
    const found = evaluated(smallRuleset(rules), given);
    expect(saidOf(found)).toEqual({
      'AA-001': 'shown on AA-002',
      'AA-002': 'shown',
      'AA-003': 'shown on AA-002',
    });
    expect(found.findings.map((group) => group.map(({ rule: { id } }) => id))).toEqual([
      ['AA-002', 'AA-001', 'AA-003'],
    ]);
  });

  describe('a limit', () => {
    const single = (id: string, group: string, more: Tree = {}) => document(id, all(problem(group)), more);
    const groups = ['asthma', 'migraine', 'diabetes', 'dialysis'];
    const many = { conditions: groups.map((group) => conditionOf(group, [group])) };
    const limited = (documents: object[], limit: Presentation['limit']) =>
      evaluated(smallRuleset(documents), many, { presentation: { limit } });

    it('keeps the first of each indicator, by id, and counts a card once', () => {
      const set = [
        single('AA-001', 'asthma'),
        single('AA-002', 'migraine', critical()),
        single('AA-003', 'diabetes'),
        single('AA-004', 'dialysis', info),
      ];
      const found = limited(set, { warning: 1, critical: 0 });
      expect(saidOf(found)).toEqual({
        'AA-001': 'shown',
        'AA-002': 'over-limit',
        'AA-003': 'over-limit',
        'AA-004': 'shown',
      });
      expect(found.evaluations[2]?.why).toEqual({ code: 'over-limit', limit: 1, indicator: 'warning' });
      expect(found.overLimit.map(({ id }) => id)).toEqual(['AA-002', 'AA-003']);
      expect(
        found.findings.map(
          ([
            {
              rule: { id },
            },
          ]) => id,
        ),
      ).toEqual(['AA-001', 'AA-004']);
      expect(saidOf(limited(set, null))['AA-003']).toBe('shown');
      expect(limited(set, { warning: 2 }).overLimit).toEqual([]);
    });

    it('takes a card whole, and what is over it is on nobody’s', () => {
      const found = evaluated(smallRuleset(rules), given, { presentation: { limit: { critical: 0 } } });
      expect(saidOf(found)).toEqual({
        'AA-001': 'over-limit',
        'AA-002': 'over-limit',
        'AA-003': 'over-limit',
      });
      expect(found.findings).toEqual([]);
    });
  });

  describe('an override', () => {
    const prints = evaluated(smallRuleset(rules), given).evaluations;
    const overrideOf = (id: string, more: Partial<PastOverride> = {}): PastOverride => {
      const fingerprint = prints.find((one) => one.rule === id)?.fingerprint;
      if (!fingerprint) throw new Error('no fingerprint');
      return {
        rule: id,
        at: new Date(at - day).toISOString(),
        reason: 'not-applicable',
        by: null,
        fingerprint,
        listed: ['AA-001', 'AA-002', 'AA-003'],
        ...more,
      };
    };
    const withhold = { days: 30, critical: true };
    const ids = ['AA-001', 'AA-002', 'AA-003'];
    const shownWith = (presentation: Partial<Presentation>) =>
      saidOf(
        evaluated(smallRuleset(rules), given, { presentation: { ...showAll, withhold, ...presentation } }),
      );
    it('withholds a card whose every finding was overridden, and no other', () => {
      const every = ids.map((one) => overrideOf(one));
      expect(shownWith({ overridden: every })).toEqual(
        Object.fromEntries(ids.map((id) => [id, 'overridden'])),
      );
      const shown = { 'AA-001': 'shown on AA-002', 'AA-002': 'shown', 'AA-003': 'shown on AA-002' };
      expect(shownWith({ overridden: every.slice(1) })).toEqual(shown);
      expect(shownWith({ overridden: every, withhold: { days: 30, critical: false } })).toEqual(shown);
      expect(shownWith({ overridden: ids.map((one) => overrideOf(one, { listed: [one] })) })).toEqual(shown);
    });
  });
});

// --- The card of open checks ---------------------------------------------------------------------------------

const about = (id: string, leaf: Tree) =>
  document(id, all(leaf), { about: 'data', hooks: ['patient-view', 'order-select', 'order-sign'] });
const openChecks = about('DQ-004', holds('checkNotMade', {}));
const unrecognised = about('DQ-003', holds('notice', { codes: ['drug-unresolved'] }));
const unread = about('DQ-001', holds('notice', { codes: ['order-unchecked'] }));
const notice = (code: Notice['code'], reference: string | null = null): Notice =>
  ({ code, message: 'said', reference, severity: 'warning' }) as unknown as Notice;

describe('checks that could not be made', () => {
  const needsPotassium = (more: Tree = critical()) =>
    document('AA-001', all(ordered('digoxin'), lab('potassium', 'mmol/L', 'lessThan', 3.5)), more);
  const digoxin = { medications: [order('d', ['digoxin'])] };
  const signing = { hook: 'order-sign' as Hook };
  const cardOf = (documents: object[], given: Given, moment: Moment = signing) => {
    const { openChecks: card, evaluations } = evaluated(smallRuleset(documents), given, moment);
    return {
      heads: card?.rule.id ?? null,
      checks: card?.checks.map(({ rule }) => rule.id) ?? [],
      orders: card?.orders ?? [],
      unchecked: card?.unchecked?.length ?? 0,
      of: card?.of ?? null,
      said: saidOf({ evaluations } as never),
    };
  };

  it('are a card at an order, headed by the rule about them', () => {
    expect(cardOf([needsPotassium(), openChecks], digoxin)).toEqual({
      heads: 'DQ-004',
      checks: ['AA-001'],
      orders: [],
      unchecked: 0,
      of: 'order',
      said: { 'AA-001': 'indeterminate', 'DQ-004': 'shown' },
    });
  });

  it.each<[string, object[], Given, Moment, string | null, string]>([
    [
      'of a rule that is switched off',
      [needsPotassium(), openChecks],
      digoxin,
      { ...signing, presentation: { rulesOff: ['AA-001'] } },
      null,
      'not-fired',
    ],
    [
      'where the card is switched off',
      [needsPotassium(), openChecks],
      digoxin,
      { ...signing, presentation: { rulesOff: ['DQ-004'] } },
      null,
      'switched-off',
    ],
    [
      'of a rule in the shadow',
      [needsPotassium({ status: 'shadow', ...critical() }), openChecks],
      digoxin,
      signing,
      null,
      'not-fired',
    ],
    ['of an info rule', [needsPotassium(info), openChecks], digoxin, signing, null, 'not-fired'],
    [
      'of another order',
      [needsPotassium(), openChecks],
      { medications: [order('a', ['aspirin'])] },
      signing,
      null,
      'not-fired',
    ],
    ['on a chart, of an order', [needsPotassium(), openChecks], digoxin, {}, null, 'said-in-notices'],
    [
      'of a rule that is decided',
      [needsPotassium(), openChecks],
      { ...digoxin, labs: [labOf('potassium', 4)] },
      signing,
      null,
      'not-fired',
    ],
    [
      'where a finding asks for the same',
      [
        needsPotassium(),
        document(
          'AA-002',
          all(ordered('digoxin'), holds('hasLab', { tests: ['potassium'], within: 'P3D' }, false)),
          critical(),
        ),
        openChecks,
      ],
      { ...digoxin, testsAsked: ['potassium'] },
      signing,
      null,
      'said-in-notices',
    ],
    [
      'where one that asks for it is less grave',
      [
        needsPotassium(),
        document(
          'AA-002',
          all(ordered('digoxin'), holds('hasLab', { tests: ['potassium'], within: 'P3D' }, false)),
          info,
        ),
        openChecks,
      ],
      { ...digoxin, testsAsked: ['potassium'] },
      signing,
      'DQ-004',
      'shown',
    ],
  ])('%s', (_, documents, given, moment, heads, last) => {
    const card = cardOf(documents, given, moment);
    expect(card.heads).toBe(heads);
    expect(card.said['DQ-004']).toBe(last);
  });

  it('take the place of a finding that says less', () => {
    const asks = document(
      'AA-002',
      all(ordered('digoxin'), holds('hasLab', { tests: ['potassium'], within: 'P3D' }, false)),
      info,
    );
    const given = { ...digoxin, testsAsked: ['potassium' as const] };
    expect(cardOf([needsPotassium(), asks, openChecks], given).said['AA-002']).toBe('superseded');
    expect(cardOf([asks, openChecks], given).said['AA-002']).toBe('shown');
  });

  const pill = order('pill', []);
  const blank = order('blank', [], { unnamed: true } as never);
  const heard = [notice('drug-unresolved', 'MedicationRequest/pill')];
  it.each<[string, object[], Given, Moment, Partial<ReturnType<typeof cardOf>>]>([
    [
      'an order that is not recognised',
      [unrecognised, openChecks],
      { medications: [pill] },
      { ...signing, notices: heard },
      { heads: 'DQ-003', orders: ['MedicationRequest/pill'], of: 'order' },
    ],
    [
      'therapy that is not',
      [unrecognised, openChecks],
      { medications: [therapy('t', [])] },
      { ...signing, notices: heard },
      { heads: null, said: { 'DQ-003': 'said-in-notices', 'DQ-004': 'not-fired' } },
    ],
    [
      'an order that is not, at an entry',
      [unrecognised, openChecks],
      { medications: [pill] },
      { hook: 'problem-list-item-create', notices: heard },
      { heads: null },
    ],
    [
      'one that is not, on a chart',
      [unrecognised, openChecks],
      { medications: [pill] },
      { notices: heard },
      { heads: null, orders: [] },
    ],
    [
      'none is chosen yet',
      [unrecognised, openChecks],
      { medications: [blank] },
      { hook: 'order-select', notices: heard },
      { heads: null, said: { 'DQ-003': 'nothing-chosen', 'DQ-004': 'not-fired' } },
    ],
    [
      'none is named when it is signed',
      [unrecognised, openChecks],
      { medications: [blank] },
      { ...signing, notices: heard },
      { heads: 'DQ-003' },
    ],
    [
      'one is chosen',
      [unrecognised, openChecks],
      { medications: [blank, pill] },
      { hook: 'order-select', notices: heard },
      { heads: 'DQ-003' },
    ],
    [
      'an order that was not read',
      [unread, openChecks],
      {},
      { ...signing, notices: [notice('order-unchecked')] },
      { heads: 'DQ-001', unchecked: 1 },
    ],
    [
      'the same on a chart',
      [unread, openChecks],
      {},
      { notices: [notice('order-unchecked')] },
      { heads: 'DQ-001', unchecked: 1, of: 'chart' },
    ],
    [
      'orders that were not read go first',
      [unrecognised, openChecks, unread],
      { medications: [pill] },
      { ...signing, notices: [...heard, notice('order-unchecked')] },
      { heads: 'DQ-001', orders: ['MedicationRequest/pill'], unchecked: 1 },
    ],
    [
      'where nothing heads them they are not on it',
      [openChecks, needsPotassium()],
      digoxin,
      { ...signing, notices: [notice('order-unchecked')] },
      { heads: 'DQ-004', unchecked: 0 },
    ],
    [
      'checks go before drugs',
      [unrecognised, openChecks, needsPotassium()],
      { medications: [pill, order('d', ['digoxin'])] },
      { ...signing, notices: heard },
      { heads: 'DQ-004', orders: ['MedicationRequest/pill'] },
    ],
  ])('%s', (_, documents, given, moment, expected) => {
    expect(cardOf(documents, given, moment)).toMatchObject(expected);
  });
});

// --- What is recorded ----------------------------------------------------------------------------------------

describe('what is recorded', () => {
  it('is the answer of each fact, a range by its ends', () => {
    const rules = [document('AA-001', all(problem('asthma'), lab('potassium', 'mmol/L', 'greaterThan', 5)))];
    const found = evaluated(smallRuleset(rules), {
      ...asthma,
      labs: [labOf('potassium', 5, 1, { comparator: '>' })],
    });
    expect(found.answers()).toMatchObject([
      { fact: 'condition', state: 'known', value: true },
      { fact: 'lab', state: 'known', value: 5, range: { low: 5, lowOpen: true } },
    ]);
    expect(found.answers()[1]).not.toHaveProperty('range.high');
  });

  it('is of facts that were asked only what was asked', () => {
    const rules = [document('AA-001', all(problem('asthma'), lab('potassium', 'mmol/L', 'greaterThan', 5)))];
    const found = evaluated(smallRuleset(rules), {});
    expect(found.used().map(({ fact }) => fact)).toEqual(['condition']);
    expect(found.answers()).toHaveLength(2);
  });

  it('is in the order of the rules, whatever their stratum', () => {
    const rules = [openChecks, document('AA-001', all(problem('asthma'))), unread];
    expect(evaluated(smallRuleset(rules), {}).evaluations.map(({ rule }) => rule)).toEqual([
      'DQ-004',
      'AA-001',
      'DQ-001',
    ]);
  });

  it('is the kinds of data that never came, of those that the hook needs', () => {
    const rules = smallRuleset(
      [document('AA-001', all(problem('asthma')))],
      ['labs', 'conditions', 'orders'],
    );
    const completeness = { conditions: 'absent', labs: 'partial', allergies: 'absent' } as const;
    expect(evaluated(rules, { completeness }).absent).toEqual(['conditions']);
  });
});
