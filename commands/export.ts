/**
 * `npm run export -- <folder>`: an archive of the whole decision log for a verifier elsewhere. Clinical parts stay
 * encrypted. Decisions in clear, for auditors: GET /decisions/export.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { readSettings } from '../functions/config/settings.ts';
import { isArchive, writeArchive } from '../functions/log/archive.ts';
import { openedLog } from './opened-log.ts';

try {
  const [folder] = parseArgs({ allowPositionals: true, options: {} }).positionals;
  if (folder === undefined) throw new Error('say where to: npm run export -- <folder>');
  if (isArchive(folder)) throw new Error(`\`${folder}\` already holds an archive: name another folder`);
  const log = await openedLog(readSettings(process.env));
  try {
    const { seals, leaves, records } = await writeArchive(log.source, folder);
    writeFileSync(join(folder, 'seal.pub'), await log.sealer.publicKey());
    console.log(`${seals} seals, ${leaves} leaves, ${records} records in ${folder}`);
    console.log(`Check it with: npm run verify -- ${folder}`);
  } finally {
    await log.close();
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : 'could not be exported');
  process.exitCode = 2;
}
