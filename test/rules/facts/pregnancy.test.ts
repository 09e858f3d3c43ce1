import { describe, expect, it } from 'vitest';
import { startOfPregnancy } from '../../../rules/chart/pregnancy.ts';
import type { Dating, Lab } from '../../../rules/chart/types.ts';
import { ask, at, conditionOf, day, labOf } from '../../support/charts.ts';

const ago = (days: number) => ({ from: at - days * day, to: at - days * day });
/** A due date so many days from now, stated a week ago. */
const due = (days: number, more: Partial<Dating> = {}): Dating => ({
  reference: 'Observation/due',
  by: 'delivery-date',
  stated: '2026-06-01',
  start: startOfPregnancy(ago(-days), 280, 280),
  time: '2026-01-24',
  span: ago(7),
  why: null,
  ...more,
});
const gestationalAge = (days: number, hoursAgo: number, more: Partial<Lab> = {}): Lab =>
  labOf('gestational-age', days, hoursAgo, more);
const pregnant = conditionOf('p', ['pregnancy'], 60);
const noLabs = { completeness: { labs: 'absent' } } as const;
const woman = (birthDate: string) => ({ reference: 'Patient/1', sex: 'female' as const, birthDate });

describe('pregnancy', () => {
  const notPregnant = (days: number) => conditionOf('n', ['not-pregnant'], days);

  it.each([
    ['the later word counts: pregnant', [notPregnant(60), conditionOf('p', ['pregnancy'], 30)], true],
    ['the later word counts: not pregnant', [notPregnant(30), pregnant], false],
    ['of one time: pregnant', [notPregnant(60), pregnant], true],
    ['noted 300 days ago: pregnant', [conditionOf('p', ['pregnancy'], 300)], true],
    ['noted 301 days ago: over', [conditionOf('p', ['pregnancy'], 301)], false],
    ['not pregnant 301 days ago says nothing of a pregnancy since', [notPregnant(301), pregnant], true],
  ])('%s', (_, conditions, value) =>
    expect(ask('pregnancy', {}, { conditions })).toMatchObject({ state: 'known', value }),
  );

  it.each(['preeclampsia', 'hellp', 'eclampsia'])('is not excluded by %s that is active', (group) => {
    const conditions = [conditionOf('s', [group], 2)];
    expect(ask('pregnancy', {}, { conditions })).toMatchObject({ state: 'missing', cause: 'unresolved' });
    const denied = [...conditions, notPregnant(1)];
    expect(ask('pregnancy', {}, { conditions: denied })).toMatchObject({ state: 'known', value: false });
    const past = [conditionOf('s', [group], 2, { status: 'inactive' })];
    expect(ask('pregnancy', {}, { conditions: past })).toMatchObject({ state: 'known', value: false });
  });

  it('rests on the latest of each', () => {
    const conditions = [10, 50, 30].map((days) => conditionOf(`p${days}`, ['pregnancy'], days));
    expect(ask('pregnancy', {}, { conditions }).evidence).toMatchObject([{ reference: 'Condition/p10' }]);
    const denied = [20, 5, 9].map((days) => conditionOf(`n${days}`, ['not-pregnant'], days));
    expect(ask('pregnancy', {}, { conditions: denied })).toMatchObject({
      value: false,
      evidence: [{ reference: 'Condition/n5' }],
    });
    // Pregnant again, after a word that there is none.
    const again = [...denied, conditionOf('p7', ['pregnancy'], 7), conditionOf('p3', ['pregnancy'], 3)];
    expect(ask('pregnancy', {}, { conditions: again })).toMatchObject({
      value: true,
      evidence: [{ reference: 'Condition/p3' }],
    });
  });

  it.each([
    ['no date', conditionOf('p', ['pregnancy'])],
    [
      'the year alone',
      conditionOf('p', ['pregnancy'], 0, { onset: { from: at - 400 * day, to: at - 300 * day } }),
    ],
  ])('with %s is open', (_, condition) =>
    expect(ask('pregnancy', {}, { conditions: [condition] })).toMatchObject({
      state: 'missing',
      cause: 'unresolved',
      missing: 'pregnancy (Condition/p has no date that decides it)',
      evidence: [{ reference: 'Condition/p' }],
    }),
  );

  it('that only a due date speaks of is open', () =>
    expect(ask('pregnancy', {}, { datings: [due(100)] })).toMatchObject({
      state: 'missing',
      cause: 'unresolved',
      missing: 'pregnancy (Observation/due dates one that is not documented)',
      evidence: [{ reference: 'Observation/due', name: 'estimated delivery date' }],
    }));

  it.each([
    ['the day before', ago(8), 'missing'],
    ['at the same time', ago(7), 'missing'],
    ['the day after', ago(6), 'known'],
  ])('not pregnant %s a due date: %s', (_, onset, state) =>
    expect(
      ask(
        'pregnancy',
        {},
        { conditions: [conditionOf('n', ['not-pregnant'], 0, { onset })], datings: [due(100)] },
      ),
    ).toMatchObject({ state }),
  );

  it('not pregnant does not answer a due date that nobody knows the day of', () =>
    expect(
      ask('pregnancy', {}, { conditions: [notPregnant(1)], datings: [due(100, { span: null, time: null })] }),
    ).toMatchObject({ state: 'missing', cause: 'unresolved' }));

  it.each([
    ['2016-02-01', false],
    ['2016-01-31', 'missing'],
  ])('a gestation on the chart of someone born on %s', (birthDate, expected) => {
    const fact = ask('pregnancy', {}, { patient: woman(birthDate), labs: [gestationalAge(270, 1)] });
    expect(fact.state === 'known' ? fact.value : fact.state).toBe(expected);
  });
});

