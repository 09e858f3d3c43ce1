/**
 * The keys of a log on one machine: two files in its data folder. They are made once, for a table that holds nothing yet, and
 * never again: a new key in place of a lost one would hide that patients are no longer found and seals signed by another.
 */
import { createHmac, createPrivateKey, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { writeDurably } from '../log/durable-file.ts';
import {
  type Fingerprints,
  isTableEmpty,
  keepFingerprints,
  readFingerprints,
  tracesOfKeys,
} from '../log/fingerprints.ts';
import { createLocalMasterKey, type MasterKey } from '../log/patients.ts';
import { createSigner, generatePrivateKey, publicKeyOf, type Signer } from '../log/signer.ts';

export interface LocalKeys {
  /** Keyed hash for what must not be guessed: cursors, the patient index. */
  hmac(text: string): string;
  /** Wraps the keys of patients. */
  master: MasterKey;
  signer: Signer;
}

/** What a file must hold, and what is lost with it. */
interface KeyFile {
  name: string;
  isWhole(text: string): boolean;
  make(): string;
  without: string;
}

const patientIndex: KeyFile = {
  name: 'patient-index.key',
  isWhole: (text) => /^[0-9a-f]{64}$/.test(text),
  make: () => randomBytes(32).toString('hex'),
  without: 'without it no patient is found, and nothing clinical can be read',
};

const seal: KeyFile = {
  name: 'seal.key',
  isWhole: isPrivateKey,
  make: () => generatePrivateKey().trim(),
  without: 'without it nothing more can be sealed by the key that auditors know',
};

/** Whether it is a private key on P-256, in PEM. */
function isPrivateKey(text: string): boolean {
  try {
    return createPrivateKey(text).asymmetricKeyDetails?.namedCurve === 'prime256v1';
  } catch {
    return false;
  }
}

/** The public half of the key that signs seals, for verifiers. */
export const publicKeyFile = (folder: string): string => join(folder, 'seal.pub');

const toRestore = ({ without }: KeyFile): string => `restore it from a backup: ${without}`;

/** @returns null where there is no such file. @throws Error naming the file, where it holds no key */
function keyIn(folder: string, file: KeyFile): string | null {
  const path = join(folder, file.name);
  if (!existsSync(path)) return null;
  const text = readFileSync(path, 'utf8').trim();
  if (text === '') throw new Error(`\`${path}\` is empty: ${toRestore(file)}`);
  if (!file.isWhole(text)) throw new Error(`\`${path}\` is damaged, or no such key: ${toRestore(file)}`);
  return text;
}

/** @throws Error naming the file */
function neededKeyIn(folder: string, file: KeyFile): string {
  const text = keyIn(folder, file);
  if (text === null) throw new Error(`\`${join(folder, file.name)}\` is lost: ${toRestore(file)}`);
  return text;
}

async function makeKey(folder: string, file: KeyFile): Promise<string> {
  const path = join(folder, file.name);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  await writeDurably(path, `${file.make()}\n`);
  return neededKeyIn(folder, file);
}

function keysOf(secret: string, privateKey: string): LocalKeys {
  const keyed = (text: string) => createHmac('sha256', secret).update(text);
  return {
    hmac: (text) => keyed(text).digest('hex'),
    // Another use of the same secret needs another key: derived, so that neither says anything of the other.
    master: createLocalMasterKey(keyed('master key of patient keys').digest()),
    signer: createSigner(privateKey),
  };
}

/** Keys of a log that keeps nothing on disk, for tests. */
export const memoryKeys = (): LocalKeys => keysOf('in memory only', generatePrivateKey());

async function fingerprintsOf({ hmac, signer }: LocalKeys): Promise<Fingerprints> {
  return { patientIndex: hmac('fingerprint').slice(0, 32), seal: await signer.keyId() };
}

/** @throws Error naming the first file whose key is not the one that the log was written with */
async function checkFingerprints(folder: string, known: Fingerprints, keys: LocalKeys): Promise<void> {
  const own = await fingerprintsOf(keys);
  for (const [file, isSame] of [
    [patientIndex, own.patientIndex === known.patientIndex],
    [seal, own.seal === known.seal],
  ] as const) {
    if (!isSame)
      throw new Error(
        `\`${join(folder, file.name)}\` is not the key that this log was written with: ${toRestore(file)}`,
      );
  }
}

/** The same for a log of version 0.1.0, which kept no fingerprints: by what was written with the keys. */
async function checkTraces(
  folder: string,
  place: { client: DynamoDBClient; table: string },
  { master, signer }: LocalKeys,
): Promise<void> {
  const { patientKey, sealedBy } = await tracesOfKeys(place);
  const opens =
    patientKey === null ||
    (await master.unwrap(patientKey.key?.B ?? new Uint8Array(), patientKey.pk?.S ?? '').then(
      () => true,
      () => false,
    ));
  const isSigner = sealedBy === null || sealedBy === (await signer.keyId());
  const wrong = opens ? (isSigner ? null : seal) : patientIndex;
  if (wrong)
    throw new Error(
      `\`${join(folder, wrong.name)}\` is not the key that this log was written with: ${toRestore(wrong)}`,
    );
}

/**
 * The keys of a log that is there, for a command: nothing is made, and nothing is written.
 * @throws Error naming the file that is lost, empty, damaged or the key of another log
 */
export async function readLocalKeys(
  folder: string,
  place: { client: DynamoDBClient; table: string },
): Promise<LocalKeys> {
  const keys = keysOf(neededKeyIn(folder, patientIndex), neededKeyIn(folder, seal));
  const known = await readFingerprints(place);
  if (known) await checkFingerprints(folder, known, keys);
  else await checkTraces(folder, place, keys);
  return keys;
}

/** Adds the fingerprints of keys that were read, where the log has none yet. */
export const keepLocalFingerprints = async (
  keys: LocalKeys,
  place: { client: DynamoDBClient; table: string },
): Promise<void> => keepFingerprints(place, await fingerprintsOf(keys));

/**
 * The keys of a log for the server that writes it: made where its table holds nothing yet. A log without fingerprints, of
 * version 0.1.0, gets them.
 * @throws Error naming the file that is lost, empty, damaged or the key of another log
 */
export async function openLocalKeys(
  folder: string,
  place: { client: DynamoDBClient; table: string },
): Promise<LocalKeys> {
  if (await isTableEmpty(place)) {
    for (const file of [patientIndex, seal]) if (keyIn(folder, file) === null) await makeKey(folder, file);
  }
  await keepLocalFingerprints(await readLocalKeys(folder, place), place);
  // Another process may have been faster.
  const keys = await readLocalKeys(folder, place);
  const publicKey = await keys.signer.publicKey();
  if (publicHalf(folder) !== publicKey) await writeDurably(publicKeyFile(folder), publicKey);
  return keys;
}

const publicHalf = (folder: string): string | null =>
  existsSync(publicKeyFile(folder)) ? readFileSync(publicKeyFile(folder), 'utf8') : null;

/**
 * The public key of a log, in PEM: of the key that signs, or where that is lost of the file beside it.
 * @throws Error where there is neither
 */
export function localPublicKey(folder: string): string {
  const privateKey = keyIn(folder, seal);
  const known = privateKey === null ? publicHalf(folder) : publicKeyOf(privateKey);
  if (known === null)
    throw new Error(
      `neither \`${join(folder, seal.name)}\` nor \`${publicKeyFile(folder)}\` is there: restore one from a backup, or give \`--key seal.pub\``,
    );
  return known;
}
