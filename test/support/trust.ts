/** Issuers with real keys, tokens of every kind, and a server with a client registry. */
import { writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { type CryptoKey, exportJWK, generateKeyPair, SignJWT } from 'jose';
import type { Running, start } from '../../functions/local.ts';
import { scanItems } from '../../functions/log/paging.ts';
import type { Json } from '../../rules/fhir/json.ts';
import { serving } from './serving.ts';
import { temporaryFolder } from './temporary-folder.ts';

export interface Issuer {
  issuer: string;
  kid: string;
  alg: string;
  privateKey: CryptoKey;
  /** The public half, as it stands in a registry or a key set. */
  jwk: Json;
}

export async function newIssuer(issuer: string, alg = 'ES384', kid = `${alg}-1`): Promise<Issuer> {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
  return { issuer, kid, alg, privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' } };
}

let tokens = 0;

/**
 * A token that lives from 10 seconds ago for five minutes, with a `jti` of its own.
 * @param claims replace or, where undefined, take away
 */
export function tokenOf(
  { issuer, privateKey, alg, kid }: Issuer,
  now: Date,
  claims: Json,
  header: Json = {},
): Promise<string> {
  tokens += 1;
  const seconds = Math.floor(now.getTime() / 1000);
  const payload = { iss: issuer, iat: seconds - 10, exp: seconds + 290, jti: `token-${tokens}`, ...claims };
  return new SignJWT(payload).setProtectedHeader({ alg, kid, typ: 'JWT', ...header }).sign(privateKey);
}

/** A JWT put together by hand, for what no library signs. */
export const handmade = (header: Json, payload: Json, signature = ''): string =>
  [header, payload]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .concat(signature)
    .join('.');

/** A server with this registry. */
export async function servingFor(
  registry: unknown,
  env: Record<string, string> = {},
  options: Parameters<typeof start>[1] = { memory: true },
): Promise<Running> {
  const file = join(temporaryFolder(), 'clients.json');
  writeFileSync(file, typeof registry === 'string' ? registry : JSON.stringify(registry));
  return serving({ EPSOM_CLIENTS: file, ...env }, options);
}

/** A web server on loopback that counts what it is asked. */
export async function listening(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<{ url: string; asked: string[]; close(): Promise<void> }> {
  const asked: string[] = [];
  const server: Server = createServer((request, response) => {
    asked.push(request.url ?? '');
    answer(request, response);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    close: () =>
      new Promise<void>((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}

/** Every item of a table as text, records unpacked. */
export async function itemsOf(client: DynamoDBClient, table = 'epsom'): Promise<string[]> {
  const items: string[] = [];
  for await (const { record, ...rest } of scanItems(client, { TableName: table }))
    items.push(JSON.stringify(rest) + (record?.B ? gunzipSync(record.B).toString('utf8') : ''));
  return items;
}
