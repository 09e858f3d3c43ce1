/**
 * A full disk: what cannot be recorded is answered 503 by a server that lives, reads, and goes on when there is space; what
 * was answered before, between and after is there. On a small disk of memory, where one may be mounted, and everywhere
 * with writes that fail as they do on a full disk.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { Level } from 'level';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { createEmbeddedDynamo } from '../../functions/host/embedded.ts';
import { ensureTable } from '../../functions/host/table.ts';
import { appendLine, writeDurably } from '../../functions/log/durable-file.ts';
import type { Json } from '../../rules/fhir/json.ts';
import { newInstance } from '../support/hook-requests.ts';
import { myasthenia } from '../support/loopback.ts';
import { diagnostics, get, post, serving } from '../support/serving.ts';
import { smallDisk } from '../support/small-disk.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const disk = smallDisk(24);
afterAll(() => disk?.remove());

const waiting = (body: Json): unknown => (body.log as { waiting: unknown }).waiting;
const aside = (body: Json): unknown => (body.log as { aside: unknown }).aside;

describe.skipIf(disk === null)('on a small disk that is full', () => {
  const folder = join(disk?.folder ?? '', 'data');
  const begin = () => serving({ EPSOM_DATA: folder, EPSOM_SEAL_INTERVAL: '1' }, { memory: false });
  const sign = (url: string) =>
    post(`${url}/cds-services/order-sign`, { ...myasthenia(), hookInstance: newInstance() });

  test('503, no card and no empty list, /health and lists go on; then 200 again, and nothing answered is lost', async () => {
    const answered: (string | null)[] = [];
    const running = await begin();
    const { url } = running;
    try {
      for (let count = 0; count < 3; count += 1)
        answered.push((await sign(url)).headers.get('epsom-decision'));
      disk?.fill();
      for (let count = 0; count < 3; count += 1) {
        const refused = await sign(url);
        expect([refused.status, refused.body.cards]).toEqual([503, undefined]);
        expect(diagnostics(refused)).toContain('could not be recorded');
      }
      expect((await get(`${url}/health`)).status).toBe(200);
      disk?.free();
      await expect
        .poll(
          async () => {
            const answer = await sign(url);
            if (answer.status === 200) answered.push(answer.headers.get('epsom-decision'));
            return answer.status;
          },
          { timeout: 15_000, interval: 200 },
        )
        .toBe(200);
      answered.push((await sign(url)).headers.get('epsom-decision'));
      expect(aside((await get(`${url}/health`)).body)).toEqual({ spilled: 0, notProjected: 0 });
    } finally {
      await running.close();
    }
    expect(readdirSync(join(folder, 'spill')).filter((name) => name.endsWith('.part'))).toEqual([]);
    const again = await begin();
    try {
      // What was kept for later while the store was opened anew is put after the start.
      await expect
        .poll(async () => waiting((await get(`${again.url}/health`)).body), { timeout: 10_000 })
        .toBe(0);
      for (const id of answered) expect((await get(`${again.url}/decisions/${id}`)).status).toBe(200);
      const listed = await get(`${again.url}/decisions?limit=100`);
      expect(listed.body.decisions).toHaveLength(answered.length);
    } finally {
      await again.close();
    }
  }, 60_000);
});

describe('a store whose disk takes nothing for a while', () => {
  const table = 'puts';
  const put = (client: Awaited<ReturnType<typeof createEmbeddedDynamo>>['client'], sk: string) =>
    client.send(new PutItemCommand({ TableName: table, Item: { pk: { S: 'one' }, sk: { S: sk } } }));

  test('refuses puts as an outage, reads on, is opened anew, and has all that was answered', async () => {
    const folder = temporaryFolder();
    const dynamo = await createEmbeddedDynamo(folder);
    const { client } = dynamo;
    const prototype = Level.prototype as unknown as Record<string, unknown>;
    const own = prototype._put;
    const open = vi.spyOn(Level.prototype, 'open');
    try {
      await ensureTable(client, table);
      await put(client, 'before');
      open.mockClear();
      prototype._put = () =>
        Promise.reject(Object.assign(new Error('IO error: no space'), { code: 'LEVEL_IO_ERROR' }));
      await expect(put(client, 'refused')).rejects.toMatchObject({ name: 'InternalServerError' });
      const key = { pk: { S: 'one' }, sk: { S: 'before' } };
      const { Item } = await client.send(new GetItemCommand({ TableName: table, Key: key }));
      expect(Item).toEqual(key);
      prototype._put = own;
      await expect
        .poll(
          () =>
            put(client, 'after').then(
              () => 'put',
              () => 'refused',
            ),
          { timeout: 5000 },
        )
        .toBe('put');
      expect(open).toHaveBeenCalled();
    } finally {
      prototype._put = own;
      open.mockRestore();
      await dynamo.close();
    }
    const again = await createEmbeddedDynamo(folder);
    const found = async (sk: string) =>
      (
        await again.client.send(
          new GetItemCommand({ TableName: table, Key: { pk: { S: 'one' }, sk: { S: sk } } }),
        )
      ).Item !== undefined;
    expect([await found('before'), await found('refused'), await found('after')]).toEqual([
      true,
      false,
      true,
    ]);
    await again.close();
  }, 20_000);
});

describe('files', () => {
  test('what could not be written whole leaves nothing behind', async () => {
    const folder = temporaryFolder();
    await expect(writeDurably(join(folder, 'no', 'such', 'folder'), 'text')).rejects.toThrow();
    await writeDurably(join(folder, 'one'), 'text');
    expect(readdirSync(folder)).toEqual(['one']);
  });

  test.skipIf(disk === null)('nor on a full disk', async () => {
    disk?.fill();
    await expect(writeDurably(join(disk?.folder ?? '', 'one'), Buffer.alloc(100_000))).rejects.toThrow();
    expect(readdirSync(disk?.folder ?? '').filter((name) => name.includes('part'))).toEqual([]);
    disk?.free();
  });

  test('half a line is cut off before the next one', async () => {
    const file = join(temporaryFolder(), 'lines');
    await appendLine(file, '1');
    writeFileSync(file, '1\n{"half": ');
    await appendLine(file, '2');
    expect(readFileSync(file, 'utf8')).toBe('1\n2\n');
    writeFileSync(file, 'x'.repeat(200_000));
    await appendLine(file, '3');
    expect(readFileSync(file, 'utf8')).toBe('3\n');
  });
});
