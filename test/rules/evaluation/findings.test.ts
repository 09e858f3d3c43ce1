import { describe, expect, it } from 'vitest';
import { explainOutcome } from '../../../rules/cards/explanation.ts';
import { type Decision, decide } from '../../../rules/decide.ts';
import { type Presentation, showAll } from '../../../rules/evaluation/presentation.ts';
import { createRuleset } from '../../../rules/evaluation/ruleset.ts';
import type { Hook } from '../../../rules/fhir/hooks.ts';
import type { Case } from '../../../rules/library/case.ts';
import { requestOf } from '../../../rules/library/case-request.ts';
import { clock, compares, decideRules, document, holds, type Tree } from '../../support/rule-documents.ts';

type Given = Case['given'];

const onDialysis = holds('condition', { groups: ['dialysis'], status: 'active' });
const lowMagnesium = compares('lab', { test: 'magnesium', unit: 'mg/dL', within: 'P3D' }, 'lessThan', 1.6);
const magnesiumOrdered = holds('drug', { ingredients: ['magnesium sulfate'], role: 'ordered' });
const orderOfMagnesium = { drug: 'magnesium sulfate', route: 'intravenous' };
const orderOfDigoxin = { drug: 'digoxin', route: 'oral' };

const evaluationOf = ({ evaluations }: Decision, id: string) => {
  const found = evaluations.find(({ rule }) => rule === id);
  if (!found) throw new Error(`${id} was not evaluated`);
  return explainOutcome(found);
};
const cardsOf = ({ cards }: Decision): string[] => cards.map(({ source }) => source.topic.code);

describe('whether a finding is shown', () => {
  const cases: {
    name: string;
    conditions?: Tree;
    more?: Tree;
    given?: Given;
    hook?: Hook;
    why: string | null;
  }[] = [
    { name: 'of an active rule of the hook is, when a chart is opened', why: null },
    {
      name: 'of a shadow rule is not',
      more: { status: 'shadow' },
      why: 'its status is shadow: evaluated and recorded, never shown',
    },
    {
      name: 'of a draft is not',
      more: { status: 'draft' },
      why: 'its status is draft: evaluated and recorded, never shown',
    },
    {
      name: 'of a rule of other hooks is not',
      more: { hooks: ['order-sign', 'order-select'] },
      why: 'it is no rule of patient-view',
    },
    {
      name: 'is not at an order that has no part in it',
      given: { ordered: [orderOfDigoxin] },
      hook: 'order-sign',
      why: 'the order does not contribute to it',
    },
    {
      name: 'is at an order that is part of it',
      conditions: { all: [onDialysis, magnesiumOrdered] },
      given: { ordered: [orderOfMagnesium] },
      hook: 'order-sign',
      why: null,
    },
    {
      name: 'is at an order of a class that makes it relevant',
      more: { relevantTo: ['digoxin'] },
      given: { ordered: [orderOfDigoxin] },
      hook: 'order-sign',
      why: null,
    },
    {
      name: 'is at one order of that class beside another order',
      more: { relevantTo: ['digoxin'] },
      given: { ordered: [orderOfMagnesium, orderOfDigoxin], active: [{ drug: 'aspirin' }] },
      hook: 'order-sign',
      why: null,
    },
    {
      name: 'is at an order of a product that holds a drug of that class',
      more: { relevantTo: ['digoxin'] },
      given: { ordered: [{ drug: ['aspirin', 'digoxin'], route: 'oral' }] },
      hook: 'order-sign',
      why: null,
    },
    {
      name: 'that speaks always is at an order that has no part in it',
      more: { speaks: 'always' },
      given: { ordered: [orderOfDigoxin] },
      hook: 'order-sign',
      why: null,
    },
    {
      name: 'that speaks always is where no order came',
      more: { speaks: 'always' },
      hook: 'order-select',
      why: null,
    },
    {
      name: 'that speaks always is not at an entry that has no part in it',
      more: { speaks: 'always' },
      given: { entered: ['asthma'] },
      hook: 'problem-list-item-create',
      why: 'what was entered does not contribute to it',
    },
    {
      name: 'of a draft that would speak always is not',
      more: { speaks: 'always', status: 'draft' },
      given: { ordered: [orderOfDigoxin] },
      hook: 'order-sign',
      why: 'its status is draft: evaluated and recorded, never shown',
    },
    {
      name: 'is not at an order of another class than that',
      more: { relevantTo: ['ppi'] },
      given: { ordered: [orderOfDigoxin] },
      hook: 'order-sign',
      why: 'the order does not contribute to it',
    },
    {
      name: 'is not where a drug of that class is only taken',
      more: { relevantTo: ['digoxin'] },
      given: { ordered: [orderOfMagnesium], active: [orderOfDigoxin] },
      hook: 'order-sign',
      why: 'the order does not contribute to it',
    },
    {
      name: 'is not where an order of that class is not the one selected',
      more: { relevantTo: ['digoxin'] },
      given: { ordered: [orderOfMagnesium, { ...orderOfDigoxin, selected: false }] },
      hook: 'order-select',
      why: 'the order does not contribute to it',
    },
    {
      name: 'is not where the order that is part of it is not the one selected',
      conditions: { all: [onDialysis, magnesiumOrdered] },
      given: { ordered: [orderOfDigoxin, { ...orderOfMagnesium, selected: false }] },
      hook: 'order-select',
      why: 'the order does not contribute to it',
    },
  ];
  it.each(cases)('$name: $why', ({ conditions, more, given, hook, why }) => {
    const decision = decideRules(
      [document('AA-001', conditions ?? { all: [onDialysis] }, more)],
      { conditions: ['dialysis'], ...given },
      hook,
    );
    expect(evaluationOf(decision, 'AA-001')).toMatchObject({
      rule: 'AA-001',
      version: '1.2.3',
      outcome: 'fired',
      shown: why === null,
      why,
      missing: [],
    });
    expect(cardsOf(decision)).toEqual(why === null ? ['AA-001'] : []);
  });
});

