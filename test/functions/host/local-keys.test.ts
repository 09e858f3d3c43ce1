/**
 * Keys fail closed: one that is lost, empty, cut, or that of another log refuses the start and names its file, and nothing is
 * written in its place. A log of version 0.1.0, which kept no fingerprints, gets them.
 */
import { generateKeyPairSync } from 'node:crypto';
import { copyFileSync, existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DeleteItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createEmbeddedDynamo } from '../../../functions/host/embedded.ts';
import { localPublicKey, openLocalKeys, readLocalKeys } from '../../../functions/host/local-keys.ts';
import { createLocalLog } from '../../../functions/host/local-log.ts';
import { ensureTable } from '../../../functions/host/table.ts';
import { readFingerprints } from '../../../functions/log/fingerprints.ts';
import { fingerprintsKey, keyItem } from '../../../functions/log/keys.ts';
import { generatePrivateKey } from '../../../functions/log/signer.ts';
import { decisionRecord } from '../../support/logs.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const table = 'epsom';
const files = ['patient-index.key', 'seal.key'] as const;
let dynamo: Awaited<ReturnType<typeof createEmbeddedDynamo>>;
let place: { client: DynamoDBClient; table: string };
let folder: string;
const kept = new Map<string, string>();
const forgetFingerprints = () =>
  dynamo.client.send(new DeleteItemCommand({ TableName: table, Key: keyItem(fingerprintsKey) }));

beforeAll(async () => {
  dynamo = await createEmbeddedDynamo(null);
  await ensureTable(dynamo.client, table);
  place = { client: dynamo.client, table };
  folder = temporaryFolder();
  const keys = await openLocalKeys(folder, place);
  const local = createLocalLog({
    ...place,
    folder,
    keys,
    sealInterval: 60,
    now: () => new Date(),
    report: () => undefined,
  });
  await local.log.append(decisionRecord(1));
  await local.log.projector.caughtUp();
  await local.sealer.seal();
  for (const file of files) kept.set(file, readFileSync(join(folder, file), 'utf8'));
});
afterAll(() => dynamo.close());

/** Each test begins with the folder and the table as the server left them. */
beforeEach(async () => {
  for (const file of files) writeFileSync(join(folder, file), kept.get(file) ?? '');
  await openLocalKeys(folder, place);
});

test('are made once, for this user only, with the public half beside them', async () => {
  for (const file of files) expect(statSync(join(folder, file)).mode & 0o777).toBe(0o600);
  expect(kept.get('patient-index.key')).toMatch(/^[0-9a-f]{64}\n$/);
  const { signer, hmac } = await readLocalKeys(folder, place);
  expect(readFileSync(join(folder, 'seal.pub'), 'utf8')).toBe(await signer.publicKey());
  const known = await readFingerprints(place);
  expect(known?.seal).toBe(await signer.keyId());
  // A fingerprint is no place of the index, and no secret.
  expect(known?.patientIndex).not.toContain(kept.get('patient-index.key')?.slice(0, 16));
  expect(hmac('patient\nlocal\np1')).not.toContain(known?.patientIndex);
});

const another: Record<(typeof files)[number], () => string> = {
  'patient-index.key': () => 'ab'.repeat(32),
  'seal.key': generatePrivateKey,
};
type Damage = [what: string, says: RegExp, (path: string, file: (typeof files)[number]) => void];
const damages: readonly Damage[] = [
  ['lost', /is lost: restore it from a backup/, (path) => rmSync(path)],
  ['empty', /is empty: restore it from a backup/, (path) => writeFileSync(path, '')],
  ['of spaces', /is empty: restore it/, (path) => writeFileSync(path, ' \n')],
  ['cut', /is damaged, or no such key/, (path) => writeFileSync(path, readFileSync(path).subarray(0, 40))],
  [
    'of another log',
    /is not the key that this log was written with/,
    (path, file) => writeFileSync(path, another[file]()),
  ],
];

describe.each(files)('%s', (file) => {
  for (const isKnown of [true, false])
    test.each(damages)(
      `%s ${isKnown ? '' : 'and without fingerprints '}is refused by name, and nothing is made`,
      async (_, says, damage) => {
        const path = join(folder, file);
        if (!isKnown) await forgetFingerprints();
        damage(path, file);
        const before = existsSync(path) ? readFileSync(path, 'utf8') : null;
        for (const open of [openLocalKeys, readLocalKeys]) {
          await expect(open(folder, place)).rejects.toThrow(says);
          await expect(open(folder, place)).rejects.toThrow(file);
        }
        expect(existsSync(path) ? readFileSync(path, 'utf8') : null).toBe(before);
        expect((await readFingerprints(place)) !== null).toBe(isKnown);
      },
    );
});

test('a log without fingerprints gets them at its next start, and not from a command', async () => {
  await forgetFingerprints();
  await readLocalKeys(folder, place);
  expect(await readFingerprints(place)).toBeNull();
  await openLocalKeys(folder, place);
  expect(await readFingerprints(place)).not.toBeNull();
});

test('a folder without keys makes none for the log of another', async () => {
  const other = temporaryFolder();
  await expect(openLocalKeys(other, place)).rejects.toThrow(/patient-index\.key` is lost/);
  for (const file of files) expect(existsSync(join(other, file))).toBe(false);
});

test('a key of another curve is none', async () => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-384' });
  writeFileSync(join(folder, 'seal.key'), privateKey.export({ type: 'pkcs8', format: 'pem' }));
  await expect(openLocalKeys(folder, place)).rejects.toThrow(/seal\.key` is damaged, or no such key/);
});

test('a verifier needs the public half only, of the key or of the file beside it', async () => {
  const alone = temporaryFolder();
  expect(() => localPublicKey(alone)).toThrow(/restore one from a backup, or give `--key seal.pub`/);
  copyFileSync(join(folder, 'seal.pub'), join(alone, 'seal.pub'));
  expect(localPublicKey(alone)).toBe(localPublicKey(folder));
});
