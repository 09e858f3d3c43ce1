/** Orders whose route is not chosen: clinical decision 37. */
import { describe, expect, test } from 'vitest';
import { explainOutcome } from '../../../rules/cards/explanation.ts';
import type { Card } from '../../../rules/cards/types.ts';
import { askByRoute, ordersOf, type Said } from '../../../rules/evaluation/by-route.ts';
import type { UndecidedCheck } from '../../../rules/evaluation/open-checks.ts';
import { showAll } from '../../../rules/evaluation/presentation.ts';
import { createContext } from '../../../rules/facts/context.ts';
import { missing } from '../../../rules/facts/fact.ts';
import { evaluatedAt } from '../../../rules/library/case.ts';
import { atOnce } from '../../../rules/steps.ts';
import { ingredientByName } from '../../../rules/terminology/drugs/ingredients.ts';
import { plausibleRoutes, routesKnown } from '../../../rules/terminology/plausible-routes.ts';
import { decidedWith, type Given, offersOf, openChecksOf } from '../../support/ordered-tests.ts';

const creatinine = (value: number) => ({ test: 'creatinine', value, unit: 'mg/dL', hoursAgo: 1 }) as const;
const patient = (more: Given): Given => ({
  age: 60,
  sex: 'male',
  labs: [creatinine(5)],
  active: [],
  ended: [],
  conditions: [],
  allergies: [],
  encounter: 'ambulatory',
  ...more,
});
const routeCardsOf = ({ cards }: ReturnType<typeof decidedWith>) =>
  cards.filter(({ source }) => source.topic.code.startsWith('route-'));
const routeCardOf = (decision: ReturnType<typeof decidedWith>) => routeCardsOf(decision)[0];
const removedBy = (card: Card | undefined): (string | undefined)[] =>
  (card?.suggestions ?? []).flatMap(({ actions }) =>
    actions.flatMap(({ type, resourceId }) => (type === 'delete' ? [resourceId] : [])),
  );
const magnesium = { drug: 'magnesium sulfate' };

describe('the card of an order without a route', () => {
  test.each<[string, Given, 'order-sign' | 'order-select' | 'patient-view', string | null, string]>([
    [
      'magnesium sulfate in kidney failure: critical by mouth and by injection',
      { ordered: [{ drug: 'magnesium sulfate' }] },
      'order-select',
      'critical',
      'magnesium sulfate is a risk by mouth and by injection; its route is not given',
    ],
    [
      'magnesium citrate in kidney failure is given by mouth only',
      { ordered: [{ drug: 'magnesium citrate' }] },
      'order-sign',
      'critical',
      'magnesium citrate is a risk by mouth; its route is not given',
    ],
    [
      'magnesium sulfate at an eGFR between 15 and 30: critical by neither, a warning by both',
      { ordered: [{ drug: 'magnesium sulfate', milligramsADay: 4000 }], labs: [creatinine(3)] },
      'order-sign',
      'warning',
      'magnesium sulfate is a risk by mouth and by injection',
    ],
    [
      'magnesium sulfate beside good kidneys warns by no route',
      { ordered: [{ drug: 'magnesium sulfate' }], labs: [creatinine(0.9)] },
      'order-sign',
      null,
      '',
    ],
    [
      'magnesium sulfate in myasthenia warns by injection only',
      {
        ordered: [{ drug: 'magnesium sulfate' }],
        labs: [creatinine(0.9)],
        conditions: ['myasthenia-gravis'],
      },
      'order-sign',
      null,
      '',
    ],
    [
      'with the route stated it is the card of the rule',
      { ordered: [{ drug: 'magnesium sulfate', route: 'oral' }] },
      'order-sign',
      null,
      '',
    ],
    [
      'when a chart is opened there is none',
      { ordered: [{ drug: 'magnesium sulfate' }] },
      'patient-view',
      null,
      '',
    ],
  ])('%s', (_, given, hook, indicator, words) => {
    const card = routeCardOf(decidedWith(patient(given), { hook }));
    expect(card?.indicator ?? null).toBe(indicator);
    expect(card?.summary ?? '').toContain(words);
  });

  test('names the finding of each route, offers what helps by each, and leaves every outcome as it is', () => {
    const decision = decidedWith(patient({ ordered: [{ drug: 'magnesium sulfate' }] }));
    const card = routeCardOf(decision);
    expect(card?.detail).toMatch(/\*\*By mouth\*\*: .*rule OM-002/);
    expect(card?.detail).toMatch(/\*\*By injection\*\*: .*rule IV-004/);
    expect(card?.suggestions?.map(({ actions }) => actions[0]?.type)).toContain('delete');
    const said = Object.fromEntries(decision.evaluations.map((one) => [one.rule, explainOutcome(one)]));
    expect(said['OM-002']).toMatchObject({ outcome: 'indeterminate', shown: false });
    expect(said['OM-002']?.why).toContain('it fires if it is given by mouth');
    expect(said['IV-004']?.why).toContain('it fires if it is given by injection');
  });

  test('where one route is no risk, the card of open checks names the route', () => {
    const decision = decidedWith(
      patient({
        ordered: [{ drug: 'magnesium sulfate' }],
        labs: [creatinine(0.9)],
        conditions: ['myasthenia-gravis'],
      }),
    );
    expect(openChecksOf(decision)).toMatchObject({
      indicator: 'warning',
      summary: expect.stringContaining('route of magnesium sulfate'),
    });
    expect(JSON.stringify(decision.cards)).not.toContain('not recognised');
  });

  test('a check that no route leads to is no open check', () => {
    const decision = decidedWith(
      patient({ ordered: [{ drug: 'magnesium citrate' }], labs: [creatinine(0.9)] }),
    );
    expect(openChecksOf(decision)).toBeUndefined();
  });

  test('rules that are switched off count by no route', () => {
    expect(showAll.rulesOff).toEqual([]);
    const decision = decidedWith(patient({ ordered: [{ drug: 'magnesium sulfate' }] }), {
      presentation: { ...showAll, rulesOff: ['OM-001', 'OM-002'] },
    });
    expect(routeCardOf(decision)).toBeUndefined();
  });
});

