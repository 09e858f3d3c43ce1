import { expect, test } from 'vitest';
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
