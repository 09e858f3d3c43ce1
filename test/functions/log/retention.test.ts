/** Erasing a patient and purging what is too old leave chain, seals and proofs as they were. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { decisionKey, nameOf } from '../../../functions/log/keys.ts';
import { createRetention, leastRetentionDays } from '../../../functions/log/retention.ts';
import { createTableSource } from '../../../functions/log/source.ts';
import { leafOf } from '../../../functions/log/tree.ts';
import { provesInclusion } from '../../../rules/digest/merkle.ts';
import { createTestLog, decisionRecord, minute, start, type TestLog, table } from '../../support/logs.ts';

let it: TestLog;
let ids = 0;
const retention = () =>
  createRetention({
    client: it.dynamo.client,
    table,
    log: it.log,
    patients: it.patients,
    newId: () => {
      ids += 1;
      return `id-${ids}`;
    },
    now: () => new Date(it.clock.now),
  });
const append = async (number: number, patient: string): Promise<string> =>
  (await it.log.append(decisionRecord(number, { at: it.clock.now, patient }))).record.decisionId;
const sealed = async () => {
  it.clock.now += minute;
  await it.sealer.seal();
};

beforeEach(async () => {
  it = await createTestLog();
});
afterEach(() => it.close());

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