describe('several orders without a route', () => {
  // Each of another dose, so that none is like another.
  const doses = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map((grams) => ({
    ...magnesium,
    milligramsADay: grams * 1000,
  }));

  test.each<[string, NonNullable<Given['ordered']>]>([
    ['alike', doses.map(() => magnesium)],
    ['that differ in their dose', doses],
    ['that differ in what else is ordered', [...doses.map(() => ({ drug: 'potassium citrate' })), magnesium]],
  ])('%s: none is silent, however many there are', (_, ordered) => {
    const decision = decidedWith(patient({ ordered }));
    const cards = routeCardsOf(decision).filter(({ summary }) => summary.includes('magnesium sulfate'));
    const expected = ordered.flatMap(({ drug }, index) =>
      drug === 'magnesium sulfate' ? [`MedicationRequest/order-${index + 1}`] : [],
    );
    expect(cards.flatMap(removedBy).sort()).toEqual(expected.sort());
    for (const { summary, indicator } of cards) {
      expect(indicator).toBe('critical');
      expect(summary).toContain('by mouth and by injection');
    }
    expect(openChecksOf(decision)?.summary ?? '').not.toContain('route of magnesium sulfate');
  });

  test('alike are one card that counts them, with a button for each', () => {
    const [card, ...others] = routeCardsOf(decidedWith(patient({ ordered: [magnesium, magnesium] })));
    expect(others).toEqual([]);
    expect(card?.summary).toContain('2 orders of magnesium sulfate are a risk by mouth and by injection');
    expect(card?.suggestions?.slice(0, 2).map(({ label }) => label)).toEqual([
      'Remove the order: magnesium sulfate (1 of 2)',
      'Remove the order: magnesium sulfate (2 of 2)',
    ]);
    expect(new Set(card?.suggestions?.map(({ uuid }) => uuid)).size).toBe(card?.suggestions?.length);
  });

  test('of two drugs are a card each', () => {
    const cards = routeCardsOf(
      decidedWith(patient({ ordered: [magnesium, { drug: 'magnesium chloride', milligramsADay: 8000 }] })),
    );
    expect(cards.map(({ summary }) => summary.replace(/^.*: (\S+ \S+) is .*$/, '$1')).sort()).toEqual([
      'magnesium chloride',
      'magnesium sulfate',
    ]);
  });

  test.each([
    ['alike', () => magnesium, 2],
    ['that differ', (index: number) => ({ ...magnesium, milligramsADay: 1000 + index }), 18],
  ])(
    '%s are evaluated once for each route of each kind, of many kinds together',
    (_, orderAt, evaluations) => {
      const ordered = Array.from({ length: 20 }, (__, index) => orderAt(index));
      const { chart } = decidedWith(patient({ ordered }));
      const medications = chart.medications.map(({ reference }) => ({
        reference,
        name: 'magnesium sulfate',
      }));
      const fact = missing('unresolved', [{ code: 'route-unknown', medications }], []);
      const check = { waits: [{ fact }] } as unknown as UndecidedCheck;
      const nothing: Said = {
        findings: [],
        evaluations: [],
        facts: () => {
          throw new Error('nobody asks');
        },
      };
      let count = 0;
      const asking = askByRoute(
        createContext(chart, Date.parse(evaluatedAt), []),
        'order-sign',
        [check],
        nothing,
        // biome-ignore lint/correctness/useYield: it is done at once.
        function* () {
          count += 1;
          return nothing;
        },
      );
      const questions = atOnce(asking);
      expect(count).toBe(evaluations);
      expect(questions.flatMap((question) => ordersOf(question)).length).toBe(20);
    },
  );
});

