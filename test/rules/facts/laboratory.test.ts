import { describe, expect, it } from 'vitest';
import { wordEvidence } from '../../../rules/cards/wording.ts';
import type { Chart, Lab } from '../../../rules/chart/types.ts';
import { labEvidence } from '../../../rules/facts/results.ts';
import type { LabTest } from '../../../rules/terminology/labs.ts';
import { ask, at, day, labOf } from '../../support/charts.ts';

const magnesium = { test: 'magnesium', unit: 'mg/dL', within: 'P3D' };
const used = (value: number, hoursAgo: number, time: string) => ({
  reference: `Observation/magnesium-${hoursAgo}`,
  name: 'Mg',
  received: `${value} mg/dL`,
  used: `${value} mg/dL`,
  time,
});
const noLabs = { completeness: { labs: 'absent' } } as const;

const evidenceOf = (...asked: Parameters<typeof labEvidence>) => wordEvidence(labEvidence(...asked));

describe('the evidence of a result', () => {
  it('is what came and what was used, in the unit asked for', () => {
    expect(evidenceOf(labOf('magnesium', 1.5), 'mmol/L')).toEqual({
      ...used(1.5, 1, '2026-01-31T11:00'),
      used: '0.62 mmol/L',
    });
    expect(evidenceOf(labOf('magnesium', 0.5, 1, { comparator: '<', why: 'a reason' }))).toEqual({
      ...used(0.5, 1, '2026-01-31T11:00'),
      received: '< 0.5 mg/dL',
      used: '< 0.5 mg/dL',
      note: 'a reason',
    });
  });
  it('has two decimals, whatever a summary shows of the test', () => {
    expect(evidenceOf(labOf('egfr', 14.567)).used).toBe('14.57 mL/min/{1.73_m2}');
    expect(evidenceOf(labOf('albumin', 3.456)).used).toBe('3.46 g/dL');
    expect(evidenceOf(labOf('egfr', 15)).used).toBe('15 mL/min/{1.73_m2}');
  });
  it('of a result without a unit or a value says that it was not used', () => {
    expect(
      evidenceOf(labOf('magnesium', 1.5, 1, { statedUnit: null, received: { value: 1.5, unit: null } })),
    ).toMatchObject({
      received: '1.5',
      used: 'not used',
    });
    expect(
      evidenceOf(labOf('magnesium', 1.5, 1, { received: { value: null, unit: 'mg/dL' } })),
    ).toMatchObject({ used: 'not used' });
  });
});

describe('lab', () => {
  it('is the newest inside the window, in the unit asked for', () => {
    expect(
      ask('lab', magnesium, { labs: [labOf('magnesium', 1.9, 30), labOf('magnesium', 1.5, 2)] }),
    ).toEqual({
      state: 'known',
      value: 1.5,
      unit: 'mg/dL',
      evidence: [used(1.5, 2, '2026-01-31T10:00')],
    });
  });
  it('carries the lower limit of the laboratory in that unit, or else that of the rule', () => {
    const asked = (lowerLimit?: number) =>
      ask(
        'lab',
        { ...magnesium, unit: 'mmol/L', lowerLimit: 0.7 },
        { labs: [labOf('magnesium', 1.5, 2, lowerLimit === undefined ? {} : { lowerLimit })] },
      );
    expect(asked()).toMatchObject({ lowerLimit: 0.7 });
    expect(asked(1.8)).toMatchObject({ lowerLimit: expect.closeTo(0.74, 2) });
    expect(
      ask('lab', magnesium, { labs: [labOf('magnesium', 1.5, 2, { lowerLimit: 1.8 })] }),
    ).not.toHaveProperty('lowerLimit');
  });
  it('that is too old, or has no date, is stale and says which', () => {
    expect(ask('lab', magnesium, { labs: [labOf('magnesium', 1.5, 73)] })).toEqual({
      state: 'stale',
      cause: 'absent',
      missing: 'lab magnesium within P3D (the latest usable one is of 2026-01-28T11:00)',
      evidence: [used(1.5, 73, '2026-01-28T11:00')],
    });
    const undated = labOf('magnesium', 1.5, 1, { time: null, span: null, used: false });
    expect(ask('lab', magnesium, { labs: [undated] })).toMatchObject({
      state: 'stale',
      missing: 'lab magnesium within P3D (the latest usable one has no date)',
    });
  });
  it('that came unusable is missing, each with its reason', () => {
    const unusable = (hoursAgo: number, why: string | null) =>
      labOf('magnesium', 1, hoursAgo, { used: false, value: null, why });
    expect(
      ask('lab', magnesium, { labs: [unusable(1, 'no unit'), unusable(2, 'cancelled'), unusable(3, null)] }),
    ).toEqual({
      state: 'missing',
      cause: 'unresolved',
      missing:
        'lab magnesium within P3D (Observation/magnesium-1: no unit; Observation/magnesium-2: cancelled)',
      evidence: [
        { reference: 'Observation/magnesium-1', used: 'not used', time: '2026-01-31T11:00', note: 'no unit' },
        {
          reference: 'Observation/magnesium-2',
          used: 'not used',
          time: '2026-01-31T10:00',
          note: 'cancelled',
        },
      ],
    });
  });
  it('that is not there is missing; where no laboratory data came, for that reason, unless it was asked for', () => {
    const absent = { state: 'missing', cause: 'absent', missing: 'lab magnesium within P3D', evidence: [] };
    expect(ask('lab', magnesium)).toEqual(absent);
    expect(ask('lab', magnesium, { ...noLabs, testsAsked: ['magnesium'] })).toEqual(absent);
    expect(ask('lab', magnesium, { ...noLabs, testsAsked: ['potassium'] })).toEqual({
      state: 'missing',
      cause: 'category',
      category: 'labs',
      missing: 'lab magnesium within P3D (no laboratory data came)',
      evidence: [],
    });
    // A weight is no laboratory result.
    expect(ask('lab', { test: 'body-weight', unit: 'kg', within: 'P3D' }, noLabs)).toMatchObject({
      cause: 'absent',
    });
  });
  it('in a unit it cannot be expressed in is missing', () => {
    expect(ask('lab', { ...magnesium, unit: 'kg' }, { labs: [labOf('magnesium', 1.5)] })).toEqual({
      state: 'missing',
      cause: 'unresolved',
      missing: 'lab magnesium within P3D in kg',
      evidence: [],
    });
  });
});

