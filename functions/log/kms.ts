/** The keys of the log on AWS: they never leave KMS. Small functions, so that tests can stand in for KMS. */
import {
  DecryptCommand,
  EncryptCommand,
  GenerateMacCommand,
  GetPublicKeyCommand,
  type KMSClient,
  SignCommand,
} from '@aws-sdk/client-kms';
import type { MasterKey } from './patients.ts';
import { keyIdOf, type Signer } from './signer.ts';

type Kms = Pick<KMSClient, 'send'>;

/** HMAC by a key that never leaves KMS, so that the patient index cannot be computed from a copy of the table. */
export function createKmsPatientHash(kms: Kms, keyId: string) {
  return async (tenant: string, patient: string): Promise<string> => {
    const answer = await kms.send(
      new GenerateMacCommand({
        KeyId: keyId,
        MacAlgorithm: 'HMAC_SHA_256',
        Message: Buffer.from(`${tenant}\n${patient}`),
      }),
    );
    if (!answer.Mac) throw new Error('KMS answered without a MAC');
    return Buffer.from(answer.Mac).toString('hex');
  };
}

/** Wraps the keys of patients; the context is authenticated by KMS and appears in its audit trail. */
export const createKmsMasterKey = (kms: Kms, keyId: string): MasterKey => ({
  async wrap(key, context) {
    const answer = await kms.send(
      new EncryptCommand({ KeyId: keyId, Plaintext: key, EncryptionContext: { place: context } }),
    );
    if (!answer.CiphertextBlob) throw new Error('KMS answered without a ciphertext');
    return answer.CiphertextBlob;
  },
  async unwrap(wrapped, context) {
    const answer = await kms.send(
      new DecryptCommand({ KeyId: keyId, CiphertextBlob: wrapped, EncryptionContext: { place: context } }),
    );
    if (!answer.Plaintext) throw new Error('KMS answered without a key');
    return answer.Plaintext;
  },
});

/** Signs seals with an ECC_NIST_P256 key. */
export function createKmsSigner(kms: Kms, keyId: string): Signer {
  let known: Promise<string> | null = null;
  const publicKey = (): Promise<string> => {
    known ??= kms.send(new GetPublicKeyCommand({ KeyId: keyId })).then(({ PublicKey }) => {
      if (!PublicKey) throw new Error('KMS answered without a public key');
      const body =
        Buffer.from(PublicKey)
          .toString('base64')
          .match(/.{1,64}/g) ?? [];
      return `-----BEGIN PUBLIC KEY-----\n${body.join('\n')}\n-----END PUBLIC KEY-----\n`;
    });
    return known;
  };
  return {
    publicKey,
    keyId: async () => keyIdOf(await publicKey()),
    async sign(text) {
      const answer = await kms.send(
        new SignCommand({
          KeyId: keyId,
          Message: Buffer.from(text),
          MessageType: 'RAW',
          SigningAlgorithm: 'ECDSA_SHA_256',
        }),
      );
      if (!answer.Signature) throw new Error('KMS answered without a signature');
      return Buffer.from(answer.Signature).toString('base64');
    },
  };
}
