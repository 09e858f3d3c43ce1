/** `npm run terminology:check`: lists of a folder against the condition groups. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { readCodeLists } from '../../commands/code-lists.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const root = resolve(import.meta.dirname, '../..');
const folder = temporaryFolder();

function check(path: string): { code: number | null; said: string } {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(root, 'commands/terminology-check.ts'), path],
    { encoding: 'utf8' },
  );
  return { code: status, said: `${stdout}${stderr}` };
}

function lists(name: string, files: Readonly<Record<string, unknown>>): string {
  const path = join(folder, name);
  mkdirSync(path, { recursive: true });
  for (const [file, content] of Object.entries(files)) {
    writeFileSync(join(path, file), typeof content === 'string' ? content : JSON.stringify(content));
  }
  return path;
}

const sct = 'http://snomed.info/sct';

test('names what is missing in the group, and what the list lacks', () => {
  const path = lists('some', {
    'celiac.json': {
      resourceType: 'ValueSet',
      expansion: {
        contains: [{ system: sct, code: '396331005', contains: [{ system: sct, code: '999999009' }] }],
      },
    },
    'my-own-name.txt': 'N18.4\nN18.4\n',
    'others.csv': 'code,term\nT14.90,Injury\n',
  });
  const { code, said } = check(path);
  expect(said).toContain('celiac: 2 codes, group celiac\n  missing in the group  999999009\n');
  expect(said).toMatch(/not in the list {7}.*91867008/);
  expect(said).toMatch(/my-own-name: 2 codes, group ckd-(any|stage-4)\n {2}missing in the group {2}none/);
  expect(said).toContain('others: not compared, no group has half of its codes');
  expect(code).toBe(1);
});

test('compares laboratory tests and classes of drugs, too', () => {
  const rxnorm = 'http://www.nlm.nih.gov/research/umls/rxnorm';
  const path = lists('more', {
    // Urine potassium is known, and known not to be this; the last is no code of ours.
    'potassium.txt': '2823-3\n2828-2\n99999-9\n',
    'nsaid.json': {
      resourceType: 'ValueSet',
      compose: { include: [{ system: rxnorm, concept: [{ code: '5640' }, { code: '7646' }] }] },
    },
  });
  const { code, said } = check(path);
  expect(said).toContain('potassium: 3 codes, group potassium\n  missing in the group  99999-9\n');
  expect(said).toMatch(/not in the list {7}.*6298-4/);
  expect(said).toContain('nsaid: 2 codes, group nsaid\n  missing in the group  7646\n');
  expect(code).toBe(1);
});

test('reads value sets by their composition, code systems, bundles, and bare codes by shape', () => {
  const concepts = [{ code: '396331005' }];
  const path = lists('kinds', {
    'a.json': { resourceType: 'ValueSet', compose: { include: [{ system: sct, concept: concepts }] } },
    'b.json': {
      resourceType: 'Bundle',
      entry: [{ resource: { resourceType: 'CodeSystem', url: sct, concept: concepts } }],
    },
    'c.csv': '"K90.0";celiac\n579.0\nnothing\n',
  });
  expect(readCodeLists(path).map(({ codes }) => codes.map(({ code }) => code))).toEqual([
    ['396331005'],
    ['396331005'],
    ['K90.0', '579.0'],
  ]);
});

test('a folder without lists, and a file that is no JSON, are said in a sentence', () => {
  expect(check(lists('empty', {}))).toMatchObject({
    code: 1,
    said: expect.stringContaining('has no list in it'),
  });
  expect(check(lists('broken', { 'x.json': '{' }))).toMatchObject({
    code: 1,
    said: expect.stringContaining('`x.json` is no JSON'),
  });
});

/** Value sets of the operator, where there are some. */
const given = resolve(root, '../shared/corpus/valuesets');
test.skipIf(!existsSync(given))('the lists at hand can be compared', () => {
  expect(check(given).said).not.toBe('');
});
