/** Kidney function where it is doubted, reported beside, or of results that leave it open. Charts by hand. */
import { describe, expect, it } from 'vitest';
import type { ChartCondition, Lab } from '../../../rules/chart/types.ts';
import { createContext } from '../../../rules/facts/context.ts';
import { type Fact, type KnownFact, missing, type Reason } from '../../../rules/facts/fact.ts';
import { type FactName, factOf, type Params } from '../../../rules/facts/facts.ts';
import { creatinineOf } from '../../../rules/facts/kidney.ts';
import { kidneyNeed } from '../../../rules/facts/kidney-needs.ts';
import { at, chartWith, conditionOf, day, labOf } from '../../support/charts.ts';

type Given = Parameters<typeof chartWith>[0];
const hour = 3_600_000;
const ask = (name: FactName, given: Given, within = 'P30D', more: Params = {}): Fact =>
  factOf(name).compute({ within, ...more })(createContext(chartWith(given), at, []));
const word = (name: FactName, given: Given, more: Params = {}): string | null => {
  const fact = ask(name, given, 'P30D', more);
  const round = (value: number, decimals: number) => String(Number(value.toFixed(decimals)));
  return fact.state === 'known'
    ? factOf(name).word(fact, { within: 'P30D' }, round)
    : fact.reasons.map(({ code }) => code).join();
};
const creatinine = (mgdl: number, hoursAgo = 24, more: Partial<Lab> = {}) =>
  labOf('creatinine', mgdl, hoursAgo, more);
const notes = ({ evidence }: Fact): string[] => evidence.flatMap((one) => one.notes.map(({ code }) => code));
const problem = (id: string, group: string, more: Partial<ChartCondition> = {}) =>
  conditionOf(id, [group], 30, more);
const range = (fact: Fact) =>
  fact.state === 'known' ? (fact.range ?? fact.value) : fact.reasons.map(({ code }) => code);

describe('dialysis and the estimates', () => {
  const labs = [creatinine(1), labOf('body-weight', 70)];
  const below15 = { low: 0, high: 15, highOpen: true };
  for (const name of ['egfr', 'creatinineClearance'] as const) {
    const estimate = Number((ask(name, { labs }) as KnownFact).value);
    it.each<[string, ChartCondition[], unknown]>([
      ['none', [], estimate],
      ['on dialysis', [problem('d', 'dialysis')], below15],
      [
        'not confirmed: from nothing to the estimate',
        [problem('d', 'dialysis', { confirmed: false })],
        { low: 0, high: estimate, lowOpen: false },
      ],
      [
        'by words: from nothing to the estimate',
        [problem('d', 'dialysis', { byWords: true })],
        { low: 0, high: estimate, lowOpen: false },
      ],
    ])(`${name}: %s`, (_, conditions, expected) => {
      expect(range(ask(name, { labs, conditions }))).toEqual(expected);
    });

    it(`${name}: not confirmed, and no estimate: it stays open`, () => {
      const fact = ask(name, { conditions: [problem('d', 'dialysis', { confirmed: false })] });
      expect(fact).toMatchObject({
        state: 'missing',
        cause: 'not-applicable',
        reasons: [{ code: 'no-estimate-on-dialysis' }],
      });
      expect(fact.evidence.map(({ reference }) => reference)).toEqual(['Condition/d']);
    });
  }

  it('a doubt is said with the creatinine', () => {
    const fact = ask('egfr', { labs, conditions: [problem('d', 'dialysis', { confirmed: false })] });
    expect(fact.evidence.map(({ reference }) => reference)).toEqual([
      'Observation/creatinine-24',
      'Condition/d',
    ]);
  });

  it('a session is no entry of the problem list', () => {
    const listed = ask('egfr', { conditions: [problem('d', 'dialysis')] });
    const session = ask('egfr', { conditions: [conditionOf('d', ['dialysis'], 2, { procedure: true })] });
    expect([notes(listed), notes(session)]).toEqual([['from-problem-list'], ['from-procedure']]);
  });

  it('of acute kidney injury there is no stage; by words alone there is', () => {
    const conditions = [problem('d', 'dialysis')];
    expect(range(ask('akiStage', { labs, conditions }))).toEqual(['on-dialysis']);
    expect(ask('akiStage', { labs, conditions: [problem('d', 'dialysis', { byWords: true })] }).state).toBe(
      'known',
    );
  });
});

