import { describe, expect, it } from 'vitest';
import { ask, at, conditionOf, day } from '../../support/charts.ts';

const born = (birthDate: string | null, sex: 'male' | 'female' | null = 'female') => ({
  patient: { reference: 'Patient/1', sex, birthDate },
});
const yes = (id: string, name: string, time: string | null = null) => ({
  reference: `Condition/${id}`,
  received: `c-${id}`,
  name,
  used: name,
  time,
});
const no = { state: 'known', value: false, evidence: [] };

describe('age and sex', () => {
  it('are the patient’s, with the unit', () => {
    expect(ask('age', { unit: 'year' }, born('1966-01-31'))).toEqual({
      state: 'known',
      value: 60,
      unit: 'year',
      evidence: [{ reference: 'Patient/1', used: '60 years', time: null }],
    });
    expect(ask('age', { unit: 'day' }, born('2026-01-01'))).toMatchObject({
      evidence: [{ used: '29 to 30 days' }],
    });
    expect(ask('sex', {}, born('1966-01-31', 'male'))).toEqual({
      state: 'known',
      value: 'male',
      evidence: [{ reference: 'Patient/1', used: 'male', time: null }],
    });
  });
  it('of a year alone are a range', () => {
    expect(ask('age', { unit: 'year' }, born('1966'))).toMatchObject({
      value: 59,
      range: { low: 59, high: 60 },
      evidence: [{ used: '59 to 60 years' }],
    });
  });
  it('of a Patient without an id are of `Patient`', () => {
    const patient = { reference: null, sex: 'male' as const, birthDate: '1966-01-31' };
    expect(ask('age', { unit: 'year' }, { patient }).evidence[0]?.reference).toBe('Patient');
    expect(ask('sex', {}, { patient }).evidence[0]?.reference).toBe('Patient');
  });
  it('that are not known are missing', () => {
    expect(ask('age', { unit: 'year' }, born(null))).toEqual({
      state: 'missing',
      cause: 'absent',
      missing: 'birth date',
      evidence: [],
    });
    expect(ask('age', { unit: 'day' }, born('2026-02-01'))).toMatchObject({ missing: 'birth date' });
    expect(ask('sex', {}, born('1966', null))).toEqual({
      state: 'missing',
      cause: 'absent',
      missing: 'sex (male or female)',
      evidence: [],
    });
  });
});

describe('condition', () => {
  const dialysis = { groups: ['dialysis', 'asthma'], status: 'active' };
  it('is evidence with its codes, its name and since when', () => {
    const codes = [
      { system: 's', code: 'a' },
      { system: 's', code: 'b' },
    ];
    expect(ask('condition', dialysis, { conditions: [conditionOf('1', ['asthma'], 30, { codes })] })).toEqual(
      {
        state: 'known',
        value: true,
        evidence: [{ ...yes('1', 'asthma', '2026-01-01'), received: 'a, b' }],
      },
    );
  });
  it('that is not confirmed says so, and is a doubt where it must be', () => {
    const conditions = [
      conditionOf('1', ['dialysis'], null, { confirmed: false }),
      conditionOf('2', ['asthma'], null, { confirmed: false }),
    ];
    expect(ask('condition', dialysis, { conditions })).toMatchObject({
      value: true,
      evidence: [{ note: 'not confirmed' }],
    });
    expect(ask('condition', { ...dialysis, confirmed: true }, { conditions })).toEqual({
      state: 'missing',
      cause: 'unresolved',
      missing: 'condition dialysis or asthma (asthma, Condition/2; dialysis, Condition/1 leaves it open)',
      evidence: [
        { ...yes('2', 'asthma'), note: 'not confirmed' },
        { ...yes('1', 'dialysis'), note: 'not confirmed' },
      ],
    });
  });
  it('that is over counts only as ever', () => {
    const conditions = [conditionOf('1', ['dialysis'], null, { status: 'inactive' })];
    expect(ask('condition', dialysis, { conditions })).toEqual(no);
    expect(ask('condition', { ...dialysis, status: 'ever' }, { conditions })).toMatchObject({ value: true });
  });
  it('is unknown where no conditions came', () => {
    expect(ask('condition', dialysis, { completeness: { conditions: 'absent' } })).toMatchObject({
      missing: 'condition dialysis or asthma (no conditions came)',
    });
  });
});

