/**
 * DynamoDB on one machine: dynalite on LevelDB, spoken to by the real AWS SDK. Data survives the process, and what was
 * written survives the machine. One process at a time may open the folder.
 *
 * With a folder it listens on a socket in a folder that only this user may enter: no port, so no web page, other user or
 * other host can speak to it. In memory, for tests, on a port of loopback.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { Agent } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { forgetStore, gateRequests, mendLevel } from './level-store.ts';

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
    throw inUse(folder);
  }
  const { default: dynalite } = await import('dynalite');
  await mendLevel();
  const path = folder === null ? undefined : join(folder, 'dynamodb');
  if (path) {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    await checkFree(path, folder);
  }
  const server = dynalite({
    ...(path ? { path } : {}),
    createTableMs: 0,
    deleteTableMs: 0,
    updateTableMs: 0,
  });
  const answered = gateRequests(server, path ?? null);
  // A path of its own, because a socket's may have some 100 characters only.
  const socket = folder === null ? null : join(mkdtempSync(join(tmpdir(), 'epsom-')), 'dynamodb.sock');
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    if (socket) server.listen(socket, resolve);
    else server.listen(0, '127.0.0.1', resolve);
  });
  const removeSocket = (): void => {
    if (socket) rmSync(dirname(socket), { recursive: true, force: true });
  };
  const endpoint = socket
    ? `${socketScheme}${socket}`
    : `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
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
      if (path) forgetStore(path);
      removeSocket();
    },
  };
}

/** dynalite waits for ever for files that another process holds: that is found out before. @throws Error */
async function checkFree(path: string, folder: string | null): Promise<void> {
  const { Level } = await import('level');
  const files = new Level(path);
  try {
    await files.open();
  } catch (cause) {
    throw isLocked(cause) ? inUse(folder, cause) : cause;
  }
  await files.close();
}

const isLocked = (error: unknown): boolean =>
  error instanceof Error &&
  (('code' in error && error.code === 'LEVEL_LOCKED') ||
    (error.cause !== undefined && isLocked(error.cause)));

const inUse = (folder: string | null, cause?: unknown): Error =>
  new Error(`\`${folder}\` is in use by a server that runs: stop it, or give another folder`, { cause });

/** What an endpoint begins with that is a socket of this machine. */
const socketScheme = 'unix:';

/** A client for an endpoint on this machine, `http://127.0.0.1:8000` or `unix:/path`, which checks no credentials. */
export function createLocalDynamo(endpoint: string): DynamoDBClient {
  const socketPath = endpoint.startsWith(socketScheme) ? endpoint.slice(socketScheme.length) : null;
  return new DynamoDBClient({
    endpoint: socketPath ? 'http://localhost' : endpoint,
    // What an agent is made with it gives to each connection.
    ...(socketPath
      ? { requestHandler: { httpAgent: new Agent({ keepAlive: true, maxSockets: 50, ...{ socketPath } }) } }
      : {}),
    region: 'local',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 3,
  });
}

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
