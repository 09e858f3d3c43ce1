/** `npm start`: every function in one process on this machine, with an embedded DynamoDB. */
import { randomUUID } from 'node:crypto';
import { pathToFileURL } from 'node:url';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { serve } from '@hono/node-server';
import type { Ruleset } from '../rules/evaluation/ruleset.ts';
import { shippedRuleset } from '../rules/library/shipped.ts';
import { cdsServices } from './cds-services.ts';
import { inUse, loadProducts } from './config/product-index.ts';
import { isLoopback, readSettings, type Settings } from './config/settings.ts';
import { decisions } from './decisions.ts';
import { evaluate } from './evaluate.ts';
import { fhir } from './fhir.ts';
import { health } from './health.ts';
import { createEmbeddedDynamo, createLocalDynamo } from './host/embedded.ts';
import { createLocalLog } from './host/local-log.ts';
import { ensureTable } from './host/table.ts';
import { createRulesets } from './log/rulesets.ts';
import { takeOver } from './log/take-over.ts';
import { fetchJson } from './outbound/fetch.ts';
import { rules } from './rules.ts';
import { createApp } from './service/app.ts';
import { createInterfaceFacts } from './service/interface-facts.ts';
import type { Service } from './service/service.ts';
import { createCallers } from './trust/callers.ts';
import { readClients } from './trust/clients.ts';
import { clientsText } from './trust/clients-text.ts';

export interface Running {
  url: string;
  service: Service;
  close(): Promise<void>;
}

/**
 * @param options.memory keep nothing on disk, and read nothing that was not named (tests)
 * @param options.report where lines for the operator go; the console unless given
 * @throws Error when the configuration would expose an open service, or the client registry or a product index that it
 *   names cannot be used
 */
export async function start(
  settings: Settings,
  options: { memory?: boolean; now?: () => Date; report?: Service['report'] } = {},
): Promise<Running> {
  const indexed = !options.memory || settings.terminology !== null;
  const ruleset = shippedRuleset(indexed ? loadProducts(settings) : undefined);
  const registry =
    settings.clients === null
      ? null
      : readClients(await clientsText(settings.clients), {
          allowLoopback: settings.allowLoopback,
          deadlineMs: settings.deadlineMs,
          ruleIds: new Set(ruleset.rules.map(({ rule }) => rule.id)),
        });
  if (registry === null && !isLoopback(settings.host)) {
    throw new Error(
      `without a client registry the service is open, so it does not listen on \`${settings.host}\`: use 127.0.0.1, or set EPSOM_CLIENTS`,
    );
  }
  const dynamo = settings.dynamodb
    ? remoteDynamo(settings.dynamodb)
    : await createEmbeddedDynamo(options.memory ? null : settings.data);
  if (!settings.dynamodb || isLoopback(new URL(settings.dynamodb).hostname)) {
    await ensureTable(dynamo.client, settings.table);
  }
  const { client } = dynamo;
  const now = options.now ?? (() => new Date());
  const report = options.report ?? ((event, detail) => console.error(JSON.stringify({ event, ...detail })));
  const local = createLocalLog({
    client,
    table: settings.table,
    folder: options.memory ? null : settings.data,
    sealInterval: settings.sealInterval,
    alone: !settings.dynamodb,
    ruleset,
    now,
    report,
  });
  const taken = await takeOver({ client, table: settings.table, now }, local.log.projector);
  if (taken) report('taken-over', { records: taken.records, complete: String(taken.complete) });
  await local.log.prepare();
  local.tend();
  const service: Service = {
    ruleset,
    log: local.log,
    sealer: local.sealer,
    rulesetAt: createRulesets(client, settings.table, ruleset),
    settings,
    now,
    newId: () => randomUUID().replaceAll('-', ''),
    cursorKey: async () => local.hmac('cursor'),
    open: registry === null,
    callers:
      registry &&
      createCallers({ registry, client, table: settings.table, settings, fetchJson, now, report }),
    interfaces: createInterfaceFacts({ report }),
    report,
  };
  const app = createApp(service, (whole) => {
    for (const part of [cdsServices, evaluate, decisions, fhir, rules, health])
      whole.route('/', part(service));
  });
  const server = await new Promise<ReturnType<typeof serve>>((resolve, reject) => {
    const listening = serve(
      {
        fetch: app.fetch,
        hostname: settings.host,
        port: settings.port,
        // Longer than clients and proxies keep a connection, so that none sends into one that is being closed.
        serverOptions: { keepAliveTimeout: 65_000 },
      },
      () => resolve(listening),
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
      await local.stop();
      await dynamo.close();
    },
  };
}

function remoteDynamo(endpoint: string): { client: DynamoDBClient; close(): Promise<void> } {
  const onThisMachine = isLoopback(new URL(endpoint).hostname);
  const client = onThisMachine ? createLocalDynamo(endpoint) : new DynamoDBClient({ maxAttempts: 3 });
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

const greeting = (url: string, ruleset: Ruleset, data: string): string => `Epsom serves at ${url}
  rules     ${ruleset.digest.slice(0, 23)}…
  drugs     ${drugCodes(ruleset)}
  data      ${data} (embedded DynamoDB; survives a restart)`;

const registered = `  callers   those of the client registry, by token: docs/security.md`;

const invitation = (url: string): string => `  open      loopback only; every caller is client \`local\`

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
    console.log(greeting(url, service.ruleset, settings.data));
    console.log(service.open ? invitation(url) : registered);
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.once(signal, () => void close().then(() => process.exit(0)));
    }
  } catch (error) {
    console.error(error instanceof Error ? error.message : 'could not start');
    process.exit(1);
  }
}
