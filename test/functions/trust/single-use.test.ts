/** A token is good for one request: in the table, across processes, and where the table cannot be reached. */

import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createEmbeddedDynamo, createLocalDynamo } from '../../../functions/host/embedded.ts';
import { ensureTable } from '../../../functions/host/table.ts';
import type { Token } from '../../../functions/trust/jwt/verify.ts';
import { createJtiCache } from '../../../functions/trust/single-use.ts';
import { itemsOf } from '../../support/trust.ts';

const now = new Date('2026-01-31T12:00:00Z');
const seconds = now.getTime() / 1000;
let count = 0;
const newToken = (): Token => {
  count += 1;
  return {
    issuer: 'https://ehr.example.org',
    kid: 'k',
    jti: `jti-${count}`,
    subject: null,
    tenant: null,
    scopes: [],
    expiresAt: seconds + 290.5,
  };
};
const request = (body: string | null, path = '/cds-services/order-sign') => ({
  method: 'POST',
  path,
  body: body === null ? null : new TextEncoder().encode(body),
});

describe('with the table', () => {
  let dynamo: Awaited<ReturnType<typeof createEmbeddedDynamo>>;
  const opened = () => {
    const unavailable: string[] = [];
    const { client } = dynamo;
    return {
      ...createJtiCache({ client, table: 'marks', now: () => now, unavailable: () => unavailable.push('x') }),
      unavailable,
    };
  };
  beforeAll(async () => {
    dynamo = await createEmbeddedDynamo(null);
    await ensureTable(dynamo.client, 'marks');
  });
  afterAll(() => dynamo.close());

  test('one process or another: the identical request again, another one is refused', async () => {
    const [one, other, token] = [opened(), opened(), newToken()];
    expect(await one.consumeJti('north', token, request('{}'))).toBe('first');
    for (const process of [one, other]) {
      expect(await process.consumeJti('north', token, request('{}'))).toBe('again');
      expect(await process.consumeJti('north', token, request('{ }'))).toBe('replayed');
      expect(await process.consumeJti('north', token, request('{}', '/cds-services/order-select'))).toBe(
        'replayed',
      );
      expect(await process.consumeJti('north', token, request(null))).toBe('replayed');
    }
    expect(await other.consumeJti('north', newToken(), request('{}'))).toBe('first');
    expect([...one.unavailable, ...other.unavailable]).toEqual([]);
  });

  test('a request that was not read may come again as a whole, and not as two', async () => {
    const [one, other, token] = [opened(), opened(), newToken()];
    expect(await one.consumeJti('north', token, request(null))).toBe('first');
    expect(await other.consumeJti('north', token, request(null))).toBe('again');
    expect(await other.consumeJti('north', token, request('{}'))).toBe('first');
    expect(await one.consumeJti('north', token, request('[]'))).toBe('replayed');
    expect(await one.consumeJti('north', token, request('{}'))).toBe('again');
  });

  test('of 20 processes at once one is first', async () => {
    const token = newToken();
    const uses = await Promise.all(
      Array.from({ length: 20 }, (_, index) => opened().consumeJti('north', token, request(`[${index}]`))),
    );
    expect(uses.filter((use) => use === 'first')).toHaveLength(1);
    expect(uses.filter((use) => use === 'replayed')).toHaveLength(19);
  });

  test('a mark holds digests and a time to go, and nothing of token or request', async () => {
    const token = { ...newToken(), jti: 'ZZCANARY' };
    await opened().consumeJti('north', token, request('{"name":"ZZCANARY"}'));
    const items = (await itemsOf(dynamo.client, 'marks')).filter((item) =>
      item.includes('T#north#J#https://ehr'),
    );
    expect(items.join()).not.toContain('ZZCANARY');
    const pk = /T#north#J#[^"]+/.exec(items.at(-1) ?? '')?.[0] ?? '';
    const { Item } = await dynamo.client.send(
      new GetItemCommand({ TableName: 'marks', Key: { pk: { S: pk }, sk: { S: 'J' } } }),
    );
    expect(Object.keys(Item ?? {}).sort()).toEqual(['expiresAt', 'pk', 'requestDigest', 'sk']);
    expect(Number(Item?.expiresAt?.N)).toBe(seconds + 291 + 300);
  });
});

describe('without the table', () => {
  test('one process remembers by itself, and says so: an alert is not withheld', async () => {
    let unavailable = 0;
    const client = createLocalDynamo('http://127.0.0.1:9');
    const marks = createJtiCache({
      client,
      table: 'marks',
      now: () => now,
      unavailable: () => {
        unavailable += 1;
      },
    });
    const token = newToken();
    expect(await marks.consumeJti('north', token, request(null))).toBe('first');
    expect(await marks.consumeJti('north', token, request('{}'))).toBe('first');
    expect(await marks.consumeJti('north', token, request('{}'))).toBe('again');
    expect(await marks.consumeJti('north', token, request('[]'))).toBe('replayed');
    expect(unavailable).toBe(4);
    client.destroy();
  });
});