describe('corrected calcium', () => {
  const params = { test: 'calcium-corrected', unit: 'mg/dL', within: 'P3D' };
  const calcium = labOf('calcium-total', 8);
  it('is computed from calcium and albumin, and names both', () => {
    expect(ask('lab', params, { labs: [calcium, labOf('albumin', 3)] })).toMatchObject({
      state: 'known',
      value: 8.8,
      unit: 'mg/dL',
      evidence: [
        { reference: 'Observation/calcium-total-1', note: 'corrected for albumin (Payne 1973)' },
        { reference: 'Observation/albumin-1' },
      ],
    });
  });
  it.each([
    ['albumin', [calcium], 'lab calcium-corrected within P3D: needs albumin'],
    ['calcium', [labOf('albumin', 3)], 'lab calcium-corrected within P3D'],
    [
      'a calcium that is a point',
      [labOf('calcium-total', 8, 1, { comparator: '<' }), labOf('albumin', 3)],
      'lab calcium-corrected within P3D',
    ],
    [
      'an albumin that is a point',
      [calcium, labOf('albumin', 3, 1, { comparator: '<' })],
      'lab calcium-corrected within P3D',
    ],
  ])('without %s is missing', (_name, labs, missing) => {
    expect(ask('lab', params, { labs })).toEqual({
      state: 'missing',
      cause: 'absent',
      missing,
      evidence: [],
    });
  });
  it('in a unit it cannot be expressed in, or without either, is missing', () => {
    const missing = {
      state: 'missing',
      cause: 'absent',
      missing: 'lab calcium-corrected within P3D',
      evidence: [],
    };
    expect(ask('lab', { ...params, unit: 'kg' }, { labs: [calcium, labOf('albumin', 3)] })).toEqual(missing);
    expect(ask('lab', params)).toEqual(missing);
  });
  it('answers for no other test', () =>
    expect(
      ask('lab', { ...params, test: 'calcium-ionized' }, { labs: [calcium, labOf('albumin', 3)] }),
    ).toMatchObject({ state: 'missing' }));
  it('that the laboratory reports is used as it is', () => {
    expect(
      ask('lab', params, { labs: [labOf('calcium-corrected', 9.5), calcium, labOf('albumin', 3)] }),
    ).toMatchObject({ value: 9.5 });
  });
});

