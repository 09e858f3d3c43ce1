import { describe, expect, it } from 'vitest';
import type { Chart } from '../../../rules/chart/types.ts';
import { bedsideSchwartz, ckdEpi2021Creatinine } from '../../../rules/facts/equations.ts';
import { ask, at, conditionOf, day, labOf } from '../../support/charts.ts';

const within = { within: 'P90D' };
const names = {
  egfr: 'egfr within P90D',
  creatinineClearance: 'creatinineClearance within P90D',
  akiStage: 'akiStage within P90D',
} as const;
const creatinine = labOf('creatinine', 2);
const weight = labOf('body-weight', 72);
const patient = (birthDate: string | null, sex: 'female' | 'male' | null = 'female') => ({
  patient: { reference: 'Patient/1', sex, birthDate },
});
const creatinineEvidence = {
  reference: 'Observation/creatinine-1',
  name: 'creatinine',
  received: '2 mg/dL',
  used: '2 mg/dL',
  time: '2026-01-31T11:00',
};

describe.each(['egfr', 'creatinineClearance'] as const)('%s', (fact) => {
  const labs = [creatinine, weight];
  const asked = (given: Partial<Chart>) => ask(fact, within, { labs, ...given });
  const what = names[fact];
  it('is not quoted under 18, for which no evidence is needed', () => {
    expect(asked(patient('2008-02-01'))).toEqual({
      state: 'missing',
      cause: 'not-applicable',
      missing: `${what} (under 18: the adult equation does not apply)`,
      evidence: [],
    });
    expect(asked(patient('2008-01-31'))).toMatchObject({ state: 'known' });
  });
  it.each([
    ['birth date', patient(null)],
    ['sex', patient('1966-01-01', null)],
  ])('needs the %s', (name, given) => {
    expect(asked(given)).toEqual({
      state: 'missing',
      cause: 'absent',
      missing: `${what}: needs the ${name}`,
      evidence: [],
    });
  });
  it('needs a creatinine', () => {
    expect(asked({ labs: [weight] })).toEqual({
      state: 'missing',
      cause: 'absent',
      missing: `${what}: needs creatinine`,
      evidence: [],
    });
  });
  describe('while creatinine changes is an upper bound', () => {
    const asIfSteady = asked({});
    const high = asIfSteady.state === 'known' ? Number(asIfSteady.value) : 0;
    const tenths = Math.round(high * 10) / 10;
    it.each([
      ['rises', 1, `at most ${tenths}: creatinine is rising`],
      ['falls', 3.1, 'creatinine is falling'],
    ])('that says so: it %s', (_name, before, note) => {
      const answer = asked({ labs: [creatinine, labOf('creatinine', before, 40), weight] });
      expect(answer).toMatchObject({ state: 'known', value: high, range: { low: 0, high } });
      expect(answer.evidence[0]?.note).toMatch(new RegExp(`^${note}; `));
    });
    it('of a range that may have risen, too', () => {
      const either = labOf('creatinine', 2, 1, {
        rival: { value: 2.4, received: { value: 2.4, unit: 'mg/dL' }, statedUnit: 'mg/dL' } as never,
      });
      const answer = asked({ labs: [either, labOf('creatinine', 2, 40), weight] });
      expect(answer).toMatchObject({ value: high, range: { low: 0, high } });
      expect(answer.evidence[0]?.note).toMatch(/^at most [\d.]+: creatinine may be changing; /);
    });
    it('goes by the last change: after a peak it falls, after a trough it rises', () => {
      const noteAfter = (...values: readonly [number, number]) =>
        asked({
          labs: [creatinine, labOf('creatinine', values[1], 30), labOf('creatinine', values[0], 60), weight],
        }).evidence[0]?.note;
      expect(noteAfter(1, 3.5)).toMatch(/^creatinine is falling/);
      expect(noteAfter(3.5, 1)).toMatch(/^at most [\d.]+: creatinine is rising/);
    });
    it('rounds to tenths, but not up to a limit', () => {
      const noteOf = (mgdl: number) =>
        asked({ labs: [labOf('creatinine', mgdl), labOf('creatinine', 1, 40), weight] }).evidence[0]?.note;
      const limit = fact === 'egfr' ? 1.8927 : 2.2673;
      expect(noteOf(limit)).toMatch(/^at most 29\.9\d+: /);
    });
    it('of a creatinine of which only the most is known is none', () => {
      const results = [
        labOf('creatinine', 0.5, 1, { comparator: '<' }),
        labOf('creatinine', 2, 20),
        labOf('creatinine', 1, 40),
      ];
      expect(asked({ labs: [...results, weight] })).toMatchObject({
        state: 'missing',
        missing: `${what} (creatinine is changing: an estimate is not reliable)`,
      });
    });
  });
  it('heeds no creatinine that has no place in 48 hours and 7 days, and a one-sided one as an interval', () => {
    const other = (more: object) => asked({ labs: [creatinine, labOf('creatinine', 1, 40, more), weight] });
    const from = at - 40 * 3_600_000;
    expect(other({ span: { from, to: from + day - 1 } })).toHaveProperty('range');
    expect(other({ span: { from, to: from + day } })).not.toHaveProperty('range');
    expect(other({ comparator: '<' })).toHaveProperty('range');
  });
  it('says what could not be checked where no conditions came', () => {
    const answer = ask(fact, within, { labs, completeness: { conditions: 'absent' } });
    expect(answer.evidence[0]?.note).toMatch(/; dialysis and pregnancy could not be checked$/);
  });
  it('of one-sided creatinines is a range the other way round', () => {
    const of = (comparator: '<' | '<=' | '>' | '>=') =>
      asked({ labs: [labOf('creatinine', 2, 1, { comparator }), weight] });
    const exact = asked({});
    const value = exact.state === 'known' ? exact.value : null;
    expect(exact).not.toHaveProperty('range');
    expect(of('<')).toMatchObject({
      value,
      range: { low: value, high: Number.POSITIVE_INFINITY, lowOpen: true },
    });
    expect(of('<=')).toMatchObject({ range: { lowOpen: false } });
    expect(of('>')).toMatchObject({ value, range: { low: 0, high: value, highOpen: true } });
    expect(of('>=')).toMatchObject({ range: { highOpen: false } });
  });
  it('of a creatinine of zero is none', () => {
    expect(asked({ labs: [labOf('creatinine', 0), weight] })).toEqual({
      state: 'missing',
      cause: 'unresolved',
      missing: what,
      evidence: [],
    });
  });
  it('heeds a change among the 300 newest creatinines', () => {
    const steady = (count: number) =>
      Array.from({ length: count }, (_, index) => labOf('creatinine', 2, 1 + index / 60));
    expect(asked({ labs: [...steady(299), labOf('creatinine', 1, 40), weight] })).toHaveProperty('range');
    expect(asked({ labs: [...steady(300), labOf('creatinine', 1, 40), weight] })).not.toHaveProperty('range');
  });
  it('of an age known to the year is a range', () => {
    const answer = asked(patient('1966'));
    expect(answer).toHaveProperty('range');
    expect(answer.state === 'known' && answer.range && answer.range.low < answer.range.high).toBe(true);
  });
});

