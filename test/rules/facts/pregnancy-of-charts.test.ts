/**
 * Pregnancy and its week: gestational age = 280 days - (due date - today), in completed weeks (ACOG Committee
 * Opinion 700; USCDI, https://www.healthit.gov/isa/taxonomy/term/1671). Codes of category Z3A: ICD-10-CM.
 */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildChart } from '../../../rules/chart/chart.ts';
import { daysOfWeeksCode } from '../../../rules/chart/pregnancy.ts';
import { decide } from '../../../rules/decide.ts';
import { createContext } from '../../../rules/facts/context.ts';
import type { FactName } from '../../../rules/facts/facts.ts';
import { intakeOfHook } from '../../../rules/intake/intake.ts';
import { shippedRuleset } from '../../../rules/library/shipped.ts';
import { at, condition, observation, searchset } from '../../support/hook-requests.ts';
import { prepareFact, type WordedFact, type WordedKnown } from '../../support/worded.ts';

const day = 86_400_000;
const now = Date.parse(at);
const dateOf = (daysFromNow: number): string => new Date(now + daysFromNow * day).toISOString().slice(0, 10);

type Resource = Record<string, unknown>;
const woman = { resourceType: 'Patient', id: 'p1', gender: 'female', birthDate: '1995-01-31' };

let count = 0;
/** Observation of a gestational age; `days` ago. */
const age = (value: number, unit: string | null, days: number, more: Resource = {}): Resource => {
  count += 1;
  return { ...observation(`age-${count}`, '18185-9', value, unit, dateOf(-days)), ...more };
};
const due = (date: string, more: Resource = {}): Resource => {
  count += 1;
  const { valueQuantity: _, ...rest } = observation(`due-${count}`, '11778-8', 0, null, dateOf(-7));
  return { ...rest, valueDateTime: date, ...more };
};
const coded = (code: string, days: number | null, more: Resource = {}): Resource => ({
  ...condition('coded', '0'),
  code: { coding: [{ system: 'http://hl7.org/fhir/sid/icd-10-cm', code }] },
  ...(days === null ? {} : { recordedDate: dateOf(-days) }),
  ...more,
});
const pregnant = { ...condition('pregnancy', '77386006'), onsetDateTime: dateOf(-60) };

interface Given {
  patient?: object;
  /** Left out: laboratory data never came. */
  labs?: readonly Resource[];
  conditions?: readonly Resource[];
}

function read({ patient = woman, labs, conditions }: Given) {
  const prefetch = {
    patient,
    ...(labs ? { labs: searchset(...labs) } : {}),
    ...(conditions ? { conditions: searchset(...conditions) } : {}),
  };
  const intake = intakeOfHook('patient-view', { patientId: 'p1', userId: 'Practitioner/1' }, prefetch);
  return buildChart(intake, now);
}
const ask = (name: FactName, given: Given): WordedFact => {
  const { chart, notices } = read(given);
  return prepareFact(name, {})(createContext(chart, now, notices));
};
const gestation = (labs: readonly Resource[], conditions: readonly Resource[] = []): WordedFact =>
  ask('gestation', { labs, conditions: [pregnant, ...conditions] });

function known(fact: WordedFact): WordedKnown {
  if (fact.state !== 'known') throw new Error(`expected a known fact, is ${fact.state}: ${fact.missing}`);
  return fact;
}
/** Both ends, alike for a point. */
const weeksOf = (fact: WordedFact): [unknown, unknown] => {
  const { value, range } = known(fact);
  return [range?.low ?? value, range?.high ?? value];
};

describe('codes of category Z3A', () => {
  it.each([
    ['Z3A.01', { least: 0, most: 55 }],
    ['Z3A.08', { least: 56, most: 62 }],
    ['Z3A20', { least: 140, most: 146 }],
    ['z3a.42', { least: 294, most: 300 }],
    ['Z3A.49', { least: 301, most: 314 }],
    ['Z3A.00', null],
    ['Z3A.43', null],
    ['Z3A.7', null],
    ['Z3A.200', null],
    ['AZ3A.20', null],
    [' Z3A.20 ', { least: 140, most: 146 }],
    ['Z3A', null],
    ['O09.90', null],
    [undefined, null],
    [20, null],
  ])('%s', (code, days) => expect(daysOfWeeksCode(code)).toEqual(days));
});

