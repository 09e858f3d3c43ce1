/** An archive is read as the table is, elsewhere. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { createArchiveSource, writeArchive } from '../../../functions/log/archive.ts';
import { createTableSource } from '../../../functions/log/source.ts';
import { verifyLog } from '../../../functions/log/verify.ts';
import { minute, table } from '../../support/logs.ts';
import { createSealedLog, type SealedLog } from '../../support/sealed-log.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

let it: SealedLog;
beforeAll(async () => {
  it = await createSealedLog();
});
afterEach(() => it.restore());
afterAll(() => it.close());

test('an archive in another folder verifies without the table, and names what was changed in it', async () => {
  const folder = temporaryFolder();
  const options = {
    publicKeys: [await it.signer.publicKey()],
    published: it.seals,
    interval: minute,
    now: new Date(it.sealedAt),
  };
  expect(await writeArchive(createTableSource(it.dynamo.client, table, it.blobs), folder)).toEqual({
    seals: 3,
    leaves: 11,
    records: 11,
  });
  expect(await verifyLog(await createArchiveSource(folder), options)).toMatchObject({
    ok: true,
    verified: 11,
  });
  const file = join(folder, 'records.ndjson');
  const lines = readFileSync(file, 'utf8').trim().split('\n');
  const dropped = lines.findIndex((line) => line.includes(it.middle()));
  writeFileSync(file, `${lines.filter((_, index) => index !== dropped).join('\n')}\n`);
  const { faults } = await verifyLog(await createArchiveSource(folder), options);
  expect(faults).toMatchObject([{ fault: 'record-missing', what: it.middle() }]);
});
