import { describe, expect, it } from 'vitest';
import type { Chart, Lab } from '../../../rules/chart/types.ts';
import { ask, conditionOf, labOf } from '../../support/charts.ts';

const within = { within: 'P7D' };
const pregnancy = conditionOf('p', ['pregnancy'], 60);
const mg = (value: number, hoursAgo = 1, more: Partial<Lab> = {}) =>
  labOf('creatinine', value, hoursAgo, more);
const molar = (umol: number, hoursAgo = 1) =>
  mg(umol * 0.0113122, hoursAgo, { received: { value: umol, unit: 'umol/L' }, statedUnit: 'umol/L' });
const either = (low: number, high: number) =>
  mg(low, 1, {
    rival: {
      reference: 'Observation/other',
      value: high,
      received: { value: high, unit: 'mg/dL' },
      statedUnit: 'mg/dL',
      time: null,
      why: null,
    },
  });

const days = (count: number): number => 24 * count;
const reduced = { low: 0, high: 60, highOpen: true };
const normal = { low: 60, high: Number.POSITIVE_INFINITY };
const open = 'open';

describe.each(['egfr', 'creatinineClearance'] as const)('%s in pregnancy', (fact) => {
  const asked = (labs: Lab[], given: Partial<Chart> = {}) =>
    ask(fact, within, { conditions: [pregnancy], labs: [...labs, labOf('body-weight', 70)], ...given });
  it.each<[string, Lab[], object | typeof open]>([
    ['1.1 mg/dL', [mg(1.1)], reduced],
    ['1.09 mg/dL', [mg(1.09)], normal],
    ['97 umol/L', [molar(97)], reduced],
    ['96 umol/L, 1.09 mg/dL', [molar(96)], normal],
    ['0.8 after 0.4 mg/dL two months ago', [mg(0.8), mg(0.4, days(60))], reduced],
    ['0.79 after 0.4 mg/dL', [mg(0.79), mg(0.4, days(60))], normal],
    ['0.8 after 0.4 mg/dL before the pregnancy', [mg(0.8), mg(0.4, days(301))], normal],
    ['0.9 after 0.6 mg/dL in a day: on its way up', [mg(0.9), mg(0.6, 24)], open],
    ['0.6 after 0.9 mg/dL in a day', [mg(0.6), mg(0.9, 24)], open],
    ['1.2 after 1.6 mg/dL in a day', [mg(1.2), mg(1.6, 24)], reduced],
    ['0.9 or 1.3 mg/dL', [either(0.9, 1.3)], open],
    ['1.2 or 1.3 mg/dL', [either(1.2, 1.3)], reduced],
    ['below 0.5 mg/dL', [mg(0.5, 1, { comparator: '<' })], normal],
    ['below 1.1 mg/dL', [mg(1.1, 1, { comparator: '<' })], normal],
    ['below 1.5 mg/dL', [mg(1.5, 1, { comparator: '<' })], open],
    ['above 1.1 mg/dL', [mg(1.1, 1, { comparator: '>' })], reduced],
  ])('%s', (_name, labs, expected) => {
    const answer = asked(labs);
    if (expected === open) {
      expect(answer).toMatchObject({ state: 'missing', cause: 'not-applicable' });
      expect(answer).toHaveProperty(
        'missing',
        expect.stringMatching(/pregnancy: the equation does not apply/),
      );
    } else expect(answer).toMatchObject({ state: 'known', value: 60, range: expected });
  });
  it('names the creatinine, why it counts, what it was, and the pregnancy', () => {
    expect(asked([mg(0.8), mg(0.4, days(60))]).evidence).toMatchObject([
      { reference: 'Observation/creatinine-1', note: expect.stringMatching(/^in pregnancy 1\.1 mg\/dL/) },
      { reference: `Observation/creatinine-${days(60)}`, note: 'it has doubled since' },
      { reference: 'Condition/p' },
    ]);
  });
  it('needs a creatinine inside the window', () => {
    expect(asked([])).toMatchObject({ missing: `${fact} within P7D: needs creatinine` });
    expect(asked([mg(2, days(8))])).toMatchObject({ state: 'stale' });
  });
  it('a stage on the problem list says more than a creatinine', () => {
    const conditions = [pregnancy, conditionOf('s', ['ckd-stage-4'])];
    for (const value of [0.9, 1.8])
      expect(asked([mg(value)], { conditions })).toMatchObject({ range: { low: 0, high: 30 } });
  });
  it('on dialysis is below 15', () => {
    const conditions = [pregnancy, conditionOf('d', ['dialysis'], 10)];
    expect(asked([mg(0.9)], { conditions })).toMatchObject({ range: { low: 0, high: 15 } });
  });
});

type Given = Parameters<typeof ask>[2];

describe('eGFR as in pregnancy', () => {
  const asked = (labs: Lab[], given: Given) =>
    ask('egfr', { ...within, asPregnant: true }, { labs, ...given });
  it.each<[string, Given, object]>([
    ['problems that did not come', { conditions: [], completeness: { conditions: 'absent' } }, reduced],
    ['problems that came in part', { conditions: [], completeness: { conditions: 'partial' } }, reduced],
    ['a pregnancy that is documented', { conditions: [pregnancy] }, reduced],
    ['a pregnancy by words', { conditions: [{ ...pregnancy, byWords: true }] }, reduced],
  ])('with %s goes by the creatinine', (_name, given, expected) => {
    for (const labs of [[molar(97)], [mg(0.8), mg(0.4, days(60))]])
      expect(asked(labs, given)).toMatchObject({ state: 'known', range: expected });
    expect(asked([mg(0.6)], given)).toMatchObject({ range: normal });
  });
  it('where no pregnancy is, it is the estimate', () => {
    const given = { conditions: [] };
    expect(asked([mg(1.1)], given)).toMatchObject(ask('egfr', within, { labs: [mg(1.1)], ...given }));
  });
  it('mere words leave a reported estimate; where nobody knows, it says nothing', () => {
    const labs = [labOf('egfr', 40)];
    expect(asked(labs, { conditions: [{ ...pregnancy, byWords: true }] })).toMatchObject({ value: 40 });
    expect(asked(labs, { conditions: [], completeness: { conditions: 'absent' } })).toMatchObject({
      missing: 'egfr within P7D as if pregnant: needs creatinine',
    });
  });
});
