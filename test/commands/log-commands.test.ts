/**
 * Commands on the decision log, each as a process: readers write nothing, whether a server runs or not; no command makes a key
 * or seals; on AWS keys and buckets are those of the functions; and what cannot be done is said in sentences.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createEmbeddedDynamo, findRunningDynamo } from '../../functions/host/embedded.ts';
import { ensureTable } from '../../functions/host/table.ts';
import type { Running } from '../../functions/local.ts';
import { scanItems } from '../../functions/log/paging.ts';
import { newInstance } from '../support/hook-requests.ts';
import { myasthenia } from '../support/loopback.ts';
import { post, serving } from '../support/serving.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const root = resolve(import.meta.dirname, '../..');

interface Ended {
  code: number;
  out: string;
  error: string;
}
const run = (args: readonly string[], env: Record<string, string>): Promise<Ended> =>
  new Promise((done) => {
    const own = { ...process.env, ...env };
    const child = execFile(process.execPath, [...args], { cwd: root, env: own }, (_, out, error) =>
      done({ code: child.exitCode ?? -1, out, error }),
    );
  });

/** Every file and folder: its rights, when it was changed, what is in it. */
function snapshot(place: string): string[] {
  return readdirSync(place, { recursive: true, encoding: 'utf8' })
    .sort()
    .flatMap((name) => {
      const own = statSync(join(place, name));
      if (!own.isFile() && !own.isDirectory()) return [];
      const content = own.isFile()
        ? createHash('sha256')
            .update(readFileSync(join(place, name)))
            .digest('hex')
        : '';
      return [`${name} ${own.mode.toString(8)} ${own.mtimeMs} ${content}`];
    });
}

const begin = (data: string): Promise<Running> =>
  serving({ EPSOM_DATA: data, EPSOM_SEAL_INTERVAL: '3600' }, { memory: false, report: () => undefined });
const sign = (url: string) =>
  post(`${url}/cds-services/order-sign`, { ...myasthenia(), hookInstance: newInstance() });

/** A data folder with three decisions, sealed, of a server that was stopped. */
let folder: string;
beforeAll(async () => {
  folder = join(temporaryFolder(), 'data');
  const running = await begin(folder);
  for (let count = 0; count < 3; count += 1) await sign(running.url);
  await running.close();
}, 60_000);

const copyOf = (name: string): string => {
  const copy = join(temporaryFolder(), name);
  cpSync(folder, copy, { recursive: true, preserveTimestamps: true });
  return copy;
};

const readers = (archive: string): [string[], RegExp][] => [
  [['commands/verify.ts'], /the log is whole/],
  [['commands/export.ts', archive], /seals, 3 leaves, 3 records/],
  [['commands/replay.ts'], /3 decisions equal, 0 not/],
  [['commands/evaluate.ts', 'docs/examples/low-magnesium.json'], /not recorded/],
];

describe('readers', () => {
  test('leave every byte of a folder as it is when no server runs', async () => {
    const before = snapshot(folder);
    for (const [args, says] of readers(join(temporaryFolder(), 'archive'))) {
      const { code, out, error } = await run(args, { EPSOM_DATA: folder });
      expect([args[0], code, error]).toEqual([args[0], 0, '']);
      expect(out).toMatch(says);
      expect(snapshot(folder)).toEqual(before);
    }
  }, 120_000);

  test('leave every item of the table and every key as they are while a server runs', async () => {
    const data = copyOf('running');
    const running = await begin(data);
    const client = await findRunningDynamo(data);
    try {
      await running.service.log.projector.projectAll();
      const items = async () =>
        client
          ? (await Array.fromAsync(scanItems(client, { TableName: 'epsom' })))
              .map((item) => JSON.stringify(item))
              .sort()
          : [];
      const files = () => snapshot(data).filter((line) => !line.startsWith('dynamodb'));
      const before = [await items(), files()];
      expect(before[0]?.length).toBeGreaterThan(10);
      for (const [args, says] of readers(join(temporaryFolder(), 'archive'))) {
        const { code, out } = await run(args, { EPSOM_DATA: data });
        expect([args[0], code]).toEqual([args[0], 0]);
        expect(out).toMatch(says);
        expect([await items(), files()]).toEqual(before);
      }
    } finally {
      client?.destroy();
      await running.close();
    }
  }, 120_000);

  test('make no key: verify goes by the public half, what needs the key names it, a start is refused', async () => {
    const data = copyOf('lost');
    rmSync(join(data, 'seal.key'));
    writeFileSync(join(data, 'patient-index.key'), '');
    const before = snapshot(data);
    const said = async (...args: string[]) => run(args, { EPSOM_DATA: data, PORT: '0' });
    expect((await said('commands/verify.ts')).out).toContain('the log is whole');
    for (const args of [
      ['commands/replay.ts'],
      ['commands/rebuild.ts'],
      ['commands/retention.ts', 'erase', '--patient', 'p1', '--who', 'me'],
    ]) {
      const { code, error } = await said(...args);
      expect(code).toBe(2);
      expect(error).toMatch(/^`\S+patient-index\.key` is empty: restore it from a backup: .+\n$/);
    }
    const started = await said('functions/local.ts');
    expect([started.code, started.out]).toEqual([1, '']);
    expect(started.error).toMatch(/^`\S+patient-index\.key` is empty: restore it from a backup: .+\n$/);
    expect(snapshot(data).filter((line) => !line.startsWith('dynamodb'))).toEqual(
      before.filter((line) => !line.startsWith('dynamodb')),
    );
  }, 120_000);
});

