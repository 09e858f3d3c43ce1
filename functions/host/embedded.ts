/**
 * DynamoDB on one machine: dynalite on LevelDB, spoken to by the real AWS SDK. Data survives the process, and what was
 * written survives the machine. One process at a time may open the folder.
 *
 * With a folder it listens on a socket in it that only this user can reach: no port, so no web page, other user or other host
 * can speak to it. In memory, for tests, on a port of loopback.
 */
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { Agent } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
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
  const socket = folder === null ? null : socketIn(folder);
  await new Promise<void>((done, fail) => {
    server.once('error', fail);
    if (socket) server.listen(socket, done);
    else server.listen(0, '127.0.0.1', done);
  });
  if (socket) chmodSync(socket, 0o600);
  const removeSocket = (): void => {
    if (socket) rmSync(dirname(socket), { recursive: true, force: true });
  };
  const endpoint = socket
    ? `${socketScheme}${socket}`
    : `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const client = createLocalDynamo(endpoint);
  // One process at a time may open the folder: commands find the one that has it here.
  const note = folder === null ? null : endpointFile(folder);
  if (note) writeFileSync(note, `${endpoint}\n${process.pid}\n`, { mode: 0o600 });
  return {
    client,
    endpoint,
    close: async () => {
      if (note) rmSync(note, { force: true });
      client.destroy();
      await answered(5000);
      server.closeAllConnections();
      await new Promise<void>((done) => server.close(() => done()));
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
    if (isLocked(cause)) throw inUse(folder, cause);
    throw new Error(`the store in \`${path}\` cannot be opened: restore it from a backup`, { cause });
  }
  await files.close();
}

const isLocked = (error: unknown): boolean =>
  error instanceof Error &&
  (('code' in error && error.code === 'LEVEL_LOCKED') ||
    (error.cause !== undefined && isLocked(error.cause)));

/** @param cause why it could not be opened */
function inUse(folder: string | null, cause?: unknown): Error {
  const holder = folder === null ? null : noteIn(folder)?.process;
  const by = holder ? `process ${holder}, a server or command that runs` : 'a server or command that runs';
  return new Error(`\`${folder}\` is in use by ${by}: stop it, or give another folder`, { cause });
}

/** Bytes that the path of a socket may have: 104 with its end on macOS, 108 on Linux. */
const longestSocket = 103;

/**
 * Where a folder's socket is: in the folder, where only this user may enter, or where its path would be too long for a
 * socket, in a new folder of the system's temporary ones.
 */
function socketIn(folder: string): string {
  const own = resolve(folder, 'run');
  const nameIn = (place: string): string => join(place, 'dynamodb.sock');
  if (Buffer.byteLength(nameIn(own)) <= longestSocket) {
    // Left behind by a process that was killed: nobody else has the folder open.
    rmSync(own, { recursive: true, force: true });
    mkdirSync(own, { mode: 0o700 });
    return nameIn(own);
  }
  const fits = (place: string): boolean =>
    Buffer.byteLength(nameIn(join(place, 'epsom-XXXXXX'))) <= longestSocket;
  return nameIn(mkdtempSync(join(fits(tmpdir()) ? tmpdir() : '/tmp', 'epsom-')));
}

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

/** The note of whoever has the folder open, or was killed with it: its endpoint, and its process. */
function noteIn(folder: string): { endpoint: string; process: string | null } | null {
  try {
    const [endpoint = '', holder = ''] = readFileSync(endpointFile(folder), 'utf8').split('\n');
    return { endpoint: endpoint.trim(), process: /^\d+$/.test(holder) ? holder : null };
  } catch {
    return null;
  }
}

/** The DynamoDB of a server that has the folder open; null when none runs. */
export async function findRunningDynamo(folder: string): Promise<DynamoDBClient | null> {
  const note = noteIn(folder);
  if (!note) return null;
  const client = createLocalDynamo(note.endpoint);
  try {
    await client.send(new ListTablesCommand({ Limit: 1 }), { abortSignal: AbortSignal.timeout(2000) });
    return client;
  } catch {
    // Left behind by a process that was killed.
    client.destroy();
    return null;
  }
}
