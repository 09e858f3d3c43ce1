import { setImmediate } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { Feedback } from '../../../functions/log/decision-log.ts';
import { createDeadline } from '../../../functions/service/deadline.ts';
import type { FeedbackBatch } from '../../../functions/service/feedback.ts';
import { keepFeedback } from '../../../functions/service/keep-feedback.ts';
import { myasthenia, recordOf, url, useLoopbackServer } from '../../support/loopback.ts';
import { diagnostics, post } from '../../support/serving.ts';

useLoopbackServer();

test('feedback is joined to its decision; the same item ten times is one event; free text is not kept', async () => {
  const answer = await post(`${url}/cds-services/order-sign`, myasthenia());
  const [card] = answer.body.cards as { uuid: string }[];
  const item = {
    card: card?.uuid,
    outcome: 'overridden',
    outcomeTimestamp: '2026-01-31T12:01:00.123Z',
    overrideReason: {
      reason: { code: 'emergency', system: 'urn:epsom:override-reason' },
      userComment: 'ZZCANARY said so',
    },
  };
  for (let time = 0; time < 10; time += 1) {
    const { status } = await post(`${url}/cds-services/order-sign/feedback`, { feedback: [item] });
    expect(status).toBe(200);
  }
  const { body, text } = await recordOf(answer);
  expect(body.feedback).toMatchObject([
    { outcome: 'overridden', overrideReason: { code: 'emergency' }, hasComment: true, unknownCard: false },
  ]);
  expect(text).not.toContain('ZZCANARY');
});

test('Epic spells it overrideReasons; a card we do not know is kept and flagged', async () => {
  const feedback = [
    {
      card: '123456',
      outcome: 'overridden',
      outcomeTimestamp: '2022-05-19T19:44:04Z',
      overrideReasons: { extension: { 'com.epic.cdshooks.feedback.overrideReason.reasonCategory': '45' } },
    },
  ];
  expect((await post(`${url}/cds-services/order-sign/feedback`, { feedback })).status).toBe(200);
});

test('a feedback batch with one bad item of two is 400 naming it, and the good one is kept', async () => {
  const answer = await post(`${url}/cds-services/order-sign`, myasthenia());
  const [card] = answer.body.cards as { uuid: string; suggestions: { uuid: string }[] }[];
  const good = {
    card: card?.uuid,
    outcome: 'accepted',
    acceptedSuggestions: [{ id: card?.suggestions[0]?.uuid }],
    outcomeTimestamp: '2026-01-31T12:01:00Z',
  };
  const bad = { card: card?.uuid, outcome: 'ignored', outcomeTimestamp: '2026-01-31T12:01:00Z' };
  const refused = await post(`${url}/cds-services/order-sign/feedback`, { feedback: [bad, good] });
  expect(refused.status).toBe(400);
  expect(diagnostics(refused)).toContain('feedback[0]: `outcome`');
  expect((await recordOf(answer)).body.feedback).toMatchObject([{ outcome: 'accepted' }]);
});

describe('a large batch', () => {
  const batch = (count: number): FeedbackBatch => ({
    items: Array.from({ length: count }, (_, index) => ({
      feedback: { card: `card-${index}` } as unknown as Feedback,
      eventId: String(index),
      place: `feedback[${index}]`,
    })),
    bad: [],
  });
  const logOf = (kept: string[], during: (index: number) => void = () => undefined) => ({
    belongsTo: async () => false,
    addFeedback: async ({ card }: Feedback) => {
      during(kept.length);
      kept.push(card);
      return { decisionId: card };
    },
  });

  test('is kept whole, ten side by side', async () => {
    const kept: string[] = [];
    let open = 0;
    let most = 0;
    const log = {
      belongsTo: async () => false,
      addFeedback: async ({ card }: Feedback) => {
        open += 1;
        most = Math.max(most, open);
        await setImmediate();
        open -= 1;
        kept.push(card);
        return { decisionId: null };
      },
    };
    const deadline = createDeadline(new AbortController().signal, 5000);
    await keepFeedback(batch(25), { log, callers: null }, 'north', deadline, () => undefined);
    expect([kept.length, most]).toEqual([25, 10]);
  });

  test('stops at the deadline: 503, and what was kept by then stays kept', async () => {
    const kept: string[] = [];
    const time = new AbortController();
    const log = logOf(kept, (index) => {
      if (index === 14) time.abort();
    });
    const deadline = createDeadline(time.signal, 5000);
    await expect(
      keepFeedback(batch(100), { log, callers: null }, 'north', deadline, () => undefined),
    ).rejects.toMatchObject({
      status: 503,
      code: 'too-costly',
      message: expect.stringContaining('`feedback`'),
    });
    expect(kept).toHaveLength(20);
  });
});
