/** Erasing a patient and purging what is too old leave chain, seals and proofs as they were. */
import { randomBytes } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { NobodyErased } from '../../../functions/log/erasing.ts';
import type { Item } from '../../../functions/log/items.ts';
import { decisionKey, type ItemKind, keyIn, kindOf, nameOf } from '../../../functions/log/keys.ts';
import { scanItems } from '../../../functions/log/paging.ts';
import { leastRetentionDays } from '../../../functions/log/purging.ts';
import type { Access } from '../../../functions/log/records.ts';
import { createRetention } from '../../../functions/log/retention.ts';
import { createTableSource } from '../../../functions/log/source.ts';
import { leafOf } from '../../../functions/log/tree.ts';
import { provesInclusion } from '../../../rules/digest/merkle.ts';
import {
  createTestLog,
  decisionRecord,
  feedbackOn,
  minute,
  start,
  type TestLog,
  table,
} from '../../support/logs.ts';

let it: TestLog;
let ids = 0;
/** What happens while an erasure waits for other processes to forget a key. */
let whileWaiting: () => Promise<unknown>;
const retention = () =>
  createRetention({
    client: it.dynamo.client,
    table,
    log: it.log,
    patients: it.patients,
    blobs: it.blobs,
    wait: async (milliseconds) => {
      await whileWaiting();
      it.clock.now += milliseconds;
    },
    newId: () => {
      ids += 1;
      return `id-${ids}`;
    },
    now: () => new Date(it.clock.now),
  });
const append = async (number: number, patient: string): Promise<string> =>
  (await it.log.append(decisionRecord(number, { at: it.clock.now, patient }))).record.decisionId;
const override = {
  outcome: 'overridden',
  overrideReason: { system: 'urn:epsom:override-reason', code: 'emergency' },
} as const;
const look = (): Access => ({
  schema: 'epsom.access/1',
  tenant: 'hospital',
  client: 'auditor',
  user: null,
  what: 'search',
  path: '/decisions',
  address: null,
  decisionId: null,
  filter: {},
  count: 1,
  at: new Date(it.clock.now).toISOString(),
});
/** A decision whose clinical part is too large for an item: what is said does not compress. */
function largeRecord(number: number, patient: string) {
  const record = decisionRecord(number, { at: it.clock.now, patient });
  const large = { ...record.notices[0], text: randomBytes(300_000).toString('hex') };
  return { ...record, notices: [...record.notices, large] } as typeof record;
}
const sealed = async () => {
  it.clock.now += minute;
  await it.sealer.seal();
};

beforeEach(async () => {
  it = await createTestLog();
  whileWaiting = async () => undefined;
});
afterEach(() => it.close());
const everything = async (): Promise<Item[]> =>
  Array.fromAsync(scanItems(it.dynamo.client, { TableName: table }));
const namesOf = async (...kinds: (ItemKind | null)[]): Promise<string[]> =>
  (await everything())
    .map(keyIn)
    .filter((key) => kinds.includes(kindOf(key)))
    .map(nameOf);