describe('gestation', () => {
  it.each<[string, Resource[], Resource[], unknown, unknown]>([
    ['24 wk today', [age(24, 'wk', 0)], [], 24, 24],
    ['24 weeks of 3 weeks ago', [age(24, 'weeks', 21)], [], 27, 27],
    ['24 wk of 3 days ago may be 24 or 25', [age(24, 'wk', 3)], [], 24, 25],
    ['24.3 wk is 24 weeks and something', [age(24.3, 'wk', 0)], [], 24, 24],
    ['170 d is 24 weeks and 2 days', [age(170, 'd', 0)], [], 24, 24],
    ['170 d of 5 days ago is 25 weeks', [age(170, 'd', 5)], [], 25, 25],
    ['due in 280 days is 0 weeks', [due(dateOf(280))], [], 0, 0],
    ['due today is 40 weeks', [due(dateOf(0))], [], 40, 40],
    ['due in 119 days is 23 weeks', [due(dateOf(119))], [], 23, 23],
    ['due in 112 days is 24 weeks', [due(dateOf(112))], [], 24, 24],
    ['due in a month known only as such', [due('2026-06')], [], 18, 22],
    ['Z3A.24 of 14 days ago', [], [coded('Z3A.24', 14)], 26, 26],
    ['Z3A.01 of today is less than 8', [], [coded('Z3A.01', 0)], 0, 7],
    ['Z3A.49 is more than 42', [], [coded('Z3A.49', 0)], 43, 44],
    ['Z3A.24 with an onset only', [], [coded('Z3A.24', null, { onsetDateTime: dateOf(-14) })], 26, 26],
    ['`> 20 wk` is 20 or more', [age(20, 'wk', 0, oneSided('>', 20))], [], 20, 44],
    ['`< 20 wk` is 20 or less', [age(20, 'wk', 0, oneSided('<', 20))], [], 0, 20],
    // Agreeing sources narrow each other.
    ['24 wk of 3 days ago, due in 108 days', [age(24, 'wk', 3), due(dateOf(108))], [], 24, 24],
    // Differing ones leave a range.
    ['24 wk today, due in 150 days', [age(24, 'wk', 0), due(dateOf(150))], [], 18, 24],
    ['a pregnancy that is over is not asked', [age(39, 'wk', 100), age(10, 'wk', 0)], [], 10, 10],
  ])('%s', (_, labs, conditions, low, high) =>
    expect(weeksOf(gestation(labs, conditions))).toEqual([low, high]),
  );

  function oneSided(comparator: string, value: number): Resource {
    return { valueQuantity: { value, unit: 'wk', code: 'wk', comparator } };
  }

  it('says which sources differ, with what each stated', () => {
    const { evidence } = known(gestation([age(24, 'wk', 0), due('2026-06-30')]));
    expect(evidence.map(({ name, used, note }) => [name, used, note])).toEqual([
      ['gestational age', '24 wk', 'the sources differ'],
      ['estimated delivery date', '2026-06-30', 'the sources differ'],
    ]);
  });

  it.each<[string, Given, string]>([
    ['nothing dates it', { labs: [], conditions: [pregnant] }, 'absent'],
    ['laboratory data never came', { conditions: [pregnant] }, 'category'],
    ['no unit', { labs: [age(24, null, 0)], conditions: [pregnant] }, 'unresolved'],
    ['not pregnant', { labs: [], conditions: [] }, 'not-applicable'],
    ['a man', { patient: { ...woman, gender: 'male' }, labs: [age(24, 'wk', 0)] }, 'not-applicable'],
    ['a due date two years ahead', { labs: [due(dateOf(730))], conditions: [pregnant] }, 'absent'],
    ['born 100 days ago at 39 weeks', { labs: [age(39, 'wk', 100)], conditions: [pregnant] }, 'absent'],
    ['Z3A.00', { labs: [], conditions: [pregnant, coded('Z3A.00', 7)] }, 'absent'],
    [
      'a code of another ICD',
      {
        labs: [],
        conditions: [
          pregnant,
          coded('Z3A.24', 7, {
            code: { coding: [{ system: 'http://hl7.org/fhir/sid/icd-10', code: 'Z3A.24' }] },
          }),
        ],
      },
      'absent',
    ],
  ])('%s: missing', (_, given, cause) => expect(ask('gestation', given)).toMatchObject({ cause }));

  const days = fc.integer({ min: 56, max: 290 });
  const ago = fc.integer({ min: 0, max: 56 });

  it('in days it is exact however long ago it was stated, and the due date says the same', () =>
    fc.assert(
      fc.property(days, ago, (today, before) => {
        const weeks = Math.floor(today / 7);
        fc.pre(today - before >= 7);
        expect(weeksOf(gestation([age(today - before, 'd', before)]))).toEqual([weeks, weeks]);
        expect(weeksOf(gestation([due(dateOf(280 - today))]))).toEqual([weeks, weeks]);
        expect(weeksOf(gestation([age(today - before, 'd', before), due(dateOf(280 - today))]))).toEqual([
          weeks,
          weeks,
        ]);
      }),
      { numRuns: 50 },
    ));

  it('in weeks, by an observation or a code, it holds the truth and is at most a week wide', () =>
    fc.assert(
      fc.property(days, ago, (today, before) => {
        const then = today - before;
        fc.pre(then >= 56);
        const stated = Math.floor(then / 7);
        for (const fact of [
          gestation([age(stated, 'wk', before)]),
          gestation([], [coded(`Z3A.${String(stated).padStart(2, '0')}`, before)]),
        ]) {
          const [low, high] = weeksOf(fact) as [number, number];
          expect(low).toBeLessThanOrEqual(Math.floor(today / 7));
          expect(high).toBeGreaterThanOrEqual(Math.floor(today / 7));
          expect(high - low).toBeLessThanOrEqual(1);
        }
      }),
      { numRuns: 50 },
    ));

  it('two sources: what both allow, or else all that either allows', () =>
    fc.assert(
      fc.property(days, days, (one, other) => {
        const [first, second] = [Math.floor(one / 7), Math.floor(other / 7)];
        const [low, high] = weeksOf(gestation([age(one, 'd', 0), due(dateOf(280 - other))]));
        expect([low, high]).toEqual([Math.min(first, second), Math.max(first, second)]);
      }),
      { numRuns: 50 },
    ));

  it('the order in which sources came does not matter', () =>
    fc.assert(
      fc.property(fc.array(days, { minLength: 1, maxLength: 5 }), (list) => {
        const labs = list.map((each) => due(dateOf(280 - each)));
        expect(weeksOf(gestation(labs))).toEqual(weeksOf(gestation(labs.toReversed())));
      }),
      { numRuns: 30 },
    ));
});

