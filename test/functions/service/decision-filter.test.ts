import { describe, expect, test } from 'vitest';
import { Problem } from '../../../functions/http/outcome.ts';
import { readFilter } from '../../../functions/service/decision-filter.ts';
import { hookRequest, patient } from '../../support/hook-requests.ts';
import { url, useLoopbackServer } from '../../support/loopback.ts';
import { get, post } from '../../support/serving.ts';

useLoopbackServer();

test('GET /decisions lists a patient newest first, in pages, and an edited cursor is 400', async () => {
  for (let time = 0; time < 4; time += 1)
    await post(
      `${url}/cds-services/patient-view`,
      hookRequest('patient-view', { patient, conditions: null }),
    );
  const first = await get(`${url}/decisions?patient=p1&limit=2`);
  expect((first.body.decisions as unknown[]).length).toBe(2);
  const next = String(first.body.next);
  const second = await get(`${url}/decisions?patient=p1&limit=2&cursor=${next}`);
  const ids = [
    ...(first.body.decisions as { decisionId: string }[]),
    ...(second.body.decisions as { decisionId: string }[]),
  ].map(({ decisionId }) => decisionId);
  expect(new Set(ids).size).toBe(4);
  expect((await get(`${url}/decisions?patient=p1&limit=2&cursor=${next.slice(0, -2)}xx`)).status).toBe(400);
  expect((await get(`${url}/decisions?patient=other&limit=2&cursor=${next}`)).status).toBe(400);
  expect((await get(`${url}/decisions?patient=nobody`)).body).toMatchObject({ decisions: [], next: null });
});

test.each(['0', '-1', 'ten', '1.5'])('limit=%s is 400', async (limit) => {
  expect((await get(`${url}/decisions?patient=p1&limit=${limit}`)).status).toBe(400);
});

describe('readFilter', () => {
  const refusal = (query: Record<string, string>): string => {
    try {
      return JSON.stringify(readFilter(query));
    } catch (error) {
      return error instanceof Problem ? `${error.status} ${error.message}` : String(error);
    }
  };

  test.each<[Record<string, string>, ReturnType<typeof readFilter>]>([
    [{}, { filter: {}, limit: 20 }],
    [{ limit: '1000' }, { filter: {}, limit: 100 }],
    [
      { patient: 'Patient/p1', rule: 'IV-001' },
      { filter: { patient: 'p1', rule: 'IV-001' }, limit: 20 },
    ],
    [
      { from: '2026-01-31', to: '2026-01-31' },
      { filter: { from: '2026-01-31T00:00:00.000Z', to: '2026-01-31T23:59:59.999Z' }, limit: 20 },
    ],
    [{ from: '2026-01-31T12:00:00 01:00' }, { filter: { from: '2026-01-31T11:00:00.000Z' }, limit: 20 }],
    [
      { outcome: 'none', indicator: 'info' },
      { filter: { outcome: 'none', indicator: 'info' }, limit: 20 },
    ],
  ])('%j', (query, expected) => expect(readFilter(query)).toEqual(expected));

  test.each<[Record<string, string>, RegExp]>([
    [{ colour: 'red' }, /^400 unknown parameter/],
    [{ patient: 'a b' }, /^400 `patient`/],
    [{ client: 'a#b' }, /^400 `client`/],
    [{ outcome: 'ignored' }, /^400 `outcome` must be one of accepted, overridden, none/],
    [{ indicator: 'grave' }, /^400 `indicator`/],
    [{ from: 'soon' }, /^400 `from` must be a date/],
    [{ from: '2026-02-01', to: '2026-01-01' }, /^400 `from` must not be after `to`/],
    [{ limit: '0' }, /^400 `limit`/],
  ])('%j is refused', (query, expected) => expect(refusal(query)).toMatch(expected));
});
