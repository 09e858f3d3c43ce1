/**
 * The verifier: reads the whole log, from the table or from an export, and needs nothing but the public key. It
 * checks every seal, every leaf, every writer's chain and every stored attribute, and names what is wrong.
 */
import type { Counts, LogFault, OnFault, Report } from './faults.ts';
import type { Seal } from './seal.ts';
import type { LogSource } from './source.ts';
import { checkLeaves } from './verifying/leaves.ts';
import { readPurges } from './verifying/purges.ts';
import { checkSeals } from './verifying/seals.ts';
import { checkUnsealed } from './verifying/unsealed.ts';

/**
 * @param options.publicKeys keys that may have signed, PEM
 * @param options.published seals kept outside the log's reach: a rolled-back or forked log contradicts them
 * @param options.interval of the sealer in milliseconds; records younger than two of them need no seal yet
 * @example
 * const { ok, faults } = await verifyLog(await archiveSource('archive'), {
 *   publicKeys: [readFileSync('seal.pub', 'utf8')],
 *   published: [],
 *   interval: 60_000,
 *   now: new Date(),
 * });
 */
export async function verifyLog(
  source: LogSource,
  options: { publicKeys: readonly string[]; published: readonly Seal[]; interval: number; now: Date },
): Promise<Report> {
  const faults: LogFault[] = [];
  const onFault: OnFault = (fault, what, message) => faults.push({ fault, what, message });
  const counts: Counts = { records: 0, verified: 0, unsealed: 0, purged: 0, withoutClinical: 0 };

  const seals = await checkSeals(source.seals(), options, onFault);
  const isPurged = await readPurges(source.all());
  const leaves = await checkLeaves(source, seals, isPurged, counts, onFault);
  const oldest = options.now.getTime() - 2 * options.interval;
  await checkUnsealed(source, leaves, oldest, counts, onFault);
  return { ok: faults.length === 0, seals: seals.length, ...counts, faults };
}
