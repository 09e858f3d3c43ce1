/** What is taken of an ordinary patient, for the question alone whether an open check is worth a card. */
import { describe, expect, it } from 'vitest';
import type { Chart } from '../../../rules/chart/types.ts';
import { type Assumptions, assumedFact, withWeight } from '../../../rules/facts/assumed.ts';
import { createContext } from '../../../rules/facts/context.ts';
import { type Fact, incompleteCategory, type KnownFact, missing } from '../../../rules/facts/fact.ts';
import { type FactName, factOf, type Params } from '../../../rules/facts/facts.ts';
import { at, chartWith, conditionOf, labOf } from '../../support/charts.ts';

const assumptions: Assumptions = {
  weight: { low: 40, high: 150 },
  creatinineInPregnancyBelow: 1.1,
  egfrOfOneCreatinineAtLeast: 60,
};
type Given = Parameters<typeof chartWith>[0];
const contextOf = (given: Given = {}) => createContext(chartWith(given), at, []);
const creatinine = (mgdl: number, daysAgo = 1) => labOf('creatinine', mgdl, 24 * daysAgo);
const born = (birthDate: string | null): Chart['patient'] => ({
  reference: 'Patient/1',
  sex: 'female',
  birthDate,
});

describe('a body weight, where an adult has none', () => {
  const clearance = (given: Given): Fact =>
    factOf('creatinineClearance').compute({ within: 'P30D' })(withWeight(contextOf(given), assumptions));

  it('is any that an adult has: clearance is that of the lightest to that of the heaviest', () => {
    const given = { labs: [creatinine(1)] };
    const [light, heavy] = [40, 150].map((kilograms) => {
      const weighed = contextOf({ labs: [creatinine(1), labOf('body-weight', kilograms)] });
      return factOf('creatinineClearance').compute({ within: 'P30D' })(weighed) as KnownFact;
    });
    expect(clearance(given)).toMatchObject({
      state: 'known',
      range: { low: light?.value, high: heavy?.value },
    });
  });

  it.each<[string, Given, boolean]>([
    ['of 60 years without one', {}, true],
    ['of the 18th birthday', { patient: born('2008-01-31') }, true],
    ['of the day before it', { patient: born('2008-02-01') }, false],
    ['whose birth date leaves 17 or 18 years', { patient: born('2008') }, false],
    ['of unknown age', { patient: born(null) }, false],
    ['weighed yesterday', { labs: [labOf('body-weight', 70, 24)] }, false],
    ['weighed 180 days ago', { labs: [labOf('body-weight', 70, 180 * 24)] }, false],
    ['weighed 181 days ago', { labs: [labOf('body-weight', 70, 181 * 24)] }, true],
  ])('is assumed of a patient %s: %#', (_, given, isAssumed) => {
    const context = contextOf(given);
    const weighed = withWeight(context, assumptions);
    expect(weighed === context).toBe(!isAssumed);
    const weight = weighed.labsOf('body-weight')[0];
    if (isAssumed)
      expect(weight).toMatchObject({
        value: 40,
        unit: 'kg',
        rival: { value: 150 },
        isRange: true,
        used: true,
      });
  });

  it('takes nothing else away', () => {
    const context = contextOf({ labs: [creatinine(1)] });
    const { chart, at: when, notices } = withWeight(context, assumptions);
    expect(chart.labs.filter(({ test }) => test === 'creatinine')).toEqual(context.chart.labs);
    expect({ when, notices }).toEqual({ when: at, notices: context.notices });
  });
});