describe('an evaluation', () => {
  const rules = [
    document('AA-003', { all: [onDialysis, lowMagnesium] }),
    document('AA-001', { all: [onDialysis] }),
    document(
      'AA-002',
      { all: [onDialysis] },
      { unless: { all: [holds('condition', { groups: ['asthma'], status: 'active', confirmed: true })] } },
    ),
  ];
  const decision = () => decideRules(rules, { conditions: ['dialysis', 'asthma'], labs: [] });

  it('is there for every rule, in the order of the ids', () => {
    expect(decision().evaluations.map(({ rule }) => rule)).toEqual(['AA-001', 'AA-002', 'AA-003']);
  });
  it('of a documented exemption says so', () => {
    expect(evaluationOf(decision(), 'AA-002')).toMatchObject({
      outcome: 'not-fired',
      shown: false,
      why: 'a documented exemption applies',
    });
  });
  it('that is undecided says what it waits for', () => {
    expect(evaluationOf(decision(), 'AA-003')).toMatchObject({
      outcome: 'indeterminate',
      shown: false,
      why: null,
      missing: ['lab magnesium within P3D'],
    });
  });
  it('can show the tree it decided by', () => {
    expect(
      decision()
        .evaluations.find(({ rule }) => rule === 'AA-001')
        ?.trace(),
    ).toMatchObject({
      all: [{ fact: 'condition', factValue: true, truth: true }],
      truth: true,
    });
  });
});

