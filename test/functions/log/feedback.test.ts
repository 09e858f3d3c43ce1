/** Feedback beside its decision: read again in order, and which overrides are remembered. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { overridesToRemember } from '../../../functions/log/feedback.ts';
import { overrideIn, overrideItem } from '../../../functions/log/overrides.ts';
import type { Feedback } from '../../../functions/log/records.ts';
import type { StoredHead } from '../../../functions/log/stored.ts';
import { overrideReasonSystem } from '../../../rules/rule/override-reasons.ts';
import { createTestLog, decisionRecord, feedbackOn, type TestLog } from '../../support/logs.ts';

describe('an override', () => {
  const feedback = feedbackOn(decisionRecord(1), {
    overrideReason: { system: overrideReasonSystem, code: 'emergency' },
  });
  const finding = { card: feedback.card, rule: 'IV-001' } as StoredHead['findings'][number];
  const head = { user: 'Practitioner/1', decisionId: '0a', findings: [finding] };

  test('of a reason of ours is remembered, for the clinician who was shown the card', () => {
    const items = overridesToRemember(feedback, head, 'aa');
    expect(items.map(overrideIn)).toEqual([
      {
        rule: 'IV-001',
        user: 'Practitioner/1',
        reason: 'emergency',
        at: feedback.receivedAt,
        decisionId: '0a',
        card: feedback.card,
      },
    ]);
  });

  test('of a card that lists three findings is booked to each of them, and to no other', () => {
    const findings = ['QT-003', 'QT-001', 'QT-002'].map((rule) => ({ ...finding, rule }));
    const other = { ...finding, rule: 'MG-004', card: 'other' };
    const items = overridesToRemember(feedback, { ...head, findings: [...findings, other] }, 'aa');
    expect(items.map((item) => overrideIn(item)?.rule)).toEqual(['QT-003', 'QT-001', 'QT-002']);
  });

  test.each<[string, Partial<Feedback>, Partial<typeof head>, string | null]>([
    ['that was accepted', { outcome: 'accepted' }, {}, 'aa'],
    ['without a reason', { overrideReason: null }, {}, 'aa'],
    ['of another system', { overrideReason: { system: 'urn:other', code: 'emergency' } }, {}, 'aa'],
    ['of no system', { overrideReason: { code: 'emergency' } }, {}, 'aa'],
    ['of another card', { card: 'other' }, {}, 'aa'],
    ['of a decision without a clinician', {}, { user: '' }, 'aa'],
    ['of a decision without a patient', {}, {}, null],
  ])('%s is not remembered', (_, given, about, hashed) => {
    expect(overridesToRemember({ ...feedback, ...given }, { ...head, ...about }, hashed)).toEqual([]);
  });

  test('an item without all of it is none', () => {
    const item = overrideItem('north', 'aa', { rule: 'a', user: 'b', reason: 'c', at: 'd', decisionId: 'e' });
    for (const name of ['rule', 'user', 'reason', 'at', 'decisionId']) {
      const { [name]: _, ...rest } = item;
      expect(overrideIn(rest), name).toBeNull();
    }
  });
});

describe('feedback in the log', () => {
  let it: TestLog;
  beforeEach(async () => {
    it = await createTestLog();
  });
  afterEach(() => it.close());

  test('is found with its decision, oldest first; the same event again is one', async () => {
    const { record } = await it.log.append(decisionRecord(1));
    for (const [outcomeTimestamp, event] of [
      ['2026-01-31T12:02:00.000Z', 'b'],
      ['2026-01-31T12:01:00.000Z', 'a'],
      ['2026-01-31T12:02:00.000Z', 'b'],
    ] as const) {
      const added = await it.log.addFeedback(feedbackOn(record, { outcomeTimestamp }), event);
      expect(added).toEqual({ decisionId: record.decisionId });
    }
    expect((await it.log.feedbackOf(record)).map(({ outcomeTimestamp }) => outcomeTimestamp)).toEqual([
      '2026-01-31T12:01:00.000Z',
      '2026-01-31T12:02:00.000Z',
    ]);
  });

  test('on an unknown card is kept and says so', async () => {
    expect(await it.log.addFeedback(feedbackOn(decisionRecord(1), { card: 'nobody' }), 'a')).toEqual({
      decisionId: null,
    });
    expect(await it.log.feedbackOf({ tenant: 'hospital', cardIds: ['nobody'] })).toMatchObject([
      { unknownCard: true, card: 'nobody' },
    ]);
  });

  test('overrides are found by patient and clinician, the latest of each rule', async () => {
    const { record } = await it.log.append(decisionRecord(1, { patient: 'anna' }));
    for (const [event, code] of ['emergency', 'already-managed'].entries()) {
      await it.log.addFeedback(
        feedbackOn(record, { overrideReason: { system: overrideReasonSystem, code } }),
        String(event),
      );
    }
    const rule = record.findings.find(({ card }) => card === record.cards[0]?.uuid)?.rule;
    expect(await it.log.overridesOf('hospital', 'anna', 'Practitioner/1')).toMatchObject([
      { rule, reason: 'already-managed', decisionId: record.decisionId },
    ]);
    expect(await it.log.overridesOf('hospital', 'anna', 'Practitioner/2')).toEqual([]);
    expect(await it.log.overridesOf('clinic', 'anna', 'Practitioner/1')).toEqual([]);
  });
});
