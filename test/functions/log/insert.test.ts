/** What waited is put as if the table had never been away. */
import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createInsert, type Insert } from '../../../functions/log/insert.ts';
import { itemsToText } from '../../../functions/log/item-json.ts';
import { type Item, S } from '../../../functions/log/items.ts';
import {
  activeKey,
  chainPartition,
  decisionKey,
  displacedKey,
  type Key,
  keyIn,
  keyItem,
  nameOf,
  writerKeys,
} from '../../../functions/log/keys.ts';
import { insertMessages } from '../../../functions/log/messages.ts';
import { scanItems } from '../../../functions/log/paging.ts';
import { createTestLog, type TestLog, table } from '../../support/logs.ts';

let it: TestLog;
let insert: Insert;
const inserted: Key[] = [];
beforeEach(async () => {
  inserted.length = 0;
  it = await createTestLog();
  insert = createInsert({
    client: it.dynamo.client,
    table,
    patience: 2000,
    now: () => new Date('2026-02-03T00:00:00Z'),
    inserted: (one) => inserted.push(one),
  });
});
afterEach(() => it.close());

const key = decisionKey('north', '0a');
const record = (hash: string, text: string): Item => ({
  ...keyItem(key),
  hash: S(hash),
  text: S(text),
  gsi3pk: S(chainPartition('w1')),
  gsi3sk: { N: '1' },
});
const beside: Item = { ...keyItem({ pk: 'beside', sk: 'it' }), text: S('new') };
const tableText = async (): Promise<Map<string, string | undefined>> =>
  new Map(
    (await Array.fromAsync(scanItems(it.dynamo.client, { TableName: table })))
      .filter((item) => item.pk?.S !== 'RULESET')
      .map((item) => [nameOf(keyIn(item)), item.text?.S]),
  );
const notes = [...writerKeys('2026-02-03', 'w1'), activeKey('2026-02-03T00:00', 'w1')].map(
  (note) => [nameOf(note), undefined] as const,
);

describe('a record that waited', () => {
  test('is put with what lies beside it, and its writer announces itself today', async () => {
    await insert([record('hash-one', 'mine'), beside]);
    expect(await tableText()).toEqual(new Map([[nameOf(key), 'mine'], ['beside it', 'new'], ...notes]));
    expect(inserted).toEqual([key]);
  });

  test('and had landed all the same is there once', async () => {
    await insert([record('hash-one', 'mine')]);
    await insert([record('hash-one', 'mine, again')]);
    expect(await tableText()).toEqual(new Map([[nameOf(key), 'mine'], ...notes]));
  });

  test('and meets another under its key is kept beside it', async () => {
    await it.dynamo.client.send(
      new PutItemCommand({ TableName: table, Item: record('hash-of-another', 'theirs') }),
    );
    await insert([record('hash-one', 'mine')]);
    expect(await tableText()).toEqual(
      new Map([[nameOf(key), 'theirs'], [nameOf(displacedKey(key, 'hash-one')), 'mine'], ...notes]),
    );
  });

  test('is to come again where the table does not take it', async () => {
    const refused = createInsert({
      client: it.dynamo.client,
      table: 'none',
      patience: 2000,
      now: () => new Date(),
    });
    await expect(refused([record('hash-one', 'mine')])).rejects.toThrow();
    expect(inserted).toEqual([]);
  });
});

test('messages of a queue: those that cannot be put are named, the others are put', async () => {
  const body = itemsToText([beside]);
  const failed = await insertMessages(
    [
      { messageId: 'a', body: '{' },
      { messageId: 'b', body },
      { messageId: 'c', body: '[{}]' },
    ],
    insert,
  );
  expect(failed).toEqual(['a', 'c']);
  expect(await tableText()).toEqual(new Map([['beside it', 'new']]));
});
