/** What is offered to order: nothing that is ordered, was just resulted, or stands on another card (decision 36). */
import { describe, expect, test } from 'vitest';
import { offerOnce } from '../../../rules/cards/test-orders.ts';
import type { Card } from '../../../rules/cards/types.ts';
import { testsOrderedBy } from '../../../rules/terminology/service-tests.ts';
import { decidedWith, type Given, type Moment, offersOf, patient } from '../../support/ordered-tests.ts';

const result = (
  name: 'potassium' | 'magnesium' | 'creatinine',
  value: number,
  unit: string,
  hoursAgo: number,
) => ({ test: name, value, unit, hoursAgo }) as const;
const digoxin = {
  active: [{ drug: 'digoxin', route: 'oral' }],
  ordered: [{ drug: 'furosemide', route: 'oral' }],
};
/** DG-001 offers a panel, magnesium and a level. */
const low = (hoursAgo: number) => ({ ...digoxin, labs: [result('potassium', 3.1, 'mmol/L', hoursAgo)] });

describe('a finding offers', () => {
  test.each<[string, Given, Moment, string[]]>([
    [
      'all of it, where nothing is ordered and the result is of 7 hours ago',
      low(7),
      {},
      [
        'Order a basic metabolic panel (creatinine, K, Ca)',
        'Order a serum magnesium',
        'Order a digoxin level',
      ],
    ],
    [
      'of the panel what was not just resulted: potassium of 5 hours ago',
      low(5),
      {},
      ['Order a serum creatinine', 'Order a serum magnesium', 'Order a digoxin level'],
    ],
    [
      'not what is among the drafts, by any code of it',
      low(7),
      {
        drafts: [
          '24323-8',
          { code: { coding: [{ system: 'http://www.ama-assn.org/go/cpt', code: '83735' }] } },
          { code: { coding: [{ system: 'urn:local', code: 'X', display: 'Digoxin level, STAT' }] } },
        ],
      },
      [],
    ],
    [
      'of the panel what is asked for, where its calcium is among the drafts',
      low(7),
      { drafts: ['17861-6', '19123-9', '10535-3'] },
      ['Order a serum creatinine', 'Order a serum potassium'],
    ],
    ['not what is ordered and not back', low(7), { running: ['24321-2', '19123-9', '10535-3'] }, []],
    [
      'what was ordered and is back',
      { ...low(7), labs: [result('potassium', 3.1, 'mmol/L', 7), result('magnesium', 2, 'mg/dL', 20)] },
      { running: [{ code: { text: 'Magnesium' }, authoredOn: '2026-01-30T10:00:00Z' }] },
      [
        'Order a basic metabolic panel (creatinine, K, Ca)',
        'Order a serum magnesium',
        'Order a digoxin level',
      ],
    ],
    [
      'what another order says by other words: magnesium of the urine',
      low(7),
      { running: [{ code: { text: 'Magnesium, urine' } }] },
      [
        'Order a basic metabolic panel (creatinine, K, Ca)',
        'Order a serum magnesium',
        'Order a digoxin level',
      ],
    ],
  ])('%s', (_, given, moment, labels) => {
    const decision = decidedWith(patient(given), moment);
    expect(decision.evaluations.find(({ rule }) => rule === 'DG-001')?.shown).toBe(true);
    const ofDigoxin = offersOf(decision).filter(([rule]) => rule === 'DG-001');
    expect(ofDigoxin.map(([, label]) => label)).toEqual(labels);
  });

  test('and says what is ordered already', () => {
    const { cards } = decidedWith(patient(low(7)), { running: ['10535-3'] });
    const card = cards.find(({ source }) => source.topic.code === 'DG-001');
    expect(card?.detail).toContain('Already ordered: digoxin level.');
  });
});

