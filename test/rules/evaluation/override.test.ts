/** Overrides that are remembered: when a finding is withheld, and what brings it back. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { wordWhyNot } from '../../../rules/cards/wording.ts';
import type { Chart, Medication } from '../../../rules/chart/types.ts';
import type { Decision } from '../../../rules/decide.ts';
import {
  type Fingerprint,
  type FingerprintNumber,
  fingerprintOf,
} from '../../../rules/evaluation/fingerprint.ts';
import { suppressionOf, worseBy, worseSince } from '../../../rules/evaluation/override.ts';
import { type PastOverride, type Presentation, showAll } from '../../../rules/evaluation/presentation.ts';
import { createContext } from '../../../rules/facts/context.ts';
import type { Evidence, Fact } from '../../../rules/facts/fact.ts';
import type { Hook } from '../../../rules/fhir/hooks.ts';
import { compileRule } from '../../../rules/rule/compile.ts';
import { parseRule } from '../../../rules/rule/document.ts';
import { FactRequests } from '../../../rules/rule/fact-store.ts';
import { complete, hookRequest, magnesiumSulfate, observation } from '../../support/hook-requests.ts';
import { decidedWith, type Given } from '../../support/ordered-tests.ts';
import { decided, hourAgo, request, shownIn, whyOf } from '../../support/presented.ts';
import { readAll } from '../../support/readings.ts';
import { compares, document, holds, type Tree } from '../../support/rule-documents.ts';

describe('a remembered override', () => {
  const overriddenAt = '2026-01-20T08:00:00.000Z';
  const overrideOf = (
    of: string,
    fingerprint: Fingerprint,
    change: Partial<PastOverride> = {},
  ): PastOverride => ({
    rule: of,
    at: overriddenAt,
    reason: 'benefit-outweighs-risk',
    by: 'Practitioner/1',
    fingerprint,
    ...change,
  });
  const fingerprintIn = (decision: Decision, of: string): Fingerprint => {
    const found = whyOf(decision, of)?.fingerprint;
    if (!found) throw new Error(`${of} has no fingerprint`);
    return found;
  };
  const withhold = { days: 28, critical: true };
  const before = request(4.5, 0.9, []);
  const rule = 'IV-004';
  const print = fingerprintIn(decided({}, before), rule);
  const later = (
    what: ReturnType<typeof request>,
    change: Partial<Presentation> = {},
    own: Partial<PastOverride> = {},
  ) => decided({ withhold, overridden: [overrideOf(rule, print, own)], ...change }, what);

  test('IV magnesium at a creatinine of 4.5 mg/dL, overridden on 20 January: withheld, and the record says until when', () => {
    const decision = later(before);
    expect(whyOf(decision, rule)).toMatchObject({
      outcome: 'fired',
      shown: false,
      why: {
        code: 'overridden',
        on: '2026-01-20',
        reason: 'benefit-outweighs-risk',
        until: '2026-02-17',
      },
    });
    expect(decision.cards.some(({ source }) => source.topic.code === rule)).toBe(false);
  });

  test.each<[string, ReturnType<typeof request>, Partial<Presentation>, Partial<PastOverride>]>([
    ['withholding is not set for the client', before, { withhold: null }, {}],
    [
      'it is critical and the client withholds no critical ones',
      before,
      { withhold: { days: 28, critical: false } },
      {},
    ],
    ['the time is over', before, { withhold: { days: 11, critical: true } }, {}],
    ['the override is of a later time', before, {}, { at: '2026-01-31T12:00:01Z' }],
    ['the time of the override cannot be read', before, {}, { at: 'yesterday' }],
    ['the reason was an emergency', before, {}, { reason: 'emergency' }],
    ['the data was wrong then', before, {}, { reason: 'data-not-current' }],
    ['the reason is none of ours', before, {}, { reason: '45' }],
    ['another rule was overridden', before, {}, { rule: 'IV-005' }],
    ['the rule has a new version since', before, {}, { fingerprint: { ...print, version: '0.9.0' } }],
    ['it was a warning then', before, {}, { fingerprint: { ...print, indicator: 'warning' } }],
    ['the creatinine rose to 6.5 mg/dL, so the eGFR fell', request(6.5, 0.9, []), {}, {}],
    ['another drug is in it', before, {}, { fingerprint: { ...print, because: [] } }],
  ])('it is shown again: %s', (_, what, change, own) => {
    const decision = later(what, change, own);
    expect(shownIn(decision)).toContain(rule);
  });

  test('a creatinine that is better or 2 % worse does not bring it back', () => {
    for (const creatinine of [4.0, 4.5, 4.59]) {
      expect(shownIn(later(request(creatinine, 0.9, []))), String(creatinine)).not.toContain(rule);
    }
  });

  test('a new order of the same drug with the same dose is the same finding; a higher dose is not', () => {
    const dosed = (grams: number) => ({
      ...magnesiumSulfate(`order-${grams}`),
      dosageInstruction: [
        {
          route: { coding: [{ system: 'http://snomed.info/sct', code: '47625008' }] },
          timing: { repeat: { frequency: 1, period: 1, periodUnit: 'd' } },
          doseAndRate: [{ doseQuantity: { value: grams, unit: 'g', code: 'g' } }],
        },
      ],
    });
    const of = (grams: number) => {
      const { context, prefetch } = hookRequest(
        'order-sign',
        complete([observation('cr', '2160-0', 4.5, 'mg/dL', hourAgo)]),
        [dosed(grams)],
      );
      return { hook: 'order-sign' as Hook, context, prefetch };
    };
    const own = fingerprintIn(decided({}, of(2)), rule);
    const again = (grams: number) =>
      shownIn(decided({ withhold, overridden: [overrideOf(rule, own)] }, of(grams)));
    expect(again(2)).not.toContain(rule);
    expect(again(1)).not.toContain(rule);
    expect(again(4)).toContain(rule);
  });

  describe('a finding that the order only makes relevant', () => {
    const kidneyInjury = (orders: Partial<Given>): Given => ({
      age: 75,
      sex: 'male',
      labs: [
        { test: 'creatinine', value: 1, unit: 'mg/dL', hoursAgo: 30 },
        { test: 'creatinine', value: 1.6, unit: 'mg/dL', hoursAgo: 1 },
      ],
      active: [],
      ended: [],
      conditions: [],
      allergies: [],
      encounter: 'inpatient',
      ordered: [],
      ...orders,
    });
    const of = 'RF-001';
    const vancomycin = { drug: 'vancomycin', route: 'intravenous' };
    const first = kidneyInjury({ ordered: [vancomycin] });
    /** Whether it is shown after an override for these orders. */
    const isShown = (now: Given, earlier: Given = first) => {
      const own = fingerprintIn(decidedWith(earlier), of);
      const presentation = { ...showAll, withhold, overridden: [overrideOf(of, own)] };
      return shownIn(decidedWith(now, { presentation })).includes(of);
    };

    test.each<[string, Given, Given, boolean]>([
      ['the same drug', first, first, false],
      [
        'another drug',
        first,
        kidneyInjury({ ordered: [{ drug: 'gentamicin', route: 'intravenous' }] }),
        true,
      ],
      [
        'another drug beside it',
        first,
        kidneyInjury({ ordered: [vancomycin, { drug: 'tobramycin', route: 'intravenous' }] }),
        true,
      ],
      [
        'an examination with contrast',
        first,
        kidneyInjury({ studies: ['CT abdomen with IV contrast'] }),
        true,
      ],
      [
        'a higher dose of the same drug',
        kidneyInjury({ ordered: [{ ...vancomycin, milligramsADay: 1000 }] }),
        kidneyInjury({ ordered: [{ ...vancomycin, milligramsADay: 2000 }] }),
        true,
      ],
    ])('%s', (_, earlier, now, expected) => {
      expect(isShown(now, earlier)).toBe(expected);
    });
  });

  const falling = fc.constantFrom<FingerprintNumber['operator']>('lessThan', 'lessThanInclusive');
  const rising = fc.constantFrom<FingerprintNumber['operator']>('greaterThan', 'greaterThanInclusive');
  const value = fc.double({ min: 0.001, max: 10_000, noNaN: true });
  const share = fc.double({ min: 0, max: 3, noNaN: true });
  const one = (number: Partial<FingerprintNumber>, because: string[] = []): Fingerprint => ({
    version: '1.0.0',
    indicator: 'warning',
    numbers: [{ of: 'lab', operator: 'greaterThan', threshold: 1, value: 1, ...number }],
    because,
  });

  test('never withheld when a number moved more than 5 % further beyond its threshold, either way', () => {
    fc.assert(
      fc.property(fc.oneof(falling, rising), value, share, (operator, was, by) => {
        const falls = operator.startsWith('less');
        const now = falls ? was * (1 - by) : was * (1 + by);
        const back = falls ? was * (1 + by) : was * (1 - by);
        const isWorse = worseSince(one({ operator, value: was }), one({ operator, value: now })) !== null;
        if (by > worseBy * 1.001) expect(isWorse).toBe(true);
        if (by < worseBy * 0.999) expect(isWorse).toBe(false);
        expect(worseSince(one({ operator, value: was }), one({ operator, value: back }))).toBeNull();
      }),
    );
  });

  test('never withheld when a drug or condition came in, a number is new, unknown or open, or the threshold is another', () => {
    const names = fc.uniqueArray(fc.string({ minLength: 1 }), { maxLength: 5 });
    fc.assert(
      fc.property(names, names, (was, now) => {
        const added = now.some((name) => !was.includes(name));
        expect(worseSince(one({}, was), one({}, now)) !== null).toBe(added);
      }),
    );
    expect(worseSince(one({ value: null }), one({ value: null }))).toBeNull();
    expect(worseSince(one({ value: null }), one({}))).not.toBeNull();
    expect(worseSince(one({}), one({ value: null }))).not.toBeNull();
    expect(worseSince(one({}), one({ open: true }))).not.toBeNull();
    expect(worseSince(one({ open: true }), one({ open: true }))).toBeNull();
    expect(worseSince(one({ open: true }), one({ open: true, value: 0.9 }))).not.toBeNull();
    expect(worseSince(one({}), one({ threshold: 2 }))).not.toBeNull();
    expect(worseSince(one({}), one({ of: 'egfr' }))).not.toBeNull();
    expect(worseSince(one({ operator: 'equal' }), one({ operator: 'equal', value: 0.99 }))).not.toBeNull();
    expect(worseSince(one({}), { ...one({}), indicator: 'critical' })).toBe('it is now critical');
    expect(worseSince(one({}), { ...one({}), indicator: 'info' })).toBeNull();
    expect(worseSince(one({}), { ...one({}), version: '1.0.1' })).toBe('the rule is now version 1.0.1');
  });
});

