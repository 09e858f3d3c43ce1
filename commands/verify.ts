/**
 * `npm run verify`: checks the whole decision log and names what is wrong. Without an argument the log of
 * EPSOM_DATA or of the table; with a folder an archive that `npm run export` wrote, offline.
 *
 *   npm run verify -- [archive] [--key seal.pub] [--seals seals.ndjson] [--json]
 *   npm run verify -- --proof proof.json --key seal.pub [--record decision.json]
 *
 * The second form checks what GET /decisions/{id}/proof answered, offline.
 * Exit 0: whole. 1: something is wrong. 2: it could not be checked.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readSettings } from '../functions/config/settings.ts';
import { createArchiveSource } from '../functions/log/archive.ts';
import type { Report } from '../functions/log/faults.ts';
import { checkProof } from '../functions/log/proof.ts';
import { verifyLog } from '../functions/log/verify.ts';
import { linesOf } from '../functions/log/verifying/report.ts';
import { isObject } from '../rules/fhir/json.ts';
import { shippedRuleset } from '../rules/library/shipped.ts';
import { runCommand, UsageError } from './command-line.ts';
import { type OpenedLog, type OpenedSource, openLog, openSource, readSeals } from './open-log.ts';

const keyIn = (file: string): string[] => (existsSync(file) ? [readFileSync(file, 'utf8')] : []);

/** What was named must be there. @throws UsageError */
function checkFile(option: string, file: string | undefined): void {
  if (file !== undefined && !existsSync(file))
    throw new UsageError(`\`--${option}\` names \`${file}\`, which is not there`);
}

const options = {
  key: { type: 'string' },
  seals: { type: 'string' },
  proof: { type: 'string' },
  record: { type: 'string' },
  json: { type: 'boolean', default: false },
} as const;
type Values = { readonly [name in Exclude<keyof typeof options, 'json'>]?: string | undefined } & {
  readonly json: boolean;
};

/** @returns whether the proof holds */
function proofHolds(file: string, values: Values): boolean {
  const read = (option: string, path: string): unknown => {
    try {
      return JSON.parse(readFileSync(path, 'utf8'));
    } catch (cause) {
      // What stands in the file is not repeated.
      throw new UsageError(`\`--${option}\` must be a file of JSON that can be read`, { cause });
    }
  };
  const [publicKey] = values.key === undefined ? [] : keyIn(values.key);
  if (publicKey === undefined) throw new UsageError('say with which public key: `--key seal.pub`');
  const record = values.record === undefined ? null : read('record', values.record);
  if (record !== null && !isObject(record))
    throw new Error('`--record` must be the answer of GET /decisions/{id}');
  const { decisionId, leaf, seal, from, problems } = checkProof(read('proof', file), publicKey, record);
  for (const problem of problems) console.error(problem);
  if (problems.length > 0) {
    console.log(`the proof of decision ${decisionId} does NOT hold`);
    return false;
  }
  console.log(
    `decision ${decisionId} is leaf ${leaf} of the ${seal.size} under seal ${seal.n} of ${seal.interval.to}`,
  );
  console.log(`the sealed log was only added to since seal ${from.n} of ${from.interval.to}`);
  console.log(
    record === null
      ? 'not covered: whether it is the record you were shown; give it with `--record decision.json`'
      : 'not covered: the clinical part, which only the server can decrypt; npm run verify checks its hash',
  );
  return true;
}

/** Where the operator's keys are at hand: whether keys of patients open. */
const keysOf = (log: OpenedSource | OpenedLog) =>
  'patients' in log ? { isKeyWhole: log.patients.isWhole } : {};

async function verify(archive: string | undefined, values: Values): Promise<Report> {
  checkFile('key', values.key);
  checkFile('seals', values.seals);
  const settings = readSettings(process.env);
  const interval = settings.sealInterval * 1000;
  const copies = values.seals === undefined ? [] : readSeals(values.seals);
  const checks = { interval, now: new Date() };
  if (archive !== undefined) {
    const publicKeys = keyIn(values.key ?? join(archive, 'seal.pub'));
    if (publicKeys.length === 0) throw new UsageError('say with which public key: `--key seal.pub`');
    return verifyLog(await createArchiveSource(archive), { ...checks, publicKeys, published: copies });
  }
  // Without the operator's keys it says that keys of patients are not covered.
  const log = await openLog(settings, 'reads').catch(() => openSource(settings));
  try {
    const publicKeys = values.key === undefined ? [await log.publicKey()] : keyIn(values.key);
    const published = values.seals === undefined ? await log.published() : copies;
    const ruleset = shippedRuleset();
    return await verifyLog(log.source, { ...checks, publicKeys, published, ruleset, ...keysOf(log) });
  } finally {
    await log.close();
  }
}

async function isWhole(archive: string | undefined, values: Values): Promise<boolean> {
  const report = await verify(archive, values);
  if (values.json) console.log(JSON.stringify(report, null, 2));
  else for (const line of linesOf(report)) console.log(line);
  return report.ok;
}

await runCommand(
  {
    about: `Checks the whole decision log and names what is wrong: the log of EPSOM_DATA or of the table; with a folder
an archive that npm run export wrote, offline. The second form checks one proof, offline.
Exit code 0: whole. 1: something is wrong. 2: it could not be checked.`,
    calls: [
      'npm run verify -- [archive] [--key seal.pub] [--seals seals.ndjson] [--json]',
      'npm run verify -- --proof proof.json --key seal.pub [--record decision.json]',
    ],
    options,
    positionals: [0, 1],
  },
  async ({ values, positionals: [archive] }) => {
    const { proof } = values;
    const holds = proof === undefined ? await isWhole(archive, values) : proofHolds(proof, values);
    return holds ? 0 : 1;
  },
);
