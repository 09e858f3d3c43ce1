import { gunzipSync } from 'node:zlib';
import { type AttributeValue, ScanCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll } from 'vitest';
import { createEmbeddedDynamo } from '../../functions/host/embedded.ts';
import type { Running } from '../../functions/local.ts';
import { at, complete, condition, hookRequest, magnesiumSulfate, observation } from './hook-requests.ts';
import { type Answer, get, serving } from './serving.ts';

export const recently = () => new Date(Date.parse(at) - 3_600_000).toISOString();
export const myasthenia = () =>
  hookRequest(
    'order-sign',
    complete([observation('cr', '2160-0', 0.9, 'mg/dL', recently())], [condition('mg', '91637004')]),
    [magnesiumSulfate()],
  );

let dynamo: Awaited<ReturnType<typeof createEmbeddedDynamo>>;
/** Its address. */
export let url: string;
let running: Running;

/**
 * Starts the server before the tests of a file, and ends it after them.
 * @param more settings
 */
export function useLoopbackServer(more: Record<string, string> = {}): void {
  beforeAll(async () => {
    dynamo = await createEmbeddedDynamo(null);
    const env = {
      EPSOM_MAX_BODY: '100000',
      EPSOM_DEADLINE_MS: '60000',
      AWS_ENDPOINT_URL_DYNAMODB: dynamo.endpoint,
      ...more,
    };
    running = await serving(env, { memory: true, now: () => new Date(at) });
    url = running.url;
  });
  afterAll(async () => {
    await running.close();
    await dynamo.close();
  });
}

/** Every byte in the table, records unpacked. */
export async function tableText(): Promise<string> {
  const parts: string[] = [];
  let from: Record<string, AttributeValue> | undefined;
  do {
    const page = await dynamo.client.send(new ScanCommand({ TableName: 'epsom', ExclusiveStartKey: from }));
    for (const item of page.Items ?? []) {
      const { record, ...rest } = item;
      parts.push(JSON.stringify(rest));
      if (record?.B) parts.push(gunzipSync(record.B).toString('utf8'));
    }
    from = page.LastEvaluatedKey;
  } while (from);
  return parts.join('\n');
}

/** The record of an answer, as an auditor reads it. */
export const recordOf = async (answer: Answer): Promise<Answer> =>
  get(`${url}/decisions/${answer.headers.get('epsom-decision')}`);
