/** What each fact asks of the chart and of those who send it, and how it is said: what forms, prefetch and cards rest on. */
import { describe, expect, it } from 'vitest';
import { createContext } from '../../../rules/facts/context.ts';
import {
  type Fact,
  type KnownFact,
  type MissingCause,
  missing,
  type Reason,
} from '../../../rules/facts/fact.ts';
import { type FactName, factNames, factOf } from '../../../rules/facts/facts.ts';
import { labEvidence } from '../../../rules/facts/results.ts';
import type { Category } from '../../../rules/fhir/categories.ts';
import { at, chartWith, conditionOf, labOf, order } from '../../support/charts.ts';

interface Row {
  name: FactName;
  params?: Record<string, unknown>;
  /** As a clinician says it. */
  ask: string;
  kinds: readonly Category[];
  tests?: string;
  /** What to ask for where it is missing: type of resource, then element or tests and their window. */
  needed: readonly string[];
  fills?: readonly string[];
  heads?: string;
  isWhole?: true;
}

const loops = { classes: ['loop-diuretic'] };
const sulfate = { ingredients: ['magnesium sulfate'] };
const requests = ['MedicationRequest'];
const therapies = ['MedicationRequest', 'MedicationStatement', 'MedicationAdministration'];
const ofEgfr = 'creatinine creatinine-dialysis egfr';
const dates = 'pregnancy-status gestational-age delivery-date';
const fall = { within: 'P30D', span: 'P365D', over: 'P90D' };
const stages = ['ckd-stage-3', 'ckd-stage-4', 'esrd'];