describe('a stage that is coded', () => {
  const stage4 = { conditions: [problem('s', 'ckd-stage-4')] };
  const steep = (mgdl: number) => [creatinine(mgdl / 2, 40), creatinine(mgdl, 1)];
  it.each<[string, Given, unknown]>([
    ['answers where there is no estimate', stage4, { low: 0, high: 30, highOpen: true }],
    ['not where there is one', { ...stage4, labs: [creatinine(1)] }, expect.any(Number)],
    [
      'where the estimate is an upper bound above it',
      { ...stage4, labs: steep(1.6) },
      { low: 0, high: 30, highOpen: true },
    ],
    [
      'not where that bound is lower',
      { ...stage4, labs: steep(4) },
      { low: 0, high: expect.closeTo(12.2, 1) },
    ],
  ])('%s', (_, given, expected) => expect(range(ask('egfr', given))).toEqual(expected));

  it('of clearance not where an eGFR contradicts it', () => {
    const labs = [creatinine(1)];
    expect(range(ask('creatinineClearance', { ...stage4, labs }))).toEqual(['needs']);
    expect(range(ask('creatinineClearance', { ...stage4, labs: [creatinine(3)] }))).toEqual({
      low: 0,
      high: 30,
      highOpen: true,
    });
    expect(range(ask('creatinineClearance', { ...stage4, labs: steep(1.6) }))).toEqual({
      low: 0,
      high: 30,
      highOpen: true,
    });
  });
});

describe('an eGFR reported of the same time', () => {
  const span = (from: number, to: number) => ({ span: { from: at - from * hour, to: at - to * hour } });
  const measured = creatinine(1, 10, span(10, 8));
  const reported = (from: number, to: number, more: Partial<Lab> = {}) =>
    labOf('egfr', 50, to, { ...span(from, to), method: 'MDRD', ...more });
  const named = (lab: Lab): string[] =>
    ask('egfr', { labs: [measured, lab] }).evidence.flatMap(({ name }) =>
      name === 'eGFR reported' ? [name] : [],
    );
  it.each<[string, Lab, boolean]>([
    ['within it', reported(9, 9), true],
    ['of its end', reported(8, 8), true],
    ['of its beginning', reported(11, 10), true],
    ['before it', reported(12, 10.1), false],
  ])('is named: %s', (_, lab, isNamed) => expect(named(lab)).toHaveLength(isNamed ? 1 : 0));

  it('with its equation, once, and is used where it is newer', () => {
    const { evidence } = ask('egfr', { labs: [measured, reported(9, 9), reported(10, 9.5)] });
    expect(evidence.map(({ name }) => name)).toEqual(['creatinine', 'eGFR reported']);
    expect(evidence[1]?.notes).toEqual([{ code: 'reported-beside' }, { code: 'equation', equation: 'MDRD' }]);
    expect(
      notes(ask('egfr', { labs: [measured, { ...reported(9, 9), method: undefined as never }] })),
    ).not.toContain('MDRD');
    expect(range(ask('egfr', { labs: [measured, reported(7, 7)] }))).toBe(50);
  });
});

