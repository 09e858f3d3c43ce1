/** What is altered in one stored record is named. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { S } from '../../../../functions/log/items.ts';
import { createSealedLog, type SealedLog } from '../../../support/sealed-log.ts';

let it: SealedLog;
beforeAll(async () => {
  it = await createSealedLog();
});
afterEach(() => it.restore());
afterAll(() => it.close());

describe('a record is edited', () => {
  test.each([
    ['tenant', 'other'],
    ['client', 'other'],
    ['service', 'patient-view'],
    ['user', 'Practitioner/2'],
    ['hookInstance', 'other'],
    ['requestDigest', 'sha256:0'],
    ['decidedAt', '2026-01-31T12:00:00.001Z'],
    ['evaluatedAt', '2026-01-31T11:00:00.000Z'],
    ['durationMs', {}],
    ['ruleset', { digest: 'sha256:0', version: '0' }],
    ['engine', { name: 'other', version: '0' }],
    ['status', 412],
    ['findings', []],
    ['cardIds', []],
    ['clinical', null],
    ['seq', 1000],
    ['prevHash', 'sha256:0'],
    ['writer', 'another'],
    ['masked', ['nothing']],
  ])('its `%s`', async (field, value) => {
    const id = it.middle();
    await it.edit(id, (record) => {
      record[field] = value;
    });
    expect(await it.faults()).toContain(`record-altered ${id}`);
    await it.edit(id, () => undefined, true);
    expect(await it.faults()).toContain(`record-altered ${id}`);
  });

  test.each([
    ['decidedAt', S('2020-01-01')],
    ['client', S('other')],
    ['status', { N: '500' }],
    ['indicator', S('info')],
    ['findings', { SS: ['MG-001'] }],
    ['gsi2pk', S('T#hospital#C#other#2026-01-31#0')],
    ['gsi2sk', S('x')],
    ['gsi1sk', S('x')],
    ['gsi3sk', { N: '77' }],
    ['gsi3pk', S('W#other')],
    ['at', S('2020-01-01')],
    ['hash', S('sha256:0')],
    ['prevHash', S('sha256:0')],
    ['note', S('an attribute that does not belong there')],
  ])('its attribute `%s`', async (name, value) => {
    await it.putItem({ ...(await it.itemAt(it.middle())), [name]: value });
    expect(await it.faults()).toContain(`record-altered ${it.middle()}`);
  });

  test('its clinical part: replaced, and removed', async () => {
    const item = await it.itemAt(it.middle());
    await it.putItem({ ...item, clinical: { B: new Uint8Array([...(item.clinical?.B ?? [])].reverse()) } });
    expect(await it.faults()).toEqual([`record-altered ${it.middle()}`]);
    const { clinical: _, ...rest } = item;
    await it.putItem(rest);
    expect(await it.faults()).toEqual([`record-altered ${it.middle()}`]);
  });

  test('its clinical part is that of another decision', async () => {
    const [one, other] = [await it.itemAt(it.ids[3] ?? ''), await it.itemAt(it.ids[4] ?? '')];
    await it.putItem({ ...one, clinical: other.clinical ?? S('') });
    expect(await it.faults()).toEqual([`record-altered ${it.ids[3]}`]);
  });
});
