/** The part of a page that a long test writes: what stands between `<!-- name -->` and `<!-- /name -->`. */
import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';

/** @param page path from the root of the project */
export function writePart(page: string, name: string, lines: readonly string[]): void {
  const path = resolve(import.meta.dirname, '../..', page);
  const text = readFileSync(path, 'utf8');
  const [start, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const [from, to] = [text.indexOf(start), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`${page} has no part ${name}`);
  writeFileSync(path, `${text.slice(0, from)}${start}\n\n${lines.join('\n')}\n\n${text.slice(to)}`);
}

/** A row of a table in markdown. */
export const row = (cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`;