describe('a test', () => {
  const card = (code: string, ...orders: string[]): Card => ({
    uuid: code,
    summary: code,
    indicator: 'warning',
    detail: '',
    source: { label: code, topic: { system: 'urn:epsom:rule', code } },
    selectionBehavior: 'any',
    suggestions: orders.map((order) => ({
      label: order,
      uuid: order,
      actions: [
        {
          type: 'create' as const,
          description: order,
          resource: {
            resourceType: 'ServiceRequest',
            code: { coding: [{ system: 'http://loinc.org', code: order }] },
          },
        },
      ],
    })),
  });
  test('is offered once an answer, on the first card; of a panel the rest stands on the other', () => {
    const cards = offerOnce([
      card('A', '2823-3'),
      card('B', '24321-2', '2823-3'),
      card('C', '2160-0', '58410-2'),
      card('D', '58410-2'),
    ]);
    expect(cards.map(({ suggestions }) => suggestions?.map(({ label }) => label))).toEqual([
      ['2823-3'],
      ['Order a serum creatinine'],
      ['58410-2'],
      undefined,
    ]);
    expect(cards[3]).not.toHaveProperty('selectionBehavior');
    // Where the description is what is read, it stays that; the draft names what it orders.
    expect(cards[1]?.suggestions?.[0]?.actions).toMatchObject([
      {
        description: 'Order a serum creatinine',
        resource: { code: { coding: [{ code: '2160-0' }] } },
      },
    ]);
  });

  test('that a panel would bring besides is not offered with it again', () => {
    const labels = (...cards: Card[]) => offerOnce(cards).map((one) => one.suggestions?.map((s) => s.label));
    const [calcium, panel] = [card('A', '17861-6'), card('B', '24321-2')];
    expect(labels(calcium, panel)).toEqual([
      ['17861-6'],
      ['Order a serum creatinine', 'Order a serum potassium'],
    ]);
    expect(labels({ ...panel, uuid: 'A' }, { ...calcium, uuid: 'B' })).toEqual([['24321-2'], undefined]);
  });

  test('stands on the gravest card, and on a finding rather than on the card of open checks', () => {
    const finding = { ...card('B', '2823-3'), overrideReasons: [] };
    const grave = { ...card('C', '58410-2'), indicator: 'critical' as const };
    const cards = offerOnce([card('A', '2823-3', '58410-2'), finding, grave]);
    expect(cards.map(({ uuid, suggestions }) => [uuid, suggestions?.length ?? 0])).toEqual([
      ['A', 0],
      ['B', 1],
      ['C', 1],
    ]);
  });
});

describe('a finding that only asks for a result', () => {
  const transplant = patient({ active: [], ordered: [{ drug: 'tacrolimus', route: 'oral' }] });
  const asks = (moment: Moment, given: Given = transplant) =>
    decidedWith(given, moment).evaluations.find(({ rule }) => rule === 'MG-019');
  test.each<[string, Moment, boolean]>([
    ['speaks while nothing is ordered', {}, true],
    ['is silent with the test among the drafts', { drafts: ['19123-9'] }, false],
    ['is silent while it is ordered and not back', { running: ['19123-9'] }, false],
    [
      'is silent with an order for a day to come',
      {
        running: [
          { code: { text: 'Magnesium level' }, authoredOn: '2025-12-01', occurrenceDateTime: '2026-02-02' },
        ],
      },
      false,
    ],
    [
      'is silent with one that is planned, as a drug that is planned counts',
      { running: [{ code: { text: 'Magnesium' }, intent: 'plan' }] },
      false,
    ],
    ['speaks beside an order of another test', { drafts: ['2823-3'] }, true],
    [
      'speaks beside an order that is on hold',
      { running: [{ code: { text: 'Magnesium' }, status: 'on-hold' }] },
      true,
    ],
    ['speaks beside a proposal', { running: [{ code: { text: 'Magnesium' }, intent: 'proposal' }] }, true],
    [
      'speaks beside an order that it be not done',
      { running: [{ code: { text: 'Magnesium' }, doNotPerform: true }] },
      true,
    ],
  ])('%s', (_, moment, shown) => {
    expect(asks(moment)).toMatchObject({ outcome: 'fired', shown });
    if (!shown) expect(asks(moment)?.why).toEqual({ code: 'test-ordered' });
  });

  test('and has another thing to say speaks all the same', () => {
    const given = patient({
      ordered: [{ drug: 'magnesium sulfate', route: 'intravenous' }],
      labs: [result('creatinine', 2, 'mg/dL', 1)],
    });
    const { evaluations } = decidedWith(given, { drafts: ['19123-9'] });
    expect(evaluations.find(({ rule }) => rule === 'IV-017')?.shown).toBe(true);
    expect(evaluations.find(({ rule }) => rule === 'IV-007')?.shown).toBe(false);
  });
});

