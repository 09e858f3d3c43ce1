import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { shapes } from '../../../bench/growth-shapes.ts';
import type { Running } from '../../../functions/local.ts';
import { placeOf } from '../../../functions/log/keys.ts';
import { pageOf } from '../../../functions/service/decision-page.ts';
import { largestAnswer } from '../../../functions/service/explaining.ts';
import { createTestLog, decisionRecord, feedbackOn, type TestLog } from '../../support/logs.ts';
import { get, post, serving } from '../../support/serving.ts';

describe('a page of three decisions', () => {
  let it: TestLog;
  const ids: string[] = [];
  let places: string[] = [];
  let sizes: number[] = [];

  beforeAll(async () => {
    it = await createTestLog();
    for (const number of [1, 2, 3]) {
      const record = decisionRecord(number);
      await it.log.append(record);
      await it.log.addFeedback(feedbackOn(record), 'event');
      ids.push(record.decisionId);
    }
    places = (await it.log.findAll('hospital', ids)).map(placeOf);
    const { decisions } = await pageOf(it.log, 'hospital', ids);
    sizes = decisions.map((json) => Buffer.byteLength(json));
  });
  afterAll(() => it.close());

  const sum = (count: number): number => sizes.slice(0, count).reduce((a, b) => a + b, 0);

  test.each<[string, () => number, number]>([
    ['of as much room as they need has all', () => sum(3), 3],
    ['of a byte less has two, and ends after the second', () => sum(3) - 1, 2],
    ['of room for one and a half has one', () => Math.floor(sum(1) * 1.5), 1],
    ['without room for one has one all the same', () => 1, 1],
  ])('%s', async (_, most, count) => {
    const page = await pageOf(it.log, 'hospital', ids, most());
    expect(page.decisions.map((json) => JSON.parse(json).decisionId)).toEqual(ids.slice(0, count));
    expect(page.cutAfter).toBe(count === 3 ? null : places[count - 1]);
  });

  test('has the feedback on each', async () => {
    const { decisions } = await pageOf(it.log, 'hospital', ids);
    expect(decisions.map((json) => JSON.parse(json).feedback)).toMatchObject(
      ids.map(() => [{ outcome: 'overridden' }]),
    );
  });

  test('of none is empty', async () =>
    expect(await pageOf(it.log, 'hospital', [])).toEqual({ decisions: [], cutAfter: null }));
});

describe('GET /decisions of large records', () => {
  let running: Running;
  beforeAll(async () => {
    running = await serving({ EPSOM_DEADLINE_MS: '60000' });
  });
  afterAll(() => running.close());

  test('gives fewer than `limit` within the bytes of an answer, and `next` goes on until all were given', async () => {
    const shape = shapes.find(({ name }) => name === 'no ids');
    const made: string[] = [];
    for (let time = 0; time < 4; time += 1) {
      const answer = await post(`${running.url}${shape?.path}`, shape?.body(6000));
      made.push(answer.headers.get('epsom-decision') ?? '');
    }
    const given: string[] = [];
    let [pages, cursor] = [0, ''];
    do {
      const page = await get(`${running.url}/decisions?limit=10${cursor}`);
      expect(page.text.length).toBeLessThan(largestAnswer + 1000);
      given.push(...(page.body.decisions as { decisionId: string }[]).map(({ decisionId }) => decisionId));
      cursor = page.body.next === null ? '' : `&cursor=${page.body.next}`;
      pages += 1;
    } while (cursor !== '');
    expect(given).toEqual(made.reverse());
    expect(pages).toBeGreaterThan(1);
  }, 60_000);
});
