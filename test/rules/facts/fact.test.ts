import { describe, expect, it } from 'vitest';
import { categoryWords, wordMissing } from '../../../rules/cards/wording.ts';
import { createContext } from '../../../rules/facts/context.ts';
import {
  type EvidenceNote,
  incompleteCategory,
  knownRange,
  type Reason,
  readInPart,
  type UnknownFact,
  whyNotDecided,
} from '../../../rules/facts/fact.ts';
import { type FactName, factOf } from '../../../rules/facts/facts.ts';
import { statedRange } from '../../../rules/logic/range.ts';
import { at, chartWith, labOf } from '../../support/charts.ts';

describe('a question in words', () => {
  it.each<[FactName, Record<string, unknown>, string]>([
    ['lab', { test: 'magnesium', within: 'P3D' }, 'lab magnesium within P3D'],
    ['hasLab', { tests: ['magnesium', 'potassium'], within: 'P3D' }, 'lab magnesium or potassium within P3D'],
    [
      'labTrend',
      { test: 'potassium', change: 'rise', span: 'P2D', within: 'P3D' },
      'lab potassium rise in P2D within P3D',
    ],
    ['hasLab', { tests: ['magnesium'], within: 'admission' }, 'lab magnesium since admission'],
    [
      'labNewer',
      { test: 'egfr', than: 'creatinine', within: 'P90D', orOlderBy: 'P1D' },
      'lab egfr newer than creatinine, or older by P1D at most, within P90D',
    ],
    [
      'egfrHighest',
      { within: 'P365D', over: 'P90D' },
      'highest egfr over at least P90D up to the latest within P365D',
    ],
    ...(
      [
        ['percent', 'in per cent'],
        ['categories', 'in GFR categories'],
        ['perYear', 'a year'],
      ] as const
    ).map(([as, words]): [FactName, Record<string, unknown>, string] => [
      'egfrFall',
      { within: 'P90D', span: 'P365D', over: 'P90D', as },
      `egfr fall ${words} in P365D within P90D`,
    ]),
    ['dose', { classes: ['ppi'], role: 'ordered', unit: 'mg' }, 'single dose of ppi ordered'],
    ['doseFrequency', { ingredients: ['digoxin'], role: 'active' }, 'doses a day of digoxin active'],
    [
      'cumulativeDose',
      { ingredients: ['magnesium sulfate'], role: 'any', unit: 'g', within: 'P1D' },
      'sum of magnesium sulfate any in P1D',
    ],
    ['drug', { classes: ['ppi'], role: 'any', endedWithin: 'P20D' }, 'drug ppi any or ended within P20D'],
    [
      'drug',
      { classes: ['ppi'], ingredients: ['digoxin', 'aspirin'], role: 'any' },
      'drug ppi or digoxin or aspirin any',
    ],
    [
      'drug',
      { classes: ['ppi'], role: 'active', route: 'oral', forAtLeast: 'P90D' },
      'drug ppi active oral for at least P90D',
    ],
    [
      'drugCount',
      { classes: ['ppi'], role: 'any', by: 'class', within: 'P3D' },
      'number of ppi any by class within P3D',
    ],
    ['dailyDose', { classes: ['ppi'], role: 'any' }, 'daily dose of ppi any'],
    ['allergyToOrder', {}, 'allergy to the ordered drug or its class'],
    ['duplicateOrder', {}, 'the ordered drug already taken or ordered'],
    ['allergy', { ingredients: ['aspirin'] }, 'allergy aspirin'],
    ['infusionRate', { ingredients: ['digoxin'] }, 'infusion rate digoxin'],
    ['condition', { groups: ['dialysis', 'asthma'] }, 'condition dialysis or asthma'],
    ['notice', { codes: ['unit-missing', 'unit-unknown'] }, 'notice unit-missing or unit-unknown'],
    ['egfr', { within: 'P90D' }, 'egfr within P90D'],
    ['sex', {}, 'sex'],
    ['age', { unit: 'year' }, 'age'],
    ['encounter', {}, 'encounter'],
    ['checkNotMade', {}, 'checkNotMade'],
    [
      'hasEarlierLab',
      { test: 'creatinine', within: 'P3D', span: 'P7D' },
      'lab creatinine within P3D and another within P7D before it',
    ],
    ['drug', { classes: ['ppi'], role: 'any', running: true }, 'drug ppi any running'],
    ['drug', { classes: ['ppi'], role: 'ordered', pace: 'loading' }, 'drug ppi ordered as a loading dose'],
    [
      'drug',
      { classes: ['ppi'], role: 'ordered', pace: 'other' },
      'drug ppi ordered other than a loading dose',
    ],
    [
      'drug',
      { classes: ['ppi'], role: 'ordered', plannedForMoreThan: 'P7D' },
      'drug ppi ordered planned for more than P7D',
    ],
    [
      'infusionRate',
      { ingredients: ['digoxin'], except: 'loading' },
      'infusion rate digoxin but for loading doses',
    ],
    ['contrastStudy', { agent: 'iodinated' }, 'study with iodinated contrast ordered'],
    [
      'contrastStudy',
      { agent: 'gadolinium', intraArterial: true },
      'study with gadolinium contrast ordered, into an artery',
    ],
  ])('%s %j: %s', (fact, params, expected) => {
    expect(factOf(fact).describe(params)).toBe(expected);
  });
});