const rows: readonly Row[] = [
  {
    name: 'age',
    params: { unit: 'day' },
    ask: 'age',
    kinds: [],
    needed: ['Patient birthDate'],
    isWhole: true,
  },
  { name: 'sex', ask: 'sex', kinds: [], needed: ['Patient gender'] },
  {
    name: 'lab',
    params: { test: 'magnesium', unit: 'mg/dL', within: 'P3D' },
    ask: 'serum magnesium within 3 days',
    kinds: ['labs'],
    tests: 'magnesium',
    needed: ['Observation magnesium P3D'],
    fills: ['values'],
  },
  {
    name: 'lab',
    params: { test: 'calcium-corrected', unit: 'mg/dL', within: 'PT48H' },
    ask: 'albumin-corrected calcium within 48 hours',
    kinds: ['labs'],
    tests: 'calcium-corrected calcium-total albumin',
    needed: ['Observation calcium-corrected PT48H'],
    fills: ['values'],
  },
  {
    name: 'hasLab',
    params: { tests: ['magnesium', 'potassium'], within: 'P3D' },
    ask: 'serum magnesium or serum potassium within 3 days',
    kinds: ['labs'],
    tests: 'magnesium potassium',
    needed: ['Observation magnesium potassium P3D'],
  },
  {
    name: 'hasLab',
    params: { tests: ['magnesium'], within: 'admission' },
    ask: 'serum magnesium since admission',
    kinds: ['labs', 'encounter'],
    tests: 'magnesium',
    needed: ['Observation magnesium admission'],
  },
  {
    name: 'labNewer',
    params: { test: 'calcium-ionized', than: 'calcium-corrected', within: 'P3D', orOlderBy: 'PT24H' },
    ask: 'ionized calcium as recent as albumin-corrected calcium within 3 days',
    kinds: ['labs'],
    tests: 'calcium-ionized calcium-corrected calcium-total albumin',
    needed: ['Observation calcium-ionized P3D'],
  },
  {
    name: 'labTrend',
    params: { test: 'creatinine', unit: 'mg/dL', within: 'P3D', span: 'PT48H', change: 'rise' },
    ask: 'serum creatinine within 3 days',
    kinds: ['labs'],
    tests: 'creatinine',
    needed: ['Observation creatinine P3D'],
    fills: ['values'],
  },
  {
    name: 'hasEarlierLab',
    params: { test: 'creatinine', within: 'P3D', span: 'P7D' },
    ask: 'an earlier serum creatinine within 7 days',
    kinds: ['labs'],
    tests: 'creatinine',
    needed: ['Observation creatinine P3D'],
    fills: ['values'],
  },
  {
    name: 'egfr',
    params: { within: 'P90D' },
    ask: 'kidney function (creatinine) within 90 days',
    kinds: ['labs'],
    tests: `${ofEgfr} body-height pregnancy-status`,
    needed: ['Observation creatinine P90D'],
    fills: ['values'],
  },
  {
    name: 'creatinineClearance',
    params: { within: 'P90D' },
    ask: 'kidney function (creatinine) within 90 days',
    kinds: ['labs'],
    tests: `${ofEgfr} creatinine-clearance body-weight pregnancy-status`,
    needed: ['Observation creatinine P90D', 'Observation body-weight'],
    fills: ['values'],
  },
  {
    name: 'akiStage',
    params: { within: 'P7D' },
    ask: 'kidney function (creatinine) within 7 days',
    kinds: ['labs'],
    tests: `${ofEgfr} body-height pregnancy-status`,
    needed: ['Observation creatinine P7D'],
    fills: ['values'],
    isWhole: true,
  },
  {
    name: 'egfrHighest',
    params: { within: 'P365D', over: 'P90D' },
    ask: 'earlier kidney function (creatinine)',
    kinds: ['labs'],
    tests: `${ofEgfr} pregnancy-status`,
    needed: ['Observation creatinine P365D'],
    fills: ['values'],
  },
  {
    name: 'egfrFall',
    params: { ...fall, as: 'percent' },
    ask: 'earlier kidney function (creatinine)',
    kinds: ['labs'],
    tests: `${ofEgfr} pregnancy-status`,
    needed: ['Observation creatinine P30D'],
    fills: ['values'],
  },
  {
    name: 'egfrFall',
    params: { ...fall, as: 'categories' },
    ask: 'earlier kidney function (creatinine)',
    kinds: ['labs'],
    tests: `${ofEgfr} pregnancy-status`,
    needed: ['Observation creatinine P30D'],
    isWhole: true,
  },
  {
    name: 'drug',
    params: { ...loops, role: 'any' },
    ask: 'loop diuretic',
    kinds: ['medications'],
    needed: therapies,
    fills: ['drug'],
  },
  {
    name: 'drug',
    params: { ...loops, role: 'ordered', pace: 'loading' },
    ask: 'order of loop diuretic as a loading dose',
    kinds: ['orders'],
    needed: requests,
    fills: ['drug'],
  },
  {
    name: 'drug',
    params: { ...loops, role: 'active', endedWithin: 'P30D', pace: 'other' },
    ask: 'loop diuretic other than a loading dose',
    kinds: ['medications', 'pastMedications'],
    needed: therapies,
    fills: ['drug'],
  },
  {
    name: 'drug',
    params: { ...loops, role: 'ordered', starting: true, route: 'oral' },
    ask: 'start of loop diuretic by mouth',
    kinds: ['orders'],
    needed: requests,
    fills: ['drug'],
  },
  {
    name: 'drug',
    params: { ...loops, role: 'active', route: 'parenteral' },
    ask: 'loop diuretic by injection',
    kinds: ['medications'],
    needed: therapies,
    fills: ['drug'],
  },
  {
    name: 'drugCount',
    params: { ...loops, role: 'any', by: 'order' },
    ask: 'loop diuretic',
    kinds: ['medications'],
    needed: therapies,
    fills: ['drug'],
    isWhole: true,
  },
  ...(['dailyDose', 'dose'] as const).map((name) => ({
    name,
    params: { ...loops, role: 'ordered', unit: 'mg' },
    ask: 'the dose of loop diuretic',
    kinds: ['orders'] as const,
    tests: 'body-weight',
    needed: requests,
    fills: ['values', 'drug'],
  })),
  {
    name: 'doseFrequency',
    params: { ...loops, role: 'any' },
    ask: 'the dose of loop diuretic',
    kinds: ['medications'],
    needed: therapies,
    fills: ['values', 'drug'],
    isWhole: true,
  },
  ...[
    { except: {}, words: '' },
    { except: { except: 'loading' }, words: ' but for loading doses' },
    { except: { except: 'emergency' }, words: ' but for small doses' },
  ].map(({ except, words }) => ({
    name: 'infusionRate' as const,
    params: { ...sulfate, unit: 'g/h', ...except },
    ask: `the rate of magnesium sulfate${words}`,
    kinds: ['orders'] as const,
    tests: 'body-weight',
    needed: requests,
    fills: ['values'],
  })),
  {
    name: 'cumulativeDose',
    params: { ...sulfate, role: 'any', unit: 'g', within: 'PT48H' },
    ask: 'the sum of magnesium sulfate in 48 hours',
    kinds: ['medications'],
    tests: 'body-weight',
    needed: therapies,
    fills: ['values', 'drug'],
  },
  {
    name: 'allergy',
    params: { classes: ['fluoroquinolone'] },
    ask: 'allergy',
    kinds: ['allergies'],
    needed: ['AllergyIntolerance'],
  },
  {
    name: 'allergyToOrder',
    ask: 'allergies',
    kinds: ['allergies'],
    needed: ['AllergyIntolerance'],
    fills: ['drug', 'allergies'],
  },
  {
    name: 'duplicateOrder',
    ask: 'the medication list',
    kinds: ['medications'],
    needed: therapies,
    fills: ['drug'],
  },
  {
    name: 'contrastStudy',
    params: { agent: 'gadolinium' },
    ask: 'a study with gadolinium contrast',
    kinds: ['orders'],
    needed: requests,
    fills: ['drug'],
  },
  {
    name: 'condition',
    params: { groups: ['dialysis', 'asthma'], status: 'active' },
    ask: 'dialysis or asthma',
    kinds: ['conditions'],
    needed: ['Condition'],
    fills: ['conditions'],
  },
  {
    name: 'condition',
    params: { groups: stages, status: 'ever' },
    ask: 'chronic kidney disease stage 3, 4 or end-stage renal disease',
    kinds: ['conditions'],
    needed: ['Condition'],
    fills: ['conditions'],
  },
  {
    name: 'condition',
    params: { groups: ['ckd-stage-4', 'esrd'], status: 'active' },
    ask: 'chronic kidney disease stage 4 or end-stage renal disease',
    kinds: ['conditions'],
    needed: ['Condition'],
    fills: ['conditions'],
  },
  {
    name: 'documentedAki',
    ask: 'acute kidney injury',
    kinds: ['conditions'],
    needed: ['Condition'],
    fills: ['values'],
  },
  { name: 'pregnancy', ask: 'pregnancy', kinds: ['conditions'], tests: dates, needed: ['Condition'] },
  {
    name: 'gestation',
    ask: 'gestational age',
    kinds: ['labs', 'conditions'],
    tests: dates,
    needed: ['Observation gestational-age delivery-date', 'Condition'],
    fills: ['values'],
    isWhole: true,
  },
  { name: 'encounter', ask: 'the kind of encounter', kinds: ['encounter'], needed: ['Encounter'] },
  {
    name: 'notice',
    params: { codes: ['drug-unresolved'] },
    ask: 'notice',
    kinds: [],
    needed: [],
    heads: 'unrecognised-drugs',
  },
  {
    name: 'notice',
    params: { codes: ['drug-unresolved', 'order-unchecked'] },
    ask: 'notice',
    kinds: [],
    needed: [],
    heads: 'unchecked-orders',
  },
  { name: 'notice', params: { codes: ['lab-conflict'] }, ask: 'notice', kinds: [], needed: [] },
  { name: 'checkNotMade', ask: 'checkNotMade', kinds: [], needed: [], heads: 'open-checks' },
];

