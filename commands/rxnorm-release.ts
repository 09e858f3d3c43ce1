/**
 * A release of RxNorm as NLM gives it out: a zip, or the folder it was unpacked to, with `rrf/RXNCONSO.RRF` and its
 * like inside; the full release has the same again under `prescribe/`. Files are read as streams: the largest have
 * half a gigabyte. https://www.nlm.nih.gov/research/umls/rxnorm/docs/rxnormfiles.html
 */
import { createReadStream, readdirSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { type Entry, openPromise } from 'yauzl';

export type ReleaseFile = 'RXNCONSO.RRF' | 'RXNREL.RRF' | 'RXNSAT.RRF' | 'RXNCUI.RRF' | 'RXNSAB.RRF';

/** How many columns each file has; a row ends with a separator. */
const columns: Readonly<Record<ReleaseFile, number>> = {
  'RXNCONSO.RRF': 18,
  'RXNREL.RRF': 16,
  'RXNSAT.RRF': 13,
  'RXNCUI.RRF': 5,
  'RXNSAB.RRF': 25,
};

export interface Release {
  has(file: ReleaseFile): boolean;
  /** Rows by the hundred or so, each split into its columns. */
  rows(file: ReleaseFile): AsyncGenerator<readonly string[][]>;
  /** Names of the release itself and of what lies in it: one of them has the date. */
  names: readonly string[];
  close(): void;
}

/** @throws Error when the path is neither a zip nor a folder with a release in it */
export async function openRelease(path: string): Promise<Release> {
  const what = statSync(path, { throwIfNoEntry: false });
  if (!what) throw new Error(`there is no \`${path}\`: download a release from NLM first`);
  return what.isDirectory() ? openFolder(path) : openZip(path);
}

function openFolder(path: string): Release {
  const inside = readdirSync(path, { recursive: true, encoding: 'utf8' });
  return releaseOf(
    path,
    inside,
    async (file) => createReadStream(join(path, file)),
    () => undefined,
  );
}

async function openZip(path: string): Promise<Release> {
  const zip = await openPromise(path, { autoClose: false }).catch(() => {
    throw new Error(`\`${path}\` is not a zip file: give the release as NLM has it, or its folder`);
  });
  const entries = new Map<string, Entry>();
  for await (const entry of zip.eachEntry()) entries.set(entry.fileName, entry);
  const open = async (file: string): Promise<Readable> => {
    const entry = entries.get(file);
    if (!entry) throw new Error(`\`${file}\` is not in \`${path}\``);
    return zip.openReadStreamPromise(entry);
  };
  return releaseOf(path, [...entries.keys()], open, () => zip.close());
}

function releaseOf(
  path: string,
  inside: readonly string[],
  open: (file: string) => Promise<Readable>,
  close: () => void,
): Release {
  const depth = (file: string): number => file.split(/[\\/]/).length;
  const [main] = inside
    .filter((file) => basename(file) === 'RXNCONSO.RRF')
    .sort((a, b) => depth(a) - depth(b) || (a < b ? -1 : 1));
  if (main === undefined) throw new Error(`\`${path}\` holds no RXNCONSO.RRF: it is no release of RxNorm`);
  const folder = main.slice(0, -'RXNCONSO.RRF'.length);
  const has = (file: ReleaseFile): boolean => inside.includes(folder + file);
  return {
    has,
    names: [basename(resolve(path)), ...inside],
    rows: async function* (file) {
      if (!has(file)) throw new Error(`\`${path}\` lacks ${folder}${file}: download the release again`);
      yield* rowsOf(await open(folder + file), file);
    },
    close,
  };
}

async function* rowsOf(stream: Readable, file: ReleaseFile): AsyncGenerator<readonly string[][]> {
  stream.setEncoding('utf8');
  let rest = '';
  let line = 0;
  const split = (lines: readonly string[]): string[][] =>
    lines.flatMap((text) => {
      line += 1;
      if (text === '' || text === '\r') return [];
      const row = text.split('|');
      if (row.length < columns[file])
        throw new Error(
          `line ${line} of ${file} has ${row.length - 1} columns of ${columns[file]}: it is cut off`,
        );
      return [row];
    });
  for await (const chunk of stream) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    yield split(lines);
  }
  yield split([rest]);
}

/** In "RXNORM_17AB_171106F": 2017-11-06. */
const inVersion = /^RXNORM_\w+_(\d\d)(\d\d)(\d\d)F?$/;
/** In "RxNorm_full_prescribe_11062017.zip" and "Readme_Full_Prescribe_11062017.txt". */
const inName = /_(\d\d)(\d\d)(20\d\d)(?:[./\\]|$)/;

/** The date of a release as `2017-11-06`; null where neither RXNSAB.RRF nor a name has it. */
export async function releaseDate(release: Release): Promise<string | null> {
  if (release.has('RXNSAB.RRF')) {
    for await (const rows of release.rows('RXNSAB.RRF')) {
      for (const row of rows) {
        const [, year, month, day] = inVersion.exec(row[2] ?? '') ?? [];
        if (row[3] === 'RXNORM' && year) return `20${year}-${month}-${day}`;
      }
    }
  }
  for (const name of release.names) {
    const [, month, day, year] = inName.exec(name) ?? [];
    if (year) return `${year}-${month}-${day}`;
  }
  return null;
}
