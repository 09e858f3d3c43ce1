import { readdirSync } from 'node:fs';
import ts from 'typescript';
import { expect, test } from 'vitest';
import { nodesOf, readSources } from './import-graph.ts';
import { temporaryFolder } from './temporary-folder.ts';

test('each call makes a folder of its own, which is empty', () => {
  const folders = [temporaryFolder(), temporaryFolder()];
  expect(new Set(folders).size).toBe(2);
  expect(folders.flatMap((folder) => readdirSync(folder))).toEqual([]);
});

test('no test makes one in another way, which nobody would remove', () => {
  const makers = ['mkdtemp', 'mkdtempSync', 'mkdtempDisposableSync', 'tmpdir'];
  const own = readSources('test').filter(({ tree }) =>
    [...nodesOf(tree)].some((node) => ts.isIdentifier(node) && makers.includes(node.text)),
  );
  // The command removes its folder itself, as no test file ends there.
  expect(own.map(({ file }) => file)).toEqual(['test/mutation/core.ts', 'test/support/temporary-folder.ts']);
});