const neededBy = (name: FactName, params: Record<string, unknown>): string[] =>
  factOf(name)
    .dataNeeds(params)
    .map((need) =>
      need.type === 'Observation'
        ? [need.type, ...need.tests, need.within ?? ''].join(' ').trim()
        : need.type === 'Patient'
          ? `${need.type} ${need.element}`
          : need.type,
    );

describe('what a fact asks', () => {
  it('is known of each', () => {
    expect(new Set(rows.map(({ name }) => name))).toEqual(new Set(factNames));
  });

  it.each(rows.map((row) => [row.name, row.params ?? {}, row] as const))('%s %j', (name, params, row) => {
    const fact = factOf(name);
    expect(fact.params.safeParse(params).success).toBe(true);
    expect({
      ask: fact.ask(params),
      kinds: fact.categories(params),
      tests: fact.tests(params).join(' '),
      needed: neededBy(name, params),
      fills: fact.fills(params),
      heads: fact.heads(params),
      isWhole: fact.isWhole(params),
    }).toEqual({
      ask: row.ask,
      kinds: row.kinds,
      tests: row.tests ?? '',
      needed: row.needed,
      fills: row.fills ?? [],
      heads: row.heads ?? null,
      isWhole: row.isWhole ?? false,
    });
  });
});

// --- What a result that was not read may change --------------------------------------------------------------

