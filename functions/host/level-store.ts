/**
 * LevelDB as dynalite 4.0.0 must have it: iterators that end, writes that are on the disk when they are answered, and a
 * way back after a write failed.
 *
 * After a write that failed (a full disk) the end of LevelDB's journal may be torn, and what is written behind it would be
 * lost at the next start. So nothing more is written until the store was opened anew, with a new journal, and that is
 * tried as soon as there is space. Reading goes on.
 */
import { randomUUID } from 'node:crypto';
import { open, rm } from 'node:fs/promises';
import type { RequestListener, Server, ServerResponse } from 'node:http';
import { join } from 'node:path';
import type * as level from 'abstract-level';

type Database = level.AbstractLevel<unknown> & { readonly location?: string };

/** Databases of which a write failed, by folder, until they were opened anew. */
const failed = new Map<string, Database>();

const ioErrors: ReadonlySet<unknown> = new Set(['LEVEL_IO_ERROR', 'LEVEL_CORRUPTION']);
const isIoError = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && ioErrors.has(error.code);

/** As dynalite answers it. Any other error it throws where nobody can catch it. */
const unwritableBody = {
  __type: 'com.amazonaws.dynamodb.v20120810#InternalServerError',
  message: 'the disk cannot be written',
};
const unwritable = (cause?: unknown): Error =>
  Object.assign(new Error(unwritableBody.message, { cause }), { statusCode: 500, body: unwritableBody });

/** One write, synced: LevelDB hands it to the disk only where the call asks for it, and dynalite never does. */
async function write(database: Database, work: () => Promise<void>): Promise<void> {
  const { location } = database;
  if (location === undefined) return work();
  if (failed.has(location)) throw unwritable();
  try {
    await work();
  } catch (error) {
    if (!isIoError(error)) throw error;
    failed.set(location, database);
    throw unwritable(error);
  }
  // It may lie behind a torn one.
  if (failed.has(location)) throw unwritable();
}

const mended = new WeakSet<object>();

/** Mends the classes of `abstract-level`, once: before a store is made. */
export async function mendLevel(): Promise<void> {
  const { AbstractLevel, AbstractKeyIterator, AbstractValueIterator } = await import('abstract-level');
  const { prototype } = AbstractLevel;
  if (mended.has(prototype)) return;
  mended.add(prototype);
  // dynalite ends a read by `return()`, as generators have it and iterators of LevelDB do not: each stayed open, with
  // what it had read and every file of that moment, and memory and disk grew with each query.
  for (const iterator of [AbstractKeyIterator.prototype, AbstractValueIterator.prototype])
    Object.assign(iterator, {
      return(this: { close(): Promise<void> }) {
        return this.close();
      },
    });
  const { put, del } = prototype;
  Object.assign(prototype, {
    put(this: Database, key: unknown, value: unknown, options?: object) {
      return write(this, () => put.call(this, key, value, { ...options, sync: true } as never));
    },
    del(this: Database, key: unknown, options?: object) {
      return write(this, () => del.call(this, key, { ...options, sync: true } as never));
    },
  });
}

/** What must be free before a store is opened anew: it writes out its journal. */
const room = Buffer.alloc(1024 * 1024);

async function hasRoom(folder: string): Promise<boolean> {
  const probe = join(folder, `${randomUUID()}.probe`);
  try {
    const file = await open(probe, 'wx', 0o600);
    try {
      await file.writeFile(room);
      await file.sync();
    } finally {
      await file.close();
    }
    return true;
  } catch {
    return false;
  } finally {
    await rm(probe, { force: true }).catch(() => undefined);
  }
}

/** Milliseconds between two tries to open a store anew. */
const pause = 200;
/** Milliseconds that are waited for what is being answered. */
const patience = 5000;

function refuse(response: ServerResponse): void {
  response.writeHead(500, { 'content-type': 'application/x-amz-json-1.0' });
  response.end(JSON.stringify(unwritableBody));
}

/**
 * Stands before the requests of a dynalite server: it holds them back while its store is opened anew, and counts what is
 * being answered, because dynalite closes its database under requests whose connection is gone, and an error nobody can
 * catch ends the process.
 * @param folder of the store; null where it is in memory
 * @returns waits until every request has been answered, for at most `limit` milliseconds; whether all have
 */
export function gateRequests(server: Server, folder: string | null): (limit: number) => Promise<boolean> {
  const handlers = server.listeners('request') as RequestListener[];
  server.removeAllListeners('request');
  let answering = 0;
  let tell = (): void => undefined;
  let triedAt = 0;
  let mending: Promise<boolean> | null = null;

  const idle = (limit: number): Promise<boolean> =>
    answering === 0
      ? Promise.resolve(true)
      : new Promise((resolve) => {
          const timer = setTimeout(() => resolve(false), limit);
          tell = () => {
            clearTimeout(timer);
            resolve(true);
          };
        });

  const handle: RequestListener = (request, response) => {
    answering += 1;
    const end = response.end.bind(response) as (...values: unknown[]) => typeof response;
    response.end = (...values: unknown[]) => {
      answering -= 1;
      if (answering === 0) tell();
      return end(...values);
    };
    for (const handler of handlers) handler.call(server, request, response);
  };

  /** @returns whether the store may be asked: to read only, as long as there is no space */
  async function openAnew(path: string, database: Database): Promise<boolean> {
    if (Date.now() - triedAt < pause) return database.status === 'open';
    const mayClose = (await hasRoom(path)) && (await idle(patience));
    triedAt = Date.now();
    if (!mayClose) return database.status === 'open';
    try {
      // dynalite puts a `close` of its own on the database, after which it asks it no more.
      const { AbstractLevel } = await import('abstract-level');
      await AbstractLevel.prototype.close.call(database);
      await database.open();
    } catch {
      return false;
    }
    failed.delete(path);
    return true;
  }

  server.on('request', (request, response) => {
    const database = folder === null ? undefined : failed.get(folder);
    if (folder === null || !database) {
      handle(request, response);
      return;
    }
    mending ??= openAnew(folder, database).finally(() => {
      mending = null;
    });
    void mending.then((mayAsk) => (mayAsk ? handle : refuseRequest)(request, response));
  });
  const refuseRequest: RequestListener = (_, response) => refuse(response);

  return idle;
}

/** Forgets a store that is closed. */
export const forgetStore = (folder: string): void => void failed.delete(folder);
