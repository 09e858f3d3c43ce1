/**
 * A small release of RxNorm for tests, written in NLM's own format: made up of real ingredients, with codes where
 * they are public knowledge and invented ones (from 9000001) for the products.
 */
import { createWriteStream, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { ZipFile } from 'yazl';

/** RXCUI|LAT|TS|LUI|STT|SUI|ISPREF|RXAUI|SAUI|SCUI|SDUI|SAB|TTY|CODE|STR|SRL|SUPPRESS|CVF| */
export const concept = (rxcui: string, tty: string, name: string, suppress = 'N', sab = 'RXNORM'): string =>
  `${rxcui}|ENG||||||${rxcui}0|${rxcui}0|${rxcui}||${sab}|${tty}|${rxcui}|${name}||${suppress}|4096|`;

/** RXCUI1|RXAUI1|STYPE1|REL|RXCUI2|RXAUI2|STYPE2|RELA|RUI|SRUI|SAB|SL|DIR|RG|SUPPRESS|CVF|, read as a sentence. */
export const relation = (
  subject: string,
  rela: string,
  object: string,
  sab = 'RXNORM',
  suppress = '',
): string => `${object}||CUI|RO|${subject}||CUI|${rela}|1||${sab}||||${suppress}|4096|`;

/** RXCUI|LUI|SUI|RXAUI|STYPE|CODE|ATUI|SATUI|ATN|SAB|ATV|SUPPRESS|CVF| */
export const attribute = (
  rxcui: string,
  name: string,
  value: string,
  suppress = 'N',
  sab = 'RXNORM',
): string => `${rxcui}|||${rxcui}0|AUI|${rxcui}|||${name}|${sab}|${value}|${suppress}|4096|`;

/** CUI1|VER_START|VER_END|CARDINALITY|CUI2| */
export const retired = (old: string, now: string, cardinality = 1): string =>
  `${old}|RXNORM_10AA_100607F|RXNORM_10AA_100607F|${cardinality}|${now}|`;

/** VCUI|RCUI|VSAB|RSAB|... with 25 columns. */
export const version = (vsab: string, rsab: string): string =>
  `C0000001|C0000002|${vsab}|${rsab}|${'|'.repeat(21)}`;

export type Files = Readonly<Record<string, readonly string[]>>;

const text = (rows: readonly string[]): string => rows.map((row) => `${row}\n`).join('');

export function writeFolder(folder: string, files: Files): void {
  for (const [name, rows] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text(rows));
  }
}

export async function writeZip(path: string, files: Files): Promise<void> {
  const zip = new ZipFile();
  for (const [name, rows] of Object.entries(files)) zip.addBuffer(Buffer.from(text(rows)), name);
  zip.end();
  await pipeline(zip.outputStream, createWriteStream(path));
}