describe('erasing a patient', () => {
  test('the decisions stay, without anything clinical; others are untouched; the log verifies', async () => {
    const erased = [await append(1, 'anna'), await append(2, 'anna')];
    const kept = await append(3, 'bela');
    await sealed();
    expect(await retention().erase('hospital', 'anna', 'officer')).toMatchObject({
      client: 'officer',
      decisions: 2,
      keys: [expect.any(String)],
    });
    await sealed();
    expect(await it.verify({ published: it.published })).toMatchObject({ ok: true, records: 4, verified: 4 });
    for (const id of erased) {
      const record = await it.log.find('hospital', id);
      expect(record).toMatchObject({ erased: true, patient: null, chart: null, cards: [], inputs: [] });
      expect(record?.findings.map(({ rule }) => rule)).toContain('IV-001');
      expect(JSON.stringify(record)).not.toContain('anna');
    }
    expect((await it.log.find('hospital', kept))?.chart).not.toBeNull();
    expect(await it.log.list('hospital', { patient: 'anna' }, 10, null)).toEqual({ ids: [], next: null });
    expect((await it.log.list('hospital', { rule: 'IV-001' }, 10, null)).ids.sort()).toEqual(
      [...erased, kept].sort(),
    );
  });

  test('another process that reads afterwards finds no key', async () => {
    const id = await append(1, 'anna');
    await retention().erase('hospital', 'anna', 'officer');
    expect(await it.open().log.find('hospital', id)).toMatchObject({ erased: true });
  });

  test('of nobody is refused, and recorded nowhere', async () => {
    await append(1, 'anna');
    await it.log.projector.caughtUp();
    const before = await everything();
    await expect(retention().erase('hospital', 'nobody', 'officer')).rejects.toThrow(NobodyErased);
    expect(await everything()).toEqual(before);
  });

  test('what is decided right after it is kept, under a new key, by a process that knew the old one', async () => {
    const server = it.open();
    const first = await server.log.append(decisionRecord(1, { at: it.clock.now, patient: 'anna' }));
    await retention().erase('hospital', 'anna', 'officer');
    const second = await server.log.append(decisionRecord(2, { at: it.clock.now, patient: 'anna' }));
    await server.log.projector.caughtUp();
    await sealed();
    expect(second.record.clinical?.key).not.toBe(first.record.clinical?.key);
    for (const { log } of [it, it.open()]) {
      expect(await log.find('hospital', first.record.decisionId)).toMatchObject({ erased: true });
      expect((await log.find('hospital', second.record.decisionId))?.patient).toBe('anna');
    }
    expect((await it.log.list('hospital', { patient: 'anna' }, 10, null)).ids).toEqual([
      second.record.decisionId,
    ]);
    expect((await it.verify()).faults).toEqual([]);
  });

  test('what is decided while it waits is under a new key where the old one was not in memory', async () => {
    await append(1, 'anna');
    let during = '';
    whileWaiting = async () => {
      const { record } = await it.open().log.append(decisionRecord(2, { at: it.clock.now, patient: 'anna' }));
      during = record.decisionId;
    };
    expect(await retention().erase('hospital', 'anna', 'officer')).toMatchObject({ decisions: 1 });
    expect((await it.open().log.find('hospital', during))?.patient).toBe('anna');
  });

  test('takes looks that named the patient out of the index, and says which', async () => {
    await append(1, 'anna');
    await it.log.addAccess(look(), 'anna', 'one');
    const erasure = await retention().erase('hospital', 'anna', 'officer');
    expect(erasure.places).toEqual([expect.stringMatching(/^sha256:/)]);
    expect((await it.log.listAccesses('hospital', { patient: 'anna' }, 10, null)).accesses).toEqual([]);
    await sealed();
    expect((await it.verify()).faults).toEqual([]);
  });

  test('what was overridden for the patient is forgotten', async () => {
    const { record } = await it.log.append(decisionRecord(1, { patient: 'anna' }));
    await it.log.addFeedback(feedbackOn(record, override), 'event');
    await it.log.projector.caughtUp();
    expect(await namesOf('override')).not.toEqual([]);
    await retention().erase('hospital', 'anna', 'officer');
    expect(await namesOf('override')).toEqual([]);
  });

  test('the same name in another tenant is another patient', async () => {
    const other = decisionRecord(9, { tenant: 'clinic', patient: 'anna' });
    await it.log.append(other);
    await append(1, 'anna');
    expect(await retention().erase('hospital', 'anna', 'officer')).toMatchObject({ decisions: 1 });
    expect((await it.log.find('clinic', other.decisionId))?.patient).toBe('anna');
  });
});

