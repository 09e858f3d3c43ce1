/** Every dependency is imported, or named where a tool reads it; everything imported is declared. */
import { readFileSync, statSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { z } from 'zod/mini';
import { arrowsOf, readSources, root, sourceOf } from './support/import-graph.ts';

const read = (file: string): string => readFileSync(join(root, file), 'utf8');
const versions = z.record(z.string(), z.string());
const manifest = z
  .object({ dependencies: versions, devDependencies: versions })
  .parse(JSON.parse(read('package.json')));
const declared = Object.keys({ ...manifest.dependencies, ...manifest.devDependencies });

/** Not imported: the file or folder where its use is to be seen, by which words, and why. */
const used: Readonly<Record<string, { file: string; by: string; why: string }>> = {
  '@biomejs/biome': { file: 'package.json', by: '&& biome ci', why: 'a command: format and lint' },
  '@lhncbc/ucum-lhc': {
    file: 'test/rules/terminology/units.test.ts',
    by: "'@lhncbc/ucum-lhc'",
    why: 'loaded by createRequire, as it is CommonJS without types',
  },
  '@stryker-mutator/core': { file: 'package.json', by: '&& stryker run', why: 'a command' },
  '@stryker-mutator/vitest-runner': {
    file: 'stryker.config.json',
    by: '"@stryker-mutator/vitest-runner"',
    why: 'a plugin that Stryker loads by name',
  },
  '@types/node': { file: 'tsconfig.json', by: '"types": ["node"]', why: 'types of Node itself' },
  'aws-cdk': { file: 'package.json', by: '&& cdk synth', why: 'a command' },
  esbuild: {
    file: 'infra',
    by: "'aws-cdk-lib/aws-lambda-nodejs'",
    why: 'bundles each function; aws-cdk-lib runs it where it is installed, else in Docker',
  },
  node: { file: 'package.json', by: '"start": "node ', why: 'the Node of every script' },
};

/** `@scope/name` of `@scope/name/part`, `name` of `name/part`. */
const packageOf = (specifier: string): string =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
/** The package of types of a package. */
const typesOf = (name: string): string => `@types/${name.replace('@', '').replace('/', '__')}`;

const sources = [
  ...['rules', 'functions', 'commands', 'infra', 'bench', 'test'].flatMap(readSources),
  sourceOf('vitest.config.ts', read('vitest.config.ts')),
];
const imported = new Set(
  sources
    .flatMap(arrowsOf)
    .filter(({ to, isOurs }) => !isOurs && !isBuiltin(to))
    .map(({ to }) => packageOf(to)),
);
const importedTypes = new Set([...imported].map(typesOf));

test('there are dependencies to look at, and imports', () => {
  expect(declared.length).toBeGreaterThan(30);
  expect(imported.size).toBeGreaterThan(20);
});

describe('every dependency', () => {
  const others = declared.filter((name) => !imported.has(name) && !importedTypes.has(name));

  test('is imported, has types of what is, or is used as the list above says', () => {
    expect(others.filter((name) => !Object.hasOwn(used, name))).toEqual([]);
  });
  test('that the list above names is declared', () => {
    expect(Object.keys(used).filter((name) => !declared.includes(name))).toEqual([]);
  });
  test.each(Object.entries(used))('%s is named where the list says', (_, { file, by }) => {
    const texts = statSync(join(root, file)).isDirectory()
      ? readSources(file).map(({ tree }) => tree.text)
      : [read(file)];
    expect(texts.filter((text) => text.includes(by))).not.toEqual([]);
  });
  test('is of one exact version', () => {
    const loose = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies }).filter(
      ([, version]) => !/^\d+\.\d+\.\d+$/.test(version),
    );
    expect(loose).toEqual([]);
  });
});

test('what is imported is declared, itself or its types', () => {
  const undeclared = [...imported].filter(
    (name) => !declared.includes(name) && !declared.includes(typesOf(name)),
  );
  expect(undeclared).toEqual([]);
});
