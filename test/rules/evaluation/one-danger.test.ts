/** One danger, one card: which findings are listed together, and in what order. */
import { describe, expect, test } from 'vitest';
import { type Decision, decide } from '../../../rules/decide.ts';
import { createRuleset } from '../../../rules/evaluation/ruleset.ts';
import type { Hook } from '../../../rules/fhir/hooks.ts';
import type { Case } from '../../../rules/library/case.ts';
import { requestOf } from '../../../rules/library/case-request.ts';
import { shippedRuleset } from '../../../rules/library/shipped.ts';
import { waysOut, waysOutOf } from '../../../rules/rule/way-out.ts';
import { clock, compares, document, holds, type Tree } from '../../support/rule-documents.ts';

const labs: Case['given']['labs'] = [
  { test: 'potassium', value: 3, unit: 'mmol/L', hoursAgo: 1 },
  { test: 'magnesium', value: 1.2, unit: 'mg/dL', hoursAgo: 1 },
];
const order = { drug: 'ondansetron', route: 'oral' };
const ordered = holds('drug', { ingredients: ['ondansetron'], role: 'ordered' });
const other = holds('drug', { ingredients: ['furosemide'], role: 'ordered' });
const low = (what: 'potassium' | 'magnesium'): Tree =>
  compares(
    'lab',
    { test: what, unit: what === 'potassium' ? 'mmol/L' : 'mg/dL', within: 'P3D' },
    'lessThan',
    what === 'potassium' ? 3.5 : 1.7,
  );
const noCreatinine = holds('hasLab', { tests: ['creatinine'], within: 'P7D' }, false);
const button = (code: string) => ({
  type: 'order-service',
  label: `Order ${code}`,
  system: 'http://example.org/tests',
  code,
  display: code,
});

interface Given {
  all: Tree[];
  indicator?: string;
  wayOut?: string[];
  danger?: string;
  suggestions?: object[];
}

/** What is decided of rules AA-001, AA-002 and so on. */
function decided(rules: readonly Given[], hook: Hook = 'order-sign', drafts = [order]): Decision {
  const documents = rules.map(({ all, ...card }, index) => {
    const id = `AA-00${index + 1}`;
    return { where: id, json: document(id, { all }, { card: { summary: `{values} of ${id}`, ...card } }) };
  });
  const given: Case['given'] = { labs, ordered: drafts, active: [], conditions: [] };
  const request = requestOf({ name: 'x', given, expect: 'fired' }, hook);
  return decide(request, createRuleset(documents), clock);
}

/** The rules of each card. */
const cardsOf = ({ evaluations }: Decision): string[] =>
  [
    ...Map.groupBy(
      evaluations.filter(({ shown }) => shown),
      ({ rule, card = rule }) => card,
    ),
  ].map(([head, listed]) => [head, ...listed.map(({ rule }) => rule).filter((id) => id !== head)].join('+'));

