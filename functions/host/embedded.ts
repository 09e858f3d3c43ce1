/**
 * DynamoDB on one machine: dynalite on LevelDB, spoken to by the real AWS SDK over loopback. Data survives the
 * process. One process at a time may open the folder.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';

/**
 * dynalite 4.0.0 ends a read by `return()`, as generators have it and iterators of LevelDB do not: each stayed open,
 * with what it had read and every file of that moment, and memory and disk grew with each query.
 */
async function closeIterators(): Promise<void> {
  const { AbstractKeyIterator, AbstractValueIterator } = await import('abstract-level');
  for (const { prototype } of [AbstractKeyIterator, AbstractValueIterator])
    Object.assign(prototype, {
      return(this: { close(): Promise<void> }) {
        return this.close();
      },
    });
}

/**
 * Counts what `server` still answers. dynalite closes its database under requests whose connection is gone, and an
 * error nobody can catch ends the process.
 * @returns waits until every request has been answered, for at most `limit` milliseconds
 */
function watchRequests(server: Server): (limit: number) => Promise<void> {
  let open = 0;
  let tell = (): void => undefined;
  server.prependListener('request', (_, response) => {
    open += 1;
    const end = response.end.bind(response) as (...values: unknown[]) => typeof response;
    response.end = (...values: unknown[]) => {
      open -= 1;
      if (open === 0) tell();
      return end(...values);
    };
  });
  return (limit) =>
    open === 0
      ? Promise.resolve()
      : new Promise((resolve) => {
          const timer = setTimeout(resolve, limit);
          tell = () => {
            clearTimeout(timer);
            resolve();
          };
        });
}

/**
 * @param folder where the data is kept; null keeps it in memory, for tests
 * @throws Error where another process has the folder open
 */
export async function createEmbeddedDynamo(
  folder: string | null,
): Promise<{ client: DynamoDBClient; endpoint: string; close(): Promise<void> }> {
  const other = folder === null ? null : await findRunningDynamo(folder);
  if (other) {
    other.destroy();
    throw new Error(`\`${folder}\` is in use by a server that runs: stop it, or give another folder`);
  }
  const { default: dynalite } = await import('dynalite');
  await closeIterators();
  const path = folder === null ? undefined : join(folder, 'dynamodb');
  if (path) mkdirSync(path, { recursive: true, mode: 0o700 });
  const server = dynalite({
    ...(path ? { path } : {}),
    createTableMs: 0,
    deleteTableMs: 0,
    updateTableMs: 0,
  });
  const answered = watchRequests(server);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  const endpoint = `http://127.0.0.1:${port}`;
  const client = createLocalDynamo(endpoint);
  // One process at a time may open the folder: commands find the one that has it here.
  const note = folder === null ? null : endpointFile(folder);
  if (note) writeFileSync(note, endpoint, { mode: 0o600 });
  return {
    client,
    endpoint,
    close: async () => {
      if (note) rmSync(note, { force: true });
      client.destroy();
      await answered(5000);
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/** A client for an endpoint on this machine, which checks no credentials. */
export const createLocalDynamo = (endpoint: string): DynamoDBClient =>
  new DynamoDBClient({
    endpoint,
    region: 'local',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 3,
  });

const endpointFile = (folder: string): string => join(folder, 'dynamodb.endpoint');

/** The DynamoDB of a server that has the folder open; null when none runs. */
export async function findRunningDynamo(folder: string): Promise<DynamoDBClient | null> {
  let endpoint: string;
  try {
    endpoint = readFileSync(endpointFile(folder), 'utf8').trim();
  } catch {
    return null;
  }
  const client = createLocalDynamo(endpoint);
  try {
    await client.send(new ListTablesCommand({ Limit: 1 }), { abortSignal: AbortSignal.timeout(2000) });
    return client;
  } catch {
    // Left behind by a process that was killed.
    client.destroy();
    return null;
  }
}
