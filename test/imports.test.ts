/**
 * Arrows go one way: rules <- functions <- commands, and inside rules/ and functions/ only to the wings before.
 * infra names functions by path. Sources are read by TypeScript's parser; imports of types count.
 */
import { stripTypeScriptTypes } from 'node:module';
import { dirname } from 'node:path';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';
import { type Arrow, arrowsOf, cyclesIn, nodesOf, readSources, sourceOf } from './support/import-graph.ts';

const rings = ['rules', 'functions', 'commands', 'infra', 'bench', 'test'];
const sources = rings.flatMap(readSources);
const arrows = sources.flatMap(arrowsOf);
const files = sources.map(({ file }) => file);

const ringOf = (file: string): string => file.split('/')[0] ?? '';
/** `fhir` of `rules/fhir/json.ts`; the file's own name for what stands directly in its ring. */
const wingOf = (file: string): string => file.split('/')[1] ?? '';
const inRing = (ring: string) => sources.filter(({ file }) => ringOf(file) === ring);
const isHandler = (file: string): boolean => ringOf(file) === 'functions' && wingOf(file).endsWith('.ts');

const mayImport: Readonly<Record<string, readonly string[]>> = {
  rules: ['rules'],
  functions: ['functions', 'rules'],
  commands: ['commands', 'functions', 'rules'],
  infra: ['infra'],
  bench: ['bench', 'commands', 'functions', 'rules'],
  test: rings,
};

/** The one file of functions that infra may import: the table is the same on one machine and on AWS. */
const tableSchema = 'functions/log/table-schema.ts';

const ringViolations = (all: readonly Arrow[]): string[] =>
  all
    .filter(({ from, to, isOurs }) => isOurs && !mayImport[ringOf(from)]?.includes(ringOf(to)))
    .filter(({ from, to }) => ringOf(from) !== 'infra' || to !== tableSchema)
    .map(({ from, to }) => {
      const allowed = mayImport[ringOf(from)]?.join(', ');
      return `${from} imports ${to}, and ${ringOf(from)} may import of ours only ${allowed}.`;
    });

/** Wings from the bottom up: each imports only those before it. Files beside the wings stand above all of them. */
const wings: Readonly<Record<string, readonly string[]>> = {
  rules: [
    'version.ts',
    'steps.ts',
    ...['digest', 'fhir', 'intake', 'terminology', 'logic', 'dosage', 'chart', 'facts', 'rule'],
    ...['evaluation', 'cards', 'library'],
  ],
  functions: ['config', 'http', 'log', 'outbound', 'trust', 'service', 'fhir', 'host'],
};

/** A height that grows upwards; null for a folder that nobody has given a place. */
function heightOf(file: string): number | null {
  const order = wings[ringOf(file)] ?? [];
  const height = order.indexOf(wingOf(file));
  if (height >= 0) return height;
  return wingOf(file).includes('.') ? order.length : null;
}

function wingViolations(all: readonly Arrow[]): string[] {
  const inside = all.filter(({ from, to }) => ringOf(from) === ringOf(to) && wings[ringOf(from)]);
  return inside.flatMap(({ from, to }) => {
    const [own, other] = [heightOf(from), heightOf(to)];
    if (own === null || other === null)
      return [`${from} imports ${to}, and one of the two is in a wing without a place in the order.`];
    if (own >= other) return [];
    return [`${from} imports ${to}, and ${wingOf(from)} stands below ${wingOf(to)}.`];
  });
}

const handlerViolations = (all: readonly Arrow[]): string[] =>
  all
    .filter(({ from, to }) => isHandler(to) && from !== 'functions/local.ts' && ringOf(from) !== 'test')
    .map(({ from, to }) => `${from} imports ${to}, a handler, which only functions/local.ts and tests may.`);

const cycleViolations = (all: readonly Arrow[]): string[] =>
  cyclesIn(all).map(([first, ...rest]) => `${first} imports ${rest.join(', which imports ')}.`);

// Hashing is a pure function of its input; everything else of Node is I/O, time or chance.
const pure = ['node:crypto', 'canonicalize', 'json-rules-engine', 'zod/mini'];
const packageViolations = (all: readonly Arrow[]): string[] =>
  all
    .filter(({ from, to, isOurs }) => ringOf(from) === 'rules' && !isOurs && !pure.includes(to))
    .map(
      ({ from, to }) => `${from} imports ${to}, and rules may import of packages only ${pure.join(', ')}.`,
    );

/** Tests of rules and functions stand in a folder of the same name as the code's. */
function mirrorViolations(all: readonly string[]): string[] {
  const folders = new Set(all.map((file) => dirname(file)));
  return all.flatMap((file) => {
    const [first, ...rest] = dirname(file).split('/');
    if (first !== 'test' || !['rules', 'functions'].includes(rest[0] ?? '')) return [];
    return folders.has(rest.join('/')) ? [] : [`${file} mirrors no folder: there is no ${rest.join('/')}.`];
  });
}

