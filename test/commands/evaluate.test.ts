/** `npm run evaluate` as a person calls it: what it prints, and one sentence for each wrong call. */
import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '../..');
const bundle = 'docs/examples/low-magnesium.json';

const run = (...args: string[]): Promise<{ code: number; out: string; error: string }> =>
  new Promise((done) => {
    const child = execFile(
      process.execPath,
      ['commands/evaluate.ts', ...args],
      { cwd: root },
      (_, out, error) => done({ code: child.exitCode ?? -1, out, error }),
    );
  });

test('the cards, what each rule said and the notices of a bundle', async () => {
  const { code, out, error } = await run(bundle, '--at', '2026-01-31T12:00:00Z');
  expect([code, error]).toEqual([0, '']);
  expect(out).toContain('patient-view at 2026-01-31T12:00:00.000Z');
  expect(out).toMatch(/^ {2}CRITICAL Mg 0\.9 mg\/dL/m);
  expect(out).toMatch(/^ {2}MG-001 {2}fired +shown/m);
});

test.each<[string, string[], string]>([
  ['no file', [], 'an argument is missing'],
  ['two files', [bundle, bundle], 'is one argument too many'],
  ['a file that is not there', ['no-such-bundle.json'], '`no-such-bundle.json` cannot be read'],
  ['a hook that is not served', [bundle, '--hook', 'appointment-book'], '`hook` must be one of patient-view'],
  ['a time that is none', [bundle, '--at', 'noon'], '`at` must be a time such as'],
])('%s is a wrong call: %j', async (_, args, message) => {
  const { code, out, error } = await run(...args);
  expect([code, out, error.split('\n').length]).toEqual([2, '', 2]);
  expect(error).toContain(message);
  expect(error).toContain(': call it as `npm run evaluate -- <bundle.json>');
});

test('a file that is no JSON cannot be evaluated, which is no wrong call', async () => {
  expect(await run('README.md')).toEqual({
    code: 1,
    out: '',
    error: 'cannot be evaluated: the body is not JSON: look for a missing comma, quote or bracket\n',
  });
});