describe('hasLab', () => {
  const params = { tests: ['magnesium', 'potassium'], within: 'P3D' };
  const no = { state: 'known', value: false, evidence: [] };
  it('is true with the first that is there', () => {
    expect(ask('hasLab', params, { labs: [labOf('potassium', 4)] })).toMatchObject({
      state: 'known',
      value: true,
      evidence: [{ reference: 'Observation/potassium-1' }],
    });
  });
  it('is false where there is none, or only an old one', () => {
    expect(ask('hasLab', params)).toEqual(no);
    expect(ask('hasLab', params, { labs: [labOf('magnesium', 1, 73)] })).toEqual(no);
  });
  it('is false with every unusable one as evidence', () => {
    const labs = [
      labOf('magnesium', 1, 1, { used: false, value: null, why: 'no unit' }),
      labOf('potassium', 1, 2, { used: false, value: null, why: 'no unit' }),
    ];
    expect(ask('hasLab', params, { labs })).toMatchObject({
      value: false,
      evidence: [{ reference: 'Observation/magnesium-1' }, { reference: 'Observation/potassium-2' }],
    });
  });
  it('is unknown where a result may or may not lie inside, to the millisecond', () => {
    const start = at - 3 * day;
    const straddling = (to: number) =>
      labOf('magnesium', 1, 1, { span: { from: start - day, to }, time: '2026-01' });
    expect(ask('hasLab', params, { labs: [straddling(start)] })).toMatchObject({
      state: 'missing',
      cause: 'unresolved',
      missing:
        'lab magnesium or potassium within P3D (Observation/magnesium-1 is dated 2026-01, which may be inside)',
      evidence: [{ reference: 'Observation/magnesium-1' }],
    });
    expect(ask('hasLab', params, { labs: [straddling(start - 1)] })).toEqual(no);
    expect(
      ask('hasLab', params, { labs: [labOf('magnesium', 1, 1, { span: null, time: null, used: false })] }),
    ).toEqual(no);
  });
  it('is unknown where no laboratory data came, unless all the tests were asked for', () => {
    expect(ask('hasLab', params, noLabs)).toMatchObject({
      missing: 'lab magnesium or potassium within P3D (no laboratory data came)',
    });
    expect(ask('hasLab', params, { ...noLabs, testsAsked: ['magnesium'] })).toMatchObject({
      state: 'missing',
    });
    expect(ask('hasLab', params, { ...noLabs, testsAsked: ['magnesium', 'potassium'] })).toEqual(no);
  });
});

describe('hasLab since admission', () => {
  const asked = (encounter: Chart['encounter']) =>
    ask(
      'hasLab',
      { tests: ['magnesium'], within: 'admission' },
      { encounter, labs: [labOf('magnesium', 2, 5)] },
    );
  const stay = (start: string | null, kind: 'inpatient' | 'ambulatory' | null = 'inpatient') => ({
    reference: 'Encounter/1',
    class: kind,
    start,
  });
  it('counts from its first moment', () => {
    expect(asked(stay('2026-01-31T07:00:00Z'))).toMatchObject({ state: 'known', value: true });
    expect(asked(stay('2026-01-31T07:00:01Z'))).toMatchObject({ state: 'known', value: false });
  });
  it.each([
    ['no encounter', null, 'not-applicable', 'no stay in hospital'],
    [
      'an encounter of no class',
      stay('2026-01-31', null),
      'absent',
      'the class of the encounter is not known',
    ],
    ['a visit', stay('2026-01-31', 'ambulatory'), 'not-applicable', 'no inpatient'],
    ['a stay without a beginning', stay(null), 'absent', 'the encounter has no start'],
  ])('of %s is missing', (_name, encounter, cause, why) => {
    expect(asked(encounter)).toEqual({
      state: 'missing',
      cause,
      missing: `lab magnesium since admission (${why})`,
      evidence: [],
    });
  });
});