describe('pregnancy', () => {
  const notPregnant = (days: number): Resource => {
    const { valueQuantity: _, ...rest } = observation('status', '82810-3', 0, null, dateOf(-days));
    return {
      ...rest,
      valueCodeableConcept: { coding: [{ system: 'http://loinc.org', code: 'LA26683-5' }] },
    };
  };

  it.each<[string, Given, unknown]>([
    ['a gestation of 24 weeks alone', { labs: [age(24, 'wk', 0)], conditions: [] }, 'unresolved'],
    ['a due date alone', { labs: [due(dateOf(100))], conditions: [] }, 'unresolved'],
    // The catalogue lists Z3A among the codes of pregnancy.
    ['a week coded alone', { labs: [], conditions: [coded('Z3A.24', 7)] }, true],
    ['a gestation that is over', { labs: [age(39, 'wk', 100)], conditions: [] }, false],
    ['not pregnant since', { labs: [age(24, 'wk', 30), notPregnant(7)], conditions: [] }, false],
    ['not pregnant before', { labs: [age(8, 'wk', 7), notPregnant(30)], conditions: [] }, 'unresolved'],
    ['not pregnant and nothing else', { labs: [notPregnant(7)], conditions: [] }, false],
    [
      'a newborn',
      { patient: { ...woman, birthDate: '2026-01-20' }, labs: [age(39, 'wk', 11)], conditions: [] },
      false,
    ],
    ['documented', { labs: [age(24, 'wk', 0)], conditions: [pregnant] }, true],
    ['no problem list, a gestation', { labs: [age(24, 'wk', 0)] }, 'unresolved'],
    ['no problem list', { labs: [] }, 'category'],
  ])('%s', (_, given, expected) => {
    const fact = ask('pregnancy', given);
    expect(fact.state === 'known' ? fact.value : fact.cause).toBe(expected);
  });
});

