/** What the documents name exists: files, links, commands of npm; and the README has every dependency. */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';

const documents = globSync([
  '*.md',
  'docs/**/*.md',
  'findings/*.md',
  '.github/**/*.md',
  '.github/**/*.yml',
]).toSorted();
const read = (file: string): string => readFileSync(file, 'utf8');

// `functions/host/embedded.ts`, wherever it stands in the text but in an address of the web.
const paths =
  /(?<![\w/.:-])(?:rules|functions|infra|commands|bench|test|docs|findings|console)\/(?:[\w.-]+\/)*[\w-][\w.-]*\.[a-z]+\b/g;
// `[text](target)`, without what follows a number sign.
const links = /\]\((?!https?:|mailto:|#)([^)#\s]+)/g;
const scripts = /\bnpm run (?:-s )?([\w:]+)/g;
/** Commands of other projects. */
const elsewhere: Readonly<Record<string, readonly string[]>> = {
  // That of the reference client of CDS Hooks.
  'docs/sandbox.md': ['build'],
};

const found = (text: string, pattern: RegExp): string[] => [
  ...new Set([...text.matchAll(pattern)].map(([all, group]) => group ?? all)),
];

/** What GitHub calls the headings of a page. */
const anchorsOf = (text: string): string[] =>
  [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );

/** Proofs in docs/cds-hooks.md leave out the folder of tests. */
const exists = (path: string): boolean =>
  existsSync(path) || (path.endsWith('.test.ts') && existsSync(join('test', path)));

it('there are documents, and they name files, links and commands', () => {
  const all = documents.map(read).join('\n');
  expect(documents).toEqual(expect.arrayContaining(['README.md', 'CONTRIBUTING.md', 'docs/rules.md']));
  expect(found(all, paths).length).toBeGreaterThan(40);
  expect(found(all, links).length).toBeGreaterThan(40);
  expect(found(all, scripts).length).toBeGreaterThan(10);
});

describe.each(documents)('%s', (file) => {
  const text = read(file);

  it('names files that exist', () => {
    expect(found(text, paths).filter((path) => !exists(path))).toEqual([]);
  });

  it('has links that lead to a file', () => {
    expect(found(text, links).filter((link) => !existsSync(join(dirname(file), link)))).toEqual([]);
  });

  it('has links to headings that are there', () => {
    const broken = [...text.matchAll(/\]\((?!https?:)([^)#\s]*)#([^)\s]+)\)/g)].filter(
      ([, target, anchor = '']) => {
        const page = target ? join(dirname(file), target) : file;
        return page.endsWith('.md') && !anchorsOf(read(page)).includes(anchor);
      },
    );
    expect(broken.map(([link]) => link)).toEqual([]);
  });

  it('names commands that npm has', () => {
    const known = [...Object.keys(JSON.parse(read('package.json')).scripts), ...(elsewhere[file] ?? [])];
    expect(found(text, scripts).filter((name) => !known.includes(name))).toEqual([]);
  });
});

describe('the dependencies of the README', () => {
  const { dependencies, devDependencies } = JSON.parse(read('package.json'));
  const rows = (read('README.md').split('## Dependencies, and why')[1]?.split('\n## ')[0] ?? '')
    .split('\n')
    .flatMap((line) => line.split('|')[1] ?? [])
    .flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name))
    .filter((name) => name !== 'zod/mini');
  const isNamed = (name: string): boolean =>
    rows.includes(name) || (name.startsWith('@types/') && rows.includes('@types/*'));

  it('are those of package.json, each with its reason', () => {
    const declared = Object.keys({ ...dependencies, ...devDependencies });
    expect(declared.filter((name) => !isNamed(name))).toEqual([]);
    expect(rows.filter((name) => name !== '@types/*' && !declared.includes(name))).toEqual([]);
  });
});
