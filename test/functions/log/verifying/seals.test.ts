/** A seal that was edited, replaced, dropped or rolled back is named. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { compressJson } from '../../../../functions/log/compression.ts';
import { S } from '../../../../functions/log/items.ts';
import { decisionKey, keyItem, sealKey } from '../../../../functions/log/keys.ts';
import { type Seal, signSeal } from '../../../../functions/log/seal.ts';
import { createSigner, generatePrivateKey } from '../../../../functions/log/signer.ts';
import { minute } from '../../../support/logs.ts';
import { createSealedLog, type SealedLog } from '../../../support/sealed-log.ts';

let it: SealedLog;
beforeAll(async () => {
  it = await createSealedLog();
});
afterEach(() => it.restore());
afterAll(() => it.close());

describe('a seal', () => {
  const putSeal = async (seal: Seal) =>
    it.putItem({ ...keyItem(sealKey(seal.n)), seal: { B: await compressJson(seal) }, hash: S(seal.hash) });
  const resigned = async (seal: Seal, signer = it.signer): Promise<Seal> => {
    const { hash: _, keyId: __, signature: ___, ...body } = seal;
    return signSeal(body, signer);
  };
  const second = (): Seal => {
    const [, seal] = it.seals;
    if (!seal) throw new Error('three seals were made');
    return seal;
  };

  test('is edited', async () => {
    await putSeal({ ...second(), size: second().size - 1 });
    expect(await it.faults()).toEqual(expect.arrayContaining(['seal-hash seal 2', 'seal-signature seal 2']));
  });
  test('is replaced by one signed with another key', async () => {
    await putSeal(await resigned(second(), createSigner(generatePrivateKey())));
    expect(await it.faults()).toEqual(['seal-signature seal 2']);
  });
  test('is replaced by one signed with the stolen key: the chain of seals and the root name it', async () => {
    await putSeal(await resigned({ ...second(), root: '00'.repeat(32) }));
    expect(await it.faults()).toEqual(expect.arrayContaining(['seal-chain seal 3', 'seal-root seal 2']));
  });
  test('is deleted in the middle', async () => {
    await it.deleteItem(sealKey(2));
    expect(await it.faults()).toContain('seal-missing seal 3');
  });
  test('rolling back to an old one leaves records that nothing covers', async () => {
    await it.deleteItem(sealKey(3));
    it.clock.now += 3 * minute;
    const found = await it.faults();
    for (const id of it.ids.slice(6)) expect(found).toContain(`record-unsealed ${id}`);
  });
  test('rolling back by deleting leaves what followed from the records', async () => {
    await it.deleteItem(sealKey(3));
    for (const id of it.ids.slice(6)) await it.deleteItem(decisionKey('hospital', id));
    expect(await it.faults()).toContain(`item-extra ${it.ids[6]}`);
    expect(await it.faults({ published: it.seals })).toContain('seal-missing seal 3');
  });
  test('a table restored to an earlier state is whole in itself, and found by a copy kept elsewhere', async () => {
    await it.restoreTo(2);
    expect(await it.verify()).toMatchObject({
      ok: true,
      notCovered: ['a rollback of the whole log: no copies of seals were given'],
    });
    expect(await it.faults({ published: it.seals })).toEqual(['seal-missing seal 3']);
  });
  test('a fork, signed with the stolen key and consistent in itself, is found by a copy kept elsewhere', async () => {
    const id = it.ids[8] ?? '';
    await it.deleteItem(decisionKey('hospital', id));
    const third = it.seals[2];
    if (!third) throw new Error('three seals were made');
    await putSeal(
      await resigned({ ...third, interval: { ...third.interval, to: '2026-01-31T13:00:00.000Z' } }),
    );
    expect(await it.faults({ published: it.seals })).toContain('seal-replaced seal 3');
  });
  test('a key that was not given verifies nothing', async () => {
    const other = await createSigner(generatePrivateKey()).publicKey();
    expect(await it.faults({ publicKeys: [other] })).toEqual(
      [1, 2, 3].map((n) => `seal-signature seal ${n}`),
    );
  });
});
