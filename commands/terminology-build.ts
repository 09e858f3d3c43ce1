/**
 * `npm run terminology:build`: makes the product index from a release of RxNorm. The release itself is downloaded by
 * the operator, from NLM: https://www.nlm.nih.gov/research/umls/rxnorm/docs/rxnormfiles.html
 * Exit 0: written. 1: the release cannot be used, nothing is written. 2: it was called in a wrong way.
 */
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { terminologyFile } from '../functions/config/product-index.ts';
import { readSettings } from '../functions/config/settings.ts';
import { drugClasses } from '../rules/terminology/drugs/ingredients.ts';
import { decodeProducts, encodeProducts } from '../rules/terminology/products.ts';
import { type CommandLine, runCommand, UsageError } from './command-line.ts';
import { RxNormConcepts } from './rxnorm-concepts.ts';
import { type Products, readProducts } from './rxnorm-products.ts';
import { openRelease, type Release, type ReleaseFile, releaseDate } from './rxnorm-release.ts';

const command = {
  about:
    'Makes the product index from a release of RxNorm: the zip as NLM gives it out, or the folder it was unpacked to.',
  calls: ['npm run terminology:build -- RxNorm_full_prescribe.zip [--out file] [--release 2026-11-02]'],
  options: { out: { type: 'string' }, release: { type: 'string' } },
  positionals: [1, 1],
  failed: 1,
} as const satisfies CommandLine;

async function readRows(
  release: Release,
  file: ReleaseFile,
  take: (row: readonly string[]) => void,
): Promise<void> {
  for await (const rows of release.rows(file)) for (const row of rows) take(row);
}

async function readConcepts(release: Release): Promise<RxNormConcepts> {
  const concepts = new RxNormConcepts();
  await readRows(release, 'RXNCONSO.RRF', (row) => concepts.addConcept(row));
  await readRows(release, 'RXNREL.RRF', (row) => concepts.addRelation(row));
  await readRows(release, 'RXNSAT.RRF', (row) => concepts.addAttribute(row));
  // The prescribable subset has no retired codes.
  if (release.has('RXNCUI.RRF')) await readRows(release, 'RXNCUI.RRF', (row) => concepts.addRetired(row));
  return concepts;
}

/** Ingredients that the rules know by a code which this release does not have, or has for something else. */
function missingIngredients(concepts: RxNormConcepts): string[] {
  const codes = new Set(concepts.ingredients().map(({ rxcui }) => rxcui));
  const ours = new Set([...drugClasses.values()].flat());
  return [...ours]
    .flatMap(({ name, rxnorm: code }) => (code === null || codes.has(code) ? [] : [name]))
    .sort();
}

/** A server that starts meanwhile finds the old index or the new one, never half of one. */
function writeWhole(file: string, bytes: Uint8Array): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(`${file}.new`, bytes);
  renameSync(`${file}.new`, file);
}

const count = (number: number): string => number.toLocaleString('en');

function summaryOf({ products, packages, leftOut }: Products, missing: readonly string[]): string {
  return `  products  ${count(products.size)} RxNorm codes
  packages  ${count(packages.size)} NDCs
  left out  ${count(leftOut.incomplete)} codes without ingredients, ${count(leftOut.contradictory)} whose ingredients are stated in two ways, ${count(leftOut.ambiguousPackages)} NDCs of different drugs
  rules     ${missing.length === 0 ? 'all their ingredients are in it' : `${missing.length} of their ingredients are not in it: ${missing.join(', ')}`}`;
}

await runCommand(command, async ({ values, positionals: [path = ''] }) => {
  if (values.release !== undefined && !/^\d{4}-\d{2}-\d{2}$/.test(values.release))
    throw new UsageError('`--release` must be a date such as `2026-11-02`');
  const file = resolve(values.out ?? terminologyFile(readSettings(process.env)));

  const release = await openRelease(path);
  const concepts = await readConcepts(release);
  const date = values.release ?? (await releaseDate(release));
  release.close();

  const content = readProducts(concepts);
  const { products, packages } = content;
  if (products.size === 0) throw new Error(`\`${path}\` has no drug of RxNorm in it: is it a whole release?`);
  const bytes = encodeProducts({ release: date, products, packages });
  const { digest } = decodeProducts(bytes);
  writeWhole(file, bytes);

  console.log(`RxNorm of ${date ?? 'an unknown date (say it with --release)'} in ${basename(path)}
${summaryOf(content, missingIngredients(concepts))}
wrote ${file} (${(bytes.length / 1e6).toFixed(1)} MB, ${digest})`);
  return 0;
});
