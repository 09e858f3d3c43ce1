/** How commands are called: each as a process, and what one sentence says of a wrong call. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type CommandLine, readArguments, UsageError, usageText } from '../../commands/command-line.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const root = resolve(import.meta.dirname, '../..');
const { scripts }: { scripts: Record<string, string> } = JSON.parse(
  readFileSync(join(root, 'package.json'), 'utf8'),
);

/** Scripts that run a file of commands/ or bench/ which is called as this file says. */
const commands = Object.entries(scripts).flatMap(([name, script]) => {
  const [, file, words = ''] =
    /^node -r \.\/node-version\.cjs ((?:commands|bench)\/\S+)(.*)$/.exec(script) ?? [];
  return file !== undefined &&
    readFileSync(join(root, file), 'utf8').match(/\b(runCommand|argumentsOfProcess)\(/)
    ? [{ name, args: [file, ...words.split(' ').filter((word) => word !== '')] }]
    : [];
});

interface Ended {
  code: number;
  out: string;
  error: string;
}
const folder = temporaryFolder();
const run = (args: readonly string[]): Promise<Ended> =>
  new Promise((done) => {
    const env = { ...process.env, EPSOM_DATA: join(folder, 'epsom-of-no-command') };
    const child = execFile(process.execPath, args, { cwd: root, env }, (_, out, error) =>
      done({ code: child.exitCode ?? -1, out, error }),
    );
  });

test('there are commands to try', () => {
  expect(commands.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['verify', 'export', 'replay', 'erase', 'purge', 'bench', 'bench:kill']),
  );
});

describe.each(commands)('npm run $name', ({ name, args }) => {
  /** One sentence for a person, with how to call it, and no trace of the stack. */
  const isOneSentence = ({ code, out, error }: Ended): void => {
    expect(code).toBe(2);
    expect(out).toBe('');
    expect(error.trim().split('\n')).toHaveLength(1);
    expect(error).toContain(`call it as \`npm run `);
    expect(error).toContain(`npm run ${name}`);
  };

  test('--help says how to call it, and nothing else is done', async () => {
    const { code, out, error } = await run([...args, '--help']);
    expect([code, error]).toEqual([0, '']);
    expect(out).toMatch(new RegExp(`^ {2}npm run ${name}( -- .+)?$`, 'm'));
  });

  test('an option it does not know is named', async () => {
    const ended = await run([...args, '--frobnicate']);
    isOneSentence(ended);
    expect(ended.error).toContain('`--frobnicate` is no option here');
  });

  test('an option without its value is named', async () => {
    const { out } = await run([...args, '--help']);
    const [, option] = new RegExp(`npm run ${name} .*?--([a-z]+) `).exec(out) ?? [];
    // A command may have no option that takes a value.
    if (option === undefined) return expect(out).not.toMatch(/ --[a-z]+ \S/);
    const ended = await run([...args, `--${option}`]);
    isOneSentence(ended);
    expect(ended.error).toContain(`\`--${option}\` needs a value`);
  });
});

test.each([
  ['export', ['commands/export.ts'], 'an argument is missing'],
  ['erase', ['commands/retention.ts', 'erase', '--patient', 'anna'], '`--who` is missing'],
  [
    'purge',
    ['commands/retention.ts', 'purge', '--who', 'me', '--before', 'once'],
    '`--before` must be a date',
  ],
  ['retention', ['commands/retention.ts', 'frob', '--who', 'me'], '`frob` is neither erase nor purge'],
  ['replay', ['commands/replay.ts', '--from', 'once'], '`--from` must be a date'],
  ['replay', ['commands/replay.ts', '--ruleset', 'no-such'], '`--ruleset` must be a folder'],
  ['verify', ['commands/verify.ts', '--proof', 'proof.json'], 'say with which public key'],
  [
    'verify',
    ['commands/verify.ts', '--proof', 'README.md', '--key', 'README.md'],
    '`--proof` must be a file of JSON',
  ],
])('%s says what is missing or wrong: %j', async (_, args, message) => {
  const { code, error } = await run(args);
  expect([code, error.split('\n').length]).toEqual([2, 2]);
  expect(error).toContain(message);
  expect(error).toContain(': call it as `npm run ');
});

test('what fails is one sentence too: a log that is not there', async () => {
  expect(await run(['commands/verify.ts'])).toMatchObject({
    code: 2,
    error: expect.stringMatching(/^there is no log in `.*epsom-of-no-command` yet: start the server once\n$/),
  });
});

const line = {
  about: 'Copies.',
  calls: ['npm run copy -- <from> [to] [--mode fast] [--force]'],
  options: { mode: { type: 'string' }, force: { type: 'boolean' } },
  positionals: [1, 2],
} as const satisfies CommandLine;

describe('arguments', () => {
  test('are read: options by name, the others in order', () => {
    expect(readArguments(line, ['a', '--mode', 'fast', 'b'])).toMatchObject({
      values: { mode: 'fast' },
      positionals: ['a', 'b'],
    });
  });

  test.each<[string[], string]>([
    [['a', '--frob'], '`--frob` is no option here'],
    [['a', '-f'], '`-f` is no option here'],
    [['a', '--mode'], '`--mode` needs a value'],
    [['a', '--mode', '--force'], '`--mode` needs a value'],
    [['a', '--force=yes'], '`--force` takes no value'],
    [[], 'an argument is missing'],
    [['a', 'b', 'c'], '`c` is one argument too many'],
  ])('%j: %s', (args, message) => {
    expect(() => readArguments(line, args)).toThrow(new UsageError(message));
  });

  test('without a name there are none unless the command says so', () => {
    const { positionals: _, ...none } = line;
    expect(() => readArguments(none, ['a'])).toThrow('`a` is one argument too many');
  });
});

test('--help has what it does and each way to call it', () => {
  expect(usageText({ ...line, calls: ['npm run copy', 'npm run move'] })).toBe(
    'Copies.\n\n  npm run copy\n  npm run move',
  );
});