describe('labNewer', () => {
  const params = { test: 'calcium-ionized', than: 'calcium-total', within: 'P3D', orOlderBy: 'PT2H' };
  const asked = (labs: Lab[], more = {}) => ask('labNewer', { ...params, ...more }, { labs });
  const better = labOf('calcium-ionized', 1.2, 10);
  const wide = (test: LabTest, from: number, to: number) =>
    labOf(test, 1.2, 1, { reference: `Observation/${test}`, time: '2026-01-31', span: { from, to } });
  it.each([
    ['newer', 12],
    ['older by no more than allowed', 8],
  ])('is true of one that is %s, with both', (_name, hoursAgo) =>
    expect(asked([better, labOf('calcium-total', 8, hoursAgo)])).toMatchObject({
      state: 'known',
      value: true,
      evidence: [
        { reference: 'Observation/calcium-ionized-10' },
        { reference: `Observation/calcium-total-${hoursAgo}` },
      ],
    }),
  );
  it('is true without the other, whatever else came', () => {
    const alone = asked([better, labOf('calcium-total', 8, 1)], { than: 'potassium' });
    expect(alone).toMatchObject({ state: 'known', value: true });
    expect(alone.evidence.map(({ reference }) => reference)).toEqual(['Observation/calcium-ionized-10']);
  });
  it('goes by the total calcium where a corrected one is computed from it', () =>
    expect(asked([better, labOf('calcium-total', 8, 1)], { than: 'calcium-corrected' })).toMatchObject({
      state: 'known',
      value: false,
    }));
  it('is false of one that is older by more, without evidence', () =>
    expect(asked([better, labOf('calcium-total', 8, 7)])).toEqual({
      state: 'known',
      value: false,
      evidence: [],
    }));
  it('is unknown where the times overlap, to the millisecond', () => {
    const limit = at - 10 * 3_600_000;
    const other = wide('calcium-total', limit + 7_200_000, limit + 2 * 7_200_000);
    expect(asked([wide('calcium-ionized', limit - 1000, limit), other])).toMatchObject({
      state: 'missing',
      cause: 'unresolved',
      missing:
        'lab calcium-ionized newer than calcium-total, or older by PT2H at most, within P3D (Observation/calcium-ionized of 2026-01-31 and Observation/calcium-total of 2026-01-31)',
      evidence: [{ reference: 'Observation/calcium-ionized' }, { reference: 'Observation/calcium-total' }],
    });
    expect(asked([wide('calcium-ionized', limit - 1000, limit - 1), other])).toMatchObject({ value: false });
  });
});

describe('labTrend', () => {
  const trend = (change: string) => ({ ...magnesium, span: 'P2D', change });
  const labs = [labOf('magnesium', 2, 1), labOf('magnesium', 1, 25), labOf('magnesium', 1.6, 40)];
  it.each([
    ['rise', 1, 'mg/dL', 25],
    ['fall', -0.4, 'mg/dL', 40],
    ['ratio', 2, '1', 25],
  ])('%s is %d, with both results', (change, value, unit, other) => {
    const fact = ask('labTrend', trend(change), { labs });
    expect(fact).toMatchObject({ state: 'known', value, unit });
    expect(fact.evidence.map(({ reference }) => reference)).toEqual([
      'Observation/magnesium-1',
      `Observation/magnesium-${other}`,
    ]);
  });
  it('looks back by its span, to the millisecond', () => {
    expect(
      ask('labTrend', trend('rise'), { labs: [labOf('magnesium', 2, 1), labOf('magnesium', 1, 49)] }),
    ).toMatchObject({ value: 1 });
    expect(
      ask('labTrend', trend('rise'), { labs: [labOf('magnesium', 2, 1), labOf('magnesium', 1, 50)] }),
    ).toMatchObject({ state: 'missing' });
  });
  it.each([
    ['one result', [labOf('magnesium', 2, 1)]],
    [
      'a newest one that is one-sided',
      [labOf('magnesium', 2, 1, { comparator: '>' }), labOf('magnesium', 1, 25)],
    ],
    [
      'an earlier one that is one-sided',
      [labOf('magnesium', 2, 1), labOf('magnesium', 1, 25, { comparator: '<' })],
    ],
    [
      'an earlier one without a unit',
      [labOf('magnesium', 2, 1), labOf('magnesium', 1, 25, { statedUnit: null })],
    ],
  ])('with %s is missing', (_name, given) => {
    expect(ask('labTrend', trend('rise'), { labs: given })).toMatchObject({
      state: 'missing',
      cause: 'absent',
      missing: 'lab magnesium rise in P2D within P3D (needs an earlier result)',
      evidence: [{ reference: 'Observation/magnesium-1' }],
    });
  });
  it('without a newest one says so', () => {
    expect(ask('labTrend', trend('rise'))).toMatchObject({ missing: 'lab magnesium rise in P2D within P3D' });
  });
});

describe('hasEarlierLab', () => {
  const params = { test: 'qtc', within: 'P30D', span: 'P365D' };
  const qtc = (daysAgo: number) => labOf('qtc', 440, daysAgo * 24);

  it('holds where another result lies inside the span before the latest', () => {
    expect(ask('hasEarlierLab', params, { labs: [qtc(1), qtc(366)] })).toMatchObject({ value: true });
    expect(ask('hasEarlierLab', params, { labs: [qtc(1), qtc(367)] })).toMatchObject({ value: false });
    expect(ask('hasEarlierLab', params, { labs: [qtc(1)] })).toMatchObject({ value: false });
  });
  it('is unknown without a latest result, and where none came', () => {
    expect(ask('hasEarlierLab', params, { labs: [qtc(31), qtc(60)] }).state).toBe('stale');
    expect(ask('hasEarlierLab', params, { labs: [qtc(1)], ...noLabs }).state).toBe('missing');
  });
});