describe('while creatinine changes', () => {
  const rising = [creatinine(1, 30), creatinine(1.5, 10)];
  const later = (labs: Lab[], days: number) =>
    labs.map((lab) => ({
      ...lab,
      span: lab.span && { from: lab.span.from - days * day, to: lab.span.to - days * day },
    }));
  it('a report of more than a week later does not rest on it', () => {
    const old = later(rising, 20);
    const report = (daysAgo: number) => labOf('egfr', 50, daysAgo * 24 + 10, { method: 'MDRD' });
    expect(range(ask('egfr', { labs: [...old, report(12)] }))).toBe(50);
    expect(range(ask('egfr', { labs: [...old, report(13)] }))).toEqual({ low: 0, high: 50 });
  });

  it('the estimate is the most that it may be', () => {
    const steady = Number((ask('egfr', { labs: [creatinine(1.5)] }) as KnownFact).value);
    const fact = ask('egfr', { labs: rising });
    expect(range(fact)).toEqual({ low: 0, high: steady });
    expect(notes(fact)[0]).toBe('creatinine-trend');
    expect(word('egfr', { labs: rising })).toBe('eGFR at most 39.6 mL/min/1.73 m², creatinine rising');
    expect(word('egfr', { labs: [creatinine(2.5, 30), creatinine(1.5, 10)] })).toBe(
      'eGFR 39.6 mL/min/1.73 m², creatinine falling',
    );
  });

  it('an estimate without an upper end is none', () => {
    const low = { comparator: '<' } as const;
    expect(
      ask('egfr', { labs: [creatinine(1, 30), creatinine(2, 20), creatinine(0.5, 10, low)] }).state,
    ).not.toBe('known');
  });
});

describe('acute kidney injury in words', () => {
  it.each<[string, Lab[], string | null]>([
    ['one that rose', [creatinine(1, 40), creatinine(2.4, 1)], 'AKI stage 2 (Cr 1.0 to 2.4 mg/dL)'],
    [
      'a peak that is over',
      [creatinine(1, 90), creatinine(3, 40), creatinine(1.5, 1)],
      'AKI stage 3 (Cr 1.0 to 3.0, now 1.5 mg/dL)',
    ],
    [
      'a peak of the newest itself',
      [creatinine(1, 90), creatinine(2, 40), creatinine(2, 1)],
      'AKI stage 2 (Cr 1.0 to 2.0 mg/dL)',
    ],
    [
      'none, though one was higher',
      [creatinine(1.3, 90), creatinine(1.2, 1)],
      'AKI stage 0 (Cr 1.3 to 1.2 mg/dL)',
    ],
    [
      'two of one time',
      [
        creatinine(1, 40),
        creatinine(3.4, 1, {
          rival: { value: 3.6, received: { value: 3.6, unit: 'mg/dL' }, statedUnit: 'mg/dL' } as never,
        }),
      ],
      'AKI stage 3 (Cr 1.0 to 3.4 or 3.6 mg/dL)',
    ],
    [
      'of several before, the lowest and the highest',
      [creatinine(1.2, 120), creatinine(1, 90), creatinine(3, 60), creatinine(2, 40), creatinine(1.6, 1)],
      'AKI stage 3 (Cr 1.0 to 3.0, now 1.6 mg/dL)',
    ],
  ])('%s', (_, labs, expected) => expect(word('akiStage', { labs })).toBe(expected));

  it.each<[string, [number, number][], number, number, string]>([
    [
      'back',
      [
        [1, 160],
        [2, 120],
        [0.9, 1],
      ],
      1,
      0,
      'AKI stage 2, recovered (Cr 1.0 to 2.0, now 0.9 mg/dL)',
    ],
    [
      'just below 1.5 times',
      [
        [1, 160],
        [2, 120],
        [1.49, 1],
      ],
      1,
      0,
      'AKI stage 2, recovered (Cr 1.0 to 2.0, now 1.49 mg/dL)',
    ],
    [
      'still 1.5 times',
      [
        [1, 160],
        [2, 120],
        [1.5, 1],
      ],
      2,
      2,
      'AKI stage 2 (Cr 1.0 to 2.0, now 1.5 mg/dL)',
    ],
    [
      'still 1.5 times what came before the week',
      [
        [1, 200],
        [2, 120],
        [1.5, 1],
      ],
      2,
      2,
      'AKI stage 2 (Cr 2.0, now 1.5 mg/dL; baseline 1.0 mg/dL of 2026-01-23)',
    ],
    [
      'risen by 0.3 in 48 hours',
      [
        [1, 47],
        [2, 30],
        [1.3, 1],
      ],
      2,
      2,
      'AKI stage 2 (Cr 1.0 to 2.0, now 1.3 mg/dL)',
    ],
    [
      'none at all',
      [
        [1, 47],
        [1, 1],
      ],
      0,
      0,
      'AKI stage 0 (Cr 1.0 to 1.0 mg/dL)',
    ],
  ])('of an injury that is %s', (_, values, stage1, none, worded) => {
    const labs = values.map(([value, hoursAgo]) => creatinine(value, hoursAgo));
    expect(ask('akiStage', { labs }, 'P30D', { recovered: 'stage-1' })).toMatchObject({ value: stage1 });
    expect(ask('akiStage', { labs }, 'P30D', { recovered: 'none' })).toMatchObject({ value: none });
    expect(word('akiStage', { labs }, { recovered: 'stage-1' })).toBe(worded);
  });

  it('the evidence names each of them', () => {
    const fact = ask('akiStage', { labs: [creatinine(1, 90), creatinine(3, 40), creatinine(1.5, 1)] });
    expect(notes(fact)).toEqual(['aki', 'lowest-of-7-days', 'highest-of-7-days']);
    expect(notes(ask('akiStage', { labs: [creatinine(1.3, 90), creatinine(1.2, 1)] }))).toEqual([
      'aki',
      'lowest-of-7-days',
    ]);
  });
});

