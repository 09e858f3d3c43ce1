/**
 * `npm run terminology:build -- RxNorm_full_prescribe.zip [--out file] [--release 2026-11-02]`: makes the product
 * index from a release of RxNorm, a zip or the folder it was unpacked to. The release itself is downloaded by the
 * operator, from NLM: https://www.nlm.nih.gov/research/umls/rxnorm/docs/rxnormfiles.html
 */
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { terminologyFile } from '../functions/config/product-index.ts';
import { readSettings } from '../functions/config/settings.ts';
import { drugClasses } from '../rules/terminology/drugs/resolve.ts';
import { decodeProducts, encodeProducts } from '../rules/terminology/products.ts';
import { RxNorm } from './rxnorm-products.ts';
import { openRelease, type Release, type ReleaseFile, releaseDate } from './rxnorm-release.ts';

const usage = 'npm run terminology:build -- RxNorm_full_prescribe.zip [--out file] [--release 2026-11-02]';

async function read(
  release: Release,
  file: ReleaseFile,
  take: (row: readonly string[]) => void,
): Promise<void> {
  for await (const rows of release.rows(file)) for (const row of rows) take(row);
}

const count = (number: number): string => number.toLocaleString('en');

/** Ingredients that the rules know by a code which this release does not have, or has for something else. */
function notInRelease(rxnorm: RxNorm): string[] {
  const codes = rxnorm.ingredients();
  const ours = new Set([...drugClasses.values()].flat());
  return [...ours]
    .flatMap(({ name, rxnorm: code }) => (code === null || codes.has(code) ? [] : [name]))
    .sort();
}

try {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { out: { type: 'string' }, release: { type: 'string' } },
  });
  const [path, ...more] = positionals;
  if (path === undefined || more.length > 0) throw new Error(`name one release: ${usage}`);
  if (values.release !== undefined && !/^\d{4}-\d{2}-\d{2}$/.test(values.release))
    throw new Error('`--release` must be a date such as `2026-11-02`');
  const out = resolve(values.out ?? terminologyFile(readSettings(process.env)));

  const release = await openRelease(path);
  const rxnorm = new RxNorm();
  await read(release, 'RXNCONSO.RRF', (row) => rxnorm.concept(row));
  await read(release, 'RXNREL.RRF', (row) => rxnorm.relation(row));
  await read(release, 'RXNSAT.RRF', (row) => rxnorm.attribute(row));
  // The prescribable subset has no retired codes.
  if (release.has('RXNCUI.RRF')) await read(release, 'RXNCUI.RRF', (row) => rxnorm.retired(row));
  const date = values.release ?? (await releaseDate(release));
  release.close();

  const { products, packages, leftOut } = rxnorm.products();
  if (products.size === 0) throw new Error(`\`${path}\` has no drug of RxNorm in it: is it a whole release?`);
  const bytes = encodeProducts({ release: date, products, packages });
  const { digest } = decodeProducts(bytes);
  mkdirSync(dirname(out), { recursive: true });
  // A server that starts meanwhile finds the old index or the new one, never half of one.
  writeFileSync(`${out}.new`, bytes);
  renameSync(`${out}.new`, out);

  const absent = notInRelease(rxnorm);
  console.log(`RxNorm of ${date ?? 'an unknown date (say it with --release)'} in ${basename(path)}
  products  ${count(products.size)} RxNorm codes
  packages  ${count(packages.size)} NDCs
  left out  ${count(leftOut.incomplete)} codes without ingredients, ${count(leftOut.contradictory)} whose ingredients are stated in two ways, ${count(leftOut.ambiguousPackages)} NDCs of different drugs
  rules     ${absent.length === 0 ? 'all their ingredients are in it' : `${absent.length} of their ingredients are not in it: ${absent.join(', ')}`}
wrote ${out} (${(bytes.length / 1e6).toFixed(1)} MB, ${digest})`);
} catch (error) {
  console.error(error instanceof Error ? error.message : usage);
  process.exitCode = 1;
}
