/** Decisions as they are read again: by id, by card, by call of a hook. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createStoredDecisions } from '../../../functions/log/stored-decisions.ts';
import { LogUnavailable } from '../../../functions/log/unavailable.ts';
import { createTestLog, decisionRecord, refusalRecord, type TestLog, table } from '../../support/logs.ts';

let it: TestLog;
const ids: string[] = [];
let card = '';
const reader = (name = table) =>
  createStoredDecisions({
    client: it.dynamo.client,
    table: name,
    patients: it.patients,
    blobs: it.blobs,
  });

beforeAll(async () => {
  it = await createTestLog();
  for (const number of [1, 2, 3]) {
    const { record } = await it.log.append(decisionRecord(number));
    ids.push(record.decisionId);
    card = record.cardIds[0] ?? '';
  }
  await it.log.append(refusalRecord(1));
});
afterAll(() => it.close());

describe('several decisions', () => {
  test('come in the order they were asked in, one that is not there is left out', async () => {
    const [a = '', b = '', c = ''] = ids;
    const found = await reader().findAll('hospital', [c, 'nobody', a, b, a]);
    expect(found.map(({ decisionId }) => decisionId)).toEqual([c, a, b, a]);
    expect(found[0]).toEqual(await reader().find('hospital', c));
  });

  test('of none, or of another tenant, are none', async () => {
    expect(await reader().findAll('hospital', [])).toEqual([]);
    expect(await reader().findAll('clinic', ids)).toEqual([]);
  });
});

test('a head is read without the key of the patient', async () => {
  const about = await reader().findHead('hospital', ids[0] ?? '');
  expect(about).toMatchObject({
    head: { decisionId: ids[0] },
    hashed: expect.stringMatching(/^[0-9a-f]{64}$/),
  });
  expect(about?.head).not.toHaveProperty('chart');
  expect(await reader().findHead('hospital', 'nobody')).toBeNull();
});

test('a card names its decision', async () => {
  expect(await reader().decisionOfCard('hospital', card)).toBe(ids[2]);
  expect(await reader().decisionOfCard('clinic', card)).toBeNull();
});

test.each<[string[], 'decision' | 'card', boolean]>([
  [['clinic', 'hospital'], 'decision', true],
  [['clinic', 'hospital'], 'card', true],
  [['clinic'], 'decision', false],
  [['clinic'], 'card', false],
  [[], 'decision', false],
])('of the tenants %j there is one with the %s: %s', async (tenants, what, is) => {
  const id = what === 'card' ? card : (ids[0] ?? '');
  expect(await reader().belongsTo(tenants, what, id)).toBe(is);
});

test('related are the other decisions of the same call, newest first', async () => {
  const related = [];
  for (const number of [10, 11, 12]) {
    const record = {
      ...decisionRecord(number, { at: it.clock.now + number * 1000 }),
      hookInstance: 'one call',
    };
    related.push((await it.log.append(record)).record);
  }
  await it.log.projector.caughtUp();
  const [first, second, third] = related;
  if (!first || !second || !third) throw new Error('three were appended');
  expect(await reader().relatedTo(second)).toEqual([third.decisionId, first.decisionId]);
  expect(await reader().relatedTo({ ...second, client: 'other' })).toEqual([]);
  expect(await reader().relatedTo({ ...second, hookInstance: null })).toEqual([]);
});

test('a table that cannot be read is no empty answer', async () => {
  const broken = reader('none');
  for (const read of [
    broken.find('hospital', 'a'),
    broken.findAll('hospital', ['a']),
    broken.decisionOfCard('hospital', 'a'),
    broken.belongsTo(['hospital'], 'card', 'a'),
    broken.relatedTo({ tenant: 'a', client: 'b', hookInstance: 'c', decisionId: 'd' }),
  ])
    await expect(read).rejects.toBeInstanceOf(LogUnavailable);
});
