/** What a card says of what it would ask for, and what is at hand (clinical decision 36), patient by patient. */
import { describe, expect, test } from 'vitest';
import type { GivenDrug, GivenLab } from '../../../rules/library/case.ts';
import {
  decidedWith,
  type Given,
  type Moment,
  openChecksOf,
  patient,
  type TestOrder,
} from '../../support/ordered-tests.ts';

const lab = (name: GivenLab['test'], value: number, unit = 'mg/dL', hoursAgo = 7): GivenLab => ({
  test: name,
  value,
  unit,
  hoursAgo,
});
const low = lab('magnesium', 1.4);
const gluconate: GivenDrug = { drug: 'calcium gluconate', route: 'intravenous', dose: '1 g', hours: 1 };
const sulfate: GivenDrug = { drug: 'magnesium sulfate', route: 'intravenous', dose: '2 g', hours: 2 };
const oxide: GivenDrug = { drug: 'magnesium oxide', dose: '400 mg', timesADay: 2 };
const chloride: GivenDrug = { drug: 'potassium chloride', route: 'oral', dose: '20 mEq', timesADay: 2 };
const phosphate: GivenDrug = { drug: 'sodium phosphate', route: 'intravenous' };
const any: GivenDrug = { drug: 'levothyroxine', route: 'oral' };
const sotalol: GivenDrug = { drug: 'sotalol', route: 'oral' };
const cisplatin: GivenDrug = { drug: 'cisplatin', route: 'intravenous' };
const digoxin: GivenDrug = { drug: 'digoxin', route: 'oral' };
const tacrolimus: GivenDrug = { drug: 'tacrolimus', route: 'oral' };
const patiromer: GivenDrug = { drug: 'patiromer', route: 'oral' };
const denosumab: GivenDrug = { drug: 'denosumab', route: 'subcutaneous' };

interface Row {
  rule: string;
  given: Given;
  moment?: Moment;
  /** What the card does not say. */
  silent: RegExp;
  line: string;
}

const rows: Row[] = [
  {
    rule: 'MG-022',
    given: { labs: [low], ordered: [tacrolimus, { ...oxide, route: 'oral' }] },
    silent: /consider replacement|oral magnesium/,
    line: 'Drafted: magnesium oxide.',
  },
  {
    rule: 'MG-020',
    given: { labs: [lab('magnesium', 1.3)], ordered: [patiromer, sulfate] },
    moment: { drafts: ['19123-9'] },
    silent: /consider replacing|magnesium replacement|level/,
    line: 'Already ordered: magnesium; drafted: magnesium sulfate.',
  },
  {
    rule: 'MG-006',
    given: { labs: [lab('magnesium', 6)], ordered: [sulfate, gluconate] },
    silent: /injectable calcium/,
    line: 'Drafted: calcium gluconate.',
  },
  {
    rule: 'MG-007',
    given: { labs: [lab('magnesium', 9)], ordered: [sulfate, gluconate] },
    silent: /giving calcium|IV calcium/,
    line: 'Drafted: calcium gluconate.',
  },
  {
    rule: 'MG-007',
    given: { labs: [lab('magnesium', 9)], ordered: [sulfate, { drug: 'calcium gluconate' }] },
    silent: /giving calcium|IV calcium/,
    line: 'Drafted: calcium gluconate.',
  },
  {
    rule: 'CV-006',
    given: { labs: [lab('calcium-ionized', 0.7, 'mmol/L')], ordered: [any, gluconate] },
    moment: { drafts: [{ code: { text: 'ECG 12 lead' } }] },
    silent: /consider IV calcium|calcium by vein|an ECG/,
    line: 'Already ordered: ECG; drafted: calcium gluconate.',
  },
  {
    rule: 'CV-004',
    given: { labs: [lab('potassium', 7.1, 'mmol/L')], ordered: [any] },
    moment: { running: ['11524-6', '2823-3'] },
    silent: /ECG now|second sample/,
    line: 'Already ordered: ECG, potassium.',
  },
  {
    rule: 'CV-012',
    given: { labs: [lab('potassium', 2.3, 'mmol/L')], ordered: [any, chloride, sulfate] },
    silent: /replacement by|magnesium replaced|and magnesium/,
    line: 'Drafted: potassium chloride, magnesium sulfate.',
  },
  {
    rule: 'CV-013',
    given: { labs: [lab('potassium', 2.8, 'mmol/L')], ordered: [any], active: [chloride] },
    moment: { drafts: ['19123-9', '11524-6'] },
    silent: /consider replacement|magnesium checked|an ECG/,
    line: 'Already ordered: magnesium, ECG; taken: potassium chloride.',
  },
  {
    rule: 'CV-011',
    given: { labs: [lab('phosphate', 0.9)], ordered: [any, phosphate] },
    silent: /consider monitored replacement|replacement by vein/,
    line: 'Drafted: sodium phosphate.',
  },
  {
    rule: 'DG-004',
    given: { active: [digoxin], ordered: [{ drug: 'amiodarone', route: 'oral' }] },
    moment: { drafts: ['10535-3'] },
    silent: /and a level|measure/,
    line: 'Already ordered: digoxin level.',
  },
  {
    rule: 'MG-016',
    given: { labs: [low], ordered: [cisplatin, sulfate] },
    moment: { drafts: [{ code: { text: 'Magnesium, serum' } }] },
    silent: /consider|a serum magnesium/,
    line: 'Already ordered: magnesium; drafted: magnesium sulfate.',
  },
  {
    rule: 'RD-029',
    given: {
      labs: [lab('egfr', 25, 'mL/min/{1.73_m2}')],
      ordered: [denosumab, { drug: 'vitamin D', route: 'oral' }],
    },
    moment: { drafts: ['17861-6', '19123-9', { code: { text: 'PTH, intact' } }] },
    silent: /calcium checked|Mg|magnesium checked|PTH,|vitamin D,/,
    line: 'Already ordered: calcium, magnesium, parathyroid hormone; drafted: vitamin D.',
  },
  {
    rule: 'QT-001',
    given: { labs: [low], ordered: [sotalol, oxide] },
    silent: /consider correcting|correct magnesium/,
    line: 'Drafted: magnesium oxide.',
  },
  {
    rule: 'QT-001',
    given: { labs: [low], ordered: [sotalol], active: [oxide] },
    silent: /consider correcting|correct magnesium/,
    line: 'Taken: magnesium oxide.',
  },
];