/** Rules named by code: documents of an older engine say by their ids what newer ones say with `about`. */
const ruleNames = (all: ReturnType<typeof readSources>): string[] =>
  all
    .filter(({ file }) => file !== 'rules/rule/older-documents.ts' && !generated.has(file))
    .flatMap(({ file, tree }) =>
      [...nodesOf(tree)].flatMap((node) =>
        ts.isStringLiteralLike(node) && /\b[A-Z]{2}-\d{3}\b/.test(node.text)
          ? [`${file} names the rule ${node.text}.`]
          : [],
      ),
    );
/** Lists of the files of the library. */
const generated = new Set(['rules/library/library.ts', 'rules/library/cases.ts']);

/** Functions and objects that ask a clock, chance, the environment or the network. */
const impureNames = new Set([
  ...['process', 'performance', 'fetch', 'setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask'],
  ...['randomUUID', 'randomBytes', 'randomInt', 'randomFillSync', 'getRandomValues'],
]);
const impureMembers = new Set(['Date.now', 'Math.random']);

function impurityOf(node: ts.Node): string | null {
  if (ts.isPropertyAccessExpression(node) && impureMembers.has(node.getText())) return node.getText();
  const isDate =
    ts.isNewExpression(node) || ts.isCallExpression(node) ? node.expression.getText() === 'Date' : false;
  if (isDate && ts.isNewExpression(node) && (node.arguments?.length ?? 0) === 0) return 'new Date()';
  if (isDate && ts.isCallExpression(node)) return 'Date()';
  if (!ts.isIdentifier(node) || !impureNames.has(node.text)) return null;
  // A property of that name, declared or written in an object, asks nobody.
  const isName = ts.isPropertyAssignment(node.parent) || ts.isPropertySignature(node.parent);
  return isName && node.parent.name === node ? null : node.text;
}
const impurities = (all: ReturnType<typeof readSources>): string[] =>
  all.flatMap(({ file, tree }) =>
    [...nodesOf(tree)].flatMap((node) => {
      const found = impurityOf(node);
      return found === null ? [] : [`${file} uses ${found}, and rules are pure.`];
    }),
  );

test.each(rings)('%s has files to look at', (ring) => expect(inRing(ring).length).toBeGreaterThan(0));

describe('of this code', () => {
  test('rings import only the rings they may', () => expect(ringViolations(arrows)).toEqual([]));
  test('wings import only the wings below them', () => expect(wingViolations(arrows)).toEqual([]));
  test('handlers are imported by local.ts and tests', () => expect(handlerViolations(arrows)).toEqual([]));
  test('nothing imports itself by any way', () => expect(cycleViolations(arrows)).toEqual([]));
  test('rules import four packages', () => expect(packageViolations(arrows)).toEqual([]));
  test('rules ask no clock and no chance', () => expect(impurities(inRing('rules'))).toEqual([]));
  test('the engine names no rule', () =>
    expect(ruleNames([...inRing('rules'), ...inRing('functions')])).toEqual([]));
  test('tests stand where the code stands', () => expect(mirrorViolations(files)).toEqual([]));
  // Every wing may say which engine it is; infra may know the table.
  test.each(['rules/version.ts', tableSchema])('%s imports nothing', (file) =>
    expect(arrows.filter(({ from }) => from === file)).toEqual([]),
  );
});

