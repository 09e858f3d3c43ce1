/** `npm start`: what it refuses to start with, what survives a kill, and what happens while the log is away. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readSettings } from '../../functions/config/settings.ts';
import { createEmbeddedDynamo } from '../../functions/host/embedded.ts';
import { canonicalJson } from '../../rules/digest/digest.ts';
import { createFaultyDynamo } from '../support/faulty-dynamo.ts';
import {
  complete,
  condition,
  hookRequest,
  magnesiumSulfate,
  newInstance,
  observation,
} from '../support/hook-requests.ts';
import { myasthenia, recently } from '../support/loopback.ts';
import { diagnostics, get, post, serving } from '../support/serving.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

describe('a server process with data on disk', () => {
  const root = resolve(import.meta.dirname, '../..');

  async function launched(folder: string): Promise<{ url: string; kill(): Promise<void> }> {
    const child = spawn(process.execPath, ['functions/local.ts'], {
      cwd: root,
      env: { ...process.env, PORT: '0', EPSOM_DATA: folder },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const url = await new Promise<string>((done, fail) => {
      let output = '';
      child.stdout.on('data', (chunk) => {
        output += chunk;
        const found = /serves at (http:\/\/\S+)/.exec(output)?.[1];
        if (found) done(found);
      });
      child.once('exit', () => fail(new Error('the server stopped')));
    });
    return {
      url,
      kill: async () => {
        child.kill('SIGKILL');
        await once(child, 'exit');
      },
    };
  }

  test('kill -9 after an answer, start again: the decision is there, and replays to the same bytes', async () => {
    const folder = temporaryFolder();
    const first = await launched(folder);
    const request = hookRequest(
      'order-sign',
      complete([observation('cr', '2160-0', 0.9, 'mg/dL', recently())], [condition('mg', '91637004')]),
      [magnesiumSulfate()],
    );
    const answer = await post(`${first.url}/cds-services/order-sign`, {
      ...request,
      hookInstance: newInstance(),
    });
    await first.kill();
    const second = await launched(folder);
    const id = answer.headers.get('epsom-decision');
    const { status, body } = await get(`${second.url}/decisions/${id}`);
    expect(status).toBe(200);
    expect(canonicalJson({ cards: body.cards })).toBe(answer.text);
    const replayed = await post(`${second.url}/decisions/${id}/replay`, {});
    expect(replayed.body.equal).toBe(true);
    expect(canonicalJson({ cards: replayed.body.cards })).toBe(answer.text);
    await second.kill();
  });
});

describe('starting', () => {
  test('an open service listens on loopback only', async () => {
    await expect(serving({ EPSOM_HOST: '0.0.0.0' })).rejects.toThrow(/does not listen on `0\.0\.0\.0`/);
  });
  test('a client registry that this version cannot enforce is not ignored', async () => {
    await expect(serving({ EPSOM_CLIENTS: 'clients.json' })).rejects.toThrow(/EPSOM_CLIENTS/);
  });
  test('a port that is no number is refused by name', () => {
    expect(() => readSettings({ PORT: 'http' })).toThrow(/PORT/);
  });
});

test('/health says how many answers lacked a kind of data, and names no client', async () => {
  const running = await serving({});
  const lacked = async () => (await get(`${running.url}/health`)).body.interfaces;
  try {
    expect(await lacked()).toEqual({ lacked: {} });
    const request = myasthenia();
    const prefetch = { patient: request.prefetch?.patient };
    for (const hookInstance of [
      'd1577c69-dfbe-44ad-ba6d-3e05e953b2ea',
      'd1577c69-dfbe-44ad-ba6d-3e05e953b2eb',
    ])
      await post(`${running.url}/cds-services/order-sign`, { ...request, hookInstance, prefetch });
    expect(await lacked()).toMatchObject({ lacked: { allergies: 2, conditions: 2 } });
  } finally {
    await running.close();
  }
});

describe('when the decision log cannot be written', () => {
  test('with a disk: the card leaves, its record waits there and is drained by itself, and /health says so', async () => {
    const folder = temporaryFolder();
    const dynamo = await createEmbeddedDynamo(null);
    const faulty = await createFaultyDynamo(dynamo.endpoint);
    const env = { AWS_ENDPOINT_URL_DYNAMODB: faulty.endpoint, EPSOM_DATA: folder };
    const running = await serving(env, { memory: false });
    const waiting = async () =>
      ((await get(`${running.url}/health`)).body.log as { waiting: number }).waiting;
    try {
      expect(await waiting()).toBe(0);
      faulty.down();
      const answer = await post(`${running.url}/cds-services/order-sign`, myasthenia());
      expect(answer.status).toBe(200);
      expect(await waiting()).toBe(1);
      faulty.up();
      await expect.poll(waiting, { timeout: 15_000, interval: 200 }).toBe(0);
      const stored = await get(`${running.url}/decisions/${answer.headers.get('epsom-decision')}`);
      expect(canonicalJson({ cards: stored.body.cards })).toBe(answer.text);
    } finally {
      await running.close();
      await faulty.close();
      await dynamo.close();
    }
  }, 30_000);

  test('no card leaves, and no empty list either: 503 with an OperationOutcome', async () => {
    const dynamo = await createEmbeddedDynamo(null);
    const running = await serving({ AWS_ENDPOINT_URL_DYNAMODB: dynamo.endpoint });
    try {
      expect((await post(`${running.url}/cds-services/order-sign`, myasthenia())).status).toBe(200);
      await dynamo.close();
      const answer = await post(`${running.url}/cds-services/order-sign`, myasthenia());
      expect(answer.status).toBe(503);
      expect(diagnostics(answer)).toContain('could not be recorded');
      expect(answer.body.cards).toBeUndefined();
    } finally {
      await running.close();
    }
  });
});
