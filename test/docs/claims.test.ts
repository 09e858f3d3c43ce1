/** What was rejected as advice is never advice: wellness is no reason for magnesium. */
import { describe, expect, it } from 'vitest';
import { readClaims } from '../../commands/docs.ts';
import { decide } from '../../rules/decide.ts';
import type { Hook } from '../../rules/fhir/hooks.ts';
import { library } from '../../rules/library/library.ts';
import { shippedRuleset } from '../../rules/library/shipped.ts';
import { parseRule } from '../../rules/rule/document.ts';
import {
  at,
  complete,
  condition,
  hookRequest,
  magnesiumSulfate,
  observation,
} from '../support/hook-requests.ts';

const rules = library.map(({ where, json }) => parseRule(json, where));
const ruleset = shippedRuleset();
const rejected = readClaims().filter(({ disposition }) => disposition === 'reject-as-advice');

const cardsOf = (hook: Hook, request: { context: Record<string, unknown>; prefetch: unknown }) =>
  decide({ hook, context: request.context, prefetch: request.prefetch }, ruleset, {
    decisionId: 'claims',
    decidedAt: at,
    evaluatedAt: at,
  }).cards;

const hourAgo = '2026-01-31T11:00:00Z';
const healthy = [
  observation('mg', '19123-9', 2.0, 'mg/dL', hourAgo),
  observation('k', '2823-3', 4.2, 'mmol/L', hourAgo),
  observation('cr', '2160-0', 0.8, 'mg/dL', hourAgo),
];
/** Reasons the wellness claims give: SNOMED CT. */
const wellness: [string, string][] = [
  ['fatigue', '84229001'],
  ['stress', '73595000'],
  ['depression', '35489007'],
  ['muscle cramp', '55300003'],
  ['restless legs', '32914008'],
  ['insomnia', '193462001'],
  ['migraine', '37796009'],
  ['hypertension', '38341003'],
];

describe('rejected claims', () => {
  it(`${rejected.length} are rejected, and each says why`, () => {
    expect(rejected.length).toBeGreaterThan(0);
    for (const { reason } of rejected) expect(reason?.length).toBeGreaterThan(10);
  });

  it.each(wellness)('%s with a normal magnesium is no card at all', (_, code) => {
    expect(
      cardsOf('patient-view', hookRequest('patient-view', complete(healthy, [condition('c', code)]))),
    ).toEqual([]);
  });

  it.each(wellness)('%s does not exempt IV magnesium outside a hospital from its checks', (_, code) => {
    const request = hookRequest('order-sign', complete([healthy[1] ?? {}], [condition('c', code)]), [
      magnesiumSulfate(),
    ]);
    const topics = cardsOf('order-sign', request).map(({ source }) => source.topic.code);
    expect(topics).toContain('IV-006');
  });

  it('no rule can create a medication order, whatever it says', () => {
    for (const { card } of rules) {
      for (const { type } of card.suggestions ?? [])
        expect(['delete-order', 'order-service']).toContain(type);
    }
  });

  it('no card speaks of wellness, but to say that it is no indication (IV-017)', () => {
    const words = /fatigue|stress|sleep|athlet|anti-?aging|detox|boost|vitality/i;
    const speaking = rules
      .filter(({ card }) => words.test(`${card.summary} ${card.detail}`))
      .map(({ id }) => id);
    expect(speaking.filter((id) => id !== 'IV-017')).toEqual([]);
    const [outside] = rules.filter(({ id }) => id === 'IV-017');
    expect(outside?.card.detail).toMatch(/wellness, stress, fatigue, cramps or sport are none/);
  });
});
