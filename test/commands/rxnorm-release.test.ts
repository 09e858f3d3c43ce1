/** A release of RxNorm as a folder: its rows, its date, and what it is called when it cannot be used. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openRelease, type Release, releaseDate } from '../../commands/rxnorm-release.ts';
import { concept, type Files, version, writeFolder } from '../support/rxnorm-release.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const folder = temporaryFolder();

let written = 0;
function open(files: Files): Promise<Release> {
  written += 1;
  const path = join(folder, String(written));
  writeFolder(path, files);
  return openRelease(path);
}
const row = concept('29046', 'IN', 'lisinopril');

test.each<[string, Files, string | null]>([
  ['its list of sources', { 'rrf/RXNSAB.RRF': [version('RXNORM_17AB_171106F', 'RXNORM')] }, '2017-11-06'],
  [
    'its list of sources before a name',
    {
      'rrf/RXNSAB.RRF': [version('RXNORM_26AB_261102', 'RXNORM')],
      'Readme_Full_11062017.txt': [],
    },
    '2026-11-02',
  ],
  [
    'a name, where the list has other sources only',
    {
      'rrf/RXNSAB.RRF': [version('RXNORM_26AB_261102F', 'MMSL')],
      'Readme_Full_Prescribe_11062017.txt': [],
    },
    '2017-11-06',
  ],
  ['nothing', { 'Readme.txt': [] }, null],
])('its date comes from %s', async (_, files, date) => {
  const release = await open({ 'rrf/RXNCONSO.RRF': [row], ...files });
  expect(await releaseDate(release)).toBe(date);
});

test('the files nearest to the top count, split into rows and columns', async () => {
  const other = concept('723', 'IN', 'amoxicillin');
  const release = await open({
    'a/prescribe/rrf/RXNCONSO.RRF': [other],
    'a/rrf/RXNCONSO.RRF': [row, '', other],
  });
  const rows: string[][] = [];
  for await (const some of release.rows('RXNCONSO.RRF')) rows.push(...some);
  expect(rows.map(([rxcui]) => rxcui)).toEqual(['29046', '723']);
  expect([release.has('RXNCONSO.RRF'), release.has('RXNREL.RRF')]).toEqual([true, false]);
  await expect(release.rows('RXNREL.RRF').next()).rejects.toThrow(/lacks a\/rrf\/RXNREL.RRF/);
});

test.each([
  ['holds no RXNCONSO.RRF', { 'a.txt': [] }],
  ['holds no RXNCONSO.RRF', { 'OLD_RXNCONSO.RRF': [] }],
])('a folder that is none %s', async (message, files) => {
  await expect(open(files)).rejects.toThrow(message);
});

test('a path that is not there', async () => {
  await expect(openRelease(join(folder, 'none'))).rejects.toThrow(/^there is no `.*none`: download/);
});