it.each<[string, Partial<Lab>, ReturnType<typeof creatinineOf>]>([
  ['mg/dL', {}, { mgdl: 1, at }],
  [
    'umol/L',
    { received: { value: 88.4, unit: 'umol/L' }, statedUnit: 'umol/L' },
    { mgdl: 1, umol: 88.4, at },
  ],
  [
    'mmol/L',
    { received: { value: 0.0884, unit: 'mmol/L' }, statedUnit: 'mmol/L' },
    { mgdl: 1, umol: 88.4, at },
  ],
  [
    'a range',
    { rival: { value: 2, received: { value: 2, unit: 'mg/dL' }, statedUnit: 'mg/dL' } as never },
    { mgdl: 1, at, highest: { mgdl: 2 } },
  ],
  [
    'a range in umol/L',
    { rival: { value: 2, received: { value: 176.8, unit: 'umol/L' }, statedUnit: 'umol/L' } as never },
    { mgdl: 1, at, highest: { mgdl: 2, umol: 176.8 } },
  ],
  ['one-sided', { comparator: '<' }, null],
  [
    'one-sided at its other end',
    {
      rival: {
        value: 2,
        comparator: '>',
        received: { value: 2, unit: 'mg/dL' },
        statedUnit: 'mg/dL',
      } as never,
    },
    null,
  ],
  ['no value', { value: null }, null],
  ['no date', { span: null }, null],
  ['of a day', { span: { from: at - day + 1, to: at } }, { mgdl: 1, at }],
  ['of more than a day', { span: { from: at - day, to: at } }, null],
  [
    'of a time that overlaps',
    { overlaps: true, span: { from: at - hour, to: at } },
    { mgdl: 1, at, from: at - hour },
  ],
  [
    'that surely began later',
    { overlaps: true, since: at - 5, span: { from: at - hour, to: at } } as never,
    { mgdl: 1, at, from: at - 5 },
  ],
])('a creatinine for the equations: %s', (_, more, expected) => {
  expect(creatinineOf(labOf('creatinine', 1, 0, more))).toEqual(expected);
});

