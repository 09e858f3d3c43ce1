/** Seals by themselves: numbers, hashes, the chain, signatures, and the copies that were kept elsewhere. */
import type { OnFault } from '../faults.ts';
import { type Seal, sealHash, sealText } from '../seal.ts';
import { isSigned, keyIdOf } from '../signer.ts';

/** What is wrong with a seal after the one before it. */
function checkLink(seal: Seal, previous: Seal | undefined, onFault: OnFault): void {
  const what = `seal ${seal.n}`;
  const { hash, keyId: _, signature: __, ...body } = seal;
  if (seal.n !== (previous?.n ?? 0) + 1)
    onFault('seal-missing', what, `the seal before it is not ${seal.n - 1}`);
  if (sealHash(body) !== hash) onFault('seal-hash', what, 'it does not have its hash');
  if (seal.prevSealHash !== (previous?.hash ?? null))
    onFault('seal-chain', what, 'it does not name the seal before it');
  if (previous && seal.size < previous.size)
    onFault('seal-chain', what, 'its tree is smaller than the one before');
}

/** @param keys PEM, by their ids */
function checkSignature(seal: Seal, keys: ReadonlyMap<string, string>, onFault: OnFault): void {
  const what = `seal ${seal.n}`;
  const key = keys.get(seal.keyId);
  if (key === undefined)
    onFault('seal-signature', what, `it is signed with key ${seal.keyId}, which was not given`);
  else if (!isSigned(sealText(seal), seal.signature, key))
    onFault('seal-signature', what, 'its signature is not of its key');
}

/**
 * @param publicKeys keys that may have signed, PEM
 * @param published copies kept outside the log's reach
 * @returns every seal, in order
 */
export async function checkSeals(
  seals: AsyncIterable<Seal>,
  { publicKeys, published }: { publicKeys: readonly string[]; published: readonly Seal[] },
  onFault: OnFault,
): Promise<Seal[]> {
  const keys = new Map(publicKeys.map((key) => [keyIdOf(key), key]));
  const copies = new Map(published.map((seal) => [seal.n, seal]));
  const read: Seal[] = [];
  for await (const seal of seals) {
    checkLink(seal, read.at(-1), onFault);
    checkSignature(seal, keys, onFault);
    const copy = copies.get(seal.n);
    if (copy && copy.hash !== seal.hash)
      onFault('seal-replaced', `seal ${seal.n}`, 'a copy kept outside the log is another one');
    read.push(seal);
  }
  const last = read.at(-1)?.n ?? 0;
  for (const { n } of copies.values()) {
    if (n > last)
      onFault(
        'seal-missing',
        `seal ${n}`,
        'a copy was kept outside the log, which does not hold it any more',
      );
  }
  return read;
}
