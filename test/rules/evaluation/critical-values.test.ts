/**
 * Critical values speak by themselves: each at every hook of a chart or an order, with an order that has no part in it,
 * at every age, in every unit, once; a value just inside its limit is silent.
 */
import { describe, expect, it } from 'vitest';
import { type Decision, decide } from '../../../rules/decide.ts';
import { type Hook, hooks, meaningOf } from '../../../rules/fhir/hooks.ts';
import { type CaseData, evaluatedAt, type GivenLab } from '../../../rules/library/case.ts';
import { requestOf } from '../../../rules/library/case-request.ts';
import { shippedRuleset } from '../../../rules/library/shipped.ts';
import { type LabTest, labTests } from '../../../rules/terminology/labs.ts';
import { unitTable } from '../../../rules/terminology/units.ts';

const ruleset = shippedRuleset();
const clock = { decisionId: 'case', decidedAt: evaluatedAt, evaluatedAt };
const speaking = new Set(
  ruleset.rules.filter(({ rule }) => rule.speaks === 'always').map(({ rule }) => rule.id),
);

const decided = (given: CaseData, hook: Hook): Decision =>
  decide(requestOf({ name: 'x', given, hook, expect: 'fired' }, hook), ruleset, clock);
const topics = ({ cards }: Decision): string[] => cards.map(({ source }) => source.topic.code);
/** The cards of critical values. */
const saidBy = (given: CaseData, hook: Hook): string[] =>
  topics(decided(given, hook)).filter((id) => speaking.has(id));

/** A value on its limit and the rule that says it; the value beside it that is silent, or said by a milder rule. */
const values: readonly [
  test: LabTest,
  unit: string,
  limit: number,
  rule: string,
  beside: number,
  milder?: string,
][] = [
  ['magnesium', 'mg/dL', 0.99, 'MG-001', 1],
  ['magnesium', 'mg/dL', 0.69, 'MG-004', 0.7, 'MG-001'],
  ['magnesium', 'meq/L', 4, 'MG-006', 3.99],
  ['magnesium', 'meq/L', 7, 'MG-007', 6.99, 'MG-006'],
  ['potassium', 'mmol/L', 6.5, 'CV-004', 6.49, 'CV-005'],
  ['potassium', 'mmol/L', 6, 'CV-005', 5.99],
  ['potassium', 'mmol/L', 2.5, 'CV-012', 2.51, 'CV-013'],
  ['potassium', 'mmol/L', 2.9, 'CV-013', 2.91],
  ['calcium-ionized', 'mmol/L', 0.75, 'CV-006', 0.751],
  ['calcium-corrected', 'mg/dL', 6.5, 'CV-006', 6.51],
  ['calcium-total', 'mg/dL', 6.5, 'CV-006', 6.51],
  ['calcium-ionized', 'mmol/L', 1.5, 'CV-014', 1.499],
  ['calcium-corrected', 'mg/dL', 13, 'CV-014', 12.99],
  ['calcium-total', 'mg/dL', 13, 'CV-014', 12.99],
  ['digoxin-level', 'ng/mL', 2.5, 'CV-007', 2.49],
  ['lithium-level', 'mmol/L', 1.5, 'CV-009', 1.49],
  ['qtc', 'ms', 501, 'CV-008', 500],
  ['phosphate', 'mg/dL', 1, 'CV-011', 1.01],
];

const lab = (test: LabTest, unit: string, value: number, more: Partial<GivenLab> = {}): GivenLab => ({
  test,
  unit,
  value,
  hoursAgo: 1,
  ...more,
});
/** What one of the unit is in the canonical unit of the test. */
const factorOf = (test: LabTest, unit: string): number =>
  unitTable[test].find((row) => row.unit === unit)?.factor ?? Number.NaN;
const unrelated = { drug: 'levothyroxine', route: 'oral' };
const patient = (labs: GivenLab[], more: Partial<CaseData> = {}): CaseData => ({
  labs,
  active: [],
  conditions: [],
  allergies: [],
  encounter: 'inpatient',
  ordered: [unrelated],
  ...more,
});