describe('egfr', () => {
  const asked = (labs: Chart['labs'], given: Partial<Chart> = {}) => ask('egfr', within, { labs, ...given });
  it('is CKD-EPI 2021 of the creatinine', () => {
    expect(asked([creatinine])).toEqual({
      state: 'known',
      value: expect.closeTo(ckdEpi2021Creatinine({ creatinineMgdl: 2, ageYears: 60, sex: 'female' }) ?? 0, 9),
      unit: 'mL/min/{1.73_m2}',
      evidence: [{ ...creatinineEvidence, note: 'CKD-EPI 2021' }],
    });
  });
  it('says what is to be known of the creatinine, and that a race-based one was left out', () => {
    const flagged = labOf('creatinine', 2, 1, { why: 'status `preliminary`' });
    const raceBased = labOf('egfr', 40, 2, { raceBased: true, used: false });
    expect(asked([flagged, raceBased]).evidence[0]?.note).toBe(
      'CKD-EPI 2021; status `preliminary`; the reported eGFR (Observation/egfr-2) uses a race-based equation and was not used',
    );
  });
  it('as reported counts where it is newer than the creatinine, and not at the same time', () => {
    const reported = (hoursAgo: number, more: object = {}) => labOf('egfr', 44, hoursAgo, more);
    expect(asked([labOf('creatinine', 2, 3), reported(2)])).toMatchObject({
      value: 44,
      unit: 'mL/min/{1.73_m2}',
      evidence: [{ reference: 'Observation/egfr-2', note: 'as reported' }],
    });
    expect(asked([labOf('creatinine', 2, 2), reported(2)]).evidence[0]?.note).toBe('CKD-EPI 2021');
    expect(asked([reported(2, { method: 'MDRD', why: 'flagged' })]).evidence[0]?.note).toBe(
      'as reported, MDRD; flagged',
    );
    expect(asked([reported(2)])).not.toHaveProperty('range');
    expect(asked([reported(2, { comparator: '>' })])).toMatchObject({ range: { low: 44, lowOpen: true } });
  });
  it('as reported is an upper bound within a week of a creatinine that changed, not later', () => {
    const reportedAfter = (days: number) =>
      asked([
        labOf('egfr', 44, 1),
        labOf('creatinine', 2, 1 + 24 * days),
        labOf('creatinine', 1, 20 + 24 * days),
      ]);
    expect(reportedAfter(7)).toMatchObject({ value: 44, range: { low: 0, high: 44 } });
    expect(reportedAfter(7).evidence[0]?.note).toBe('at most 44: creatinine is rising; as reported');
    expect(reportedAfter(7.1)).not.toHaveProperty('range');
  });
  it('as reported by a rising creatinine is below what it is reported to be below', () => {
    const labs = [
      labOf('egfr', 30, 1, { comparator: '<' }),
      labOf('creatinine', 2, 2),
      labOf('creatinine', 1, 30),
    ];
    expect(asked(labs)).toMatchObject({ range: { low: 0, high: 30, highOpen: true } });
  });
});

