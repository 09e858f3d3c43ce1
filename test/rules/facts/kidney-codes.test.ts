/** Clinical decision 30: codes of kidney disease answer thresholds, downwards only. */
import { describe, expect, it } from 'vitest';
import type { Chart, ChartCondition } from '../../../rules/chart/types.ts';
import { compareRange } from '../../../rules/logic/range.ts';
import { ask, at, conditionOf, day, labOf } from '../../support/charts.ts';

const within = { within: 'P365D' };
const healthy = [labOf('creatinine', 0.7), labOf('body-weight', 70)];
const dialysis = { groups: ['dialysis'], status: 'active' };
const session = (daysAgo: number | null, more: Partial<ChartCondition> = {}): ChartCondition =>
  conditionOf('p', ['dialysis'], daysAgo, { procedure: true, ...more });
const transplant = (daysAgo: number | null, more: Partial<ChartCondition> = {}): ChartCondition =>
  conditionOf('t', ['kidney-transplant'], daysAgo, more);
const wide = (from: number, to: number): Partial<ChartCondition> => ({
  onset: { from: at - from * day, to: at - to * day },
});
const truth = (given: Partial<Chart>, more: object = {}): unknown => {
  const fact = ask('condition', { ...dialysis, ...more }, given);
  return fact.state === 'known' ? fact.value : fact.state;
};

describe('dialysis and end-stage disease', () => {
  const onDialysis: readonly [string, ChartCondition[]][] = [
    ['dialysis', [conditionOf('1', ['dialysis'])]],
    ['end-stage disease', [conditionOf('1', ['esrd', 'ckd-stage-5', 'ckd-any'], 900)]],
    ['both', [conditionOf('1', ['esrd', 'dialysis'])]],
    ['a session of this week', [session(5)]],
    ['a session 14 days ago', [session(14)]],
    ['a transplant that came before', [transplant(900), conditionOf('1', ['dialysis'], 10)]],
    ['a transplant without a date', [transplant(null), conditionOf('1', ['dialysis'], 10)]],
    ['dialysis without a date, and a transplant', [transplant(30), conditionOf('1', ['dialysis'])]],
    [
      'a complication of a transplant',
      [transplant(30, { codes: [{ system: 's', code: 'T86.19' }] }), conditionOf('1', ['dialysis'], 900)],
    ],
    [
      'a transplant that failed',
      [
        transplant(30, { groups: ['kidney-transplant', 'kidney-transplant-failed'] }),
        conditionOf('1', ['dialysis'], 900),
      ],
    ],
    ['a transplant by words', [transplant(30, { byWords: true }), conditionOf('1', ['dialysis'], 900)]],
    ['an unconfirmed transplant', [transplant(30, { confirmed: false }), conditionOf('1', ['esrd'], 900)]],
    ['a transplant of some time then', [transplant(null, wide(950, 850)), conditionOf('1', ['esrd'], 900)]],
    ['a session after a transplant', [transplant(9), conditionOf('1', ['esrd'], 900), session(5)]],
  ];
  it.each(onDialysis)('%s: on dialysis, and below 15 whatever the creatinine says', (_name, conditions) => {
    const given = { conditions, labs: healthy };
    expect(truth(given)).toBe(true);
    for (const name of ['egfr', 'creatinineClearance'] as const) {
      expect(ask(name, within, given)).toMatchObject({
        state: 'known',
        range: { low: 0, high: 15, highOpen: true },
        evidence: [{ reference: expect.stringMatching(/Condition/) }, ...anyMore(conditions)],
      });
    }
  });
  const anyMore = (conditions: ChartCondition[]): unknown[] =>
    ask('egfr', within, { conditions, labs: healthy })
      .evidence.slice(1)
      .map(() => expect.anything());

  const ended: readonly [string, ChartCondition[]][] = [
    ['a transplant later than dialysis', [transplant(30), conditionOf('1', ['dialysis'], 900)]],
    [
      'a transplant later than end-stage disease',
      [transplant(30), conditionOf('1', ['esrd', 'ckd-stage-5'], 900)],
    ],
    [
      'a transplant of old, not active any more',
      [
        transplant(30, { status: 'inactive', groups: [], stillCounts: ['kidney-transplant'] }),
        conditionOf('1', ['dialysis'], 900),
      ],
    ],
    ['a session three weeks ago', [session(21)]],
  ];
  it.each(ended)('%s: no dialysis, and the estimate is used', (_name, conditions) => {
    const given = { conditions, labs: healthy };
    expect(truth(given)).toBe(false);
    expect(ask('egfr', within, given)).toMatchObject({ value: expect.closeTo(98.9, 0) });
  });

  it.each<[string, ChartCondition]>([
    ['without a time', session(null)],
    ['of some day of the month', session(null, wide(30, 0))],
  ])('a session %s leaves it open', (_name, condition) =>
    expect(truth({ conditions: [condition] })).toBe('missing'),
  );
  it('that a transplant may have ended fires and says so, and exempts from nothing', () => {
    const conditions = [transplant(null), conditionOf('1', ['dialysis'], 10)];
    const { evidence } = ask('condition', dialysis, { conditions });
    expect(evidence).toMatchObject([
      { reference: 'Condition/1', note: 'a kidney transplant (Condition/t) may have ended it' },
      { reference: 'Condition/t' },
    ]);
    expect(truth({ conditions }, { confirmed: true })).toBe('missing');
    expect(truth({ conditions: [conditionOf('1', ['esrd'], 10)] }, { confirmed: true })).toBe(true);
    expect(
      truth({ conditions: [conditionOf('1', ['esrd'], 10, { confirmed: false })] }, { confirmed: true }),
    ).toBe('missing');
  });
});