describe('the answers', () => {
  const rules = [
    document('AA-001', { all: [onDialysis, lowMagnesium] }),
    document('AA-002', { all: [compares('age', { unit: 'year' }, 'lessThan', 18)] }),
  ];
  it('are all there when asked for, and of those used only what the rules came to ask', () => {
    const decision = decideRules(rules, {
      conditions: [],
      labs: [{ test: 'magnesium', value: 0.5, unit: 'mg/dL', hoursAgo: 1, comparator: '<' }],
    });
    const name = ({ fact }: { fact: string }) => fact;
    expect(decision.used().map(name)).toEqual(['condition', 'age']);
    expect(decision.facts().map(name)).toEqual(['condition', 'lab', 'age']);
  });
  it('say a range in the words of JSON, and leave out an end without a bound', () => {
    const above = {
      test: 'magnesium' as const,
      value: 9,
      unit: 'mg/dL',
      hoursAgo: 1,
      comparator: '>' as const,
    };
    const answered = (given: Given) =>
      decideRules(rules, given)
        .facts()
        .find(({ fact }) => fact === 'lab');
    expect(answered({ conditions: [], labs: [above] })).toMatchObject({
      fact: 'lab',
      params: { test: 'magnesium', unit: 'mg/dL', within: 'P3D' },
      state: 'known',
      range: { low: 9, lowOpen: true },
    });
    expect(answered({ conditions: [], labs: [above] })).not.toHaveProperty('range.high');
    expect(answered({ conditions: [], labs: [{ ...above, comparator: undefined }] })).not.toHaveProperty(
      'range',
    );
    expect(answered({ conditions: [], labs: [] })).toMatchObject({
      state: 'missing',
      params: { test: 'magnesium' },
    });
  });
});

describe('a rule that another says better', () => {
  const rule = (id: string, more?: Tree) => document(id, { all: [onDialysis] }, more);
  const decided = (...rules: object[]) =>
    decideRules(rules, { conditions: ['dialysis'] })
      .evaluations.map(explainOutcome)
      .map((evaluation) => [evaluation.rule, evaluation.shown, evaluation.why]);
  it('is recorded and not shown', () => {
    expect(decided(rule('AA-001', { supersedes: ['AA-002'] }), rule('AA-002'))).toEqual([
      ['AA-001', true, null],
      ['AA-002', false, 'superseded by AA-001'],
    ]);
  });
  it('is shown where the other is not', () => {
    expect(decided(rule('AA-001', { supersedes: ['AA-002'], status: 'shadow' }), rule('AA-002'))).toEqual([
      ['AA-001', false, 'its status is shadow: evaluated and recorded, never shown'],
      ['AA-002', true, null],
    ]);
  });
  it('keeps its own reason where it would not have been shown anyway', () => {
    expect(decided(rule('AA-001', { supersedes: ['AA-002'] }), rule('AA-002', { status: 'draft' }))).toEqual([
      ['AA-001', true, null],
      ['AA-002', false, 'its status is draft: evaluated and recorded, never shown'],
    ]);
  });
  it('still silences what it says better itself, and the first reason stays', () => {
    expect(
      decided(
        rule('AA-001', { supersedes: ['AA-002', 'AA-003'] }),
        rule('AA-002', { supersedes: ['AA-003', 'AA-004'] }),
        rule('AA-003'),
        rule('AA-004'),
      ),
    ).toEqual([
      ['AA-001', true, null],
      ['AA-002', false, 'superseded by AA-001'],
      ['AA-003', false, 'superseded by AA-001'],
      ['AA-004', false, 'superseded by AA-002'],
    ]);
  });
});

