/**
 * `npm run verify`: checks the whole decision log and names what is wrong. Without an argument the log of
 * EPSOM_DATA or of the table; with a folder an archive that `npm run export` wrote, offline.
 *
 *   npm run verify -- [archive] [--key seal.pub] [--seals seals.ndjson]
 *   npm run verify -- --proof proof.json --key seal.pub [--record decision.json]
 *
 * The second form checks what GET /decisions/{id}/proof answered, offline.
 * Exit 0: whole. 1: something is wrong. 2: it could not be checked.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { readSettings } from '../functions/config/settings.ts';
import { archiveSource } from '../functions/log/archive.ts';
import { checkProof } from '../functions/log/proof.ts';
import { type Report, verifyLog } from '../functions/log/verify.ts';
import { isObject } from '../rules/fhir/json.ts';
import { openedLog, seals, sealsOf } from './opened-log.ts';

const keyIn = (file: string): string[] => (existsSync(file) ? [readFileSync(file, 'utf8')] : []);

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    key: { type: 'string' },
    seals: { type: 'string' },
    proof: { type: 'string' },
    record: { type: 'string' },
  },
});

/** @returns whether the proof holds */
function proved(file: string): boolean {
  const read = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'));
  const [publicKey] = values.key === undefined ? [] : keyIn(values.key);
  if (publicKey === undefined) throw new Error('say with which public key: `--key seal.pub`');
  const record = values.record === undefined ? null : read(values.record);
  if (record !== null && !isObject(record))
    throw new Error('`--record` must be the answer of GET /decisions/{id}');
  const { decisionId, leaf, seal, from, problems } = checkProof(read(file), publicKey, record);
  for (const problem of problems) console.error(problem);
  if (problems.length > 0) {
    console.log(`the proof of decision ${decisionId} does NOT hold`);
    return false;
  }
  console.log(
    `decision ${decisionId} is leaf ${leaf} of the ${seal.size} under seal ${seal.n} of ${seal.interval.to}`,
  );
  console.log(`the sealed log was only added to since seal ${from.n} of ${from.interval.to}`);
  if (record === null)
    console.log('whether it is the record you were shown: give it with `--record decision.json`');
  return true;
}

async function verified(): Promise<Report> {
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

async function checkedLog(): Promise<boolean> {
  const { findings, ...report } = await verified();
  for (const { fault, what, message } of findings) console.error(`${fault}  ${what}: ${message}`);
  console.log(
    `${report.seals} seals, ${report.records} records: ${report.verified} verified, ${report.unsealed} not sealed yet, ${report.purged} purged by a recorded purge`,
  );
  console.log(report.ok ? 'the log is whole' : `the log is NOT whole: ${findings.length} finding(s)`);
  return report.ok;
}

try {
  const holds = values.proof === undefined ? await checkedLog() : proved(values.proof);
  process.exitCode = holds ? 0 : 1;
} catch (error) {
  console.error(error instanceof Error ? error.message : 'could not be checked');
  process.exitCode = 2;
}
