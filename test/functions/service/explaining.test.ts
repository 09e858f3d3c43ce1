import { describe, expect, test } from 'vitest';
import { shapes } from '../../../bench/growth-shapes.ts';
import { explainInSteps, largestAnswer } from '../../../functions/service/explaining.ts';
import { decide } from '../../../rules/decide.ts';
import { isObject, type Json } from '../../../rules/fhir/json.ts';
import { shippedRuleset } from '../../../rules/library/shipped.ts';
import { atOnce } from '../../../rules/steps.ts';

const ruleset = shippedRuleset();
const now = new Date().toISOString();
const clock = { decisionId: '0'.repeat(32), decidedAt: now, evaluatedAt: now };

function decided(name: string, n: number) {
  const body = shapes.find((shape) => shape.name === name)?.body(n);
  if (!isObject(body)) throw new Error(`no shape ${name}`);
  const { context, prefetch } = body as { context: Json; prefetch: unknown };
  return decide({ hook: 'patient-view', context, prefetch }, ruleset, clock);
}
const answer = (...given: Parameters<typeof explainInSteps>): Json =>
  JSON.parse(atOnce(explainInSteps(...given))) as Json;

describe('the answer of /evaluate', () => {
  const decision = decided('unresolved drugs', 3);

  test('is full: condition trees, facts and chart', () => {
    expect(Object.keys(answer(decision, 'full'))).toEqual([
      'decisionId',
      'decidedAt',
      'evaluatedAt',
      'hook',
      'ruleset',
      'cards',
      'evaluations',
      'facts',
      'chart',
      'notices',
    ]);
  });

  test('as a summary has what each rule said, and no more', () => {
    const summary = answer(decision, 'summary');
    expect(summary).toMatchObject({ view: 'summary', completeness: { medications: 'known' } });
    expect(summary).not.toHaveProperty('facts');
    expect(summary).not.toHaveProperty('chart');
    expect((summary.evaluations as Json[])[0]).not.toHaveProperty('trace');
    expect(summary.cards).toEqual(answer(decision, 'full').cards);
  });

  test.each([1, 20_000, 100_000])('that would be larger than %i bytes is a summary', (most) => {
    expect(answer(decision, 'full', most)).toMatchObject({ view: 'summary' });
  });

  test('of 9,000 drugs that were not recognised is within its limit', () => {
    const text = atOnce(explainInSteps(decided('unresolved drugs', 9000), 'full'));
    expect(text.length).toBeLessThanOrEqual(largestAnswer);
  });
});
