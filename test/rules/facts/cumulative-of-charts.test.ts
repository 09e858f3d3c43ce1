/** What is given in a window of time: from FHIR Dosage to the fact. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { conditionProblems } from '../../../rules/rule/conditions.ts';
import { daily, dose, type Resource, ucum } from '../../support/dosages.ts';
import { at } from '../../support/hook-requests.ts';
import { ask, coded, medication } from '../../support/order-facts.ts';

describe('cumulativeDose', () => {
  const sulfate = '6585';
  const params = { classes: ['magnesium'], role: 'any', route: 'parenteral', unit: 'g', within: 'PT48H' };
  const grams = (value: number): Resource => ({ value, unit: 'g', code: 'g', system: ucum });
  const iv = { route: { text: 'intravenous' } };
  const hoursAgo = (hours: number): string => new Date(Date.parse(at) - hours * 3_600_000).toISOString();
  const order = (dosage: Resource): Resource =>
    medication(sulfate, 'ordered', { dosageInstruction: [{ ...iv, ...dosage }] });
  const therapy = (hours: number | null, dosage: Resource, more: Resource = {}): Resource => {
    const one = medication(sulfate, 'active', { dosageInstruction: [{ ...iv, ...dosage }], ...more });
    const { authoredOn: _, ...undated } = one;
    return hours === null ? undated : { ...one, authoredOn: hoursAgo(hours) };
  };
  const rate = (gramsAnHour: number, repeat: Resource = {}): Resource => ({
    ...(Object.keys(repeat).length > 0 ? { timing: { repeat } } : {}),
    doseAndRate: [{ rateQuantity: { value: gramsAnHour, unit: 'g/h', code: 'g/h' } }],
  });
  const single = (value: number): Resource => dose(grams(value), { repeat: { count: 1 } });
  const forHours = (value: number): Resource => ({ boundsDuration: { value, code: 'h', unit: 'h' } });
  const sum = (given: Parameters<typeof ask>[2]): [number, number] | 'missing' => {
    const fact = ask('cumulativeDose', params, { therapy: [], ...given });
    if (fact.state !== 'known' || typeof fact.value !== 'number') return 'missing';
    return [fact.range?.low ?? fact.value, fact.range?.high ?? fact.value];
  };
  const open = Number.POSITIVE_INFINITY;

  it.each<[string, Parameters<typeof ask>[2], [number, number] | 'missing']>([
    ['nothing ordered and nothing taken is 0 g', {}, [0, 0]],
    ['an infusion of 1 g/h without an end is 48 g', { orders: [order(rate(1))] }, [48, 48]],
    ['of 1 g/h for 12 hours it is 12 g', { orders: [order(rate(1, forHours(12)))] }, [12, 12]],
    ['of 0.5 g/h for 3 days it is 24 g', { orders: [order(rate(0.5, forHours(72)))] }, [24, 24]],
    [
      'of 1 g/h until 10 hours from now it is 10 g',
      { orders: [order(rate(1, { boundsPeriod: { end: hoursAgo(-10) } }))] },
      [10, 10],
    ],
    [
      'an infusion of 0.5 g/h that begins in 5 days is 24 g then',
      { orders: [order(rate(0.5, { boundsPeriod: { start: hoursAgo(-120) } }))] },
      [24, 24],
    ],
    [
      '12 g given an hour ago and 12 g ordered for the day after tomorrow are never together',
      {
        therapy: [therapy(1, single(12))],
        orders: [order(dose(grams(12), { repeat: { count: 1, boundsPeriod: { start: hoursAgo(-49) } } }))],
      },
      [12, 12],
    ],
    [
      '24 g over 24 hours that began 50 hours ago: 22 g of them in the last 48',
      {
        therapy: [therapy(50, dose(grams(24), { repeat: { count: 1, duration: 24, durationUnit: 'h' } }))],
      },
      [22, 22],
    ],
    [
      '4 hours of 1 g/h, once, are 4 g',
      { orders: [order(rate(1, { duration: 4, durationUnit: 'h' }))] },
      [4, 4],
    ],
    [
      '4 hours of 1 g/h, twice a day, are 16 g',
      {
        orders: [
          order(rate(1, { duration: 4, durationUnit: 'h', frequency: 2, period: 1, periodUnit: 'd' })),
        ],
      },
      [16, 16],
    ],
    ['4 g every 6 hours are 32 g', { orders: [order(dose(grams(4), daily(1, 6, 'h')))] }, [32, 32]],
    ['4 g every 36 hours are 8 g', { orders: [order(dose(grams(4), daily(1, 36, 'h')))] }, [8, 8]],
    [
      '4 g every 6 hours, 3 times in all, are 12 g',
      { orders: [order(dose(grams(4), { repeat: { frequency: 1, period: 6, periodUnit: 'h', count: 3 } }))] },
      [12, 12],
    ],
    ['6 g once are 6 g', { orders: [order(single(6))] }, [6, 6]],
    [
      '6 g, nobody says how often, are 6 g or more',
      { orders: [order(dose(grams(6), undefined))] },
      [6, open],
    ],
    [
      '2 g, 3 doses in all, nobody says when, are 2 to 6 g',
      { orders: [order(dose(grams(2), { repeat: { count: 3 } }))] },
      [2, 6],
    ],
    ['an order that says no dose is missing, not 0', { orders: [order({})] }, 'missing'],
    [
      '32.48 mEq a day are 4 g a day',
      { orders: [order(dose({ value: 32.48, code: 'meq' }, daily(1)))] },
      [8, 8],
    ],
    [
      '4 g for a day, as a rate, is a daily dose',
      { orders: [order({ doseAndRate: [{ rateQuantity: { value: 4, unit: 'g/d' } }] })] },
      [8, 8],
    ],
    [
      'of 2 to 4 g once, 2 g are certain',
      {
        orders: [
          order({
            timing: { repeat: { count: 1 } },
            doseAndRate: [{ doseRange: { low: grams(2), high: grams(4) } }],
          }),
        ],
      },
      [2, 4],
    ],
    ['6 g and an order without a dose are 6 g or more', { orders: [order(single(6)), order({})] }, [6, open]],
    ['two orders add up', { orders: [order(single(6)), order(single(4))] }, [10, 10]],
    [
      'a loading dose and the infusion after it add up',
      {
        orders: [
          medication(sulfate, 'ordered', {
            dosageInstruction: [
              { ...iv, ...single(4), sequence: 1 },
              { ...iv, ...rate(0.25), sequence: 2 },
            ],
          }),
        ],
      },
      [16, 16],
    ],
    [
      'a step that begins after 2 days does not add to them: the larger 48 hours count',
      {
        orders: [
          medication(sulfate, 'ordered', {
            dosageInstruction: [
              { ...iv, ...rate(0.25, forHours(48)), sequence: 1 },
              { ...iv, ...rate(0.5), sequence: 2 },
            ],
          }),
        ],
      },
      [24, 24],
    ],
    [
      '12 g given 5 hours ago and 10 g ordered are 22 g',
      { therapy: [therapy(5, single(12))], orders: [order(single(10))] },
      [22, 22],
    ],
    [
      '12 g given 47 hours ago and 10 g ordered are 22 g',
      { therapy: [therapy(47, single(12))], orders: [order(single(10))] },
      [22, 22],
    ],
    [
      '12 g given 49 hours ago are over',
      { therapy: [therapy(49, single(12))], orders: [order(single(10))] },
      [10, 10],
    ],
    [
      '12 g given 40 hours ago and 1 g/h for the next 12 hours are 20 g in any 48 hours',
      { therapy: [therapy(40, single(12))], orders: [order(rate(1, forHours(12)))] },
      [20, 20],
    ],
    [
      '1 g/h that began 20 hours ago, and 4 g ordered: at least what was given and 28 g, at most both',
      { therapy: [therapy(20, rate(1))], orders: [order(single(4))] },
      [48, 52],
    ],
    [
      'an order of 0.25 g/h may replace the running 0.5 g/h: 12 to 36 g',
      { therapy: [therapy(0, rate(0.5))], orders: [order(rate(0.25))] },
      [24, 36],
    ],
    [
      'an infusion that runs since nobody knows when is 48 g',
      { therapy: [therapy(null, rate(1))] },
      [48, 48],
    ],
    [
      '2 g every 12 hours since nobody knows when are 8 g',
      { therapy: [therapy(null, dose(grams(2), daily(2)))] },
      [8, 8],
    ],
    ['6 g given nobody knows when are 0 to 6 g', { therapy: [therapy(null, single(6))] }, [0, 6]],
    [
      '12 g given 47 hours ago and 3 doses of 4 g twice a day, begun nobody knows when, are 12 to 24 g',
      {
        therapy: [
          therapy(47, single(12)),
          therapy(null, dose(grams(4), { repeat: { frequency: 2, period: 1, periodUnit: 'd', count: 3 } })),
        ],
      },
      [12, 24],
    ],
    [
      '12 g given 47 hours ago and 12 hours of 1 g/h, begun nobody knows when, are 12 to 24 g',
      { therapy: [therapy(47, single(12)), therapy(null, rate(1, forHours(12)))] },
      [12, 24],
    ],
    [
      '60 g given 47 hours ago and 12 hours of 1 g/h, begun nobody knows when, are 60 to 72 g',
      { therapy: [therapy(47, single(60)), therapy(null, rate(1, forHours(12)))] },
      [60, 72],
    ],
    [
      '6 g of a date alone, 2 days ago, are 0 to 6 g',
      { therapy: [{ ...therapy(null, single(6)), authoredOn: '2026-01-29' }], orders: [order(single(1))] },
      [1, 7],
    ],
    [
      'what was completed 10 hours ago counts',
      { therapy: [therapy(10, single(6), { status: 'completed' })], orders: [order(single(1))] },
      [7, 7],
    ],
    [
      'an infusion that was completed, nobody knows when, counts up to now',
      { therapy: [therapy(10, rate(1), { status: 'completed' })] },
      [0, 10],
    ],
    [
      'what was completed and began 8 days ago, with no end, is over',
      {
        therapy: [therapy(192, dose(grams(2), daily(4)), { status: 'completed' })],
        orders: [order(single(1))],
      },
      [1, 1],
    ],
    [
      'an infusion that ended 2 hours ago counts until then',
      { therapy: [therapy(null, rate(1, { boundsPeriod: { start: hoursAgo(10), end: hoursAgo(2) } }))] },
      [8, 8],
    ],
    ['what was stopped does not count', { therapy: [therapy(10, single(6), { status: 'stopped' })] }, [0, 0]],
    [
      'what was not to be given does not count',
      { therapy: [therapy(10, single(6), { status: 'completed', doNotPerform: true })] },
      [0, 0],
    ],
    [
      'at most 10 g a day bounds 1 g/h',
      {
        orders: [
          order({
            ...rate(1),
            maxDosePerPeriod: { numerator: grams(10), denominator: { value: 1, code: 'd' } },
          }),
        ],
      },
      [20, 20],
    ],
    [
      'a limit that is not understood leaves it open downwards',
      {
        orders: [
          order({
            ...rate(1),
            maxDosePerPeriod: { numerator: { value: 10 }, denominator: { value: 1, code: 'd' } },
          }),
        ],
      },
      [0, 48],
    ],
    [
      '25 mL/h of 40 mg/mL are 48 g',
      {
        orders: [
          medication(sulfate, 'ordered', {
            medicationCodeableConcept: {
              ...coded(sulfate),
              text: '500 ML magnesium sulfate 40 MG/ML Injection',
            },
            dosageInstruction: [{ ...iv, doseAndRate: [{ rateQuantity: { value: 25, unit: 'mL/h' } }] }],
          }),
        ],
      },
      [48, 48],
    ],
  ])('%s', (_, given, expected) => {
    expect(sum(given)).toEqual(expected);
  });

  const ratio = (grams_: number, value: number, unit: string): Resource => ({
    rateRatio: { numerator: grams(grams_), denominator: { value, unit } },
  });
  it.each<[string, Resource[], [number, number]]>([
    ['4 g to 20 min is 4 g, or more', [ratio(4, 20, 'min')], [4, 576]],
    ['12 g to 12 h is 12 g, or more', [ratio(12, 12, 'h')], [12, 48]],
    ['2 g to 1 h goes on', [ratio(2, 1, 'h')], [96, 96]],
    ['2 g to 60 min goes on', [ratio(2, 60, 'min')], [96, 96]],
    ['0.01 g to 1 min goes on', [ratio(0.01, 1, 'min')], [28.8, 28.8]],
    ['4 g to 20 min, then 2 g/h', [ratio(4, 20, 'min'), ratio(2, 1, 'h')], [99.333, 672]],
    [
      '4 g at 12 g/h, then 2 g/h',
      [{ doseQuantity: grams(4), rateQuantity: { value: 12, unit: 'g/h' } }, ratio(2, 1, 'h')],
      [99.333, 672],
    ],
  ])('an order of %s', (_, steps, [low, high]) => {
    const dosageInstruction = steps.map((step, index) => ({
      ...iv,
      sequence: index + 1,
      doseAndRate: [step],
    }));
    const [least, most] = sum({ orders: [medication(sulfate, 'ordered', { dosageInstruction })] });
    expect(least).toBeGreaterThan(low - 0.01);
    expect(least).toBeLessThan(low + 0.7);
    expect(most).toBeCloseTo(high, 0);
  });

  it('magnesium by mouth is no part of it, and one without a route leaves it open', () => {
    const oral = medication(sulfate, 'active', {
      dosageInstruction: [{ ...single(5), route: { text: 'oral' } }],
    });
    const unclear = medication(sulfate, 'active', { dosageInstruction: [single(5)] });
    expect(sum({ therapy: [oral], orders: [order(single(1))] })).toEqual([1, 1]);
    expect(sum({ therapy: [unclear], orders: [order(single(1))] })).toEqual([1, open]);
  });

  it('a statement of what a request says too is the same therapy', () => {
    const request = therapy(5, single(12));
    const statement = {
      resourceType: 'MedicationStatement',
      id: 's',
      status: 'active',
      subject: { reference: 'Patient/p1' },
      medicationCodeableConcept: coded(sulfate),
      effectivePeriod: { start: hoursAgo(5) },
      dosage: [{ ...iv, ...single(12) }],
    };
    expect(sum({ therapy: [request, statement] })).toEqual([12, 12]);
  });

  it('without a list of therapy an order of 6 g is 6 g or more', () => {
    const fact = ask('cumulativeDose', params, { orders: [order(single(6))] });
    expect(fact).toMatchObject({ state: 'known', value: 6, range: { low: 6, high: open } });
    expect(ask('cumulativeDose', params, {})).toMatchObject({ state: 'missing', cause: 'category' });
  });

  it('says of each order how much it is', () => {
    const fact = ask('cumulativeDose', params, {
      orders: [order(rate(1))],
      therapy: [therapy(5, single(2))],
    });
    expect(fact.evidence.map(({ used }) => used)).toEqual([
      '48 g in 48 hours, ordered',
      '2 g in 48 hours, active',
    ]);
  });

  it('a rule may ask for 7 days, and not for 8', () => {
    const leaf = (within: string) => ({
      all: [
        {
          fact: 'cumulativeDose',
          params: { ...params, within },
          path: '$.value',
          operator: 'greaterThan',
          value: 20,
        },
      ],
    });
    expect(conditionProblems(leaf('P7D'), 'conditions')).toEqual([]);
    expect(conditionProblems(leaf('P8D'), 'conditions').join()).toContain('at most 7 days');
  });

  it('200 orders are added up; of 201 that much is certain, and no more', () => {
    const orders = (count: number) => Array.from({ length: count }, () => order(single(1)));
    expect(sum({ orders: orders(200) })).toEqual([200, 200]);
    expect(sum({ orders: orders(201) })).toEqual([200, open]);
    const carriedOut = ['MedicationRequest/a', undefined].map((link) => [
      { ...therapy(1, single(10)), id: 'a' },
      { ...therapy(1, single(10)), id: 'b', ...(link ? { basedOn: [{ reference: link }] } : {}) },
    ]);
    const [linked, apart] = carriedOut.map((two) => sum({ therapy: two }));
    expect([linked, apart]).toEqual([
      [10, 10],
      [20, 20],
    ]);
  });

  it('is at least the largest part and at most the sum of all, and no more than what is given without a window', () => {
    const part = fc.record({
      // Two doses exactly 48 hours apart are not in one window of 48.
      hours: fc.oneof(fc.integer({ min: 0, max: 47 }), fc.integer({ min: 49, max: 90 })),
      value: fc.integer({ min: 1, max: 12 }),
    });
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 5 }), (parts) => {
        const sums = sum({ therapy: parts.map(({ hours, value }) => therapy(hours, single(value))) });
        if (sums === 'missing') return false;
        const inside = parts.filter(({ hours }) => hours < 48).map(({ value }) => value);
        const total = inside.reduce((all, value) => all + value, 0);
        return sums[0] === total && sums[1] === total;
      }),
    );
  });

  it('grows with the rate, the duration and the number of doses, never falls', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 80 }), (tenths, hours) => {
        const sumAt = (gramsAnHour: number, length: number): number => {
          const sums = sum({ orders: [order(rate(gramsAnHour, forHours(length)))] });
          return sums === 'missing' ? Number.NaN : sums[0];
        };
        const here = sumAt(tenths / 10, hours);
        return (
          Math.abs(here - (tenths / 10) * Math.min(hours, 48)) < 1e-9 &&
          sumAt((tenths + 1) / 10, hours) > here &&
          sumAt(tenths / 10, hours + 1) >= here
        );
      }),
    );
  });
});
