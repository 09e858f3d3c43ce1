/** Seals of an interval, and what keeps two sealers from forking the log. */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { minute } from '../../support/logs.ts';
import { createSealedLog, type SealedLog } from '../../support/sealed-log.ts';

let it: SealedLog;
beforeAll(async () => {
  it = await createSealedLog();
});
afterEach(() => it.restore());
afterAll(() => it.close());

test('an interval without records is sealed too, and two sealers do not fork the log', async () => {
  it.clock.now += minute;
  const seal = await it.sealer.seal();
  expect(seal).toMatchObject({ n: 4, size: 11, prevSealHash: it.seals[2]?.hash, writerHeads: {} });
  expect((await it.verify()).ok).toBe(true);
});
