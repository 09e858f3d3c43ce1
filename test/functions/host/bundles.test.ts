/**
 * What each Lambda function carries: built with esbuild as infra does it. The sealer and the drain hold what they use
 * and no more, and importing any handler does no I/O.
 */
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { build, type Metafile } from 'esbuild';
import { beforeAll, describe, expect, test } from 'vitest';
import { bundling } from '../../../infra/bundling.ts';
import { functions } from '../../../infra/functions.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const root = resolve(import.meta.dirname, '../../..');
const folder = temporaryFolder();

interface Bundle {
  file: string;
  bytes: number;
  /** Our files, from the root, of which something is in it. */
  ours: string[];
  /** npm packages of which something is in it. */
  packages: Set<string>;
}
const bundles = new Map<string, Bundle>();

const packageOf = (input: string): string | null =>
  /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(input)?.[1] ?? null;

function bundleOf(file: string, { outputs }: Metafile): Bundle {
  const output = Object.values(outputs).find(({ entryPoint }) => entryPoint !== undefined);
  const inputs = Object.entries(output?.inputs ?? {}).flatMap(([input, { bytesInOutput }]) =>
    bytesInOutput > 0 ? [input] : [],
  );
  return {
    file,
    bytes: output?.bytes ?? 0,
    ours: inputs.filter((input) => packageOf(input) === null).sort(),
    packages: new Set(inputs.flatMap((input) => packageOf(input) ?? [])),
  };
}

beforeAll(async () => {
  for (const { name } of functions) {
    const outfile = join(folder, `${name}.mjs`);
    const { metafile } = await build({
      entryPoints: [join(root, 'functions', `${name}.ts`)],
      absWorkingDir: root,
      outfile,
      bundle: true,
      metafile: true,
      platform: 'node',
      format: bundling.format,
      target: bundling.target,
      mainFields: [...bundling.mainFields],
      minify: bundling.minify,
      banner: { js: bundling.banner },
    });
    bundles.set(name, bundleOf(outfile, metafile));
  }
});

function bundle(name: string): Bundle {
  const found = bundles.get(name);
  if (!found) throw new Error(`no bundle ${name}`);
  return found;
}
const clients = (name: string): string[] =>
  [...bundle(name).packages].filter((one) => one.startsWith('@aws-sdk/client-')).sort();

describe('the sealer', () => {
  test('speaks to DynamoDB, to KMS for its signature, and to S3 for the copies of seals', () => {
    expect(clients('sealer')).toEqual([
      '@aws-sdk/client-dynamodb',
      '@aws-sdk/client-kms',
      '@aws-sdk/client-s3',
    ]);
  });

  test('holds the log, the digests of rules/ and what counts and overrides are read by, and nothing else of ours', () => {
    expect(bundle('sealer').ours.filter((file) => !/^functions\/log\/|^rules\/digest\//.test(file))).toEqual([
      'functions/config/settings.ts',
      'functions/host/aws-sealer.ts',
      'functions/host/lambda.ts',
      'functions/sealer.ts',
      'rules/cards/route-card-id.ts',
      'rules/fhir/json.ts',
      'rules/record-head.ts',
      'rules/rule/override-reasons.ts',
    ]);
  });

  test('writes no records and reads nothing clinical: neither chains nor patients', () => {
    for (const file of ['writers', 'decision-log', 'patients', 'stored', 'rulesets'])
      expect(bundle('sealer').ours).not.toContain(`functions/log/${file}.ts`);
  });
});

describe('the drain', () => {
  test('speaks to DynamoDB alone', () => expect(clients('drain')).toEqual(['@aws-sdk/client-dynamodb']));

  test('holds the insert and what it needs, and nothing else of ours', () => {
    expect(bundle('drain').ours).toEqual([
      'functions/config/settings.ts',
      'functions/drain.ts',
      'functions/host/aws-drain.ts',
      'functions/host/lambda.ts',
      'functions/log/insert.ts',
      'functions/log/item-json.ts',
      'functions/log/items.ts',
      'functions/log/keys.ts',
      'functions/log/messages.ts',
      'functions/log/puts.ts',
      'rules/fhir/json.ts',
    ]);
  });
});

test.each([
  ['sealer', 600_000],
  ['drain', 400_000],
])('%s has less than %i bytes, less than a third of the service', (name, most) => {
  const { bytes } = bundle(name);
  expect(bytes).toBeGreaterThan(100_000);
  expect(bytes).toBeLessThan(most);
  expect(bytes).toBeLessThan(bundle('cds-services').bytes / 3);
});

test('the service does hold rules, registry and HTTP: the lists above are not empty by accident', () => {
  const { ours, packages } = bundle('cds-services');
  for (const file of [
    'rules/evaluation/ruleset.ts',
    'functions/trust/clients.ts',
    'functions/log/writers.ts',
  ])
    expect(ours).toContain(file);
  expect([...packages]).toEqual(expect.arrayContaining(['hono', 'jose', '@aws-sdk/client-sqs']));
});

/** Everything by which a module could reach a file, a socket or a process throws, when it is this module that calls. */
const guard = (file: string): string => `
import childProcess from 'node:child_process';
import dns from 'node:dns';
import fs from 'node:fs';
import net from 'node:net';
import { syncBuiltinESMExports } from 'node:module';
Error.stackTraceLimit = Number.POSITIVE_INFINITY;
const watch = (where, name) => {
  const real = where[name];
  where[name] = function (...args) {
    // Node's own loader reads files with the same functions.
    if (String(new Error().stack).includes(${JSON.stringify(file)})) throw new Error('I/O at import: ' + name);
    return Reflect.apply(real, this, args);
  };
};
for (const where of [fs, fs.promises, dns, childProcess])
  for (const [name, value] of Object.entries(where))
    if (typeof value === 'function' && /^[a-z]/.test(name)) watch(where, name);
watch(net.Socket.prototype, 'connect');
watch(net.Server.prototype, 'listen');
watch(globalThis, 'fetch');
syncBuiltinESMExports();
`;
const run = promisify(execFile);
/** What a process says that imports a file under the guard. */
const imported = async (file: string): Promise<string> => {
  const code = `${guard(file)}\nconst { handler } = await import(${JSON.stringify(file)});\nconsole.log(typeof handler);`;
  const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', code], { env: {} });
  return stdout;
};

describe('importing a handler does no I/O', () => {
  test.each(functions.map(({ name }) => name))('%s', async (name) => {
    expect(await imported(bundle(name).file)).toBe('function\n');
  });

  test.each([
    ['readFileSync', "import { readFileSync } from 'node:fs'; readFileSync('/etc/hostname');"],
    ['readFile', "import { readFile } from 'node:fs/promises'; await readFile('/etc/hostname');"],
    ['connect', "import { connect } from 'node:net'; connect(9, '127.0.0.1');"],
    ['fetch', "await fetch('http://127.0.0.1:9');"],
  ])('the guard does look: %s is refused', async (name, code) => {
    const file = join(folder, `${name}.mjs`);
    writeFileSync(file, code);
    await expect(imported(file)).rejects.toThrow(`I/O at import: ${name}`);
  });
});