describe('pregnancy', () => {
  const asked = (...conditions: ReturnType<typeof conditionOf>[]) => ask('pregnancy', {}, { conditions });
  const since = (id: string, groups: string[], daysAgo: number | null) => conditionOf(id, groups, daysAgo);
  it('is one noted at most 300 days ago, the newest', () => {
    expect(asked(since('1', ['pregnancy'], 300))).toMatchObject({
      value: true,
      evidence: [{ reference: 'Condition/1', name: 'pregnancy' }],
    });
    expect(asked(since('1', ['pregnancy'], 301))).toEqual(no);
    expect(
      asked(since('1', ['pregnancy'], 200), since('2', ['pregnancy'], 100), since('3', ['pregnancy'], 150)),
    ).toMatchObject({
      evidence: [{ reference: 'Condition/2' }],
    });
    // Of two of one day it is the first.
    expect(asked(since('1', ['pregnancy'], 200), since('2', ['pregnancy'], 200)).evidence[0]?.reference).toBe(
      'Condition/1',
    );
  });
  it('is over once a newer entry says so, and not before', () => {
    expect(asked(since('1', ['pregnancy'], 200), since('2', ['not-pregnant'], 100))).toMatchObject({
      value: false,
      evidence: [{ reference: 'Condition/2', used: 'not-pregnant' }],
    });
    expect(asked(since('1', ['pregnancy'], 100), since('2', ['not-pregnant'], 200))).toMatchObject({
      value: true,
    });
    expect(asked(since('1', ['pregnancy'], 100), since('2', ['not-pregnant'], 100))).toMatchObject({
      value: true,
    });
    expect(asked(since('1', ['pregnancy'], null), since('2', ['not-pregnant'], 400))).toMatchObject({
      state: 'missing',
    });
  });
  it('without a date that decides it is unknown', () => {
    expect(asked(since('1', ['pregnancy'], null))).toMatchObject({
      state: 'missing',
      cause: 'unresolved',
      missing: 'pregnancy (Condition/1 has no date that decides it)',
      evidence: [{ reference: 'Condition/1', name: 'pregnancy' }],
    });
    const cut = at - 300 * day;
    const straddling = (to: number) =>
      asked(conditionOf('1', ['pregnancy'], null, { onset: { from: cut - 1, to } }));
    expect(straddling(cut)).toMatchObject({ state: 'missing' });
    expect(straddling(cut - 1)).toEqual(no);
  });
  it('is none of a man, of one that is over, or of nothing', () => {
    expect(
      ask('pregnancy', {}, { ...born('1990', 'male'), conditions: [since('1', ['pregnancy'], 10)] }),
    ).toEqual(no);
    expect(asked(conditionOf('1', ['pregnancy'], 10, { status: 'inactive' }))).toEqual(no);
    expect(asked(since('1', ['asthma'], 10))).toEqual(no);
    expect(ask('pregnancy', {}, { completeness: { conditions: 'absent' } })).toMatchObject({
      missing: 'pregnancy (no conditions came)',
    });
  });
});

describe('encounter', () => {
  const encounter = { reference: 'Encounter/1', class: 'inpatient' as const, start: '2026-01-30' };
  it('is its class', () => {
    expect(ask('encounter', {}, { encounter })).toEqual({
      state: 'known',
      value: 'inpatient',
      evidence: [{ reference: 'Encounter/1', used: 'inpatient', time: '2026-01-30' }],
    });
    expect(
      ask('encounter', {}, { encounter: { ...encounter, reference: null } }).evidence[0]?.reference,
    ).toBe('Encounter');
  });
  it('without a class, or that did not come, is unknown; none is none', () => {
    expect(ask('encounter', {}, { encounter: { ...encounter, class: null } })).toEqual({
      state: 'missing',
      cause: 'absent',
      missing: 'encounter class',
      evidence: [],
    });
    expect(ask('encounter', {}, { completeness: { encounter: 'absent' } })).toMatchObject({
      missing: 'encounter class (no encounter came)',
    });
    expect(ask('encounter', {})).toEqual({ state: 'known', value: 'none', evidence: [] });
  });
});

describe('notice and checkNotMade', () => {
  it('are what was noted, where no resource is meant of the request', () => {
    const notices = [
      { code: 'unit-missing', reference: 'Observation/1', message: 'one' },
      { code: 'unit-missing', reference: null, message: 'two' },
      { code: 'drug-unresolved', reference: null, message: 'three' },
    ] as const;
    expect(ask('notice', { codes: ['unit-missing'] }, {}, notices)).toEqual({
      state: 'known',
      value: true,
      evidence: [
        { reference: 'Observation/1', used: 'one', time: null },
        { reference: '(request)', used: 'two', time: null },
      ],
    });
    expect(ask('notice', { codes: ['value-preliminary'] }, {}, notices)).toEqual(no);
    expect(ask('checkNotMade', {})).toEqual(no);
  });

  it.each(['absent', 'partial'] as const)('of results that are %s is not known to be none', (labs) => {
    const given = { completeness: { labs } };
    const codes = ['egfr-recomputed'];
    expect(ask('notice', { codes }, given)).toMatchObject({ state: 'missing', category: 'labs' });
    const notices = [{ code: 'egfr-recomputed', reference: 'Observation/1', message: 'not used' }] as const;
    expect(ask('notice', { codes }, given, notices)).toMatchObject({ value: true });
    expect(ask('notice', { codes: ['lab-conflict'] }, given)).toMatchObject({ value: false });
  });
});