/** A magnesium ordered on 28 January, of which one result came a day ago; now is noon of 31 January. */
describe('a standing order', () => {
  const given = patient({
    encounter: 'inpatient',
    labs: [result('magnesium', 1.4, 'mg/dL', 24)],
    ordered: [{ drug: 'sotalol', route: 'oral' }],
  });
  const offersMagnesium = (occurrenceTiming: object): boolean =>
    offersOf(
      decidedWith(given, {
        running: [{ code: { text: 'Magnesium' }, authoredOn: '2026-01-28T08:00:00Z', occurrenceTiming }],
      }),
    ).some(([, label]) => label === 'Order a serum magnesium');
  const daily = { frequency: 1, period: 1, periodUnit: 'd' };
  test.each<[string, object, boolean]>([
    ['once is done', { repeat: { count: 1 } }, true],
    ['daily is pending', { repeat: daily }, false],
    ['daily by its code', { code: { coding: [{ code: 'QD' }] } }, false],
    ['every 6 hours', { repeat: { frequency: 1, period: 6, periodUnit: 'h' } }, false],
    ['at times of the day', { repeat: { timeOfDay: ['06:00:00'] } }, false],
    [
      'until tomorrow',
      { repeat: { ...daily, boundsPeriod: { start: '2026-01-28', end: '2026-02-01' } } },
      false,
    ],
    [
      'until yesterday is done',
      { repeat: { ...daily, boundsPeriod: { start: '2026-01-28', end: '2026-01-30' } } },
      true,
    ],
    ['for 5 days', { repeat: { ...daily, boundsDuration: { value: 5, code: 'd' } } }, false],
    ['for 2 days is done', { repeat: { ...daily, boundsDuration: { value: 2, code: 'd' } } }, true],
    ['five times', { repeat: { ...daily, count: 5 } }, false],
    ['twice is done', { repeat: { ...daily, count: 2 } }, true],
    ['monthly is not pending now', { repeat: { frequency: 1, period: 1, periodUnit: 'mo' } }, true],
    ['yesterday and today at 18:00', { event: ['2026-01-30T18:00:00Z', '2026-01-31T18:00:00Z'] }, false],
    ['yesterday, and in a week', { event: ['2026-01-30T08:00:00Z', '2026-02-07T08:00:00Z'] }, true],
  ])('%s', (_, timing, offered) => expect(offersMagnesium(timing)).toBe(offered));
});

describe('a corrected calcium, which is computed of calcium and albumin', () => {
  const ordered: Given = { age: 75, ordered: [{ drug: 'magnesium sulfate', route: 'intravenous' }] };
  const others = ['2160-0', '19123-9', '2823-3'];
  const calciumOrders = (drafts: string[], running: string[] = []) =>
    offersOf(decidedWith(patient(ordered), { drafts, running }))
      .map(([, label]) => label)
      .filter((label) => /calcium|albumin/.test(label));

  test.each<[string, string[], string[], string[]]>([
    ['none of it ordered: calcium', others, [], ['Order a serum calcium']],
    ['both drafted: nothing', [...others, '17861-6', '1751-7'], [], []],
    ['calcium drafted: albumin', [...others, '17861-6'], [], ['Order a serum albumin']],
    ['drafted in a panel: albumin', ['24321-2', '19123-9'], [], ['Order a serum albumin']],
    ['ordered in a panel: albumin', ['19123-9'], ['24321-2'], ['Order a serum albumin']],
  ])('%s', (_, drafts, running, offered) => {
    expect(calciumOrders(drafts, running)).toEqual(offered);
  });

  test('is on its way where both are: a warning does not say that it lacks', () => {
    const needs = (...drafts: string[]) =>
      decidedWith(patient(ordered), { drafts: [...others, ...drafts] })
        .cards.map(({ detail }) => detail)
        .join();
    expect(needs('17861-6')).toContain('Corrected Ca');
    expect(needs('17861-6', '1751-7')).not.toContain('Corrected Ca');
  });
});