describe('what a finding rests on', () => {
  const chart = readAll([]).chart;
  const found = (reference: string, more: Partial<Evidence> = {}): Evidence => ({
    reference,
    used: { kind: 'code', code: 'as used' },
    time: null,
    notes: [],
    ...more,
  });
  const known = (value: number | boolean | string, more: Partial<Fact> = {}): Fact =>
    ({ state: 'known', value, evidence: [], ...more }) as Fact;
  /** The fingerprint of a rule whose facts, by name, are these. */
  const printOf = (
    conditions: Tree,
    answers: Readonly<Record<string, Fact>>,
    medications: readonly Medication[] = [],
  ): Fingerprint => {
    const questions = new FactRequests();
    const rule = parseRule(document('AA-001', conditions), 'test');
    const own: Chart = { ...chart, medications: [...medications] };
    return fingerprintOf(
      compileRule(rule, questions),
      (index) => {
        const answer = answers[questions.list[index]?.fact ?? ''];
        if (!answer) throw new Error(`no answer to question ${index}`);
        return answer;
      },
      createContext(own, Date.parse('2026-01-31T12:00:00Z'), []),
    );
  };

  const magnesium = { test: 'magnesium', unit: 'mg/dL', within: 'P3D' };
  const lab = (operator: string, value: unknown, params: Tree = magnesium) =>
    compares('lab', params, operator, value);
  const lowerLimit = { ...magnesium, lowerLimit: 1.7 };
  const ofLab = (params: Tree): string =>
    `lab ${JSON.stringify(Object.entries(params).sort(([a], [b]) => (a < b ? -1 : 1)))}`;
  const number = (more: Partial<FingerprintNumber>, params: Tree = magnesium): FingerprintNumber => ({
    of: ofLab(params),
    operator: 'lessThan',
    threshold: 1,
    value: 0.9,
    ...more,
  });

  test('a value in a band: above its lower end is not worse', () => {
    const of = { within: 'P7D' };
    const band = [
      { ...compares('egfr', of, 'greaterThanInclusive', 15), path: '$.highest' },
      compares('egfr', of, 'lessThan', 30),
    ];
    expect(printOf({ all: band }, { egfr: known(20) }).numbers).toEqual([
      { of: 'egfr [["within","P7D"]]', operator: 'lessThan', threshold: 30, value: 20 },
    ]);
  });
  test.each<[string, Tree, Fact, FingerprintNumber]>([
    [
      'a value below a threshold, four digits of both',
      { all: [lab('lessThan', 1.00004)] },
      known(0.912_345),
      number({ value: 0.9123 }),
    ],
    [
      'a value that is not below a threshold: rising is worse',
      { all: [{ not: lab('lessThan', 1) }] },
      known(1.2),
      number({ operator: 'greaterThanInclusive', value: 1.2 }),
    ],
    [
      'a value that is not at least a threshold: falling is worse',
      { all: [{ not: lab('greaterThanInclusive', 1) }] },
      known(0.9),
      number({}),
    ],
    [
      "a value below the laboratory's own limit",
      { all: [lab('lessThan', { fact: 'lab', params: lowerLimit, path: '$.lowerLimit' }, lowerLimit)] },
      known(1.5, { lowerLimit: 1.6 }),
      number({ threshold: 1.6, value: 1.5 }, lowerLimit),
    ],
    [
      'a value of which one end is known',
      { all: [lab('lessThan', 1)] },
      known(0.5, { range: { low: 0, high: 0.5 } }),
      number({ value: 0.5, open: true }),
    ],
  ])('%s', (_, conditions, fact, expected) => {
    const labelled = { ...fact, evidence: [found('Observation/1', { name: 'magnesium' })] };
    // The result itself is another one the next day; its number is what counts.
    expect(printOf(conditions, { lab: labelled })).toEqual({
      version: '1.2.3',
      indicator: 'warning',
      numbers: [expected],
      because: [],
    });
  });

  test('of two questions of one number and threshold it is kept once; age and sex select a rule only', () => {
    const older = compares('age', { unit: 'year' }, 'greaterThan', 65);
    const print = printOf(
      { all: [lab('lessThan', 1), { any: [lab('lessThan', 1)] }, older, holds('sex', {}, 'female')] },
      { lab: known(0.9), age: known(70), sex: known('female') },
    );
    expect(print.numbers).toEqual([number({})]);
    expect(print.because).toEqual([]);
  });

  const groups = { groups: ['myasthenia-gravis'], status: 'active' };
  const digoxin = { ingredients: ['digoxin'], role: 'any' };
  test.each<[string, Tree, Record<string, Fact>, string[]]>([
    [
      'a condition by its name',
      holds('condition', groups),
      { condition: known(true, { evidence: [found('Condition/1', { name: 'myasthenia gravis' })] }) },
      ['myasthenia gravis'],
    ],
    [
      'a condition without a name by what was used of it',
      holds('condition', groups),
      { condition: known(true, { evidence: [found('Condition/1')] }) },
      ['as used'],
    ],
    [
      'several in one order, each once',
      holds('condition', groups),
      {
        condition: known(true, {
          evidence: ['b', 'a', 'b'].map((name, index) => found(`Condition/${index}`, { name })),
        }),
      },
      ['a', 'b'],
    ],
    [
      'a drug that is not in the chart by its name',
      holds('drug', digoxin),
      { drug: known(true, { evidence: [found('MedicationRequest/none', { name: 'digoxin' })] }) },
      ['digoxin'],
    ],
    [
      'that a drug is not taken by the question and its answer',
      { not: holds('drug', digoxin) },
      { drug: known(false) },
      ['drug [["ingredients",["digoxin"]],["role","any"]] false'],
    ],
  ])('names %s', (_, condition, answers, because) => {
    expect(printOf({ all: [condition] }, answers)).toMatchObject({ numbers: [], because });
  });

  const medication = (more: Partial<Medication>): Medication => ({
    reference: 'MedicationRequest/m',
    role: 'ordered',
    status: 'draft',
    selected: true,
    route: 'oral',
    ingredients: [{ rxnorm: '3407', name: 'digoxin' }],
    resolvedBy: 'rxnorm-ingredient',
    codes: [],
    started: null,
    why: null,
    ...more,
  });
  const dosing = (instruction: Tree, more: Tree = {}) => ({ instructions: [instruction], ...more });
  const daily = (value: number, unit = 'g') => dosing({ doses: [{ value, unit }], timesADay: 1 });
  const taking = (name: string | undefined, ...medications: Medication[]): Fingerprint => {
    const evidence = medications.map(({ reference }) => found(reference, name === undefined ? {} : { name }));
    return printOf({ all: [holds('drug', digoxin)] }, { drug: known(true, { evidence }) }, medications);
  };
  const amounts = (print: Fingerprint) =>
    Object.fromEntries(print.numbers.flatMap(({ of, value }) => (value === null ? [] : [[of, value]])));

  test.each<[string | undefined, Medication['route'], string]>([
    ['digoxin', 'oral', 'digoxin, oral'],
    ['digoxin', null, 'digoxin'],
    [undefined, 'parenteral', 'a drug not recognised, parenteral'],
  ])('names a drug of the chart (%s, %s) as `%s`', (name, route, because) => {
    expect(taking(name, medication({ route })).because).toEqual([because]);
  });

  test.each<[string, Partial<Medication>, Record<string, number>]>([
    ['no dose', {}, {}],
    [
      'a dose once a day',
      { dosing: daily(2) as NonNullable<Medication['dosing']> },
      { 'g/day of digoxin, oral': 2, 'g of digoxin, oral': 2 },
    ],
    [
      'a dose by weight, without the weight',
      { dosing: daily(0.05, 'g/kg') as NonNullable<Medication['dosing']> },
      { 'g/kg/day of digoxin, oral': 0.05, 'g/kg of digoxin, oral': 0.05 },
    ],
    [
      'a rate',
      { dosing: dosing({ perHour: [{ value: 1.5, unit: 'g' }] }) as NonNullable<Medication['dosing']> },
      { 'g/h of digoxin, oral': 1.5 },
    ],
    [
      'tablets of two drugs, of which one has a strength',
      {
        ingredients: [
          { rxnorm: null, name: 'another drug' },
          { rxnorm: '3407', name: 'digoxin' },
        ],
        dosing: dosing(
          { doses: [{ value: 2, unit: 'piece' }] },
          { strengths: [{ ingredient: 'digoxin', gramsAPiece: 0.000_25 }] },
        ) as NonNullable<Medication['dosing']>,
      },
      { 'g of digoxin, oral': 0.0005 },
    ],
  ])('has the amount of %s', (_, more, expected) => {
    const print = taking('digoxin', medication(more));
    expect(amounts(print)).toEqual(expected);
    expect(print.numbers.map(({ of }) => of)).toEqual(
      ['g/day', 'g', 'g/h', 'g/kg/day', 'g/kg'].map((unit) => `${unit} of digoxin, oral`),
    );
    expect(
      print.numbers.every(({ operator, threshold }) => operator === 'greaterThan' && threshold === null),
    ).toBe(true);
  });

  test.each<[string, (number | null)[], number | null]>([
    ['the higher of two', [1, 2], 2],
    ['the higher of two, whichever comes first', [2, 1], 2],
    ['unknown, where the second is', [2, null], null],
    ['unknown, where the first is', [null, 2], null],
    ['unknown, where one of three is', [1, null, 2], null],
  ])('of orders of one drug the dose is %s', (_, doses, expected) => {
    const orders = doses.map((grams, index) =>
      medication({
        reference: `MedicationRequest/${index}`,
        ...(grams === null ? {} : { dosing: daily(grams) as NonNullable<Medication['dosing']> }),
      }),
    );
    const dose = taking('digoxin', ...orders).numbers.find(({ of }) => of === 'g of digoxin, oral');
    expect(dose?.value).toBe(expected);
  });
});

