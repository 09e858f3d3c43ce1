/** One sealer at a time, and none for ever. */
import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { N, S } from '../../../../functions/log/items.ts';
import { keyItem, sealingKey } from '../../../../functions/log/keys.ts';
import { createClaim, lease } from '../../../../functions/log/sealing/claim.ts';
import { createTestLog, type TestLog, table } from '../../../support/logs.ts';

let it: TestLog;
const claim = () => createClaim({ client: it.dynamo.client, table, now: () => new Date(it.clock.now) });
beforeAll(async () => {
  it = await createTestLog();
});
afterAll(() => it.close());

test('one has it, and may take it again; another waits until it is released or has run out', async () => {
  const [one, other] = [claim(), claim()];
  expect(await one.take()).toBe(true);
  expect(await one.take()).toBe(true);
  expect(await other.take()).toBe(false);
  expect(await other.release()).toBe(false);
  await one.release();
  expect(await other.take()).toBe(true);
  it.clock.now += lease;
  expect(await one.take()).toBe(false);
  it.clock.now += 1;
  expect(await one.take()).toBe(true);
});

test('who seals alone takes over at once what a process that ended left behind', async () => {
  it.clock.now += 2 * lease;
  expect(await claim().take()).toBe(true);
  const next = createClaim({
    client: it.dynamo.client,
    table,
    alone: true,
    now: () => new Date(it.clock.now),
  });
  expect(await next.take()).toBe(true);
});

test('a claim until the year 3000 is none', async () => {
  const item = { ...keyItem(sealingKey), owner: S('somebody'), until: N(Date.UTC(3000, 0)) };
  await it.dynamo.client.send(new PutItemCommand({ TableName: table, Item: item }));
  expect(await claim().take()).toBe(true);
});

test('of ten at once one has it', async () => {
  it.clock.now += 2 * lease;
  const taken = await Promise.all(Array.from({ length: 10 }, () => claim().take()));
  expect(taken.filter(Boolean)).toHaveLength(1);
});

test('what fails otherwise is no answer', async () => {
  const elsewhere = createClaim({ client: it.dynamo.client, table: 'none', now: () => new Date() });
  await expect(elsewhere.take()).rejects.toThrow();
});
