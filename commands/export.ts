/**
 * `npm run export -- <folder>`: an archive of the whole decision log for a verifier elsewhere. Clinical parts stay
 * encrypted. Decisions in clear, for auditors: GET /decisions/export.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readSettings } from '../functions/config/settings.ts';
import { isArchive, writeArchive } from '../functions/log/archive.ts';
import { runCommand } from './command-line.ts';
import { openSource } from './open-log.ts';

await runCommand(
  {
    about:
      'Writes an archive of the whole decision log for a verifier elsewhere. Clinical parts stay encrypted.',
    calls: ['npm run export -- <folder>'],
    options: {},
    positionals: [1, 1],
  },
  async ({ positionals: [folder = ''] }) => {
    if (isArchive(folder)) throw new Error(`\`${folder}\` already holds an archive: name another folder`);
    const log = await openSource(readSettings(process.env));
    try {
      const { seals, leaves, records } = await writeArchive(log.source, folder);
      writeFileSync(join(folder, 'seal.pub'), await log.publicKey());
      console.log(`${seals} seals, ${leaves} leaves, ${records} records in ${folder}`);
      console.log(`Check it with: npm run verify -- ${folder}`);
    } finally {
      await log.close();
    }
  },
);