describe.each(rows)('$rule beside $given.ordered.length orders', ({ rule, given, moment, silent, line }) => {
  test(`does not ask, and says: ${line}`, () => {
    const { cards } = decidedWith(patient(given), moment);
    const card = cards.find(({ detail }) => detail.includes(`Rule ${rule} `));
    const paragraphs = card?.detail.split('\n\n') ?? [];
    const isLine = (one: string): boolean => /^(?:Already ordered|Drafted|Running|Taken): /.test(one);
    expect(paragraphs.filter(isLine).join()).toBe(line);
    expect([card?.summary, ...paragraphs.filter((one) => !isLine(one))].join('\n')).not.toMatch(silent);
  });
});

test.each([
  [
    'a test that has just come is not asked for, and nothing is said of it',
    [lab('magnesium', 1.4, 'mg/dL', 1)],
  ],
])('%s', (_, labs) => {
  const { cards } = decidedWith(patient({ labs, ordered: [cisplatin] }));
  const card = cards.find(({ source }) => source.topic.code === 'MG-016');
  expect(card?.detail).not.toMatch(/a serum magnesium|^Already/m);
  expect(card?.summary).toBe('Cisplatin with Mg 1.4 mg/dL: risk to the kidney; replacement is an option');
});

test.each<[string, GivenDrug]>([
  [
    'a fluid with calcium chloride in it',
    { drug: ['calcium chloride', 'potassium chloride'], route: 'intravenous' },
  ],
  ['calcium tablets', { drug: 'calcium carbonate', route: 'oral' }],
])('%s is no calcium by injection', (_, drug) => {
  const { cards } = decidedWith(
    patient({ labs: [lab('calcium-ionized', 0.7, 'mmol/L')], ordered: [any, drug] }),
  );
  const card = cards.find(({ source }) => source.topic.code === 'CV-006');
  expect(card?.summary).toContain('consider IV calcium');
});

const dabigatran: GivenDrug = { drug: 'dabigatran etexilate', route: 'oral', dose: '150 mg', timesADay: 2 };

test.each<[string, TestOrder]>([
  ['LOINC 45066-8', '45066-8'],
  ['COMP METABOLIC PANEL', { code: { text: 'COMP METABOLIC PANEL' } }],
  ['Renal profile', { code: { coding: [{ system: 'urn:local', code: '7', display: 'Renal profile' }] } }],
])('a creatinine ordered as %s is pending', (_, order) => {
  const given = patient({ age: 78, ordered: [dabigatran] });
  expect(openChecksOf(decidedWith(given))?.summary).toContain('Missing: creatinine');
  for (const moment of [{ drafts: [order] }, { running: [order] }]) {
    const checks = openChecksOf(decidedWith(given, moment));
    expect(checks?.summary).toMatch(/[Cc]reatinine pending|pending: creatinine/);
    expect(checks?.orders).not.toContain('Order a basic metabolic panel (creatinine, K)');
  }
});