describe('a stage of chronic kidney disease', () => {
  const stages: readonly [string[], number][] = [
    [['ckd-stage-5'], 15],
    [['esrd-or-stage-5-hypertensive'], 15],
    [['ckd-stage-4'], 30],
    [['ckd-stage-3b', 'ckd-stage-3'], 45],
    [['ckd-stage-3a', 'ckd-stage-3'], 60],
    [['ckd-stage-3'], 60],
  ];
  it.each(stages)('%s proves below %d, never "at least", and is no dialysis', (groups, below) => {
    const given = { conditions: [conditionOf('1', groups)] };
    expect(truth(given)).toBe(false);
    for (const name of ['egfr', 'creatinineClearance'] as const) {
      const fact = ask(name, within, given);
      const range = fact.state === 'known' ? fact.range : undefined;
      expect(range).toEqual({ low: 0, high: below, highOpen: true });
      expect(fact.evidence[0]?.note).toBe('from the problem list');
      if (!range) continue;
      const whole = { ...range, high: below };
      expect(compareRange(whole, 'lessThan', below)).toBe(true);
      expect(compareRange(whole, 'lessThan', below + 15)).toBe(true);
      expect(compareRange(whole, 'lessThan', below - 1)).toBeNull();
      expect(compareRange(whole, 'greaterThanInclusive', below - 1)).toBeNull();
    }
  });
  it.each([['ckd-stage-1'], ['ckd-stage-2'], ['ckd-unspecified'], ['ckd-any']])(
    '%s proves nothing',
    (group) => expect(ask('egfr', within, { conditions: [conditionOf('1', [group])] }).state).toBe('missing'),
  );
  it('counts only where there is no estimate, none or too old, or an upper bound that is higher', () => {
    const conditions = [conditionOf('1', ['ckd-stage-4'])];
    const high = (labs: Chart['labs']): unknown => {
      const fact = ask('egfr', within, { conditions, labs });
      return fact.state === 'known' ? (fact.range?.high ?? fact.value) : fact.state;
    };
    expect(high(healthy)).toBeCloseTo(98.9, 0);
    expect(high([])).toBe(30);
    expect(high([labOf('creatinine', 0.7, 24 * 400)])).toBe(30);
    expect(high([labOf('creatinine', 1.5), labOf('creatinine', 1, 40)])).toBe(30);
    expect(high([labOf('creatinine', 2), labOf('creatinine', 1, 40)])).toBeCloseTo(28.1, 1);
  });
  it('answers for clearance unless an eGFR contradicts it', () => {
    const conditions = [conditionOf('1', ['ckd-stage-4'])];
    const clearance = (creatinine: number) =>
      ask('creatinineClearance', within, { conditions, labs: [labOf('creatinine', creatinine)] });
    expect(clearance(3)).toMatchObject({ state: 'known', range: { high: 30 } });
    expect(clearance(0.7)).toMatchObject({ state: 'missing' });
    const labs = [labOf('creatinine', 1.5), labOf('creatinine', 1, 40), labOf('body-weight', 72)];
    expect(ask('creatinineClearance', within, { conditions, labs })).toMatchObject({ range: { high: 30 } });
  });
  it('of several the worst counts; an inactive one does not, nor one that a transplant ended', () => {
    const high = (conditions: ChartCondition[]): unknown => {
      const fact = ask('egfr', within, { conditions });
      return fact.state === 'known' ? fact.range?.high : fact.state;
    };
    const old = conditionOf('1', ['ckd-stage-5'], 900);
    const now = conditionOf('2', ['ckd-stage-3a'], 10);
    expect(high([now, old])).toBe(15);
    expect(high([now, { ...old, status: 'inactive' }])).toBe(60);
    expect(high([now, old, transplant(300)])).toBe(60);
  });
});
