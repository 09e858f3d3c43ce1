/** Who looked: every way to ask leads to the same accesses, newest first, page by page. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Access } from '../../../functions/log/records.ts';
import { createTestLog, minute, start, type TestLog } from '../../support/logs.ts';

let it: TestLog;
const day = 24 * 60 * minute;
/** Twelve looks over four days, of two people at two decisions and two patients. */
const looks = Array.from({ length: 12 }, (_, number) => ({
  client: number % 2 === 0 ? 'anna' : 'bela',
  decisionId: number % 3 === 0 ? null : `d${number % 3}`,
  patient: number % 4 === 0 ? null : `p${number % 2}`,
  at: new Date(start + Math.floor(number / 3) * day + number * minute).toISOString(),
}));

beforeAll(async () => {
  it = await createTestLog();
  for (const [number, { client, decisionId, patient, at }] of looks.entries()) {
    const access: Access = {
      schema: 'epsom.access/1',
      tenant: 'hospital',
      client,
      user: null,
      what: decisionId ? 'read' : 'search',
      path: '/decisions',
      address: null,
      decisionId,
      filter: {},
      count: 1,
      at,
    };
    await it.log.addAccess(access, patient, `nonce-${number}`);
  }
});
afterAll(() => it.close());

type Filter = Parameters<TestLog['log']['listAccesses']>[1];
const expected = ({ client, decisionId, patient, from = '0', to = '9' }: Filter): string[] =>
  looks
    .filter(
      (look) =>
        (client === undefined || look.client === client) &&
        (decisionId === undefined || look.decisionId === decisionId) &&
        (patient === undefined || look.patient === patient) &&
        look.at >= from &&
        look.at <= to,
    )
    .map(({ at }) => at)
    .toReversed();

async function all(filter: Filter, limit: number): Promise<string[]> {
  const found: string[] = [];
  let after: string | null = null;
  do {
    const page: Awaited<ReturnType<TestLog['log']['listAccesses']>> = await it.log.listAccesses(
      'hospital',
      filter,
      limit,
      after,
    );
    found.push(...page.accesses.map(({ access }) => access.at));
    after = page.next;
  } while (after !== null);
  return found;
}

describe('accesses are found', () => {
  test.each<[string, Filter]>([
    ['all of them', {}],
    ['of a decision', { decisionId: 'd1' }],
    ['of a patient', { patient: 'p1' }],
    ['of a person', { client: 'bela' }],
    ['of a person to a decision of a patient', { client: 'bela', decisionId: 'd1', patient: 'p1' }],
    ['of some days', { from: looks[4]?.at ?? '', to: looks[9]?.at ?? '' }],
    ['of nobody', { client: 'nobody' }],
    ['of no time', { from: '2026-02-01', to: '2026-01-01' }],
  ])('%s', async (_, filter) => {
    for (const limit of [1, 5, 100]) expect(await all(filter, limit)).toEqual(expected(filter));
  });

  test('by place, of its tenant only; of another tenant there are none', async () => {
    const { accesses } = await it.log.listAccesses('hospital', {}, 1, null);
    const place = accesses[0]?.place ?? '';
    expect(await it.log.findAccess('hospital', place)).toEqual(accesses[0]);
    expect(await it.log.findAccess('clinic', place)).toBeNull();
    expect(await it.log.listAccesses('clinic', {}, 10, null)).toEqual({ accesses: [], next: null });
  });
});
