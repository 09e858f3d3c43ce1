/** `npm start`: every function in one process on this machine, with an embedded DynamoDB. */
import { createHmac, randomBytes, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { serve } from '@hono/node-server';
import { type Ruleset, shippedRuleset } from '../rules/ruleset.ts';
import { cdsServices } from './cds-services.ts';
import { openDecisionLog } from './decision-log.ts';
import { decisions } from './decisions.ts';
import { embeddedDynamo, localDynamo } from './embedded.ts';
import { evaluate } from './evaluate.ts';
import { health } from './health.ts';
import { rules } from './rules.ts';
import { newApp, type Service } from './service.ts';
import { isLoopback, readSettings, type Settings } from './settings.ts';
import { ensureTable } from './table.ts';
import { inUse, loadProducts } from './terminology.ts';

/** 32 random bytes, made once and kept beside the data, readable by this user only. */
function localKey(folder: string): string {
  const file = join(folder, 'patient-index.key');
  if (!existsSync(file)) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    writeFileSync(file, randomBytes(32).toString('hex'), { mode: 0o600 });
  }
  return readFileSync(file, 'utf8').trim();
}

export interface Running {
  url: string;
  service: Service;
  close(): Promise<void>;
}

/**
 * @param options.memory keep nothing on disk, and read nothing that was not named (tests)
 * @throws Error when the configuration would expose an open service, or names a product index that is not usable
 */
export async function start(
  settings: Settings,
  options: { memory?: boolean; now?: () => Date } = {},
): Promise<Running> {
  if (settings.clients !== null) {
    throw new Error(
      'EPSOM_CLIENTS is set, but this version does not check client tokens yet: unset it to run open on loopback',
    );
  }
  if (!isLoopback(settings.host)) {
    throw new Error(
      `without a client registry the service is open, so it does not listen on \`${settings.host}\`: use 127.0.0.1`,
    );
  }
  const named = !options.memory || settings.terminology !== null;
  const products = named ? loadProducts(settings) : undefined;
  const dynamo = settings.dynamodb
    ? remoteDynamo(settings.dynamodb)
    : await embeddedDynamo(options.memory ? null : settings.data);
  if (!settings.dynamodb || isLoopback(new URL(settings.dynamodb).hostname)) {
    await ensureTable(dynamo.client, settings.table);
  }
  const key = options.memory ? 'in memory only' : localKey(settings.data);
  const hmac = (text: string): string => createHmac('sha256', key).update(text).digest('hex');
  const service: Service = {
    ruleset: shippedRuleset(products),
    log: openDecisionLog({
      client: dynamo.client,
      table: settings.table,
      patientKey: async (tenant, patient) => hmac(`patient\n${tenant}\n${patient}`),
      writers: 8,
    }),
    settings,
    now: options.now ?? (() => new Date()),
    newId: () => randomUUID().replaceAll('-', ''),
    cursorKey: async () => hmac('cursor'),
    open: true,
    report: (event, detail) => console.error(JSON.stringify({ event, ...detail })),
  };
  const app = newApp(service);
  for (const part of [cdsServices, evaluate, decisions, rules, health]) app.route('/', part(service));
  const server = await new Promise<ReturnType<typeof serve>>((resolve, reject) => {
    const listening = serve({ fetch: app.fetch, hostname: settings.host, port: settings.port }, () =>
      resolve(listening),
    );
    listening.once('error', reject);
  });
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : settings.port;
  // A port of 0 is only known now; it is part of the public address unless that was given.
  if (settings.port === 0 && settings.baseUrl.endsWith(':0'))
    settings.baseUrl = `http://${settings.host}:${port}`;
  return {
    url: `http://${settings.host}:${port}`,
    service,
    close: async () => {
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        if ('closeAllConnections' in server) server.closeAllConnections();
      });
      await dynamo.close();
    },
  };
}

function remoteDynamo(endpoint: string): { client: DynamoDBClient; close(): Promise<void> } {
  const onThisMachine = isLoopback(new URL(endpoint).hostname);
  const client = onThisMachine ? localDynamo(endpoint) : new DynamoDBClient({ maxAttempts: 3 });
  return { client, close: async () => client.destroy() };
}

/** Which drugs' codes are known, in a line. */
function drugCodes(ruleset: Ruleset): string {
  const index = inUse(ruleset.products);
  if (!index) return 'ingredient codes and names; no product index (see npm run terminology:build)';
  const count = (number: number): string => number.toLocaleString('en');
  const release = index.release === null ? '' : ` of ${index.release}`;
  return `RxNorm${release}: ${count(index.products)} codes and ${count(index.packages)} NDCs, ${index.digest.slice(0, 23)}…`;
}

const invitation = (url: string, ruleset: Ruleset, data: string): string => `Epsom serves at ${url}
  rules     ${ruleset.digest.slice(0, 23)}…
  drugs     ${drugCodes(ruleset)}
  data      ${data} (embedded DynamoDB; survives a restart)
  open      loopback only; every caller is client \`local\`

Try it:
  curl ${url}/cds-services
  curl -H 'Content-Type: application/fhir+json' --data @docs/examples/low-magnesium.json '${url}/evaluate?at=2026-01-31T12:00:00Z'
  curl '${url}/decisions?patient=example'
  curl ${url}/openapi.json

Decision support for review by a qualified clinician; not a medical device.`;

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  try {
    const settings = readSettings(process.env);
    const { url, service, close } = await start(settings);
    console.log(invitation(url, service.ruleset, settings.data));
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.once(signal, () => void close().then(() => process.exit(0)));
    }
  } catch (error) {
    console.error(error instanceof Error ? error.message : 'could not start');
    process.exit(1);
  }
}
