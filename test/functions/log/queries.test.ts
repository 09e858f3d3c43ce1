/** Every filter, alone and combined, against a plain filter over the same decisions; pages and cursors; cost by page. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Filter } from '../../../functions/log/queries.ts';
import type { DecisionRecord } from '../../../rules/record-types.ts';
import { createTestLog, decisionRecord, minute, type TestLog } from '../../support/logs.ts';

let it: TestLog;
const day = 24 * 60 * minute;
const start = Date.parse('2026-01-29T23:00:00.000Z');
const records: DecisionRecord[] = [];
const outcomeOf = new Map<string, 'accepted' | 'overridden'>();

/** Sixty decisions over three months, of two clients and three patients, one in three with feedback. */
beforeAll(async () => {
  it = await createTestLog({ writers: 1 });
  for (let number = 0; number < 60; number += 1) {
    const at = start + number * 1.5 * day + number * 61_000;
    const whole = decisionRecord(number, {
      at,
      client: number % 2 === 0 ? 'epic' : 'cerner',
      patient: `patient-${number % 3}`,
    });
    // A third of them fired nothing.
    const record =
      number % 3 === 0
        ? {
            ...whole,
            service: 'patient-view',
            cards: [],
            evaluations: whole.evaluations.map((one) => ({
              ...one,
              outcome: 'not-fired' as const,
              shown: false,
            })),
          }
        : whole;
    records.push(record);
    await it.log.append(record);
    const card = record.cards[0]?.uuid;
    if (card && number % 4 < 2) {
      const outcome = number % 4 === 0 ? 'accepted' : 'overridden';
      outcomeOf.set(record.decisionId, outcome);
      const time = new Date(at + minute).toISOString();
      for (const event of ['one', 'two']) {
        await it.log.addFeedback(
          {
            schema: 'epsom.feedback/1',
            tenant: 'hospital',
            client: record.client,
            service: 'order-sign',
            card,
            outcome,
            outcomeTimestamp: time,
            acceptedSuggestions: [],
            overrideReason: null,
            hasComment: false,
            unknownCard: false,
            receivedAt: time,
            masked: [],
          },
          event,
        );
      }
    }
  }
  await it.log.append(
    decisionRecord(1000, { tenant: 'clinic', patient: 'patient-0', client: 'epic', at: start }),
  );
}, 120_000);
afterAll(() => it.close());

/** The same question without an index. */
function expected(filter: Filter): string[] {
  return records
    .filter((record) => {
      const fired = record.evaluations.filter((one) => one.outcome === 'fired').map(({ rule }) => rule);
      const outcome = outcomeOf.get(record.decisionId) ?? 'none';
      return (
        (filter.patient === undefined || record.patient === filter.patient) &&
        (filter.rule === undefined || fired.includes(filter.rule)) &&
        (filter.service === undefined || record.service === filter.service) &&
        (filter.client === undefined || record.client === filter.client) &&
        (filter.indicator === undefined || record.cards[0]?.indicator === filter.indicator) &&
        (filter.outcome === undefined || outcome === filter.outcome) &&
        (filter.from === undefined || record.decidedAt >= filter.from) &&
        (filter.to === undefined || record.decidedAt <= filter.to)
      );
    })
    .map(({ decisionId }) => decisionId)
    .reverse();
}

async function all(filter: Filter, limit: number): Promise<string[]> {
  const ids: string[] = [];
  let next: string | null = null;
  do {
    const page: { ids: string[]; next: string | null } = await it.log.list('hospital', filter, limit, next);
    expect(page.ids.length).toBeLessThanOrEqual(limit);
    ids.push(...page.ids);
    next = page.next;
  } while (next !== null);
  return ids;
}

const iso = (offset: number): string => new Date(start + offset).toISOString();

describe('a filter finds what a plain look at every decision finds, newest first', () => {
  test.each<[string, Filter]>([
    ['nothing', {}],
    ['a patient', { patient: 'patient-1' }],
    ['an unknown patient', { patient: 'nobody' }],
    ['a rule', { rule: 'IV-001' }],
    ['a rule that never fired', { rule: 'MG-004' }],
    ['a client', { client: 'epic' }],
    ['a service', { service: 'patient-view' }],
    ['an indicator', { indicator: 'critical' }],
    ['accepted', { outcome: 'accepted' }],
    ['overridden', { outcome: 'overridden' }],
    ['no feedback', { outcome: 'none' }],
    ['a time', { from: iso(20 * day), to: iso(50 * day) }],
    [
      'a rule overridden at a client in a month',
      { rule: 'IV-001', outcome: 'overridden', client: 'cerner', from: iso(3 * day), to: iso(40 * day) },
    ],
    ['a patient without feedback', { patient: 'patient-2', outcome: 'none' }],
    ['a patient with an override', { patient: 'patient-1', outcome: 'overridden' }],
  ])('%s', async (_, filter) => {
    const want = expected(filter);
    expect(await all(filter, 100)).toEqual(want);
    expect(await all(filter, 7)).toEqual(want);
  });

  test('any combination, in pages of any size', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record(
          {
            patient: fc.constantFrom('patient-0', 'patient-1', 'patient-2'),
            rule: fc.constantFrom('IV-001', 'IV-007'),
            service: fc.constantFrom('order-sign', 'patient-view'),
            client: fc.constantFrom('epic', 'cerner'),
            indicator: fc.constantFrom<'critical' | 'info'>('critical', 'info'),
            outcome: fc.constantFrom<'accepted' | 'overridden' | 'none'>('accepted', 'overridden', 'none'),
            from: fc.constantFrom(iso(0), iso(10 * day), iso(45 * day)),
            to: fc.constantFrom(iso(30 * day), iso(60 * day), iso(91 * day)),
          },
          { requiredKeys: [] },
        ),
        fc.integer({ min: 1, max: 30 }),
        async (filter, limit) => {
          expect(await all(filter, limit)).toEqual(expected(filter));
        },
      ),
      { numRuns: 25 },
    );
  });

  test('another tenant sees its own decision only', async () => {
    const { ids } = await it.log.list('clinic', {}, 100, null);
    expect(ids.length).toBe(1);
    expect((await it.log.list('clinic', { patient: 'patient-0' }, 100, null)).ids).toEqual(ids);
    expect((await it.log.list('nobody', {}, 100, null)).ids).toEqual([]);
  });
});

test('a record of more than 300 KB overflows by content hash and comes back whole', async () => {
  const record = decisionRecord(5000, { at: start + 200 * day });
  // Not compressible: as many different results as a year of intensive care.
  let seed = 1;
  const next = (): number => {
    seed = (seed * 16_807) % 2_147_483_647;
    return seed;
  };
  const lab = record.chart?.conditions[0];
  const large = {
    ...record,
    chart: record.chart && {
      ...record.chart,
      conditions: Array.from({ length: 20_000 }, () => ({
        ...(lab ?? { groups: [], codes: [], status: 'active' as const, confirmed: true, onset: null }),
        reference: `Condition/${next()}${next()}${next()}`,
      })),
    },
  };
  const { record: stored } = await it.log.append(large);
  expect(stored.clinical?.bytes).toBeGreaterThan(300_000);
  const found = await it.open().log.find('hospital', record.decisionId);
  expect(found?.chart).toEqual(large.chart);
  it.clock.now = start + 201 * day;
  await it.sealer.seal();
  const faults = (await it.verify()).faults.filter(
    ({ fault }) => fault !== 'writer-missing' && fault !== 'record-time',
  );
  // The clock of this log stood still while decisions of months were made.
  expect(faults).toEqual([]);
});