const day = 24 * 3_600_000;
const pregnantNow = { conditions: [conditionOf('p', ['pregnancy'], 30)] };
const man = { patient: { reference: 'Patient/1', sex: 'male' as const, birthDate: '1966-01-01' } };
const byWeight = (reads: 'doses' | 'perDay', unit: string) => ({
  medications: [
    order('o', ['gabapentin'], {
      dosing: { instructions: [{ [reads]: [{ value: 5, unit }] }], complete: true } as never,
    }),
  ],
});

describe('results that may change an answer', () => {
  const kidney = [
    { test: 'creatinine', before: 7 * day },
    { test: 'egfr', beside: 'creatinine' },
  ];
  const ofPregnancy = [{ test: 'creatinine', before: 300 * day }, kidney[1]];
  const weight = [{ test: 'body-weight' }];
  const dating = ['pregnancy-status', 'gestational-age', 'delivery-date'].map((test) => ({
    test,
    before: 300 * day,
  }));

  it.each<[string, FactName, Record<string, unknown>, Parameters<typeof chartWith>[0], unknown[]]>([
    ['of one test', 'lab', { test: 'magnesium' }, {}, [{ test: 'magnesium', beside: 'calcium-total' }]],
    [
      'of what is computed',
      'lab',
      { test: 'calcium-corrected' },
      {},
      ['calcium-corrected', 'calcium-total', 'albumin'].map((test) => ({ test, beside: 'calcium-total' })),
    ],
    ['one that is there stays', 'hasLab', { tests: ['magnesium'] }, {}, []],
    [
      'of either test',
      'labNewer',
      { test: 'calcium-ionized', than: 'magnesium' },
      {},
      [{ test: 'calcium-ionized' }, { test: 'magnesium' }],
    ],
    [
      'as far as it looks back',
      'labTrend',
      { test: 'potassium', span: 'PT48H' },
      {},
      [{ test: 'potassium', before: 2 * day }],
    ],
    [
      'as far as it looks back',
      'hasEarlierLab',
      { test: 'potassium', span: 'P7D' },
      {},
      [{ test: 'potassium', before: 7 * day }],
    ],
    ['of a week, and a newer report', 'egfr', {}, {}, kidney],
    ['of all of a pregnancy', 'egfr', {}, pregnantNow, ofPregnancy],
    ['of men of a week', 'egfr', {}, { ...pregnantNow, ...man }, kidney],
    [
      'with weight and what is reported',
      'creatinineClearance',
      {},
      {},
      [
        ...kidney,
        { test: 'creatinine-clearance', beside: 'creatinine' },
        { test: 'body-weight', beside: 'creatinine' },
      ],
    ],
    ['the baseline is of a year', 'akiStage', {}, {}, [{ test: 'creatinine', before: 365 * day }]],
    ['of a week, and a newer report', 'egfrHighest', {}, {}, kidney],
    [
      'as far as it looks back',
      'egfrFall',
      { span: 'P90D' },
      {},
      kidney.map((one) => ({ ...one, before: 90 * day })),
    ],
    ['none', 'drug', {}, {}, []],
    ['none', 'drugCount', {}, {}, []],
    ['none', 'dailyDose', { unit: 'mg' }, {}, []],
    ['the weight, as it is asked', 'dailyDose', { unit: 'mg/kg' }, {}, weight],
    ['the weight, of a dose by weight', 'dailyDose', { unit: 'mg' }, byWeight('doses', 'mg/kg'), weight],
    ['the weight, of a day by weight', 'cumulativeDose', { unit: 'g' }, byWeight('perDay', 'ug/kg'), weight],
    ['none of a plain dose', 'infusionRate', { unit: 'g/h' }, byWeight('doses', 'mg'), []],
    ['none', 'doseFrequency', {}, byWeight('doses', 'mg/kg'), []],
    ['whatever dates it', 'pregnancy', {}, {}, dating],
    ['whatever dates it', 'gestation', {}, {}, dating],
    ['none of a man', 'pregnancy', {}, man, []],
    ['none', 'condition', {}, {}, []],
    ['none', 'allergyToOrder', {}, {}, []],
    ['none', 'duplicateOrder', {}, {}, []],
    ['none', 'contrastStudy', {}, {}, []],
    ['none', 'encounter', {}, {}, []],
    ['none', 'age', {}, {}, []],
    ['none', 'sex', {}, {}, []],
    ['of nothing that could be noted', 'notice', { codes: ['egfr-recomputed'] }, {}, [{ test: 'egfr' }]],
    ['none', 'notice', { codes: ['lab-conflict'] }, {}, []],
    ['none', 'checkNotMade', {}, {}, []],
  ])('%s: %s %j (%#)', (_, name, params, given, expected) => {
    expect(factOf(name).reach(params, createContext(chartWith(given), at, []))).toEqual(expected);
  });
});

