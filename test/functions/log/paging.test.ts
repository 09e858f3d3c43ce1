/** Everything a query or a scan finds, over as many pages as it takes, and no page more than is read. */
import type { BatchWriteItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createEmbeddedDynamo, createLocalDynamo } from '../../../functions/host/embedded.ts';
import { ensureTable } from '../../../functions/host/table.ts';
import { writeItems } from '../../../functions/log/batch.ts';
import { type Item, S } from '../../../functions/log/items.ts';
import { keyIn, keyItem, sortable } from '../../../functions/log/keys.ts';
import { queryItems, scanItems } from '../../../functions/log/paging.ts';

const table = 'paging';
let dynamo: Awaited<ReturnType<typeof createEmbeddedDynamo>>;
const items: Item[] = Array.from({ length: 60 }, (_, number) => keyItem({ pk: 'all', sk: sortable(number) }));

beforeAll(async () => {
  dynamo = await createEmbeddedDynamo(null);
  await ensureTable(dynamo.client, table);
  await writeItems(dynamo.client, table, items);
});
afterAll(() => dynamo.close());

/** A client that counts its requests. */
function counting() {
  const client = createLocalDynamo(dynamo.endpoint);
  const count = { requests: 0 };
  client.middlewareStack.add(
    (next) => (args) => {
      count.requests += 1;
      return next(args);
    },
    { step: 'initialize' },
  );
  return { client, count };
}
const all = {
  TableName: table,
  KeyConditionExpression: 'pk = :pk',
  ExpressionAttributeValues: { ':pk': S('all') },
};
const sortKeys = (found: readonly Item[]): string[] => found.map((item) => keyIn(item).sk);
const every = sortKeys(items);

test.each([
  [7, 9],
  [60, 2],
  [100, 1],
])('a query with %i to a page gives all 60 in %i requests, in order', async (Limit, requests) => {
  const { client, count } = counting();
  expect(sortKeys(await Array.fromAsync(queryItems(client, { ...all, Limit })))).toEqual(every);
  expect(count.requests).toBe(requests);
});

test('a query backwards is the other way round', async () => {
  const found = await Array.fromAsync(
    queryItems(dynamo.client, { ...all, Limit: 25, ScanIndexForward: false }),
  );
  expect(sortKeys(found)).toEqual(every.toReversed());
});

test('a reader that stops asks for no further page', async () => {
  const { client, count } = counting();
  for await (const item of queryItems(client, { ...all, Limit: 7 })) if (keyIn(item).sk === every[8]) break;
  expect(count.requests).toBe(2);
});

test('a scan gives everything, whatever the page', async () => {
  const found = await Array.fromAsync(scanItems(dynamo.client, { TableName: table, Limit: 11 }));
  expect(sortKeys(found).sort()).toEqual(every);
});

test('nothing is nothing', async () => {
  const none = { ...all, ExpressionAttributeValues: { ':pk': S('none') } };
  expect(await Array.fromAsync(queryItems(dynamo.client, none))).toEqual([]);
});

describe('many puts', () => {
  test('are sent 25 at a time, and what DynamoDB left is sent again', async () => {
    const client = createLocalDynamo(dynamo.endpoint);
    const sizes: number[] = [];
    client.middlewareStack.add(
      (next) => async (args) => {
        const { RequestItems } = args.input as BatchWriteItemCommand['input'];
        const requests = RequestItems?.[table] ?? [];
        sizes.push(requests.length);
        const [first, ...rest] = requests;
        // The first time all but one are left.
        if (sizes.length > 1 || !first) return next(args);
        const answer = await next({ ...args, input: { RequestItems: { [table]: [first] } } });
        Object.assign(answer.output, { UnprocessedItems: { [table]: rest } });
        return answer;
      },
      { step: 'initialize' },
    );
    const more = Array.from({ length: 30 }, (_, number) => keyItem({ pk: 'more', sk: sortable(number) }));
    await writeItems(client, table, more);
    expect(sizes).toEqual([25, 5, 24]);
    const there = { ...all, ExpressionAttributeValues: { ':pk': S('more') } };
    expect(await Array.fromAsync(queryItems(dynamo.client, there))).toHaveLength(30);
  });

  test('of nothing ask nobody', async () => {
    const { client, count } = counting();
    await writeItems(client, table, []);
    expect(count.requests).toBe(0);
  });
});
