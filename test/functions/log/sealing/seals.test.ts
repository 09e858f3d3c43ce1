/** Seals in the table, by number, and the notes of what they cover. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writeItems } from '../../../../functions/log/batch.ts';
import { type Seal, type SealBody, sealHash, sealText, signSeal } from '../../../../functions/log/seal.ts';
import { createSeals, notesOf } from '../../../../functions/log/sealing/seals.ts';
import { isSigned } from '../../../../functions/log/signer.ts';
import type { ManifestEntry } from '../../../../functions/log/tree.ts';
import { createTestLog, type TestLog, table } from '../../../support/logs.ts';

let it: TestLog;
beforeAll(async () => {
  it = await createTestLog();
});
afterAll(() => it.close());

const body: SealBody = {
  schema: 'epsom.seal/1',
  n: 1,
  size: 3,
  root: '00'.repeat(32),
  prevSealHash: null,
  writerHeads: { w1: { seq: 3, hash: 'sha256:aa' } },
  interval: { from: null, to: '2026-01-31T12:00:00.000Z' },
  waiting: [],
};
const store = () => createSeals({ client: it.dynamo.client, table });

test('a seal is signed over its body alone, and hashed over the same', async () => {
  const seal = await signSeal(body, it.signer);
  expect(seal.hash).toBe(sealHash(body));
  expect(isSigned(sealText(seal), seal.signature, await it.signer.publicKey())).toBe(true);
  expect(isSigned(sealText({ ...seal, size: 4 }), seal.signature, await it.signer.publicKey())).toBe(false);
  expect(sealText({ ...seal, hash: 'x', keyId: 'y', signature: 'z' })).toBe(sealText(seal));
});

test('a number is given once; the last is the highest, 10 after 9', async () => {
  const seals = store();
  expect([await seals.last(), await seals.at(1)]).toEqual([null, null]);
  const all: Seal[] = [];
  for (let n = 1; n <= 10; n += 1) all.push(await signSeal({ ...body, n }, it.signer));
  for (const seal of all) expect(await seals.add(seal)).toBe(true);
  const [first] = all;
  if (first) expect(await seals.add({ ...first, size: 99 })).toBe(false);
  expect(await seals.at(1)).toEqual(first);
  expect(await seals.last()).toEqual(all.at(-1));
});

test('notes say how far a writer is sealed, and where each new leaf is', async () => {
  const entry = (seq: number): ManifestEntry => ({
    name: `T#north#D#${seq} D`,
    hash: 'sha256:aa',
    writer: 'w1',
    seq,
    at: '',
  });
  const asked: number[] = [];
  const notes = await notesOf({ ...body, n: 7, size: 258 }, 255, async (index) => {
    asked.push(index);
    return index === 0 ? Array.from({ length: 256 }, (_, place) => entry(place)) : [entry(256), entry(257)];
  });
  expect(asked).toEqual([0, 1, 1]);
  await writeItems(it.dynamo.client, table, notes);
  const seals = store();
  expect(await seals.sealedUpTo('w1')).toBe(3);
  expect(await seals.sealedUpTo('nobody')).toBe(0);
  expect(await seals.leafOf('T#north#D#255 D')).toEqual({ leaf: 255, seal: 7 });
  expect(await seals.leafOf('T#north#D#257 D')).toEqual({ leaf: 257, seal: 7 });
  expect(await seals.leafOf('T#north#D#254 D')).toBeNull();
});
