/** Many items by key: the real SDK on the embedded DynamoDB, with answers cut short as a throttled DynamoDB does. */
import {
  type BatchGetItemCommandInput,
  type BatchGetItemCommandOutput,
  type DynamoDBClient,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEmbeddedDynamo, createLocalDynamo } from '../../../functions/host/embedded.ts';
import { ensureTable } from '../../../functions/host/table.ts';
import { itemsAt } from '../../../functions/log/batch.ts';
import type { Item } from '../../../functions/log/items.ts';
import { keyItem } from '../../../functions/log/keys.ts';

const table = 'batch';
const key = (number: number): Item => keyItem({ pk: `item#${number}`, sk: 'X' });

let dynamo: Awaited<ReturnType<typeof createEmbeddedDynamo>>;
beforeAll(async () => {
  dynamo = await createEmbeddedDynamo(null);
  await ensureTable(dynamo.client, table);
  await Promise.all(
    Array.from({ length: 230 }, (_, number) =>
      dynamo.client.send(new PutItemCommand({ TableName: table, Item: key(number) })),
    ),
  );
});
afterAll(() => dynamo.close());

/** A client whose answers hold at most so many of the keys; the rest is unprocessed. Null: as DynamoDB answers. */
function answering(most: (request: number) => number | null): { client: DynamoDBClient; sizes: number[] } {
  const client = createLocalDynamo(dynamo.endpoint);
  const sizes: number[] = [];
  client.middlewareStack.add(
    (next) => async (args) => {
      const input = args.input as BatchGetItemCommandInput;
      const keys = input.RequestItems?.[table]?.Keys ?? [];
      sizes.push(keys.length);
      const kept = most(sizes.length) ?? keys.length;
      const left = keys.slice(kept);
      if (kept === 0) {
        const output = { Responses: {}, UnprocessedKeys: { [table]: { Keys: left } } };
        return { response: {}, output: { ...output, $metadata: {} } as BatchGetItemCommandOutput & object };
      }
      const answer = await next({
        ...args,
        input: { ...input, RequestItems: { [table]: { Keys: keys.slice(0, kept) } } },
      });
      if (left.length > 0) Object.assign(answer.output, { UnprocessedKeys: { [table]: { Keys: left } } });
      return answer;
    },
    { step: 'initialize' },
  );
  return { client, sizes };
}
const all = Array.from({ length: 230 }, (_, number) => key(number));
const namesOf = async (client: DynamoDBClient, keys = all): Promise<string[]> =>
  (await Array.fromAsync(itemsAt(client, table, keys))).map((item) => item.pk?.S ?? '').sort();
const names = all.map((item) => item.pk?.S ?? '').sort();

describe('many items by key', () => {
  it('are asked for a hundred at a time', async () => {
    const { client, sizes } = answering(() => null);
    expect(await namesOf(client)).toEqual(names);
    expect(sizes).toEqual([100, 100, 30]);
  });

  it('that do not exist are left out', async () => {
    expect(await namesOf(dynamo.client, [key(7), key(999)])).toEqual(['item#7']);
    expect(await namesOf(dynamo.client, [])).toEqual([]);
  });

  it.each<[string, (request: number) => number | null]>([
    ['come in parts', () => 40],
    ['were throttled twice', (request) => (request <= 2 ? 0 : null)],
  ])('are all there where they %s', async (_, most) => {
    expect(await namesOf(answering(most).client)).toEqual(names);
  });

  it('are never a part of what was asked: after three seconds of nothing it fails', async () => {
    await expect(namesOf(answering(() => 0).client)).rejects.toThrow(
      'DynamoDB does not answer for 100 items',
    );
  });
});
