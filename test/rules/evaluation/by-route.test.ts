/** Orders whose route is not chosen: clinical decision 37. */
import { describe, expect, test } from 'vitest';
import { explainOutcome } from '../../../rules/cards/explanation.ts';
import { showAll } from '../../../rules/evaluation/presentation.ts';
import { ingredientByName } from '../../../rules/terminology/drugs/ingredients.ts';
import { plausibleRoutes, routesKnown } from '../../../rules/terminology/plausible-routes.ts';
import { decidedWith, type Given, openChecksOf } from '../../support/ordered-tests.ts';

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
const routeCardOf = ({ cards }: ReturnType<typeof decidedWith>) =>
  cards.find(({ source }) => source.topic.code === 'route-not-given');

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