describe('what it waits for', () => {
  const open = (cause: Parameters<typeof missing>[0], ...reasons: Reason[]) => missing(cause, reasons);
  const byCode = ask('egfr', { conditions: [problem('s', 'ckd-stage-4')] });
  it.each<[string, Fact, string | null]>([
    ['a range', { state: 'known', value: 1, evidence: [] }, 'a second creatinine'],
    ['what codes say', byCode, 'creatinine'],
    ['a kind of data', { ...open('category'), category: 'labs' }, null],
    ['what cannot be used', open('unresolved', { code: 'needs', input: 'creatinine' }), null],
    ['an error of ours', open('error', { code: 'computation-failed' }), null],
    ['a birth date', open('absent', { code: 'needs', input: 'birth-date' }), 'birth date'],
    ['the first that says it', open('absent', { code: 'no-dating' }, { code: 'needs', input: 'sex' }), 'sex'],
    ['nothing that says it', open('absent', { code: 'no-dating' }), 'creatinine'],
    ['a second creatinine', open('absent', { code: 'one-creatinine' }), 'an earlier creatinine'],
  ])('%s', (_, fact, expected) => {
    const found = kidneyNeed('a second creatinine')(null, fact);
    if (expected === null) expect(found).toBeNull();
    else expect(found).toBe(expected);
  });
});

describe('kidney function in words', () => {
  const pregnant = conditionOf('p', ['pregnancy'], 30);
  const egfr = (value: number, more: Partial<Lab> = {}) =>
    labOf('egfr', value, 1, { method: 'MDRD', ...more });
  it.each<[string, FactName, Given, string]>([
    ['an estimate', 'egfr', { labs: [creatinine(1)] }, 'eGFR 64.5 mL/min/1.73 m²'],
    [
      'a clearance',
      'creatinineClearance',
      { labs: [creatinine(1), labOf('body-weight', 70)] },
      'CrCl 66.1 mL/min',
    ],
    [
      'reported as a bound',
      'egfr',
      { labs: [egfr(60, { comparator: '<' })] },
      'eGFR below 60 mL/min/1.73 m²',
    ],
    [
      'reported as a bound that is in it',
      'egfr',
      { labs: [egfr(60, { comparator: '<=' })] },
      'eGFR at most 60 mL/min/1.73 m²',
    ],
    [
      'reported as one from below',
      'egfr',
      { labs: [egfr(60, { comparator: '>' })] },
      'eGFR 60 mL/min/1.73 m²',
    ],
    ['on dialysis', 'egfr', { conditions: [problem('d', 'dialysis')] }, 'dialysis'],
    [
      'of end-stage disease',
      'creatinineClearance',
      { conditions: [problem('d', 'esrd')] },
      'end-stage renal disease',
    ],
    [
      'of a stage',
      'egfr',
      { conditions: [problem('s', 'ckd-stage-4')] },
      'eGFR below 30 mL/min/1.73 m² (chronic kidney disease stage 4)',
    ],
    [
      'of a stage, of clearance',
      'creatinineClearance',
      { conditions: [problem('s', 'ckd-stage-4')] },
      'CrCl below 30 mL/min (chronic kidney disease stage 4)',
    ],
    [
      'in pregnancy',
      'egfr',
      { conditions: [pregnant], labs: [creatinine(1.2)] },
      'Cr 1.2 mg/dL in pregnancy',
    ],
    [
      'acute kidney injury of which nobody knows the stage',
      'akiStage',
      {
        labs: [
          { ...creatinine(1, 40) },
          {
            ...creatinine(1.4, 1),
            rival: {
              reference: 'Observation/o',
              value: 2,
              received: { value: 2, unit: 'mg/dL' },
              statedUnit: 'mg/dL',
              time: null,
              why: null,
            },
          },
        ],
      },
      'AKI stage 1 or more (Cr 1.0 to 1.4 or 2.0 mg/dL)',
    ],
  ])('%s', (_, name, given, expected) => expect(word(name, given)).toBe(expected));
});