it('a range as JSON can say it leaves out an end without a bound, and ends that are in it', () => {
  expect(statedRange({ low: 1, high: 2 })).toEqual({ low: 1, high: 2 });
  expect(statedRange({ low: 1, high: 2, lowOpen: true, highOpen: true })).toEqual({
    low: 1,
    high: 2,
    lowOpen: true,
    highOpen: true,
  });
  expect(statedRange({ low: 1, high: Number.POSITIVE_INFINITY, lowOpen: false })).toEqual({ low: 1 });
});

describe('a kind of data', () => {
  const asked = (state: 'absent' | 'partial' | 'known') =>
    incompleteCategory(createContext(chartWith({ completeness: { orders: state } }), at, []), 'orders');
  /** After the name of the fact. */
  const words = (unknown: UnknownFact | null): string =>
    wordMissing({ fact: 'duplicateOrder', params: {}, reasons: unknown?.reasons ?? [] }).replace(
      'the ordered drug already taken or ordered',
      'what',
    );
  it('that never came, came in part, or came', () => {
    expect(asked('absent')).toEqual({
      state: 'missing',
      cause: 'category',
      category: 'orders',
      reasons: [{ code: 'category-absent', category: 'orders' }],
      evidence: [],
    });
    expect(words(asked('absent'))).toBe('what (no draft orders came)');
    expect(asked('partial')).toMatchObject({
      cause: 'incomplete',
      reasons: [{ code: 'category-partial', category: 'orders' }],
      evidence: [],
    });
    expect(words(asked('partial'))).toBe('what (draft orders came in part)');
    expect(asked('known')).toBeNull();
  });
  it.each([
    ['labs', 'laboratory data'],
    ['medications', 'medications'],
    ['pastMedications', 'past medications'],
    ['orders', 'draft orders'],
    ['conditions', 'conditions'],
    ['allergies', 'allergies'],
    ['encounter', 'encounter'],
  ] as const)('%s is spoken of as %s', (category, word) => {
    expect(categoryWords[category]).toBe(word);
    const chart = chartWith({ completeness: { [category]: 'absent' } });
    const unknown = incompleteCategory(createContext(chart, at, []), category);
    expect(unknown).toMatchObject({ category });
    expect(words(unknown)).toBe(`what (no ${word} came)`);
  });
  it('that stands for orders where therapy is under review is the medication list', () => {
    const of = (category: 'orders' | 'conditions') => {
      const completeness = { orders: 'absent', conditions: 'absent' } as const;
      const chart = chartWith({ completeness, therapyUnderReview: true });
      return incompleteCategory(createContext(chart, at, []), category);
    };
    expect(of('orders')).toMatchObject({ category: 'medications' });
    expect(words(of('orders'))).toBe('what (no medications came)');
    expect(of('conditions')).toMatchObject({ category: 'conditions' });
    expect(words(of('conditions'))).toBe('what (no conditions came)');
  });
});