test('a second start says who has the folder, and changes nothing', async () => {
  const data = copyOf('twice');
  const running = await begin(data);
  try {
    await running.service.log.projector.projectAll();
    const before = snapshot(data);
    const { code, out, error } = await run(['functions/local.ts'], { EPSOM_DATA: data, PORT: '0' });
    expect([code, out]).toEqual([1, '']);
    expect(error).toBe(
      `\`${data}\` is in use by process ${process.pid}, a server or command that runs: stop it, or give another folder\n`,
    );
    expect(snapshot(data)).toEqual(before);
    expect((await sign(running.url)).status).toBe(200);
  } finally {
    await running.close();
  }
}, 60_000);

describe('a table on AWS', () => {
  let dynamo: Awaited<ReturnType<typeof createEmbeddedDynamo>>;
  let kms: Server;
  const asked: string[] = [];
  let env: Record<string, string>;
  const nowhere = join(temporaryFolder(), 'no-data-of-a-laptop');
  beforeAll(async () => {
    dynamo = await createEmbeddedDynamo(null);
    await ensureTable(dynamo.client, 'epsom');
    kms = createServer((request, response) => {
      asked.push(String(request.headers['x-amz-target'] ?? request.url));
      request.resume();
      response.setHeader('content-type', 'application/x-amz-json-1.1');
      request.on('end', () => response.end(JSON.stringify({ Mac: Buffer.alloc(32, 7).toString('base64') })));
    });
    await new Promise<void>((done) => kms.listen(0, '127.0.0.1', done));
    env = {
      EPSOM_DATA: nowhere,
      AWS_REGION: 'eu-central-1',
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_ENDPOINT_URL_DYNAMODB: dynamo.endpoint,
      AWS_ENDPOINT_URL_KMS: `http://127.0.0.1:${(kms.address() as AddressInfo).port}`,
      EPSOM_PATIENT_KEY_ID: 'alias/patients',
      EPSOM_MASTER_KEY_ID: 'alias/master',
      EPSOM_SEAL_KEY_ID: 'alias/seal',
      EPSOM_LARGE_BUCKET: 'large',
      EPSOM_SEAL_BUCKET: 'seals',
    };
  });
  afterAll(async () => {
    kms.close();
    await dynamo.close();
  });

  test('is looked through for an erasure by the key in KMS, without a key of this machine and without a seal', async () => {
    const { code, out, error } = await run(
      ['commands/retention.ts', 'erase', '--patient', 'p1', '--who', 'me'],
      env,
    );
    // Nobody is there to be erased.
    expect([code, out]).toEqual([1, '']);
    expect(error).not.toContain('Error');
    expect(asked).toContain('TrentService.GenerateMac');
    expect(asked.filter((operation) => operation.endsWith('Sign'))).toEqual([]);
    expect(existsSync(nowhere)).toBe(false);
    const items = await Array.fromAsync(scanItems(dynamo.client, { TableName: 'epsom' }));
    expect(items.filter(({ pk }) => /^(SEAL|TILE|HEADS|SEALING)/.test(pk?.S ?? ''))).toEqual([]);
  }, 60_000);

  test('is not touched by half a configuration', async () => {
    const before = asked.length;
    for (const args of [['commands/verify.ts'], ['commands/rebuild.ts'], ['commands/replay.ts']]) {
      const { code, error } = await run(args, { ...env, EPSOM_MASTER_KEY_ID: '', EPSOM_SEAL_BUCKET: '' });
      expect([code, error]).toEqual([
        2,
        'for a table on AWS set EPSOM_MASTER_KEY_ID, EPSOM_SEAL_BUCKET as its functions have them: no key of this machine is used for it\n',
      ]);
    }
    expect(asked).toHaveLength(before);
    const { error } = await run(['commands/verify.ts'], {
      AWS_ENDPOINT_URL_DYNAMODB: 'https://dynamodb.eu-west-1.amazonaws.com',
    });
    expect(error).toContain('for a table on AWS set EPSOM_PATIENT_KEY_ID');
  }, 60_000);
});

