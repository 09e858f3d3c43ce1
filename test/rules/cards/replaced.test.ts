/** What replaces a low electrolyte and is ordered or running is not asked for again; the danger is still told. */
import { describe, expect, test } from 'vitest';
import type { GivenDrug } from '../../../rules/library/case.ts';
import { decidedWith, type Given, patient } from '../../support/ordered-tests.ts';

const lab = (name: 'magnesium' | 'potassium', value: number) => ({
  test: name,
  value,
  unit: name === 'magnesium' ? 'mg/dL' : 'mmol/L',
  hoursAgo: 1,
});
const injection: GivenDrug = { drug: 'magnesium sulfate', route: 'intravenous', dose: '2 g', hours: 2 };
const tablets: GivenDrug = { drug: 'magnesium oxide', route: 'oral', dose: '400 mg', timesADay: 2 };
const potassium: GivenDrug = { drug: 'potassium chloride', route: 'oral', dose: '20 mEq', timesADay: 2 };
const sotalol: GivenDrug = { drug: 'sotalol', route: 'oral' };
const cisplatin: GivenDrug = { drug: 'cisplatin', route: 'intravenous' };
const digoxin: GivenDrug = { drug: 'digoxin', route: 'oral' };
const asks = /consider (correcting|IV replacement)|replacement is an option/;

const summaryOf = (given: Given, rule: string): string => {
  const card = decidedWith(patient(given)).cards.find(({ detail }) => detail.includes(`Rule ${rule} `));
  if (!card) throw new Error(`no card of ${rule}`);
  expect(/^(?:Already ordered|Drafted|Running|Taken): /m.test(card.detail), card.detail).toBe(
    !asks.test(card.summary),
  );
  return card.summary;
};

describe.each([
  { rule: 'QT-001', labs: [lab('magnesium', 1.4)], order: sotalol, by: [injection, tablets] },
  { rule: 'QT-002', labs: [lab('potassium', 3.2)], order: sotalol, by: [potassium] },
  { rule: 'MG-016', labs: [lab('magnesium', 1.4)], order: cisplatin, by: [injection, tablets] },
  { rule: 'MG-001', labs: [lab('magnesium', 0.8)], order: sotalol, by: [injection] },
  { rule: 'DG-001', labs: [lab('magnesium', 1.4)], order: digoxin, by: [injection, tablets] },
  { rule: 'DG-001', labs: [lab('potassium', 3.2)], order: digoxin, by: [potassium] },
])('$rule', ({ rule, labs, order, by }) => {
  test('asks where nothing is ordered', () => {
    expect(summaryOf({ labs, ordered: [order] }, rule)).toMatch(asks);
  });
  test.each(by)('does not ask for $drug among the drafts, or running, and says so', (replacement) => {
    const places: Given[] = [
      { labs, ordered: [order, replacement] },
      { labs, ordered: [order], active: [{ ...replacement, startedHoursAgo: 1 }] },
    ];
    for (const given of places) expect(summaryOf(given, rule)).not.toMatch(asks);
  });
});

test.each([
  {
    name: 'one of two that are low',
    rule: 'DG-001',
    given: { labs: [lab('magnesium', 1.4), lab('potassium', 3.2)], ordered: [digoxin, potassium] },
  },
  {
    name: 'tablets in a severe deficiency',
    rule: 'MG-001',
    given: { labs: [lab('magnesium', 0.8)], ordered: [tablets] },
  },
  {
    name: 'a fluid that holds magnesium chloride',
    rule: 'QT-001',
    given: {
      labs: [lab('magnesium', 1.4)],
      ordered: [sotalol, { drug: ['magnesium chloride', 'potassium chloride'], route: 'intravenous' }],
    },
  },
  {
    name: 'a multivitamin',
    rule: 'QT-001',
    given: {
      labs: [lab('magnesium', 1.4)],
      active: [{ drug: 'magnesium oxide', route: 'oral', dose: '80 mg', timesADay: 1, startedDaysAgo: 30 }],
      ordered: [sotalol],
    },
  },
] satisfies { name: string; rule: string; given: Given }[])(
  '$name is no replacement: $rule asks',
  ({ rule, given }) => {
    expect(summaryOf(given, rule)).toMatch(asks);
  },
);

/** Now is noon of 31 January. */
describe.each([
  { rule: 'QT-001', labs: [lab('magnesium', 1.4)], drug: 'magnesium sulfate' },
  { rule: 'QT-002', labs: [lab('potassium', 3.2)], drug: 'potassium chloride' },
  {
    rule: 'CV-006',
    labs: [{ test: 'calcium-ionized', value: 0.7, unit: 'mmol/L', hoursAgo: 1 } as const],
    drug: 'calcium gluconate',
  },
])('$rule beside an injection that is signed and not yet begun', ({ rule, labs, drug }) => {
  const detailWith = (timing: object): string | undefined => {
    const signed = [
      {
        medicationCodeableConcept: { text: drug },
        authoredOn: '2026-01-31T11:30:00Z',
        dosageInstruction: [{ timing, route: { text: 'intravenous' } }],
      },
    ];
    return decidedWith(patient({ labs, ordered: [sotalol] }), { signed }).cards.find(({ detail }) =>
      detail.includes(`Rule ${rule} `),
    )?.detail;
  };
  test.each<[string, object]>([
    ['a first dose at 13:00', { event: ['2026-01-31T13:00:00Z'] }],
    ['from 14:00 on', { repeat: { boundsPeriod: { start: '2026-01-31T14:00:00Z' } } }],
  ])('%s counts as ordered', (_, timing) => {
    expect(detailWith(timing)).toContain(`Already ordered: ${drug}`);
  });
  test('one of the day after tomorrow does not', () => {
    const timing = { repeat: { boundsPeriod: { start: '2026-02-02T08:00:00Z' } } };
    expect(detailWith(timing)).not.toContain('Already ordered');
  });
});

test('an injection that was given and is over is no replacement', () => {
  const given: Given = {
    labs: [lab('magnesium', 1.4)],
    active: [{ ...injection, startedDaysAgo: 2, completed: true }],
    ordered: [sotalol],
  };
  expect(summaryOf(given, 'QT-001')).toMatch(asks);
});