describe('the limit of cards', () => {
  const rule = (id: string, indicator: string) =>
    document(id, { all: [onDialysis] }, { card: { indicator } });
  const decided = (limit: Presentation['limit'], ...rules: object[]) =>
    decide(
      requestOf({ name: 'x', given: { conditions: ['dialysis'] }, expect: 'fired' }, 'patient-view'),
      createRuleset(rules.map((json) => ({ where: 'x', json }))),
      clock,
      { ...showAll, limit },
    );
  const whys = ({ evaluations }: Decision) =>
    evaluations.map(explainOutcome).map((one) => [one.rule, one.why]);

  it.each([
    ['critical', 'held back: over the limit of 1 critical cards'],
    ['warning', 'held back: over the limit of 1 warnings'],
    ['info', 'held back: over the limit of 1 info cards'],
  ])('of %s keeps the first by id and says of the others: %s', (indicator, why) => {
    expect(whys(decided({ [indicator]: 1 }, rule('AA-002', indicator), rule('AA-001', indicator)))).toEqual([
      ['AA-001', null],
      ['AA-002', why],
    ]);
  });

  it('of one indicator limits no other', () => {
    const all = ['critical', 'warning', 'info'].map((indicator, index) => rule(`AA-00${index}`, indicator));
    expect(cardsOf(decided({ warning: 0 }, ...all))).toEqual(['AA-000', 'AA-002', 'held-back']);
    expect(cardsOf(decided({}, ...all))).toEqual(['AA-000', 'AA-001', 'AA-002']);
  });

  it('names what it held back with the gravest first, then by id', () => {
    const { cards } = decided(
      { critical: 0, warning: 0, info: 0 },
      rule('AA-001', 'info'),
      rule('AA-002', 'warning'),
      rule('AA-003', 'critical'),
      rule('AA-004', 'warning'),
    );
    expect(cards.map(({ detail }) => detail.match(/AA-\d+, \w+/g))).toEqual([
      ['AA-003, critical', 'AA-002, warning', 'AA-004, warning', 'AA-001, info'],
    ]);
  });
});