describe('what dates a pregnancy, in the chart', () => {
  const codesOf = (given: Given): string[] => read(given).notices.map(({ code }) => code);

  it('a due date: 280 days back', () =>
    expect(read({ labs: [due('2026-06-01')] }).chart.datings).toMatchObject([
      {
        by: 'delivery-date',
        stated: '2026-06-01',
        start: { from: Date.parse('2025-08-25'), to: Date.parse('2025-08-26') - 1 },
        why: null,
      },
    ]));

  it('a due date that is not final is used and said', () =>
    expect(read({ labs: [due('2026-06-01', { status: 'preliminary' })] }).chart.datings[0]?.why).toBe(
      'not final',
    ));

  it.each<[string, Given, string]>([
    ['withdrawn', { labs: [due('2026-06-01', { status: 'entered-in-error' })] }, 'value-withdrawn'],
    ['without a date', { labs: [due('soon')] }, 'value-absent'],
    [
      'stated after the evaluation time',
      { labs: [due('2026-06-01', { effectiveDateTime: '2026-03-01' })] },
      'lab-in-future',
    ],
    ['a code without a date', { conditions: [coded('Z3A.24', null)] }, 'condition-status'],
  ])('%s: not used, with a notice', (_, given, code) => {
    expect(read(given).chart.datings).toEqual([]);
    expect(codesOf(given)).toContain(code);
  });

  it.each<[string, Given, string]>([
    [
      'withdrawn',
      { labs: [due('2026-06-01', { status: 'entered-in-error' })] },
      'estimated delivery date: status `entered-in-error`: not used',
    ],
    [
      'without a date',
      { labs: [due('soon')] },
      'estimated delivery date: no date in `valueDateTime`: not used',
    ],
    [
      'of a later day',
      { labs: [due('2026-06-01', { effectiveDateTime: '2026-03-01' })] },
      'estimated delivery date: is dated after the evaluation time',
    ],
    [
      'a code without a date',
      { conditions: [coded('Z3A.24', null)] },
      'counts the weeks of a pregnancy and has no date: not used',
    ],
  ])('%s: the notice says so', (_, given, message) =>
    expect(read(given).notices.map((notice) => notice.message)).toContain(message),
  );

  it('a due date is shown as a day, a code as it is listed', () => {
    expect(read({ labs: [due('2026-06-01T08:00:00Z')] }).chart.datings).toMatchObject([
      { stated: '2026-06-01' },
    ]);
    expect(read({ conditions: [coded(' z3a.24 ', 7)] }).chart.datings).toMatchObject([
      { by: 'icd-10-cm', stated: 'Z3A.24', time: '2026-01-24', why: null },
    ]);
  });

  it('a due date without a status is used, and is not final', () =>
    expect(read({ labs: [due('2026-06-01', { status: undefined })] }).chart.datings).toMatchObject([
      { stated: '2026-06-01', why: 'not final' },
    ]));

  it('a code that was refuted or entered in error is not used', () => {
    const refuted = coded('Z3A.24', 7, { verificationStatus: { coding: [{ code: 'refuted' }] } });
    expect(read({ conditions: [refuted] }).chart.datings).toEqual([]);
  });

  it('any text is no code, and never throws', () =>
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(daysOfWeeksCode(`Z3A.${text}x`)).toBeNull();
        expect(read({ labs: [due(text)] }).chart.datings.length).toBeLessThanOrEqual(1);
      }),
    ));
});

it('an NSAID in a pregnancy of unknown week is on the card of checks not made, which names the gestational age', () => {
  const ibuprofen = {
    resourceType: 'MedicationRequest',
    id: 'draft',
    status: 'draft',
    intent: 'order',
    subject: { reference: 'Patient/p1' },
    medicationCodeableConcept: {
      coding: [{ system: 'http://www.nlm.nih.gov/research/umls/rxnorm', code: '5640' }],
    },
    dosageInstruction: [{ route: { text: 'oral' } }],
  };
  const context = {
    patientId: 'p1',
    userId: 'Practitioner/1',
    draftOrders: searchset(ibuprofen),
  };
  const prefetch = {
    patient: woman,
    labs: searchset(),
    conditions: searchset(pregnant),
    medicationRequests: searchset(),
    allergies: searchset(),
  };
  const clock = { decisionId: 'd', decidedAt: at, evaluatedAt: at };
  const { cards } = decide({ hook: 'order-sign', context, prefetch }, shippedRuleset(), clock);
  const unmade = cards.find(({ source }) => source.topic.code === 'DQ-004');
  expect(unmade?.detail).toContain('**Gestational age**: Drug avoided in pregnancy (RD-045)');
});
