/** Orders by the thousand, alike or not recognised: work and answer stay linear in their number. */
import { describe, expect, test } from 'vitest';
import { decide } from '../../rules/decide.ts';
import { shippedRuleset } from '../../rules/library/shipped.ts';

const ruleset = shippedRuleset();
const at = '2026-01-31T12:00:00Z';

function decisionOf(count: number, text: string) {
  const entry = Array.from({ length: count }, (_, index) => ({
    resource: {
      resourceType: 'MedicationRequest',
      id: `d${index}`,
      status: 'draft',
      intent: 'order',
      subject: { reference: 'Patient/p' },
      medicationCodeableConcept: { text },
    },
  }));
  const context = { patientId: 'p', draftOrders: { resourceType: 'Bundle', entry } };
  const prefetch = { patient: { resourceType: 'Patient', id: 'p' } };
  const clock = { decisionId: 'many', decidedAt: at, evaluatedAt: at };
  return decide({ hook: 'order-sign', context, prefetch }, ruleset, clock);
}

describe('a great many orders', () => {
  test('of one drug are each named and numbered', () => {
    const { cards } = decisionOf(4000, 'cephalexin 500 mg capsule');
    const labels = cards.flatMap(({ suggestions = [] }) => suggestions.map(({ label }) => label));
    expect(labels.length).toBeGreaterThanOrEqual(4000);
    expect(labels.at(-1)).toMatch(/\(4000 of 4000\)$/);
  });

  test('that are not recognised make an answer that grows with their number, not with rules times their number', () => {
    const sizeOf = (count: number): number =>
      JSON.stringify(decisionOf(count, 'the small white ones').evaluations).length;
    expect(sizeOf(1000)).toBeLessThan(2 * sizeOf(100));
  });

  test('of which twenty are named where one may be a drug, and the others counted', () => {
    const { evaluations } = decisionOf(30, 'the small white ones');
    const reasons = evaluations.flatMap(({ missing }) => missing.flatMap((one) => one.reasons));
    const open = reasons.find(({ code }) => code === 'drug-open');
    expect(open).toMatchObject({ others: 10 });
  });
});
