/**
 * `npm run verify`: checks the whole decision log and names what is wrong. Without an argument the log of
 * EPSOM_DATA or of the table; with a folder an archive that `npm run export` wrote, offline.
 *
 *   npm run verify -- [archive] [--key seal.pub] [--seals seals.ndjson]
 *
 * Exit 0: whole. 1: something is wrong. 2: it could not be checked.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { archiveSource } from '../functions/log/archive.ts';
import { type Report, verifyLog } from '../functions/log/verify.ts';
import { readSettings } from '../functions/settings.ts';
import { openedLog, seals, sealsOf } from './opened-log.ts';

const keyIn = (file: string): string[] => (existsSync(file) ? [readFileSync(file, 'utf8')] : []);

async function verified(): Promise<Report> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { key: { type: 'string' }, seals: { type: 'string' } },
  });
  const settings = readSettings(process.env);
  const interval = settings.sealInterval * 1000;
  const [archive] = positionals;
  const copies = values.seals === undefined ? [] : seals(values.seals);
  const options = { interval, now: new Date() };
  if (archive !== undefined) {
    const publicKeys = keyIn(values.key ?? join(archive, 'seal.pub'));
    if (publicKeys.length === 0) throw new Error('say with which public key: `--key seal.pub`');
    return verifyLog(await archiveSource(archive), { ...options, publicKeys, published: copies });
  }
  const log = await openedLog(settings);
  try {
    const publicKeys = values.key === undefined ? [await log.sealer.publicKey()] : keyIn(values.key);
    const published = values.seals === undefined ? sealsOf(settings.data) : copies;
    return await verifyLog(log.source, { ...options, publicKeys, published });
  } finally {
    await log.close();
  }
}

try {
  const { findings, ...report } = await verified();
  for (const { fault, what, message } of findings) console.error(`${fault}  ${what}: ${message}`);
  console.log(
    `${report.seals} seals, ${report.records} records: ${report.verified} verified, ${report.unsealed} not sealed yet, ${report.purged} purged by a recorded purge`,
  );
  console.log(report.ok ? 'the log is whole' : `the log is NOT whole: ${findings.length} finding(s)`);
  process.exitCode = report.ok ? 0 : 1;
} catch (error) {
  console.error(error instanceof Error ? error.message : 'could not be checked');
  process.exitCode = 2;
}