describe('a route that is stated and not understood', () => {
  const stated = { ...magnesium, route: 'xyz' };

  test('is never called one that is not given', () => {
    const decision = decidedWith(patient({ ordered: [stated] }));
    const [card] = routeCardsOf(decision);
    expect(card?.source).toMatchObject({
      label: 'Epsom: route not understood',
      topic: { code: 'route-not-understood' },
    });
    expect(card?.summary).toContain('its route is stated, and not understood');
    expect(JSON.stringify(decision.cards)).not.toContain('not given');
    const why = decision.evaluations
      .map((one) => explainOutcome(one))
      .find(({ rule }) => rule === 'OM-002')?.why;
    expect(why).toContain('is stated and not understood');
  });

  test('is no order like one without a route', () => {
    const cards = routeCardsOf(decidedWith(patient({ ordered: [magnesium, stated] })));
    expect(cards.map(({ source }) => source.topic.code).sort()).toEqual([
      'route-not-given',
      'route-not-understood',
    ]);
  });

  test('is what the card of open checks says', () => {
    const given = { labs: [creatinine(0.9)], conditions: ['myasthenia-gravis'] };
    const summaryWith = (order: typeof magnesium): string | undefined =>
      openChecksOf(decidedWith(patient({ ...given, ordered: [order] })))?.summary;
    expect(summaryWith(stated)).toContain('route of magnesium sulfate (stated, and not understood)');
    expect(summaryWith(magnesium)).toContain('route of magnesium sulfate');
    expect(summaryWith(magnesium)).not.toContain('stated');
  });
});