const speakingHooks = hooks.filter((hook) => meaningOf(hook).kind !== 'entry');
const ages = [0, 9, 40, 85, null];

describe.each(values)('%s %s %d: %s', (test, unit, limit, rule, beside, milder) => {
  it.each(speakingHooks)('speaks once at %s, whatever is ordered, at every age', (hook) => {
    for (const age of ages) {
      expect(saidBy(patient([lab(test, unit, limit)], { age }), hook), `${age}`).toEqual([rule]);
      const besides = saidBy(patient([lab(test, unit, beside)], { age }), hook);
      expect(besides, `${age} beside`).toEqual(milder ? [milder] : []);
    }
  });

  it('is the same value in every unit', () => {
    for (const { unit: code, factor } of unitTable[test]) {
      for (const [value, said] of [
        [limit, [rule]],
        [beside, milder ? [milder] : []],
      ] as const) {
        const there = (value * factorOf(test, unit)) / factor;
        expect(saidBy(patient([lab(test, code, there)]), 'order-sign'), `${there} ${code}`).toEqual(said);
      }
    }
  });

  it('speaks at no entry that it has no part in', () => {
    const labs = [lab(test, unit, limit)];
    expect(saidBy(patient(labs, { entered: ['asthma'] }), 'problem-list-item-create')).toEqual([]);
    expect(saidBy(patient(labs, { entered: ['ciprofloxacin'] }), 'allergyintolerance-create')).toEqual([]);
  });

  it.each<[string, Partial<GivenLab>]>([
    ['older than its window', { hoursAgo: 73 }],
    ['withdrawn', { status: 'entered-in-error' }],
    ['cancelled', { status: 'cancelled' }],
    ['without a unit', { unit: null }],
    ['in a unit that is not understood', { unit: 'Mg/dl' }],
  ])('does not speak when it is %s', (_, more) => {
    expect(saidBy(patient([lab(test, unit, limit, more)]), 'order-sign')).toEqual([]);
    expect(saidBy(patient([lab(test, unit, limit, more)]), 'patient-view')).toEqual([]);
  });

  it('does not speak once a newer result is normal', () => {
    const normal = { magnesium: 2, potassium: 4.2, 'calcium-total': 9.4, 'calcium-corrected': 9.4 } as const;
    const others = {
      'calcium-ionized': 1.2,
      'digoxin-level': 0.8,
      'lithium-level': 0.7,
      qtc: 420,
      phosphate: 3,
    };
    const value = { ...normal, ...others }[test as keyof typeof normal | keyof typeof others];
    const labs = [lab(test, unit, limit, { hoursAgo: 5 }), lab(test, labTests[test].unit, value)];
    expect(saidBy(patient(labs), 'patient-view')).toEqual([]);
  });
});