// --- What an undecided check waits for -----------------------------------------------------------------------

const open = (cause: MissingCause, ...reasons: Reason[]): Fact => missing(cause, reasons);
const point: KnownFact = { state: 'known', value: 1, evidence: [] };
const noted = (note: KnownFact['evidence'][number]['notes'][number]): KnownFact => ({
  ...point,
  range: { low: 0, high: 1 },
  evidence: [{ ...labEvidence(labOf('creatinine', 1)), notes: [note] }],
});
const ofCategory: Fact = { ...missing('category', []), category: 'medications' };
const routes = (...medications: { name: string; unread?: 'stated' | 'several' }[]): Reason => ({
  code: 'route-unknown',
  medications: medications.map(
    (one, index) => ({ reference: `MedicationRequest/${index}`, ...one }) as never,
  ),
});
const allergies = (count: number): Reason => ({
  code: 'allergies-open',
  references: Array.from({ length: count }, (_, index) => `AllergyIntolerance/${index + 1}`),
});

describe('what an undecided check waits for', () => {
  const week = { within: 'P7D' };
  it.each<[FactName, Record<string, unknown>, Fact, string | null]>([
    ['lab', { test: 'magnesium' }, open('absent'), 'Mg'],
    ['lab', { test: 'digoxin-level' }, open('absent'), 'digoxin level'],
    ['lab', { test: 'magnesium' }, open('unresolved'), null],
    ['lab', { test: 'magnesium' }, ofCategory, null],
    ['lab', { test: 'magnesium' }, point, null],
    ['labTrend', { test: 'potassium' }, open('absent'), 'K'],
    ['labTrend', { test: 'potassium' }, open('unresolved'), null],
    ['egfr', week, open('absent', { code: 'needs', input: 'creatinine' }), 'creatinine'],
    ['egfr', week, noted({ code: 'creatinine-trend', trend: 'rising', atMost: 1 }), 'a steady creatinine'],
    ['egfr', week, noted({ code: 'in-pregnancy', isReduced: false }), 'a measured creatinine clearance'],
    ['creatinineClearance', week, open('absent', { code: 'needs', input: 'body-weight' }), 'weight'],
    ['drug', loops, open('absent', routes({ name: 'furosemide' })), 'route of furosemide'],
    [
      'drug',
      loops,
      open('absent', routes({ name: 'furosemide' }, { name: 'furosemide' }, { name: 'bumetanide' })),
      'route of furosemide, route of bumetanide',
    ],
    [
      'drug',
      loops,
      open('absent', routes({ name: 'furosemide', unread: 'several' })),
      'route of furosemide (routes that differ are stated)',
    ],
    [
      'drug',
      loops,
      open('absent', routes({ name: 'furosemide', unread: 'stated' })),
      'route of furosemide (stated, and not understood)',
    ],
    ['drug', loops, open('unresolved'), null],
    ['drug', loops, point, null],
    ['drugCount', loops, open('unresolved'), 'the whole medication list'],
    ['dailyDose', loops, open('absent', routes({ name: 'furosemide' })), 'route of furosemide'],
    ['dailyDose', loops, open('absent', { code: 'dose-needs-weight', references: [] }), 'weight'],
    [
      'dailyDose',
      loops,
      open('unresolved', { code: 'dose-not-computed', references: [] }),
      'the dose of loop diuretic',
    ],
    ['dailyDose', loops, ofCategory, null],
    ['dailyDose', loops, point, null],
    [
      'cumulativeDose',
      { ...sulfate, within: 'PT48H' },
      open('unresolved'),
      'the sum of magnesium sulfate in 48 hours',
    ],
    ['allergyToOrder', {}, open('unresolved', allergies(1)), 'substance of AllergyIntolerance/1'],
    [
      'allergyToOrder',
      {},
      open('unresolved', allergies(3)),
      'substance of AllergyIntolerance/1, AllergyIntolerance/2, AllergyIntolerance/3',
    ],
    [
      'allergyToOrder',
      {},
      open('unresolved', allergies(5)),
      'substance of AllergyIntolerance/1, AllergyIntolerance/2, AllergyIntolerance/3 and 2 more',
    ],
    ['allergyToOrder', {}, open('unresolved', { code: 'could-be-one', reference: 'x' }), null],
    ['allergy', {}, point, null],
    [
      'condition',
      {},
      open('unresolved', {
        code: 'conditions-open',
        conditions: [
          { group: 'dialysis', reference: 'a' },
          { group: 'asthma', reference: 'b' },
          { group: 'dialysis', reference: 'c' },
        ],
      }),
      'details of dialysis, asthma',
    ],
    [
      'condition',
      {},
      open('unresolved', {
        code: 'conditions-open',
        conditions: [{ group: 'dialysis', reference: 'a' }, { reference: 'b' }],
      }),
      null,
    ],
    ['condition', {}, open('category', { code: 'category-absent', category: 'conditions' }), null],
    ['condition', {}, point, null],
    [
      'pregnancy',
      {},
      open('unresolved', { code: 'pregnancy-undated', reference: 'x' }),
      'since when she is pregnant',
    ],
    [
      'pregnancy',
      {},
      open('unresolved', { code: 'pregnancy-not-documented', reference: 'x' }),
      'whether she is pregnant',
    ],
    [
      'pregnancy',
      {},
      open('unresolved', { code: 'conditions-open', conditions: [] }),
      'whether she is pregnant',
    ],
    ['pregnancy', {}, open('absent', { code: 'no-dating' }), null],
    ['pregnancy', {}, point, null],
  ])('%s %j (%#): %s', (name, params, fact, expected) => {
    const need = factOf(name).need(params, fact);
    if (expected === null) expect(need).toBeNull();
    else expect(need).toBe(expected);
  });
});