describe('creatinineClearance', () => {
  const asked = (...labs: Chart['labs']) => ask('creatinineClearance', within, { labs });
  it('is Cockcroft-Gault with the weight as it is', () => {
    expect(asked(creatinine, weight)).toEqual({
      state: 'known',
      // (140 - 60) x 72 / (72 x 2) x 0.85
      value: 34,
      unit: 'mL/min',
      evidence: [
        { ...creatinineEvidence, note: 'Cockcroft-Gault, actual weight' },
        expect.objectContaining({ reference: 'Observation/body-weight-1', used: '72 kg' }),
      ],
    });
  });
  it('needs a weight of the last 180 days that is a number', () => {
    expect(asked(creatinine)).toEqual({
      state: 'missing',
      cause: 'absent',
      missing: 'creatinineClearance within P90D: needs body weight within P180D',
      evidence: [],
    });
    expect(asked(creatinine, labOf('body-weight', 72, 181 * 24))).toMatchObject({ state: 'stale' });
    expect(asked(creatinine, labOf('body-weight', 72, 1, { comparator: '>' }))).toMatchObject({
      state: 'missing',
      cause: 'unresolved',
      missing: 'creatinineClearance within P90D',
      evidence: [{ reference: 'Observation/body-weight-1' }],
    });
  });
});