describe('gestation', () => {
  const asked = (given: Parameters<typeof ask>[2]) =>
    ask('gestation', {}, { conditions: [pregnant], ...given });
  const none = 'gestation (no gestational age, estimated delivery date or ICD-10-CM Z3A)';

  it('is in completed weeks, with its sources as they are where they agree', () => {
    const evidence = [
      {
        reference: 'Observation/gestational-age-1',
        name: 'gestational age',
        received: '170 d',
        used: '170 d',
        time: '2026-01-31T11:00',
      },
      {
        reference: 'Observation/due',
        name: 'estimated delivery date',
        received: '2026-06-01',
        used: '2026-06-01',
        time: '2026-01-24',
        note: 'not final',
      },
    ];
    expect(asked({ labs: [gestationalAge(170, 1)], datings: [due(110, { why: 'not final' })] })).toEqual({
      state: 'known',
      value: 24,
      unit: 'wk',
      evidence,
    });
  });

  it('says of each that the sources differ, after what is known of it', () => {
    const coded = due(100, { by: 'icd-10-cm', stated: 'Z3A.25', reference: 'Condition/z' });
    const fact = asked({ labs: [gestationalAge(140, 1)], datings: [due(110, { why: 'not final' }), coded] });
    expect(fact.evidence.map(({ name, note }) => [name, note])).toEqual([
      ['gestational age', 'the sources differ'],
      ['estimated delivery date', 'not final; the sources differ'],
      ['weeks coded', 'the sources differ'],
    ]);
  });

  it('of exactly 44 weeks is one, and of a day more is of a pregnancy that is over', () => {
    expect(asked({ labs: [gestationalAge(308, 1)] })).toMatchObject({ state: 'known', value: 44 });
    expect(asked({ labs: [gestationalAge(309, 1)] })).toMatchObject({ state: 'missing', cause: 'absent' });
  });

  it('that nothing dates is missing', () => {
    const absent = { state: 'missing', cause: 'absent', missing: none, evidence: [] };
    expect(asked({})).toEqual(absent);
    expect(asked({ ...noLabs, testsAsked: ['gestational-age', 'delivery-date'] })).toEqual(absent);
    for (const testsAsked of [['gestational-age'], ['delivery-date'], []] as const) {
      expect(asked({ ...noLabs, testsAsked: [...testsAsked] })).toMatchObject({
        cause: 'category',
        missing: 'gestation (no laboratory data came)',
      });
    }
    expect(asked({ completeness: { conditions: 'partial' } })).toMatchObject({
      cause: 'incomplete',
      missing: 'gestation (conditions came in part)',
    });
    const undated = gestationalAge(170, 1, { span: null, time: null, used: false });
    expect(asked({ labs: [undated] })).toEqual(absent);
  });

  it('that cannot be used is missing, each with its reason', () => {
    const unusable = (hoursAgo: number, why: string) =>
      gestationalAge(170, hoursAgo, { used: false, value: null, why });
    expect(asked({ labs: [unusable(1, 'no unit'), unusable(2, 'cancelled')] })).toMatchObject({
      state: 'missing',
      cause: 'unresolved',
      missing: 'gestation (Observation/gestational-age-1: no unit; Observation/gestational-age-2: cancelled)',
      evidence: [{ note: 'no unit' }, { note: 'cancelled' }],
    });
  });

  it('without a pregnancy has no meaning', () =>
    expect(ask('gestation', {}, { conditions: [] })).toEqual({
      state: 'missing',
      cause: 'not-applicable',
      missing: 'gestation (not pregnant)',
      evidence: [],
    }));
});
