/**
 * Every item of the table is what it should be: what follows from records is what they say (owned.ts), notes fit the
 * seals, keys open, and nothing else is there. What is missing: leaves.ts, derived.ts and the end of this.
 */
import { digestOfParts, digestOfRules } from '../../../rules/evaluation/ruleset-digest.ts';
import { decompressJson } from '../compression.ts';
import type { Item } from '../items.ts';
import {
  calendarPartition,
  decisionIdBeside,
  eventIn,
  type ItemKind,
  type Key,
  keyIn,
  kindOf,
  nameOf,
  notedIn,
  tenantOf,
} from '../keys.ts';
import { scanItems } from '../paging.ts';
import { isOfToday, partsIn } from '../rulesets.ts';
import { besides, type KeptOptions, type Problem } from './kept-options.ts';
import { labelOf } from './leaves.ts';
import { createNotesCheck } from './notes.ts';
import { createOwnedCheck, type OwnedKind } from './owned.ts';

const owned: ReadonlySet<ItemKind> = new Set<OwnedKind>([
  'rule item',
  'outcome item',
  'access item',
  'card item',
  'hookInstance item',
  'override',
  'joined claim',
  'answered claim',
]);
const isOwned = (kind: ItemKind): kind is OwnedKind => owned.has(kind);

const altered = (kind: ItemKind, names: readonly string[]): Problem => [
  'item-altered',
  `its ${kind} has \`${names.join('`, `')}\` that does not follow from any record`,
];

/** @returns what was not covered */
export async function checkKept(options: KeptOptions): Promise<string[]> {
  const { reader, leaves, expected, removals, oldest, isKeyWhole, ruleset, onFault } = options;
  const checkOwned = createOwnedCheck(reader);
  const notes = createNotesCheck(options);
  let keysUnopened = 0;
  let rulesetsUnread = 0;

  async function ownedProblem(item: Item, kind: OwnedKind): Promise<Problem> {
    const found = await checkOwned(item, kind);
    if (found === null) return null;
    if (found.isExtra) return ['item-extra', `${kind} \`${nameOf(keyIn(item))}\` follows from no record`];
    return altered(kind, found.attributes);
  }

  /** Periods may have lost their last record with a purge. */
  function calendarProblem(item: Item, key: Key): Problem {
    const tenant = tenantOf(key) ?? '';
    const isOfClients = key.pk === calendarPartition(tenant, 'clients');
    const period = isOfClients ? '0000-01-01' : key.sk.padEnd(10, '-01').slice(0, 10);
    const isPeriod = isOfClients || /^\d{4}-\d\d(?:-\d\d)?$/.test(key.sk);
    const isExpected =
      expected.calendars.has(nameOf(key)) || (isPeriod && removals.isDayPurged(tenant, period));
    if (!isExpected) return ['item-extra', 'nothing is in this period'];
    const names = besides(item);
    return names.length > 0 ? altered('calendar', names) : null;
  }

  function countsProblem(key: Key): Problem {
    const day = dayOf(key);
    return expected.counts.has(nameOf(key)) || removals.isDayPurged(tenantOf(key) ?? '', day)
      ? null
      : ['item-extra', 'its writer has nothing to count on this day'];
  }
  const dayOf = ({ pk }: Key): string => pk.slice(-'2026-01-31'.length);

  async function keyProblem(item: Item, key: Key): Promise<Problem> {
    if (removals.isErased(tenantOf(key) ?? '', key.sk))
      return ['key-returned', 'an erasure destroyed this key, and it is there: erase again'];
    if (besides(item, 'key', 'retired').length > 0) return ['key-altered', 'it has attributes of no key'];
    if (item.retired && !(Date.parse(item.retired.S ?? '') >= oldest))
      return ['erasure-unfinished', 'it was taken out of use, and not destroyed: erase again'];
    if (isKeyWhole) return (await isKeyWhole(item)) ? null : ['key-altered', 'it does not open'];
    keysUnopened += 1;
    return item.key?.B ? null : ['key-altered', 'it holds no key'];
  }

  /** A digest is that of its parts, and the rules are one of them. Version 0.1.0 kept no parts: today's code cannot say. */
  async function rulesetProblem(item: Item, { sk: digest }: Key): Promise<Problem> {
    if (besides(item, 'rules', 'form', 'parts').length > 0)
      return ['ruleset-altered', 'it has attributes of no ruleset'];
    const rules = await decompressJson(item.rules?.B ?? new Uint8Array()).catch(() => null);
    if (!Array.isArray(rules) || !/^sha256:[0-9a-f]{64}$/.test(digest))
      return ['ruleset-altered', 'it cannot be read'];
    const parts = await partsIn(item).catch(() => null);
    if (parts === null && digest !== ruleset?.digest) {
      rulesetsUnread += 1;
      return null;
    }
    return parts && isOfToday(item) && digestOfParts(parts) === digest && digestOfRules(rules) === parts.rules
      ? null
      : ['ruleset-altered', 'its rules are not those of its digest'];
  }

  async function problemOf(item: Item, key: Key, kind: ItemKind | null): Promise<Problem> {
    if (kind === null) return ['item-extra', 'this log writes no such item'];
    if (isOwned(kind)) return ownedProblem(item, kind);
    if (kind === 'calendar') return calendarProblem(item, key);
    if (kind === 'counts') return countsProblem(key);
    if (kind === 'patient key') return keyProblem(item, key);
    if (kind === 'ruleset') return rulesetProblem(item, key);
    if (kind === 'token') {
      const names = besides(item, 'requestDigest', 'expiresAt');
      return names.length > 0 ? altered(kind, names) : null;
    }
    if (kind === 'record')
      return item.record || leaves.sealed.has(nameOf(key)) ? null : ['record-altered', 'it holds no record'];
    return notes.problemOf(item, key, kind);
  }

  for await (const item of scanItems(reader.client, { TableName: reader.table, ConsistentRead: true })) {
    const key = keyIn(item);
    const problem = await problemOf(item, key, kindOf(key));
    if (problem) onFault(problem[0], labelOfItem(item, key), problem[1]);
  }
  notes.checkMissing();
  return [
    ...(keysUnopened > 0
      ? [`whether ${keysUnopened} keys of patients open: the master key was not given`]
      : []),
    ...(rulesetsUnread > 0 ? [`the content of ${rulesetsUnread} rulesets of other versions`] : []),
  ];
}

/** The record it is about, a decision by its id, where it says so; a seal; else its key. */
function labelOfItem(item: Item, key: Key): string {
  const kind = kindOf(key);
  if (kind === 'seal') return `seal ${Number(key.sk)}`;
  if (kind === 'leaf note') return labelOf(nameOf(notedIn(key)));
  if (kind === 'joined claim') return nameOf({ pk: key.pk, sk: eventIn(key) });
  return decisionIdBeside(key) ?? item.decisionId?.S ?? labelOf(nameOf(key));
}
