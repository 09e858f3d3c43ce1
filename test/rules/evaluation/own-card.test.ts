/** What the library says in one answer: dangers of their own, removals and lacks that are said once. */
import { describe, expect, test } from 'vitest';
import { type Decision, decide } from '../../../rules/decide.ts';
import type { Case } from '../../../rules/library/case.ts';
import { requestOf } from '../../../rules/library/case-request.ts';
import { shippedRuleset } from '../../../rules/library/shipped.ts';
import { clock } from '../../support/rule-documents.ts';

const ruleset = shippedRuleset();
const signed = (given: Partial<Case['given']>): Decision =>
  decide(
    requestOf(
      { name: 'x', given: { labs: [], active: [], conditions: [], ...given }, expect: 'fired' },
      'order-sign',
    ),
    ruleset,
    clock,
  );
const topics = ({ cards }: Decision): string[] => cards.map(({ source }) => source.topic.code);
const cardOf = ({ cards }: Decision, topic: string) =>
  cards.find(({ source }) => source.topic.code === topic);
const potassium = { test: 'potassium', value: 6.2, unit: 'mmol/L', hoursAgo: 1 } as const;
const creatinine = (value: number, hoursAgo: number) =>
  ({ test: 'creatinine', value, unit: 'mg/dL', hoursAgo }) as const;
const lisinopril = { drug: 'lisinopril', route: 'oral' } as const;
const deletions = (decision: Decision): (string | undefined)[] =>
  decision.cards.flatMap(({ suggestions = [] }) =>
    suggestions.flatMap(({ actions }) =>
      actions.flatMap(({ type, resourceId }) => (type === 'delete' ? [resourceId] : [])),
    ),
  );

describe('a danger of its own', () => {
  test('an allergy stands beside high potassium, with its button and reasons', () => {
    const decision = signed({ ordered: [lisinopril], labs: [potassium], allergies: ['lisinopril'] });
    expect(topics(decision)).toEqual(expect.arrayContaining(['HK-001', 'DQ-005']));
    expect(cardOf(decision, 'DQ-005')?.suggestions?.map(({ label }) => label)).toContain(
      'Remove the order: lisinopril',
    );
    expect(cardOf(decision, 'HK-001')?.suggestions?.map(({ label }) => label)).toContain(
      'Remove the order: lisinopril',
    );
    expect(cardOf(decision, 'HK-001')?.detail).not.toContain('DQ-005');
  });

  test('a pregnancy stands beside high potassium', () => {
    const decision = signed({
      age: 30,
      sex: 'female',
      ordered: [lisinopril],
      labs: [potassium],
      conditions: ['pregnancy'],
    });
    expect(topics(decision)).toEqual(expect.arrayContaining(['HK-001', 'RD-036']));
  });
});

describe('an answer says once', () => {
  test('that an order can be removed', () => {
    const decision = signed({
      ordered: [
        { drug: 'trimethoprim', route: 'oral' },
        { drug: 'spironolactone', route: 'oral' },
        { drug: 'potassium chloride', route: 'oral' },
      ],
      labs: [{ ...potassium, value: 5.6 }, creatinine(2.5, 2)],
    });
    expect(topics(decision)).toEqual(expect.arrayContaining(['RD-024', 'HK-002']));
    const removed = deletions(decision);
    expect(removed).toHaveLength(3);
    expect(new Set(removed).size).toBe(3);
  });

  test('an NSAID in acute kidney injury, beside other drugs that harm', () => {
    const decision = signed({
      ordered: [
        { drug: 'gentamicin', route: 'intravenous' },
        lisinopril,
        { drug: 'ibuprofen', route: 'oral' },
      ],
      labs: [creatinine(1, 25), creatinine(2.4, 1)],
    });
    expect(topics(decision)).toContain('RF-002');
    expect(topics(decision)).not.toContain('AX-001');
    expect(cardOf(decision, 'RF-002')?.detail).toContain('an NSAID delays recovery and raises potassium');
  });

  test('digoxin and amiodarone with a high level', () => {
    const decision = signed({
      ordered: [
        { drug: 'digoxin', route: 'oral' },
        { drug: 'amiodarone', route: 'oral' },
      ],
      labs: [
        { test: 'digoxin-level', value: 1.8, unit: 'ng/mL', hoursAgo: 1 },
        { test: 'potassium', value: 3, unit: 'mmol/L', hoursAgo: 1 },
        { test: 'magnesium', value: 1.4, unit: 'mg/dL', hoursAgo: 1 },
        creatinine(1, 1),
      ],
    });
    // The level that is high now, before what may raise it further.
    expect(topics(decision)).toContain('DG-002');
    expect(topics(decision)).not.toContain('DG-006');
    expect(cardOf(decision, 'DG-002')?.detail).toContain('may lead to a toxic level; consider a lower dose');
  });

  test('that creatinine is not steady', () => {
    const decision = signed({
      ordered: [{ drug: 'dabigatran etexilate', route: 'oral' }],
      labs: [creatinine(0.9, 30), creatinine(1.5, 2)],
    });
    expect(topics(decision)).toContain('RF-006');
    expect(cardOf(decision, 'DQ-004')?.summary ?? '').not.toContain('steady creatinine');
  });

  test('that the route is not given', () => {
    const decision = signed({
      ordered: [{ drug: 'magnesium sulfate' }],
      labs: [creatinine(2.9, 2)],
    });
    expect(topics(decision)).toContain('route-not-given');
    expect(cardOf(decision, 'DQ-004')?.detail ?? '').not.toMatch(/route of/i);
  });
});

describe('in pregnancy no estimate holds', () => {
  const infused = (gramsPerHour: number) =>
    signed({
      age: 30,
      sex: 'female',
      ordered: [{ drug: 'magnesium sulfate', route: 'intravenous', gramsPerHour }],
      labs: [creatinine(1.3, 2)],
      conditions: ['pregnancy'],
    });

  test('at 1 g/h: what waits for one is no warning', () => {
    const card = cardOf(infused(1), 'DQ-004');
    expect(card?.summary).toContain('a measured creatinine clearance');
    expect(card?.indicator).toBe('info');
  });

  test('at 2 g/h: the finding says that the kidneys are impaired, and nothing more is asked', () => {
    expect(topics(infused(2))).toContain('IV-021');
    expect(topics(infused(2))).not.toContain('DQ-004');
  });
});