describe('one danger is one card', () => {
  it.each<[string, CaseData, string, string]>([
    [
      'potassium 6.8 with potassium ordered',
      patient([lab('potassium', 'mmol/L', 6.8)], {
        ordered: [{ drug: 'potassium chloride', route: 'oral' }],
      }),
      'HK-001',
      'CV-004',
    ],
    [
      'potassium 6.1 with lisinopril taken and ordered',
      patient([lab('potassium', 'mmol/L', 6.1)], { ordered: [{ drug: 'lisinopril', route: 'oral' }] }),
      'HK-001',
      'CV-005',
    ],
    [
      'digoxin 3.2 with digoxin ordered',
      patient([lab('digoxin-level', 'ng/mL', 3.2)], { ordered: [{ drug: 'digoxin', route: 'oral' }] }),
      'DG-002',
      'CV-007',
    ],
    [
      'QTc 520 with ondansetron ordered',
      patient([lab('qtc', 'ms', 520)], { ordered: [{ drug: 'ondansetron', route: 'oral' }] }),
      'QT-003',
      'CV-008',
    ],
    [
      'potassium 2.8 with ondansetron ordered',
      patient([lab('potassium', 'mmol/L', 2.8)], { ordered: [{ drug: 'ondansetron', route: 'oral' }] }),
      'QT-002',
      'CV-013',
    ],
    [
      'lithium 1.8 with lithium ordered',
      patient([lab('lithium-level', 'mmol/L', 1.8)], {
        ordered: [{ drug: 'lithium carbonate', route: 'oral' }],
      }),
      'CV-009',
      'RD-016',
    ],
  ])('%s: %#', (_, given, said, silent) => {
    const shown = topics(decided(given, 'order-sign'));
    expect(shown).toContain(said);
    expect(shown).not.toContain(silent);
  });

  const cardsOf = (labs: GivenLab[], drug: string): [string, string][] =>
    decided(patient(labs, { ordered: [{ drug, route: 'oral' }] }), 'order-sign').cards.flatMap(
      ({ source: { topic }, summary, detail }): [string, string][] =>
        topic.code === 'DQ-004' ? [] : [[topic.code, `${summary} ${detail}`]],
    );
  it.each<[string, GivenLab[], string, string[], string]>([
    [
      'a drug that lowers potassium, as grave: the order heads, the value alone is listed',
      [lab('potassium', 'mmol/L', 2.8)],
      'furosemide',
      ['HK-004'],
      'K 2.8 mmol/L: far below range',
    ],
    [
      'a graver value heads, and names the drug',
      [lab('potassium', 'mmol/L', 2.3)],
      'furosemide',
      ['CV-012'],
      'consider an ECG, monitoring and magnesium; also furosemide',
    ],
    [
      'as grave with another way out: both are on the card of the order',
      [lab('potassium', 'mmol/L', 6.2)],
      'naproxen',
      ['KX-017'],
      'far above range; consider an ECG',
    ],
    [
      'a graver value with another way out is a card of its own',
      [lab('potassium', 'mmol/L', 7.1)],
      'naproxen',
      ['CV-004', 'KX-017'],
      'consider an ECG now',
    ],
    [
      'of another way out: correct, or another drug',
      [lab('magnesium', 'mg/dL', 0.9)],
      'ondansetron',
      ['MG-001', 'QT-001'],
      'severe hypomagnesemia',
    ],
  ])('%s', (_, labs, drug, said, words) => {
    const cards = cardsOf(labs, drug);
    expect(cards.map(([topic]) => topic).sort()).toEqual(said);
    expect(cards.map(([, text]) => text).join()).toContain(words);
  });

  it('is a finding of the decision, and says on whose card it is listed', () => {
    const given = patient([lab('potassium', 'mmol/L', 2.8)], {
      ordered: [{ drug: 'furosemide', route: 'oral' }],
    });
    const { evaluations } = decided(given, 'order-sign');
    expect(evaluations.find(({ rule }) => rule === 'CV-013')).toMatchObject({
      outcome: 'fired',
      shown: true,
      card: 'HK-004',
    });
  });

  it('several critical values are a card each', () => {
    const labs = [lab('magnesium', 'mg/dL', 0.8), lab('potassium', 'mmol/L', 2.3), lab('qtc', 'ms', 530)];
    expect(saidBy(patient(labs), 'patient-view').sort()).toEqual(['CV-008', 'CV-012', 'MG-001']);
  });
});

describe('what may lie on either side', () => {
  it.each<[string, GivenLab[], string[]]>([
    [
      'potassium 6.2 or 6.8 of one time is at least 6.0',
      [lab('potassium', 'mmol/L', 6.2), lab('potassium', 'mmol/L', 6.8)],
      ['CV-005'],
    ],
    [
      'potassium 5.8 or 6.8 is not known',
      [lab('potassium', 'mmol/L', 5.8), lab('potassium', 'mmol/L', 6.8)],
      [],
    ],
    ['potassium above 7 is', [lab('potassium', 'mmol/L', 7, { comparator: '>' })], ['CV-004']],
    ['magnesium below 0.8 is below 1.0', [lab('magnesium', 'mg/dL', 0.8, { comparator: '<' })], ['MG-001']],
    ['magnesium below 1.2 is not known', [lab('magnesium', 'mg/dL', 1.2, { comparator: '<' })], []],
    ['magnesium above 9 mg/dL is toxic', [lab('magnesium', 'mg/dL', 9, { comparator: '>' })], ['MG-007']],
  ])('%s', (_, labs, said) => expect(saidBy(patient(labs), 'patient-view')).toEqual(said));
});

