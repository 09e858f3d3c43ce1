/**
 * The handlers that nobody calls over HTTP, on the embedded DynamoDB. KMS and S3 cannot run here: local endpoints
 * sign with a real key, and keep what is put.
 */
import { createPublicKey, createSign } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { itemsToText } from '../../../functions/log/item-json.ts';
import type { Item } from '../../../functions/log/items.ts';
import type { Seal } from '../../../functions/log/seal.ts';
import { createTestLog, decisionRecord, type TestLog, table } from '../../support/logs.ts';
import { listening } from '../../support/trust.ts';

let it: TestLog;
const spilled: Item[][] = [];
const published = new Map<string, string>();
const stubs: { close(): Promise<void> }[] = [];

beforeAll(async () => {
  it = await createTestLog({
    through: async () => 'http://127.0.0.1:9',
    spill: () => ({
      keep: async (items) => void spilled.push([...items]),
      waiting: () => spilled.length,
      aside: () => 0,
      drain: async () => 0,
    }),
  });
  const kms = await listening((request, response) => {
    const call = String(request.headers['x-amz-target']).replace('TrentService.', '');
    const answer = (json: object) => {
      response.setHeader('content-type', 'application/x-amz-json-1.1');
      response.end(JSON.stringify(json));
    };
    if (call === 'GetPublicKey') {
      const der = createPublicKey(it.privateKey).export({ type: 'spki', format: 'der' });
      answer({ PublicKey: der.toString('base64') });
      return;
    }
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      const message = Buffer.from(JSON.parse(body).Message, 'base64');
      const signature = createSign('sha256').update(message).sign(it.privateKey);
      answer({ Signature: signature.toString('base64') });
    });
  });
  const s3 = await listening((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      published.set(String(request.url).replace(/\?.*/, ''), body);
      response.end();
    });
  });
  stubs.push(kms, s3);
  for (const [name, value] of Object.entries({
    AWS_REGION: 'eu-central-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_ENDPOINT_URL_DYNAMODB: it.dynamo.endpoint,
    AWS_ENDPOINT_URL_KMS: kms.url,
    AWS_ENDPOINT_URL_S3: s3.url,
    EPSOM_TABLE: table,
    EPSOM_SEAL_KEY_ID: 'alias/seal',
    EPSOM_SEAL_BUCKET: 'seals',
  }))
    vi.stubEnv(name, value);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  for (const stub of stubs) await stub.close();
  await it.close();
});

describe('what waited in the queue', () => {
  test('is drained, a message at a time; one that cannot be read is to come again', async () => {
    for (const number of [1, 2]) await it.log.append(decisionRecord(number));
    expect(spilled).toHaveLength(2);
    const { handler } = await import('../../../functions/drain.ts');
    const messages = [...spilled.map(itemsToText), 'not a list'].map((body, index) => ({
      messageId: `m${index}`,
      body,
    }));
    const event = { Records: messages } as Parameters<typeof handler>[0];
    expect(await handler(event)).toEqual({ batchItemFailures: [{ itemIdentifier: 'm2' }] });
    // The queue may deliver twice.
    expect(await handler(event)).toEqual({ batchItemFailures: [{ itemIdentifier: 'm2' }] });
  });

  test('is then sealed with the key of KMS, and the copy of the seal is in the bucket', async () => {
    const { handler } = await import('../../../functions/sealer.ts');
    expect(await handler({})).toEqual({ n: 1, size: 2 });
    const [[place, text] = ['', '{}']] = published;
    expect(place).toBe('/seals/seals/0000000001.json');
    const seal = await it.sealer.last();
    expect(JSON.parse(text)).toEqual(seal);
    const copies: Seal[] = seal ? [seal] : [];
    it.clock.now = Date.now();
    expect(await it.verify({ published: copies })).toMatchObject({
      ok: true,
      records: 2,
      verified: 2,
      seals: 1,
    });
  });
});
