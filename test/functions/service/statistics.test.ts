/** Counts by rule as GET /statistics answers them. */
import { describe, expect, test } from 'vitest';
import { Problem } from '../../../functions/http/outcome.ts';
import {
  addCounts,
  type Counts,
  countAnswered,
  countDecision,
  countFeedback,
  noCounts,
} from '../../../functions/log/counts.ts';
import type { StoredHead } from '../../../functions/log/stored.ts';
import { readStatisticsQuery, statisticsOf } from '../../../functions/service/statistics.ts';

const head = (given: Partial<StoredHead> = {}): StoredHead =>
  ({
    status: 200,
    ruleset: { digest: 'sha256:a', version: '1.0.0' },
    findings: [
      { rule: 'IV-001', version: '1.0.0', shown: true, card: 'c', indicator: 'critical' },
      { rule: 'MG-001', version: '1.0.0', shown: false, why: 'other-hook' },
    ],
    undecided: { 'laboratory:potassium': ['HK-001', 'DG-001'], weight: ['HK-001'] },
    ...given,
  }) as StoredHead;

const rulesAt = async (digest: string) =>
  digest === 'sha256:a' ? ['DG-001', 'HK-001', 'IV-001', 'MG-001', 'QT-001'] : null;

const countsOf = (count: (counts: Counts) => void): Counts => {
  const counts = noCounts();
  count(counts);
  return counts;
};
const days = { days: ['2026-01-30', '2026-01-31'], rule: null, by: 'period' } as const;
const asked = { ...days, days: [...days.days] };

test('every rule of the ruleset was evaluated; what spoke, was withheld, lacked something or was answered is told apart', async () => {
  const first = countsOf((counts) => {
    countDecision(counts, head());
    countDecision(counts, head({ findings: [], undecided: {} }));
    countDecision(counts, head({ status: 412 }));
    countAnswered(counts, ['IV-001']);
  });
  const second = countsOf((counts) => {
    countDecision(counts, head());
    countFeedback(counts, { outcome: 'accepted', overrideReason: null }, ['IV-001']);
    countFeedback(counts, { outcome: 'overridden', overrideReason: null }, ['IV-001']);
    countFeedback(counts, { outcome: 'overridden', overrideReason: { system: 's', code: 'c' } }, ['IV-001']);
  });
  const statistics = await statisticsOf(
    asked,
    new Map([
      ['2026-01-30', first],
      ['2026-01-31', second],
    ]),
    rulesAt,
  );
  expect(statistics).toEqual({
    decisions: 3,
    refused: { 412: 1 },
    rules: [
      {
        rule: 'DG-001',
        evaluated: 3,
        fired: 0,
        shown: 0,
        withheld: {},
        undecided: { 'laboratory:potassium': 2 },
        accepted: 0,
        overridden: {},
        unanswered: 0,
      },
      {
        rule: 'HK-001',
        evaluated: 3,
        fired: 0,
        shown: 0,
        withheld: {},
        undecided: { 'laboratory:potassium': 2, weight: 2 },
        accepted: 0,
        overridden: {},
        unanswered: 0,
      },
      {
        rule: 'IV-001',
        evaluated: 3,
        fired: 2,
        shown: 2,
        withheld: {},
        undecided: {},
        accepted: 1,
        overridden: { none: 1, 's|c': 1 },
        unanswered: 1,
      },
      {
        rule: 'MG-001',
        evaluated: 3,
        fired: 2,
        shown: 0,
        withheld: { 'other-hook': 2 },
        undecided: {},
        accepted: 0,
        overridden: {},
        unanswered: 0,
      },
      {
        rule: 'QT-001',
        evaluated: 3,
        fired: 0,
        shown: 0,
        withheld: {},
        undecided: {},
        accepted: 0,
        overridden: {},
        unanswered: 0,
      },
    ],
  });
});

test('by day, and of one rule', async () => {
  const counts = countsOf((one) => countDecision(one, head()));
  const statistics = await statisticsOf(
    { ...asked, rule: 'IV-001', by: 'day' },
    new Map([['2026-01-31', counts]]),
    rulesAt,
  );
  expect(statistics).toMatchObject({
    decisions: 1,
    rules: [{ rule: 'IV-001', fired: 1 }],
    days: [
      { day: '2026-01-30', decisions: 0, rules: [] },
      { day: '2026-01-31', decisions: 1, rules: [{ rule: 'IV-001', fired: 1, unanswered: 1 }] },
    ],
  });
});

test('of a ruleset that the log does not hold, what fired was evaluated', async () => {
  const counts = countsOf((one) =>
    countDecision(one, head({ ruleset: { digest: 'sha256:b', version: '2' } })),
  );
  const { rules } = await statisticsOf(asked, new Map([['2026-01-31', counts]]), rulesAt);
  expect(rules.map(({ rule, evaluated }) => [rule, evaluated])).toContainEqual(['IV-001', 1]);
});

test('counts of two writers add up, whatever the names are', () => {
  const odd = { outcome: 'overridden', overrideReason: { code: '__proto__' } } as const;
  const one = countsOf((counts) => countFeedback(counts, odd, ['IV-001']));
  const sum = noCounts();
  addCounts(sum, one);
  addCounts(sum, one);
  expect(Object.entries(sum.rules['IV-001']?.overridden ?? {})).toEqual([['|__proto__', 2]]);
});

describe('a question', () => {
  test('names days in order', () => {
    expect(readStatisticsQuery({ from: '2026-02-27', to: '2026-03-01' })).toEqual({
      days: ['2026-02-27', '2026-02-28', '2026-03-01'],
      rule: null,
      by: 'period',
    });
  });

  test.each<[string, Record<string, string>, string]>([
    ['without days', {}, '`from` must be a day such as 2026-01-31'],
    [
      'with a time',
      { from: '2026-01-31T00:00:00Z', to: '2026-01-31' },
      '`from` must be a day such as 2026-01-31',
    ],
    ['with no such day', { from: '2026-01-31', to: '2026-13-01' }, '`to` must be a day such as 2026-01-31'],
    ['backwards', { from: '2026-02-01', to: '2026-01-31' }, '`from` must not be after `to`'],
    ['of a year', { from: '2025-01-01', to: '2025-12-31' }, 'ask for at most 92 days at once: these are 365'],
    [
      'of no rule',
      { from: '2026-01-31', to: '2026-01-31', rule: 'x' },
      '`rule` must be the id of a rule: see GET /rules',
    ],
    ['by week', { from: '2026-01-31', to: '2026-01-31', by: 'week' }, '`by`'],
    ['by something else', { since: '2026-01-31' }, 'unknown parameter: ask by `from`, `to`, `rule` and `by`'],
  ])('%s is refused', (_, query, message) => {
    let thrown: unknown;
    try {
      readStatisticsQuery(query);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(Problem);
    expect((thrown as Problem).message).toContain(message);
  });
});