describe('what cannot be done is said in one sentence, without a trace', () => {
  const empty = temporaryFolder();
  const file = join(empty, 'file');
  const spoilt = join(empty, 'spoilt');
  beforeAll(() => {
    writeFileSync(file, 'x');
    mkdirSync(join(spoilt, 'dynamodb'), { recursive: true });
    writeFileSync(join(spoilt, 'dynamodb', 'CURRENT'), 'MANIFEST-999999\n');
  });
  const missing = join(empty, 'missing');
  const noLog = /^there is no log in `\S+` yet: start the server once$/;
  const onLog = [
    ['commands/verify.ts'],
    ['commands/export.ts', join(empty, 'archive')],
    ['commands/replay.ts'],
    ['commands/rebuild.ts'],
    ['commands/upgrade.ts'],
    ['commands/retention.ts', 'erase', '--patient', 'p', '--who', 'me'],
    ['commands/retention.ts', 'purge', '--before', '2010-01-01', '--who', 'me'],
  ];
  const cases: [string, string[], Record<string, string>, RegExp][] = [
    ...onLog.map((args): [string, string[], Record<string, string>, RegExp] => [
      'a folder that is not there',
      args,
      { EPSOM_DATA: missing },
      noLog,
    ]),
    ['a file for a folder', ['commands/verify.ts'], { EPSOM_DATA: file }, noLog],
    ['a file for a folder', ['functions/local.ts'], { EPSOM_DATA: file, PORT: '0' }, /is not a folder/],
    [
      'a table that does not answer',
      ['commands/verify.ts'],
      { AWS_ENDPOINT_URL_DYNAMODB: 'http://127.0.0.1:9', EPSOM_DATA: missing },
      /^nothing answers at `127\.0\.0\.1:9`/,
    ],
    [
      'a store that is spoilt',
      ['commands/verify.ts'],
      { EPSOM_DATA: spoilt },
      /^the store in `\S+` cannot be opened/,
    ],
    ['no such archive', ['commands/verify.ts', missing], {}, /holds no archive|which public key/],
    ['no such key', ['commands/verify.ts', '--key', missing], {}, /^`--key` names `\S+`, which is not there/],
    ['no such seals', ['commands/verify.ts', '--seals', missing], {}, /^`--seals` names `\S+`, which is not/],
    ['no such release', ['commands/terminology-check.ts', missing], {}, /^`\S+` is not there$/],
    ['a port that is none', ['commands/verify.ts'], { PORT: 'x' }, /^configuration not usable:\n {2}PORT: /],
  ];
  test.each(cases)(
    '%s: %j',
    async (_, args, env, says) => {
      const { code, error } = await run(args, env);
      expect(code).toBeGreaterThan(0);
      expect(error.trim()).toMatch(says);
      expect(error.trim().split('\n').length).toBeLessThanOrEqual(says.source.includes('\\n') ? 3 : 1);
      expect(error).not.toMatch(/^\s+at |node:internal|Error:/m);
      expect(existsSync(missing)).toBe(false);
    },
    60_000,
  );
});