describe('a limit in two units is that of the unit that came', () => {
  it.each<[number, string, string]>([
    [3.2, 'nmol/L', '**digoxin 3.2 nmol/L** (at least 3.2 nmol/L)'],
    [4.1, 'nmol/L', '**digoxin 4.1 nmol/L** (at least 3.2 nmol/L)'],
    [2.5, 'ng/mL', '**digoxin 2.5 ng/mL** (at least 2.5 ng/mL)'],
  ])('digoxin %d %s', (value, unit, line) => {
    const given = patient([lab('digoxin-level', unit, value)]);
    const card = decided(given, 'patient-view').cards.find(({ source }) => source.topic.code === 'CV-007');
    expect(card?.detail).toContain(line);
  });

  it('3.1 nmol/L is silent', () => {
    expect(saidBy(patient([lab('digoxin-level', 'nmol/L', 3.1)]), 'patient-view')).toEqual([]);
  });
});

describe('magnesium of an obstetric infusion', () => {
  const running = { active: [{ drug: 'magnesium sulfate', route: 'intravenous' }] };
  it.each(['preeclampsia', 'eclampsia', 'hellp'])(
    'of 5 mEq/L in %s is the aim, of 7 it is toxic',
    (group) => {
      const of = (value: number) =>
        saidBy(
          patient([lab('magnesium', 'meq/L', value)], { ...running, conditions: [group] }),
          'patient-view',
        );
      expect([of(5), of(7)]).toEqual([[], ['MG-007']]);
    },
  );
});

describe('a newest result that could not be used is named on the card of open checks', () => {
  const openCheck = (given: CaseData, hook: Hook) => {
    const card = decided(given, hook).cards.find(({ source }) => source.topic.code === 'DQ-004');
    return card && [card.indicator, /Missing: (.*)/.exec(card.summary)?.[1]];
  };
  const unit = 'potassium (unit not usable)';
  const noUnit = lab('potassium', 'mmol/L', 7.1, { unit: null });
  const usable = (hoursAgo: number) => lab('potassium', 'mmol/L', 4.2, { hoursAgo });

  it.each<[string, GivenLab[], string | undefined]>([
    ['without a unit', [noUnit], unit],
    ['in a unit of another test', [lab('potassium', 'mg/dL', 7.1)], unit],
    ['outside what is possible', [lab('potassium', 'mmol/L', 71)], 'potassium (value not usable)'],
    ['after an older normal one', [usable(8), noUnit], unit],
    [
      'of two that contradict each other',
      [lab('potassium', 'mmol/L', 7.1), lab('potassium', 'mmol/L', 4.2)],
      'potassium (results contradict)',
    ],
    ['of magnesium', [lab('magnesium', 'mg/dL', 9, { unit: null })], 'magnesium (unit not usable)'],
    ['of calcium', [lab('calcium-total', 'mg/dL', 14, { unit: null })], 'calcium (unit not usable)'],
    ['before a newer usable one', [{ ...noUnit, hoursAgo: 8 }, usable(1)], undefined],
    ['older than the window', [{ ...noUnit, hoursAgo: 73 }], undefined],
    ['withdrawn', [{ ...noUnit, status: 'entered-in-error' }], undefined],
    ['of a test that no critical rule asks', [lab('albumin', 'g/dL', 3, { unit: null })], undefined],
    [
      'of two that differ on one side of the limits',
      [lab('potassium', 'mmol/L', 4.4), lab('potassium', 'mmol/L', 4.2)],
      undefined,
    ],
  ])('%s', (_, labs, named) => {
    expect(openCheck(patient(labs), 'patient-view')).toEqual(named && ['info', named]);
    expect(openCheck(patient(labs), 'order-sign')).toEqual(named && ['warning', named]);
    expect(openCheck(patient(labs, { entered: ['asthma'] }), 'problem-list-item-create')).toBeUndefined();
  });

  it('offers no test that has come', () => {
    const { cards } = decided(patient([noUnit]), 'order-sign');
    expect(cards.find(({ source }) => source.topic.code === 'DQ-004')?.suggestions).toBeUndefined();
  });
});
