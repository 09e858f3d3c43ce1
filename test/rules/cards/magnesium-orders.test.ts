/** High magnesium and too fast a load name the order that does it, and offer its removal, and no other's. */
import { describe, expect, test } from 'vitest';
import type { Hook } from '../../../rules/fhir/hooks.ts';
import { decidedWith, type Given, patient } from '../../support/ordered-tests.ts';

const magnesium = (value: number) => ({ test: 'magnesium', value, unit: 'mg/dL', hoursAgo: 1 }) as const;
const removals = (given: Given, rule: string, hook: Hook = 'order-sign'): string[] =>
  cardOf(given, rule, hook).suggestions?.flatMap(({ label, actions: [action] }) =>
    action?.type === 'delete' ? `${label} -> ${action.resourceId}` : [],
  ) ?? [];

function cardOf(given: Given, rule: string, hook: Hook = 'order-sign') {
  const { cards } = decidedWith(given, { hook });
  const card = cards.find(({ detail }) => detail.includes(`Rule ${rule} `));
  if (!card) throw new Error(`no card of ${rule}`);
  return card;
}

describe.each([
  { rule: 'MG-006', level: 5.5 },
  { rule: 'MG-007', level: 9 },
])('$rule', ({ rule, level }) => {
  test.each([
    { drug: 'magnesium sulfate', route: 'intravenous' },
    { drug: 'magnesium oxide', route: 'oral' },
    { drug: 'magnesium citrate', route: 'oral' },
    { drug: 'magnesium hydroxide', route: 'oral' },
    { drug: ['magnesium hydroxide', 'aluminum hydroxide'], route: 'oral' },
  ])('names $drug that is ordered, and offers to remove it', (order) => {
    const given = patient({
      labs: [magnesium(level)],
      ordered: [{ drug: 'lisinopril', route: 'oral' }, order],
    });
    const name = typeof order.drug === 'string' ? order.drug : 'magnesium hydroxide';
    expect(cardOf(given, rule).summary).toMatch(new RegExp(`^Mg ${level} mg/dL: .*${name} adds to it`));
    expect(removals(given, rule)).toEqual(['Remove the magnesium order -> MedicationRequest/order-2']);
  });

  test('beside another order it says what it says without one, and removes nothing', () => {
    const given = patient({ labs: [magnesium(level)], ordered: [{ drug: 'lisinopril', route: 'oral' }] });
    const { summary } = cardOf(given, rule);
    expect(summary).not.toContain('lisinopril');
    expect(summary).toBe(cardOf(given, rule, 'patient-view').summary);
    expect(removals(given, rule)).toEqual([]);
  });
});

test('IV-009 offers to remove the load that is too fast, and not the infusion beside it', () => {
  const given = patient({
    labs: [magnesium(2), { test: 'creatinine', value: 0.8, unit: 'mg/dL', hoursAgo: 1 }],
    ordered: [
      { drug: 'magnesium sulfate', route: 'intravenous', gramsPerHour: 1 },
      { drug: 'magnesium sulfate', route: 'intravenous', dose: '4 g', hours: 0.1 },
    ],
  });
  expect(removals(given, 'IV-009')).toEqual(['Remove the magnesium order -> MedicationRequest/order-2']);
});