describe('drugs that are given by one route alone', () => {
  const raltegravir = { drug: 'raltegravir' };
  const oxide = { drug: 'magnesium oxide' };
  test.each<[string, Given, string]>([
    [
      'an order beside what is taken by mouth',
      { ordered: [raltegravir], active: [{ ...oxide, route: 'oral' }] },
      'Raltegravir is a risk by mouth; its route is not given',
    ],
    [
      'an order beside what is taken, neither with a route',
      { ordered: [raltegravir], active: [oxide] },
      'Raltegravir and magnesium oxide are a risk by mouth; their route is not given',
    ],
    [
      'two orders, neither with a route',
      { ordered: [raltegravir, oxide] },
      'altegravir are a risk by mouth; their route is not given',
    ],
    [
      'an order by mouth beside what is taken',
      { ordered: [{ ...raltegravir, route: 'oral' }], active: [oxide] },
      'Magnesium oxide is a risk by mouth; its route is not given',
    ],
    [
      'two that are a danger each',
      { ordered: [{ drug: 'magnesium citrate' }, { drug: 'magnesium hydroxide' }], labs: [creatinine(5)] },
      'magnesium citrate and magnesium hydroxide are a risk by mouth; their route is not given',
    ],
  ])('%s: one card, since the route is certain', (_, given, words) => {
    const decision = decidedWith(patient({ labs: [creatinine(0.9)], ...given }));
    const [card, ...others] = routeCardsOf(decision);
    expect(others).toEqual([]);
    expect(card).toMatchObject({ indicator: 'critical', summary: expect.stringContaining(words) });
    expect(openChecksOf(decision)?.summary ?? '').not.toContain('route of');
  });

  test('each button names the order that it removes', () => {
    const decision = decidedWith(patient({ labs: [creatinine(0.9)], ordered: [raltegravir, oxide] }));
    expect(offersOf(decision).filter(([code]) => code === 'route-not-given')).toEqual([
      ['route-not-given', 'Remove the order: raltegravir'],
      ['route-not-given', 'Remove the order: magnesium oxide'],
    ]);
    expect(removedBy(routeCardOf(decision))).toEqual([
      'MedicationRequest/order-1',
      'MedicationRequest/order-2',
    ]);
  });

  test.each<[string, Given]>([
    ['by mouth', { ordered: [magnesium, { drug: 'magnesium hydroxide', route: 'oral' }] }],
    ['by mouth alone, without a route', { ordered: [magnesium, { drug: 'magnesium hydroxide' }] }],
    ['citrate without a route', { ordered: [magnesium, { drug: 'magnesium citrate' }] }],
    ['by vein', { ordered: [magnesium, { ...magnesium, route: 'intravenous' }] }],
  ])('a second magnesium %s takes nothing from the order without a route', (_, given) => {
    const decision = decidedWith(patient(given));
    const words = 'magnesium sulfate is a risk by mouth and by injection; its route is not given';
    const card = routeCardsOf(decision).find(({ summary }) => summary.includes(words));
    expect(card).toMatchObject({ indicator: 'critical' });
    expect(openChecksOf(decision)?.summary ?? '').not.toContain('route of');
  });

  test('a route that is certain is not asked for beside one that is not', () => {
    const given = { ordered: [magnesium, { drug: 'magnesium hydroxide' }], labs: [creatinine(3)] };
    const said = JSON.stringify(openChecksOf(decidedWith(patient(given))) ?? '');
    expect(said).not.toMatch(/route of magnesium hydroxide/i);
  });

  test('what is certain by them is no risk of another order', () => {
    const injected = { ...magnesium, route: 'intravenous' };
    const decision = decidedWith(patient({ ordered: [injected, magnesium, raltegravir, oxide] }));
    expect(routeCardsOf(decision).map(({ summary }) => summary)).toEqual([
      'Magnesium oxide and raltegravir are a risk by mouth; their route is not given',
      'eGFR 12.5 mL/min/1.73 m²: magnesium sulfate is a risk by mouth and by injection; its route is not given',
    ]);
  });

  test.each<[string, Given, string[]]>([
    ['the dose', { ordered: [oxide], labs: [creatinine(6)] }, ['the dose of magnesium']],
    [
      'the dose, beside an earlier creatinine',
      { ordered: [oxide], labs: [creatinine(6)], encounter: 'inpatient' },
      ['an earlier creatinine', 'the dose of magnesium'],
    ],
  ])('what is missing is not the route that is certain: %s', (_, given, needs) => {
    const summary = openChecksOf(decidedWith(patient(given)))?.summary;
    for (const need of needs) expect(summary).toContain(need);
    expect(summary).not.toContain('route of');
  });

  test('nobody is asked for a route that is certain beside one that is not', () => {
    const decision = decidedWith(patient({ ordered: [{ drug: 'levofloxacin' }], active: [oxide] }));
    expect(openChecksOf(decision)?.summary).toMatch(/Missing: route of levofloxacin$/);
  });

  test('a route that is stated and not understood is not taken for that one', () => {
    const ordered = [{ ...raltegravir, route: 'oral' }];
    const decision = decidedWith(patient({ ordered, active: [{ ...oxide, route: 'xyz' }] }));
    expect(routeCardsOf(decision)).toEqual([]);
    expect(openChecksOf(decision)?.summary).toContain(
      'route of magnesium oxide (stated, and not understood)',
    );
  });

  test.each(['levofloxacin', 'ciprofloxacin', 'doxycycline'])(
    'of %s beside magnesium the card of open checks asks for the route, since there are others than by mouth',
    (drug) => {
      const decision = decidedWith(patient({ ordered: [{ drug }], active: [{ ...oxide, route: 'oral' }] }));
      expect(routeCardsOf(decision)).toEqual([]);
      expect(openChecksOf(decision)?.summary).toContain(`route of ${drug}`);
    },
  );
});

describe('plausible routes', () => {
  test.each([
    [['magnesium sulfate'], ['oral', 'parenteral']],
    [['magnesium citrate'], ['oral']],
    [['zoledronic acid'], ['parenteral']],
    // By mouth only and by injection only are not one product.
    [['magnesium citrate', 'zoledronic acid'], null],
    // Eye drops.
    [['gentamicin'], null],
  ])('of %j: %j', (ingredients, expected) => {
    expect(plausibleRoutes(ingredients)).toEqual(expected);
  });

  test('names ingredients that we know, each once', () => {
    const names = Object.values(routesKnown).flatMap((some) => [...some]);
    expect(names.filter((name) => ingredientByName(name)?.name !== name)).toEqual([]);
    expect(new Set(names).size).toBe(names.length);
  });
});
