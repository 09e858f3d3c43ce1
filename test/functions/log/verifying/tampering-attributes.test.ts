/**
 * No stored attribute of any kind of item can be changed, removed or added without being named: every attribute of one
 * item of each kind is tried. What is not bound is written below, with the reason.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Item } from '../../../../functions/log/items.ts';
import { N, S } from '../../../../functions/log/items.ts';
import {
  type ItemKind,
  isEventKey,
  type Key,
  keyIn,
  kindOf,
  nameOf,
} from '../../../../functions/log/keys.ts';
import { createFullLog, type FullLog } from '../../../support/full-log.ts';

let it: FullLog;
beforeAll(async () => {
  it = await createFullLog();
}, 60_000);
afterAll(() => it.close());

/** Why an attribute may be changed unnoticed; a kind alone: why the item may be removed. */
const unbound: Record<string, string> = {
  'token.requestDigest': 'a mark of a used token is no part of the log',
  'token.expiresAt': 'a mark of a used token is no part of the log',
  'sealing claim.owner': 'who seals now is nobody afterwards',
  'sealing claim.until': 'a claim that ended is as good as none; one that keeps others out is named',
  'fingerprints.patientIndex': 'only the key itself could tell: a server that has it refuses to start',
  fingerprints: 'a server that starts adds them, once its keys prove right',
  'heartbeat.at': 'that all was sealed may be known later than it was; never earlier',
  'heartbeat.swept': 'chains are looked at again',
  heartbeat: 'chains are looked at again',
  'mark.swept': 'chains are looked at again',
  'active writer': 'once an hour all writers of the day are read; those are named where they are missing',
  'writer.twin': 'a day without writers is of an announcement that failed half way',
  'active writer.twin': 'a writer may announce itself and never write',
  'mark.at': 'that all was projected may be known later than it was; never earlier',
  token: 'a mark of a used token is no part of the log',
  'sealing claim': 'a claim that ended is as good as none',
  'projected mark': 'chains are looked at again',
};

const kindsOfAll: readonly (ItemKind | 'event' | 'feedback' | 'access' | 'projected mark')[] = [
  'record',
  'event',
  'feedback',
  'access',
  'rule item',
  'outcome item',
  'access item',
  'card item',
  'answered claim',
  'joined claim',
  'override',
  'calendar',
  'hookInstance item',
  'counts',
  'patient key',
  'token',
  'mark',
  'projected mark',
  'writer',
  'seal',
  'tile',
  'leaf note',
  'writer end',
  'active writer',
  'heartbeat',
  'fingerprints',
  'sealing claim',
  'ruleset',
];

/** Kinds of records, and the mark of all, apart. */
function kindIn(item: Item): string | null {
  const key = keyIn(item);
  const kind = kindOf(key);
  if (kind === 'mark' && key.sk === '#all') return 'projected mark';
  if (kind !== 'record') return kind;
  if (isEventKey(key)) return 'event';
  if (key.sk.startsWith('F#')) return 'feedback';
  return key.sk.startsWith('D') ? 'record' : 'access';
}

/** One of each kind: of decisions the one with feedback, of what is by day the youngest. */
function oneOf(kind: string): Item {
  const all = it.untouched.filter((one) => kindIn(one) === kind);
  const about = all.filter((one) => JSON.stringify(one).includes(it.ids.kept));
  const [item] = [...about, ...all.toReversed()];
  if (!item) throw new Error(`the log has no ${kind}`);
  return item;
}

function changed(value: Item[string] | undefined): Item[string] {
  if (value?.S !== undefined) return S(`${value.S}x`);
  if (value?.N !== undefined) return N(Number(value.N) + 1);
  if (value?.SS) return { SS: [...value.SS, 'MG-001'] };
  const bytes = new Uint8Array(value?.B ?? []);
  bytes[bytes.length - 10] = (bytes[bytes.length - 10] ?? 0) ^ 1;
  return { B: bytes };
}

const isUnbound = (kind: string, name?: string): boolean =>
  (name === undefined ? kind : `${kind === 'projected mark' ? 'mark' : kind}.${name}`) in unbound;

async function faultsWith(item: Item | null, key: Key): Promise<string[]> {
  if (item) await it.put(item);
  else await it.remove(key);
  return it.faults();
}

test('untouched, it is whole', async () => {
  expect(await it.verify({ published: it.published })).toMatchObject({
    ok: true,
    faults: [],
    notCovered: [],
    purged: 1,
    erased: 1,
  });
  expect(new Set(it.untouched.map(kindIn))).toEqual(new Set(kindsOfAll));
});

describe.each(kindsOfAll)('of a %s', (kind) => {
  test('every attribute, changed, removed and added, and the item', { timeout: 60_000 }, async () => {
    const item = oneOf(kind);
    const key = keyIn(item);
    const unnoticed: string[] = [];
    const names = Object.keys(item).filter((name) => name !== 'pk' && name !== 'sk');
    for (const name of names) {
      const { [name]: value, ...rest } = item;
      if (isUnbound(kind, name)) continue;
      if ((await faultsWith({ ...item, [name]: changed(value) }, key)).length === 0)
        unnoticed.push(`${name} changed`);
      if ((await faultsWith(rest, key)).length === 0) unnoticed.push(`${name} removed`);
    }
    for (const name of ['expiresAt', 'salt', 'spilledBy'])
      if (!names.includes(name) && (await faultsWith({ ...item, [name]: N(1) }, key)).length === 0)
        unnoticed.push(`${name} added`);
    if (!isUnbound(kind) && (await faultsWith(null, key)).length === 0) unnoticed.push('the item removed');
    await it.put(item);
    const twin = { ...item, sk: S(`${key.sk}0`) };
    if (!isUnbound(kind, 'twin') && (await faultsWith(twin, key)).length === 0)
      unnoticed.push('a twin beside it');
    await it.remove(keyIn(twin));
    expect(unnoticed, nameOf(key)).toEqual([]);
    await it.restore();
  });
});