describe('what is worse than before, and for how long it is withheld', () => {
  const print = (more: Partial<FingerprintNumber> = {}, because: string[] = []): Fingerprint => ({
    version: '1.0.0',
    indicator: 'warning',
    numbers: [{ of: 'lab', operator: 'greaterThan', threshold: 1, value: 100, ...more }],
    because,
  });
  const worse = 'worse: lab';
  test.each<[string, Fingerprint, Fingerprint, string | null]>([
    ['5 % more', print(), print({ value: 105 }), null],
    ['a little above that', print(), print({ value: 105.1 }), worse],
    [
      '5 % less, where falling is worse',
      print({ operator: 'lessThan' }),
      print({ operator: 'lessThan', value: 95 }),
      null,
    ],
    [
      'more than 5 % less, where falling is worse',
      print({ operator: 'lessThanInclusive' }),
      print({ operator: 'lessThanInclusive', value: 94.9 }),
      worse,
    ],
    [
      'more, where falling is worse',
      print({ operator: 'lessThanInclusive' }),
      print({ operator: 'lessThanInclusive', value: 200 }),
      null,
    ],
    ['5 % of a negative number', print({ value: -100 }), print({ value: -95 }), null],
    ['more than that of a negative number', print({ value: -100 }), print({ value: -94.9 }), worse],
    [
      'known now, and not then',
      print({ operator: 'lessThan', value: null }),
      print({ operator: 'lessThan' }),
      worse,
    ],
    [
      'unknown now, and known then',
      print({ operator: 'lessThan' }),
      print({ operator: 'lessThan', value: null }),
      worse,
    ],
    ['the same as it has to be', print({ operator: 'equal' }), print({ operator: 'equal' }), null],
    ['one of a list, as before', print({ operator: 'in' }), print({ operator: 'in' }), null],
    ['another of a list', print({ operator: 'in' }), print({ operator: 'in', value: 99 }), worse],
    [
      'beyond the same threshold on the other side',
      print({ operator: 'lessThan' }),
      print({ operator: 'greaterThanInclusive' }),
      worse,
    ],
    ['a drug came in', print({}, ['a']), print({}, ['a', 'digoxin, oral']), 'new: digoxin, oral'],
    ['a drug is gone', print({}, ['a', 'b']), print({}, ['a']), null],
  ])('%s', (_, before, now, expected) => {
    expect(worseSince(before, now)).toBe(expected);
  });

  const overriddenAt = '2026-01-20T08:00:00.000Z';
  const rule = (indicator: string) =>
    parseRule(
      document(
        'AA-001',
        { all: [holds('condition', { groups: ['dialysis'], status: 'active' })] },
        { card: { indicator } },
      ),
      'test',
    );
  const withheld = (
    indicator: string,
    critical: boolean,
    at: string,
    more: Partial<PastOverride> = {},
  ): string | null =>
    wordWhyNot(
      suppressionOf(
        { rule: rule(indicator), fingerprint: print(), listed: ['AA-001'] },
        {
          ...showAll,
          withhold: { days: 7, critical },
          overridden: [
            {
              rule: 'AA-001',
              at: overriddenAt,
              reason: 'benefit-outweighs-risk',
              by: null,
              fingerprint: print(),
              ...more,
            },
          ],
        },
        Date.parse(at),
      ),
    );
  const why = 'withheld: overridden on 2026-01-20 (benefit-outweighs-risk) until 2026-01-27';
  test.each<[string, string, boolean, string, string | null]>([
    ['from the moment on', 'warning', true, overriddenAt, why],
    ['not before', 'warning', true, '2026-01-20T07:59:59.999Z', null],
    ['for seven days', 'warning', true, '2026-01-27T07:59:59.999Z', why],
    ['and no longer', 'warning', true, '2026-01-27T08:00:00.000Z', null],
    ['a warning, where critical ones are not', 'warning', false, overriddenAt, why],
    ['a critical one, where those are, too', 'critical', true, overriddenAt, why],
    ['no critical one elsewhere', 'critical', false, overriddenAt, null],
  ])('withheld %s', (_, indicator, critical, at, expected) => {
    expect(withheld(indicator, critical, at)).toBe(expected);
  });
  test.each<[string, readonly string[] | undefined, readonly string[], boolean]>([
    ['the same two', ['AA-001', 'AA-002'], ['AA-002', 'AA-001'], true],
    ['one that stood alone, alone', undefined, ['AA-001'], true],
    ['one more', ['AA-001'], ['AA-001', 'AA-002'], false],
    ['one more than one that stood alone', undefined, ['AA-001', 'AA-002'], false],
    ['one less', ['AA-001', 'AA-002'], ['AA-001'], false],
    ['another one', ['AA-001', 'AA-002'], ['AA-001', 'AA-003'], false],
  ])('counts for exactly the findings that were listed: %s', (_, before, listed, isWithheld) => {
    const overridden = [
      {
        rule: 'AA-001',
        at: overriddenAt,
        reason: 'benefit-outweighs-risk',
        by: null,
        fingerprint: print(),
        ...(before ? { listed: before } : {}),
      },
    ];
    const finding = { rule: rule('warning'), fingerprint: print(), listed };
    const presentation = { ...showAll, withhold: { days: 7, critical: false }, overridden };
    expect(suppressionOf(finding, presentation, Date.parse(overriddenAt)) !== null).toBe(isWithheld);
  });
  test('of two overrides the one that counts is found', () => {
    const [other, lasting] = [{ rule: 'AA-002' }, {}].map((more) => ({
      rule: 'AA-001',
      at: overriddenAt,
      reason: 'benefit-outweighs-risk',
      by: null,
      fingerprint: print(),
      ...more,
    }));
    if (!other || !lasting) throw new Error('two overrides');
    const shown = { ...showAll, withhold: { days: 7, critical: false }, overridden: [other, lasting] };
    expect(
      wordWhyNot(
        suppressionOf(
          { rule: rule('warning'), fingerprint: print(), listed: ['AA-001'] },
          shown,
          Date.parse(overriddenAt),
        ),
      ),
    ).toBe(why);
  });
});
