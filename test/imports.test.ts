/** Arrows go one way: rules <- functions <- commands; infra names functions by path. */
import { readdirSync, readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '..');

const files = (folder: string): string[] =>
  readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name));

const importsOf = (file: string): string[] =>
  [
    ...readFileSync(file, 'utf8').matchAll(
      /(?:^|\n)(?:import|export)\b[^;]*?\bfrom\s+'([^']+)'|\bimport\(\s*'([^']+)'/g,
    ),
  ].flatMap(([, name]) => name ?? []);

/** The ring of a project file: `rules`, `functions`, ...; null for packages. */
const ringOf = (file: string, name: string): string | null =>
  name.startsWith('.') ? (relative(root, resolve(dirname(file), name)).split('/')[0] ?? null) : null;

const isFile = (file: string, name: string, path: string): boolean =>
  name.startsWith('.') && relative(root, resolve(dirname(file), name)) === path;

const mayImport: Readonly<Record<string, readonly string[]>> = {
  rules: ['rules'],
  functions: ['functions', 'rules'],
  commands: ['commands', 'functions', 'rules'],
  infra: ['infra'],
};

/** Plain data that imports nothing: the table is the same on one machine and on AWS. */
const alsoOfInfra = 'functions/log/table-schema.ts';

describe.each(Object.entries(mayImport))('%s', (ring, allowed) => {
  const all = files(ring);

  test(`has files to look at`, () => expect(all.length).toBeGreaterThan(0));

  test(`imports of ours only ${allowed.join(', ')}`, () => {
    const wrong = all.flatMap((file) =>
      importsOf(file).flatMap((name) => {
        const target = ringOf(file, name);
        if (ring === 'infra' && isFile(file, name, alsoOfInfra)) return [];
        return target !== null && !allowed.includes(target)
          ? [`${relative(root, file)} imports ${name}`]
          : [];
      }),
    );
    expect(wrong).toEqual([]);
  });
});

test(`what infra imports of functions, ${alsoOfInfra}, imports nothing itself`, () => {
  expect(importsOf(join(root, alsoOfInfra))).toEqual([]);
});

describe('rules is pure', () => {
  // Hashing is a pure function of its input; everything else of Node is I/O, time or chance.
  const allowed = ['node:crypto', 'canonicalize', 'json-rules-engine', 'zod/mini'];

  test('it imports only hashing, canonical JSON, the schema library and the rule format', () => {
    const wrong = files('rules').flatMap((file) =>
      importsOf(file)
        .filter((name) => !name.startsWith('.') && !allowed.includes(name))
        .map((name) => `${relative(root, file)} imports ${name}`),
    );
    expect(wrong).toEqual([]);
  });

  test('it asks no clock, no chance and no environment', () => {
    const forbidden =
      /Date\.now|new Date\(\)|Math\.random|process\.|randomUUID|randomBytes|performance\.|\bfetch\(|setTimeout/;
    const wrong = files('rules').flatMap((file) => {
      const found = forbidden.exec(readFileSync(file, 'utf8'));
      return found ? [`${relative(root, file)}: ${found[0]}`] : [];
    });
    expect(wrong).toEqual([]);
  });
});

// TypeScript and the test runner take syntax that Node's own type stripping does not, and Node runs what is served.
test.each(['rules', 'functions', 'commands', 'infra', 'bench'])(
  'Node strips the types of every file of %s',
  (ring) => {
    const refused = files(ring).flatMap((file) => {
      try {
        stripTypeScriptTypes(readFileSync(file, 'utf8'));
        return [];
      } catch (error) {
        return [`${relative(root, file)}: ${error instanceof Error ? error.message : 'refused'}`];
      }
    });
    expect(refused).toEqual([]);
  },
);
