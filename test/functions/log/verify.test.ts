/** The verifier needs only the public key. What it finds in tampered logs: verifying/. */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { decisionRecord, minute } from '../../support/logs.ts';
import { createSealedLog, type SealedLog } from '../../support/sealed-log.ts';

let it: SealedLog;
beforeAll(async () => {
  it = await createSealedLog();
});
afterEach(() => it.restore());
afterAll(() => it.close());

test('an untouched log verifies: 11 records, 3 seals, nothing unsealed', async () => {
  expect(await it.verify({ published: it.seals })).toEqual({
    ok: true,
    seals: 3,
    records: 11,
    verified: 11,
    unsealed: 0,
    purged: 0,
    withoutClinical: 2,
    erased: 0,
    spilled: 0,
    items: 88,
    waiting: 0,
    notCovered: [],
    faults: [],
  });
});

test('a record younger than two intervals is counted as not sealed yet, an older one is a fault', async () => {
  const { decisionId } = decisionRecord(99, { at: it.clock.now });
  await it.log.append(decisionRecord(99, { at: it.clock.now }));
  expect(await it.verify()).toMatchObject({ ok: true, unsealed: 1 });
  it.clock.now += 3 * minute;
  expect(await it.faults()).toEqual([`record-unsealed ${decisionId}`]);
});
