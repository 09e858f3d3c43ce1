/**
 * DynamoDB on one machine: dynalite on LevelDB, spoken to by the real AWS SDK over loopback. Data survives the
 * process. One process at a time may open the folder.
 */
import { mkdirSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';

/** @param folder where the data is kept; null keeps it in memory, for tests */
export async function embeddedDynamo(
  folder: string | null,
): Promise<{ client: DynamoDBClient; endpoint: string; close(): Promise<void> }> {
  const { default: dynalite } = await import('dynalite');
  const path = folder === null ? undefined : join(folder, 'dynamodb');
  if (path) mkdirSync(path, { recursive: true, mode: 0o700 });
  const server = dynalite({
    ...(path ? { path } : {}),
    createTableMs: 0,
    deleteTableMs: 0,
    updateTableMs: 0,
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  const endpoint = `http://127.0.0.1:${port}`;
  const client = localDynamo(endpoint);
  return {
    client,
    endpoint,
    close: async () => {
      client.destroy();
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/** A client for an endpoint on this machine, which checks no credentials. */
export const localDynamo = (endpoint: string): DynamoDBClient =>
  new DynamoDBClient({
    endpoint,
    region: 'local',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 3,
  });