test('an anticoagulant asks for a creatinine alone, and for nothing where it has just come', () => {
  const labs = (hoursAgo: number) => [{ ...lab('creatinine', 4.1), hoursAgo }, lab('body-weight', 72, 'kg')];
  const offered = (hoursAgo: number) =>
    decidedWith(patient({ age: 80, labs: labs(hoursAgo), ordered: [dabigatran] }))
      .cards.filter(({ source }) => source.topic.code.startsWith('RD-'))
      .flatMap(({ suggestions = [] }) => suggestions.map(({ label }) => label));
  expect(offered(30)).toEqual(['Remove the order: dabigatran etexilate', 'Order a creatinine']);
  expect(offered(1)).toEqual(['Remove the order: dabigatran etexilate']);
});

describe('an order whose result is back asks for nothing more, and stands in the way of nothing', () => {
  const said = (given: Given, running: TestOrder[]) => {
    const { cards } = decidedWith(patient(given), { running });
    return (rule: string) => cards.find(({ source }) => source.topic.code === rule);
  };
  test('an ECG that was read: with a potassium of 7.1 mmol/L one now', () => {
    const ecg = { code: { text: 'ECG 12 lead' }, authoredOn: '2026-01-28T10:00:00Z' };
    const labs = [lab('qtc', 430, 'ms', 48), lab('potassium', 7.1, 'mmol/L', 2)];
    const card = said({ labs, ordered: [any] }, [ecg])('CV-004');
    expect(card?.detail).toContain('ECG now');
    expect(card?.detail).not.toContain('Already ordered');
    expect(card?.suggestions?.map(({ label }) => label)).toContain('Order an ECG');
  });
  test.each(['24321-2', '2160-0'])('a creatinine of 80 hours ago, ordered as %s, without an eGFR', (code) => {
    const order = {
      code: { coding: [{ system: 'http://loinc.org', code }] },
      authoredOn: '2026-01-28T02:00:00Z',
    };
    const labs = [lab('creatinine', 1, 'mg/dL', 80)];
    const card = said({ encounter: 'inpatient', labs, ordered: [sulfate] }, [order]);
    expect(card('IV-006')?.suggestions?.map(({ label }) => label)).toContainEqual(
      expect.stringMatching(/creatinine/),
    );
    expect(card('DQ-004')?.summary ?? '').not.toContain('pending');
  });
});

describe('who is known less of is said as much of', () => {
  const asked = ['gentamicin', 'vancomycin', 'acyclovir'].map((drug): GivenDrug[] => [
    { drug, route: 'intravenous' },
  ]);
  test.each(asked)('$drug in hospital without any creatinine', (ordered) => {
    const given = patient({ encounter: 'inpatient', ordered: [ordered] });
    expect(openChecksOf(decidedWith(given, { drafts: ['24321-2'] }))).toMatchObject({
      indicator: 'warning',
      summary: expect.stringContaining('Creatinine pending, not checked'),
    });
    expect(decidedWith(given).cards.map(({ source }) => source.topic.code)).toEqual(['RF-004']);
  });
  test.each(asked)('$drug outside of hospital with one creatinine of 6.0 mg/dL', (ordered) => {
    const checks = openChecksOf(decidedWith(patient({ labs: [lab('creatinine', 6)], ordered: [ordered] })));
    expect(checks).toMatchObject({
      indicator: 'warning',
      summary: expect.stringContaining('Missing: an earlier creatinine'),
    });
  });
  test.each(asked)(
    'and nothing of $drug outside of hospital with one creatinine that is normal',
    (ordered) => {
      const given = patient({ labs: [lab('creatinine', 0.9)], ordered: [ordered] });
      expect(openChecksOf(decidedWith(given))).toBeUndefined();
    },
  );
  test.each(['order-select', 'order-sign'] as const)('sodium phosphate without a route at %s', (hook) => {
    const labs = [lab('egfr', 20.6, 'mL/min/{1.73_m2}')];
    const given = patient({ labs, ordered: [{ drug: 'sodium phosphate' }] });
    expect(openChecksOf(decidedWith(given, { hook }))?.summary).toContain('route of sodium phosphate');
  });
});
