/** What the summary of a card with several findings says, and what its buttons do. */
import { describe, expect, test } from 'vitest';
import { showAll } from '../../../rules/evaluation/presentation.ts';
import { decidedWith, type Given } from '../../support/ordered-tests.ts';

const creatinine = (value: number, hoursAgo: number) =>
  ({ test: 'creatinine', value, unit: 'mg/dL', hoursAgo }) as const;
const potassium = (value: number) => ({ test: 'potassium', value, unit: 'mmol/L', hoursAgo: 1 }) as const;

/** Ketorolac in acute kidney injury beside a RAAS blocker and a diuretic. */
const ketorolac = (level: number): Given => ({
  age: 75,
  sex: 'male',
  labs: [creatinine(2.4, 1), creatinine(1, 30), potassium(level)],
  active: [
    { drug: 'lisinopril', route: 'oral' },
    { drug: 'furosemide', route: 'oral' },
  ],
  ended: [],
  conditions: ['heart-failure'],
  allergies: [],
  encounter: 'inpatient',
  ordered: [{ drug: 'ketorolac', route: 'intravenous' }],
});
const profiles = ['generic', 'epic', 'cerner'] as const;
const most = { generic: 139, epic: 139, cerner: 100 } as const;
const cardsOf = (given: Given, profile: (typeof profiles)[number]) =>
  decidedWith(given, { presentation: { ...showAll, profile } }).cards;

describe.each(profiles)('for %s', (profile) => {
  test('a critical value that is listed is named in a summary, whatever is cut for it', () => {
    const cards = cardsOf(ketorolac(6.7), profile);
    const said = cards.filter(({ summary }) => summary.includes('K 6.7 mmol/L'));
    expect(said.map(({ indicator }) => indicator)).toContain('critical');
    for (const { summary } of cards) expect(summary.length).toBeLessThanOrEqual(most[profile]);
  });

  test('how many more findings there are survives the cut', () => {
    const counted = cardsOf(ketorolac(6.7), profile).filter(({ detail }) => detail.includes('Also about it'));
    expect(counted.length).toBeGreaterThan(0);
    for (const { summary } of counted) expect(summary).toMatch(/(more findings?\)|; also .*)$/);
  });

  test('what is cut from the worst leads the detail', () => {
    for (const { summary, detail } of cardsOf(ketorolac(4), profile))
      if (summary.includes('…') && profile === 'cerner') expect(detail).not.toMatch(/^- /);
  });
});

test('a button names the order that it removes, though the card is about another drug, too', () => {
  const labels = cardsOf(ketorolac(6.7), 'generic').flatMap(({ suggestions = [] }) =>
    suggestions.filter(({ actions }) => actions[0]?.type === 'delete').map(({ label }) => label),
  );
  expect([...new Set(labels)]).toEqual(['Remove the order: ketorolac']);
});