const drug = ['other-order'];
const cases: [name: string, rules: Given[], cards: string[], hook?: Hook, drafts?: (typeof order)[]][] = [
  [
    'two findings about one order with one way out are one card',
    [
      { all: [ordered, low('potassium')], wayOut: drug },
      { all: [ordered, low('magnesium')], wayOut: drug },
    ],
    ['AA-001+AA-002'],
  ],
  [
    'the worst heads it, whatever its id',
    [
      { all: [ordered, low('potassium')], wayOut: drug, indicator: 'info' },
      { all: [ordered, low('magnesium')], wayOut: drug, indicator: 'critical' },
    ],
    ['AA-002+AA-001'],
  ],
  [
    'another way out is another card',
    [
      { all: [ordered, low('potassium')], wayOut: drug },
      { all: [ordered, low('magnesium')], wayOut: ['dose'] },
    ],
    ['AA-001', 'AA-002'],
  ],
  [
    'one way out in common is enough',
    [
      { all: [ordered, low('potassium')], wayOut: ['correct', 'dose'] },
      { all: [ordered, low('magnesium')], wayOut: ['correct'] },
    ],
    ['AA-001+AA-002'],
  ],
  [
    'another order is another card',
    [
      { all: [ordered, low('potassium')], wayOut: drug },
      { all: [other, low('potassium')], wayOut: drug },
    ],
    ['AA-001', 'AA-002'],
    'order-sign',
    [order, { drug: 'furosemide', route: 'oral' }],
  ],
  [
    'what is about two orders is not listed among what is about one',
    [
      { all: [ordered, low('potassium')], wayOut: drug, indicator: 'critical' },
      { all: [ordered, other], wayOut: drug },
    ],
    ['AA-001', 'AA-002'],
    'order-sign',
    [order, { drug: 'furosemide', route: 'oral' }],
  ],
  [
    'a missing test that the worse card offers is listed there',
    [
      { all: [ordered, low('potassium')], wayOut: drug, suggestions: [button('a'), button('b')] },
      { all: [ordered, noCreatinine], wayOut: ['test'], suggestions: [button('a')] },
    ],
    ['AA-001+AA-002'],
  ],
  [
    'one that it does not offer is a card of its own',
    [
      { all: [ordered, low('potassium')], wayOut: drug, suggestions: [button('b')] },
      { all: [ordered, noCreatinine], wayOut: ['test'], suggestions: [button('a')] },
    ],
    ['AA-001', 'AA-002'],
  ],
  [
    'a rule that says no way out stands alone',
    [{ all: [ordered, low('potassium')] }, { all: [ordered, low('magnesium')] }],
    ['AA-001', 'AA-002'],
  ],
  [
    'of two equally bad, what is about one of their orders is listed with what is about both',
    [
      { all: [ordered, low('potassium')], wayOut: drug },
      { all: [ordered, other], wayOut: drug },
      { all: [ordered, other], wayOut: ['dose'], indicator: 'critical' },
    ],
    ['AA-002+AA-001', 'AA-003'],
    'order-sign',
    [order, { drug: 'furosemide', route: 'oral' }],
  ],
  [
    'a danger of its own is a card of its own, with whatever way out',
    [
      { all: [ordered, low('potassium')], wayOut: drug, indicator: 'critical' },
      { all: [ordered, low('magnesium')], wayOut: drug, danger: 'allergy' },
      { all: [ordered], wayOut: drug, danger: 'pregnancy' },
    ],
    ['AA-001', 'AA-002', 'AA-003'],
  ],
  [
    'and two findings of it are one',
    [
      { all: [ordered, low('potassium')], wayOut: drug },
      { all: [ordered, low('magnesium')], wayOut: drug, danger: 'pregnancy' },
      { all: [ordered], wayOut: drug, danger: 'pregnancy' },
    ],
    ['AA-001', 'AA-002+AA-003'],
  ],
  [
    'without an order it is the value that they share',
    [
      { all: [low('potassium')], wayOut: ['correct'] },
      { all: [low('potassium'), low('magnesium')], wayOut: ['correct'] },
    ],
    ['AA-001+AA-002'],
    'patient-view',
  ],
  [
    'and two values are two cards',
    [
      { all: [low('potassium')], wayOut: ['correct'] },
      { all: [low('magnesium')], wayOut: ['correct'] },
    ],
    ['AA-001', 'AA-002'],
    'patient-view',
  ],
];

describe('the worst of a card', () => {
  const creatinines: Case['given']['labs'] = [
    { test: 'creatinine', value: 1, unit: 'mg/dL', hoursAgo: 24 },
    { test: 'creatinine', value: 2.4, unit: 'mg/dL', hoursAgo: 1 },
  ];
  const oral = (name: string) => ({ drug: name, route: 'oral' });
  const shipped: [name: string, given: Partial<Case['given']>, card: string, summary: RegExp][] = [
    [
      'potassium of 7.1 leads a kidney injury that is about more orders',
      {
        labs: [...creatinines, { test: 'potassium', value: 7.1, unit: 'mmol/L', hoursAgo: 1 }],
        ordered: [oral('lisinopril'), oral('metformin')],
      },
      'HK-001+RD-001+RF-002',
      /^K 7\.1 mmol\/L with lisinopril/,
    ],
    [
      'the drug leads the question whether both orders are meant',
      {
        labs: [{ test: 'egfr', value: 50, unit: 'mL/min/{1.73_m2}', hoursAgo: 1 }],
        active: [{ drug: 'naproxen', route: 'oral', startedDaysAgo: 90 }],
        ordered: [oral('naproxen')],
      },
      'RD-039+DQ-006',
      /^Naproxen for a month or more/,
    ],
    [
      'and the question whether there is a level',
      {
        active: [{ drug: 'omeprazole', route: 'oral', startedDaysAgo: 400 }],
        ordered: [{ drug: 'gentamicin', route: 'intravenous' }],
      },
      'MG-012+RF-004',
      /^Omeprazole \+ gentamicin/,
    ],
  ];
  test.each(shipped)('%s', (_, given, card, summary) => {
    const all = { labs: [], active: [], conditions: [], ...given };
    const request = requestOf({ name: 'x', given: all, expect: 'fired' }, 'order-sign');
    const decision = decide(request, shippedRuleset(), clock);
    expect(cardsOf(decision)).toContain(card);
    const shown = decision.cards.find(({ source }) => source.topic.code === card.slice(0, 6));
    expect(shown?.summary).toMatch(summary);
  });
});