describe('akiStage', () => {
  const asked = (labs: Chart['labs'], given: Partial<Chart> = {}) =>
    ask('akiStage', within, { labs, ...given });
  it('is the stage with the newest creatinine and the lowest of the 7 days before', () => {
    const labs = [
      creatinine,
      labOf('creatinine', 1.1, 20),
      labOf('creatinine', 1, 30),
      labOf('creatinine', 1.2, 40),
      labOf('creatinine', 0.9, 366 * 24),
    ];
    const fact = asked(labs);
    expect(fact).toMatchObject({ state: 'known', value: 2 });
    expect(fact).not.toHaveProperty('range');
    expect(fact.evidence).toEqual([
      {
        ...creatinineEvidence,
        note: 'KDIGO 2012: creatinine 2 mg/dL is 2 times the reference 1 mg/dL, a rise of 0.3 mg/dL or more from 1 mg/dL within 48 hours',
      },
      expect.objectContaining({
        reference: 'Observation/creatinine-30',
        note: 'lowest of the 7 days before',
      }),
    ]);
    const [week, before] = [169, 170].map((hours) => asked([creatinine, labOf('creatinine', 1, hours)]));
    expect(week?.evidence[1]?.note).toBe('lowest of the 7 days before');
    expect(before?.evidence[1]?.note).toBe('taken as the baseline: of before the 7 days');
  });
  it('compares in umol/L what came in umol/L', () => {
    const molar = (umol: number, hoursAgo: number) =>
      labOf('creatinine', umol * 0.0113122, hoursAgo, {
        received: { value: umol, unit: 'umol/L' },
        statedUnit: 'umol/L',
      });
    expect(asked([molar(126.5, 1), molar(100, 20)]).evidence[0]?.note).toContain(
      'a rise of 26.5 umol/L or more',
    );
  });
  it('is none on dialysis, without a creatinine, or of one that cannot be compared', () => {
    expect(asked([creatinine], { conditions: [conditionOf('1', ['dialysis'])] })).toMatchObject({
      cause: 'not-applicable',
      missing: 'akiStage within P90D (on dialysis)',
      evidence: [{ reference: 'Condition/1' }],
    });
    expect(asked([])).toMatchObject({ missing: 'akiStage within P90D: needs creatinine' });
    expect(asked([labOf('creatinine', 2, 1, { comparator: '>' })])).toMatchObject({
      state: 'missing',
      cause: 'absent',
      missing: 'akiStage within P90D (one creatinine alone gives no stage)',
    });
    const from = at - 40 * 3_600_000;
    expect(asked([labOf('creatinine', 2, 1, { span: { from, to: from + day } })])).toMatchObject({
      state: 'missing',
      cause: 'unresolved',
      missing: 'akiStage within P90D',
      evidence: [{ reference: 'Observation/creatinine-1' }],
    });
  });
  it('names the newest of the lowest, and heeds none without a date', () => {
    const labs = [
      creatinine,
      labOf('creatinine', 1, 30),
      labOf('creatinine', 1, 40),
      labOf('creatinine', 0.5, 20, { span: null, time: null, used: false }),
    ];
    expect(asked(labs)).toMatchObject({
      value: 2,
      evidence: [{}, { reference: 'Observation/creatinine-30' }],
    });
  });
  it('of one creatinine alone is missing; of a low one it is known to be low', () => {
    expect(asked([creatinine])).toMatchObject({
      state: 'missing',
      cause: 'absent',
      missing: 'akiStage within P90D (one creatinine alone gives no stage)',
      evidence: [{ reference: 'Observation/creatinine-1' }],
    });
    expect(asked([labOf('creatinine', 0.7, 1)])).toMatchObject({
      state: 'known',
      value: 0,
      range: { low: 0, high: 1 },
    });
  });
  describe('under 18', () => {
    const child = patient('2018-01-31');
    /** Up by 0.3 mg/dL in a day. */
    const risen = (value: number) => [labOf('creatinine', value, 1), labOf('creatinine', value - 0.3, 20)];
    const steady = (value: number) => [labOf('creatinine', value, 1), labOf('creatinine', value, 20)];
    it('with a height is stage 3 where eGFR fell below 35, and none where it is low and steady', () => {
      const value = (0.413 * 100) / 34;
      const height = labOf('body-height', 100);
      expect(bedsideSchwartz({ heightCm: 100, creatinineMgdl: value, ageYears: 8 })).toBeCloseTo(34, 9);
      expect(asked([...risen(value), height], child)).toMatchObject({ value: 3 });
      expect(asked([...risen(1), height], child)).toMatchObject({ value: 1 });
      expect(asked([...risen(1), height], child)).not.toHaveProperty('range');
      expect(asked([...steady(value), height], child)).toMatchObject({ value: 0 });
    });
    it('without a height of the last 90 days leaves stage 3 of an injury open', () => {
      for (const heights of [[], [labOf('body-height', 100, 91 * 24)]]) {
        expect(asked([...risen(1), ...heights], child)).toMatchObject({
          value: 1,
          range: { low: 1, high: 3 },
        });
      }
    });
    it('needs an age that is surely under 18', () => {
      expect(asked([...risen(1), labOf('body-height', 50)], patient('2008'))).toMatchObject({
        range: { low: 1, high: 3 },
      });
    });
    it('one creatinine alone shows no fall: no stage, though the eGFR is below 35', () => {
      expect(asked([labOf('creatinine', 1), labOf('body-height', 50)], child)).toMatchObject({
        state: 'missing',
        missing: 'akiStage within P90D (one creatinine alone gives no stage)',
      });
    });
    it('ends at the 18th birthday', () => {
      const height = labOf('body-height', 50);
      expect(asked([...risen(1), height], patient('2008-02-01'))).toMatchObject({ value: 3 });
      expect(asked([...risen(1), height], patient('2008-01-31'))).toMatchObject({ value: 1 });
    });
  });
});
