/**
 * The verifier: reads the whole log, from the table or from an export, and writes nothing. It needs the public key
 * alone. It checks every seal, every leaf, every writer's chain and every stored attribute, in the table also
 * everything that follows from records, and names what is wrong; and it says what it did not cover.
 */
import type { Ruleset } from '../../rules/evaluation/ruleset.ts';
import { type LogFault, noCounts, type OnFault, type Report } from './faults.ts';
import type { Item } from './items.ts';
import { keyOf, kindOf } from './keys.ts';
import type { Seal } from './seal.ts';
import type { LogSource } from './source.ts';
import { checkDerived } from './verifying/derived.ts';
import { checkKept } from './verifying/kept.ts';
import { checkLeaves } from './verifying/leaves.ts';
import { createPlaces } from './verifying/places.ts';
import { createReader } from './verifying/reader.ts';
import { readRemovals } from './verifying/removals.ts';
import { checkSeals } from './verifying/seals.ts';
import { checkUnsealed } from './verifying/unsealed.ts';

export interface VerifyOptions {
  /** Keys that may have signed, PEM. */
  publicKeys: readonly string[];
  /** Seals kept outside the log's reach: a rolled-back or forked log contradicts them. */
  published: readonly Seal[];
  /** Of the sealer, in milliseconds: records younger than two of them need no seal yet, and clocks agree so far. */
  interval: number;
  now: Date;
  /** Whether a wrapped key of a patient opens, for who holds the master key. */
  isKeyWhole?(item: Item): Promise<boolean>;
  /** The ruleset of this version, which the stored one of its digest must equal. */
  ruleset?: Ruleset;
}

/** What an archive does not hold. */
const notInArchive = [
  'what follows from records (lists, joined feedback, counts), keys of patients, rulesets and notes: an export has none; verify the table',
];

/**
 * @example
 * const { ok, faults } = await verifyLog(await createArchiveSource('archive'), {
 *   publicKeys: [readFileSync('seal.pub', 'utf8')],
 *   published: [],
 *   interval: 60_000,
 *   now: new Date(),
 * });
 */
export async function verifyLog(source: LogSource, options: VerifyOptions): Promise<Report> {
  const faults: LogFault[] = [];
  const onFault: OnFault = (fault, what, message) => faults.push({ fault, what, message });
  const counts = noCounts();
  const slack = 2 * options.interval;
  const [oldest, latest] = [options.now.getTime() - slack, options.now.getTime() + slack];

  const seals = await checkSeals(source.seals(), options, onFault);
  const places = createPlaces(seals);
  const removals = await readRemovals(source, places, onFault);
  const leaves = await checkLeaves(source, seals, { removals, slack }, counts, onFault);
  const ends = await checkUnsealed(source, leaves, { removals, oldest, latest }, counts, onFault);
  const notCovered =
    options.published.length > 0 ? [] : ['a rollback of the whole log: no copies of seals were given'];
  if (source.table) {
    const { isKeyWhole, ruleset } = options;
    const reader = createReader({ client: source.table.client, table: source.table.name });
    const writers = [...ends.keys()].filter((name) => name !== '');
    const limits = { removals, oldest, latest, counts, onFault };
    const expected = await checkDerived({ reader, writers, ...limits });
    notCovered.push(
      ...(await checkKept({ reader, places, leaves, ends, expected, isKeyWhole, ruleset, ...limits })),
    );
  } else notCovered.push(...notInArchive);
  const causes = withoutConsequences(faults);
  if (causes.length < faults.length)
    notCovered.push('counts and calendars: they rest on records that are missing or altered');
  return { ok: faults.length === 0, seals: seals.length, ...counts, notCovered, faults: causes };
}

const isOfRecord = ({ fault }: LogFault): boolean => fault.startsWith('record-') || fault === 'chain-broken';
const isOfItem = ({ fault }: LogFault): boolean => fault.startsWith('item-');

/**
 * What follows from a record that is wrong is wrong, too: the record alone is named. Counts and calendars follow from
 * many, and say nothing while one of these is wrong.
 */
function withoutConsequences(faults: readonly LogFault[]): LogFault[] {
  const records = new Set(faults.filter(isOfRecord).map(({ what }) => what));
  if (records.size === 0) return [...faults];
  return faults.filter((one) => {
    const kind = kindOf(keyOf(one.what));
    return !isOfItem(one) || !(records.has(one.what) || kind === 'counts' || kind === 'calendar');
  });
}