describe('dialysis of 30 days ago and a transplant', () => {
  const labs = [creatinine(1)];
  const after = (daysAgo: number | null, codes: string[] = [], more: Partial<ChartCondition> = {}) => {
    const transplant = conditionOf('t', ['kidney-transplant'], daysAgo, {
      codes: codes.map((code) => ({ system: 's', code })),
      ...more,
    });
    const fact = ask('egfr', { labs, conditions: [problem('d', 'dialysis'), transplant] });
    if (typeof range(fact) === 'number') return 'over';
    return notes(fact).includes('transplant-may-end-it') ? 'perhaps' : 'goes on';
  };
  it.each<[string, number | null, string[], Partial<ChartCondition>, string]>([
    ['of the day after', 29, [], {}, 'over'],
    ['of that very time', 30, [], {}, 'perhaps'],
    ['of the day before', 31, [], {}, 'goes on'],
    ['of some time', null, [], {}, 'perhaps'],
    ['that is not confirmed', 29, [], { confirmed: false }, 'perhaps'],
    ['by words', 29, [], { byWords: true }, 'perhaps'],
    ['that failed', 29, [], { groups: ['kidney-transplant', 'kidney-transplant-failed'] }, 'perhaps'],
    ['of which a complication is coded', 29, ['T86.10'], {}, 'perhaps'],
    ['beside another code', 29, ['Z94.0', 'T86.10'], {}, 'perhaps'],
    ['in ICD-9', 29, ['996.81'], {}, 'perhaps'],
    ['in ICD-9 without a dot', 29, ['99681'], {}, 'perhaps'],
    ['by another code', 29, ['Z94.0', 'XT86'], {}, 'over'],
    [
      'that is over and counts for good',
      29,
      [],
      { groups: [], status: 'inactive', stillCounts: ['kidney-transplant'] },
      'over',
    ],
  ])('%s: it %s', (_, daysAgo, codes, more, expected) => expect(after(daysAgo, codes, more)).toBe(expected));
});

describe('a creatinine that doubled in pregnancy', () => {
  const pregnant = { conditions: [conditionOf('p', ['pregnancy'], 200)] };
  const half = (...labs: Lab[]) => {
    const fact = ask('egfr', { ...pregnant, labs });
    const found = fact.evidence.find(({ notes: own }) => own.some(({ code }) => code === 'half-of-it'));
    return found?.reference.replace('Observation/creatinine-', '');
  };
  const day24 = 24;
  it.each<[string, Lab[], string | undefined]>([
    ['twice as much', [creatinine(0.5, 60 * day24), creatinine(1, 1)], `${60 * day24}`],
    ['less than that', [creatinine(0.51, 60 * day24), creatinine(1, 1)], undefined],
    [
      'of several the lowest',
      [
        creatinine(0.5, 60 * day24),
        creatinine(0.4, 90 * day24),
        creatinine(0.45, 30 * day24),
        creatinine(1, 1),
      ],
      `${90 * day24}`,
    ],
    ['of 300 days ago', [creatinine(0.5, 300 * day24), creatinine(1, 1)], `${300 * day24}`],
    ['of longer ago', [creatinine(0.5, 301 * day24), creatinine(1, 1)], undefined],
    [
      'of less than 0.5',
      [creatinine(0.5, 60 * day24, { comparator: '<' }), creatinine(1, 1)],
      `${60 * day24}`,
    ],
    ['of more than 0.4', [creatinine(0.4, 60 * day24, { comparator: '>' }), creatinine(1, 1)], undefined],
    ['more than 1', [creatinine(0.5, 60 * day24), creatinine(1, 1, { comparator: '>' })], `${60 * day24}`],
    ['less than 1', [creatinine(0.4, 60 * day24), creatinine(1, 1, { comparator: '<' })], undefined],
    ['without a date', [creatinine(0.5, 60 * day24, { span: null }), creatinine(1, 1)], undefined],
  ])('%s', (_, labs, expected) => expect(half(...labs)).toBe(expected));
});

