/** A Node that is too old ends in one sentence, whichever way it comes. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { z } from 'zod/mini';

const root = resolve(import.meta.dirname, '..');
const read = (name: string): string => readFileSync(join(root, name), 'utf8');
const manifest = z
  .object({ scripts: z.record(z.string(), z.string()), devDependencies: z.object({ node: z.string() }) })
  .parse(JSON.parse(read('package.json')));

/** What the check says and answers in a Node that says it is `version`. */
function checkedAs(version: string): { status: number | null; said: string } {
  const pretend = `Object.defineProperty(process.versions, 'node', { value: '${version}' }); require('./node-version.cjs');`;
  const { status, stdout, stderr } = spawnSync(process.execPath, ['-e', pretend], {
    cwd: root,
    encoding: 'utf8',
  });
  return { status, said: stdout + stderr };
}

test.each(['18.20.8', '20.20.2', '22.18.0', '23.11.1'])('Node %s is refused in one line', (version) => {
  const { status, said } = checkedAs(version);
  expect(status).toBe(1);
  expect(said).toMatch(/^Epsom needs Node 24 and this is Node [^\n]+\n$/);
  expect(said).toContain(`Node ${version}`);
});

test.each(['24.0.0', '24.21.0', '26.1.0'])('Node %s is taken without a word', (version) => {
  expect(checkedAs(version)).toEqual({ status: 0, said: '' });
});

test('the Node that npm ci installs is the one that version managers are told', () => {
  expect(read('.node-version').trim()).toBe(manifest.devDependencies.node);
  expect(manifest.devDependencies.node).toMatch(/^24\./);
});

describe('the check comes before TypeScript', () => {
  // The formatter runs on any Node, and reads no TypeScript of ours as code.
  const scripts = Object.entries(manifest.scripts).filter(([name]) => name !== 'format');
  test.each(scripts)('in npm run %s', (_, script) => {
    expect(script).toMatch(/^node (?:-r \.\/node-version\.cjs \S+\.ts\b|node-version\.cjs && )/);
  });

  test('in npx vitest and npx cdk', () => {
    expect(
      read('vitest.config.ts')
        .split('\n')
        .find((line) => line.startsWith('import')),
    ).toBe("import './node-version.cjs';");
    expect(JSON.parse(read('cdk.json'))).toMatchObject({ app: 'node -r ./node-version.cjs infra/app.ts' });
  });
});
