/** Seals, tiles, and the notes that sealer, projector and writers keep beside the records. */
import { decompressJson } from '../compression.ts';
import type { Item } from '../items.ts';
import {
  type ItemKind,
  type Key,
  lostWriterIn,
  nameOf,
  notedIn,
  projectedKey,
  sealKey,
  tileIn,
  tileKey,
} from '../keys.ts';
import type { Seal } from '../seal.ts';
import { lease } from '../sealing/claim.ts';
import { tileWidth } from '../tree.ts';
import { besides, type KeptOptions, type Problem } from './kept-options.ts';
import { labelOf } from './leaves.ts';

const isAltered = (message: string): Problem => ['item-altered', message];

export function createNotesCheck({ places, leaves, ends, oldest, latest, counts, onFault }: KeptOptions) {
  const { sealed, chains, tiles, isThere } = leaves;
  const { last } = places;
  /** Leaves of which there is a note. */
  const noted = new Set<number>();
  const endsNoted = new Set<string>();

  function leafProblem(item: Item, key: Key): Problem {
    const leaf = sealed.get(nameOf(notedIn(key)));
    if (leaf === undefined || !isThere(leaf)) return ['item-extra', 'a note of a leaf, and no sealed record'];
    noted.add(leaf);
    const isRight = Number(item.leaf?.N) === leaf && Number(item.seal?.N) === places.sealOf(leaf);
    return isRight && besides(item, 'leaf', 'seal').length === 0
      ? null
      : isAltered('the note of its leaf is not where it is');
  }

  function endProblem(item: Item, { sk: writer }: Key): Problem {
    const end = chains.get(writer);
    if (!end) return ['item-extra', 'nothing of this writer is sealed'];
    endsNoted.add(writer);
    const isRight = Number(item.seq?.N) === end.seq && item.hash?.S === end.hash;
    return isRight && besides(item, 'seq', 'hash').length === 0
      ? null
      : isAltered(`what is sealed of writer ${writer} ends at ${end.seq}`);
  }

  /** When all chains were read may be known later than it was, never earlier. */
  function lookProblem(item: Item): Problem {
    const times = [item.at?.S ?? '', item.swept?.S || item.at?.S || ''];
    return times.every((time) => Date.parse(time) <= latest) && besides(item, 'at', 'swept').length === 0
      ? null
      : isAltered('all chains were read at a time that has not come');
  }

  function markProblem(item: Item, key: Key): Problem {
    if (nameOf(key) === nameOf(projectedKey)) return lookProblem(item);
    const end = ends.get(key.sk);
    if (!end) return ['item-extra', 'a mark of a writer that has no record'];
    return Number(item.seq?.N) <= end.seq && besides(item, 'seq').length === 0
      ? null
      : isAltered(`it is past the last record of its writer, ${end.seq}`);
  }

  /** Whether one is missing, the records of the writer say (needs.ts): an announcement may have failed half way. */
  const writerProblem = (item: Item): Problem =>
    besides(item).length > 0 ? isAltered('the note of a writer holds nothing') : null;

  function claimProblem(item: Item): Problem {
    const isRight = Number(item.until?.N) <= latest + lease && besides(item, 'owner', 'until').length === 0;
    return isRight ? null : ['claim-altered', 'it keeps every sealer out for longer than any sealer may'];
  }

  /** That a record is missing is named at the record after it. */
  function lostProblem(item: Item, key: Key): Problem {
    const end = ends.get(lostWriterIn(key) ?? '');
    if (Number(key.sk) > (end?.seq ?? 0)) return ['record-missing', 'the last of its writer, noted as lost'];
    return besides(item, 'at').length > 0 ? isAltered('the note of a lost record holds nothing more') : null;
  }

  /** That of the patient index only its key could tell. */
  function fingerprintsProblem(item: Item): Problem {
    const isRight =
      /^[0-9a-f]{32}$/.test(item.patientIndex?.S ?? '') &&
      (last === null || item.seal?.S === last.keyId) &&
      besides(item, 'patientIndex', 'seal').length === 0;
    return isRight ? null : isAltered('the log is not signed with the key that it names');
  }

  async function sealProblem(item: Item, { sk }: Key): Promise<Problem> {
    const seal = (await decompressJson(item.seal?.B ?? new Uint8Array()).catch(() => null)) as Seal | null;
    if (seal === null) return ['seal-altered', 'it cannot be read'];
    return sealKey(seal.n).sk === sk &&
      item.hash?.S === seal.hash &&
      besides(item, 'seal', 'hash').length === 0
      ? null
      : ['seal-altered', 'what is beside it is not what it says'];
  }

  /** Level 0 is checked leaf by leaf. What a seal that was stopped left beyond the last one, the next one replaces. */
  async function tileProblem(item: Item, key: Key): Promise<Problem> {
    const { level, index } = tileIn(key);
    const stored = await decompressJson(item.tile?.B ?? new Uint8Array()).catch(() => null);
    if (!Array.isArray(stored) || besides(item, 'tile').length > 0 || tileKey(level, index).sk !== key.sk)
      return ['tile-altered', 'it cannot be read, or holds more than a tile'];
    if (level === 0) return null;
    const expected = (tiles[level - 1] ?? []).slice(index * tileWidth, (index + 1) * tileWidth);
    const isRight = expected.every((node, place) => stored[place] === node);
    return isRight ? null : ['tile-altered', 'its nodes are not those of the leaves: proofs fail'];
  }

  /** What a sealer that was stopped did not note, the next one does. */
  const isYoung = last !== null && Date.parse(last.interval.to) >= oldest;
  const mayBeUnnoted = (leaf: number): boolean => isYoung && leaf >= places.sizeBefore;

  return {
    async problemOf(item: Item, key: Key, kind: ItemKind): Promise<Problem> {
      switch (kind) {
        case 'leaf note':
          return leafProblem(item, key);
        case 'writer end':
          return endProblem(item, key);
        case 'mark':
          return markProblem(item, key);
        case 'writer':
        case 'active writer':
          return writerProblem(item);
        case 'format':
          return besides(item, 'format').length > 0
            ? isAltered('it says more than the form of the table')
            : null;
        case 'lost record':
          return lostProblem(item, key);
        case 'fingerprints':
          return fingerprintsProblem(item);
        case 'heartbeat':
          return lookProblem(item);
        case 'sealing claim':
          return claimProblem(item);
        case 'seal':
          return sealProblem(item, key);
        case 'tile':
          return tileProblem(item, key);
        default:
          return null;
      }
    },

    /** To be called when all items were seen. */
    checkMissing(): void {
      for (const [name, leaf] of sealed)
        if (isThere(leaf) && !noted.has(leaf) && !mayBeUnnoted(leaf))
          onFault('item-missing', labelOf(name), 'the note of its leaf is gone: it cannot be proved');
      for (const writer of chains.keys())
        if (!endsNoted.has(writer) && !(isYoung && last?.writerHeads[writer]))
          onFault('item-missing', writer, 'the note of how far this writer is sealed is gone');
      counts.items += noted.size + endsNoted.size;
    },
  };
}