describe('one danger, one card', () => {
  test.each(cases)('%s', (_, rules, cards, hook, drafts) => {
    const decision = decided(rules, hook, drafts);
    expect(cardsOf(decision)).toEqual(cards);
    expect(decision.cards.map(({ source }) => source.topic.code).sort()).toEqual(
      cards.map((card) => card.slice(0, 6)).sort(),
    );
  });

  test('says each finding with its value and limit, each source and button and the notice once', () => {
    const remove = { type: 'delete-order', label: 'Remove the order' };
    const { cards } = decided([
      { all: [ordered, low('potassium')], suggestions: [remove, button('a')], indicator: 'critical' },
      { all: [ordered, low('magnesium')], suggestions: [remove, button('a'), button('b')] },
    ]);
    expect(cards).toHaveLength(1);
    const [card] = cards;
    expect(card?.summary).toBe('K 3 mmol/L of AA-001; also Mg 1.2 mg/dL');
    expect(card?.detail.split('\n\n')).toEqual([
      '- Ondansetron, oral, ordered\n- **K 3 mmol/L** (below 3.5 mmol/L) · 2026-01-31 11:00',
      'What it means.',
      'Also about it:\n- Mg 1.2 mg/dL of AA-002 · **Mg 1.2 mg/dL** (below 1.7 mg/dL) · 2026-01-31 11:00',
      'Source: First source 2020. Rule AA-001 1.2.3. Rule AA-002 1.2.3.',
      '*Decision support for review; not a medical device.*',
    ]);
    expect(card?.suggestions?.map(({ label }) => label)).toEqual([
      'Remove the order: ondansetron',
      'Order a',
      'Order b',
    ]);
  });

  test('says how many more there are where their values do not fit', () => {
    const long = 'x '.repeat(55);
    const summaries = [`{values} ${long}`, '{values} of it'];
    const { cards } = decided(
      summaries.map((summary, index) => ({
        all: [ordered, low(index === 0 ? 'potassium' : 'magnesium')],
        wayOut: drug,
        summary,
      })),
    );
    expect(cards[0]?.summary).toMatch(/ \(\+1 more finding\)$/);
    expect(cards[0]?.summary.length).toBeLessThanOrEqual(139);
  });
});

describe('the removal of an order', () => {
  const drafts = [order, { drug: 'furosemide', route: 'oral' }];
  const remove = { type: 'delete-order', label: 'Remove' };
  const removals = ({ cards }: Decision): string[] =>
    cards.map(
      ({ source, suggestions = [] }) =>
        `${source.topic.code}: ${suggestions.map(({ actions }) => actions[0]?.resourceId).join(' ')}`,
    );

  test('is offered once an answer, on the gravest card', () => {
    const decision = decided(
      [
        { all: [ordered, other], suggestions: [remove] },
        { all: [ordered], suggestions: [remove], indicator: 'critical' },
      ],
      'order-sign',
      drafts,
    );
    const [first, second] = removals(decision);
    expect(first).toMatch(/^AA-002: \S+$/);
    expect(second).toMatch(/^AA-001: \S+$/);
    expect(first?.slice(8)).not.toBe(second?.slice(8));
  });

  test('stays on a card of a danger of its own', () => {
    const decision = decided([
      { all: [ordered], suggestions: [remove], indicator: 'critical' },
      { all: [ordered], suggestions: [remove], danger: 'allergy' },
    ]);
    const [first, second] = removals(decision).map((one) => one.slice(8));
    expect(first).toMatch(/\S/);
    expect(second).toBe(first);
  });
});

describe('the way out of a rule', () => {
  const rule = (id: string, card: object = {}, conditions: Tree = { all: [ordered] }) =>
    ({ id, conditions, card }) as unknown as Parameters<typeof waysOutOf>[0];
  test.each<[string, Parameters<typeof waysOutOf>[0], string[]]>([
    ['what it says', rule('RD-001', { wayOut: ['correct', 'watch'] }), ['correct', 'watch']],
    [
      'another order, where one can be removed',
      rule('RD-001', { suggestions: [{ type: 'delete-order' }] }),
      drug,
    ],
    ['a test, where there is none', rule('RD-001', {}, { all: [noCreatinine] }), ['test']],
    ['else that of its family', rule('RD-001'), ['dose']],
    ['and none of no family', rule('AA-001'), []],
  ])('is %s', (_, asking, expected) => {
    expect([...waysOutOf(asking)]).toEqual(expected);
    for (const one of expected) expect(waysOut).toContain(one);
  });
});
