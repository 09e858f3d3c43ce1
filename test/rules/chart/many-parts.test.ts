/** Of one resource so many parts are read. What is beyond leaves open what it is about. */
import { expect, test } from 'vitest';
import { shapes } from '../../../bench/growth-shapes.ts';
import { decide } from '../../../rules/decide.ts';
import { isObject, type Json } from '../../../rules/fhir/json.ts';
import { shippedRuleset } from '../../../rules/library/shipped.ts';

const ruleset = shippedRuleset();
const now = new Date().toISOString();
const clock = { decisionId: '0'.repeat(32), decidedAt: now, evaluatedAt: now };

function chartOf(name: string, n: number) {
  const body = shapes.find((shape) => shape.name === name)?.body(n);
  if (!isObject(body)) throw new Error(`no shape ${name}`);
  const { context, prefetch } = body as { context: Json; prefetch: unknown };
  return decide({ hook: 'patient-view', context, prefetch }, ruleset, clock);
}
const codesIn = (notices: readonly { code: string }[]) => notices.map(({ code }) => code);

test.each([
  [1000, 'known', false],
  [1001, 'partial', true],
])('of %i reasons of one order the problem list is %s', (count, completeness, isNoted) => {
  const { chart, notices } = chartOf('reasons of one order', count);
  expect(chart.completeness.conditions).toBe(completeness);
  expect(codesIn(notices).includes('condition-uncoded')).toBe(isNoted);
});

test.each([
  [1000, 'name'],
  [1001, 'unresolved'],
])('of %i ingredients, each of them known, the drug is resolved by %s', (count, by) => {
  const [medication] = chartOf('ingredients of one Medication', count).chart.medications;
  expect(medication?.resolvedBy === 'unresolved').toBe(by === 'unresolved');
});

test('an allergy whose reactions are not all read may be to other drugs, too', () => {
  const allergyOf = (count: number) => {
    const body = shapes.find(({ name }) => name === 'substances of one allergy')?.body(count) as {
      context: Json;
      prefetch: { allergies: { entry: { resource: Json }[] } };
    };
    const [entry] = body.prefetch.allergies.entry;
    const known = { ...entry?.resource, code: { text: 'ibuprofen' } };
    const prefetch = {
      ...body.prefetch,
      allergies: { ...body.prefetch.allergies, entry: [{ resource: known }] },
    };
    return decide({ hook: 'patient-view', context: body.context, prefetch }, ruleset, clock).chart
      .allergies[0];
  };
  expect(allergyOf(1000)).not.toHaveProperty('open');
  expect(allergyOf(1001)).toMatchObject({ open: true });
});
