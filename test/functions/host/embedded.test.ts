/** The embedded DynamoDB: what a read opens it closes, so that a long run grows neither in memory nor on disk. */
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ListTablesCommand, PutItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import { AbstractLevel } from 'abstract-level';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createEmbeddedDynamo, findRunningDynamo } from '../../../functions/host/embedded.ts';
import { ensureTable } from '../../../functions/host/table.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const table = 'reads';
const opened: { next(): Promise<unknown> }[] = [];
const { prototype } = AbstractLevel;
const values = prototype.values;

/** What a put becomes in a store. */
type Watched = AbstractLevel<unknown> & {
  _put(key: unknown, value: unknown, options: { sync?: boolean }): unknown;
};

let dynamo: Awaited<ReturnType<typeof createEmbeddedDynamo>>;
beforeAll(async () => {
  dynamo = await createEmbeddedDynamo(null);
  await ensureTable(dynamo.client, table);
  for (let number = 0; number < 5; number += 1)
    await dynamo.client.send(
      new PutItemCommand({ TableName: table, Item: { pk: { S: 'one' }, sk: { S: String(number) } } }),
    );
  const watched = function (this: AbstractLevel<unknown>, ...options: Parameters<typeof values>) {
    const iterator = values.apply(this, options);
    opened.push(iterator);
    return iterator;
  };
  prototype.values = watched as typeof values;
});
afterAll(async () => {
  prototype.values = values;
  await dynamo.close();
});

it.each([
  ['part', 2],
  ['end', undefined],
])('reading to the %s leaves nothing open', async (_, Limit) => {
  opened.length = 0;
  const { Items = [] } = await dynamo.client.send(
    new QueryCommand({
      TableName: table,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': { S: 'one' } },
      Limit,
    }),
  );
  expect(Items).toHaveLength(Limit ?? 5);
  expect(opened).toHaveLength(1);
  for (const iterator of opened)
    await expect(iterator.next()).rejects.toMatchObject({ code: 'LEVEL_ITERATOR_NOT_OPEN' });
});

it('a folder that another server has open is refused with a sentence', async () => {
  const folder = temporaryFolder();
  const first = await createEmbeddedDynamo(folder);
  await expect(createEmbeddedDynamo(folder)).rejects.toThrow(
    /is in use by .*a server or command that runs: stop it/,
  );
  await first.close();
  await (await createEmbeddedDynamo(folder)).close();
});

it('with a folder it has no port, and a socket that only this user can reach', async () => {
  const folder = temporaryFolder();
  const own = await createEmbeddedDynamo(folder);
  const socket = own.endpoint.replace(/^unix:/, '');
  expect(own.endpoint).toMatch(/^unix:\//);
  expect(dirname(dirname(socket))).toBe(folder);
  expect(statSync(dirname(socket)).mode & 0o777).toBe(0o700);
  expect(statSync(socket).mode & 0o777).toBe(0o600);
  expect(statSync(join(folder, 'dynamodb')).mode & 0o777).toBe(0o700);
  expect(statSync(join(folder, 'dynamodb.endpoint')).mode & 0o777).toBe(0o600);
  await ensureTable(own.client, table);
  await own.close();
  expect(existsSync(dirname(socket))).toBe(false);
});

it('a path too long for a socket gets one elsewhere, which is as private and is found by commands', async () => {
  const folder = join(temporaryFolder(), 'a-long-name'.repeat(10));
  const own = await createEmbeddedDynamo(folder);
  const socket = own.endpoint.replace(/^unix:/, '');
  expect(Buffer.byteLength(join(folder, 'run', 'dynamodb.sock'))).toBeGreaterThan(107);
  expect(Buffer.byteLength(socket)).toBeLessThan(104);
  expect(statSync(dirname(socket)).mode & 0o777).toBe(0o700);
  const found = await findRunningDynamo(folder);
  expect((await found?.send(new ListTablesCommand({})))?.TableNames).toEqual([]);
  found?.destroy();
  await own.close();
  expect(existsSync(dirname(socket))).toBe(false);
});

it('what a killed process left of its socket is no obstacle', async () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'run'));
  writeFileSync(join(folder, 'run', 'dynamodb.sock'), '');
  await (await createEmbeddedDynamo(folder)).close();
});

it('a second start says which process has the folder', async () => {
  const folder = temporaryFolder();
  const first = await createEmbeddedDynamo(folder);
  await expect(createEmbeddedDynamo(folder)).rejects.toThrow(`in use by process ${process.pid}, a server`);
  await first.close();
});

it('a second start leaves the note of the first as it is, also where the first cannot be asked', async () => {
  const folder = temporaryFolder();
  const first = await createEmbeddedDynamo(folder);
  const note = join(folder, 'dynamodb.endpoint');
  writeFileSync(note, 'unix:/nowhere');
  await expect(createEmbeddedDynamo(folder)).rejects.toThrow(
    /is in use by .*a server or command that runs: stop it/,
  );
  expect(readFileSync(note, 'utf8')).toBe('unix:/nowhere');
  await first.close();
});

it('an item is on the disk before its put is answered', async () => {
  const synced: unknown[] = [];
  const { put } = prototype;
  prototype.put = function (this: Watched, ...given: Parameters<typeof put>) {
    const { _put } = this;
    this._put = (key, value, options) => {
      synced.push(options.sync);
      return _put.call(this, key, value, options);
    };
    return put.apply(this, given);
  } as typeof put;
  const own = await createEmbeddedDynamo(temporaryFolder());
  try {
    await ensureTable(own.client, table);
    synced.length = 0;
    await own.client.send(
      new PutItemCommand({ TableName: table, Item: { pk: { S: 'one' }, sk: { S: '1' } } }),
    );
  } finally {
    prototype.put = put;
    await own.close();
  }
  expect(synced.length).toBeGreaterThan(0);
  expect(new Set(synced)).toEqual(new Set([true]));
});

it('is closed after the reads that it still answers, even where nobody waits for them any more', async () => {
  const other = await createEmbeddedDynamo(null);
  await ensureTable(other.client, table);
  let isBegun = (): void => undefined;
  const begun = new Promise<void>((resolve) => {
    isBegun = resolve;
  });
  let isRead = false;
  const watched = prototype.values;
  prototype.values = function (this: AbstractLevel<unknown>, ...options: Parameters<typeof values>) {
    const iterator = watched.apply(this, options);
    const next = iterator.next.bind(iterator);
    iterator.next = async () => {
      isBegun();
      await new Promise((resolve) => setTimeout(resolve, 200));
      const item = await next();
      isRead = true;
      return item;
    };
    return iterator;
  } as typeof values;
  const read = new QueryCommand({
    TableName: table,
    KeyConditionExpression: 'pk = :pk',
    ExpressionAttributeValues: { ':pk': { S: 'one' } },
  });
  try {
    other.client.send(read).catch(() => undefined);
    await begun;
    await other.close();
    expect(isRead).toBe(true);
  } finally {
    prototype.values = watched;
  }
});