// --- A value in words ----------------------------------------------------------------------------------------

const from = (low: number, high = Number.POSITIVE_INFINITY): KnownFact => ({
  ...point,
  value: low,
  range: { low, high },
});
const valued = (value: number, unit?: string): KnownFact => ({ ...point, value, ...(unit ? { unit } : {}) });

describe('a value in words', () => {
  const magnesium = { test: 'magnesium', unit: 'mg/dL' };
  const trend = { test: 'potassium', unit: 'mmol/L', span: 'PT48H' };
  it.each<[FactName, Record<string, unknown>, KnownFact, string]>([
    ['age', { unit: 'year' }, valued(1), 'age 1 year'],
    ['age', { unit: 'year' }, valued(2), 'age 2 years'],
    ['age', { unit: 'day' }, from(1, 2), 'age 1 to 2 days'],
    ['lab', magnesium, valued(0.94, 'mg/dL'), 'Mg 0.94 mg/dL'],
    ['lab', magnesium, { ...from(0.9, 1.2), unit: 'mg/dL' }, 'Mg 0.9 to 1.2 mg/dL'],
    ['lab', magnesium, { ...from(0, 0.5), value: 0.5, unit: 'mg/dL' }, 'Mg < 0.5 mg/dL'],
    ['lab', magnesium, { ...from(5), unit: 'mg/dL' }, 'Mg > 5 mg/dL'],
    ['labTrend', { ...trend, change: 'rise' }, valued(0.04), 'K rose 0.04 mmol/L in 48 hours'],
    ['labTrend', { ...trend, change: 'fall' }, valued(1.5), 'K fell 1.5 mmol/L in 48 hours'],
    ['labTrend', { ...trend, change: 'ratio' }, valued(2), 'K 2 times the lowest of 48 hours'],
    ['dailyDose', { ...loops, unit: 'mg' }, from(40), 'at least 40 mg/day'],
    ['dailyDose', { ...loops, unit: 'mg/kg' }, valued(0.5), '0.5 mg/kg/day'],
    ['dose', { ...loops, unit: 'mg' }, valued(40), '40 mg a dose'],
    ['doseFrequency', loops, valued(1), '1 dose a day'],
    ['doseFrequency', loops, valued(3), '3 doses a day'],
    ['doseFrequency', loops, from(1), 'at least 1 dose a day'],
    ['infusionRate', sulfate, valued(2), '2 g/h'],
    ['cumulativeDose', { within: 'PT24H' }, from(4), 'at least 4 g in 24 hours'],
    ['drugCount', { by: 'class' }, valued(1), '1 kind of drug'],
    ['drugCount', { by: 'ingredient' }, from(2), 'at least 2 drugs'],
    ['drugCount', { by: 'order', within: 'P3D' }, valued(2), '2 orders in 3 days'],
    ['egfrHighest', { over: 'P90D' }, valued(42.24), 'no eGFR above 42.2 mL/min/1.73 m² in 90 days or more'],
    ['egfrFall', { as: 'percent', span: 'P365D' }, valued(31.7), 'eGFR fell 32 % in 12 months'],
    ['egfrFall', { as: 'categories' }, valued(1), '1 GFR category lower'],
    ['egfrFall', { as: 'categories' }, valued(2), '2 GFR categories lower'],
    ['egfrFall', { as: 'perYear' }, valued(5.25), 'eGFR falls 5.3 mL/min/1.73 m² a year'],
    ['gestation', {}, valued(24, 'wk'), '24 weeks of gestation'],
    ['gestation', {}, from(24, 25), '24 to 25 weeks of gestation'],
  ])('%s %j: %#', (name, params, fact, expected) => {
    const round = (value: number, decimals: number): string => String(Number(value.toFixed(decimals)));
    expect(factOf(name).word(fact, params, round)).toBe(expected);
  });
});
