import { describe, expect, it } from 'vitest';
import { decide } from '../../rules/decide.ts';
import { chain, mergeRecord, recordOf, wordRecord } from '../../rules/record.ts';
import { splitRecord } from '../../rules/record-head.ts';
import type { DecisionRecord } from '../../rules/record-types.ts';

import { byName } from '../support/openapi.ts';
import { at, example, hookRequest, richBundle, unread } from '../support/openapi-requests.ts';
import { running, useServers } from '../support/openapi-servers.ts';

useServers();

/** The record as it is read: head and clinical part. */
const joinedOf = (record: DecisionRecord) => {
  const { head, clinical } = splitRecord(record);
  return mergeRecord(head, clinical);
};

describe('a record of a presentation that changes what is shown', () => {
  it('satisfies the schema of a record', async () => {
    const clock = { decisionId: '0'.repeat(32), decidedAt: `${at.slice(0, -1)}.000Z`, evaluatedAt: at };
    const request = { hook: 'order-sign' as const, bundle: richBundle, patient: null };
    const { ruleset } = running.service;
    const onCards = decide(request, ruleset, clock).evaluations.filter(({ fingerprint }) => fingerprint);
    const head = onCards[0]?.rule;
    const ofOneCard = onCards.filter(({ rule, card = rule }) => card === (onCards[0]?.card ?? head));
    const listed = ofOneCard.map(({ rule }) => rule);
    const found = ofOneCard.flatMap(({ rule, fingerprint }) =>
      fingerprint
        ? [
            {
              rule,
              at: '2026-01-30T12:00:00Z',
              reason: 'not-applicable',
              by: 'Practitioner/1',
              fingerprint,
              listed,
            },
          ]
        : [],
    );
    const decision = decide(request, ruleset, clock, {
      profile: 'epic',
      rulesOff: ['MG-001'],
      limit: { critical: 0, warning: 0, info: 0 },
      withhold: { days: 7, critical: true },
      overridden: found,
    });
    expect(onCards.length).toBeGreaterThan(found.length);
    const asked = {
      tenant: 'local',
      client: 'local',
      service: 'order-sign',
      hook: 'order-sign',
      hookInstance: '1',
      user: 'Practitioner/1',
      requestDigest: '',
      receivedAt: clock.decidedAt,
    };
    const read = chain({ ...joinedOf(recordOf(decision, asked, {})), clinical: null }, 'writer', 1, null);
    const answered = { ...wordRecord(read), feedback: [] };
    expect(byName('DecisionRecord', JSON.parse(JSON.stringify(answered)))).toEqual([]);
    const whys = answered.evaluations.map(({ why }) => why ?? '').join('\n');
    expect(whys).toContain('withheld: overridden on 2026-01-30');
    expect(whys).toContain('held back: over the limit of 0');
  });
});

describe('the requests the exchanges call good satisfy the schemas of requests', () => {
  it.each([
    ['HookRequest', hookRequest()],
    ['EvaluateRequest', richBundle],
    ['EvaluateRequest', hookRequest()],
    ['EvaluateRequest', JSON.parse(example('low-magnesium'))],
    ['FeedbackRequest', { feedback: [unread] }],
  ])('%s', (name, body) => {
    expect(byName(name, JSON.parse(JSON.stringify(body)))).toEqual([]);
  });

  it('and bad ones do not', () => {
    expect(byName('HookRequest', hookRequest({ context: {} }))).not.toEqual([]);
    expect(byName('FeedbackRequest', { feedback: [{ ...unread, outcome: 'accepted' }] })).not.toEqual([]);
    expect(byName('EvaluateRequest', [])).not.toEqual([]);
  });
});