describe('an answer that does not decide', () => {
  const assumed = (name: FactName, params: Params, fact: Fact, given: Given, change = {}): Fact =>
    assumedFact(name, params, fact, contextOf(given), { ...assumptions, ...change });
  const of = (name: FactName, params: Params, given: Given): Fact =>
    factOf(name).compute(params)(contextOf(given));
  const week = { within: 'P7D' };

  describe('acute kidney injury of one creatinine is none where the eGFR speaks against it', () => {
    const stage = (mgdl: number, change = {}, given: Given = {}): Fact => {
      const chart = { labs: [creatinine(mgdl)], ...given };
      return assumed('akiStage', week, of('akiStage', week, chart), chart, change);
    };

    const none = { state: 'known', value: 0, evidence: [] };
    const least = (egfrOfOneCreatinineAtLeast: number) => ({ egfrOfOneCreatinineAtLeast });

    it.each<[string, number, number, boolean]>([
      ['0.7 mg/dL, which leaves stage 0 or 1', 0.7, 60, true],
      ['0.8 mg/dL, which leaves 0 to 2', 0.8, 60, true],
      ['1.2 mg/dL, which leaves any', 1.2, 45, true],
      ['1.2 mg/dL, an eGFR of 52', 1.2, 60, false],
      ['0.8 mg/dL, an eGFR of 84, where 85 is asked', 0.8, 85, false],
    ])('%s', (_, mgdl, limit, isNone) => {
      const unchanged = of('akiStage', week, { labs: [creatinine(mgdl)] });
      expect(stage(mgdl, least(limit))).toEqual(isNone ? none : unchanged);
    });

    it('at exactly the limit it is, beyond it not', () => {
      const egfr = of('egfr', { within: 'P30D' }, { labs: [creatinine(0.8)] }) as KnownFact;
      expect(stage(0.8, least(Number(egfr.value)))).toEqual(none);
      expect(stage(0.8, least(Number(egfr.value) + 0.01))).not.toEqual(none);
    });

    it('of an eGFR that is a range the lower end counts', () => {
      const patient = born('1966');
      const given = { labs: [creatinine(0.8, 31)], patient };
      const month = { within: 'P60D' };
      const { range } = of('egfr', month, given) as KnownFact;
      const { low = 0, high = 0 } = range ?? {};
      expect(high).toBeGreaterThan(low);
      const found = (limit: number): Fact =>
        assumed('akiStage', month, of('akiStage', month, given), given, least(limit));
      expect(found(low)).toEqual(none);
      expect(found((low + high) / 2)).not.toEqual(none);
    });

    it('without an eGFR nothing is assumed', () => {
      expect(stage(0.8, {}, { patient: born(null) })).not.toEqual(none);
    });

    it('of two results a range stays', () => {
      const given = { labs: [creatinine(0.8)] };
      const [one] = contextOf(given).chart.labs;
      if (!one) throw new Error('no result');
      const evidence = { reference: one.reference, used: { kind: 'unused' }, time: null, notes: [] } as const;
      const range = { low: 0, high: 1 };
      const two: Fact = { state: 'known', value: 0, range, evidence: [evidence, evidence] };
      expect(assumed('akiStage', week, two, given)).toBe(two);
      const decided: Fact = { state: 'known', value: 1, evidence: [evidence] };
      expect(assumed('akiStage', week, decided, given)).toBe(decided);
      const other: Fact = { state: 'known', value: 5, range: { low: 5, high: 9 }, evidence: [evidence] };
      expect(assumed('dailyDose', {}, other, given)).toBe(other);
    });
  });

  describe('in pregnancy, where no estimate holds, a low creatinine is not that of a failing kidney', () => {
    const open = missing('not-applicable', [{ code: 'no-estimate-in-pregnancy' }]);
    const ordinary = {
      state: 'known',
      value: 60,
      range: { low: 60, high: Number.POSITIVE_INFINITY },
      evidence: [],
    };
    it.each<[string, Given, boolean]>([
      ['1.0 mg/dL', { labs: [creatinine(1)] }, true],
      ['1.09 mg/dL', { labs: [creatinine(1.09)] }, true],
      ['1.1 mg/dL', { labs: [creatinine(1.1)] }, false],
      ['1.0 mg/dL 365 days ago', { labs: [creatinine(1, 365)] }, true],
      ['1.0 mg/dL 366 days ago', { labs: [creatinine(1, 366)] }, false],
      ['more than 0.5 mg/dL', { labs: [{ ...creatinine(0.5), comparator: '>' }] }, false],
      ['none', {}, false],
    ])('%s', (_, given, isOrdinary) => {
      const found = assumed('egfr', week, open, given);
      if (isOrdinary) expect(found).toEqual(ordinary);
      else expect(found).toBe(open);
    });

    it('what is open for another reason stays open', () => {
      const stale = missing('absent', [{ code: 'needs', input: 'creatinine' }]);
      expect(assumed('egfr', week, stale, { labs: [creatinine(1)] })).toBe(stale);
    });
  });

  describe('dialysis is none where no problems came and the eGFR is ordinary', () => {
    const never = incompleteCategory(contextOf({ completeness: { conditions: 'absent' } }), 'conditions');
    const part = incompleteCategory(contextOf({ completeness: { conditions: 'partial' } }), 'conditions');
    const active = { status: 'active' };
    it.each<[string, FactName, string[], Fact | null, number, boolean]>([
      ['dialysis', 'condition', ['dialysis'], never, 0.8, true],
      ['dialysis or end-stage disease', 'condition', ['dialysis', 'esrd'], never, 0.8, true],
      ['dialysis or asthma', 'condition', ['dialysis', 'asthma'], never, 0.8, false],
      ['asthma', 'condition', ['asthma'], never, 0.8, false],
      ['dialysis, of problems that came in part', 'condition', ['dialysis'], part, 0.8, false],
      ['dialysis, at an eGFR of 40', 'condition', ['dialysis'], never, 1.5, false],
      ['another fact', 'allergyToOrder', ['dialysis'], never, 0.8, false],
    ])('%s', (_, name, groups, fact, mgdl, isNone) => {
      if (!fact) throw new Error('nothing is open');
      const found = assumed(name, { ...active, groups }, fact, { labs: [creatinine(mgdl)] });
      if (isNone) expect(found).toEqual({ state: 'known', value: false, evidence: [] });
      else expect(found).toBe(fact);
    });

    it('a problem list that says so is believed', () => {
      const given = { conditions: [conditionOf('d', ['dialysis'])], labs: [creatinine(0.8)] };
      const asked = { ...active, groups: ['dialysis'] };
      const fact = of('condition', asked, given);
      expect(assumed('condition', asked, fact, given)).toBe(fact);
    });
  });
});