describe('a one-sided creatinine is an interval, and stages where the whole of it lies on one side', () => {
  const above = { comparator: '>' } as const;
  const below = { comparator: '<' } as const;
  const aged = (years: number) => ({
    patient: { reference: 'Patient/p', sex: 'female', birthDate: `${2026 - years}-01-01` } as const,
  });
  it.each<[string, Lab[], Given, unknown, string]>([
    [
      '< 0.3, then 0.7',
      [creatinine(0.3, 60, below), creatinine(0.7, 2)],
      aged(60),
      2,
      'AKI stage 2 (Cr <0.3 to 0.7 mg/dL)',
    ],
    [
      '< 0.4, then 0.9',
      [creatinine(0.4, 60, below), creatinine(0.9, 2)],
      aged(30),
      2,
      'AKI stage 2 (Cr <0.4 to 0.9 mg/dL)',
    ],
    [
      '< 0.5, then 3',
      [creatinine(0.5, 60, below), creatinine(3, 2)],
      aged(60),
      3,
      'AKI stage 3 (Cr <0.5 to 3.0 mg/dL)',
    ],
    [
      '5, then > 15',
      [creatinine(5, 60), creatinine(15, 2, above)],
      aged(60),
      3,
      'AKI stage 3 (Cr 5.0 to >15.0 mg/dL)',
    ],
    [
      '1, then > 4',
      [creatinine(1, 60), creatinine(4, 2, above)],
      aged(60),
      3,
      'AKI stage 3 (Cr 1.0 to >4.0 mg/dL)',
    ],
    [
      '9, then > 15',
      [creatinine(9, 60), creatinine(15, 2, above)],
      aged(60),
      3,
      'AKI stage 3 (Cr 9.0 to >15.0 mg/dL)',
    ],
    ['2, then > 2.1', [creatinine(2, 60), creatinine(2.1, 2, above)], aged(60), { low: 0, high: 3 }, ''],
    [
      '< 0.2, then 0.6, at 3 years',
      [creatinine(0.2, 60, below), creatinine(0.6, 2)],
      aged(3),
      3,
      'AKI stage 3 (Cr <0.2 to 0.6 mg/dL)',
    ],
    [
      '< 0.5, then 0.6, at 3 years',
      [creatinine(0.5, 60, below), creatinine(0.6, 2)],
      aged(3),
      { low: 0, high: 3 },
      '',
    ],
    ['< 0.3 twice', [creatinine(0.3, 60, below), creatinine(0.3, 2, below)], aged(60), 0, ''],
    ['3, then < 0.5', [creatinine(3, 60), creatinine(0.5, 2, below)], aged(60), 0, ''],
  ])('%s', (_, labs, person, expected, words) => {
    const fact = ask('akiStage', { ...person, labs });
    expect(range(fact)).toEqual(expected);
    if (words !== '') expect(word('akiStage', { ...person, labs })).toBe(words);
  });

  it('a far end that nobody measured is not quoted', () => {
    const fact = ask('akiStage', { ...aged(60), labs: [creatinine(5, 60), creatinine(15, 2, above)] });
    expect(fact.evidence[0]?.notes).toEqual([
      { code: 'aki', basis: 'creatinine 15 mg/dL is 3 times the reference 5 mg/dL, or more' },
    ]);
  });

  it('one that stays above the measurable is not said to change', () => {
    const labs = [creatinine(15, 40, above), creatinine(15, 2, above)];
    expect(notes(ask('egfr', { ...aged(60), labs }))).not.toContain('creatinine-trend');
    expect(
      notes(ask('egfr', { ...aged(60), labs: [creatinine(5, 40), creatinine(15, 2, above)] })),
    ).toContain('creatinine-trend');
  });
});
