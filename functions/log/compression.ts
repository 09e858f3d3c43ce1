/** JSON as the log keeps it: canonical (RFC 8785), then gzip. */
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { canonicalJson } from '../../rules/digest/digest.ts';

const pack = promisify(gzip);
const unpack = promisify(gunzip);

export const compressJson = async (json: unknown): Promise<Uint8Array> => pack(canonicalJson(json));

/** What `compressJson` wrote. @throws Error when it is not that */
export async function decompressJson(bytes: Uint8Array): Promise<unknown> {
  const json: unknown = JSON.parse((await unpack(bytes)).toString('utf8'));
  return json;
}