describe('the results of a test', () => {
  const references = (...labs: ReturnType<typeof labOf>[]) =>
    createContext(chartWith({ labs }), at, [])
      .labsOf('magnesium')
      .map(({ reference }) => reference.slice('Observation/magnesium-'.length));
  const undated = (id: number, more = {}) =>
    labOf('magnesium', 1, id, { span: null, time: null, used: false, ...more });
  it('are the usable ones, newest first, those without a date last', () => {
    expect(
      references(undated(9), labOf('magnesium', 1, 3), labOf('magnesium', 1, 1), labOf('potassium', 1, 2)),
    ).toEqual(['1', '3', '9']);
    expect(references(labOf('magnesium', 1, 3), undated(9))).toEqual(['3', '9']);
    expect(references(labOf('magnesium', 1, 1, { used: false }), undated(9, { value: null }))).toEqual([]);
  });
  it('of one end are sorted by their beginning', () => {
    const to = at - 1000;
    const from = (id: number, before: number) =>
      labOf('magnesium', 1, id, { span: { from: to - before, to } });
    expect(references(from(1, 500), from(2, 100))).toEqual(['2', '1']);
    expect(references(from(2, 100), from(1, 500))).toEqual(['2', '1']);
    expect(references(from(1, 100), from(2, 500))).toEqual(['1', '2']);
  });
  it('that have no date are sorted by their reference, whichever came first', () => {
    expect(references(undated(1), undated(2))).toEqual(['2', '1']);
    expect(references(undated(2), undated(1))).toEqual(['2', '1']);
  });
  it('are computed once, as is whatever is to be computed once', () => {
    const context = createContext(chartWith({ labs: [labOf('magnesium', 1)] }), at, []);
    expect(context.labsOf('magnesium')).toBe(context.labsOf('magnesium'));
    const what = () => ({});
    expect(context.memo(what)).toBe(context.memo(what));
  });
});

describe('a known value that does not decide', () => {
  const trend: EvidenceNote = { code: 'creatinine-trend', trend: 'rising', atMost: 50 };
  const pregnant: EvidenceNote = { code: 'in-pregnancy', isReduced: false };
  const half: EvidenceNote = { code: 'half-of-it' };
  it.each<[string, EvidenceNote[][], Reason['code']]>([
    ['is within a range', [], 'not-decided'],
    ['is within a range, with a note', [[half]], 'not-decided'],
    ['is an upper bound while creatinine changes', [[half, trend]], 'upper-bound-only'],
    ['is that, in pregnancy too', [[pregnant], [trend]], 'upper-bound-only'],
    ['is a creatinine in pregnancy', [[half], [pregnant, half]], 'no-estimate-in-pregnancy'],
  ])('%s', (_, notes, code) => {
    const evidence = notes.map((own) => ({
      reference: 'Observation/o',
      used: { kind: 'unused' } as const,
      time: null,
      notes: own,
    }));
    expect(whyNotDecided({ state: 'known', value: 50, range: { low: 0, high: 50 }, evidence })).toEqual({
      code,
    });
  });
});

it('a kind of data that was not read in full is named, after what else lacks', () => {
  const before: Reason[] = [{ code: 'no-dating' }];
  expect(readInPart('labs', before)).toEqual({
    state: 'missing',
    cause: 'incomplete',
    category: 'labs',
    reasons: [...before, { code: 'category-partial', category: 'labs' }],
    evidence: [],
  });
  expect(readInPart('labs').reasons).toEqual([{ code: 'category-partial', category: 'labs' }]);
});

it.each<[number, number, string | null, object]>([
  [1, 1, 'mg', { value: 1, unit: 'mg' }],
  [1, 2, 'mg', { value: 1, unit: 'mg', range: { low: 1, high: 2 } }],
  [1, 1, null, { value: 1 }],
])('from %d to %d in %s', (low, high, unit, expected) => {
  expect(knownRange(low, high, unit, [])).toEqual({ state: 'known', evidence: [], ...expected });
});