describe('checks that could not be made', () => {
  const unmade = document('DQ-004', { all: [holds('checkNotMade', {})] }, { about: 'data' });
  const unrecognised = document(
    'DQ-003',
    { all: [holds('notice', { codes: ['drug-unresolved'] })] },
    { about: 'data' },
  );
  const waiting = { all: [magnesiumOrdered, lowMagnesium] };
  // A patient who has a reason for each check: digoxin.
  const ordered: Given = { ordered: [orderOfMagnesium], labs: [], conditions: [], active: [orderOfDigoxin] };
  const critical = { card: { indicator: 'critical' } };
  const cases: {
    name: string;
    conditions?: Tree;
    more?: Parameters<typeof document>[2];
    given?: Given;
    hook?: Hook;
    /** What the check waits for, as the card says it; null: it is no check that matters. */
    missing: string | null;
  }[] = [
    { name: 'an order whose magnesium is not known', missing: 'Mg' },
    { name: 'the same of a critical rule', more: critical, missing: 'Mg' },
    { name: 'the same of a rule that only informs', more: { card: { indicator: 'info' } }, missing: null },
    { name: 'the same of a draft', more: { status: 'draft' }, missing: null },
    { name: 'the same of a rule of another hook', more: { hooks: ['patient-view'] }, missing: null },
    {
      name: 'the order not being the one selected',
      given: { ...ordered, ordered: [orderOfDigoxin, { ...orderOfMagnesium, selected: false }] },
      hook: 'order-select',
      missing: null,
    },
    {
      name: 'laboratory data that never came, of a critical rule',
      more: critical,
      given: { ...ordered, labs: undefined },
      missing: 'laboratory data',
    },
    {
      name: 'a rule in which the order has no part',
      conditions: { all: [lowMagnesium] },
      missing: null,
    },
    {
      name: 'the order in one of two ways, which is true',
      conditions: { all: [{ any: [onDialysis, magnesiumOrdered] }, lowMagnesium] },
      missing: 'Mg',
    },
    {
      name: 'the order in a way that is false whatever it is',
      conditions: { any: [{ all: [magnesiumOrdered, onDialysis] }, lowMagnesium] },
      missing: null,
    },
    {
      name: 'the order beside what is not known, below a not',
      conditions: { not: { all: [magnesiumOrdered, lowMagnesium] } },
      missing: 'Mg',
    },
    {
      name: 'two results of one test are one thing missing',
      conditions: {
        all: [
          magnesiumOrdered,
          lowMagnesium,
          compares('lab', { test: 'magnesium', unit: 'mmol/L', within: 'P3D' }, 'lessThan', 1),
        ],
      },
      missing: 'Mg',
    },
    {
      name: 'the kind of encounter is not named beside another thing',
      conditions: { all: [magnesiumOrdered, lowMagnesium, holds('encounter', {}, 'inpatient')] },
      missing: 'Mg',
    },
    {
      name: 'the kind of encounter is named when it is all that is missing, of a critical rule',
      more: critical,
      conditions: { all: [magnesiumOrdered, holds('encounter', {}, 'inpatient')] },
      missing: 'encounter',
    },
  ];
  it.each(cases)('of $name: $missing', ({ conditions = waiting, more, given = ordered, hook, missing }) => {
    const decision = decideRules([document('AA-001', conditions, more), unmade], given, hook ?? 'order-sign');
    expect(evaluationOf(decision, 'AA-001').outcome).toBe('indeterminate');
    expect(decision.cards.map(({ summary }) => summary)).toEqual(
      missing === null ? [] : [`1 safety check of this order could not be made. Missing: ${missing}`],
    );
    expect(evaluationOf(decision, 'DQ-004')).toMatchObject({
      outcome: missing === null ? 'not-fired' : 'fired',
      shown: missing !== null,
      why: null,
    });
  });

  const notOnThisHook =
    'said in notices and in `missing`; a card is shown on order hooks when a check of the order could not be made';

  it.each([
    ['of what is not there are recorded', { conditions: ['dialysis'], labs: [] }, 'fired'],
    ['of a kind of data that never came are a notice', { conditions: ['dialysis'] }, 'not-fired'],
  ] as const)('when a chart is opened %s, and no card', (_name, given, outcome) => {
    const decision = decideRules([document('AA-001', { all: [onDialysis, lowMagnesium] }), unmade], {
      ...given,
      conditions: [...given.conditions],
      labs: 'labs' in given ? [...given.labs] : undefined,
    });
    expect(evaluationOf(decision, 'DQ-004')).toMatchObject({
      outcome,
      shown: false,
      why: outcome === 'fired' ? notOnThisHook : null,
    });
    expect(decision.cards).toEqual([]);
  });

  it('name the order that was not recognised, on the card of DQ-003', () => {
    const given: Given = { ordered: [{ text: 'unobtainium' }], labs: [], conditions: [], active: [] };
    const decision = decideRules([unrecognised, unmade], given, 'order-sign');
    expect(cardsOf(decision)).toEqual(['DQ-003']);
    expect(decision.cards[0]?.detail).toContain('MedicationRequest/order-1 matches no ingredient we know');
    expect(evaluationOf(decision, 'DQ-003')).toMatchObject({ outcome: 'fired', shown: true, why: null });
  });

  it('do not name an unrecognised order that is not selected, nor a medication that is only taken', () => {
    for (const given of [
      { ordered: [orderOfDigoxin, { text: 'unobtainium', selected: false }], active: [] },
      { ordered: [orderOfDigoxin], active: [{ text: 'unobtainium' }] },
    ]) {
      const decision = decideRules([unrecognised], { labs: [], conditions: [], ...given }, 'order-select');
      expect(decision.cards).toEqual([]);
      expect(evaluationOf(decision, 'DQ-003')).toMatchObject({
        outcome: 'fired',
        shown: false,
        why: notOnThisHook,
      });
    }
  });

  it('when a chart is opened name no order', () => {
    const decision = decideRules([unrecognised], { active: [{ text: 'unobtainium' }] });
    expect(evaluationOf(decision, 'DQ-003')).toMatchObject({
      outcome: 'fired',
      shown: false,
      why: notOnThisHook,
    });
  });

  it('that wait on an unrecognised medication are open, and speak through DQ-003', () => {
    const pair = { all: [magnesiumOrdered, holds('drug', { classes: ['digoxin'], role: 'active' })] };
    const given: Given = { ...ordered, active: [{ text: 'unobtainium' }] };
    const decision = decideRules([document('AA-001', pair), unrecognised], given, 'order-sign');
    expect(decision.cards.map(({ summary }) => summary)).toEqual([
      'A medication on the list was not recognised: not every drug check could be made',
    ]);
    expect(decision.cards[0]?.detail).toContain(
      '- Open until the medication is recognised: Title of AA-001 (AA-001)',
    );
  });

  it('are none where one unrecognised order would have to be both parts of a combination', () => {
    const pair = {
      all: [
        holds('drug', { ingredients: ['magnesium sulfate'], role: 'ordered' }),
        holds('drug', { classes: ['digoxin'], role: 'ordered' }),
      ],
    };
    const decided = (...texts: string[]) =>
      decideRules(
        [document('AA-001', pair), unmade],
        { ...ordered, ordered: texts.map((text) => ({ text })) },
        'order-sign',
      );
    expect(evaluationOf(decided('unobtainium'), 'AA-001').outcome).toBe('indeterminate');
    expect(evaluationOf(decided('unobtainium'), 'DQ-004').outcome).toBe('not-fired');
    expect(evaluationOf(decided('unobtainium', 'eludium'), 'DQ-004').outcome).toBe('fired');
  });

  it('that wait on an unrecognised medication and on something else are open all the same', () => {
    const digoxin = holds('drug', { classes: ['digoxin'], role: 'active' });
    const decision = decideRules(
      [document('AA-001', { all: [magnesiumOrdered, digoxin, lowMagnesium] }), unmade],
      { ...ordered, active: [{ text: 'unobtainium' }] },
      'order-sign',
    );
    expect(decision.cards.map(({ summary }) => summary)).toEqual([
      'A medication on the list was not recognised: not every drug check could be made',
    ]);
  });

  it('are counted where one unrecognised order waits beside something else', () => {
    const order = { all: [holds('drug', { classes: ['digoxin'], role: 'ordered' }), lowMagnesium] };
    const given = { ...ordered, ordered: [{ text: 'unobtainium' }] };
    const decision = decideRules([document('AA-001', order), unmade], given, 'order-sign');
    expect(evaluationOf(decision, 'DQ-004').outcome).toBe('fired');
  });

  it('when a chart is opened are none as soon as one part waits for a kind of data that never came', () => {
    const both = {
      all: [holds('condition', { groups: ['asthma'], status: 'active' }), lowMagnesium],
    };
    const decided = (given: Given) =>
      evaluationOf(decideRules([document('AA-001', both), unmade], given), 'DQ-004').outcome;
    expect(decided({ labs: [] })).toBe('not-fired');
    expect(decided({ labs: [], conditions: ['asthma'] })).toBe('fired');
  });

  it('are none while no drug is chosen, and are some as soon as one of the orders names one', () => {
    const order = (more: object) => ({
      resourceType: 'MedicationRequest',
      status: 'draft',
      intent: 'order',
      subject: { reference: 'Patient/case' },
      ...more,
    });
    const decided = (...orders: object[]) => {
      const request = requestOf(
        { name: 'x', given: { ...ordered, ordered: [] }, expect: 'fired' },
        'order-select',
      );
      const entry = orders.map((more, index) => ({ resource: { ...order(more), id: `o${index}` } }));
      return decide(
        {
          ...request,
          context: {
            ...request.context,
            draftOrders: { resourceType: 'Bundle', entry },
            selections: orders.map((_, index) => `MedicationRequest/o${index}`),
          },
        },
        createRuleset([{ where: 'x', json: unrecognised }]),
        clock,
      );
    };
    const named = { medicationCodeableConcept: { text: 'unobtainium' } };
    expect(cardsOf(decided({}))).toEqual([]);
    expect(evaluationOf(decided({}, {}), 'DQ-003')).toMatchObject({
      shown: false,
      why: 'no drug is chosen yet',
    });
    expect(cardsOf(decided({}, named))).toEqual(['DQ-003']);
  });

  it('at an entry are of that entry; no medication of the list is named as if it were ordered', () => {
    const given: Given = {
      conditions: [],
      labs: [],
      active: [{ text: 'unobtainium' }, orderOfDigoxin],
      entered: ['dialysis'],
    };
    const needed = { all: [onDialysis, lowMagnesium] };
    const decision = decideRules(
      [document('AA-001', needed), unrecognised, unmade],
      given,
      'problem-list-item-create',
    );
    expect(decision.cards.map(({ summary }) => summary)).toEqual([
      '1 safety check of this entry could not be made. Missing: Mg',
    ]);
    expect(decision.cards[0]?.detail).not.toContain('matches no ingredient');
    expect(evaluationOf(decision, 'DQ-003')).toMatchObject({ outcome: 'fired', shown: false });
  });

  it('are what rules about the data speak of, by what they ask and not by their id, when their conditions hold', () => {
    const unresolved = { all: [holds('notice', { codes: ['drug-unresolved'] })] };
    const given: Given = { ...ordered, ordered: [{ text: 'unobtainium' }] };
    const decision = decideRules([document('ZZ-001', unresolved, { about: 'data' })], given, 'order-sign');
    expect(evaluationOf(decision, 'ZZ-001')).toMatchObject({ outcome: 'fired', shown: true, why: null });
    expect(cardsOf(decision)).toEqual(['ZZ-001']);
    const other = document(
      'DQ-003',
      { all: [holds('notice', { codes: ['unit-missing'] })] },
      { about: 'data' },
    );
    const silent = decideRules([other], given, 'order-sign');
    expect(evaluationOf(silent, 'DQ-003')).toMatchObject({ outcome: 'not-fired', shown: false, why: null });
    expect(cardsOf(silent)).toEqual([]);
  });

  it('of both rules about data are one card, that of DQ-004', () => {
    const pair = { all: [magnesiumOrdered, holds('drug', { classes: ['digoxin'], role: 'active' })] };
    const given: Given = { ...ordered, active: [{ text: 'unobtainium' }] };
    const decision = decideRules(
      [document('AA-001', pair), document('AA-002', waiting), unrecognised, unmade],
      given,
      'order-sign',
    );
    expect(cardsOf(decision)).toEqual(['DQ-004']);
  });

  it('of a rule about data that is not active make no card', () => {
    const decision = decideRules(
      [
        document('AA-001', waiting),
        document('DQ-004', { all: [holds('checkNotMade', {})] }, { about: 'data', status: 'draft' }),
      ],
      ordered,
      'order-sign',
    );
    expect(decision.cards).toEqual([]);
    expect(evaluationOf(decision, 'DQ-004')).toMatchObject({ outcome: 'fired', shown: false });
  });

  it.each(['DQ-001', 'DQ-002'])('%s speaks in notices only', (id) => {
    const decision = decideRules(
      [document(id, { all: [holds('notice', { codes: ['unit-missing'] })] }, { about: 'data' })],
      { ...ordered, labs: [{ test: 'magnesium', value: 1, unit: null, hoursAgo: 1 }] },
      'order-sign',
    );
    expect(evaluationOf(decision, id)).toMatchObject({ outcome: 'fired', shown: false, why: notOnThisHook });
    expect(decision.cards).toEqual([]);
  });
});

describe('a kind of data that never came', () => {
  const messages = (conditions: Tree, given: Given, hook?: Hook): string[] =>
    decideRules([document('AA-001', conditions)], given, hook)
      .notices.filter(({ code }) => code === 'category-missing')
      .map(({ message }) => message);
  it.each<[string, Tree, Hook, string[]]>([
    [
      'laboratory data',
      lowMagnesium,
      'patient-view',
      ['no laboratory data came: what needs it is indeterminate, not clear'],
    ],
    [
      'conditions',
      onDialysis,
      'patient-view',
      ['no conditions came: what needs it is indeterminate, not clear'],
    ],
    ['nothing a rule asks', holds('sex', {}, 'female'), 'patient-view', []],
  ])('is said once where a rule of the hook rests on it: %s', (_name, leaf, hook, expected) => {
    expect(messages({ all: [leaf, { not: leaf }] }, {}, hook)).toEqual(expected);
  });
  it('is not said where it came', () => {
    expect(messages({ all: [lowMagnesium] }, { labs: [] })).toEqual([]);
  });
});