/** Of results of an hour ago, which orders a card offers. */
describe('what came together is at hand together', () => {
  type Labs = NonNullable<Given['labs']>;
  const qtc: Labs[number] = { test: 'qtc', value: 520, unit: 'ms', hoursAgo: 1 };
  const ondansetron = [{ drug: 'ondansetron', route: 'oral' }];
  const magnesium = [{ drug: 'magnesium sulfate', route: 'intravenous' }];
  const metformin = [{ drug: 'metformin', route: 'oral' }];
  const egfr = (loinc: string): Labs[number] => ({
    test: 'egfr',
    value: 34,
    unit: 'mL/min/{1.73_m2}',
    loinc,
    hoursAgo: 1,
  });
  const calcium: Labs[number] = { test: 'calcium-total', value: 8, unit: 'mg/dL', hoursAgo: 1 };
  const albumin: Labs[number] = { test: 'albumin', value: 3.9, unit: 'g/dL', hoursAgo: 1 };
  test.each<[string, NonNullable<Given['ordered']>, Labs, RegExp, string[]]>([
    ['a QTc: no ECG', ondansetron, [qtc], /ECG/, []],
    ['a QTc of yesterday: an ECG', ondansetron, [{ ...qtc, hoursAgo: 20 }], /ECG/, ['Order an ECG']],
    [
      'a calcium: the rest of the panel',
      magnesium,
      [calcium, albumin],
      /creatinine|\bK\b|potassium/,
      ['Order a serum creatinine', 'Order a serum potassium'],
    ],
    [
      'a QT, of which no QTc is computed: no ECG',
      ondansetron,
      [
        { ...qtc, hoursAgo: 20 },
        { ...qtc, test: 'qt', value: 480 },
      ],
      /ECG/,
      [],
    ],
    ['an eGFR of creatinine: no panel', metformin, [egfr('98979-8')], /creatinine/, []],
    [
      'an eGFR by race, which is not used: the panel',
      metformin,
      [egfr('48643-1')],
      /creatinine/,
      ['Order a basic metabolic panel (creatinine, K)'],
    ],
    [
      'an eGFR of cystatin C, beside a limit of the creatinine clearance: the panel',
      [{ drug: 'dabigatran etexilate', route: 'oral' }],
      [egfr('50210-4')],
      /creatinine/,
      ['Order a basic metabolic panel (creatinine, K)'],
    ],
  ])('%s', (_, ordered, labs, of, offered) => {
    const labels = offersOf(decidedWith(patient({ ordered, labs }))).map(([, label]) => label);
    expect(labels.filter((label) => of.test(label))).toEqual(offered);
  });
});

test('of a panel whose potassium a graver card offers, the rest is offered', () => {
  const decision = decidedWith(
    patient({
      labs: [
        result('magnesium', 3, 'mg/dL', 20),
        { test: 'calcium-total', value: 7, unit: 'mg/dL', hoursAgo: 20 },
      ],
      active: [{ drug: 'digoxin', route: 'oral' }],
      ordered: [
        { drug: 'sotalol', route: 'oral' },
        { drug: 'amiodarone' },
        { drug: 'gentamicin', route: 'intravenous' },
      ],
    }),
  );
  const labels = offersOf(decision).map(([, label]) => label);
  const potassium = labels.filter((label) => /potassium|\bK\b/.test(label));
  expect(potassium).toHaveLength(1);
  expect(labels.filter((label) => label.includes('creatinine'))).toHaveLength(1);
});