describe('purging', () => {
  const years = 365.25 * 24 * 60 * minute;

  test('removes what is older than the retention, and the verifier counts it as purged', async () => {
    const old = [await append(1, 'anna'), await append(2, 'anna')];
    await sealed();
    it.clock.now = start + 7 * years;
    const young = await append(3, 'anna');
    await sealed();
    const source = createTableSource(it.dynamo.client, table, it.blobs);
    const before = new Date(start + minute / 2).toISOString();
    expect(await retention().purge(source, 'hospital', before, 'officer', 0)).toEqual({ removed: 2 });
    await sealed();
    expect(await it.verify({ published: it.published })).toMatchObject({
      ok: true,
      purged: 2,
      records: 2,
      verified: 2,
    });
    for (const id of old) expect(await it.log.find('hospital', id)).toBeNull();

    // The proof of what is left is as good as before.
    const place = await it.sealer.leafOf(nameOf(decisionKey('hospital', young)));
    const seal = await it.sealer.last();
    const record = await it.log.find('hospital', young);
    if (!place || !seal || !record) throw new Error('it is there');
    const path = await it.sealer.inclusion(place.leaf, seal.size);
    const bytes = (hex: string) => new Uint8Array(Buffer.from(hex, 'hex'));
    expect(provesInclusion(leafOf(record), place.leaf, seal.size, path.map(bytes), bytes(seal.root))).toBe(
      true,
    );
  });

  test('takes what follows from the records, their large parts and unused keys along, and leaves the rest', async () => {
    const { record } = await it.log.append(largeRecord(1, 'anna'));
    await it.log.addFeedback(feedbackOn(record, override), 'event');
    await append(2, 'bela');
    await it.log.addAccess({ ...look(), decisionId: record.decisionId }, 'anna', 'one');
    await sealed();
    it.clock.now = start + 7 * years;
    const kept = await append(3, 'bela');
    await it.log.projector.caughtUp();
    await sealed();
    const keysBefore = await namesOf('patient key');
    expect(await namesOf('override', 'answered claim', 'joined claim', 'outcome item')).toHaveLength(4);
    expect(readdirSync(join(it.folder, 'large'))).toHaveLength(1);

    const source = createTableSource(it.dynamo.client, table, it.blobs);
    const before = '2026-02-01T00:00:00.000Z';
    expect(await retention().purge(source, 'hospital', before, 'officer', 0)).toEqual({ removed: 4 });
    await sealed();
    expect(readdirSync(join(it.folder, 'large'))).toEqual([]);
    const left = (await everything()).filter(({ decisionId }) => decisionId);
    expect(new Set(left.map(({ decisionId }) => decisionId?.S))).toEqual(new Set([kept]));
    expect(
      await namesOf('override', 'answered claim', 'joined claim', 'outcome item', 'access item'),
    ).toEqual([]);
    // Of anna nothing is left; bela's key is in use.
    expect(await namesOf('patient key')).toHaveLength(keysBefore.length - 1);
    expect((await it.open().log.find('hospital', kept))?.patient).toBe('bela');
    expect((await namesOf('calendar')).filter((name) => name.includes('2026'))).toEqual([]);
    expect((await it.verify()).faults).toEqual([]);
  });

  test('of one tenant leaves the others alone', async () => {
    await it.log.append(decisionRecord(1, { tenant: 'clinic' }));
    await append(2, 'anna');
    it.clock.now = start + 7 * years;
    const source = createTableSource(it.dynamo.client, table, it.blobs);
    const before = new Date(start + minute).toISOString();
    expect(await retention().purge(source, 'hospital', before, 'officer', 0)).toEqual({ removed: 1 });
    expect(await it.log.find('clinic', decisionRecord(1, { tenant: 'clinic' }).decisionId)).not.toBeNull();
  });

  test(`within ${leastRetentionDays} days nothing can be purged, whatever the tenant's retention says`, async () => {
    await append(1, 'anna');
    it.clock.now = start + 5 * years;
    const source = createTableSource(it.dynamo.client, table, it.blobs);
    const before = new Date(start + minute).toISOString();
    await expect(retention().purge(source, 'hospital', before, 'officer', 1)).rejects.toThrow(
      'the retention is 2192 days',
    );
  });
});