describe('a planted violation is named in a sentence', () => {
  const arrow = (from: string, to: string): Arrow => ({ from, to, isOurs: to.includes('/') });
  const planted = (file: string, text: string) => [sourceOf(file, text)];

  test.each<[what: string, check: (all: readonly Arrow[]) => string[], pairs: string[], sentences: number]>([
    ['rules, functions', ringViolations, ['rules/decide.ts > functions/local.ts'], 1],
    ['functions, commands', ringViolations, ['functions/http/body.ts > commands/docs.ts'], 1],
    ['code, tests', ringViolations, ['bench/load.ts > test/support/case.ts'], 1],
    ['infra, rules', ringViolations, ['infra/app.ts > rules/version.ts'], 1],
    ['infra, the table schema', ringViolations, ['infra/table.ts > functions/log/table-schema.ts'], 0],
    ['infra, another file of functions', ringViolations, ['infra/table.ts > functions/log/kms.ts'], 1],
    ['a lower wing, a higher', wingViolations, ['rules/fhir/json.ts > rules/rule/document.ts'], 1],
    ['a higher wing, a lower', wingViolations, ['rules/rule/document.ts > rules/fhir/json.ts'], 0],
    ['a wing, itself', wingViolations, ['functions/log/kms.ts > functions/log/keys.ts'], 0],
    ['a wing, what stands above all', wingViolations, ['rules/library/lint.ts > rules/decide.ts'], 1],
    ['a wing, the version', wingViolations, ['rules/digest/digest.ts > rules/version.ts'], 0],
    ['a wing that nobody placed', wingViolations, ['rules/extra/a.ts > rules/fhir/json.ts'], 1],
    ['a wing of functions, a higher', wingViolations, ['functions/http/body.ts > functions/host/aws.ts'], 1],
    ['a command, a handler', handlerViolations, ['commands/evaluate.ts > functions/evaluate.ts'], 1],
    ['a handler, a handler', handlerViolations, ['functions/health.ts > functions/rules.ts'], 1],
    ['local.ts, a handler', handlerViolations, ['functions/local.ts > functions/rules.ts'], 0],
    ['a file, itself', cycleViolations, ['rules/a.ts > rules/a.ts'], 1],
    ['two files, each other', cycleViolations, ['rules/a.ts > rules/b.ts', 'rules/b.ts > rules/a.ts'], 1],
    [
      'three files in a ring, and one beside it',
      cycleViolations,
      [
        'rules/a.ts > rules/b.ts',
        'rules/b.ts > rules/c.ts',
        'rules/c.ts > rules/a.ts',
        'rules/c.ts > rules/d.ts',
      ],
      1,
    ],
    [
      'two ways to one file',
      cycleViolations,
      [
        'rules/a.ts > rules/b.ts',
        'rules/a.ts > rules/c.ts',
        'rules/b.ts > rules/d.ts',
        'rules/c.ts > rules/d.ts',
      ],
      0,
    ],
    ['rules, the file system', packageViolations, ['rules/decide.ts > node:fs'], 1],
    ['rules, a hash', packageViolations, ['rules/decide.ts > node:crypto'], 0],
  ])('%s', (_, check, pairs, sentences) => {
    const all = pairs.map((pair) => pair.split(' > ')).map(([from = '', to = '']) => arrow(from, to));
    expect(check(all)).toHaveLength(sentences);
  });

  test('which says who, whom and why', () => {
    const [down] = [arrow('rules/fhir/json.ts', 'rules/rule/document.ts')];
    expect(wingViolations([down])).toEqual([
      'rules/fhir/json.ts imports rules/rule/document.ts, and fhir stands below rule.',
    ]);
    expect(cycleViolations([arrow('rules/b.ts', 'rules/a.ts'), arrow('rules/a.ts', 'rules/b.ts')])).toEqual([
      'rules/a.ts imports rules/b.ts, which imports rules/a.ts.',
    ]);
  });

  test.each([
    "import { a } from './json.ts';",
    "import type { A } from './json.ts';",
    "import './json.ts';",
    "export { a } from './json.ts';",
    "export * from './json.ts';",
    "const a = await import('./json.ts');",
    "type A = import('./json.ts').A;",
    "let a: typeof import('./json.ts');",
  ])('%s is an import', (text) => {
    expect(planted('rules/fhir/time.ts', text).flatMap(arrowsOf)).toEqual([
      { from: 'rules/fhir/time.ts', to: 'rules/fhir/json.ts', isOurs: true },
    ]);
  });
  test.each(['const a = "import \'./json.ts\'";', "// import './json.ts'", 'export const a = 1;'])(
    '%s is none',
    (text) => expect(planted('rules/fhir/time.ts', text).flatMap(arrowsOf)).toEqual([]),
  );

  test.each<[text: string, uses: string | null]>([
    ['const now = Date.now();', 'Date.now'],
    ['const now = new Date();', 'new Date()'],
    ['const now = Date();', 'Date()'],
    ['const zone = process.env.TZ;', 'process'],
    ['const some = Math.random();', 'Math.random'],
    ["import { randomUUID } from 'node:crypto';", 'randomUUID'],
    ["const answer = await fetch('https://example.org');", 'fetch'],
    ['const start = performance.now();', 'performance'],
    ['setTimeout(run, 1);', 'setTimeout'],
    ['const then = new Date(0);', null],
    ["const words = 'Date.now() and process.env';", null],
    ['const words = { process: 1 };', null],
    ['const root = Math.sqrt(2);', null],
  ])('%s', (text, uses) => {
    const said = uses === null ? [] : [`rules/a.ts uses ${uses}, and rules are pure.`];
    expect(impurities(planted('rules/a.ts', text))).toEqual(said);
  });

  test('a rule that is named', () => {
    expect(ruleNames(planted('rules/decide.ts', "if (id === 'MG-001') show();"))).toEqual([
      'rules/decide.ts names the rule MG-001.',
    ]);
    expect(ruleNames(planted('rules/rule/older-documents.ts', "const id = 'DQ-001';"))).toEqual([]);
  });

  test('a test that mirrors no folder', () => {
    const all = [
      'rules/fhir/json.ts',
      'test/rules/fhir/json.test.ts',
      'test/rules/gone/a.test.ts',
      'test/a.test.ts',
    ];
    expect(mirrorViolations(all)).toEqual([
      'test/rules/gone/a.test.ts mirrors no folder: there is no rules/gone.',
    ]);
  });
});

// TypeScript and the test runner take syntax that Node's own type stripping does not, and Node runs what is served.
test.each(rings.filter((ring) => ring !== 'test'))('Node strips the types of every file of %s', (ring) => {
  const refused = inRing(ring).flatMap(({ file, tree }) => {
    try {
      stripTypeScriptTypes(tree.text);
      return [];
    } catch (error) {
      return [`${file}: ${error instanceof Error ? error.message : 'refused'}`];
    }
  });
  expect(refused).toEqual([]);
});