describe('a test that is booked', () => {
  const creatinine = { code: { coding: [{ system: 'http://loinc.org', code: '2160-0' }] } };
  const metformin = patient({ ordered: [{ drug: 'metformin', route: 'oral' }] });
  const openOf = (booked: Record<string, unknown>, kind: 'drafts' | 'running') => {
    const { cards } = decidedWith(metformin, { [kind]: [{ ...creatinine, ...booked }] });
    const card = cards.find(({ source }) => source.topic.code === 'DQ-004');
    return { isPending: /pending/.test(card?.summary ?? ''), offers: card?.suggestions?.length ?? 0 };
  };
  const [near, far] = ['2026-02-02', '2029-01-01'];

  test.each<[string, (time: string) => Record<string, unknown>]>([
    ['for a time', (time) => ({ occurrenceDateTime: time })],
    ['for a period', (time) => ({ occurrencePeriod: { start: time } })],
    [
      'for a period of a timing',
      (time) => ({ occurrenceTiming: { repeat: { boundsPeriod: { start: time } } } }),
    ],
    ['for several times', (time) => ({ occurrenceTiming: { event: ['2029-02-02', time] } })],
  ])('%s is awaited in 3 days, and not in 3 years', (_, booked) => {
    for (const kind of ['drafts', 'running'] as const) {
      expect(openOf(booked(near), kind)).toEqual({ isPending: true, offers: 0 });
      expect(openOf(booked(far), kind)).toEqual({ isPending: false, offers: 1 });
    }
  });
});

describe('a finding of a level that is lacking or low', () => {
  const given = patient({ ordered: [{ drug: 'cisplatin', route: 'intravenous' }] });
  const asks = (more: Given, moment: Moment) =>
    decidedWith({ ...given, ...more }, moment).evaluations.find(({ rule }) => rule === 'MG-016')?.shown;
  test.each<[string, Given, Moment, boolean]>([
    ['speaks where nothing is ordered', {}, {}, true],
    ['is silent with the level among the drafts', {}, { drafts: ['19123-9'] }, false],
    ['is silent with the level ordered and not back', {}, { running: ['19123-9'] }, false],
    [
      'speaks of a low level although it is ordered again',
      { labs: [result('magnesium', 1.2, 'mg/dL', 20)] },
      { drafts: ['19123-9'] },
      true,
    ],
  ])('%s', (_, more, moment, shown) => {
    expect(asks(more, moment)).toBe(shown);
  });
});

test.each([
  ['Basic Metabolic Panel (BMP)', 'potassium'],
  ['Comprehensive metabolic panel (CMP)', 'albumin'],
  ['Electrocardiogram 12-lead', 'qtc'],
  ['Electrocardiogram, 12 lead', 'qtc'],
  ['12-lead electrocardiogram (ECG)', 'qtc'],
  ['Mg level', 'magnesium'],
  ['Serum Mg', 'magnesium'],
  ['Serum K', 'potassium'],
  ['COMP METABOLIC PANEL', 'creatinine'],
  ['Renal profile', 'creatinine'],
  ['Renal Function Panel', 'phosphate'],
  ['CBC with differential', 'blood-count'],
  ['Complete blood count (CBC)', 'blood-count'],
  ['PTH, intact', 'parathyroid-hormone'],
  ['TSH', 'thyrotropin'],
  ['ECG now', 'qtc'],
  ['urgent ECG', 'qtc'],
  ['ECG with interpretation', 'qtc'],
  ['EKG, complete', 'qtc'],
  ['BMP with eGFR', 'egfr'],
  ['BMP and Magnesium', 'magnesium'],
  ['BMP and Magnesium', 'potassium'],
  ['Electrolytes and creatinine', 'creatinine'],
  ['Urea and electrolytes with eGFR', 'egfr'],
  ['POC potassium', 'potassium'],
  ['Potassium q6h', 'potassium'],
  ['Mag level', 'magnesium'],
  ['Magnesium Lvl', 'magnesium'],
  ['Digoxin Lvl', 'digoxin-level'],
  ['Digoxin trough', 'digoxin-level'],
] as const)('the name %s orders %s', (name, ordered) => {
  expect(testsOrderedBy([], [name])).toContain(ordered);
  expect(testsOrderedBy([], [`Urine ${name}`])).toEqual([]);
});
